//! The two encodings of an ECDSA signature and the strict way from one to the other.

use crate::{
    algorithm::Curve,
    asn1::{DerWriter, Walk, tag},
    ec,
    provider::SignatureError,
};

/// A signature as COSE writes it: `r || s`, each of full field length (RFC 9053 2.1), or the 64 octets of Ed25519.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawSignature(Vec<u8>);

/// A signature as the BIT STRING of an X.509 certificate or CRL holds it: for ECDSA
/// `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 2.2.3), for Ed25519 the 64 octets themselves (RFC 8410 6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DerSignature(Vec<u8>);

impl RawSignature {
    /// Takes octets of the length that signatures of a key on `curve` have.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] for another length or a curve that does not sign.
    pub fn new(curve: Curve, octets: Vec<u8>) -> Result<Self, SignatureError> {
        if curve.can_sign() && octets.len() == 2 * curve.field_len() {
            Ok(Self(octets))
        } else {
            Err(SignatureError::Malformed)
        }
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets, taken out.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Whether `s` is above half the group order: valid, but some libraries refuse it. Never for Ed25519.
    #[must_use]
    pub fn has_high_s(&self, curve: Curve) -> bool {
        ec::has_high_s(curve, &self.0)
    }

    /// The encoding for X.509. Ed25519 signatures stay as they are.
    #[must_use]
    pub fn to_der(&self, curve: Curve) -> DerSignature {
        if curve.is_weierstrass() { DerSignature(raw_to_der(&self.0)) } else { DerSignature(self.0.clone()) }
    }
}

impl AsRef<[u8]> for RawSignature {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl DerSignature {
    /// Takes the contents of an X.509 signature BIT STRING made by a key on `curve`.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] unless it is strict DER: minimal lengths, minimal and positive integers that fit the
    /// field, nothing before or after.
    pub fn new(curve: Curve, octets: Vec<u8>) -> Result<Self, SignatureError> {
        let signature = Self(octets);
        signature.to_raw(curve)?;
        Ok(signature)
    }

    /// The octets of the BIT STRING.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The fixed-width encoding for COSE.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`], as for [`DerSignature::new`].
    pub fn to_raw(&self, curve: Curve) -> Result<RawSignature, SignatureError> {
        if !curve.is_weierstrass() {
            return RawSignature::new(curve, self.0.clone());
        }
        let mut octets = vec![0; 2 * curve.field_len()];
        der_to_raw(&self.0, curve.field_len(), &mut octets)?;
        Ok(RawSignature(octets))
    }
}

impl AsRef<[u8]> for DerSignature {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Writes `r || s` of `field` octets each into `out`.
pub(crate) fn der_to_raw(der: &[u8], field: usize, out: &mut [u8]) -> Result<(), SignatureError> {
    let malformed = |_| SignatureError::Malformed;
    let mut walk = Walk::only(der, tag::SEQUENCE).and_then(|tlv| tlv.walk()).map_err(malformed)?;
    for half in out.chunks_exact_mut(field).take(2) {
        let integer = walk.next().and_then(|tlv| tlv.integer()).map_err(malformed)?;
        let digits = match integer {
            [0, rest @ ..] if !rest.is_empty() => rest,
            [first, ..] if first & 0x80 != 0 => return Err(SignatureError::Malformed),
            all => all,
        };
        let pad = field.checked_sub(digits.len()).ok_or(SignatureError::Malformed)?;
        half.fill(0);
        half.get_mut(pad..).ok_or(SignatureError::Malformed)?.copy_from_slice(digits);
    }
    walk.finish().map_err(malformed)
}

/// Writes the DER form of `r || s`.
pub(crate) fn raw_to_der(raw: &[u8]) -> Vec<u8> {
    let (r, s) = raw.split_at(raw.len() / 2);
    let mut writer = DerWriter::new();
    writer.sequence(|signature| {
        signature.unsigned(r).unsigned(s);
    });
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let mut octets = vec![0x80; 64];
        octets[..32].fill(0);
        octets[31] = 1;
        let raw = RawSignature::new(Curve::P256, octets).unwrap();
        let der = raw.to_der(Curve::P256);
        assert_eq!(der.as_bytes()[..9], [0x30, 38, 2, 1, 1, 2, 33, 0, 0x80]);
        assert_eq!(der.to_raw(Curve::P256).unwrap(), raw);
        assert_eq!(DerSignature::new(Curve::P384, der.0).unwrap().to_raw(Curve::P384).unwrap().0.len(), 96);
    }

    #[test]
    fn a_high_s_is_seen() {
        let signature = |s: u8| {
            let mut octets = vec![0; 64];
            (octets[31], octets[32]) = (1, s);
            RawSignature::new(Curve::P256, octets).unwrap()
        };
        assert!(!signature(0x7f).has_high_s(Curve::P256));
        assert!(signature(0x80).has_high_s(Curve::P256));
        assert!(!RawSignature::new(Curve::Ed25519, vec![0xff; 64]).unwrap().has_high_s(Curve::Ed25519));
    }

    #[test]
    fn der_is_strict() {
        let wrong: [&[u8]; 8] = [
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 7, 2, 1, 1, 2, 1, 1, 0],
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],
            &[0x30, 6, 2, 1, 0x81, 2, 1, 1],
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            &[0x30, 3, 2, 1, 1],
            &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0],
            &[],
        ];
        for der in wrong {
            assert_eq!(DerSignature::new(Curve::P256, der.to_vec()), Err(SignatureError::Malformed));
        }
        assert!(DerSignature::new(Curve::P256, vec![0x30, 6, 2, 1, 1, 2, 1, 1]).is_ok());
    }
}
