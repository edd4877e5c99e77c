//! Who vouches for an anchor that is not believed yet, and for what.

use std::collections::BTreeSet;

use tegata_manifest::ListedState;
use time::UtcDateTime;

use super::AnchorSet;
use crate::Grants;
use crate::anchor::{AnchorState, Entry, KeyDigest, Link, LinkKind, Listing, Vouching};

/// The longest chain of links that is followed, in generations.
pub const MAX_LINKS: usize = 8;

impl AnchorSet {
    /// The scope that the evidence vouches for: a quorum for what it approved, an anchor for what it may speak for itself,
    /// the list for all it says.
    pub(super) fn vouched_for(&self, because: Vouching, entry: &Entry) -> Grants {
        match because {
            Vouching::Approval => entry.approved.clone(),
            Vouching::NewWithOld { by } | Vouching::OldWithNew { by } => {
                self.get(&by).map(|by| by.grants.intersection(&entry.grants)).unwrap_or_default()
            }
            Vouching::OnlineRole | Vouching::Operator | Vouching::Vical => entry.grants.clone(),
        }
    }

    /// The link that leads from a valid anchor to the one with this key: one certificate in either direction, or a chain
    /// of NewWithOld over generations whose roots are all listed, not revoked, and whose links are all valid now.
    pub(super) fn link(&self, key: KeyDigest, entry: &Entry, listing: &Listing, at: UtcDateTime) -> Option<Vouching> {
        let links: Vec<&Link> = listing.links.iter().filter(|link| link.is_valid_at(at)).collect();
        let mut frontier = BTreeSet::from([key]);
        let mut visited = frontier.clone();
        for _ in 0..MAX_LINKS {
            let older: Vec<KeyDigest> = links
                .iter()
                .filter(|link| link.kind == LinkKind::NewWithOld && frontier.contains(&link.of))
                .map(|link| link.by)
                .collect();
            if let Some(by) = older.iter().find(|by| self.may_vouch(by, entry, listing, at)) {
                return Some(Vouching::NewWithOld { by: *by });
            }
            let passes = |by: &KeyDigest| !visited.contains(by) && self.may_pass(by, listing);
            let next: BTreeSet<KeyDigest> = older.into_iter().filter(passes).collect();
            if next.is_empty() {
                break;
            }
            visited.extend(&next);
            frontier = next;
        }
        let mut newer = links.iter().filter(|link| link.kind == LinkKind::OldWithNew && link.of == key);
        let by = newer.find(|link| self.may_vouch(&link.by, entry, listing, at))?.by;
        Some(Vouching::OldWithNew { by })
    }

    /// Whether a link of this anchor counts: it is valid, not revoked by the very list, and speaks for some of the same. One
    /// that the list has removed vouches on while its removal is held back: documents under it are still believed, and
    /// what it vouches for is what lets it go.
    fn may_vouch(&self, by: &KeyDigest, entry: &Entry, listing: &Listing, at: UtcDateTime) -> bool {
        let is_removed = || listing.entries.get(by).is_some_and(|entry| entry.state == ListedState::Removed);
        !is_revoked(by, listing)
            && self.get(by).is_some_and(|anchor| {
                let is_believed = match anchor.state {
                    AnchorState::Valid { .. } => true,
                    AnchorState::Missing { .. } => is_removed(),
                    _ => false,
                };
                is_believed
                    && at <= anchor.certificate.not_after()
                    && !anchor.grants.intersection(&entry.grants).is_empty()
            })
    }

    /// Whether a chain may lead over this anchor, believed or not.
    fn may_pass(&self, by: &KeyDigest, listing: &Listing) -> bool {
        let bad = matches!(self.state(by), Some(AnchorState::Revoked { .. } | AnchorState::LocalDistrust { .. }));
        listing.entries.contains_key(by) && !is_revoked(by, listing) && !bad
    }
}

fn is_revoked(key: &KeyDigest, listing: &Listing) -> bool {
    listing.entries.get(key).is_some_and(|entry| entry.state == ListedState::Revoked)
}
