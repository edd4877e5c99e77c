//! Every attack that the update protects against, by its name. None is ever accepted, each has its own cause, and the state
//! of the client stays what it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "test code"
)]

mod support;

use std::collections::BTreeSet;

use support::*;
use tegata_manifest::{
    ClientState, FetchFailure, Fetched, FileReference, KeyId, MAX_POINTER_BYTES, MAX_ROOT_BYTES, MAX_ROOT_STEPS,
    MetadataError, Pointer, RoleName, Signed, Snapshot, UpdateError, path,
};
use tegata_pki::rust_crypto;
use time::{Duration, UtcDateTime};

const HOUR: Duration = Duration::HOUR;

/// The client still accepts the honest service, from the state that it had.
fn still_well(state: &ClientState, site: &Site, at: UtcDateTime) {
    update(state, &site.tree, at).unwrap();
}

#[test]
fn arbitrary_installation_a_stranger_signs() {
    let (site, state) = current();
    let stranger = key(99);
    let reference = site.reference(RoleName::Snapshot);
    let pointer = Pointer { header: header(3, START + HOUR, Duration::DAY), snapshot: reference };
    let forged = Fetched::Bytes(sign(&pointer, &[&stranger]));
    let error = update_with(&state, &site.tree, START + HOUR * 2, path::POINTER, &forged).unwrap_err();
    assert!(
        matches!(error, UpdateError::NotSigned { role: RoleName::Pointer, threshold: 1, valid: 0, .. }),
        "{error:?}"
    );
    still_well(&state, &site, START + HOUR * 2);
}

#[test]
fn arbitrary_installation_by_the_keys_of_another_role() {
    let (mut site, state) = current();
    // Snapshot and pointer keys together sign a list.
    let online = [key(21), key(31)];
    let list = list(3, START + HOUR, &[1]);
    let file = sign(&list, &[&online[0], &online[1]]);
    let reference = reference(3, &file);
    site.tree.insert(path::list(3), file);
    site.publish_snapshot(START + HOUR, reference);
    let error = update(&state, &site.tree, START + HOUR * 2).unwrap_err();
    assert!(matches!(error, UpdateError::NotSigned { role: RoleName::List, threshold: 2, valid: 0, .. }), "{error:?}");
}

#[test]
fn arbitrary_installation_below_the_threshold() {
    let (mut site, state) = current();
    let file = sign(&list(3, START + HOUR, &[1]), &[&key(11)]);
    let reference = reference(3, &file);
    site.tree.insert(path::list(3), file);
    site.publish_snapshot(START + HOUR, reference);
    let error = update(&state, &site.tree, START + HOUR * 2).unwrap_err();
    assert!(matches!(error, UpdateError::NotSigned { role: RoleName::List, threshold: 2, valid: 1, .. }), "{error:?}");
}

