//! Loads folders of test cases: `case.json` and the files it names.
//!
//! | key of `case.json` | meaning |
//! |---|---|
//! | `id`, `title` | name and what it shows |
//! | `input` | file: a DeviceResponse, a Document or an IssuerSigned |
//! | `session_transcript` | file: the SessionTranscript, or null when the session is not known |
//! | `reader_ephemeral_private_key_hex` | file: the reader's private key in hex, or null |
//! | `trust_anchors`, `anchor_kind` | files, and whether they are roots (`iaca`) or pinned signers (`ds-pinned`) |
//! | `crls`, `status_lists` | files of revocation evidence (absent in third-party cases) |
//! | `validation_time` | RFC 3339 |
//! | `expect` | `documents[]`, each with a `verdict` |

//!
//! The folder `store` is the life of a trust store: what a Digital Trust Service published (`before`, `after`, `tampered`: one
//! folder each, as below its base URL), and in `case.json`:
//!
//! | key | meaning |
//! |---|---|
//! | `base`, `root`, `sha256` | the service's base URL; file of its pinned root metadata and the SHA-256 of that |
//! | `profile`, `policy` | of the store; of every verification |
//! | `steps` | what is done, in this order: `sync` with what is in the folder `from`, which fails with `error`; `verify`, with the `verdict`, the id in `cause` and the text of the file `report` |
//! | `offline` | a gate of the profile `offline`: the file `bundle` is what is exported from the folder `from` at the time `exported`; imported at `at`, it gives `report` |

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A case folder, its `case.json` read.
#[derive(Clone, Debug)]
pub struct Case {
    folder: PathBuf,
    json: Value,
}

/// Why a case cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// A file cannot be read.
    #[error("{}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// `case.json` is not JSON.
    #[error("{}: {error}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What happened.
        error: serde_json::Error,
    },
    /// A key that every case has is missing.
    #[error("{}: no {key}", .folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The key.
        key: &'static str,
    },
}

impl Case {
    /// Reads `folder/case.json`.
    ///
    /// # Errors
    /// When it is not there or not JSON.
    pub fn open(folder: &Path) -> Result<Self, CaseError> {
        let path = folder.join("case.json");
        let json = serde_json::from_slice(&read(&path)?).map_err(|error| CaseError::Json { path, error })?;
        Ok(Self { folder: folder.to_owned(), json })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A member of `case.json`; null when it is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        self.json.get(key).unwrap_or(&Value::Null)
    }

    /// The file that the text member `key` names; `None` when the member is null or absent.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn file(&self, key: &str) -> Result<Option<Vec<u8>>, CaseError> {
        self.get(key).as_str().map(|name| read(&self.folder.join(name))).transpose()
    }

    /// The files that the list member `key` names; none when it is absent.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn files(&self, key: &str) -> Result<Vec<Vec<u8>>, CaseError> {
        let names = self.get(key).as_array().into_iter().flatten().filter_map(Value::as_str);
        names.map(|name| read(&self.folder.join(name))).collect()
    }

    /// The document to verify.
    ///
    /// # Errors
    /// When it is not named or cannot be read.
    pub fn input(&self) -> Result<Vec<u8>, CaseError> {
        self.file("input")?.ok_or_else(|| CaseError::Missing { folder: self.folder.clone(), key: "input" })
    }

    /// The time of verification, RFC 3339.
    ///
    /// # Errors
    /// When it is missing.
    pub fn validation_time(&self) -> Result<&str, CaseError> {
        let missing = || CaseError::Missing { folder: self.folder.clone(), key: "validation_time" };
        self.get("validation_time").as_str().ok_or_else(missing)
    }

    /// True when the certificates are document signers to be pinned, not roots.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.get("anchor_kind") == "ds-pinned"
    }

    /// What is expected of each document.
    #[must_use]
    pub fn expected_documents(&self) -> &[Value] {
        let documents = self.get("expect").get("documents").and_then(Value::as_array);
        documents.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The folder of our own vectors.
#[must_use]
pub fn vectors() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))
}

/// The folder of the trust store's life.
#[must_use]
pub fn store() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/store"))
}

/// The names of the case folders below `folder`, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn names(folder: &Path) -> Result<Vec<String>, CaseError> {
    let failed = |error| CaseError::Read { path: folder.to_owned(), error };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().join("case.json").is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<Vec<u8>, CaseError> {
    std::fs::read(path).map_err(|error| CaseError::Read { path: path.to_owned(), error })
}
