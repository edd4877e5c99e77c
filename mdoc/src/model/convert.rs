//! From JSON values to CBOR values, by the type the model gives.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::did_you_mean;
use super::element::{Confidence, Constraints, ElementType, EnumValue, Field, NamedType, Presence, TypeExpression};
use super::json::Json;
use super::problem::{ClaimPath, ClaimProblem, ClaimProblemKind, PathStep, Severity};
use super::registry::NameSpaceModel;
use crate::cbor::{TAG_FULL_DATE, TAG_TDATE, Value};
use crate::date::{FullDate, Tdate};

const FULL_DATE_FORM: &str = "YYYY-MM-DD";
const TDATE_FORM: &str = "YYYY-MM-DDThh:mm:ssZ";
const EITHER_FORM: &str = "YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ";

/// Converts the value of one element and collects what is wrong with it.
///
/// Where the model is not certain, a value that breaks it is still converted, by its JSON form.
pub(super) struct Converter<'m> {
    model: Option<&'m NameSpaceModel>,
    confidence: Confidence,
    path: ClaimPath,
    problems: Vec<ClaimProblem>,
}

impl<'m> Converter<'m> {
    pub(super) fn new(model: Option<&'m NameSpaceModel>, confidence: Confidence, path: ClaimPath) -> Self {
        Self { model, confidence, path, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<ClaimProblem> {
        self.problems
    }

    /// Converts by the model.
    pub(super) fn typed(&mut self, json: &Json, types: &TypeExpression, constraints: &Constraints) -> Value<'static> {
        if *json == Json::Null {
            self.error(ClaimProblemKind::Null);
            return Value::Null;
        }
        let fitting: Vec<&ElementType> =
            types.alternatives().iter().filter(|alternative| self.fits(alternative, json)).collect();
        match fitting.as_slice() {
            [] => {
                self.problem(ClaimProblemKind::WrongType { expected: types.to_string().into(), found: json.kind() });
                self.by_form(json)
            }
            [only] => self.by_type(json, only, constraints),
            [first, ..] => match json {
                Json::Text(text) if is_date_choice(&fitting) => self.either_date(text),
                _ => self.by_type(json, first, constraints),
            },
        }
    }

    /// Converts what no model describes: by the JSON form, or as `{"$bytes": …}`, `{"$tdate": …}`, `{"$full-date": …}`.
    pub(super) fn by_form(&mut self, json: &Json) -> Value<'static> {
        match json {
            Json::Null => {
                self.error(ClaimProblemKind::Null);
                Value::Null
            }
            Json::Bool(value) => Value::Bool(*value),
            Json::Unsigned(value) => Value::Unsigned(*value),
            Json::Negative(value) => Value::Negative(value.unsigned_abs() - 1),
            Json::Float(value) => Value::Float(*value),
            Json::Text(text) => Value::text(text.clone()),
            Json::Array(items) => Value::Array(self.each(items, Self::by_form)),
            Json::Object(members) => match members.as_slice() {
                [(name, value)] if name.starts_with('$') => self.typed_form(name, value),
                _ => {
                    self.duplicates(members);
                    let pairs = members.iter().map(|(name, value)| {
                        (
                            Value::text(name.clone()),
                            self.within(PathStep::Field(name.as_str().into()), |this| this.by_form(value)),
                        )
                    });
                    Value::Map(pairs.collect())
                }
            },
        }
    }

