//! The trust store.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use tegata_pki::rust_crypto;
use tegata_sync::MemoryMedium;
use tegata_trust_list::{DocTypes, Purpose, Scope};
use tegata_verifier::Lang;
use tegata_verifier_store::{Profile, StoreError, StoreSync as Download, VerifierStore as Core, json};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::error::{digest, refused, thrown, time, unknown};
use crate::place::{Place, PlaceError};
use crate::verify::{policy, refusal};
use crate::{FetchRequest, StoreSync, VerifyRequest};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What kind of verifier a store is for: with a network, or mostly without. */
export type StoreProfile = "online" | "offline";
/** What an anchor that the operator adds may speak for: these document types, or any. */
export type AnchorScope = string[] | "any-doc-type";
/** What an anchor that the operator adds may be used for. */
export type TrustPurpose = "issuance" | "status";
"#;

/// The trust store of a relying party, kept by the page and brought up to date by its network.
///
/// Changes are made one after the other; a verification never waits for them.
#[wasm_bindgen]
pub struct VerifierStore {
    kept: Rc<Kept>,
}

#[wasm_bindgen]
impl VerifierStore {
    /// Creates a store from the pinned root metadata of a service and keeps it. `sha256` (64 hexadecimal digits) came by
    /// another way than the file. Nobody is trusted before the first update.
    ///
    /// # Errors
    /// A `StoreError`: `bootstrap-digest` for another file; `store-exists` when something is kept there already.
    pub async fn create(
        #[wasm_bindgen(unchecked_param_type = "StorePersistence")] persistence: JsValue,
        root: Vec<u8>,
        sha256: String,
        #[wasm_bindgen(unchecked_param_type = "StoreProfile")] profile: String,
    ) -> Result<Self, JsValue> {
        let (sha256, profile) = (digest(&sha256)?, self::profile(&profile)?);
        let place = Place(persistence);
        let mut memory = place.read().await.map_err(thrown)?;
        let created = Core::create(&mut memory, &root, sha256.as_bytes(), profile, rust_crypto()).map_err(thrown)?;
        place.keep(memory.bytes().unwrap_or_default(), created.store().generation()).await.map_err(thrown)?;
        Ok(Self::new(created, place))
    }

    /// Opens the store that is kept there. One that is damaged, or older than its counter, is an error and never an empty
    /// store.
    ///
    /// # Errors
    /// A `StoreError`: `store-absent`, `store-digest`, `store-damaged`, `store-rolled-back` and others.
    pub async fn open(
        #[wasm_bindgen(unchecked_param_type = "StorePersistence")] persistence: JsValue,
        #[wasm_bindgen(unchecked_param_type = "StoreProfile")] profile: String,
    ) -> Result<Self, JsValue> {
        let profile = self::profile(&profile)?;
        let place = Place(persistence);
        let memory = place.read().await.map_err(thrown)?;
        let opened = Core::open(&memory, profile, rust_crypto()).map_err(thrown)?;
        Ok(Self::new(opened, place))
    }

    /// Begins an update from the service at `baseUrl` at `at` (seconds since 1970).
    ///
    /// # Errors
    /// A `StoreError` when the clock is wrong.
    #[wasm_bindgen(js_name = beginSync)]
    pub fn begin_sync(&self, #[wasm_bindgen(js_name = baseUrl)] base_url: &str, at: i64) -> Result<StoreSync, JsValue> {
        let download = self.kept.current().begin_sync(base_url, time(at)?).map_err(refused)?;
        Ok(StoreSync::new(Rc::clone(&self.kept), download))
    }

    /// When the next update is due, in seconds since 1970; not after `at` when it is now. `random` (any 16 bits) spreads the
    /// fetches of a fleet.
    ///
    /// # Errors
    /// When the time is out of range.
    #[wasm_bindgen(js_name = nextUpdate)]
    pub fn next_update(&self, at: i64, random: u16) -> Result<i64, JsValue> {
        Ok(self.kept.current().next_update(time(at)?, random).unix_timestamp())
    }

