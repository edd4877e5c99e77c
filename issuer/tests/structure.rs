//! What an issued document looks like to decoders that share no code with the issuer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    dead_code,
    unreachable_pub,
    reason = "test code"
)]

mod common;

use ciborium::Value;
use common::*;
use coset::{CborSerializable, CoseSign1};
use tegata_issuer::{IssuanceRequest, IssuedDocument, KeyAuthorizations, StatusReference, Terms, TimestampPolicy};
use tegata_mdoc::cbor::decode;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_pki::{Curve, Hash, PublicKey, SignatureRef, rust_crypto};
use time::macros::utc_datetime;

fn issue(sandbox: &Sandbox, terms: &Terms, key: &PublicKey, status: Option<&StatusReference>) -> IssuedDocument {
    let claims = mdl();
    let request = IssuanceRequest { claims: &claims, terms, device_key: key, status };
    sandbox.document_signer().issue(&request, &mut rng(), NOW).unwrap()
}

/// The value of a text key.
fn at<'v>(map: &'v Value, key: &str) -> &'v Value {
    let pairs = map.as_map().unwrap();
    &pairs.iter().find(|(name, _)| name.as_text() == Some(key)).unwrap_or_else(|| panic!("{key}")).1
}

fn keys(map: &Value) -> Vec<&str> {
    map.as_map().unwrap().iter().map(|(key, _)| key.as_text().unwrap()).collect()
}

fn read(bytes: &[u8]) -> Value {
    ciborium::from_reader(bytes).unwrap()
}

