//! The annotated view.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::time::{Duration, Instant};

use common::{testdata, testdata_folder, testdata_json};
use sha2::{Digest, Sha256};
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::inspect::{Annotator, DigestMark, NoAnnotator, Note, annotate, render};
use tegata_mdoc::kind::{Kind, recognise};
use tegata_mdoc::mso::DigestAlgorithm;

/// Knows SHA-256 and the length of a certificate.
struct Sha256Only;

impl Annotator for Sha256Only {
    fn digest(&self, algorithm: DigestAlgorithm<'_>, item: &[u8]) -> Option<Vec<u8>> {
        (algorithm == DigestAlgorithm::Sha256).then(|| Sha256::digest(item).to_vec())
    }

    fn certificate(&self, der: &[u8]) -> Option<String> {
        Some(format!("certificate of {} bytes\u{1b}[31m", der.len()))
    }
}

fn view(file: &str) -> Option<String> {
    let bytes = testdata(file)?;
    Some(render(&annotate(&bytes, recognise(&bytes), &Sha256Only).unwrap()))
}

fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|each| each.trim() == *line), "no line {line:?} in\n{text}");
    }
}

#[test]
fn a_response_is_opened_to_the_bottom() {
    let Some(text) = view("annex-d/d4.1.2-device-response.cbor") else { return };
    assert_lines(
        &text,
        &[
            "24(<< {  # digest matches the MSO",
            "<< {",
            "1: -7  # alg; ES256",
            "\"issuerAuth\": [",
            "<< 24(<< {",
            "\"docType\": \"org.iso.18013.5.1.mDL\",",
            "1: 2,  # kty; EC2",
            "-1: 1,  # crv; P-256",
            "\"signed\": 0(\"2020-10-01T13:30:02Z\"),",
            "1: 5  # alg; HMAC 256/256",
            "\"status\": 0  # OK",
            "\"elementIdentifier\": \"family_name\",",
            "\"elementValue\": 1004(\"2024-10-20\")",
        ],
    );
    assert_eq!(text.matches("# digest matches the MSO").count(), 6);
    assert_eq!(text.matches("# disclosed: \"family_name\"").count(), 1);
    assert!(text.contains("/ 499 bytes /"), "the certificate is shortened");
    // What an annotator says must not reach a terminal unescaped.
    assert!(text.contains("certificate of 499 bytes\u{fffd}[31m"));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_changed_item_is_marked() {
    let Some(bytes) = testdata("annex-d/tampered-family-name-device-response.cbor") else { return };
    let lines = annotate(&bytes, Kind::DeviceResponse, &Sha256Only).unwrap();
    let marks = |mark| lines.iter().filter(|line| line.notes.contains(&Note::Digest(mark))).count();
    assert_eq!((marks(DigestMark::Differs), marks(DigestMark::Matches)), (1, 5));
    // Without a hash there is no mark, and no claim.
    let lines = annotate(&bytes, Kind::DeviceResponse, &NoAnnotator).unwrap();
    assert!(lines.iter().all(|line| !line.notes.iter().any(|note| matches!(note, Note::Digest(_)))));
}

#[test]
fn requests_engagements_and_transcripts_are_named() {
    let Some(text) = view("annex-d/d4.1.1-device-request.cbor") else { return };
    assert_lines(&text, &["\"itemsRequest\": 24(<< {", "\"family_name\": true,", "1: -7  # alg; ES256"]);
    let text = view("annex-d/d3.1-device-engagement.cbor").unwrap();
    assert_lines(
        &text,
        &[
            "0: \"1.0\",  # Version",
            "1: [  # Security",
            "1,  # ECDH, HKDF-SHA-256, AES-256-GCM",
            "2,  # BLE",
            "1: true,  # central client mode",
        ],
    );
    let text = view("annex-d/d5.1-session-transcript-bytes.cbor").unwrap();
    assert_lines(&text, &["24(<< [", "24(<< {", "1: [  # Security", "-1: 1,  # crv; P-256"]);
    let text = view("annex-d/d5.3-device-authentication-bytes.cbor").unwrap();
    assert_lines(&text, &["\"DeviceAuthentication\",", "1: [  # Security", "24(<< {} >>)"]);
    let text = view("annex-d/d5.4-reader-auth-sig-structure.cbor").unwrap();
    assert_lines(&text, &["\"Signature1\",", "1: -7  # alg; ES256", "\"ReaderAuthentication\",", "1: [  # Security"]);
    let text = view("annex-d/d3.3-nfc-handover-select.ndef").unwrap();
    assert_lines(&text, &["record \"Hs\"  # NFC Forum well-known type", "1: [  # Security"]);
    let text = view("annex-d/d5.1-session-termination.cbor").unwrap();
    assert_lines(&text, &["\"status\": 20  # session termination"]);
}

#[test]
fn tokens_show_claims_and_instants() {
    let Some(text) = view("status-list/status-list-token.cwt") else { return };
    assert_lines(
        &text,
        &[
            "16: \"application/statuslist+cwt\"  # typ",
            "2: \"https://example.com/statuslists/1\",  # sub",
            "6: 1686920170,  # iat; 2023-06-16T12:56:10Z",
        ],
    );
}

#[test]
fn every_file_has_a_view_and_repeats_no_long_bytes() {
    for case in testdata_folder("mdoc-cases").into_iter().filter(|name| !name.contains('.')) {
        let json = testdata_json(&format!("mdoc-cases/{case}/case.json")).unwrap();
        let file = format!("mdoc-cases/{case}/{}", json["input"].as_str().unwrap());
        let text = view(&file).unwrap();
        let expected = json["expect"]["documents"].as_array().unwrap();
        let good: u64 = expected
            .iter()
            .filter(|document| document["digest_algorithm"] == "SHA-256")
            .map(|document| document["digests_ok"].as_u64().unwrap())
            .sum();
        let marked = u64::try_from(text.matches("digest matches the MSO").count()).unwrap();
        assert_eq!(marked, good, "{case}");
        assert!(text.lines().all(|line| line.len() < 2000), "{case}");
    }
}

#[test]
fn a_structure_of_another_shape_is_still_shown() {
    for kind in Kind::ALL {
        for hex in
            ["00", "a0", "80", "a16161a0", "8440a0f640", "d81841a0", "f7", "fb3ff199999999999a", "63e29882", "20"]
        {
            let bytes = hex::decode(hex).unwrap();
            let lines = match annotate(&bytes, kind, &Sha256Only) {
                Ok(lines) => lines,
                // Only text that is not UTF-8 may be refused.
                Err(error) => {
                    assert_eq!(error.id(), "cbor-unexpected-end", "{kind} {hex}");
                    continue;
                }
            };
            assert!(!lines.is_empty(), "{kind} {hex}");
        }
    }
    assert!(annotate(&[0x81], Kind::OtherCbor, &NoAnnotator).is_err());
    assert!(annotate(&[0x00, 0x00], Kind::OtherCbor, &NoAnnotator).is_err());
}

#[test]
fn control_characters_are_escaped() {
    let mut encoder = Encoder::new();
    encoder.map(1).text("\u{1b}[2J\u{202e}").text("\u{7}\u{9b}");
    let text = render(&annotate(encoder.as_bytes(), Kind::OtherCbor, &NoAnnotator).unwrap());
    assert!(!text.chars().any(|each| each != '\n' && each.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn many_items_and_digests_are_matched_in_reasonable_time() {
    // 20 000 items against 20 000 digests: a search through the list for each would take minutes.
    let count = 20_000_u64;
    let mut items = Encoder::new();
    items.map(1).text("n").array(usize::try_from(count).unwrap());
    let mut digests = Encoder::new();
    digests.map(1).text("n").map(usize::try_from(count).unwrap());
    for id in 0..count {
        tegata_mdoc::issuer_signed::IssuerSignedItem::encode(&mut items, id, &[0; 16], "e", &[0xf5]);
        digests.unsigned(id).bytes(&[0; 32]);
    }
    let mut mso = Encoder::new();
    mso.map(6).text("version").text("1.0").text("digestAlgorithm").text("SHA-256");
    mso.text("valueDigests").raw(digests.as_bytes()).text("docType").text("d");
    mso.text("deviceKeyInfo").raw(&hex::decode("a1696465766963654b6579a30101200621 4100".replace(' ', "")).unwrap());
    mso.text("validityInfo").map(3);
    for name in ["signed", "validFrom", "validUntil"] {
        mso.text(name).tag(0).text("2026-01-01T00:00:00Z");
    }
    let mut payload = Encoder::new();
    payload.embedded(mso.as_bytes());
    let sign1 =
        tegata_mdoc::cose::CoseSign1::encode(&[0xa1, 1, 0x26], &[0xa0], Some(payload.as_bytes()), &[0; 64], false);
    let mut signed = Encoder::new();
    signed.map(2).text("nameSpaces").raw(items.as_bytes()).text("issuerAuth").raw(&sign1);
    let start = Instant::now();
    let lines = annotate(signed.as_bytes(), Kind::IssuerSigned, &Sha256Only).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let differing = lines.iter().filter(|line| line.notes.contains(&Note::Digest(DigestMark::Differs))).count();
    assert_eq!(differing, 20_000);
}
