//! Engagements of Annex D, of other wallets, and of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{testdata, testdata_folder};
use proptest::prelude::*;
use tegata_mdoc::Deviation;
use tegata_mdoc::cbor::{Encoder, decode};
use tegata_mdoc::cose::{CoseKey, KTY_EC2};
use tegata_mdoc::device_signed::DeviceAuth;
use tegata_mdoc::engagement::{
    BleOptions, Capabilities, DeviceEngagement, NfcOptions, OriginInfo, ReaderEngagement, RetrievalMethod,
    WifiAwareOptions, is_valid_reader_key, ndef, uri,
};
use tegata_mdoc::mso::{DeviceKeyInfo, KeyAuthorizations, MobileSecurityObject, ValidityInfo};

#[test]
fn the_annex_d_engagement_offers_ble() {
    let Some(bytes) = testdata("annex-d/d3.1-device-engagement.cbor") else { return };
    let (engagement, deviations) = decode::<DeviceEngagement<'_>>(&bytes).unwrap();
    assert!(deviations.is_empty());
    let engagement = engagement.value();
    assert_eq!((engagement.version, engagement.security.cipher_suite), ("1.0", 1));
    let [RetrievalMethod::Ble(ble)] = engagement.retrieval_methods.as_slice() else { panic!("one BLE method") };
    assert!(!ble.peripheral_server_mode && ble.central_client_mode);
    assert_eq!(hex::encode(ble.central_client_uuid.unwrap()), "45efef742b2c4837a9a3b0e1d05a6917");
    let key = engagement.security.key.value();
    assert_eq!((key.key_type, key.curve, key.x.len()), (KTY_EC2, 1, 32));

    let again = DeviceEngagement::encode(key, &engagement.retrieval_methods, None, None);
    assert_eq!(hex::encode(again), hex::encode(&bytes));
    let text = uri::format_device_engagement(&bytes);
    assert!(text.starts_with("mdoc:owBjMS4w"), "{text}");
    assert_eq!(uri::parse_device_engagement(&text).unwrap(), (bytes, Default::default()));
}

#[test]
fn engagements_of_other_wallets_decode_and_encode_again() {
    for name in ["device-engagement.cbor", "isomdl-device-engagement.cbor"] {
        let Some(bytes) = testdata(&format!("engagement/{name}")) else { return };
        let (engagement, _) = decode::<DeviceEngagement<'_>>(&bytes).unwrap();
        let engagement = engagement.value();
        let again = DeviceEngagement::encode(
            engagement.security.key.value(),
            &engagement.retrieval_methods,
            engagement.origin_infos.as_deref(),
            engagement.capabilities.as_ref(),
        );
        if name == "device-engagement.cbor" {
            assert_eq!(again, bytes);
        }
        let (read, _) = decode::<DeviceEngagement<'_>>(&again).unwrap();
        assert_eq!(read.value().retrieval_methods, engagement.retrieval_methods);
        assert_eq!(read.value().security.key.value(), engagement.security.key.value());
    }
    let Some(bytes) = testdata("engagement/ereader-key.cbor") else { return };
    let (key, _) = decode::<CoseKey<'_>>(&bytes).unwrap();
    assert!(is_valid_reader_key(key.value()));
}

#[test]
fn handover_messages_hold_their_engagement() {
    let Some(select) = testdata("annex-d/d3.3-nfc-handover-select.ndef") else { return };
    let records = ndef::records(&select).unwrap();
    let kinds: Vec<_> = records.iter().map(|record| String::from_utf8_lossy(record.kind)).collect();
    assert_eq!(kinds, ["Hs", "application/vnd.bluetooth.le.oob", "iso.org:18013:deviceengagement"]);
    let bytes = ndef::device_engagement(&select).unwrap().unwrap();
    let (engagement, _) = decode::<DeviceEngagement<'_>>(bytes).unwrap();
    assert!(engagement.value().retrieval_methods.is_empty());
    assert!(ndef::is_handover(&select));

    let request = testdata("annex-d/d3.2-nfc-handover-request.ndef").unwrap();
    assert!(ndef::is_handover(&request));
    assert_eq!(ndef::device_engagement(&request), Ok(None));

    for length in 0..select.len() {
        assert!(ndef::records(&select[..length]).is_err(), "{length}");
    }
    let trailing = [select.as_slice(), &[0]].concat();
    assert_eq!(ndef::records(&trailing), Err(ndef::NdefError::TrailingBytes));
}

#[test]
fn a_captured_handover_request_names_the_reader() {
    let Some(bytes) = testdata("engagement/nfc-handover.cbor") else { return };
    let (handover, _) = decode::<tegata_mdoc::cbor::Value<'_>>(&bytes).unwrap();
    let tegata_mdoc::cbor::Value::Array(messages) = handover.value() else { panic!("an array") };
    let tegata_mdoc::cbor::Value::Bytes(request) = &messages[1] else { panic!("a byte string") };
    let reader = ndef::reader_engagement(request).unwrap().unwrap();
    let (engagement, _) = decode::<ReaderEngagement<'_>>(reader).unwrap();
    assert_eq!((engagement.value().version, engagement.value().security), ("1.0", None));
}

