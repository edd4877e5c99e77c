//! All anchors of a verifier, and what an accepted list makes of them.

mod evidence;
mod guard;
mod refuse;
mod scope;

use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::Certificate;
use time::{Duration, UtcDateTime};

pub use self::evidence::MAX_LINKS;
pub use self::scope::TrustScope;
use super::listing::{Entry, Listing};
use super::step::{Context, Sighting, step};
use super::{AnchorState, Change, Event, HeldAnchor, KeyDigest, Listed, Vouching, Widening};
use crate::{Grants, SyncPolicy};

/// The anchors by key digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorSet {
    anchors: BTreeMap<KeyDigest, HeldAnchor>,
}

/// When an observation is made, and how current it is; see [`Context`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time of the observation.
    pub at: UtcDateTime,
    /// The time until which the list is known to have been current, never after `at`.
    pub as_of: UtcDateTime,
}

impl Moment {
    /// A list that was fetched just now.
    #[must_use]
    pub fn now(at: UtcDateTime) -> Self {
        Self { at, as_of: at }
    }
}

/// A removal that waits for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The anchor that should no longer be believed, or for less.
    pub anchor: KeyDigest,
    /// The scopes that would have no anchor without it.
    pub scopes: Vec<TrustScope>,
}

/// What a list changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// What happened, ascending by key digest.
    pub changes: Vec<Change>,
    /// What waits for confirmation.
    pub held_back: Vec<HeldBack>,
    /// Scopes that had an anchor before and have none now: each was revoked, has expired, or was confirmed.
    pub emptied: Vec<TrustScope>,
}

/// What a list makes of one anchor.
struct Outcome {
    key: KeyDigest,
    state: Option<AnchorState>,
    event: Option<Event>,
    /// The scope that the evidence vouches for, where the evidence decided something.
    vouched: Option<Grants>,
}

impl AnchorSet {
    /// No anchor.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The anchors, ascending by key digest.
    pub fn iter(&self) -> impl Iterator<Item = (KeyDigest, &HeldAnchor)> {
        self.anchors.iter().map(|(key, anchor)| (*key, anchor))
    }

    /// The anchor with this key.
    #[must_use]
    pub fn get(&self, key: &KeyDigest) -> Option<&HeldAnchor> {
        self.anchors.get(key)
    }

    /// The state of the anchor with this key.
    #[must_use]
    pub fn state(&self, key: &KeyDigest) -> Option<AnchorState> {
        self.anchors.get(key).map(|anchor| anchor.state)
    }

    /// Replaces or adds an anchor.
    pub(crate) fn insert(&mut self, key: KeyDigest, anchor: HeldAnchor) {
        self.anchors.insert(key, anchor);
    }

    /// An anchor to be changed.
    pub(crate) fn get_mut(&mut self, key: &KeyDigest) -> Option<&mut HeldAnchor> {
        self.anchors.get_mut(key)
    }

    /// Forgets an anchor.
    pub(crate) fn remove(&mut self, key: &KeyDigest) -> Option<HeldAnchor> {
        self.anchors.remove(key)
    }

