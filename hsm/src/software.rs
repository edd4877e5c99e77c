//! A signer over a key in memory, for tests and sandboxes. It is not a safe place for a key.

use std::fmt;

use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{CryptoProvider, PublicKey, SignatureAlgorithm, SignatureRef, rust_crypto};

use crate::{PendingSignature, Signer, SignerError};

/// **Insecure**: signs with a key that lies in this process's memory. Tests and sandboxes only.
pub struct InsecureSoftwareSigner {
    key: InsecureSoftwareKey,
    algorithm: SignatureAlgorithm,
    provider: &'static dyn CryptoProvider,
}

impl InsecureSoftwareSigner {
    /// Takes the key over.
    ///
    /// # Errors
    /// [`SignerError::SoftwareKey`] for a key on a curve that does not sign (X25519).
    pub fn new(key: InsecureSoftwareKey) -> Result<Self, SignerError> {
        let algorithm = key.public_key().curve().signature_algorithm().ok_or(SignerError::SoftwareKey)?;
        Ok(Self { key, algorithm, provider: rust_crypto() })
    }
}

impl Signer for InsecureSoftwareSigner {
    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Signs at once: there is no token to wait for.
    fn begin(&self, message: Vec<u8>) -> PendingSignature {
        let signed = self.key.sign(self.algorithm, &message).map_err(|_| SignerError::SoftwareKey);
        PendingSignature::ready(signed.and_then(|signature| {
            self.provider
                .verify(self.public_key(), self.algorithm, &message, SignatureRef::Raw(signature.as_bytes()))
                .map_err(|_| SignerError::SignatureDidNotVerify)?;
            Ok(signature)
        }))
    }
}

impl fmt::Debug for InsecureSoftwareSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for InsecureSoftwareSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let curve = self.key.public_key().curve().name();
        write!(formatter, "INSECURE software key ({curve}), for tests only")
    }
}
