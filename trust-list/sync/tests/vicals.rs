//! Anchors from VICALs: who comes in and when, who goes, how old a list may be, beside a service and without one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::path::PathBuf;

use support::{MDL, PHOTO_ID, Provider, START, Site, crl, day, days, entry, iaca, new_store, trusts};
use tegata_manifest::{Fetched, ListedState};
use tegata_pki::{Certificate, rust_crypto};
use tegata_sync::{
    ApplyError, Checkup, FetchedList, Freshness, Jitter, MAX_VICAL_PROVIDERS, ProviderError, RevocationMode, Store,
    SyncPolicy, TrustUnavailable, VicalImportError, VicalPin, doctor,
};
use tegata_trust_list::vical::{Vical, VicalBuilder};
use tegata_trust_list::{ListingKind, Purpose, Scope};
use time::{Duration, UtcDateTime};

const NAME: &str = Provider::NAME;

fn again(store: &Store) -> Store {
    let bytes = store.to_bytes();
    let again = Store::from_bytes(&bytes, store.policy().clone(), rust_crypto()).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    again
}

#[test]
fn the_first_list_counts_at_once_and_what_comes_later_waits() {
    let (provider, old, new) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut store = provider.store();
    assert_eq!(store.trust(START).unwrap_err(), TrustUnavailable::NeverUpdated);
    let first = provider.push(&mut store, 10, START, &[&old]);
    assert_eq!((first.list.issue_id, first.list.provider.as_str()), (Some(10), "Utopia DTS"));
    assert!(trusts(&store, &old, START));
    let mut store = again(&store);
    for today in 1..31 {
        provider.push(&mut store, 10 + today, day(today.cast_signed()), &[&old, &new]);
        assert_eq!(provider.state(&store, &new), "candidate", "day {today}");
        assert!(!trusts(&store, &new, day(today.cast_signed())) && trusts(&store, &old, day(today.cast_signed())));
    }
    let changes = provider.push(&mut store, 41, day(31), &[&old, &new]);
    assert_eq!(changes.anchors.iter().map(|change| change.event.id()).collect::<Vec<_>>(), ["adopted"]);
    assert_eq!(changes.anchors[0].list_version, Some(41));
    let trust = store.trust(day(31)).unwrap();
    let anchor = trust.anchors().iter().find(|anchor| *anchor.certificate() == new.certificate).unwrap();
    assert_eq!(anchor.provenance().source, "VICAL 41 of utopia");
    let listing = anchor.listing().unwrap();
    assert_eq!((listing.kind, listing.name.as_str(), listing.issued_at), (ListingKind::Vical, "Utopia DTS", day(31)));
}

#[test]
fn a_list_without_a_candidate_starts_its_wait_anew() {
    let (provider, old, new) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut store = provider.store();
    provider.push(&mut store, 1, START, &[&old]);
    provider.push(&mut store, 2, day(1), &[&old, &new]);
    provider.push(&mut store, 3, day(20), &[&old]);
    assert_eq!(provider.state(&store, &new), "unknown");
    provider.push(&mut store, 4, day(21), &[&old, &new]);
    provider.push(&mut store, 5, day(50), &[&old, &new]);
    assert_eq!(provider.state(&store, &new), "candidate");
    provider.push(&mut store, 6, day(51), &[&old, &new]);
    assert_eq!(provider.state(&store, &new), "valid");
}

#[test]
fn the_operator_may_choose_another_wait() {
    let (provider, old, new) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut store = Store::without_service(SyncPolicy::online(), rust_crypto());
    let root = &provider.root.certificate;
    let pin = VicalPin::Root(root.clone());
    store.add_vical(NAME, pin, &root.fingerprint_sha256(), Some(days(2)), START).unwrap();
    provider.push(&mut store, 1, START, &[&old]);
    provider.push(&mut store, 2, day(1), &[&old, &new]);
    provider.push(&mut store, 3, day(2), &[&old, &new]);
    assert_eq!(provider.state(&store, &new), "candidate");
    provider.push(&mut store, 4, day(3), &[&old, &new]);
    assert_eq!(provider.state(&store, &new), "valid");
}

