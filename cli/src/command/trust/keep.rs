//! The file of a store: made, read and changed.
//!
//! It is replaced as a whole, so that reading needs no lock. Changes take the lock of the file beside it, for as long as the
//! change itself: a long download does not keep an operator from distrusting an anchor.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use serde_json::json;
use tegata_pki::aws_lc_rs;
use tegata_sync::TransactionError;
use tegata_sync::{FileError, FileMedium, FileStep, LoadError, Store, StoreBytesError};
use tegata_terminal::{Lang, OutputFault};
use tegata_verifier_store::Profile;

use super::refused;
use crate::failure::{Failure, InputFault};
use crate::file;
use crate::input::Input;
use crate::message::trust as text;

/// A store that was read.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) store: Store,
    pub(crate) profile: Profile,
}

/// Reads the store at `path`.
pub(crate) fn load(path: &Path, lang: Lang) -> Result<Kept, Failure> {
    let profile = profile(path, lang)?;
    let loaded = Store::load(&FileMedium::new(path), profile.sync_policy(), aws_lc_rs());
    let store = loaded.map_err(|error| unreadable(path, &error, lang))?;
    let absent =
        || refused(Some(path), "trust-store-absent", text::store_absent(lang), text::remedy_store_absent(lang));
    Ok(Kept { store: store.ok_or_else(absent)?, profile })
}

/// Refuses a store that could not be made, before any work is done for it.
pub(super) fn check_new(path: &Path) -> Result<(), Failure> {
    file::check_new(path)
}

/// Keeps a new store. The settings come first: a store without its settings would be judged by the stricter profile, and
/// settings without a store are nothing.
pub(super) fn create(path: &Path, mut store: Store, profile: Profile) -> Result<(), Failure> {
    let _lock = lock(path)?;
    check_new(path)?;
    if profile == Profile::Offline {
        file::replace(&beside(path, SETTINGS), format!("{:#}\n", json!({ "profile": profile.id() })).as_bytes())?;
    }
    store.save(&mut FileMedium::new(path)).map_err(unwritable)
}

/// Makes a change to the store at `path`, and gives it back as it is now. When the change fails or cannot be kept, the file
/// stays as it was.
pub(super) fn change<T>(
    path: &Path,
    lang: Lang,
    change: impl FnOnce(&mut Store) -> Result<T, Failure>,
) -> Result<(T, Store), Failure> {
    // Read before the lock is taken: a path that is no store gets no lock file.
    load(path, lang)?;
    let _lock = lock(path)?;
    let Kept { mut store, .. } = load(path, lang)?;
    let result = store.transaction(&mut FileMedium::new(path), change).map_err(|error| match error {
        TransactionError::Change(failure) => failure,
        TransactionError::Medium(error) => unwritable(error),
    })?;
    Ok((result, store))
}

const LOCK: &str = ".lock";
const SETTINGS: &str = ".settings.json";

/// Waits for whoever else is changing the store. The lock ends with the returned file.
fn lock(path: &Path) -> Result<File, Failure> {
    let path = beside(path, LOCK);
    let locked = OpenOptions::new().create(true).truncate(false).write(true).open(&path).and_then(|file| {
        file.lock()?;
        Ok(file)
    });
    locked.map_err(|error| Failure::Output { file: path, fault: OutputFault::Unwritable(error.kind()) })
}

fn profile(path: &Path, lang: Lang) -> Result<Profile, Failure> {
    let path = beside(path, SETTINGS);
    if !path.exists() {
        return Ok(Profile::Online);
    }
    let input = Input::read(&path)?;
    let settings = serde_json::from_slice::<serde_json::Value>(&input.bytes).ok();
    let named = settings.as_ref().and_then(|settings| Profile::from_id(settings.get("profile")?.as_str()?));
    named.ok_or_else(|| {
        refused(Some(&path), "trust-settings", text::settings_unknown(lang), text::remedy_settings(lang))
    })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(ending);
    path.with_file_name(name)
}

fn unreadable(path: &Path, error: &LoadError<FileError>, lang: Lang) -> Failure {
    let error = match error {
        LoadError::Bytes(error) => error,
        LoadError::Medium(error) => {
            return Failure::Input { file: error.path.clone(), fault: InputFault::of(&error.source) };
        }
        _ => return refused(Some(path), error.id(), error.to_string(), text::remedy_store_damaged(lang)),
    };
    let remedy = match error {
        StoreBytesError::Type => text::remedy_store_type(lang),
        StoreBytesError::Version(_) => text::remedy_store_version(lang),
        _ => text::remedy_store_damaged(lang),
    };
    refused(Some(path), error.id(), text::store_unusable(lang, error), remedy)
}

fn unwritable(error: FileError) -> Failure {
    match error.step {
        FileStep::Read => Failure::Input { file: error.path, fault: InputFault::of(&error.source) },
        _ => Failure::Output { file: error.path, fault: OutputFault::Unwritable(error.source.kind()) },
    }
}
