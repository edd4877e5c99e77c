//! Where the page keeps a store.

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use tegata_sync::{LoadError, MemoryMedium};
use tegata_verifier_store::StoreError;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * Where one store is kept: IndexedDB, a file, `localStorage`. Every method may give a promise or the value itself.
 */
export interface StorePersistence {
    /** What was saved last; `undefined` or `null` if nothing ever was. A place that may have lost it throws. */
    load(): Uint8Array | undefined | null | Promise<Uint8Array | undefined | null>;
    /** Replaces what was saved, as a whole: after a crash at any moment the new or the old bytes are there. */
    save(bytes: Uint8Array): void | Promise<void>;
    /**
     * The highest generation that was seen, from a place that an old copy of the bytes does not bring back; `undefined` or
     * `null` if none was. A place without such a counter leaves both methods out.
     */
    generation?(): bigint | undefined | null | Promise<bigint | undefined | null>;
    /** Raises that counter, after a save. */
    raiseGeneration?(generation: bigint): void | Promise<void>;
}
"#;

/// Why the place cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// A method threw, or its promise was rejected.
    #[error("{detail}")]
    Thrown {
        /// What was thrown, as text.
        detail: String,
    },
    /// A method is missing.
    #[error("the persistence has no method {0}")]
    NoMethod(&'static str),
    /// A method gave something else than it should.
    #[error("{method} gave neither {expected} nor nothing")]
    Type {
        /// The method.
        method: &'static str,
        /// What it should give.
        expected: &'static str,
    },
}

/// The page's place.
pub(crate) struct Place(pub(crate) JsValue);

impl Place {
    /// What is kept, and its counter.
    pub(crate) async fn read(&self) -> Result<MemoryMedium, StoreError<PlaceError>> {
        self.read_both().await.map_err(|error| StoreError::Load(LoadError::Medium(error)))
    }

    async fn read_both(&self) -> Result<MemoryMedium, PlaceError> {
        let generation = match self.call("generation", &[]).await? {
            None => None,
            Some(value) if value.is_null() || value.is_undefined() => None,
            Some(value) => {
                let wrong = |_| PlaceError::Type { method: "generation", expected: "a bigint" };
                Some(u64::try_from(value).map_err(wrong)?)
            }
        };
        let value = self.call("load", &[]).await?.ok_or(PlaceError::NoMethod("load"))?;
        let memory = if value.is_null() || value.is_undefined() {
            MemoryMedium::new()
        } else {
            let wrong = |_| PlaceError::Type { method: "load", expected: "a Uint8Array" };
            MemoryMedium::with_bytes(value.dyn_into::<Uint8Array>().map_err(wrong)?.to_vec())
        };
        Ok(memory.with_generation(generation))
    }

    /// Keeps the bytes, and then raises the counter.
    pub(crate) async fn keep(&self, bytes: &[u8], generation: u64) -> Result<(), StoreError<PlaceError>> {
        self.keep_both(bytes, generation).await.map_err(StoreError::Save)
    }

    async fn keep_both(&self, bytes: &[u8], generation: u64) -> Result<(), PlaceError> {
        let saved = self.call("save", &[Uint8Array::from(bytes).into()]).await?;
        saved.ok_or(PlaceError::NoMethod("save"))?;
        self.call("raiseGeneration", &[generation.into()]).await.map(|_| ())
    }

    /// Calls a method and waits for its promise; `None` when there is no such method.
    async fn call(&self, method: &'static str, arguments: &[JsValue]) -> Result<Option<JsValue>, PlaceError> {
        let function = Reflect::get(&self.0, &method.into()).map_err(|thrown| failed(&thrown))?;
        if function.is_undefined() || function.is_null() {
            return Ok(None);
        }
        let function: Function = function.dyn_into().map_err(|_| PlaceError::NoMethod(method))?;
        let arguments: Array = arguments.iter().collect();
        let value = function.apply(&self.0, &arguments).map_err(|thrown| failed(&thrown))?;
        let value = JsFuture::from(Promise::resolve(&value)).await.map_err(|thrown| failed(&thrown))?;
        Ok(Some(value))
    }
}

fn failed(thrown: &JsValue) -> PlaceError {
    let message = Reflect::get(thrown, &"message".into()).ok().and_then(|message| message.as_string());
    PlaceError::Thrown { detail: message.or_else(|| thrown.as_string()).unwrap_or_else(|| format!("{thrown:?}")) }
}
