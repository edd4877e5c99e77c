//! What is thrown: an `Error` whose message begins with a stable id, and which has it as `id`, with `remedy` and `remedyJa`.

use core::error::Error;

use js_sys::Reflect;
use tegata_verifier::Lang;
use tegata_verifier_store::{ChangeError, StoreError};
use time::UtcDateTime;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::place::PlaceError;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a `VerifierStore`, a `StoreSync` and a `BundleExport` throw. The store is as it was. */
export interface StoreError extends Error {
    /** Stable id, such as `store-digest` or `update-rollback`. */
    id: string;
    /** What to do about it, in English. */
    remedy: string;
    /** What to do about it, in Japanese. */
    remedyJa: string;
}
"#;

/// As it is thrown.
#[expect(clippy::needless_pass_by_value, reason = "used as a map_err function")]
pub(crate) fn thrown<E: Error>(error: StoreError<E>) -> JsValue {
    let id = error.id();
    let thrown = js_sys::Error::new(&format!("{id}: {error}"));
    for (key, value) in [("id", id), ("remedy", error.remedy(Lang::En)), ("remedyJa", error.remedy(Lang::Ja))] {
        // A new object takes any member.
        _ = Reflect::set(&thrown, &key.into(), &value.into());
    }
    thrown.into()
}

/// As it is thrown.
pub(crate) fn refused(error: ChangeError) -> JsValue {
    thrown(StoreError::<PlaceError>::Change(error))
}

/// A word that is none of those that are known.
pub(crate) fn unknown(id: &str, word: &str) -> JsValue {
    js_sys::Error::new(&format!("{id}: {word}")).into()
}

/// The time of so many seconds since 1970.
pub(crate) fn time(at: i64) -> Result<UtcDateTime, JsValue> {
    UtcDateTime::from_unix_timestamp(at).map_err(|_| unknown("time-out-of-range", &at.to_string()))
}

/// A SHA-256 in hexadecimal digits.
pub(crate) fn digest(text: &str) -> Result<tegata_manifest::KeyDigest, JsValue> {
    text.parse().map_err(|error| thrown(StoreError::<PlaceError>::Digest(error)))
}
