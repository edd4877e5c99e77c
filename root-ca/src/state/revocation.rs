//! Revocations: entered once, never taken back.

use rusqlite::{Connection, Row, params};
use time::UtcDateTime;

use super::{Serial, State, StateError, Write, instant, seconds};
use crate::revoke::Cause;

/// A revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The certificate.
    pub serial: Serial,
    /// Since when it is revoked.
    pub date: UtcDateTime,
    /// Why.
    pub cause: Cause,
    /// Who ordered it.
    pub requested_by: String,
    /// When the order was accepted: the duty runs from here.
    pub accepted: UtcDateTime,
    /// When the first CRL that names it was signed.
    pub crl_signed: Option<UtcDateTime>,
}

impl State {
    /// Every revocation, in the order of acceptance.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn revocations(&self) -> Result<Vec<Revocation>, StateError> {
        all(&self.connection)
    }
}

impl Write<'_> {
    pub(crate) fn revocations(&self) -> Result<Vec<Revocation>, StateError> {
        all(self.db)
    }

    pub(crate) fn insert_revocation(
        &self,
        serial: &Serial,
        date: UtcDateTime,
        cause: Cause,
        requested_by: &str,
    ) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO revocation (serial, date, reason, requested_by, accepted) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![serial.0, seconds(date), cause.id(), requested_by, seconds(self.now)],
        )?;
        Ok(())
    }

    /// A CRL with every accepted revocation was signed.
    pub(crate) fn mark_revocations_signed(&self) -> Result<(), StateError> {
        self.db.execute("UPDATE revocation SET crl_signed = ?1 WHERE crl_signed IS NULL", [seconds(self.now)])?;
        Ok(())
    }
}

fn all(db: &Connection) -> Result<Vec<Revocation>, StateError> {
    let mut statement = db.prepare_cached(
        "SELECT serial, date, reason, requested_by, accepted, crl_signed FROM revocation ORDER BY accepted, rowid",
    )?;
    let rows = statement.query_map([], raw)?;
    rows.map(|row| complete(row?)).collect()
}

type Raw = (Vec<u8>, i64, String, String, i64, Option<i64>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn complete((serial, date, reason, requested_by, accepted, crl_signed): Raw) -> Result<Revocation, StateError> {
    Ok(Revocation {
        serial: Serial(serial),
        date: instant(date)?,
        cause: Cause::from_id(&reason).ok_or(StateError::Row { table: "revocation" })?,
        requested_by,
        accepted: instant(accepted)?,
        crl_signed: crl_signed.map(instant).transpose()?,
    })
}
