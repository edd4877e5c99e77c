//! Evidence for a gate without a network.

use tegata_pki::rust_crypto;
use tegata_verifier_store::{BundleMaking, DownloadError, WebDownload};

use crate::error::time;
use crate::running::Running;
use crate::{FetchFailure, FetchRequest, StoreError};

/// The making of an evidence bundle, on a machine with a network: used like [`crate::StoreSync`].
#[derive(uniffi::Object)]
pub struct BundleExport {
    running: Running<BundleMaking>,
}

/// A bundle that was made.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExportedBundle {
    /// The file for [`crate::VerifierStore::import_bundle`] and `tegata trust import`.
    pub bundle: Vec<u8>,
    /// The lists that could not be fetched, by URI.
    pub missing: Vec<String>,
}

#[uniffi::export]
impl BundleExport {
    /// Begins at `at` (seconds since 1970) with the root metadata that the gates were given, or any that came before theirs,
    /// from the service at `base_url`.
    ///
    /// # Errors
    /// When the file is no root, or the clock is wrong.
    #[uniffi::constructor]
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn begin(root: Vec<u8>, base_url: String, at: i64) -> Result<Self, StoreError> {
        let download = tegata_verifier_store::BundleExport::begin(&root, &base_url, time(at)?, rust_crypto())?;
        Ok(Self { running: Running::new(download) })
    }

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

    /// The bundle. Nothing in it is believed for being in it: the gate verifies it like an update.
    ///
    /// # Errors
    /// As [`crate::StoreSync::finish`].
    pub fn finish(&self) -> Result<ExportedBundle, StoreError> {
        let finished = self.running.take()?.finish().map_err(|error| match error {
            DownloadError::Failed(error) => tegata_verifier_store::ChangeError::Bundle(error).into(),
            _ => StoreError::from(tegata_verifier_store::StoreError::Unfinished),
        })?;
        let (bundle, missing) = finished.into_bundle();
        Ok(ExportedBundle { bundle: bundle.to_bytes(), missing: missing.into_iter().map(|list| list.uri).collect() })
    }
}
