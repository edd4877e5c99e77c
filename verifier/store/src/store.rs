//! The store with its profile: made, opened, updated, asked.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use tegata_manifest::UpdateError;
use tegata_pki::CryptoProvider;
use tegata_sync::{
    ApplyError, BundleBuilder, BundleReport, Changes, Checkup, DoctorFinding, EvidenceBundle, Jitter, KeyDigest,
    LoadError, Persistence, Probe, RevocationMode, Store, StoreBytesError, doctor,
};
use tegata_trust_list::{Purpose, Scope};
use tegata_verifier::simple::{Request, RequestError};
use tegata_verifier::{Lang, Revocation, json as report};
use time::UtcDateTime;

use crate::download::BundleMaking;
use crate::{BundleExport, ChangeError, DownloadError, Downloaded, Profile, RELEASED, StoreError, StoreSync};
use crate::{WebDownload, WebRequest, held, json};

/// A trust store that is kept somewhere.
///
/// Each method that changes it takes the place where it is kept, and makes the change in memory and there, or in neither.
/// One writer per place is assumed.
#[derive(Clone, Debug)]
pub struct VerifierStore {
    store: Store,
    profile: Profile,
}

impl VerifierStore {
    /// Creates a store from the pinned root metadata of a service, whose SHA-256 came by another way than the file, and
    /// keeps it. Nobody is trusted before the first update.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Bootstrap`], [`StoreError::Load`], [`StoreError::Save`].
    pub fn create<P: Persistence>(
        medium: &mut P,
        root: &[u8],
        sha256: &[u8; 32],
        profile: Profile,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, StoreError<P::Error>> {
        match Store::load(medium, profile.sync_policy(), provider) {
            Ok(None) => {}
            Err(LoadError::Medium(error)) => return Err(StoreError::Load(LoadError::Medium(error))),
            // Its counter says that there was one.
            Err(error @ LoadError::Bytes(StoreBytesError::RolledBack { .. })) => return Err(StoreError::Load(error)),
            Ok(Some(_)) | Err(_) => return Err(StoreError::Exists),
        }
        let store = Store::bootstrap(root, sha256, profile.sync_policy(), provider).map_err(StoreError::Bootstrap)?;
        let mut created = Self { store, profile };
        created.store.save(medium).map_err(StoreError::Save)?;
        Ok(created)
    }

    /// Opens the store that is kept there.
    ///
    /// # Errors
    /// [`StoreError::Absent`]; [`StoreError::Load`] when it is damaged, or older than its counter.
    pub fn open<P: Persistence>(
        medium: &P,
        profile: Profile,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, StoreError<P::Error>> {
        let store = Store::load(medium, profile.sync_policy(), provider).map_err(StoreError::Load)?;
        Ok(Self { store: store.ok_or(StoreError::Absent)?, profile })
    }

    /// The store itself.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Begins an update at `at` from the service at `base`. The store can be used, and changed, meanwhile.
    ///
    /// # Errors
    /// [`ChangeError::Apply`] for a clock that is wrong.
    pub fn begin_sync(&self, base: &str, at: UtcDateTime) -> Result<StoreSync, ChangeError> {
        let update = self.store.begin_update(at, self.profile.update_policy()).map_err(ChangeError::Apply)?;
        Ok(WebDownload::new(update, base, at))
    }

    /// Takes in what an update has fetched: all of it, or nothing when there is an error. Of an update that failed the
    /// failure is noted, so that the next one comes sooner.
    ///
    /// # Errors
    /// [`StoreError::Unfinished`], [`StoreError::Change`], [`StoreError::Save`].
    pub fn finish_sync<P: Persistence>(
        &mut self,
        sync: StoreSync,
        medium: &mut P,
    ) -> Result<Changes, StoreError<P::Error>> {
        let at = sync.at();
        let downloaded = sync.finish();
        let applied = match downloaded {
            Err(DownloadError::Unfinished) => return Err(StoreError::Unfinished),
            Err(DownloadError::Failed(error)) => Err(StoreError::Change(update_failed(error))),
            Ok(Downloaded { accepted, lists, .. }) => {
                self.change(medium, |store| store.apply(accepted, &lists, at).map_err(ChangeError::Apply))
            }
        };
        if let Err(StoreError::Change(_)) = &applied {
            // Why the update failed is told, not that this cannot be kept.
            _ = self.change(medium, |store| {
                store.note_failure(at);
                Ok(())
            });
        }
        applied
    }

    /// When the next update is due; not after `at` when it is now. `random` spreads the fetches of a fleet by a tenth.
    #[must_use]
    pub fn next_update(&self, at: UtcDateTime, random: u16) -> UtcDateTime {
        self.store.plan(at, Jitter::from_random(random)).next_update
    }

    /// Verifies `request` under what the store gives out at its time, and gives the JSON report of
    /// `tegata verify --store --json`, byte for byte.
    ///
    /// # Errors
    /// When a file of the request cannot be read; everything else is in the report.
    pub fn verify(&self, request: &Request, lang: Lang) -> Result<String, RequestError> {
        let held = held(&self.store, request.at())?;
        Ok(report::report_text(&request.verify_held(held)?, lang))
    }

    /// Imports an evidence bundle: the update of a gate without a network.
    ///
    /// # Errors
    /// [`StoreError::Change`], [`StoreError::Save`].
    pub fn import_bundle<P: Persistence>(
        &mut self,
        bundle: &[u8],
        at: UtcDateTime,
        medium: &mut P,
    ) -> Result<(EvidenceBundle, BundleReport), StoreError<P::Error>> {
        let bundle =
            EvidenceBundle::from_bytes(bundle).map_err(|error| StoreError::Change(ChangeError::Bundle(error)))?;
        let policy = self.profile.update_policy();
        let imported =
            self.change(medium, |store| store.import_bundle(&bundle, policy, at).map_err(ChangeError::Bundle))?;
        Ok((bundle, imported))
    }

    /// Trusts a root at once ([`Store::add_manually`]): the way for a device that slept through a rollover.
    ///
    /// # Errors
    /// [`StoreError::Change`], [`StoreError::Save`].
    pub fn add_anchor<P: Persistence>(
        &mut self,
        certificate: &[u8],
        sha256: &[u8; 32],
        scope: &Scope,
        purposes: &BTreeSet<Purpose>,
        at: UtcDateTime,
        medium: &mut P,
    ) -> Result<KeyDigest, StoreError<P::Error>> {
        self.change(medium, |store| {
            store.add_manually(certificate, sha256, scope, purposes, at).map_err(ChangeError::Operator)
        })
    }

    /// Distrusts an anchor from now on, whatever lists say ([`Store::distrust`]).
    ///
    /// # Errors
    /// [`StoreError::Change`], [`StoreError::Save`].
    pub fn distrust<P: Persistence>(
        &mut self,
        anchor: &KeyDigest,
        at: UtcDateTime,
        medium: &mut P,
    ) -> Result<(), StoreError<P::Error>> {
        self.change(medium, |store| store.distrust(anchor, at).map_err(ChangeError::Operator))
    }

    /// Ends a distrust ([`Store::lift_distrust`]).
    ///
    /// # Errors
    /// [`StoreError::Change`], [`StoreError::Save`].
    pub fn lift_distrust<P: Persistence>(
        &mut self,
        anchor: &KeyDigest,
        at: UtcDateTime,
        medium: &mut P,
    ) -> Result<(), StoreError<P::Error>> {
        self.change(medium, |store| store.lift_distrust(anchor, at).map(|_| ()).map_err(ChangeError::Operator))
    }

    /// Agrees that the next update may take away the last anchor of a scope ([`Store::confirm_removal`]).
    ///
    /// # Errors
    /// [`StoreError::Change`], [`StoreError::Save`].
    pub fn confirm_removal<P: Persistence>(
        &mut self,
        anchor: &KeyDigest,
        at: UtcDateTime,
        medium: &mut P,
    ) -> Result<(), StoreError<P::Error>> {
        self.change(medium, |store| store.confirm_removal(anchor, at).map_err(ChangeError::Operator))
    }

    /// The largest file of the service, to be fetched for [`VerifierStore::doctor`]; `None` before the first update.
    #[must_use]
    pub fn probe(&self, base: &str) -> Option<WebRequest> {
        let (path, max_bytes) = self.store.largest_object()?;
        Some(WebRequest { url: format!("{}/{path}", base.trim_end_matches('/')), accept: "*/*", max_bytes })
    }

    /// What is not as it should be at `at`, the worst first, for a verifier with that demand for revocation evidence.
    /// `received` is how many bytes of [`VerifierStore::probe`] came, if somebody tried.
    #[must_use]
    pub fn doctor(&self, at: UtcDateTime, revocation: Revocation, received: Option<u64>) -> Vec<DoctorFinding> {
        let revocation = match revocation {
            Revocation::Require => RevocationMode::Required,
            Revocation::Available => RevocationMode::IfAvailable,
            Revocation::DangerousOff => RevocationMode::Off,
        };
        let probe =
            received.zip(self.store.largest_object()).map(|(received, (_, announced))| Probe { announced, received });
        doctor(&self.store, &Checkup { at, not_before: RELEASED, revocation, probe })
    }

    /// The findings of [`VerifierStore::doctor`] as JSON, as `tegata trust doctor --json` prints them.
    #[must_use]
    pub fn doctor_json(&self, at: UtcDateTime, revocation: Revocation, received: Option<u64>) -> Json {
        json::doctor(&self.doctor(at, revocation, received), self.profile, at)
    }

    /// The store as JSON, as `tegata trust show --json` prints it.
    #[must_use]
    pub fn show(&self, at: UtcDateTime) -> Json {
        json::store(&self.store, self.profile, at)
    }

    fn change<P: Persistence, T>(
        &mut self,
        medium: &mut P,
        change: impl FnOnce(&mut Store) -> Result<T, ChangeError>,
    ) -> Result<T, StoreError<P::Error>> {
        self.store.transaction(medium, change).map_err(StoreError::of_transaction)
    }
}

impl BundleExport {
    /// Begins an evidence bundle at `at` from the service at `base`, with the root that the gates were given, or any that
    /// came before theirs. Gates may have the longer-lived pointers of [`Profile::Offline`] for it.
    ///
    /// # Errors
    /// [`ChangeError::Bundle`] for a file that is no root, or a clock that is wrong.
    pub fn begin(
        root: &[u8],
        base: &str,
        at: UtcDateTime,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Self, ChangeError> {
        let builder = BundleBuilder::begin(root, at, Profile::Offline.update_policy(), provider);
        Ok(WebDownload::new(BundleMaking::new(builder.map_err(ChangeError::Bundle)?, at), base, at))
    }
}

fn update_failed(error: UpdateError) -> ChangeError {
    ChangeError::Apply(ApplyError::Update(error))
}
