//! What the service remembers: one directory, one writer.
//!
//! | path | what |
//! |---|---|
//! | `catalogue.json` | the state; replaced as a whole |
//! | `objects/<sha256>` | the contents of what the state names |
//! | `archive/<key digest>/<number>.crl` | lists that were released and superseded, kept as evidence |
//! | `audit.jsonl` | the log of `tegata-audit` |
//! | `catalogue.lock` | held while a [`Catalogue`] lives |
//!
//! A change is one replacement of the state file. Its audit events are part of it and wait there until the log has them, so
//! that a crash loses neither. An object that the state does not name is destroyed when the directory is opened: a list
//! that was voided does not come back.

mod change;
mod error;
mod holdings;
mod metadata;
mod rows;
mod schedule;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use tegata_audit::{Actor, Event, Log};
use tegata_manifest::sha256;
use time::UtcDateTime;

use self::rows::{EVENT_NUMBER, EventRow, FORMAT, Objects, State};
pub use self::{
    change::Imported,
    error::CatalogueError,
    holdings::{AwaitedRequest, HeldCrl, HeldRoot, Holdings, ImportedResponse, Metadata, SignedFile},
    schedule::{Release, Voided},
};
use crate::file::{self, FileError, FileOperation};

const STATE: &str = "catalogue.json";
const LOCK: &str = "catalogue.lock";
const LOG: &str = "audit.jsonl";
const OBJECTS: &str = "objects";
const ARCHIVE: &str = "archive";

/// The state of a Digital Trust Service; see the module.
#[derive(Debug)]
pub struct Catalogue {
    directory: PathBuf,
    holdings: Holdings,
    revision: u64,
    changed: Option<UtcDateTime>,
    next_event: u64,
    log: Log,
    actor: Actor,
    _lock: File,
}

/// What a change does beside replacing the state.
#[derive(Debug, Default)]
struct Change {
    events: Vec<Event>,
    /// Lists to be kept as evidence.
    archive: Vec<HeldCrl>,
}

impl Catalogue {
    /// Opens a directory for writing, or makes it; `terminal` and `actor` stand in the records that follow.
    ///
    /// # Errors
    /// [`CatalogueError::Locked`], [`CatalogueError::Damaged`], [`CatalogueError::State`], [`CatalogueError::Format`],
    /// [`CatalogueError::Audit`], [`CatalogueError::File`].
    pub fn open(directory: &Path, terminal: &str, actor: Actor) -> Result<Self, CatalogueError> {
        file::make_directory(&directory.join(OBJECTS))?;
        let lock = file::lock(&directory.join(LOCK))?;
        let lock = lock.ok_or_else(|| CatalogueError::Locked(directory.to_path_buf()))?;
        let log = Log::open(&directory.join(LOG), terminal)?;
        let state = match file::read(&directory.join(STATE))? {
            Some(bytes) => parse(&bytes)?,
            None => State::write(&Holdings::default()).0,
        };
        let damaged = |digest: &[u8; 32]| CatalogueError::Damaged(object_path(directory, digest));
        let holdings = state.read(|digest| load(directory, digest), damaged)?;
        remove_strangers(directory, &State::write(&holdings).1)?;
        let State { revision, changed, next_event, outbox, .. } = state;
        let directory = directory.to_path_buf();
        let mut catalogue = Self { directory, holdings, revision, changed, next_event, log, actor, _lock: lock };
        catalogue.record_torn()?;
        let delivered = catalogue.last_delivered(&outbox)?;
        let missing = outbox.into_iter().filter(|row| delivered.is_none_or(|last| row.number > last));
        catalogue.deliver(missing.collect())?;
        Ok(catalogue)
    }

    /// What is held.
    #[must_use]
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// The number of changes so far: a plan that was made against another one is not carried out.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The time of the last change.
    #[must_use]
    pub fn changed(&self) -> Option<UtcDateTime> {
        self.changed
    }

    /// The audit log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Records an event that changes nothing, such as a refusal.
    ///
    /// # Errors
    /// [`CatalogueError::Audit`].
    pub(crate) fn record(&mut self, event: Event, at: UtcDateTime) -> Result<(), CatalogueError> {
        self.log.append(event, at)?;
        Ok(())
    }

