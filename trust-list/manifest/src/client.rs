//! A client's update: the order of its steps, what protects each of them, and what it remembers.
//!
//! 1. Roots N+1, N+2, … until one is *absent* (not: until one fails). Each is signed by its predecessor and by itself.
//! 2. The last root must be in force; those between may have expired.
//! 3. Pointer, snapshot, list: each signed by its role, in force, not older than known, exactly as its parent says.
//! 4. The objects that are wanted and not held, by hash.
//! 5. Everything at once: [`Accepted`] holds the new state; until then nothing has changed.
//!
//! | attack | protection | error |
//! |---|---|---|
//! | arbitrary installation | thresholds of distinct keys per role | [`UpdateError::NotSigned`] |
//! | endless data | length from the parent, caps | [`UpdateError::EndlessData`], [`UpdateError::TooManyRoots`], [`UpdateError::TooMuch`] |
//! | rollback | versions of each role remembered | [`UpdateError::Rollback`], [`UpdateError::Equivocation`] |
//! | indefinite freeze | expiry of each file; a pointer may not live long | [`UpdateError::Expired`], [`UpdateError::LongLived`] |
//! | fast-forward | a role's memory is dropped when a root takes a key from it or raises its threshold | – |
//! | mix-and-match | version, length and hash of each file in its parent | [`UpdateError::MixAndMatch`], [`UpdateError::Changed`] |
//! | captive portal | recognised | [`UpdateError::CaptivePortal`] |
//! | truncated download | length, end of the encoding | [`UpdateError::Truncated`] |
//! | clock turned back | latest known time remembered; earliest possible time; dates of issue | [`UpdateError::ClockTurnedBack`], [`UpdateError::ClockBeforeRelease`], [`UpdateError::FromFuture`] |
//! | withheld files | absent and failed are two things | [`UpdateError::Absent`], [`UpdateError::Unreachable`] |

mod error;
mod fetched;
mod policy;
mod state;
mod update;

pub use error::UpdateError;
pub use fetched::{FetchFailure, Fetched};
pub use policy::{Held, ObjectFilter, UpdatePolicy};
pub use state::{ClientState, MAX_STATE_BYTES, StateError};
pub use update::{Accepted, Step, Update};
