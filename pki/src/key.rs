//! Public keys: validated, small, comparable values, and their encodings.

pub(crate) mod encoding;
mod explicit;
mod jwk;

use core::fmt;

pub(crate) use jwk::private as private_jwk;
use sha1::{Digest as _, Sha1};

use crate::{
    algorithm::Curve,
    ec::{self, MAX_POINT},
};

/// Why bytes are not a key that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The encoding (DER, PEM, JSON, base64url) cannot be read.
    #[error("the key is not well formed")]
    Malformed,
    /// The key is of a kind or on a curve that this crate does not compute with, such as RSA.
    #[error("unsupported key algorithm {0}")]
    UnsupportedAlgorithm(Box<str>),
    /// Explicit curve parameters, or none: only named curves are allowed (RFC 5480 2.1.1).
    #[error("the curve is not a named curve")]
    CurveNotNamed,
    /// A coordinate or key does not have the full length of the field; leading zeros are kept (RFC 9053 7.1).
    #[error("{curve}: expected {expected} octets, found {found}")]
    Length {
        /// The curve of the key.
        curve: Curve,
        /// The length demanded.
        expected: usize,
        /// The length met.
        found: usize,
    },
    /// The point is not on the curve, is the point at infinity, or is encoded in a form that is not allowed.
    #[error("not a point on {0}")]
    NotOnCurve(Curve),
    /// An Ed25519 key of small order or in a form that is not canonical (RFC 8032 5.1.3): anybody could sign for it.
    #[error("weak or not canonical {0} key")]
    Weak(Curve),
    /// A private scalar is zero or not below the group order.
    #[error("private key out of range for {0}")]
    PrivateKeyOutOfRange(Curve),
    /// A member is missing in a JWK or has another type than it must.
    #[error("JWK member {0} is missing or unusable")]
    JwkMember(&'static str),
    /// A JWK that should be public holds this private member.
    #[error("the JWK holds the private member {0}")]
    PrivateMember(&'static str),
    /// The curve cannot be used for this operation: X25519 does not sign, Ed25519 does not agree.
    #[error("{0} cannot be used for this operation")]
    WrongUse(Curve),
    /// The two keys of a key agreement lie on different curves.
    #[error("key agreement between {own} and {peer}")]
    CurveMismatch {
        /// The curve of the private key.
        own: Curve,
        /// The curve of the peer's public key.
        peer: Curve,
    },
    /// The agreed secret is zero: the peer's key is of small order (RFC 7748 6.1).
    #[error("the agreed secret is zero")]
    ZeroSecret,
}

impl KeyError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Malformed => "key-malformed",
            Self::UnsupportedAlgorithm(_) => "key-unsupported-algorithm",
            Self::CurveNotNamed => "key-curve-not-named",
            Self::Length { .. } => "key-length",
            Self::NotOnCurve(_) => "key-not-on-curve",
            Self::Weak(_) => "key-weak",
            Self::PrivateKeyOutOfRange(_) => "key-private-out-of-range",
            Self::JwkMember(_) => "key-jwk-member",
            Self::PrivateMember(_) => "key-private-member",
            Self::WrongUse(_) => "key-wrong-use",
            Self::CurveMismatch { .. } => "key-curve-mismatch",
            Self::ZeroSecret => "key-zero-secret",
        }
    }
}

/// A public key on a supported curve.
///
/// A value of this type has been checked: a Weierstrass point is on its curve and not at infinity, an Ed25519 key is
/// canonical and not of small order. (An X25519 key is any 32 octets, as RFC 7748 wants; a bad one shows in the agreed
/// secret, which must not be zero.) Bytes are kept inline, so that cloning does not allocate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    curve: Curve,
    /// `0x04 || X || Y`, or the 32 octets of an OKP key; zeros after it.
    bytes: [u8; MAX_POINT],
}