    /// The anchors that are believed at `at`: valid or missing, and within their certificate's dates. One that has been
    /// missing too long is believed on only where nobody else speaks for its scope.
    pub fn trusted<'a>(
        &'a self,
        at: UtcDateTime,
        policy: &'a SyncPolicy,
    ) -> impl Iterator<Item = (KeyDigest, &'a HeldAnchor)> {
        let overdue = move |anchor: &HeldAnchor| match anchor.state {
            AnchorState::Missing { since, .. } => at - since >= policy.missing,
            _ => false,
        };
        let believed = move |anchor: &HeldAnchor| anchor.state.is_trusted() && at <= anchor.certificate.not_after();
        let covered = move |key: KeyDigest, scope: &TrustScope| {
            let mut others =
                self.iter().filter(|(other, anchor)| *other != key && believed(anchor) && !overdue(anchor));
            others.any(|(_, anchor)| scope.is_of(anchor))
        };
        self.iter().filter(move |(key, anchor)| {
            believed(anchor) && (!overdue(anchor) || !TrustScope::all_of(anchor).iter().all(|s| covered(*key, s)))
        })
    }

    /// The first time at which an update with the same list would change something: the end of a hold-down, of the time of
    /// a missing anchor, or of a certificate. (An update that changed something may let the next one change more.)
    #[must_use]
    pub fn next_due(&self, policy: &SyncPolicy) -> Option<UtcDateTime> {
        let due = |anchor: &HeldAnchor| {
            let active = anchor.listed.map_or(UtcDateTime::MIN, |listed| listed.dates.active);
            let state = match anchor.state {
                AnchorState::Candidate { until, .. } => Some(until.max(active)),
                AnchorState::Missing { since, .. } => Some(since.saturating_add(policy.missing)),
                AnchorState::Valid { .. } => None,
                _ => return None,
            };
            let end = anchor.certificate.not_after().saturating_add(Duration::SECOND);
            let widening = anchor.widening.as_ref().map(|widening| widening.until);
            state.into_iter().chain(widening).chain([end]).min()
        };
        self.anchors.values().filter_map(due).min()
    }

    /// Takes an accepted list in. `confirmed` names the anchors whose removal the operator agreed to though they are the
    /// last of a scope.
    pub fn observe(
        &mut self,
        listing: &Listing,
        moment: Moment,
        policy: &SyncPolicy,
        confirmed: &BTreeSet<KeyDigest>,
    ) -> Observation {
        let keys: BTreeSet<KeyDigest> = self.anchors.keys().chain(listing.entries.keys()).copied().collect();
        let mut outcomes: Vec<Outcome> =
            keys.into_iter().map(|key| self.outcome(key, listing, moment, policy)).collect();
        let mut observation = Observation::default();
        if outcomes.iter().any(|outcome| self.ends(outcome)) {
            self.hold_back(&mut outcomes, moment.at, confirmed, &mut observation);
        }
        let mut events: Vec<(KeyDigest, Event)> = Vec::new();
        for outcome in outcomes {
            events.extend(outcome.event.map(|event| (outcome.key, event)));
            match listing.entries.get(&outcome.key) {
                Some(entry) => self.settle_listed(outcome, entry, listing.version, moment, policy, &mut events),
                None => self.settle_absent(&outcome),
            }
        }
        for (key, entry) in &listing.entries {
            self.narrow(key, entry, confirmed, &mut observation.held_back, &mut events);
        }
        events.sort_by_key(|(anchor, _)| *anchor);
        for (anchor, event) in events {
            let change = Change { anchor, at: moment.at, list_version: Some(listing.version), event };
            if let Some(held) = self.anchors.get_mut(&anchor) {
                held.note(change, policy.history);
            }
            observation.changes.push(change);
        }
        observation
    }

    /// Runs the state machine for one key.
    fn outcome(&self, key: KeyDigest, listing: &Listing, moment: Moment, policy: &SyncPolicy) -> Outcome {
        let held = self.anchors.get(&key);
        let entry = listing.entries.get(&key);
        let undecided = entry.filter(|_| !held.is_some_and(|held| held.state.is_trusted()));
        let certificate = entry.map(|entry| &entry.certificate).or(held.map(|held| &held.certificate));
        let context = Context {
            at: moment.at,
            as_of: moment.as_of,
            not_after: certificate.map_or(UtcDateTime::MIN, |certificate| certificate.not_after()),
            by: listing.by,
            link: undecided.and_then(|entry| self.link(key, entry, listing, moment.at)),
            approved: entry.is_some_and(|entry| !entry.approved.is_empty()),
            policy,
        };
        let seen = entry.map_or(Sighting::Absent, |entry| Sighting::Listed {
            state: entry.state,
            announced: entry.dates.announced,
            active: entry.dates.active,
        });
        let (state, event) = step(held.map(|held| held.state), seen, &context);
        let because = match event {
            Some(Event::Seen { because, .. } | Event::TimerChanged { because, .. } | Event::Adopted { because }) => {
                Some(because)
            }
            _ => None,
        };
        let vouched = because.zip(entry).map(|(because, entry)| self.vouched_for(because, entry));
        Outcome { key, state, event, vouched }
    }

    /// Writes down what became of an anchor that is not listed.
    fn settle_absent(&mut self, outcome: &Outcome) {
        match (outcome.state, self.anchors.get_mut(&outcome.key)) {
            (Some(state), Some(held)) => {
                held.state = state;
                held.widening = None;
            }
            _ => _ = self.anchors.remove(&outcome.key),
        }
    }

    /// Writes down what became of an anchor that is listed, and what it may speak for by the evidence.
    fn settle_listed(
        &mut self,
        outcome: Outcome,
        entry: &Entry,
        version: u64,
        moment: Moment,
        policy: &SyncPolicy,
        events: &mut Vec<(KeyDigest, Event)>,
    ) {
        let Outcome { key, state, vouched, .. } = outcome;
        let Some(state) = state else {
            self.anchors.remove(&key);
            return;
        };
        let listed = Listed { version, state: entry.state, dates: entry.dates, facts: entry.facts };
        let held = self.anchors.entry(key).or_insert_with(|| HeldAnchor::new(entry.certificate.clone(), state));
        let before = core::mem::replace(&mut held.state, state);
        held.listed = Some(listed);
        if held.certificate != entry.certificate {
            held.certificate = entry.certificate.clone();
        }
        if let Some(vouched) = vouched {
            held.vouch(before, vouched, policy);
        }
        if held.widen(entry, moment, policy) {
            events.push((key, Event::Widened));
        }
    }
}

