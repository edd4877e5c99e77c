//! Signing. The keys are elsewhere: in tokens, at other places, in a test.

use std::{collections::BTreeMap, error::Error};

use tegata_manifest::{Document, MetadataError, RootMetadata, Signed, Verified};
use tegata_pki::{CryptoProvider, PublicKey, RawSignature, SignatureAlgorithm};

/// What a signer says when it does not sign.
pub type SignerFailure = Box<dyn Error + Send + Sync>;

/// Whoever can sign with some keys.
pub trait Signers {
    /// Whether the private half of a key is at hand.
    fn holds(&self, key: &PublicKey) -> bool;

    /// Signs a message. The caller verifies the signature before anything is released.
    ///
    /// # Errors
    /// Whatever keeps the signer from it.
    fn sign(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<RawSignature, SignerFailure>;
}

/// Why something is not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// Fewer keys of the role are at hand than must sign.
    #[error("{held} keys of the role {role} are at hand, {threshold} must sign")]
    TooFewKeys {
        /// The role.
        role: &'static str,
        /// Keys at hand.
        held: usize,
        /// Keys that must sign.
        threshold: u16,
    },
    /// The key of a list signer is not at hand.
    #[error("the key of the list signer is not at hand")]
    NoKey,
    /// The signer.
    #[error("the signer: {0}")]
    Signer(SignerFailure),
    /// The metadata cannot be written, or does not verify afterwards.
    #[error("metadata: {0}")]
    Metadata(#[from] MetadataError),
}

impl SigningError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooFewKeys { .. } => "signing-too-few-keys",
            Self::NoKey => "signing-no-key",
            Self::Signer(_) => "signing-signer",
            Self::Metadata(error) => error.id(),
        }
    }
}

/// Signs metadata with the keys of its role that are at hand and verifies the result against the root.
///
/// # Errors
/// [`SigningError`].
pub fn sign_metadata<T: Document>(
    document: &T,
    root: &RootMetadata,
    signers: &dyn Signers,
    provider: &dyn CryptoProvider,
) -> Result<(Vec<u8>, Verified<T>), SigningError> {
    let role = T::role();
    let rules = root.roles.get(&role).ok_or(MetadataError::MissingRole(role))?;
    let keys = rules.keys.iter().filter_map(|id| root.keys.get(id)).filter(|key| signers.holds(key));
    let keys: Vec<PublicKey> = keys.cloned().collect();
    if keys.len() < usize::from(rules.threshold.get()) {
        let threshold = rules.threshold.get();
        return Err(SigningError::TooFewKeys { role: role.id(), held: keys.len(), threshold });
    }
    let prepared = document.prepare(&keys)?;
    let mut signatures = BTreeMap::new();
    for signer in prepared.to_be_signed() {
        let signature = signers.sign(signer.key(), signer.algorithm(), signer.message());
        signatures.insert(signer.key_id(), signature.map_err(SigningError::Signer)?);
    }
    let file = prepared.complete(&signatures, provider)?;
    let verified = Signed::<T>::parse(&file)?.verify(root, provider)?;
    Ok((file, verified))
}
