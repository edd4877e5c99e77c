//! The trust store of a verifier over years: synchronisation, anchor states, rollover, evidence bundles.
mod anchor;
mod grants;
mod policy;

pub use anchor::*;
pub use grants::Grants;
pub use policy::SyncPolicy;
