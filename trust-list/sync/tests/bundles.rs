//! A gate without a network: the bundle is made elsewhere, carried, and verified again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::update_policy;
use support::{
    Provider, START, Site, URI, crl, day, days, entry, iaca, state, status_list, status_signer, store_with, trusts,
};
use tegata_manifest::{ListedState, Step};
use tegata_pki::rust_crypto;
use tegata_sync::{BundleBuilder, BundleError, EvidenceBundle, Freshness, Store, SyncPolicy};
use time::{Duration, UtcDateTime};

fn bundle(site: &Site, lists: &[(&str, Vec<u8>)], at: UtcDateTime) -> EvidenceBundle {
    let mut builder = BundleBuilder::begin(site.root(1), at, update_policy(), rust_crypto()).unwrap();
    while let Step::Fetch { path, .. } = builder.step().unwrap() {
        builder.receive(site.fetch(&path), at).unwrap();
    }
    lists.iter().for_each(|(uri, bytes)| builder.add_list(*uri, bytes.clone(), at));
    let bundle = builder.finish(at);
    assert_eq!(EvidenceBundle::from_bytes(&bundle.to_bytes()).unwrap(), bundle);
    bundle
}

fn world() -> (Site, support::Party, Store) {
    let mut site = Site::new();
    let root = iaca("Utopia 1");
    site.activate(&root);
    site.approve(&root, START);
    site.source(&root, URI);
    site.put_crl("root", crl(&root, 5, START, days(60), &[]));
    site.publish(START);
    let gate = store_with(&site, SyncPolicy::offline());
    (site, root, gate)
}

#[test]
fn a_bundle_brings_anchors_crls_and_lists_and_says_how_old_they_are() {
    let (site, root, mut gate) = world();
    let signer = status_signer(&root, START);
    let bundle = bundle(&site, &[(URI, status_list(URI, &signer, START))], START);
    // Carried for five days: the pointer is over long since.
    let report = gate.import_bundle(&bundle, update_policy(), day(5)).unwrap();
    assert_eq!((report.fetched_at, report.as_of, report.age), (START, START, days(5)));
    assert!(report.changes.refused.is_empty(), "{:?}", report.changes.refused);
    assert!(trusts(&gate, &root, day(5)));
    let age = gate.list_age(day(5)).unwrap();
    assert_eq!((age.age, age.freshness), (days(5), Freshness::Grace));
    let evidence = gate.evidence(day(5));
    assert_eq!(evidence.crls.crls().len(), 1);
    assert_eq!(evidence.lists.status_lists().count(), 1);
    assert_eq!(gate.crl_ages(day(5))[0].times.unwrap().fetched_at, START);
    // Once more: nothing is younger for being imported again.
    gate.import_bundle(&bundle, update_policy(), day(6)).unwrap();
    assert_eq!(gate.list_age(day(6)).unwrap().age, days(6));
    assert!(gate.trust(day(91)).is_err(), "and one day it is too old");
}

#[test]
fn a_bundle_of_before_there_were_vicals_is_read() {
    let (site, root, mut gate) = world();
    let today = bundle(&site, &[], START).to_bytes();
    // Two lists fewer at the end, and the version after the type.
    let mut old = today[..today.len() - 2].to_vec();
    let version = old.windows(2).position(|pair| pair == [b'e', 2]).unwrap() + 1;
    (old[0], old[version]) = (0x85, 1);
    let old = EvidenceBundle::from_bytes(&old).unwrap();
    gate.import_bundle(&old, update_policy(), day(1)).unwrap();
    assert!(trusts(&gate, &root, day(1)));
    assert_eq!(old.to_bytes(), today);
    let mut later = today.clone();
    later[version] = 3;
    assert_eq!(EvidenceBundle::from_bytes(&later).unwrap_err(), BundleError::Version(3));
}