    /// Verifies under what the store gives out, and the files of the request beside it; returns the JSON report of
    /// `tegata verify --store --json`, with texts in `lang` (`en` or `ja`). It says how old the evidence is.
    ///
    /// # Errors
    /// When the input cannot be read; everything else is in the report.
    pub fn verify(&self, request: &VerifyRequest, lang: &str) -> Result<String, JsValue> {
        Ok(self.kept.current().verify(&request.request, Lang::from_tag(lang)).map_err(refusal)?)
    }

    /// The store at `at` as JSON: list, anchors with their states, hold-downs and history, CRLs and their ages.
    ///
    /// # Errors
    /// When the time is out of range.
    pub fn show(&self, at: i64) -> Result<String, JsValue> {
        Ok(json::text(&self.kept.current().show(time(at)?)))
    }

    /// Is it really on? JSON: `healthy`, and what was found, the worst first. `received` is how many bytes of `probe` came,
    /// if it was tried.
    ///
    /// # Errors
    /// When a name is not known or the time is out of range.
    pub fn doctor(&self, at: i64, policy: &str, revocation: &str, received: Option<u32>) -> Result<String, JsValue> {
        let revocation = self::policy(policy, revocation)?.revocation();
        Ok(json::text(&self.kept.current().doctor_json(time(at)?, revocation, received.map(u64::from))))
    }

    /// The largest file of the service, to be fetched for `doctor`; nothing before the first update.
    #[must_use]
    pub fn probe(&self, #[wasm_bindgen(js_name = baseUrl)] base_url: &str) -> Option<FetchRequest> {
        self.kept.current().probe(base_url).map(FetchRequest::from)
    }

    /// Imports an evidence bundle: the update of a gate without a network. Returns what changed as JSON.
    ///
    /// # Errors
    /// A `StoreError`, as `StoreSync.finish`; a bundle that is older than what is held is refused.
    #[wasm_bindgen(js_name = importBundle)]
    pub async fn import_bundle(&self, bundle: Vec<u8>, at: i64) -> Result<String, JsValue> {
        let at = time(at)?;
        let import = |store: &mut Core, memory: &mut MemoryMedium| {
            let (bundle, report) = store.import_bundle(&bundle, at, memory)?;
            Ok(json::text(&json::bundle(&bundle, &report, store.store(), store.profile(), at)))
        };
        self.kept.change(import).await
    }

    /// Trusts a root at once: the way for a device that slept through a rollover. `certificate` is DER or PEM; `sha256` (64
    /// hexadecimal digits, of its DER) is from another channel. Returns the key digest of the anchor.
    ///
    /// # Errors
    /// A `StoreError`: `operator-fingerprint`, `operator-revoked` and others.
    #[wasm_bindgen(js_name = addAnchor)]
    pub async fn add_anchor(
        &self,
        certificate: Vec<u8>,
        sha256: String,
        #[wasm_bindgen(unchecked_param_type = "AnchorScope")] scope: JsValue,
        #[wasm_bindgen(unchecked_param_type = "TrustPurpose[]")] purposes: Vec<String>,
        at: i64,
    ) -> Result<String, JsValue> {
        let (sha256, scope, at) = (digest(&sha256)?, self::scope(&scope)?, time(at)?);
        let purposes: BTreeSet<Purpose> = purposes.iter().map(|name| purpose(name)).collect::<Result<_, _>>()?;
        let add = |store: &mut Core, memory: &mut MemoryMedium| {
            store.add_anchor(&certificate, sha256.as_bytes(), &scope, &purposes, at, memory).map(|key| key.to_string())
        };
        self.kept.change(add).await
    }

    /// Distrusts the anchor of this key digest from now on, whatever lists say.
    ///
    /// # Errors
    /// A `StoreError`: `operator-unknown-anchor` and others.
    pub async fn distrust(&self, anchor: String, at: i64) -> Result<(), JsValue> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.kept.change(|store, memory| store.distrust(&anchor, at, memory)).await
    }

    /// Ends a distrust: the anchor comes in again by the list with its hold-down, or by `addAnchor`.
    ///
    /// # Errors
    /// A `StoreError`: `operator-unknown-anchor` and others.
    #[wasm_bindgen(js_name = liftDistrust)]
    pub async fn lift_distrust(&self, anchor: String, at: i64) -> Result<(), JsValue> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.kept.change(|store, memory| store.lift_distrust(&anchor, at, memory)).await
    }

    /// Agrees that the next update may take away the last anchor of a scope (`held_back` in what an update changed).
    ///
    /// # Errors
    /// A `StoreError`: `operator-unknown-anchor` and others.
    #[wasm_bindgen(js_name = confirmRemoval)]
    pub async fn confirm_removal(&self, anchor: String, at: i64) -> Result<(), JsValue> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.kept.change(|store, memory| store.confirm_removal(&anchor, at, memory)).await
    }
}

