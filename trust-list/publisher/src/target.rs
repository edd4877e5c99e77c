//! Where a tree is published: a directory that a web server serves, or an object store.

mod local;
#[cfg(feature = "object-store")]
mod store;

use std::path::PathBuf;

pub use self::local::LocalDirectory;
#[cfg(feature = "object-store")]
pub use self::store::ObjectStoreTarget;
use crate::file::FileError;

/// A place for published files. Paths are relative to the base URL, without a leading slash
/// ([`tegata_manifest::path::is_name`]).
///
/// Every method is done when it returns: what was put is there for every reader and survives a loss of power. A failure
/// leaves the file as it was, or as it should have become; never anything else.
pub trait Target {
    /// The file; `None` when there is none, which is another thing than not knowing.
    ///
    /// # Errors
    /// [`TargetError`] when it cannot be told.
    fn read(&self, path: &str) -> Result<Option<Stored>, TargetError>;

    /// Creates a file that never changes. One that is there with these bytes is good.
    ///
    /// # Errors
    /// [`TargetError::Conflict`] when it is there with others.
    fn put_immutable(&self, path: &str, bytes: &[u8]) -> Result<(), TargetError>;

    /// Puts a file in the place of `before`, the one that was read (`None`: there was none), reads it back and compares.
    ///
    /// # Errors
    /// [`TargetError::Changed`] when another one is there now; [`TargetError::ReadBack`].
    fn put_stable(&self, path: &str, bytes: &[u8], before: Option<&Version>) -> Result<(), TargetError>;

    /// The paths of all files, sorted.
    ///
    /// # Errors
    /// [`TargetError`].
    fn list(&self) -> Result<Vec<String>, TargetError>;
}

/// A file of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What tells it from a later one of the same path.
    pub version: Version,
}

/// What tells two files of one path apart; opaque.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub(crate) VersionTag);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum VersionTag {
    /// SHA-256 of the bytes.
    Digest([u8; 32]),
    /// ETag and version id of a store.
    #[cfg(feature = "object-store")]
    Store { e_tag: Option<String>, version: Option<String> },
}

impl Version {
    /// The version of a file that is told by its bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(VersionTag::Digest(tegata_manifest::sha256(bytes)))
    }
}

/// Why a file was not read or put.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A file or directory.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process publishes there.
    #[error("{} is being published to by another process", .0.display())]
    Locked(PathBuf),
    /// The path is none.
    #[error("{0:?} is no path of a published file")]
    Path(String),
    /// A file that never changes is there with other bytes.
    #[error("{0} is there with other contents")]
    Conflict(String),
    /// Somebody else has changed the file meanwhile.
    #[error("{0} was changed by somebody else")]
    Changed(String),
    /// What was written is not what is read.
    #[error("{0} does not read back as it was written")]
    ReadBack(String),
    /// The object store.
    #[cfg(feature = "object-store")]
    #[error("{path}: {source}")]
    Store {
        /// The path.
        path: String,
        /// What it said.
        source: object_store::Error,
    },
}

impl TargetError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().1
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().2
    }

    fn row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::File(_) => (
                "target-file",
                "Check space, rights and the medium, then publish again: readers see the old state until then.",
                "空き容量・権限・媒体を確認し、もう一度公開してください。それまでは以前の状態が見えます。",
            ),
            Self::Locked(_) => {
                ("target-locked", "Wait until the other command has ended.", "他のコマンドの終了を待ってください。")
            }
            Self::Path(_) => (
                "target-path",
                "Use letters, digits, dot, hyphen and underscore in names.",
                "名前には英数字・ピリオド・ハイフン・下線を使ってください。",
            ),
            Self::Conflict(_) => (
                "target-conflict",
                "Stop. A file that never changes was changed, or another service publishes there. Find out which.",
                "作業を止めてください。不変のファイルが書き換えられたか、別のサービスが同じ場所に公開しています。",
            ),
            Self::Changed(_) => (
                "target-changed",
                "Find out who else publishes there, then publish again.",
                "同じ場所に公開している者を確認してから、もう一度公開してください。",
            ),
            Self::ReadBack(_) => (
                "target-read-back",
                "Check the medium or the store, then publish again.",
                "媒体またはストアを確認し、もう一度公開してください。",
            ),
            #[cfg(feature = "object-store")]
            Self::Store { .. } => (
                "target-store",
                "Check the connection, the rights and the state of the store, then publish again.",
                "接続・権限・ストアの状態を確認し、もう一度公開してください。",
            ),
        }
    }
}

/// The media type of a published path.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("cer") => "application/pkix-cert",
        Some("crl") => "application/pkix-crl",
        Some("cbor") => "application/cbor",
        Some("cwt") if path.starts_with("status/") => "application/statuslist+cwt",
        Some("cwt") => "application/cwt",
        Some("jwt") => "application/statuslist+jwt",
        Some("jws") => "application/jose",
        Some("json") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// How long a copy of a published path may be used: what never changes a year, the pointer a minute, the rest an hour at
/// most.
#[must_use]
pub fn cache_control(path: &str) -> &'static str {
    let is_immutable = path.starts_with("o/") || path.starts_with("v1/") && path != tegata_manifest::path::POINTER;
    if is_immutable {
        "public, max-age=31536000, immutable"
    } else if path == tegata_manifest::path::POINTER {
        "public, max-age=60"
    } else {
        "public, max-age=3600"
    }
}
