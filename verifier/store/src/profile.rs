//! What kind of verifier a store is for.

use tegata_manifest::UpdatePolicy;
use tegata_sync::SyncPolicy;
use time::{UtcDateTime, macros::utc_datetime};

/// A time that has passed since this version was released: a clock that is behind it is wrong.
pub const RELEASED: UtcDateTime = utc_datetime!(2026-11-01 0:00);

/// What kind of verifier a store is for. There is no default; it is not part of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// With a network: lists count for three days.
    Online,
    /// Often without one: lists count for 90 days, and every report says how old they are.
    Offline,
}

impl Profile {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }

    /// The profile of that id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Online, Self::Offline].into_iter().find(|profile| profile.id() == id)
    }

    /// What the profile demands of a store.
    #[must_use]
    pub fn sync_policy(self) -> SyncPolicy {
        match self {
            Self::Online => SyncPolicy::online(),
            Self::Offline => SyncPolicy::offline(),
        }
    }

    /// What the profile demands of an update.
    #[must_use]
    pub fn update_policy(self) -> UpdatePolicy {
        match self {
            Self::Online => UpdatePolicy::online(RELEASED),
            Self::Offline => UpdatePolicy::offline(RELEASED),
        }
    }
}
