//! Attacks on the evidence of a verifier: never a wrong accept, each with its own cause.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{
    MDL, START, Site, URI, crl, day, days, document_signer, iaca, link, new_store, status_list, status_signer,
};
use support::{state, trusts, update_policy};
use tegata_manifest::{FetchFailure, Fetched, UpdateError};
use tegata_pki::rust_crypto;
use tegata_sync::{ApplyError, FetchedList, ImportError, ListTrust, Store, TrustUnavailable};
use tegata_trust_list::{RevocationCheck, RevocationPolicy, RevocationStatus, certificate_status};
use time::{Duration, UtcDateTime};

/// A store that trusts `anchors` from day 0 on.
fn trusting(anchors: &[&support::Party]) -> (Site, Store) {
    let mut site = Site::new();
    for anchor in anchors {
        site.activate(anchor);
        site.approve(anchor, START);
    }
    let mut store = new_store(&site);
    site.push(&mut store, START);
    (site, store)
}

/// The status of a document signer by what the store gives out.
fn status(store: &Store, signer: &support::Party, issuer: &support::Party, at: UtcDateTime) -> RevocationStatus {
    let (evidence, policy) = (store.evidence(at), RevocationPolicy::strict());
    let check = RevocationCheck { evidence: &evidence, trust: None, policy: &policy, at, provider: rust_crypto() };
    certificate_status(&signer.certificate, &issuer.certificate, &check)
}

#[test]
fn an_old_crl_played_back() {
    let root = iaca("Utopia 1");
    let signer = document_signer(&root, START);
    let (_, mut store) = trusting(&[&root]);
    let old = crl(&root, 5, START, days(60), &[]);
    store.import_crl(&old, day(1)).unwrap();
    assert_eq!(status(&store, &signer, &root, day(1)).id(), "good");
    store.import_crl(&crl(&root, 6, day(1), days(60), &[&signer.certificate]), day(1)).unwrap();
    let error = store.import_crl(&old, day(2)).unwrap_err();
    assert_eq!(error.id(), "import-crl-number-too-low");
    assert_eq!(status(&store, &signer, &root, day(2)).id(), "revoked");
    // Not even after a restart, for a store whose CRL was lost in between: the number is remembered.
    let bytes = store.to_bytes();
    let mut store = Store::from_bytes(&bytes, store.policy().clone(), rust_crypto()).unwrap();
    assert_eq!(store.import_crl(&old, day(2)).unwrap_err().id(), "import-crl-number-too-low");
    assert_eq!(status(&store, &signer, &root, day(2)).id(), "revoked");
}

#[test]
fn two_crls_of_one_number() {
    let root = iaca("Utopia 1");
    let signer = document_signer(&root, START);
    let (_, mut store) = trusting(&[&root]);
    let first = crl(&root, 5, START, days(30), &[&signer.certificate]);
    store.import_crl(&first, day(1)).unwrap();
    let error = store.import_crl(&crl(&root, 5, START, days(30), &[]), day(1)).unwrap_err();
    assert_eq!(error.id(), "import-crl-number-reused");
    store.import_crl(&first, day(2)).unwrap();
    assert_eq!(status(&store, &signer, &root, day(2)).id(), "revoked");
}

#[test]
fn a_daily_series_that_got_out_before_its_days() {
    let root = iaca("Utopia 1");
    let signer = document_signer(&root, START);
    let (_, mut store) = trusting(&[&root]);
    let number = |today: i64| (7_u64 << 32) | (u64::try_from(today).unwrap() << 8);
    let series: Vec<_> = (0..5).map(|today| crl(&root, number(today), day(today), days(3), &[])).collect();
    store.import_crl(&series[0], day(0)).unwrap();
    for early in &series[1..] {
        assert_eq!(store.import_crl(early, day(0)).unwrap_err().id(), "import-crl-not-yet-valid");
    }
    // The emergency of day 1 has a higher number than the whole series, which nobody can use any more.
    let emergency = crl(&root, number(4) | 1, day(1), days(3), &[&signer.certificate]);
    store.import_crl(&emergency, day(1)).unwrap();
    for late in &series {
        assert_eq!(store.import_crl(late, day(4)).unwrap_err().id(), "import-crl-number-too-low");
    }
    assert_eq!(status(&store, &signer, &root, day(2)).id(), "revoked");
}

