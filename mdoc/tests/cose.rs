//! COSE against `coset` as a second reader, and against the examples of the COSE working group.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{hex_of, testdata_folder, testdata_json};
use coset::{AsCborValue, CborSerializable, TaggedCborSerializable};
use proptest::prelude::*;
use tegata_mdoc::cbor::{Encoder, decode};
use tegata_mdoc::cose::{AlgorithmId, CoseKey, CoseMac0, CoseSign1, KTY_EC2, KTY_OKP};

/// The examples of `folder`: name, content, and whether a reader must refuse them.
fn examples(folder: &str) -> Vec<(String, serde_json::Value, bool)> {
    testdata_folder(folder)
        .into_iter()
        .map(|name| {
            let example = testdata_json(&format!("{folder}/{name}")).unwrap();
            let must_fail = example["fail"].as_bool().unwrap_or_default();
            (name, example, must_fail)
        })
        .collect()
}

#[test]
fn the_sign1_examples_give_the_printed_sig_structures() {
    for folder in ["cose/sign1-tests", "cose/ecdsa-examples", "cose/eddsa-examples"] {
        for (name, example, must_fail) in examples(folder) {
            let bytes = hex_of(&example["output"]["cbor"]);
            // The folders also hold COSE_Sign (tag 98), which no mobile document uses.
            let is_sign1 = [0xd2, 0x84].contains(&bytes[0]);
            let result = decode::<CoseSign1<'_>>(&bytes);
            if !is_sign1 {
                assert!(result.is_err(), "{name}");
                continue;
            }
            // What fails in the signature fails later; only the structure is judged here.
            let (sign1, _) = result.unwrap_or_else(|error| panic!("{name}: {error}"));
            let expected = hex_of(&example["intermediates"]["ToBeSign_hex"]);
            // External data is not used by mobile documents, and some files authenticate other bytes than they carry.
            let external = example["input"]["sign0"]["external"].is_string();
            if !external && !must_fail {
                assert_eq!(sign1.value().to_be_signed(sign1.value().payload.unwrap()), expected, "{name}");
            }
            match coset::CoseSign1::from_tagged_slice(&bytes).or_else(|_| coset::CoseSign1::from_slice(&bytes)) {
                // RFC 9052 4.4 and the printed value authenticate an empty map as h''; the peer takes it as received.
                Ok(_) if sign1.value().protected_bytes == [0xa0] => {}
                Ok(peer) => {
                    let ours = sign1.value().to_be_signed(sign1.value().payload.unwrap());
                    assert_eq!(ours, peer.tbs_data(b""), "{name}");
                }
                // The peer refuses unassigned algorithm numbers where we leave that to the verifier.
                Err(error) => assert!(must_fail, "{name}: {error}"),
            }
        }
    }
}

#[test]
fn the_mac0_examples_give_the_printed_mac_structures() {
    for (name, example, must_fail) in examples("cose/mac0-tests") {
        let bytes = hex_of(&example["output"]["cbor"]);
        let result = decode::<CoseMac0<'_>>(&bytes);
        if ![0xd1, 0x84].contains(&bytes[0]) {
            assert!(result.is_err(), "{name}");
            continue;
        }
        let (mac, _) = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        let external = example["input"]["mac0"]["external"].is_string();
        if !external && !must_fail {
            let expected = hex_of(&example["intermediates"]["ToMac_hex"]);
            assert_eq!(mac.value().to_be_maced(mac.value().payload.unwrap()), expected, "{name}");
        }
    }
}

#[test]
fn the_glued_sign1_vectors_read() {
    for (name, vector, _) in examples_json("cose/sign1-vectors") {
        let pointers = ["/sign1::sign/expectedOutput/cborHex", "/sign1::verify/taggedCOSESign1/cborHex"];
        let hex = pointers.iter().find_map(|pointer| vector.pointer(pointer)).unwrap();
        let bytes = hex_of(hex);
        let (sign1, _) = decode::<CoseSign1<'_>>(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(sign1.value().tagged, "{name}");
        let peer = coset::CoseSign1::from_tagged_slice(&bytes).unwrap();
        assert_eq!(sign1.value().payload, peer.payload.as_deref(), "{name}");
        assert_eq!(sign1.value().signature, peer.signature, "{name}");
    }
}

fn examples_json(folder: &str) -> Vec<(String, serde_json::Value, bool)> {
    let names = testdata_folder(folder).into_iter().filter(|name| name.ends_with(".json"));
    names.map(|name| (name.clone(), testdata_json(&format!("{folder}/{name}")).unwrap(), false)).collect()
}

#[test]
fn cwts_of_rfc_8392_read() {
    for name in ["A_3", "A_4"] {
        let Some(example) = testdata_json(&format!("cose/CWT/{name}.json")) else { return };
        let bytes = hex_of(&example["output"]["cbor"]);
        assert_eq!(
            tegata_mdoc::kind::recognise(&bytes).id(),
            if name == "A_3" { "cwt" } else { "cose-mac0" },
            "{name}"
        );
    }
}

