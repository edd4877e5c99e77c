//! A document that cannot be read is rejected, and keeps no other document from its verdict.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use serde_json::Value as Json;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::response::DeviceResponse;
use tegata_testvectors::{Case, vectors};
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json};
use time::macros::utc_datetime;

const DOC_TYPE: &str = "org.iso.18013.5.1.mDL";

fn case() -> Case {
    Case::open(&vectors().join("mdl-5-of-30")).unwrap()
}

/// The document of our vector.
fn genuine() -> Vec<u8> {
    let response = case().input().unwrap();
    decode::<DeviceResponse<'_>>(&response).unwrap().0.value().documents[0].bytes().to_vec()
}

fn request(input: Vec<u8>) -> Request {
    let case = case();
    let mut request = Request::new(input, Policy::interop(), utc_datetime!(2026-07-01 12:00));
    request.trust(&case.files("trust_anchors").unwrap()[0]).unwrap();
    request.transcript(case.file("session_transcript").unwrap().unwrap()).unwrap();
    request.crl(&case.files("crls").unwrap()[0]).unwrap();
    request.status_list(&case.files("status_lists").unwrap()[0]).unwrap();
    request
}

fn report(input: Vec<u8>) -> Json {
    json::report(&request(input).verify().unwrap(), Lang::En)
}

/// `document` with one part of it replaced by another of the same length.
fn with(part: &[u8], other: &[u8]) -> Vec<u8> {
    let mut document = genuine();
    let place = document.windows(part.len()).position(|window| window == part).unwrap();
    document[place..place + part.len()].copy_from_slice(other);
    document
}

/// Damaged documents that are well-formed CBOR, with what the cause must name.
fn damaged() -> [(Vec<u8>, &'static str); 5] {
    [
        (with(b"issuerAuth", b"issuerXuth"), "issuerAuth"),
        (with(b"elementIdentifier", b"elementXdentifier"), "elementIdentifier"),
        (with(b"deviceSignature", b"deviceXignature"), "deviceSignature"),
        // A key that stands twice, and text that is no UTF-8.
        (with(b"\x6adeviceAuth", b"\x6anameSpaces"), "twice"),
        (with(b"mDL", b"\xffDL"), "UTF-8"),
    ]
}

#[test]
fn the_others_of_a_response_are_judged() {
    for (bad, part) in damaged() {
        let response = DeviceResponse::encode(&[genuine(), bad, genuine()]);
        let report = report(response);
        assert_eq!(report["verdict"], "rejected");
        let documents = report["documents"].as_array().unwrap();
        let verdicts: Vec<_> = documents.iter().map(|document| document["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, ["accepted", "rejected", "accepted"], "{part}");
        let rejected = &documents[1];
        assert_eq!(rejected["primary"], "encoding");
        assert!(rejected.get("claims").is_none());
        let detail = rejected["checks"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(part), "{detail}");
        let passed = rejected["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == "pass");
        assert_eq!(passed.count(), 0, "nothing was found out about it");
    }
}

#[test]
fn the_type_is_told_where_it_can_be_read() {
    let [(issuer_auth, _), .., (no_text, _)] = damaged();
    let response = DeviceResponse::encode(&[issuer_auth, no_text]);
    let report = report(response);
    assert_eq!(report["documents"][0]["doc_type"], DOC_TYPE);
    assert_eq!(report["documents"][1]["doc_type"], "");
}

#[test]
fn alone_it_is_rejected_too() {
    let [recognised @ .., (no_text, _)] = damaged();
    for (bad, part) in recognised {
        let report = report(bad);
        assert_eq!((&report["verdict"], &report["documents"][0]["primary"]), (&"rejected".into(), &"encoding".into()));
        assert!(report.to_string().contains(part), "{report:#}");
    }
    // Without the frame of a response, a document is recognised by its own keys and texts.
    assert!(request(no_text).verify().is_err());
}

/// What breaks off is no document: it may have been accepted as a whole.
#[test]
fn what_is_not_well_formed_is_unreadable() {
    let bad = with(b"issuerAuth", b"issuerXuth");
    for input in [bad.clone(), DeviceResponse::encode(&[bad])] {
        let cut = input[..input.len() - 1].to_vec();
        assert!(request(cut).verify().is_err());
    }
}

#[test]
fn a_response_of_rubbish_is_no_response() {
    let rubbish = |count| DeviceResponse::encode(&vec![vec![0x00]; count]);
    assert_eq!(report(rubbish(16))["documents"].as_array().unwrap().len(), 16);
    assert!(request(rubbish(17)).verify().is_err());
}
