//! The writer of a log.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use time::UtcDateTime;

use crate::{
    Actor, AuditError, Checkpoint, CheckpointKey, CheckpointVerifier, Class, Event, Fault, Operation, Origin, Outcome,
    Part, Record, chain::Chain, file, merkle, read::Scan, record, verify,
};

/// The exclusive writer of one log file.
///
/// Beside the file stands `<path>.lock`, held while the writer lives. The log is created with mode 0600. A record counts
/// when [`Log::append`] returns: the file is synced by then.
#[derive(Debug)]
pub struct Log {
    pub(crate) path: PathBuf,
    pub(crate) terminal: String,
    pub(crate) file: File,
    /// The length of the file up to the last good record.
    pub(crate) length: u64,
    pub(crate) chain: Chain,
    torn: Option<Torn>,
    poisoned: bool,
    _lock: File,
}

/// The piece of a line that a crash left at the end of a log, set aside when the log was opened again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Torn {
    /// Where the piece was put.
    pub path: PathBuf,
    /// The number that the record would have had.
    pub seq: u64,
    /// SHA-256 of the piece.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub length: usize,
}

impl Torn {
    /// The event that records it: `torn-line`, class `system-access`, outcome `failed`.
    ///
    /// # Errors
    /// None for what [`Log::torn`] gives; the signature is that of [`Event::new`].
    pub fn event(&self, actor: Actor) -> Result<Event, AuditError> {
        let name = self.path.file_name().map_or_else(|| "torn".into(), |name| name.to_string_lossy());
        let event = Event::new(Class::SystemAccess, "torn-line", Outcome::Failed, actor)?;
        Ok(event.object(name, self.sha256).detail("length", self.length))
    }
}

impl Log {
    /// Opens a log for writing, or creates it; `terminal` names this machine in the records that follow.
    ///
    /// A log that is there is read and checked as a whole. A last line without an end, which a crash leaves behind, is
    /// moved to `<path>.torn-<seq>` and told by [`Log::torn`]; the caller records it with [`Torn::event`].
    ///
    /// # Errors
    /// [`AuditError::Locked`] when another writer has it, [`AuditError::Unsound`] when the chain does not hold,
    /// [`AuditError::Text`] for the terminal, [`AuditError::Io`].
    pub fn open(path: &Path, terminal: &str) -> Result<Self, AuditError> {
        if !record::is_terminal(terminal) {
            return Err(AuditError::Text { part: Part::Terminal });
        }
        let lock = file::lock(path)?;
        let mut file = file::private(0o600)
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(AuditError::io(Operation::Open, path))?;
        file::sync_directory(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(AuditError::io(Operation::Read, path))?;

        let mut scan = Scan::new(&bytes, &Chain::default());
        scan.faults.retain(|fault| !matches!(fault, Fault::Torn { .. }));
        if !scan.faults.is_empty() {
            return Err(AuditError::Unsound { path: path.to_path_buf(), faults: scan.faults });
        }
        let rest = scan.torn.unwrap_or_default();
        let length = length(bytes.len().saturating_sub(rest.len()));
        let torn = if rest.is_empty() { None } else { Some(set_aside(path, scan.end.next(), rest)?) };
        if torn.is_some() {
            cut(&file, length).map_err(AuditError::io(Operation::Truncate, path))?;
        }
        let (path, terminal) = (path.to_path_buf(), terminal.to_owned());
        Ok(Self { path, terminal, file, length, chain: scan.end, torn, poisoned: false, _lock: lock })
    }

    /// Appends an event and brings it to the medium.
    ///
    /// The time is cut to whole milliseconds. When writing fails the file is brought back to its last good record.
    ///
    /// # Errors
    /// Nothing is recorded with an error. [`AuditError::ClockBack`] for a time before the last record's,
    /// [`AuditError::Secret`], [`AuditError::Text`], [`AuditError::Line`], [`AuditError::Io`];
    /// [`AuditError::Poisoned`] after a write whose extent is not known.
    pub fn append(&mut self, event: Event, time: UtcDateTime) -> Result<Record, AuditError> {
        let (record, line) = self.next_record(event, time)?;
        let bytes = [line.as_bytes(), b"\n"].concat();
        self.write(&bytes)?;
        self.length += length(bytes.len());
        self.chain.advance(line.as_bytes(), Some(&record));
        Ok(record)
    }

    /// The number of records, archived ones among them.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.chain.tree.size()
    }