impl VerifierStore {
    fn new(store: Core, place: Place) -> Self {
        let (current, turns) = (RefCell::new(Rc::new(store)), Turns::new());
        Self { kept: Rc::new(Kept { current, place, turns }) }
    }
}

/// The store in memory, and its place.
pub(crate) struct Kept {
    current: RefCell<Rc<Core>>,
    place: Place,
    turns: Turns,
}

impl Kept {
    fn current(&self) -> Rc<Core> {
        Rc::clone(&self.current.borrow())
    }

    pub(crate) async fn finish_sync(&self, download: Download) -> Result<String, JsValue> {
        let at = download.at();
        let finish = |store: &mut Core, memory: &mut MemoryMedium| {
            let changes = store.finish_sync(download, memory)?;
            Ok(json::text(&json::synced(store.store(), Some(&changes), &[], store.profile(), at)))
        };
        self.change(finish).await
    }

    /// Makes a change in a copy, keeps that, and only then uses it. A change that failed may leave a note of that, which is
    /// kept likewise; that it cannot be kept is not told then, but why the change failed.
    async fn change<T>(
        &self,
        change: impl FnOnce(&mut Core, &mut MemoryMedium) -> Result<T, StoreError<Infallible>>,
    ) -> Result<T, JsValue> {
        let _turn = self.turns.take().await;
        let mut next = Core::clone(&self.current());
        let mut memory = MemoryMedium::new();
        let result = change(&mut next, &mut memory);
        if let Some(bytes) = memory.bytes() {
            match self.place.keep(bytes, next.store().generation()).await {
                Ok(()) => _ = self.current.replace(Rc::new(next)),
                Err(error) if result.is_ok() => return Err(thrown(error)),
                Err(_) => {}
            }
        }
        result.map_err(thrown)
    }
}

/// One change after the other: each waits for the promise of the one before.
struct Turns(RefCell<Promise>);

/// A turn; it ends when this is dropped.
struct Turn(Option<Function>);

impl Turns {
    fn new() -> Self {
        Self(RefCell::new(Promise::resolve(&JsValue::UNDEFINED)))
    }

    async fn take(&self) -> Turn {
        let mut end = None;
        let mine = Promise::new(&mut |resolve, _| end = Some(resolve));
        let before = self.0.replace(mine);
        // It is never rejected.
        _ = JsFuture::from(before).await;
        Turn(end)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(end) = &self.0 {
            _ = end.call0(&JsValue::UNDEFINED);
        }
    }
}

fn profile(name: &str) -> Result<Profile, JsValue> {
    Profile::from_id(name).ok_or_else(|| unknown("unknown-profile", name))
}

fn purpose(name: &str) -> Result<Purpose, JsValue> {
    let known = [Purpose::Issuance, Purpose::Status];
    known.into_iter().find(|purpose| purpose.id() == name).ok_or_else(|| unknown("unknown-purpose", name))
}

fn scope(value: &JsValue) -> Result<Scope, JsValue> {
    if value.as_string().as_deref() == Some("any-doc-type") {
        return Ok(Scope::AnyDocType);
    }
    let wrong = || unknown("unknown-scope", "neither document types nor any-doc-type");
    let names = value.dyn_ref::<Array>().ok_or_else(wrong)?.iter().map(|name| name.as_string().ok_or_else(wrong));
    let mut names = names.collect::<Result<Vec<String>, _>>()?.into_iter();
    let first = names.next().ok_or_else(|| thrown(StoreError::<PlaceError>::NoDocType))?;
    Ok(Scope::DocTypes(DocTypes::new(first, names)))
}
