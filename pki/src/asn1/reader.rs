//! A walk over the elements of a DER value: no copies, and every element keeps its own bytes.

use der::{
    Decode, EncodingRules, Reader, SliceReader, Tag, TagNumber,
    asn1::{AnyRef, ObjectIdentifier},
};

/// Why bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Asn1Error {
    /// The bytes end too early, a length is wrong or not minimal, or a tag is not DER.
    #[error("not DER")]
    Malformed,
    /// Another element stands where this one was expected.
    #[error("another element than the expected one")]
    UnexpectedTag,
    /// Bytes follow the end of the value.
    #[error("bytes after the end")]
    TrailingBytes,
    /// A primitive value (integer, boolean, bit string, string, object identifier) is not encoded as DER demands.
    #[error("a primitive value is not encoded as DER demands")]
    InvalidValue,
    /// A date or time that does not exist or is not in the form of RFC 5280 4.1.2.5.
    #[error("not a date and time of RFC 5280")]
    InvalidTime,
}

/// One element: its tag, its contents octets, and the whole encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: Tag,
    pub(crate) value: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    pub(crate) fn walk(&self) -> Result<Walk<'a>, Asn1Error> {
        Walk::new(self.value)
    }

    pub(crate) fn expect(self, tag: Tag) -> Result<Self, Asn1Error> {
        if self.tag == tag { Ok(self) } else { Err(Asn1Error::UnexpectedTag) }
    }

    pub(crate) fn oid(&self) -> Result<ObjectIdentifier, Asn1Error> {
        self.expect(Tag::ObjectIdentifier)?;
        ObjectIdentifier::from_bytes(self.value).map_err(|_| Asn1Error::InvalidValue)
    }

    /// DER: TRUE is 0xFF and nothing else (X.690 11.1).
    pub(crate) fn boolean(&self) -> Result<bool, Asn1Error> {
        self.expect(Tag::Boolean)?;
        match self.value {
            [0x00] => Ok(false),
            [0xFF] => Ok(true),
            _ => Err(Asn1Error::InvalidValue),
        }
    }

    /// Contents of a minimally encoded INTEGER, two's complement.
    pub(crate) fn integer(&self) -> Result<&'a [u8], Asn1Error> {
        self.expect(Tag::Integer)?;
        minimal_integer(self.value)
    }

    /// A small, not negative INTEGER.
    pub(crate) fn small_integer(&self) -> Result<u32, Asn1Error> {
        let bytes = self.integer()?;
        if bytes.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(Asn1Error::InvalidValue);
        }
        let digits = match bytes {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        if digits.len() > 4 {
            return Err(Asn1Error::InvalidValue);
        }
        Ok(digits.iter().fold(0, |sum, b| (sum << 8) | u32::from(*b)))
    }

    /// A BIT STRING: its octets and the number of unused bits, which are zero (X.690 11.2.1).
    pub(crate) fn bits(&self) -> Result<(&'a [u8], u8), Asn1Error> {
        self.expect(Tag::BitString)?;
        let (unused, octets) = self.value.split_first().ok_or(Asn1Error::InvalidValue)?;
        match (octets.last(), *unused) {
            (None, 0) => {}
            (Some(last), 0..=7) if last.trailing_zeros() >= u32::from(*unused) => {}
            _ => return Err(Asn1Error::InvalidValue),
        }
        Ok((octets, *unused))
    }

    /// A BIT STRING of whole octets, such as a key or a signature.
    pub(crate) fn whole_bits(&self) -> Result<&'a [u8], Asn1Error> {
        match self.bits()? {
            (octets, 0) => Ok(octets),
            _ => Err(Asn1Error::InvalidValue),
        }
    }

    /// The class and number of a context-specific tag, with or without the constructed bit.
    pub(crate) fn context(&self) -> Option<(u32, bool)> {
        match self.tag {
            Tag::ContextSpecific { constructed, number } => Some((number.value(), constructed)),
            _ => None,
        }
    }
}

pub(crate) fn minimal_integer(bytes: &[u8]) -> Result<&[u8], Asn1Error> {
    match bytes {
        [] => Err(Asn1Error::InvalidValue),
        [0x00, next, ..] if next & 0x80 == 0 => Err(Asn1Error::InvalidValue),
        [0xFF, next, ..] if next & 0x80 != 0 => Err(Asn1Error::InvalidValue),
        _ => Ok(bytes),
    }
}

/// The elements of a constructed value, one after the other.
#[derive(Clone)]
pub(crate) struct Walk<'a> {
    reader: SliceReader<'a>,
    input: &'a [u8],
}

impl<'a> Walk<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Result<Self, Asn1Error> {
        let reader =
            SliceReader::new_with_encoding_rules(input, EncodingRules::Der).map_err(|_| Asn1Error::Malformed)?;
        Ok(Self { reader, input })
    }

    /// The one element that `input` is, with nothing after it.
    pub(crate) fn only(input: &'a [u8], tag: Tag) -> Result<Tlv<'a>, Asn1Error> {
        let mut walk = Self::new(input)?;
        let tlv = walk.take(tag)?;
        walk.finish()?;
        Ok(tlv)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.reader.is_finished()
    }

    /// The next element, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        let start = self.offset()?;
        let any = AnyRef::decode(&mut self.reader).map_err(|_| Asn1Error::Malformed)?;
        let raw = self.input.get(start..self.offset()?).ok_or(Asn1Error::Malformed)?;
        Ok(Tlv { tag: der::Tagged::tag(&any), value: any.value(), raw })
    }

    /// The next element, which has this tag.
    pub(crate) fn take(&mut self, tag: Tag) -> Result<Tlv<'a>, Asn1Error> {
        if self.is_finished() {
            return Err(Asn1Error::Malformed);
        }
        self.next()?.expect(tag)
    }

    /// The next element if it has this tag.
    pub(crate) fn take_if(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, Asn1Error> {
        match self.peek() {
            Some(next) if next == tag => self.next().map(Some),
            _ => Ok(None),
        }
    }

    /// The next element if it has the context-specific tag `[number]`.
    pub(crate) fn take_context(&mut self, number: u32, constructed: bool) -> Result<Option<Tlv<'a>>, Asn1Error> {
        self.take_if(Tag::ContextSpecific { constructed, number: TagNumber(number) })
    }

    pub(crate) fn peek(&self) -> Option<Tag> {
        Tag::peek(&self.reader).ok()
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Asn1Error> {
        if self.is_finished() { Ok(()) } else { Err(Asn1Error::TrailingBytes) }
    }

    pub(crate) fn offset(&self) -> Result<usize, Asn1Error> {
        usize::try_from(u32::from(self.reader.position())).map_err(|_| Asn1Error::Malformed)
    }
}