#[test]
fn arbitrary_installation_of_a_root() {
    let (site, state) = current();
    let mut takeover = site.clone();
    takeover.roles.insert(RoleName::Root, (vec![91, 92, 93], 2));
    let root = takeover.root(2, START + HOUR);
    let (old, new) = ([key(1), key(2)], [key(91), key(92)]);
    for (what, keys, by) in [
        ("by its own keys only", vec![&new[0], &new[1]], 1),
        ("by one key of the old", vec![&old[0], &new[0], &new[1]], 1),
        ("by the old keys only", vec![&old[0], &old[1]], 2),
        ("by one key of its own", vec![&old[0], &old[1], &new[0]], 2),
    ] {
        let file = Fetched::Bytes(sign(&root, &keys));
        let error = update_with(&state, &site.tree, START + HOUR * 2, &path::root(2), &file).unwrap_err();
        match error {
            UpdateError::NotSigned { role: RoleName::Root, root, threshold: 2, .. } => assert_eq!(root, by, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    let both = Fetched::Bytes(sign(&root, &[&old[0], &old[1], &new[0], &new[1]]));
    let accepted = update_with(&state, &site.tree, START + HOUR * 2, &path::root(2), &both).unwrap();
    assert_eq!((accepted.new_roots, accepted.state.version(RoleName::Root)), (1, Some(2)));
}

#[test]
fn threshold_duplicates_the_same_key_twice_counts_once() {
    let site = Site::new();
    let root = site.root(1, START);
    let list = list(1, START, &[0]);
    let payload = tegata_manifest::Document::prepare(&list, &[public(11)]).unwrap().payload().to_vec();
    let kid = |number| *KeyId::of(&public(number)).as_bytes();
    let once = raw_signature(11, &kid(11), &payload);
    let other = raw_signature(12, &kid(12), &payload);
    let verify = |signatures: &[(&[u8], &[u8])]| {
        let file = cose::file(&payload, signatures);
        Signed::<tegata_manifest::AnchorList>::parse(&file).unwrap().verify(&root, rust_crypto())
    };
    let twice = verify(&[(&kid(11), &once), (&kid(11), &once)]).unwrap_err();
    assert!(matches!(twice, MetadataError::NotSigned { threshold: 2, valid: 1, .. }), "{twice:?}");
    // The same key under the id of another: the signature does not verify by that key.
    let borrowed = raw_signature(11, &kid(12), &payload);
    let twice = verify(&[(&kid(11), &once), (&kid(12), &borrowed)]).unwrap_err();
    assert!(matches!(twice, MetadataError::NotSigned { threshold: 2, valid: 1, .. }), "{twice:?}");
    // A wrong signature before the right one of the same key does not spoil it; strangers and odd ids are ignored.
    let verified = verify(&[
        (&kid(11), &[1; 64]),
        (&kid(99), &raw_signature(99, &kid(99), &payload)),
        (b"odd", &once),
        (&kid(11), &once),
        (&kid(12), &other),
    ]);
    assert_eq!(verified.unwrap().signers().len(), 2);
}

#[test]
fn threshold_duplicates_one_key_under_two_ids_counts_once() {
    let site = Site::new();
    let mut root = site.root(1, START);
    let alias = KeyId::from_bytes([5; 32]);
    root.keys.insert(alias, public(11));
    root.roles.get_mut(&RoleName::List).unwrap().keys.insert(alias);
    // Such a root can neither be written nor read.
    let refused = tegata_manifest::Document::prepare(&root, &[public(1)]).unwrap_err();
    assert_eq!(refused, MetadataError::KeyIdMismatch(alias));
    // And if it came about otherwise, the key still counts once.
    let list = list(1, START, &[0]);
    let payload = tegata_manifest::Document::prepare(&list, &[public(11)]).unwrap().payload().to_vec();
    let id = KeyId::of(&public(11));
    let first = raw_signature(11, id.as_bytes(), &payload);
    let second = raw_signature(11, alias.as_bytes(), &payload);
    let file = cose::file(&payload, &[(id.as_bytes(), &first), (alias.as_bytes(), &second)]);
    let error = Signed::<tegata_manifest::AnchorList>::parse(&file).unwrap().verify(&root, rust_crypto()).unwrap_err();
    assert!(matches!(error, MetadataError::NotSigned { threshold: 2, valid: 1, .. }), "{error:?}");
}

#[test]
fn endless_data() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let endless = |length: u64| Fetched::Bytes(vec![0xd8; length as usize]);
    let snapshot = site.tree[&path::snapshot(2)].len() as u64;
    let list = site.tree[&path::list(2)].len() as u64;
    let object = path::object(&tegata_manifest::sha256(&site.crl));
    for (path, limit) in [
        (path::root(2), MAX_ROOT_BYTES),
        (path::POINTER.to_owned(), MAX_POINTER_BYTES),
        (path::snapshot(2), snapshot),
        (path::list(2), list),
        (object, site.crl.len() as u64),
    ] {
        let error = update_with(&state, &site.tree, at, &path, &endless(limit + 1)).unwrap_err();
        assert_eq!(error, UpdateError::EndlessData { path, limit });
    }
    still_well(&state, &site, at);
}

#[test]
fn endless_chain_of_roots() {
    let mut site = Site::new();
    let single = |site: &mut Site| {
        for (role, number) in RoleName::ALL.into_iter().zip([1, 11, 21, 31]) {
            site.roles.insert(role, (vec![number], 1));
        }
    };
    single(&mut site);
    let signer = key(1);
    let first = sign(&site.root(1, START), &[&signer]);
    let state = ClientState::bootstrap(&first, rust_crypto()).unwrap();
    let mut served = 0;
    let error = drive(begin(&state, START).unwrap(), |_, _| {
        served += 1;
        Fetched::Bytes(sign(&site.root(1 + u64::from(served), START), &[&signer]))
    });
    assert_eq!(error.unwrap_err(), UpdateError::TooManyRoots);
    assert_eq!(served, MAX_ROOT_STEPS + 1);
}

#[test]
fn rollback_of_each_role() {
    let (mut site, _) = current();
    let old = Site::new();
    site.publish(START + HOUR * 2);
    let state = update(&site.client(), &site.tree, START + HOUR * 2).unwrap().state;
    let at = START + HOUR * 3;
    // The whole tree of before.
    let error = update(&state, &old.tree, at).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::Pointer, known: 3, found: 1 });
    // A new pointer to the old snapshot (the pointer key is in other hands).
    let mut attacked = site.clone();
    attacked.publish_pointer(START + HOUR * 2, reference(1, &site.tree[&path::snapshot(1)]));
    let error = update(&state, &attacked.tree, at).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::Snapshot, known: 3, found: 1 });
    // A new snapshot of the old list (snapshot and pointer keys are in other hands).
    let mut attacked = site.clone();
    attacked.publish_snapshot(START + HOUR * 2, reference(1, &site.tree[&path::list(1)]));
    let error = update(&state, &attacked.tree, at).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::List, known: 3, found: 1 });
    still_well(&state, &site, at);
}

