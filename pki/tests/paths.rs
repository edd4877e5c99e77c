//! The path from a leaf to its anchor: what holds, and each way it can fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::pki::{START, finish, key, name, pki, request};
use tegata_pki::{Certificate, Curve, Edition, PathError, PathInput, Role, SubjectRules, rust_crypto, validate_path};
use time::Duration;

fn validate(leaf: &Certificate, anchor: &Certificate) -> Result<(), PathError> {
    let input = PathInput::new(leaf, anchor, START + Duration::days(1));
    validate_path(&input, rust_crypto()).map(drop)
}

#[test]
fn a_conforming_path_has_no_findings() {
    for provider in support::providers() {
        let pki = pki(Curve::P384, Curve::P256);
        let input = PathInput::new(&pki.ds, &pki.root, START);
        let path = validate_path(&input, provider).unwrap();
        assert_eq!(path.findings(), []);
        assert_eq!(path.key(), pki.ds_key.public_key());
        assert_eq!((path.valid_from(), path.valid_until()), (START, pki.ds.not_after()));
    }
}

#[test]
fn both_ends_of_the_validity_belong_to_it() {
    let pki = pki(Curve::P256, Curve::P256);
    let at = |at, skew| {
        let mut input = PathInput::new(&pki.ds, &pki.root, at);
        input.skew = skew;
        validate_path(&input, rust_crypto()).map(drop).map_err(|error| error.id())
    };
    let (second, end) = (Duration::SECOND, pki.ds.not_after());
    assert_eq!(at(START, Duration::ZERO), Ok(()));
    assert_eq!(at(end, Duration::ZERO), Ok(()));
    assert_eq!(at(end + second, Duration::ZERO), Err("path-expired"));
    assert_eq!(at(START - second, Duration::ZERO), Err("path-not-yet-valid"));
    assert_eq!(at(START - second, second), Ok(()));
    assert_eq!(at(end + second, second), Ok(()));
}

#[test]
fn another_root_of_the_same_name_is_told_from_one_of_another() {
    let (one, other) = (pki(Curve::P256, Curve::P256), pki(Curve::P256, Curve::P256));
    let same_name = validate(&one.ds, &other.root).unwrap_err();
    assert_eq!(same_name.id(), "path-signature");
    let other_key = key(Curve::P256);
    let root = request(Role::Iaca, Edition::Iso18013_5, name("UT", "Other"), &other_key, None, 99);
    let root = finish(root, &other_key).unwrap();
    let other_name = validate(&one.ds, &root).unwrap_err();
    assert_eq!(other_name.id(), "path-issuer-name-mismatch");
    assert!(same_name.rank() > other_name.rank());
}

#[test]
fn an_anchor_never_signs_and_a_leaf_never_certifies() {
    let pki = pki(Curve::P256, Curve::P256);
    assert_eq!(validate(&pki.root, &pki.root), Err(PathError::LeafIsAnchor));
    assert_eq!(validate(&pki.ds, &pki.ds).unwrap_err().id(), "path-issuer-name-mismatch");
    let link_key = key(Curve::P256);
    let subject = name("UT", "Utopia IACA 2");
    let link = request(Role::Link, Edition::Iso18013_5, subject, &link_key, Some(&pki.root), 9);
    let link = finish(link, &pki.root_key).unwrap();
    assert_eq!(validate(&link, &pki.root), Err(PathError::LeafIsCa));
}

#[test]
fn intermediates_are_bound_by_the_path_length() {
    let pki = pki(Curve::P256, Curve::P256);
    let (sub_key, leaf_key) = (key(Curve::P256), key(Curve::P256));
    let sub = request(Role::Link, Edition::Iso18013_5, name("UT", "Sub"), &sub_key, Some(&pki.root), 99);
    let sub = finish(sub, &pki.root_key).unwrap();
    let leaf = request(Role::Reader, Edition::Iso18013_5, name("UT", "R"), &leaf_key, Some(&sub), 99);
    let leaf = finish(leaf, &sub_key).unwrap();
    let at = START + Duration::days(1);
    let chain = [sub.clone(), pki.root.clone()];
    let under_root = PathInput { intermediates: &chain, ..PathInput::new(&leaf, &pki.root, at) };
    let error = validate_path(&under_root, rust_crypto()).unwrap_err();
    assert_eq!(error.id(), "path-length", "the root has pathLen 0");
    let under_sub = PathInput { intermediates: &chain[..1], ..PathInput::new(&leaf, &sub, at) };
    validate_path(&under_sub, rust_crypto()).unwrap();
    let many = vec![sub; 9];
    let input = PathInput { intermediates: &many, ..PathInput::new(&leaf, &pki.root, at) };
    assert_eq!(validate_path(&input, rust_crypto()).unwrap_err().id(), "path-too-many-intermediates");
}

#[test]
fn country_is_compared_unless_the_anchor_is_no_iaca() {
    let pki = pki(Curve::P256, Curve::P256);
    let reader_key = key(Curve::P256);
    let reader = name("XX", "Reader");
    let reader = request(Role::Reader, Edition::Iso18013_5, reader, &reader_key, Some(&pki.root), 9);
    let reader = finish(reader, &pki.root_key).unwrap();
    let validate = |rules| {
        let mut input = PathInput::new(&reader, &pki.root, START);
        input.subject_rules = rules;
        let result = validate_path(&input, rust_crypto()).map_err(|error| error.id());
        result.map(|path| path.findings().iter().map(|f| f.id()).collect::<Vec<_>>())
    };
    assert_eq!(validate(SubjectRules::Iaca), Err("path-country-mismatch"));
    assert_eq!(validate(SubjectRules::IacaReported), Ok(vec!["path-country-mismatch"]));
    assert_eq!(validate(SubjectRules::None), Ok(vec![]));
}

/// Every bit of a DS certificate flipped, one at a time: the path never holds with other bytes.
#[test]
fn no_flipped_bit_survives() {
    let pki = pki(Curve::P256, Curve::P256);
    let der = pki.ds.der();
    for index in 0..der.len() {
        let mut bytes = der.to_vec();
        bytes[index] ^= 1 << (index % 8);
        if let Ok(certificate) = Certificate::from_der(&bytes) {
            assert!(validate(&certificate, &pki.root).is_err(), "octet {index}");
        }
    }
}
