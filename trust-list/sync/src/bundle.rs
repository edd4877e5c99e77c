//! Evidence in one file, for a gate without a network: made on a machine that has one, carried, verified again.

use std::collections::BTreeMap;

use tegata_manifest::path::POINTER;
use tegata_manifest::{ClientState, Fetched, MetadataError, ObjectFilter, Step, Update, UpdateError, UpdatePolicy};
use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use tegata_pki::CryptoProvider;
use time::{Duration, UtcDateTime};

use crate::codec::{Bytes, Stored, invalid, read_fields};
use crate::{ApplyError, Changes, FetchedList, Store};

/// Longest bundle that is read, in bytes: 256 MiB.
pub const MAX_BUNDLE_BYTES: usize = 256 << 20;

const TYPE: &str = "tegata-evidence-bundle";
const VERSION: u64 = 1;
const LIMITS: Limits = Limits { bytes: MAX_BUNDLE_BYTES, depth: 8, items: 1_000_000 };

/// A service's metadata and objects as fetched, with status and identifier lists and the times of the fetches.
///
/// Nothing in it is believed for being in it: the gate runs the same update over it as over a network. The times of the
/// fetches are statements of whoever made it; what they could win is bounded by the signed life of the pointer.
///
/// ```cddl
/// bundle = [ "tegata-evidence-bundle", 1, made: time, files: [* [ path: tstr, [ bytes: bstr, fetched: time ]]],
///            lists: [* [ uri: tstr, [ bytes: bstr, fetched: time ]]] ]      ; sorted; time = int, seconds since 1970
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceBundle {
    made_at: UtcDateTime,
    files: BTreeMap<String, File>,
    lists: BTreeMap<String, File>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    bytes: Vec<u8>,
    fetched_at: UtcDateTime,
}

/// Why a bundle is not made or not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The file is cut off, damaged, or something else.
    #[error("not an evidence bundle: {0}")]
    Damaged(DecodeError),
    /// The file is of a later version of the format.
    #[error("the bundle has version {0}, which is not known")]
    Version(u64),
    /// The root to begin with cannot be used.
    #[error("{0}")]
    Root(MetadataError),
    /// The service's files are not what they must be.
    #[error("{0}")]
    Update(UpdateError),
    /// The bundle has no pointer: nobody can tell of when it is.
    #[error("the bundle has no pointer")]
    NoPointer,
    /// It says that it was fetched in the future.
    #[error("the bundle was fetched at {fetched_at}, it is {at}")]
    FromFuture {
        /// When it says it was fetched.
        fetched_at: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
    /// It is older than what is held.
    #[error("the bundle is of {fetched_at}, what is held of {held}")]
    Older {
        /// When it was fetched.
        fetched_at: UtcDateTime,
        /// Until when what is held is known to have been current.
        held: UtcDateTime,
    },
    /// The store does not take it.
    #[error("{0}")]
    Apply(ApplyError),
}

impl BundleError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "evidence-bundle-damaged",
            Self::Version(_) => "evidence-bundle-version",
            Self::Root(error) => error.id(),
            Self::Update(error) => error.id(),
            Self::NoPointer => "evidence-bundle-no-pointer",
            Self::FromFuture { .. } => "evidence-bundle-from-future",
            Self::Older { .. } => "evidence-bundle-older",
            Self::Apply(error) => error.id(),
        }
    }
}

/// Makes a bundle: an update from a pinned root on, whose files are kept.
#[derive(Debug)]
pub struct BundleBuilder {
    update: Update<'static>,
    files: BTreeMap<String, File>,
    lists: BTreeMap<String, File>,
    wanted: Option<String>,
}

impl BundleBuilder {
    /// Begins with the root that the gates were given, or any that came before theirs, so that every later one is in the
    /// bundle.
    ///
    /// # Errors
    /// [`BundleError::Root`], [`BundleError::Update`].
    pub fn begin(
        root: &[u8],
        at: UtcDateTime,
        policy: UpdatePolicy,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, BundleError> {
        let client = ClientState::bootstrap(root, provider).map_err(BundleError::Root)?;
        let filter = ObjectFilter::Prefixes(vec!["crl/".to_owned()]);
        let update = Update::begin(client, at, policy, filter, Default::default(), provider);
        let update = update.map_err(BundleError::Update)?;
        Ok(Self { update, files: BTreeMap::new(), lists: BTreeMap::new(), wanted: None })
    }

    /// What is wanted next.
    ///
    /// # Errors
    /// [`BundleError::Update`].
    pub fn step(&mut self) -> Result<Step, BundleError> {
        let step = self.update.next().map_err(BundleError::Update)?;
        self.wanted = match &step {
            Step::Fetch { path, .. } => Some(path.clone()),
            Step::Done(_) => None,
        };
        Ok(step)
    }

    /// Takes what came, at `at`.
    ///
    /// # Errors
    /// [`BundleError::Update`].
    pub fn receive(&mut self, fetched: Fetched, at: UtcDateTime) -> Result<(), BundleError> {
        if let (Fetched::Bytes(bytes), Some(path)) = (&fetched, self.wanted.take()) {
            self.files.insert(path, File { bytes: bytes.clone(), fetched_at: at.truncate_to_second() });
        }
        self.update.receive(fetched).map_err(BundleError::Update)
    }

    /// Adds a status or identifier list. It is verified where it is imported.
    pub fn add_list(&mut self, uri: impl Into<String>, bytes: Vec<u8>, at: UtcDateTime) {
        self.lists.insert(uri.into(), File { bytes, fetched_at: at.truncate_to_second() });
    }

    /// The bundle.
    #[must_use]
    pub fn finish(self, at: UtcDateTime) -> EvidenceBundle {
        EvidenceBundle { made_at: at.truncate_to_second(), files: self.files, lists: self.lists }
    }
}

/// What an import changed, and how old the evidence is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleReport {
    /// What changed.
    pub changes: Changes,
    /// When the pointer was fetched, as the bundle says.
    pub fetched_at: UtcDateTime,
    /// Until when the list is known to have been current.
    pub as_of: UtcDateTime,
    /// The time since.
    pub age: Duration,
}

