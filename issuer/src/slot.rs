//! Short runs of CBOR written where they stay.
//!
//! A document has hundreds of heads, keys and salts of a few bytes each. Appending them one by one to the output costs
//! more than all else that is not cryptography, and so does putting them together elsewhere and copying them: the processor
//! waits for pieces just written that are read as a whole. So room is made once, and every piece is written into it.

use tegata_mdoc::date::Tdate;

/// Bytes of a tdate: tag, head, text.
pub(crate) const TDATE_LENGTH: usize = 22;

/// Room for encoded bytes, filled from its beginning. What does not fit is not written: whoever makes the room counts.
pub(crate) struct Slot<'a> {
    rest: &'a mut [u8],
}

impl<'a> Slot<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { rest: room }
    }

    /// Appends bytes that are encoded already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        if let Some((slot, rest)) = core::mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            slot.copy_from_slice(bytes);
            self.rest = rest;
        }
        self
    }

    /// As [`Slot::raw`], for a number of bytes that is known here.
    #[inline]
    pub(crate) fn push<const N: usize>(&mut self, bytes: [u8; N]) -> &mut Self {
        if let Some((slot, rest)) = core::mem::take(&mut self.rest).split_first_chunk_mut() {
            *slot = bytes;
            self.rest = rest;
        }
        self
    }

    /// `#6.0(tstr)`, `YYYY-MM-DDThh:mm:ssZ`: what [`Tdate::encode`] writes, without the formatting machinery.
    pub(crate) fn tdate(&mut self, instant: Tdate) -> &mut Self {
        let (date, time) = (instant.instant().date(), instant.instant().time());
        // Years before 0 and after 9999 cannot be written in RFC 3339; validities end long before.
        let year = u16::try_from(date.year()).unwrap_or(9999).min(9999);
        let digit = |value: u16| b'0' + u8::try_from(value % 10).unwrap_or_default();
        let two = |value: u8| [digit(u16::from(value) / 10), digit(u16::from(value))];
        self.push([0xc0, 0x74, digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), b'-']);
        self.push(two(u8::from(date.month()))).push([b'-']).push(two(date.day())).push([b'T']);
        self.push(two(time.hour())).push([b':']).push(two(time.minute())).push([b':']).push(two(time.second()));
        self.push([b'Z'])
    }

    /// Appends the head of an item in its shortest form (RFC 8949 3, 4.2.1).
    #[inline]
    pub(crate) fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        let [.., b3, b2, b1, b0] = bytes;
        match head_length(argument) {
            1 => self.push([major | b0]),
            2 => self.push([major | 24, b0]),
            3 => self.push([major | 25, b1, b0]),
            5 => self.push([major | 26, b3, b2, b1, b0]),
            _ => self.push([major | 27]).push(bytes),
        }
    }
}

/// Bytes of the head of an item with this argument.
pub(crate) fn head_length(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

#[cfg(test)]
mod tests {
    use tegata_mdoc::cbor::Encoder;
    use time::UtcDateTime;

    use super::*;

    #[test]
    fn dates_are_those_of_the_document_crate() {
        for seconds in (0..253_402_300_799_i64).step_by(86_400 * 997 + 3_607) {
            let instant = Tdate::new(UtcDateTime::from_unix_timestamp(seconds).unwrap());
            let (mut room, mut encoder) = ([0; TDATE_LENGTH], Encoder::new());
            Slot::new(&mut room).tdate(instant);
            instant.encode(&mut encoder);
            assert_eq!(room, encoder.as_bytes());
        }
    }

    #[test]
    fn heads_are_those_of_the_encoder() {
        for bits in 0..64 {
            for argument in [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1, u64::MAX] {
                let (mut room, mut encoder) = ([0xee; 10], Encoder::new());
                Slot::new(&mut room).head(0, argument);
                encoder.unsigned(argument);
                let (head, rest) = room.split_at(head_length(argument));
                assert_eq!(head, encoder.as_bytes());
                assert!(rest.iter().all(|byte| *byte == 0xee), "nothing more is written");
            }
        }
    }
}