impl PublicKey {
    /// Reads a SEC 1 point, uncompressed (`04`) or compressed (`02`, `03`), or the 32 raw octets of an OKP key.
    ///
    /// # Errors
    /// [`KeyError::NotOnCurve`], [`KeyError::Length`], [`KeyError::Weak`].
    pub fn from_sec1(curve: Curve, bytes: &[u8]) -> Result<Self, KeyError> {
        let mut key = Self { curve, bytes: [0; MAX_POINT] };
        if curve.is_weierstrass() {
            ec::uncompress(curve, bytes, &mut key.bytes).ok_or(KeyError::NotOnCurve(curve))?;
            return Ok(key);
        }
        let octets: &[u8; 32] =
            bytes.try_into().map_err(|_| KeyError::Length { curve, expected: 32, found: bytes.len() })?;
        if curve == Curve::Ed25519 {
            check_ed25519(octets)?;
        }
        if let Some(slot) = key.bytes.get_mut(..32) {
            slot.copy_from_slice(octets);
        }
        Ok(key)
    }

    /// Builds a key from its coordinates, big-endian and of full field length. `y` is `None` for Ed25519 and X25519,
    /// where `x` is the whole key, and only there.
    ///
    /// # Errors
    /// As [`PublicKey::from_sec1`]; [`KeyError::Malformed`] when `y` is there and should not be, or the other way round.
    pub fn from_coordinates(curve: Curve, x: &[u8], y: Option<&[u8]>) -> Result<Self, KeyError> {
        let expected = curve.field_len();
        let sized = |bytes: &[u8]| {
            if bytes.len() == expected { Ok(()) } else { Err(KeyError::Length { curve, expected, found: bytes.len() }) }
        };
        sized(x)?;
        match (curve.is_weierstrass(), y) {
            (true, Some(y)) => {
                sized(y)?;
                Self::from_sec1(curve, &[&[4], x, y].concat())
            }
            (false, None) => Self::from_sec1(curve, x),
            _ => Err(KeyError::Malformed),
        }
    }

    /// Builds an EC key from x and the parity of y (COSE_Key with a boolean `y`, RFC 9053 7.1.1).
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for curves without points of that kind; as [`PublicKey::from_coordinates`].
    pub fn from_compressed(curve: Curve, x: &[u8], y_is_odd: bool) -> Result<Self, KeyError> {
        if !curve.is_weierstrass() {
            return Err(KeyError::WrongUse(curve));
        }
        let expected = curve.field_len();
        if x.len() != expected {
            return Err(KeyError::Length { curve, expected, found: x.len() });
        }
        Self::from_sec1(curve, &[&[2 + u8::from(y_is_odd)], x].concat())
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The x coordinate, or the whole OKP key; full field length.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        let bytes = self.sec1_or_raw();
        if self.curve.is_weierstrass() { bytes.get(1..=self.curve.field_len()).unwrap_or_default() } else { bytes }
    }

    /// The y coordinate of an EC key; full field length.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        if self.curve.is_weierstrass() { self.sec1_or_raw().get(1 + self.curve.field_len()..) } else { None }
    }

    /// `0x04 || X || Y`, or the 32 octets of an OKP key: what stands in the BIT STRING of a SubjectPublicKeyInfo.
    #[must_use]
    pub fn sec1_or_raw(&self) -> &[u8] {
        let field = self.curve.field_len();
        let length = if self.curve.is_weierstrass() { 1 + 2 * field } else { field };
        self.bytes.get(..length).unwrap_or_default()
    }

    /// SHA-1 over the BIT STRING contents of the key: the subject key identifier that ISO/IEC 18013-5 Annex B asks for
    /// (RFC 5280 4.2.1.2 method 1). A name, not a security measure.
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        Sha1::digest(self.sec1_or_raw()).into()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, x=", self.curve)?;
        self.x().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

fn check_ed25519(octets: &[u8; 32]) -> Result<(), KeyError> {
    const CURVE: Curve = Curve::Ed25519;
    let key = ed25519_dalek::VerifyingKey::from_bytes(octets).map_err(|_| KeyError::NotOnCurve(CURVE))?;
    let canonical = key.to_edwards().compress().to_bytes() == *octets;
    if key.is_weak() || !canonical { Err(KeyError::Weak(CURVE)) } else { Ok(()) }
}
