//! Files and states are signed and stored for years: those of the first release are read by every later one, and a value
//! that they hold is still written in the same bytes.
//!
//! `tests/golden/` was written once. A test that fails here has found a change of the format, which needs a new `spec` or
//! a new version of the state.
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

use support::*;
use tegata_manifest::{
    AnchorList, Approval, ClientState, Document, Fetched, Pointer, RoleName, RootMetadata, Signed, Snapshot, path,
    verify_approval,
};
use tegata_pki::rust_crypto;
use time::Duration;

const ROOT: &[u8] = include_bytes!("golden/root-1.cbor");
const LIST: &[u8] = include_bytes!("golden/list-2.cbor");
const SNAPSHOT: &[u8] = include_bytes!("golden/snapshot-2.cbor");
const POINTER: &[u8] = include_bytes!("golden/pointer-2.cbor");
const APPROVAL: &[u8] = include_bytes!("golden/approval.cbor");
const STATE: &[u8] = include_bytes!("golden/state-1.cbor");

/// The file is signed well, and written again it is the same.
fn check<T: Document>(file: &[u8], keys: &[u16]) -> T {
    let root = Signed::<RootMetadata>::parse(ROOT).unwrap().unverified().clone();
    let verified = Signed::<T>::parse(file).unwrap().verify(&root, rust_crypto()).unwrap();
    let keys: Vec<_> = keys.iter().copied().map(key).collect();
    // The signatures are deterministic too (RFC 6979).
    assert_eq!(sign(verified.document(), &keys.iter().collect::<Vec<_>>()), file);
    verified.into_document()
}

#[test]
fn files() {
    let root = check::<RootMetadata>(ROOT, &[1, 2, 3]);
    assert_eq!(root, Site::new().root(1, START));
    let list = check::<AnchorList>(LIST, &[11, 12, 13]);
    assert_eq!((list.anchors.len(), list.sources.len(), list.notices.len()), (1, 1, 1));
    let snapshot = check::<Snapshot>(SNAPSHOT, &[21]);
    assert_eq!(snapshot.list, reference(2, LIST));
    let pointer = check::<Pointer>(POINTER, &[31]);
    assert_eq!(pointer.snapshot, reference(2, SNAPSHOT));
    let approval = check::<Approval>(APPROVAL, &[1, 2]);
    assert!(approval.covers(&list.anchors[0]));
    let at = START + Duration::DAY;
    assert_eq!(verify_approval(APPROVAL, &root, rust_crypto(), at), Ok(approval));
}

#[test]
fn state() {
    let state = ClientState::from_bytes(STATE, rust_crypto()).unwrap();
    assert_eq!(state.to_bytes(), STATE);
    assert_eq!(state.root_file(), ROOT);
    assert_eq!(RoleName::ALL.map(|role| state.version(role)), [Some(1), Some(1), Some(1), Some(1)]);
    assert_eq!(state.latest_time(), START);
}

#[test]
fn a_client_of_then_updates() {
    let state = ClientState::from_bytes(STATE, rust_crypto()).unwrap();
    let snapshot = Signed::<Snapshot>::parse(SNAPSHOT).unwrap().unverified().clone();
    let update = tegata_manifest::Update::begin(
        state,
        START + Duration::hours(2),
        policy(),
        tegata_manifest::ObjectFilter::Nothing,
        tegata_manifest::Held::default(),
        rust_crypto(),
    );
    let files = [(path::POINTER.to_owned(), POINTER), (path::snapshot(2), SNAPSHOT), (path::list(2), LIST)];
    let accepted = drive(update.unwrap(), |wanted, _| {
        let file = files.iter().find(|(path, _)| path == wanted);
        file.map_or(Fetched::Absent, |(_, file)| Fetched::Bytes(file.to_vec()))
    });
    let accepted = accepted.unwrap();
    assert_eq!((accepted.list_version, &accepted.snapshot), (2, &snapshot));
}