#[test]
fn what_a_list_leaves_out_is_believed_no_longer() {
    let (provider, one, two) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut store = provider.store();
    provider.push(&mut store, 1, START, &[&one, &two]);
    let changes = provider.push(&mut store, 2, day(1), &[&two]);
    assert_eq!(provider.state(&store, &one), "retired");
    assert!(!trusts(&store, &one, day(1)) && trusts(&store, &two, day(1)));
    assert!(changes.emptied.is_empty(), "another one speaks for the same");
    // The last one of a scope goes too, and that is told.
    let other = iaca("Utopia 3");
    let builder = VicalBuilder::new("Utopia DTS", 3, day(2), day(3));
    let list = provider.list_of(builder, &[(&other, &[PHOTO_ID])]);
    let changes = store.apply_vical(NAME, &list, &[], day(2)).unwrap();
    assert_eq!(changes.emptied.iter().map(|scope| scope.doc_type.as_deref()).collect::<Vec<_>>(), [Some(MDL)]);
    assert_eq!(store.trust(day(2)).unwrap_err(), TrustUnavailable::NoAnchor);
    // Who comes back waits like a stranger.
    provider.push(&mut store, 4, day(3), &[&one, &other]);
    assert_eq!(provider.state(&store, &one), "candidate");
}

#[test]
fn document_types_are_those_of_the_entry() {
    let (provider, root) = (Provider::new(), iaca("Utopia 1"));
    let mut store = provider.store();
    let list = |id, at, doc_types: &[&str]| {
        provider.list_of(VicalBuilder::new("Utopia DTS", id, at, at + days(1)), &[(&root, doc_types)])
    };
    store.apply_vical(NAME, &list(1, START, &[MDL]), &[], START).unwrap();
    let may = |store: &Store, doc_type: &str, at| {
        store.trust(at).unwrap().anchors_for(Purpose::Issuance, doc_type).next().is_some()
    };
    assert!(may(&store, MDL, START) && !may(&store, PHOTO_ID, START));
    // More waits, less counts at once.
    store.apply_vical(NAME, &list(2, day(1), &[MDL, PHOTO_ID]), &[], day(1)).unwrap();
    assert!(!may(&store, PHOTO_ID, day(1)));
    store.apply_vical(NAME, &list(3, day(31), &[MDL, PHOTO_ID]), &[], day(31)).unwrap();
    assert!(may(&store, PHOTO_ID, day(31)));
    store.apply_vical(NAME, &list(4, day(32), &[PHOTO_ID]), &[], day(32)).unwrap();
    assert!(may(&store, PHOTO_ID, day(32)) && !may(&store, MDL, day(32)));
    // Nothing else than issuance comes from a VICAL.
    let trust = store.trust(day(32)).unwrap();
    assert!(trust.anchors().iter().all(|anchor| anchor.purposes().eq([Purpose::Issuance])));
}

