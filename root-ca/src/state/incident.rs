//! Incidents: the compromise of a root key, step by step.

use rusqlite::{Connection, Row, params};
use time::UtcDateTime;

use super::{
    State, StateError, Write, instant,
    intent::{from_column, to_column},
    seconds,
};
use crate::{incident::IncidentStep, key_status::Generation};

/// A compromise and how far its treatment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its number.
    pub id: u64,
    /// The compromised key.
    pub key: Generation,
    /// The last step that was done.
    pub step: IncidentStep,
    /// When it was opened.
    pub opened: UtcDateTime,
    /// Who judged that the key is compromised.
    pub judged_by: String,
}

/// A step that was done, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentEntry {
    /// The step.
    pub step: IncidentStep,
    /// When it was done.
    pub at: UtcDateTime,
    /// What shows it.
    pub evidence: String,
}

impl State {
    /// Every incident, the oldest first.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn incidents(&self) -> Result<Vec<Incident>, StateError> {
        all(&self.connection)
    }

    /// What was done in an incident, in order.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn incident_entries(&self, id: u64) -> Result<Vec<IncidentEntry>, StateError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT step, at, evidence FROM incident_step WHERE incident = ?1 ORDER BY at, rowid")?;
        let rows = statement.query_map([to_column(id)?], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| {
            let (step, at, evidence) = row?;
            Ok(IncidentEntry { step: step_of(&step)?, at: instant(at)?, evidence })
        })
        .collect()
    }
}

impl Write<'_> {
    pub(crate) fn insert_incident(&self, key: Generation, judged_by: &str) -> Result<u64, StateError> {
        let step = IncidentStep::Opened.id();
        self.db.execute(
            "INSERT INTO incident (key, step, opened, judged_by) VALUES (?1, ?2, ?3, ?4)",
            params![key.0, step, seconds(self.now), judged_by],
        )?;
        let id = from_column(self.db.last_insert_rowid())?;
        self.insert_step(id, IncidentStep::Opened, judged_by)?;
        Ok(id)
    }

    pub(crate) fn set_incident_step(&self, id: u64, step: IncidentStep, evidence: &str) -> Result<(), StateError> {
        self.db.execute("UPDATE incident SET step = ?1 WHERE id = ?2", params![step.id(), to_column(id)?])?;
        self.insert_step(id, step, evidence)
    }

    fn insert_step(&self, id: u64, step: IncidentStep, evidence: &str) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO incident_step (incident, step, at, evidence) VALUES (?1, ?2, ?3, ?4)",
            params![to_column(id)?, step.id(), seconds(self.now), evidence],
        )?;
        Ok(())
    }
}

fn all(db: &Connection) -> Result<Vec<Incident>, StateError> {
    let mut statement = db.prepare_cached("SELECT id, key, step, opened, judged_by FROM incident ORDER BY id")?;
    let rows = statement.query_map([], raw)?;
    rows.map(|row| {
        let (id, key, step, opened, judged_by) = row?;
        let (id, step) = (from_column(id)?, step_of(&step)?);
        Ok(Incident { id, key: Generation(key), step, opened: instant(opened)?, judged_by })
    })
    .collect()
}

type Raw = (i64, u32, String, i64, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn step_of(id: &str) -> Result<IncidentStep, StateError> {
    IncidentStep::from_id(id).ok_or(StateError::Row { table: "incident" })
}
