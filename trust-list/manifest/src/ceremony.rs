//! Signing by a quorum whose keys lie in several places: metadata of the root role.
//!
//! ```text
//!  prepare ──► Draft ──► each key holder: look, compare the digest, sign ──► Share ──► complete ──► file
//! ```
//!
//! A [`Draft`] holds what is to be signed and, so that its readers can see what it changes and whose signatures are needed,
//! the root in force. A [`Share`] is the signature of one key over one draft. Neither is secret, and neither is believed for
//! where it comes from: [`Draft::complete`] verifies each signature and counts both quorums.
//!
//! ```cddl
//! draft = [ "tegata-metadata-draft", 1, payload: bstr .cbor metadata, root: bstr / null ]   ; root: file of the root in force
//! share = [ "tegata-metadata-share", 1, draft: bstr .size 32, key: keyid, signature: bstr ]  ; draft: SHA-256 of the payload
//! ```

mod difference;
mod error;

use std::collections::{BTreeMap, BTreeSet};

use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use tegata_pki::{CryptoProvider, PublicKey, RawSignature, SignatureRef};

pub use self::difference::{RootDifference, ThresholdChange};
pub use self::error::CeremonyError;
use crate::document::{decode, type_of};
use crate::field::invalid;
use crate::{
    Approval, Document, KeyId, MAX_ROOT_BYTES, MetadataError, Prepared, RoleName, RootMetadata, Signed, ToBeSigned,
    sha256,
};

const DRAFT: &str = "tegata-metadata-draft";
const SHARE: &str = "tegata-metadata-share";
const VERSION: u64 = 1;

/// What a draft would have the quorum say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DraftDocument {
    /// The first root, or the one after that in force.
    Root(RootMetadata),
    /// The approval of an anchor.
    Approval(Approval),
}

/// The keys of one root whose threshold has to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// The version of that root.
    pub root: u64,
    /// The keys of its root role.
    pub keys: BTreeSet<KeyId>,
    /// How many of them must sign.
    pub threshold: u16,
}

/// Metadata that waits for the signatures of a quorum.
#[derive(Clone, Debug)]
pub struct Draft {
    document: DraftDocument,
    payload: Vec<u8>,
    root: Option<InForce>,
}

/// The root in force, verified by itself.
#[derive(Clone, Debug)]
struct InForce {
    file: Vec<u8>,
    metadata: RootMetadata,
}

/// The signature of one key over one draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    draft: [u8; 32],
    key: KeyId,
    signature: Vec<u8>,
}

