//! The deterministic encoder: shortest heads, definite lengths (RFC 8949 4.2.1).

use super::TAG_EMBEDDED;

/// Appends CBOR items to a buffer. Containers are announced with their length; the caller writes that many elements.
///
/// Map keys are written in the order given, because some structures have a customary order (ISO/IEC 18013-5 examples);
/// [`Encoder::sorted_map`] sorts them bytewise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoder {
    output: Vec<u8>,
}

impl Encoder {
    /// An empty encoder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty encoder that will not reallocate below `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { output: Vec::with_capacity(capacity) }
    }

    /// The bytes written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.output
    }

    /// The bytes written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.output
    }

    /// An unsigned integer.
    pub fn unsigned(&mut self, value: u64) -> &mut Self {
        self.head(0, value)
    }

    /// A signed integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.head(0, value),
            Err(_) => self.head(1, value.unsigned_abs() - 1),
        }
    }

    /// A negative integer `-1 - n`.
    pub(crate) fn negative(&mut self, n: u64) -> &mut Self {
        self.head(1, n)
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.length_head(2, value.len());
        self.raw(value)
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.length_head(3, value.len());
        self.raw(value.as_bytes())
    }

    /// The head of an array of `length` elements.
    pub fn array(&mut self, length: usize) -> &mut Self {
        self.length_head(4, length)
    }

    /// The head of a map of `pairs` pairs.
    pub fn map(&mut self, pairs: usize) -> &mut Self {
        self.length_head(5, pairs)
    }

    /// A tag; the tagged item comes next.
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.head(6, number)
    }

    /// A boolean.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.raw(&[if value { 0xf5 } else { 0xf4 }])
    }

    /// `null`.
    pub fn null(&mut self) -> &mut Self {
        self.raw(&[0xf6])
    }

    /// `undefined`.
    pub(crate) fn undefined(&mut self) -> &mut Self {
        self.raw(&[0xf7])
    }

    /// An unassigned simple value.
    pub(crate) fn simple(&mut self, value: u8) -> &mut Self {
        self.head(7, u64::from(value))
    }

    /// A floating-point number in the shortest width that keeps its value (RFC 8949 4.2.2).
    pub fn float(&mut self, value: f64) -> &mut Self {
        if let Some(half) = to_half(value) {
            self.raw(&[0xf9]).raw(&half.to_be_bytes())
        } else if let Some(single) = to_single(value) {
            self.raw(&[0xfa]).raw(&single.to_be_bytes())
        } else {
            self.raw(&[0xfb]).raw(&value.to_be_bytes())
        }
    }

    /// An item that is encoded already.
    pub fn raw(&mut self, item: &[u8]) -> &mut Self {
        self.output.extend_from_slice(item);
        self
    }

    /// Room for `length` bytes of items that the caller encodes; zeros until then.
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        let start = self.output.len();
        self.output.resize(start + length, 0);
        self.output.get_mut(start..).unwrap_or_default()
    }

    /// `item` in a byte string under tag 24.
    pub fn embedded(&mut self, item: &[u8]) -> &mut Self {
        self.tag(TAG_EMBEDDED).bytes(item)
    }

    /// A map whose pairs `fill` adds in any order; they are written in bytewise order of the encoded keys.
    pub fn sorted_map(&mut self, fill: impl FnOnce(&mut MapEncoder)) -> &mut Self {
        let mut map = MapEncoder { pairs: Vec::new() };
        fill(&mut map);
        map.pairs.sort();
        self.map(map.pairs.len());
        for (key, value) in map.pairs {
            self.raw(&key).raw(&value);
        }
        self
    }

    fn length_head(&mut self, major: u8, length: usize) -> &mut Self {
        self.head(major, u64::try_from(length).unwrap_or(u64::MAX))
    }

    fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        let [.., b3, b2, b1, b0] = bytes;
        match argument {
            0..=23 => self.output.push(major | b0),
            24..=0xff => self.output.extend_from_slice(&[major | 24, b0]),
            0x100..=0xffff => self.output.extend_from_slice(&[major | 25, b1, b0]),
            0x1_0000..=0xffff_ffff => self.output.extend_from_slice(&[major | 26, b3, b2, b1, b0]),
            _ => {
                self.output.push(major | 27);
                self.output.extend_from_slice(&bytes);
            }
        }
        self
    }
}

/// Collects the pairs of a map for [`Encoder::sorted_map`].
#[derive(Debug)]
pub struct MapEncoder {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl MapEncoder {
    /// A pair with a text key.
    pub fn text(&mut self, key: &str, value: impl FnOnce(&mut Encoder)) -> &mut Self {
        self.pair(|encoder| _ = encoder.text(key), value)
    }

    /// A pair with an integer key.
    pub fn integer(&mut self, key: i64, value: impl FnOnce(&mut Encoder)) -> &mut Self {
        self.pair(|encoder| _ = encoder.integer(key), value)
    }

    /// A pair with any key.
    pub fn pair(&mut self, key: impl FnOnce(&mut Encoder), value: impl FnOnce(&mut Encoder)) -> &mut Self {
        let (mut key_encoder, mut value_encoder) = (Encoder::new(), Encoder::new());
        key(&mut key_encoder);
        value(&mut value_encoder);
        self.pairs.push((key_encoder.into_bytes(), value_encoder.into_bytes()));
        self
    }
}

/// The binary32 bits, if the value survives the narrowing.
fn to_single(value: f64) -> Option<u32> {
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "checked by widening again")]
    let single = value as f32;
    (f64::from(single).to_bits() == value.to_bits()).then(|| single.to_bits())
}

/// The binary16 bits, if the value survives the narrowing.
fn to_half(value: f64) -> Option<u16> {
    if value.is_nan() {
        return Some(0x7e00);
    }
    let single = to_single(value)?;
    let sign = u16::try_from(single >> 16 & 0x8000).ok()?;
    let exponent = i32::try_from(single >> 23 & 0xff).ok()? - 127;
    let mantissa = single & 0x007f_ffff;
    if value.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if value == 0.0 {
        return Some(sign);
    }
    match exponent {
        -14..=15 if mantissa & 0x1fff == 0 => {
            let biased = u16::try_from(exponent + 15).ok()?;
            Some(sign | biased << 10 | u16::try_from(mantissa >> 13).ok()?)
        }
        -24..=-15 => {
            let shift = u32::try_from(-exponent - 1).ok()?;
            let full = mantissa | 0x0080_0000;
            (full & ((1 << shift) - 1) == 0).then_some(())?;
            Some(sign | u16::try_from(full >> shift).ok()?)
        }
        _ => None,
    }
}
