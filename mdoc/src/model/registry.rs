//! The models by document type.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use regex_lite::Regex;

use super::did_you_mean;
use super::element::{
    Confidence, Constraints, Element, ElementName, ElementType, EnumValue, Field, NamedType, Presence, TypeExpression,
};
use super::format::Format;
use super::schema::{ElementEntry, ModelFile, NameSpaceEntry, RawConstraints, SCHEMA, TypeEntry, TypeKind};

const BUILT_IN: [&str; 8] = [
    include_str!("../../data-models/org.iso.18013.5.1.mDL.json"),
    include_str!("../../data-models/org.iso.18013.5.1.aamva.json"),
    include_str!("../../data-models/eu.europa.ec.eudi.pid.1.json"),
    include_str!("../../data-models/eu.europa.ec.av.1.json"),
    include_str!("../../data-models/org.iso.23220.photoid.1.json"),
    include_str!("../../data-models/org.iso.23220.1.jp.mnc.json"),
    include_str!("../../data-models/org.iso.7367.1.mVC.json"),
    include_str!("../../data-models/com.google.wallet.idcard.1.json"),
];

/// The named types of a model file.
type Types = BTreeMap<Box<str>, NamedType>;

/// The data models an issuer or a reader works with.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    doc_types: BTreeMap<Box<str>, DocTypeModel>,
    unknown_doc_types_allowed: bool,
}

impl Registry {
    /// The models compiled into this crate.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUILT_IN_REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them all")]
            BUILT_IN.iter().fold(Registry::empty(), |registry, json| registry.with_model(json).expect("valid"))
        });
        &BUILT_IN_REGISTRY
    }

    /// No model at all; a start for [`Registry::with_model`].
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds the models of a JSON file (`data-models/README.md` describes the format). A model may add a document type, or
    /// a namespace to a document type that is known.
    ///
    /// # Errors
    /// [`ModelError`]. A namespace that the document type already has is refused: a model cannot be weakened by another.
    pub fn with_model(mut self, json: &str) -> Result<Self, ModelError> {
        let file: ModelFile = serde_json::from_str(json).map_err(|error| ModelError::Syntax {
            line: error.line(),
            column: error.column(),
            source: error.into(),
        })?;
        if file.schema != SCHEMA {
            return Err(ModelError::Schema { found: file.schema.into() });
        }
        let types: Arc<Types> = Arc::new(compile_types(&file.types)?);
        let mut name_spaces = Vec::new();
        for (name, entry) in &file.namespaces {
            name_spaces.push(Arc::new(compile_name_space(name, entry, &types)?));
        }
        for entry in file.doctypes {
            let id: Box<str> = entry.id.into();
            let model = self.doc_types.entry(id.clone()).or_insert_with(|| DocTypeModel {
                id: id.clone(),
                title: file.title.as_str().into(),
                status: entry.status.map(Into::into),
                name_spaces: Vec::new(),
            });
            for name_space in &name_spaces {
                if model.name_space(&name_space.name).is_some() {
                    return Err(ModelError::DuplicateNameSpace { doc_type: id, name_space: name_space.name.clone() });
                }
                model.name_spaces.push(Arc::clone(name_space));
            }
        }
        Ok(self)
    }

    /// Lets claims of a document type without a model through, unchecked and as written. Misspelt document types then
    /// reach the wallet; load a model instead where there is one.
    #[must_use]
    pub fn allow_unknown_doc_types(mut self) -> Self {
        self.unknown_doc_types_allowed = true;
        self
    }

    /// True after [`Registry::allow_unknown_doc_types`].
    #[must_use]
    pub fn allows_unknown_doc_types(&self) -> bool {
        self.unknown_doc_types_allowed
    }

    /// The model of a document type.
    #[must_use]
    pub fn doc_type(&self, id: &str) -> Option<&DocTypeModel> {
        self.doc_types.get(id)
    }

    /// Every document type, sorted.
    pub fn doc_types(&self) -> impl Iterator<Item = &DocTypeModel> {
        self.doc_types.values()
    }

    /// The known document type nearest to `id`.
    #[must_use]
    pub fn nearest_doc_type(&self, id: &str) -> Option<Box<str>> {
        did_you_mean(id, self.doc_types.keys().map(AsRef::as_ref))
    }
}

/// The model of one document type.
#[derive(Clone, Debug)]
pub struct DocTypeModel {
    id: Box<str>,
    title: Box<str>,
    status: Option<Box<str>>,
    name_spaces: Vec<Arc<NameSpaceModel>>,
}

impl DocTypeModel {
    /// The document type.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is, in English.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// `current`, `legacy`, or what else the model says.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// Its namespaces.
    pub fn name_spaces(&self) -> impl Iterator<Item = &NameSpaceModel> {
        self.name_spaces.iter().map(AsRef::as_ref)
    }

