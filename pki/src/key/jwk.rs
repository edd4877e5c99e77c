//! JSON Web Keys (RFC 7517) of EC (RFC 7518 6.2) and OKP (RFC 8037) kind, and their thumbprint (RFC 7638).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KeyError, PublicKey};
use crate::algorithm::Curve;

/// The members we look at. A repeated member is an error of the decoder; others (`use`, `kid`, …) are let through.
#[derive(Deserialize)]
struct Members {
    kty: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<Zeroizing<String>>,
    p: Option<serde::de::IgnoredAny>,
    q: Option<serde::de::IgnoredAny>,
    dp: Option<serde::de::IgnoredAny>,
    dq: Option<serde::de::IgnoredAny>,
    qi: Option<serde::de::IgnoredAny>,
    oth: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

impl PublicKey {
    /// Reads a public JWK.
    ///
    /// # Errors
    /// [`KeyError::PrivateMember`] names the first private member found: a private key given where a public one is
    /// asked for is a leak that its owner should hear of.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        let members = parse(json)?;
        let private = [
            ("d", members.d.is_some()),
            ("k", members.k.is_some()),
            ("p", members.p.is_some()),
            ("q", members.q.is_some()),
            ("dp", members.dp.is_some()),
            ("dq", members.dq.is_some()),
            ("qi", members.qi.is_some()),
            ("oth", members.oth.is_some()),
        ];
        match private.into_iter().find(|(_, present)| *present) {
            Some((name, _)) => Err(KeyError::PrivateMember(name)),
            None => public(&members),
        }
    }

    /// Writes the public JWK: the members RFC 7638 3.2 requires, in lexicographic order and without white space.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        let crv = self.curve().jose_name();
        let x = URL_SAFE_NO_PAD.encode(self.x());
        match self.y() {
            Some(y) => {
                let y = URL_SAFE_NO_PAD.encode(y);
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            None => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        }
    }

    /// The SHA-256 thumbprint of RFC 7638, to be written in base64url without padding.
    #[must_use]
    pub fn jwk_thumbprint(&self) -> [u8; 32] {
        Sha256::digest(self.to_jwk().as_bytes()).into()
    }
}

/// Reads a private JWK: the public key it states and the octets of `d`.
pub(crate) fn private(json: &str) -> Result<(PublicKey, Zeroizing<Vec<u8>>), KeyError> {
    let members = parse(json)?;
    let key = public(&members)?;
    let d = members.d.as_ref().ok_or(KeyError::JwkMember("d"))?;
    let octets = URL_SAFE_NO_PAD.decode(d.as_bytes()).map(Zeroizing::new);
    let octets = octets.map_err(|_| KeyError::JwkMember("d"))?;
    Ok((key, octets))
}

fn parse(json: &str) -> Result<Members, KeyError> {
    serde_json::from_str(json).map_err(|_| KeyError::Malformed)
}

fn public(members: &Members) -> Result<PublicKey, KeyError> {
    let kty = members.kty.as_deref().ok_or(KeyError::JwkMember("kty"))?;
    if !matches!(kty, "EC" | "OKP") {
        return Err(KeyError::UnsupportedAlgorithm(kty.into()));
    }
    let crv = members.crv.as_deref().ok_or(KeyError::JwkMember("crv"))?;
    let curve = Curve::from_jose_name(crv).ok_or_else(|| KeyError::UnsupportedAlgorithm(crv.into()))?;
    if (kty == "EC") != curve.is_weierstrass() {
        return Err(KeyError::JwkMember("kty"));
    }
    let octets = |name: &'static str, value: &Option<String>| {
        let text = value.as_ref().ok_or(KeyError::JwkMember(name))?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::JwkMember(name))
    };
    let x = octets("x", &members.x)?;
    if curve.is_weierstrass() {
        PublicKey::from_coordinates(curve, &x, Some(&octets("y", &members.y)?))
    } else {
        PublicKey::from_coordinates(curve, &x, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 A.2 and A.3.
    const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn thumbprint_of_rfc_8037() {
        let key = PublicKey::from_jwk(OKP).unwrap();
        let thumbprint = URL_SAFE_NO_PAD.encode(key.jwk_thumbprint());
        assert_eq!(thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(PublicKey::from_jwk(&key.to_jwk()).unwrap(), key);
    }

    #[test]
    fn a_private_member_is_named() {
        let json = OKP.replace("}", r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#);
        assert_eq!(PublicKey::from_jwk(&json), Err(KeyError::PrivateMember("d")));
    }

    #[test]
    fn bad_members_are_named() {
        let wrong = [
            (OKP.replace("Ed25519", "secp256k1"), "key-unsupported-algorithm"),
            (OKP.replace("OKP", "EC"), "key-jwk-member"),
            (OKP.replace(r#""x""#, r#""z""#), "key-jwk-member"),
            (OKP.replace("11qY", ""), "key-length"),
            (OKP.replace("}", r#","x":"AA"}"#), "key-malformed"),
            ("[]".to_owned(), "key-malformed"),
        ];
        for (json, id) in wrong {
            assert_eq!(PublicKey::from_jwk(&json).unwrap_err().id(), id, "{json}");
        }
    }
}