impl HeldAnchor {
    /// An anchor that may speak for nothing yet.
    fn new(certificate: Certificate, state: AnchorState) -> Self {
        Self { certificate, state, grants: Grants::default(), widening: None, listed: None, history: Vec::new() }
    }

    /// Takes the scope that the evidence vouches for. A candidate keeps what it had, but what the new evidence does not
    /// cover waits as long as anything that only the list says.
    fn vouch(&mut self, before: AnchorState, vouched: Grants, policy: &SyncPolicy) {
        match before {
            AnchorState::Candidate { since, .. } if !self.grants.is_empty() => {
                let rest = self.grants.difference(&vouched);
                self.grants = self.grants.intersection(&vouched);
                if !rest.is_empty() {
                    let until = since.saturating_add(policy.hold_down_online);
                    self.widening = Some(Widening { grants: rest, since, until });
                }
            }
            _ => {
                self.grants = vouched;
                self.widening = None;
            }
        }
    }

    /// Runs the hold-down of a wider scope. True when it came to its end.
    fn widen(&mut self, entry: &Entry, moment: Moment, policy: &SyncPolicy) -> bool {
        let lives = self.state.is_trusted() || matches!(self.state, AnchorState::Candidate { .. });
        if !lives || self.state.because() == Some(Vouching::Operator) {
            self.widening = None;
            return false;
        }
        let wanted = entry.grants.difference(&self.grants);
        let approved = wanted.intersection(&entry.approved);
        let waiting = wanted.difference(&approved);
        self.grants = self.grants.union(&approved);
        self.widening = match self.widening.take() {
            _ if waiting.is_empty() => None,
            // Nothing but what has been waiting: the timer goes on.
            Some(held) if waiting.difference(&held.grants).is_empty() => Some(Widening { grants: waiting, ..held }),
            _ => {
                let until = moment.at.saturating_add(policy.hold_down_online);
                Some(Widening { grants: waiting, since: moment.at, until })
            }
        };
        let due = self.widening.take_if(|widening| moment.as_of >= widening.until);
        let widened = due.is_some() || !approved.is_empty();
        if let Some(due) = due {
            self.grants = self.grants.union(&due.grants);
        }
        widened && self.state.is_trusted()
    }
}
