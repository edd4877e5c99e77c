//! A file that is replaced as a whole: temporary file, fsync, rename, fsync of the directory.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Persistence;
use crate::store::MAX_STORE_BYTES;

/// What was being done when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileStep {
    /// Reading the file.
    Read,
    /// Writing the temporary file.
    Write,
    /// Putting it in the place of the old one.
    Rename,
    /// Reading or writing the counter.
    Counter,
}

/// Why the file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {step:?}: {source}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What was being done.
    pub step: FileStep,
    /// What the system says.
    pub source: io::Error,
}

impl FileError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self.step {
            FileStep::Read => "file-read",
            FileStep::Write => "file-write",
            FileStep::Rename => "file-rename",
            FileStep::Counter => "file-counter",
        }
    }
}

/// A store in a file of its own directory, with an optional counter of generations in another file, which belongs on
/// another medium: what brings back an old copy of the one must not bring back the other.
#[derive(Clone, Debug)]
pub struct FileMedium {
    path: PathBuf,
    counter: Option<PathBuf>,
}

impl FileMedium {
    /// The file at `path`; its directory exists.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), counter: None }
    }

    /// With a counter of generations in the file at `path`.
    #[must_use]
    pub fn with_counter(mut self, path: impl Into<PathBuf>) -> Self {
        self.counter = Some(path.into());
        self
    }
}

impl Persistence for FileMedium {
    type Error = FileError;

    fn load(&self) -> Result<Option<Vec<u8>>, FileError> {
        read(&self.path).map_err(at(&self.path, FileStep::Read))
    }

    fn save(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        replace(&self.path, bytes)
    }

    fn generation(&self) -> Result<Option<u64>, FileError> {
        let Some(path) = &self.counter else { return Ok(None) };
        let Some(bytes) = read(path).map_err(at(path, FileStep::Counter))? else { return Ok(None) };
        let number = core::str::from_utf8(&bytes).ok().and_then(|text| text.trim_end().parse().ok());
        let not_a_number = || at(path, FileStep::Counter)(io::ErrorKind::InvalidData.into());
        number.map(Some).ok_or_else(not_a_number)
    }

    fn raise_generation(&mut self, generation: u64) -> Result<(), FileError> {
        let Some(path) = &self.counter else { return Ok(()) };
        if self.generation()?.is_some_and(|seen| seen >= generation) {
            return Ok(());
        }
        replace(path, format!("{generation}\n").as_bytes())
    }
}

/// The whole file; `None` if there is none.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let limit = u64::try_from(MAX_STORE_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Replaces the file, so that at every moment the old or the new one is there, whole.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = temporary(path);
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(at(&temporary, FileStep::Write))?;
    let rename = || {
        fs::rename(&temporary, path)?;
        sync_directory(path)
    };
    rename().map_err(at(path, FileStep::Rename))
}

/// A name beside the file. One writer per store is assumed, so it may stay from a crash and is overwritten.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".new");
    path.with_file_name(name)
}

/// Makes the new name durable. Windows has no such call and does it by itself.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn at(path: &Path, step: FileStep) -> impl Fn(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { path: path.clone(), step, source }
}
