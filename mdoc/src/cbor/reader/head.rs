//! Heads: what stands before every item (RFC 8949, section 3).

use super::Reader;
use crate::Deviation;
use crate::cbor::{DecodeError, DecodeErrorKind, Type};

/// A head: major type, additional information, argument.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) major: u8,
    pub(super) info: u8,
    pub(super) argument: u64,
}

pub(super) const INDEFINITE: u8 = 31;

impl Reader<'_> {
    /// The type of the next item.
    ///
    /// # Errors
    /// At the end of the input.
    pub fn peek_type(&self) -> Result<Type, DecodeError> {
        let byte = self.peek_byte()?;
        Ok(match (byte >> 5, byte & 0x1f) {
            (0, _) => Type::Unsigned,
            (1, _) => Type::Negative,
            (2, _) => Type::Bytes,
            (3, _) => Type::Text,
            (4, _) => Type::Array,
            (5, _) => Type::Map,
            (6, _) => Type::Tag,
            (_, 20 | 21) => Type::Bool,
            (_, 22) => Type::Null,
            (_, 23) => Type::Undefined,
            (_, 25..=27) => Type::Float,
            (_, INDEFINITE) => Type::Break,
            _ => Type::Simple,
        })
    }

    #[inline(always)]
    pub(super) fn peek_byte(&self) -> Result<u8, DecodeError> {
        match self.input.get(self.position) {
            Some(byte) => Ok(*byte),
            None => Err(self.ends_early()),
        }
    }

    #[inline(always)]
    pub(super) fn head_of(&mut self, major: u8, expected: &'static str) -> Result<Head, DecodeError> {
        if self.peek_byte()? >> 5 != major {
            return Err(self.unexpected(expected));
        }
        self.head()
    }

    #[inline(always)]
    pub(super) fn head(&mut self) -> Result<Head, DecodeError> {
        let byte = self.peek_byte()?;
        self.count_item()?;
        let (major, info) = (byte >> 5, byte & 0x1f);
        if info < 24 {
            self.position += 1;
            return Ok(Head { major, info, argument: u64::from(info) });
        }
        // Tag 24, and the length of most strings that are longer than 23 bytes.
        if info == 24
            && major != 7
            && let Some(argument @ 24..) = self.input.get(self.position + 1).copied()
        {
            self.position += 2;
            return Ok(Head { major, info, argument: u64::from(argument) });
        }
        self.long_head(byte, major, info)
    }

    fn long_head(&mut self, byte: u8, major: u8, info: u8) -> Result<Head, DecodeError> {
        let rest = self.input.get(self.position + 1..).unwrap_or_default();
        let (argument, width, minimum) = match info {
            24 => (rest.first().map(|byte| u64::from(*byte)), 1, 24),
            25 => (rest.first_chunk().map(|bytes| u64::from(u16::from_be_bytes(*bytes))), 2, 1 << 8),
            26 => (rest.first_chunk().map(|bytes| u64::from(u32::from_be_bytes(*bytes))), 4, 1 << 16),
            27 => (rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)), 8, 1 << 32),
            INDEFINITE if (2..=5).contains(&major) => {
                self.deviations.insert(Deviation::IndefiniteLength);
                self.position += 1;
                return Ok(Head { major, info, argument: 0 });
            }
            _ => return Err(self.error(DecodeErrorKind::ReservedHead { byte })),
        };
        let Some(argument) = argument else { return Err(self.ends_early()) };
        if major == 7 {
            if info == 24 && argument < 32 {
                return Err(self.error(DecodeErrorKind::ReservedHead { byte }));
            }
        } else if argument < minimum {
            self.deviations.insert(Deviation::LongHead);
        }
        self.position += 1 + width;
        Ok(Head { major, info, argument })
    }

    /// True while another element follows; reads the break of an indefinite length.
    #[inline]
    pub(super) fn has_next(&mut self, head: Head, count: usize) -> Result<bool, DecodeError> {
        if head.info != INDEFINITE {
            return Ok(u64::try_from(count).is_ok_and(|count| count < head.argument));
        }
        if self.peek_byte()? == 0xff {
            self.position += 1;
            return Ok(false);
        }
        Ok(true)
    }

    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str) -> DecodeError {
        match self.peek_type() {
            Ok(found) => self.error(DecodeErrorKind::UnexpectedType { expected, found }),
            Err(error) => error,
        }
    }
}