#[test]
fn a_list_ages_by_its_fetch_and_its_next_update() {
    let (provider, root) = (Provider::new(), iaca("Utopia 1"));
    let freshness = |store: &Store, at| store.vical_age(NAME, at).unwrap().freshness;
    // A month of life, fetched once: it ages like any list.
    let mut store = provider.store();
    store.apply_vical(NAME, &provider.list(1, START, days(30), &[&root]), &[], START).unwrap();
    assert_eq!(
        [1, 3, 4].map(|today| freshness(&store, day(today))),
        [Freshness::Fresh, Freshness::Grace, Freshness::Stale]
    );
    assert!(trusts(&store, &root, day(3)));
    assert_eq!(store.trust(day(4)).unwrap_err(), TrustUnavailable::ListStale { as_of: START });
    // The same list, fetched again, is current again; but never longer than it says.
    for today in 4..=30 {
        store.apply_vical(NAME, &provider.list(1, START, days(30), &[&root]), &[], day(today)).unwrap();
        assert!(trusts(&store, &root, day(today)), "day {today}");
    }
    store.apply_vical(NAME, &provider.list(1, START, days(30), &[&root]), &[], day(31)).unwrap();
    assert_eq!(freshness(&store, day(31)), Freshness::Grace);
    store.apply_vical(NAME, &provider.list(1, START, days(30), &[&root]), &[], day(34)).unwrap();
    assert_eq!(freshness(&store, day(34)), Freshness::Stale);
    // A nextUpdate beyond 90 days is not believed, and notAfter ends it at once.
    let mut store = provider.store_with(SyncPolicy::offline());
    store.apply_vical(NAME, &provider.list(1, START, days(300), &[&root]), &[], day(100)).unwrap();
    assert_eq!(store.vical_age(NAME, day(100)).unwrap().as_of, day(90));
    let builder = VicalBuilder::new("Utopia DTS", 2, day(100), day(130)).not_after(day(101));
    store.apply_vical(NAME, &provider.list_of(builder, &[(&root, &[MDL])]), &[], day(100)).unwrap();
    assert!(trusts(&store, &root, day(101)));
    assert_eq!(freshness(&store, day(101) + Duration::SECOND), Freshness::Stale);
}

#[test]
fn a_failure_keeps_the_last_good_state_and_plans_a_retry() {
    let (provider, root) = (Provider::new(), iaca("Utopia 1"));
    let mut store = provider.store();
    assert_eq!(store.plan(START, Jitter::NONE).next_update, START, "there is nothing yet");
    provider.push(&mut store, 1, START, &[&root]);
    let plan = store.plan(START, Jitter::NONE);
    assert_eq!((plan.next_update, plan.is_retry), (START + Duration::hours(12), false));
    store.note_vical_failure(NAME, START + Duration::hours(12));
    let plan = store.plan(day(1), Jitter::NONE);
    assert!(plan.is_retry && plan.next_update < day(1));
    assert!(trusts(&store, &root, day(1)));
    let mut ids: Vec<_> = findings(&store, day(4));
    ids.sort_unstable();
    assert_eq!(ids, ["doctor-crl-stale", "doctor-vical-failing", "doctor-vical-stale"]);
    assert_eq!(findings(&provider.store(), START), ["doctor-vical-never-updated", "doctor-no-anchor"]);
    assert_eq!(
        findings(&Store::without_service(SyncPolicy::online(), rust_crypto()), START),
        ["doctor-no-source", "doctor-no-anchor"]
    );
    assert!(findings(&store, day(2)).contains(&"doctor-vical-grace"));
    assert!(findings(&store, day(3600)).contains(&"doctor-vical-pin-expires"));
}

fn findings(store: &Store, at: UtcDateTime) -> Vec<&'static str> {
    let revocation = RevocationMode::Required;
    let findings = doctor(store, &Checkup { at, not_before: START - days(30), revocation, probe: None });
    assert!(findings.iter().all(|finding| !finding.text_en.is_empty() && !finding.text_ja.is_ascii()));
    findings.iter().map(|finding| finding.id).collect()
}

#[test]
fn a_service_and_a_provider_each_speak_for_their_own() {
    let (provider, ours, theirs) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut site = Site::new();
    site.activate(&ours);
    site.approve(&ours, START);
    let mut store = new_store(&site);
    provider.add_to(&mut store, START);
    site.push(&mut store, START);
    provider.push(&mut store, 1, START, &[&theirs]);
    assert!(trusts(&store, &ours, START) && trusts(&store, &theirs, START));
    // What one leaves out is no statement about the other's; one ages without the other.
    site.pass(&mut store, day(4));
    assert!(trusts(&store, &ours, day(4)) && !trusts(&store, &theirs, day(4)));
    provider.push(&mut store, 2, day(8), &[&theirs]);
    assert!(!trusts(&store, &ours, day(8)) && trusts(&store, &theirs, day(8)));
    let mut store = again(&store);
    site.pass(&mut store, day(8));
    assert!(trusts(&store, &ours, day(8)) && trusts(&store, &theirs, day(8)));
}

