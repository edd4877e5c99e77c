//! Following providers of VICALs: the operator's decisions, and one update of one provider.

use std::collections::{BTreeMap, BTreeSet};

use tegata_manifest::{Fetched, sha256};
use tegata_pki::{Certificate, CryptoProvider, KeyUsage, looks_like_html, oid};
use tegata_trust_list::vical::{SkippedEntry, Vical};
use time::{Duration, UtcDateTime};

use super::{FetchRecord, FetchedList, Refused, State, Store};
use crate::vical::{HeldVical, MAX_VICAL_PROVIDERS, ProviderError, VicalImportError, VicalPin, VicalProvider};
use crate::{
    AnchorState, Change, EntryError, HeldAnchor, ImportError, KeyDigest, Listing, Moment, SyncPolicy, TrustScope,
    VicalAge,
};

/// What a VICAL changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VicalChanges {
    /// The provider, as the store names it.
    pub name: String,
    /// The list.
    pub list: HeldVical,
    /// What happened to anchors; [`Change::list_version`] is [`HeldVical::number`].
    pub anchors: Vec<Change>,
    /// Scopes for which no source has an anchor any more.
    pub emptied: Vec<TrustScope>,
    /// Entries that cannot be anchors.
    pub refused_entries: Vec<(KeyDigest, EntryError)>,
    /// Entries that cannot be read.
    pub skipped: Vec<SkippedEntry>,
    /// CRLs that were not taken in; what was held of them ages.
    pub refused: Vec<Refused>,
}

/// Where the CRL of an anchor is published, as its own certificate says (RFC 5280 4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlSource {
    /// The anchor.
    pub anchor: KeyDigest,
    /// `http` and `https` URIs, in the order of the certificate.
    pub uris: Vec<String>,
}

impl Store {
    /// Begins without a Digital Trust Service: with providers of VICALs ([`Store::add_vical`]) and what the operator adds.
    #[must_use]
    pub fn without_service(policy: SyncPolicy, provider: &'static dyn CryptoProvider) -> Self {
        Self { policy, provider, state: State::new(None, UtcDateTime::UNIX_EPOCH) }
    }

