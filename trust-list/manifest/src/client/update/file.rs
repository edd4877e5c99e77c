//! One file of an update: what it is checked against, and which cause a failure has.

use tegata_mdoc::cbor::DecodeErrorKind;
use tegata_pki::{CryptoProvider, looks_like_html};
use time::{Duration, UtcDateTime};

use crate::client::{ClientState, Fetched, UpdateError};
use crate::{Document, FileReference, MetadataError, RoleName, RootMetadata, Signed, Verified, sha256};

/// What every file is checked against. The state is this run's own.
#[derive(Debug)]
pub(super) struct Context<'p> {
    pub(super) state: ClientState,
    pub(super) at: UtcDateTime,
    pub(super) tolerance: Duration,
    pub(super) provider: &'p dyn CryptoProvider,
}

impl Context<'_> {
    pub(super) fn root(&self) -> &RootMetadata {
        self.state.root()
    }

    /// Verifies the file of a role: as its parent says, signed, not older than known, in force.
    pub(super) fn verify<T: Document>(
        &self,
        path: &str,
        bytes: &[u8],
        reference: Option<&FileReference>,
    ) -> Result<Verified<T>, UpdateError> {
        let role = T::role();
        if let Some(reference) = reference {
            check_reference::<T>(path, bytes, reference)?;
        }
        let parsed = Signed::<T>::parse(bytes).map_err(|error| unreadable(path, bytes, error))?;
        let file = parsed.verify(self.root(), self.provider).map_err(|error| unverified(path, error))?;
        let document = file.document();
        if let Some(version) = document.version() {
            match reference.map(|reference| reference.version) {
                Some(expected) if expected != version => {
                    return Err(UpdateError::MixAndMatch { role, expected, found: version });
                }
                _ => {}
            }
            self.check_rollback(role, version)?;
            self.check_equivocation(role, version, file.payload_sha256())?;
        }
        self.check_dates(role, document.issued(), document.expires())?;
        Ok(file)
    }

    /// A version never falls.
    pub(super) fn check_rollback(&self, role: RoleName, found: u64) -> Result<(), UpdateError> {
        match self.state.seen(role) {
            Some(seen) if found < seen.version => Err(UpdateError::Rollback { role, known: seen.version, found }),
            _ => Ok(()),
        }
    }

    /// A version never says two things.
    fn check_equivocation(&self, role: RoleName, version: u64, payload: &[u8; 32]) -> Result<(), UpdateError> {
        match self.state.seen(role) {
            Some(seen) if seen.version == version && seen.payload_sha256 != *payload => {
                Err(UpdateError::Equivocation { role, version })
            }
            _ => Ok(()),
        }
    }

    /// A date of issue may lie a little ahead; expiry knows no tolerance.
    pub(super) fn check_dates(
        &self,
        role: RoleName,
        issued: UtcDateTime,
        expires: UtcDateTime,
    ) -> Result<(), UpdateError> {
        let at = self.at;
        if issued > at.saturating_add(self.tolerance) {
            return Err(UpdateError::FromFuture { role, issued, at });
        }
        if at >= expires { Err(UpdateError::Expired { role, expires, at }) } else { Ok(()) }
    }
}

/// The bytes of an answer, not more than may be.
pub(super) fn bytes_of(fetched: Fetched, path: &str, limit: u64) -> Result<Vec<u8>, UpdateError> {
    let path = path.to_owned();
    match fetched {
        Fetched::Bytes(bytes) if length(&bytes) <= limit => Ok(bytes),
        Fetched::Bytes(bytes) if looks_like_html(&bytes) => Err(UpdateError::CaptivePortal { path }),
        Fetched::Bytes(_) => Err(UpdateError::EndlessData { path, limit }),
        Fetched::Absent => Err(UpdateError::Absent { path }),
        Fetched::Failed(cause) => Err(UpdateError::Unreachable { path, cause }),
    }
}

pub(super) fn is_same(bytes: &[u8], expected: u64, digest: &[u8; 32]) -> bool {
    length(bytes) == expected && sha256(bytes) == *digest
}

/// Checks length and hash against the parent; `limit` was checked before, so that only too little can have come.
pub(super) fn check_content(path: &str, bytes: &[u8], expected: u64, digest: &[u8; 32]) -> Result<(), UpdateError> {
    if is_same(bytes, expected, digest) {
        return Ok(());
    }
    let (path, found) = (path.to_owned(), length(bytes));
    Err(if looks_like_html(bytes) {
        UpdateError::CaptivePortal { path }
    } else if found < expected {
        UpdateError::Truncated { path, expected: Some(expected), found }
    } else {
        UpdateError::Changed { path }
    })
}

/// As [`check_content`]. Of a file that is another it is asked which version it says it has: that tells one of another
/// publication from a damaged one.
fn check_reference<T: Document>(path: &str, bytes: &[u8], reference: &FileReference) -> Result<(), UpdateError> {
    let content = check_content(path, bytes, reference.length, &reference.sha256);
    let Err(error) = content else { return Ok(()) };
    let expected = reference.version;
    match Signed::<T>::parse(bytes).ok().and_then(|other| other.unverified().version()) {
        Some(found) if found != expected => Err(UpdateError::MixAndMatch { role: T::role(), expected, found }),
        // It is whole, so it was not cut off.
        Some(_) => Err(UpdateError::Changed { path: path.to_owned() }),
        None => Err(error),
    }
}

/// The cause when a file cannot be read.
pub(super) fn unreadable(path: &str, bytes: &[u8], error: MetadataError) -> UpdateError {
    let path = path.to_owned();
    match &error {
        _ if looks_like_html(bytes) => UpdateError::CaptivePortal { path },
        MetadataError::Cbor(cause) if *cause.kind() == DecodeErrorKind::UnexpectedEnd => {
            UpdateError::Truncated { path, expected: None, found: length(bytes) }
        }
        _ => UpdateError::Metadata { path, error },
    }
}

/// The cause when a file was read but is not believed.
pub(super) fn unverified(path: &str, error: MetadataError) -> UpdateError {
    let path = path.to_owned();
    match error {
        MetadataError::NotSigned { role, root, threshold, valid } => {
            UpdateError::NotSigned { path, role, root, threshold, valid }
        }
        MetadataError::RootVersion { expected, found } => UpdateError::RootVersion { expected, found },
        error => UpdateError::Metadata { path, error },
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