fn header() -> impl Strategy<Value = coset::Header> {
    (
        proptest::option::of(prop_oneof![Just(coset::iana::Algorithm::ES256), Just(coset::iana::Algorithm::ES512)]),
        proptest::collection::vec(any::<u8>(), 0..20),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 1..400)),
    )
        .prop_map(|(algorithm, key_id, certificate)| {
            let mut header = coset::Header { key_id, ..Default::default() };
            header.alg = algorithm.map(coset::Algorithm::Assigned);
            if let Some(certificate) = certificate {
                header.rest.push((coset::Label::Int(33), ciborium::Value::Bytes(certificate)));
            }
            header
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_coset_writes_reads_alike(
        protected in header(),
        unprotected in header(),
        payload in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
        signature in proptest::collection::vec(any::<u8>(), 0..132),
        detached in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let peer = coset::CoseSign1 {
            protected: coset::ProtectedHeader { original_data: None, header: protected },
            unprotected,
            payload,
            signature,
        };
        let bytes = peer.clone().to_vec().unwrap();
        let (sign1, deviations) = decode::<CoseSign1<'_>>(&bytes).unwrap();
        prop_assert!(deviations.is_empty());
        let sign1 = sign1.value();
        prop_assert_eq!(sign1.payload, peer.payload.as_deref());
        prop_assert_eq!(sign1.signature, peer.signature.as_slice());
        let algorithm = peer.protected.header.alg.clone().map(|_| sign1.protected.algorithm.is_some());
        prop_assert_eq!(algorithm.unwrap_or(true), true);
        let certificate = peer.unprotected.rest.first().map(|(_, value)| value.as_bytes().unwrap().as_slice());
        let chain = sign1.unprotected.chain.as_ref().map(|chain| chain[0]);
        prop_assert_eq!(chain, certificate);
        match &peer.payload {
            Some(payload) => prop_assert_eq!(sign1.to_be_signed(payload), peer.tbs_data(b"")),
            None => prop_assert_eq!(sign1.to_be_signed(&detached), peer.tbs_detached_data(&detached, b"")),
        }
        // And back: our parts, their reader.
        let mut header = Encoder::new();
        header.raw(&peer.unprotected.clone().to_cbor_value().map(|value| to_vec(&value)).unwrap());
        let ours = CoseSign1::encode(sign1.protected_bytes, header.as_bytes(), sign1.payload, sign1.signature, true);
        let back = coset::CoseSign1::from_tagged_slice(&ours).unwrap();
        prop_assert_eq!(&back.unprotected, &peer.unprotected);
        prop_assert_eq!(back.payload.as_deref(), sign1.payload);
        prop_assert_eq!(&back.signature, &peer.signature);
        if let Some(payload) = sign1.payload {
            prop_assert_eq!(back.tbs_data(b""), CoseSign1::signature_input(sign1.protected_bytes, payload));
        }
    }

    #[test]
    fn keys_read_alike(x in proptest::collection::vec(any::<u8>(), 32), y in proptest::collection::vec(any::<u8>(), 32)) {
        let key = CoseKey { key_type: KTY_EC2, curve: 1, x: &x, y: Some(&y), y_is_odd: None, algorithm: None };
        let mut encoder = Encoder::new();
        key.encode(&mut encoder);
        let peer = coset::CoseKey::from_slice(encoder.as_bytes()).unwrap();
        let expected = coset::CoseKeyBuilder::new_ec2_pub_key(coset::iana::EllipticCurve::P_256, x.clone(), y.clone());
        prop_assert_eq!(&peer, &expected.build());
        let bytes = peer.to_vec().unwrap();
        prop_assert_eq!(decode::<CoseKey<'_>>(&bytes).unwrap().0.into_value(), key);
    }
}

fn to_vec(value: &ciborium::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn compressed_and_okp_keys_round_trip() {
    let x = [7_u8; 32];
    for key in [
        CoseKey { key_type: KTY_EC2, curve: 1, x: &x, y: None, y_is_odd: Some(true), algorithm: None },
        CoseKey { key_type: KTY_OKP, curve: 6, x: &x, y: None, y_is_odd: None, algorithm: None },
    ] {
        let mut encoder = Encoder::new();
        key.encode(&mut encoder);
        assert_eq!(decode::<CoseKey<'_>>(encoder.as_bytes()).unwrap().0.into_value(), key);
    }
}

#[test]
fn a_private_key_part_is_refused() {
    let bytes = hex::decode("a5010220012141012241022341 03".replace(' ', "")).unwrap();
    assert_eq!(decode::<CoseKey<'_>>(&bytes).unwrap_err().id(), "cbor-invalid-value");
}

#[test]
fn unknown_critical_headers_are_refused() {
    // protected {1: -7, 2: [99], 99: 0}
    let protected = hex::decode("a3012602811863186300").unwrap();
    let bytes = CoseSign1::encode(&protected, &[0xa0], Some(b"x"), &[0; 64], false);
    let error = decode::<CoseSign1<'_>>(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "crit holds a value that is not allowed at byte 81");
    // A known one is fine, an empty list or an unprotected one is not.
    for (protected, unprotected, accepted) in
        [("a20126028101", "a0", true), ("a201260280", "a0", false), ("a10126", "a1028101", false)]
    {
        let (protected, unprotected) = (hex::decode(protected).unwrap(), hex::decode(unprotected).unwrap());
        let bytes = CoseSign1::encode(&protected, &unprotected, Some(b"x"), &[0; 64], false);
        assert_eq!(decode::<CoseSign1<'_>>(&bytes).is_ok(), accepted);
    }
}

#[test]
fn two_different_chains_are_ambiguous() {
    let sign1 = |protected: &str, unprotected: &str| {
        let (protected, unprotected) = (hex::decode(protected).unwrap(), hex::decode(unprotected).unwrap());
        CoseSign1::encode(&protected, &unprotected, Some(b"x"), &[0; 64], false)
    };
    let different = sign1("a20126182141aa", "a1182141bb");
    assert!(decode::<CoseSign1<'_>>(&different).unwrap().0.value().certificate_chain().is_err());
    let same = sign1("a20126182141aa", "a118218141aa");
    let (same, _) = decode::<CoseSign1<'_>>(&same).unwrap();
    assert_eq!(same.value().certificate_chain(), Ok(Some(&vec![[0xaa_u8].as_slice()])));
    assert_eq!(same.value().protected.algorithm, Some(AlgorithmId::Number(-7)));
}
