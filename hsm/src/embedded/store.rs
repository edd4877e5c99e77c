//! The store directories of the embedded token.
//!
//! A directory holds one SQLite file per token, `token-N.sqlite`; private keys in it are encrypted under the PIN. The
//! token library knows slots, not directories: each file is one slot, with a number that is unique in this process. A file
//! that another process adds is found at the next look. Making a token claims its number with `O_EXCL`, so that two
//! processes never initialise the same one; the claim, `token-N.making`, lies there until the token is whole, because the
//! library would empty the file of a token that somebody else is still initialising. One that a crash left behind keeps
//! the half of a token out for good.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use cryptoki::context::Pkcs11;
use cryptoki::slot::Slot;

use super::entry;
use crate::TokenError;
use crate::sync::lock;

/// More tokens than anybody keeps in one directory.
const MOST_TOKENS: u32 = 1024;

/// The open stores of this process.
static STORES: Mutex<Stores> = Mutex::new(Stores { context: None, next_slot: 1, slots: BTreeMap::new() });

struct Stores {
    context: Option<Pkcs11>,
    next_slot: u32,
    /// Token file → slot number.
    slots: BTreeMap<PathBuf, u32>,
}

/// Opens a store directory, making it if it is absent, and returns the PKCS#11 functions and the directory's real path.
pub(crate) fn open(store: &Path) -> Result<(Pkcs11, PathBuf), TokenError> {
    let directory = prepared(store)?;
    let mut stores = lock(&STORES);
    let context = match &stores.context {
        Some(context) => context.clone(),
        None => {
            let context = entry::context()?;
            stores.context = Some(context.clone());
            context
        }
    };
    stores.refresh(&context, &directory)?;
    Ok((context, directory))
}

/// The slots of one store, after a look at what is in the directory now.
pub(crate) fn slots(context: &Pkcs11, directory: &Path) -> Result<BTreeSet<u64>, TokenError> {
    let mut stores = lock(&STORES);
    stores.refresh(context, directory)?;
    let own = stores.slots.iter().filter(|(file, _)| file.parent() == Some(directory));
    Ok(own.map(|(_, slot)| u64::from(*slot)).collect())
}

/// Adds a slot with an empty token to a store and lets `initialise` fill it. No other slot is added meanwhile, because
/// the library reads every token file again when one is.
pub(crate) fn add_token(
    context: &Pkcs11,
    directory: &Path,
    initialise: impl FnOnce(Slot) -> Result<(), TokenError>,
) -> Result<(), TokenError> {
    let mut stores = lock(&STORES);
    let file = claim(directory)?;
    stores.add(context, directory, vec![file.clone()])?;
    let number = stores.slots.get(&file).copied().ok_or(TokenError::NoFreeSlot)?;
    initialise(Slot::try_from(number)?)?;
    let claim = claim_of(&file);
    std::fs::remove_file(&claim).map_err(|error| unusable(&claim, &error))
}

impl Stores {
    /// Adds the token files of `directory` that are not known yet, but for those that another process is initialising.
    fn refresh(&mut self, context: &Pkcs11, directory: &Path) -> Result<(), TokenError> {
        let unusable = |error: std::io::Error| unusable(directory, &error);
        let mut new = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(unusable)? {
            let entry = entry.map_err(unusable)?;
            let file = entry.path();
            let filled = entry.metadata().is_ok_and(|metadata| metadata.len() > 0);
            // The claim was there before the file, and goes when the token is whole.
            if filled && is_token_file(&file) && !self.slots.contains_key(&file) && !claim_of(&file).exists() {
                new.push(file);
            }
        }
        if new.is_empty() && self.next_slot > 1 {
            return Ok(());
        }
        new.sort();
        self.add(context, directory, new)
    }

