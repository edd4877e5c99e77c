//! A quorum whose keys lie in several places: what each is shown, what counts, what is refused.
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

use core::num::NonZeroU16;
use std::collections::BTreeSet;

use support::*;
use tegata_manifest::ceremony::{CeremonyError, Draft, DraftDocument, Share};
use tegata_manifest::{Approval, KeyId, MetadataError, RoleName, RootMetadata, Signed, verify_approval};
use tegata_pki::rust_crypto;
use tegata_trust_list::{DocTypes, Purpose};
use time::Duration;

fn id(number: u16) -> KeyId {
    KeyId::of(&public(number))
}

/// What the holder of a key does with the file that he was sent.
fn share(draft: &[u8], number: u16) -> Result<Vec<u8>, CeremonyError> {
    let draft = Draft::from_bytes(draft, rust_crypto())?;
    let key = key(number);
    let wanted = draft.to_be_signed(key.public_key())?;
    let signature = key.sign(wanted.algorithm(), wanted.message()).unwrap();
    Ok(draft.share(key.public_key(), &signature, rust_crypto())?.to_bytes())
}

fn complete(draft: &Draft, shares: &[&[u8]]) -> Result<Vec<u8>, CeremonyError> {
    let shares: Vec<Share> = shares.iter().map(|share| Share::from_bytes(share).unwrap()).collect();
    draft.complete(&shares, rust_crypto())
}

/// A service whose root role is 1, 2 and 3 of which two must sign, and a draft of a root with 4 in the place of 3.
fn rotation() -> (Vec<u8>, Draft) {
    let site = Site::new();
    let first = site.root(1, START);
    let file = sign(&first, &[&key(1), &key(2)]);
    let mut next = site.root(2, START + Duration::days(30));
    next.keys.remove(&id(3));
    next.keys.insert(id(4), public(4));
    let keys = BTreeSet::from([id(1), id(2), id(4)]);
    let root = next.roles.get_mut(&RoleName::Root).unwrap();
    (root.keys, root.threshold) = (keys, NonZeroU16::new(2).unwrap());
    let draft = Draft::of_root(&next, Some(&file), rust_crypto()).unwrap();
    (file, draft)
}

#[test]
fn everybody_sees_what_changes_and_who_has_to_sign() {
    let (file, draft) = rotation();
    let seen = Draft::from_bytes(&draft.to_bytes(), rust_crypto()).unwrap();
    assert_eq!((seen.document(), seen.digest()), (draft.document(), draft.digest()));
    assert_eq!(seen.root_sha256(), Some(tegata_manifest::sha256(&file)));
    let difference = seen.difference().unwrap();
    assert_eq!(difference.added, BTreeSet::from([(RoleName::Root, id(4))]));
    assert_eq!(difference.removed, BTreeSet::from([(RoleName::Root, id(3))]));
    assert!(difference.thresholds.is_empty() && !difference.is_empty());
    let quorums: Vec<_> = seen.quorums().into_iter().map(|q| (q.root, q.threshold, q.keys.len())).collect();
    assert_eq!(quorums, [(1, 2, 3), (2, 2, 3)]);
    assert_eq!(seen.signers().into_keys().collect::<BTreeSet<_>>(), [1, 2, 3, 4].map(id).into());
}

#[test]
fn both_quorums_have_to_sign() {
    let (_, draft) = rotation();
    let bytes = draft.to_bytes();
    let [one, two, three, four] = [1, 2, 3, 4].map(|number| share(&bytes, number).unwrap());
    let short = |shares: &[&[u8]], root, valid| {
        let error = complete(&draft, shares).unwrap_err();
        let role = RoleName::Root;
        assert_eq!(error, MetadataError::NotSigned { role, root, threshold: 2, valid }.into());
        assert_eq!(error.id(), "metadata-not-signed");
    };
    short(&[&one], 1, 1);
    short(&[&one, &four], 1, 1);
    short(&[&one, &three], 2, 1);
    assert_eq!(complete(&draft, &[]).unwrap_err(), MetadataError::NoSigner.into());
    for shares in [&[&one, &two][..], &[&one, &three, &four], &[&one, &two, &three, &four]] {
        let shares: Vec<&[u8]> = shares.iter().map(|share| share.as_slice()).collect();
        let file = complete(&draft, &shares).unwrap();
        let signed = Signed::<RootMetadata>::parse(&file).unwrap();
        let verified = signed.verify_successor(draft.root().unwrap(), rust_crypto()).unwrap();
        assert_eq!(DraftDocument::Root(verified.into_document()), *draft.document());
    }
}

