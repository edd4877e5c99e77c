//! Percent-encoding of RFC 3986 2.1 with the character sets of RFC 7512 2.3 and 2.4.

use std::fmt;

/// Writes bytes percent-encoded.
pub(super) struct Encoded<'a> {
    bytes: &'a [u8],
    plain: fn(u8) -> bool,
}

impl<'a> Encoded<'a> {
    pub(super) const fn path(bytes: &'a [u8]) -> Self {
        Self { bytes, plain: is_unreserved }
    }

    pub(super) const fn query(bytes: &'a [u8]) -> Self {
        Self { bytes, plain: |byte| is_unreserved(byte) || matches!(byte, b'/' | b':') }
    }

    /// RFC 7512 2.3 recommends this for `id`.
    pub(super) const fn every_byte(bytes: &'a [u8]) -> Self {
        Self { bytes, plain: |_| false }
    }
}

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.bytes {
            if (self.plain)(byte) {
                write!(formatter, "{}", char::from(byte))?;
            } else {
                write!(formatter, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// `pk11-pchar` (RFC 7512 2.3): what may stand unencoded in a path attribute.
pub(super) fn is_path_character(byte: u8) -> bool {
    is_unreserved(byte) || b":[]@!$'()*+,=&".contains(&byte)
}

/// `pk11-qchar` (RFC 7512 2.3): what may stand unencoded in a query attribute.
pub(super) fn is_query_character(byte: u8) -> bool {
    is_unreserved(byte) || b":[]@!$'()*+,=/?|".contains(&byte)
}

/// Decodes `text`; the error is the offset of what is neither allowed nor a `%XX` sequence.
pub(super) fn decode(text: &str, allowed: fn(u8) -> bool) -> Result<Vec<u8>, usize> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let offset = text.len() - rest.len();
        if byte == b'%' {
            let (digits, tail) = tail.split_first_chunk::<2>().ok_or(offset)?;
            decoded.push(hex(*digits).ok_or(offset)?);
            rest = tail;
        } else if allowed(byte) {
            decoded.push(byte);
            rest = tail;
        } else {
            return Err(offset);
        }
    }
    Ok(decoded)
}

fn hex(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
