//! Sign-offs: made, verified, refused; checked against openssl.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use serde_json::json;
use support::{NOW, enrol, unlock};
use tegata_pki::{Curve, PublicKey};
use tegata_quorum::{SignOff, SignOffError, Statement};

fn statement(step: &str) -> Statement {
    let value = json!({ "ceremony": "2026-1", "mark": "c1", "step": step, "time": "2026-11-21T09:00:00Z" });
    Statement::new(value.as_object().unwrap().clone()).unwrap()
}

#[test]
fn a_sign_off_counts_for_its_statement_and_key_only() {
    let credential = enrol(1);
    let sign_off = unlock(1, &credential, NOW).sign_off(&statement("7.03"));
    assert_eq!(sign_off.statement_digest(), &statement("7.03").digest());
    sign_off.verify(&statement("7.03"), credential.public_key()).unwrap();
    let other_statement = sign_off.verify(&statement("7.04"), credential.public_key()).unwrap_err();
    assert_eq!(other_statement.id(), "sign-off-other-statement");
    let other_key = sign_off.verify(&statement("7.03"), enrol(2).public_key()).unwrap_err();
    assert_eq!(other_key.id(), "sign-off-signature");
    let generator = hex::decode("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296").unwrap();
    let p256 = PublicKey::from_sec1(Curve::P256, &generator).unwrap();
    let kind = sign_off.verify(&statement("7.03"), &p256).unwrap_err();
    assert_eq!(kind, SignOffError::KeyKind { curve: Curve::P256 });
}

#[test]
fn a_sign_off_survives_json_and_an_altered_one_fails() {
    let credential = enrol(1);
    let sign_off = unlock(1, &credential, NOW).sign_off(&statement("7.03"));
    let file = serde_json::to_value(&sign_off).unwrap();
    assert_eq!(serde_json::from_value::<SignOff>(file.clone()).unwrap(), sign_off);
    let mut moved = file.clone();
    moved["statement"] = hex::encode(statement("7.04").digest()).into();
    let moved: SignOff = serde_json::from_value(moved).unwrap();
    assert_eq!(moved.verify(&statement("7.04"), credential.public_key()).unwrap_err().id(), "sign-off-signature");
    let mut short = file;
    short["signature"] = "AAAA".into();
    assert!(serde_json::from_value::<SignOff>(short).is_err());
}

#[test]
fn openssl_verifies_a_sign_off() {
    let credential = enrol(1);
    let statement = statement("7.03");
    let sign_off = unlock(1, &credential, NOW).sign_off(&statement);
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    // RFC 8410: SubjectPublicKeyInfo of an Ed25519 key.
    let mut spki = hex::decode("302a300506032b6570032100").unwrap();
    spki.extend_from_slice(credential.public_key().sec1_or_raw());
    let verify = |message: &[u8]| {
        std::process::Command::new("openssl")
            .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey"])
            .arg(file("key.der", &spki))
            .arg("-in")
            .arg(file("message", message))
            .arg("-sigfile")
            .arg(file("signature", sign_off.signature()))
            .output()
    };
    let Ok(good) = verify(statement.as_bytes()) else {
        println!("skipped: no openssl");
        return;
    };
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(!verify(&statement.as_bytes()[1..]).unwrap().status.success());
}
