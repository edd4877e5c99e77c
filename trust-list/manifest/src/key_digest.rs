//! What an anchor is called.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use tegata_pki::{Certificate, PublicKey};

use crate::sha256;

/// What an anchor *is*: the SHA-256 of the DER SubjectPublicKeyInfo of its certificate, as it is encoded there (RFC 5280
/// 4.1.2.7). Names and key identifiers only help to find it. In text 64 hexadecimal digits, written in lower case.
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
    /// Of the key of `certificate`.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        Self(sha256(certificate.spki_der()))
    }

    /// Of a key, encoded with a named curve and an uncompressed point.
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
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn text_is_read_as_it_is_written() {
        let digest = KeyDigest::from_bytes([0xa5; 32]);
        assert_eq!(digest.to_string(), "a5".repeat(32));
        assert_eq!(digest.to_string().parse::<KeyDigest>().unwrap(), digest);
        for wrong in ["", "a5", &"a5".repeat(33), &"g".repeat(64)] {
            assert_eq!(wrong.parse::<KeyDigest>(), Err(NotDigest), "{wrong}");
        }
    }
}