impl Draft {
    /// A draft of the root after `in_force`, a root file; of the first root without one.
    ///
    /// # Errors
    /// [`CeremonyError::Metadata`]: a rule of the root is broken, or it does not follow the root in force.
    pub fn of_root(
        root: &RootMetadata,
        in_force: Option<&[u8]>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, CeremonyError> {
        Self::new(DraftDocument::Root(root.clone()), in_force, provider)
    }

    /// A draft of an approval by the root role of `in_force`, a root file.
    ///
    /// # Errors
    /// [`CeremonyError::Metadata`].
    pub fn of_approval(
        approval: &Approval,
        in_force: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, CeremonyError> {
        Self::new(DraftDocument::Approval(approval.clone()), Some(in_force), provider)
    }

    fn new(
        document: DraftDocument,
        in_force: Option<&[u8]>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, CeremonyError> {
        let root = in_force.map(|file| in_force_root(file, provider)).transpose()?;
        let payload = match &document {
            DraftDocument::Root(root) => crate::document::encode(root)?,
            DraftDocument::Approval(approval) => crate::document::encode(approval)?,
        };
        let draft = Self { document, payload, root };
        draft.check()?;
        Ok(draft)
    }

    /// That it may follow the root in force.
    fn check(&self) -> Result<(), CeremonyError> {
        let repository = match (&self.document, &self.root) {
            (DraftDocument::Root(root), in_force) => {
                let expected = in_force.as_ref().map_or(0, |root| root.metadata.header.version).saturating_add(1);
                let found = root.header.version;
                if found != expected {
                    return Err(MetadataError::RootVersion { expected, found }.into());
                }
                &root.header.repository
            }
            (DraftDocument::Approval(_), None) => return Err(CeremonyError::NoRoot),
            (DraftDocument::Approval(approval), Some(_)) => &approval.repository,
        };
        match &self.root {
            Some(InForce { metadata, .. }) if metadata.header.repository != *repository => {
                let (expected, found) = (metadata.header.repository.clone(), repository.clone());
                Err(MetadataError::WrongRepository { expected, found }.into())
            }
            _ => Ok(()),
        }
    }

    /// What it would have the quorum say.
    #[must_use]
    pub fn document(&self) -> &DraftDocument {
        &self.document
    }

    /// The root in force, which the draft brings along; `None` in a draft of the first root.
    #[must_use]
    pub fn root(&self) -> Option<&RootMetadata> {
        self.root.as_ref().map(|root| &root.metadata)
    }

    /// SHA-256 of the file of that root: to be compared with the one that the key holder knows.
    #[must_use]
    pub fn root_sha256(&self) -> Option<[u8; 32]> {
        self.root.as_ref().map(|root| sha256(&root.file))
    }

    /// SHA-256 of what is signed: what the key holders compare with each other.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.payload)
    }

    /// What it changes in the root in force; of a first root everything is new. `None` for an approval.
    #[must_use]
    pub fn difference(&self) -> Option<RootDifference> {
        match &self.document {
            DraftDocument::Root(root) => Some(RootDifference::between(self.root(), root)),
            DraftDocument::Approval(_) => None,
        }
    }

    /// The quorums that have to sign: that of the root in force, and for a root its own.
    #[must_use]
    pub fn quorums(&self) -> Vec<Quorum> {
        let roots = self.roots().filter_map(|root| {
            let rules = root.roles.get(&RoleName::Root)?;
            Some(Quorum { root: root.header.version, keys: rules.keys.clone(), threshold: rules.threshold.get() })
        });
        roots.collect()
    }

    /// The keys whose signature counts for a quorum, by their ids.
    #[must_use]
    pub fn signers(&self) -> BTreeMap<KeyId, &PublicKey> {
        let keys = self.roots().flat_map(|root| {
            let ids = root.roles.get(&RoleName::Root).into_iter().flat_map(|rules| &rules.keys);
            ids.filter_map(|id| Some((*id, root.keys.get(id)?)))
        });
        keys.collect()
    }

    fn roots(&self) -> impl Iterator<Item = &RootMetadata> {
        let own = match &self.document {
            DraftDocument::Root(root) => Some(root),
            DraftDocument::Approval(_) => None,
        };
        self.root().into_iter().chain(own)
    }

    /// What `key` is to sign.
    ///
    /// # Errors
    /// [`CeremonyError::NotASigner`].
    pub fn to_be_signed(&self, key: &PublicKey) -> Result<ToBeSigned, CeremonyError> {
        let id = KeyId::of(key);
        if !self.signers().contains_key(&id) {
            return Err(CeremonyError::NotASigner(id));
        }
        let prepared = self.prepare(core::slice::from_ref(key))?;
        prepared.to_be_signed().first().cloned().ok_or(CeremonyError::NotASigner(id))
    }

    /// The share of `key`, whose signature over [`Draft::to_be_signed`] is verified.
    ///
    /// # Errors
    /// [`CeremonyError::NotASigner`], [`CeremonyError::Metadata`] with the signature that does not verify.
    pub fn share(
        &self,
        key: &PublicKey,
        signature: &RawSignature,
        provider: &dyn CryptoProvider,
    ) -> Result<Share, CeremonyError> {
        let share = Share { draft: self.digest(), key: KeyId::of(key), signature: signature.as_bytes().to_vec() };
        self.verify(&share, provider)?;
        Ok(share)
    }

    /// Verifies that a share is a signature over this draft by a key that counts.
    ///
    /// # Errors
    /// [`CeremonyError::OtherDraft`], [`CeremonyError::NotASigner`], [`CeremonyError::Metadata`].
    pub fn verify(&self, share: &Share, provider: &dyn CryptoProvider) -> Result<(), CeremonyError> {
        if share.draft != self.digest() {
            return Err(CeremonyError::OtherDraft(share.key));
        }
        let signers = self.signers();
        let key = signers.get(&share.key).ok_or(CeremonyError::NotASigner(share.key))?;
        let wanted = self.to_be_signed(key)?;
        let verified = provider.verify(key, wanted.algorithm(), wanted.message(), SignatureRef::Raw(&share.signature));
        verified.map_err(|error| MetadataError::Signature { key: share.key, error }.into())
    }

    /// The file with these signatures, which the quorums of the root in force and of a new root accept.
    ///
    /// # Errors
    /// [`CeremonyError`]: as [`Draft::verify`] for the first share that is not good, [`CeremonyError::Duplicate`] for a
    /// second share of one key, and [`MetadataError::NotSigned`] in [`CeremonyError::Metadata`] when a quorum is short,
    /// with the root whose keys are missing.
    pub fn complete(&self, shares: &[Share], provider: &dyn CryptoProvider) -> Result<Vec<u8>, CeremonyError> {
        let mut signatures = BTreeMap::new();
        for share in shares {
            self.verify(share, provider)?;
            let signature = self.signature(share)?;
            if signatures.insert(share.key, signature).is_some() {
                return Err(CeremonyError::Duplicate(share.key));
            }
        }
        let keys: Vec<PublicKey> = self.signers().into_values().cloned().collect();
        let file = self.prepare(&keys)?.complete(&signatures, provider)?;
        match (&self.document, self.root()) {
            (DraftDocument::Root(_), None) => {
                Signed::<RootMetadata>::parse(&file)?.verify_by_itself(provider)?;
            }
            (DraftDocument::Root(_), Some(root)) => {
                Signed::<RootMetadata>::parse(&file)?.verify_successor(root, provider)?;
            }
            (DraftDocument::Approval(_), Some(root)) => {
                Signed::<Approval>::parse(&file)?.verify(root, provider)?;
            }
            (DraftDocument::Approval(_), None) => return Err(CeremonyError::NoRoot),
        }
        Ok(file)
    }

    fn signature(&self, share: &Share) -> Result<RawSignature, CeremonyError> {
        let signers = self.signers();
        let key = signers.get(&share.key).ok_or(CeremonyError::NotASigner(share.key))?;
        RawSignature::new(key.curve(), share.signature.clone())
            .map_err(|error| MetadataError::Signature { key: share.key, error }.into())
    }

    fn prepare(&self, keys: &[PublicKey]) -> Result<Prepared, CeremonyError> {
        let prepared = match &self.document {
            DraftDocument::Root(root) => root.prepare(keys),
            DraftDocument::Approval(approval) => approval.prepare(keys),
        };
        Ok(prepared?)
    }

    /// The file that goes to the key holders.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(4).text(DRAFT).unsigned(VERSION).bytes(&self.payload);
        match &self.root {
            Some(root) => _ = encoder.bytes(&root.file),
            None => _ = encoder.null(),
        }
        encoder.into_bytes()
    }

    /// Reads a draft.
    ///
    /// # Errors
    /// [`CeremonyError`]: not a draft, not metadata of the root role, or not after the root that it brings along.
    pub fn from_bytes(bytes: &[u8], provider: &dyn CryptoProvider) -> Result<Self, CeremonyError> {
        let mut frame = open(bytes, DRAFT)?;
        let [payload, root] = [frame.next(), frame.next()];
        let (Some(Some(payload)), Some(root), None) = (payload, root, frame.next()) else {
            return Err(CeremonyError::Cbor(invalid(bytes.len(), "draft")));
        };
        let document = match type_of(&payload)? {
            "root" => DraftDocument::Root(decode(&payload)?),
            "approval" => DraftDocument::Approval(decode(&payload)?),
            other => return Err(CeremonyError::Type(other.to_owned())),
        };
        Self::new(document, root.as_deref(), provider)
    }
}

impl Share {
    /// The key that signed.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// SHA-256 of what it signed.
    #[must_use]
    pub fn draft(&self) -> [u8; 32] {
        self.draft
    }

