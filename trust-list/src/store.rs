//! The trust store: anchors and pinned signers of a relying party.

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use tegata_pki::{Certificate, CertificateError, CryptoProvider, KeyError, Name, PublicKey};

use crate::anchor::{Anchor, AnchorEntry, Listing, PinnedSigner, Provenance, Purpose, RequiredDeviceKeyList, Scope};

/// The most anchors that are tried for one certificate. Real issuers have up to three roots of one name; far more of them
/// would only cost time.
pub const MAX_CANDIDATES: usize = 16;

/// Why a certificate cannot become an anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Not a certificate.
    #[error("anchor: {0}")]
    Certificate(#[from] CertificateError),
    /// Its key cannot be used.
    #[error("the key of {subject} cannot be used: {error}")]
    Key {
        /// The subject of the certificate: a file may hold many.
        subject: Box<str>,
        /// What is the matter with its key.
        error: KeyError,
    },
    /// It is given no purpose.
    #[error("the anchor has no purpose")]
    NoPurpose,
}

impl TrustError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "trust-certificate",
            Self::Key { .. } => "trust-key",
            Self::NoPurpose => "trust-no-purpose",
        }
    }
}

/// Nobody is trusted: such a store would be a mistake, and is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trust store needs at least one anchor")]
pub struct EmptyTrust;

impl EmptyTrust {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        "trust-empty"
    }
}

/// Collects anchors for a [`TrustStore`].
#[derive(Clone, Debug)]
pub struct TrustStoreBuilder {
    anchors: Vec<Anchor>,
    index: Index,
    pinned: Vec<PinnedSigner>,
    required: Vec<RequiredDeviceKeyList>,
    provider: &'static dyn CryptoProvider,
}

impl Default for TrustStoreBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TrustStoreBuilder {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            anchors: Vec::new(),
            index: Index::default(),
            pinned: Vec::new(),
            required: Vec::new(),
            provider: tegata_pki::rust_crypto(),
        }
    }

    /// Adds an anchor. The same certificate with another scope or other purposes is an
    /// entry of its own, so that a purpose never spreads to document types it was not given for; a repetition is dropped.
    ///
    /// # Errors
    /// [`TrustError`]. Deviations from a profile are no reason to refuse one; see [`Anchor::findings`].
    pub fn anchor(self, entry: AnchorEntry) -> Result<Self, TrustError> {
        self.add(entry, None)
    }

    /// As [`TrustStoreBuilder::anchor`], with the published list it was taken from: a report says how old that is.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn listed_anchor(self, entry: AnchorEntry, listing: Listing) -> Result<Self, TrustError> {
        self.add(entry, Some(listing))
    }

    fn add(mut self, entry: AnchorEntry, listing: Option<Listing>) -> Result<Self, TrustError> {
        if entry.purposes.is_empty() {
            return Err(TrustError::NoPurpose);
        }
        let key = usable_key(&entry.certificate)?.clone();
        let same = |anchor: &Anchor| {
            anchor.entry.certificate == entry.certificate
                && anchor.entry.scope == entry.scope
                && anchor.entry.purposes == entry.purposes
        };
        if !self.index.with_key(&key).filter_map(|position| self.anchors.get(position)).any(same) {
            let anchor = Anchor { entry, key, listing, findings: OnceLock::new(), provider: self.provider };
            self.index.insert(self.anchors.len(), &anchor);
            self.anchors.push(anchor);
        }
        Ok(self)
    }

    /// Demands a device-key list: without it, fresh and authentic, the documents it speaks for are undetermined.
    #[must_use]
    pub fn require_device_key_list(mut self, required: RequiredDeviceKeyList) -> Self {
        self.required.push(required);
        self
    }

    /// Trusts one document signer certificate by its exact bytes, for `scope`. Nobody vouches for it and nobody can
    /// revoke it; it is for tests and for issuers that publish no root. Kept apart from the anchors, and visible in
    /// every report.
    ///
    /// # Errors
    /// [`TrustError::Key`].
    pub fn dangerous_pin_document_signer(
        mut self,
        certificate: Certificate,
        scope: Scope,
        provenance: Provenance,
    ) -> Result<Self, TrustError> {
        usable_key(&certificate)?;
        self.pinned.push(PinnedSigner { certificate, scope, provenance });
        Ok(self)
    }

    /// Makes the store.
    ///
    /// # Errors
    /// [`EmptyTrust`].
    pub fn build(self) -> Result<TrustStore, EmptyTrust> {
        if self.anchors.is_empty() && self.pinned.is_empty() {
            return Err(EmptyTrust);
        }
        let Self { anchors, index, pinned, required, provider: _ } = self;
        Ok(TrustStore(Arc::new(Contents { anchors, index, pinned, required, generation: next_generation() })))
    }
}

fn usable_key(certificate: &Certificate) -> Result<&PublicKey, TrustError> {
    let unusable =
        |error: &KeyError| TrustError::Key { subject: certificate.subject().to_string().into(), error: error.clone() };
    certificate.public_key().map_err(unusable)
}