#[test]
fn rollback_of_the_root() {
    let (mut site, state) = current();
    site.rotate(START + HOUR, RoleName::Pointer, vec![32], 1);
    site.publish(START + HOUR);
    let state = update(&state, &site.tree, START + HOUR).unwrap().state;
    let error = update_with(&state, &site.tree, START + HOUR, &path::root(3), &serve(&site.tree, &path::root(1)));
    assert_eq!(error.unwrap_err(), UpdateError::RootVersion { expected: 3, found: 1 });
}

#[test]
fn root_gap() {
    let (mut site, state) = current();
    site.rotate(START + HOUR, RoleName::Pointer, vec![32], 1);
    site.rotate(START + HOUR, RoleName::Pointer, vec![33], 1);
    site.publish(START + HOUR);
    let error = update_with(&state, &site.tree, START + HOUR, &path::root(2), &serve(&site.tree, &path::root(3)));
    assert_eq!(error.unwrap_err(), UpdateError::RootVersion { expected: 2, found: 3 });
    // Where root 2 is withheld, nothing that needs its keys is believed.
    let error = update_with(&state, &site.tree, START + HOUR, &path::root(2), &Fetched::Absent).unwrap_err();
    assert!(matches!(error, UpdateError::NotSigned { role: RoleName::Pointer, root: 1, .. }), "{error:?}");
    assert_eq!(update(&state, &site.tree, START + HOUR).unwrap().new_roots, 2);
}

#[test]
fn equivocation_one_version_says_two_things() {
    let (site, state) = current();
    let mut second = Site::new();
    second.crl = b"0\x03another CRL".to_vec();
    second.publish(START + HOUR);
    let error = update(&state, &second.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Equivocation { role: RoleName::Pointer, version: 2 });
    // The same behind a newer pointer.
    second.publish_pointer(START + HOUR, second.reference(RoleName::Snapshot));
    let error = update(&state, &second.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Equivocation { role: RoleName::Snapshot, version: 2 });
    let mut third = site.clone();
    third.versions.insert(RoleName::List, 1);
    let mut list = list(2, START + HOUR, &[0, 1]);
    list.notices.clear();
    third.publish_list(START + HOUR, &list);
    let error = update(&state, &third.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Equivocation { role: RoleName::List, version: 2 });
}

