//! Files to get.

use tegata_manifest::FetchFailure;
use tegata_verifier_store::WebRequest;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::unknown;

/// A file to get.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct FetchRequest {
    request: WebRequest,
}

#[wasm_bindgen]
impl FetchRequest {
    /// Where it is.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn url(&self) -> String {
        self.request.url.clone()
    }

    /// The value of the `Accept` field.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn accept(&self) -> String {
        self.request.accept.to_owned()
    }

    /// The most bytes it may have. Read one more at most: that one tells that there are more.
    #[wasm_bindgen(getter, js_name = maxBytes)]
    #[must_use]
    pub fn max_bytes(&self) -> u32 {
        u32::try_from(self.request.max_bytes).unwrap_or(u32::MAX)
    }
}

impl From<WebRequest> for FetchRequest {
    fn from(request: WebRequest) -> Self {
        Self { request }
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Why there is no answer. */
export type FetchFailure = "connection" | "timeout" | "tls" | "interrupted" | "too-long" | "medium";
"#;

/// The failure of that name.
pub(crate) fn failure(name: &str) -> Result<FetchFailure, JsValue> {
    Ok(match name {
        "connection" => FetchFailure::Connection,
        "timeout" => FetchFailure::Timeout,
        "tls" => FetchFailure::Tls,
        "interrupted" => FetchFailure::Interrupted,
        "too-long" => FetchFailure::TooLong,
        "medium" => FetchFailure::Medium,
        other => return Err(unknown("unknown-fetch-failure", other)),
    })
}
