//! The default back end: RustCrypto and the dalek curves, portable to wasm32 and phones.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{AgreementKey, CryptoProvider, Digest, FixedSignature, SharedSecret, SignatureError, SignatureRef};
use crate::{
    algorithm::{Curve, Hash, SignatureAlgorithm},
    ec,
    key::{KeyError, PublicKey},
};

/// The pure-Rust provider. It computes every curve of [`Curve`].
#[must_use]
pub fn rust_crypto() -> &'static dyn CryptoProvider {
    &Pure
}

#[derive(Debug)]
struct Pure;

impl CryptoProvider for Pure {
    fn name(&self) -> &'static str {
        "rust-crypto"
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: SignatureRef<'_>,
    ) -> Result<(), SignatureError> {
        let signature = FixedSignature::new(key, algorithm, signature)?;
        match algorithm {
            SignatureAlgorithm::Ecdsa(hash) => {
                let digest = self.digest(hash, message);
                ec::verify(key.curve(), key.sec1_or_raw(), digest.as_bytes(), signature.as_bytes())
            }
            SignatureAlgorithm::EdDsa => verify_ed25519(key, message, signature.as_bytes()),
        }
        .ok_or(SignatureError::Mismatch)
    }

    fn digest(&self, hash: Hash, message: &[u8]) -> Digest {
        match hash {
            Hash::Sha256 => <[u8; 32]>::from(Sha256::digest(message)).into(),
            Hash::Sha384 => <[u8; 48]>::from(Sha384::digest(message)).into(),
            Hash::Sha512 => <[u8; 64]>::from(Sha512::digest(message)).into(),
        }
    }

    fn hmac_sha256(&self, key: &[u8], message: &[u8]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    fn hkdf_sha256(&self, ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
        let mut okm = [0; 32];
        #[expect(clippy::expect_used, reason = "32 octets are below the limit of RFC 5869 2.3")]
        Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut okm).expect("32 octets");
        okm
    }

    fn agree(&self, private: &AgreementKey, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
        let curve = private.curve();
        if curve != peer.curve() {
            return Err(KeyError::CurveMismatch { own: curve, peer: peer.curve() });
        }
        let octets = if curve == Curve::X25519 {
            agree_x25519(private, peer)
        } else {
            ec::agree(curve, private.octets(), peer.sec1_or_raw())
        };
        SharedSecret::new(curve, octets.ok_or(KeyError::WrongUse(curve))?)
    }
}

/// RFC 8032 5.1.7 without the cofactor, `S` below the group order; the key is known not to be weak.
fn verify_ed25519(key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key.sec1_or_raw().try_into().ok()?).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    ed25519_dalek::Verifier::verify(&key, message, &signature).ok()
}

fn agree_x25519(private: &AgreementKey, peer: &PublicKey) -> Option<Zeroizing<Vec<u8>>> {
    let scalar: Zeroizing<[u8; 32]> = Zeroizing::new(private.octets().try_into().ok()?);
    let shared = Zeroizing::new(x25519_dalek::x25519(*scalar, peer.sec1_or_raw().try_into().ok()?));
    Some(Zeroizing::new(shared.to_vec()))
}
