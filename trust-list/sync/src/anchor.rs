//! Anchors as a verifier holds them: states, why they are believed, and what happened to them.

mod link;
mod listing;
mod set;
mod step;

pub use tegata_manifest::KeyDigest;
use tegata_manifest::{AnchorDates, IssuerFacts, ListedState};
use tegata_pki::Certificate;
use time::UtcDateTime;

pub use self::link::{Link, LinkError, LinkKind};
pub(crate) use self::listing::check_root;
pub use self::listing::{Entry, EntryError, Listing, ListingInput};
pub use self::set::{AnchorSet, HeldBack, MAX_LINKS, Moment, Observation, TrustScope};
pub use self::step::{Context, Sighting, step};
use crate::Grants;

/// Who says that a key is an anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vouching {
    /// The signed list of a service alone.
    #[default]
    OnlineRole,
    /// A link certificate of a valid older anchor (ISO/IEC 18013-5 B.1.3, RFC 4210 4.4 NewWithOld).
    NewWithOld {
        /// The anchor at the beginning of the chain of links.
        by: KeyDigest,
    },
    /// A link certificate of a valid newer anchor (RFC 4210 4.4 OldWithNew).
    OldWithNew {
        /// The newer anchor.
        by: KeyDigest,
    },
    /// The threshold of the root role, offline.
    Approval,
    /// The operator of this verifier, who compared the fingerprint.
    Operator,
    /// A VICAL: its provider has vetted the issuer (ISO/IEC 18013-5 C.1.1).
    Vical,
}

impl Vouching {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::OnlineRole => "online-role",
            Self::NewWithOld { .. } => "new-with-old",
            Self::OldWithNew { .. } => "old-with-new",
            Self::Approval => "approval",
            Self::Operator => "operator",
            Self::Vical => "vical",
        }
    }
}

/// Where an anchor stands in this verifier.
///
/// ```text
///            listed                 hold-down over, still listed
/// (unknown) ───────► Candidate ─────────────────────────────────► Valid ◄──────► Missing
///     ▲                 │ absent                                    │  listed/absent  │ 30 d
///     └─────────────────┘                                  removed  └────► Retired ◄──┘
///  any ──► Revoked (for good)    any ──► LocalDistrust    Valid, Missing ──► Expired
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorState {
    /// Seen, not believed yet.
    Candidate {
        /// Since when it has been seen without a gap.
        since: UtcDateTime,
        /// The end of the hold-down. An update *after* it that still lists the anchor makes it valid; time alone does not.
        until: UtcDateTime,
        /// Who vouches for it.
        because: Vouching,
        /// The date of its announcement, as listed: another one restarts the timer.
        announced: UtcDateTime,
    },
    /// Believed.
    Valid {
        /// Since when.
        since: UtcDateTime,
        /// Who vouched for it.
        because: Vouching,
    },
    /// Believed, but gone from the list without a reason: an alarm.
    Missing {
        /// Since when.
        since: UtcDateTime,
        /// Who vouched for it.
        because: Vouching,
    },
    /// Out of use, without harm.
    Retired {
        /// Since when.
        since: UtcDateTime,
    },
    /// Marked revoked by a list, at whatever time: never believed again.
    Revoked {
        /// Since when.
        since: UtcDateTime,
    },
    /// Its certificate ran out.
    Expired {
        /// Since when.
        since: UtcDateTime,
    },
    /// Distrusted by the operator of this verifier.
    LocalDistrust {
        /// Since when.
        since: UtcDateTime,
    },
}

impl AnchorState {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Candidate { .. } => "candidate",
            Self::Valid { .. } => "valid",
            Self::Missing { .. } => "missing",
            Self::Retired { .. } => "retired",
            Self::Revoked { .. } => "revoked",
            Self::Expired { .. } => "expired",
            Self::LocalDistrust { .. } => "local-distrust",
        }
    }

    /// Whether documents under it are believed: valid or missing.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Valid { .. } | Self::Missing { .. })
    }

    /// Who vouched for it, where it is a candidate or believed.
    #[must_use]
    pub fn because(&self) -> Option<Vouching> {
        match self {
            Self::Candidate { because, .. } | Self::Valid { because, .. } | Self::Missing { because, .. } => {
                Some(*because)
            }
            _ => None,
        }
    }
}

