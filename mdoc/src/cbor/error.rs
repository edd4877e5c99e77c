//! What can be wrong with received CBOR, as facts.

use core::fmt;

use super::Type;

/// Why a byte string could not be read as the expected structure, where, and in which field.
///
/// One word wide, because every step of a reader returns one of these or a small value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Facts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    kind: DecodeErrorKind,
    offset: usize,
    path: Vec<&'static str>,
}

impl DecodeError {
    /// An error found at `offset` bytes from the start of the input.
    #[must_use]
    #[cold]
    pub fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self(Box::new(Facts { kind, offset, path: Vec::new() }))
    }

    /// Names the field that was being read; called from the inside out.
    #[must_use]
    pub fn within(mut self, field: &'static str) -> Self {
        self.0.path.push(field);
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Distance in bytes from the start of the input to the item at fault.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The field path, outermost first, for example `["issuerSigned", "issuerAuth"]`.
    pub fn path(&self) -> impl Iterator<Item = &'static str> {
        self.0.path.iter().rev().copied()
    }

    /// Stable id of the kind.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.0.kind.id()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind(), self.offset())?;
        for (index, field) in self.path().enumerate() {
            write!(f, "{}{field}", if index == 0 { " in " } else { "." })?;
        }
        Ok(())
    }
}

impl core::error::Error for DecodeError {}

/// The kinds of [`DecodeError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside an item.
    #[error("the input ends inside an item")]
    UnexpectedEnd,
    /// Bytes follow the item that should be the whole input.
    #[error("{count} bytes follow the end of the item")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// Another type stands where a certain one is required.
    #[error("expected {expected}, found {found}")]
    UnexpectedType {
        /// What the structure asks for.
        expected: &'static str,
        /// What stands there.
        found: Type,
    },
    /// Another tag number stands where a certain one is required.
    #[error("expected tag {expected}, found tag {found}")]
    UnexpectedTag {
        /// The tag the structure asks for.
        expected: u64,
        /// The tag that stands there.
        found: u64,
    },
    /// A map holds one key twice (RFC 8949 5.6; ISO/IEC 18013-5 8.3).
    #[error("a map holds the same key twice")]
    DuplicateKey,
    /// A mandatory key is absent.
    #[error("mandatory key {key:?} is missing")]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// An array has another number of elements than the structure asks for.
    #[error("expected an array of {expected} elements, found {found}")]
    WrongArrayLength {
        /// The number asked for.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// A map or array that must hold something is empty.
    #[error("a collection that must not be empty is empty")]
    Empty,
    /// A text string is not UTF-8.
    #[error("a text string is not UTF-8")]
    InvalidUtf8,
    /// A head uses a reserved additional information value (28 to 30), or a break stands outside an indefinite length.
    #[error("reserved or misplaced initial byte {byte:#04x}")]
    ReservedHead {
        /// The byte.
        byte: u8,
    },
    /// A byte or text string of indefinite length stands where its bytes must be contiguous.
    #[error("a string of indefinite length stands where its bytes must be contiguous")]
    IndefiniteString,
    /// An integer does not fit the field.
    #[error("an integer is out of range")]
    IntegerOutOfRange,
    /// A date is not what RFC 3339 allows.
    #[error("a date is not RFC 3339")]
    InvalidDate,
    /// A value is not one of those the structure allows.
    #[error("{field} holds a value that is not allowed")]
    InvalidValue {
        /// The field.
        field: &'static str,
    },
    /// The input is longer than [`super::Limits::bytes`].
    #[error("the input of {found} bytes exceeds the limit of {limit}")]
    TooManyBytes {
        /// The limit.
        limit: usize,
        /// The length of the input.
        found: usize,
    },
    /// Items are nested deeper than [`super::Limits::depth`].
    #[error("items are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: u16,
    },
    /// There are more items than [`super::Limits::items`].
    #[error("the input holds more than {limit} items")]
    TooManyItems {
        /// The limit.
        limit: u32,
    },
}

impl DecodeErrorKind {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnexpectedEnd => "cbor-unexpected-end",
            Self::TrailingBytes { .. } => "cbor-trailing-bytes",
            Self::UnexpectedType { .. } => "cbor-unexpected-type",
            Self::UnexpectedTag { .. } => "cbor-unexpected-tag",
            Self::DuplicateKey => "cbor-duplicate-key",
            Self::MissingKey { .. } => "cbor-missing-key",
            Self::WrongArrayLength { .. } => "cbor-wrong-array-length",
            Self::Empty => "cbor-empty",
            Self::InvalidUtf8 => "cbor-invalid-utf8",
            Self::ReservedHead { .. } => "cbor-reserved-head",
            Self::IndefiniteString => "cbor-indefinite-string",
            Self::IntegerOutOfRange => "cbor-integer-out-of-range",
            Self::InvalidDate => "cbor-invalid-date",
            Self::InvalidValue { .. } => "cbor-invalid-value",
            Self::TooManyBytes { .. } => "cbor-too-many-bytes",
            Self::TooDeep { .. } => "cbor-too-deep",
            Self::TooManyItems { .. } => "cbor-too-many-items",
        }
    }
}
