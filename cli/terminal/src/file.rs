//! Writing output files and directories: whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Why a file or a directory could not be written.
///
/// Exhaustive on purpose: a program that words these faults must word each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutputFault {
    /// It exists, and replacing was not asked for.
    #[error("the file exists")]
    Exists,
    /// What should become a new directory exists.
    #[error("the directory exists")]
    DirectoryExists,
    /// A directory has the name of the file.
    #[error("a directory has that name")]
    Directory,
    /// The directory it should stand in does not exist.
    #[error("its directory does not exist")]
    NoDirectory,
    /// The machine says no.
    #[error("cannot be written: {0}")]
    Unwritable(ErrorKind),
    /// It stands there whole, but the machine does not warrant that it still will after a loss of power.
    #[error("written, but perhaps not to last: {0}")]
    Unsettled(ErrorKind),
}

impl OutputFault {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Exists => "output-exists",
            Self::DirectoryExists => "output-directory-exists",
            Self::Directory => "output-is-directory",
            Self::NoDirectory => "output-no-directory",
            Self::Unwritable(_) => "output-unwritable",
            Self::Unsettled(_) => "output-unsettled",
        }
    }
}

/// Refuses an output that could not be written, before any work is done for it. Without `force` an existing file is one.
///
/// # Errors
/// [`OutputFault`].
pub fn check_output(path: &Path, force: bool) -> Result<(), OutputFault> {
    if path.is_dir() {
        return Err(OutputFault::Directory);
    }
    if !directory_of(path).is_dir() {
        return Err(OutputFault::NoDirectory);
    }
    if path.exists() && !force {
        return Err(OutputFault::Exists);
    }
    Ok(())
}

/// Writes `bytes` to a new file beside `path` and gives it the name `path`. Without `force` an existing file stays as it
/// is, also when it appears at this very moment.
///
/// # Errors
/// [`OutputFault`].
pub fn write_output(path: &Path, bytes: &[u8], force: bool) -> Result<(), OutputFault> {
    check_output(path, force)?;
    let temporary = Temporary::beside(path, |path| std::fs::remove_file(path));
    let written = fill(&temporary.path, bytes, OpenOptions::new().create(true).truncate(true)).and_then(|()| {
        if force { std::fs::rename(&temporary.path, path) } else { std::fs::hard_link(&temporary.path, path) }
    });
    written.map_err(|error| fault(&error))?;
    settle(directory_of(path))
}

/// Refuses a directory that could not be made by [`write_directory`], before any work is done for it.
///
/// # Errors
/// [`OutputFault`].
pub fn check_directory(path: &Path) -> Result<(), OutputFault> {
    if path.symlink_metadata().is_ok() {
        return Err(OutputFault::DirectoryExists);
    }
    check_output(path, false)
}

/// Makes the directory `path` with these files in it, by name, all or none; `path` must not exist.
///
/// # Errors
/// [`OutputFault`].
pub fn write_directory(path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), OutputFault> {
    check_directory(path)?;
    let temporary = Temporary::beside(path, |path| std::fs::remove_dir_all(path));
    let written = std::fs::create_dir(&temporary.path).and_then(|()| {
        for (name, bytes) in files {
            fill(&temporary.path.join(name), bytes, OpenOptions::new().create_new(true))?;
        }
        std::fs::rename(&temporary.path, path)
    });
    written.map_err(|error| fault(&error))?;
    settle(path)?;
    settle(directory_of(path))
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn fill(path: &Path, bytes: &[u8], options: &mut OpenOptions) -> std::io::Result<()> {
    let mut file = options.write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes new names in `directory` last, where the system can: not every one opens a directory or flushes it.
fn settle(directory: &Path) -> Result<(), OutputFault> {
    let Ok(opened) = File::open(directory) else { return Ok(()) };
    match opened.sync_all().map_err(|error| error.kind()) {
        Ok(()) | Err(ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        Err(kind) => Err(OutputFault::Unsettled(kind)),
    }
}

fn fault(error: &std::io::Error) -> OutputFault {
    match error.kind() {
        ErrorKind::AlreadyExists => OutputFault::Exists,
        ErrorKind::IsADirectory => OutputFault::Directory,
        ErrorKind::NotFound => OutputFault::NoDirectory,
        kind => OutputFault::Unwritable(kind),
    }
}

/// A file or directory that is gone when this value is.
struct Temporary {
    path: PathBuf,
    remove: fn(&Path) -> std::io::Result<()>,
}

impl Temporary {
    fn beside(path: &Path, remove: fn(&Path) -> std::io::Result<()>) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self { path: directory_of(path).join(format!(".{name}.{}.part", std::process::id())), remove }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = (self.remove)(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_replaced_only_by_force() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        write_output(&path, b"first", false).unwrap();
        assert_eq!(write_output(&path, b"second", false).unwrap_err().id(), "output-exists");
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        write_output(&path, b"second", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing half-written is left");
    }

    #[test]
    fn an_output_that_cannot_be_written_is_told_apart_beforehand() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(check_output(directory.path(), true), Err(OutputFault::Directory));
        assert_eq!(check_output(&directory.path().join("none/out"), true), Err(OutputFault::NoDirectory));
        assert_eq!(check_directory(&directory.path().join("none/out")), Err(OutputFault::NoDirectory));
        assert_eq!(check_directory(directory.path()), Err(OutputFault::DirectoryExists));
    }

    #[test]
    fn a_directory_is_made_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let files = [("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
        write_directory(&path, &files).unwrap();
        assert_eq!(std::fs::read(path.join("b")).unwrap(), b"2");
        assert_eq!(write_directory(&path, &files).unwrap_err().id(), "output-directory-exists");
        let twice = [("a".to_owned(), b"1".to_vec()), ("a".to_owned(), b"2".to_vec())];
        assert!(write_directory(&directory.path().join("other"), &twice).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing half-written is left");
    }
}
