//! Signing: bytes go out to the signers, signatures come back and are verified before anything is released.

use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::{CoseAlgorithm, CryptoProvider, PublicKey, RawSignature, SignatureAlgorithm, SignatureRef};

use crate::document::{Document, encode};
use crate::envelope::{Envelope, FileSignature, protected, to_be_signed};
use crate::{KeyId, MAX_SIGNATURES, MetadataError};

/// Metadata that lacks its signatures.
///
/// The same value prepared for the same keys gives the same bytes everywhere, so that the members of a quorum can each
/// prepare, look and sign at their own place and only the signatures travel.
#[derive(Clone, Debug)]
pub struct Prepared {
    payload: Vec<u8>,
    limit: u64,
    signers: Vec<ToBeSigned>,
}

/// What one signer is to sign.
#[derive(Clone, Debug)]
pub struct ToBeSigned {
    key_id: KeyId,
    key: PublicKey,
    algorithm: CoseAlgorithm,
    message: Vec<u8>,
}

impl ToBeSigned {
    fn new(key: &PublicKey, payload: &[u8]) -> Result<Self, MetadataError> {
        let key_id = KeyId::of(key);
        let algorithm = CoseAlgorithm::for_curve(key.curve()).ok_or(MetadataError::NoAlgorithm(key.curve()))?;
        let message = to_be_signed(&protected(algorithm.number(), key_id.as_bytes()), payload);
        Ok(Self { key_id, key: key.clone(), algorithm, message })
    }

    /// The id of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The key that is to sign.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm.signature_algorithm()
    }

    /// The bytes to sign: the Sig_structure (RFC 9052 4.4).
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }
}

impl Prepared {
    pub(crate) fn new<T: Document>(document: &T, signers: &[PublicKey]) -> Result<Self, MetadataError> {
        let payload = encode(document)?;
        let keys: BTreeSet<&PublicKey> = signers.iter().collect();
        if keys.len() != signers.len() {
            return Err(MetadataError::Duplicate("signers"));
        }
        if signers.len() > MAX_SIGNATURES {
            return Err(MetadataError::TooMany { what: "signers", found: signers.len(), limit: MAX_SIGNATURES });
        }
        let signers: Result<Vec<_>, _> = keys.into_iter().map(|key| ToBeSigned::new(key, &payload)).collect();
        let mut signers = signers?;
        if signers.is_empty() {
            return Err(MetadataError::NoSigner);
        }
        signers.sort_by_key(ToBeSigned::key_id);
        Ok(Self { payload, limit: T::max_bytes(), signers })
    }

    /// One for each signer, in ascending order of the key ids.
    #[must_use]
    pub fn to_be_signed(&self) -> &[ToBeSigned] {
        &self.signers
    }

    /// The payload: deterministic CBOR.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Verifies every signature and returns the file. Signers without a signature are left out; whether enough have signed
    /// is for the verification against the root to say.
    ///
    /// # Errors
    /// [`MetadataError::Signature`], [`MetadataError::UnknownSigner`], [`MetadataError::NoSigner`] without a signature,
    /// [`MetadataError::TooLarge`].
    pub fn complete(
        self,
        signatures: &BTreeMap<KeyId, RawSignature>,
        provider: &dyn CryptoProvider,
    ) -> Result<Vec<u8>, MetadataError> {
        if let Some(unknown) = signatures.keys().find(|id| !self.signers.iter().any(|signer| signer.key_id == **id)) {
            return Err(MetadataError::UnknownSigner(*unknown));
        }
        let mut verified = Vec::new();
        for signer in &self.signers {
            let Some(signature) = signatures.get(&signer.key_id) else { continue };
            let reference = SignatureRef::Raw(signature.as_bytes());
            provider
                .verify(&signer.key, signer.algorithm(), &signer.message, reference)
                .map_err(|error| MetadataError::Signature { key: signer.key_id, error })?;
            verified.push(FileSignature {
                algorithm: signer.algorithm.number(),
                key_id: signer.key_id.as_bytes().to_vec(),
                signature: signature.as_bytes().to_vec(),
            });
        }
        if verified.is_empty() {
            return Err(MetadataError::NoSigner);
        }
        let file = Envelope { payload: self.payload, signatures: verified }.encode();
        let found = u64::try_from(file.len()).unwrap_or(u64::MAX);
        if found > self.limit { Err(MetadataError::TooLarge { limit: self.limit, found }) } else { Ok(file) }
    }
}
