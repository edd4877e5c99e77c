//! Writing output files: whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::args::Out;
use crate::failure::{Failure, OutputFault};

/// Refuses an output that could not be written, before any work is done for it.
pub(crate) fn check(out: &Out) -> Result<(), Failure> {
    let failed = |fault| Err(Failure::Output { file: out.out.clone(), fault });
    if out.out.is_dir() {
        return failed(OutputFault::Directory);
    }
    if !directory_of(&out.out).is_dir() {
        return failed(OutputFault::NoDirectory);
    }
    if out.out.exists() && !out.force {
        return failed(OutputFault::Exists);
    }
    Ok(())
}

/// Refuses an output without `--force` beside it that could not be written.
pub(crate) fn check_new(path: &Path) -> Result<(), Failure> {
    check(&Out { out: path.to_owned(), force: false })
}

/// Writes the output of a command.
pub(crate) fn write(out: &Out, bytes: &[u8]) -> Result<(), Failure> {
    check(out)?;
    replace(&out.out, bytes, out.force)
}

/// Writes `bytes` to a new file beside `path` and gives it the name `path`. Without `force` an existing file stays as it
/// is, also when it appears at this very moment.
pub(crate) fn replace(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    let temporary = Temporary::beside(path);
    let written = temporary.fill(bytes).and_then(|()| {
        if force { std::fs::rename(&temporary.path, path) } else { std::fs::hard_link(&temporary.path, path) }
    });
    written.map_err(|error| Failure::Output { file: path.to_owned(), fault: fault(&error) })
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
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

/// A file that is gone when this value is.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn beside(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self { path: directory_of(path).join(format!(".{name}.{}.part", std::process::id())) }
    }

    fn fill(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).open(&self.path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_replaced_only_by_force() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        replace(&path, b"first", false).unwrap();
        assert_eq!(replace(&path, b"second", false).unwrap_err().id(), "output-exists");
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        replace(&path, b"second", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing half-written is left");
    }
}
