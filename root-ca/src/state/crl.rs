//! CRLs and their numbers.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tegata_pki::{Name, OwnedCrl};
use time::UtcDateTime;

use super::{
    RootKey, State, StateError, Write, instant,
    intent::{from_column, to_column},
    seconds,
};
use crate::{digest::sha256, key_status::Generation};

/// A CRL that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlRecord {
    /// Its number in the series of its issuer name.
    pub number: u64,
    /// The root key that signed it.
    pub issuer: Generation,
    /// When it takes effect.
    pub this_update: UtcDateTime,
    /// When it ends.
    pub next_update: UtcDateTime,
    /// When the next one of its series is to be published.
    pub next_publish: Option<UtcDateTime>,
    /// The DER; `None` once it was destroyed unreleased.
    pub der: Option<Vec<u8>>,
    /// SHA-256 of the DER.
    pub sha256: [u8; 32],
    /// When it was signed.
    pub signed: UtcDateTime,
    /// When it was destroyed unreleased.
    pub destroyed: Option<UtcDateTime>,
    /// The name of its file among the outputs.
    pub output: String,
}

/// A row to be.
pub(crate) struct NewCrl<'a> {
    pub(crate) number: u64,
    pub(crate) issuer: Generation,
    pub(crate) crl: &'a OwnedCrl,
    pub(crate) next_update: UtcDateTime,
    pub(crate) next_publish: Option<UtcDateTime>,
    pub(crate) output: &'a str,
    pub(crate) intent: u64,
}

const COLUMNS: &str = "SELECT number, issuer, this_update, next_update, next_publish, der, sha256, signed, destroyed, \
                       output FROM crl WHERE name = ?1";

impl State {
    /// Every CRL of an issuer name, by number.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn crls(&self, name: &Name) -> Result<Vec<CrlRecord>, StateError> {
        all(&self.connection, name)
    }

    /// One CRL of an issuer name.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn crl(&self, name: &Name, number: u64) -> Result<Option<CrlRecord>, StateError> {
        let mut statement = self.connection.prepare_cached(&format!("{COLUMNS} AND number = ?2"))?;
        let row = statement.query_row(params![name.der(), to_column(number)?], raw).optional()?;
        row.map(complete).transpose()
    }

    /// The last CRL number that was ever taken for an issuer name, signed or burnt; 0 before the first.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn last_crl_number(&self, name: &Name) -> Result<u64, StateError> {
        last_number(&self.connection, name)
    }
}

impl Write<'_> {
    /// Takes the next number of the series for good.
    pub(crate) fn take_crl_number(&self, name: &Name) -> Result<u64, StateError> {
        let last = last_number(self.db, name)?;
        let next = last.checked_add(1).ok_or(StateError::NumbersUsedUp)?;
        self.db.execute(
            "INSERT INTO crl_series (name, last) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = excluded.last",
            params![name.der(), to_column(next)?],
        )?;
        Ok(next)
    }

    pub(crate) fn insert_crl(&self, new: &NewCrl<'_>) -> Result<(), StateError> {
        self.db.execute(
            "INSERT INTO crl (name, number, issuer, this_update, next_update, next_publish, der, sha256, signed, output, \
             intent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                new.crl.issuer().der(),
                to_column(new.number)?,
                new.issuer.0,
                seconds(new.crl.this_update()),
                seconds(new.next_update),
                new.next_publish.map(seconds),
                new.crl.der(),
                sha256(new.crl.der()),
                seconds(self.now),
                new.output,
                to_column(new.intent)?,
            ],
        )?;
        Ok(())
    }

    /// Destroys the bytes of every CRL of a key that has not yet taken effect and has a number below `first`.
    pub(crate) fn destroy_unreleased(&self, key: &RootKey, first: u64) -> Result<Vec<CrlRecord>, StateError> {
        let name = &key.name;
        let unreleased = |crl: &CrlRecord| {
            crl.issuer == key.generation && crl.number < first && crl.der.is_some() && crl.this_update > self.now
        };
        let mut doomed: Vec<_> = all(self.db, name)?.into_iter().filter(unreleased).collect();
        for crl in &mut doomed {
            (crl.der, crl.destroyed) = (None, Some(self.now));
        }
        for crl in &doomed {
            self.db.execute(
                "UPDATE crl SET der = NULL, destroyed = ?1 WHERE name = ?2 AND number = ?3",
                params![seconds(self.now), name.der(), to_column(crl.number)?],
            )?;
        }
        Ok(doomed)
    }
}

fn last_number(db: &Connection, name: &Name) -> Result<u64, StateError> {
    let mut statement = db.prepare_cached("SELECT last FROM crl_series WHERE name = ?1")?;
    let last = statement.query_row([name.der()], |row| row.get(0)).optional()?;
    last.map_or(Ok(0), from_column)
}

fn all(db: &Connection, name: &Name) -> Result<Vec<CrlRecord>, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} ORDER BY number"))?;
    let rows = statement.query_map([name.der()], raw)?;
    rows.map(|row| complete(row?)).collect()
}

type Raw = (i64, u32, i64, i64, Option<i64>, Option<Vec<u8>>, [u8; 32], i64, Option<i64>, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
        row.get(8)?,
        row.get(9)?,
    ))
}

fn complete(row: Raw) -> Result<CrlRecord, StateError> {
    let (number, issuer, this_update, next_update, next_publish, der, sha256, signed, destroyed, output) = row;
    Ok(CrlRecord {
        number: from_column(number)?,
        issuer: Generation(issuer),
        this_update: instant(this_update)?,
        next_update: instant(next_update)?,
        next_publish: next_publish.map(instant).transpose()?,
        der,
        sha256,
        signed: instant(signed)?,
        destroyed: destroyed.map(instant).transpose()?,
        output,
    })
}
