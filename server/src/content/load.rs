//! Loading a tree: read, recognise, check that the publication is whole, index.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use time::UtcDateTime;

use super::body::{Body, sha256};
use super::cose::{Metadata, Reference, Role};
use super::error::{ContentError, Expected};
use super::inspect::{Detail, inspect};
use super::object::Object;
use super::store::Store;
use super::walk::{Found, walk};
use super::{Content, Dated, Facts};
use crate::ldap::Directory;

const POINTER: &str = "/v1/pointer.cbor";

/// Bounds of what is held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLimits {
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// All files and their compressed variants together, in bytes; the same bytes under several names count once.
    pub tree_bytes: u64,
    /// Most files.
    pub files: usize,
}

impl Default for ContentLimits {
    /// 64 MiB a file, 1 GiB in all, 100 000 files.
    fn default() -> Self {
        Self { file_bytes: 64 << 20, tree_bytes: 1 << 30, files: 100_000 }
    }
}

/// Loads the tree below `root`. What has not changed since `old` is taken from there. `None`: nothing has changed.
///
/// # Errors
/// [`ContentError`]; nothing of a tree that is not whole is taken.
pub(crate) fn load(root: &Path, limits: ContentLimits, old: &Content) -> Result<Option<Content>, ContentError> {
    let files = walk(root, limits.files)?;
    if files == old.files {
        return Ok(None);
    }
    let (objects, size) = read(&files, limits, old)?;
    let current = Publication::check(&objects)?;
    let facts = current.facts(&objects);
    let mut sorted: Vec<&Arc<Object>> = objects.values().collect();
    sorted.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let store = Store::new(&sorted);
    let directory = Directory::new(&sorted);
    Ok(Some(Content { objects, files, store, directory, facts, size }))
}

type Objects = HashMap<Box<str>, Arc<Object>>;

fn read(files: &[Found], limits: ContentLimits, old: &Content) -> Result<(Objects, u64), ContentError> {
    let unchanged: HashMap<&str, &Found> = old.files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut bodies: HashMap<[u8; 32], Arc<Body>> = HashMap::new();
    let mut objects = Objects::with_capacity(files.len());
    let mut size = 0;
    for file in files {
        let before = old.object(&file.path).filter(|_| unchanged.get(file.path.as_str()) == Some(&file));
        let object = match before {
            Some(object) if cfg!(unix) => Arc::clone(object),
            _ => Arc::new(fresh(file, limits, old, &bodies)?),
        };
        let body = &object.body;
        if bodies.insert(body.sha256, Arc::clone(body)).is_none() {
            size += u64::try_from(body.size()).unwrap_or(u64::MAX);
        }
        if size > limits.tree_bytes {
            return Err(ContentError::TreeTooLarge { limit: limits.tree_bytes });
        }
        objects.insert(file.path.as_str().into(), object);
    }
    Ok((objects, size))
}

/// Reads a file; its bytes are shared with those of the same digest.
fn fresh(
    file: &Found,
    limits: ContentLimits,
    old: &Content,
    bodies: &HashMap<[u8; 32], Arc<Body>>,
) -> Result<Object, ContentError> {
    let bytes = file.read(limits.file_bytes)?;
    let digest = sha256(&bytes);
    if file.path.strip_prefix("/o/").is_some_and(|name| name != hex::encode(digest)) {
        return Err(ContentError::Different { path: file.path.clone() });
    }
    let found = inspect(&file.path, &bytes)?;
    let known = bodies.get(&digest).cloned();
    let known = known.or_else(|| Some(Arc::clone(&old.object(&file.path)?.body)).filter(|body| body.sha256 == digest));
    let body = known.unwrap_or_else(|| Arc::new(Body::new(bytes, digest)));
    // A date of the future would make every conditional request match.
    Ok(Object::new(&file.path, body, found, file.modified().min(SystemTime::now())))
}

/// The metadata that the pointer leads to.
struct Publication<'a> {
    pointer: &'a Metadata,
    snapshot: (&'a Object, &'a Metadata),
    list: (&'a Object, &'a Metadata),
    root: Option<(&'a Object, &'a Metadata)>,
}

