//! Reading and writing what is kept: small pieces, each in one encoding.
//!
//! Times are whole seconds since 1970, digests byte strings, a value that may be absent is null, an enumeration is an array
//! that begins with its number. Everything is deterministic (RFC 8949 4.2.1), so that equal states are equal bytes.

mod anchor;
mod vical;

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Reader};
use tegata_pki::{Certificate, CrlNumber};
use time::{Duration, UtcDateTime};

use crate::KeyDigest;

/// A piece of what is kept.
pub(crate) trait Stored: Sized {
    /// Appends it.
    fn write(&self, encoder: &mut Encoder);

    /// Reads it.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// A value that is not one of the field's.
pub(crate) fn invalid(at: usize, field: &'static str) -> DecodeError {
    DecodeError::new(DecodeErrorKind::InvalidValue { field }, at)
}

/// Reads an array of exactly `N` elements, each by its own function.
pub(crate) fn fields(
    reader: &mut Reader<'_>,
    count: usize,
    each: impl FnMut(&mut Reader<'_>, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    reader.array_of(count, each)
}

/// A field that was read.
pub(crate) fn taken<T>(reader: &Reader<'_>, value: Option<T>, field: &'static str) -> Result<T, DecodeError> {
    value.ok_or_else(|| invalid(reader.offset(), field))
}

/// Reads the elements of an array in order.
macro_rules! read_fields {
    ($reader:ident, $($name:ident),+ $(,)?) => {
        $(let mut $name = None;)+
        let names = [$(stringify!($name)),+];
        crate::codec::fields($reader, names.len(), |reader, index| {
            let mut position = 0;
            $(
                if index == position {
                    $name = Some(crate::codec::Stored::read(reader)?);
                }
                position += 1;
            )+
            _ = position;
            Ok(())
        })?;
        $(let $name = crate::codec::taken($reader, $name, stringify!($name))?;)+
    };
}
pub(crate) use read_fields;

impl Stored for u64 {
    fn write(&self, encoder: &mut Encoder) {
        encoder.unsigned(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.unsigned()
    }
}

impl Stored for u32 {
    fn write(&self, encoder: &mut Encoder) {
        encoder.unsigned(u64::from(*self));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        Self::try_from(reader.unsigned()?).map_err(|_| invalid(at, "number"))
    }
}

impl Stored for String {
    fn write(&self, encoder: &mut Encoder) {
        encoder.text(self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.text().map(str::to_owned)
    }
}

/// A byte string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Stored for Bytes {
    fn write(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.bytes().map(|bytes| Self(bytes.to_vec()))
    }
}

impl Stored for UtcDateTime {
    fn write(&self, encoder: &mut Encoder) {
        encoder.integer(self.unix_timestamp());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        Self::from_unix_timestamp(reader.integer()?).map_err(|_| invalid(at, "time"))
    }
}

impl Stored for Duration {
    fn write(&self, encoder: &mut Encoder) {
        encoder.integer(self.whole_seconds());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.integer().map(Self::seconds)
    }
}

impl Stored for KeyDigest {
    fn write(&self, encoder: &mut Encoder) {
        encoder.bytes(self.as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        reader.bytes()?.try_into().map(Self::from_bytes).map_err(|_| invalid(at, "digest"))
    }
}

impl Stored for CrlNumber {
    fn write(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.to_be_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let octets = reader.bytes()?;
        let number = if octets.len() == 20 { Self::from_be_bytes(octets) } else { None };
        number.ok_or_else(|| invalid(at, "CRL number"))
    }
}

impl Stored for Certificate {
    fn write(&self, encoder: &mut Encoder) {
        encoder.bytes(self.der());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        Self::from_der(reader.bytes()?).map_err(|_| invalid(at, "certificate"))
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, encoder: &mut Encoder) {
        match self {
            Some(value) => value.write(encoder),
            None => _ = encoder.null(),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.take_null()? { Ok(None) } else { T::read(reader).map(Some) }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(self.len());
        self.iter().for_each(|element| element.write(encoder));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        reader.array(|reader, _| {
            list.push(T::read(reader)?);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(2);
        self.0.write(encoder);
        self.1.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, first, second);
        Ok((first, second))
    }
}