#[test]
fn indefinite_freeze_each_file_expires() {
    let (site, state) = current();
    let made = START + HOUR;
    let expired = |error, role, expires, at| assert_eq!(error, UpdateError::Expired { role, expires, at });
    // The pointer: a day.
    let (last, end) = (made + Duration::DAY - Duration::SECOND, made + Duration::DAY);
    update(&state, &site.tree, last).unwrap();
    expired(update(&state, &site.tree, end).unwrap_err(), RoleName::Pointer, end, end);
    // The snapshot, behind pointers that go on.
    let mut frozen = site.clone();
    let at = made + Duration::WEEK;
    frozen.publish_pointer(at, site.reference(RoleName::Snapshot));
    expired(update(&state, &frozen.tree, at).unwrap_err(), RoleName::Snapshot, at, at);
    // The list, behind snapshots that go on.
    let mut frozen = site.clone();
    let at = made + Duration::days(90);
    frozen.publish_snapshot(at, site.reference(RoleName::List));
    expired(update(&state, &frozen.tree, at).unwrap_err(), RoleName::List, at, at);
    // The root, behind everything that goes on.
    let mut frozen = site.clone();
    let at = START + Duration::days(365);
    frozen.publish(at);
    expired(update(&state, &frozen.tree, at).unwrap_err(), RoleName::Root, at, at);
}

#[test]
fn indefinite_freeze_a_pointer_does_not_live_long() {
    let (mut site, state) = current();
    let snapshot = site.reference(RoleName::Snapshot);
    let life = Duration::DAY + Duration::SECOND;
    let pointer = Pointer { header: header(3, START + HOUR, life), snapshot };
    site.tree.insert(path::POINTER.to_owned(), site.sign(&pointer));
    let error = update(&state, &site.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::LongLived { life, limit: Duration::DAY });
}

#[test]
fn fast_forward_and_the_way_back() {
    let (mut site, state) = current();
    let honest = site.clone();
    // All online keys are in other hands and sign the highest versions there are.
    let far = u64::MAX;
    site.versions.insert(RoleName::Snapshot, far - 1);
    site.versions.insert(RoleName::Pointer, far - 1);
    site.publish_snapshot(START + HOUR, site.reference(RoleName::List));
    let poisoned = update(&state, &site.tree, START + HOUR * 2).unwrap().state;
    assert_eq!(poisoned.version(RoleName::Pointer), Some(far));
    // Without new keys the honest service cannot follow.
    let mut service = honest.clone();
    service.publish(START + HOUR * 2);
    let error = update(&poisoned, &service.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::Pointer, known: far, found: 3 });
    // With a key more it cannot either: the one that was taken still signs.
    let mut more = honest.clone();
    more.rotate(START + HOUR * 2, RoleName::Pointer, vec![31, 32], 1);
    more.publish(START + HOUR * 2);
    let error = update(&poisoned, &more.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::Pointer, known: far, found: 3 });
    // With other keys for the pointer alone the snapshot's version is in the way.
    let mut half = honest.clone();
    half.rotate(START + HOUR * 2, RoleName::Pointer, vec![32], 1);
    half.publish(START + HOUR * 2);
    let error = update(&poisoned, &half.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::Rollback { role: RoleName::Snapshot, known: far, found: 3 });
    // With other keys for both it can, and the list's version is still remembered.
    half.rotate(START + HOUR * 2, RoleName::Snapshot, vec![22], 1);
    half.publish(START + HOUR * 2);
    let accepted = update(&poisoned, &half.tree, START + HOUR * 2).unwrap();
    assert_eq!(accepted.forgotten, BTreeSet::from([RoleName::Snapshot, RoleName::Pointer]));
    assert_eq!(accepted.state.version(RoleName::Pointer), Some(4));
    assert_eq!(accepted.state.version(RoleName::List), Some(4));
}

#[test]
fn fast_forward_a_higher_threshold_leads_back_too() {
    let (mut site, _) = current();
    site.rotate(START + HOUR, RoleName::Pointer, vec![31, 32], 1);
    let mut attacked = site.clone();
    attacked.versions.insert(RoleName::Pointer, u64::MAX - 1);
    attacked.publish_pointer(START + HOUR, site.reference(RoleName::Snapshot));
    let poisoned = update(&site.client(), &attacked.tree, START + HOUR).unwrap().state;
    site.rotate(START + HOUR, RoleName::Pointer, vec![31, 32], 2);
    site.publish(START + HOUR);
    let accepted = update(&poisoned, &site.tree, START + HOUR).unwrap();
    assert_eq!(accepted.forgotten, BTreeSet::from([RoleName::Pointer]));
}