/// `#6.24(bstr)`: the bytes inside.
fn embedded(value: &Value) -> &[u8] {
    let Value::Tag(24, inner) = value else { panic!("tag 24") };
    inner.as_bytes().unwrap()
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The COSE_Sign1 as `coset` reads it, and the MSO as `ciborium` does.
fn issuer_auth(document: &Value) -> (CoseSign1, Value) {
    let sign1 = CoseSign1::from_slice(&encoded(at(document, "issuerAuth"))).unwrap();
    let payload = read(sign1.payload.as_ref().unwrap());
    let mso = read(embedded(&payload));
    (sign1, mso)
}

#[test]
fn every_curve_signs_and_coset_verifies_it() {
    let curves = [
        (Curve::P256, -7),
        (Curve::P384, -35),
        (Curve::P521, -36),
        (Curve::BrainpoolP256r1, -7),
        (Curve::BrainpoolP384r1, -35),
        (Curve::Ed25519, -8),
    ];
    for (curve, number) in curves {
        let sandbox = Sandbox::new(Curve::P384, curve);
        let document = read(issue(&sandbox, &terms(), &device_key(), None).issuer_signed());
        let (sign1, _) = issuer_auth(&document);
        sign1
            .verify_signature(&[], |signature, message| {
                let algorithm = curve.signature_algorithm().unwrap();
                let key = sandbox.ds.public_key().unwrap();
                rust_crypto().verify(key, algorithm, message, SignatureRef::Raw(signature))
            })
            .unwrap();
        assert_eq!(
            sign1.protected.original_data.as_deref().unwrap(),
            encoded(&Value::Map(vec![(1.into(), number.into())])),
            "{curve}"
        );
        assert_eq!(sign1.unprotected.rest, [(coset::Label::Int(33), Value::Bytes(sandbox.ds.der().to_vec()))]);
        let empty = coset::Header { rest: sign1.unprotected.rest.clone(), ..coset::Header::default() };
        assert_eq!(sign1.unprotected, empty, "x5chain alone");
    }
}

#[test]
fn the_signature_verifies_under_openssl() {
    let sandbox = Sandbox::new(Curve::P384, Curve::P256);
    let key = device_key();
    let (claims, terms) = (mdl(), terms());
    let request = IssuanceRequest { claims: &claims, terms: &terms, device_key: &key, status: None };
    let signer = sandbox.document_signer();
    let prepared = signer.prepare(&request, &mut rng(), NOW).unwrap();
    let message = prepared.to_be_signed().to_vec();
    let signature = sandbox.ds_signer.sign(&message).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let key_file = write(&directory, "key.pem", sandbox.ds_signer.public_key().to_pem());
    let signature_file = write(&directory, "signature", signature.to_der(Curve::P256).as_bytes());
    let message_file = write(&directory, "message", &message);
    let verified = openssl(&["dgst", "-sha256", "-verify", &key_file, "-signature", &signature_file, &message_file]);
    assert!(verified.status.success(), "{verified:?}");
    prepared.complete(&signature).unwrap();
}

#[test]
fn every_item_has_its_digest_and_nothing_else_is_there() {
    for hash in Hash::ALL {
        let terms = Terms { digest_algorithm: hash, ..terms() };
        let sandbox = Sandbox::new(Curve::P256, Curve::P256);
        let issued = issue(&sandbox, &terms, &device_key(), None);
        let document = read(issued.issuer_signed());
        assert_eq!(keys(&document), ["nameSpaces", "issuerAuth"]);
        let (_, mso) = issuer_auth(&document);
        assert_eq!(at(&mso, "digestAlgorithm").as_text(), Some(hash.name()));
        let digests = at(&mso, "valueDigests");
        assert_eq!(keys(digests), [NS, AAMVA]);
        let mut salts = std::collections::HashSet::new();
        for (name_space, items) in at(&document, "nameSpaces").as_map().unwrap() {
            let digests = at(digests, name_space.as_text().unwrap()).as_map().unwrap();
            let items = items.as_array().unwrap();
            assert_eq!(digests.len(), items.len());
            let ids: Vec<u64> =
                digests.iter().map(|(id, _)| u64::try_from(id.as_integer().unwrap()).unwrap()).collect();
            assert_eq!(ids, (0..u64::try_from(items.len()).unwrap()).collect::<Vec<_>>(), "ascending, without gaps");
            for bytes in items {
                let item = read(embedded(bytes));
                assert_eq!(keys(&item), ["digestID", "random", "elementIdentifier", "elementValue"]);
                let salt = at(&item, "random").as_bytes().unwrap().clone();
                assert_eq!(salt.len(), 32);
                assert!(salts.insert(salt), "salts differ");
                let digest = rust_crypto().digest(hash, &encoded(bytes));
                let (_, expected) = digests.iter().find(|(id, _)| id == at(&item, "digestID")).unwrap();
                assert_eq!(expected.as_bytes().unwrap(), digest.as_bytes());
            }
        }
        assert_eq!(salts.len(), mdl().element_count());
    }
}

#[test]
fn the_mso_has_the_customary_order_and_all_that_was_asked_for() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let key = device_key();
    let status = StatusReference::new("https://status.example/lists/1", 4711).unwrap();
    let authorizations =
        KeyAuthorizations::new(vec!["org.example".into()], vec![("b".into(), vec!["x".into(), "y".into()])]);
    let terms = Terms {
        key_authorizations: Some(authorizations.unwrap()),
        expected_update: Some(utc_datetime!(2027-01-15 7:00)),
        timestamps: TimestampPolicy::Hour,
        ..terms()
    };
    let issued = issue(&sandbox, &terms, &key, Some(&status));
    let (_, mso) = issuer_auth(&read(issued.issuer_signed()));
    assert_eq!(
        keys(&mso),
        ["version", "digestAlgorithm", "valueDigests", "deviceKeyInfo", "docType", "validityInfo", "status"]
    );
    assert_eq!(at(&mso, "version").as_text(), Some("1.0"));
    assert_eq!(at(&mso, "docType").as_text(), Some(MDL));

    let info = at(&mso, "deviceKeyInfo");
    assert_eq!(keys(info), ["deviceKey", "keyAuthorizations"]);
    let cose_key = coset::CoseKey::from_slice(&encoded(at(info, "deviceKey"))).unwrap();
    let expected = coset::CoseKeyBuilder::new_ec2_pub_key(
        coset::iana::EllipticCurve::P_256,
        key.x().to_vec(),
        key.y().unwrap().to_vec(),
    );
    assert_eq!(cose_key, expected.build());
    let granted = at(info, "keyAuthorizations");
    assert_eq!(at(granted, "nameSpaces"), &Value::Array(vec!["org.example".into()]));
    assert_eq!(at(at(granted, "dataElements"), "b"), &Value::Array(vec!["x".into(), "y".into()]));

    let validity = at(&mso, "validityInfo");
    assert_eq!(keys(validity), ["signed", "validFrom", "validUntil", "expectedUpdate"]);
    let tdate = |key: &str| {
        let Value::Tag(0, text) = at(validity, key) else { panic!("tag 0") };
        text.as_text().unwrap().to_owned()
    };
    assert_eq!(tdate("signed"), "2026-11-21T13:00:00Z");
    assert_eq!(tdate("validFrom"), "2026-11-21T13:00:00Z");
    assert_eq!(tdate("validUntil"), "2027-02-01T12:00:00Z");
    assert_eq!(tdate("expectedUpdate"), "2027-01-15T07:00:00Z");

    let list = at(at(&mso, "status"), "status_list");
    assert_eq!(keys(list), ["idx", "uri"]);
    assert_eq!(at(list, "idx"), &Value::from(4711));
    assert_eq!(at(list, "uri").as_text(), Some("https://status.example/lists/1"));
}

