//! The cryptographic computations of a verifier behind one trait, so that a server, a phone and a browser may choose the
//! back end that is fast for them and get the same answers.

mod agreement;
#[cfg(feature = "aws-lc-rs")]
mod aws;
mod pure;

use core::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub use agreement::AgreementKey;
#[cfg(feature = "insecure-software-keys")]
pub(crate) use agreement::{derive_public, draw_scalar};
#[cfg(feature = "aws-lc-rs")]
pub use aws::aws_lc_rs;
pub use pure::rust_crypto;

use crate::{
    algorithm::{Curve, Hash, SignatureAlgorithm},
    ec::MAX_FIELD,
    key::{KeyError, PublicKey},
    signature::der_to_raw,
};

/// A signature in one of its two encodings, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureRef<'a> {
    /// `r || s`, each of full field length (COSE), or the 64 octets of Ed25519.
    Raw(&'a [u8]),
    /// `SEQUENCE { r INTEGER, s INTEGER }` in strict DER (X.509). ECDSA only.
    Der(&'a [u8]),
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The computation says no: another key signed, or the message is another.
    #[error("the signature does not match")]
    Mismatch,
    /// The signature has the wrong length or is not strict DER.
    #[error("the signature is malformed")]
    Malformed,
    /// The algorithm and the key do not belong together.
    #[error("{algorithm} cannot be used with a key on {curve}")]
    KeyMismatch {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
        /// The curve of the key.
        curve: Curve,
    },
    /// The signature algorithm of a certificate or CRL is not one we verify (RSA, SHA-1, …).
    #[error("unsupported signature algorithm {0}")]
    UnsupportedAlgorithm(der::asn1::ObjectIdentifier),
    /// The signer's key cannot be used.
    #[error("the signer's key cannot be used: {0}")]
    Key(KeyError),
    /// The algorithm inside the signed bytes is another than the one outside (RFC 5280 4.1.1.2, 5.1.1.2).
    #[error("the inner and the outer signature algorithm disagree")]
    AlgorithmsDisagree,
}

impl SignatureError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Mismatch => "signature-mismatch",
            Self::Malformed => "signature-malformed",
            Self::KeyMismatch { .. } => "signature-key-mismatch",
            Self::UnsupportedAlgorithm(_) => "signature-unsupported-algorithm",
            Self::Key(_) => "signature-key",
            Self::AlgorithmsDisagree => "signature-algorithms-disagree",
        }
    }
}

/// A back end for what a verifier and a reader compute.
///
/// Every provider gives the same answer to the same input; which curves are computed where is its own business.
/// Signatures with a high `s` are accepted: neither ISO/IEC 18013-5 nor COSE asks for the low one.
pub trait CryptoProvider: Send + Sync + fmt::Debug {
    /// A short name for reports: `rust-crypto`, `aws-lc-rs`.
    fn name(&self) -> &'static str;

    /// Verifies a signature over `message`.
    ///
    /// # Errors
    /// [`SignatureError`]; only `Ok` means that the owner of `key` signed exactly this message.
    fn verify(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: SignatureRef<'_>,
    ) -> Result<(), SignatureError>;

    /// Hashes a message.
    fn digest(&self, hash: Hash, message: &[u8]) -> Digest;

    /// HMAC-SHA-256 (RFC 2104), COSE "HMAC 256/256". Compare with [`ct_eq`].
    fn hmac_sha256(&self, key: &[u8], message: &[u8]) -> [u8; 32];

    /// HKDF-SHA-256 (RFC 5869) with an output of 32 octets.
    fn hkdf_sha256(&self, ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32];

    /// ECDH: the x coordinate (SEC 1 3.3.1) or the X25519 output (RFC 7748 6.1), full field length.
    ///
    /// # Errors
    /// [`KeyError::CurveMismatch`], and [`KeyError::ZeroSecret`] for an X25519 key of small order.
    fn agree(&self, private: &AgreementKey, peer: &PublicKey) -> Result<SharedSecret, KeyError>;
}

/// A hash value; 32, 48 or 64 octets, kept inline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    len: u8,
    bytes: [u8; 64],
}

impl Digest {
    /// Takes the octets of a hash value; `None` for a length that is none of SHA-256, SHA-384 and SHA-512.
    #[must_use]
    pub fn from_bytes(octets: &[u8]) -> Option<Self> {
        if !Hash::ALL.iter().any(|hash| hash.len() == octets.len()) {
            return None;
        }
        let mut bytes = [0; 64];
        bytes.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { len: u8::try_from(octets.len()).ok()?, bytes })
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl From<[u8; 32]> for Digest {
    fn from(octets: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        bytes.iter_mut().zip(octets).for_each(|(slot, byte)| *slot = byte);
        Self { len: 32, bytes }
    }
}

impl From<[u8; 48]> for Digest {
    fn from(octets: [u8; 48]) -> Self {
        let mut bytes = [0; 64];
        bytes.iter_mut().zip(octets).for_each(|(slot, byte)| *slot = byte);
        Self { len: 48, bytes }
    }
}

impl From<[u8; 64]> for Digest {
    fn from(bytes: [u8; 64]) -> Self {
        Self { len: 64, bytes }
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The result of a key agreement: wiped when dropped, not shown by `Debug`.
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<Vec<u8>>);

impl SharedSecret {
    /// Refuses an X25519 output of zeros (RFC 7748 6.1). On the other curves x = 0 is a point like any other.
    fn new(curve: Curve, octets: Zeroizing<Vec<u8>>) -> Result<Self, KeyError> {
        if curve == Curve::X25519 && ct_eq(&octets, &vec![0; octets.len()]) {
            return Err(KeyError::ZeroSecret);
        }
        Ok(Self(octets))
    }

    /// The octets; full field length.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for SharedSecret {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(redacted)")
    }
}

/// Compares octets in time that depends on the lengths alone.
#[must_use]
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// A signature brought to its fixed-width form: what the back ends share, so that they cannot disagree on encodings.
struct FixedSignature {
    len: usize,
    bytes: [u8; 2 * MAX_FIELD],
}

impl FixedSignature {
    fn new(
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        signature: SignatureRef<'_>,
    ) -> Result<Self, SignatureError> {
        let curve = key.curve();
        if !algorithm.fits(curve) {
            return Err(SignatureError::KeyMismatch { algorithm, curve });
        }
        let len = 2 * curve.field_len();
        let mut bytes = [0; 2 * MAX_FIELD];
        let slot = bytes.get_mut(..len).ok_or(SignatureError::Malformed)?;
        match signature {
            SignatureRef::Raw(raw) if raw.len() == len => slot.copy_from_slice(raw),
            SignatureRef::Der(der) if curve.is_weierstrass() => {
                der_to_raw(der, curve.field_len(), slot)?;
            }
            _ => return Err(SignatureError::Malformed),
        }
        Ok(Self { len, bytes })
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}
