//! Why something is not done with a store.

use tegata_verifier::Lang;
use time::UtcDateTime;

use crate::PersistenceError;

/// Why something is not done with a store; the store is as it was.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum StoreError {
    /// It is refused, or failed.
    #[error("{id}: {detail}")]
    Refused {
        /// Stable id.
        id: String,
        /// What is wrong, in English.
        detail: String,
        /// What to do about it, in English.
        remedy: String,
        /// What to do about it, in Japanese.
        remedy_ja: String,
    },
    /// The time lies outside the years 1 to 9999.
    #[error("the time {at} is out of range")]
    TimeOutOfRange {
        /// The time given.
        at: i64,
    },
}

impl From<tegata_verifier_store::StoreError<PersistenceError>> for StoreError {
    fn from(error: tegata_verifier_store::StoreError<PersistenceError>) -> Self {
        Self::Refused {
            id: error.id().to_owned(),
            detail: error.to_string(),
            remedy: error.remedy(Lang::En).to_owned(),
            remedy_ja: error.remedy(Lang::Ja).to_owned(),
        }
    }
}

impl From<tegata_verifier_store::ChangeError> for StoreError {
    fn from(error: tegata_verifier_store::ChangeError) -> Self {
        tegata_verifier_store::StoreError::Change(error).into()
    }
}

/// The time of so many seconds since 1970.
pub(crate) fn time(at: i64) -> Result<UtcDateTime, StoreError> {
    UtcDateTime::from_unix_timestamp(at).map_err(|_| StoreError::TimeOutOfRange { at })
}

/// A SHA-256 in hexadecimal digits.
pub(crate) fn digest(text: &str) -> Result<tegata_manifest::KeyDigest, StoreError> {
    text.parse().map_err(|error| tegata_verifier_store::StoreError::Digest(error).into())
}