/// Numbers the stores of this process.
fn next_generation() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// Whom a relying party trusts. Never empty and never changed: another set of anchors is another store. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct TrustStore(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    anchors: Vec<Anchor>,
    index: Index,
    pinned: Vec<PinnedSigner>,
    required: Vec<RequiredDeviceKeyList>,
    generation: u64,
}

/// Where the anchors of a key, an identifier or a name stand; each list ascending.
#[derive(Clone, Debug, Default)]
struct Index {
    by_key: BTreeMap<PublicKey, Vec<usize>>,
    by_identifier: BTreeMap<Box<[u8]>, Vec<usize>>,
    by_name: BTreeMap<Vec<u8>, Vec<usize>>,
}

impl Index {
    fn insert(&mut self, position: usize, anchor: &Anchor) {
        let certificate = anchor.certificate();
        self.by_key.entry(anchor.key.clone()).or_default().push(position);
        self.by_name.entry(certificate.subject().comparison_key()).or_default().push(position);
        if let Some(identifier) = certificate.subject_key_identifier() {
            self.by_identifier.entry(identifier.into()).or_default().push(position);
        }
    }

    fn with_key(&self, key: &PublicKey) -> impl Iterator<Item = usize> {
        self.by_key.get(key).into_iter().flatten().copied()
    }

    fn with_identifier(&self, identifier: &[u8]) -> impl Iterator<Item = usize> {
        self.by_identifier.get(identifier).into_iter().flatten().copied()
    }

    fn with_name(&self, name: &Name) -> impl Iterator<Item = usize> {
        self.by_name.get(&name.comparison_key()).into_iter().flatten().copied()
    }
}

impl TrustStore {
    /// A number that no other store of this process has, clones apart: part of the key of any cache of validated
    /// certificates.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.0.generation
    }

    /// All anchors, in the order they were added.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.0.anchors
    }

    /// All pinned document signers.
    #[must_use]
    pub fn pinned_signers(&self) -> &[PinnedSigner] {
        &self.0.pinned
    }

    /// The anchors with this key; a renewed root is a second certificate with the same key.
    pub fn anchors_with_key<'a>(&'a self, key: &'a PublicKey) -> impl Iterator<Item = &'a Anchor> {
        self.0.index.with_key(key).filter_map(|position| self.0.anchors.get(position))
    }

    /// The anchors that may speak for `purpose` of `doc_type`.
    pub fn anchors_for<'a>(&'a self, purpose: Purpose, doc_type: &'a str) -> impl Iterator<Item = &'a Anchor> {
        self.0.anchors.iter().filter(move |anchor| anchor.may(purpose, doc_type))
    }

    /// The anchors that may have issued `leaf`, best first and at most [`MAX_CANDIDATES`]: those whose subject key
    /// identifier is the leaf's authority key identifier, then those whose name is the leaf's issuer; no others. All are
    /// to be tried, because several keys live under one name (and an identifier may be forged).
    pub fn candidates<'a, 'l>(
        &'a self,
        purpose: Purpose,
        doc_type: &'l str,
        leaf: &'l Certificate,
    ) -> impl Iterator<Item = &'a Anchor> + use<'a, 'l> {
        let wanted = leaf.authority_key_identifier();
        let by_key = wanted.into_iter().flat_map(|identifier| self.0.index.with_identifier(identifier));
        let is_new =
            move |anchor: &&Anchor| wanted.is_none() || anchor.certificate().subject_key_identifier() != wanted;
        let by_key = by_key.filter_map(|position| self.0.anchors.get(position));
        // Folding a name costs more than everything else here: only when no key identifier led to the anchor.
        let by_name = core::iter::once(()).flat_map(move |()| self.0.index.with_name(leaf.issuer()));
        let by_name = by_name.filter_map(|position| self.0.anchors.get(position));
        by_key.chain(by_name.filter(is_new)).filter(move |anchor| anchor.may(purpose, doc_type)).take(MAX_CANDIDATES)
    }

    /// Whether any device-key list is required.
    pub(crate) fn requires_device_key_lists(&self) -> bool {
        !self.0.required.is_empty()
    }

    /// The device-key lists that documents of `doc_type` under the anchor with this key (SHA-256 of its
    /// SubjectPublicKeyInfo) cannot do without, by subject.
    pub fn required_device_key_lists<'a>(
        &'a self,
        issuer_key: &'a [u8; 32],
        doc_type: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let concerns = move |required: &&RequiredDeviceKeyList| {
            required.issuer_key == *issuer_key && required.scope.covers(doc_type)
        };
        self.0.required.iter().filter(concerns).map(|required| required.uri.as_str())
    }

    /// The pinned signer that is byte for byte `leaf` and may sign `doc_type`.
    #[must_use]
    pub fn pinned(&self, leaf: &Certificate, doc_type: &str) -> Option<&PinnedSigner> {
        self.0.pinned.iter().find(|signer| signer.certificate.der() == leaf.der() && signer.scope.covers(doc_type))
    }
}
