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

mod list;

use core::fmt;
use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};

pub use list::{
    AnchorDates, AnchorList, IssuerFacts, ListedAnchor, ListedState, Notice, NoticeCategory, SourceKind, StatusSource,
};
use tegata_pki::{Hash, PublicKey, rust_crypto};
use tegata_trust_list::{DocTypes, Purpose};
use time::UtcDateTime;

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
