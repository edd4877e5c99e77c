//! Reading a JWT (RFC 7519, RFC 7515) with a status list.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tegata_pki::{CoseAlgorithm, Curve};

use super::claims::ClaimsFound;
use super::{Envelope, MAX_TOKEN_BYTES, Parts, StatusListToken, Token, TokenDeviation, TokenError, TokenKind};
use crate::{Bits, StatusList};

/// `typ` of a Status List Token.
pub(super) const TYPE: &str = "statuslist+jwt";
const MEDIA_TYPE: &str = "application/statuslist+jwt";

/// The JOSE signature algorithms we accept, with the fully-specified COSE number of the same computation: in JOSE,
/// unlike COSE, `ES256` is bound to P-256 (RFC 7518 3.4, RFC 8037 3.1, RFC 9864 2.2).
const ALGORITHMS: [(&str, i64, Curve); 5] = [
    ("ES256", -9, Curve::P256),
    ("ES384", -51, Curve::P384),
    ("ES512", -52, Curve::P521),
    ("EdDSA", -19, Curve::Ed25519),
    ("Ed25519", -19, Curve::Ed25519),
];

/// The name to write for a key on `curve`.
pub(crate) fn algorithm_name(curve: Curve) -> Option<&'static str> {
    ALGORITHMS.iter().find(|(_, _, of)| *of == curve).map(|(name, ..)| *name)
}

/// The algorithm of a name; `None` for `none`, for MACs and for what we do not know.
pub(crate) fn algorithm(name: &str) -> Option<CoseAlgorithm> {
    let (_, number, _) = ALGORITHMS.iter().find(|(known, ..)| *known == name)?;
    CoseAlgorithm::from_number(*number)
}

/// The members we look at. A repeated member is an error; others are let through, as RFC 7515 4 wants.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    x5c: Option<Vec<String>>,
    #[serde(rename = "x5t#S256")]
    x5t_sha256: Option<String>,
    crit: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Payload {
    sub: Option<String>,
    iat: Option<f64>,
    nbf: Option<f64>,
    exp: Option<f64>,
    ttl: Option<u64>,
    status_list: Option<List>,
}

#[derive(Deserialize)]
struct List {
    bits: u64,
    lst: String,
    aggregation_uri: Option<String>,
}

impl StatusListToken {
    /// Reads a JWT: `base64url(header) . base64url(payload) . base64url(signature)`, header
    /// `{"alg", "typ": "statuslist+jwt", ? "kid", ? "x5c"}`, payload
    /// `{"sub", "iat", ? "exp", ? "ttl", "status_list": {"bits", "lst", ? "aggregation_uri"}}`.
    ///
    /// draft-ietf-oauth-status-list 5.1. A key in the header (`jwk`, `jku`, `x5u`) is noted and ignored.
    ///
    /// # Errors
    /// [`TokenError`]; `alg` `none` and MACs are [`TokenError::UnsupportedAlgorithm`], any `crit` is refused.
    pub fn from_jwt(text: &str) -> Result<Self, TokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong { found: text.len() });
        }
        let (message, signature) = text.rsplit_once('.').ok_or(TokenError::JwtShape)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::JwtShape)?;
        let header: Header = json("header", &base64url("header", header)?)?;
        let payload: Payload = json("payload", &base64url("payload", payload)?)?;
        check_type(header.typ.as_deref())?;
        if header.crit.is_some() {
            return Err(TokenError::CriticalHeader);
        }
        let mut deviations = vec![TokenDeviation::JsonToken];
        if header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() {
            deviations.push(TokenDeviation::KeyInHeader);
        }
        if payload.exp.is_none() {
            deviations.push(TokenDeviation::NoExpiry);
        }
        let list = payload.status_list.ok_or(TokenError::MissingClaim("status_list"))?;
        let content = StatusList {
            bits: Bits::from_number(list.bits).ok_or(TokenError::InvalidClaim("bits"))?,
            compressed: base64url("lst", &list.lst)?,
            aggregation_uri: list.aggregation_uri,
        };
        let claims = ClaimsFound {
            subject: payload.sub,
            issued_at: payload.iat,
            not_before: payload.nbf,
            expires: payload.exp,
            ttl: payload.ttl,
        }
        .complete()?;
        let chain = header.x5c.unwrap_or_default().into_iter().map(|certificate| STANDARD.decode(certificate));
        let envelope = Envelope {
            kind: TokenKind::Jwt,
            algorithm: algorithm(&header.alg).ok_or(TokenError::UnsupportedAlgorithm)?,
            key_id: header.kid.map(String::into_bytes),
            chain: chain.collect::<Result<_, _>>().map_err(|_| TokenError::Base64("x5c"))?,
            thumbprint: header.x5t_sha256.map(|hash| base64url("x5t#S256", &hash)).transpose()?,
            message: message.as_bytes().to_vec(),
            signature: base64url("signature", signature)?,
        };
        deviations.sort_unstable();
        Ok(Token(Arc::new(Parts { envelope, claims, content, deviations, signed_by: OnceLock::new() })))
    }
}

fn check_type(found: Option<&str>) -> Result<(), TokenError> {
    match found {
        // RFC 7515 4.1.9: both are the same media type.
        Some(found) if found.eq_ignore_ascii_case(TYPE) || found.eq_ignore_ascii_case(MEDIA_TYPE) => Ok(()),
        found => Err(TokenError::WrongType { found: found.map(str::to_owned) }),
    }
}

/// Whether `text` is a JWS in compact serialisation by its form (RFC 7515 7.1): three parts in base64url, of which the first
/// is a JSON object. How the object begins is free, so that the usual `eyJ` is no sign.
pub(crate) fn is_compact(text: &[u8]) -> bool {
    let alphabet = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    let mut parts = text.split(|octet| *octet == b'.');
    let header = parts.next().unwrap_or_default();
    parts.count() == 2
        && text.iter().all(alphabet)
        && URL_SAFE_NO_PAD.decode(header).is_ok_and(|header| header.trim_ascii_start().starts_with(b"{"))
}

/// Text without what editors put around it: a byte order mark, white space.
pub(crate) fn bare_text(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii()
}

fn base64url(part: &'static str, text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Base64(part))
}

fn json<'a, T: Deserialize<'a>>(part: &'static str, bytes: &'a [u8]) -> Result<T, TokenError> {
    serde_json::from_slice(bytes).map_err(|error| TokenError::Json { part, column: error.column() })
}