    /// Gives `files` slots. With no file at all, the library is initialised with a slot in memory that belongs to no
    /// store: without any slot it would look for configuration in the user's home.
    fn add(&mut self, context: &Pkcs11, directory: &Path, files: Vec<PathBuf>) -> Result<(), TokenError> {
        // The library opens every file it knows again; one that has gone would make it fail without saying which.
        if let Some(gone) = self.slots.keys().find(|file| !file.exists()) {
            return Err(TokenError::StoreUnusable { path: gone.clone(), kind: ErrorKind::NotFound });
        }
        let mut numbered = Vec::new();
        let mut configuration = String::new();
        let mut next = self.next_slot;
        if next == 1 {
            configuration.push_str(&slot_entry(0, ":memory:"));
        }
        for file in files {
            let path = file
                .to_str()
                .ok_or_else(|| TokenError::StoreUnusable { path: file.clone(), kind: ErrorKind::InvalidFilename })?;
            configuration.push_str(&slot_entry(next, path));
            numbered.push((file, next));
            next = next.saturating_add(1);
        }
        let written = Configuration::write(directory, &configuration)?;
        entry::initialise(context, &written.path)?;
        self.next_slot = next.max(2);
        self.slots.extend(numbered);
        Ok(())
    }
}

/// A configuration file that lives as long as the call that reads it.
struct Configuration {
    path: String,
}

impl Configuration {
    fn write(directory: &Path, content: &str) -> Result<Self, TokenError> {
        let file = directory.join(format!(".slots-{}.toml", std::process::id()));
        let path = file
            .to_str()
            .map(str::to_owned)
            .ok_or_else(|| TokenError::StoreUnusable { path: file.clone(), kind: ErrorKind::InvalidFilename })?;
        let written = File::create(&file).and_then(|mut open| open.write_all(content.as_bytes()));
        written.map_err(|error| unusable(&file, &error))?;
        Ok(Self { path })
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        // A leftover is overwritten by the next process of the same number; it holds no secret.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// One slot in the token library's configuration (TOML).
fn slot_entry(number: u32, file: &str) -> String {
    let mut quoted = String::with_capacity(file.len());
    for letter in file.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    format!("[[slots]]\nslot = {number}\ndbtype = \"sqlite\"\ndbargs = \"{quoted}\"\n")
}

/// Makes the directory, for its owner alone, and resolves links so that one directory has one name.
fn prepared(store: &Path) -> Result<PathBuf, TokenError> {
    let unusable = |error: std::io::Error| unusable(store, &error);
    if !store.exists() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(store).map_err(unusable)?;
    }
    let directory = std::fs::canonicalize(store).map_err(unusable)?;
    if directory.is_dir() {
        Ok(directory)
    } else {
        Err(TokenError::StoreUnusable { path: directory, kind: ErrorKind::NotADirectory })
    }
}

/// Claims the first number without a claim and without a token, and makes its empty `token-N.sqlite`.
fn claim(directory: &Path) -> Result<PathBuf, TokenError> {
    for number in 1..=MOST_TOKENS {
        let file = directory.join(format!("token-{number}.sqlite"));
        let claim = claim_of(&file);
        if !file.exists() && make(&claim)? {
            if make(&file)? {
                return Ok(file);
            }
            // Whoever had the claim before has finished the token.
            std::fs::remove_file(&claim).map_err(|error| unusable(&claim, &error))?;
        }
    }
    Err(TokenError::NoFreeSlot)
}

/// Makes an empty file for its owner alone; false when there is one.
fn make(file: &Path) -> Result<bool, TokenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unusable(file, &error)),
    }
}

/// The claim of whoever is making this token.
fn claim_of(file: &Path) -> PathBuf {
    file.with_extension("making")
}

fn is_token_file(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_prefix("token-")
        .and_then(|name| name.strip_suffix(".sqlite"))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unusable(path: &Path, error: &std::io::Error) -> TokenError {
    TokenError::StoreUnusable { path: path.to_owned(), kind: error.kind() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_token_files_are_slots() {
        assert!(is_token_file(Path::new("/store/token-12.sqlite")));
        for other in ["token-.sqlite", "token-1.sqlite-journal", "token-a.sqlite", "note.txt"] {
            assert!(!is_token_file(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_path_cannot_break_out_of_its_quotes() {
        let entry = slot_entry(1, "/a\"b\\c\nd");
        assert!(entry.contains(r#"dbargs = "/a\"b\\c\u000Ad""#), "{entry}");
    }

    #[test]
    fn each_claim_is_a_new_file() {
        let directory = tempfile::tempdir().unwrap();
        let first = claim(directory.path()).unwrap();
        let second = claim(directory.path()).unwrap();
        assert_ne!(first, second);
        std::fs::remove_file(claim_of(&first)).unwrap();
        assert_ne!(claim(directory.path()).unwrap(), first, "a token that is whole is nobody's to claim");
    }
}
