//! What one source refuses, all refuse.

use std::collections::BTreeMap;

use time::UtcDateTime;

use super::AnchorSet;
use crate::anchor::{AnchorState, Change, Event, HeldAnchor, KeyDigest, Listed, Listing};

impl AnchorSet {
    /// Takes over that keys are revoked or distrusted elsewhere: of anchors that are held, and before a list is observed of
    /// those that it would bring in.
    pub(crate) fn refuse(
        &mut self,
        refused: &BTreeMap<KeyDigest, AnchorState>,
        listing: Option<&Listing>,
        at: UtcDateTime,
        history: usize,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        for (anchor, state) in refused {
            let event = match (self.state(anchor), state) {
                (Some(AnchorState::Revoked { .. }), _) => continue,
                (Some(AnchorState::LocalDistrust { .. }), AnchorState::LocalDistrust { .. }) => continue,
                (_, AnchorState::Revoked { .. }) => Event::Revoked,
                _ => Event::Distrusted,
            };
            let entry = listing.and_then(|listing| listing.entries.get(anchor));
            if let (None, Some(entry)) = (self.get(anchor), entry) {
                self.insert(*anchor, HeldAnchor::new(entry.certificate.clone(), *state));
            }
            let Some(held) = self.get_mut(anchor) else { continue };
            held.state = *state;
            held.widening = None;
            if let (Some(listing), Some(entry)) = (listing, entry) {
                let (state, dates, facts) = (entry.state, entry.dates, entry.facts);
                held.listed = Some(Listed { version: listing.version, state, dates, facts });
            }
            let list_version = listing.map(|listing| listing.version);
            let change = Change { anchor: *anchor, at, list_version, event };
            held.note(change, history);
            changes.push(change);
        }
        changes
    }
}
