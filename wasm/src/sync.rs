//! The update of a store.

use std::rc::Rc;

use tegata_verifier_store::{StoreError, StoreSync as Download};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::FetchRequest;
use crate::error::thrown;
use crate::fetch::failure;
use crate::place::PlaceError;
use crate::store::Kept;

/// One update of a store: `next` says what to get, until there is nothing more; every answer is given back; `finish` takes
/// everything in, or tells why not. Given up before that, nothing has happened.
#[wasm_bindgen]
pub struct StoreSync {
    kept: Rc<Kept>,
    download: Option<Download>,
}

impl StoreSync {
    pub(crate) fn new(kept: Rc<Kept>, download: Download) -> Self {
        Self { kept, download: Some(download) }
    }
}

#[wasm_bindgen]
impl StoreSync {
    /// What to get now; nothing when it is over, for better or worse. Asking again gives the same answer.
    #[expect(clippy::should_implement_trait, reason = "no iterator: answers go in between")]
    pub fn next(&mut self) -> Option<FetchRequest> {
        self.download.as_mut()?.next().map(FetchRequest::from)
    }

    /// The HTTP answer, whatever its status: 200 is the file, 404 and 410 say that there is none, the rest says nothing.
    pub fn answer(&mut self, status: u16, body: Vec<u8>) {
        if let Some(download) = &mut self.download {
            download.answer(status, body);
        }
    }

    /// The bytes of the file, from elsewhere than HTTP.
    pub fn supply(&mut self, bytes: Vec<u8>) {
        if let Some(download) = &mut self.download {
            download.supply(bytes);
        }
    }

    /// There is no such file, and whoever said so knows.
    pub fn absent(&mut self) {
        if let Some(download) = &mut self.download {
            download.absent();
        }
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
        if let Some(download) = &mut self.download {
            download.failed(failure);
        }
        Ok(())
    }

    /// Takes everything in and keeps it, and returns what changed as JSON, as `tegata trust sync --json` prints it. When
    /// anything is wrong, the store is as it was, and the failure is noted.
    ///
    /// # Errors
    /// A `StoreError`: among others what the service, a network in between or an attacker did wrong; `sync-unfinished` as
    /// long as there is something to get.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn finish(&mut self) -> js_sys::Promise {
        let download = match take(&mut self.download) {
            Ok(download) => download,
            Err(error) => return js_sys::Promise::reject(&error),
        };
        let kept = Rc::clone(&self.kept);
        wasm_bindgen_futures::future_to_promise(async move { kept.finish_sync(download).await.map(JsValue::from) })
    }
}

/// Takes a download out when it asks for nothing more.
pub(crate) fn take<A: tegata_verifier_store::Asks>(
    download: &mut Option<tegata_verifier_store::WebDownload<A>>,
) -> Result<tegata_verifier_store::WebDownload<A>, JsValue> {
    if download.as_mut().is_some_and(|download| download.next().is_some()) {
        return Err(thrown(StoreError::<PlaceError>::Unfinished));
    }
    download.take().ok_or_else(|| thrown(StoreError::<PlaceError>::Over))
}
