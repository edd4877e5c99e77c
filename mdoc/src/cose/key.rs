//! COSE_Key (RFC 9052 7), public part only.

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Reader, Type};

/// A received public COSE_Key, numbers as carried.
///
/// ```cddl
/// COSE_Key = { 1 => int, -1 => int, -2 => bstr, ? -3 => bstr / bool, * label => any }
/// ```
///
/// kty 1 (OKP) has `x` alone; kty 2 (EC2) has `x` and `y`, or the sign bit of `y`. Coordinates have the full field
/// length. A private part (-4) is an error: nobody should ever be sent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoseKey<'a> {
    /// `kty` (1): 1 OKP, 2 EC2.
    pub key_type: i64,
    /// `crv` (-1), IANA number.
    pub curve: i64,
    /// `x` (-2).
    pub x: &'a [u8],
    /// `y` (-3) as a coordinate.
    pub y: Option<&'a [u8]>,
    /// `y` (-3) as a sign bit: true when `y` is odd.
    pub y_is_odd: Option<bool>,
    /// `alg` (3), where it is a number.
    pub algorithm: Option<i64>,
}

/// Key type OKP (RFC 9053 7.2).
pub const KTY_OKP: i64 = 1;
/// Key type EC2 (RFC 9053 7.1).
pub const KTY_EC2: i64 = 2;

impl<'a> CoseKey<'a> {
    /// Appends the key as a map in the customary order `1, -1, -2, -3`.
    pub fn encode(&self, encoder: &mut Encoder) {
        encoder.map(if self.y.is_some() || self.y_is_odd.is_some() { 4 } else { 3 });
        encoder.integer(1).integer(self.key_type).integer(-1).integer(self.curve).integer(-2).bytes(self.x);
        match (self.y, self.y_is_odd) {
            (Some(y), _) => drop(encoder.integer(-3).bytes(y)),
            (None, Some(odd)) => drop(encoder.integer(-3).boolean(odd)),
            (None, None) => {}
        }
    }
}

impl<'a> Decode<'a> for CoseKey<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut key_type, mut curve, mut x) = (None, None, None);
        let (mut y, mut y_is_odd, mut algorithm) = (None, None, None);
        reader.map(|reader, key| {
            match key.label() {
                Some(1) => key_type = Some(reader.integer()?),
                Some(3) if reader.peek_type()? != Type::Text => algorithm = Some(reader.integer()?),
                Some(-1) => curve = Some(reader.integer()?),
                Some(-2) => x = Some(reader.bytes()?),
                Some(-3) if reader.peek_type()? == Type::Bool => y_is_odd = Some(reader.boolean()?),
                Some(-3) => y = Some(reader.bytes()?),
                Some(-4) => return Err(reader.error(DecodeErrorKind::InvalidValue { field: "private key part" })),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            key_type: key_type.ok_or_else(|| missing("kty (1)"))?,
            curve: curve.ok_or_else(|| missing("crv (-1)"))?,
            x: x.ok_or_else(|| missing("x (-2)"))?,
            y,
            y_is_odd,
            algorithm,
        })
    }
}
