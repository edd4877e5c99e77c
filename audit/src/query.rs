//! Who did what, and when.

use time::UtcDateTime;

use crate::{Actor, Class, Outcome, Record};

/// A question to a log. Every condition set must hold; a query without conditions finds all records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    actor: Option<Actor>,
    class: Option<Class>,
    name: Option<String>,
    outcome: Option<Outcome>,
    from: Option<UtcDateTime>,
    before: Option<UtcDateTime>,
    object: Option<[u8; 32]>,
}

impl Query {
    /// A query without conditions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what this actor did.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Only this class.
    #[must_use]
    pub fn class(mut self, class: Class) -> Self {
        self.class = Some(class);
        self
    }

    /// Only events of this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Only this outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// Only records of this instant or later.
    #[must_use]
    pub fn from(mut self, time: UtcDateTime) -> Self {
        self.from = Some(time);
        self
    }

    /// Only records before this instant.
    #[must_use]
    pub fn before(mut self, time: UtcDateTime) -> Self {
        self.before = Some(time);
        self
    }

    /// Only records about the object with this SHA-256.
    #[must_use]
    pub fn object(mut self, sha256: [u8; 32]) -> Self {
        self.object = Some(sha256);
        self
    }

    /// Whether a record answers the query.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        self.actor.as_ref().is_none_or(|actor| *actor == record.actor)
            && self.class.is_none_or(|class| class == record.class)
            && self.name.as_ref().is_none_or(|name| *name == record.name)
            && self.outcome.is_none_or(|outcome| outcome == record.outcome)
            && self.from.is_none_or(|from| from <= record.time)
            && self.before.is_none_or(|before| record.time < before)
            && self.object.is_none_or(|sha256| record.objects.iter().any(|object| object.sha256 == sha256))
    }

    /// The records that answer the query, in their order.
    pub fn find<'r>(&self, records: &'r [Record]) -> impl Iterator<Item = &'r Record> + use<'r, '_> {
        records.iter().filter(|record| self.matches(record))
    }
}
