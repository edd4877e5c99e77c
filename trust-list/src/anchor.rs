//! Anchors: whom a relying party trusts, for what.

use std::collections::BTreeSet;

use tegata_pki::{Certificate, Finding, PublicKey, SignatureError};
use time::UtcDateTime;

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
    pub(crate) findings: Vec<ImportFinding>,
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

    /// What was found at import. Recorded, not judged: real anchors deviate, and the operator chose them.
    #[must_use]
    pub fn findings(&self) -> &[ImportFinding] {
        &self.findings
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
