//! The published tree: every file with its path, and the metadata that is still to be signed.
//!
//! | path | what | changes |
//! |---|---|---|
//! | `o/<sha256>` | every object that the snapshot names | never |
//! | `v1/root/<n>.cbor`, `v1/list/<n>.cbor`, `v1/snapshot/<n>.cbor` | metadata | never |
//! | `v1/pointer.cbor` | which snapshot is the newest | last of all |
//! | `iaca/<ski>.cer`, `link/<issuer ski>-<subject ski>.cer`, `crl/<ski>.crl` | objects for X.509 clients, DER | in place |
//! | `vical/…`, `lote/…` | exports of the list | in place |
//! | `status/<name>.cwt`, `.jwt`, `device-keys/<name>.cwt` | status of documents, outside the snapshot | in place |
//! | `iacas.json`, `advisories.json`, `index.html`, `iaca/<ski>.html` | for people and programs without a client | in place |

mod json;
mod page;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use tegata_manifest::{
    AnchorList, FileReference, Header, MetadataError, ObjectReference, Pointer, RootMetadata, Signed, Snapshot, path,
    sha256,
};
use tegata_pki::CryptoProvider;
use time::UtcDateTime;

pub use self::page::Page;
use crate::{
    catalogue::{Holdings, SignedFile},
    service::Service,
    sign::{Signers, SigningError, sign_metadata},
    status::StatusFile,
    target::{LocalDirectory, Target as _, TargetError},
};

/// Why there is no tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// There is no root metadata.
    #[error("there is no root metadata")]
    NoRootMetadata,
    /// There is no signed list.
    #[error("there is no signed list")]
    NoList,
    /// Metadata that is held does not verify.
    #[error("metadata: {0}")]
    Metadata(#[from] MetadataError),
    /// Signing.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The list or the root metadata has ended, or ends before what names it.
    #[error("the {role} ends at {expires}")]
    Ended {
        /// The role.
        role: &'static str,
        /// When.
        expires: UtcDateTime,
    },
    /// A root has no list in effect.
    #[error("of the root {0} no CRL in effect is held")]
    NoCrl(crate::KeyDigest),
}

impl TreeError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoRootMetadata => "tree-no-root-metadata",
            Self::NoList => "tree-no-list",
            Self::Metadata(error) => error.id(),
            Self::Signing(error) => error.id(),
            Self::Ended { .. } => "tree-ended",
            Self::NoCrl(_) => "tree-no-crl",
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
            Self::NoRootMetadata => (
                "Enter the root metadata that the quorum has signed.",
                "定足数で署名したルートメタデータを登録してください。",
            ),
            Self::NoList | Self::Ended { .. } => (
                "Have the next one drafted and signed, then publish again.",
                "次の版を作成し署名してから、もう一度公開してください。",
            ),
            Self::Metadata(_) => {
                ("Restore the catalogue from its last copy.", "カタログを最新の控えから復元してください。")
            }
            Self::Signing(_) => (
                "Check the tokens and which keys the root metadata names.",
                "トークンと、ルートメタデータに記載の鍵を確認してください。",
            ),
            Self::NoCrl(_) => (
                "Release the CRL of today; if there is none, ask the root for one.",
                "本日のCRLをリリースしてください。なければルートに求めてください。",
            ),
        }
    }
}

/// A tree whose snapshot and pointer lack their signatures.
#[derive(Clone, Debug)]
pub struct Tree {
    root: RootMetadata,
    roots: Vec<SignedFile>,
    list: SignedFile,
    anchors: AnchorList,
    snapshot: Snapshot,
    pointer: Header,
    objects: BTreeMap<String, Arc<[u8]>>,
    loose: BTreeMap<String, Arc<[u8]>>,
}

