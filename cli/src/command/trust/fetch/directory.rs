//! A directory in the place of a service.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use tegata_manifest::{FetchFailure, Fetched, path::is_name};

/// Reads a file, and never more than one byte over `max_bytes`.
pub(super) fn read(path: &Path, max_bytes: u64) -> Fetched {
    let file = match File::open(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Fetched::Absent,
        Err(_) => return Fetched::Failed(FetchFailure::Medium),
        Ok(file) => file,
    };
    let mut bytes = Vec::new();
    match file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) => Fetched::Bytes(bytes),
        Err(_) => Fetched::Failed(FetchFailure::Medium),
    }
}

/// The file `relative` below `directory`; `None` for anything that might lead elsewhere.
pub(super) fn below(directory: &Path, relative: &str) -> Option<PathBuf> {
    is_name(relative).then(|| directory.join(relative))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_directory_is_read() {
        let root = Path::new("/mirror");
        assert_eq!(below(root, "status/1.cwt").unwrap(), Path::new("/mirror/status/1.cwt"));
        for outside in ["../secret", "/etc/passwd", "status/../../x", "", "a?b"] {
            assert_eq!(below(root, outside), None, "{outside}");
        }
    }

    #[test]
    fn a_file_is_cut_off_and_what_is_no_file_is_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, [7; 100]).unwrap();
        assert_eq!(read(&path, 10), Fetched::Bytes(vec![7; 11]));
        assert_eq!(read(&path.join("below"), 10), Fetched::Absent);
        assert_eq!(read(&directory.path().join("none"), 10), Fetched::Absent);
        assert_eq!(read(directory.path(), 10), Fetched::Failed(FetchFailure::Medium));
    }
}
