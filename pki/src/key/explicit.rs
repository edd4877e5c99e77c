//! Curves whose parameters are written out instead of named, as in passport CA certificates (ICAO Doc 9303-12).
//!
//! ```text
//! ECParameters ::= SEQUENCE { version INTEGER, fieldID SEQUENCE { fieldType OID, prime INTEGER },
//!   curve SEQUENCE { a OCTET STRING, b OCTET STRING, seed BIT STRING OPTIONAL },
//!   base OCTET STRING, order INTEGER, cofactor INTEGER OPTIONAL, … }      -- SEC 1 C.2
//! ```

use der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use super::{KeyError, PublicKey, encoding::EC_PUBLIC_KEY};
use crate::{
    algorithm::Curve,
    asn1::{Asn1Error, Walk, tag},
};

const PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

/// SHA-256 over p, a, b, the base point (uncompressed) and the order, each with the full length of the field.
const KNOWN: [(Curve, &str); 5] = [
    (Curve::P256, "0815056d43f2b0abec3447d8d9f6921397252567930d519d532b0998ddb1da88"),
    (Curve::P384, "ed45a0a385dca472be657ef6d7dbf03e974d84adb525e3b51e21b93c3a6ea792"),
    (Curve::P521, "549f3a34329642ebc6460a9c3a4f93225722a430e5f549ea493aeccc886bcb2a"),
    (Curve::BrainpoolP256r1, "3aa3aff93f25115bd3c80ba6873072b2c256930b28fff9d2140edf5e6e044b82"),
    (Curve::BrainpoolP384r1, "fae1c9cd3db663ade71de3fcebdcfa99bffeb3272fb9562c3de52fd9d03b3d18"),
];

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo whose curve parameters are written out, if they are those of a supported curve: the
    /// prime, both coefficients, the base point, the order and the cofactor. Any other base point would let its inventor
    /// sign for the key of somebody else.
    ///
    /// RFC 5480 2.1.1 forbids the form, so [`PublicKey::from_spki_der`] refuses it, and with it every certificate that is to
    /// be trusted. This is for saying something about certificates of other worlds.
    ///
    /// # Errors
    /// [`KeyError::CurveNotNamed`] for parameters of no supported curve; as [`PublicKey::from_sec1`].
    pub fn from_spki_der_with_explicit_curve(der: &[u8]) -> Result<Self, KeyError> {
        let (parameters, point) = read(der).map_err(|_| KeyError::Malformed)?;
        let curve = parameters.and_then(|parameters| parameters.curve()).ok_or(KeyError::CurveNotNamed)?;
        Self::from_sec1(curve, point)
    }
}

/// Big-endian numbers without leading zeros; the base point as it is encoded.
struct Parameters<'a> {
    prime: &'a [u8],
    a: &'a [u8],
    b: &'a [u8],
    base: &'a [u8],
    order: &'a [u8],
}

fn read(der: &[u8]) -> Result<(Option<Parameters<'_>>, &[u8]), Asn1Error> {
    let mut spki = Walk::only(der, tag::SEQUENCE)?.walk()?;
    let mut algorithm = spki.take(tag::SEQUENCE)?.walk()?;
    let is_ec = algorithm.next()?.oid()? == EC_PUBLIC_KEY;
    let parameters = if is_ec { Parameters::read(algorithm.take(tag::SEQUENCE)?.walk()?)? } else { None };
    let point = spki.take(tag::BIT_STRING)?.whole_bits()?;
    spki.finish()?;
    Ok((parameters, point))
}

impl<'a> Parameters<'a> {
    /// `None` for fields of another kind and other cofactors than 1, which no supported curve has.
    fn read(mut parameters: Walk<'a>) -> Result<Option<Self>, Asn1Error> {
        if !matches!(parameters.take(tag::INTEGER)?.small_integer()?, 1..=3) {
            return Ok(None);
        }
        let mut field = parameters.take(tag::SEQUENCE)?.walk()?;
        if field.next()?.oid()? != PRIME_FIELD {
            return Ok(None);
        }
        let prime = trimmed(field.take(tag::INTEGER)?.integer()?);
        field.finish()?;
        let mut curve = parameters.take(tag::SEQUENCE)?.walk()?;
        let (a, b) = (trimmed(curve.take(tag::OCTET_STRING)?.value), trimmed(curve.take(tag::OCTET_STRING)?.value));
        // Where b came from says nothing about the curve.
        curve.take_if(tag::BIT_STRING)?;
        curve.finish()?;
        let base = parameters.take(tag::OCTET_STRING)?.value;
        let order = trimmed(parameters.take(tag::INTEGER)?.integer()?);
        let cofactor = parameters.take_if(tag::INTEGER)?.map_or(Ok(1), |cofactor| cofactor.small_integer())?;
        parameters.finish()?;
        Ok((cofactor == 1).then_some(Self { prime, a, b, base, order }))
    }

    fn curve(&self) -> Option<Curve> {
        let known = |(curve, digest): &(Curve, &str)| self.digest(*curve).is_some_and(|found| found == *digest);
        KNOWN.iter().find(|entry| known(entry)).map(|(curve, _)| *curve)
    }

    /// `None` if a number is longer than the field, or the base point is none of the curve.
    fn digest(&self, curve: Curve) -> Option<String> {
        let length = curve.field_len();
        let mut digest = Sha256::new();
        for number in [self.prime, self.a, self.b] {
            digest.update(vec![0; length.checked_sub(number.len())?]);
            digest.update(number);
        }
        digest.update(PublicKey::from_sec1(curve, self.base).ok()?.sec1_or_raw());
        digest.update(vec![0; length.checked_sub(self.order.len())?]);
        digest.update(self.order);
        Some(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
