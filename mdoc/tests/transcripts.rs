//! The transcripts of every transport, byte for byte.

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
use common::{hex_of, testdata, testdata_json};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tegata_mdoc::Raw;
use tegata_mdoc::cbor::{Decode, decode};
use tegata_mdoc::cose::KTY_EC2;
use tegata_mdoc::dcapi::{EncryptedResponse, EncryptionInfo};
use tegata_mdoc::engagement::ReaderEngagement;
use tegata_mdoc::request::DeviceRequest;
use tegata_mdoc::transcript::{self, SessionTranscript, Transport};

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn decoded<'a, T: Decode<'a> + std::fmt::Debug>(bytes: &'a [u8]) -> Raw<'a, T> {
    let (raw, deviations) = decode(bytes).unwrap();
    assert!(deviations.is_empty());
    raw
}

/// OpenID4VP 1.0 B.2.6 and ISO/IEC 18013-7 B.6.9, with the values printed there.
#[test]
fn the_printed_examples_are_met() {
    let thumbprint = hex::decode("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047").unwrap();
    let nonce = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA";
    let redirect = |jwk_thumbprint| Transport::OpenId4Vp {
        client_id: "x509_san_dns:example.com",
        nonce,
        jwk_thumbprint,
        response_uri: "https://example.com/response",
    };
    let dc_api = |jwk_thumbprint| Transport::OpenId4VpDcApi { origin: "https://example.com", nonce, jwk_thumbprint };
    let annex_b = Transport::AnnexB {
        client_id: "example.com",
        response_uri: "https://example.com/12345/response",
        nonce: "abcdefgh1234567890",
        mdoc_generated_nonce: "1234567890abcdefgh",
    };
    for (transport, expected) in [
        (
            redirect(Some(thumbprint.as_slice())),
            "83f6f682714f70656e494434565048616e646f7665725820048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac",
        ),
        (
            redirect(None),
            "83f6f682714f70656e494434565048616e646f7665725820c672b54a2facfb3284965c5be838a8cd1f96f7de36ede3470b1d5de2c57d7719",
        ),
        (
            dc_api(Some(thumbprint.as_slice())),
            "83f6f682764f70656e4944345650444341504948616e646f7665725820fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a",
        ),
        (
            dc_api(None),
            "83f6f682764f70656e4944345650444341504948616e646f76657258203563b629e28bf0a736c6ba6faacb60a9cd3074e51416a04565031d8690638c43",
        ),
        (
            annex_b,
            "83f6f6835820da25c527e5fb75bc2dd31267c02237c4462ba0c1bf37071f692e7dd93b10ad0b5820f6ed8e3220d3c59a5f17eb45f48ab70aeecf9ee21744b1014982350bd96ac0c572616263646566676831323334353637383930",
        ),
    ] {
        let bytes = transport.session_transcript(sha256);
        assert_eq!(hex::encode(&bytes), expected, "{}", transport.id());
        let transcript = decoded::<SessionTranscript<'_>>(&bytes);
        assert_eq!(transcript.value().device_engagement, None);
        assert_eq!(transcript.value().reader_key, None);
    }
}

#[test]
fn the_specification_file_of_openid4vp_is_met() {
    let Some(vectors) = testdata_json("oid4vp-dcapi/openid4vp-1.0-handover.json") else { return };
    let thumbprint = hex_of(&vectors["jwk_thumbprint_hex"]);
    let text = |part: &str, name: &str| vectors[part][name].as_str().unwrap().to_owned();
    let redirect = Transport::OpenId4Vp {
        client_id: &text("redirect", "client_id"),
        nonce: &text("redirect", "nonce"),
        jwk_thumbprint: Some(&thumbprint),
        response_uri: &text("redirect", "response_uri"),
    }
    .session_transcript(sha256);
    assert_eq!(redirect, hex_of(&vectors["redirect"]["session_transcript_hex"]));
    let dc_api = Transport::OpenId4VpDcApi {
        origin: &text("dc_api", "origin"),
        nonce: &text("dc_api", "nonce"),
        jwk_thumbprint: Some(&thumbprint),
    }
    .session_transcript(sha256);
    assert_eq!(dc_api, hex_of(&vectors["dc_api"]["session_transcript_hex"]));
}

#[test]
fn the_annex_b_example_file_is_met() {
    let Some(payload) = testdata_json("oid4vp-dcapi/iso18013-7-annex-b/request-object-payload.json") else { return };
    let text = |name: &str| payload[name].as_str().unwrap();
    let built = Transport::AnnexB {
        client_id: text("client_id"),
        response_uri: text("response_uri"),
        nonce: text("nonce"),
        mdoc_generated_nonce: "1234567890abcdefgh",
    }
    .session_transcript(sha256);
    assert_eq!(built, testdata("oid4vp-dcapi/iso18013-7-annex-b/session-transcript.cbor").unwrap());
}

#[test]
fn annex_c_decodes_and_gives_the_expected_transcript() {
    let folder = "oid4vp-dcapi/annex-c/ANNEXC-DETERMINISTIC-001";
    let Some(vector) = testdata_json(&format!("{folder}.json")) else { return };
    let text = |name: &str| vector[name].as_str().unwrap();
    let encryption_info = text("encryptionInfoB64");
    let built = Transport::DcApi { encryption_info, origin: text("origin") }.session_transcript(sha256);
    assert_eq!(built, testdata(&format!("{folder}.session-transcript.cbor")).unwrap());
    assert_eq!(sha256(&built).to_vec(), hex_of(&vector["expected"]["sessionTranscriptCborSha256Hex"]));

    let bytes = BASE64URL.decode(encryption_info).unwrap();
    let info = decoded::<EncryptionInfo<'_>>(&bytes);
    assert_eq!(info.value().nonce.len(), 16);
    assert_eq!(info.value().recipient_public_key.key_type, KTY_EC2);
    assert_eq!(info.value().encode(), bytes);

    let bytes = BASE64URL.decode(text("encryptedResponseB64")).unwrap();
    let response = decoded::<EncryptedResponse<'_>>(&bytes);
    assert_eq!((response.value().enc.len(), response.value().enc[0]), (65, 4));
    assert_eq!(response.value().encode(), bytes);

    let bytes = BASE64URL.decode(text("deviceRequestB64")).unwrap();
    let request = decoded::<DeviceRequest<'_>>(&bytes);
    let items = request.value().doc_requests[0].items_request.value();
    assert_eq!(items.doc_type, vector["expected"]["docType"].as_str().unwrap());
    assert_eq!(items.intent_to_retain("org.iso.18013.5.1", "age_over_18"), Some(false));
}

/// ISO/IEC 18013-7 Annex C with inputs of our own (keys of RFC 9180 A.3.1).
#[test]
fn the_self_made_annex_c_vector_is_met() {
    let encryption_info = concat!(
        "gmVkY2FwaaJlbm9uY2VQAAECAwQFBgcICQoLDA0OD3JyZWNpcGllbnRQdWJsaWNLZXmkAQIgASFYIP6MGc4JBRkevC",
        "mKkkV5JTHybwzs4kYGOei8Oct_cGqCIlgganebTPlpuKDlOcf2L7PTCtaqj4DjDx0Siq_WiiznLqA",
    );
    let bytes = Transport::DcApi { encryption_info, origin: "https://verifier.example.com" }.session_transcript(sha256);
    let expected = "83f6f682656463617069582000db69d18bd4a5750f43d45cead95ee87eff15f5e012c95703123ec6301797b8";
    assert_eq!(hex::encode(bytes), expected);
}

#[test]
fn a_captured_nfc_session_reads_and_rebuilds() {
    let Some(expected) = testdata("engagement/nfc-session-transcript.cbor") else { return };
    let device_engagement = testdata("engagement/device-engagement.cbor").unwrap();
    let reader_key = testdata("engagement/ereader-key.cbor").unwrap();
    let handover_bytes = testdata("engagement/nfc-handover.cbor").unwrap();
    let transcript = decoded::<SessionTranscript<'_>>(&expected);
    assert_eq!(transcript.value().handover, handover_bytes);
    let (handover, _) = decode::<tegata_mdoc::cbor::Value<'_>>(&handover_bytes).unwrap();
    let tegata_mdoc::cbor::Value::Array(messages) = handover.value() else { panic!("an array") };
    let message = |index: usize| match &messages[index] {
        tegata_mdoc::cbor::Value::Bytes(bytes) => bytes.to_vec(),
        other => panic!("{other:?}"),
    };
    let built = Transport::Nfc {
        device_engagement: &device_engagement,
        reader_key: &reader_key,
        handover_select: &message(0),
        handover_request: Some(&message(1)),
    }
    .session_transcript(sha256);
    assert_eq!(built, expected);
}

/// The Annex D engagement over QR, and over a website: both only differ from NFC in the handover.
#[test]
fn qr_and_website_have_their_own_handover() {
    let (device_engagement, reader_key) = ([0xa0_u8], [0xa1_u8, 0x01, 0x02]);
    let qr = Transport::Qr { device_engagement: &device_engagement, reader_key: &reader_key };
    assert_eq!(hex::encode(qr.session_transcript(sha256)), "83d81841a0d81843a10102f6");

    let reader_engagement = hex::decode("a10063312e30").unwrap();
    let website = Transport::Website {
        device_engagement: &device_engagement,
        reader_key: &reader_key,
        reader_engagement: &reader_engagement,
    };
    let hash = sha256(&hex::decode("d81846a10063312e30").unwrap());
    assert_eq!(
        hex::encode(website.session_transcript(sha256)),
        format!("83d81841a0d81843a101025820{}", hex::encode(hash))
    );
    assert_eq!(decode::<ReaderEngagement<'_>>(&reader_engagement).unwrap().0.value().version, "1.0");
}

/// Captured presentations name their session's inputs in no file, but every captured transcript must read.
#[test]
fn captured_transcripts_read() {
    let mut read = 0;
    for case in common::testdata_folder("mdoc-cases") {
        let Some(Json::Object(_)) = (!case.contains('.'))
            .then(|| testdata_json(&format!("mdoc-cases/{case}/case.json")).unwrap())
            .filter(|json| json["session_transcript"].is_string())
        else {
            continue;
        };
        let bytes = testdata(&format!("mdoc-cases/{case}/session-transcript.cbor")).unwrap();
        let (transcript, _) = transcript::read(&bytes).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(!transcript.value().handover.is_empty(), "{case}");
        read += 1;
    }
    assert!(read == 0 || read >= 27, "{read}");
}

#[test]
fn other_arrays_are_no_transcript() {
    for hex in ["82f6f6", "84f6f6f6f6", "83a0f6f6", "83f600f6", "83d90400f6f6f6", "83d81800f6f6", "83d818f6f6f6", "f6"]
    {
        assert!(transcript::read(&hex::decode(hex).unwrap()).is_err(), "{hex}");
    }
}