#[test]
fn what_one_source_revokes_no_other_brings_back() {
    let (provider, root, other) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut site = Site::new();
    site.activate(&root);
    let mut store = new_store(&site);
    provider.add_to(&mut store, START);
    provider.push(&mut store, 1, START, &[&root, &other]);
    assert!(trusts(&store, &root, START));
    site.put(entry(&root, ListedState::Revoked, START, START));
    site.push(&mut store, day(1));
    assert_eq!(provider.state(&store, &root), "revoked");
    provider.push(&mut store, 2, day(1), &[&root, &other]);
    assert!(!trusts(&store, &root, day(1)) && trusts(&store, &other, day(1)));
    let fingerprint = root.certificate.fingerprint_sha256();
    let purposes = [Purpose::Issuance].into();
    let added = store.add_manually(root.certificate.der(), &fingerprint, &Scope::AnyDocType, &purposes, day(1));
    assert_eq!(added.unwrap_err().id(), "operator-revoked");
    // Nor does a new provider, nor one that is removed and added again.
    store.remove_vical(NAME, day(1)).unwrap();
    provider.add_to(&mut store, day(1));
    provider.push(&mut store, 3, day(2), &[&root, &other]);
    assert_eq!(provider.state(&store, &root), "revoked");
    assert!(!trusts(&store, &root, day(2)) && trusts(&store, &other, day(2)));
}

#[test]
fn what_the_operator_distrusts_stays_so_until_he_lifts_it() {
    let (provider, root, other) = (Provider::new(), iaca("Utopia 1"), iaca("Utopia 2"));
    let mut store = provider.store();
    provider.push(&mut store, 1, START, &[&root, &other]);
    store.distrust(&root.digest(), START).unwrap();
    provider.push(&mut store, 2, day(1), &[&root, &other]);
    assert_eq!(provider.state(&store, &root), "local-distrust");
    store.remove_vical(NAME, day(1)).unwrap();
    provider.add_to(&mut store, day(1));
    provider.push(&mut store, 2, day(1), &[&root, &other]);
    assert!(!trusts(&store, &root, day(1)) && trusts(&store, &other, day(1)));
    store.lift_distrust(&root.digest(), day(1)).unwrap();
    provider.push(&mut store, 3, day(2), &[&root, &other]);
    assert_eq!(provider.state(&store, &root), "candidate");
    assert_eq!(store.confirm_removal(&other.digest(), day(2)).unwrap_err().id(), "operator-state");
}

#[test]
fn crls_of_a_providers_anchors_are_found_by_their_certificates() {
    let (provider, root) = (Provider::new(), iaca("Utopia 1"));
    let mut store = provider.store();
    provider.push(&mut store, 1, START, &[&root]);
    let [source] = store.crl_sources(NAME).try_into().unwrap();
    assert_eq!((source.anchor, source.uris), (root.digest(), vec!["http://iaca.example/crl".to_owned()]));
    let fetched = |bytes: Option<Vec<u8>>| FetchedList {
        uri: "http://iaca.example/crl".to_owned(),
        fetched: bytes.map_or(Fetched::Absent, Fetched::Bytes),
        fetched_at: day(1),
    };
    let list = provider.list(2, day(1), days(1), &[&root]);
    let good = fetched(Some(crl(&root, 7, day(1), days(30), &[])));
    let changes = store.apply_vical(NAME, &list, &[good], day(1)).unwrap();
    assert!(changes.refused.is_empty(), "{:?}", changes.refused);
    assert_eq!(store.evidence(day(1)).crls.crls().len(), 1);
    let [age] = store.crl_ages(day(1)).try_into().unwrap();
    assert_eq!((age.anchor, age.freshness.freshness), (root.digest(), Freshness::Fresh));
    let older = fetched(Some(crl(&root, 6, START, days(30), &[])));
    let changes = store.apply_vical(NAME, &list, &[older, fetched(None)], day(1)).unwrap();
    let ids: Vec<_> = changes.refused.iter().map(|refused| refused.error.id()).collect();
    assert_eq!(ids, ["import-crl-number-too-low", "import-absent"]);
}

