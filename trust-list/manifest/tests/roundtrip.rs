//! What is written is read back the same, and nothing else is: random values, every byte flipped, every length.
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

use core::fmt::Debug;
use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use support::*;
use tegata_manifest::{
    AnchorDates, AnchorList, Approval, ClientState, Document, FileReference, Header, IssuerFacts, KeyId, ListedAnchor,
    ListedState, MAX_OBJECT_BYTES, MAX_SNAPSHOT_BYTES, MetadataKind, Notice, NoticeCategory, ObjectReference, Pointer,
    RoleKeys, RoleName, RootMetadata, Signed, Snapshot, SourceKind, StatusSource, path,
};
use tegata_pki::rust_crypto;
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

fn any_time() -> impl Strategy<Value = UtcDateTime> {
    // 1970 to 9999.
    (0..253_402_300_800_i64).prop_map(|seconds| UtcDateTime::from_unix_timestamp(seconds).unwrap())
}

fn any_header() -> impl Strategy<Value = Header> {
    let dates = (any_time(), any_time()).prop_filter("a life", |(a, b)| a != b);
    ("\\PC{1,20}", 1..=u64::MAX, dates).prop_map(|(repository, version, (a, b))| Header {
        repository,
        version,
        issued: a.min(b),
        expires: a.max(b),
    })
}

fn any_reference() -> impl Strategy<Value = FileReference> {
    (1..=u64::MAX, 1..=MAX_SNAPSHOT_BYTES, any::<[u8; 32]>()).prop_map(|(version, length, sha256)| FileReference {
        version,
        length,
        sha256,
    })
}

fn any_pointer() -> impl Strategy<Value = Pointer> {
    (any_header(), any_reference()).prop_map(|(header, snapshot)| Pointer { header, snapshot })
}

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let object =
        (1..=MAX_OBJECT_BYTES, any::<[u8; 32]>()).prop_map(|(length, sha256)| ObjectReference { length, sha256 });
    let objects = btree_map("[a-z0-9]{1,30}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,30}){0,2}", object, 0..20);
    (any_header(), any_reference(), objects).prop_map(|(header, list, objects)| Snapshot { header, list, objects })
}

/// Twelve keys dealt to the roles.
fn any_root() -> impl Strategy<Value = RootMetadata> {
    let deal = vec(0..4_usize, 8).prop_map(|deal| [0, 1, 2, 3].into_iter().chain(deal).collect::<Vec<_>>());
    (any_header(), deal, any::<[u16; 4]>()).prop_map(|(header, deal, thresholds)| {
        let mut keys = BTreeMap::new();
        let mut sets: [BTreeSet<KeyId>; 4] = Default::default();
        for (number, role) in (1..).zip(deal) {
            let key = public(number);
            let id = KeyId::of(&key);
            keys.insert(id, key);
            sets[role].insert(id);
        }
        let roles = RoleName::ALL.into_iter().zip(sets).zip(thresholds).map(|((role, keys), threshold)| {
            let threshold = NonZeroU16::new(threshold % keys.len() as u16 + 1).unwrap();
            (role, RoleKeys { keys, threshold })
        });
        RootMetadata { header, keys, roles: roles.collect() }
    })
}

fn any_doc_types() -> impl Strategy<Value = DocTypes> {
    btree_set("\\PC{1,30}", 1..4).prop_map(|set| {
        let mut set = set.into_iter();
        DocTypes::new(set.next().unwrap(), set)
    })
}

fn any_purposes() -> impl Strategy<Value = BTreeSet<Purpose>> {
    let all = [Purpose::Issuance, Purpose::Status, Purpose::Reader, Purpose::Vical];
    btree_set(proptest::sample::select(all.to_vec()), 1..=4)
}

fn any_seconds() -> impl Strategy<Value = Option<Duration>> {
    proptest::option::of((1..i64::MAX).prop_map(Duration::seconds))
}