/// A tree that can be published.
#[derive(Clone, Debug)]
pub struct SignedTree {
    /// What never changes, in the order of publication: objects, snapshot, list, roots.
    pub(crate) immutable: Vec<(String, Arc<[u8]>)>,
    /// What is replaced in place.
    pub(crate) stable: BTreeMap<String, Arc<[u8]>>,
    /// What comes last.
    pub(crate) pointer: Arc<[u8]>,
    /// The version of the snapshot.
    pub(crate) snapshot_version: u64,
    /// The version of the pointer.
    pub(crate) pointer_version: u64,
    /// The version of the list.
    pub(crate) list_version: u64,
    /// The version of the root metadata.
    pub(crate) root_version: u64,
    /// The repository.
    pub(crate) repository: String,
}

impl Tree {
    /// Puts the tree together from what is held: roots, links, the released CRLs (never those that wait for their day),
    /// the signed list with its exports, status files.
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn build(
        holdings: &Holdings,
        service: &Service,
        status: &[StatusFile],
        at: UtcDateTime,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, TreeError> {
        let at = at.truncate_to_second();
        let metadata = &holdings.metadata;
        let root_file = metadata.roots.last().ok_or(TreeError::NoRootMetadata)?;
        let root = Signed::<RootMetadata>::parse(&root_file.bytes)?.verify_by_itself(provider)?.into_document();
        let list_file = metadata.list.as_ref().ok_or(TreeError::NoList)?;
        let list = Signed::<AnchorList>::parse(&list_file.bytes)?.verify(&root, provider)?.into_document();
        for (role, expires) in [("root", root.header.expires), ("list", list.header.expires)] {
            if expires <= at {
                return Err(TreeError::Ended { role, expires });
            }
        }
        let objects = objects(holdings, at)?;
        let header = |version: u64, life: time::Duration| Header {
            repository: service.repository.clone(),
            version,
            issued: at,
            expires: at.saturating_add(life),
        };
        let snapshot = Snapshot {
            header: header(metadata.snapshot + 1, service.snapshot_life),
            list: reference(list_file),
            objects: objects.iter().map(|(name, bytes)| (name.clone(), object_reference(bytes))).collect(),
        };
        let mut loose: BTreeMap<String, Arc<[u8]>> =
            status.iter().map(|file| (file.path.clone(), Arc::from(file.bytes.as_slice()))).collect();
        loose.insert("iacas.json".to_owned(), json::iacas(&list, service).into_bytes().into());
        loose.insert("advisories.json".to_owned(), json::advisories(&list).into_bytes().into());
        for page in page::pages(&list, service) {
            loose.insert(page.path, page.html.into_bytes().into());
        }
        Ok(Self {
            root,
            roots: metadata.roots.clone(),
            list: list_file.clone(),
            anchors: list,
            snapshot,
            pointer: header(metadata.pointer + 1, service.pointer_life),
            objects,
            loose,
        })
    }

    /// The objects that the snapshot names, by their stable names.
    #[must_use]
    pub fn objects(&self) -> &BTreeMap<String, Arc<[u8]>> {
        &self.objects
    }

    /// The files outside of the snapshot, by their paths.
    #[must_use]
    pub fn loose(&self) -> &BTreeMap<String, Arc<[u8]>> {
        &self.loose
    }

    /// The list, verified.
    #[must_use]
    pub fn list(&self) -> &AnchorList {
        &self.anchors
    }

    /// The snapshot to be signed.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Signs snapshot and pointer.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn sign(self, signers: &dyn Signers, provider: &dyn CryptoProvider) -> Result<SignedTree, SigningError> {
        let (snapshot, _) = sign_metadata(&self.snapshot, &self.root, signers, provider)?;
        let file = SignedFile { version: self.snapshot.header.version, bytes: snapshot.into() };
        let pointer = Pointer { header: self.pointer, snapshot: reference(&file) };
        let (bytes, _) = sign_metadata(&pointer, &self.root, signers, provider)?;

        let by_content: BTreeMap<String, Arc<[u8]>> =
            self.objects.values().map(|bytes| (path::object(&sha256(bytes)), Arc::clone(bytes))).collect();
        let mut immutable: Vec<(String, Arc<[u8]>)> = by_content.into_iter().collect();
        immutable.push((path::snapshot(file.version), file.bytes));
        immutable.push((path::list(self.list.version), Arc::clone(&self.list.bytes)));
        immutable.extend(self.roots.iter().map(|root| (path::root(root.version), Arc::clone(&root.bytes))));
        let mut stable = self.loose;
        stable.extend(self.objects);
        Ok(SignedTree {
            immutable,
            stable,
            pointer: bytes.into(),
            snapshot_version: file.version,
            pointer_version: pointer.header.version,
            list_version: self.list.version,
            root_version: self.root.header.version,
            repository: self.root.header.repository,
        })
    }
}

