//! What was seen of every scheme, so that an older list played back is refused.

use std::collections::BTreeMap;

use time::UtcDateTime;

use super::{Lote, LoteError, VerifiedLote};

/// What makes two lists issues of one: type, territory and the first name of the operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemeId {
    /// `LoTEType`.
    pub list_type: Option<String>,
    /// `SchemeTerritory`.
    pub territory: Option<String>,
    /// The first `SchemeOperatorName`.
    pub operator: String,
}

impl SchemeId {
    /// The scheme that `lote` says it is of.
    #[must_use]
    pub fn of(lote: &Lote) -> Self {
        let text = |value: Option<&str>| value.map(str::to_owned);
        Self {
            list_type: text(lote.list_type()),
            territory: text(lote.territory()),
            operator: lote.operator().to_owned(),
        }
    }
}

/// What is remembered of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenLote {
    /// The highest `LoTESequenceNumber`.
    pub sequence_number: u64,
    /// The latest `ListIssueDateTime`.
    pub issued_at: UtcDateTime,
}

/// The newest list seen of every scheme. To be stored by whoever keeps the lists, and given to every [`Lote::verify`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoteMemory(BTreeMap<SchemeId, SeenLote>);

impl LoteMemory {
    /// Nothing seen yet: of every scheme the first list is accepted, however old.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers a list that was accepted. Neither number nor date ever falls.
    pub fn remember(&mut self, accepted: &VerifiedLote) {
        let lote = accepted.lote();
        let seen = SeenLote { sequence_number: lote.sequence_number(), issued_at: lote.issued_at() };
        self.insert(SchemeId::of(lote), seen);
    }

    /// Remembers what an earlier run stored. Neither number nor date ever falls.
    pub fn insert(&mut self, scheme: SchemeId, seen: SeenLote) {
        let known = self.0.entry(scheme).or_insert(seen);
        known.sequence_number = known.sequence_number.max(seen.sequence_number);
        known.issued_at = known.issued_at.max(seen.issued_at);
    }

    /// What is remembered: what to store for the next run.
    pub fn iter(&self) -> impl Iterator<Item = (&SchemeId, SeenLote)> {
        self.0.iter().map(|(scheme, seen)| (scheme, *seen))
    }

    pub(super) fn check(&self, lote: &Lote) -> Result<(), LoteError> {
        let Some(seen) = self.0.get(&SchemeId::of(lote)) else { return Ok(()) };
        let (found, found_at) = (lote.sequence_number(), lote.issued_at());
        if found < seen.sequence_number {
            return Err(LoteError::SequenceLower { found, seen: seen.sequence_number });
        }
        if found_at < seen.issued_at {
            return Err(LoteError::OlderDate { found: found_at, seen: seen.issued_at });
        }
        Ok(())
    }
}
