//! The trust store of a relying party as an application uses it: the same store, and the same answers, in the command line,
//! in Swift and Kotlin ([`ffi`]), and in browsers and Node ([`wasm`]).
//!
//! ```text
//!  pinned root ──► VerifierStore::create ─► Persistence (a file, a phone's storage, a browser's database)
//!                        │ ▲
//!          begin_sync(at)│ │finish_sync: everything, or nothing and a note of the failure
//!                        ▼ │
//!   StoreSync: next() ─► FetchRequest ─► the network of the application ─► receive(…)
//!
//!   VerifierStore::verify(request) ─► the report that `tegata verify --store` gives
//! ```
//!
//! Nothing here fetches, writes or reads a clock. What is kept is the file of `tegata trust init`: a store can move between
//! the doors.
//!
//! | subject | where |
//! |---|---|
//! | the store and what can be done with it | [`VerifierStore`], [`StoreError`] |
//! | what to fetch, one file after the other | [`Download`], [`StoreSync`], [`BundleExport`], [`WebDownload`] |
//! | for a network, or mostly without | [`Profile`] |
//! | whom to trust, for a request | [`held`] |
//! | stores, changes and findings as JSON | [`json`] |
//!
//! [`ffi`]: ../tegata_ffi/index.html
//! [`wasm`]: ../tegata_wasm/index.html

mod download;
mod error;
mod held;
pub mod json;
mod profile;
mod store;
mod web;

pub use download::{Asks, BundleExport, BundleMaking, Download, DownloadError, Downloaded, FetchRequest, Wanted};
pub use download::{MAX_STATUS_LIST_BYTES, StoreSync};
pub use error::{ChangeError, StoreError};
pub use held::held;
pub use profile::{Profile, RELEASED};
pub use store::VerifierStore;
pub use web::{WebDownload, WebRequest};
