//! Signed metadata of a Digital Trust Service: roles, versions, expiry, and a client's update.
//!
//! A verifier that fetches its trust over an open network has to know more than who signed a file: whether it is the
//! newest, whether it belongs to the others, whether it is late. The protections are those of The Update Framework; what
//! is signed is a list of trust anchors. No I/O here and no clock: bytes and time are arguments.
//!
//! ```text
//! root ── keys and thresholds of ──► root', list, snapshot, pointer
//! pointer ── version, length, SHA-256 ──► snapshot ── version, length, SHA-256 ──► list, objects (CRLs, certificates, …)
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`model`] | what the metadata says |
//! | [`path`] | where files are |
//! | [`Document::prepare`], [`Prepared`] | signing: bytes out, signatures in |
//! | [`ceremony`] | the same when the keys of a quorum lie in several places |
//! | [`Signed`], [`Verified`] | reading and verifying one file |
//! | [`client`] | the update of a client, step by step, and what it remembers |
//!
//! # Encoding
//!
//! A file is a COSE_Sign (RFC 9052 4.1) of deterministic CBOR (RFC 8949 4.2.1), both in one possible encoding:
//!
//! ```cddl
//! file = #6.98([ body, {}, payload: bstr .cbor metadata, [+ signature] ])
//! body = bstr .cbor { 16: "application/tegata-metadata+cbor" }
//! signature = [ bstr .cbor { 1: alg: int, 4: keyid }, {}, signature: bstr ]
//! ```
//!
//! `metadata` is in [`model`]. Text keys that are not known are ignored, so that clients survive new fields; other keys, an
//! unknown `spec`, `type` or word of a closed list are refused.

pub mod ceremony;
pub mod client;
mod deterministic;
mod document;
mod envelope;
mod error;
mod field;
mod key_digest;
pub mod model;
pub mod path;
mod prepare;
mod signed;

pub use client::{
    Accepted, ClientState, FetchFailure, Fetched, Held, ObjectFilter, StateError, Step, Update, UpdateError,
    UpdatePolicy,
};
pub use document::{Document, SPEC};
pub use envelope::MEDIA_TYPE;
pub use error::MetadataError;
pub use key_digest::{KeyDigest, NotDigest};
pub use model::{
    AnchorDates, AnchorList, Approval, FileReference, Header, IssuerFacts, KeyId, ListedAnchor, ListedState, Notice,
    NoticeCategory, ObjectReference, Pointer, RoleKeys, RoleName, RootMetadata, Snapshot, SourceKind, StatusSource,
    sha256,
};
pub use prepare::{Prepared, ToBeSigned};
pub use signed::{MetadataKind, Signed, Verified, verify_approval};

/// Most keys in a root.
pub const MAX_KEYS: usize = 64;
/// Most signatures of a file.
pub const MAX_SIGNATURES: usize = 64;
/// Longest file of a root, in bytes.
pub const MAX_ROOT_BYTES: u64 = 1 << 20;
/// Longest file of a list, in bytes.
pub const MAX_LIST_BYTES: u64 = 10 << 20;
/// Longest file of a snapshot, in bytes.
pub const MAX_SNAPSHOT_BYTES: u64 = 4 << 20;
/// Longest file of a pointer, in bytes.
pub const MAX_POINTER_BYTES: u64 = 64 << 10;
/// Longest file of an approval, in bytes.
pub const MAX_APPROVAL_BYTES: u64 = 64 << 10;
/// Longest object that a snapshot may name, in bytes.
pub const MAX_OBJECT_BYTES: u64 = 64 << 20;
/// Most roots that one update follows.
pub const MAX_ROOT_STEPS: u32 = 1024;
/// Most bytes of objects that one update fetches.
pub const MAX_UPDATE_BYTES: u64 = 512 << 20;
