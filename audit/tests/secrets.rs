//! The secret scanner: keys made by OpenSSL are found in every encoding, and what is public passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::{path::Path, process::Command};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use common::{Bench, event, minute};
use serde_json::{Value, json};
use tegata_audit::{
    AuditError, SecretKind,
    secret::{scan_text, scan_value},
};

fn kind(value: &Value) -> Option<SecretKind> {
    scan_value(value, "").err().map(|found| found.kind)
}

#[test]
fn planted_secrets_are_refused_and_not_repeated() {
    let bench = Bench::new();
    let mut log = bench.open();
    for (detail, kind, place) in [
        (json!("-----BEGIN PRIVATE KEY-----\nMIG"), SecretKind::PrivateKeyPem, "/detail/note"),
        (json!(["a", "-----begin encrypted private key-----"]), SecretKind::PrivateKeyPem, "/detail/note/1"),
        (json!({"x": "-----BEGIN OPENSSH PRIVATE KEY-----"}), SecretKind::PrivateKeyPem, "/detail/note/x"),
        (json!("-----BEGIN PGP PRIVATE KEY BLOCK-----"), SecretKind::PrivateKeyPem, "/detail/note"),
        (json!("AGE-SECRET-KEY-1QQQQ"), SecretKind::Age, "/detail/note"),
        (json!("age-secret-key-1qqqq"), SecretKind::Age, "/detail/note"),
        (json!("age-encryption.org/v1\n-> X25519"), SecretKind::Age, "/detail/note"),
        (json!({"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": "AA"}), SecretKind::Jwk, "/detail/note"),
        (json!({"kty": "oct", "k": "AA"}), SecretKind::Jwk, "/detail/note"),
        (json!("{ \"kty\" : \"OKP\", \"d\" : \"AA\" }"), SecretKind::Jwk, "/detail/note"),
        (json!("{\\\"kty\\\":\\\"OKP\\\",\\\"d\\\":\\\"AA\\\"}"), SecretKind::Jwk, "/detail/note"),
        (json!("PRIVATE+KEY+name+00000000+AAAA"), SecretKind::NoteKey, "/detail/note"),
        (json!("tegata-checkpoint-key-v1 AAAA"), SecretKind::NoteKey, "/detail/note"),
        (json!("pkcs11:token=iaca?pin-value=123456"), SecretKind::Named, "/detail/note"),
        (json!({"token-pin": "123456"}), SecretKind::Named, "/detail/note/token-pin"),
        (json!({"deep": [{"Passphrase": "x"}]}), SecretKind::Named, "/detail/note/deep/0/Passphrase"),
        (json!({"share": ["word", "word"]}), SecretKind::Named, "/detail/note/share"),
    ] {
        let error = log.append(event(0).detail("note", detail), minute(0)).unwrap_err();
        let AuditError::Secret(found) = &error else { panic!("{error}") };
        assert_eq!((found.kind, found.place.as_str()), (kind, place));
    }
    let named = log.append(event(0).object("AGE-SECRET-KEY-1QQQQ", [0; 32]), minute(0)).unwrap_err();
    assert!(!named.to_string().contains("QQQQ"));
    assert!(log.append(event(0).detail("AGE-SECRET-KEY-1QQQQ", 1), minute(0)).is_err());
    assert_eq!(bench.bytes(), b"");
}

#[test]
fn what_records_say_passes() {
    let bench = Bench::new();
    let mut log = bench.open();
    let records = [
        json!({"serial": "00b1", "profile": "iso-18013-5", "not-after": "2027-03-01T00:00:00Z"}),
        json!({"share-count": 5, "threshold": 3, "pin-set": true, "private-key-uri": "pkcs11:token=iaca;object=root"}),
        json!({"public-key": {"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"}}),
        json!({"fingerprint": "30770201".repeat(8), "note": "PIN pad replaced; the share-holders were present"}),
        json!({"words": "absurd adroitness accrue", "offset-ms": -12}),
        json!([48, 119, 2, 1]),
    ];
    for (number, record) in records.into_iter().enumerate() {
        log.append(event(0).detail("data", record), minute(number.try_into().unwrap())).unwrap();
    }
}

