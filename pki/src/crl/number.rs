//! CRL numbers.

use core::fmt;

use crate::asn1::{Asn1Error, DerWriter, Walk, tag};

/// A CRL number: not negative, at most 20 octets (RFC 5280 5.2.3). It rises from list to list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CrlNumber([u8; 20]);

impl CrlNumber {
    /// From big-endian octets; `None` if the number needs more than 20.
    #[must_use]
    pub fn from_be_bytes(octets: &[u8]) -> Option<Self> {
        let zeros = octets.iter().take_while(|b| **b == 0).count();
        let digits = octets.get(zeros..)?;
        let mut bytes = [0; 20];
        let start = bytes.len().checked_sub(digits.len())?;
        bytes.get_mut(start..)?.copy_from_slice(digits);
        Some(Self(bytes))
    }

    /// All 20 octets, big-endian.
    #[must_use]
    pub fn to_be_bytes(self) -> [u8; 20] {
        self.0
    }

    /// The next number; `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let mut bytes = self.0;
        for byte in bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return Some(Self(bytes));
            }
        }
        None
    }

    pub(super) fn parse(value: &[u8]) -> Result<Self, Asn1Error> {
        let contents = Walk::only(value, tag::INTEGER)?.integer()?;
        if contents.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(Asn1Error::InvalidValue);
        }
        Self::from_be_bytes(contents).ok_or(Asn1Error::InvalidValue)
    }

    pub(super) fn to_der(self) -> Vec<u8> {
        let mut writer = DerWriter::new();
        writer.unsigned(&self.0);
        writer.finish()
    }
}

impl From<u64> for CrlNumber {
    fn from(number: u64) -> Self {
        let mut bytes = [0; 20];
        bytes.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(slot, b)| *slot = b);
        Self(bytes)
    }
}

/// Decimal up to 128 bits, hexadecimal above.
impl fmt::Display for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (high, low) = self.0.split_at(4);
        match <[u8; 16]>::try_from(low) {
            Ok(low) if high.iter().all(|b| *b == 0) => write!(f, "{}", u128::from_be_bytes(low)),
            _ => {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl fmt::Debug for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CrlNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_next_and_text() {
        let number = CrlNumber::from(255);
        assert_eq!(number.next(), Some(CrlNumber::from(256)));
        assert!(number < CrlNumber::from(256));
        assert_eq!(number.to_string(), "255");
        assert_eq!(CrlNumber([0xFF; 20]).next(), None);
        assert_eq!(CrlNumber::parse(&number.to_der()), Ok(number));
        assert_eq!(CrlNumber::parse(&CrlNumber::default().to_der()), Ok(CrlNumber::default()));
        assert!(CrlNumber::from_be_bytes(&[1; 21]).is_none());
        assert!(CrlNumber::parse(&[2, 1, 0x80]).is_err());
    }
}