    /// Whether nothing was ever recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SHA-256 of the last line, which the next record will name; zeros in an empty log.
    #[must_use]
    pub fn head(&self) -> [u8; 32] {
        self.chain.head
    }

    /// The root of the Merkle tree over all records.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.chain.tree.root()
    }

    /// The time of the last record.
    #[must_use]
    pub fn last_time(&self) -> Option<UtcDateTime> {
        self.chain.last_time
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a crash had left at the end of the file when it was opened.
    #[must_use]
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// Signs the state of the log as it is now.
    #[must_use]
    pub fn checkpoint(&self, origin: &Origin, key: &CheckpointKey) -> Checkpoint {
        key.sign(origin, self.len(), &self.root())
    }

    /// Whether this log contains all that a checkpoint signs: the question to ask when the other side of an air gap
    /// names the last checkpoint it knows.
    ///
    /// # Errors
    /// The faults of the file and of the checkpoint; [`AuditError::Io`] when the file cannot be read.
    pub fn confirm(&self, checkpoint: &Checkpoint, verifier: &CheckpointVerifier) -> Result<(), AuditError> {
        let bytes = self.content()?;
        verify(&bytes, std::slice::from_ref(checkpoint), verifier)
            .map(|_| ())
            .map_err(|faults| AuditError::Unsound { path: self.path.clone(), faults })
    }

    pub(crate) fn content(&self) -> Result<Vec<u8>, AuditError> {
        let mut bytes = std::fs::read(&self.path).map_err(AuditError::io(Operation::Read, &self.path))?;
        bytes.truncate(usize::try_from(self.length).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    pub(crate) fn next_record(&self, event: Event, time: UtcDateTime) -> Result<(Record, String), AuditError> {
        if self.poisoned {
            return Err(AuditError::Poisoned { path: self.path.clone() });
        }
        let given = record::whole_milliseconds(time);
        if let Some(last) = self.chain.last_time.filter(|last| given < *last) {
            return Err(AuditError::ClockBack { last, given });
        }
        Record::place(event, self.len(), given, &self.terminal, self.chain.head)
    }

    /// Writes at the end of the good records and syncs. After a failed sync the state of the medium is unknown, whatever
    /// a second one would say: only opening the log anew, which reads it, can tell.
    fn write(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(bytes));
        if let Err(error) = written {
            self.poisoned = cut(&self.file, self.length).is_err();
            return Err(AuditError::io(Operation::Write, &self.path)(error));
        }
        self.file.sync_all().map_err(|error| {
            self.poisoned = true;
            AuditError::io(Operation::Sync, &self.path)(error)
        })
    }
}

fn cut(file: &File, length: u64) -> std::io::Result<()> {
    file.set_len(length)?;
    file.sync_all()
}

/// Keeps the piece under the first free name: a crash may tear the same record more than once.
fn set_aside(path: &Path, seq: u64, rest: &[u8]) -> Result<Torn, AuditError> {
    let (sha256, length) = (merkle::sha256(&[rest]), rest.len());
    let mut kept = file::beside(path, &format!(".torn-{seq}"));
    let mut again = 2_u32;
    loop {
        match file::create_again(&kept, rest, 0o600) {
            Ok(()) => return Ok(Torn { path: kept, seq, sha256, length }),
            Err(AuditError::Exists { .. }) => {
                kept = file::beside(path, &format!(".torn-{seq}-{again}"));
                again = again.saturating_add(1);
            }
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
