//! ISO/IEC 18013-5 Annex D: every structure decodes, every authenticated byte string is exact.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::testdata;
use sha2::{Digest, Sha256};
use tegata_mdoc::cbor::decode;
use tegata_mdoc::cose::{AlgorithmId, CoseMac0, CoseSign1, HMAC_256_256};
use tegata_mdoc::date::FullDate;
use tegata_mdoc::device_signed::{DeviceAuth, device_authentication_bytes};
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::mso::DigestAlgorithm;
use tegata_mdoc::request::{DeviceRequest, reader_authentication_bytes};
use tegata_mdoc::response::DeviceResponse;
use tegata_mdoc::transcript::{self, Transport, session_transcript_bytes};
use tegata_mdoc::{Deviations, cbor};

#[test]
fn the_response_decodes_with_its_digests() {
    let Some(bytes) = testdata("annex-d/d4.1.2-device-response.cbor") else { return };
    let (response, deviations) = decode::<DeviceResponse<'_>>(&bytes).unwrap();
    assert_eq!(deviations, Deviations::default());
    let response = response.value();
    assert_eq!((response.version, response.status, response.documents.len()), ("1.0", 0, 1));
    let document = response.documents[0].value();
    assert_eq!(document.doc_type, "org.iso.18013.5.1.mDL");
    let (mso, _) = document.issuer_signed.mobile_security_object().unwrap();
    let mso = mso.value();
    assert_eq!((mso.version, mso.doc_type), ("1.0", document.doc_type));
    assert_eq!(mso.digest_algorithm, DigestAlgorithm::Sha256);
    assert_eq!(mso.validity_info.valid_until.to_string(), "2021-10-01T13:30:02Z");
    let mut elements = Vec::new();
    for (name_space, item) in document.issuer_signed.items() {
        let expected = mso.digest(name_space, item.value().digest_id).unwrap();
        assert_eq!(Sha256::digest(item.bytes()).as_slice(), expected);
        elements.push(item.value().element_identifier);
    }
    let expected = ["family_name", "issue_date", "expiry_date", "document_number", "portrait", "driving_privileges"];
    assert_eq!(elements, expected);
}

#[test]
fn a_changed_byte_changes_one_digest_only() {
    let Some(bytes) = testdata("annex-d/tampered-family-name-device-response.cbor") else { return };
    let (response, _) = decode::<DeviceResponse<'_>>(&bytes).unwrap();
    let signed = &response.value().documents[0].value().issuer_signed;
    let (mso, _) = signed.mobile_security_object().unwrap();
    let differing: Vec<_> = signed
        .items()
        .filter(|(space, item)| {
            mso.value().digest(space, item.value().digest_id) != Some(Sha256::digest(item.bytes()).as_slice())
        })
        .map(|(_, item)| item.value().element_identifier)
        .collect();
    assert_eq!(differing, ["family_name"]);
}

#[test]
fn issuer_auth_gives_the_printed_sig_structure() {
    let Some(bytes) = testdata("annex-d/d5.2-issuer-auth.cbor") else { return };
    let (sign1, deviations) = decode::<CoseSign1<'_>>(&bytes).unwrap();
    assert!(deviations.is_empty());
    let sign1 = sign1.value();
    let expected = testdata("annex-d/d5.2-issuer-auth-sig-structure.cbor").unwrap();
    assert_eq!(sign1.to_be_signed(sign1.payload.unwrap()), expected);
    assert_eq!(sign1.protected.algorithm, Some(AlgorithmId::Number(-7)));
    let chain = sign1.certificate_chain().unwrap().unwrap();
    assert_eq!(chain.as_slice(), [testdata("annex-d/d5.2-ds.der").unwrap().as_slice()]);
}

#[test]
fn device_authentication_is_byte_exact() {
    let Some(bytes) = testdata("annex-d/d4.1.2-device-response.cbor") else { return };
    let transcript_bytes = testdata("annex-d/d5.1-session-transcript.cbor").unwrap();
    let (transcript, _) = transcript::read(&transcript_bytes).unwrap();
    let (response, _) = decode::<DeviceResponse<'_>>(&bytes).unwrap();
    let document = response.value().documents[0].value();
    let signed = document.device_signed.as_ref().unwrap();
    let authenticated = device_authentication_bytes(&transcript, document.doc_type, signed.name_spaces.bytes());
    assert_eq!(authenticated, testdata("annex-d/d5.3-device-authentication-bytes.cbor").unwrap());
    let DeviceAuth::Mac(mac) = &signed.device_auth else { panic!("Annex D has a MAC") };
    assert_eq!(mac.protected.algorithm, Some(AlgorithmId::Number(HMAC_256_256)));
    assert_eq!(mac.to_be_maced(&authenticated), testdata("annex-d/d5.3-mac-structure.cbor").unwrap());
}