fn any_anchor(number: usize) -> impl Strategy<Value = ListedAnchor> {
    let dates = (vec(any_time(), 4), any::<[bool; 2]>()).prop_map(|(mut dates, [retiring, removed])| {
        dates.sort();
        let (retiring, removed) = (retiring.then_some(dates[2]), removed.then_some(dates[3]));
        AnchorDates { announced: dates[0], active: dates[1], retiring, removed }
    });
    let facts =
        (any_seconds(), any_seconds(), any_seconds(), any_time()).prop_map(|(a, b, revocation_duty, review_by)| {
            let (crl_fresh, crl_max_age) = if a.is_some() && b.is_some() { (a.min(b), a.max(b)) } else { (a, b) };
            IssuerFacts { crl_fresh, crl_max_age, revocation_duty, review_by }
        });
    let state = proptest::sample::select(ListedState::ALL.to_vec());
    let approval = proptest::option::of(vec(any::<u8>(), 1..50));
    (any_doc_types(), any_purposes(), state, dates, facts, approval).prop_map(
        move |(doc_types, purposes, state, dates, facts, approval)| ListedAnchor {
            certificate: iaca(number),
            doc_types,
            purposes,
            state,
            dates,
            facts,
            approval,
        },
    )
}

fn any_notice() -> impl Strategy<Value = Notice> {
    let category = proptest::sample::select(NoticeCategory::ALL.to_vec());
    (category, any_time(), btree_set(any::<[u8; 32]>(), 0..3), "\\PC{1,40}", "\\PC{0,40}").prop_map(
        |(category, published, anchors, text_en, text_ja)| Notice {
            id: String::new(),
            category,
            published,
            anchors: anchors.into_iter().collect(),
            text_en,
            text_ja,
        },
    )
}

fn any_list() -> impl Strategy<Value = AnchorList> {
    let anchors = (0..3_usize).prop_flat_map(|count| (0..count).map(any_anchor).collect::<Vec<_>>());
    let source = (proptest::sample::select(SourceKind::ALL.to_vec()), "https?://[a-z0-9.]{1,20}(/[!-~]{0,20})?");
    (any_header(), anchors, any::<bool>(), vec(source, 0..4), vec(any_notice(), 0..3)).prop_map(
        |(header, anchors, link, sources, mut notices)| {
            let owners = anchors.iter().map(ListedAnchor::key_digest).cycle();
            let sources = sources.into_iter().zip(owners);
            let sources = sources.map(|((kind, uri), issuer_key)| StatusSource { uri, kind, issuer_key });
            let sources: BTreeSet<_> = sources.collect();
            notices.iter_mut().enumerate().for_each(|(index, notice)| notice.id = format!("n-{index}"));
            let links = if link { vec![iaca(3)] } else { Vec::new() };
            AnchorList { header, anchors, links, sources: sources.into_iter().collect(), notices }
        },
    )
}

fn any_approval() -> impl Strategy<Value = Approval> {
    (any_header(), any::<[u8; 32]>(), any_doc_types(), any_purposes()).prop_map(
        |(Header { repository, issued, expires, .. }, anchor, doc_types, purposes)| Approval {
            repository,
            issued,
            expires,
            anchor,
            doc_types,
            purposes,
        },
    )
}

/// What was written is read back, and written again the same.
fn check<T: Document + PartialEq + Debug>(document: &T) -> Result<(), TestCaseError> {
    let file = sign(document, &[&key(1)]);
    let read = Signed::<T>::parse(&file).unwrap();
    prop_assert_eq!(read.unverified(), document);
    prop_assert_eq!(sign(read.unverified(), &[&key(1)]), file.clone());
    prop_assert!(Signed::<T>::parse(&[&file[..], &[0]].concat()).is_err());
    let name = match MetadataKind::of(&file).unwrap() {
        MetadataKind::Role(role) => role.id(),
        MetadataKind::Approval => "approval",
    };
    prop_assert_eq!(name, T::type_name());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots(root in any_root()) {
        check(&root)?;
    }

    #[test]
    fn lists(list in any_list()) {
        check(&list)?;
    }

    #[test]
    fn snapshots(snapshot in any_snapshot()) {
        check(&snapshot)?;
    }

    #[test]
    fn pointers(pointer in any_pointer()) {
        check(&pointer)?;
    }

    #[test]
    fn approvals(approval in any_approval()) {
        check(&approval)?;
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(Signed::<RootMetadata>::parse(&bytes).is_err());
        prop_assert!(MetadataKind::of(&bytes).is_err());
        prop_assert!(ClientState::from_bytes(&bytes, rust_crypto()).is_err());
    }
}

