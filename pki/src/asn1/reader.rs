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
///
/// Identifier and length octets are read here and not by `der::AnyRef`: a verification walks some two hundred elements,
/// and the general reader takes ten times the instructions. Tags beyond one octet, which no certificate or CRL has, are
/// left to `der`.
#[derive(Clone)]
pub(crate) struct Walk<'a> {
    input: &'a [u8],
    position: usize,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Result<Self, Asn1Error> {
        // The range of `der::Length`, so that both readers have one limit.
        if input.len() >= 1 << 28 {
            return Err(Asn1Error::Malformed);
        }
        Ok(Self { input, position: 0 })
    }

    /// The one element that `input` is, with nothing after it.
    pub(crate) fn only(input: &'a [u8], tag: Tag) -> Result<Tlv<'a>, Asn1Error> {
        let mut walk = Self::new(input)?;
        let tlv = walk.take(tag)?;
        walk.finish()?;
        Ok(tlv)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.position >= self.input.len()
    }

    /// The next element, whatever it is.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        let rest = self.input.get(self.position..).unwrap_or_default();
        let (octet, after_tag) = rest.split_first().ok_or(Asn1Error::Malformed)?;
        let Some(tag) = short_tag(*octet) else { return self.next_with_long_tag(rest) };
        let (length, after_length) = length(after_tag)?;
        let (value, after_value) = after_length.split_at_checked(length).ok_or(Asn1Error::Malformed)?;
        let whole = rest.len() - after_value.len();
        self.position += whole;
        Ok(Tlv { tag, value, raw: rest.get(..whole).unwrap_or_default() })
    }

    #[cold]
    fn next_with_long_tag(&mut self, rest: &'a [u8]) -> Result<Tlv<'a>, Asn1Error> {
        let mut reader =
            SliceReader::new_with_encoding_rules(rest, EncodingRules::Der).map_err(|_| Asn1Error::Malformed)?;
        let any = AnyRef::decode(&mut reader).map_err(|_| Asn1Error::Malformed)?;
        let whole = usize::try_from(u32::from(reader.position())).map_err(|_| Asn1Error::Malformed)?;
        self.position += whole;
        Ok(Tlv { tag: der::Tagged::tag(&any), value: any.value(), raw: rest.get(..whole).unwrap_or_default() })
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
        let rest = self.input.get(self.position..)?;
        short_tag(*rest.first()?).or_else(|| Tag::peek(&SliceReader::new(rest).ok()?).ok())
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Asn1Error> {
        if self.is_finished() { Ok(()) } else { Err(Asn1Error::TrailingBytes) }
    }

    pub(crate) fn offset(&self) -> Result<usize, Asn1Error> {
        Ok(self.position)
    }
}

/// The tag of one identifier octet; `None` for any other form, which `der` judges.
#[inline(always)]
fn short_tag(octet: u8) -> Option<Tag> {
    Some(match octet {
        0x01 => Tag::Boolean,
        0x02 => Tag::Integer,
        0x03 => Tag::BitString,
        0x04 => Tag::OctetString,
        0x05 => Tag::Null,
        0x06 => Tag::ObjectIdentifier,
        0x0C => Tag::Utf8String,
        0x13 => Tag::PrintableString,
        0x16 => Tag::Ia5String,
        0x17 => Tag::UtcTime,
        0x18 => Tag::GeneralizedTime,
        0x30 => Tag::Sequence,
        0x31 => Tag::Set,
        0x80..=0xBF if octet & 0x1F != 0x1F => {
            Tag::ContextSpecific { constructed: octet & 0x20 != 0, number: TagNumber(u32::from(octet & 0x1F)) }
        }
        _ => return None,
    })
}

/// How long a SEQUENCE is, head included, by its first octets; `None` when those are not of one.
pub(crate) fn announced_length(octets: &[u8]) -> Option<usize> {
    let after_tag = octets.strip_prefix(&[0x30])?;
    let (length, rest) = length(after_tag).ok()?;
    length.checked_add(octets.len() - rest.len())
}

/// A definite length in its shortest form (X.690 10.1), and what follows it.
#[inline(always)]
fn length(octets: &[u8]) -> Result<(usize, &[u8]), Asn1Error> {
    let (first, rest) = octets.split_first().ok_or(Asn1Error::Malformed)?;
    if *first < 0x80 {
        return Ok((usize::from(*first), rest));
    }
    long_length(*first, rest)
}

/// A length in more than one octet, of which the first is `first`.
fn long_length(first: u8, rest: &[u8]) -> Result<(usize, &[u8]), Asn1Error> {
    let count = usize::from(first & 0x7F);
    if count == 0 || count > 4 {
        return Err(Asn1Error::Malformed);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(Asn1Error::Malformed)?;
    let length = digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
    let is_shortest = length >= 0x80 && digits.first() != Some(&0);
    if is_shortest { Ok((length, rest)) } else { Err(Asn1Error::Malformed) }
}
