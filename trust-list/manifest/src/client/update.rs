//! The steps of an update as a machine that asks for files and is given them.

mod file;
mod objects;

use std::collections::{BTreeMap, BTreeSet};

use tegata_pki::CryptoProvider;
use time::UtcDateTime;

use self::file::Context;
use self::objects::Objects;
use super::{ClientState, Fetched, Held, ObjectFilter, UpdateError, UpdatePolicy};
use crate::{
    AnchorList, FileReference, MAX_POINTER_BYTES, MAX_ROOT_BYTES, MAX_ROOT_STEPS, Pointer, RoleName, RootMetadata,
    Signed, Snapshot, Verified, path,
};

/// One run of an update.
///
/// ```
/// # use tegata_manifest::{Fetched, Step, Update, UpdateError};
/// # fn run(mut update: Update<'_>, fetch: impl Fn(&str, u64) -> Fetched) -> Result<(), UpdateError> {
/// let accepted = loop {
///     match update.next()? {
///         Step::Fetch { path, max_bytes } => update.receive(fetch(&path, max_bytes))?,
///         Step::Done(accepted) => break accepted,
///     }
/// };
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Update<'p> {
    context: Context<'p>,
    policy: UpdatePolicy,
    filter: ObjectFilter,
    held: Held,
    roots: u32,
    forgotten: BTreeSet<RoleName>,
    phase: Phase,
}

/// What an update wants next.
#[derive(Clone, Debug)]
pub enum Step {
    /// A file. Give it to [`Update::receive`].
    Fetch {
        /// Its path below the base URL, see [`path`].
        path: String,
        /// The most bytes it may have.
        max_bytes: u64,
    },
    /// Nothing more: everything is verified.
    Done(Box<Accepted>),
}

/// The result of an update: everything at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The new state. Store it together with what is taken from here, in one write.
    pub state: ClientState,
    /// The list.
    pub list: AnchorList,
    /// Its version.
    pub list_version: u64,
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Until when the newest snapshot is known to be the newest.
    pub pointer_expires: UtcDateTime,
    /// The wanted objects that were fetched, by their stable names; lengths and hashes are those of the snapshot.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// The stable names of the wanted objects that the caller holds ([`Held::objects`]), with their SHA-256.
    pub held_objects: BTreeMap<String, [u8; 32]>,
    /// The file of the snapshot, for [`Held::snapshot`] of the next update.
    pub snapshot_file: Vec<u8>,
    /// The file of the list, for [`Held::list`] of the next update.
    pub list_file: Vec<u8>,
    /// How many new roots were followed.
    pub new_roots: u32,
    /// The roles whose remembered versions were dropped because a new root took a key from them or raised their threshold.
    pub forgotten: BTreeSet<RoleName>,
}

/// How far it is.
#[derive(Debug)]
enum Phase {
    Roots,
    Pointer,
    Snapshot(Box<Verified<Pointer>>),
    List(Box<BelowSnapshot>),
    Objects(Box<Objects>),
    Done(Box<Accepted>),
    Over(UpdateError),
}

/// What is verified when the list is wanted.
#[derive(Debug)]
struct BelowSnapshot {
    pointer: Verified<Pointer>,
    snapshot: Verified<Snapshot>,
    snapshot_file: Vec<u8>,
}

impl<'p> Update<'p> {
    /// Begins at the time `at`.
    ///
    /// # Errors
    /// [`UpdateError::ClockTurnedBack`], [`UpdateError::ClockBeforeRelease`].
    pub fn begin(
        state: ClientState,
        at: UtcDateTime,
        policy: UpdatePolicy,
        filter: ObjectFilter,
        held: Held,
        provider: &'p dyn CryptoProvider,
    ) -> Result<Self, UpdateError> {
        if at < policy.not_before {
            return Err(UpdateError::ClockBeforeRelease { not_before: policy.not_before, at });
        }
        let latest = state.latest_time();
        if at.saturating_add(policy.clock_tolerance) < latest {
            return Err(UpdateError::ClockTurnedBack { latest, at });
        }
        let context = Context { state, at, tolerance: policy.clock_tolerance, provider };
        Ok(Self { context, policy, filter, held, roots: 0, forgotten: BTreeSet::new(), phase: Phase::Roots })
    }

