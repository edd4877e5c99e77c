//! The published vectors of draft-ietf-oauth-status-list and of an identifier list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use support::testdata;
use tegata_pki::{PublicKey, rust_crypto};
use tegata_trust_list::token::{
    RevocationToken, SignerTrust, TokenCheck, TokenDeviation, TokenError, TokenKind, recognise,
};
use tegata_trust_list::{
    Bits, Compression, InflateLimit, StatusArray, StatusList, StatusListError, StatusListToken, TokenPolicy,
};
use time::macros::utc_datetime;

const NOW: time::UtcDateTime = utc_datetime!(2026-11-21 0:00);
const SUBJECT: &str = "https://example.com/statuslists/1";

fn json(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// `lst` by an independent zlib.
fn independent(lst: &[u8]) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(lst).unwrap()
}

#[test]
fn every_listed_value_is_found_and_every_other_is_zero() {
    let Some(folder) = testdata("status-list") else { return };
    for name in ["1-bit.json", "2-bit.json", "4-bit.json", "8-bit.json"] {
        let vector = json(&folder.join(name));
        let bits = Bits::from_number(vector["bits"].as_u64().unwrap()).unwrap();
        let from_json = URL_SAFE_NO_PAD.decode(vector["json"]["lst"].as_str().unwrap()).unwrap();
        let array = StatusArray::from_bytes(bits, independent(&from_json));
        let expected = vector["statuses"].as_object().unwrap();
        assert_eq!(array.entries(), vector["entries"].as_u64().unwrap());
        let mut others = 0;
        for index in 0..array.entries() {
            let value = u64::from(array.get(index).unwrap().number());
            match expected.get(&index.to_string()) {
                Some(listed) => assert_eq!(value, listed.as_u64().unwrap(), "{name} {index}"),
                None => others += value,
            }
        }
        assert_eq!(others, 0, "{name}");

        // Our compression, both levels, read by the other zlib and by ourselves.
        for compression in [Compression::Fast, Compression::Small] {
            let list = StatusList::compress(&array, compression);
            assert_eq!(independent(list.compressed()), array.as_bytes());
            assert_eq!(list.expand(InflateLimit::default()).unwrap(), array);
        }
        let small = StatusList::compress(&array, Compression::Small);
        assert!(
            small.compressed().len() <= from_json.len() + from_json.len() / 10,
            "{name}: {}",
            small.compressed().len()
        );
    }
}

fn key(folder: &std::path::Path) -> PublicKey {
    let jwk = json(&folder.join("signing-key.jwk.json"));
    let public = serde_json::json!({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]});
    PublicKey::from_jwk(&public.to_string()).unwrap()
}

#[test]
fn both_example_tokens_verify_with_the_draft_s_key() {
    let Some(folder) = testdata("status-list") else { return };
    let key = key(&folder);
    let policy = TokenPolicy::strict();
    let check =
        TokenCheck { uri: SUBJECT, trust: SignerTrust::Key(&key), at: NOW, policy: &policy, provider: rust_crypto() };
    let expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    for (name, kind) in [("status-list-token.cwt", TokenKind::Cwt), ("status-list-token.jwt", TokenKind::Jwt)] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let RevocationToken::StatusList(token) = recognise(&bytes).unwrap() else { panic!("{name}") };
        assert_eq!(token.kind(), kind);
        assert_eq!(token.issued_at(), utc_datetime!(2023-06-16 12:56:10));
        assert_eq!(token.expires().unwrap().unix_timestamp(), 2_291_720_170);
        assert_eq!(token.ttl().unwrap().whole_seconds(), 43_200);
        assert_eq!(token.key_id(), Some(b"12".as_slice()));
        let verified = token.verify(&check).unwrap();
        let values: Vec<u8> = (0..16).map(|index| verified.get(index).unwrap().number()).collect();
        assert_eq!(values, expected);
        assert_eq!(verified.get(16).unwrap_err().id(), "status-index-out-of-range");
        assert_eq!(verified.get(u64::MAX).unwrap_err().id(), "status-index-out-of-range");

        let wrong = TokenCheck { uri: "https://example.com/statuslists/1/", ..check };
        assert!(matches!(token.verify(&wrong), Err(StatusListError::SubjectMismatch { .. })));
        let late = TokenCheck { at: token.expires().unwrap(), ..check };
        assert!(matches!(token.verify(&late), Err(StatusListError::Expired(_))));
        let early = TokenCheck { at: utc_datetime!(2023-06-16 12:55:09), ..check };
        assert!(matches!(token.verify(&early), Err(StatusListError::NotYetValid(_))));
        let skewed = TokenCheck { at: utc_datetime!(2023-06-16 12:55:10), ..check };
        assert!(token.verify(&skewed).is_ok());
    }
}

#[test]
fn every_flipped_byte_of_a_token_is_refused_or_changes_nothing() {
    let Some(folder) = testdata("status-list") else { return };
    let key = key(&folder);
    let policy = TokenPolicy::interop().tolerating(TokenDeviation::CwtTag);
    let check =
        TokenCheck { uri: SUBJECT, trust: SignerTrust::Key(&key), at: NOW, policy: &policy, provider: rust_crypto() };
    for name in ["status-list-token.cwt", "status-list-token.jwt"] {
        let good = std::fs::read(folder.join(name)).unwrap();
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[position] ^= 1 << bit;
                let Ok(RevocationToken::StatusList(token)) = recognise(&bad) else { continue };
                if let Ok(verified) = token.verify(&check) {
                    assert_eq!(verified.expand().unwrap().as_bytes(), [0xb9, 0xa3], "{name} {position} {bit}");
                    assert_eq!(token.subject(), SUBJECT);
                    assert_eq!(token.expires().unwrap().unix_timestamp(), 2_291_720_170);
                }
            }
        }
    }
}

#[test]
fn a_token_of_another_kind_is_not_a_list() {
    let Some(folder) = testdata("status-list") else { return };
    let bytes = std::fs::read(folder.join("referenced-token.cwt")).unwrap();
    assert!(matches!(recognise(&bytes), Err(TokenError::WrongType { found: None })));
    assert!(StatusListToken::from_cwt(&bytes).is_err());
}
