//! How bytes and instants are written in the JSON files of this crate.

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use tegata_pki::{Hash, rust_crypto};

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    first_32(rust_crypto().digest(Hash::Sha256, message).as_bytes())
}

/// HKDF-SHA-256 with a secret input, a public salt and a label.
pub(crate) fn derive(secret: &[u8], salt: &[u8], label: &str) -> zeroize::Zeroizing<[u8; 32]> {
    rust_crypto().hkdf_sha256(secret, salt, label.as_bytes()).into()
}

/// An instant without its fraction of a second, so that it survives being written.
pub(crate) fn whole_seconds(instant: UtcDateTime) -> UtcDateTime {
    instant.truncate_to_second()
}

/// RFC 3339 with `Z`. Only years beyond 9999 cannot be written; they give an empty text, which no reader takes.
pub(crate) fn instant_text(instant: UtcDateTime) -> String {
    whole_seconds(instant).format(&Rfc3339).unwrap_or_default()
}

fn first_32(octets: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.iter_mut().zip(octets).for_each(|(slot, octet)| *slot = *octet);
    out
}

/// Serde: an instant as RFC 3339 text in UTC with whole seconds, `2026-11-21T09:00:00Z`, and in no other form.
pub(crate) mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use time::{UtcDateTime, format_description::well_known::Rfc3339};

    pub(crate) fn serialize<S: Serializer>(instant: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::instant_text(*instant))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let instant = UtcDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        if super::instant_text(instant) == text {
            Ok(instant)
        } else {
            Err(D::Error::custom("an instant must be in UTC, with whole seconds and Z"))
        }
    }
}

/// Serde: a fixed number of octets as lower-case hex.
pub(crate) mod hex_octets {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer, const N: usize>(octets: &[u8; N], ser: S) -> Result<S::Ok, S::Error> {
        ser.serialize_str(&hex::encode(octets))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(de: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(de)?;
        let mut octets = [0; N];
        hex::decode_to_slice(&text, &mut octets).map_err(D::Error::custom)?;
        if hex::encode(octets) == text { Ok(octets) } else { Err(D::Error::custom("hex must be in lower case")) }
    }
}

/// Serde: octets of any length as standard base64 with padding.
pub(crate) mod base64_octets {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(octets))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Serde: an Ed25519 signature as standard base64.
pub(crate) mod base64_signature {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(octets: &[u8; 64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(octets))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 64], D::Error> {
        let octets = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        octets.try_into().map_err(|_| D::Error::custom("a signature has 64 octets"))
    }
}

/// Serde: an Ed25519 public key as the standard base64 of its 32 octets.
pub(crate) mod ed25519_key {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
    use tegata_pki::{Curve, PublicKey};

    pub(crate) fn serialize<S: Serializer>(key: &PublicKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(key.sec1_or_raw()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
        let octets = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        PublicKey::from_sec1(Curve::Ed25519, &octets).map_err(D::Error::custom)
    }
}
