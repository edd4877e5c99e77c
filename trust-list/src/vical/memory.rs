//! What was seen of every provider, so that an older list played back is refused.

use std::collections::BTreeMap;

use time::UtcDateTime;

use super::{VerifiedVical, Vical, VicalError};

/// The newest list seen of every provider, by `vicalProvider`.
///
/// To be stored by whoever keeps the lists, in one write with them, and given to every [`Vical::verify`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VicalMemory(BTreeMap<String, SeenVical>);

/// What is remembered of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenVical {
    /// The highest `vicalIssueID`.
    pub issue_id: Option<u64>,
    /// The latest `date`.
    pub date: UtcDateTime,
}

impl VicalMemory {
    /// Nothing seen yet: of every provider the first list is accepted, however old.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers a list that was accepted. Neither number nor date ever falls.
    pub fn remember(&mut self, accepted: &VerifiedVical) {
        let vical = accepted.vical();
        self.insert(vical.provider(), SeenVical { issue_id: vical.issue_id(), date: vical.date() });
    }

    /// Remembers what an earlier run stored. Neither number nor date ever falls.
    pub fn insert(&mut self, provider: impl Into<String>, seen: SeenVical) {
        let known = self.0.entry(provider.into()).or_insert(seen);
        known.issue_id = known.issue_id.max(seen.issue_id);
        known.date = known.date.max(seen.date);
    }

    /// Forgets a provider: for an operator who has learned from the provider itself that it began to count anew. Until the
    /// next list is remembered, an old one can be played back.
    pub fn dangerous_forget(&mut self, provider: &str) {
        self.0.remove(provider);
    }

    /// What is remembered: what to store for the next run.
    pub fn iter(&self) -> impl Iterator<Item = (&str, SeenVical)> {
        self.0.iter().map(|(provider, seen)| (provider.as_str(), *seen))
    }

    /// Refuses a list with a lower number or an older date than was seen of its provider. The same list again passes, and
    /// one that lost its number is judged by its date.
    pub(super) fn check(&self, vical: &Vical) -> Result<(), VicalError> {
        let Some(seen) = self.0.get(vical.provider()) else { return Ok(()) };
        if let (Some(found), Some(seen)) = (vical.issue_id(), seen.issue_id)
            && found < seen
        {
            return Err(VicalError::IssueIdLower { found, seen });
        }
        if vical.date() < seen.date {
            return Err(VicalError::OlderDate { found: vical.date(), seen: seen.date });
        }
        Ok(())
    }
}
