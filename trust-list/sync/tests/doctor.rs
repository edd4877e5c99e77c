//! What the doctor says about broken configurations.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{START, Site, crl, day, days, entry, iaca, iaca_between, new_store};
use tegata_manifest::ListedState;
use tegata_pki::Severity;
use tegata_sync::{CatchUpWay, Checkup, Probe, RevocationMode, Store, doctor};
use time::UtcDateTime;

fn healthy(at: UtcDateTime) -> Checkup {
    let probe = Some(Probe { announced: 4000, received: 4000 });
    Checkup { at, not_before: START - days(30), revocation: RevocationMode::Required, probe }
}

fn ids(store: &Store, checkup: &Checkup) -> Vec<&'static str> {
    let findings = doctor(store, checkup);
    assert!(findings.iter().all(|finding| !finding.text_en.is_empty() && !finding.text_ja.is_ascii()));
    assert!(findings.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
    findings.iter().map(|finding| finding.id).collect()
}

fn running() -> (Site, Store, support::Party) {
    let mut site = Site::new();
    let root = iaca("Utopia 1");
    site.activate(&root);
    site.approve(&root, START);
    site.put_crl("root", crl(&root, 1, START, days(30), &[]));
    let mut store = new_store(&site);
    site.push(&mut store, START);
    (site, store, root)
}

#[test]
fn a_healthy_store_has_no_findings() {
    let (_, store, _) = running();
    assert_eq!(ids(&store, &healthy(START)), [""; 0]);
}

#[test]
fn a_new_store_trusts_nobody() {
    assert_eq!(ids(&new_store(&Site::new()), &healthy(START)), ["doctor-never-updated", "doctor-no-anchor"]);
}

#[test]
fn switches_clocks_and_proxies() {
    let (mut site, mut store, _) = running();
    let off = Checkup { revocation: RevocationMode::Off, ..healthy(START) };
    assert_eq!(ids(&store, &off), ["doctor-revocation-off"]);
    let optional = Checkup { revocation: RevocationMode::IfAvailable, ..healthy(START) };
    assert_eq!(ids(&store, &optional), ["doctor-revocation-optional"]);
    let cut = Checkup { probe: Some(Probe { announced: 4000, received: 1500 }), ..healthy(START) };
    assert_eq!(ids(&store, &cut), ["doctor-probe-failed"]);
    assert_eq!(ids(&store, &Checkup { probe: None, ..healthy(START) }), ["doctor-probe-not-run"]);
    let (path, length) = store.largest_object().unwrap();
    assert!(matches!(site.fetch(&path), tegata_manifest::Fetched::Bytes(bytes) if bytes.len() as u64 == length));
    site.pass(&mut store, day(20));
    assert!(ids(&store, &healthy(day(10))).contains(&"doctor-clock-turned-back"));
    let early = Checkup { not_before: day(21), ..healthy(day(20)) };
    assert_eq!(ids(&store, &early), ["doctor-clock-before-release"]);
    store.note_failure(day(20));
    assert_eq!(ids(&store, &healthy(day(20))), ["doctor-update-failing"]);
}

#[test]
fn age() {
    let (_, store, _) = running();
    assert_eq!(ids(&store, &healthy(day(2))), ["doctor-crl-grace", "doctor-list-grace"]);
    let stale = ids(&store, &healthy(day(4)));
    assert_eq!(stale, ["doctor-crl-stale", "doctor-list-stale"]);
}

#[test]
fn anchors_that_wait_go_or_are_gone() {
    let (mut site, mut store, root) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Announced, day(1), day(50)));
    site.push(&mut store, day(1));
    assert_eq!(ids(&store, &healthy(day(1))), ["doctor-hold-down"]);
    site.drop_entry(&root);
    site.push(&mut store, day(2));
    assert_eq!(ids(&store, &healthy(day(2))), ["doctor-anchor-missing", "doctor-hold-down"]);
    site.put(entry(&root, ListedState::Removed, START, START));
    site.push(&mut store, day(3));
    assert_eq!(ids(&store, &healthy(day(3))), ["doctor-removal-unconfirmed", "doctor-hold-down"]);
}

#[test]
fn asleep_through_a_rollover() {
    let mut site = Site::new();
    let old = iaca_between("Utopia 1", START, day(200));
    site.activate(&old);
    site.approve(&old, START);
    let mut store = new_store(&site);
    site.push(&mut store, START);
    assert!(ids(&store, &healthy(day(120))).contains(&"doctor-anchor-expires"));
    let new = iaca("Utopia 2");
    site.put(entry(&old, ListedState::Removed, START, START));
    site.put(entry(&new, ListedState::Active, day(100), day(150)));
    site.list.links.push(support::link(&old, &new, day(100)));
    let changes = site.push(&mut store, day(300));
    let [catch_up] = changes.catch_up.as_slice() else { panic!("{:?}", changes.catch_up) };
    let fingerprint_sha256 = new.certificate.fingerprint_sha256();
    assert_eq!(catch_up.way, CatchUpWay::Impossible { fingerprint_sha256, until: day(330) });
    assert_eq!(catch_up.way.id(), "anchor-catch-up-impossible");
    let hex: String = fingerprint_sha256.iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(catch_up.way.text_en().contains(&hex) && catch_up.way.text_ja().contains(&hex));
    let findings = doctor(&store, &healthy(day(300)));
    let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.id).collect();
    assert_eq!(errors, ["doctor-no-anchor", "doctor-catch-up-impossible", "doctor-scope-without-anchor"]);
    // The way out.
    let purposes = [tegata_trust_list::Purpose::Issuance].into();
    let scope = tegata_trust_list::Scope::doc_type(support::MDL);
    store.add_manually(new.certificate.der(), &fingerprint_sha256, &scope, &purposes, day(300)).unwrap();
    assert!(support::trusts(&store, &new, day(300)));
    assert!(store.catch_up(day(300)).is_empty());
}
