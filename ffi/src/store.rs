//! The trust store.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tegata_manifest::Update;
use tegata_pki::rust_crypto;
use tegata_trust_list::{DocTypes, Purpose, Scope};
use tegata_verifier::Lang;
use tegata_verifier_store::{Profile, VerifierStore as Core, WebDownload, json};

use crate::error::{digest, time};
use crate::place::Place;
use crate::verify::{self, policy};
use crate::{
    FetchRequest, PersistenceError, PolicyName, RevocationMode, StoreError, StorePersistence, StoreSync, VerifyError,
    VerifyRequest,
};

type Result<T, E = StoreError> = core::result::Result<T, E>;

/// What kind of verifier a store is for. There is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum StoreProfile {
    /// With a network: lists count for three days.
    Online,
    /// Often without one: lists count for 90 days, and every report says how old they are.
    Offline,
}

/// What an anchor that the operator adds may speak for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AnchorScope {
    /// Any document type; has to be said.
    AnyDocType,
    /// These only.
    DocTypes {
        /// The document types, one at least.
        doc_types: Vec<String>,
    },
}

/// What an anchor that the operator adds may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TrustPurpose {
    /// Issuing document signers: an IACA.
    Issuance,
    /// Issuing the signers of status and identifier lists.
    Status,
}

/// The trust store of a relying party, kept by the application and brought up to date by its network.
///
/// It may be used from several threads. A verification never waits for an update or for the place where the store is kept.
#[derive(uniffi::Object)]
pub struct VerifierStore {
    current: RwLock<Arc<Core>>,
    place: Mutex<Place>,
}

#[uniffi::export]
impl VerifierStore {
    /// Creates a store from the pinned root metadata of a service and keeps it. `sha256` (64 hexadecimal digits) came by
    /// another way than the file. Nobody is trusted before the first update.
    ///
    /// # Errors
    /// `bootstrap-digest` for another file; `store-exists` when something is kept there already.
    #[uniffi::constructor]
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn create(
        persistence: Arc<dyn StorePersistence>,
        root: Vec<u8>,
        sha256: String,
        profile: StoreProfile,
    ) -> Result<Self> {
        let mut place = Place(persistence);
        let sha256 = digest(&sha256)?;
        let created = Core::create(&mut place, &root, sha256.as_bytes(), profile.into(), rust_crypto())?;
        Ok(Self::new(created, place))
    }

    /// Opens the store that is kept there. One that is damaged, or older than its counter, is an error and never an empty
    /// store.
    ///
    /// # Errors
    /// `store-absent`, `store-digest`, `store-damaged`, `store-rolled-back` and others.
    #[uniffi::constructor]
    pub fn open(persistence: Arc<dyn StorePersistence>, profile: StoreProfile) -> Result<Self> {
        let place = Place(persistence);
        let opened = Core::open(&place, profile.into(), rust_crypto())?;
        Ok(Self::new(opened, place))
    }

