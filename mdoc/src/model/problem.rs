//! What can be wrong with claims.

use core::fmt;

use super::element::Charset;
use super::format::Format;
use super::json::JsonKind;

/// Whether a problem refuses the claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document can be issued; a model that is not certain says otherwise.
    Warning,
    /// The document must not be issued.
    Error,
}

/// Where in the claims: `org.iso.18013.5.1/driving_privileges[0].codes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClaimPath {
    /// The namespace; `None` for the whole.
    pub name_space: Option<Box<str>>,
    /// The element; `None` for the namespace.
    pub element: Option<Box<str>>,
    /// The way into the element's value.
    pub steps: Vec<PathStep>,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// Into the field of a map.
    Field(Box<str>),
    /// Into an item of an array.
    Index(usize),
}

impl ClaimPath {
    /// The namespace as a whole.
    #[must_use]
    pub fn name_space(name_space: &str) -> Self {
        Self { name_space: Some(name_space.into()), ..Self::default() }
    }

    /// An element.
    #[must_use]
    pub fn element(name_space: &str, element: &str) -> Self {
        Self { name_space: Some(name_space.into()), element: Some(element.into()), steps: Vec::new() }
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name_space.as_deref().unwrap_or("claims"))?;
        if let Some(element) = &self.element {
            write!(f, "/{element}")?;
        }
        for step in &self.steps {
            match step {
                PathStep::Field(key) => write!(f, ".{key}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// One problem of claims. It names places and rules, never the values, which are personal data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct ClaimProblem {
    /// Where.
    pub path: ClaimPath,
    /// What.
    pub kind: ClaimProblemKind,
    /// How bad.
    pub severity: Severity,
}

impl ClaimProblem {
    /// A problem that refuses the claims.
    pub(super) fn error(path: ClaimPath, kind: ClaimProblemKind) -> Self {
        Self { path, kind, severity: Severity::Error }
    }

    /// A stable name of the kind.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.kind.id()
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimProblemKind {
    /// The claims are larger than the budget.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The budget.
        limit: usize,
    },
    /// Not JSON.
    #[error("not JSON (line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON of another shape than `{namespace: {element: value}}`.
    #[error("expected an object, found {found}")]
    NotAnObject {
        /// What stands there.
        found: JsonKind,
    },
    /// Nothing to issue.
    #[error("there is no element")]
    Empty,
    /// No model for the document type.
    #[error("unknown document type {doc_type}{}", hint(did_you_mean))]
    UnknownDocType {
        /// The document type.
        doc_type: Box<str>,
        /// The nearest known one.
        did_you_mean: Option<Box<str>>,
    },
    /// The models of the document type do not have this namespace; its elements are taken as written.
    #[error("the models of this document type do not have this namespace{}", hint(did_you_mean))]
    UnknownNameSpace {
        /// The nearest known one.
        did_you_mean: Option<Box<str>>,
    },
    /// The namespace does not have this element.
    #[error("unknown element{}", hint(did_you_mean))]
    UnknownElement {
        /// The nearest known one.
        did_you_mean: Option<Box<str>>,
    },
    /// The structure does not have this field.
    #[error("unknown field{}", hint(did_you_mean))]
    UnknownField {
        /// The nearest known one.
        did_you_mean: Option<Box<str>>,
    },
    /// The same member stands twice.
    #[error("stands more than once")]
    Duplicate,
    /// A mandatory element or field is not there.
    #[error("is mandatory and missing")]
    Missing,
    /// `null` is no value: leave the element out.
    #[error("is null; leave it out instead")]
    Null,
    /// Another JSON type than the element's type is written as.
    #[error("must be {expected}, found {found}")]
    WrongType {
        /// The type in the notation of the models.
        expected: Box<str>,
        /// What stands there.
        found: JsonKind,
    },
    /// A number that is negative, has a fraction, or is too large.
    #[error("must be an integer of 0 to 2^64-1")]
    NotUnsigned,
    /// Not a value of the enumeration.
    #[error("must be one of {}", allowed.join(", "))]
    NotInEnumeration {
        /// The values allowed.
        allowed: Vec<String>,
    },
    /// Not a date of the wanted form, or one that does not exist.
    #[error("must be a date written {expected}")]
    Date {
        /// `YYYY-MM-DD`, `YYYY-MM-DDThh:mm:ssZ` or either.
        expected: &'static str,
    },
    /// Neither base64 nor base64url, nor a `data:` URL with base64.
    #[error("must be base64 or base64url")]
    Base64,
    /// A text does not match the pattern.
    #[error("must match {pattern}")]
    Pattern {
        /// The regular expression.
        pattern: Box<str>,
    },
    /// None of the formats demanded.
    #[error("must be {}", formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(" or "))]
    Format {
        /// The formats.
        formats: Vec<Format>,
    },
    /// A character outside the set.
    #[error("may have {charset} characters only, not U+{:04X}", u32::from(*character))]
    Charset {
        /// The set.
        charset: Charset,
        /// The first character outside it.
        character: char,
    },
    /// Too many characters.
    #[error("may have {maximum} characters, has {found}")]
    TooLong {
        /// The most allowed.
        maximum: usize,
        /// How many there are.
        found: usize,
    },
    /// Too few items or pairs.
    #[error("must have at least {minimum}, has {found}")]
    TooFew {
        /// The fewest allowed.
        minimum: usize,
        /// How many there are.
        found: usize,
    },
    /// An object with a single member that starts with `$` but is none of `$bytes`, `$tdate`, `$full-date`.
    #[error("unknown typed form")]
    TypedForm,
    /// Still defined, but on its way out.
    #[error("is {status}")]
    Outdated {
        /// The model's word: `legacy`, `superseded by .v2`.
        status: Box<str>,
    },
    /// `age_over_` is followed by something else than two digits.
    #[error("age_over_NN wants exactly two digits")]
    AgeOverName,
    /// An age attestation is not a boolean.
    #[error("an age attestation must be true or false")]
    AgeOverType,
    /// Over an age and not over a smaller one.
    #[error("says true while age_over_{smaller:02} says false")]
    AgesContradict {
        /// The smaller age.
        smaller: u8,
    },
    /// An age attestation that the birth date makes false on the first day of validity.
    #[error("does not agree with birth_date on the first day of validity")]
    AgeDisagreesWithBirthDate,
    /// The encoding could not be read back within the limits of a reader.
    #[error("nests too deeply or is too large for a reader")]
    Unreadable,
}

impl ClaimProblemKind {
    /// A stable name.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "claims-too-large",
            Self::NotJson { .. } => "claims-not-json",
            Self::NotAnObject { .. } => "claims-not-an-object",
            Self::Empty => "claims-empty",
            Self::UnknownDocType { .. } => "claim-unknown-doctype",
            Self::UnknownNameSpace { .. } => "claim-unknown-namespace",
            Self::UnknownElement { .. } => "claim-unknown-element",
            Self::UnknownField { .. } => "claim-unknown-field",
            Self::Duplicate => "claim-duplicate",
            Self::Missing => "claim-missing",
            Self::Null => "claim-null",
            Self::WrongType { .. } => "claim-wrong-type",
            Self::NotUnsigned => "claim-not-unsigned",
            Self::NotInEnumeration { .. } => "claim-not-in-enumeration",
            Self::Date { .. } => "claim-date",
            Self::Base64 => "claim-base64",
            Self::Pattern { .. } => "claim-pattern",
            Self::Format { .. } => "claim-format",
            Self::Charset { .. } => "claim-charset",
            Self::TooLong { .. } => "claim-too-long",
            Self::TooFew { .. } => "claim-too-few",
            Self::TypedForm => "claim-typed-form",
            Self::Outdated { .. } => "claim-outdated",
            Self::AgeOverName => "claim-age-over-name",
            Self::AgeOverType => "claim-age-over-type",
            Self::AgesContradict { .. } => "claim-ages-contradict",
            Self::AgeDisagreesWithBirthDate => "claim-age-disagrees-with-birth-date",
            Self::Unreadable => "claim-unreadable",
        }
    }

    /// The name that was probably meant.
    #[must_use]
    pub fn did_you_mean(&self) -> Option<&str> {
        match self {
            Self::UnknownDocType { did_you_mean, .. }
            | Self::UnknownNameSpace { did_you_mean }
            | Self::UnknownElement { did_you_mean }
            | Self::UnknownField { did_you_mean } => did_you_mean.as_deref(),
            _ => None,
        }
    }
}

fn hint(did_you_mean: &Option<Box<str>>) -> String {
    did_you_mean.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}
