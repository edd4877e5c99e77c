//! Who would be left behind by a rollover: a signal that a verifier may send with its fetch, and the count of a service.
//!
//! The signal says which of the *listed* anchors a verifier believes, cut to four octets each, the version of its list, and
//! what kind of client it is. It has no identifier, no time and nothing that only one verifier would have: anchors that the
//! operator added beside the list are left out. (RFC 8145 did this for the root of the DNS, and postponed its rollover.)

use std::collections::{BTreeMap, BTreeSet};

use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use time::UtcDateTime;

use crate::codec::{Stored, invalid, read_fields};
use crate::{AnchorSet, AnchorState, KeyDigest, Store, SyncPolicy};

/// Most anchors in a signal.
pub const MAX_SIGNAL_ANCHORS: usize = 256;

const VERSION: u64 = 1;
const LIMITS: Limits = Limits { bytes: 4096, depth: 4, items: 600 };

/// What kind of client a verifier is: few and large classes, so that a class tells nothing about one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ClientClass {
    /// A server.
    Server,
    /// A gate or kiosk at a fixed place.
    Gate,
    /// A reader that people carry.
    Handheld,
    /// An app on a phone.
    Mobile,
    /// A web page.
    Web,
}

impl ClientClass {
    /// All.
    pub const ALL: [Self; 5] = [Self::Server, Self::Gate, Self::Handheld, Self::Mobile, Self::Web];

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Gate => "gate",
            Self::Handheld => "handheld",
            Self::Mobile => "mobile",
            Self::Web => "web",
        }
    }

    /// The class of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.id() == id)
    }
}

/// The first four octets of a key digest: enough to tell the anchors of a list apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnchorTag([u8; 4]);

impl From<KeyDigest> for AnchorTag {
    fn from(digest: KeyDigest) -> Self {
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self([a, b, c, d])
    }
}

/// What a verifier tells.
///
/// ```cddl
/// signal = [ 1, class: tstr, list: uint, anchors: [* bstr .size 4] ]      ; ascending, no two alike
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessSignal {
    /// What kind of client it is.
    pub class: ClientClass,
    /// The version of its list.
    pub list_version: u64,
    /// The listed anchors that it believes, or will on their day.
    pub anchors: BTreeSet<AnchorTag>,
}

impl ReadinessSignal {
    /// The bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(4).unsigned(VERSION).text(self.class.id()).unsigned(self.list_version);
        encoder.array(self.anchors.len());
        self.anchors.iter().for_each(|tag| _ = encoder.bytes(&tag.0));
        encoder.into_bytes()
    }

    /// Reads a signal. What a client says is counted, never believed.
    ///
    /// # Errors
    /// When it is anything but one encoding of a signal.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, LIMITS)?;
        let signal = Self::read(&mut reader)?;
        reader.finish()?;
        if signal.to_bytes() == bytes { Ok(signal) } else { Err(invalid(0, "signal")) }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, version, class, list_version, anchors);
        let (version, class, anchors): (u64, String, Vec<AnchorTag>) = (version, class, anchors);
        let class = ClientClass::from_id(&class).filter(|_| version == VERSION && anchors.len() <= MAX_SIGNAL_ANCHORS);
        let class = class.ok_or_else(|| invalid(0, "class"))?;
        Ok(Self { class, list_version, anchors: anchors.into_iter().collect() })
    }
}

impl Stored for AnchorTag {
    fn write(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        reader.bytes()?.try_into().map(Self).map_err(|_| invalid(at, "anchor tag"))
    }
}

impl ReadinessSignal {
    /// The signal of a verifier that holds these anchors by that version of the list. An announced anchor counts as soon
    /// as its hold-down is over, for then it will be believed on its day: the question is asked before that day.
    #[must_use]
    pub fn of(
        anchors: &AnchorSet,
        list_version: u64,
        class: ClientClass,
        at: UtcDateTime,
        policy: &SyncPolicy,
    ) -> Self {
        let trusted = anchors.trusted(at, policy);
        let waiting = anchors
            .iter()
            .filter(|(_, anchor)| matches!(anchor.state, AnchorState::Candidate { until, .. } if until <= at));
        let listed = trusted
            .chain(waiting)
            .filter(|(_, anchor)| anchor.listed.is_some_and(|listed| listed.version == list_version));
        let anchors = listed.map(|(key, _)| AnchorTag::from(key)).take(MAX_SIGNAL_ANCHORS).collect();
        Self { class, list_version, anchors }
    }
}

