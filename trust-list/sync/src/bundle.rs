//! Evidence in one file, for a gate without a network: made on a machine that has one, carried, verified again.

use std::collections::BTreeMap;

use tegata_manifest::path::POINTER;
use tegata_manifest::{ClientState, Fetched, MetadataError, ObjectFilter, Step, Update, UpdateError, UpdatePolicy};
use tegata_mdoc::cbor::{DecodeError, Encoder, Limits, Reader};
use tegata_pki::CryptoProvider;
use time::{Duration, UtcDateTime};

use crate::codec::{Bytes, Stored, invalid, read_fields};
use crate::{ApplyError, Changes, FetchedList, Store, VicalChanges, VicalImportError};

/// Longest bundle that is read, in bytes: 256 MiB.
pub const MAX_BUNDLE_BYTES: usize = 256 << 20;

const TYPE: &str = "tegata-evidence-bundle";
/// Version 1 had neither VICALs nor CRLs beside the service's.
const VERSION: u64 = 2;
const WITHOUT_VICALS: u64 = 1;
const LIMITS: Limits = Limits { bytes: MAX_BUNDLE_BYTES, depth: 8, items: 1_000_000 };

/// A service's metadata and objects as fetched, status and identifier lists, VICALs and the CRLs of their anchors, with the
/// times of the fetches.
///
/// Nothing in it is believed for being in it: the gate runs the same update over it as over a network. The times of the
/// fetches are statements of whoever made it; what they could win is bounded by the signed life of the pointer and by the
/// nextUpdate of a VICAL.
///
/// ```cddl
/// bundle = [ "tegata-evidence-bundle", 2, made: time, files: [* [ path: tstr, file ]], lists: [* [ uri: tstr, file ]],
///            vicals: [* [ source: tstr, file ]], crls: [* [ uri: tstr, file ]] ]    ; sorted; version 1 ends after lists
/// file   = [ bytes: bstr, fetched: time ]                                           ; time = int, seconds since 1970
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceBundle {
    made_at: UtcDateTime,
    files: BTreeMap<String, File>,
    lists: BTreeMap<String, File>,
    vicals: BTreeMap<String, File>,
    crls: BTreeMap<String, File>,
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
    /// It has VICALs alone, and none of them is taken in; why the first is not.
    #[error("{0}")]
    Vical(VicalImportError),
    /// It has nothing that the store follows.
    #[error("the bundle has nothing that the store follows")]
    NothingFollowed,
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
            Self::Vical(error) => error.id(),
            Self::NothingFollowed => "evidence-bundle-nothing-followed",
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
        EvidenceBundle { files: self.files, lists: self.lists, ..EvidenceBundle::empty(at) }
    }
}

/// What an import changed, and how old the evidence is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleReport {
    /// What the list of the service changed; nothing if the bundle or the store has no service.
    pub changes: Changes,
    /// What each VICAL changed.
    pub vicals: Vec<VicalChanges>,
    /// The VICALs that were not taken in, by their source.
    pub refused_vicals: Vec<(String, VicalImportError)>,
    /// When the oldest of pointer and VICALs was fetched, as the bundle says.
    pub fetched_at: UtcDateTime,
    /// Until when all of the lists are known to have been current.
    pub as_of: UtcDateTime,
    /// The time since.
    pub age: Duration,
}

impl EvidenceBundle {
    /// A bundle without a service, for [`EvidenceBundle::add_vical`].
    #[must_use]
    pub fn empty(at: UtcDateTime) -> Self {
        let [files, lists, vicals, crls] = [const { BTreeMap::new() }; 4];
        Self { made_at: at.truncate_to_second(), files, lists, vicals, crls }
    }

    /// Adds a VICAL. It is verified where it is imported, by whichever provider there signed it; `source` is for people.
    pub fn add_vical(&mut self, source: impl Into<String>, bytes: Vec<u8>, at: UtcDateTime) {
        self.vicals.insert(source.into(), File { bytes, fetched_at: at.truncate_to_second() });
    }

    /// Adds the CRL of an anchor of a VICAL.
    pub fn add_crl(&mut self, uri: impl Into<String>, bytes: Vec<u8>, at: UtcDateTime) {
        self.crls.insert(uri.into(), File { bytes, fetched_at: at.truncate_to_second() });
    }

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
        encoder.array(7).text(TYPE).unsigned(VERSION);
        self.made_at.write(&mut encoder);
        for files in [&self.files, &self.lists, &self.vicals, &self.crls] {
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
        let mut frame = Frame::default();
        let read = frame.read(&mut reader).and_then(|()| reader.finish());
        if !frame.kind.is_empty() && frame.kind != TYPE {
            return Err(BundleError::Damaged(invalid(0, "type")));
        }
        if let Some(version) = frame.version.filter(|version| ![VERSION, WITHOUT_VICALS].contains(version)) {
            return Err(BundleError::Version(version));
        }
        read.map_err(BundleError::Damaged)?;
        let Frame { made_at: Some(made_at), files, lists, vicals, crls, .. } = frame else {
            return Err(BundleError::Damaged(invalid(0, "made")));
        };
        let [files, lists, vicals, crls] = [files, lists, vicals, crls].map(|files| files.into_iter().collect());
        Ok(Self { made_at, files, lists, vicals, crls })
    }
}