impl<'a> Publication<'a> {
    /// Follows the pointer and sees that everything it leads to is there, so that a half-copied tree is not served.
    fn check(objects: &'a Objects) -> Result<Self, ContentError> {
        let (_, pointer) = objects.get(POINTER).and_then(with_metadata).ok_or(ContentError::NoPointer)?;
        let Role::Pointer { snapshot } = &pointer.role else { return Err(ContentError::NoPointer) };
        let snapshot = referred(objects, format!("/v1/snapshot/{}.cbor", snapshot.version), snapshot)?;
        let Role::Snapshot { list, objects: named } = &snapshot.1.role else {
            return Err(malformed(&snapshot.0.path, "snapshot"));
        };
        let list = referred(objects, format!("/v1/list/{}.cbor", list.version), list)?;
        for digest in named {
            let path = format!("/o/{}", hex::encode(digest));
            if !objects.contains_key(path.as_str()) {
                return Err(ContentError::Missing { path });
            }
        }
        let roots = objects.values().filter(|object| object.path.starts_with("/v1/root/"));
        let root = roots.filter_map(with_metadata).max_by_key(|(_, metadata)| metadata.version);
        Ok(Self { pointer, snapshot, list, root })
    }

    fn facts(&self, objects: &Objects) -> Facts {
        let anchors = match self.list.1.role {
            Role::List { anchors } => anchors,
            _ => 0,
        };
        let metadata = [Some(self.snapshot), Some(self.list), self.root].into_iter().flatten();
        let ends = issuer_ends(objects);
        let mut crls = Vec::new();
        let mut lists = Vec::new();
        for object in objects.values() {
            let Some(expires) = object.expires else { continue };
            match &object.detail {
                Detail::Crl(facts) if object.path.starts_with("/crl/") => {
                    let key = facts.authority_key_identifier.as_deref();
                    let issuer_ends = key.and_then(|key| ends.get(key)).copied();
                    crls.push(Dated { path: object.path.clone(), next_update: expires, issuer_ends });
                }
                Detail::None if is_current(&object.path) => lists.push((object.path.clone(), expires)),
                _ => {}
            }
        }
        crls.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        lists.sort_unstable();
        Facts {
            anchors,
            pointer: Some((self.pointer.version, self.pointer.expires)),
            metadata: metadata.map(|(object, metadata)| (object.path.clone(), metadata.expires)).collect(),
            crls,
            lists,
        }
    }
}

fn with_metadata(object: &Arc<Object>) -> Option<(&Object, &Metadata)> {
    match &object.detail {
        Detail::Metadata(metadata) => Some((object, metadata)),
        _ => None,
    }
}

fn referred<'a>(
    objects: &'a Objects,
    path: String,
    reference: &Reference,
) -> Result<(&'a Object, &'a Metadata), ContentError> {
    let Some(object) = objects.get(path.as_str()) else { return Err(ContentError::Missing { path }) };
    let same_length = u64::try_from(object.body.bytes.len()) == Ok(reference.length);
    match with_metadata(object) {
        Some((object, metadata))
            if same_length && object.body.sha256 == reference.sha256 && metadata.version == reference.version =>
        {
            Ok((object, metadata))
        }
        _ => Err(ContentError::Different { path }),
    }
}

fn malformed(path: &str, role: &'static str) -> ContentError {
    ContentError::Malformed { path: path.to_owned(), expected: Expected::Metadata(role) }
}

/// Lists under names that are replaced in place; those under a number of their own may be old.
fn is_current(path: &str) -> bool {
    let folders = ["/status/", "/device-keys/"];
    folders.iter().any(|folder| path.starts_with(folder)) || path == "/vical/latest.cbor" || path == "/lote/latest.jws"
}

/// When the last published certificate of each key ends, by subject key identifier.
fn issuer_ends(objects: &Objects) -> HashMap<&[u8], UtcDateTime> {
    let mut ends: HashMap<&[u8], UtcDateTime> = HashMap::new();
    for object in objects.values() {
        let Detail::Certificate(certificate) = &object.detail else { continue };
        let Some(key) = certificate.subject_key_identifier() else { continue };
        let end = ends.entry(key).or_insert(certificate.not_after());
        *end = certificate.not_after().max(*end);
    }
    ends
}