impl Store {
    /// The signal of this verifier, for operators who agreed to send one; `None` before the first update.
    #[must_use]
    pub fn readiness_signal(&self, class: ClientClass, at: UtcDateTime) -> Option<ReadinessSignal> {
        let list_version = self.list()?.header.version;
        Some(ReadinessSignal::of(self.anchors(), list_version, class, at, self.policy()))
    }
}

/// How many are ready, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Signals that name the anchor.
    pub ready: u64,
    /// All signals.
    pub total: u64,
}

impl Share {
    /// Those that are not ready.
    #[must_use]
    pub fn unready(&self) -> u64 {
        self.total.saturating_sub(self.ready)
    }
}

/// The count of one period, a day say: since signals have no identifier, one verifier that signals twice counts twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadinessCount {
    classes: BTreeMap<ClientClass, ClassCount>,
    watched: BTreeSet<AnchorTag>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ClassCount {
    signals: u64,
    ready: BTreeMap<AnchorTag, u64>,
}

impl ReadinessCount {
    /// Counts for these anchors; others in signals are ignored, so that clients cannot fill the memory.
    #[must_use]
    pub fn new(watched: impl IntoIterator<Item = KeyDigest>) -> Self {
        Self { classes: BTreeMap::new(), watched: watched.into_iter().map(AnchorTag::from).collect() }
    }

    /// Counts a signal.
    pub fn add(&mut self, signal: &ReadinessSignal) {
        let class = self.classes.entry(signal.class).or_default();
        class.signals += 1;
        for tag in signal.anchors.intersection(&self.watched) {
            *class.ready.entry(*tag).or_default() += 1;
        }
    }

    /// The share of a class that is ready for an anchor.
    #[must_use]
    pub fn share_of(&self, class: ClientClass, anchor: KeyDigest) -> Share {
        let Some(count) = self.classes.get(&class) else { return Share::default() };
        let ready = count.ready.get(&AnchorTag::from(anchor)).copied().unwrap_or_default();
        Share { ready, total: count.signals }
    }

    /// The share of all that is ready for an anchor.
    #[must_use]
    pub fn share(&self, anchor: KeyDigest) -> Share {
        self.classes.keys().map(|class| self.share_of(*class, anchor)).fold(Share::default(), |sum, share| Share {
            ready: sum.ready + share.ready,
            total: sum.total + share.total,
        })
    }

    /// Whether the anchor can go into use: every class that must be heard was heard often enough, and no class that was
    /// heard has too many that are not ready.
    #[must_use]
    pub fn gate(&self, anchor: KeyDigest, threshold: &Threshold) -> Gate {
        let heard = self.classes.keys().copied();
        let classes: BTreeSet<ClientClass> = heard.chain(threshold.classes.iter().copied()).collect();
        let mut obstacles = Vec::new();
        for class in classes {
            let share = self.share_of(class, anchor);
            if threshold.classes.contains(&class) && share.total < threshold.min_signals {
                obstacles.push(Obstacle::TooFewSignals { class, found: share.total, needed: threshold.min_signals });
            } else if u128::from(share.unready()) * 1000
                > u128::from(share.total) * u128::from(threshold.max_unready_permille)
            {
                obstacles.push(Obstacle::TooManyUnready { class, share });
            }
        }
        if threshold.classes.is_empty() {
            obstacles.push(Obstacle::NoClass);
        }
        if obstacles.is_empty() { Gate::Go } else { Gate::NoGo { obstacles } }
    }
}

/// When an anchor can go into use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The most verifiers of a class that may be not ready, in thousandths.
    pub max_unready_permille: u16,
    /// The fewest signals of a class that say anything.
    pub min_signals: u64,
    /// The classes that must have been heard; at least one.
    pub classes: BTreeSet<ClientClass>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It can.
    Go,
    /// It cannot.
    NoGo {
        /// Why.
        obstacles: Vec<Obstacle>,
    },
}

