//! The verifier for Swift, Kotlin and Python: files in, JSON report out; and its trust store.
//!
//! The report is the text that `tegata verify --json` prints, byte for byte; `verifier/report.schema.json` describes it.
//!
//! | subject | where |
//! |---|---|
//! | one verification with the files at hand | [`verify()`], [`VerifyRequest`] |
//! | a trust store that is kept and brought up to date | [`VerifierStore`] |
//! | where the application keeps it | [`StorePersistence`] |
//! | an update, by the network of the application | [`StoreSync`] |
//! | evidence for a gate without a network | [`BundleExport`] |
//!
//! Names are the same in the browser package (`wasm`).

mod error;
mod export;
mod place;
mod running;
mod store;
mod sync;
mod verify;

pub use error::StoreError;
pub use export::{BundleExport, ExportedBundle};
pub use place::{PersistenceError, StorePersistence};
pub use running::{FetchFailure, FetchRequest};
pub use store::{AnchorScope, StoreProfile, TrustPurpose, VerifierStore};
pub use sync::StoreSync;
pub use verify::{PolicyName, RevocationMode, VerifyError, VerifyRequest, verify};

uniffi::setup_scaffolding!("tegata");