#[test]
fn a_provider_is_pinned_by_its_fingerprint() {
    let provider = Provider::new();
    let mut store = Store::without_service(SyncPolicy::online(), rust_crypto());
    let (root, signer) = (&provider.root.certificate, &provider.signer.certificate);
    let mut add = |name: &str, pin: VicalPin, fingerprint, at| store.add_vical(name, pin, fingerprint, None, at);
    let (of_root, of_signer) = (&root.fingerprint_sha256(), &signer.fingerprint_sha256());
    let found = *of_root;
    assert_eq!(add("a", VicalPin::Root(root.clone()), of_signer, START), Err(ProviderError::Fingerprint { found }));
    assert_eq!(add("a", VicalPin::Root(signer.clone()), of_signer, START), Err(ProviderError::NotCa));
    assert_eq!(add("a", VicalPin::DangerousSigner(root.clone()), of_root, START), Err(ProviderError::NotSigner));
    for name in ["", "Utopia", "a b", "ö", &"a".repeat(65)] {
        assert_eq!(add(name, VicalPin::Root(root.clone()), of_root, START).unwrap_err().id(), "vical-provider-name");
    }
    let late = add("a", VicalPin::Root(root.clone()), of_root, day(4000));
    assert_eq!(late.unwrap_err().id(), "vical-provider-expired");
    add("a", VicalPin::Root(root.clone()), of_root, START).unwrap();
    assert_eq!(add("a", VicalPin::Root(root.clone()), of_root, START).unwrap_err().id(), "vical-provider-exists");
    for number in 1..MAX_VICAL_PROVIDERS {
        add(&format!("a{number}"), VicalPin::Root(root.clone()), of_root, START).unwrap();
    }
    let last = add("last", VicalPin::Root(root.clone()), of_root, START);
    assert_eq!(last, Err(ProviderError::TooMany(MAX_VICAL_PROVIDERS)));
    assert_eq!(store.remove_vical("none", START).unwrap_err().id(), "vical-unknown-provider");
    let update = store.begin_update(START, support::update_policy());
    assert_eq!(update.err(), Some(ApplyError::NoService));
    // A pinned signer signs, and no other under the same root.
    let mut store = Store::without_service(SyncPolicy::online(), rust_crypto());
    store.add_vical(NAME, VicalPin::DangerousSigner(signer.clone()), of_signer, None, START).unwrap();
    let anchor = iaca("Utopia 1");
    provider.push(&mut store, 1, START, &[&anchor]);
    assert!(trusts(&store, &anchor, START));
    let next = Provider { signer: support::vical_signer(&provider.root, START), root: provider.root.clone() };
    let refused = store.apply_vical(NAME, &next.list(2, day(1), days(1), &[&anchor]), &[], day(1));
    assert_eq!(refused.unwrap_err().id(), "vical-signer-not-pinned");
}

fn published(name: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata");
    let root = std::env::var_os("TEGATA_TESTDATA").map_or_else(|| default.into(), PathBuf::from);
    let path = root.join("trust/vical").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no third-party data at {}", path.display());
    None
}