    /// The namespace of that name or alias.
    #[must_use]
    pub fn name_space(&self, name: &str) -> Option<&NameSpaceModel> {
        self.name_spaces().find(|model| *model.name == *name || model.has_alias(name))
    }
}

/// The elements of one namespace in one document type.
#[derive(Clone, Debug)]
pub struct NameSpaceModel {
    name: Box<str>,
    aliases: Vec<Box<str>>,
    confidence: Confidence,
    presence: Presence,
    closed: bool,
    elements: Vec<Element>,
    types: Arc<Types>,
}

impl NameSpaceModel {
    /// The namespace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True when `name` is another spelling of the namespace.
    #[must_use]
    pub fn has_alias(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| **alias == *name)
    }

    /// How certain the list is.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Whether its mandatory elements are demanded of every document ([`Presence::Mandatory`]) or of documents that use
    /// the namespace.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// True when no other element may stand in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Its elements.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The element called `name`: by its identifier, by an alias, or as a member of a family, in this order.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&Element> {
        let exact = self.elements.iter().find(|element| match &element.name {
            ElementName::Exact(exact) => **exact == *name,
            ElementName::Family { .. } => false,
        });
        exact.or_else(|| self.elements.iter().find(|element| element.is_called(name)))
    }

    pub(super) fn named_type(&self, name: &str) -> Option<&NamedType> {
        self.types.get(name)
    }
}

/// Why a model file is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Not JSON, a member is missing, or a member is not known.
    #[error("model file, line {line}, column {column}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another schema.
    #[error("model schema {found} is not {SCHEMA}")]
    Schema {
        /// The schema named.
        found: Box<str>,
    },
    /// A type expression that cannot be read, or a type that is not defined.
    #[error("{place}: unknown type {expression}")]
    Type {
        /// The element, field or type.
        place: Box<str>,
        /// The expression.
        expression: Box<str>,
    },
    /// A format that is not known.
    #[error("{place}: unknown format {format}")]
    Format {
        /// The element, field or type.
        place: Box<str>,
        /// The format.
        format: Box<str>,
    },
    /// A regular expression that cannot be compiled; look-around and back references are not available.
    #[error("{place}: unusable pattern {pattern}")]
    Pattern {
        /// The element, field or type.
        place: Box<str>,
        /// The pattern.
        pattern: Box<str>,
    },
    /// An enumeration holds something else than texts and unsigned integers.
    #[error("{place}: an enumeration has texts and unsigned integers only")]
    Enumeration {
        /// The element, field or type.
        place: Box<str>,
    },
    /// An element has neither `id` nor both `id_template` and `id_pattern`, or has all.
    #[error("{name_space}: an element needs either id or id_template and id_pattern")]
    ElementName {
        /// The namespace.
        name_space: Box<str>,
    },
    /// The document type has that namespace already.
    #[error("{doc_type} has the namespace {name_space} already")]
    DuplicateNameSpace {
        /// The document type.
        doc_type: Box<str>,
        /// The namespace.
        name_space: Box<str>,
    },
    /// Two elements of a namespace have the same name.
    #[error("{name_space} has the element {element} twice")]
    DuplicateElement {
        /// The namespace.
        name_space: Box<str>,
        /// The element.
        element: Box<str>,
    },
}

impl ModelError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "model-syntax",
            Self::Schema { .. } => "model-schema",
            Self::Type { .. } => "model-type",
            Self::Format { .. } => "model-format",
            Self::Pattern { .. } => "model-pattern",
            Self::Enumeration { .. } => "model-enumeration",
            Self::ElementName { .. } => "model-element-name",
            Self::DuplicateNameSpace { .. } => "model-duplicate-namespace",
            Self::DuplicateElement { .. } => "model-duplicate-element",
        }
    }
}

