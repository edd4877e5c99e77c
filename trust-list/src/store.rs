//! The trust store: anchors and pinned signers of a relying party.

use core::sync::atomic::{AtomicU64, Ordering};

use tegata_pki::{Certificate, CertificateError, CryptoProvider, KeyError, PublicKey};

use crate::anchor::{Anchor, AnchorEntry, PinnedSigner, Provenance, Purpose, Scope};
use crate::import::import_findings;

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
    #[error("key of the anchor: {0}")]
    Key(KeyError),
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
            Self::Key(_) => "trust-key",
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
    pinned: Vec<PinnedSigner>,
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
        Self { anchors: Vec::new(), pinned: Vec::new(), provider: tegata_pki::rust_crypto() }
    }

    /// Adds an anchor and records what is found about it. The same certificate with another scope or other purposes is an
    /// entry of its own, so that a purpose never spreads to document types it was not given for; a repetition is dropped.
    ///
    /// # Errors
    /// [`TrustError`]. Deviations from a profile are recorded, not refused.
    pub fn anchor(mut self, entry: AnchorEntry) -> Result<Self, TrustError> {
        if entry.purposes.is_empty() {
            return Err(TrustError::NoPurpose);
        }
        let key = entry.certificate.public_key().map_err(|error| TrustError::Key(error.clone()))?.clone();
        let same = |anchor: &Anchor| {
            anchor.entry.certificate == entry.certificate
                && anchor.entry.scope == entry.scope
                && anchor.entry.purposes == entry.purposes
        };
        if !self.anchors.iter().any(same) {
            let findings = import_findings(&entry, &key, self.provider);
            self.anchors.push(Anchor { entry, key, findings });
        }
        Ok(self)
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
        certificate.public_key().map_err(|error| TrustError::Key(error.clone()))?;
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
        Ok(TrustStore { anchors: self.anchors, pinned: self.pinned, generation: next_generation() })
    }
}

/// Numbers the stores of this process.
fn next_generation() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// Whom a relying party trusts. Never empty and never changed: another set of anchors is another store.
#[derive(Clone, Debug)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
    pinned: Vec<PinnedSigner>,
    generation: u64,
}

impl TrustStore {
    /// A number that no other store of this process has, clones apart: part of the key of any cache of validated
    /// certificates.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// All anchors, in the order they were added.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// All pinned document signers.
    #[must_use]
    pub fn pinned_signers(&self) -> &[PinnedSigner] {
        &self.pinned
    }

    /// The anchors with this key; a renewed root is a second certificate with the same key.
    pub fn anchors_with_key<'a>(&'a self, key: &'a PublicKey) -> impl Iterator<Item = &'a Anchor> {
        self.anchors.iter().filter(move |anchor| anchor.key == *key)
    }

    /// The anchors that may speak for `purpose` of `doc_type`.
    pub fn anchors_for<'a>(&'a self, purpose: Purpose, doc_type: &'a str) -> impl Iterator<Item = &'a Anchor> {
        self.anchors.iter().filter(move |anchor| anchor.may(purpose, doc_type))
    }

    /// The anchors that may have issued `leaf`, best first and at most [`MAX_CANDIDATES`]: those whose subject key
    /// identifier is the leaf's authority key identifier, then those whose name is the leaf's issuer; no others. All are
    /// to be tried, because several keys live under one name (and an identifier may be forged).
    pub fn candidates<'a>(
        &'a self,
        purpose: Purpose,
        doc_type: &'a str,
        leaf: &'a Certificate,
    ) -> impl Iterator<Item = &'a Anchor> {
        let wanted = leaf.authority_key_identifier();
        let by_key =
            move |anchor: &&Anchor| wanted.is_some() && anchor.certificate().subject_key_identifier() == wanted;
        let by_name =
            move |anchor: &&Anchor| !by_key(anchor) && anchor.certificate().subject().matches(leaf.issuer()).is_match();
        let first = self.anchors_for(purpose, doc_type).filter(by_key);
        first.chain(self.anchors_for(purpose, doc_type).filter(by_name)).take(MAX_CANDIDATES)
    }

    /// The pinned signer that is byte for byte `leaf` and may sign `doc_type`.
    #[must_use]
    pub fn pinned(&self, leaf: &Certificate, doc_type: &str) -> Option<&PinnedSigner> {
        self.pinned.iter().find(|signer| signer.certificate.der() == leaf.der() && signer.scope.covers(doc_type))
    }
}
