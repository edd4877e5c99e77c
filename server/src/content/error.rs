//! Why a tree is not taken.

use std::io;

/// What the path of a file promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// The DER of a certificate.
    Certificate,
    /// The DER of a certificate revocation list.
    Crl,
    /// Signed metadata of this role.
    Metadata(&'static str),
    /// A revocation list token.
    Token,
}

/// Why a published tree is not served. The index that was served before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {kind}")]
    Io {
        /// Path below the root of the tree.
        path: String,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A symbolic link, socket or other thing that is no file, inside the tree.
    #[error("{path} is neither a file nor a folder")]
    NotAFile {
        /// Path below the root of the tree.
        path: String,
    },
    /// A name with other characters than those that stand in a URL as they are (RFC 3986 2.3).
    #[error("{path} is no name for a URL")]
    Name {
        /// Path below the root of the tree, odd characters replaced.
        path: String,
    },
    /// Folders are nested too deeply.
    #[error("{path} is nested too deeply")]
    TooDeep {
        /// Path below the root of the tree.
        path: String,
    },
    /// More files than the limit.
    #[error("the tree has more than {limit} files")]
    TooManyFiles {
        /// The limit.
        limit: usize,
    },
    /// A file is larger than the limit.
    #[error("{path} has more than {limit} bytes")]
    FileTooLarge {
        /// Path of the file.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// All files together, with their compressed variants, are larger than the limit.
    #[error("the tree has more than {limit} bytes")]
    TreeTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A file is not what its path promises: broken, cut short or misplaced.
    #[error("{path} is not what its path promises ({expected:?})")]
    Malformed {
        /// Path of the file.
        path: String,
        /// What it should be.
        expected: Expected,
    },
    /// There is no pointer, so there is no publication.
    #[error("the tree has no pointer")]
    NoPointer,
    /// The publication names a file that is not there: the copy is not complete.
    #[error("{path} is missing")]
    Missing {
        /// Path of the file.
        path: String,
    },
    /// A file differs from what the publication says of it in length, digest or version.
    #[error("{path} is not the file that the publication names")]
    Different {
        /// Path of the file.
        path: String,
    },
    /// A reload was asked for while the server stops.
    #[error("the server is stopping")]
    Stopping,
}

impl ContentError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Io { .. } => "content-io",
            Self::NotAFile { .. } => "content-not-a-file",
            Self::Name { .. } => "content-name",
            Self::TooDeep { .. } => "content-too-deep",
            Self::TooManyFiles { .. } => "content-too-many-files",
            Self::FileTooLarge { .. } => "content-file-too-large",
            Self::TreeTooLarge { .. } => "content-tree-too-large",
            Self::Malformed { .. } => "content-malformed",
            Self::NoPointer => "content-no-pointer",
            Self::Missing { .. } => "content-missing",
            Self::Different { .. } => "content-different",
            Self::Stopping => "content-stopping",
        }
    }

    /// The file that is at fault.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Io { path, .. }
            | Self::NotAFile { path }
            | Self::Name { path }
            | Self::TooDeep { path }
            | Self::FileTooLarge { path, .. }
            | Self::Malformed { path, .. }
            | Self::Missing { path }
            | Self::Different { path } => Some(path),
            Self::TooManyFiles { .. } | Self::TreeTooLarge { .. } | Self::NoPointer | Self::Stopping => None,
        }
    }
}
