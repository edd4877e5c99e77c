//! An object store: S3 and its like, through the crate `object_store`.

use std::sync::Arc;

use object_store::{
    Attribute, Attributes, Error, GetResult, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, UpdateVersion,
    path::Path,
};
use tegata_manifest::path::is_name;
use tokio::runtime::Handle;

use super::{Stored, Target, TargetError, Version, VersionTag, cache_control, media_type};

/// A bucket, or a part of one, that a web server or CDN serves.
///
/// Every write is conditional (RFC 9110 13.1: `If-None-Match: *`, `If-Match`) and is read back and compared, so that two
/// publishers, or a cache in between, are noticed. Media type and Cache-Control of each object are set.
#[derive(Debug)]
pub struct ObjectStoreTarget {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    runtime: Handle,
}

impl ObjectStoreTarget {
    /// The objects of `store` below `prefix` (empty: all). `runtime` drives the requests; the methods block, and are to be
    /// called from a thread that is none of the runtime's own.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str, runtime: Handle) -> Self {
        Self { store, prefix: Path::from(prefix), runtime }
    }

    fn place(&self, path: &str) -> Result<Path, TargetError> {
        if !is_name(path) {
            return Err(TargetError::Path(path.to_owned()));
        }
        Ok(path.split('/').fold(self.prefix.clone(), |place, part| place.join(part)))
    }

    fn put(&self, path: &str, place: &Path, bytes: &[u8], mode: PutMode) -> Result<(), Error> {
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, media_type(path)),
            (Attribute::CacheControl, cache_control(path)),
        ]);
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let put = self.store.put_opts(place, bytes.to_vec().into(), options);
        self.runtime.block_on(put).map(|_| ())
    }

    fn compare(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError> {
        match self.read(path)? {
            Some(stored) if stored.bytes == bytes => Ok(()),
            _ => Err(TargetError::ReadBack(path.to_owned())),
        }
    }
}

async fn take(result: GetResult) -> Result<Stored, Error> {
    let (e_tag, version) = (result.meta.e_tag.clone(), result.meta.version.clone());
    let bytes = result.bytes().await?.to_vec();
    Ok(Stored { bytes, version: Version(VersionTag::Store { e_tag, version }) })
}

fn failed(path: &str) -> impl FnOnce(Error) -> TargetError + '_ {
    move |source| TargetError::Store { path: path.to_owned(), source }
}

impl Target for ObjectStoreTarget {
    fn read(&self, path: &str) -> Result<Option<Stored>, TargetError> {
        let place = self.place(path)?;
        let read = async { take(self.store.get(&place).await?).await };
        match self.runtime.block_on(read) {
            Ok(stored) => Ok(Some(stored)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(path)(error)),
        }
    }

    fn put_immutable(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let place = self.place(path)?;
        match self.put(path, &place, bytes, PutMode::Create) {
            Ok(()) => self.compare(path, bytes),
            Err(Error::AlreadyExists { .. }) => match self.read(path)? {
                Some(stored) if stored.bytes == bytes => Ok(()),
                _ => Err(TargetError::Conflict(path.to_owned())),
            },
            Err(error) => Err(failed(path)(error)),
        }
    }

    fn put_stable(&self, path: &str, bytes: &[u8], before: Option<&Version>) -> Result<(), TargetError> {
        let place = self.place(path)?;
        let mode = match before {
            None => PutMode::Create,
            Some(Version(VersionTag::Store { e_tag, version })) => {
                PutMode::Update(UpdateVersion { e_tag: e_tag.clone(), version: version.clone() })
            }
            // The version of another kind of target is never the one that is here.
            Some(_) => return Err(TargetError::Changed(path.to_owned())),
        };
        match self.put(path, &place, bytes, mode) {
            Ok(()) => self.compare(path, bytes),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. }) => {
                Err(TargetError::Changed(path.to_owned()))
            }
            Err(error) => Err(failed(path)(error)),
        }
    }

    fn list(&self) -> Result<Vec<String>, TargetError> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let listing = async {
            let (mut folders, mut paths) = (vec![prefix.cloned()], Vec::new());
            while let Some(folder) = folders.pop() {
                let found = self.store.list_with_delimiter(folder.as_ref()).await?;
                folders.extend(found.common_prefixes.into_iter().map(Some));
                paths.extend(found.objects.into_iter().map(|object| object.location));
            }
            Ok::<_, Error>(paths)
        };
        let paths = self.runtime.block_on(listing).map_err(failed(self.prefix.as_ref()))?;
        let below = |path: &Path| {
            let rest = path.as_ref().strip_prefix(self.prefix.as_ref())?;
            Some(rest.trim_start_matches('/').to_owned())
        };
        let mut names: Vec<String> = paths.iter().filter_map(below).filter(|name| is_name(name)).collect();
        names.sort_unstable();
        Ok(names)
    }
}
