//! What happens when, and what every relying party should come to.

use tegata_manifest::ListedState;
use tegata_verifier::Overall;
use time::{Duration, UtcDateTime};

/// The ceremony that makes the new root; its announcement goes out the same day.
pub(super) const REKEY: i64 = 60;
/// A ceremony that signs the next CRLs: those of the rekey end before the switch.
pub(super) const KEEP: i64 = 110;
/// The ceremony in which the new root certifies its first Document Signer.
pub(super) const SWITCH: i64 = 152;
/// Nothing under the old root is valid any more.
pub(super) const REMOVED: i64 = 187;
/// The ceremony after the last one of the rehearsal: CRLs last until then.
pub(super) const AFTER: i64 = 230;
/// The last day.
pub(super) const LAST: i64 = 190;
/// The sleeper is updated before this day,
pub(super) const ASLEEP: i64 = 55;
/// and from this day on.
pub(super) const AWAKE: i64 = 154;
/// The newcomer begins.
pub(super) const NEWCOMER: i64 = 153;
/// Days between two bundles of the gate; the first comes on day 1.
pub(super) const CARRIER: i64 = 30;

/// A phase of the rollover, and the day on which everybody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Established,
    Announced,
    Active,
    Ready,
    Switched,
    Woken,
    CaughtUp,
    Removed,
}

/// A relying party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Updated every day.
    Daily,
    /// Asleep from before the announcement until after the switch.
    Sleeper,
    /// Without a network; gets bundles.
    Gate,
    /// Begins after the switch with the new root, whose fingerprint it has compared.
    Newcomer,
}

/// A document that is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    /// Under the old root.
    Old,
    /// Under the new root.
    New,
}

impl Phase {
    pub(super) const ALL: [Self; 8] = [
        Self::Established,
        Self::Announced,
        Self::Active,
        Self::Ready,
        Self::Switched,
        Self::Woken,
        Self::CaughtUp,
        Self::Removed,
    ];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::Announced => "announced",
            Self::Active => "active",
            Self::Ready => "ready",
            Self::Switched => "switched",
            Self::Woken => "woken",
            Self::CaughtUp => "caught-up",
            Self::Removed => "removed",
        }
    }

    pub(super) fn day(self) -> i64 {
        match self {
            Self::Established => 1,
            Self::Announced => 61,
            Self::Active => 100,
            Self::Ready => 150,
            Self::Switched => 153,
            Self::Woken => AWAKE,
            Self::CaughtUp => 163,
            Self::Removed => LAST,
        }
    }

    /// The phase in which everybody is asked on that day.
    pub(super) fn on(day: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.day() == day)
    }

    /// What the list should say of the old and of the new root.
    pub(super) fn listed(self) -> [Option<ListedState>; 2] {
        match self {
            Self::Established => [Some(ListedState::Active), None],
            Self::Announced => [Some(ListedState::Active), Some(ListedState::Announced)],
            Self::Active | Self::Ready => [Some(ListedState::Active); 2],
            Self::Switched | Self::Woken | Self::CaughtUp => [Some(ListedState::Retiring), Some(ListedState::Active)],
            Self::Removed => [Some(ListedState::Removed), Some(ListedState::Active)],
        }
    }

    /// What the go/no-go gate should say, where it is asked: whether the new root may go into use.
    pub(super) fn go(self) -> Option<bool> {
        match self {
            Self::Announced => Some(false),
            Self::Ready => Some(true),
            _ => None,
        }
    }

    /// The verdict that a relying party should come to; `None` before there is such a document or such a party.
    pub(super) fn expected(self, reader: Reader, sample: Sample) -> Option<Overall> {
        use Overall::{Accepted, Rejected, Undetermined};
        if (sample == Sample::New || reader == Reader::Newcomer) && self < Self::Switched {
            return None;
        }
        Some(match (reader, sample, self) {
            // The last document under the old root has ended.
            (_, Sample::Old, Self::Removed) => Rejected,
            // Its list is too old: it trusts nobody, and says so.
            (Reader::Sleeper, _, Self::Announced | Self::Active | Self::Ready | Self::Switched) => Undetermined,
            // The hold-down of the new root has only begun.
            (Reader::Sleeper, Sample::New, Self::Woken) => Rejected,
            // The same of the old root, for which the new one vouches.
            (Reader::Newcomer, Sample::Old, Self::Switched | Self::Woken) => Rejected,
            _ => Accepted,
        })
    }
}

impl Reader {
    pub(super) const ALL: [Self; 4] = [Self::Daily, Self::Sleeper, Self::Gate, Self::Newcomer];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Sleeper => "sleeper",
            Self::Gate => "gate",
            Self::Newcomer => "newcomer",
        }
    }

    /// The class that it names in its readiness signal.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Daily => "server",
            Self::Gate => "gate",
            Self::Sleeper | Self::Newcomer => "mobile",
        }
    }

    /// Whether it gets anything on that day. Who is asleep does not signal either.
    pub(super) fn is_awake(self, day: i64) -> bool {
        match self {
            Self::Daily | Self::Gate => true,
            Self::Sleeper => !(ASLEEP..AWAKE).contains(&day),
            Self::Newcomer => day >= NEWCOMER,
        }
    }
}

impl Sample {
    pub(super) const ALL: [Self; 2] = [Self::Old, Self::New];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// The days of a rehearsal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    start: UtcDateTime,
}

/// What is done on a day, in this order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hour {
    /// The ceremony begins.
    Ceremony,
    /// Its answer is taken in; people decide; documents are issued.
    Office,
    /// The day is published.
    Publication,
    /// Relying parties update.
    Update,
    /// Documents are verified.
    Verification,
}

impl Calendar {
    /// From the day of `start` on.
    pub(super) fn new(start: UtcDateTime) -> Self {
        Self { start: start.truncate_to_second() }
    }

    pub(super) fn at(self, day: i64, hour: Hour) -> UtcDateTime {
        let minutes = match hour {
            Hour::Ceremony => 0,
            Hour::Office => 30,
            Hour::Publication => 60,
            Hour::Update => 90,
            Hour::Verification => 120,
        };
        self.start.saturating_add(Duration::days(day)).saturating_add(Duration::minutes(minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phases_are_in_order_and_the_last_is_the_last_day() {
        assert!(Phase::ALL.is_sorted_by_key(|phase| phase.day()));
        assert!(Phase::ALL.is_sorted());
        assert_eq!(Phase::ALL.last().map(|phase| phase.day()), Some(LAST));
        assert!(Phase::ALL.iter().all(|phase| Phase::on(phase.day()) == Some(*phase)));
    }

    #[test]
    fn everybody_is_accepted_by_somebody_in_each_phase_until_the_end() {
        for phase in Phase::ALL.into_iter().filter(|phase| *phase != Phase::Removed) {
            assert_eq!(phase.expected(Reader::Daily, Sample::Old), Some(Overall::Accepted));
        }
        assert_eq!(Phase::Active.expected(Reader::Newcomer, Sample::Old), None);
        assert_eq!(Phase::Switched.expected(Reader::Sleeper, Sample::New), Some(Overall::Undetermined));
    }
}
