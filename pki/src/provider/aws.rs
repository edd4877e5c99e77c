//! The fast native back end: AWS-LC.
//!
//! AWS-LC has no brainpool curves through this binding: signatures and agreements on brainpoolP256r1 and brainpoolP384r1
//! are computed by [`rust_crypto`], and by it alone. Everything else is computed here.

use aws_lc_rs::{
    agreement, digest, hkdf, hmac,
    signature::{self as sig, UnparsedPublicKey, VerificationAlgorithm},
};
use zeroize::Zeroizing;

use super::{
    AgreementKey, CryptoProvider, Digest, FixedSignature, SharedSecret, SignatureError, SignatureRef, rust_crypto,
};
use crate::{
    algorithm::{Curve, Hash, SignatureAlgorithm},
    key::{KeyError, PublicKey},
    signature::raw_to_der,
};

/// The AWS-LC provider. Brainpool curves are handed to [`rust_crypto`].
#[must_use]
pub fn aws_lc_rs() -> &'static dyn CryptoProvider {
    &Aws
}

#[derive(Debug)]
struct Aws;

impl CryptoProvider for Aws {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: SignatureRef<'_>,
    ) -> Result<(), SignatureError> {
        let fixed = FixedSignature::new(key, algorithm, signature)?;
        let verify = |with: &'static dyn VerificationAlgorithm, signature: &[u8]| {
            UnparsedPublicKey::new(with, key.sec1_or_raw())
                .verify(message, signature)
                .map_err(|_| SignatureError::Mismatch)
        };
        match native(algorithm, key.curve()) {
            Some(Native::Fixed(with)) => verify(with, fixed.as_bytes()),
            Some(Native::Der(with)) => verify(with, &raw_to_der(fixed.as_bytes())),
            None => rust_crypto().verify(key, algorithm, message, SignatureRef::Raw(fixed.as_bytes())),
        }
    }

    fn digest(&self, hash: Hash, message: &[u8]) -> Digest {
        let algorithm = match hash {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        let value = digest::digest(algorithm, message);
        Digest::from_bytes(value.as_ref()).unwrap_or_else(|| rust_crypto().digest(hash, message))
    }

    fn hmac_sha256(&self, key: &[u8], message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
        tag.as_ref().try_into().unwrap_or_else(|_| rust_crypto().hmac_sha256(key, message))
    }

    fn hkdf_sha256(&self, ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
        let mut okm = [0; 32];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(ikm);
        let filled = prk.expand(&[info], hkdf::HKDF_SHA256).and_then(|expanded| expanded.fill(&mut okm));
        match filled {
            Ok(()) => okm,
            // AWS-LC bounds the length of `info`; RFC 5869 does not.
            Err(_) => rust_crypto().hkdf_sha256(ikm, salt, info),
        }
    }

    fn agree(&self, private: &AgreementKey, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
        let curve = private.curve();
        let algorithm = match curve {
            Curve::P256 => &agreement::ECDH_P256,
            Curve::P384 => &agreement::ECDH_P384,
            Curve::P521 => &agreement::ECDH_P521,
            Curve::X25519 => &agreement::X25519,
            Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::Ed25519 => {
                return rust_crypto().agree(private, peer);
            }
        };
        if curve != peer.curve() {
            return Err(KeyError::CurveMismatch { own: curve, peer: peer.curve() });
        }
        let key = agreement::PrivateKey::from_private_key(algorithm, private.octets())
            .map_err(|_| KeyError::PrivateKeyOutOfRange(curve))?;
        let peer = agreement::UnparsedPublicKey::new(algorithm, peer.sec1_or_raw());
        // Both keys have been checked, so the only failure left is the zero secret of X25519.
        let octets = agreement::agree(&key, peer, KeyError::ZeroSecret, |secret| Ok(Zeroizing::new(secret.to_vec())))?;
        SharedSecret::new(curve, octets)
    }
}

/// How AWS-LC verifies an algorithm with a curve. It offers the fixed-width form for some pairs only.
enum Native {
    Fixed(&'static dyn VerificationAlgorithm),
    Der(&'static dyn VerificationAlgorithm),
}

fn native(algorithm: SignatureAlgorithm, curve: Curve) -> Option<Native> {
    use Hash::{Sha256, Sha384, Sha512};
    let hash = match (algorithm, curve) {
        (SignatureAlgorithm::EdDsa, Curve::Ed25519) => return Some(Native::Fixed(&sig::ED25519)),
        (SignatureAlgorithm::EdDsa, _) => return None,
        (SignatureAlgorithm::Ecdsa(hash), _) => hash,
    };
    Some(match (curve, hash) {
        (Curve::P256, Sha256) => Native::Fixed(&sig::ECDSA_P256_SHA256_FIXED),
        (Curve::P256, Sha384) => Native::Der(&sig::ECDSA_P256_SHA384_ASN1),
        (Curve::P256, Sha512) => Native::Der(&sig::ECDSA_P256_SHA512_ASN1),
        (Curve::P384, Sha256) => Native::Der(&sig::ECDSA_P384_SHA256_ASN1),
        (Curve::P384, Sha384) => Native::Fixed(&sig::ECDSA_P384_SHA384_FIXED),
        (Curve::P384, Sha512) => Native::Der(&sig::ECDSA_P384_SHA512_ASN1),
        (Curve::P521, Sha256) => Native::Fixed(&sig::ECDSA_P521_SHA256_FIXED),
        (Curve::P521, Sha384) => Native::Fixed(&sig::ECDSA_P521_SHA384_FIXED),
        (Curve::P521, Sha512) => Native::Fixed(&sig::ECDSA_P521_SHA512_FIXED),
        _ => return None,
    })
}