/// What happened to an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Seen for the first time, or again after a gap: the hold-down starts.
    Seen {
        /// Its end.
        until: UtcDateTime,
        /// Who vouches.
        because: Vouching,
    },
    /// Somebody else vouches now: the hold-down ends at another time.
    TimerChanged {
        /// Its end.
        until: UtcDateTime,
        /// Who vouches.
        because: Vouching,
    },
    /// A candidate is gone: the next sight starts from zero.
    Dropped,
    /// Believed from now on.
    Adopted {
        /// Who vouched.
        because: Vouching,
    },
    /// Gone from the list without a reason.
    WentMissing,
    /// Listed again.
    Returned,
    /// Out of use.
    Retired,
    /// Should be retired, and is the last of a scope: kept until the operator confirms.
    RemovalHeldBack,
    /// Marked revoked.
    Revoked,
    /// Its certificate ran out.
    Expired,
    /// Distrusted by the operator.
    Distrusted,
    /// The operator's distrust was lifted: the anchor is unknown again.
    DistrustLifted,
    /// May speak for more: the hold-down of the new scope is over, or it was approved.
    Widened,
    /// May speak for less.
    Narrowed,
}

impl Event {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Seen { .. } => "seen",
            Self::TimerChanged { .. } => "timer-changed",
            Self::Dropped => "dropped",
            Self::Adopted { .. } => "adopted",
            Self::WentMissing => "went-missing",
            Self::Returned => "returned",
            Self::Retired => "retired",
            Self::RemovalHeldBack => "removal-held-back",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Distrusted => "distrusted",
            Self::DistrustLifted => "distrust-lifted",
            Self::Widened => "widened",
            Self::Narrowed => "narrowed",
        }
    }
}

/// One event of one anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The anchor.
    pub anchor: KeyDigest,
    /// When, by the clock of this verifier.
    pub at: UtcDateTime,
    /// The version of the list that caused it, of a VICAL [`crate::HeldVical::number`]; `None` for a decision of the operator.
    pub list_version: Option<u64>,
    /// What.
    pub event: Event,
}

/// How an anchor was last listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The version of the list.
    pub version: u64,
    /// Its state there.
    pub state: ListedState,
    /// Its dates there.
    pub dates: AnchorDates,
    /// What its owner promises; `None` where the list says nothing about it, as a VICAL.
    pub facts: Option<IssuerFacts>,
}

/// A scope that is listed and not granted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widening {
    /// What it adds.
    pub grants: Grants,
    /// Since when it has been listed without a gap.
    pub since: UtcDateTime,
    /// The end of its hold-down.
    pub until: UtcDateTime,
}

/// An anchor with all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAnchor {
    /// The self-signed certificate.
    pub certificate: Certificate,
    /// Where it stands.
    pub state: AnchorState,
    /// What it may speak for while it is believed.
    pub grants: Grants,
    /// What more it may speak for once its own hold-down is over: who holds the list key must not be able to let an anchor
    /// of one document type speak for another at once.
    pub widening: Option<Widening>,
    /// How it was last listed; `None` if only the operator knows it.
    pub listed: Option<Listed>,
    /// What happened to it: the first change, and the latest others.
    pub history: Vec<Change>,
}

impl HeldAnchor {
    /// When it was first seen or added.
    #[must_use]
    pub fn first_seen(&self) -> Option<UtcDateTime> {
        self.history.first().map(|change| change.at)
    }

    /// Whether it is on its way out: a newer anchor took over, documents under this one are still about.
    #[must_use]
    pub fn is_retiring(&self) -> bool {
        self.state.is_trusted() && self.listed.is_some_and(|listed| listed.state == ListedState::Retiring)
    }

    /// Appends to the history, which keeps the first change and the latest others, `limit` in all.
    pub(crate) fn note(&mut self, change: Change, limit: usize) {
        self.history.push(change);
        if self.history.len() > limit.max(2) {
            self.history.remove(1);
        }
    }
}
