//! Reading and verifying: from bytes to [`Signed`], from there to [`Verified`].

use std::collections::BTreeSet;

use tegata_pki::{CoseAlgorithm, CryptoProvider, PublicKey, SignatureRef};
use time::UtcDateTime;

use crate::document::{Document, decode, type_of};
use crate::envelope::{Envelope, FileSignature, to_be_signed};
use crate::{Approval, FileReference, KeyId, MAX_LIST_BYTES, MetadataError, RoleKeys, RoleName, RootMetadata, sha256};

/// Metadata as it came: parsed, its rules checked, **not verified**.
#[derive(Clone, Debug)]
pub struct Signed<T> {
    document: T,
    envelope: Envelope,
    length: u64,
    sha256: [u8; 32],
}

impl<T: Document> Signed<T> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`MetadataError`]: too large, not the CBOR of metadata, not deterministic, of another type, or against its rules.
    pub fn parse(file: &[u8]) -> Result<Self, MetadataError> {
        let envelope = Envelope::decode(file, T::max_bytes())?;
        let document = decode(&envelope.payload)?;
        let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
        Ok(Self { document, envelope, length, sha256: sha256(file) })
    }

    /// What it says, which nobody has vouched for yet.
    #[must_use]
    pub fn unverified(&self) -> &T {
        &self.document
    }

    /// The ids of the keys that are said to have signed, in the order of the file.
    pub fn unverified_signers(&self) -> impl Iterator<Item = &[u8]> {
        self.envelope.signatures.iter().map(|signature| signature.key_id.as_slice())
    }

    /// Verifies that the threshold of the type's role in `root` has signed, and that it is of the repository of `root`.
    ///
    /// Distinct keys are counted. Signatures by keys that the role does not have, repeated ones and wrong ones count
    /// nothing. Dates are not looked at.
    ///
    /// # Errors
    /// [`MetadataError::WrongRepository`], [`MetadataError::NotSigned`].
    pub fn verify(self, root: &RootMetadata, provider: &dyn CryptoProvider) -> Result<Verified<T>, MetadataError> {
        let signers = self.signers(root, provider)?;
        Ok(Verified {
            signers,
            payload_sha256: sha256(&self.envelope.payload),
            document: self.document,
            length: self.length,
            sha256: self.sha256,
        })
    }

    fn signers(&self, root: &RootMetadata, provider: &dyn CryptoProvider) -> Result<BTreeSet<KeyId>, MetadataError> {
        let found = self.document.repository();
        if found != root.header.repository {
            let (expected, found) = (root.header.repository.clone(), found.to_owned());
            return Err(MetadataError::WrongRepository { expected, found });
        }
        let role = T::role();
        let RoleKeys { keys, threshold } = root.roles.get(&role).ok_or(MetadataError::MissingRole(role))?;
        let mut signers = BTreeSet::new();
        // Counted by key and not by id: a root that was built by hand may hold one key under two.
        let mut counted: BTreeSet<&PublicKey> = BTreeSet::new();
        for signature in &self.envelope.signatures {
            let Ok(id) = <[u8; 32]>::try_from(signature.key_id.as_slice()).map(KeyId::from_bytes) else { continue };
            let Some(key) = root.keys.get(&id).filter(|_| keys.contains(&id)) else { continue };
            if !counted.contains(key) && verifies(key, signature, &self.envelope.payload, provider) {
                counted.insert(key);
                signers.insert(id);
            }
        }
        let (valid, threshold) = (counted.len(), threshold.get());
        if valid < usize::from(threshold) {
            return Err(MetadataError::NotSigned { role, root: root.header.version, threshold, valid });
        }
        Ok(signers)
    }
}

fn verifies(key: &PublicKey, signature: &FileSignature, payload: &[u8], provider: &dyn CryptoProvider) -> bool {
    let Some(algorithm) = CoseAlgorithm::from_number(signature.algorithm).filter(|alg| alg.permits(key.curve())) else {
        return false;
    };
    let message = to_be_signed(&signature.protected(), payload);
    let reference = SignatureRef::Raw(&signature.signature);
    provider.verify(key, algorithm.signature_algorithm(), &message, reference).is_ok()
}

