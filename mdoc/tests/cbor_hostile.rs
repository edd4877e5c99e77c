//! Foreign bytes cost what the budget says and never panic.

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

use common::testdata;
use proptest::prelude::*;
use tegata_mdoc::cbor::{Decode, DecodeErrorKind, Encoder, Limits, Reader, Value, decode, decode_with};
use tegata_mdoc::cose::{CoseKey, CoseMac0, CoseSign1};
use tegata_mdoc::dcapi::{EncryptedResponse, EncryptionInfo};
use tegata_mdoc::engagement::{DeviceEngagement, ReaderEngagement, ndef, uri};
use tegata_mdoc::inspect::{NoAnnotator, annotate, render};
use tegata_mdoc::issuer_signed::{IssuerSigned, IssuerSignedItem};
use tegata_mdoc::kind::{Kind, recognise};
use tegata_mdoc::mso::MobileSecurityObject;
use tegata_mdoc::request::DeviceRequest;
use tegata_mdoc::response::DeviceResponse;
use tegata_mdoc::transcript::{self, SessionTranscript};

/// Runs every decoder over `bytes` and returns how many of them accept.
fn decode_as_everything(bytes: &[u8]) -> usize {
    fn one<'a, T: Decode<'a>>(bytes: &'a [u8]) -> usize {
        usize::from(decode::<T>(bytes).is_ok())
    }
    if let Ok((signed, _)) = decode::<IssuerSigned<'_>>(bytes) {
        let _ = signed.value().mobile_security_object();
    }
    let kind = recognise(bytes);
    let _ = annotate(bytes, kind, &NoAnnotator).map(|lines| render(&lines));
    let _ = ndef::records(bytes);
    let _ = transcript::read(bytes);
    one::<Value<'_>>(bytes)
        + one::<DeviceResponse<'_>>(bytes)
        + one::<DeviceRequest<'_>>(bytes)
        + one::<DeviceEngagement<'_>>(bytes)
        + one::<ReaderEngagement<'_>>(bytes)
        + one::<SessionTranscript<'_>>(bytes)
        + one::<IssuerSigned<'_>>(bytes)
        + one::<IssuerSignedItem<'_>>(bytes)
        + one::<MobileSecurityObject<'_>>(bytes)
        + one::<CoseSign1<'_>>(bytes)
        + one::<CoseMac0<'_>>(bytes)
        + one::<CoseKey<'_>>(bytes)
        + one::<EncryptionInfo<'_>>(bytes)
        + one::<EncryptedResponse<'_>>(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        decode_as_everything(&bytes);
    }

    #[test]
    fn random_text_is_no_uri_or_decodes(text in any::<String>()) {
        for text in [text.clone(), format!("mdoc:{text}"), format!("MDOC://{text}")] {
            if let Ok((bytes, _)) = uri::parse_device_engagement(&text) {
                decode_as_everything(&bytes);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutations_of_the_annex_d_structures_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        insert in proptest::collection::vec(any::<u8>(), 0..4),
        choice in 0_usize..4,
    ) {
        let file = [
            "annex-d/d4.1.2-device-response.cbor",
            "annex-d/d4.1.3-device-request-v1.1.cbor",
            "annex-d/d3.1-device-engagement.cbor",
            "annex-d/d5.1-session-transcript-bytes.cbor",
        ][choice];
        let Some(mut bytes) = testdata(file) else { return Ok(()) };
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let cut = cut.index(bytes.len());
        bytes.splice(cut..cut, insert);
        decode_as_everything(&bytes);
    }
}

#[test]
fn every_truncation_is_an_error() {
    for file in [
        "annex-d/d4.1.2-device-response.cbor",
        "annex-d/d4.1.1-device-request.cbor",
        "annex-d/d4.1.3-device-request-v1.1.cbor",
        "annex-d/d3.1-device-engagement.cbor",
        "annex-d/d5.1-session-transcript.cbor",
        "annex-d/issuer-signed.cbor",
    ] {
        let Some(bytes) = testdata(file) else { return };
        for length in 0..bytes.len() {
            let prefix = &bytes[..length];
            assert!(decode::<Value<'_>>(prefix).is_err(), "{file} cut to {length}");
            // Every structure is a complete item, so nothing may read a part of it as a whole.
            assert_eq!(decode_as_everything_strict(prefix), 0, "{file} cut to {length}");
        }
    }
}

/// The decoders of whole files, without the views, for loops over every prefix.
fn decode_as_everything_strict(bytes: &[u8]) -> usize {
    usize::from(decode::<DeviceResponse<'_>>(bytes).is_ok())
        + usize::from(decode::<DeviceRequest<'_>>(bytes).is_ok())
        + usize::from(decode::<DeviceEngagement<'_>>(bytes).is_ok())
        + usize::from(transcript::read(bytes).is_ok())
        + usize::from(decode::<IssuerSigned<'_>>(bytes).is_ok())
}

#[test]
fn trailing_bytes_are_refused() {
    for file in ["annex-d/d4.1.2-device-response.cbor", "annex-d/d4.1.1-device-request.cbor"] {
        let Some(mut bytes) = testdata(file) else { return };
        bytes.push(0);
        assert_eq!(decode_as_everything(&bytes), 0);
        let error = decode::<Value<'_>>(&bytes).unwrap_err();
        assert_eq!(error.kind(), &DecodeErrorKind::TrailingBytes { count: 1 });
    }
}

#[test]
fn bytes_behind_an_embedded_item_are_refused() {
    let mut encoder = Encoder::new();
    encoder.array(3).null().null().null();
    let mut embedded = encoder.into_bytes();
    embedded.push(0);
    let mut outer = Encoder::new();
    outer.embedded(&embedded);
    assert_eq!(transcript::read(outer.as_bytes()).unwrap_err().id(), "cbor-trailing-bytes");
}

#[test]
fn duplicate_keys_are_refused_at_every_depth_and_in_every_key_type() {
    // Two pairs with the same key, for each type of key; the second key of each pair is another encoding of the first.
    let maps = [
        "a2000100f6",
        "a200011800f6",
        "a2200020f6",
        "a261610061610 0",
        "a2616100780161f6",
        "a2410000410000",
        "a2f500f500",
        "a2800080f6",
        "a2a000a0f6",
        "bf00010002ff",
        "a2f93c0000f93c0000",
    ];
    for map in maps {
        let map = hex::decode(map.replace(' ', "")).unwrap();
        for depth in 0..20 {
            for (name, wrap) in wrappings() {
                let mut bytes = map.clone();
                for _ in 0..depth {
                    bytes = wrap(&bytes);
                }
                let error = decode::<Value<'_>>(&bytes).unwrap_err();
                assert_eq!(error.kind(), &DecodeErrorKind::DuplicateKey, "{name} {depth} {}", hex::encode(&map));
                let skipped = Reader::new(&bytes, Limits::DOCUMENT).unwrap().skip().unwrap_err();
                assert_eq!(skipped.kind(), &DecodeErrorKind::DuplicateKey, "{name} {depth}");
            }
        }
    }
}

type Wrap = fn(&[u8]) -> Vec<u8>;

fn wrappings() -> [(&'static str, Wrap); 4] {
    fn array(bytes: &[u8]) -> Vec<u8> {
        [&[0x81], bytes].concat()
    }
    fn value(bytes: &[u8]) -> Vec<u8> {
        [&[0xa1, 0x05], bytes].concat()
    }
    fn tag(bytes: &[u8]) -> Vec<u8> {
        [&[0xc7], bytes].concat()
    }
    fn indefinite(bytes: &[u8]) -> Vec<u8> {
        [&[0x9f], bytes, &[0xff]].concat()
    }
    [("array", array), ("map value", value), ("tag", tag), ("indefinite array", indefinite)]
}

#[test]
fn duplicate_keys_in_a_large_map_are_refused() {
    for (count, twin) in [(12_u64, 0), (13, 12), (14, 0), (1000, 999), (1000, 0), (1000, 500)] {
        let mut encoder = Encoder::new();
        encoder.map(usize::try_from(count).unwrap() + 1);
        for key in 0..count {
            encoder.unsigned(key).null();
        }
        encoder.unsigned(twin).null();
        let error = decode::<Value<'_>>(encoder.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), &DecodeErrorKind::DuplicateKey, "{count} {twin}");
    }
}

/// Refusal must not cost more than reading the few bytes that are there.
fn refused_at_once(bytes: &[u8], limits: Limits) -> DecodeErrorKind {
    let start = Instant::now();
    let error = decode_with::<Value<'_>>(bytes, limits).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(2), "{} took {:?}", error, start.elapsed());
    error.kind().clone()
}

#[test]
fn huge_length_heads_are_refused_without_allocation() {
    for initial in [0x5b_u8, 0x7b, 0x9b, 0xbb] {
        for length in [u64::MAX, 1 << 62, 1 << 40, 1 << 32] {
            let bytes = [&[initial][..], &length.to_be_bytes(), &[0]].concat();
            assert_eq!(refused_at_once(&bytes, Limits::DOCUMENT), DecodeErrorKind::UnexpectedEnd);
        }
    }
}

#[test]
fn depth_bombs_are_refused() {
    for unit in [&[0x81][..], &[0x9f], &[0xa1, 0x00], &[0xc7], &[0xa1]] {
        let mut bytes = unit.repeat(1_000_000);
        bytes.push(0);
        let limit = Limits::DOCUMENT.depth;
        assert_eq!(refused_at_once(&bytes, Limits::DOCUMENT), DecodeErrorKind::TooDeep { limit }, "{unit:x?}");
    }
}

/// Reads tag 24 inside tag 24 without end.
#[derive(Debug)]
struct Nested;

impl<'a> Decode<'a> for Nested {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, tegata_mdoc::cbor::DecodeError> {
        reader.tag24::<Nested>().map(|_| Self)
    }
}

#[test]
fn nested_embeddings_count_towards_the_depth() {
    let mut bytes = vec![0xf6];
    for _ in 0..200 {
        let mut encoder = Encoder::new();
        encoder.embedded(&bytes);
        bytes = encoder.into_bytes();
    }
    let error = decode::<Nested>(&bytes).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::TooDeep { limit: Limits::DOCUMENT.depth });
    // The view opens what it can and ends.
    let lines = annotate(&bytes, Kind::OtherCbor, &NoAnnotator).unwrap();
    assert!(render(&lines).len() < 4096);
}

#[test]
fn item_bombs_are_refused() {
    let count = 200_000_usize;
    let mut encoder = Encoder::new();
    encoder.array(count);
    for _ in 0..count {
        encoder.null();
    }
    let limit = Limits::DOCUMENT.items;
    assert_eq!(refused_at_once(encoder.as_bytes(), Limits::DOCUMENT), DecodeErrorKind::TooManyItems { limit });
    assert!(decode_with::<Value<'_>>(encoder.as_bytes(), Limits::LIST).is_ok());
}

#[test]
fn long_input_is_refused_before_it_is_read() {
    let bytes = vec![0_u8; Limits::DOCUMENT.bytes + 1];
    let found = bytes.len();
    let kind = DecodeErrorKind::TooManyBytes { limit: Limits::DOCUMENT.bytes, found };
    assert_eq!(refused_at_once(&bytes, Limits::DOCUMENT), kind);
}

#[test]
fn a_view_of_a_large_input_is_bounded() {
    let count = tegata_mdoc::inspect::MAX_LINES * 2;
    let mut encoder = Encoder::new();
    encoder.array(count);
    for _ in 0..count {
        encoder.null();
    }
    let lines = annotate(encoder.as_bytes(), Kind::OtherCbor, &NoAnnotator).unwrap();
    assert_eq!(lines.len(), tegata_mdoc::inspect::MAX_LINES);
    assert_eq!(lines.last().unwrap().notes, [tegata_mdoc::inspect::Note::Truncated]);

    let mut encoder = Encoder::new();
    encoder.array(2).bytes(&vec![7; 3_000_000]).text(&"ü".repeat(1_000_000));
    let text = render(&annotate(encoder.as_bytes(), Kind::OtherCbor, &NoAnnotator).unwrap());
    assert!(text.len() < 1000, "{}", text.len());
}
