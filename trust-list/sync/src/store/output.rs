//! What the store gives out: trust and evidence for a verifier, and how old they are.

use std::collections::BTreeSet;

use tegata_manifest::{IssuerFacts, SourceKind};
use tegata_pki::{CrlNumber, PublicKey};
use tegata_trust_list::{
    AnchorEntry, Evidence, Listing, ListingKind, Provenance, RequiredDeviceKeyList, Scope, TrustStore,
    TrustStoreBuilder,
};
use time::{Duration, UtcDateTime};

use super::{HeldCrl, Store};
use crate::freshness::{CrlTimes, crl_freshness, list_freshness};
use crate::{
    AnchorState, CrlFreshness, Event, Freshness, HeldAnchor, HeldVical, KeyDigest, TrustUnavailable, VicalProvider,
    Vouching,
};

/// The age of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListAge {
    /// Its version.
    pub version: u64,
    /// When it was accepted.
    pub accepted_at: UtcDateTime,
    /// Until when it is known to have been current.
    pub as_of: UtcDateTime,
    /// The time since.
    pub age: Duration,
    /// What the policy makes of that.
    pub freshness: Freshness,
}

/// The age of the revocation of one anchor that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlAge {
    /// The anchor.
    pub anchor: KeyDigest,
    /// The number of its CRL; `None` if there is no CRL, or it has none.
    pub number: Option<CrlNumber>,
    /// The times of its CRL.
    pub times: Option<CrlTimes>,
    /// What the policy and the anchor's own promises make of that.
    pub freshness: CrlFreshness,
}

impl Store {
    /// Whom to trust at `at`: the anchors that are valid or missing, each for its own scope and with its provenance. Of a
    /// stale list or VICAL nobody is given out; what the operator added stays.
    ///
    /// # Errors
    /// [`TrustUnavailable`]: nobody is trusted, and why.
    pub fn trust(&self, at: UtcDateTime) -> Result<TrustStore, TrustUnavailable> {
        self.check_clock(at).map_err(|latest| TrustUnavailable::ClockTurnedBack { latest, at })?;
        let list = self.list_age(at);
        let is_current = list.is_some_and(|list| list.freshness != Freshness::Stale);
        let mut builder = TrustStoreBuilder::new();
        for (name, key, anchor) in self.believed(at) {
            let provider = name.and_then(|name| self.state.vicals.get(name));
            let counts = match provider {
                Some(provider) => provider.is_current(&self.policy, at),
                None => is_current || anchor.state.because() == Some(Vouching::Operator),
            };
            if !counts {
                continue;
            }
            let listing = provider.and_then(VicalProvider::held).map(HeldVical::listing);
            for (purposes, scope) in anchor.grants.scopes() {
                builder = self.require_device_key_lists(builder, key, &scope);
                let provenance = self.provenance(name, anchor);
                let entry = AnchorEntry { certificate: anchor.certificate.clone(), scope, purposes, provenance };
                let added = match listing.clone() {
                    Some(listing) => builder.listed_anchor(entry, listing),
                    None => builder.anchor(entry),
                };
                builder = added.map_err(TrustUnavailable::Anchor)?;
            }
        }
        builder.build().map_err(|_| self.unavailable(at))
    }

    /// Why nobody is given out.
    fn unavailable(&self, at: UtcDateTime) -> TrustUnavailable {
        let list = self.list_age(at).map(|list| (list.as_of, list.freshness));
        let vicals = self.state.vicals.values().filter_map(|provider| provider.age(&self.policy, at));
        let ages = list.into_iter().chain(vicals.map(|age| (age.as_of, age.freshness)));
        match ages.max_by_key(|(as_of, freshness)| (*freshness != Freshness::Stale, *as_of)) {
            None => TrustUnavailable::NeverUpdated,
            Some((as_of, Freshness::Stale)) => TrustUnavailable::ListStale { as_of },
            Some(_) => TrustUnavailable::NoAnchor,
        }
    }

    /// Where the service's list names a device-key list for an anchor, nothing is known about its documents without it.
    fn require_device_key_lists(
        &self,
        builder: TrustStoreBuilder,
        anchor: KeyDigest,
        scope: &Scope,
    ) -> TrustStoreBuilder {
        let sources = self.list().map(|list| list.sources.as_slice()).unwrap_or_default();
        let of_anchor = sources
            .iter()
            .filter(|source| source.kind == SourceKind::DeviceKeyList && source.issuer_key == *anchor.as_bytes());
        of_anchor.fold(builder, |builder, source| {
            let (issuer_key, scope, uri) = (source.issuer_key, scope.clone(), source.uri.clone());
            builder.require_device_key_list(RequiredDeviceKeyList { issuer_key, scope, uri })
        })
    }

