//! The signed, hash-chained audit log of Tegata.
//!
//! A log is a file of JSON lines. Each line is one [`Record`]: what happened, when, where, by whom and with what result.
//! It names the hash of the line before it, so that a line cannot be changed, taken out or put in without a trace; a
//! Merkle tree over all lines (RFC 6962 2.1) is signed from time to time as a [`Checkpoint`], so that a chain rewritten
//! as a whole, or cut at its end, is noticed by anybody who holds an earlier checkpoint.
//!
//! * [`Log`] writes: one writer per file, each record synced before the call returns.
//! * [`read`] and [`verify`] check a copy of the file, with public files only and in memory.
//! * [`Query`] and [`reconcile`] are an auditor's work: who did what, and does it agree with the work record.
//! * [`Log::archive`] is the one way records leave a log: by the auditor, after a year, into a sealed file.
//!
//! A record never holds a secret: [`secret::scan`] refuses it before it is written. Time and randomness are arguments.

mod archive;
mod base;
mod chain;
mod checkpoint;
mod error;
mod event;
mod fault;
mod file;
mod key;
mod log;
pub mod merkle;
mod query;
mod read;
mod reconcile;
mod record;
pub mod secret;
mod verify;

pub use archive::{AUDITOR, ArchiveOrder, Archived};
pub use checkpoint::{
    Checkpoint, CheckpointError, CheckpointVerifier, MAX_CHECKPOINT, MAX_SIGNATURES, Origin, TreeHead,
};
pub use error::{AuditError, Operation, Part};
pub use event::{Actor, Class, Event, MAX_OBJECTS, ObjectDigest, Outcome};
pub use fault::{Fault, LineError};
pub use key::CheckpointKey;
pub use log::{Log, Torn};
pub use query::Query;
pub use read::read;
pub use reconcile::{Reconciliation, WorkEntry, WorkError, read_work, reconcile};
pub use record::{MAX_LINE, Record};
pub use secret::{SecretFound, SecretKind};
pub use verify::{Verified, verify, verify_parts};
