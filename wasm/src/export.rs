//! Evidence for a gate without a network.

use tegata_pki::rust_crypto;
use tegata_verifier_store::{
    BundleExport as Making, BundleMaking, ChangeError, DownloadError, StoreError, WebDownload,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::FetchRequest;
use crate::error::{refused, thrown, time};
use crate::fetch::failure;
use crate::place::PlaceError;
use crate::running::Running;

/// The making of an evidence bundle, where there is a network: used like `StoreSync`.
#[wasm_bindgen]
pub struct BundleExport {
    running: Running<BundleMaking>,
}

/// A bundle that was made.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct ExportedBundle {
    /// The file for `VerifierStore.importBundle` and `tegata trust import`.
    #[wasm_bindgen(readonly)]
    pub bundle: Vec<u8>,
    /// The lists that could not be fetched, by URI.
    #[wasm_bindgen(readonly)]
    pub missing: Vec<String>,
}

#[wasm_bindgen]
impl BundleExport {
    /// Begins at `at` (seconds since 1970) with the root metadata that the gates were given, or any that came before theirs,
    /// from the service at `baseUrl`.
    ///
    /// # Errors
    /// A `StoreError` when the file is no root, or the clock is wrong.
    pub fn begin(root: &[u8], #[wasm_bindgen(js_name = baseUrl)] base_url: &str, at: i64) -> Result<Self, JsValue> {
        let download = Making::begin(root, base_url, time(at)?, rust_crypto()).map_err(refused)?;
        Ok(Self { running: Running::new(download) })
    }

    /// What to get now; nothing when it is over, for better or worse. Asking again gives the same answer.
    #[expect(clippy::should_implement_trait, reason = "no iterator: answers go in between")]
    pub fn next(&mut self) -> Option<FetchRequest> {
        self.running.next()
    }

    /// The HTTP answer, whatever its status: 200 is the file, 404 and 410 say that there is none, the rest says nothing.
    pub fn answer(&mut self, status: u16, body: Vec<u8>) {
        self.running.give(|download| download.answer(status, body));
    }

    /// The bytes of the file, from elsewhere than HTTP.
    pub fn supply(&mut self, bytes: Vec<u8>) {
        self.running.give(|download| download.supply(bytes));
    }

    /// There is no such file, and whoever said so knows.
    pub fn absent(&mut self) {
        self.running.give(WebDownload::absent);
    }

    /// There is no answer.
    ///
    /// # Errors
    /// When the failure is not one of the known ones.
    pub fn failed(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "FetchFailure")] failure: &str,
    ) -> Result<(), JsValue> {
        let failure = self::failure(failure)?;
        self.running.give(|download| download.failed(failure));
        Ok(())
    }

    /// The bundle. Nothing in it is believed for being in it: the gate verifies it like an update.
    ///
    /// # Errors
    /// A `StoreError`, as `StoreSync.finish`.
    pub fn finish(&mut self) -> Result<ExportedBundle, JsValue> {
        let finished = self.running.take()?.finish().map_err(|error| match error {
            DownloadError::Failed(error) => refused(ChangeError::Bundle(error)),
            _ => thrown(StoreError::<PlaceError>::Unfinished),
        })?;
        let (bundle, missing) = finished.into_bundle();
        Ok(ExportedBundle { bundle: bundle.to_bytes(), missing: missing.into_iter().map(|list| list.uri).collect() })
    }
}
