//! The claims of one document, encoded and ready to be salted.

use core::fmt;

use super::age::{age_over_name, contradictions};
use super::convert::Converter;
use super::did_you_mean;
use super::element::{Confidence, Element, ElementName, Presence};
use super::json::Json;
use super::problem::{ClaimPath, ClaimProblem, ClaimProblemKind, Severity};
use super::registry::{DocTypeModel, NameSpaceModel, Registry};
use crate::cbor::{self, DecodeError, Encoder, Value};

/// The most JSON that is read: a portrait has some 20 KiB, all ICAO data groups of a passport some 100.
const JSON_LIMIT: usize = 4 * 1024 * 1024;

/// The elements of one document, each encoded deterministically, in the order given.
///
/// `Debug` shows names only: values are personal data.
#[derive(Clone, PartialEq)]
pub struct Claims {
    doc_type: String,
    name_spaces: Vec<NameSpaceClaims>,
    warnings: Vec<ClaimProblem>,
}

/// The elements of one namespace.
#[derive(Clone, PartialEq, Eq)]
pub struct NameSpaceClaims {
    name_space: String,
    elements: Vec<Claim>,
}

/// One element and its encoded value.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    element: String,
    /// As [`Claim::encoded_pairs`] gives it out.
    pairs: Vec<u8>,
    /// Where in `pairs` the value begins.
    value_at: usize,
}

impl Claims {
    /// Reads claims of a document of type `doc_type`, written as `{namespace: {element: value}}`, by the models of
    /// `registry`, and encodes them.
    ///
    /// | model type | JSON | CBOR |
    /// |---|---|---|
    /// | `tstr`, `uint`, `bool` | string, integer, boolean | the same |
    /// | `bstr` | base64 or base64url, padded or not, also as a `data:…;base64,` URL | byte string |
    /// | `full-date` | `"YYYY-MM-DD"` | tag 1004 |
    /// | `tdate` | RFC 3339 without a fraction | tag 0, in UTC |
    /// | named maps, arrays | objects, arrays | maps, arrays |
    /// | `any`, and elements without a model | by the JSON form, or `{"$bytes": …}`, `{"$tdate": …}`, `{"$full-date": …}` | |
    ///
    /// # Errors
    /// Every problem at once, warnings included, when at least one of them is an error. When there are only warnings the
    /// claims are returned with them ([`Claims::warnings`]).
    pub fn from_json(doc_type: &str, json: &str, registry: &Registry) -> Result<Self, Vec<ClaimProblem>> {
        let members = parse(json).map_err(|kind| vec![ClaimProblem::error(ClaimPath::default(), kind)])?;
        let mut reading = Reading { problems: Vec::new() };
        let model = registry.doc_type(doc_type);
        if model.is_none() && !registry.allows_unknown_doc_types() {
            let did_you_mean = registry.nearest_doc_type(doc_type);
            let kind = ClaimProblemKind::UnknownDocType { doc_type: doc_type.into(), did_you_mean };
            reading.problems.push(ClaimProblem::error(ClaimPath::default(), kind));
            return Err(reading.problems);
        }
        let name_spaces = reading.document(&members, model);
        let (mut errors, mut warnings) = (false, Vec::new());
        for problem in reading.problems {
            errors |= problem.severity == Severity::Error;
            warnings.push(problem);
        }
        if errors { Err(warnings) } else { Ok(Self { doc_type: doc_type.to_owned(), name_spaces, warnings }) }
    }

    /// Claims from values, without any model: for tests and for document types whose rules live elsewhere.
    ///
    /// # Errors
    /// Nothing to issue, an element or namespace that stands twice, a value that a reader could not read.
    pub fn from_values_unchecked<'a>(
        doc_type: &str,
        name_spaces: impl IntoIterator<Item = (&'a str, Vec<(&'a str, Value<'a>)>)>,
    ) -> Result<Self, Vec<ClaimProblem>> {
        let mut reading = Reading { problems: Vec::new() };
        let mut claims = Vec::new();
        for (name_space, elements) in name_spaces {
            let mut encoded = Vec::new();
            for (element, value) in elements {
                reading.add(&mut encoded, name_space, element, &value);
            }
            reading.add_name_space(&mut claims, name_space, encoded);
        }
        reading.check_not_empty(&claims);
        let doc_type = doc_type.to_owned();
        if reading.problems.is_empty() {
            Ok(Self { doc_type, name_spaces: claims, warnings: Vec::new() })
        } else {
            Err(reading.problems)
        }
    }

    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// The namespaces, none of them empty.
    #[must_use]
    pub fn name_spaces(&self) -> &[NameSpaceClaims] {
        &self.name_spaces
    }

