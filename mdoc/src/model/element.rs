//! One element of a data model: name, type, presence, constraints.

use core::fmt;
use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;

use super::format::Format;

/// How well founded an entry of a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A draft or a single secondary source.
    Unsure,
    /// Several secondary sources agree.
    Likely,
    /// Stands in the published text. A broken rule refuses the claims.
    Certain,
}

/// What an issuer must put on a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Presence {
    /// Must be there.
    #[serde(rename = "M")]
    Mandatory,
    /// May be there.
    #[serde(rename = "O")]
    Optional,
    /// Must be there under a condition that the model states in words.
    #[serde(rename = "C")]
    Conditional,
    /// The sources disagree or are silent.
    #[serde(rename = "unknown")]
    Unknown,
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mandatory => "mandatory",
            Self::Optional => "optional",
            Self::Conditional => "conditional",
            Self::Unknown => "unknown",
        })
    }
}

/// The characters a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Charset {
    /// The printable characters of ISO/IEC 8859-1 (ISO/IEC 18013-5 7.2.1).
    Latin1,
    /// Any but control characters.
    Unicode,
}

impl Charset {
    /// The first character that does not belong.
    #[must_use]
    pub fn first_foreign(self, text: &str) -> Option<char> {
        text.chars().find(|character| character.is_control() || (self == Self::Latin1 && u32::from(*character) > 0xff))
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latin1 => "latin1",
            Self::Unicode => "unicode",
        })
    }
}

/// The name of an element, or of a family of elements.
#[derive(Clone, Debug)]
pub enum ElementName {
    /// One element.
    Exact(Box<str>),
    /// A family such as `age_over_NN`.
    Family {
        /// The name with a placeholder, for people.
        template: Box<str>,
        /// What its members look like, for the machine.
        pattern: Regex,
    },
}

impl ElementName {
    /// The identifier or the template.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exact(name) => name,
            Self::Family { template, .. } => template,
        }
    }
}

/// One element of a namespace.
#[derive(Clone, Debug)]
pub struct Element {
    pub(super) name: ElementName,
    pub(super) label: Box<str>,
    pub(super) types: TypeExpression,
    pub(super) presence: Presence,
    pub(super) confidence: Confidence,
    pub(super) aliases: Vec<Box<str>>,
    pub(super) status: Option<Box<str>>,
    pub(super) unit: Option<Box<str>>,
    pub(super) constraints: Constraints,
}

impl Element {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ElementName {
        &self.name
    }

    /// What it is, in a few English words.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its encodings.
    #[must_use]
    pub fn types(&self) -> &TypeExpression {
        &self.types
    }

    /// Whether an issuer must provide it.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// How certain this entry is.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Other names of the same element, still in use.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().map(AsRef::as_ref)
    }

    /// Set when the element is on its way out: `legacy`, `superseded by .v2`.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The unit of a number, such as `cm`.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The rules for its values.
    #[must_use]
    pub fn constraints(&self) -> &Constraints {
        &self.constraints
    }

    /// True when `name` is this element's name, one of its aliases or a member of its family.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let own = match &self.name {
            ElementName::Exact(exact) => **exact == *name,
            ElementName::Family { pattern, .. } => pattern.is_match(name),
        };
        own || self.aliases.iter().any(|alias| **alias == *name)
    }
}

/// The encodings an element may have; the first is preferred where the JSON form fits several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeExpression(pub(super) Vec<ElementType>);

impl TypeExpression {
    /// The alternatives.
    #[must_use]
    pub fn alternatives(&self) -> &[ElementType] {
        &self.0
    }
}

impl fmt::Display for TypeExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("|")?;
            }
            alternative.fmt(f)?;
        }
        Ok(())
    }
}

/// One encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElementType {
    /// `tstr`.
    Text,
    /// `uint`.
    Unsigned,
    /// `bool`.
    Bool,
    /// `bstr`; base64 or base64url in JSON.
    Bytes,
    /// `tdate = #6.0(tstr)`.
    Tdate,
    /// `full-date = #6.1004(tstr)`.
    FullDate,
    /// Anything.
    Any,
    /// A map with text keys.
    Map,
    /// A structure or a restricted text that the model names.
    Named(Box<str>),
    /// An array.
    Array(Box<ElementType>),
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("tstr"),
            Self::Unsigned => f.write_str("uint"),
            Self::Bool => f.write_str("bool"),
            Self::Bytes => f.write_str("bstr"),
            Self::Tdate => f.write_str("tdate"),
            Self::FullDate => f.write_str("full-date"),
            Self::Any => f.write_str("any"),
            Self::Map => f.write_str("map"),
            Self::Named(name) => f.write_str(name),
            Self::Array(item) => write!(f, "array:{item}"),
        }
    }
}

/// The rules for a value.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    pub(super) values: Vec<EnumValue>,
    pub(super) max_chars: Option<usize>,
    pub(super) min_items: usize,
    pub(super) charset: Option<Charset>,
    pub(super) formats: Vec<Format>,
    pub(super) pattern: Option<Regex>,
    pub(super) extra_values: Vec<Box<str>>,
    pub(super) allow_empty: bool,
    pub(super) labels: BTreeMap<String, String>,
}

impl Constraints {
    /// What an enumerated value means, in English; `value` as text (`"1"`, `"F"`).
    #[must_use]
    pub fn value_label(&self, value: &str) -> Option<&str> {
        self.labels.get(value).map(String::as_str)
    }

    /// The values allowed, as text; empty when any is.
    pub fn values(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(ToString::to_string)
    }

    /// The most characters a text may have.
    #[must_use]
    pub fn max_chars(&self) -> Option<usize> {
        self.max_chars
    }

    /// The fewest items of an array.
    #[must_use]
    pub fn min_items(&self) -> usize {
        self.min_items
    }

    /// The characters of a text.
    #[must_use]
    pub fn charset(&self) -> Option<Charset> {
        self.charset
    }

    /// The formats of which a value must have one; empty when none is demanded.
    #[must_use]
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    /// The regular expression a text must match.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_ref().map(Regex::as_str)
    }
}

/// An allowed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EnumValue {
    Text(Box<str>),
    Unsigned(u64),
}

impl fmt::Display for EnumValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Unsigned(number) => number.fmt(f),
        }
    }
}

/// A structure or restricted text of the model's `types`.
#[derive(Clone, Debug)]
pub(super) enum NamedType {
    Text(Constraints),
    Map { fields: Vec<Field>, min_pairs: usize },
}

/// A field of a named map.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: Box<str>,
    pub(super) types: TypeExpression,
    pub(super) presence: Presence,
    pub(super) constraints: Constraints,
}
