//! The state machine of one anchor: a pure function of what is held, what the list says, and the circumstances.

use tegata_manifest::ListedState;
use time::{Duration, UtcDateTime};

use super::{AnchorState, Event, Vouching};
use crate::SyncPolicy;

/// What an accepted list says about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing.
    Absent,
    /// It lists it.
    Listed {
        /// The state there.
        state: ListedState,
        /// When it was announced, as listed.
        announced: UtcDateTime,
        /// From when on it is in use, as listed: it is not believed before.
        active: UtcDateTime,
    },
}

/// The circumstances of a step.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of the step: timers start here.
    pub at: UtcDateTime,
    /// The time until which the list is known to have been current, never after `at`: timers end by it. The same as `at`
    /// when the list was fetched just now; earlier when it comes from a bundle, because a list of last month does not tell
    /// whether the owner has revoked since.
    pub as_of: UtcDateTime,
    /// End of validity of the anchor's certificate.
    pub not_after: UtcDateTime,
    /// Who lists it: [`Vouching::OnlineRole`] or [`Vouching::Vical`].
    pub by: Vouching,
    /// The link certificate that vouches for it, if a valid anchor made one.
    pub link: Option<Vouching>,
    /// Whether a quorum of the root role approved it.
    pub approved: bool,
    /// The hold-downs.
    pub policy: &'a SyncPolicy,
}

impl Context<'_> {
    /// Who vouches best: with the shortest hold-down.
    #[must_use]
    pub fn vouching(&self) -> Vouching {
        let approval = self.approved.then_some(Vouching::Approval);
        let best = [approval, self.link, Some(self.by)].into_iter().flatten();
        best.min_by_key(|vouching| self.policy.hold_down(*vouching)).unwrap_or(self.by)
    }
}

impl SyncPolicy {
    /// The hold-down of an anchor that is vouched for in this way.
    #[must_use]
    pub fn hold_down(&self, vouching: Vouching) -> Duration {
        match vouching {
            Vouching::OnlineRole => self.hold_down_online,
            Vouching::NewWithOld { .. } => self.hold_down_link,
            Vouching::OldWithNew { .. } => self.hold_down_old_with_new,
            Vouching::Approval => self.hold_down_approval,
            Vouching::Vical => self.hold_down_vical,
            Vouching::Operator => Duration::ZERO,
        }
    }
}

/// One step of the state machine: what becomes of an anchor when a list is accepted. `None` is an anchor that is not known.
///
/// * A list that says *revoked* is believed at once and for good: a thief gains nothing by revoking a key that is not his.
/// * A candidate becomes valid only by a list that still has it when the hold-down is over; one list without it, or another
///   date of announcement, restarts the timer.
/// * What the operator added is not the list's to take away, unless it says *removed* or *revoked*.
#[must_use]
pub fn step(held: Option<AnchorState>, seen: Sighting, context: &Context<'_>) -> (Option<AnchorState>, Option<Event>) {
    let at = context.at;
    match (held, seen) {
        (Some(AnchorState::Revoked { .. }), _) => (held, None),
        (_, Sighting::Listed { state: ListedState::Revoked, .. }) => {
            (Some(AnchorState::Revoked { since: at }), Some(Event::Revoked))
        }
        (Some(AnchorState::LocalDistrust { .. }), _) => (held, None),
        (Some(AnchorState::Candidate { .. }), _) if at > context.not_after => (None, Some(Event::Dropped)),
        (Some(AnchorState::Valid { .. } | AnchorState::Missing { .. }), _) if at > context.not_after => {
            (Some(AnchorState::Expired { since: at }), Some(Event::Expired))
        }
        (held, Sighting::Absent) => absent(held, context),
        (held, Sighting::Listed { state: ListedState::Removed, .. }) => removed(held, at),
        (held, Sighting::Listed { announced, active, .. }) => listed(held, announced, active, context),
    }
}