impl Store {
    /// Imports a bundle at a gate at `at`: the same update as over a network, at the time at which the bundle was fetched,
    /// so that a pointer whose day is over still counts; the age is judged by the policy of the store afterwards. Hold-downs
    /// end by that time too, not by the clock of the gate.
    ///
    /// Each VICAL goes to the provider that signed it; those that no provider of this store signed, or that are not good,
    /// are refused one by one and reported, unless they are all there is.
    ///
    /// # Errors
    /// [`BundleError`]; nothing changes. A bundle that is older than what is held is refused.
    pub fn import_bundle(
        &mut self,
        bundle: &EvidenceBundle,
        policy: UpdatePolicy,
        at: UtcDateTime,
    ) -> Result<BundleReport, BundleError> {
        let at = at.truncate_to_second();
        if bundle.files.is_empty() && bundle.vicals.is_empty() {
            return Err(BundleError::NoPointer);
        }
        let latest = at.saturating_add(self.policy().skew);
        let fetches = bundle.vicals.values().map(|file| file.fetched_at).chain(bundle.fetched_at());
        if let Some(fetched_at) = fetches.max().filter(|fetched_at| *fetched_at > latest) {
            return Err(BundleError::FromFuture { fetched_at, at });
        }
        let mut next = self.clone();
        let mut report = BundleReport {
            changes: Changes::default(),
            vicals: Vec::new(),
            refused_vicals: Vec::new(),
            fetched_at: at,
            as_of: at,
            age: Duration::ZERO,
        };
        let has_service = next.root().is_some() && !bundle.files.is_empty();
        if has_service {
            next.import_service(bundle, policy, at, &mut report)?;
        }
        next.import_vicals(bundle, at, &mut report)?;
        if !has_service && report.vicals.is_empty() {
            let refused = report.refused_vicals.into_iter().next();
            return Err(refused.map_or(BundleError::NothingFollowed, |(_, error)| BundleError::Vical(error)));
        }
        report.age = at - report.as_of;
        *self = next;
        Ok(report)
    }

    fn import_vicals(
        &mut self,
        bundle: &EvidenceBundle,
        at: UtcDateTime,
        report: &mut BundleReport,
    ) -> Result<(), BundleError> {
        self.check_clock(at).map_err(|latest| BundleError::Apply(ApplyError::ClockTurnedBack { latest, at }))?;
        for (source, file) in &bundle.vicals {
            let fetched_at = file.fetched_at.min(at);
            let name = self.provider_of(&file.bytes, at);
            match name.and_then(|name| self.take_vical(&name, &file.bytes, fetched_at, at)) {
                Ok(changes) => {
                    report.fetched_at = report.fetched_at.min(fetched_at);
                    report.as_of = report.as_of.min(changes.list.as_of(self.policy()));
                    report.vicals.push(changes);
                }
                Err(error) => report.refused_vicals.push((source.clone(), error)),
            }
        }
        let fetched = bundle.crls.iter().map(|(uri, file)| FetchedList {
            uri: uri.clone(),
            fetched: Fetched::Bytes(file.bytes.clone()),
            fetched_at: file.fetched_at,
        });
        let refused = self.take_crls(&fetched.collect::<Vec<_>>(), at);
        if let Some(changes) = report.vicals.last_mut() {
            changes.refused = refused;
        }
        Ok(())
    }

    fn import_service(
        &mut self,
        bundle: &EvidenceBundle,
        policy: UpdatePolicy,
        at: UtcDateTime,
        report: &mut BundleReport,
    ) -> Result<(), BundleError> {
        let fetched_at = bundle.fetched_at().ok_or(BundleError::NoPointer)?;
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
        report.fetched_at = fetched_at;
        report.as_of = fetched_at.min(accepted.pointer_expires).min(at);
        report.changes = self.apply_fetched(*accepted, &lists, fetched_at, at).map_err(BundleError::Apply)?;
        Ok(())
    }
}

#[derive(Default)]
struct Frame {
    kind: String,
    version: Option<u64>,
    made_at: Option<UtcDateTime>,
    files: Vec<(String, File)>,
    lists: Vec<(String, File)>,
    vicals: Vec<(String, File)>,
    crls: Vec<(String, File)>,
}

impl Frame {
    /// Reads as far as it goes: type and version tell more than an error after them.
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut found: usize = 0;
        reader.array(|reader, index| {
            found = index.saturating_add(1);
            match index {
                0 => self.kind = Stored::read(reader)?,
                1 => self.version = Some(Stored::read(reader)?),
                2 => self.made_at = Some(Stored::read(reader)?),
                3 => self.files = Stored::read(reader)?,
                4 => self.lists = Stored::read(reader)?,
                5 => self.vicals = Stored::read(reader)?,
                6 => self.crls = Stored::read(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let expected = if self.version == Some(WITHOUT_VICALS) { 5 } else { 7 };
        if found == expected { Ok(()) } else { Err(invalid(reader.offset(), "bundle")) }
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
