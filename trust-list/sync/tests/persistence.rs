//! Keeping a store: one deterministic file, never silently empty, never silently old.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use support::{START, Site, URI, crl, day, days, entry, iaca, link, new_store, status_list, status_signer, trusts};
use tegata_manifest::ListedState;
use tegata_pki::rust_crypto;
use tegata_sync::{
    FileMedium, Jitter, ListTrust, LoadError, MemoryMedium, OperatorError, Persistence, Store, StoreBytesError,
    SyncPolicy, TransactionError,
};
use tegata_trust_list::{Purpose, Scope};
use time::Duration;

/// A store with something of everything.
fn full() -> (Site, Store, support::Party) {
    let mut site = Site::new();
    let (root, new, retiring) = (iaca("Utopia 1"), iaca("Utopia 2"), iaca("Utopia 3"));
    site.activate(&root);
    site.approve(&root, START);
    site.put(entry(&new, ListedState::Announced, START, day(100)));
    site.put(entry(&retiring, ListedState::Retiring, START, START));
    site.list.links.push(link(&root, &new, START));
    site.source(&root, URI);
    site.put_crl("root", crl(&root, 70_000, START, days(30), &[]));
    let mut store = new_store(&site);
    site.push(&mut store, START);
    let signer = status_signer(&root, START);
    store.import_list(URI, &status_list(URI, &signer, day(1)), ListTrust::Anchors, day(1)).unwrap();
    let own = iaca("Utopia 9");
    let fingerprint = own.certificate.fingerprint_sha256();
    let purposes = [Purpose::Issuance, Purpose::Reader].into();
    store.add_manually(own.certificate.der(), &fingerprint, &Scope::AnyDocType, &purposes, day(1)).unwrap();
    store.distrust(&retiring.digest(), day(1)).unwrap();
    store.confirm_removal(&own.digest(), day(1)).unwrap();
    site.pass(&mut store, day(2));
    store.note_failure(day(2));
    (site, store, root)
}

fn read(bytes: &[u8]) -> Result<Store, StoreBytesError> {
    Store::from_bytes(bytes, SyncPolicy::online(), rust_crypto())
}

#[test]
fn everything_comes_back_and_equal_states_are_equal_bytes() {
    let (mut site, store, root) = full();
    let bytes = store.to_bytes();
    let mut again = read(&bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.anchors(), store.anchors());
    assert_eq!(again.list(), store.list());
    assert_eq!(again.latest_time(), store.latest_time());
    assert_eq!(again.plan(day(2), Jitter::NONE), store.plan(day(2), Jitter::NONE));
    assert_eq!(again.crl_ages(day(2)), store.crl_ages(day(2)));
    assert_eq!(again.evidence(day(2)).lists.status_lists().count(), 1);
    assert!(trusts(&again, &root, day(2)));
    site.pass(&mut again, day(3));
}

#[test]
fn damage_is_an_error_of_its_own() {
    let (_, store, _) = full();
    let bytes = store.to_bytes();
    assert_eq!(read(&[]).unwrap_err(), StoreBytesError::Empty);
    for end in (1..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        assert!(matches!(read(&bytes[..end]), Err(StoreBytesError::Damaged(_))), "{end}");
    }
    let mut ids = std::collections::BTreeSet::new();
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 0x41;
        if position % 5 == 0 || position < 200 {
            match read(&changed) {
                Err(error) => _ = ids.insert(error.id()),
                // The copy of the generation outside of the digest is for people.
                Ok(store) => assert_eq!(store.to_bytes(), bytes),
            }
        }
    }
    assert!(ids.contains("store-digest") && ids.contains("store-damaged") && ids.contains("store-type"), "{ids:?}");
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(read(&longer), Err(StoreBytesError::Damaged(_))));
    let mut later = bytes;
    let version = later.windows(2).position(|pair| pair == [b'e', 2]).unwrap() + 1;
    later[version] = 3;
    assert_eq!(read(&later).unwrap_err(), StoreBytesError::Version(3));
}

#[test]
fn a_store_of_before_there_were_vicals_is_read() {
    let bytes = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/store-1.cbor")).unwrap();
    let mut store = read(&bytes).unwrap();
    assert_eq!((store.anchors().iter().count(), store.vicals().count()), (4, 0));
    assert_eq!(store.root().unwrap().header.repository, "dts.example");
    assert!(store.anchors().iter().filter(|(_, anchor)| anchor.listed.is_some_and(|l| l.facts.is_some())).count() == 3);
    assert_eq!(store.trust(day(2)).unwrap().anchors().len(), 2);
    assert_eq!(store.crl_ages(day(2)).iter().filter(|age| age.number.is_some()).count(), 1);
    // It is kept in the form of today.
    let mut medium = MemoryMedium::new();
    store.save(&mut medium).unwrap();
    assert_ne!(medium.bytes().unwrap(), bytes);
    let again = Store::load(&medium, SyncPolicy::online(), rust_crypto()).unwrap().unwrap();
    assert_eq!((again.anchors(), again.list()), (store.anchors(), store.list()));
}

#[test]
fn an_old_copy_is_refused_where_the_medium_can_tell() {
    let (mut site, mut store, _) = full();
    let mut medium = MemoryMedium::new();
    store.save(&mut medium).unwrap();
    let old = medium.bytes().unwrap().to_vec();
    site.pass(&mut store, day(3));
    store.save(&mut medium).unwrap();
    let load = |medium: &MemoryMedium| Store::load(medium, SyncPolicy::online(), rust_crypto());
    assert_eq!(load(&medium).unwrap().unwrap().generation(), 2);
    for (bytes, found) in [(Some(old), 1), (None, 0)] {
        medium.replace_bytes(bytes);
        let Err(LoadError::Bytes(error)) = load(&medium) else { panic!() };
        assert_eq!(error, StoreBytesError::RolledBack { found, expected: 2 });
    }
    assert!(load(&MemoryMedium::new()).unwrap().is_none(), "nothing was ever saved");
}