/// The list does not mention it.
fn absent(held: Option<AnchorState>, context: &Context<'_>) -> (Option<AnchorState>, Option<Event>) {
    let Context { at, as_of, .. } = *context;
    match held {
        Some(AnchorState::Candidate { .. }) => (None, Some(Event::Dropped)),
        Some(AnchorState::Valid { because, .. })
            if because != Vouching::Operator && context.policy.missing <= Duration::ZERO =>
        {
            (Some(AnchorState::Retired { since: at }), Some(Event::Retired))
        }
        Some(AnchorState::Valid { because, .. }) if because != Vouching::Operator => {
            (Some(AnchorState::Missing { since: at, because }), Some(Event::WentMissing))
        }
        Some(AnchorState::Missing { since, because })
            if because != Vouching::Operator && as_of - since >= context.policy.missing =>
        {
            (Some(AnchorState::Retired { since: at }), Some(Event::Retired))
        }
        other => (other, None),
    }
}

/// The list says that it is out of use.
fn removed(held: Option<AnchorState>, at: UtcDateTime) -> (Option<AnchorState>, Option<Event>) {
    match held {
        Some(AnchorState::Candidate { .. }) => (None, Some(Event::Dropped)),
        Some(AnchorState::Valid { .. } | AnchorState::Missing { .. }) => {
            (Some(AnchorState::Retired { since: at }), Some(Event::Retired))
        }
        other => (other, None),
    }
}

/// The list has it as announced, active or retiring.
fn listed(
    held: Option<AnchorState>,
    announced: UtcDateTime,
    active: UtcDateTime,
    context: &Context<'_>,
) -> (Option<AnchorState>, Option<Event>) {
    let Context { at, .. } = *context;
    let candidate = match held {
        Some(AnchorState::Valid { .. }) => return (held, None),
        Some(AnchorState::Missing { because, .. }) => {
            return (Some(AnchorState::Valid { since: at, because }), Some(Event::Returned));
        }
        // An old certificate; a new one of the same key begins as a candidate.
        _ if at > context.not_after => return (held, None),
        Some(AnchorState::Candidate { announced: before, since, until, because }) if before == announced => {
            let (until, vouching) = retimed(since, until, because, context);
            let event = (vouching != because).then_some(Event::TimerChanged { until, because: vouching });
            (Candidate { since, until, because: vouching, announced }, event)
        }
        _ => {
            let because = context.vouching();
            let until = at.saturating_add(context.policy.hold_down(because));
            (Candidate { since: at, until, because, announced }, Some(Event::Seen { until, because }))
        }
    };
    let (Candidate { since, until, because, announced }, event) = candidate;
    // Where there is no hold-down, a list that was fetched a while ago is as good as one of now.
    let is_over = context.as_of >= until || context.policy.hold_down(because) <= Duration::ZERO;
    if is_over && context.as_of >= active {
        return (Some(AnchorState::Valid { since: at, because }), Some(Event::Adopted { because }));
    }
    (Some(AnchorState::Candidate { since, until, because, announced }), event)
}

/// The fields of [`AnchorState::Candidate`].
struct Candidate {
    since: UtcDateTime,
    until: UtcDateTime,
    because: Vouching,
    announced: UtcDateTime,
}

/// The end of the hold-down when other people vouch than before: better evidence counts from the moment it is seen, and
/// when it is gone again, the time counts from the beginning by what is left.
fn retimed(
    since: UtcDateTime,
    until: UtcDateTime,
    because: Vouching,
    context: &Context<'_>,
) -> (UtcDateTime, Vouching) {
    let vouching = context.vouching();
    let (before, now) = (context.policy.hold_down(because), context.policy.hold_down(vouching));
    let until = match now.cmp(&before) {
        core::cmp::Ordering::Less => until.min(context.at.saturating_add(now)),
        core::cmp::Ordering::Equal => until,
        core::cmp::Ordering::Greater => until.max(since.saturating_add(now)),
    };
    (until, vouching)
}
