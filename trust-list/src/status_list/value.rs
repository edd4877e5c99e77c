//! One status value and its width.

/// The width of a status value (draft-ietf-oauth-status-list 4.1, `bits`).
///
/// ISO/IEC 18013-5 12.3.6.5 allows only [`Bits::One`] for a mobile driving licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bits {
    /// 1 bit: valid or invalid.
    One,
    /// 2 bits: values 0 to 3.
    Two,
    /// 4 bits: values 0 to 15.
    Four,
    /// 8 bits: values 0 to 255.
    Eight,
}

impl Bits {
    /// All widths.
    pub const ALL: [Self; 4] = [Self::One, Self::Two, Self::Four, Self::Eight];

    /// The width of the number in a token; `None` unless it is 1, 2, 4 or 8.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|bits| u64::from(bits.number()) == number)
    }

    /// The number of bits.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The greatest value of this width.
    #[must_use]
    pub const fn max_value(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 3,
            Self::Four => 15,
            Self::Eight => 255,
        }
    }

    /// How many values one byte holds.
    #[must_use]
    pub const fn per_byte(self) -> u8 {
        8 / self.number()
    }

    /// Where entry `index` is: the position of its byte and the shift inside it, least significant bits first.
    pub(crate) fn locate(self, index: u64) -> (u64, u32) {
        let per_byte = u64::from(self.per_byte());
        let slot = u32::try_from(index % per_byte).unwrap_or_default();
        (index / per_byte, slot * u32::from(self.number()))
    }

    /// The value at `shift` of `byte`.
    pub(crate) fn extract(self, byte: u8, shift: u32) -> u8 {
        byte >> shift & self.max_value()
    }
}

/// What a status list says about one entry (draft-ietf-oauth-status-list 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusValue {
    /// 0x00: valid. The expiry of the referenced document wins over it.
    Valid,
    /// 0x01: revoked, for good.
    Invalid,
    /// 0x02: suspended, for the time being.
    Suspended,
    /// 0x03 and 0x0C to 0x0F: whatever the application agreed on.
    ApplicationSpecific(u8),
    /// Any other value: reserved.
    Reserved(u8),
}

impl StatusValue {
    /// The meaning of a value.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            3 | 0x0c..=0x0f => Self::ApplicationSpecific(number),
            other => Self::Reserved(other),
        }
    }

    /// The value as it stands in the list.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::ApplicationSpecific(number) | Self::Reserved(number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_keeps_its_value() {
        for number in 0..=255 {
            assert_eq!(StatusValue::from_number(number).number(), number);
        }
        assert_eq!(StatusValue::from_number(3), StatusValue::ApplicationSpecific(3));
        assert_eq!(StatusValue::from_number(4), StatusValue::Reserved(4));
        assert_eq!(StatusValue::from_number(0x0c), StatusValue::ApplicationSpecific(0x0c));
        assert_eq!(StatusValue::from_number(0x10), StatusValue::Reserved(0x10));
    }

    #[test]
    fn only_four_widths_exist() {
        let widths: Vec<u64> = (0..300).filter(|number| Bits::from_number(*number).is_some()).collect();
        assert_eq!(widths, [1, 2, 4, 8]);
    }
}