    /// Begins an update from the service at `base_url` at `at` (seconds since 1970).
    ///
    /// # Errors
    /// When the clock is wrong.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn begin_sync(self: Arc<Self>, base_url: String, at: i64) -> Result<Arc<StoreSync>> {
        let download = self.current().begin_sync(&base_url, time(at)?)?;
        Ok(Arc::new(StoreSync::new(self, download)))
    }

    /// When the next update is due, in seconds since 1970; not after `at` when it is now. `random` (any 16 bits) spreads the
    /// fetches of a fleet.
    ///
    /// # Errors
    /// When the time is out of range.
    pub fn next_update(&self, at: i64, random: u16) -> Result<i64> {
        Ok(self.current().next_update(time(at)?, random).unix_timestamp())
    }

    /// Verifies under what the store gives out, and the files of the request beside it; returns the JSON report of
    /// `tegata verify --store --json`. It says how old the evidence is.
    ///
    /// # Errors
    /// When a file cannot be read; everything else is in the report.
    pub fn verify(&self, request: VerifyRequest) -> Result<String, VerifyError> {
        let lang = Lang::from_tag(&request.lang);
        Ok(self.current().verify(&verify::read(request)?, lang)?)
    }

    /// The store at `at` as JSON: list, anchors with their states, hold-downs and history, CRLs and their ages.
    ///
    /// # Errors
    /// When the time is out of range.
    pub fn show(&self, at: i64) -> Result<String> {
        Ok(json::text(&self.current().show(time(at)?)))
    }

    /// Is it really on? JSON: `healthy`, and what was found, the worst first. `received` is how many bytes of
    /// [`VerifierStore::probe`] came, if it was tried.
    ///
    /// # Errors
    /// When the time is out of range.
    pub fn doctor(
        &self,
        at: i64,
        policy: PolicyName,
        revocation: RevocationMode,
        received: Option<u64>,
    ) -> Result<String> {
        let revocation = self::policy(policy, revocation).revocation();
        Ok(json::text(&self.current().doctor_json(time(at)?, revocation, received)))
    }

    /// The largest file of the service, to be fetched for [`VerifierStore::doctor`]; nothing before the first update.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn probe(&self, base_url: String) -> Option<FetchRequest> {
        self.current().probe(&base_url).map(FetchRequest::from)
    }

    /// Imports an evidence bundle: the update of a gate without a network. Returns what changed as JSON.
    ///
    /// # Errors
    /// As [`StoreSync::finish`]; a bundle that is older than what is held is refused.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn import_bundle(&self, bundle: Vec<u8>, at: i64) -> Result<String> {
        let at = time(at)?;
        self.change(|store, place| {
            let (bundle, report) = store.import_bundle(&bundle, at, place)?;
            Ok(json::text(&json::bundle(&bundle, &report, store.store(), store.profile(), at)))
        })
    }

    /// Trusts a root at once: the way for a device that slept through a rollover. `certificate` is DER or PEM; `sha256` (64
    /// hexadecimal digits, of its DER) is from another channel. Returns the key digest of the anchor.
    ///
    /// # Errors
    /// `operator-fingerprint`, `operator-revoked` and others.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn add_anchor(
        &self,
        certificate: Vec<u8>,
        sha256: String,
        scope: AnchorScope,
        purposes: Vec<TrustPurpose>,
        at: i64,
    ) -> Result<String> {
        let (sha256, scope, at) = (digest(&sha256)?, scope.try_into()?, time(at)?);
        let purposes: BTreeSet<Purpose> = purposes.into_iter().map(Purpose::from).collect();
        let added = |store: &mut Core, place: &mut Place| {
            Ok(store.add_anchor(&certificate, sha256.as_bytes(), &scope, &purposes, at, place)?.to_string())
        };
        self.change(added)
    }

    /// Distrusts the anchor of this key digest from now on, whatever lists say.
    ///
    /// # Errors
    /// `operator-unknown-anchor` and others.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn distrust(&self, anchor: String, at: i64) -> Result<()> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.change(|store, place| Ok(store.distrust(&anchor, at, place)?))
    }

    /// Ends a distrust: the anchor comes in again by the list with its hold-down, or by [`VerifierStore::add_anchor`].
    ///
    /// # Errors
    /// `operator-unknown-anchor` and others.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn lift_distrust(&self, anchor: String, at: i64) -> Result<()> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.change(|store, place| Ok(store.lift_distrust(&anchor, at, place)?))
    }

    /// Agrees that the next update may take away the last anchor of a scope (`held_back` in what an update changed).
    ///
    /// # Errors
    /// `operator-unknown-anchor` and others.
    #[expect(clippy::needless_pass_by_value, reason = "what comes over the boundary is owned")]
    pub fn confirm_removal(&self, anchor: String, at: i64) -> Result<()> {
        let (anchor, at) = (digest(&anchor)?, time(at)?);
        self.change(|store, place| Ok(store.confirm_removal(&anchor, at, place)?))
    }
}

impl VerifierStore {
    fn new(store: Core, place: Place) -> Self {
        Self { current: RwLock::new(Arc::new(store)), place: Mutex::new(place) }
    }

    fn current(&self) -> Arc<Core> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn finish_sync(&self, download: WebDownload<Update<'static>>) -> Result<String> {
        let at = download.at();
        self.change(|store, place| {
            let changes = store.finish_sync(download, place)?;
            Ok(json::text(&json::synced(store.store(), Some(&changes), &[], store.profile(), at)))
        })
    }

    /// Makes one change at a time. What the change makes of its copy is what is kept, also when it fails: then it is the
    /// store as it was, with a note of the failure at most.
    fn change<T>(&self, change: impl FnOnce(&mut Core, &mut Place) -> Result<T>) -> Result<T> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Core::clone(&self.current());
        let result = change(&mut next, &mut place);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        result
    }
}

impl From<StoreProfile> for Profile {
    fn from(profile: StoreProfile) -> Self {
        match profile {
            StoreProfile::Online => Self::Online,
            StoreProfile::Offline => Self::Offline,
        }
    }
}

impl From<TrustPurpose> for Purpose {
    fn from(purpose: TrustPurpose) -> Self {
        match purpose {
            TrustPurpose::Issuance => Self::Issuance,
            TrustPurpose::Status => Self::Status,
        }
    }
}

impl TryFrom<AnchorScope> for Scope {
    type Error = StoreError;

    fn try_from(scope: AnchorScope) -> Result<Self> {
        let AnchorScope::DocTypes { doc_types } = scope else { return Ok(Self::AnyDocType) };
        let mut doc_types = doc_types.into_iter();
        let first = doc_types.next().ok_or(tegata_verifier_store::StoreError::<PersistenceError>::NoDocType)?;
        Ok(Self::DocTypes(DocTypes::new(first, doc_types)))
    }
}