    /// One element.
    #[must_use]
    pub fn get(&self, name_space: &str, element: &str) -> Option<&Claim> {
        self.name_spaces.iter().find(|claims| claims.name_space == name_space)?.element(element)
    }

    /// How many elements there are.
    #[must_use]
    pub fn element_count(&self) -> usize {
        self.name_spaces.iter().map(|claims| claims.elements.len()).sum()
    }

    /// What the models find odd without refusing it.
    #[must_use]
    pub fn warnings(&self) -> &[ClaimProblem] {
        &self.warnings
    }
}

impl NameSpaceClaims {
    /// The namespace.
    #[must_use]
    pub fn name_space(&self) -> &str {
        &self.name_space
    }

    /// Its elements.
    #[must_use]
    pub fn elements(&self) -> &[Claim] {
        &self.elements
    }

    /// One element.
    #[must_use]
    pub fn element(&self, element: &str) -> Option<&Claim> {
        self.elements.iter().find(|claim| claim.element == element)
    }
}

impl Claim {
    fn new(element: &str, value: &Value<'_>) -> Self {
        let mut pairs = Encoder::new();
        pairs.text("elementIdentifier").text(element).text("elementValue");
        let value_at = pairs.as_bytes().len();
        value.encode(&mut pairs);
        Self { element: element.to_owned(), pairs: pairs.into_bytes(), value_at }
    }

    /// The element's identifier.
    #[must_use]
    pub fn element(&self) -> &str {
        &self.element
    }

    /// The encoded value: one CBOR item.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.pairs.get(self.value_at..).unwrap_or_default()
    }

    /// What every IssuerSignedItem of this claim ends with, whatever its digestID and its salt: the two encoded pairs
    /// `"elementIdentifier": element, "elementValue": value` (ISO/IEC 18013-5 9.1.2.5).
    #[must_use]
    pub fn encoded_pairs(&self) -> &[u8] {
        &self.pairs
    }

    /// The value, decoded.
    ///
    /// # Errors
    /// None in practice: the encoding was read back when the claims were made.
    pub fn value(&self) -> Result<Value<'_>, DecodeError> {
        cbor::decode::<Value<'_>>(self.encoded()).map(|(raw, _)| raw.into_value())
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("doc_type", &self.doc_type).field("name_spaces", &self.name_spaces).finish()
    }
}

impl fmt::Debug for NameSpaceClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name_space, self.elements)
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (redacted)", self.element)
    }
}

fn parse(json: &str) -> Result<Vec<(String, Json)>, ClaimProblemKind> {
    if json.len() > JSON_LIMIT {
        return Err(ClaimProblemKind::TooLarge { limit: JSON_LIMIT });
    }
    let not_json = |error: serde_json::Error| ClaimProblemKind::NotJson { line: error.line(), column: error.column() };
    match serde_json::from_str(json).map_err(not_json)? {
        Json::Object(members) => Ok(members),
        other => Err(ClaimProblemKind::NotAnObject { found: other.kind() }),
    }
}

/// The problems met while claims are read.
struct Reading {
    problems: Vec<ClaimProblem>,
}

impl Reading {
    fn document(&mut self, members: &[(String, Json)], model: Option<&DocTypeModel>) -> Vec<NameSpaceClaims> {
        let mut claims = Vec::new();
        for (name_space, json) in members {
            let Json::Object(elements) = json else {
                self.error(ClaimPath::name_space(name_space), ClaimProblemKind::NotAnObject { found: json.kind() });
                continue;
            };
            let name_space_model = model.and_then(|model| model.name_space(name_space));
            if let Some(model) = model.filter(|_| name_space_model.is_none()) {
                let did_you_mean = did_you_mean(name_space, model.name_spaces().map(NameSpaceModel::name));
                let kind = ClaimProblemKind::UnknownNameSpace { did_you_mean };
                self.push(ClaimPath::name_space(name_space), kind, Severity::Warning);
            }
            let encoded = self.name_space(name_space, elements, name_space_model);
            self.add_name_space(&mut claims, name_space, encoded);
        }
        self.check_not_empty(&claims);
        for model in model.into_iter().flat_map(DocTypeModel::name_spaces) {
            self.check_mandatory(&claims, model);
        }
        for name_space in &claims {
            self.problems.extend(contradictions(name_space));
        }
        claims
    }