#[test]
fn misframed_ndef_is_refused() {
    for (hex, error) in [
        ("", ndef::NdefError::UnexpectedEnd),
        ("5101004870", ndef::NdefError::MisplacedBegin),
        ("910100489101004a", ndef::NdefError::MisplacedBegin),
        ("b1010048", ndef::NdefError::Chunked),
        ("c102ffffffff4873", ndef::NdefError::UnexpectedEnd),
        ("d10100485100", ndef::NdefError::TrailingBytes),
    ] {
        assert_eq!(ndef::records(&hex::decode(hex).unwrap()), Err(error), "{hex}");
    }
    let endless = [&[0x91, 1, 0, b'H'][..], &[0x11, 1, 0, b'H'].repeat(100)].concat();
    assert_eq!(ndef::records(&endless), Err(ndef::NdefError::TooManyRecords));
}

fn encoded_key() -> ([u8; 32], [u8; 32]) {
    ([1; 32], [2; 32])
}

fn method() -> impl Strategy<Value = RetrievalMethod<'static>> {
    let uuid = || proptest::option::of(any::<[u8; 16]>());
    let text = prop_oneof![Just("https://reader.example/engage"), Just(""), Just("ü")];
    prop_oneof![
        (255_u64..=65535, 256_u64..=65536).prop_map(|(max_command_length, max_response_length)| {
            RetrievalMethod::Nfc(NfcOptions { max_command_length, max_response_length })
        }),
        (any::<bool>(), any::<bool>(), uuid(), uuid(), proptest::option::of(any::<u64>())).prop_map(
            |(peripheral_server_mode, central_client_mode, peripheral_server_uuid, central_client_uuid, l2cap_psm)| {
                RetrievalMethod::Ble(BleOptions {
                    peripheral_server_mode,
                    central_client_mode,
                    peripheral_server_uuid,
                    central_client_uuid,
                    device_address: Some(&[1, 2, 3, 4, 5, 6]),
                    l2cap_psm,
                })
            }
        ),
        (proptest::option::of(any::<u64>()), proptest::option::of(any::<u64>())).prop_map(
            |(operating_class, channel)| {
                RetrievalMethod::WifiAware(WifiAwareOptions {
                    pass_phrase: Some("pass"),
                    operating_class,
                    channel,
                    supported_bands: Some(&[0x14]),
                })
            }
        ),
        text.prop_map(RetrievalMethod::Website),
        (5_u64.., any::<u64>()).prop_map(|(kind, version)| RetrievalMethod::Unknown {
            kind,
            version,
            options: &[0xa0]
        }),
        (2_u64..).prop_map(|version| RetrievalMethod::Unknown { kind: 2, version, options: &[0x81, 0xf6] }),
    ]
}

