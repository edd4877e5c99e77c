//! The insecure signer behaves like every signer, and says what it is.
#![cfg(feature = "insecure-software-keys")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use tegata_hsm::{InsecureSoftwareSigner, Signer};
use tegata_pki::Curve;
use tegata_pki::software::InsecureSoftwareKey;

fn key(curve: Curve) -> InsecureSoftwareKey {
    let mut scalar = vec![0; curve.field_len()];
    *scalar.last_mut().unwrap() = 9;
    InsecureSoftwareKey::from_scalar(curve, &scalar).unwrap()
}

#[test]
fn openssl_accepts_its_signatures() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let signer = InsecureSoftwareSigner::new(key(curve)).unwrap();
        let signature = signer.sign(b"a message").unwrap();
        assert!(common::openssl_accepts(signer.public_key(), b"a message", &signature), "{curve:?}");
    }
}

#[test]
fn it_says_that_it_is_insecure() {
    let signer = InsecureSoftwareSigner::new(key(Curve::P256)).unwrap();
    assert!(format!("{signer:?}").contains("INSECURE"));
    assert!(signer.to_string().contains("INSECURE"));
}

#[test]
fn a_key_that_only_agrees_is_no_signer() {
    assert_eq!(InsecureSoftwareSigner::new(key(Curve::X25519)).unwrap_err().id(), "software-key");
}