    fn typed_form(&mut self, name: &str, value: &Json) -> Value<'static> {
        let element_type = match name {
            "$bytes" => ElementType::Bytes,
            "$tdate" => ElementType::Tdate,
            "$full-date" => ElementType::FullDate,
            _ => {
                self.error(ClaimProblemKind::TypedForm);
                return Value::Null;
            }
        };
        // The form is the caller's own word for the type, so a value that does not fit is an error at any confidence.
        let confidence = std::mem::replace(&mut self.confidence, Confidence::Certain);
        let converted = self.typed(value, &TypeExpression(vec![element_type]), &Constraints::default());
        self.confidence = confidence;
        converted
    }

    fn fits(&self, element_type: &ElementType, json: &Json) -> bool {
        match (element_type, json) {
            (ElementType::Any, _)
            | (ElementType::Text | ElementType::Bytes | ElementType::Tdate | ElementType::FullDate, Json::Text(_))
            | (ElementType::Bool, Json::Bool(_))
            | (ElementType::Unsigned, Json::Unsigned(_) | Json::Negative(_) | Json::Float(_))
            | (ElementType::Array(_), Json::Array(_))
            | (ElementType::Map, Json::Object(_)) => true,
            (ElementType::Named(name), json) => match self.model.and_then(|model| model.named_type(name)) {
                Some(NamedType::Text(_)) => matches!(json, Json::Text(_)),
                Some(NamedType::Map { .. }) => matches!(json, Json::Object(_)),
                None => false,
            },
            _ => false,
        }
    }

    fn by_type(&mut self, json: &Json, element_type: &ElementType, constraints: &Constraints) -> Value<'static> {
        match (element_type, json) {
            (ElementType::Text, Json::Text(text)) => {
                self.check_text(text, constraints);
                Value::text(text.clone())
            }
            (ElementType::Bytes, Json::Text(text)) => self.bytes(text, constraints),
            (ElementType::FullDate, Json::Text(text)) => match full_date(text) {
                Some(date) => tagged(TAG_FULL_DATE, date.to_string()),
                None => self.not_a_date(text, FULL_DATE_FORM),
            },
            (ElementType::Tdate, Json::Text(text)) => match tdate(text) {
                Some(date) => tagged(TAG_TDATE, date.to_string()),
                None => self.not_a_date(text, TDATE_FORM),
            },
            (ElementType::Unsigned, Json::Unsigned(number)) => {
                self.check_enumeration(&EnumValue::Unsigned(*number), constraints);
                Value::Unsigned(*number)
            }
            (ElementType::Unsigned, _) => {
                self.problem(ClaimProblemKind::NotUnsigned);
                self.by_form(json)
            }
            (ElementType::Array(item), Json::Array(items)) => {
                self.at_least(constraints.min_items, items.len());
                let item = TypeExpression(vec![(**item).clone()]);
                Value::Array(self.each(items, |this, value| this.typed(value, &item, &Constraints::default())))
            }
            (ElementType::Named(name), _) => {
                let named = self.model.and_then(|model| model.named_type(name));
                match (named, json) {
                    (Some(NamedType::Text(constraints)), Json::Text(text)) => {
                        self.check_text(text, constraints);
                        Value::text(text.clone())
                    }
                    (Some(NamedType::Map { fields, min_pairs }), Json::Object(members)) => {
                        self.at_least(*min_pairs, members.len());
                        self.structure(members, fields)
                    }
                    _ => self.by_form(json),
                }
            }
            _ => self.by_form(json),
        }
    }

    fn structure(&mut self, members: &[(String, Json)], fields: &[Field]) -> Value<'static> {
        self.duplicates(members);
        for field in fields.iter().filter(|field| field.presence == Presence::Mandatory) {
            if !members.iter().any(|(name, _)| **name == *field.key) {
                let step = PathStep::Field(field.key.clone());
                self.within(step, |this| this.problem(ClaimProblemKind::Missing));
            }
        }
        let mut pairs = Vec::with_capacity(members.len());
        for (name, json) in members {
            let field = fields.iter().find(|field| *field.key == **name);
            let value = self.within(PathStep::Field(name.as_str().into()), |this| match field {
                Some(field) => this.typed(json, &field.types, &field.constraints),
                None => {
                    // The structures are open in the CDDL, so that this is never more than a warning.
                    let did_you_mean = did_you_mean(name, fields.iter().map(|field| &*field.key));
                    this.push(Severity::Warning, ClaimProblemKind::UnknownField { did_you_mean });
                    this.by_form(json)
                }
            });
            pairs.push((Value::text(name.clone()), value));
        }
        Value::Map(pairs)
    }

    fn bytes(&mut self, text: &str, constraints: &Constraints) -> Value<'static> {
        let Some(octets) = decode_base64(text) else {
            self.problem(ClaimProblemKind::Base64);
            return Value::text(text.to_owned());
        };
        self.check_formats(&octets, constraints);
        Value::bytes(octets)
    }

    fn either_date(&mut self, text: &str) -> Value<'static> {
        if let Some(date) = full_date(text) {
            tagged(TAG_FULL_DATE, date.to_string())
        } else if let Some(date) = tdate(text) {
            tagged(TAG_TDATE, date.to_string())
        } else {
            self.not_a_date(text, EITHER_FORM)
        }
    }

    fn not_a_date(&mut self, text: &str, expected: &'static str) -> Value<'static> {
        self.problem(ClaimProblemKind::Date { expected });
        Value::text(text.to_owned())
    }

    fn check_text(&mut self, text: &str, constraints: &Constraints) {
        if constraints.extra_values.iter().any(|extra| **extra == *text) {
            return;
        }
        self.check_enumeration(&EnumValue::Text(text.into()), constraints);
        let found = text.chars().count();
        if let Some(maximum) = constraints.max_chars.filter(|maximum| found > *maximum) {
            self.problem(ClaimProblemKind::TooLong { maximum, found });
        }
        if let Some(charset) = constraints.charset
            && let Some(character) = charset.first_foreign(text)
        {
            self.problem(ClaimProblemKind::Charset { charset, character });
        }
        if let Some(pattern) = constraints.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            let pattern = pattern.as_str().into();
            self.problem(ClaimProblemKind::Pattern { pattern });
        }
        self.check_formats(text.as_bytes(), constraints);
    }

    fn check_enumeration(&mut self, value: &EnumValue, constraints: &Constraints) {
        if !constraints.values.is_empty() && !constraints.values.contains(value) {
            self.problem(ClaimProblemKind::NotInEnumeration { allowed: constraints.values().collect() });
        }
    }

    fn check_formats(&mut self, value: &[u8], constraints: &Constraints) {
        let formats = &constraints.formats;
        let excused = formats.is_empty() || (value.is_empty() && constraints.allow_empty);
        if !excused && !formats.iter().any(|format| format.accepts(value)) {
            self.problem(ClaimProblemKind::Format { formats: formats.clone() });
        }
    }

    fn at_least(&mut self, minimum: usize, found: usize) {
        if found < minimum {
            self.problem(ClaimProblemKind::TooFew { minimum, found });
        }
    }

    fn duplicates(&mut self, members: &[(String, Json)]) {
        for (index, (name, _)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(earlier, _)| earlier == name) {
                self.within(PathStep::Field(name.as_str().into()), |this| this.error(ClaimProblemKind::Duplicate));
            }
        }
    }

    fn each(&mut self, items: &[Json], convert: impl Fn(&mut Self, &Json) -> Value<'static>) -> Vec<Value<'static>> {
        let items = items.iter().enumerate();
        items.map(|(index, item)| self.within(PathStep::Index(index), |this| convert(this, item))).collect()
    }

    fn within<T>(&mut self, step: PathStep, run: impl FnOnce(&mut Self) -> T) -> T {
        self.path.steps.push(step);
        let result = run(self);
        self.path.steps.pop();
        result
    }

    /// A rule of the model is broken.
    fn problem(&mut self, kind: ClaimProblemKind) {
        let severity = if self.confidence == Confidence::Certain { Severity::Error } else { Severity::Warning };
        self.push(severity, kind);
    }

    /// A rule of JSON or CBOR is broken.
    fn error(&mut self, kind: ClaimProblemKind) {
        self.push(Severity::Error, kind);
    }

    fn push(&mut self, severity: Severity, kind: ClaimProblemKind) {
        self.problems.push(ClaimProblem { path: self.path.clone(), kind, severity });
    }
}

