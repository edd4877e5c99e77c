//! Reading input files: bounded before anything is read, and every fault told apart.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, InputFault};

/// The most that is read from one file, in bytes.
pub(crate) const LIMIT: u64 = 64 << 20;

/// The content of an input file and its name.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    /// Reads `path`; `-` is standard input.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |fault| Failure::Input { file: path.to_owned(), fault };
        let bytes = if path == Path::new("-") { read_all(std::io::stdin()) } else { read_file(path) };
        let bytes = bytes.map_err(failed)?;
        if bytes.is_empty() {
            return Err(failed(InputFault::Empty));
        }
        Ok(Self { path: path.to_owned(), bytes })
    }

    /// The content as text, without a byte order mark.
    pub(crate) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        Some(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// True when the first character that is not blank opens a JSON object.
    pub(crate) fn is_json_object(&self) -> bool {
        self.text().is_some_and(|text| text.trim_start().starts_with('{'))
    }

    /// True when there is a PEM block.
    pub(crate) fn is_pem(&self) -> bool {
        self.bytes.windows(11).any(|window| window == b"-----BEGIN ")
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, InputFault> {
    let metadata = std::fs::metadata(path).map_err(|error| InputFault::of(&error))?;
    if metadata.is_dir() {
        return Err(InputFault::Directory);
    }
    if metadata.len() > LIMIT {
        return Err(InputFault::TooLarge);
    }
    read_all(File::open(path).map_err(|error| InputFault::of(&error))?)
}

/// Reads to the end, and never more than one byte over the limit: a pipe or a growing file has no size.
fn read_all(source: impl Read) -> Result<Vec<u8>, InputFault> {
    let mut bytes = Vec::new();
    source.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| InputFault::of(&error))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > LIMIT { Err(InputFault::TooLarge) } else { Ok(bytes) }
}

impl InputFault {
    /// What the system's error means.
    pub(crate) fn of(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::PermissionDenied => Self::PermissionDenied,
            ErrorKind::IsADirectory => Self::Directory,
            kind => Self::Unreadable(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_source_is_cut_off() {
        assert_eq!(read_all(std::io::repeat(0)).unwrap_err(), InputFault::TooLarge);
    }

    #[test]
    fn a_large_file_is_refused_unread() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("zeros");
        File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
        assert_eq!(read_file(&path).unwrap_err(), InputFault::TooLarge);
        assert_eq!(read_file(directory.path()).unwrap_err(), InputFault::Directory);
    }
}