impl Signed<RootMetadata> {
    /// Verifies a root by its own keys: what a root that is trusted for another reason must at least satisfy.
    ///
    /// # Errors
    /// As [`Signed::verify`].
    pub fn verify_by_itself(self, provider: &dyn CryptoProvider) -> Result<Verified<RootMetadata>, MetadataError> {
        let root = self.document.clone();
        self.verify(&root, provider)
    }

    /// Verifies that this root follows `trusted`: the next version, signed by the threshold of the root keys of `trusted`
    /// **and** by that of its own. Dates are not looked at.
    ///
    /// # Errors
    /// [`MetadataError::RootVersion`]; as [`Signed::verify`], where [`MetadataError::NotSigned`] tells the version of the
    /// root whose keys are missing.
    pub fn verify_successor(
        self,
        trusted: &RootMetadata,
        provider: &dyn CryptoProvider,
    ) -> Result<Verified<RootMetadata>, MetadataError> {
        let (expected, found) = (trusted.header.version.saturating_add(1), self.document.header.version);
        if found != expected {
            return Err(MetadataError::RootVersion { expected, found });
        }
        self.signers(trusted, provider)?;
        self.verify_by_itself(provider)
    }
}

/// Metadata that the threshold of its role has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    document: T,
    signers: BTreeSet<KeyId>,
    length: u64,
    sha256: [u8; 32],
    payload_sha256: [u8; 32],
}

impl<T: Document> Verified<T> {
    /// What it says.
    #[must_use]
    pub fn document(&self) -> &T {
        &self.document
    }

    /// What it says, taken out.
    #[must_use]
    pub fn into_document(self) -> T {
        self.document
    }

    /// The keys of the role that have signed.
    #[must_use]
    pub fn signers(&self) -> &BTreeSet<KeyId> {
        &self.signers
    }

    /// What a parent says about this file; `None` of an approval, which has no version.
    #[must_use]
    pub fn reference(&self) -> Option<FileReference> {
        let version = self.document.version()?;
        Some(FileReference { version, length: self.length, sha256: self.sha256 })
    }

    /// The SHA-256 of what was signed: it stays when the same is signed again.
    #[must_use]
    pub fn payload_sha256(&self) -> &[u8; 32] {
        &self.payload_sha256
    }

    /// Checks that `at` lies in the time for which it is to be believed.
    ///
    /// # Errors
    /// [`MetadataError::Expired`], [`MetadataError::FromFuture`].
    pub fn check_time(&self, at: UtcDateTime) -> Result<(), MetadataError> {
        let (issued, expires) = (self.document.issued(), self.document.expires());
        if at < issued {
            return Err(MetadataError::FromFuture { issued, at });
        }
        if at >= expires { Err(MetadataError::Expired { expires, at }) } else { Ok(()) }
    }
}

/// Verifies an approval of an anchor: the threshold of the **root** role has signed it, and it is in force at `at`. Whether
/// it is of the anchor at hand is for [`Approval::covers`] to say.
///
/// # Errors
/// [`MetadataError`], as [`Signed::parse`], [`Signed::verify`] and [`Verified::check_time`].
pub fn verify_approval(
    bytes: &[u8],
    root: &RootMetadata,
    provider: &dyn CryptoProvider,
    at: UtcDateTime,
) -> Result<Approval, MetadataError> {
    let verified = Signed::<Approval>::parse(bytes)?.verify(root, provider)?;
    verified.check_time(at)?;
    Ok(verified.into_document())
}

/// What kind of metadata a file says it is; nothing is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetadataKind {
    /// The file of a role.
    Role(RoleName),
    /// The approval of an anchor.
    Approval,
}

impl MetadataKind {
    /// The kind of a file.
    ///
    /// # Errors
    /// [`MetadataError`]: the file is not metadata, of an unknown version of the format or of an unknown type
    /// ([`MetadataError::Field`]).
    pub fn of(file: &[u8]) -> Result<Self, MetadataError> {
        let envelope = Envelope::decode(file, MAX_LIST_BYTES)?;
        let name = type_of(&envelope.payload)?;
        let role = RoleName::from_id(name).map(Self::Role);
        role.or_else(|| (name == Approval::type_name()).then_some(Self::Approval)).ok_or(MetadataError::Field("type"))
    }
}