    /// What is known about revocation at `at`, with the times of the fetches and the highest numbers seen.
    ///
    /// A CRL that the policy or its issuer's own promises make stale, which a validator could not see from the CRL, is
    /// withheld, so that nothing is *good* by it; [`Store::crl_ages`] tells. One that is past its nextUpdate is given out:
    /// the validator sees that, and may still take a *revoked* from it. Everything is withheld while the clock is behind a
    /// time that has passed.
    #[must_use]
    pub fn evidence(&self, at: UtcDateTime) -> Evidence {
        let mut evidence = Evidence::new();
        if self.check_clock(at).is_err() {
            return evidence;
        }
        for (key, number) in &self.state.highest_crl {
            if let Some(issuer_key) = self.public_key(key) {
                evidence.crls.remember(issuer_key, *number);
            }
        }
        for (key, held) in &self.state.crls {
            let freshness = self.crl_freshness(key, Some(held), at);
            if freshness.freshness != Freshness::Stale || freshness.is_visible_in_crl() {
                // It was read when it was taken in.
                _ = evidence.crls.add(held.crl.der(), held.fetched_at);
            }
        }
        for (uri, issued_at) in &self.state.latest_token {
            evidence.lists.remember(uri, *issued_at);
        }
        for held in self.state.tokens.values() {
            _ = evidence.lists.add(&held.bytes, held.fetched_at);
        }
        evidence
    }

    /// The age of the list; `None` before the first update.
    #[must_use]
    pub fn list_age(&self, at: UtcDateTime) -> Option<ListAge> {
        let held = self.state.list.as_ref()?;
        let freshness = list_freshness(held.as_of, &self.policy, at);
        let version = held.list.header.version;
        Some(ListAge { version, accepted_at: held.accepted_at, as_of: held.as_of, age: at - held.as_of, freshness })
    }

    /// The age of the CRL of every anchor that is believed.
    #[must_use]
    pub fn crl_ages(&self, at: UtcDateTime) -> Vec<CrlAge> {
        let trusted: BTreeSet<KeyDigest> = self.believed(at).into_iter().map(|(_, key, _)| key).collect();
        let age = |anchor: KeyDigest| {
            let held = self.state.crls.get(&anchor);
            CrlAge {
                anchor,
                number: held.and_then(|held| held.crl.number()),
                times: held.and_then(HeldCrl::times),
                freshness: self.crl_freshness(&anchor, held, at),
            }
        };
        trusted.into_iter().map(age).collect()
    }

    /// The highest CRL numbers seen, by anchor.
    pub fn highest_crl_numbers(&self) -> impl Iterator<Item = (KeyDigest, CrlNumber)> {
        self.state.highest_crl.iter().map(|(key, number)| (*key, *number))
    }

    fn crl_freshness(&self, anchor: &KeyDigest, held: Option<&HeldCrl>, at: UtcDateTime) -> CrlFreshness {
        let listed = self.state.anchors.get(anchor).and_then(|anchor| anchor.listed);
        let facts: Option<IssuerFacts> = listed.and_then(|listed| listed.facts);
        crl_freshness(held.and_then(HeldCrl::times), facts.as_ref(), &self.policy, at)
    }

    fn public_key(&self, key: &KeyDigest) -> Option<&PublicKey> {
        self.find_anchor(key)?.certificate.public_key().ok()
    }

    /// Where an anchor comes from, in words for the operator.
    fn provenance(&self, vical: Option<&str>, anchor: &HeldAnchor) -> Provenance {
        let adopted = anchor.history.iter().rev().find(|change| matches!(change.event, Event::Adopted { .. }));
        let because = match anchor.state.because() {
            Some(Vouching::NewWithOld { by }) => format!("new-with-old by {by}"),
            Some(Vouching::OldWithNew { by }) => format!("old-with-new by {by}"),
            Some(vouching) => vouching.id().to_owned(),
            None => String::new(),
        };
        let repository = self.root().map_or("", |root| root.header.repository.as_str());
        let source = match (vical, adopted.and_then(|change| change.list_version)) {
            (Some(name), Some(issue)) => format!("VICAL {issue} of {name}"),
            (Some(name), None) => format!("VICAL of {name}"),
            (None, Some(version)) => format!("{repository}, list {version}, {because}"),
            (None, None) => because,
        };
        let since = match anchor.state {
            AnchorState::Valid { since, .. } | AnchorState::Missing { since, .. } => since,
            _ => UtcDateTime::MIN,
        };
        Provenance { source, added_at: adopted.map_or(since, |change| change.at) }
    }
}

impl HeldCrl {
    /// Its times; a CRL without a nextUpdate is not taken in.
    fn times(&self) -> Option<CrlTimes> {
        let next_update = self.crl.next_update()?;
        Some(CrlTimes { this_update: self.crl.this_update(), next_update, fetched_at: self.fetched_at })
    }
}

impl HeldVical {
    /// What a report says about the age of trust that comes from it.
    fn listing(&self) -> Listing {
        Listing {
            kind: ListingKind::Vical,
            name: self.provider.clone(),
            issued_at: self.date,
            next_update: self.next_update,
            fetched_at: self.fetched_at,
        }
    }
}