#[test]
fn published_lists_come_in_one_after_the_other() {
    let Some(root) = published("aamva-dts-root.pem") else { return };
    let root = Certificate::from_pem(&std::fs::read(root).unwrap()).unwrap();
    let mut store = Store::without_service(SyncPolicy::online(), rust_crypto());
    store
        .add_vical("aamva", VicalPin::Root(root.clone()), &root.fingerprint_sha256(), None, START - days(900))
        .unwrap();
    let read = |name: &str| std::fs::read(published(name).unwrap()).unwrap();
    let names = ["2024-09-24", "2025-08-05", "2025-11-18"].map(|date| format!("aamva-vical-{date}.cbor"));
    let dates = [0, 1, 2].map(|index| Vical::from_cbor(&read(&names[index])).unwrap().date());
    let apply = |store: &mut Store, index: usize| {
        let changes = store.apply_vical("aamva", &read(&names[index]), &[], dates[index])?;
        assert!(changes.skipped.is_empty() && changes.refused_entries.is_empty(), "{:?}", changes.refused_entries);
        *store = again(store);
        Ok::<_, VicalImportError>(store.trust(dates[index]).unwrap().anchors().len())
    };
    assert_eq!(apply(&mut store, 0).unwrap(), 3);
    // In between this provider began to count anew. Nobody can tell that from an old list but the provider itself.
    assert_eq!(apply(&mut store, 1).unwrap_err().id(), "vical-issue-id-lower");
    store.remove_vical("aamva", dates[1]).unwrap();
    store.add_vical("aamva", VicalPin::Root(root.clone()), &root.fingerprint_sha256(), None, dates[1]).unwrap();
    assert_eq!(apply(&mut store, 1).unwrap(), 13);
    // The fourteenth waits.
    assert_eq!(apply(&mut store, 2).unwrap(), 13);
    let last = dates[2];
    let replayed = store.apply_vical("aamva", &read(&names[1]), &[], last).unwrap_err();
    assert_eq!(replayed.id(), "vical-issue-id-lower");
    assert!(store.crl_sources("aamva").len() >= 10);
    assert_eq!(store.trust(last + days(5)).unwrap_err().id(), "trust-list-stale");
}

/// How many are trusted, why others are not, and how many cannot be read.
fn first_list(list: &str, pin: impl FnOnce(&Vical) -> VicalPin) -> Option<(usize, Vec<&'static str>, usize)> {
    let bytes = std::fs::read(published(list)?).unwrap();
    let vical = Vical::from_cbor(&bytes).unwrap();
    let (at, pin) = (vical.date(), pin(&vical));
    let mut store = Store::without_service(SyncPolicy::online(), rust_crypto());
    let fingerprint = pin.certificate().fingerprint_sha256();
    store.add_vical(NAME, pin, &fingerprint, None, at).unwrap();
    let changes = store.apply_vical(NAME, &bytes, &[], at).unwrap();
    let trusted = store.trust(at).map_or(0, |trust| trust.anchors().len());
    let mut refused: Vec<_> = changes.refused_entries.iter().map(|(_, error)| error.id()).collect();
    refused.sort_unstable();
    Some((trusted, refused, changes.skipped.len()))
}

#[test]
fn published_trial_lists_give_the_roots_in_them_and_name_the_rest() {
    let root = |name: &str| {
        let pem = std::fs::read(published(name).unwrap()).unwrap();
        VicalPin::Root(Certificate::from_pem(&pem).unwrap())
    };
    let Some(austroads) = first_list("austroads-preprod-vical-2024-09-19.cbor", |_| root("austroads-preprod-root.pem"))
    else {
        return;
    };
    let rdw = first_list("rdw-test-vical-2025-02-25.cbor", |vical| {
        VicalPin::DangerousSigner(vical.certificate_chain()[0].clone())
    });
    assert_eq!(austroads, (31, vec!["entry-profile"], 3));
    let (trusted, refused, skipped) = rdw.unwrap();
    let count = |id: &str| refused.iter().filter(|refused| **refused == id).count();
    assert_eq!((trusted, skipped), (27, 4));
    assert_eq!(["entry-not-ca", "entry-not-self-issued", "entry-profile"].map(count), [5, 2, 6]);
}