#[test]
fn vicals_and_a_service_in_one_bundle() {
    let (site, root, _) = world();
    let (provider, theirs) = (Provider::new(), iaca("Utopia 2"));
    let mut both = bundle(&site, &[], START);
    both.add_vical("their list", provider.list(3, START, days(1), &[&theirs]), START);
    both.add_vical("a stranger's", Provider::new().list(3, START, days(1), &[&theirs]), START);
    both.add_crl("http://iaca.example/crl", crl(&theirs, 5, START, days(60), &[]), START);
    assert_eq!(EvidenceBundle::from_bytes(&both.to_bytes()).unwrap(), both);
    // Each gate takes what it follows.
    let mut gate = store_with(&site, SyncPolicy::offline());
    provider.add_to(&mut gate, START);
    let report = gate.import_bundle(&both, update_policy(), day(5)).unwrap();
    assert_eq!((report.as_of, report.age, report.vicals.len()), (START, days(5), 1));
    assert_eq!(
        (report.refused_vicals[0].0.as_str(), report.refused_vicals[0].1.id()),
        ("a stranger's", "vical-signer-path")
    );
    assert!(trusts(&gate, &root, day(5)) && trusts(&gate, &theirs, day(5)));
    assert_eq!(gate.crl_ages(day(5)).iter().filter(|age| age.number.is_some()).count(), 2);
    let mut alone = provider.store_with(SyncPolicy::offline());
    alone.import_bundle(&both, update_policy(), day(5)).unwrap();
    assert!(!trusts(&alone, &root, day(5)) && trusts(&alone, &theirs, day(5)));
    // Imported again it is no younger, and one day it is too old.
    alone.import_bundle(&both, update_policy(), day(60)).unwrap();
    assert_eq!(alone.vical_age(Provider::NAME, day(60)).unwrap().age, days(60));
    assert!(alone.trust(day(92)).is_err());
    let service = store_with(&site, SyncPolicy::offline());
    let mut vicals = EvidenceBundle::empty(START);
    assert_eq!(service.clone().import_bundle(&vicals, update_policy(), START).unwrap_err(), BundleError::NoPointer);
    vicals.add_vical("their list", provider.list(3, START, days(1), &[&theirs]), START);
    let before = service.to_bytes();
    let mut service = service;
    let refused = service.import_bundle(&vicals, update_policy(), START).unwrap_err();
    assert_eq!((refused.id(), service.to_bytes()), ("vical-unknown-provider", before));
}

#[test]
fn an_older_bundle_is_refused() {
    let (mut site, root, mut gate) = world();
    let old = bundle(&site, &[], START);
    site.point(day(3));
    let new = bundle(&site, &[], day(3));
    gate.import_bundle(&new, update_policy(), day(4)).unwrap();
    let before = gate.to_bytes();
    let refused = gate.import_bundle(&old, update_policy(), day(4)).unwrap_err();
    assert_eq!(refused, BundleError::Older { fetched_at: START, held: day(3) });
    assert_eq!(gate.to_bytes(), before);
    assert!(trusts(&gate, &root, day(4)));
}

#[test]
fn an_old_bundle_that_says_it_is_new_wins_nothing() {
    let (mut site, _, mut gate) = world();
    // The thief's anchor is in the bundle; the owner has revoked it since, and the gate is given the same files again
    // and again, as if they were fetched each time.
    let thief = iaca("Utopia 2");
    site.put(entry(&thief, ListedState::Active, day(1), day(1)));
    site.publish(day(1));
    let stolen = bundle(&site, &[], day(1));
    gate.import_bundle(&stolen, update_policy(), day(1)).unwrap();
    for today in [10, 31, 40, 60] {
        gate.import_bundle(&stolen, update_policy(), day(today)).unwrap();
        assert_eq!(state(&gate, &thief), "candidate", "day {today}");
    }
    // Saying another time of the fetch does not help: the pointer is over then.
    let at = day(1) + Duration::hours(25);
    let mut bytes = stolen.to_bytes();
    let (old, new) = (day(1).unix_timestamp().to_be_bytes(), day(40).unix_timestamp().to_be_bytes());
    let places: Vec<_> = (0..bytes.len() - 4).filter(|i| bytes[*i..*i + 4] == old[4..]).collect();
    assert!(places.len() > 4);
    places.into_iter().for_each(|place| bytes[place..place + 4].copy_from_slice(&new[4..]));
    let forged = EvidenceBundle::from_bytes(&bytes).unwrap();
    assert_eq!(forged.fetched_at(), Some(day(40)));
    assert!(matches!(gate.import_bundle(&forged, update_policy(), day(61)), Err(BundleError::Update(_))));
    assert_eq!(state(&gate, &thief), "candidate");
    assert!(at < day(40));
}

#[test]
fn a_changed_truncated_or_future_bundle() {
    let (site, _, gate) = world();
    let bundle = bundle(&site, &[], START);
    let future = gate.clone().import_bundle(&bundle, update_policy(), START - days(1)).unwrap_err();
    assert!(matches!(future, BundleError::FromFuture { .. }), "{future:?}");
    let bytes = bundle.to_bytes();
    for end in (0..bytes.len()).step_by(11) {
        assert!(EvidenceBundle::from_bytes(&bytes[..end]).is_err());
    }
    let mut good = gate.clone();
    good.import_bundle(&bundle, update_policy(), day(1)).unwrap();
    for position in (0..bytes.len()).step_by(23) {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let mut gate = gate.clone();
        let imported = EvidenceBundle::from_bytes(&changed)
            .and_then(|bundle| gate.import_bundle(&bundle, update_policy(), day(1)).map(|_| ()));
        if imported.is_ok() {
            // A time, the name of an object nobody asks for, or a CRL that was refused: never another anchor.
            assert!(gate.anchors().iter().all(|(key, anchor)| {
                good.anchors()
                    .get(&key)
                    .is_some_and(|same| same.certificate == anchor.certificate && same.grants == anchor.grants)
            }));
        }
    }
}