/// What stands against putting an anchor into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The threshold names no class that must be heard.
    NoClass,
    /// A class was not heard often enough to tell.
    TooFewSignals {
        /// The class.
        class: ClientClass,
        /// Signals heard.
        found: u64,
        /// Signals needed.
        needed: u64,
    },
    /// Too many of a class are not ready.
    TooManyUnready {
        /// The class.
        class: ClientClass,
        /// How many are.
        share: Share,
    },
}

impl Obstacle {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoClass => "gate-no-class",
            Self::TooFewSignals { .. } => "gate-too-few-signals",
            Self::TooManyUnready { .. } => "gate-too-many-unready",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: KeyDigest = KeyDigest::from_bytes([7; 32]);
    const OLD: KeyDigest = KeyDigest::from_bytes([3; 32]);

    fn count(class: ClientClass, ready: usize, unready: usize) -> ReadinessCount {
        let mut count = ReadinessCount::new([NEW, OLD]);
        let signal = |anchors: &[KeyDigest]| ReadinessSignal {
            class,
            list_version: 4,
            anchors: anchors.iter().map(|anchor| AnchorTag::from(*anchor)).collect(),
        };
        (0..ready).for_each(|_| count.add(&signal(&[NEW, OLD])));
        (0..unready).for_each(|_| count.add(&signal(&[OLD])));
        count
    }

    #[test]
    fn the_gate_opens_at_one_percent_and_closes_at_two() {
        let threshold =
            Threshold { max_unready_permille: 10, min_signals: 100, classes: BTreeSet::from([ClientClass::Gate]) };
        assert_eq!(count(ClientClass::Gate, 990, 10).gate(NEW, &threshold), Gate::Go);
        let Gate::NoGo { obstacles } = count(ClientClass::Gate, 980, 20).gate(NEW, &threshold) else { panic!() };
        let share = Share { ready: 980, total: 1000 };
        assert_eq!(obstacles, [Obstacle::TooManyUnready { class: ClientClass::Gate, share }]);
        assert_eq!(share.unready(), 20);
    }

    #[test]
    fn silence_is_not_readiness() {
        let threshold =
            Threshold { max_unready_permille: 10, min_signals: 100, classes: BTreeSet::from([ClientClass::Gate]) };
        for count in [ReadinessCount::new([NEW]), count(ClientClass::Gate, 99, 0), count(ClientClass::Web, 500, 0)] {
            assert!(matches!(count.gate(NEW, &threshold), Gate::NoGo { .. }));
        }
        let none = Threshold { classes: BTreeSet::new(), ..threshold };
        assert_eq!(count(ClientClass::Web, 500, 0).gate(NEW, &none), Gate::NoGo { obstacles: vec![Obstacle::NoClass] });
    }

    #[test]
    fn anchors_that_nobody_watches_are_not_counted() {
        let mut count = ReadinessCount::new([NEW]);
        let anchors = (0..200_u8).map(|n| AnchorTag([n; 4])).collect();
        count.add(&ReadinessSignal { class: ClientClass::Web, list_version: 1, anchors });
        assert_eq!(count.share(NEW), Share { ready: 1, total: 1 });
        assert_eq!(count.classes.values().map(|class| class.ready.len()).sum::<usize>(), 1);
    }

    #[test]
    fn signals_have_one_encoding_and_no_room_for_more() {
        let anchors = BTreeSet::from([AnchorTag([1; 4]), AnchorTag([2; 4])]);
        let signal = ReadinessSignal { class: ClientClass::Handheld, list_version: 17, anchors };
        let bytes = signal.to_bytes();
        assert_eq!(ReadinessSignal::from_bytes(&bytes).unwrap(), signal);
        for end in 0..bytes.len() {
            assert!(ReadinessSignal::from_bytes(&bytes[..end]).is_err());
        }
        let mut swapped = Encoder::new();
        swapped.array(4).unsigned(1).text("handheld").unsigned(17).array(2).bytes(&[2; 4]).bytes(&[1; 4]);
        assert!(ReadinessSignal::from_bytes(swapped.as_bytes()).is_err(), "an order would be a place for a mark");
        let mut more = Encoder::new();
        more.array(5).unsigned(1).text("handheld").unsigned(17).array(0).text("me");
        assert!(ReadinessSignal::from_bytes(more.as_bytes()).is_err());
    }
}