#[test]
fn one_name_and_two_keys_in_both_orders() {
    let (one, two) = (iaca("Utopia"), iaca("Utopia"));
    let (signer_one, signer_two) = (document_signer(&one, START), document_signer(&two, START));
    let crl_one = crl(&one, 58, START, days(30), &[&signer_one.certificate]);
    let crl_two = crl(&two, 3, START, days(30), &[]);
    for order in [[&crl_one, &crl_two], [&crl_two, &crl_one]] {
        let (_, mut store) = trusting(&[&one, &two]);
        for bytes in order {
            store.import_crl(bytes, day(1)).unwrap();
        }
        assert_eq!(status(&store, &signer_one, &one, day(1)).id(), "revoked");
        assert_eq!(status(&store, &signer_two, &two, day(1)).id(), "good", "58 is no rollback of 3: another key");
    }
}

#[test]
fn a_crl_of_a_stranger_with_the_same_name() {
    let (root, stranger) = (iaca("Utopia"), iaca("Utopia"));
    let (_, mut store) = trusting(&[&root]);
    let error = store.import_crl(&crl(&stranger, 99, START, days(30), &[]), day(1)).unwrap_err();
    assert_eq!(error, ImportError::UnknownIssuer, "its key identifier is another");
    assert_eq!(store.highest_crl_numbers().count(), 0, "a stranger cannot burn numbers");
    let mut bytes = crl(&root, 1, START, days(30), &[]);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(store.import_crl(&bytes, day(1)).unwrap_err().id(), "import-crl-signature");
}

#[test]
fn a_web_page_or_half_a_file_instead_of_a_crl() {
    let root = iaca("Utopia 1");
    let signer = document_signer(&root, START);
    let (mut site, mut store) = trusting(&[&root]);
    store.import_crl(&crl(&root, 5, START, days(30), &[]), START).unwrap();
    for page in [&b"<!DOCTYPE html><title>Free Wi-Fi</title>"[..], b"\n\n<html>", b"\xef\xbb\xbf<?xml version='1.0'?>"]
    {
        assert_eq!(store.import_crl(page, day(1)), Err(ImportError::WebPage));
        let list = store.import_list(URI, page, ListTrust::Anchors, day(1));
        assert_eq!(list, Err(ImportError::WebPage));
    }
    let whole = crl(&root, 6, day(1), days(30), &[]);
    for end in 0..whole.len() {
        assert!(store.import_crl(&whole[..end], day(1)).is_err());
    }
    // What is held stays, and ages.
    assert_eq!(status(&store, &signer, &root, day(1)).id(), "good");
    assert_eq!(status(&store, &signer, &root, day(4)).id(), "undetermined", "not fetched for four days");
    // In an update the page is told apart from all else, and the rest is taken in.
    site.put_crl("root", b"<html>".to_vec());
    let changes = site.push(&mut store, day(2));
    assert_eq!(changes.refused[0].error, ImportError::WebPage);
    assert_eq!(changes.refused[0].name, "crl/root.crl");
    assert!(trusts(&store, &root, day(2)));
}

#[test]
fn a_clock_turned_back() {
    let root = iaca("Utopia 1");
    let (mut site, mut store) = trusting(&[&root]);
    site.push(&mut store, day(100));
    let back = day(50);
    assert!(matches!(store.trust(back), Err(TrustUnavailable::ClockTurnedBack { latest, .. }) if latest == day(100)));
    assert!(store.evidence(back).crls.crls().is_empty());
    let bytes = crl(&root, 1, day(40), days(30), &[]);
    assert_eq!(store.import_crl(&bytes, back).unwrap_err().id(), "import-clock-turned-back");
    let list = store.import_list(URI, &[], ListTrust::Anchors, back);
    assert_eq!(list.unwrap_err().id(), "import-clock-turned-back");
    assert!(matches!(store.begin_update(back, update_policy()), Err(ApplyError::ClockTurnedBack { .. })));
    assert_eq!(store.distrust(&root.digest(), back).unwrap_err().id(), "operator-clock-turned-back");
    // A restart does not make it forget; small differences between clocks are no attack.
    let store = Store::from_bytes(&store.to_bytes(), store.policy().clone(), rust_crypto()).unwrap();
    assert_eq!(store.trust(back).unwrap_err().id(), "trust-clock-turned-back");
    assert!(store.trust(day(100) - Duration::minutes(2)).is_ok());
}

#[test]
fn a_clock_turned_forward_adopts_nobody() {
    let (root, thief) = (iaca("Utopia 1"), iaca("Utopia 2"));
    let (mut site, mut store) = trusting(&[&root]);
    site.activate(&thief);
    site.push(&mut store, day(1));
    let update = store.begin_update(day(40), update_policy()).unwrap();
    assert!(matches!(site.drive(update), Err(UpdateError::Expired { .. })), "the pointer of day 1 is over");
    assert_eq!(state(&store, &thief), "candidate");
}

