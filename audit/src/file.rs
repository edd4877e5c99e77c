//! The few things that are done with files, each brought to the medium before it counts.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{AuditError, Operation};

/// The path with something appended to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Options for a file that only its owner may read.
pub(crate) fn private(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options
}

/// Writes a new file and brings it and its name to the medium.
pub(crate) fn create(path: &Path, content: &[u8], mode: u32) -> Result<(), AuditError> {
    let mut file = private(mode).write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => AuditError::Exists { path: path.to_path_buf() },
        _ => AuditError::io(Operation::Open, path)(error),
    })?;
    file.write_all(content).map_err(AuditError::io(Operation::Write, path))?;
    file.sync_all().map_err(AuditError::io(Operation::Sync, path))?;
    sync_directory(path)
}

/// As [`create`], but takes up again what a crash left: a file that holds this content, or the beginning of it.
pub(crate) fn create_again(path: &Path, content: &[u8], mode: u32) -> Result<(), AuditError> {
    match fs::read(path) {
        Ok(found) if content.starts_with(&found) => {
            fs::remove_file(path).map_err(AuditError::io(Operation::Open, path))?;
        }
        Ok(_) => return Err(AuditError::Exists { path: path.to_path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(AuditError::io(Operation::Read, path)(error)),
    }
    create(path, content, mode)
}

/// Brings the directory entry of a file to the medium.
pub(crate) fn sync_directory(path: &Path) -> Result<(), AuditError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(AuditError::io(Operation::Sync, parent))?;
    #[cfg(not(unix))]
    let _ = parent;
    Ok(())
}

/// Pauses between tries for the lock; half a second in all.
const LOCK_PAUSES: [Duration; 10] = [Duration::from_millis(50); 10];

/// Takes the exclusive lock of a log: a file beside it, which stays. It is released when the value is dropped.
pub(crate) fn lock(path: &Path) -> Result<File, AuditError> {
    let lock = beside(path, ".lock");
    let file = private(0o600)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock)
        .map_err(AuditError::io(Operation::Open, &lock))?;
    // A process that another thread is just starting holds every lock of ours until it runs its own program.
    for pause in LOCK_PAUSES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(pause),
            Err(fs::TryLockError::Error(error)) => return Err(AuditError::io(Operation::Lock, &lock)(error)),
        }
    }
    Err(AuditError::Locked { path: path.to_path_buf() })
}