    /// What is wanted next. Asking again gives the same answer, but the result is handed out once.
    ///
    /// # Errors
    /// The error that ended the update; [`UpdateError::Over`] after the result.
    #[expect(clippy::should_implement_trait, reason = "an update is no iterator: answers go in between")]
    pub fn next(&mut self) -> Result<Step, UpdateError> {
        match self.leave() {
            Phase::Done(accepted) => Ok(Step::Done(accepted)),
            other => {
                self.phase = other;
                let (path, max_bytes) = self.wanted()?;
                Ok(Step::Fetch { path, max_bytes })
            }
        }
    }

    /// Takes the answer to [`Step::Fetch`].
    ///
    /// # Errors
    /// [`UpdateError`]; the update is over then, and the state that it began with is still the one to use.
    pub fn receive(&mut self, fetched: Fetched) -> Result<(), UpdateError> {
        let (path, limit) = self.wanted()?;
        let phase = self.leave();
        let next = match (phase, fetched) {
            // The one file whose absence says something: there is no newer root.
            (Phase::Roots, Fetched::Absent) => self.end_roots(),
            (phase, fetched) => {
                file::bytes_of(fetched, &path, limit).and_then(|bytes| self.advance(phase, &path, bytes))
            }
        };
        self.phase = next.map_err(|error| self.end(error))?;
        Ok(())
    }

    /// The update is over; asked again, it says why.
    fn end(&mut self, error: UpdateError) -> UpdateError {
        self.phase = Phase::Over(error.clone());
        error
    }

    fn leave(&mut self) -> Phase {
        core::mem::replace(&mut self.phase, Phase::Over(UpdateError::Over))
    }

    /// The file that is wanted, and the most bytes it may have.
    fn wanted(&self) -> Result<(String, u64), UpdateError> {
        Ok(match &self.phase {
            Phase::Roots => (path::root(self.context.root().header.version.saturating_add(1)), MAX_ROOT_BYTES),
            Phase::Pointer => (path::POINTER.to_owned(), MAX_POINTER_BYTES),
            Phase::Snapshot(pointer) => {
                let FileReference { version, length, .. } = pointer.document().snapshot;
                (path::snapshot(version), length)
            }
            Phase::List(below) => {
                let FileReference { version, length, .. } = below.snapshot.document().list;
                (path::list(version), length)
            }
            Phase::Objects(objects) => objects.wanted().ok_or(UpdateError::Over)?,
            Phase::Done(_) => return Err(UpdateError::Over),
            Phase::Over(error) => return Err(error.clone()),
        })
    }

    fn advance(&mut self, phase: Phase, path: &str, bytes: Vec<u8>) -> Result<Phase, UpdateError> {
        match phase {
            Phase::Roots => self.take_root(path, bytes),
            Phase::Pointer => self.take_pointer(path, &bytes),
            Phase::Snapshot(pointer) => self.take_snapshot(*pointer, path, bytes),
            Phase::List(below) => self.take_list(*below, path, bytes),
            Phase::Objects(mut objects) => {
                objects.take(path, bytes)?;
                Ok(self.finish(objects))
            }
            Phase::Done(_) => Err(UpdateError::Over),
            Phase::Over(error) => Err(error),
        }
    }

