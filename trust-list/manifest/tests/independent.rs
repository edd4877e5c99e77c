//! Others read our files: `coset` and `ciborium`, and `cbor2` with `cryptography` in Python.
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
use std::process::Command;

use ciborium::Value;
use coset::{CoseSign, RegisteredLabelWithPrivate, TaggedCborSerializable, iana};
use support::*;
use tegata_manifest::{Document, KeyId, MEDIA_TYPE, RoleName, path};
use tegata_pki::{SignatureAlgorithm, SignatureRef, rust_crypto};

fn files(site: &Site) -> [(RoleName, String); 4] {
    [
        (RoleName::Root, path::root(1)),
        (RoleName::List, path::list(1)),
        (RoleName::Snapshot, path::snapshot(1)),
        (RoleName::Pointer, path::POINTER.to_owned()),
    ]
    .map(|(role, path)| {
        assert!(site.tree.contains_key(&path));
        (role, path)
    })
}

#[test]
fn coset_reads_verifies_and_writes_them() {
    let site = Site::new();
    for (role, path) in files(&site) {
        let file = &site.tree[&path];
        let sign = CoseSign::from_tagged_slice(file).unwrap();
        let typ = sign.protected.header.rest.iter().find(|(label, _)| *label == coset::Label::Int(16)).unwrap();
        assert_eq!(typ.1, Value::from(MEDIA_TYPE));
        let numbers = &site.roles[&role].0;
        assert_eq!(sign.signatures.len(), numbers.len());
        for (index, signature) in sign.signatures.iter().enumerate() {
            let header = &signature.protected.header;
            assert_eq!(header.alg, Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES256)));
            let key = numbers.iter().map(|number| public(*number));
            let key = key.into_iter().find(|key| KeyId::of(key).as_bytes()[..] == header.key_id[..]).unwrap();
            sign.verify_signature(index, b"", |signature, message| {
                let algorithm = SignatureAlgorithm::Ecdsa(tegata_pki::Hash::Sha256);
                rust_crypto().verify(&key, algorithm, message, SignatureRef::Raw(signature))
            })
            .unwrap();
        }
        assert_eq!(&sign.to_tagged_vec().unwrap(), file);
    }
}

#[test]
fn ciborium_reads_the_payloads() {
    let list = list(1, START, &[0, 1]);
    let payload = list.prepare(&[public(11)]).unwrap().payload().to_vec();
    let value: Value = ciborium::from_reader(&payload[..]).unwrap();
    let field = |value: &Value, name: &str| -> Value {
        let map = value.as_map().unwrap();
        map.iter().find(|(key, _)| key.as_text() == Some(name)).unwrap().1.clone()
    };
    assert_eq!(field(&value, "type"), Value::from("list"));
    assert_eq!(field(&value, "spec"), Value::from(1));
    assert_eq!(field(&value, "issued"), Value::Tag(0, Box::new(Value::from("2026-01-01T00:00:00Z"))));
    let anchors = field(&value, "anchors");
    let anchor = &anchors.as_array().unwrap()[1];
    assert_eq!(field(anchor, "certificate"), Value::Bytes(iaca(1).der().to_vec()));
    assert_eq!(field(&field(anchor, "facts"), "revocationDuty"), Value::from(48 * 3600));
    assert_eq!(field(&field(&value, "notices").as_array().unwrap()[0], "ja"), Value::from("新しいルートが来ます。"));
    let mut again = Vec::new();
    ciborium::into_writer(&value, &mut again).unwrap();
    assert_eq!(again, payload);
}

const SCRIPT: &str = include_str!("support/verify_cose_sign.py");

#[test]
fn python_verifies_them() {
    let python = |arguments: &[&str]| Command::new("python3").arg("-c").args(arguments).output();
    match python(&["import cbor2, cryptography"]) {
        Ok(output) if output.status.success() => {}
        _ => return println!("skipped: python3 with cbor2 and cryptography is not here"),
    }
    let site = Site::new();
    let folder = std::env::temp_dir().join(format!("tegata-manifest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let root = folder.join("root.cbor");
    std::fs::write(&root, &site.tree[&path::root(1)]).unwrap();
    let verify = |role: RoleName, file: &[u8]| {
        let path = folder.join("file.cbor");
        std::fs::write(&path, file).unwrap();
        let output = python(&[SCRIPT, root.to_str().unwrap(), path.to_str().unwrap(), role.id()]).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    for (role, path) in files(&site) {
        let file = &site.tree[&path];
        let expected = site.roles[&role].0.iter().map(|number| KeyId::of(&public(*number)).to_string());
        assert_eq!(verify(role, file), expected.collect(), "{role}");
        // It is no friend of everything: the version of the repository changed.
        let mut changed = file.clone();
        let position = changed.windows(4).position(|window| window == b"dts.").unwrap();
        changed[position] = b'D';
        assert_eq!(verify(role, &changed), BTreeSet::new(), "{role}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