impl SignedTree {
    /// Every file with its path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let immutable = self.immutable.iter().map(|(path, bytes)| (path.as_str(), &**bytes));
        let stable = self.stable.iter().map(|(path, bytes)| (path.as_str(), &**bytes));
        immutable.chain(stable).chain([(path::POINTER, &*self.pointer)])
    }

    /// The file of a path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files().find(|(name, _)| *name == path).map(|(_, bytes)| bytes)
    }

    /// The version of the snapshot.
    #[must_use]
    pub fn snapshot_version(&self) -> u64 {
        self.snapshot_version
    }

    /// The version of the pointer.
    #[must_use]
    pub fn pointer_version(&self) -> u64 {
        self.pointer_version
    }

    /// The version of the list.
    #[must_use]
    pub fn list_version(&self) -> u64 {
        self.list_version
    }
}

/// The objects of the snapshot by their stable names.
fn objects(holdings: &Holdings, at: UtcDateTime) -> Result<BTreeMap<String, Arc<[u8]>>, TreeError> {
    let mut objects: BTreeMap<String, Arc<[u8]>> = holdings.metadata.exports.clone();
    for held in holdings.roots.values() {
        let (root, ski) = (held.root.key_digest(), held.root.ski());
        objects.insert(format!("iaca/{ski}.cer"), held.root.certificate().der().into());
        let released = holdings.released_crl(root);
        match released.filter(|crl| at < crl.next_update || !held.is_in_use(at)) {
            Some(crl) => _ = objects.insert(format!("crl/{ski}.crl"), Arc::clone(&crl.der)),
            None if held.is_in_use(at) => return Err(TreeError::NoCrl(root)),
            None => {}
        }
    }
    for link in &holdings.links {
        objects.insert(format!("link/{}.cer", link.name()), link.certificate().der().into());
    }
    Ok(objects)
}

fn object_reference(bytes: &[u8]) -> ObjectReference {
    ObjectReference { length: length(bytes), sha256: sha256(bytes) }
}

fn reference(file: &SignedFile) -> FileReference {
    FileReference { version: file.version, length: length(&file.bytes), sha256: sha256(&file.bytes) }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Writes the fingerprint pages and the readable lists for the **second channel**: another host, run by others, so that a
/// reader can compare what the service says with what is said there (CP/CPS 2.2).
///
/// # Errors
/// [`TargetError`].
pub fn export_web(list: &AnchorList, service: &Service, directory: &Path) -> Result<(), TargetError> {
    let target = LocalDirectory::open(directory)?;
    let mut files: Vec<(String, Vec<u8>)> =
        page::pages(list, service).into_iter().map(|page| (page.path, page.html.into_bytes())).collect();
    files.push(("iacas.json".to_owned(), json::iacas(list, service).into_bytes()));
    files.push(("advisories.json".to_owned(), json::advisories(list).into_bytes()));
    for anchor in &list.anchors {
        let ski = json::ski(&anchor.certificate);
        files.push((format!("iaca/{ski}.cer"), anchor.certificate.der().to_vec()));
    }
    for (path, bytes) in files {
        let before = target.read(&path)?;
        if before.as_ref().is_none_or(|stored| stored.bytes != bytes) {
            target.put_stable(&path, &bytes, before.as_ref().map(|stored| &stored.version))?;
        }
    }
    Ok(())
}
