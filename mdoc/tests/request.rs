//! Requests of both editions: reading, and our own encoding.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use common::testdata;
use proptest::prelude::*;
use tegata_mdoc::cbor::{Encoder, decode};
use tegata_mdoc::cose::{AlgorithmId, CoseSign1};
use tegata_mdoc::request::{
    AlternativeDataElements, DeviceRequest, DeviceRequestInfo, DocRequestInfo, DocRequestParts, ElementReference,
    EncryptionParameters, ItemsRequest, UseCase, ZkRequest, reader_authentication_all_bytes,
};
use tegata_mdoc::transcript;

const MDL: &str = "org.iso.18013.5.1.mDL";
const NAME_SPACE: &str = "org.iso.18013.5.1";

/// Encodes `request` again from what was decoded, as a reader that sends it on would.
fn encode_again(request: &DeviceRequest<'_>) -> Vec<u8> {
    let items: Vec<_> = request.doc_requests.iter().map(|each| each.items_request.value().encode()).collect();
    let reader_auths: Vec<_> =
        request.doc_requests.iter().map(|each| each.reader_auth.as_ref().map(encode_sign1)).collect();
    let parts: Vec<_> = items
        .iter()
        .zip(&reader_auths)
        .map(|(items_request, reader_auth)| DocRequestParts { items_request, reader_auth: reader_auth.as_deref() })
        .collect();
    let info = request.device_request_info.as_ref().map(|info| info.value().encode());
    let all: Vec<_> = request.reader_auth_all.iter().map(encode_sign1).collect();
    DeviceRequest::encode(&parts, info.as_deref(), &all)
}

fn encode_sign1(sign1: &CoseSign1<'_>) -> Vec<u8> {
    let mut unprotected = Encoder::new();
    let [certificate] = sign1.unprotected.chain.as_deref().unwrap() else { panic!("one certificate") };
    unprotected.map(1).integer(33).bytes(certificate);
    CoseSign1::encode(sign1.protected_bytes, unprotected.as_bytes(), sign1.payload, sign1.signature, false)
}

#[test]
fn deterministic_requests_encode_to_the_same_bytes() {
    for file in [
        "annex-d/d4.1.1-device-request.cbor",
        "engagement/isomdl-device-request-unsigned.cbor",
        "engagement/isomdl-device-request-signed.cbor",
        "annex-d/d4.1.3-device-request-v1.1.cbor",
    ] {
        let Some(bytes) = testdata(file) else { return };
        let (request, deviations) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
        assert!(deviations.is_empty(), "{file}");
        let again = encode_again(request.value());
        // The draft's example does not sort alternativeDataElements and uniqueDocSetRequired as RFC 8949 4.2.1 does.
        if file.contains("d4.1.3") {
            assert_eq!(again.len(), bytes.len());
            let (read, _) = decode::<DeviceRequest<'_>>(&again).unwrap();
            for (ours, theirs) in read.value().doc_requests.iter().zip(&request.value().doc_requests) {
                assert_eq!(ours.items_request.value(), theirs.items_request.value());
            }
        } else {
            assert_eq!(hex::encode(again), hex::encode(&bytes), "{file}");
        }
    }
}

#[test]
fn the_second_edition_example_has_alternatives_and_use_cases() {
    let Some(bytes) = testdata("annex-d/d4.1.3-device-request-v1.1.cbor") else { return };
    let (request, _) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
    let request = request.value();
    assert_eq!((request.version, request.doc_requests.len()), ("1.1", 3));
    let items = request.doc_requests[0].items_request.value();
    assert_eq!(items.intent_to_retain(NAME_SPACE, "portrait"), Some(true));
    assert_eq!(items.intent_to_retain(NAME_SPACE, "no_such_element"), None);
    let info = items.request_info.as_ref().unwrap();
    assert_eq!(info.unique_doc_set_required, Some(true));
    let first = &info.alternative_data_elements[0];
    let reference = |element_identifier| ElementReference { name_space: NAME_SPACE, element_identifier };
    assert_eq!(first.requested_element, reference("given_name_national_character"));
    assert_eq!(first.alternative_element_sets, [[reference("given_name")]]);
    let use_cases = &request.device_request_info.as_ref().unwrap().value().use_cases;
    assert!(!use_cases.is_empty());
    let indexes = use_cases.iter().flat_map(|use_case| use_case.document_sets.iter().flatten());
    assert!(indexes.copied().all(|index| index < 3));
}

/// The sample of Apple's documentation for requesting a document on the web; the signed sample of isomdl is the same.
#[test]
fn a_published_wallet_sample_has_reader_auth_all() {
    let Some(bytes) = testdata("engagement/isomdl-device-request-signed.cbor") else { return };
    let (request, _) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
    let request = request.value();
    assert_eq!(request.version, "1.1");
    let [reader_auth] = request.reader_auth_all.as_slice() else { panic!("one signature") };
    assert_eq!(reader_auth.protected.algorithm, Some(AlgorithmId::Number(-7)));
    assert_eq!(reader_auth.payload, None);
    let use_cases = &request.device_request_info.as_ref().unwrap().value().use_cases;
    let expected = UseCase { mandatory: true, document_sets: vec![vec![0]], purpose_hints: Vec::new() };
    assert_eq!(use_cases.as_slice(), [expected]);
}