#[test]
fn mix_and_match() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    for role in [RoleName::Snapshot, RoleName::List] {
        let name = |version| if role == RoleName::List { path::list(version) } else { path::snapshot(version) };
        let other = serve(&site.tree, &name(1));
        let error = update_with(&state, &site.tree, at, &name(2), &other).unwrap_err();
        assert_eq!(error, UpdateError::MixAndMatch { role, expected: 2, found: 1 });
    }
    still_well(&state, &site, at);
}

#[test]
fn mix_and_match_a_parent_that_lies_about_the_version() {
    let (mut site, state) = current();
    let honest = site.reference(RoleName::Snapshot);
    let lie = FileReference { version: 7, ..honest };
    site.tree.insert(path::snapshot(7), site.tree[&path::snapshot(2)].clone());
    site.publish_pointer(START + HOUR, lie);
    let error = update(&state, &site.tree, START + HOUR * 2).unwrap_err();
    assert_eq!(error, UpdateError::MixAndMatch { role: RoleName::Snapshot, expected: 7, found: 2 });
}

#[test]
fn changed_in_place() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let object = path::object(&tegata_manifest::sha256(&site.crl));
    for path in [path::snapshot(2), path::list(2), object] {
        let mut bytes = site.tree[&path].clone();
        *bytes.last_mut().unwrap() ^= 1;
        let error = update_with(&state, &site.tree, at, &path, &Fetched::Bytes(bytes)).unwrap_err();
        assert_eq!(error, UpdateError::Changed { path });
    }
}

#[test]
fn captive_portal() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let short = b"\n<html>".to_vec();
    let long = [&b"<!DOCTYPE html><html><title>Sign in</title>"[..], &[b' '; 2 << 20]].concat();
    for path in all_paths(&site, &state, at) {
        for page in [&short, &long] {
            let error = update_with(&state, &site.tree, at, &path, &Fetched::Bytes(page.clone())).unwrap_err();
            assert_eq!(error, UpdateError::CaptivePortal { path: path.clone() });
        }
    }
    still_well(&state, &site, at);
}

#[test]
fn truncated_download() {
    let (mut site, state) = current();
    site.rotate(START + HOUR, RoleName::Pointer, vec![32], 1);
    site.publish(START + HOUR);
    let at = START + HOUR * 2;
    for path in all_paths(&site, &state, at) {
        let Some(whole) = site.tree.get(&path) else { continue };
        for length in [0, 1, 2, whole.len() / 2, whole.len() - 1] {
            let answer = Fetched::Bytes(whole[..length].to_vec());
            match update_with(&state, &site.tree, at, &path, &answer).unwrap_err() {
                UpdateError::Truncated { path: found_path, expected, found } => {
                    assert_eq!((found_path.as_str(), found), (path.as_str(), length as u64));
                    let known = !path.starts_with("v1/root") && path != path::POINTER;
                    assert_eq!(expected, known.then_some(whole.len() as u64));
                }
                other => panic!("{path} {length}: {other:?}"),
            }
        }
    }
    still_well(&state, &site, at);
}

#[test]
fn a_clock_turned_back() {
    let (site, state) = current();
    let latest = START + HOUR;
    assert_eq!(state.latest_time(), latest);
    let at = latest - Duration::minutes(5);
    update(&state, &site.tree, at).unwrap();
    let at = at - Duration::SECOND;
    assert_eq!(begin(&state, at).unwrap_err(), UpdateError::ClockTurnedBack { latest, at });
    // A small step back within the tolerance does not move the memory back.
    let accepted = update(&state, &site.tree, latest - Duration::minutes(1)).unwrap();
    assert_eq!(accepted.state.latest_time(), latest);
    // The memory survives storage.
    let stored = ClientState::from_bytes(&accepted.state.to_bytes(), rust_crypto()).unwrap();
    assert!(matches!(begin(&stored, at), Err(UpdateError::ClockTurnedBack { .. })));
}

