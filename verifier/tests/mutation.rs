//! No changed byte is ever accepted as a changed claim, and nothing makes the verifier panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod common;

use common::{Case, Trusted, annex_d};
use proptest::prelude::*;
use serde_json::Value as Json;
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json};
use time::macros::utc_datetime;

/// The reader's ephemeral private key of ISO/IEC 18013-5 Annex D.
const READER_KEY: &str = "de3b4b9e5f72dd9b58406ae3091434da48a6f9fd010d88fcb0958e2cebec947c";

fn annex_d_request(response: Vec<u8>) -> Request {
    let mut request = Request::new(response, Policy::interop(), utc_datetime!(2021-01-01 0:00));
    request.trust(&annex_d("d5.2-iaca.der").unwrap()).unwrap();
    request.transcript(annex_d("d5.1-session-transcript.cbor").unwrap()).unwrap();
    request.reader_key_text(READER_KEY).unwrap();
    request
}

fn report(request: &Request) -> Option<Json> {
    request.verify().ok().map(|report| json::report(&report, Lang::En))
}

/// Accepts only with the original claims.
fn assert_harmless(report: Option<Json>, original: &Json, what: &str) {
    let Some(report) = report else { return };
    if report["verdict"] != "accepted" {
        return;
    }
    for document in report["documents"].as_array().unwrap() {
        let claims = document["claims"].as_object().unwrap();
        for (name_space, elements) in claims {
            for (element, value) in elements.as_object().unwrap() {
                assert_eq!(value, &original[name_space][element], "{what}: {name_space}/{element}");
            }
        }
        assert_eq!(document["doc_type"], "org.iso.18013.5.1.mDL", "{what}");
    }
}

#[test]
fn every_changed_byte_of_the_annex_d_response_is_noticed_or_harmless() {
    let Some(response) = annex_d("d4.1.2-device-response.cbor") else { return };
    let original = report(&annex_d_request(response.clone())).unwrap();
    assert_eq!(original["verdict"], "accepted", "{original:#}");
    let claims = &original["documents"][0]["claims"];
    for index in 0..response.len() {
        for mask in [0x01, 0x80] {
            let mut changed = response.clone();
            changed[index] ^= mask;
            assert_harmless(report(&annex_d_request(changed)), claims, &format!("byte {index} ^ {mask:#04x}"));
        }
    }
}

#[test]
fn every_truncation_is_unreadable() {
    let Some(response) = annex_d("d4.1.2-device-response.cbor") else { return };
    for length in 0..response.len() {
        assert!(annex_d_request(response[..length].to_vec()).verify().is_err(), "{length} bytes");
    }
}

#[test]
fn tampered_annex_d_responses_are_rejected_for_the_right_reason() {
    for (file, check) in [
        ("tampered-family-name-device-response.cbor", "element-digests"),
        ("tampered-device-mac-device-response.cbor", "device-auth"),
        ("tampered-issuer-signature-device-response.cbor", "issuer-signature"),
    ] {
        let Some(response) = annex_d(file) else { return };
        let report = report(&annex_d_request(response)).unwrap();
        assert_eq!(report["documents"][0]["verdict"], "rejected");
        assert_eq!(report["documents"][0]["primary"], check, "{file}");
    }
}

#[test]
fn the_annex_d_issuer_signed_is_issuer_data() {
    let Some(issuer_signed) = annex_d("issuer-signed.cbor") else { return };
    let mut request = Request::new(issuer_signed, Policy::interop(), utc_datetime!(2021-01-01 0:00));
    request.trust(&annex_d("d5.2-iaca.der").unwrap()).unwrap();
    assert_eq!(report(&request).unwrap()["verdict"], "rejected", "a presentation was asked for");
    request.issuer_data_only();
    assert_eq!(report(&request).unwrap()["verdict"], "accepted");
    let mut dehydrated = Request::new(
        annex_d("issuer-signed-dehydrated.cbor").unwrap(),
        Policy::interop(),
        utc_datetime!(2021-01-01 0:00),
    );
    dehydrated.trust(&annex_d("d5.2-iaca.der").unwrap()).unwrap().issuer_data_only();
    let rejected = report(&dehydrated).unwrap();
    assert_eq!(rejected["documents"][0]["primary"], "element-digests");
}

#[test]
fn without_a_transcript_nothing_is_accepted() {
    let Some(case) = Case::open("google-payground-dcapi") else { return };
    let with = case.report(Policy::interop(), Trusted::AsTheCaseSays);
    assert_eq!(with["verdict"], "accepted");
    let Some(response) = annex_d("d4.1.2-device-response.cbor") else { return };
    let mut request = Request::new(response, Policy::interop(), utc_datetime!(2021-01-01 0:00));
    request.trust(&annex_d("d5.2-iaca.der").unwrap()).unwrap();
    let without = report(&request).unwrap();
    assert_eq!(without["verdict"], "undetermined");
    assert_eq!(without["documents"][0]["primary"], "device-auth");
    assert!(without["documents"][0].get("claims").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let mut request = Request::new(bytes, Policy::interop(), utc_datetime!(2021-01-01 0:00));
        request.issuer_data_only();
        if let Ok(report) = request.verify() {
            prop_assert_ne!(report.overall().id(), "accepted");
        }
    }

    #[test]
    fn random_splices_never_panic_nor_change_a_claim(
        at in 0_usize..3500,
        removed in 0_usize..40,
        inserted in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        if let Some(response) = annex_d("d4.1.2-device-response.cbor") {
            let original = report(&annex_d_request(response.clone())).unwrap();
            let mut changed = response;
            changed.splice(at..at + removed, inserted);
            assert_harmless(report(&annex_d_request(changed)), &original["documents"][0]["claims"], "splice");
        }
    }
}
