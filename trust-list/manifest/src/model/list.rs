//! What a list says: anchors with their lives, status sources, notices.

use std::collections::BTreeSet;

use tegata_pki::Certificate;
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

use super::{Header, sha256};

/// The list: whom a relying party may trust, for what, and since when.
///
/// ```cddl
/// list = { header, "anchors": [* anchor], "links": [* bstr], "sources": [* source], "notices": [* notice] }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorList {
    /// Type `list`.
    pub header: Header,
    /// The anchors; no two with the same key.
    pub anchors: Vec<ListedAnchor>,
    /// Link certificates (ISO/IEC 18013-5 B.1.3), DER: evidence that one anchor's owner is another's. No two alike.
    pub links: Vec<Certificate>,
    /// Where the status of documents is published; the key of each is that of an anchor of this list.
    pub sources: Vec<StatusSource>,
    /// What people should know; no two with the same id.
    pub notices: Vec<Notice>,
}

/// A trust anchor with its life, as a Digital Trust Service lists it.
///
/// ```cddl
/// anchor = { "certificate": bstr, "docTypes": [+ tstr], "purposes": [+ purpose], "state": state, "dates": dates,
///            "facts": facts, ? "approval": bstr }
/// purpose = "issuance" / "status" / "reader" / "vical"
/// state = "announced" / "active" / "retiring" / "removed" / "revoked"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAnchor {
    /// The CA certificate, DER.
    pub certificate: Certificate,
    /// The document types it may speak for; a list cannot say "any". Ascending.
    pub doc_types: DocTypes,
    /// What it may speak for; not empty. Ascending by their order in [`Purpose`].
    pub purposes: BTreeSet<Purpose>,
    /// Where in its life it stands.
    pub state: ListedState,
    /// When it came and comes there.
    pub dates: AnchorDates,
    /// What its owner promises.
    pub facts: IssuerFacts,
    /// A signed [`crate::Approval`] by the threshold of the root role; see [`crate::verify_approval`].
    pub approval: Option<Vec<u8>>,
}

impl ListedAnchor {
    /// The SHA-256 of the certificate's DER SubjectPublicKeyInfo: what an anchor *is*.
    #[must_use]
    pub fn key_digest(&self) -> [u8; 32] {
        sha256(self.certificate.spki_der())
    }
}

/// Where in its life an anchor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListedState {
    /// Published ahead of use; nothing is signed under it yet.
    Announced,
    /// In use.
    Active,
    /// A newer one took over; documents under it are still about.
    Retiring,
    /// Out of use, without harm.
    Removed,
    /// Not to be believed any more, at once and for good.
    Revoked,
}

impl ListedState {
    /// All, in the order of a life.
    pub const ALL: [Self; 5] = [Self::Announced, Self::Active, Self::Retiring, Self::Removed, Self::Revoked];

    /// Stable id: `announced`, `active`, `retiring`, `removed`, `revoked`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Removed => "removed",
            Self::Revoked => "revoked",
        }
    }

    /// The state of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }
}

/// When an anchor comes into each state; planned dates may change from list to list. Whole seconds, none before the one
/// above it.
///
/// ```cddl
/// dates = { "announced": tdate, "active": tdate, ? "retiring": tdate, ? "removed": tdate }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorDates {
    /// First listed.
    pub announced: UtcDateTime,
    /// First document signer under it.
    pub active: UtcDateTime,
    /// Last document signer under it.
    pub retiring: Option<UtcDateTime>,
    /// No document under it is valid any more; of a revoked one the date of the revocation.
    pub removed: Option<UtcDateTime>,
}

/// What the owner of an anchor promises, as numbers that a policy can use. They speak for this anchor alone.
///
/// ```cddl
/// facts = { ? "crlFresh": seconds, ? "crlMaxAge": seconds, ? "revocationDuty": seconds, "reviewBy": tdate }
/// seconds = uint .gt 0
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerFacts {
    /// A verifier should have a CRL younger than this; whole seconds, positive.
    pub crl_fresh: Option<Duration>,
    /// A CRL older than this is not used; whole seconds, positive, not below `crl_fresh`.
    pub crl_max_age: Option<Duration>,
    /// Within which time a revocation that was asked for is published (48 h, say); whole seconds, positive.
    pub revocation_duty: Option<Duration>,
    /// When a person looks at this entry again. An entry without a date is refused.
    pub review_by: UtcDateTime,
}

/// Where the status of documents under an anchor is published.
///
/// ```cddl
/// source = { "uri": tstr, "kind": "status-list" / "identifier-list" / "device-key-list", "issuerKey": digest }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusSource {
    /// An absolute `https` or `http` URI: what the documents' MSO names; ASCII without white space, at most 2048 bytes.
    pub uri: String,
    /// What is there.
    pub kind: SourceKind,
    /// The key digest of the anchor for whose documents it speaks ([`ListedAnchor::key_digest`]).
    pub issuer_key: [u8; 32],
}

/// The kinds of status publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A Token Status List (draft-ietf-oauth-status-list).
    StatusList,
    /// A list of revoked identifiers (ISO/IEC 18013-5 12.3.6.4).
    IdentifierList,
    /// A list of device keys of revoked documents.
    DeviceKeyList,
}

impl SourceKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::StatusList, Self::IdentifierList, Self::DeviceKeyList];

    /// Stable id: `status-list`, `identifier-list`, `device-key-list`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::StatusList => "status-list",
            Self::IdentifierList => "identifier-list",
            Self::DeviceKeyList => "device-key-list",
        }
    }

    /// The kind of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// Something the operators and users of verifiers should know.
///
/// ```cddl
/// notice = { "id": tstr, "category": category, "published": tdate, "anchors": [* digest], "en": tstr, "ja": tstr }
/// category = "root-compromise" / "signer-compromise" / "rollover" / "withdrawal" / "maintenance"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is called, for good: 1 to 64 of `[a-z0-9.-]`.
    pub id: String,
    /// What it is about.
    pub category: NoticeCategory,
    /// When it was published; whole seconds.
    pub published: UtcDateTime,
    /// The key digests of the anchors it is about; no two alike.
    pub anchors: Vec<[u8; 32]>,
    /// The text in English, at most 4096 bytes.
    pub text_en: String,
    /// The text in Japanese, at most 4096 bytes. One of the two texts is not empty.
    pub text_ja: String,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeCategory {
    /// The key of an IACA is in other hands.
    RootCompromise,
    /// The key of a document signer is in other hands.
    SignerCompromise,
    /// A new IACA takes over.
    Rollover,
    /// An issuer stops.
    Withdrawal,
    /// The service itself.
    Maintenance,
}

impl NoticeCategory {
    /// All.
    pub const ALL: [Self; 5] =
        [Self::RootCompromise, Self::SignerCompromise, Self::Rollover, Self::Withdrawal, Self::Maintenance];

    /// Stable id: `root-compromise`, `signer-compromise`, `rollover`, `withdrawal`, `maintenance`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::RootCompromise => "root-compromise",
            Self::SignerCompromise => "signer-compromise",
            Self::Rollover => "rollover",
            Self::Withdrawal => "withdrawal",
            Self::Maintenance => "maintenance",
        }
    }

    /// The category of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.id() == id)
    }
}
