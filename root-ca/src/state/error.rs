//! What can go wrong with the state file.

use std::path::PathBuf;

use time::UtcDateTime;

use crate::key_status::{Generation, KeyStatus};

/// Why the state cannot be read or changed. With an error nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// SQLite refused.
    #[error("the state file: {0}")]
    Sqlite(rusqlite::Error),
    /// Another process has the state file open.
    #[error("another process has the state file open")]
    Locked,
    /// The medium is full.
    #[error("the medium of the state file is full")]
    Full,
    /// The medium took no more, or failed: nothing was changed.
    #[error("the state file could not be written: {0}")]
    Unwritten(rusqlite::Error),
    /// The file is there already.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened, read or written.
    #[error("{}: {kind}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// The integrity check failed.
    #[error("the state file is damaged: {report}")]
    Damaged {
        /// What SQLite reported first.
        report: String,
    },
    /// The file was written by another version of the program, or is no state file.
    #[error("the state file has version {found} of its tables, not {expected}")]
    Schema {
        /// Version in the file.
        found: i64,
        /// Version of this program.
        expected: i64,
    },
    /// A row does not read back.
    #[error("a row of table {table} cannot be read")]
    Row {
        /// The table.
        table: &'static str,
    },
    /// The clock is before the last recorded change.
    #[error("the clock says {now}, but the last change was at {last}")]
    ClockBack {
        /// The last change.
        last: UtcDateTime,
        /// The time given.
        now: UtcDateTime,
    },
    /// There is no root key of this generation.
    #[error("there is no root key of generation {generation}")]
    NoKey {
        /// The generation.
        generation: Generation,
    },
    /// The key is known already.
    #[error("the key is that of generation {generation} already")]
    KeyKnown {
        /// The generation.
        generation: Generation,
    },
    /// A key may not go from one status to the other.
    #[error("the root key of generation {generation} is {from}: it cannot become {to}")]
    Transition {
        /// The generation.
        generation: Generation,
        /// Its status.
        from: KeyStatus,
        /// The status asked for.
        to: KeyStatus,
    },
    /// There is no certificate with this serial number.
    #[error("no certificate has the serial number {serial}")]
    NoCertificate {
        /// The serial number, in hex.
        serial: String,
    },
    /// There is no open intent with this number.
    #[error("there is no open intent {id}")]
    NoIntent {
        /// The number.
        id: u64,
    },
    /// CRL numbers are used up.
    #[error("CRL numbers are used up")]
    NumbersUsedUp,
}

impl StateError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.entry().0
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.entry().1
    }

    fn entry(&self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite(_) => ("state-sqlite", "stop, keep the medium, go on with the copy on the second medium"),
            Self::Locked => ("state-locked", "end the other program; only one may have the state"),
            Self::Full => ("state-full", "free space on the medium and repeat the step"),
            Self::Unwritten(_) => (
                "state-unwritten",
                "look whether the medium is full or fails: free space on it, or go on with the copy on the second medium, and repeat the step",
            ),
            Self::Exists { .. } => ("state-exists", "name another file; nothing is overwritten"),
            Self::Io { .. } => ("state-io", "check the medium and the path"),
            Self::Damaged { .. } => {
                ("state-damaged", "stop, keep the medium, go on with the copy on the second medium")
            }
            Self::Schema { .. } => ("state-schema", "use the version of the program that wrote the file"),
            Self::Row { .. } => ("state-row", "stop, keep the medium, go on with the copy on the second medium"),
            Self::ClockBack { .. } => ("state-clock-back", "set the clock by the ceremony's clock step"),
            Self::NoKey { .. } => ("state-no-key", "list the root keys and name one of them"),
            Self::KeyKnown { .. } => ("state-key-known", "generate a new key; a key is never used for two roots"),
            Self::Transition { .. } => ("state-transition", "follow the order pending, active, retiring, retired"),
            Self::NoCertificate { .. } => {
                ("state-no-certificate", "compare the serial number with the issuance record")
            }
            Self::NoIntent { .. } => ("state-no-intent", "list the open intents and name one of them"),
            Self::NumbersUsedUp => ("state-numbers-used-up", "make a root with another name"),
        }
    }
}

impl From<rusqlite::Error> for StateError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
        /// Failures of writing among the extended codes of `SQLITE_IOERR`: write, sync, directory sync, truncate.
        const WRITING: [i32; 4] = [778, 1034, 1290, 1546];
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            _ if extended.is_some_and(|code| WRITING.contains(&code)) => Self::Unwritten(error),
            Some(DatabaseBusy | DatabaseLocked) => Self::Locked,
            Some(DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}