#[test]
fn wrong_keys_repeated_shares_and_other_drafts() {
    let (file, draft) = rotation();
    let bytes = draft.to_bytes();
    // The key of the list, and one that nobody knows.
    for number in [11, 77] {
        assert_eq!(share(&bytes, number).unwrap_err(), CeremonyError::NotASigner(id(number)));
    }
    let (one, two) = (share(&bytes, 1).unwrap(), share(&bytes, 2).unwrap());
    assert_eq!(complete(&draft, &[&one, &two, &one]).unwrap_err(), CeremonyError::Duplicate(id(1)));
    // Somebody was shown a root with other dates.
    let DraftDocument::Root(mut other) = draft.document().clone() else { panic!() };
    other.header.expires += Duration::days(1);
    let other = Draft::of_root(&other, Some(&file), rust_crypto()).unwrap();
    assert_eq!(complete(&other, &[&one, &two]).unwrap_err(), CeremonyError::OtherDraft(id(1)));
    // The share says it is of this draft, its signature does not.
    let changed = share(&other.to_bytes(), 1).unwrap();
    let position = changed.windows(32).position(|window| window == other.digest()).unwrap();
    let mut forged = changed.clone();
    forged[position..position + 32].copy_from_slice(&draft.digest());
    let error = complete(&draft, &[&forged, &two]).unwrap_err();
    assert!(
        matches!(error, CeremonyError::Metadata(MetadataError::Signature { key, .. }) if key == id(1)),
        "{error:?}"
    );
}

#[test]
fn drafts_that_do_not_follow_the_root_in_force() {
    let (file, draft) = rotation();
    let DraftDocument::Root(root) = draft.document().clone() else { panic!() };
    let refused = |change: &dyn Fn(&mut RootMetadata), in_force: Option<&[u8]>| {
        let mut root = root.clone();
        change(&mut root);
        Draft::of_root(&root, in_force, rust_crypto()).unwrap_err()
    };
    let version = |found, expected| CeremonyError::from(MetadataError::RootVersion { expected, found });
    assert_eq!(refused(&|root| root.header.version = 3, Some(&file)), version(3, 2));
    assert_eq!(refused(&|_| (), None), version(2, 1));
    assert_eq!(refused(&|root| root.header.repository = "x".to_owned(), Some(&file)).id(), "metadata-wrong-repository");
    // The root that it brings along must at least be one that its own quorum signed.
    let by_one = sign(draft.root().unwrap(), &[&key(1)]);
    assert_eq!(refused(&|_| (), Some(&by_one)).id(), "metadata-not-signed");
}

#[test]
fn a_first_root_and_an_approval() {
    let site = Site::new();
    let root = site.root(1, START);
    let draft = Draft::of_root(&root, None, rust_crypto()).unwrap();
    assert_eq!((draft.root(), draft.quorums().len()), (None, 1));
    assert_eq!(draft.difference().unwrap().thresholds.len(), 4);
    let bytes = draft.to_bytes();
    let [one, three] = [1, 3].map(|number| share(&bytes, number).unwrap());
    assert!(complete(&draft, &[&three]).is_err());
    let file = complete(&draft, &[&three, &one]).unwrap();
    Signed::<RootMetadata>::parse(&file).unwrap().verify_by_itself(rust_crypto()).unwrap();
    let approval = Approval {
        repository: REPOSITORY.to_owned(),
        issued: START,
        expires: START + Duration::days(90),
        anchor: [7; 32],
        doc_types: DocTypes::new(MDL, []),
        purposes: BTreeSet::from([Purpose::Issuance]),
    };
    let draft = Draft::of_approval(&approval, &file, rust_crypto()).unwrap();
    assert_eq!(draft.difference(), None);
    let bytes = draft.to_bytes();
    let (one, two) = (share(&bytes, 1).unwrap(), share(&bytes, 2).unwrap());
    assert_eq!(complete(&draft, &[&one]).unwrap_err().id(), "metadata-not-signed");
    let signed = complete(&draft, &[&one, &two]).unwrap();
    assert_eq!(verify_approval(&signed, &root, rust_crypto(), START).unwrap(), approval);
}

#[test]
fn damaged_files_are_told_apart() {
    let (file, draft) = rotation();
    let bytes = draft.to_bytes();
    let one = share(&bytes, 1).unwrap();
    assert_eq!(Share::from_bytes(&one).unwrap().to_bytes(), one);
    assert_eq!(Share::from_bytes(&bytes).unwrap_err().id(), "ceremony-wrong-file");
    let read = |bytes: &[u8]| Draft::from_bytes(bytes, rust_crypto());
    assert_eq!(read(&one).unwrap_err().id(), "ceremony-wrong-file");
    assert_eq!(read(&file).unwrap_err().id(), "ceremony-damaged");
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).is_err(), "{end}");
    }
    for end in 0..one.len() {
        assert!(Share::from_bytes(&one[..end]).is_err(), "{end}");
    }
    let version = bytes.windows(2).position(|pair| pair == [b't', 1]).unwrap() + 1;
    let mut later = bytes.clone();
    later[version] = 2;
    assert_eq!(read(&later).unwrap_err(), CeremonyError::Version(2));
    // A flipped byte is noticed when it is read, or makes another draft, whose shares are no use for this one.
    for position in (0..bytes.len()).step_by(3) {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        if let Ok(other) = read(&changed) {
            assert!(other.digest() != draft.digest() || other.root_sha256() != draft.root_sha256(), "{position}");
        }
    }
    for error in [CeremonyError::NoRoot, CeremonyError::Type("list".into()), CeremonyError::Duplicate(id(1))] {
        assert!(!error.remedy().is_empty() && !error.remedy_ja().is_ascii());
    }
}