#[test]
fn the_shape_of_the_bytes_is_the_golden_one() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let issued = issue(&sandbox, &terms(), &device_key(), None);
    let bytes = issued.issuer_signed();
    // { "nameSpaces": { "org.iso.18013.5.1": [ 24(<<{ "digestID": … 12 items.
    let start = [&[0xa2, 0x6a][..], b"nameSpaces", &[0xa2, 0x71], NS.as_bytes(), &[0x8c, 0xd8, 0x18, 0x58]].concat();
    assert_eq!(&bytes[..start.len()], start);
    // "issuerAuth": [ << { 1: -7 } >>, { 33: h'…' }, untagged.
    let auth = [&[0x6a][..], b"issuerAuth", &[0x84, 0x43, 0xa1, 0x01, 0x26, 0xa1, 0x18, 0x21, 0x59]].concat();
    assert_eq!(bytes.windows(auth.len()).filter(|window| *window == auth).count(), 1);
    // << 24(<< { "version": "1.0", … } >>) >>: two byte strings around the MSO.
    let mso = [&[0xd8, 0x18, 0x59][..]].concat();
    let version = [&[0x67][..], b"version", &[0x63], b"1.0", &[0x6f], b"digestAlgorithm"].concat();
    let position = bytes.windows(version.len()).position(|window| window == version).unwrap();
    assert_eq!(&bytes[position - 6..position - 3], mso);
    assert_eq!(bytes[position - 1], 0xa6);
    // The signature: 64 bytes at the very end.
    assert_eq!(&bytes[bytes.len() - 66..bytes.len() - 64], [0x58, 0x40]);
}

#[test]
fn our_own_reader_notes_no_deviation() {
    let sandbox = Sandbox::new(Curve::P384, Curve::P256);
    let issued = issue(&sandbox, &Terms { decoys: 3, ..terms() }, &device_key(), None);
    let (document, deviations) = decode::<IssuerSigned<'_>>(issued.issuer_signed()).unwrap();
    assert_eq!(deviations.iter().count(), 0);
    let (mso, deviations) = document.value().mobile_security_object().unwrap();
    assert_eq!(deviations.iter().count(), 0);
    assert_eq!(mso.value().digests(NS).unwrap().len(), 12 + 3, "decoys");
    for (name_space, item) in document.value().items() {
        let digest = rust_crypto().digest(Hash::Sha256, item.bytes());
        assert_eq!(mso.value().digest(name_space, item.value().digest_id), Some(digest.as_bytes()));
    }
    assert_eq!(issued.doc_type(), MDL);
}