impl EvidenceBundle {
    /// When it was made, as it says.
    #[must_use]
    pub fn made_at(&self) -> UtcDateTime {
        self.made_at
    }

    /// When its pointer was fetched, as it says.
    #[must_use]
    pub fn fetched_at(&self) -> Option<UtcDateTime> {
        self.files.get(POINTER).map(|file| file.fetched_at)
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(5).text(TYPE).unsigned(VERSION);
        self.made_at.write(&mut encoder);
        for files in [&self.files, &self.lists] {
            files.iter().map(|(name, file)| (name.clone(), file.clone())).collect::<Vec<_>>().write(&mut encoder);
        }
        encoder.into_bytes()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BundleError::Damaged`], [`BundleError::Version`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut reader = Reader::new(bytes, LIMITS).map_err(BundleError::Damaged)?;
        let frame = Frame::read(&mut reader).and_then(|frame| reader.finish().map(|()| frame));
        let frame = frame.map_err(BundleError::Damaged)?;
        if frame.kind != TYPE {
            return Err(BundleError::Damaged(invalid(0, "type")));
        }
        if frame.version != VERSION {
            return Err(BundleError::Version(frame.version));
        }
        let (files, lists) = (frame.files.into_iter().collect(), frame.lists.into_iter().collect());
        Ok(Self { made_at: frame.made_at, files, lists })
    }
}

impl Store {
    /// Imports a bundle at a gate at `at`: the same update as over a network, at the time at which the bundle was fetched,
    /// so that a pointer whose day is over still counts; the age is judged by the policy of the store afterwards. Hold-downs
    /// end by that time too, not by the clock of the gate.
    ///
    /// # Errors
    /// [`BundleError`]; nothing changes. A bundle that is older than what is held is refused.
    pub fn import_bundle(
        &mut self,
        bundle: &EvidenceBundle,
        policy: UpdatePolicy,
        at: UtcDateTime,
    ) -> Result<BundleReport, BundleError> {
        let fetched_at = bundle.fetched_at().ok_or(BundleError::NoPointer)?;
        if fetched_at > at.saturating_add(self.policy().skew) {
            return Err(BundleError::FromFuture { fetched_at, at });
        }
        if let Some(held) = self.state.list.as_ref().map(|held| held.as_of).filter(|held| fetched_at < *held) {
            return Err(BundleError::Older { fetched_at, held });
        }
        let mut update = self.begin_client(fetched_at, policy).map_err(BundleError::Apply)?;
        let accepted = loop {
            match update.next().map_err(BundleError::Update)? {
                Step::Done(accepted) => break accepted,
                Step::Fetch { path, .. } => {
                    let file = bundle.files.get(&path);
                    let fetched = file.map_or(Fetched::Absent, |file| Fetched::Bytes(file.bytes.clone()));
                    update.receive(fetched).map_err(BundleError::Update)?;
                }
            }
        };
        let lists: Vec<FetchedList> = bundle
            .lists
            .iter()
            .map(|(uri, file)| FetchedList {
                uri: uri.clone(),
                fetched: Fetched::Bytes(file.bytes.clone()),
                fetched_at: file.fetched_at,
            })
            .collect();
        let as_of = fetched_at.min(accepted.pointer_expires).min(at);
        let changes = self.apply_fetched(*accepted, &lists, fetched_at, at).map_err(BundleError::Apply)?;
        Ok(BundleReport { changes, fetched_at, as_of, age: at - as_of })
    }
}

struct Frame {
    kind: String,
    version: u64,
    made_at: UtcDateTime,
    files: Vec<(String, File)>,
    lists: Vec<(String, File)>,
}

impl Frame {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, kind, version, made_at, files, lists);
        Ok(Self { kind, version, made_at, files, lists })
    }
}

impl Stored for File {
    fn write(&self, encoder: &mut Encoder) {
        encoder.array(2).bytes(&self.bytes);
        self.fetched_at.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        read_fields!(reader, bytes, fetched_at);
        let Bytes(bytes) = bytes;
        Ok(Self { bytes, fetched_at })
    }
}
