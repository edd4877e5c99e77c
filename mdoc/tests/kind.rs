//! Recognition by content.

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
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::kind::{Kind, recognise, unwrapped};

const FILES: &[(&str, Kind)] = &[
    ("annex-d/d4.1.2-device-response.cbor", Kind::DeviceResponse),
    ("annex-d/tampered-device-mac-device-response.cbor", Kind::DeviceResponse),
    ("annex-d/d4.1.1-device-request.cbor", Kind::DeviceRequest),
    ("annex-d/d4.1.3-device-request-v1.1.cbor", Kind::DeviceRequest),
    ("annex-d/d4.1.1-items-request.cbor", Kind::ItemsRequest),
    ("annex-d/d3.1-device-engagement.cbor", Kind::DeviceEngagement),
    ("annex-d/d3.2-nfc-handover-request.ndef", Kind::HandoverMessage),
    ("annex-d/d3.3-nfc-handover-select.ndef", Kind::HandoverMessage),
    ("annex-d/d5.1-session-establishment.cbor", Kind::SessionEstablishment),
    ("annex-d/d5.1-session-data.cbor", Kind::SessionData),
    ("annex-d/d5.1-session-termination.cbor", Kind::SessionData),
    ("annex-d/d5.1-session-transcript.cbor", Kind::SessionTranscript),
    ("annex-d/d5.1-session-transcript-bytes.cbor", Kind::SessionTranscript),
    ("annex-d/d5.2-issuer-auth.cbor", Kind::IssuerAuth),
    ("annex-d/d5.2-issuer-auth-sig-structure.cbor", Kind::ToBeAuthenticated),
    ("annex-d/d5.3-device-authentication-bytes.cbor", Kind::DeviceAuthentication),
    ("annex-d/d5.3-mac-structure.cbor", Kind::ToBeAuthenticated),
    ("annex-d/d5.4-reader-auth.cbor", Kind::CoseSign1),
    ("annex-d/d5.4-reader-authentication-bytes.cbor", Kind::ReaderAuthentication),
    ("annex-d/d5.4-reader-auth-sig-structure.cbor", Kind::ToBeAuthenticated),
    ("annex-d/issuer-signed.cbor", Kind::IssuerSigned),
    ("annex-d/d2.1-driving-privileges.cbor", Kind::OtherCbor),
    ("annex-d/d5.2-ds.der", Kind::Unknown),
    ("annex-d/keys.json", Kind::Unknown),
    ("engagement/device-engagement.cbor", Kind::DeviceEngagement),
    ("engagement/isomdl-device-engagement.cbor", Kind::DeviceEngagement),
    ("engagement/isomdl-device-request-signed.cbor", Kind::DeviceRequest),
    ("engagement/ereader-key.cbor", Kind::CoseKey),
    ("engagement/nfc-session-transcript.cbor", Kind::SessionTranscript),
    ("engagement/nfc-handover.cbor", Kind::OtherCbor),
    ("mso-structures/mso.cbor", Kind::MobileSecurityObject),
    ("status-list/status-list-token.cwt", Kind::StatusListToken),
    ("status-list/referenced-token.cwt", Kind::Cwt),
    ("status-list/identifier-list.cbor", Kind::OtherCbor),
    ("trust/vical/aamva-vical-2025-11-18.cbor", Kind::Vical),
    ("trust/vical/austroads-preprod-vical-2024-09-19.cbor", Kind::Vical),
    ("oid4vp-dcapi/annex-c/ANNEXC-DETERMINISTIC-001.session-transcript.cbor", Kind::SessionTranscript),
];

#[test]
fn files_are_recognised() {
    for (file, kind) in FILES {
        let Some(bytes) = testdata(file) else { return };
        assert_eq!(recognise(&bytes), *kind, "{file}");
    }
}

#[test]
fn damaged_files_keep_their_kind() {
    for (file, kind) in FILES {
        let decisive = [
            Kind::DeviceResponse,
            Kind::DeviceRequest,
            Kind::IssuerSigned,
            Kind::SessionEstablishment,
            Kind::MobileSecurityObject,
        ];
        if !decisive.contains(kind) {
            continue;
        }
        let Some(bytes) = testdata(file) else { return };
        assert_eq!(recognise(&bytes[..bytes.len() - 1]), *kind, "{file}");
    }
}

#[test]
fn wrapped_structures_are_recognised_and_unwrapped() {
    let Some(mso) = testdata("mso-structures/mso.cbor") else { return };
    let mut wrapped = Encoder::new();
    wrapped.embedded(&mso);
    assert_eq!(recognise(wrapped.as_bytes()), Kind::MobileSecurityObject);
    assert_eq!(unwrapped(wrapped.as_bytes()), mso);
    assert_eq!(unwrapped(&mso), mso);
}

#[test]
fn small_structures_are_recognised() {
    for (hex, kind) in [
        ("a10063312e30", Kind::ReaderEngagement),
        ("a26776657273696f6e63312e306673746174757300", Kind::DeviceResponse),
        ("82656463617069a263656e6340 6a63697068657254657874 40", Kind::EncryptedResponse),
        ("82656463617069a172726563697069656e745075626c69634b6579a0", Kind::EncryptionInfo),
        ("8440a10105f640", Kind::CoseMac0),
        ("8443a10105a0f640", Kind::CoseMac0),
        ("8443a10126a0f640", Kind::CoseSign1),
        ("d28443a10126a0f640", Kind::CoseSign1),
        ("d18440a0f640", Kind::CoseMac0),
        ("d83dd28443a10126a040 40", Kind::Cwt),
        ("83f6f68265646361 7069", Kind::SessionTranscript),
        ("83f6f68265646361706940", Kind::SessionTranscript),
        ("00", Kind::OtherCbor),
        ("", Kind::Unknown),
        ("ff", Kind::Unknown),
    ] {
        assert_eq!(recognise(&hex::decode(hex.replace(' ', "")).unwrap()), kind, "{hex}");
    }
}

#[test]
fn ids_are_unique() {
    let ids: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(ids.len(), Kind::ALL.len());
    let names: std::collections::BTreeSet<_> = Kind::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), Kind::ALL.len());
}