fn compile_types(entries: &BTreeMap<String, TypeEntry>) -> Result<Types, ModelError> {
    let names: Vec<&str> = entries.keys().map(String::as_str).collect();
    let mut types = Types::new();
    for (name, entry) in entries {
        let compiled = match entry.kind {
            TypeKind::Tstr => NamedType::Text(compile_constraints(name, &entry.constraints())?),
            TypeKind::Map => {
                let mut fields = Vec::new();
                for field in &entry.fields {
                    let place = format!("{name}.{}", field.key);
                    fields.push(Field {
                        key: field.key.as_str().into(),
                        types: compile_expression(&place, &field.r#type, &names)?,
                        presence: field.presence,
                        constraints: compile_constraints(&place, &field.constraints())?,
                    });
                }
                NamedType::Map { fields, min_pairs: entry.min_pairs }
            }
        };
        types.insert(name.as_str().into(), compiled);
    }
    Ok(types)
}

fn compile_name_space(name: &str, entry: &NameSpaceEntry, types: &Arc<Types>) -> Result<NameSpaceModel, ModelError> {
    let names: Vec<&str> = types.keys().map(AsRef::as_ref).collect();
    let mut elements: Vec<Element> = Vec::new();
    for element in &entry.elements {
        let compiled = compile_element(name, entry, element, &names)?;
        if elements.iter().any(|other| other.name.as_str() == compiled.name.as_str()) {
            let element = compiled.name.as_str().into();
            return Err(ModelError::DuplicateElement { name_space: name.into(), element });
        }
        elements.push(compiled);
    }
    Ok(NameSpaceModel {
        name: name.into(),
        aliases: entry.aliases.iter().map(|alias| alias.as_str().into()).collect(),
        confidence: entry.confidence,
        presence: entry.presence,
        closed: entry.closed,
        elements,
        types: Arc::clone(types),
    })
}

fn compile_element(
    name_space: &str,
    parent: &NameSpaceEntry,
    entry: &ElementEntry,
    names: &[&str],
) -> Result<Element, ModelError> {
    let name = match (&entry.id, &entry.id_template, &entry.id_pattern) {
        (Some(id), None, None) => ElementName::Exact(id.as_str().into()),
        (None, Some(template), Some(pattern)) => {
            ElementName::Family { template: template.as_str().into(), pattern: compile_pattern(template, pattern)? }
        }
        _ => return Err(ModelError::ElementName { name_space: name_space.into() }),
    };
    let place = name.as_str().to_owned();
    Ok(Element {
        label: entry.label.as_str().into(),
        types: compile_expression(&place, &entry.r#type, names)?,
        presence: entry.presence,
        confidence: entry.confidence.unwrap_or(parent.confidence),
        aliases: entry.aliases.iter().map(|alias| alias.as_str().into()).collect(),
        status: entry.status.as_deref().map(Into::into),
        unit: entry.unit.as_deref().map(Into::into),
        constraints: compile_constraints(&place, &entry.constraints())?,
        name,
    })
}

fn compile_expression(place: &str, expression: &str, names: &[&str]) -> Result<TypeExpression, ModelError> {
    let unknown = || ModelError::Type { place: place.into(), expression: expression.into() };
    expression
        .split('|')
        .map(|part| compile_type(part, names).ok_or_else(unknown))
        .collect::<Result<_, _>>()
        .map(TypeExpression)
}

fn compile_type(part: &str, names: &[&str]) -> Option<ElementType> {
    Some(match part {
        "tstr" => ElementType::Text,
        "uint" => ElementType::Unsigned,
        "bool" => ElementType::Bool,
        "bstr" => ElementType::Bytes,
        "tdate" => ElementType::Tdate,
        "full-date" => ElementType::FullDate,
        "any" => ElementType::Any,
        "map" => ElementType::Map,
        _ => {
            if let Some(item) = part.strip_prefix("array:") {
                return compile_type(item, names).map(|item| ElementType::Array(Box::new(item)));
            }
            let name = part.strip_prefix("map:").unwrap_or(part);
            names.contains(&name).then(|| ElementType::Named(name.into()))?
        }
    })
}

fn compile_constraints(place: &str, raw: &RawConstraints<'_>) -> Result<Constraints, ModelError> {
    let values = raw.values.iter().map(|value| {
        let text = value.as_str().map(|text| EnumValue::Text(text.into()));
        text.or_else(|| value.as_u64().map(EnumValue::Unsigned))
            .ok_or_else(|| ModelError::Enumeration { place: place.into() })
    });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let formats = raw.format.into_iter().flat_map(|formats| formats.split('|')).map(|format| {
        Format::from_name(format).ok_or_else(|| ModelError::Format { place: place.into(), format: format.into() })
    });
    Ok(Constraints {
        // An open enumeration lists what is usual, not what is allowed.
        values: if raw.enum_open { Vec::new() } else { values },
        max_chars: raw.max_chars,
        min_items: raw.min_items,
        charset: raw.charset,
        formats: formats.collect::<Result<_, _>>()?,
        pattern: raw.pattern.map(|pattern| compile_pattern(place, pattern)).transpose()?,
        extra_values: raw.extra_values.iter().map(|value| value.as_str().into()).collect(),
        allow_empty: raw.allow_empty,
        labels: raw.labels.clone(),
    })
}

fn compile_pattern(place: &str, pattern: &str) -> Result<Regex, ModelError> {
    Regex::new(pattern).map_err(|_| ModelError::Pattern { place: place.into(), pattern: pattern.into() })
}
