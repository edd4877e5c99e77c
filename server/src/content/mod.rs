//! The published tree in memory: loaded at once, checked, never changed, replaced as a whole.

mod body;
mod cose;
mod error;
mod inspect;
mod load;
mod object;
mod store;
mod walk;

use std::collections::HashMap;
use std::sync::Arc;

use time::UtcDateTime;

pub use self::error::{ContentError, Expected};
pub(crate) use self::inspect::Detail;
pub(crate) use self::inspect::Kind;
pub use self::load::ContentLimits;
pub(crate) use self::load::load;
pub(crate) use self::object::{Coding, Object};
pub(crate) use self::store::{Collection, SearchAttribute, Store};
use self::walk::Found;
use crate::ldap::Directory;

/// The page that is shown for `/`.
const INDEX: &str = "/index.html";

/// A loaded tree.
#[derive(Debug, Default)]
pub(crate) struct Content {
    objects: HashMap<Box<str>, Arc<Object>>,
    /// What was found on disk, to see changes and to read only what changed.
    files: Vec<Found>,
    pub(crate) store: Store,
    pub(crate) directory: Directory,
    pub(crate) facts: Facts,
    /// Memory held by bodies and their variants, in bytes.
    pub(crate) size: u64,
}

/// What a publication says about itself.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) anchors: usize,
    /// Version and end of the pointer; `None` before anything was loaded.
    pub(crate) pointer: Option<(u64, UtcDateTime)>,
    /// The current root, snapshot and list with their ends.
    pub(crate) metadata: Vec<(Box<str>, UtcDateTime)>,
    /// CRLs of issuers that are still valid, with their nextUpdate.
    pub(crate) crls: Vec<Dated>,
    /// Current lists and tokens with their ends.
    pub(crate) lists: Vec<(Box<str>, UtcDateTime)>,
}

/// A CRL that has to be fresh for as long as its issuer's certificate is valid.
#[derive(Debug)]
pub(crate) struct Dated {
    pub(crate) path: Box<str>,
    pub(crate) next_update: UtcDateTime,
    /// The last second of the issuer's certificates; `None` if none is published.
    pub(crate) issuer_ends: Option<UtcDateTime>,
}

impl Content {
    /// The object of a URL path. The path is a key and nothing else: no part of it ever reaches the file system.
    pub(crate) fn object(&self, path: &str) -> Option<&Arc<Object>> {
        self.objects.get(if path == "/" { INDEX } else { path })
    }

    /// How many paths are served.
    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }
}