#[test]
fn a_list_by_a_stranger_who_may_sign_others() {
    let (root, other) = (iaca("Utopia 1"), iaca("Atlantis 1"));
    let (mut site, mut store) = trusting(&[&root, &other]);
    site.source(&root, URI);
    site.push(&mut store, day(1));
    let (good, stranger) = (status_signer(&root, START), status_signer(&other, START));
    let error = store.import_list(URI, &status_list(URI, &stranger, day(1)), ListTrust::Anchors, day(1)).unwrap_err();
    assert!(matches!(error, ImportError::List(_)), "{error:?}");
    assert_eq!(error.id(), "status-foreign-signer");
    assert!(store.evidence(day(1)).lists.status_lists().next().is_none());
    // A list of the right signer for another place.
    let elsewhere = status_list("https://status.example/2", &good, day(1));
    let error = store.import_list(URI, &elsewhere, ListTrust::Anchors, day(1)).unwrap_err();
    assert_eq!(error.id(), "import-list-subject");
    store.import_list(URI, &status_list(URI, &good, day(1)), ListTrust::Anchors, day(1)).unwrap();
    assert_eq!(store.evidence(day(1)).lists.status_lists().count(), 1);
}

#[test]
fn an_old_or_future_status_list() {
    let root = iaca("Utopia 1");
    let (mut site, mut store) = trusting(&[&root]);
    let signer = status_signer(&root, START);
    let [old, new, future] = [1, 2, 5].map(|today| status_list(URI, &signer, day(today)));
    let mut import = |bytes: &[u8], today| store.import_list(URI, bytes, ListTrust::Anchors, day(today));
    assert_eq!(import(&new, 2), Ok(day(2)));
    assert_eq!(import(&old, 2), Err(ImportError::ListOlder { found: day(1), seen: day(2) }));
    assert!(matches!(import(&future, 3), Err(ImportError::List(_))));
    assert!(matches!(import(&new, 10), Err(ImportError::List(_))), "expired");
    // In an update: what cannot be fetched is said, what is held stays.
    let failed = |fetched| [FetchedList { uri: URI.to_owned(), fetched, fetched_at: day(3) }];
    site.point(day(3));
    for (fetched, id) in [
        (Fetched::Failed(FetchFailure::Timeout), "import-fetch-failed"),
        (Fetched::Absent, "import-absent"),
        (Fetched::Bytes(old.clone()), "import-list-older"),
    ] {
        let accepted = site.drive(store.begin_update(day(3), update_policy()).unwrap()).unwrap();
        let changes = store.apply(accepted, &failed(fetched), day(3)).unwrap();
        assert_eq!(changes.refused[0].error.id(), id);
    }
    assert_eq!(store.evidence(day(3)).lists.latest_seen().collect::<Vec<_>>(), [(URI, day(2))]);
}

#[test]
fn a_thief_of_the_list_key_gets_nobody_inside_the_hold_down() {
    let root = iaca("Utopia 1");
    let (mut site, mut store) = trusting(&[&root]);
    let thief = iaca("Utopia 1");
    // Everything the list can say: in use, announced long ago, linked by himself, for everything.
    let mut listed = support::entry(&thief, tegata_manifest::ListedState::Active, START - days(900), START - days(900));
    listed.approval = Some(site.bad_approval(&listed, START));
    site.put(listed);
    site.list.links.push(link(&thief, &root, START));
    site.list.links.push(link(&thief, &thief, START));
    for today in 1..=30 {
        site.publish(day(today));
        site.update(&mut store, day(today));
        assert!(!trusts(&store, &thief, day(today)), "day {today}");
    }
    site.entry_mut(&thief).state = tegata_manifest::ListedState::Revoked;
    site.push(&mut store, day(31));
    site.entry_mut(&thief).state = tegata_manifest::ListedState::Active;
    site.push(&mut store, day(32));
    site.pass(&mut store, day(90));
    assert_eq!(state(&store, &thief), "revoked");
    assert_eq!(store.trust(day(90)).unwrap().anchors_for(tegata_trust_list::Purpose::Issuance, MDL).count(), 1);
}

#[test]
fn an_update_that_was_overtaken() {
    let root = iaca("Utopia 1");
    let (mut site, mut store) = trusting(&[&root]);
    site.point(day(1));
    let slow = site.drive(store.begin_update(day(1), update_policy()).unwrap()).unwrap();
    site.push(&mut store, day(1));
    let before = store.to_bytes();
    assert_eq!(store.apply(slow, &[], day(1)), Err(ApplyError::Overtaken));
    assert_eq!(store.to_bytes(), before);
}
