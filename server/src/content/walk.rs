//! Finding the files of a tree, within bounds.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::ContentError;

/// Deepest nesting of folders.
const MAX_DEPTH: usize = 8;

/// What tells whether a file is still the one that was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Inode, and time of change in seconds and nanoseconds: a file that was replaced or rewritten differs in them even if
    /// its dates were set back.
    identity: (u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity: identity(metadata) }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

/// A file of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The path of its URL, with the slash.
    pub(crate) path: String,
    pub(crate) place: PathBuf,
    pub(crate) stamp: Stamp,
}

impl Found {
    pub(crate) fn modified(&self) -> SystemTime {
        self.stamp.modified.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Reads the file, never more than `limit` bytes of it.
    pub(crate) fn read(&self, limit: u64) -> Result<Vec<u8>, ContentError> {
        let too_large = || ContentError::FileTooLarge { path: self.path.clone(), limit };
        if self.stamp.length > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.stamp.length).map_err(|_| too_large())?);
        // It may have grown since it was found.
        let read = File::open(&self.place).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
        read.map_err(|error| io_error(&self.path, &error))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) { Ok(bytes) } else { Err(too_large()) }
    }
}

/// Every file below `root`, sorted by path. Names that begin with a dot are passed over: publishers write there before they
/// rename.
///
/// # Errors
/// [`ContentError`], also for links: what is served lies inside the tree.
pub(crate) fn walk(root: &Path, max_files: usize) -> Result<Vec<Found>, ContentError> {
    let mut files = Vec::new();
    let mut folders = vec![(String::new(), root.to_owned(), 0_usize)];
    while let Some((path, place, depth)) = folders.pop() {
        if depth > MAX_DEPTH {
            return Err(ContentError::TooDeep { path });
        }
        let failed = |error: io::Error| io_error(if path.is_empty() { "/" } else { &path }, &error);
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().first() == Some(&b'.') {
                continue;
            }
            let path = format!("{path}/{}", name.to_string_lossy());
            if !name.as_encoded_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
                return Err(ContentError::Name { path });
            }
            // Of the entry itself: links are not followed.
            let metadata = entry.metadata().map_err(|error| io_error(&path, &error))?;
            if metadata.is_dir() {
                folders.push((path, entry.path(), depth + 1));
            } else if metadata.is_file() {
                if files.len() >= max_files {
                    return Err(ContentError::TooManyFiles { limit: max_files });
                }
                files.push(Found { path, place: entry.path(), stamp: Stamp::of(&metadata) });
            } else {
                return Err(ContentError::NotAFile { path });
            }
        }
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn io_error(path: &str, error: &io::Error) -> ContentError {
    ContentError::Io { path: path.to_owned(), kind: error.kind() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use super::*;

    #[test]
    fn only_plain_names_of_plain_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/one.crl"), "1").unwrap();
        fs::write(folder.path().join("a/.one.crl.tmp"), "half").unwrap();
        let found = walk(folder.path(), 10).unwrap();
        assert_eq!(found.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["/a/b/one.crl"]);
        assert_eq!(found[0].read(1).unwrap(), b"1");
        assert_eq!(found[0].read(0).unwrap_err().id(), "content-file-too-large");
        assert_eq!(walk(folder.path(), 0).unwrap_err().id(), "content-too-many-files");

        fs::write(folder.path().join("a b"), "").unwrap();
        assert_eq!(walk(folder.path(), 10).unwrap_err().id(), "content-name");
        assert_eq!(walk(&folder.path().join("none"), 10).unwrap_err().id(), "content-io");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        assert_eq!(walk(folder.path(), 10).unwrap_err().id(), "content-not-a-file");
    }

    #[test]
    fn nesting_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/a/a/a/a/a/a/a/a/a")).unwrap();
        assert_eq!(walk(folder.path(), 10).unwrap_err().id(), "content-too-deep");
    }

    #[cfg(unix)]
    #[test]
    fn a_rewritten_file_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("one");
        fs::write(&place, "1").unwrap();
        let before = walk(folder.path(), 10).unwrap();
        assert_eq!(walk(folder.path(), 10).unwrap(), before);
        fs::write(folder.path().join(".two"), "2").unwrap();
        fs::rename(folder.path().join(".two"), &place).unwrap();
        assert_ne!(walk(folder.path(), 10).unwrap(), before);
    }
}