    /// Follows a provider from now on. `expected_sha256` is the SHA-256 of the pinned certificate, which the operator has
    /// from another channel than the certificate. `hold_down` replaces that of the policy for anchors
    /// that later lists add.
    ///
    /// # Errors
    /// [`ProviderError`]; nothing changes.
    pub fn add_vical(
        &mut self,
        name: &str,
        pin: VicalPin,
        expected_sha256: &[u8; 32],
        hold_down: Option<Duration>,
        at: UtcDateTime,
    ) -> Result<(), ProviderError> {
        let at = self.provider_time(at)?;
        let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-".contains(&letter);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_letter) {
            return Err(ProviderError::Name(name.to_owned()));
        }
        if self.state.vicals.contains_key(name) {
            return Err(ProviderError::Exists(name.to_owned()));
        }
        if self.state.vicals.len() >= MAX_VICAL_PROVIDERS {
            return Err(ProviderError::TooMany(self.state.vicals.len()));
        }
        let certificate = pin.certificate();
        let found = certificate.fingerprint_sha256();
        if found != *expected_sha256 {
            return Err(ProviderError::Fingerprint { found });
        }
        check_pin(&pin, at)?;
        self.pass_time(at);
        self.state.vicals.insert(name.to_owned(), VicalProvider::new(pin, hold_down));
        Ok(())
    }

    /// Follows a provider no longer: its anchors are forgotten, but for what was revoked or distrusted. The number of its last
    /// list is forgotten too, so that an old one could be played back if it is added again.
    ///
    /// # Errors
    /// [`ProviderError::Unknown`], [`ProviderError::ClockTurnedBack`]; nothing changes.
    pub fn remove_vical(&mut self, name: &str, at: UtcDateTime) -> Result<(), ProviderError> {
        let at = self.provider_time(at)?;
        let provider = self.state.vicals.remove(name).ok_or_else(|| ProviderError::Unknown(name.to_owned()))?;
        for (key, anchor) in provider.anchors.iter().filter(|(_, anchor)| is_refused(anchor)) {
            if self.state.anchors.get(&key).is_none() {
                self.state.anchors.insert(key, HeldAnchor { listed: None, ..anchor.clone() });
            }
        }
        self.pass_time(at);
        Ok(())
    }

    /// The providers that are followed, by name.
    pub fn vicals(&self) -> impl Iterator<Item = (&str, &VicalProvider)> {
        self.state.vicals.iter().map(|(name, provider)| (name.as_str(), provider))
    }

    /// The age of a provider's list; `None` before the first one, and for a provider that is not followed.
    #[must_use]
    pub fn vical_age(&self, name: &str, at: UtcDateTime) -> Option<VicalAge> {
        self.state.vicals.get(name)?.age(&self.policy, at)
    }

    /// Takes in a list of the provider `name`, fetched at `at`, with the CRLs of its anchors that were fetched along
    /// ([`Store::crl_sources`]). CRLs that are not good are refused one by one and reported.
    ///
    /// # Errors
    /// [`VicalImportError`]; nothing changes.
    pub fn apply_vical(
        &mut self,
        name: &str,
        bytes: &[u8],
        crls: &[FetchedList],
        at: UtcDateTime,
    ) -> Result<VicalChanges, VicalImportError> {
        let at = at.truncate_to_second();
        self.check_clock(at).map_err(|latest| VicalImportError::ClockTurnedBack { latest, at })?;
        let mut changes = self.take_vical(name, bytes, at, at)?;
        changes.refused = self.take_crls(crls, at);
        Ok(changes)
    }

    /// Notes that a list of the provider could not be fetched or was refused at `at`: the next try comes sooner, and later
    /// again with each failure.
    pub fn note_vical_failure(&mut self, name: &str, at: UtcDateTime) {
        if let Some(provider) = self.state.vicals.get_mut(name) {
            provider.fetch.note_failure(at.truncate_to_second());
        }
    }

    /// Where to fetch the CRLs of the anchors of the provider `name` that are believed or wait, as their certificates say.
    #[must_use]
    pub fn crl_sources(&self, name: &str) -> Vec<CrlSource> {
        let Some(provider) = self.state.vicals.get(name) else { return Vec::new() };
        let lives =
            |anchor: &HeldAnchor| anchor.state.is_trusted() || matches!(anchor.state, AnchorState::Candidate { .. });
        let living = provider.anchors.iter().filter(|(_, anchor)| lives(anchor));
        living.filter_map(|(_, anchor)| CrlSource::of(&anchor.certificate)).collect()
    }

    /// As [`Store::apply_vical`], of a list that was fetched before.
    pub(crate) fn take_vical(
        &mut self,
        name: &str,
        bytes: &[u8],
        fetched_at: UtcDateTime,
        at: UtcDateTime,
    ) -> Result<VicalChanges, VicalImportError> {
        let unknown = || VicalImportError::UnknownProvider(name.to_owned());
        let mut provider = self.state.vicals.get(name).ok_or_else(unknown)?.clone();
        let vical = read(bytes)?;
        let verified = provider.verify(&vical, self.policy.skew, at, self.provider)?;
        let listing = Listing::of_vical(&verified, self.provider);
        if listing.entries.is_empty() {
            let entries = vical.entries().len().saturating_add(vical.skipped().len());
            return Err(VicalImportError::NoAnchors { entries });
        }
        let digest = sha256(bytes);
        // The same file again is as young as its youngest fetch.
        let before = provider.held.as_ref().filter(|held| held.sha256 == digest).map(|held| held.fetched_at);
        let held = HeldVical {
            provider: vical.provider().to_owned(),
            issue_id: vical.issue_id(),
            date: vical.date(),
            next_update: vical.next_update(),
            not_after: vical.not_after(),
            sha256: digest,
            fetched_at: before.map_or(fetched_at, |before| before.max(fetched_at)).min(at),
        };
        let rules = provider.rules(&self.policy);
        let moment = Moment { at, as_of: held.as_of(&self.policy) };
        let mut anchors = provider.anchors.refuse(&self.refusals(), Some(&listing), at, rules.history);
        // What a VICAL leaves out is withdrawn; nobody has to agree.
        let agreed: BTreeSet<KeyDigest> = provider.anchors.iter().map(|(key, _)| key).collect();
        let observation = provider.anchors.observe(&listing, moment, &rules, &agreed);
        anchors.extend(observation.changes);
        provider.remember(&vical);
        provider.held = Some(held.clone());
        if provider.settled.is_none() && provider.is_current(&self.policy, at) {
            provider.settled = Some(at);
        }
        provider.fetch.note_success(at);
        self.state.vicals.insert(name.to_owned(), provider);
        self.pass_time(at);
        let mut emptied = observation.emptied;
        emptied.retain(|scope| !self.believed(at).iter().any(|(_, _, anchor)| scope.is_of(anchor)));
        Ok(VicalChanges {
            name: name.to_owned(),
            list: held,
            anchors,
            emptied,
            refused_entries: listing.refused_entries,
            skipped: vical.skipped().to_vec(),
            refused: Vec::new(),
        })
    }

    /// The provider that signed a list, of those that are followed.
    pub(crate) fn provider_of(&self, bytes: &[u8], at: UtcDateTime) -> Result<String, VicalImportError> {
        let vical = read(bytes)?;
        let mut nearest = VicalImportError::UnknownProvider(vical.provider().to_owned());
        for (name, provider) in &self.state.vicals {
            match provider.verify(&vical, self.policy.skew, at, self.provider) {
                Err(error) if error.is_of_another() => nearest = error,
                // What else is wrong with it is told when it is taken in.
                _ => return Ok(name.clone()),
            }
        }
        Err(nearest)
    }

    pub(crate) fn take_crls(&mut self, crls: &[FetchedList], at: UtcDateTime) -> Vec<Refused> {
        let mut refused = Vec::new();
        for FetchedList { uri, fetched, fetched_at } in crls {
            let result = match fetched {
                Fetched::Bytes(bytes) => self.take_crl(bytes, (*fetched_at).min(at), at).map(|_| ()),
                Fetched::Absent => Err(ImportError::Absent),
                Fetched::Failed(failure) => Err(ImportError::Fetch(*failure)),
            };
            if let Err(error) = result {
                refused.push(Refused { name: uri.clone(), error });
            }
        }
        refused
    }

    /// The keys that any source revoked or the operator distrusts. A revocation counts for more.
    pub(crate) fn refusals(&self) -> BTreeMap<KeyDigest, AnchorState> {
        let mut refusals = BTreeMap::new();
        for (_, key, anchor) in self.every_anchor().filter(|(_, _, anchor)| is_refused(anchor)) {
            if !matches!(refusals.get(&key), Some(AnchorState::Revoked { .. })) {
                refusals.insert(key, anchor.state);
            }
        }
        refusals
    }

    /// Lets the providers' anchors follow what another source revoked or the operator distrusts.
    pub(crate) fn share_refusals(&mut self, at: UtcDateTime) {
        let (refusals, history) = (self.refusals(), self.policy.history);
        for provider in self.state.vicals.values_mut() {
            provider.anchors.refuse(&refusals, None, at, history);
        }
    }

    /// The anchors of every source: of the service and the operator under `None`, then those of each provider.
    pub fn every_anchor(&self) -> impl Iterator<Item = (Option<&str>, KeyDigest, &HeldAnchor)> {
        let own = self.state.anchors.iter().map(|(key, anchor)| (None, key, anchor));
        own.chain(self.state.vicals.iter().flat_map(|(name, provider)| {
            provider.anchors.iter().map(move |(key, anchor)| (Some(name.as_str()), key, anchor))
        }))
    }

    /// What is held of a key: by the service or the operator, else by the first provider that has it.
    #[must_use]
    pub fn find_anchor(&self, key: &KeyDigest) -> Option<&HeldAnchor> {
        let of_providers = self.state.vicals.values().filter_map(|provider| provider.anchors.get(key));
        self.state.anchors.get(key).into_iter().chain(of_providers).next()
    }

    /// The anchors that are believed at `at`, of every source, whatever the age of its list.
    pub(crate) fn believed(&self, at: UtcDateTime) -> Vec<(Option<&str>, KeyDigest, &HeldAnchor)> {
        let own = self.state.anchors.trusted(at, &self.policy).map(|(key, anchor)| (None, key, anchor));
        let mut all: Vec<_> = own.collect();
        for (name, provider) in &self.state.vicals {
            all.extend(
                provider.believed(&self.policy, at).into_iter().map(|(key, held)| (Some(name.as_str()), key, held)),
            );
        }
        all
    }

    fn provider_time(&self, at: UtcDateTime) -> Result<UtcDateTime, ProviderError> {
        let at = at.truncate_to_second();
        self.check_clock(at).map_err(|latest| ProviderError::ClockTurnedBack { latest, at })?;
        Ok(at)
    }
}

