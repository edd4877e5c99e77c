//! A download that the application carries out, one file after the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tegata_verifier_store::{Asks, StoreError, WebDownload, WebRequest};

use crate::PersistenceError;

/// A file to get.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FetchRequest {
    /// Where it is.
    pub url: String,
    /// The value of the `Accept` field.
    pub accept: String,
    /// The most bytes it may have. Read one more at most: that one tells that there are more.
    pub max_bytes: u64,
}

impl From<WebRequest> for FetchRequest {
    fn from(request: WebRequest) -> Self {
        Self { url: request.url, accept: request.accept.to_owned(), max_bytes: request.max_bytes }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FetchFailure {
    /// No connection: name resolution, network, refusal.
    Connection,
    /// No end within the time given.
    Timeout,
    /// TLS failed.
    Tls,
    /// The connection ended before the announced length.
    Interrupted,
    /// More bytes than were asked for.
    TooLong,
    /// A local file or medium cannot be read.
    Medium,
}

impl From<FetchFailure> for tegata_manifest::FetchFailure {
    fn from(failure: FetchFailure) -> Self {
        match failure {
            FetchFailure::Connection => Self::Connection,
            FetchFailure::Timeout => Self::Timeout,
            FetchFailure::Tls => Self::Tls,
            FetchFailure::Interrupted => Self::Interrupted,
            FetchFailure::TooLong => Self::TooLong,
            FetchFailure::Medium => Self::Medium,
        }
    }
}

/// A download until it is finished.
pub(crate) struct Running<A: Asks>(Mutex<Option<WebDownload<A>>>);

impl<A: Asks> Running<A> {
    pub(crate) fn new(download: WebDownload<A>) -> Self {
        Self(Mutex::new(Some(download)))
    }

    pub(crate) fn next(&self) -> Option<FetchRequest> {
        self.lock().as_mut()?.next().map(FetchRequest::from)
    }

    /// Gives it an answer. One that comes when it is over changes nothing.
    pub(crate) fn give(&self, answer: impl FnOnce(&mut WebDownload<A>)) {
        if let Some(download) = self.lock().as_mut() {
            answer(download);
        }
    }

    /// Takes it out when it asks for nothing more.
    pub(crate) fn take(&self) -> Result<WebDownload<A>, StoreError<PersistenceError>> {
        let mut running = self.lock();
        if running.as_mut().is_some_and(|download| download.next().is_some()) {
            return Err(StoreError::Unfinished);
        }
        running.take().ok_or(StoreError::Over)
    }

    fn lock(&self) -> MutexGuard<'_, Option<WebDownload<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