#[test]
fn device_auth_alone_holds_the_same_mac() {
    let Some(bytes) = testdata("annex-d/d5.3-device-auth.cbor") else { return };
    let (auth, _) = decode::<DeviceAuth<'_>>(&bytes).unwrap();
    let DeviceAuth::Mac(mac) = auth.value() else { panic!("Annex D has a MAC") };
    assert_eq!(mac.tag.len(), 32);
    let encoded = CoseMac0::encode_detached(mac.protected_bytes, mac.tag);
    assert!(bytes.ends_with(&encoded));
}

#[test]
fn reader_authentication_is_byte_exact() {
    let Some(bytes) = testdata("annex-d/d4.1.1-device-request.cbor") else { return };
    let transcript_bytes = testdata("annex-d/d5.1-session-transcript.cbor").unwrap();
    let (transcript, _) = transcript::read(&transcript_bytes).unwrap();
    let (request, deviations) = decode::<DeviceRequest<'_>>(&bytes).unwrap();
    assert!(deviations.is_empty());
    let doc_request = &request.value().doc_requests[0];
    assert_eq!(doc_request.items_request.content(), testdata("annex-d/d4.1.1-items-request.cbor").unwrap());
    let authenticated = reader_authentication_bytes(&transcript, doc_request.items_request.bytes());
    assert_eq!(authenticated, testdata("annex-d/d5.4-reader-authentication-bytes.cbor").unwrap());
    let reader_auth = doc_request.reader_auth.as_ref().unwrap();
    assert_eq!(
        reader_auth.to_be_signed(&authenticated),
        testdata("annex-d/d5.4-reader-auth-sig-structure.cbor").unwrap()
    );
    let chain = reader_auth.certificate_chain().unwrap().unwrap();
    assert_eq!(chain.as_slice(), [testdata("annex-d/d5.4-reader.der").unwrap().as_slice()]);
    assert_eq!(cbor_of_reader_auth(reader_auth), testdata("annex-d/d5.4-reader-auth.cbor").unwrap());
}

fn cbor_of_reader_auth(sign1: &CoseSign1<'_>) -> Vec<u8> {
    let mut unprotected = cbor::Encoder::new();
    unprotected.map(1).integer(33).bytes(sign1.unprotected.chain.as_ref().unwrap()[0]);
    CoseSign1::encode(sign1.protected_bytes, unprotected.as_bytes(), None, sign1.signature, false)
}

#[test]
fn the_transcript_is_built_from_its_parts() {
    let Some(expected) = testdata("annex-d/d5.1-session-transcript.cbor") else { return };
    let (transcript, deviations) = transcript::read(&expected).unwrap();
    assert!(deviations.is_empty());
    let wrapped = testdata("annex-d/d5.1-session-transcript-bytes.cbor").unwrap();
    assert_eq!(session_transcript_bytes(&transcript), wrapped);
    let (unwrapped, deviations) = transcript::read(&wrapped).unwrap();
    assert_eq!(unwrapped.bytes(), expected);
    assert_eq!(deviations.iter().collect::<Vec<_>>(), [tegata_mdoc::Deviation::WrappedTranscript]);

    let parts = transcript.value();
    let content = |bytes: &[u8]| tegata_mdoc::kind::unwrapped(bytes).to_vec();
    let handover_select = testdata("annex-d/d3.3-nfc-handover-select.ndef").unwrap();
    let handover_request = testdata("annex-d/d3.2-nfc-handover-request.ndef").unwrap();
    let built = Transport::Nfc {
        device_engagement: &content(parts.device_engagement.unwrap()),
        reader_key: &content(parts.reader_key.unwrap()),
        handover_select: &handover_select,
        handover_request: Some(&handover_request),
    }
    .session_transcript(|_| panic!("no hash in an NFC handover"));
    assert_eq!(hex::encode(built), hex::encode(expected));
}

#[test]
fn the_stored_document_decodes() {
    let Some(bytes) = testdata("annex-d/issuer-signed.cbor") else { return };
    let (signed, deviations) = decode::<IssuerSigned<'_>>(&bytes).unwrap();
    assert!(deviations.is_empty());
    assert!(signed.value().items().count() >= 6);
    // The same MSO as in the response: it holds a digest for every item, disclosed there or not.
    let (mso, _) = signed.value().mobile_security_object().unwrap();
    for (name_space, item) in signed.value().items() {
        let expected = mso.value().digest(name_space, item.value().digest_id);
        assert_eq!(expected, Some(Sha256::digest(item.bytes()).as_slice()));
    }
}

#[test]
fn driving_privileges_hold_calendar_days() {
    let Some(bytes) = testdata("annex-d/d2.1-driving-privileges.cbor") else { return };
    let (value, _) = decode::<cbor::Value<'_>>(&bytes).unwrap();
    let cbor::Value::Array(privileges) = value.value() else { panic!("an array") };
    let cbor::Value::Map(pairs) = &privileges[0] else { panic!("of maps") };
    let days: Vec<_> = pairs
        .iter()
        .filter_map(|(_, value)| match value {
            cbor::Value::Tag(cbor::TAG_FULL_DATE, text) => FullDate::parse(text.as_text()?),
            _ => None,
        })
        .collect();
    assert_eq!(days.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2018-08-09", "2024-10-20"]);
}
