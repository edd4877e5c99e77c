//! What a Digital Trust Service holds.

use std::{collections::BTreeMap, sync::Arc};

use tegata_manifest::{AnchorDates, ListedState, Notice};
use tegata_pki::CrlNumber;
use time::UtcDateTime;

use crate::{
    KeyDigest,
    published::{DocumentSigner, LinkCertificate, ListSigner, RootCertificate},
};

/// A root with its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRoot {
    /// The certificate.
    pub root: RootCertificate,
    /// When it comes into each state.
    pub dates: AnchorDates,
    /// When it was revoked.
    pub revoked: Option<UtcDateTime>,
    /// The bundle that it came with, by its SHA-256.
    pub bundle: [u8; 32],
    /// A signed approval by the threshold of the root role.
    pub approval: Option<Vec<u8>>,
}

impl HeldRoot {
    /// The state at a time: revoked for good, else by the dates.
    #[must_use]
    pub fn state_at(&self, at: UtcDateTime) -> ListedState {
        let reached = |date: Option<UtcDateTime>| date.is_some_and(|date| date <= at);
        if self.revoked.is_some() {
            ListedState::Revoked
        } else if reached(self.dates.removed) {
            ListedState::Removed
        } else if reached(self.dates.retiring) {
            ListedState::Retiring
        } else if reached(Some(self.dates.active)) {
            ListedState::Active
        } else {
            ListedState::Announced
        }
    }

    /// Whether it may vouch and issue at a time.
    #[must_use]
    pub fn is_in_use(&self, at: UtcDateTime) -> bool {
        !matches!(self.state_at(at), ListedState::Removed | ListedState::Revoked)
    }
}

/// A CRL, released or waiting for its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCrl {
    /// The root whose key signed it.
    pub issuer: KeyDigest,
    /// Its number.
    pub number: CrlNumber,
    /// When it takes effect.
    pub this_update: UtcDateTime,
    /// When it ends.
    pub next_update: UtcDateTime,
    /// The list, DER.
    pub der: Arc<[u8]>,
    /// SHA-256 of the list.
    pub sha256: [u8; 32],
    /// When it was released; a list that was not is never written where others can read it.
    pub released: Option<UtcDateTime>,
}

/// The request that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwaitedRequest {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
}

/// The last response that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedResponse {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The number of the next request.
    pub next_sequence: u64,
    /// The checkpoint of the root's log.
    pub checkpoint: String,
    /// The number of records that it signs.
    pub records: u64,
}

/// A signed file of metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFile {
    /// The version in its header.
    pub version: u64,
    /// The file.
    pub bytes: Arc<[u8]>,
}

/// The metadata that was signed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Every root metadata file, in the order of the versions.
    pub roots: Vec<SignedFile>,
    /// The list.
    pub list: Option<SignedFile>,
    /// What goes with that list under stable names: VICAL and LoTE.
    pub exports: BTreeMap<String, Arc<[u8]>>,
    /// The version of the last snapshot that was signed; 0 before the first.
    pub snapshot: u64,
    /// The version of the last pointer that was signed; 0 before the first.
    pub pointer: u64,
    /// The last sequence of the device-key lists; 0 before the first.
    pub device_keys: u64,
    /// What the reference client remembered after the last publication.
    pub client: Option<Arc<[u8]>>,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The roots by their keys.
    pub roots: BTreeMap<KeyDigest, HeldRoot>,
    /// The link certificates.
    pub links: Vec<LinkCertificate>,
    /// The list signers.
    pub list_signers: Vec<ListSigner>,
    /// What is known of document signers; private.
    pub document_signers: Vec<DocumentSigner>,
    /// The CRLs in effect and those that wait for their day, by root and number.
    pub crls: Vec<HeldCrl>,
    /// The notices.
    pub notices: Vec<Notice>,
    /// The request that waits for its answer.
    pub request: Option<AwaitedRequest>,
    /// The last response that was imported.
    pub response: Option<ImportedResponse>,
    /// The metadata.
    pub metadata: Metadata,
}

impl Holdings {
    /// The list of a root that is published now.
    #[must_use]
    pub fn released_crl(&self, issuer: KeyDigest) -> Option<&HeldCrl> {
        self.crls_of(issuer).filter(|crl| crl.released.is_some()).max_by_key(|crl| crl.number)
    }

    /// All lists of a root.
    pub fn crls_of(&self, issuer: KeyDigest) -> impl Iterator<Item = &HeldCrl> {
        self.crls.iter().filter(move |crl| crl.issuer == issuer)
    }

    /// The root with this subject key identifier.
    #[must_use]
    pub fn root_by_key_identifier(&self, identifier: &[u8]) -> Option<&HeldRoot> {
        self.roots.values().find(|held| {
            held.root.certificate().public_key().is_ok_and(|key| key.key_identifier().as_slice() == identifier)
        })
    }
}
