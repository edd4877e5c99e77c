//! Signed files: written whole or not at all, never overwritten.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use crate::error::AuthorityError;

/// Ending of a file that is being written.
const PART: &str = "part";

/// Writes a file that must not be there yet: first beside its place, synced, then put in place, then the folder synced.
/// The holder of the state is the only writer, so nothing can come in between. `before_place` is called when the bytes are
/// on the medium and the file is not yet in its place.
pub(crate) fn write(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    before_place: impl FnOnce(),
) -> Result<PathBuf, AuthorityError> {
    let (path, part) = (folder.join(name), folder.join(format!(".{name}.{PART}")));
    absent(&path)?;
    let written = OpenOptions::new().write(true).create_new(true).open(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        let _best_effort = fs::remove_file(&part);
        return Err(failure(&part)(error));
    }
    before_place();
    fs::rename(&part, &path).map_err(failure(&path))?;
    sync(folder)?;
    Ok(path)
}

/// Refuses a name that is taken.
pub(crate) fn absent(path: &Path) -> Result<(), AuthorityError> {
    if path.exists() { Err(AuthorityError::OutputExists { path: path.to_owned() }) } else { Ok(()) }
}

/// Removes what a crash left half-written.
pub(crate) fn clean(folder: &Path) -> Result<(), AuthorityError> {
    for entry in fs::read_dir(folder).map_err(failure(folder))? {
        let path = entry.map_err(failure(folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden && path.extension().is_some_and(|extension| extension == PART) {
            fs::remove_file(&path).map_err(failure(&path))?;
        }
    }
    Ok(())
}

/// Removes a file that must not be published any more; it may be gone already.
pub(crate) fn remove(folder: &Path, name: &str) -> Result<(), AuthorityError> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failure(&path)(error)),
        _ => Ok(()),
    }
}

/// Brings the names in a folder to the medium.
pub(crate) fn sync(folder: &Path) -> Result<(), AuthorityError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failure(folder))
}

fn failure(path: &Path) -> impl FnOnce(std::io::Error) -> AuthorityError + use<> {
    let path = path.to_owned();
    move |error| AuthorityError::Output { path, kind: error.kind() }
}