#[test]
fn a_clock_before_the_release() {
    let site = Site::new();
    let at = START - Duration::SECOND;
    assert_eq!(begin(&site.client(), at).unwrap_err(), UpdateError::ClockBeforeRelease { not_before: START, at });
}

#[test]
fn files_from_the_future() {
    let ahead = START + Duration::minutes(6);
    type Make = fn(&mut Site, UtcDateTime);
    let cases: [(RoleName, Make); 4] = [
        (RoleName::Root, |site, at| site.rotate(at, RoleName::Pointer, vec![31], 1)),
        (RoleName::List, |site, at| {
            let list = list(2, at, &[0]);
            site.bump(RoleName::List);
            site.publish_list(START, &list);
        }),
        (RoleName::Snapshot, |site, at| {
            site.publish_snapshot(at, site.reference(RoleName::List));
            site.publish_pointer(START, site.reference(RoleName::Snapshot));
        }),
        (RoleName::Pointer, |site, at| site.publish_pointer(at, site.reference(RoleName::Snapshot))),
    ];
    for (role, make) in cases {
        let mut site = Site::new();
        let state = site.client();
        make(&mut site, ahead);
        assert_eq!(
            update(&state, &site.tree, START).unwrap_err(),
            UpdateError::FromFuture { role, issued: ahead, at: START }
        );
        update(&state, &site.tree, START + Duration::minutes(1)).unwrap();
    }
}

#[test]
fn withheld_and_unreachable_are_two_things() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    for path in all_paths(&site, &state, at) {
        for cause in [FetchFailure::Timeout, FetchFailure::Status(503), FetchFailure::Interrupted] {
            let error = update_with(&state, &site.tree, at, &path, &Fetched::Failed(cause)).unwrap_err();
            assert_eq!(error, UpdateError::Unreachable { path: path.clone(), cause });
        }
        let absent = update_with(&state, &site.tree, at, &path, &Fetched::Absent);
        if path.starts_with("v1/root") {
            assert_eq!(absent.unwrap().new_roots, 0);
        } else {
            assert_eq!(absent.unwrap_err(), UpdateError::Absent { path });
        }
    }
}

#[test]
fn a_file_of_another_type_or_repository() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let snapshot = serve(&site.tree, &path::snapshot(2));
    let error = update_with(&state, &site.tree, at, path::POINTER, &snapshot).unwrap_err();
    let wrong_type = MetadataError::WrongType { expected: "pointer", found: "snapshot".to_owned() };
    assert_eq!(error, UpdateError::Metadata { path: path::POINTER.to_owned(), error: wrong_type });

    let mut header = header(3, START + HOUR, Duration::DAY);
    header.repository = "other.example".to_owned();
    let pointer = Pointer { header, snapshot: site.reference(RoleName::Snapshot) };
    let foreign = Fetched::Bytes(site.sign(&pointer));
    let error = update_with(&state, &site.tree, at, path::POINTER, &foreign).unwrap_err();
    let (expected, found) = (REPOSITORY.to_owned(), "other.example".to_owned());
    let wrong = MetadataError::WrongRepository { expected, found };
    assert_eq!(error, UpdateError::Metadata { path: path::POINTER.to_owned(), error: wrong });
}

#[test]
fn objects_together_are_bounded() {
    let (mut site, state) = current();
    let list = site.reference(RoleName::List);
    let length = tegata_manifest::MAX_OBJECT_BYTES;
    let objects = (0..9_u8)
        .map(|number| (format!("crl/{number}.crl"), tegata_manifest::ObjectReference { length, sha256: [number; 32] }));
    let snapshot = Snapshot { header: header(3, START + HOUR, Duration::DAY), list, objects: objects.collect() };
    let file = site.sign(&snapshot);
    site.publish_pointer(START + HOUR, reference(3, &file));
    site.tree.insert(path::snapshot(3), file);
    let error = update(&state, &site.tree, START + HOUR).unwrap_err();
    assert_eq!(error, UpdateError::TooMuch { total: 9 * length });
}