    pub(crate) fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// Puts new holdings in the place of the old: objects, state file, log, then the objects that nobody names any more go.
    fn commit(&mut self, holdings: Holdings, change: Change, at: UtcDateTime) -> Result<(), CatalogueError> {
        if let Some(last) = self.changed.filter(|last| at < *last) {
            return Err(CatalogueError::ClockBack { last, given: at });
        }
        let mut next_event = self.next_event;
        let mut outbox = Vec::with_capacity(change.events.len());
        for event in change.events {
            outbox.push(EventRow::new(next_event, event, at));
            next_event += 1;
        }
        let (mut state, objects) = State::write(&holdings);
        state.revision = self.revision + 1;
        state.changed = Some(at);
        state.outbox.clone_from(&outbox);
        state.next_event = next_event;

        for (digest, bytes) in &objects {
            let path = object_path(&self.directory, digest);
            if !path.exists() {
                file::replace(&path, bytes)?;
            }
        }
        for crl in &change.archive {
            let folder = self.directory.join(ARCHIVE).join(crl.issuer.to_string());
            file::make_directory(&folder)?;
            file::replace(&folder.join(format!("{}.crl", crl.number)), &crl.der)?;
        }
        let json = serde_json::to_vec_pretty(&state).map_err(CatalogueError::State)?;
        file::replace(&self.directory.join(STATE), &json)?;

        self.holdings = holdings;
        self.revision = state.revision;
        self.changed = state.changed;
        self.next_event = next_event;
        self.deliver(outbox)?;
        remove_strangers(&self.directory, &objects)?;
        Ok(())
    }

    /// Gives the log its events.
    fn deliver(&mut self, outbox: Vec<EventRow>) -> Result<(), CatalogueError> {
        for row in outbox {
            // A refusal may stand in the log with a later time than that of a change that a crash kept from it.
            let at = self.log.last_time().map_or(row.at, |last| last.max(row.at));
            self.log.append(row.event()?, at)?;
        }
        Ok(())
    }

    /// The greatest number of an event in the log; not looked for when nothing waits.
    fn last_delivered(&self, outbox: &[EventRow]) -> Result<Option<u64>, CatalogueError> {
        if outbox.is_empty() {
            return Ok(None);
        }
        let bytes = file::read(self.log.path())?.unwrap_or_default();
        let records = tegata_audit::read(&bytes)
            .map_err(|faults| tegata_audit::AuditError::Unsound { path: self.log.path().to_path_buf(), faults })?;
        Ok(records.iter().filter_map(|record| record.detail.get(EVENT_NUMBER)?.as_u64()).max())
    }

    /// Records what a crash had left at the end of the log.
    fn record_torn(&mut self) -> Result<(), CatalogueError> {
        if let Some(torn) = self.log.torn() {
            let event = torn.event(self.actor.clone())?;
            let at = self.log.last_time().or(self.changed).unwrap_or(UtcDateTime::UNIX_EPOCH);
            self.log.append(event, at)?;
        }
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Result<State, CatalogueError> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(bytes).map_err(CatalogueError::State)?;
    if format != FORMAT {
        return Err(CatalogueError::Format(format));
    }
    serde_json::from_slice(bytes).map_err(CatalogueError::State)
}

fn object_path(directory: &Path, digest: &[u8; 32]) -> PathBuf {
    directory.join(OBJECTS).join(hex::encode(digest))
}

fn load(directory: &Path, digest: &[u8; 32]) -> Result<Arc<[u8]>, CatalogueError> {
    let path = object_path(directory, digest);
    match file::read(&path)? {
        Some(bytes) if sha256(&bytes) == *digest => Ok(bytes.into()),
        _ => Err(CatalogueError::Damaged(path)),
    }
}

/// Destroys every file among the objects that the state does not name: what a crash left, and what was voided.
fn remove_strangers(directory: &Path, named: &Objects) -> Result<(), FileError> {
    let folder = directory.join(OBJECTS);
    let mut removed = false;
    for name in file::names(&folder)? {
        let mut digest = [0; 32];
        let is_named = hex::decode_to_slice(&name, &mut digest).is_ok() && named.contains_key(&digest);
        if !is_named {
            file::destroy(&folder.join(&name))?;
            removed = true;
        }
    }
    let leftover = directory.join(format!("{}{STATE}", file::TEMPORARY));
    if leftover.exists() {
        fs::remove_file(&leftover).map_err(FileOperation::Remove.at(&leftover))?;
    }
    if removed { file::sync_directory(&folder) } else { Ok(()) }
}
