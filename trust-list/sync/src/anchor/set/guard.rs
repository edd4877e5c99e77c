//! The last anchor of a scope goes only when it is revoked, has expired, or the operator agrees. All else that a list
//! says takes effect meanwhile, so that nobody can keep a revocation out by taking an anchor away in the same list.

use std::collections::BTreeSet;

use time::UtcDateTime;

use super::{AnchorSet, HeldBack, Observation, Outcome, TrustScope};
use crate::anchor::{AnchorState, Entry, Event, KeyDigest, Vouching};

impl AnchorSet {
    /// Whether an anchor that was believed is no longer.
    pub(super) fn ends(&self, outcome: &Outcome) -> bool {
        self.get(&outcome.key).is_some_and(|held| held.state.is_trusted()) && !outcome.is_trusted()
    }

    /// Keeps the last anchors of a scope that would only be retired, and reports the scopes that are empty all the same.
    pub(super) fn hold_back(
        &self,
        outcomes: &mut [Outcome],
        at: UtcDateTime,
        confirmed: &BTreeSet<KeyDigest>,
        observation: &mut Observation,
    ) {
        let remaining: BTreeSet<KeyDigest> =
            outcomes.iter().filter(|outcome| outcome.is_trusted()).map(|outcome| outcome.key).collect();
        let is_covered =
            |scope: &TrustScope| remaining.iter().filter_map(|key| self.get(key)).any(|anchor| scope.is_of(anchor));
        for outcome in outcomes.iter_mut() {
            if !self.ends(outcome) {
                continue;
            }
            let Some(held) = self.get(&outcome.key) else { continue };
            let lost: Vec<_> = TrustScope::all_of(held).into_iter().filter(|scope| !is_covered(scope)).collect();
            if lost.is_empty() {
                continue;
            }
            let retires = matches!(outcome.state, Some(AnchorState::Retired { .. }));
            if retires && !confirmed.contains(&outcome.key) {
                let was_valid = match held.state {
                    AnchorState::Valid { because, .. } => Some(AnchorState::Missing { since: at, because }),
                    _ => None,
                };
                outcome.event = was_valid.map(|_| Event::RemovalHeldBack);
                outcome.state = Some(was_valid.unwrap_or(held.state));
                observation.held_back.push(HeldBack { anchor: outcome.key, scopes: lost });
            } else {
                observation.emptied.extend(lost);
            }
        }
        observation.emptied.sort();
        observation.emptied.dedup();
    }

    /// Takes from an anchor what the list no longer lets it speak for. What the operator gave stays, and so does what
    /// nobody else speaks for.
    pub(super) fn narrow(
        &mut self,
        key: &KeyDigest,
        entry: &Entry,
        confirmed: &BTreeSet<KeyDigest>,
        held_back: &mut Vec<HeldBack>,
        events: &mut Vec<(KeyDigest, Event)>,
    ) {
        let Some(held) = self.get(key) else { return };
        if held.state.because() == Some(Vouching::Operator) {
            return;
        }
        let lost = held.grants.difference(&entry.grants);
        if lost.is_empty() {
            return;
        }
        let mut narrowed = held.grants.intersection(&entry.grants);
        if held.state.is_trusted() {
            if !confirmed.contains(key) {
                let is_covered = |scope: &TrustScope| {
                    let mut others = self.iter().filter(|(other, anchor)| other != key && anchor.state.is_trusted());
                    others.any(|(_, anchor)| scope.is_of(anchor))
                };
                let last = TrustScope::within(held, &lost).into_iter().filter(|scope| !is_covered(scope));
                let last: Vec<TrustScope> = last.collect();
                last.iter().for_each(|scope| narrowed.insert(scope.purpose, scope.doc_type.as_deref()));
                if !last.is_empty() {
                    held_back.push(HeldBack { anchor: *key, scopes: last });
                }
            }
            if narrowed != held.grants {
                events.push((*key, Event::Narrowed));
            }
        }
        if let Some(held) = self.anchors.get_mut(key) {
            held.grants = narrowed;
        }
    }
}

impl Outcome {
    fn is_trusted(&self) -> bool {
        self.state.is_some_and(|state| state.is_trusted())
    }
}