    /// The file that goes back.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(5).text(SHARE).unsigned(VERSION).bytes(&self.draft);
        encoder.bytes(self.key.as_bytes()).bytes(&self.signature);
        encoder.into_bytes()
    }

    /// Reads a share; nothing about it is verified.
    ///
    /// # Errors
    /// [`CeremonyError::Cbor`], [`CeremonyError::NotThis`], [`CeremonyError::Version`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let damaged = || CeremonyError::Cbor(invalid(bytes.len(), "share"));
        let mut frame = open(bytes, SHARE)?.map(|field| field.ok_or_else(damaged));
        let mut field = || frame.next().unwrap_or_else(|| Err(damaged()));
        let (draft, key, signature) = (field()?, field()?, field()?);
        let draft = draft.try_into().map_err(|_| damaged())?;
        let key = <[u8; 32]>::try_from(key).map(KeyId::from_bytes).map_err(|_| damaged())?;
        if frame.next().is_some() { Err(damaged()) } else { Ok(Self { draft, key, signature }) }
    }
}

fn in_force_root(file: &[u8], provider: &dyn CryptoProvider) -> Result<InForce, CeremonyError> {
    let verified = Signed::<RootMetadata>::parse(file)?.verify_by_itself(provider)?;
    Ok(InForce { file: file.to_vec(), metadata: verified.into_document() })
}

/// Checks name and version, and gives the byte strings that follow; null is `None`.
fn open(bytes: &[u8], expected: &'static str) -> Result<std::vec::IntoIter<Option<Vec<u8>>>, CeremonyError> {
    let limit = usize::try_from(MAX_ROOT_BYTES).unwrap_or(usize::MAX).saturating_mul(2).saturating_add(1024);
    let limits = Limits { bytes: limit, depth: 4, items: 16 };
    let mut reader = Reader::new(bytes, limits).map_err(CeremonyError::Cbor)?;
    let (mut name, mut version, mut fields) = (None, None, Vec::new());
    let read = reader.array(|reader, index| {
        match index {
            0 => name = Some(reader.text()?.to_owned()),
            1 => version = Some(reader.unsigned()?),
            _ => fields.push(if reader.take_null()? { None } else { Some(reader.bytes()?.to_vec()) }),
        }
        Ok::<(), DecodeError>(())
    });
    if name.as_deref().is_some_and(|name| name != expected) {
        return Err(CeremonyError::NotThis(expected));
    }
    if let Some(version) = version.filter(|version| *version != VERSION) {
        return Err(CeremonyError::Version(version));
    }
    read.and_then(|_| reader.finish()).map_err(CeremonyError::Cbor)?;
    Ok(fields.into_iter())
}
