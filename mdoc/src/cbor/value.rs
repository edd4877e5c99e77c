//! A decoded view of any item, borrowed where the encoding allows it.

use std::borrow::Cow;

use super::{Decode, DecodeError, DecodeErrorKind, Encoder, Reader, Type};

/// Any CBOR item. Strings borrow from the input unless they came in chunks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A non-negative integer.
    Unsigned(u64),
    /// The integer `-1 - n`.
    Negative(u64),
    /// A byte string.
    Bytes(Cow<'a, [u8]>),
    /// A text string.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// A map, in the order of the encoding.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// A tagged item.
    Tag(u64, Box<Value<'a>>),
    /// A boolean.
    Bool(bool),
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// A floating-point number.
    Float(f64),
    /// Any other simple value.
    Simple(u8),
}

impl<'a> Value<'a> {
    /// A text string.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A byte string.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// The text, where it is a text string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value without borrows.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Unsigned(value) => Value::Unsigned(value),
            Self::Negative(value) => Value::Negative(value),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Self::Map(pairs) => {
                Value::Map(pairs.into_iter().map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
            }
            Self::Tag(number, item) => Value::Tag(number, Box::new(item.into_owned())),
            Self::Bool(value) => Value::Bool(value),
            Self::Null => Value::Null,
            Self::Undefined => Value::Undefined,
            Self::Float(value) => Value::Float(value),
            Self::Simple(value) => Value::Simple(value),
        }
    }

    /// The deterministic encoding (RFC 8949 4.2.1): shortest heads, sorted map keys.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        self.encode(&mut encoder);
        encoder.into_bytes()
    }

    /// Appends the deterministic encoding.
    pub fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::Unsigned(value) => _ = encoder.unsigned(*value),
            Self::Negative(n) => _ = encoder.negative(*n),
            Self::Bytes(bytes) => _ = encoder.bytes(bytes),
            Self::Text(text) => _ = encoder.text(text),
            Self::Array(items) => {
                encoder.array(items.len());
                for item in items {
                    item.encode(encoder);
                }
            }
            Self::Map(pairs) => {
                encoder.sorted_map(|map| {
                    for (key, value) in pairs {
                        map.pair(|encoder| key.encode(encoder), |encoder| value.encode(encoder));
                    }
                });
            }
            Self::Tag(number, item) => {
                encoder.tag(*number);
                item.encode(encoder);
            }
            Self::Bool(value) => _ = encoder.boolean(*value),
            Self::Null => _ = encoder.null(),
            Self::Undefined => _ = encoder.undefined(),
            Self::Float(value) => _ = encoder.float(*value),
            Self::Simple(value) => _ = encoder.simple(*value),
        }
    }
}

impl<'a> Decode<'a> for Value<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match reader.peek_type()? {
            Type::Unsigned => Self::Unsigned(reader.unsigned()?),
            Type::Negative => Self::Negative(reader.negative()?),
            Type::Bytes => Self::Bytes(joined(reader, 2)?),
            Type::Text => match joined(reader, 3)? {
                Cow::Borrowed(bytes) => Self::Text(Cow::Borrowed(utf8(reader, bytes)?)),
                Cow::Owned(bytes) => Self::Text(Cow::Owned(utf8(reader, &bytes)?.to_owned())),
            },
            Type::Array => {
                let mut items = Vec::new();
                reader.array(|reader, _| {
                    items.push(Self::decode(reader)?);
                    Ok(())
                })?;
                Self::Array(items)
            }
            Type::Map => {
                let mut pairs = Vec::new();
                reader.map(|reader, key| {
                    let key = match key {
                        super::Key::Unsigned(value) => Self::Unsigned(value),
                        super::Key::Negative(value) => Self::Negative(value),
                        super::Key::Bytes(bytes) => Self::Bytes(Cow::Borrowed(bytes)),
                        super::Key::Text(text) => Self::Text(Cow::Borrowed(text)),
                        super::Key::Other(item) => reader.embedded(item)?,
                    };
                    pairs.push((key, Self::decode(reader)?));
                    Ok(())
                })?;
                Self::Map(pairs)
            }
            Type::Tag => {
                let number = reader.tag()?;
                Self::Tag(number, Box::new(reader.tagged(Self::decode)?))
            }
            Type::Bool => Self::Bool(reader.boolean()?),
            Type::Null => {
                reader.take_null()?;
                Self::Null
            }
            Type::Undefined => {
                reader.skip()?;
                Self::Undefined
            }
            Type::Float => Self::Float(reader.number()?.unwrap_or_default()),
            Type::Simple => Self::Simple(reader.simple()?),
            Type::Break => return Err(reader.error(DecodeErrorKind::ReservedHead { byte: 0xff })),
        })
    }
}

fn joined<'a>(reader: &mut Reader<'a>, major: u8) -> Result<Cow<'a, [u8]>, DecodeError> {
    let mut joined: Option<Cow<'a, [u8]>> = None;
    reader.chunks(major, |chunk| {
        match &mut joined {
            None => joined = Some(Cow::Borrowed(chunk)),
            Some(all) => all.to_mut().extend_from_slice(chunk),
        }
        Ok(())
    })?;
    Ok(joined.unwrap_or_default())
}

fn utf8<'b>(reader: &Reader<'_>, bytes: &'b [u8]) -> Result<&'b str, DecodeError> {
    core::str::from_utf8(bytes).map_err(|_| reader.error(DecodeErrorKind::InvalidUtf8))
}
