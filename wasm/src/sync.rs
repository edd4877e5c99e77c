//! The update of a store.

use std::rc::Rc;

use tegata_manifest::Update;
use tegata_verifier_store::WebDownload;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::FetchRequest;
use crate::fetch::failure;
use crate::running::Running;
use crate::store::Kept;

/// One update of a store: `next` says what to get, until there is nothing more; every answer is given back; `finish` takes
/// everything in, or tells why not. Given up before that, nothing has happened.
#[wasm_bindgen]
pub struct StoreSync {
    kept: Rc<Kept>,
    running: Running<Update<'static>>,
}

impl StoreSync {
    pub(crate) fn new(kept: Rc<Kept>, download: WebDownload<Update<'static>>) -> Self {
        Self { kept, running: Running::new(download) }
    }
}

#[wasm_bindgen]
impl StoreSync {
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

    /// Takes everything in and keeps it, and returns what changed as JSON, as `tegata trust sync --json` prints it. When
    /// anything is wrong, the store is as it was, and the failure is noted.
    ///
    /// # Errors
    /// A `StoreError`: among others what the service, a network in between or an attacker did wrong; `sync-unfinished` as
    /// long as there is something to get.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn finish(&mut self) -> js_sys::Promise {
        let download = match self.running.take() {
            Ok(download) => download,
            Err(error) => return js_sys::Promise::reject(&error),
        };
        let kept = Rc::clone(&self.kept);
        wasm_bindgen_futures::future_to_promise(async move { kept.finish_sync(download).await.map(JsValue::from) })
    }
}
