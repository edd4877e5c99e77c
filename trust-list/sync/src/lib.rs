//! The trust store of a verifier over years: synchronisation, anchor states, rollover, evidence bundles.
//!
//! A verifier is set up once and then has to follow the roots of issuers for years: new ones come, old ones go, keys are
//! stolen, networks fail, devices sleep. This crate keeps what it needs in between, without I/O and without a clock: files
//! and times are arguments, and so it is the same code in a server, a phone, a browser and a test with virtual time.
//!
//! ```text
//!  tegata_manifest::Update ──► Accepted ──► Store::apply ──► Changes
//!  files, bundles, operator ─────────────► Store::import_…, add_manually
//!                                           │
//!                 Store::trust(at), Store::evidence(at) ──► verifier
//! ```
//!
//! | subject | where |
//! |---|---|
//! | states of an anchor, hold-down, revocation for good | [`AnchorState`], [`step`], [`SyncPolicy`] |
//! | link certificates as evidence at import | [`Link`], [`Listing`] |
//! | all anchors; the last one of a scope | [`AnchorSet`], [`HeldBack`] |
//! | the store, its updates and what it gives out | [`Store`] |
//! | providers of VICALs, beside a service or without one | [`VicalProvider`], [`Store::apply_vical`] |
//! | fresh, grace, stale | [`Freshness`], [`crl_freshness`] |
//! | after a long sleep | [`CatchUp`] |
//! | keeping it | [`Persistence`] |
//! | a gate without a network | [`EvidenceBundle`] |
//! | is it really on? | [`doctor`] |
//! | who would be left behind | [`ReadinessSignal`], [`ReadinessCount`] |

mod anchor;
mod bundle;
mod catch_up;
mod codec;
mod doctor;
mod error;
mod freshness;
mod grants;
mod persist;
mod policy;
mod readiness;
mod store;
mod vical;

pub use anchor::{
    AnchorSet, AnchorState, Change, Context, Entry, EntryError, Event, HeldAnchor, HeldBack, KeyDigest, Link,
    LinkError, LinkKind, Listed, Listing, ListingInput, MAX_LINKS, Moment, Observation, Sighting, TrustScope, Vouching,
    Widening, step,
};
pub use bundle::{BundleBuilder, BundleError, BundleReport, EvidenceBundle, MAX_BUNDLE_BYTES};
pub use catch_up::{CatchUp, CatchUpWay};
pub use doctor::{Checkup, DoctorFinding, Probe, RevocationMode, doctor};
pub use error::{ApplyError, BootstrapError, ImportError, OperatorError, TrustUnavailable};
pub use freshness::{AgeCause, CrlFreshness, CrlTimes, Freshness, crl_freshness, list_freshness};
pub use grants::Grants;
#[cfg(not(target_arch = "wasm32"))]
pub use persist::{FileError, FileMedium, FileStep};
pub use persist::{LoadError, MemoryMedium, Persistence, TransactionError};
pub use policy::SyncPolicy;
pub use readiness::{
    AnchorTag, ClientClass, Gate, MAX_SIGNAL_ANCHORS, Obstacle, ReadinessCount, ReadinessSignal, Share, Threshold,
};
pub use store::{
    Changes, CrlAge, CrlSource, FetchedList, Jitter, ListAge, ListTrust, MAX_STORE_BYTES, Plan, Refused, Store,
    StoreBytesError, VicalChanges,
};
pub use vical::{HeldVical, MAX_VICAL_PROVIDERS, ProviderError, VicalAge, VicalImportError, VicalPin, VicalProvider};
