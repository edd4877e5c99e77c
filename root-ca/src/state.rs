//! What an offline root remembers: one SQLite file.
//!
//! One process has it at a time. Every change is one transaction, synced before the call returns, and carries its audit
//! event in the same transaction: the event waits in an outbox until the log has it, so that a crash loses neither.
//! Certificates, CRL rows, revocations and intents are never deleted; triggers in the file see to it.

mod certificate;
mod crl;
mod destruction;
mod error;
mod exchange;
mod incident;
mod intent;
mod key;
mod outbox;
mod revocation;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};
use time::UtcDateTime;

pub(crate) use self::{
    certificate::NewCertificate,
    crl::NewCrl,
    exchange::NewRequest,
    intent::NewIntent,
    outbox::{Notice, Waiting},
};
pub use self::{
    certificate::{CertificateKind, CertificateRecord, Serial},
    crl::CrlRecord,
    destruction::Destruction,
    error::StateError,
    exchange::{Exchange, RequestRecord, ResponseRecord},
    incident::{Incident, IncidentEntry},
    intent::{Intent, IntentObject},
    key::RootKey,
    revocation::Revocation,
};
use crate::{digest::sha256, policy::Policy};

/// Version of the tables.
const SCHEMA_VERSION: i64 = 2;

/// The open state file of one root. Dropping it releases the lock.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    path: PathBuf,
}

/// A transaction: commits when the work is done, is undone when the work fails.
pub(crate) struct Write<'a> {
    pub(crate) db: &'a Transaction<'a>,
    pub(crate) now: UtcDateTime,
}

impl State {
    /// Makes a new state file for a root under `policy`. `sandbox` says that keys and names are for practice; it stands in
    /// the file for good.
    ///
    /// # Errors
    /// [`StateError::Exists`], [`StateError::Sqlite`].
    pub fn create(path: &Path, policy: &Policy, sandbox: bool, now: UtcDateTime) -> Result<Self, StateError> {
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
        file.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => StateError::Exists { path: path.to_owned() },
            kind => StateError::Io { path: path.to_owned(), kind },
        })?;
        let mut state = Self::connect(path)?;
        let transaction = state.connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(include_str!("state/schema.sql"))?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        let values = [
            ("policy-id", policy.id.clone()),
            ("policy-sha256", hex::encode(policy.digest())),
            ("sandbox", sandbox.to_string()),
            ("last-time", seconds(now).to_string()),
        ];
        for (name, value) in values {
            transaction.execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", params![name, value])?;
        }
        transaction.commit()?;
        Ok(state)
    }

    /// Opens a state file: takes the lock, checks the whole file.
    ///
    /// # Errors
    /// [`StateError::Locked`] when another process has it, [`StateError::Damaged`], [`StateError::Schema`].
    pub fn open(path: &Path) -> Result<Self, StateError> {
        if !path.is_file() {
            return Err(StateError::Io { path: path.to_owned(), kind: std::io::ErrorKind::NotFound });
        }
        let mut state = Self::connect(path)?;
        let report: String = state.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if report != "ok" {
            return Err(StateError::Damaged { report });
        }
        let orphans = state.connection.query_row("PRAGMA foreign_key_check", [], |_| Ok(())).optional()?;
        if orphans.is_some() {
            return Err(StateError::Damaged { report: "a row names another that is not there".to_owned() });
        }
        let mut found: i64 = state.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found == 1 {
            found = state.take_over_version_1()?;
        }
        if found != SCHEMA_VERSION {
            return Err(StateError::Schema { found, expected: SCHEMA_VERSION });
        }
        Ok(state)
    }

    /// Adds what version 2 of the tables has; nothing that is there changes.
    fn take_over_version_1(&mut self) -> Result<i64, StateError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(include_str!("state/from-1-to-2.sql"))?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        transaction.commit()?;
        Ok(SCHEMA_VERSION)
    }

    fn connect(path: &Path) -> Result<Self, StateError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::ZERO)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        // EXTRA syncs the directory too after the journal is gone: the commit survives a power cut.
        connection.pragma_update(None, "synchronous", "EXTRA")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // The first write lock is kept until the connection closes.
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The policy that the root was made under: id and SHA-256 of its file as it was used last.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn policy(&self) -> Result<(String, [u8; 32]), StateError> {
        let digest = hex::decode(self.meta("policy-sha256")?).ok().and_then(|bytes| bytes.try_into().ok());
        Ok((self.meta("policy-id")?, digest.ok_or(StateError::Row { table: "meta" })?))
    }

    /// Whether the root is for practice.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn is_sandbox(&self) -> Result<bool, StateError> {
        Ok(self.meta("sandbox")? == "true")
    }

    /// The time of the last change: the clock may not be before it.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn last_time(&self) -> Result<UtcDateTime, StateError> {
        let text = self.meta("last-time")?;
        instant(text.parse().map_err(|_| StateError::Row { table: "meta" })?)
    }

    /// Copies the whole state into a new file, on a second medium, and returns its SHA-256. The copy is read back and checked.
    ///
    /// # Errors
    /// [`StateError::Exists`], [`StateError::Io`], [`StateError::Damaged`].
    pub fn copy_to(&self, path: &Path) -> Result<[u8; 32], StateError> {
        if path.exists() {
            return Err(StateError::Exists { path: path.to_owned() });
        }
        let io = |error: std::io::Error| StateError::Io { path: path.to_owned(), kind: error.kind() };
        self.connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(io)?;
        drop(Self::open(path)?);
        Ok(sha256(&std::fs::read(path).map_err(io)?))
    }

    /// Runs `work` in a transaction. A clock that went back is refused.
    pub(crate) fn write<T, E: From<StateError>>(
        &mut self,
        now: UtcDateTime,
        work: impl FnOnce(&Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let last = self.last_time()?;
        let now = whole_second(now);
        if now < last {
            return Err(StateError::ClockBack { last, now }.into());
        }
        let transaction = self.connection.transaction().map_err(StateError::from)?;
        let result = work(&Write { db: &transaction, now })?;
        let time = seconds(now).to_string();
        transaction.execute("UPDATE meta SET value = ?1 WHERE name = 'last-time'", [time]).map_err(StateError::from)?;
        transaction.commit().map_err(StateError::from)?;
        Ok(result)
    }

    fn meta(&self, name: &str) -> Result<String, StateError> {
        let found = self.connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0));
        Ok(found?)
    }
}

impl Write<'_> {
    /// Records that the root goes on under another version of its policy.
    pub(crate) fn set_policy(&self, policy: &Policy) -> Result<(), StateError> {
        let digest = hex::encode(policy.digest());
        self.db.execute("UPDATE meta SET value = ?1 WHERE name = 'policy-sha256'", [digest])?;
        Ok(())
    }
}

/// Certificates and CRLs know whole seconds.
pub(crate) fn whole_second(at: UtcDateTime) -> UtcDateTime {
    at.replace_nanosecond(0).unwrap_or(at)
}

fn seconds(at: UtcDateTime) -> i64 {
    at.unix_timestamp()
}

fn instant(seconds: i64) -> Result<UtcDateTime, StateError> {
    UtcDateTime::from_unix_timestamp(seconds).map_err(|_| StateError::Row { table: "time" })
}
