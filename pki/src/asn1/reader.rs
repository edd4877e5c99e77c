//! A walk over the elements of a DER value: no copies, and every element keeps its own bytes.

use der::{
    Decode, EncodingRules, Reader, SliceReader,
    asn1::{AnyRef, ObjectIdentifier},
};

use super::tag;
use crate::oid;

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

/// One element: its identifier octet (the first one, when there are several), its contents octets, and the whole encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    pub(crate) fn walk(&self) -> Result<Walk<'a>, Asn1Error> {
        Walk::new(self.value)
    }

    pub(crate) fn expect(self, tag: u8) -> Result<Self, Asn1Error> {
        if self.tag == tag { Ok(self) } else { Err(Asn1Error::UnexpectedTag) }
    }

    pub(crate) fn oid(&self) -> Result<ObjectIdentifier, Asn1Error> {
        self.expect(tag::OID)?;
        oid::from_contents(self.value)
    }

    /// Fails as [`Self::oid`] does, and is cheaper for the types of most attributes of names: arcs below 128 under 2.5.4.
    pub(crate) fn check_oid(&self) -> Result<(), Asn1Error> {
        match (self.tag, self.value) {
            (tag::OID, [0x55, 0x04, 0..=0x7F]) => Ok(()),
            _ => self.oid().map(drop),
        }
    }

    /// DER: TRUE is 0xFF and nothing else (X.690 11.1).
    pub(crate) fn boolean(&self) -> Result<bool, Asn1Error> {
        self.expect(tag::BOOLEAN)?;
        match self.value {
            [0x00] => Ok(false),
            [0xFF] => Ok(true),
            _ => Err(Asn1Error::InvalidValue),
        }
    }

    /// Contents of a minimally encoded INTEGER, two's complement.
    pub(crate) fn integer(&self) -> Result<&'a [u8], Asn1Error> {
        self.expect(tag::INTEGER)?;
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
        self.expect(tag::BIT_STRING)?;
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

    /// The number of a context-specific tag, and whether the value is constructed.
    pub(crate) fn context(&self) -> Option<(u8, bool)> {
        (self.tag & 0xC0 == 0x80).then_some((self.tag & 0x1F, self.tag & 0x20 != 0))
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
#[derive(Clone, Default)]
pub(crate) struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Result<Self, Asn1Error> {
        // The range of `der::Length`, so that both readers have one limit.
        if input.len() >= 1 << 28 {
            return Err(Asn1Error::Malformed);
        }
        Ok(Self { rest: input })
    }

    /// The one element that `input` is, with nothing after it.
    pub(crate) fn only(input: &'a [u8], tag: u8) -> Result<Tlv<'a>, Asn1Error> {
        let mut walk = Self::new(input)?;
        let tlv = walk.take(tag)?;
        walk.finish()?;
        Ok(tlv)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, whatever it is.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        let (tag, after_tag) = self.rest.split_first().ok_or(Asn1Error::Malformed)?;
        if !is_plain(*tag) {
            return self.next_with_other_tag(*tag);
        }
        let (length, after_length) = length(after_tag)?;
        let head = self.rest.len() - after_length.len();
        let (raw, rest) = self.rest.split_at_checked(head.saturating_add(length)).ok_or(Asn1Error::Malformed)?;
        self.rest = rest;
        Ok(Tlv { tag: *tag, value: raw.get(head..).unwrap_or_default(), raw })
    }

    #[cold]
    fn next_with_other_tag(&mut self, tag: u8) -> Result<Tlv<'a>, Asn1Error> {
        let mut reader =
            SliceReader::new_with_encoding_rules(self.rest, EncodingRules::Der).map_err(|_| Asn1Error::Malformed)?;
        let any = AnyRef::decode(&mut reader).map_err(|_| Asn1Error::Malformed)?;
        let whole = usize::try_from(u32::from(reader.position())).map_err(|_| Asn1Error::Malformed)?;
        let (raw, rest) = self.rest.split_at_checked(whole).ok_or(Asn1Error::Malformed)?;
        self.rest = rest;
        Ok(Tlv { tag, value: any.value(), raw })
    }

    /// The next element, which has this tag of one octet.
    #[inline]
    pub(crate) fn take(&mut self, tag: u8) -> Result<Tlv<'a>, Asn1Error> {
        // Nearly every element: the tag, a length of one octet, and so many octets.
        if let [found, length @ 0..0x80, after @ ..] = self.rest
            && *found == tag
            && let Some((value, rest)) = after.split_at_checked(usize::from(*length))
            && let Some((raw, _)) = self.rest.split_at_checked(2 + value.len())
        {
            self.rest = rest;
            return Ok(Tlv { tag, value, raw });
        }
        self.take_long(tag)
    }

    fn take_long(&mut self, tag: u8) -> Result<Tlv<'a>, Asn1Error> {
        // Told before the element is read, so that what was read is handed on as it is.
        let is_expected = self.peek() == Some(tag);
        let next = self.next();
        if is_expected || next.is_err() { next } else { Err(Asn1Error::UnexpectedTag) }
    }

    /// The next element if it has this tag.
    pub(crate) fn take_if(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Asn1Error> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// The identifier octet of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Asn1Error> {
        if self.is_finished() { Ok(()) } else { Err(Asn1Error::TrailingBytes) }
    }

    /// What was not read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Whether an identifier octet is of a tag that is read here; any other form is judged by `der`.
#[inline]
fn is_plain(octet: u8) -> bool {
    const CONTEXT: u8 = 0x80;
    match octet {
        tag::BOOLEAN..=tag::OID | tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING => true,
        tag::UTC_TIME | tag::GENERALIZED_TIME | tag::SEQUENCE | tag::SET => true,
        CONTEXT..=0xBF => octet & 0x1F != 0x1F,
        _ => false,
    }
}

/// How long a SEQUENCE is, head included, by its first octets; `None` when those are not of one.
pub(crate) fn announced_length(octets: &[u8]) -> Option<usize> {
    let after_tag = octets.strip_prefix(&[tag::SEQUENCE])?;
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