fn capabilities() -> impl Strategy<Value = Capabilities> {
    (any::<[bool; 4]>(), proptest::collection::vec(-300_i64..300, 0..4)).prop_map(|(flags, mac_keys_curves)| {
        Capabilities {
            mac_keys: flags[0],
            mac_keys_curves,
            handover_session_establishment: flags[1],
            reader_auth_all: flags[2],
            extended_request: flags[3],
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_encode_we_decode(
        methods in proptest::collection::vec(method(), 0..5),
        capabilities in proptest::option::of(capabilities()),
    ) {
        let (x, y) = encoded_key();
        let key = CoseKey { key_type: KTY_EC2, curve: 1, x: &x, y: Some(&y), y_is_odd: None, algorithm: None };
        let bytes = DeviceEngagement::encode(&key, &methods, None, capabilities.as_ref());
        let (read, deviations) = decode::<DeviceEngagement<'_>>(&bytes).unwrap();
        prop_assert!(deviations.is_empty());
        let read = read.value();
        prop_assert_eq!(read.version, if capabilities.is_some() { "1.1" } else { "1.0" });
        prop_assert_eq!(&read.retrieval_methods, &methods);
        prop_assert_eq!(&read.capabilities, &capabilities);
        prop_assert_eq!(read.origin_infos.as_deref(), capabilities.as_ref().map(|_| -> &[OriginInfo<'_>] { &[] }));
        prop_assert_eq!(read.security.key.value(), &key);
    }
}

#[test]
fn a_website_engagement_has_a_link_and_an_origin() {
    let (x, y) = encoded_key();
    let key = CoseKey { key_type: KTY_EC2, curve: 1, x: &x, y: Some(&y), y_is_odd: None, algorithm: None };
    let bytes = ReaderEngagement::encode_website(&key, "https://reader.example/engage");
    let link = uri::format_reader_engagement(&bytes);
    assert!(link.starts_with("mdoc://"));
    assert_eq!(uri::parse_reader_engagement(&link).unwrap(), (bytes.clone(), Default::default()));
    let (engagement, _) = decode::<ReaderEngagement<'_>>(&bytes).unwrap();
    assert_eq!(engagement.value().version, "1.1");
    assert_eq!(engagement.value().retrieval_methods, [RetrievalMethod::Website("https://reader.example/engage")]);

    let mut encoder = Encoder::new();
    OriginInfo::encode_domain(&mut encoder, "reader.example");
    let (origin, _) = decode::<OriginInfo<'_>>(encoder.as_bytes()).unwrap();
    assert_eq!((origin.value().category, origin.value().kind), (1, 1));
    assert_eq!(origin.value().domain, Some("reader.example"));
    let engagement = DeviceEngagement::encode(&key, &[], Some(&[*origin.value()]), None);
    let (engagement, _) = decode::<DeviceEngagement<'_>>(&engagement).unwrap();
    assert_eq!(engagement.value().version, "1.1");
    assert_eq!(engagement.value().origin_infos.as_deref(), Some([*origin.value()].as_slice()));
}

#[test]
fn compressed_reader_keys_are_told_apart() {
    let x = [1; 32];
    let key = CoseKey { key_type: KTY_EC2, curve: 1, x: &x, y: None, y_is_odd: Some(false), algorithm: None };
    assert!(!is_valid_reader_key(&key));
}

#[test]
fn malformed_engagements_are_refused() {
    // Security missing; version missing; BLE without its flags; a UUID of 15 bytes; a method of two elements.
    let key = "d8184ba301022001215820";
    for hex in [
        "a10063312e30".to_owned(),
        "a1018201".to_owned() + key,
        "a30063312e3001f60281830201a0".to_owned(),
        "81a0".to_owned(),
    ] {
        let bytes = hex::decode(&hex).unwrap();
        assert!(decode::<DeviceEngagement<'_>>(&bytes).is_err(), "{hex}");
    }
    for hex in
        ["830201a0", "820201", "830201a300f501f40a4f000102030405060708090a0b0c0d0e", "830101a100190100", "8304 01a0"]
    {
        let bytes = hex::decode(hex.replace(' ', "")).unwrap();
        assert!(decode::<RetrievalMethod<'_>>(&bytes).is_err(), "{hex}");
    }
}

#[test]
fn mso_building_blocks_decode() {
    let Some(bytes) = testdata("mso-structures/device-key-info-authorizations.cbor") else { return };
    let (info, _) = decode::<DeviceKeyInfo<'_>>(&bytes).unwrap();
    let authorizations = info.value().key_authorizations.as_ref().unwrap();
    assert!(!authorizations.name_spaces.is_empty() && !authorizations.data_elements.is_empty());
    for (name_space, elements) in &authorizations.data_elements {
        assert!(elements.iter().all(|element| authorizations.covers(name_space, element)));
    }
    assert!(!authorizations.covers("no.such.namespace", "element"));

    let bytes = testdata("mso-structures/key-authorizations.cbor").unwrap();
    let (both, _) = decode::<KeyAuthorizations<'_>>(&bytes).unwrap();
    assert_eq!(both.value(), authorizations);
    let bytes = testdata("mso-structures/key-authorizations-elements-only.cbor").unwrap();
    let (elements, _) = decode::<KeyAuthorizations<'_>>(&bytes).unwrap();
    assert!(elements.value().name_spaces.is_empty() && !elements.value().is_contradictory());

    let bytes = testdata("mso-structures/mso.cbor").unwrap();
    let (mso, _) = decode::<MobileSecurityObject<'_>>(&bytes).unwrap();
    assert_eq!(mso.value().version, "1.0");
    assert!(mso.value().value_digests.is_sorted_by_key(|(name_space, _)| *name_space));
    let bytes = testdata("mso-structures/validity-info.cbor").unwrap();
    let (validity, deviations) = decode::<ValidityInfo>(&bytes).unwrap();
    assert!(validity.value().valid_from < validity.value().valid_until);
    assert!(!deviations.contains(Deviation::UntaggedDate));
    assert_eq!(testdata_folder("mso-structures").len(), 6, "a new file needs a line here");
}

#[test]
fn two_device_proofs_are_refused() {
    // {"deviceSignature": [h'', {}, null, h''], "deviceMac": [h'', {}, null, h'']}
    let proof = "8440a0f640";
    let both = format!("a26f6465766963655369676e6174757265{proof}696465766963654d6163{proof}");
    assert_eq!(decode::<DeviceAuth<'_>>(&hex::decode(both).unwrap()).unwrap_err().id(), "cbor-invalid-value");
    let one = format!("a1696465766963654d6163{proof}");
    assert!(decode::<DeviceAuth<'_>>(&hex::decode(one).unwrap()).is_ok());
}
