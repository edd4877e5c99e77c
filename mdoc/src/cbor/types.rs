//! The type of an item as its initial byte tells it.

use core::fmt;

/// The CBOR type of an item, named as in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// Major type 0.
    Unsigned,
    /// Major type 1.
    Negative,
    /// Major type 2.
    Bytes,
    /// Major type 3.
    Text,
    /// Major type 4.
    Array,
    /// Major type 5.
    Map,
    /// Major type 6.
    Tag,
    /// Simple values 20 and 21.
    Bool,
    /// Simple value 22.
    Null,
    /// Simple value 23.
    Undefined,
    /// Floating point.
    Float,
    /// Any other simple value.
    Simple,
    /// The stop code of an indefinite length.
    Break,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "an unsigned integer",
            Self::Negative => "a negative integer",
            Self::Bytes => "a byte string",
            Self::Text => "a text string",
            Self::Array => "an array",
            Self::Map => "a map",
            Self::Tag => "a tag",
            Self::Bool => "a boolean",
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Float => "a floating-point number",
            Self::Simple => "a simple value",
            Self::Break => "a break",
        })
    }
}
