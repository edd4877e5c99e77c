//! Project Wycheproof: every provider gives the expected answer to every case, so they agree with each other too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use serde::Deserialize;
use tegata_pki::{AgreementKey, CryptoProvider, Curve, Hash, PublicKey, SignatureAlgorithm, SignatureRef};

use support::{providers, testdata};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "numberOfTests")]
    number_of_tests: usize,
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    sha: Option<String>,
    #[serde(rename = "publicKeyDer")]
    key: Option<String>,
    #[serde(rename = "tagSize")]
    tag_size: Option<usize>,
    tests: Vec<Case>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    comment: String,
    flags: Vec<String>,
    msg: String,
    sig: String,
    result: String,
    public: String,
    private: String,
    shared: String,
    key: String,
    tag: String,
    ikm: String,
    salt: String,
    info: String,
    size: usize,
    okm: String,
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

/// Runs `check` on every case with every provider; the number of cases is checked against the file's own count.
fn run(file: &str, check: impl Fn(&dyn CryptoProvider, &Group, &Case)) {
    let Some(path) = testdata(&format!("wycheproof/{file}")) else { return };
    let file: File = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for provider in providers() {
        let mut count = 0;
        for group in &file.groups {
            for case in &group.tests {
                check(provider, group, case);
                count += 1;
            }
        }
        assert_eq!(count, file.number_of_tests);
    }
}

fn verify(file: &str, der: bool) {
    run(file, |provider, group, case| {
        let algorithm = match group.sha.as_deref() {
            Some(name) => SignatureAlgorithm::Ecdsa(Hash::from_name(name).unwrap()),
            None => SignatureAlgorithm::EdDsa,
        };
        let sig = bytes(&case.sig);
        let sig = if der { SignatureRef::Der(&sig) } else { SignatureRef::Raw(&sig) };
        let result =
            PublicKey::from_spki_der(&bytes(group.key.as_ref().unwrap())).map_err(|error| error.id()).and_then(|key| {
                let verified = provider.verify(&key, algorithm, &bytes(&case.msg), sig);
                verified.map_err(|error| error.id())
            });
        let expected = case.result == "valid";
        let name = provider.name();
        assert_eq!(result.is_ok(), expected, "{file} {name} {}: {} {result:?}", case.tc_id, case.comment);
    });
}

