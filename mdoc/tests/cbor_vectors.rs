//! RFC 8949 Appendix A decodes to the printed values; everything the RFC calls not well-formed is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{hex_of, testdata_json};
use serde_json::Value as Json;
use tegata_mdoc::Deviation;
use tegata_mdoc::cbor::{Value, decode, diagnostic};

#[test]
fn appendix_a_decodes_to_the_printed_values() {
    let Some(vectors) = testdata_json("cbor/appendix_a.json") else { return };
    let mut checked = 0;
    for vector in vectors.as_array().unwrap() {
        let bytes = hex_of(&vector["hex"]);
        // RFC 7049 listed simple(24) in two bytes; RFC 8949 3.3 declares it not well-formed.
        if bytes == [0xf8, 0x18] {
            assert!(decode::<Value<'_>>(&bytes).is_err());
            continue;
        }
        let (value, deviations) = decode::<Value<'_>>(&bytes).unwrap_or_else(|e| panic!("{}: {e}", vector["hex"]));
        if let Some(expected) = vector.get("decoded") {
            assert!(equals(value.value(), expected), "{}: {:?} is not {expected}", vector["hex"], value.value());
        }
        if vector["roundtrip"] == Json::Bool(true) {
            assert_eq!(hex::encode(value.value().to_bytes()), vector["hex"].as_str().unwrap());
            assert!(deviations.is_empty(), "{}", vector["hex"]);
            if let Some(expected) = vector.get("diagnostic").and_then(Json::as_str) {
                // Ours opens what is embedded.
                let expected = if expected == "24(h'6449455446')" { "24(<< \"IETF\" >>)" } else { expected };
                assert_eq!(without_blanks(&diagnostic(value.value())), without_blanks(expected));
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 81);
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

/// True when `value` is what the JSON of the vectors can say about it.
fn equals(value: &Value<'_>, expected: &Json) -> bool {
    match value {
        Value::Unsigned(value) => expected.as_u64() == Some(*value),
        Value::Negative(n) => expected.as_f64() == Some((-1 - i128::from(*n)) as f64),
        Value::Text(text) => expected.as_str() == Some(text),
        Value::Bool(value) => expected.as_bool() == Some(*value),
        Value::Null => expected.is_null(),
        // The JSON parser may be off by one unit in the last place; the round trip compares the bits.
        Value::Float(value) => {
            expected.as_f64().is_some_and(|expected| (expected - value).abs() <= value.abs() * f64::EPSILON)
        }
        // Bignums: the JSON parser rounds them, their bytes are compared by the round trip.
        Value::Tag(2 | 3, _) => expected.is_number(),
        Value::Array(items) => expected.as_array().is_some_and(|expected| {
            items.len() == expected.len() && items.iter().zip(expected).all(|(item, expected)| equals(item, expected))
        }),
        Value::Map(pairs) => expected.as_object().is_some_and(|expected| {
            pairs.len() == expected.len()
                && pairs.iter().all(|(key, value)| equals(value, &expected[key.as_text().unwrap()]))
        }),
        _ => false,
    }
}

#[test]
fn not_well_formed_data_is_refused() {
    for file in ["cbor/fail.json", "cbor/rfc8949-appendix-f.json"] {
        let Some(vectors) = testdata_json(file) else { return };
        for vector in vectors.as_array().unwrap() {
            let bytes = hex_of(&vector["hex"]);
            assert!(decode::<Value<'_>>(&bytes).is_err(), "{file}: {}", vector["hex"]);
        }
    }
}

#[test]
fn long_heads_and_indefinite_lengths_are_noted() {
    for (hex, deviation) in [
        ("1817", Deviation::LongHead),
        ("190001", Deviation::LongHead),
        ("580100", Deviation::LongHead),
        ("d90018f6", Deviation::LongHead),
        ("9fff", Deviation::IndefiniteLength),
        ("bfff", Deviation::IndefiniteLength),
        ("5f4101ff", Deviation::IndefiniteLength),
        ("7f6161ff", Deviation::IndefiniteLength),
    ] {
        let bytes = hex::decode(hex).unwrap();
        let (_, deviations) = decode::<Value<'_>>(&bytes).unwrap();
        assert_eq!(deviations.iter().collect::<Vec<_>>(), [deviation], "{hex}");
    }
}
