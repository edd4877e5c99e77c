//! What the metadata of a Digital Trust Service says, as values.
//!
//! Nothing here is trusted by being here: a value that was read is unverified until [`crate::Signed::verify`] returned it
//! in a [`crate::Verified`]. The rules that hold beyond the types are checked alike before writing and after reading; they
//! stand at the fields.
//!
//! ```cddl
//! metadata = root / list / snapshot / pointer / approval
//! header   = ( "type": tstr, "spec": 1, "repository": tstr, "version": uint, "issued": tdate, "expires": tdate )
//! keyid    = bstr .size 32                    ; SHA-256 of the DER SubjectPublicKeyInfo
//! digest   = bstr .size 32                    ; SHA-256
//! fileref  = { "version": uint, "length": uint, "sha256": digest }
//! ```

use core::fmt;
use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::{Certificate, Hash, PublicKey, rust_crypto};
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

/// The SHA-256 of a byte string.
///
/// ```
/// assert_eq!(tegata_manifest::sha256(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut octets = [0; 32];
    let digest = rust_crypto().digest(Hash::Sha256, bytes);
    octets.iter_mut().zip(digest.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
    octets
}

/// What a key is called: the SHA-256 of its DER SubjectPublicKeyInfo with a named curve and an uncompressed point.
///
/// One key has one id, so that counting ids is counting keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The id of `key`.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        Self(sha256(&key.to_spki_der()))
    }

    /// An id from its octets.
    #[must_use]
    pub fn from_bytes(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Who signs what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    /// Says which keys have which role; k of n, offline. Its threshold also approves anchors.
    Root,
    /// Says which anchors are trusted for what; offline, or a quorum at an HSM.
    List,
    /// Says which files belong together; online.
    Snapshot,
    /// Says which snapshot is the newest, for a short time; online.
    Pointer,
}

impl RoleName {
    /// All four, the most trusted first.
    pub const ALL: [Self; 4] = [Self::Root, Self::List, Self::Snapshot, Self::Pointer];

    /// The name in the metadata: `root`, `list`, `snapshot`, `pointer`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::List => "list",
            Self::Snapshot => "snapshot",
            Self::Pointer => "pointer",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What all versioned metadata begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name of the repository, 1 to 255 bytes: metadata of one repository is nothing to the clients of another.
    pub repository: String,
    /// The version, from 1; of one role it never falls.
    pub version: u64,
    /// When it was made; whole seconds.
    pub issued: UtcDateTime,
    /// The first instant at which it is no longer believed; whole seconds, after `issued`.
    pub expires: UtcDateTime,
}

/// The keys of a role and how many of them must have signed.
///
/// ```cddl
/// rolekeys = { "keys": [+ keyid], "threshold": uint }     ; keys in ascending order
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKeys {
    /// The keys; each is in [`RootMetadata::keys`].
    pub keys: BTreeSet<KeyId>,
    /// How many **distinct** keys must have signed; at most `keys.len()`.
    pub threshold: NonZeroU16,
}

/// The root: which keys speak for which role.
///
/// ```cddl
/// root = { header, "keys": { + keyid => spki: bstr }, "roles": { + ("root" / "list" / "snapshot" / "pointer") => rolekeys } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootMetadata {
    /// Type `root`.
    pub header: Header,
    /// Every key by its id, at most [`crate::MAX_KEYS`]; each is used by a role.
    pub keys: BTreeMap<KeyId, PublicKey>,
    /// All four roles. No key has two roles: who takes an online key must not hold a part of an offline one.
    pub roles: BTreeMap<RoleName, RoleKeys>,
}

/// A file of a role, told from any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// The version in its header.
    pub version: u64,
    /// Its length in bytes, signatures included.
    pub length: u64,
    /// The SHA-256 of the file, signatures included.
    pub sha256: [u8; 32],
}

/// The pointer: which snapshot is the newest. Replaced in place, short-lived (24 h; offline profile 7 d).
///
/// ```cddl
/// pointer = { header, "snapshot": fileref }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Type `pointer`.
    pub header: Header,
    /// The newest snapshot, at [`crate::path::snapshot`].
    pub snapshot: FileReference,
}

/// An object, told from any other; it is at [`crate::path::object`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectReference {
    /// Its length in bytes, at most [`crate::MAX_OBJECT_BYTES`].
    pub length: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// The snapshot: which files belong together.
///
/// ```cddl
/// snapshot = { header, "list": fileref, "objects": { * path: tstr => { "length": uint, "sha256": digest } } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Type `snapshot`.
    pub header: Header,
    /// The list, at [`crate::path::list`].
    pub list: FileReference,
    /// The objects by their stable names (`crl/4a0f.crl`): certificates, link certificates, CRLs, VICAL, LoTE. A name is
    /// relative to the base URL ([`crate::path::is_name`]).
    pub objects: BTreeMap<String, ObjectReference>,
}

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
    /// A signed [`Approval`] by the threshold of the root role; see [`crate::verify_approval`].
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

/// An approval of an anchor by the threshold of the **root** role: a quorum of people, offline, who looked at its
/// fingerprint. It lets a verifier do without the hold-down.
///
/// ```cddl
/// approval = { "type": "approval", "spec": 1, "repository": tstr, "issued": tdate, "expires": tdate, "anchor": digest,
///              "docTypes": [+ tstr], "purposes": [+ purpose] }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The name of the repository.
    pub repository: String,
    /// When it was made; whole seconds.
    pub issued: UtcDateTime,
    /// The first instant at which it is no longer believed; whole seconds, after `issued`.
    pub expires: UtcDateTime,
    /// The key digest of the anchor ([`ListedAnchor::key_digest`]).
    pub anchor: [u8; 32],
    /// The document types it was approved for.
    pub doc_types: DocTypes,
    /// The purposes it was approved for; not empty.
    pub purposes: BTreeSet<Purpose>,
}

impl Approval {
    /// Whether it is of this anchor and covers all of its document types and purposes.
    #[must_use]
    pub fn covers(&self, anchor: &ListedAnchor) -> bool {
        let approved: BTreeSet<&str> = self.doc_types.iter().collect();
        self.anchor == anchor.key_digest()
            && anchor.doc_types.iter().all(|doc_type| approved.contains(doc_type))
            && anchor.purposes.is_subset(&self.purposes)
    }
}