macro_rules! verify_tests {
    ($($name:ident: $file:literal, $der:literal;)*) => {
        $(#[test] fn $name() { verify($file, $der); })*
    };
}

verify_tests! {
    ecdsa_p256_sha256_der: "ecdsa_secp256r1_sha256_test.json", true;
    ecdsa_p384_sha256_der: "ecdsa_secp384r1_sha256_test.json", true;
    ecdsa_p384_sha384_der: "ecdsa_secp384r1_sha384_test.json", true;
    ecdsa_p521_sha512_der: "ecdsa_secp521r1_sha512_test.json", true;
    ecdsa_p256_sha256_raw: "ecdsa_secp256r1_sha256_p1363_test.json", false;
    ecdsa_p256_sha512_raw: "ecdsa_secp256r1_sha512_p1363_test.json", false;
    ecdsa_p384_sha384_raw: "ecdsa_secp384r1_sha384_p1363_test.json", false;
    ecdsa_p384_sha512_raw: "ecdsa_secp384r1_sha512_p1363_test.json", false;
    ecdsa_p521_sha512_raw: "ecdsa_secp521r1_sha512_p1363_test.json", false;
    ecdsa_bp256_sha256_raw: "ecdsa_brainpoolP256r1_sha256_p1363_test.json", false;
    ecdsa_bp384_sha384_raw: "ecdsa_brainpoolP384r1_sha384_p1363_test.json", false;
    ed25519: "ed25519_test.json", false;
}

/// brainpoolP512r1 is not supported: that must be said, and nothing may be accepted.
#[test]
fn bp512_is_refused_by_name() {
    run("ecdsa_brainpoolP512r1_sha512_p1363_test.json", |_, group, _| {
        let error = PublicKey::from_spki_der(&bytes(group.key.as_ref().unwrap())).unwrap_err();
        assert_eq!(error.id(), "key-unsupported-algorithm");
    });
}

/// Wycheproof writes private scalars as minimal integers; we take full length.
fn scalar(curve: Curve, hex: &str) -> Vec<u8> {
    let digits = bytes(&if hex.len() % 2 == 1 { format!("0{hex}") } else { hex.to_owned() });
    let start = digits.iter().position(|b| *b != 0).unwrap();
    let mut full = vec![0; curve.field_len() - (digits.len() - start)];
    full.extend_from_slice(&digits[start..]);
    full
}

fn agree(file: &str, curve: Curve, spki: bool) {
    run(file, |provider, _, case| {
        let public = bytes(&case.public);
        let peer = if spki { PublicKey::from_spki_der(&public) } else { PublicKey::from_sec1(curve, &public) };
        let private = AgreementKey::from_raw(curve, &scalar(curve, &case.private)).unwrap();
        let shared = peer.and_then(|peer| provider.agree(&private, &peer));
        let name = provider.name();
        let context = format!("{file} {name} {}: {} {shared:?}", case.tc_id, case.comment);
        match (case.result.as_str(), shared) {
            ("valid", shared) => assert_eq!(shared.expect(&context).as_bytes(), bytes(&case.shared)),
            // "acceptable" are unusual encodings of a point: right or refused.
            ("acceptable", Ok(shared)) => assert_eq!(shared.as_bytes(), bytes(&case.shared), "{context}"),
            (_, shared) => assert!(shared.is_err(), "{context}"),
        }
    });
}

#[test]
fn ecdh_p256_spki() {
    agree("ecdh_secp256r1_test.json", Curve::P256, true);
}

#[test]
fn ecdh_p256_point() {
    agree("ecdh_secp256r1_ecpoint_test.json", Curve::P256, false);
}

#[test]
fn ecdh_p384_point() {
    agree("ecdh_secp384r1_ecpoint_test.json", Curve::P384, false);
}

#[test]
fn ecdh_p521_point() {
    agree("ecdh_secp521r1_ecpoint_test.json", Curve::P521, false);
}

#[test]
fn x25519() {
    run("x25519_test.json", |provider, _, case| {
        let private = AgreementKey::from_raw(Curve::X25519, &bytes(&case.private)).unwrap();
        let peer = PublicKey::from_sec1(Curve::X25519, &bytes(&case.public)).unwrap();
        let shared = provider.agree(&private, &peer);
        let zero = case.flags.iter().any(|flag| flag == "ZeroSharedSecret");
        let context = format!("{} {}: {}", provider.name(), case.tc_id, case.comment);
        if zero {
            assert_eq!(shared.unwrap_err().id(), "key-zero-secret", "{context}");
        } else {
            assert_eq!(shared.expect(&context).as_bytes(), bytes(&case.shared), "{context}");
        }
    });
}

#[test]
fn hmac_sha256() {
    run("hmac_sha256_test.json", |provider, group, case| {
        let full = provider.hmac_sha256(&bytes(&case.key), &bytes(&case.msg));
        let tag = &full[..group.tag_size.unwrap() / 8];
        let equal = tegata_pki::ct_eq(tag, &bytes(&case.tag));
        assert_eq!(equal, case.result == "valid", "{} {}", provider.name(), case.tc_id);
    });
}

#[test]
fn hkdf_sha256() {
    run("hkdf_sha256_test.json", |provider, _, case| {
        // Ours always gives 32 octets: HKDF output is a prefix of longer output, so every size can be compared.
        let okm = provider.hkdf_sha256(&bytes(&case.ikm), &bytes(&case.salt), &bytes(&case.info));
        if case.result == "valid" {
            let shared = case.size.min(32);
            assert_eq!(okm[..shared], bytes(&case.okm)[..shared], "{} {}", provider.name(), case.tc_id);
        }
    });
}