proptest! {
    // Hostile payloads that are signed well: parsed or refused, never a panic, and what is accepted keeps its own rules.
    #[test]
    fn payloads_with_a_change_keep_the_rules(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut payload = list(1, START, &[0]).prepare(&[public(11)]).unwrap().payload().to_vec();
        let index = position.index(payload.len());
        payload[index] = byte;
        if let Ok(read) = Signed::<AnchorList>::parse(&cose::file(&payload, &[(&[0; 32], &[0; 64])])) {
            let again = read.unverified().prepare(&[public(11)]).unwrap();
            // Only a key that became unknown is lost.
            prop_assert!(again.payload() == payload || again.payload().len() < payload.len());
        }
    }
}

/// Flips bits of every byte; what is still believed says the same.
fn flip<T: Document + PartialEq + Debug>(
    file: &[u8],
    bits: impl Fn(usize) -> Vec<u8>,
    verify: impl Fn(Signed<T>) -> Option<T>,
) -> usize {
    let original = verify(Signed::parse(file).unwrap()).unwrap();
    let mut believed = 0;
    for index in 0..file.len() {
        for bit in bits(index) {
            let mut changed = file.to_vec();
            changed[index] ^= 1 << bit;
            if let Some(document) = Signed::parse(&changed).ok().and_then(&verify) {
                assert_eq!(document, original, "byte {index}, bit {bit}");
                believed += 1;
            }
        }
    }
    believed
}

#[test]
fn no_flipped_byte_changes_what_is_believed() {
    let site = Site::new();
    let root = site.root(1, START);
    let all = |_: usize| (0..8).collect();
    let one = |index: usize| vec![(index % 8) as u8];
    fn by_root<T: Document>(root: &RootMetadata) -> impl Fn(Signed<T>) -> Option<T> {
        |signed| signed.verify(root, rust_crypto()).ok().map(tegata_manifest::Verified::into_document)
    }
    // One signature, one needed: nothing may change.
    assert_eq!(flip::<Pointer>(&site.tree[path::POINTER], all, by_root(&root)), 0);
    assert_eq!(flip::<Snapshot>(&site.tree[&path::snapshot(1)], one, by_root(&root)), 0);
    // Two of three are needed: a change within one signature and its key id is survived.
    let within_signatures = 3 * (32 + 64)..3 * (43 + 66);
    let believed = flip::<AnchorList>(&site.tree[&path::list(1)], one, by_root(&root));
    assert!(within_signatures.contains(&believed), "{believed}");
    let by_itself = |signed: Signed<RootMetadata>| Some(signed.verify_by_itself(rust_crypto()).ok()?.into_document());
    let believed = flip(&site.tree[&path::root(1)], one, by_itself);
    assert!(within_signatures.contains(&believed), "{believed}");
}

#[test]
fn no_shorter_or_longer_file_is_read() {
    let site = Site::new();
    for (path, file) in site.tree.iter().filter(|(path, _)| path.starts_with("v1/")) {
        for length in 0..file.len() {
            assert!(MetadataKind::of(&file[..length]).is_err(), "{path} {length}");
        }
        assert!(MetadataKind::of(&[&file[..], b"\n"].concat()).is_err(), "{path}");
    }
}

#[test]
fn no_flipped_byte_of_a_stored_state_is_read() {
    let site = Site::new();
    let state = update(&site.client(), &site.tree, START).unwrap().state;
    let bytes = state.to_bytes();
    assert_eq!(ClientState::from_bytes(&bytes, rust_crypto()).unwrap(), state);
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << bit;
            ClientState::from_bytes(&changed, rust_crypto()).unwrap_err();
        }
        ClientState::from_bytes(&bytes[..index], rust_crypto()).unwrap_err();
    }
    ClientState::from_bytes(&[&bytes[..], &[0]].concat(), rust_crypto()).unwrap_err();
}
