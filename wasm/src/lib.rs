//! The verifier for browsers and Node: files in, JSON report out; and its trust store.
//!
//! The report is the text that `tegata verify --json` prints, byte for byte; `verifier/report.schema.json` describes it.
//!
//! | subject | where |
//! |---|---|
//! | one verification with the files at hand | [`VerifyRequest`] |
//! | a trust store that is kept and brought up to date | [`VerifierStore`] |
//! | where the page keeps it | `StorePersistence`, an interface |
//! | an update, by `fetch` or whatever else there is | [`StoreSync`] |
//! | evidence for a gate without a network | [`BundleExport`] |
//!
//! Names are the same in Swift, Kotlin and Python (`ffi`).

mod verify;

#[cfg(feature = "store")]
mod error;
#[cfg(feature = "store")]
mod export;
#[cfg(feature = "store")]
mod fetch;
#[cfg(feature = "store")]
mod place;
#[cfg(feature = "store")]
mod running;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store")]
mod sync;

#[cfg(feature = "store")]
pub use export::{BundleExport, ExportedBundle};
#[cfg(feature = "store")]
pub use fetch::FetchRequest;
#[cfg(feature = "store")]
pub use store::VerifierStore;
#[cfg(feature = "store")]
pub use sync::StoreSync;
pub use verify::VerifyRequest;
