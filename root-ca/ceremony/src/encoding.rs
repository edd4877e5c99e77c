//! How values are written into records and statements: canonical JSON, RFC 3339 times in whole seconds, lower-case hex.

use serde_json::Value;
use tegata_pki::{Hash, rust_crypto};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    rust_crypto().digest(Hash::Sha256, bytes).as_bytes().try_into().unwrap_or_default()
}

/// JSON with the keys of every object sorted by their bytes and no spaces (the form of RFC 8785 for what we write: strings,
/// integers, booleans, null).
pub(crate) fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_bytes());
            out.push('{');
            for (index, (key, item)) in sorted.into_iter().enumerate() {
                separate(index, out);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// The time without its fraction of a second.
pub(crate) fn whole_second(time: UtcDateTime) -> UtcDateTime {
    time.replace_nanosecond(0).unwrap_or(time)
}

/// `2026-11-21T09:30:00Z`.
pub(crate) fn stamp_text(time: UtcDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Times as RFC 3339 text, for serde.
pub(crate) mod stamp {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{Rfc3339, UtcDateTime, stamp_text};

    pub(crate) fn serialize<S: Serializer>(time: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&stamp_text(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = UtcDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        if stamp_text(time) == text {
            Ok(time)
        } else {
            Err(D::Error::custom("the time is written in whole seconds, UTC"))
        }
    }
}

/// Times as RFC 3339 text in UTC, fractions of seconds allowed; for reading only.
pub(crate) mod any_stamp {
    use serde::{Deserialize as _, Deserializer, de::Error as _};

    use super::{Rfc3339, UtcDateTime};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcDateTime, D::Error> {
        UtcDateTime::parse(&String::deserialize(deserializer)?, &Rfc3339).map_err(D::Error::custom)
    }
}

/// Octets of a fixed length as lower-case hex, for serde.
pub(crate) mod octets {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer, const N: usize>(octets: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(octets))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut octets = [0; N];
        hex::decode_to_slice(&text, &mut octets).map_err(D::Error::custom)?;
        if hex::encode(octets) == text { Ok(octets) } else { Err(D::Error::custom("hex is written in lower case")) }
    }
}

/// The same, or `null`.
pub(crate) mod maybe_octets {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Octets<const N: usize>(#[serde(with = "super::octets")] [u8; N]);

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        octets: &Option<[u8; N]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match octets {
            Some(octets) => super::octets::serialize(octets, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<Option<[u8; N]>, D::Error> {
        Ok(Option::<Octets<N>>::deserialize(deserializer)?.map(|octets| octets.0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({"b": [1, {"z": null, "a": "é\n\""}], "a": true});
        assert_eq!(canonical_json(&value), r#"{"a":true,"b":[1,{"a":"é\n\"","z":null}]}"#);
    }

    #[test]
    fn sha256_is_the_one_of_fips_180() {
        assert!(hex::encode(sha256(b"abc")).starts_with("ba7816bf8f01cfea414140de5dae2223"));
    }
}
