//! The update of a store.

use std::sync::Arc;

use tegata_manifest::Update;
use tegata_verifier_store::WebDownload;

use crate::running::Running;
use crate::{FetchFailure, FetchRequest, StoreError, VerifierStore};

/// One update of a store: [`StoreSync::next`] says what to get, until there is nothing more; every answer is given back;
/// [`StoreSync::finish`] takes everything in, or tells why not. Given up before that, nothing has happened.
#[derive(uniffi::Object)]
pub struct StoreSync {
    store: Arc<VerifierStore>,
    running: Running<Update<'static>>,
}

impl StoreSync {
    pub(crate) fn new(store: Arc<VerifierStore>, download: WebDownload<Update<'static>>) -> Self {
        Self { store, running: Running::new(download) }
    }
}

#[uniffi::export]
impl StoreSync {
    /// What to get now; nothing when it is over, for better or worse. Asking again gives the same answer.
    pub fn next(&self) -> Option<FetchRequest> {
        self.running.next()
    }

    /// The HTTP answer, whatever its status: 200 is the file, 404 and 410 say that there is none, the rest says nothing.
    pub fn answer(&self, status: u16, body: Vec<u8>) {
        self.running.give(|download| download.answer(status, body));
    }

    /// The bytes of the file, from elsewhere than HTTP.
    pub fn supply(&self, bytes: Vec<u8>) {
        self.running.give(|download| download.supply(bytes));
    }

    /// There is no such file, and whoever said so knows.
    pub fn absent(&self) {
        self.running.give(WebDownload::absent);
    }

    /// There is no answer.
    pub fn failed(&self, failure: FetchFailure) {
        self.running.give(|download| download.failed(failure.into()));
    }

    /// Takes everything in and keeps it, and returns what changed as JSON, as `tegata trust sync --json` prints it. When
    /// anything is wrong, the store is as it was, and the failure is noted.
    ///
    /// # Errors
    /// [`StoreError`]: among others what the service, a network in between or an attacker did wrong; `sync-unfinished` as
    /// long as there is something to get.
    pub fn finish(&self) -> Result<String, StoreError> {
        let download = self.running.take()?;
        self.store.finish_sync(download)
    }
}
