//! Signing keys held in memory. **For tests and sandboxes only**: whoever reads the memory or the file has the key. Keys of
//! an issuing authority live in a token behind the `Signer` of `tegata-hsm`.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    algorithm::{Curve, SignatureAlgorithm},
    asn1::{Asn1Error, DerWriter, Walk, tag},
    ec,
    key::{KeyError, PublicKey, encoding, private_jwk},
    pem,
    provider::{AgreementKey, SharedSecret, SignatureError, derive_public, draw_scalar, rust_crypto},
    signature::RawSignature,
};

const LABEL: &str = "PRIVATE KEY";

/// A private key in memory, in the clear. Not for production, whatever the temptation.
pub struct InsecureSoftwareKey {
    private: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl InsecureSoftwareKey {
    /// Takes a scalar (big-endian, full field length), an Ed25519 seed or an X25519 key.
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::PrivateKeyOutOfRange`].
    pub fn from_scalar(curve: Curve, octets: &[u8]) -> Result<Self, KeyError> {
        let public = derive_public(curve, octets)?;
        Ok(Self { private: Zeroizing::new(octets.to_vec()), public })
    }

    /// Draws a new key.
    ///
    /// # Errors
    /// [`KeyError::PrivateKeyOutOfRange`] if the generator is broken.
    pub fn generate(curve: Curve, rng: &mut impl CryptoRng) -> Result<Self, KeyError> {
        let private = draw_scalar(curve, rng)?;
        Self::from_scalar(curve, &private)
    }

    /// Reads a private JWK whose public part belongs to it.
    ///
    /// # Errors
    /// [`KeyError::JwkMember`] names the member that is missing or does not fit.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        let (public, octets) = private_jwk(json)?;
        let key = Self::from_scalar(public.curve(), &octets)?;
        if key.public == public { Ok(key) } else { Err(KeyError::JwkMember("d")) }
    }

    /// Reads an unencrypted PKCS #8 key (RFC 5958) holding an `ECPrivateKey` (RFC 5915) or an RFC 8410 key.
    ///
    /// # Errors
    /// [`KeyError::Malformed`], [`KeyError::UnsupportedAlgorithm`], [`KeyError::PrivateKeyOutOfRange`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let read = || -> Result<_, Asn1Error> {
            let mut info = Walk::only(der, tag::SEQUENCE)?.walk()?;
            info.take(tag::INTEGER)?.small_integer()?;
            let curve = encoding::read_algorithm(info.take(tag::SEQUENCE)?.walk()?);
            Ok((curve, info.take(tag::OCTET_STRING)?.value))
        };
        let (curve, inner) = read().map_err(|_| KeyError::Malformed)?;
        let curve = curve?;
        let octets = inner_key(curve, inner).map_err(|_| KeyError::Malformed)?;
        Self::from_scalar(curve, octets)
    }

    /// Reads a `PRIVATE KEY` PEM file that holds exactly one key.
    ///
    /// # Errors
    /// As [`InsecureSoftwareKey::from_pkcs8_der`].
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode_one(text.as_bytes(), LABEL).map(Zeroizing::new);
        Self::from_pkcs8_der(&der.ok_or(KeyError::Malformed)?)
    }

    /// Writes the key, in the clear, as a PKCS #8 `PRIVATE KEY` PEM file.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        let curve = self.curve();
        let mut writer = DerWriter::new();
        writer.sequence(|info| {
            info.unsigned(&[]);
            encoding::write_algorithm(info, curve);
            info.nested(tag::OCTET_STRING, |inner| {
                if curve.is_weierstrass() {
                    inner.sequence(|key| {
                        key.unsigned(&[1]).element(tag::OCTET_STRING, &self.private);
                        key.nested(tag::context_constructed(1), |public| {
                            public.bits(self.public.sec1_or_raw());
                        });
                    });
                } else {
                    inner.element(tag::OCTET_STRING, &self.private);
                }
            });
        });
        let der = Zeroizing::new(writer.finish());
        Zeroizing::new(pem::encode(LABEL, &der))
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.public.curve()
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message. ECDSA nonces are those of RFC 6979, so that the same input gives the same signature.
    ///
    /// # Errors
    /// [`SignatureError::KeyMismatch`] when the algorithm does not go with the curve.
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<RawSignature, SignatureError> {
        let curve = self.curve();
        let mismatch = SignatureError::KeyMismatch { algorithm, curve };
        if !algorithm.fits(curve) {
            return Err(mismatch);
        }
        let octets = match algorithm {
            SignatureAlgorithm::Ecdsa(hash) => {
                ec::sign(curve, &self.private, rust_crypto().digest(hash, message).as_bytes())
            }
            SignatureAlgorithm::EdDsa => self.private.as_slice().try_into().ok().map(|seed| {
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                ed25519_dalek::Signer::sign(&key, message).to_bytes().to_vec()
            }),
        };
        RawSignature::new(curve, octets.ok_or(mismatch)?)
    }

    /// Agrees on a secret with a peer (a simulated holder's `DeviceMac`).
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for Ed25519; as [`CryptoProvider::agree`](crate::CryptoProvider::agree).
    pub fn agree(&self, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
        rust_crypto().agree(&AgreementKey::from_raw(self.curve(), &self.private)?, peer)
    }
}

impl fmt::Debug for InsecureSoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InsecureSoftwareKey(redacted, public {:?})", self.public)
    }
}

fn inner_key(curve: Curve, inner: &[u8]) -> Result<&[u8], Asn1Error> {
    if !curve.is_weierstrass() {
        return Ok(Walk::only(inner, tag::OCTET_STRING)?.value);
    }
    let mut key = Walk::only(inner, tag::SEQUENCE)?.walk()?;
    key.take(tag::INTEGER)?.small_integer()?;
    Ok(key.take(tag::OCTET_STRING)?.value)
}