    /// Step 1: the next root, signed by the one before and by itself.
    fn take_root(&mut self, path: &str, bytes: Vec<u8>) -> Result<Phase, UpdateError> {
        if self.roots >= MAX_ROOT_STEPS {
            return Err(UpdateError::TooManyRoots);
        }
        let parsed = Signed::<RootMetadata>::parse(&bytes).map_err(|error| file::unreadable(path, &bytes, error))?;
        let next = parsed.verify_successor(self.context.root(), self.context.provider);
        let next = next.map_err(|error| file::unverified(path, error))?.into_document();
        self.forgotten.extend(self.context.state.replace_root(next, bytes));
        self.roots += 1;
        Ok(Phase::Roots)
    }

    /// Step 2: the last root must be in force. Those before may have expired: else who slept could never wake.
    fn end_roots(&mut self) -> Result<Phase, UpdateError> {
        let header = &self.context.root().header;
        self.context.check_dates(RoleName::Root, header.issued, header.expires)?;
        Ok(Phase::Pointer)
    }

    /// Step 3a.
    fn take_pointer(&mut self, path: &str, bytes: &[u8]) -> Result<Phase, UpdateError> {
        let pointer = self.context.verify::<Pointer>(path, bytes, None)?;
        let header = &pointer.document().header;
        let (life, limit) = (header.expires - header.issued, self.policy.pointer_life);
        if life > limit {
            return Err(UpdateError::LongLived { life, limit });
        }
        let reference = pointer.document().snapshot;
        self.context.check_rollback(RoleName::Snapshot, reference.version)?;
        match take_if_same(&mut self.held.snapshot, &reference) {
            Some(file) => self.take_snapshot(pointer, &path::snapshot(reference.version), file),
            None => Ok(Phase::Snapshot(Box::new(pointer))),
        }
    }

    /// Step 3b.
    fn take_snapshot(
        &mut self,
        pointer: Verified<Pointer>,
        path: &str,
        snapshot_file: Vec<u8>,
    ) -> Result<Phase, UpdateError> {
        let reference = pointer.document().snapshot;
        let snapshot = self.context.verify::<Snapshot>(path, &snapshot_file, Some(&reference))?;
        let reference = snapshot.document().list;
        self.context.check_rollback(RoleName::List, reference.version)?;
        let below = BelowSnapshot { pointer, snapshot, snapshot_file };
        match take_if_same(&mut self.held.list, &reference) {
            Some(file) => self.take_list(below, &path::list(reference.version), file),
            None => Ok(Phase::List(Box::new(below))),
        }
    }

    /// Step 3c, and what step 4 has to fetch.
    fn take_list(&mut self, below: BelowSnapshot, path: &str, list_file: Vec<u8>) -> Result<Phase, UpdateError> {
        let BelowSnapshot { pointer, snapshot, snapshot_file } = below;
        let reference = snapshot.document().list;
        let list = self.context.verify::<AnchorList>(path, &list_file, Some(&reference))?;
        let mut state = self.context.state.clone();
        state.remember(RoleName::Pointer, &pointer);
        state.remember(RoleName::Snapshot, &snapshot);
        state.remember(RoleName::List, &list);
        state.pass_time(self.context.at);
        let accepted = Accepted {
            state,
            list: list.into_document(),
            list_version: reference.version,
            snapshot: snapshot.into_document(),
            pointer_expires: pointer.document().header.expires,
            objects: BTreeMap::new(),
            held_objects: BTreeMap::new(),
            snapshot_file,
            list_file,
            new_roots: self.roots,
            forgotten: self.forgotten.clone(),
        };
        Ok(self.finish(Box::new(Objects::plan(accepted, &self.filter, &self.held.objects)?)))
    }

    /// Step 5, when step 4 is over.
    fn finish(&mut self, objects: Box<Objects>) -> Phase {
        if objects.wanted().is_some() {
            Phase::Objects(objects)
        } else {
            Phase::Done(Box::new(objects.into_accepted()))
        }
    }
}

/// A held file, if it is the one that is wanted.
fn take_if_same(held: &mut Option<Vec<u8>>, reference: &FileReference) -> Option<Vec<u8>> {
    held.take().filter(|file| file::is_same(file, reference.length, &reference.sha256))
}
