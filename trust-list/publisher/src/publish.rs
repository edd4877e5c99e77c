//! Publication: everything that is new first, the pointer last, and nothing that a client would not accept.
//!
//! Order: objects → snapshot → list → root metadata → stable names → pointer. A reader sees the old state until the pointer
//! has changed and the new one from then on: what the pointer leads to never changes. A publication that was interrupted
//! is completed by the next one, which uses the next version numbers.

use std::collections::BTreeMap;

use tegata_audit::{Class, Event, Outcome};
use tegata_manifest::{
    Accepted, ClientState, FetchFailure, Fetched, Held, MetadataError, ObjectFilter, Pointer, Signed, StateError, Step,
    Update, UpdateError, UpdatePolicy, path, sha256,
};
use tegata_pki::{Crl, CrlNumber, CryptoProvider};
use time::UtcDateTime;

use crate::{
    catalogue::{Catalogue, CatalogueError},
    service::Service,
    sign::{Signers, SigningError},
    status::StatusFile,
    target::{Target, TargetError, Version},
    tree::{SignedTree, Tree, TreeError},
};

/// What a publication needs.
#[derive(Clone, Copy)]
pub struct Publication<'a> {
    /// The service.
    pub service: &'a Service,
    /// The status files.
    pub status: &'a [StatusFile],
    /// Whoever signs snapshot and pointer.
    pub signers: &'a dyn Signers,
    /// What verifies.
    pub provider: &'a dyn CryptoProvider,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version of the root metadata.
    pub root: u64,
    /// The version of the list.
    pub list: u64,
    /// The version of the snapshot.
    pub snapshot: u64,
    /// The version of the pointer.
    pub pointer: u64,
    /// Until when the pointer is believed: the next publication comes before.
    pub expires: UtcDateTime,
    /// How many files were written; those that were there already are not among them.
    pub written: usize,
}

/// Why nothing, or not everything, was published. Readers see the old state unless the pointer was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// There is no tree to publish.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The tree of another service is there.
    #[error("the tree of {found:?} is there")]
    Foreign {
        /// The repository of its pointer.
        found: String,
    },
    /// What is published has a higher version: the catalogue is an old copy.
    #[error("the {what} that is published has version {published}, this one {found}")]
    Falling {
        /// Of what.
        what: &'static str,
        /// The version published.
        published: u64,
        /// The version to be published.
        found: u64,
    },
    /// A CRL that is published has a higher number.
    #[error("{path}: number {published} is published, this one has {found}")]
    FallingCrl {
        /// The path.
        path: String,
        /// The number published.
        published: CrlNumber,
        /// The number to be published.
        found: CrlNumber,
    },
    /// The reference client does not accept the tree.
    #[error("the reference client does not accept the tree: {0}")]
    Preview(UpdateError),
    /// What the reference client remembers cannot be read, or there is no root to begin with.
    #[error("the reference client cannot begin: {0}")]
    State(#[from] StateError),
    /// The first root metadata does not verify.
    #[error("the reference client cannot begin: {0}")]
    Bootstrap(MetadataError),
}

impl From<SigningError> for PublishError {
    fn from(error: SigningError) -> Self {
        Self::Tree(error.into())
    }
}

impl PublishError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Tree(error) => error.id(),
            Self::Catalogue(error) => error.id(),
            Self::Target(error) => error.id(),
            Self::Foreign { .. } => "publish-foreign",
            Self::Falling { .. } => "publish-falling",
            Self::FallingCrl { .. } => "publish-falling-crl",
            Self::Preview(_) => "publish-preview",
            Self::State(_) => "publish-client-state",
            Self::Bootstrap(_) => "publish-client-root",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::Tree(error) => (error.remedy(), error.remedy_ja()),
            Self::Catalogue(error) => (error.remedy(), error.remedy_ja()),
            Self::Target(error) => (error.remedy(), error.remedy_ja()),
            Self::Foreign { .. } => (
                "Name the directory or bucket of this service.",
                "このサービスのディレクトリまたはバケットを指定してください。",
            ),
            Self::Falling { .. } | Self::FallingCrl { .. } => (
                "Stop. This catalogue is older than what is published: restore its last copy.",
                "作業を止めてください。カタログが公開物より古いため、最新の控えから復元してください。",
            ),
            Self::Preview(_) | Self::State(_) | Self::Bootstrap(_) => (
                "Nothing was published. Look at the reason, put it right and publish again.",
                "何も公開されていません。理由を確認して直し、もう一度公開してください。",
            ),
        }
    }
}

/// Builds, signs, previews and publishes the tree, and records it.
///
/// # Errors
/// [`PublishError`]. A failure is recorded too, if the log can be written.
pub fn publish(
    catalogue: &mut Catalogue,
    publication: &Publication<'_>,
    target: &dyn Target,
    at: UtcDateTime,
) -> Result<Published, PublishError> {
    let result = attempt(catalogue, publication, target, at);
    if let Err(error) = &result
        && !matches!(error, PublishError::Catalogue(_))
    {
        let event = Event::new(Class::ValidityAccess, "publication-failed", Outcome::Failed, catalogue.actor());
        let event = event.map_err(CatalogueError::Audit)?.detail("reason", error.id());
        catalogue.record(event, at)?;
    }
    result
}

fn attempt(
    catalogue: &mut Catalogue,
    publication: &Publication<'_>,
    target: &dyn Target,
    at: UtcDateTime,
) -> Result<Published, PublishError> {
    let Publication { service, status, signers, provider } = *publication;
    let tree = Tree::build(catalogue.holdings(), service, status, at, provider)?;
    catalogue.use_versions(at)?;
    let tree = tree.sign(signers, provider)?;
    let pointer = check_published(&tree, catalogue, target, provider)?;
    let accepted = preview(&tree, catalogue, target, at, provider)?;
    let written = put(&tree, target, pointer.as_ref())?;
    let published = Published {
        root: tree.root_version,
        list: tree.list_version,
        snapshot: tree.snapshot_version,
        pointer: tree.pointer_version,
        expires: accepted.pointer_expires,
        written,
    };
    let event = event(&tree, &published, catalogue)?;
    catalogue.note_published(&accepted.state.to_bytes(), event, at)?;
    Ok(published)
}

