//! Audit events on their way from the state to the log.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tegata_audit::{Class, Outcome};
use time::UtcDateTime;

use super::{
    State, StateError, Write, instant,
    intent::{from_column, to_column},
    seconds,
};

/// An audit event without its actor, who is the same for a whole session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) class: Class,
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    pub(crate) objects: Vec<(String, String)>,
    pub(crate) detail: Map<String, Value>,
}

/// A notice that the log may not have yet.
pub(crate) struct Waiting {
    pub(crate) id: u64,
    pub(crate) at: UtcDateTime,
    pub(crate) notice: Notice,
}

impl Notice {
    pub(crate) fn new(class: Class, name: &str, outcome: Outcome) -> Self {
        Self { class, name: name.to_owned(), outcome, objects: Vec::new(), detail: Map::new() }
    }

    pub(crate) fn object(mut self, name: impl Into<String>, sha256: [u8; 32]) -> Self {
        self.objects.push((name.into(), hex::encode(sha256)));
        self
    }

    pub(crate) fn detail(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }
}

impl Write<'_> {
    /// Writes the event of this change into the same transaction.
    pub(crate) fn notice(&self, notice: &Notice) -> Result<(), StateError> {
        let text = serde_json::to_string(notice).map_err(|_| StateError::Row { table: "outbox" })?;
        self.db.execute("INSERT INTO outbox (at, notice) VALUES (?1, ?2)", params![seconds(self.now), text])?;
        Ok(())
    }
}

impl State {
    /// The notices that wait, in order.
    pub(crate) fn waiting_notices(&self) -> Result<Vec<Waiting>, StateError> {
        let mut statement = self.connection.prepare_cached("SELECT id, at, notice FROM outbox ORDER BY id")?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)))?;
        rows.map(|row| {
            let (id, at, text) = row?;
            let notice = serde_json::from_str(&text).map_err(|_| StateError::Row { table: "outbox" })?;
            Ok(Waiting { id: from_column(id)?, at: instant(at)?, notice })
        })
        .collect()
    }

    /// The log has every notice up to this one.
    pub(crate) fn notices_logged(&mut self, last: u64) -> Result<(), StateError> {
        self.connection.execute("DELETE FROM outbox WHERE id <= ?1", params![to_column(last)?])?;
        Ok(())
    }
}
