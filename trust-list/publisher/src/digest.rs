//! Digests that name things, and how they and times stand in files.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tegata_manifest::sha256;
use tegata_pki::{Certificate, PublicKey};

/// What a root *is*: the SHA-256 of the DER SubjectPublicKeyInfo of its certificate. Written in 64 hexadecimal digits.
///
/// `openssl x509 -in root.pem -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum` shows the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyDigest([u8; 32]);

/// A text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in 64 hexadecimal digits")]
pub struct NotDigest;

impl KeyDigest {
    /// Of a certificate's key, as it is encoded there.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        Self(sha256(certificate.spki_der()))
    }

    /// Of a key.
    #[must_use]
    pub fn of_key(key: &PublicKey) -> Self {
        Self(sha256(&key.to_spki_der()))
    }

    /// From its octets.
    #[must_use]
    pub const fn from_bytes(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyDigest({self})")
    }
}

impl FromStr for KeyDigest {
    type Err = NotDigest;

    fn from_str(text: &str) -> Result<Self, NotDigest> {
        let mut octets = [0; 32];
        hex::decode_to_slice(text, &mut octets).map_err(|_| NotDigest)?;
        Ok(Self(octets))
    }
}

impl TryFrom<String> for KeyDigest {
    type Error = NotDigest;

    fn try_from(text: String) -> Result<Self, NotDigest> {
        text.parse()
    }
}

impl From<KeyDigest> for String {
    fn from(digest: KeyDigest) -> Self {
        digest.to_string()
    }
}

/// [`time::UtcDateTime`] as RFC 3339 text, for serde.
pub(crate) mod instant {
    use serde::{Deserialize as _, Deserializer, Serializer, de, ser};
    use time::{UtcDateTime, format_description::well_known::Rfc3339};

    pub(crate) fn serialize<S: Serializer>(instant: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&instant.format(&Rfc3339).map_err(ser::Error::custom)?)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UtcDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        UtcDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)
    }

    /// The same for an optional one.
    pub(crate) mod option {
        use super::{Deserializer, Rfc3339, Serializer, UtcDateTime, de};
        use serde::Deserialize as _;

        pub(crate) fn serialize<S: Serializer>(
            instant: &Option<UtcDateTime>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match instant {
                Some(instant) => super::serialize(instant, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UtcDateTime>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| UtcDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)).transpose()
        }
    }
}