fn event(tree: &SignedTree, published: &Published, catalogue: &Catalogue) -> Result<Event, PublishError> {
    let event = Event::new(Class::ValidityAccess, "tree-published", Outcome::Success, catalogue.actor());
    let event = event.map_err(CatalogueError::Audit)?;
    let files = tree.stable.iter().filter(|(path, _)| path.ends_with(".crl") || path.ends_with(".cer"));
    let event = files
        .take(tegata_audit::MAX_OBJECTS - 1)
        .fold(event, |event, (path, bytes)| event.object(path.clone(), sha256(bytes)));
    Ok(event
        .object(path::POINTER, sha256(&tree.pointer))
        .detail("root", published.root)
        .detail("list", published.list)
        .detail("snapshot", published.snapshot)
        .detail("pointer", published.pointer)
        .detail("written", published.written))
}

/// Refuses to go behind what is published. Returns the version of the pointer that is to be replaced.
///
/// What is there counts only if our keys have signed it: rubbish is repaired, not believed.
fn check_published(
    tree: &SignedTree,
    catalogue: &Catalogue,
    target: &dyn Target,
    provider: &dyn CryptoProvider,
) -> Result<Option<Version>, PublishError> {
    let stored = target.read(path::POINTER)?;
    if let Some(Ok(pointer)) = stored.as_ref().map(|stored| Signed::<Pointer>::parse(&stored.bytes)) {
        let repository = &pointer.unverified().header.repository;
        if *repository != tree.repository {
            return Err(PublishError::Foreign { found: repository.clone() });
        }
        let root = catalogue.root_metadata(provider)?;
        if let Ok(pointer) = pointer.verify(&root, provider) {
            let pointer = pointer.into_document();
            let (published, found) = (pointer.header.version, tree.pointer_version);
            if published >= found {
                return Err(PublishError::Falling { what: "pointer", published, found });
            }
            let (published, found) = (pointer.snapshot.version, tree.snapshot_version);
            if published >= found {
                return Err(PublishError::Falling { what: "snapshot", published, found });
            }
        }
    }
    for (path, bytes) in tree.stable.iter().filter(|(path, _)| path.ends_with(".crl")) {
        let published = target.read(path)?.and_then(|stored| Crl::from_der(&stored.bytes).ok()?.number());
        let found = Crl::from_der(bytes).ok().and_then(|crl| crl.number());
        if let (Some(published), Some(found)) = (published, found)
            && published > found
        {
            return Err(PublishError::FallingCrl { path: path.clone(), published, found });
        }
    }
    Ok(stored.map(|stored| stored.version))
}

/// Lets the reference client update from the new files over those that are there: one that knows only the first root, and
/// one that has followed every publication.
fn preview(
    tree: &SignedTree,
    catalogue: &Catalogue,
    target: &dyn Target,
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
) -> Result<Accepted, PublishError> {
    let files: BTreeMap<&str, &[u8]> = tree.files().collect();
    let fetch = |path: &str| match files.get(path) {
        Some(bytes) => Fetched::Bytes(bytes.to_vec()),
        None => match target.read(path) {
            Ok(Some(stored)) => Fetched::Bytes(stored.bytes),
            Ok(None) => Fetched::Absent,
            Err(_) => Fetched::Failed(FetchFailure::Medium),
        },
    };
    let metadata = &catalogue.holdings().metadata;
    let first = metadata.roots.first().ok_or(TreeError::NoRootMetadata)?;
    let stranger = ClientState::bootstrap(&first.bytes, provider).map_err(PublishError::Bootstrap)?;
    let accepted = update(stranger, &fetch, at, provider)?;
    match &metadata.client {
        None => Ok(accepted),
        Some(bytes) => update(ClientState::from_bytes(bytes, provider)?, &fetch, at, provider),
    }
}

fn update(
    state: ClientState,
    fetch: &impl Fn(&str) -> Fetched,
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
) -> Result<Accepted, PublishError> {
    let policy = UpdatePolicy::online(UtcDateTime::UNIX_EPOCH);
    let run = || {
        let mut update = Update::begin(state, at, policy, ObjectFilter::Everything, Held::default(), provider)?;
        loop {
            match update.next()? {
                Step::Fetch { path, .. } => update.receive(fetch(&path))?,
                Step::Done(accepted) => return Ok(*accepted),
            }
        }
    };
    run().map_err(PublishError::Preview)
}

/// Writes what is not there yet, in the order of the module. Returns how many files were written.
fn put(tree: &SignedTree, target: &dyn Target, pointer: Option<&Version>) -> Result<usize, PublishError> {
    let present: std::collections::BTreeSet<String> = target.list()?.into_iter().collect();
    let mut written = 0;
    for (path, bytes) in &tree.immutable {
        // Also one that is there: it may be another, and then nothing may go on.
        target.put_immutable(path, bytes)?;
        written += usize::from(!present.contains(path));
    }
    for (path, bytes) in &tree.stable {
        let before = target.read(path)?;
        if before.as_ref().is_none_or(|stored| stored.bytes != **bytes) {
            target.put_stable(path, bytes, before.as_ref().map(|stored| &stored.version))?;
            written += 1;
        }
    }
    target.put_stable(path::POINTER, &tree.pointer, pointer)?;
    Ok(written + 1)
}
