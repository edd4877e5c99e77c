//! What is about to be signed, written down before the key is asked.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tegata_pki::Name;
use time::UtcDateTime;

use super::{CertificateKind, Serial, State, StateError, Write, instant, seconds};
use crate::key_status::Generation;

/// An intent that no result followed. Its serial number or CRL number is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number.
    pub id: u64,
    /// What was to be signed.
    pub object: IntentObject,
    /// The root key.
    pub issuer: Generation,
    /// SHA-256 of the to-be-signed bytes.
    pub tbs_sha256: [u8; 32],
    /// When it was written down.
    pub opened: UtcDateTime,
}

/// What an intent is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentObject {
    /// A certificate with this serial number.
    Certificate {
        /// What it is.
        kind: CertificateKind,
        /// The serial number.
        serial: Serial,
    },
    /// The CRL with this number.
    Crl {
        /// The number.
        number: u64,
    },
}

impl IntentObject {
    /// `self-signed`, …, or `crl`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Certificate { kind, .. } => kind.id(),
            Self::Crl { .. } => "crl",
        }
    }
}

/// An intent to be.
pub(crate) struct NewIntent<'a> {
    pub(crate) object: &'a IntentObject,
    pub(crate) issuer: Generation,
    pub(crate) issuer_name: &'a Name,
    pub(crate) tbs_sha256: [u8; 32],
}

const COLUMNS: &str =
    "SELECT id, object, issuer, serial, crl_number, tbs_sha256, opened FROM intent WHERE state = 'open'";

impl State {
    /// The open intents: there is one only after a crash or a failed signature.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn open_intents(&self) -> Result<Vec<Intent>, StateError> {
        let mut statement = self.connection.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
        let rows = statement.query_map([], raw)?;
        rows.map(|row| complete(row?)).collect()
    }

    /// Whether anything that was ever to be signed had this serial number.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn serial_is_used(&self, serial: &Serial) -> Result<bool, StateError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM intent WHERE serial = ?1")?;
        Ok(statement.query_row([&serial.0], |_| Ok(())).optional()?.is_some())
    }
}

impl Write<'_> {
    pub(crate) fn insert_intent(&self, new: &NewIntent<'_>) -> Result<u64, StateError> {
        let (serial, name, number) = match new.object {
            IntentObject::Certificate { serial, .. } => (Some(&serial.0), None, None),
            IntentObject::Crl { number } => (None, Some(new.issuer_name.der()), Some(to_column(*number)?)),
        };
        self.db.execute(
            "INSERT INTO intent (object, issuer, serial, crl_name, crl_number, tbs_sha256, opened) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![new.object.id(), new.issuer.0, serial, name, number, new.tbs_sha256, seconds(self.now)],
        )?;
        from_column(self.db.last_insert_rowid())
    }

    /// The result is there.
    pub(crate) fn complete_intent(&self, id: u64) -> Result<(), StateError> {
        self.end_intent(id, "completed", None)
    }

    /// No result will come; `reason` says why.
    pub(crate) fn burn_intent(&self, id: u64, reason: &str) -> Result<Intent, StateError> {
        let intent = one(self.db, id)?;
        self.end_intent(id, "burnt", Some(reason))?;
        Ok(intent)
    }

    fn end_intent(&self, id: u64, state: &str, reason: Option<&str>) -> Result<(), StateError> {
        let changed = self.db.execute(
            "UPDATE intent SET state = ?1, closed = ?2, reason = ?3 WHERE id = ?4 AND state = 'open'",
            params![state, seconds(self.now), reason, to_column(id)?],
        )?;
        if changed == 1 { Ok(()) } else { Err(StateError::NoIntent { id }) }
    }
}

fn one(db: &Connection, id: u64) -> Result<Intent, StateError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} AND id = ?1"))?;
    let row = statement.query_row([to_column(id)?], raw).optional()?;
    complete(row.ok_or(StateError::NoIntent { id })?)
}

type Raw = (i64, String, u32, Option<Vec<u8>>, Option<i64>, [u8; 32], i64);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn complete((id, object, issuer, serial, number, tbs_sha256, opened): Raw) -> Result<Intent, StateError> {
    let object = match (CertificateKind::from_id(&object), serial, number) {
        (Some(kind), Some(serial), None) => IntentObject::Certificate { kind, serial: Serial(serial) },
        (None, None, Some(number)) => IntentObject::Crl { number: from_column(number)? },
        _ => return Err(StateError::Row { table: "intent" }),
    };
    let (id, issuer) = (from_column(id)?, Generation(issuer));
    Ok(Intent { id, object, issuer, tbs_sha256, opened: instant(opened)? })
}

/// SQLite counts up to 2^63 - 1; nobody gets there.
pub(super) fn to_column(number: u64) -> Result<i64, StateError> {
    i64::try_from(number).map_err(|_| StateError::NumbersUsedUp)
}

pub(super) fn from_column(number: i64) -> Result<u64, StateError> {
    u64::try_from(number).map_err(|_| StateError::Row { table: "intent" })
}
