//! What a root changes: what a key holder has to see before signing it.

use std::collections::BTreeSet;

use crate::{KeyId, RoleName, RootMetadata};

/// The differences of two roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDifference {
    /// Keys that a role has now and had not, ascending.
    pub added: BTreeSet<(RoleName, KeyId)>,
    /// Keys that a role had and has no longer, ascending.
    pub removed: BTreeSet<(RoleName, KeyId)>,
    /// Thresholds that are others now.
    pub thresholds: Vec<ThresholdChange>,
}

/// A threshold that is another now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdChange {
    /// The role.
    pub role: RoleName,
    /// How many keys had to sign; `None` where there was no root before.
    pub before: Option<u16>,
    /// How many have to now.
    pub now: u16,
}

impl RootDifference {
    /// What is different in `new`; without an `old` one everything is.
    #[must_use]
    pub fn between(old: Option<&RootMetadata>, new: &RootMetadata) -> Self {
        let (before, now) = (old.map(keys).unwrap_or_default(), keys(new));
        let mut thresholds = Vec::new();
        for (role, rules) in &new.roles {
            let before = old.and_then(|old| old.roles.get(role)).map(|rules| rules.threshold.get());
            let now = rules.threshold.get();
            if before != Some(now) {
                thresholds.push(ThresholdChange { role: *role, before, now });
            }
        }
        Self {
            added: now.difference(&before).copied().collect(),
            removed: before.difference(&now).copied().collect(),
            thresholds,
        }
    }

    /// Whether nothing but version and dates is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.thresholds.is_empty()
    }
}

fn keys(root: &RootMetadata) -> BTreeSet<(RoleName, KeyId)> {
    root.roles.iter().flat_map(|(role, rules)| rules.keys.iter().map(move |key| (*role, *key))).collect()
}
