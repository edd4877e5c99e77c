//! Anchors: whom a relying party trusts, for what.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use tegata_pki::{Certificate, CryptoProvider, Finding, PublicKey, SignatureError};
use time::UtcDateTime;

use crate::import::import_findings;

/// What an anchor may speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Issuing document signers: an IACA.
    Issuance,
    /// Issuing the signers of status and identifier lists under another CA than the document signer's.
    Status,
    /// Issuing mdoc readers.
    Reader,
    /// Issuing VICAL signers.
    Vical,
}

impl Purpose {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Issuance => "issuance",
            Self::Status => "status",
            Self::Reader => "reader",
            Self::Vical => "vical",
        }
    }
}

/// The document types an anchor may speak for (ISO/IEC 18013-5 C.1.7.1: trust is per document type).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any document type; has to be said.
    AnyDocType,
    /// These only, compared exactly.
    DocTypes(DocTypes),
}

/// A set of document types that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocTypes(BTreeSet<String>);

impl DocTypes {
    /// The set of `first` and `others`.
    #[must_use]
    pub fn new(first: impl Into<String>, others: impl IntoIterator<Item = String>) -> Self {
        Self(core::iter::once(first.into()).chain(others).collect())
    }

    /// The document types, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Scope {
    /// One document type.
    #[must_use]
    pub fn doc_type(doc_type: impl Into<String>) -> Self {
        Self::DocTypes(DocTypes::new(doc_type, []))
    }

    /// Whether `doc_type` is within.
    #[must_use]
    pub fn covers(&self, doc_type: &str) -> bool {
        match self {
            Self::AnyDocType => true,
            Self::DocTypes(doc_types) => doc_types.0.contains(doc_type),
        }
    }
}

/// Where an anchor comes from and since when it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The source in words for the operator: a file, a list and its number.
    pub source: String,
    /// When it was added.
    pub added_at: UtcDateTime,
}

/// The published list that names an anchor, and how old it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What kind of list.
    pub kind: ListingKind,
    /// Its provider, as it calls itself.
    pub name: String,
    /// When it was issued.
    pub issued_at: UtcDateTime,
    /// When its provider says that the next one will have been issued.
    pub next_update: Option<UtcDateTime>,
    /// When it was fetched.
    pub fetched_at: UtcDateTime,
}

/// The kinds of published lists of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListingKind {
    /// A VICAL (ISO/IEC 18013-5 Annex C).
    Vical,
    /// A list of trusted entities (ETSI TS 119 602).
    Lote,
    /// The signed list of a Digital Trust Service.
    AnchorList,
}

impl ListingKind {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Vical => "vical",
            Self::Lote => "lote",
            Self::AnchorList => "anchor-list",
        }
    }
}

/// A device-key list without which nothing is known about the documents of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredDeviceKeyList {
    /// SHA-256 of the SubjectPublicKeyInfo of the anchor whose documents the list speaks for, in DER.
    pub issuer_key: [u8; 32],
    /// For which of its document types.
    pub scope: Scope,
    /// The subject of the list: where it is published.
    pub uri: String,
}

/// A certificate to be trusted, before import.
#[derive(Clone, Debug)]
pub struct AnchorEntry {
    /// The CA certificate.
    pub certificate: Certificate,
    /// For which document types.
    pub scope: Scope,
    /// For what; without any, the anchor speaks for nothing and is refused.
    pub purposes: BTreeSet<Purpose>,
    /// Where from.
    pub provenance: Provenance,
}

impl AnchorEntry {
    /// An IACA for `scope`: [`Purpose::Issuance`] alone, which includes the lists signed under the same IACA.
    #[must_use]
    pub fn issuance(certificate: Certificate, scope: Scope, provenance: Provenance) -> Self {
        Self { certificate, scope, purposes: BTreeSet::from([Purpose::Issuance]), provenance }
    }

    /// With one more purpose.
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purposes.insert(purpose);
        self
    }
}

/// A trusted CA in a [`crate::TrustStore`].
#[derive(Clone, Debug)]
pub struct Anchor {
    pub(crate) entry: AnchorEntry,
    pub(crate) key: PublicKey,
    pub(crate) listing: Option<Listing>,
    pub(crate) findings: OnceLock<Vec<ImportFinding>>,
    pub(crate) provider: &'static dyn CryptoProvider,
}

impl Anchor {
    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.entry.certificate
    }

    /// Its public key: what an anchor *is*. Names and key identifiers only help to find it.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The document types it may speak for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.entry.scope
    }

    /// What it may speak for.
    pub fn purposes(&self) -> impl Iterator<Item = Purpose> {
        self.entry.purposes.iter().copied()
    }

    /// Whether it may speak for `purpose` of `doc_type`.
    #[must_use]
    pub fn may(&self, purpose: Purpose, doc_type: &str) -> bool {
        self.entry.purposes.contains(&purpose) && self.entry.scope.covers(doc_type)
    }

    /// Where it comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.entry.provenance
    }

    /// The published list it was taken from, if it was.
    #[must_use]
    pub fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// What is noteworthy about it. Told, not judged: real anchors deviate, and the operator chose them.
    ///
    /// Found out when first asked for: a self-signature costs a hundred times what the rest of an import does, and a store
    /// of ten thousand anchors is mostly made to resolve a few.
    #[must_use]
    pub fn findings(&self) -> &[ImportFinding] {
        self.findings.get_or_init(|| import_findings(&self.entry, &self.key, self.provider))
    }
}

/// A document signer trusted by its bytes, without a CA. See [`crate::TrustStoreBuilder::dangerous_pin_document_signer`].
#[derive(Clone, Debug)]
pub struct PinnedSigner {
    pub(crate) certificate: Certificate,
    pub(crate) scope: Scope,
    pub(crate) provenance: Provenance,
}

impl PinnedSigner {
    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The document types it may sign.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Where it comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}

/// Something noteworthy about an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportFinding {
    /// The certificate is not self-issued: a sub-CA is listed as an anchor.
    NotSelfIssued,
    /// The certificate is self-issued but its signature is not its own (IACA-20).
    SelfSignature(SignatureError),
    /// The certificate is not one of a CA: no path will end at it.
    NotCa,
    /// A deviation from the IACA profile of the document types it is for.
    Profile(Finding),
}

impl ImportFinding {
    /// Stable id; of a profile deviation the id of the rule.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NotSelfIssued => "anchor-not-self-issued",
            Self::SelfSignature(_) => "anchor-self-signature",
            Self::NotCa => "anchor-not-ca",
            Self::Profile(finding) => finding.rule,
        }
    }
}
