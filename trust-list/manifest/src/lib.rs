//! Signed metadata of a Digital Trust Service: roles, versions, expiry, and a client's update.

pub mod model;
pub mod path;

pub use model::{
    AnchorDates, AnchorList, Approval, FileReference, Header, IssuerFacts, KeyId, ListedAnchor, ListedState, Notice,
    NoticeCategory, ObjectReference, Pointer, RoleKeys, RoleName, RootMetadata, Snapshot, SourceKind, StatusSource,
    sha256,
};

/// Most keys in a root.
pub const MAX_KEYS: usize = 64;
/// Longest object that a snapshot may name, in bytes.
pub const MAX_OBJECT_BYTES: u64 = 64 << 20;
