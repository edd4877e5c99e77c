//! The uncompressed array.

use super::{Bits, StatusValue};

/// The plain array of a status list: `ceil(n * bits / 8)` bytes, entries packed from the least significant bit of each
/// byte upwards (draft-ietf-oauth-status-list 4.1).
///
/// A publisher fills one and compresses it ([`super::StatusList::compress`]); a verifier that looks up many entries of
/// one list expands it once ([`super::StatusList::expand`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusArray {
    bits: Bits,
    bytes: Vec<u8>,
}

/// Why an entry cannot be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// The array has no such entry: it says nothing about it.
    #[error("index {index} is outside the {entries} entries of the list")]
    IndexOutOfRange {
        /// The index asked for.
        index: u64,
        /// How many entries there are.
        entries: u64,
    },
    /// The value needs more bits than an entry has.
    #[error("value {value} does not fit {} bit(s)", bits.number())]
    ValueTooLarge {
        /// The value.
        value: u8,
        /// The width of an entry.
        bits: Bits,
    },
}

impl ArrayError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::IndexOutOfRange { .. } => "status-index-out-of-range",
            Self::ValueTooLarge { .. } => "status-value-too-large",
        }
    }
}

impl StatusArray {
    /// An array of at least `entries` entries, all [`StatusValue::Valid`]; the last byte is filled up.
    #[must_use]
    pub fn new(bits: Bits, entries: usize) -> Self {
        let bytes = entries.div_ceil(usize::from(bits.per_byte()));
        Self { bits, bytes: vec![0; bytes] }
    }

    /// An array as packed already.
    #[must_use]
    pub fn from_bytes(bits: Bits, bytes: Vec<u8>) -> Self {
        Self { bits, bytes }
    }

    /// An array of the given values, in order.
    ///
    /// # Errors
    /// [`ArrayError::ValueTooLarge`].
    pub fn from_values(bits: Bits, values: impl IntoIterator<Item = StatusValue>) -> Result<Self, ArrayError> {
        let mut array = Self { bits, bytes: Vec::new() };
        let mut shift = 8;
        for value in values {
            if shift == 8 {
                array.bytes.push(0);
                shift = 0;
            }
            let number = array.fitting(value)?;
            if let Some(byte) = array.bytes.last_mut() {
                *byte |= number << shift;
            }
            shift += u32::from(bits.number());
        }
        Ok(array)
    }

    /// The width of an entry.
    #[must_use]
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// The packed bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many entries there are, the filling of the last byte included.
    #[must_use]
    pub fn entries(&self) -> u64 {
        entries(self.bits, self.bytes.len())
    }

    /// The value of an entry.
    ///
    /// # Errors
    /// [`ArrayError::IndexOutOfRange`].
    pub fn get(&self, index: u64) -> Result<StatusValue, ArrayError> {
        let (position, shift) = self.bits.locate(index);
        let byte = usize::try_from(position).ok().and_then(|position| self.bytes.get(position));
        let byte = byte.ok_or(ArrayError::IndexOutOfRange { index, entries: self.entries() })?;
        Ok(StatusValue::from_number(self.bits.extract(*byte, shift)))
    }

    /// Sets an entry.
    ///
    /// # Errors
    /// [`ArrayError::IndexOutOfRange`], [`ArrayError::ValueTooLarge`].
    pub fn set(&mut self, index: u64, value: StatusValue) -> Result<(), ArrayError> {
        let number = self.fitting(value)?;
        let out_of_range = ArrayError::IndexOutOfRange { index, entries: self.entries() };
        let (position, shift) = self.bits.locate(index);
        let byte = usize::try_from(position).ok().and_then(|position| self.bytes.get_mut(position));
        let byte = byte.ok_or(out_of_range)?;
        *byte = *byte & !(self.bits.max_value() << shift) | number << shift;
        Ok(())
    }

    fn fitting(&self, value: StatusValue) -> Result<u8, ArrayError> {
        match value.number() {
            value if value > self.bits.max_value() => Err(ArrayError::ValueTooLarge { value, bits: self.bits }),
            number => Ok(number),
        }
    }
}

/// How many entries `bytes` bytes hold.
pub(super) fn entries(bits: Bits, bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(u64::from(bits.per_byte()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_draft_pack_as_printed() {
        let one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].map(StatusValue::from_number);
        assert_eq!(StatusArray::from_values(Bits::One, one).unwrap().as_bytes(), [0xb9, 0xa3]);
        let two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].map(StatusValue::from_number);
        assert_eq!(StatusArray::from_values(Bits::Two, two).unwrap().as_bytes(), [0xc9, 0x44, 0xf9]);
    }

    #[test]
    fn a_value_wider_than_the_entry_is_refused() {
        let mut array = StatusArray::new(Bits::One, 8);
        let error = array.set(0, StatusValue::Suspended).unwrap_err();
        assert_eq!(error, ArrayError::ValueTooLarge { value: 2, bits: Bits::One });
        assert_eq!(array.set(8, StatusValue::Invalid).unwrap_err().id(), "status-index-out-of-range");
    }

    proptest! {
        #[test]
        fn what_was_set_last_is_read_and_nothing_else_changes(
            bits in prop::sample::select(Bits::ALL.to_vec()),
            writes in prop::collection::vec((0_u64..257, any::<u8>()), 1..60),
        ) {
            let mut array = StatusArray::new(bits, 257);
            let mut model = vec![0_u8; 257];
            for (index, value) in writes {
                let value = value & bits.max_value();
                array.set(index, StatusValue::from_number(value)).unwrap();
                model[usize::try_from(index).unwrap()] = value;
            }
            for (index, value) in model.iter().enumerate() {
                let index = u64::try_from(index).unwrap();
                prop_assert_eq!(array.get(index).unwrap().number(), *value);
            }
            let packed = StatusArray::from_values(bits, model.iter().copied().map(StatusValue::from_number)).unwrap();
            prop_assert_eq!(packed, array);
        }
    }
}
