//! Files that are there as a whole or not at all: written beside, synced, renamed, the directory synced.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// A step with a file did not succeed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {operation}: {source}", .path.display())]
pub struct FileError {
    /// What was done.
    pub operation: FileOperation,
    /// With which file or directory.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// What is done with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileOperation {
    /// Opening or creating.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Bringing to the medium.
    Sync,
    /// Giving the final name.
    Rename,
    /// Removing.
    Remove,
    /// Making a directory.
    MakeDirectory,
    /// Listing a directory.
    List,
    /// Taking the lock.
    Lock,
}

impl std::fmt::Display for FileOperation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::MakeDirectory => "make directory",
            Self::List => "list",
            Self::Lock => "lock",
        })
    }
}

impl FileOperation {
    pub(crate) fn at(self, path: &Path) -> impl FnOnce(io::Error) -> FileError {
        move |source| FileError { operation: self, path: path.to_path_buf(), source }
    }
}

/// Names that begin so are left behind by a crash and are removed by the next writer.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// The whole file; `None` when there is none of that name.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileOperation::Read.at(path)(error)),
    }
}

/// Puts a file in its place, replacing what is there; its directory must be there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = write_beside(path, bytes)?;
    let renamed = fs::rename(&temporary, path).map_err(FileOperation::Rename.at(path));
    if renamed.is_err() {
        // The error that counts is the first one.
        _ = fs::remove_file(&temporary);
    }
    renamed?;
    sync_directory(parent(path))
}

fn write_beside(path: &Path, bytes: &[u8]) -> Result<PathBuf, FileError> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let temporary = path.with_file_name(format!("{TEMPORARY}{name}"));
    let mut file = File::create(&temporary).map_err(FileOperation::Open.at(&temporary))?;
    let written = file.write_all(bytes).map_err(FileOperation::Write.at(&temporary));
    let synced = written.and_then(|()| file.sync_all().map_err(FileOperation::Sync.at(&temporary)));
    if synced.is_err() {
        _ = fs::remove_file(&temporary);
    }
    synced.map(|()| temporary)
}

/// Makes a directory with its parents, each brought to the medium.
pub(crate) fn make_directory(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    let above = parent(path);
    if above != path {
        make_directory(above)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(FileOperation::MakeDirectory.at(path)(error)),
        _ => sync_directory(above),
    }
}

/// Brings the names in a directory to the medium.
pub(crate) fn sync_directory(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    File::open(path).and_then(|directory| directory.sync_all()).map_err(FileOperation::Sync.at(path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Overwrites a file with zeros and removes it. What the medium keeps besides is beyond a program.
pub(crate) fn destroy(path: &Path) -> Result<(), FileError> {
    let mut file = OpenOptions::new().write(true).open(path).map_err(FileOperation::Open.at(path))?;
    let length = file.metadata().map_err(FileOperation::Read.at(path))?.len();
    let zeros = [0_u8; 4096];
    let mut left = length;
    while left > 0 {
        let piece = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
        file.write_all(zeros.get(..piece).unwrap_or_default()).map_err(FileOperation::Write.at(path))?;
        left = left.saturating_sub(u64::try_from(piece).unwrap_or(u64::MAX));
    }
    file.sync_all().map_err(FileOperation::Sync.at(path))?;
    fs::remove_file(path).map_err(FileOperation::Remove.at(path))
}

/// The names in a directory, sorted; none when it is not there.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, FileError> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(FileOperation::List.at(path))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(FileOperation::List.at(path))?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Pauses between tries for a lock; half a second in all. A process that another thread is just starting holds every lock of
/// ours until it runs its own program.
const LOCK_PAUSES: [Duration; 10] = [Duration::from_millis(50); 10];

/// Takes an exclusive lock; `None` when another process has it. It ends with the value.
pub(crate) fn lock(path: &Path) -> Result<Option<File>, FileError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    let file = file.map_err(FileOperation::Open.at(path))?;
    for pause in LOCK_PAUSES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
            Err(TryLockError::Error(error)) => return Err(FileOperation::Lock.at(path)(error)),
        }
    }
    Ok(None)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
