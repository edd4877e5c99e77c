//! Destroyed copies of root keys.

use rusqlite::params;
use time::UtcDateTime;

use super::{State, StateError, Write, instant, seconds};
use crate::key_status::Generation;

/// One copy of a root key that was destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destruction {
    /// The key.
    pub generation: Generation,
    /// Which copy: the token or medium by its label.
    pub copy: String,
    /// When.
    pub at: UtcDateTime,
    /// The organisations that approved.
    pub approvals: Vec<String>,
}

impl State {
    /// The destroyed copies of every key.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn destructions(&self) -> Result<Vec<Destruction>, StateError> {
        let mut statement =
            self.connection.prepare_cached("SELECT generation, copy, at, approvals FROM destruction ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
        })?;
        rows.map(|row| {
            let (generation, copy, at, approvals) = row?;
            let approvals = serde_json::from_str(&approvals).map_err(|_| StateError::Row { table: "destruction" })?;
            Ok(Destruction { generation: Generation(generation), copy, at: instant(at)?, approvals })
        })
        .collect()
    }
}

impl Write<'_> {
    pub(crate) fn insert_destruction(
        &self,
        generation: Generation,
        copy: &str,
        approvals: &[String],
    ) -> Result<(), StateError> {
        let approvals = serde_json::json!(approvals).to_string();
        self.db.execute(
            "INSERT INTO destruction (generation, copy, at, approvals) VALUES (?1, ?2, ?3, ?4)",
            params![generation.0, copy, seconds(self.now), approvals],
        )?;
        Ok(())
    }
}
