//! A directory.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use tegata_manifest::path::is_name;

use super::{Stored, Target, TargetError, Version};
use crate::file::{self, FileOperation, TEMPORARY};

/// The lock; not served, because its name begins with a dot.
const LOCK: &str = ".publish.lock";

/// A directory that a web server serves. One process publishes to it at a time.
///
/// Each file is written beside its place, synced, renamed, and its directory synced. What a crash leaves behind is removed
/// when the directory is opened again.
#[derive(Debug)]
pub struct LocalDirectory {
    root: PathBuf,
    _lock: File,
}

impl LocalDirectory {
    /// Takes a directory, which is made when it is not there.
    ///
    /// # Errors
    /// [`TargetError::Locked`], [`TargetError::File`].
    pub fn open(root: &Path) -> Result<Self, TargetError> {
        file::make_directory(root)?;
        let lock = file::lock(&root.join(LOCK))?.ok_or_else(|| TargetError::Locked(root.to_path_buf()))?;
        let mut left_behind = Vec::new();
        walk(root, "", &mut |name, path| {
            if name.starts_with(TEMPORARY) {
                left_behind.push(path);
            }
        })?;
        for path in left_behind {
            let path = root.join(path);
            fs::remove_file(&path).map_err(FileOperation::Remove.at(&path))?;
        }
        Ok(Self { root: root.to_path_buf(), _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn place(&self, path: &str) -> Result<PathBuf, TargetError> {
        if is_name(path) { Ok(self.root.join(path)) } else { Err(TargetError::Path(path.to_owned())) }
    }

    fn put(&self, path: &str, place: &Path, bytes: &[u8]) -> Result<(), TargetError> {
        if let Some(folder) = place.parent() {
            file::make_directory(folder)?;
        }
        file::replace(place, bytes)?;
        match file::read(place)? {
            Some(found) if found == bytes => Ok(()),
            _ => Err(TargetError::ReadBack(path.to_owned())),
        }
    }
}

impl Target for LocalDirectory {
    fn read(&self, path: &str) -> Result<Option<Stored>, TargetError> {
        let bytes = file::read(&self.place(path)?)?;
        Ok(bytes.map(|bytes| Stored { version: Version::of(&bytes), bytes }))
    }

    fn put_immutable(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let place = self.place(path)?;
        match file::read(&place)? {
            Some(found) if found == bytes => Ok(()),
            Some(_) => Err(TargetError::Conflict(path.to_owned())),
            None => self.put(path, &place, bytes),
        }
    }

    fn put_stable(&self, path: &str, bytes: &[u8], before: Option<&Version>) -> Result<(), TargetError> {
        let place = self.place(path)?;
        let found = file::read(&place)?.map(|bytes| Version::of(&bytes));
        if found.as_ref() != before {
            return Err(TargetError::Changed(path.to_owned()));
        }
        self.put(path, &place, bytes)
    }

    fn list(&self) -> Result<Vec<String>, TargetError> {
        let mut paths = Vec::new();
        walk(&self.root, "", &mut |_, path| {
            if is_name(&path) {
                paths.push(path);
            }
        })?;
        paths.sort_unstable();
        Ok(paths)
    }
}

/// Calls `found` with the name and the relative path of every file.
fn walk(root: &Path, below: &str, found: &mut impl FnMut(&str, String)) -> Result<(), TargetError> {
    for name in file::names(&root.join(below))? {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if root.join(&path).is_dir() {
            walk(root, &path, found)?;
        } else {
            found(&name, path);
        }
    }
    Ok(())
}