fn openssl(directory: &Path, arguments: &str) -> Option<()> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(directory).output().ok()?;
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

/// All the ways in which octets could be written into a record.
fn encodings(octets: &[u8]) -> Vec<Value> {
    let lower = hex::encode(octets);
    let colons = octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":");
    let array = octets.iter().map(|octet| format!("0x{octet:02x}")).collect::<Vec<_>>().join(", ");
    let wrapped = STANDARD
        .encode(octets)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>();
    vec![
        json!(lower),
        json!(format!("key={lower}.")),
        json!(colons),
        json!(array),
        json!(STANDARD.encode(octets)),
        json!(URL_SAFE_NO_PAD.encode(octets)),
        json!(format!("note: {}", STANDARD.encode(octets))),
        json!(wrapped.join("\n")),
        json!(wrapped.join("\\n")),
        json!(octets),
    ]
}

#[test]
fn keys_of_openssl_are_found() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    let kinds = [
        ("p256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
        ("p384", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
        ("p521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521"),
        ("explicit", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"),
        ("bp384", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1"),
        ("ed25519", "genpkey -algorithm ED25519"),
        ("rsa", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ];
    for (name, generate) in kinds {
        let pem = format!("{name}.pem");
        if openssl(directory, &format!("{generate} -out {pem}")).is_none() {
            println!("skipped: openssl is not installed");
            return;
        }
        let mut forms = vec![format!("pkcs8 -topk8 -nocrypt -in {pem} -outform DER -out key.der")];
        forms.push(format!("pkcs8 -topk8 -v2 aes-256-cbc -passout pass:x -in {pem} -outform DER -out key.der"));
        forms.push(format!("pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:x -in {pem} -outform DER -out key.der"));
        if name != "ed25519" {
            forms.push(format!("pkey -traditional -in {pem} -outform DER -out key.der"));
        }
        for form in forms {
            openssl(directory, &form).unwrap();
            let octets = std::fs::read(directory.join("key.der")).unwrap();
            for value in encodings(&octets) {
                assert_eq!(kind(&value), Some(SecretKind::PrivateKeyDer), "{name} {form} {value}");
            }
        }
        let text = std::fs::read_to_string(directory.join(&pem)).unwrap();
        assert_eq!(scan_text(&text, "").unwrap_err().kind, SecretKind::PrivateKeyPem);
    }
}

#[test]
fn public_objects_of_openssl_pass() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    std::fs::write(directory.join("ca.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\n").unwrap();
    std::fs::write(directory.join("index"), "").unwrap();
    std::fs::write(directory.join("number"), "01\n").unwrap();
    for curve in ["P-256", "P-384", "P-521"] {
        let steps = [
            format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out key.pem"),
            "pkey -in key.pem -pubout -outform DER -out public.der".to_owned(),
            "req -new -key key.pem -subj /C=UT/CN=Signer -outform DER -out request.der".to_owned(),
            "req -x509 -new -key key.pem -subj /C=UT/CN=Root -days 9 -outform DER -out certificate.der".to_owned(),
            "req -x509 -new -key key.pem -subj /C=UT/CN=Root -days 9 -out ca.pem".to_owned(),
            "ca -gencrl -config ca.cnf -keyfile key.pem -cert ca.pem -md sha384 -crldays 9 -out crl.pem".to_owned(),
            "crl -in crl.pem -outform DER -out crl.der".to_owned(),
            "dgst -sha256 -sign key.pem -out signature.der ca.pem".to_owned(),
        ];
        for step in steps {
            if openssl(directory, &step).is_none() {
                println!("skipped: openssl is not installed");
                return;
            }
        }
        for file in ["public.der", "request.der", "certificate.der", "crl.der", "signature.der"] {
            let octets = std::fs::read(directory.join(file)).unwrap();
            for value in encodings(&octets) {
                assert_eq!(kind(&value), None, "{curve} {file} {value}");
            }
        }
        let pem = std::fs::read_to_string(directory.join("ca.pem")).unwrap();
        assert_eq!(kind(&json!(pem)), None);
    }
}
