//! The only door to a signing key.

use std::fmt::Debug;

use tegata_pki::{PublicKey, RawSignature, SignatureAlgorithm};

use crate::{PendingSignature, SignerError};

/// A key that signs and that nobody sees.
///
/// Code that signs (MSO, certificate, CRL, status list, audit log) holds a `&dyn Signer` and knows the public key and the
/// algorithm, never where the private key is. Every implementation in this crate verifies each signature with the public
/// key before it releases it.
pub trait Signer: Send + Sync + Debug {
    /// The public half of the key.
    fn public_key(&self) -> &PublicKey;

    /// The algorithm of every signature: EdDSA, or ECDSA with the hash that goes with the curve
    /// (ISO/IEC 18013-5 Annex B: SHA-256 with 256-bit curves, SHA-384 with 384-bit ones, SHA-512 with P-521).
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Queues `message` (the whole message, not its digest) for signing. Never blocks on the token.
    fn begin(&self, message: Vec<u8>) -> PendingSignature;

    /// Signs `message` and waits for the signature: r‖s of fixed width for ECDSA, 64 bytes for Ed25519.
    ///
    /// # Errors
    /// [`SignerError`]; its [`class`](SignerError::class) says whether trying again makes sense.
    fn sign(&self, message: &[u8]) -> Result<RawSignature, SignerError> {
        self.begin(message.to_vec()).wait()
    }
}