impl VicalProvider {
    pub(crate) fn believed(&self, policy: &SyncPolicy, at: UtcDateTime) -> Vec<(KeyDigest, &HeldAnchor)> {
        let rules = self.rules(policy);
        let keys: Vec<KeyDigest> = self.anchors.trusted(at, &rules).map(|(key, _)| key).collect();
        keys.into_iter().filter_map(|key| Some((key, self.anchors.get(&key)?))).collect()
    }
}

impl FetchRecord {
    pub(crate) fn note_failure(&mut self, at: UtcDateTime) {
        self.last_attempt = Some(at);
        self.failures = self.failures.saturating_add(1);
    }

    pub(crate) fn note_success(&mut self, at: UtcDateTime) {
        *self = Self { last_attempt: Some(at), last_success: Some(at), failures: 0 };
    }
}

fn read(bytes: &[u8]) -> Result<Vical, VicalImportError> {
    if looks_like_html(bytes) {
        return Err(VicalImportError::WebPage);
    }
    Vical::from_cbor(bytes).map_err(|error| VicalImportError::of_read(error, bytes.len()))
}

fn check_pin(pin: &VicalPin, at: UtcDateTime) -> Result<(), ProviderError> {
    let certificate = pin.certificate();
    certificate.public_key().map_err(|error| ProviderError::Key(error.clone()))?;
    if at > certificate.not_after() {
        return Err(ProviderError::Expired(certificate.not_after()));
    }
    match pin {
        VicalPin::Root(root) if !root.is_ca() => Err(ProviderError::NotCa),
        VicalPin::DangerousSigner(signer) => {
            let usage = signer.key_usage().is_some_and(|usage| usage.contains(KeyUsage::NON_REPUDIATION));
            let purpose = signer.extended_key_usage().is_some_and(|purposes| purposes.contains(&oid::EKU_MDL_VICAL));
            if usage && purpose { Ok(()) } else { Err(ProviderError::NotSigner) }
        }
        VicalPin::Root(_) => Ok(()),
    }
}

impl CrlSource {
    /// As the certificate of an anchor says; `None` if it says nothing that can be fetched.
    #[must_use]
    pub fn of(anchor: &Certificate) -> Option<Self> {
        let is_web = |uri: &&str| uri.starts_with("https://") || uri.starts_with("http://");
        let uris: Vec<String> = anchor.crl_distribution_uris().into_iter().filter(is_web).map(str::to_owned).collect();
        (!uris.is_empty()).then(|| Self { anchor: KeyDigest::of(anchor), uris })
    }
}

fn is_refused(anchor: &HeldAnchor) -> bool {
    matches!(anchor.state, AnchorState::Revoked { .. } | AnchorState::LocalDistrust { .. })
}
