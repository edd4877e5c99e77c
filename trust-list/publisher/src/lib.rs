//! The publishing side of a Digital Trust Service: what comes from the offline root goes through a gate into a catalogue,
//! and from there as signed, unchanging files to where readers fetch it.
//!
//! ```text
//! response.bundle ─► gate ─► catalogue ─► list (drafted, signed offline or by a quorum) ─┐
//!                              │                                                         ▼
//!                ledger ─► status lists ────────────────────────────────────────────► tree ─► preview ─► target
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`gate`], [`import`](mod@import) | what of a root may come in, and that everything else is refused as a whole |
//! | [`authorisation`], [`issuers`], [`service`] | the files of the people who decide |
//! | [`published`] | the only certificates that can reach the tree: never a document signer's |
//! | [`catalogue`] | what is held, the release of CRLs day by day, the record of it |
//! | [`list`], [`export`] | the signed list and its exports |
//! | [`ledger`], [`status`] | revocation of documents |
//! | [`tree`], [`target`], [`publish`](mod@publish) | the files, where they go, and in which order |
//!
//! No clock is read here: time is an argument. Keys are elsewhere: see [`Signers`].

pub mod authorisation;
pub mod catalogue;
mod event;
pub mod export;
mod file;
pub mod gate;
pub mod import;
mod instant;
pub mod issuers;
pub mod ledger;
pub mod list;
pub mod publish;
pub mod published;
pub mod service;
pub mod sign;
pub mod status;
pub mod target;
pub mod tree;

pub use tegata_manifest::KeyDigest;

pub use self::{
    authorisation::Authorisation,
    catalogue::{Catalogue, CatalogueError},
    export::exports,
    file::{FileError, FileOperation},
    gate::{Authority, Gate, GateRefusal, Plan},
    import::{ImportError, import},
    issuers::Issuers,
    ledger::Ledger,
    list::draft_list,
    publish::{Publication, PublishError, Published, publish},
    service::Service,
    sign::{Signers, sign_metadata},
    status::{StatusFile, build_status},
    target::{LocalDirectory, Target, TargetError},
    tree::{SignedTree, Tree, export_web},
};
