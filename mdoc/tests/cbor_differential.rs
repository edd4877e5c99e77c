//! `ciborium` as an independent second decoder and encoder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use ciborium::Value as Peer;
use proptest::prelude::*;
use tegata_mdoc::cbor::{Limits, Reader, Value, decode};

/// Any item both libraries can hold: `ciborium` has no `undefined` and no unassigned simple values, and reads tags 2 and 3
/// as integers.
fn value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Unsigned),
        any::<u64>().prop_map(Value::Negative),
        (0_u64..300).prop_map(Value::Unsigned),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::bytes),
        any::<String>().prop_map(Value::text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
        any::<f64>().prop_filter("NaN is not equal to itself", |value| !value.is_nan()).prop_map(Value::Float),
        any::<f32>().prop_filter("NaN", |value| !value.is_nan()).prop_map(|value| Value::Float(f64::from(value))),
        (-2048_i16..2048).prop_map(|value| Value::Float(f64::from(value) / 16.0)),
    ];
    leaf.prop_recursive(5, 80, 12, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..12).prop_map(Value::Array),
            proptest::collection::vec((inner.clone(), inner.clone()), 0..16).prop_map(without_duplicates),
            (any::<u64>().prop_filter("bignum", |tag| ![2, 3].contains(tag)), inner)
                .prop_map(|(tag, inner)| Value::Tag(tag, Box::new(inner))),
        ]
    })
}

fn without_duplicates(pairs: Vec<(Value<'static>, Value<'static>)>) -> Value<'static> {
    let mut seen = std::collections::HashSet::new();
    let mut pairs: Vec<_> = pairs.into_iter().filter(|(key, _)| seen.insert(key.to_bytes())).collect();
    pairs.sort_by_key(|(key, _)| key.to_bytes());
    Value::Map(pairs)
}

fn to_peer(value: &Value<'_>) -> Peer {
    match value {
        Value::Unsigned(value) => Peer::Integer((*value).into()),
        Value::Negative(n) => Peer::Integer((-1 - i128::from(*n)).try_into().unwrap()),
        Value::Bytes(bytes) => Peer::Bytes(bytes.to_vec()),
        Value::Text(text) => Peer::Text(text.to_string()),
        Value::Array(items) => Peer::Array(items.iter().map(to_peer).collect()),
        Value::Map(pairs) => Peer::Map(pairs.iter().map(|(key, value)| (to_peer(key), to_peer(value))).collect()),
        Value::Tag(number, item) => Peer::Tag(*number, Box::new(to_peer(item))),
        Value::Bool(value) => Peer::Bool(*value),
        Value::Null => Peer::Null,
        Value::Float(value) => Peer::Float(*value),
        other => panic!("not generated: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_peer_reads_what_we_write(value in value()) {
        let bytes = value.to_bytes();
        let read: Peer = ciborium::from_reader(bytes.as_slice()).unwrap();
        prop_assert_eq!(read, to_peer(&value));
    }

    #[test]
    fn we_read_what_the_peer_writes(value in value()) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&to_peer(&value), &mut bytes).unwrap();
        let (read, deviations) = decode::<Value<'_>>(&bytes).unwrap();
        prop_assert_eq!(read.value(), &value);
        prop_assert!(deviations.is_empty());
    }

    #[test]
    fn our_encoding_reads_back_and_is_a_fixed_point(value in value()) {
        let bytes = value.to_bytes();
        let (read, deviations) = decode::<Value<'_>>(&bytes).unwrap();
        prop_assert_eq!(read.value(), &value);
        prop_assert!(deviations.is_empty());
        prop_assert_eq!(read.value().to_bytes(), bytes);
    }

    #[test]
    fn random_bytes_are_judged_alike(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        let ours = decode::<Value<'_>>(&bytes).map(|(value, _)| value.into_value());
        let mut rest = bytes.as_slice();
        let peer: Result<Peer, _> = ciborium::from_reader(&mut rest);
        match (ours, peer) {
            (Ok(value), peer) if is_representable(&value) => {
                prop_assert!(peer.is_ok(), "{value:?} refused by the peer");
                prop_assert!(rest.is_empty());
            }
            // The peer keeps the last of duplicate keys, joins keys that come in chunks, takes simple values below 32 in two
            // bytes (not well-formed, RFC 8949 3.3), and leaves trailing bytes unread.
            (Err(error), Ok(_)) if rest.is_empty() => {
                let known = ["cbor-duplicate-key", "cbor-indefinite-string", "cbor-reserved-head"];
                prop_assert!(known.contains(&error.id()), "{error}");
                prop_assert!(error.id() != "cbor-reserved-head" || bytes.contains(&0xf8), "{error}");
            }
            _ => {}
        }
    }

    #[test]
    fn an_item_is_passed_over_to_where_others_end(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        let reader = || Reader::new(&bytes, Limits::DOCUMENT).unwrap();
        let passed = reader().pass_over().map(<[u8]>::len).ok();
        if let Ok(item) = reader().item() {
            prop_assert_eq!(passed, Some(item.len()));
        }
        let mut rest = bytes.as_slice();
        let peer: Result<Peer, _> = ciborium::from_reader(&mut rest);
        // The peer joins chunks within chunks, and takes simple values below 32 in two bytes.
        if peer.is_ok() && !bytes.iter().any(|byte| matches!(byte, 0x5f | 0x7f | 0xf8)) {
            prop_assert_eq!(passed, Some(bytes.len() - rest.len()));
        }
    }
}

/// False when the value holds what `ciborium::Value` cannot: simple values and bignums.
fn is_representable(value: &Value<'_>) -> bool {
    match value {
        Value::Undefined | Value::Simple(_) | Value::Tag(2 | 3, _) => false,
        Value::Array(items) => items.iter().all(is_representable),
        Value::Map(pairs) => pairs.iter().all(|(key, value)| is_representable(key) && is_representable(value)),
        Value::Tag(_, item) => is_representable(item),
        _ => true,
    }
}