#[test]
fn the_age_verification_sample_decodes() {
    let bytes = BASE64URL
        .decode(concat!(
            "omd2ZXJzaW9uYzEuMGtkb2NSZXF1ZXN0c4GhbGl0ZW1zUmVxdWVzdNgYWEeiZ2RvY1R5cGVxZXUuZXVyb3BhLmVjLmF2LjFqbmFtZVNwYWNl",
            "c6FxZXUuZXVyb3BhLmVjLmF2LjGha2FnZV9vdmVyXzE49A"
        ))
        .unwrap();
    let (request, _) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
    let elements: Vec<_> = request.value().doc_requests[0].items_request.value().elements().collect();
    assert_eq!(elements, [("eu.europa.ec.av.1", "age_over_18", false)]);
    assert_eq!(encode_again(request.value()), bytes);
}

#[test]
fn reader_authentication_all_lists_all_items_and_the_info() {
    let transcript_bytes = [0x83, 0xf6, 0xf6, 0xf6];
    let (transcript, _) = transcript::read(&transcript_bytes).unwrap();
    let items: [&[u8]; 2] = [&[0xd8, 0x18, 0x41, 0xa0], &[0xd8, 0x18, 0x41, 0x80]];
    let hex_name = hex::encode("ReaderAuthenticationAll");
    let without = format!("8477{hex_name}83f6f6f682d81841a0d8184180f6");
    let with = format!("8477{hex_name}83f6f6f682d81841a0d8184180d81842a100");
    let embedded = |hex: &str| {
        let mut encoder = Encoder::new();
        encoder.embedded(&hex::decode(hex).unwrap());
        encoder.into_bytes()
    };
    assert_eq!(reader_authentication_all_bytes(&transcript, &items, None), embedded(&without));
    let info = [0xd8, 0x18, 0x42, 0xa1, 0x00];
    assert_eq!(reader_authentication_all_bytes(&transcript, &items, Some(&info)), embedded(&with));
}

#[test]
fn our_version_follows_the_members() {
    let plain = ItemsRequest {
        doc_type: MDL,
        name_spaces: vec![(NAME_SPACE, vec![("age_over_18", false)])],
        request_info: None,
    };
    let info = DocRequestInfo { unique_doc_set_required: Some(true), ..Default::default() };
    let conditional = ItemsRequest { request_info: Some(info), ..plain.clone() };
    // A requestInfo without any condition would be an empty map, which the standard forbids.
    let empty = ItemsRequest { request_info: Some(DocRequestInfo::default()), ..plain.clone() };
    let use_case =
        UseCase { mandatory: true, document_sets: vec![vec![0]], purpose_hints: vec![("org.iso.jtc1.sc17", 3)] };
    let device_info = DeviceRequestInfo { use_cases: vec![use_case] }.encode();
    let sign1 = CoseSign1::encode(&[0xa1, 1, 0x26], &[0xa0], None, &[0; 64], false);
    for (items, info, all, version) in [
        (&plain, None, vec![], "1.0"),
        (&empty, None, vec![], "1.0"),
        (&conditional, None, vec![], "1.1"),
        (&plain, Some(device_info.as_slice()), vec![], "1.1"),
        (&plain, None, vec![sign1.clone()], "1.1"),
    ] {
        let items_request = items.encode();
        for reader_auth in [None, Some(sign1.as_slice())] {
            let parts = DocRequestParts { items_request: &items_request, reader_auth };
            let bytes = DeviceRequest::encode(&[parts], info, &all);
            let (request, deviations) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
            assert!(deviations.is_empty());
            let request = request.value();
            assert_eq!(request.version, version);
            assert_eq!(request.doc_requests[0].items_request.bytes(), items_request.bytes());
            assert_eq!(request.doc_requests[0].reader_auth.is_some(), reader_auth.is_some());
            assert_eq!(request.reader_auth_all.len(), all.len());
            assert_eq!(
                request.device_request_info.as_ref().map(|info| info.bytes().to_vec()),
                info.map(<[u8]>::to_vec)
            );
        }
    }
}

fn reference() -> impl Strategy<Value = ElementReference<'static>> {
    prop_oneof![Just("portrait"), Just("family_name"), Just("氏名")]
        .prop_map(|element_identifier| ElementReference { name_space: NAME_SPACE, element_identifier })
}