    fn name_space(
        &mut self,
        name_space: &str,
        elements: &[(String, Json)],
        model: Option<&NameSpaceModel>,
    ) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (name, json) in elements {
            let path = ClaimPath::element(name_space, name);
            if age_over_name(name) == Some(Err(())) {
                self.error(path.clone(), ClaimProblemKind::AgeOverName);
                continue;
            }
            if age_over_name(name).is_some() && !matches!(json, Json::Bool(_) | Json::Null) {
                self.error(path.clone(), ClaimProblemKind::AgeOverType);
                continue;
            }
            let element = model.and_then(|model| model.element(name));
            let value = match element {
                Some(element) => self.known(path, json, element, model),
                None => self.unknown(path, name, json, model),
            };
            self.add(&mut claims, name_space, name, &value);
        }
        claims
    }

    fn known(
        &mut self,
        path: ClaimPath,
        json: &Json,
        element: &Element,
        model: Option<&NameSpaceModel>,
    ) -> Value<'static> {
        if let Some(status) = element.status() {
            self.push(path.clone(), ClaimProblemKind::Outdated { status: status.into() }, Severity::Warning);
        }
        let mut converter = Converter::new(model, element.confidence(), path);
        let value = converter.typed(json, element.types(), element.constraints());
        self.problems.extend(converter.into_problems());
        value
    }

    fn unknown(&mut self, path: ClaimPath, name: &str, json: &Json, model: Option<&NameSpaceModel>) -> Value<'static> {
        if let Some(model) = model {
            let known = model.elements().iter().map(|element| element.name().as_str());
            let did_you_mean = did_you_mean(name, known);
            let severity = if model.is_closed() { Severity::Error } else { Severity::Warning };
            self.push(path.clone(), ClaimProblemKind::UnknownElement { did_you_mean }, severity);
        }
        let mut converter = Converter::new(model, Confidence::Unsure, path);
        let value = converter.by_form(json);
        self.problems.extend(converter.into_problems());
        value
    }

    fn check_mandatory(&mut self, claims: &[NameSpaceClaims], model: &NameSpaceModel) {
        let present = claims.iter().find(|claims| {
            // An alias of the namespace stands for it.
            claims.name_space == model.name() || model.has_alias(&claims.name_space)
        });
        if present.is_none() && model.presence() != Presence::Mandatory {
            return;
        }
        let mandatory = model.elements().iter().filter(|element| element.presence() == Presence::Mandatory);
        for element in mandatory {
            let ElementName::Exact(name) = element.name() else { continue };
            let there =
                present.is_some_and(|claims| claims.elements.iter().any(|claim| element.is_called(&claim.element)));
            if !there {
                let certain = element.confidence() == Confidence::Certain;
                let severity = if certain { Severity::Error } else { Severity::Warning };
                self.push(ClaimPath::element(model.name(), name), ClaimProblemKind::Missing, severity);
            }
        }
    }

    /// Encodes a value; one that a reader could not read back is a problem.
    fn add(&mut self, claims: &mut Vec<Claim>, name_space: &str, element: &str, value: &Value<'_>) {
        let path = ClaimPath::element(name_space, element);
        if claims.iter().any(|claim| claim.element == element) {
            return self.error(path, ClaimProblemKind::Duplicate);
        }
        let claim = Claim::new(element, value);
        if claim.value().is_err() {
            return self.error(path, ClaimProblemKind::Unreadable);
        }
        claims.push(claim);
    }

    fn add_name_space(&mut self, claims: &mut Vec<NameSpaceClaims>, name_space: &str, elements: Vec<Claim>) {
        if claims.iter().any(|claims| claims.name_space == name_space) {
            self.error(ClaimPath::name_space(name_space), ClaimProblemKind::Duplicate);
        } else if !elements.is_empty() {
            claims.push(NameSpaceClaims { name_space: name_space.to_owned(), elements });
        }
    }

    fn check_not_empty(&mut self, claims: &[NameSpaceClaims]) {
        if claims.is_empty() && !self.problems.iter().any(|problem| problem.severity == Severity::Error) {
            self.error(ClaimPath::default(), ClaimProblemKind::Empty);
        }
    }

    fn error(&mut self, path: ClaimPath, kind: ClaimProblemKind) {
        self.push(path, kind, Severity::Error);
    }

    fn push(&mut self, path: ClaimPath, kind: ClaimProblemKind, severity: Severity) {
        self.problems.push(ClaimProblem { path, kind, severity });
    }
}
