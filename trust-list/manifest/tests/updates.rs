//! Updates as they should be: what is asked for, in which order, and what comes out.
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
    FetchFailure, Fetched, Held, MAX_POINTER_BYTES, MAX_ROOT_BYTES, ObjectFilter, RoleName, Step, Update, UpdateError,
    path,
};
use tegata_pki::rust_crypto;
use time::Duration;

const HOUR: Duration = Duration::HOUR;

#[test]
fn an_honest_service_is_accepted() {
    let (site, state) = current();
    let accepted = update(&state, &site.tree, START + HOUR * 2).unwrap();
    assert_eq!(accepted.list_version, 2);
    assert_eq!(accepted.list.anchors.len(), 1);
    assert_eq!(accepted.objects.len(), 3);
    assert_eq!(accepted.objects["crl/0.crl"], site.crl);
    assert_eq!(accepted.pointer_expires, START + HOUR + Duration::DAY);
    assert_eq!(accepted.snapshot_file, site.tree[&path::snapshot(2)]);
    assert_eq!(accepted.list_file, site.tree[&path::list(2)]);
    let versions: Vec<_> = RoleName::ALL.into_iter().map(|role| accepted.state.version(role)).collect();
    assert_eq!(versions, [Some(1), Some(2), Some(2), Some(2)]);
    assert_eq!(accepted.state.latest_time(), START + HOUR * 2);
}

#[test]
fn endless_data_the_limit_is_told_before_the_fetch() {
    let (site, state) = current();
    let mut limits = Vec::new();
    drive(begin(&state, START + HOUR).unwrap(), |path, limit| {
        limits.push((path.to_owned(), limit));
        serve(&site.tree, path)
    })
    .unwrap();
    let length = |path: &str| site.tree[path].len() as u64;
    assert_eq!(limits[0], (path::root(2), MAX_ROOT_BYTES));
    assert_eq!(limits[1], (path::POINTER.to_owned(), MAX_POINTER_BYTES));
    assert!(limits[2..].iter().all(|(path, limit)| *limit == length(path)));
    // Two names of one object are one fetch.
    assert_eq!(limits.len(), 2 + 2 + 2);
}

#[test]
fn only_the_last_root_must_be_in_force() {
    let mut site = Site::new();
    let (first, second) = (START + Duration::days(300), START + Duration::days(600));
    site.rotate(first, RoleName::Pointer, vec![32], 1);
    site.rotate(second, RoleName::Pointer, vec![33], 1);
    let at = START + Duration::days(700);
    site.publish(at);
    let accepted = update(&site.client(), &site.tree, at).unwrap();
    assert_eq!(accepted.new_roots, 2);
    // Withholding the last one leaves an expired one.
    let error = update_with(&site.client(), &site.tree, at, &path::root(3), &Fetched::Absent).unwrap_err();
    assert!(matches!(error, UpdateError::Expired { role: RoleName::Root, .. }), "{error:?}");
}

#[test]
fn what_is_held_is_not_fetched_and_not_believed() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let first = update(&state, &site.tree, at).unwrap();
    let mut held = Held {
        snapshot: Some(first.snapshot_file.clone()),
        list: Some(first.list_file.clone()),
        objects: BTreeSet::from([tegata_manifest::sha256(&site.crl)]),
    };
    let run = |held: Held, filter: ObjectFilter| {
        let update = Update::begin(first.state.clone(), at, policy(), filter, held, rust_crypto()).unwrap();
        let mut paths = Vec::new();
        let accepted = drive(update, |path, _| {
            paths.push(path.to_owned());
            serve(&site.tree, path)
        });
        (accepted.unwrap(), paths)
    };
    let (accepted, paths) = run(held.clone(), ObjectFilter::Prefixes(vec!["crl/".to_owned()]));
    assert_eq!(paths, [path::root(2), path::POINTER.to_owned()]);
    assert_eq!(accepted.held_objects.keys().collect::<Vec<_>>(), ["crl/0.crl", "crl/copy.crl"]);
    assert!(accepted.objects.is_empty());
    assert_eq!((&accepted.list, &accepted.snapshot), (&first.list, &first.snapshot));
    // Old or damaged files that are held are fetched instead.
    held.snapshot = Some(site.tree[&path::snapshot(1)].clone());
    *held.list.as_mut().unwrap().last_mut().unwrap() ^= 1;
    let (accepted, paths) = run(held, ObjectFilter::Nothing);
    assert_eq!(paths[2..], [path::snapshot(2), path::list(2)]);
    assert_eq!(accepted.list, first.list);
    let names = ObjectFilter::Names(BTreeSet::from(["iaca/0.cer".to_owned(), "no/such".to_owned()]));
    let (accepted, _) = run(Held::default(), names);
    assert_eq!(accepted.objects.keys().collect::<Vec<_>>(), ["iaca/0.cer"]);
}

#[test]
fn an_update_that_is_over_stays_over() {
    let (site, state) = current();
    let at = START + HOUR * 2;
    let mut update = begin(&state, at).unwrap();
    let failure = Fetched::Failed(FetchFailure::Timeout);
    let error = update.receive(failure.clone()).unwrap_err();
    assert_eq!(update.next().unwrap_err(), error);
    assert_eq!(update.receive(failure.clone()).unwrap_err(), error);

    let mut update = begin(&state, at).unwrap();
    loop {
        // Asking twice is asking once.
        let Step::Fetch { path, .. } = update.next().unwrap() else { break };
        update.next().unwrap();
        update.receive(serve(&site.tree, &path)).unwrap();
        if path.starts_with("o/") && path != all_paths(&site, &state, at).pop().unwrap() {
            continue;
        }
        if path.starts_with("o/") {
            // What nobody asked for does not spoil the result.
            assert_eq!(update.receive(failure.clone()).unwrap_err(), UpdateError::Over);
            break;
        }
    }
    assert!(matches!(update.next().unwrap(), Step::Done(_)));
    assert_eq!(update.next().unwrap_err(), UpdateError::Over);
}