fn is_date_choice(types: &[&ElementType]) -> bool {
    types.iter().all(|alternative| matches!(alternative, ElementType::Tdate | ElementType::FullDate))
}

fn tagged(tag: u64, text: String) -> Value<'static> {
    Value::Tag(tag, Box::new(Value::text(text)))
}

/// `YYYY-MM-DD`, digits only.
fn full_date(text: &str) -> Option<FullDate> {
    let digits = text.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    FullDate::parse(text).filter(|_| digits)
}

/// An RFC 3339 instant without a fraction, in any offset: it is written in UTC, which is the same instant.
fn tdate(text: &str) -> Option<Tdate> {
    Tdate::parse(text).filter(|_| !text.contains('.'))
}

/// Base64 or base64url, padded or not, possibly behind `data:…;base64,`.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, CONFIG);
    let text = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,")?.1,
        None => text,
    };
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_its_usual_forms() {
        for text in ["++//", "--__", "data:image/jpeg;base64,++//"] {
            assert_eq!(decode_base64(text).unwrap(), [0xfb, 0xef, 0xff], "{text}");
        }
        assert_eq!(decode_base64("AA==").unwrap(), decode_base64("AA").unwrap());
        for text in ["+-//", "A", "AB", "data:,abc", "not base64!"] {
            assert!(decode_base64(text).is_none(), "{text}");
        }
    }

    #[test]
    fn dates_by_form() {
        assert!(full_date("2024-02-29").is_some());
        for text in ["2023-02-29", "2024-2-29", "+024-02-09", "2024-02-29T00:00:00Z", "２０２４-02-29"] {
            assert!(full_date(text).is_none(), "{text}");
        }
        assert_eq!(tdate("2024-01-01T09:00:00+09:00").unwrap().to_string(), "2024-01-01T00:00:00Z");
        assert!(tdate("2024-01-01T00:00:00.5Z").is_none());
    }
}