#[test]
fn a_change_is_on_the_medium_or_nowhere() {
    let (_, mut store, root) = full();
    let directory = tempfile::tempdir().unwrap();
    let mut medium = FileMedium::new(directory.path().join("store"));
    let distrust = |store: &mut Store| store.distrust(&root.digest(), day(2));
    let before = store.to_bytes();
    let mut nowhere = FileMedium::new(directory.path().join("missing/store"));
    let failed = store.transaction(&mut nowhere, distrust);
    assert!(matches!(failed, Err(TransactionError::Medium(error)) if error.id() == "file-write"));
    assert_eq!(store.to_bytes(), before);
    store.transaction(&mut medium, distrust).unwrap();
    let loaded = Store::load(&medium, SyncPolicy::online(), rust_crypto()).unwrap().unwrap();
    assert_eq!(loaded.to_bytes(), store.to_bytes());
    assert!(!trusts(&loaded, &root, day(2)));
    let refused = store.transaction(&mut medium, |store| store.lift_distrust(&iaca("x").digest(), day(2)));
    assert!(matches!(refused, Err(TransactionError::Change(OperatorError::Unknown(_)))));
}

#[test]
fn a_counter_in_another_place_finds_a_restored_backup() {
    let (_, mut store, _) = full();
    let directory = tempfile::tempdir().unwrap();
    let (path, counter) = (directory.path().join("store"), directory.path().join("counter"));
    let mut medium = FileMedium::new(&path).with_counter(&counter);
    store.save(&mut medium).unwrap();
    let backup = fs::read(&path).unwrap();
    store.save(&mut medium).unwrap();
    fs::write(&path, backup).unwrap();
    let load = || Store::load(&medium, SyncPolicy::online(), rust_crypto());
    assert_eq!(load().unwrap_err().id(), "store-rolled-back");
    fs::remove_file(&path).unwrap();
    assert_eq!(load().unwrap_err().id(), "store-rolled-back", "a store that is gone is no new one");
    fs::write(&counter, "many").unwrap();
    assert!(matches!(load(), Err(LoadError::Medium(error)) if error.id() == "file-counter"));
}

/// Not a test of its own: writes generation after generation until it is killed.
#[test]
fn child_that_writes_until_killed() {
    let Some(path) = std::env::var_os("TEGATA_SYNC_WRITE") else { return };
    let mut medium = FileMedium::new(path);
    let mut store = Store::load(&medium, SyncPolicy::online(), rust_crypto()).unwrap().unwrap();
    loop {
        store.save(&mut medium).unwrap();
    }
}

#[test]
fn killed_at_any_moment_the_file_is_the_old_or_the_new_one() {
    let (_, mut store, root) = full();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let mut medium = FileMedium::new(&path);
    store.save(&mut medium).unwrap();
    let mut generation = store.generation();
    for round in 0..20_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_that_writes_until_killed", "--exact"])
            .env("TEGATA_SYNC_WRITE", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(core::time::Duration::from_millis(60 + round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = Store::load(&medium, SyncPolicy::online(), rust_crypto()).unwrap().unwrap();
        assert!(found.generation() >= generation);
        assert!(trusts(&found, &root, day(2)));
        generation = found.generation();
    }
    assert!(generation > 20, "the children did write: {generation}");
    // What a crash leaves beside it does no harm.
    fs::write(directory.path().join("store.new"), b"half a sto").unwrap();
    let mut found = Store::load(&medium, SyncPolicy::online(), rust_crypto()).unwrap().unwrap();
    found.save(&mut medium).unwrap();
    assert_eq!(medium.load().unwrap().unwrap(), found.to_bytes());
}

#[test]
fn the_plan_follows_what_runs_out_first() {
    let mut site = Site::new();
    let root = iaca("Utopia 1");
    site.activate(&root);
    site.approve(&root, START);
    let mut store = new_store(&site);
    assert_eq!(store.plan(START, Jitter::NONE).next_update, START, "at once");
    site.source(&root, URI);
    site.push(&mut store, START);
    let plan = store.plan(START, Jitter::NONE);
    assert_eq!(plan.next_update, START + Duration::hours(12), "half the life of the pointer");
    assert_eq!(plan.lists, [(URI.to_owned(), START)], "not held yet");
    let signer = status_signer(&root, START);
    store.import_list(URI, &status_list(URI, &signer, START), ListTrust::Anchors, START).unwrap();
    assert_eq!(store.plan(START, Jitter::NONE).lists, [(URI.to_owned(), START + Duration::hours(84))]);
    store.import_crl(&crl(&root, 1, START, Duration::hours(6), &[]), START).unwrap();
    assert_eq!(store.plan(START, Jitter::NONE).next_update, START + Duration::hours(3), "half-way to nextUpdate");
    let shifted = [0, u16::MAX].map(|bits| store.plan(START, Jitter::from_random(bits)).next_update);
    assert_eq!(shifted, [162, 198].map(|minutes| START + Duration::minutes(minutes)), "ten percent");
    let at = START + Duration::hours(3);
    let mut waits = Vec::new();
    for _ in 0..9 {
        store.note_failure(at);
        let plan = store.plan(at, Jitter::NONE);
        assert!(plan.is_retry);
        waits.push((plan.next_update - at).whole_minutes());
    }
    assert_eq!(waits, [18, 36, 72, 144, 288, 576, 1152, 1440, 1440]);
    site.pass(&mut store, at);
    assert!(!store.plan(at, Jitter::NONE).is_retry);
}