fn info() -> impl Strategy<Value = DocRequestInfo<'static>> {
    let set = || proptest::collection::vec(reference(), 1..4);
    let alternatives = (reference(), proptest::collection::vec(set(), 1..3)).prop_map(|(requested_element, sets)| {
        AlternativeDataElements { requested_element, alternative_element_sets: sets }
    });
    (
        proptest::collection::vec(alternatives, 0..3),
        proptest::collection::vec(prop_oneof![Just([7_u8; 20].as_slice()), Just([].as_slice())], 0..3),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<u64>()),
    )
        .prop_map(|(alternative_data_elements, issuer_identifiers, unique_doc_set_required, maximum_response_size)| {
            DocRequestInfo {
                alternative_data_elements,
                issuer_identifiers,
                unique_doc_set_required,
                maximum_response_size,
                ..Default::default()
            }
        })
        .prop_filter("an empty map is not written", |info| !info.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_ask_is_what_is_read(info in proptest::option::of(info()), retain in any::<bool>()) {
        let items = ItemsRequest {
            doc_type: MDL,
            name_spaces: vec![(NAME_SPACE, vec![("portrait", retain), ("family_name", !retain)]), ("x", vec![("y", retain)])],
            request_info: info,
        };
        let items_request = items.encode();
        let bytes = DeviceRequest::encode(&[DocRequestParts { items_request: &items_request, reader_auth: None }], None, &[]);
        let (request, deviations) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
        prop_assert!(deviations.is_empty());
        prop_assert_eq!(request.value().doc_requests[0].items_request.value(), &items);
    }
}

#[test]
fn encryption_parameters_and_zk_requests_keep_their_bytes() {
    let key = "a40102200121410122 4102".replace(' ', "");
    let parameters = format!("a272726563697069656e745075626c69634b6579{key}656e6f6e63654401020304");
    let bytes = hex::decode(&parameters).unwrap();
    let (read, _) = decode::<EncryptionParameters<'_>>(&bytes).unwrap();
    assert_eq!(read.value().nonce, Some([1, 2, 3, 4].as_slice()));
    assert!(read.value().recipient_certificate.is_empty());

    // {"systemSpecs": [{"zkSystemId": "1", "system": "s", "params": {"n": 1}}], "zkRequired": false}
    let zk = format!(
        "a2{}81a3{}6131{}6173{}a1616e01{}f4",
        text("systemSpecs"),
        text("zkSystemId"),
        text("system"),
        text("params"),
        text("zkRequired")
    );
    let zk_bytes = hex::decode(&zk).unwrap();
    let (read, _) = decode::<ZkRequest<'_>>(&zk_bytes).unwrap();
    let spec = &read.value().system_specs[0];
    assert_eq!((spec.zk_system_id, spec.system, spec.params.len(), read.value().required), ("1", "s", 1, false));

    let length = u8::try_from(bytes.len()).unwrap();
    let info = format!("a2{}{zk}{}d81858{length:02x}{parameters}", text("zkRequest"), text("docResponseEncryption"));
    let info_bytes = hex::decode(info).unwrap();
    let (info, _) = decode::<DocRequestInfo<'_>>(&info_bytes).unwrap();
    assert_eq!(info.value().zk_request.as_ref().unwrap().bytes(), zk_bytes);
    assert_eq!(info.value().doc_response_encryption.as_ref().unwrap().content(), bytes);
    let items = ItemsRequest {
        doc_type: MDL,
        name_spaces: vec![(NAME_SPACE, vec![("portrait", false)])],
        request_info: Some(info.value().clone()),
    };
    let encoded = items.encode();
    let (again, _) = decode::<ItemsRequest<'_>>(tegata_mdoc::kind::unwrapped(encoded.bytes())).unwrap();
    assert_eq!(again.value(), &items);
}

/// A text string of fewer than 24 bytes, in hexadecimal.
fn text(text: &str) -> String {
    format!("{:02x}{}", 0x60 + text.len(), hex::encode(text))
}

#[test]
fn empty_lists_are_refused() {
    let version = text("version") + &text("1.0");
    let items = {
        let items = ItemsRequest { doc_type: MDL, name_spaces: vec![("n", vec![("e", true)])], request_info: None };
        hex::encode(items.encode().bytes())
    };
    let one = format!("81a1{}{items}", text("itemsRequest"));
    let with = |more: &str| format!("a3{version}{}{one}{more}", text("docRequests"));
    assert!(
        decode::<DeviceRequest<'_>>(&hex::decode(format!("a2{version}{}{one}", text("docRequests"))).unwrap()).is_ok()
    );
    for hex in [
        format!("a2{version}{}80", text("docRequests")),
        format!("a1{version}"),
        with(&(text("readerAuthAll") + "80")),
        with(&(text("macKeys") + "80")),
        with(&(text("deviceRequestInfo") + "a0")),
    ] {
        assert!(decode::<DeviceRequest<'_>>(&hex::decode(&hex).unwrap()).is_err(), "{hex}");
    }
    let empty_items = ItemsRequest { doc_type: MDL, name_spaces: vec![("n", vec![])], request_info: None }.encode();
    let error = decode::<ItemsRequest<'_>>(tegata_mdoc::kind::unwrapped(empty_items.bytes())).unwrap_err();
    assert_eq!(error.id(), "cbor-empty");
}
