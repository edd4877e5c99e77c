//! A download that the page carries out, one file after the other.

use tegata_verifier_store::{Asks, StoreError, WebDownload};
use wasm_bindgen::JsValue;

use crate::FetchRequest;
use crate::error::thrown;
use crate::place::PlaceError;

/// A download until it is finished.
pub(crate) struct Running<A: Asks>(Option<WebDownload<A>>);

impl<A: Asks> Running<A> {
    pub(crate) fn new(download: WebDownload<A>) -> Self {
        Self(Some(download))
    }

    pub(crate) fn next(&mut self) -> Option<FetchRequest> {
        self.0.as_mut()?.next().map(FetchRequest::from)
    }

    /// Gives it an answer. One that comes when it is over changes nothing.
    pub(crate) fn give(&mut self, answer: impl FnOnce(&mut WebDownload<A>)) {
        if let Some(download) = &mut self.0 {
            answer(download);
        }
    }

    /// Takes it out when it asks for nothing more.
    pub(crate) fn take(&mut self) -> Result<WebDownload<A>, JsValue> {
        if self.0.as_mut().is_some_and(|download| download.next().is_some()) {
            return Err(thrown(StoreError::<PlaceError>::Unfinished));
        }
        self.0.take().ok_or_else(|| thrown(StoreError::<PlaceError>::Over))
    }
}
