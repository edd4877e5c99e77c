//! Private keys of a key agreement.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    algorithm::Curve,
    ec::{self, MAX_POINT},
    key::{KeyError, PublicKey, private_jwk},
};

/// An ECDH private key, such as the ephemeral key of a reader (`EReaderKey`, ISO/IEC 18013-5 9.1.1.4). Wiped when dropped,
/// not shown by `Debug`.
pub struct AgreementKey {
    private: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl AgreementKey {
    /// Takes the scalar, big-endian and of full field length, or the 32 octets of an X25519 key.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for Ed25519, [`KeyError::Length`], [`KeyError::PrivateKeyOutOfRange`].
    pub fn from_raw(curve: Curve, octets: &[u8]) -> Result<Self, KeyError> {
        if !curve.can_agree() {
            return Err(KeyError::WrongUse(curve));
        }
        let public = derive_public(curve, octets)?;
        Ok(Self { private: Zeroizing::new(octets.to_vec()), public })
    }

    /// Reads a private JWK (RFC 7518 6.2.2, RFC 8037 2). The public part must belong to the private one.
    ///
    /// # Errors
    /// [`KeyError::JwkMember`] names the member that is missing or does not fit.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        let (public, octets) = private_jwk(json)?;
        let key = Self::from_raw(public.curve(), &octets)?;
        if key.public == public { Ok(key) } else { Err(KeyError::JwkMember("d")) }
    }

    /// Draws a new key.
    ///
    /// # Errors
    /// [`KeyError::WrongUse`] for Ed25519; [`KeyError::PrivateKeyOutOfRange`] if the generator is broken and never
    /// gives a scalar in range.
    pub fn generate(curve: Curve, rng: &mut impl CryptoRng) -> Result<Self, KeyError> {
        if !curve.can_agree() {
            return Err(KeyError::WrongUse(curve));
        }
        let private = draw_scalar(curve, rng)?;
        Self::from_raw(curve, &private)
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.public.curve()
    }

    /// The public key that goes to the peer.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.private
    }
}

impl fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgreementKey(redacted, public {:?})", self.public)
    }
}

/// The public key of a private one, on any curve.
pub(crate) fn derive_public(curve: Curve, octets: &[u8]) -> Result<PublicKey, KeyError> {
    let expected = curve.field_len();
    if octets.len() != expected {
        return Err(KeyError::Length { curve, expected, found: octets.len() });
    }
    let short: Option<Zeroizing<[u8; 32]>> = octets.try_into().ok().map(Zeroizing::new);
    match (curve, short) {
        (Curve::Ed25519, Some(seed)) => {
            let key = ed25519_dalek::SigningKey::from_bytes(&seed);
            PublicKey::from_sec1(curve, key.verifying_key().as_bytes())
        }
        (Curve::X25519, Some(scalar)) => {
            let public = x25519_dalek::x25519(*scalar, x25519_dalek::X25519_BASEPOINT_BYTES);
            PublicKey::from_sec1(curve, &public)
        }
        _ => {
            let mut point = [0; MAX_POINT];
            ec::public_point(curve, octets, &mut point).ok_or(KeyError::PrivateKeyOutOfRange(curve))?;
            PublicKey::from_sec1(curve, point.get(..=2 * expected).unwrap_or_default())
        }
    }
}

/// Draws octets until they are a private key: uniform below the group order by rejection. P-521 has 521 bits, so the
/// seven bits above them are cleared, which keeps the odds above one half.
pub(crate) fn draw_scalar(curve: Curve, rng: &mut impl CryptoRng) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut octets = Zeroizing::new(vec![0; curve.field_len()]);
    for _ in 0..256 {
        rng.fill_bytes(&mut octets);
        if let (Curve::P521, Some(first)) = (curve, octets.first_mut()) {
            *first &= 1;
        }
        if derive_public(curve, &octets).is_ok() {
            return Ok(octets);
        }
    }
    Err(KeyError::PrivateKeyOutOfRange(curve))
}
