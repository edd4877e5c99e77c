//! SubjectPublicKeyInfo (RFC 5280 4.1.2.7, RFC 5480, RFC 8410) in DER and PEM.
//!
//! ```text
//! SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
//! ```

use der::asn1::ObjectIdentifier;

use super::{KeyError, PublicKey};
use crate::{
    algorithm::Curve,
    asn1::{Asn1Error, DerWriter, Walk, tag},
    pem,
};

pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

const LABEL: &str = "PUBLIC KEY";

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo. Compressed points are accepted; explicit curve parameters are not.
    ///
    /// # Errors
    /// [`KeyError`]; an RSA or unknown key gives [`KeyError::UnsupportedAlgorithm`] with its object identifier.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let (curve, bits) = parse(der)?;
        Self::from_sec1(curve?, bits)
    }

    /// Writes the DER SubjectPublicKeyInfo with a named curve and an uncompressed point.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        let mut writer = DerWriter::new();
        writer.sequence(|spki| {
            write_algorithm(spki, self.curve());
            spki.bits(self.sec1_or_raw());
        });
        writer.finish()
    }

    /// Reads a `PUBLIC KEY` PEM file that holds exactly one key.
    ///
    /// # Errors
    /// As [`PublicKey::from_spki_der`]; [`KeyError::Malformed`] for other labels or counts.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode_one(text.as_bytes(), LABEL).ok_or(KeyError::Malformed)?;
        Self::from_spki_der(&der)
    }

    /// Writes a `PUBLIC KEY` PEM file.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, &self.to_spki_der())
    }
}

/// The AlgorithmIdentifier of a key on `curve`: shared by SubjectPublicKeyInfo and PKCS #8.
pub(crate) fn write_algorithm(writer: &mut DerWriter, curve: Curve) {
    writer.sequence(|algorithm| {
        if curve.is_weierstrass() {
            algorithm.oid(&EC_PUBLIC_KEY);
        }
        algorithm.oid(&curve.oid());
    });
}

/// The curve an AlgorithmIdentifier's contents name.
pub(crate) fn read_algorithm(mut algorithm: Walk<'_>) -> Result<Curve, KeyError> {
    let malformed = |_: Asn1Error| KeyError::Malformed;
    let oid = algorithm.next().and_then(|tlv| tlv.oid()).map_err(malformed)?;
    let unsupported = |oid: ObjectIdentifier| KeyError::UnsupportedAlgorithm(oid.to_string().into());
    if oid == EC_PUBLIC_KEY {
        let parameters = algorithm.take(tag::OID);
        let named = parameters.map_err(|_| KeyError::CurveNotNamed)?.oid().map_err(malformed)?;
        algorithm.finish().map_err(malformed)?;
        return Curve::from_oid(&named).filter(|curve| curve.is_weierstrass()).ok_or_else(|| unsupported(named));
    }
    let curve = Curve::from_oid(&oid).filter(|curve| !curve.is_weierstrass()).ok_or_else(|| unsupported(oid))?;
    // RFC 8410 3: the parameters are absent.
    algorithm.finish().map_err(malformed)?;
    Ok(curve)
}

type Parsed<'a> = (Result<Curve, KeyError>, &'a [u8]);

fn parse(der: &[u8]) -> Result<Parsed<'_>, KeyError> {
    let read = || -> Result<Parsed<'_>, Asn1Error> {
        let mut spki = Walk::only(der, tag::SEQUENCE)?.walk()?;
        let curve = read_algorithm(spki.take(tag::SEQUENCE)?.walk()?);
        let bits = spki.take(tag::BIT_STRING)?.whole_bits()?;
        spki.finish()?;
        Ok((curve, bits))
    };
    read().map_err(|_| KeyError::Malformed)
}
