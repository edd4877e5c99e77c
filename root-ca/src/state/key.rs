//! Root keys.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tegata_pki::{Certificate, Name, PublicKey};
use time::UtcDateTime;

use super::{CertificateKind, State, StateError, Write, certificate, instant, seconds};
use crate::key_status::{Generation, KeyStatus};

/// A root key: its public half, its name and where it is in its life.
#[derive(Clone, Debug)]
pub struct RootKey {
    /// Its number.
    pub generation: Generation,
    /// The public half.
    pub public_key: PublicKey,
    /// The issuer name of everything it signs.
    pub name: Name,
    /// Where the private half is (RFC 7512).
    pub reference: String,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// When it was generated.
    pub created: UtcDateTime,
    /// When its backup was last restored and compared.
    pub restore_tested: Option<UtcDateTime>,
    /// Its self-signed certificate, once there is one.
    pub certificate: Option<Certificate>,
}

const COLUMNS: &str = "SELECT generation, spki, name, reference, status, created, restore_tested FROM key";

impl State {
    /// Every root key, the oldest first.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn keys(&self) -> Result<Vec<RootKey>, StateError> {
        all(&self.connection)
    }

    /// One root key.
    ///
    /// # Errors
    /// [`StateError::NoKey`].
    pub fn key(&self, generation: Generation) -> Result<RootKey, StateError> {
        one(&self.connection, generation)
    }

    /// The active root key, if there is one.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn active_key(&self) -> Result<Option<RootKey>, StateError> {
        Ok(self.keys()?.into_iter().find(|key| key.status == KeyStatus::Active))
    }
}

impl Write<'_> {
    pub(crate) fn keys(&self) -> Result<Vec<RootKey>, StateError> {
        all(self.db)
    }

    pub(crate) fn key(&self, generation: Generation) -> Result<RootKey, StateError> {
        one(self.db, generation)
    }

    /// Adds a pending key with the next number.
    pub(crate) fn insert_key(
        &self,
        generation: Generation,
        public_key: &PublicKey,
        name: &Name,
        reference: &str,
    ) -> Result<(), StateError> {
        let spki = public_key.to_spki_der();
        if let Some(known) = self.keys()?.into_iter().find(|key| key.public_key == *public_key) {
            return Err(StateError::KeyKnown { generation: known.generation });
        }
        self.db.execute(
            "INSERT INTO key (generation, spki, name, reference, status, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![generation.0, spki, name.der(), reference, KeyStatus::Pending.id(), seconds(self.now)],
        )?;
        Ok(())
    }

    /// Moves a key along its life; returns the status it had.
    pub(crate) fn set_key_status(&self, generation: Generation, to: KeyStatus) -> Result<KeyStatus, StateError> {
        let from = self.key(generation)?.status;
        if !from.may_become(to) {
            return Err(StateError::Transition { generation, from, to });
        }
        self.db.execute("UPDATE key SET status = ?1 WHERE generation = ?2", params![to.id(), generation.0])?;
        Ok(from)
    }

    pub(crate) fn set_restore_tested(&self, generation: Generation) -> Result<(), StateError> {
        self.key(generation)?;
        let parameters = params![seconds(self.now), generation.0];
        self.db.execute("UPDATE key SET restore_tested = ?1 WHERE generation = ?2", parameters)?;
        Ok(())
    }
}

fn all(db: &Connection) -> Result<Vec<RootKey>, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} ORDER BY generation"))?;
    let rows = statement.query_map([], raw)?;
    rows.map(|row| complete(db, row?)).collect()
}

fn one(db: &Connection, generation: Generation) -> Result<RootKey, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE generation = ?1"))?;
    let row = statement.query_row([generation.0], raw).optional()?;
    complete(db, row.ok_or(StateError::NoKey { generation })?)
}

type Raw = (u32, Vec<u8>, Vec<u8>, String, String, i64, Option<i64>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn complete(db: &Connection, row: Raw) -> Result<RootKey, StateError> {
    const DAMAGED: StateError = StateError::Row { table: "key" };
    let (generation, spki, name, reference, status, created, restore_tested) = row;
    let generation = Generation(generation);
    let own = certificate::of_issuer(db, generation)?.into_iter().find(|row| row.kind == CertificateKind::SelfSigned);
    Ok(RootKey {
        generation,
        public_key: PublicKey::from_spki_der(&spki).map_err(|_| DAMAGED)?,
        name: Name::from_der(&name).map_err(|_| DAMAGED)?,
        reference,
        status: KeyStatus::from_id(&status).ok_or(DAMAGED)?,
        created: instant(created)?,
        restore_tested: restore_tested.map(instant).transpose()?,
        certificate: own.map(|row| row.certificate),
    })
}
