//! What a file is, told by its path and its content together.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tegata_pki::{Certificate, Crl, Name};
use tegata_trust_list::token::{RevocationToken, Token, TokenKind, recognise};
use time::{Duration, UtcDateTime, format_description::well_known::Rfc3339};

use super::cose::{self, Metadata, Role};
use super::error::{ContentError, Expected};

/// What a served object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A certificate, DER.
    Certificate,
    /// A certificate revocation list, DER.
    Crl,
    /// Signed metadata of the publication.
    Metadata,
    /// A revocation list token or another signed list.
    List,
    /// Anything else.
    Other,
}

impl Kind {
    /// A stable name, used as a label of metrics.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Crl => "crl",
            Self::Metadata => "metadata",
            Self::List => "list",
            Self::Other => "other",
        }
    }
}

/// What was found in a file.
#[derive(Debug)]
pub(crate) struct Inspected {
    pub(crate) kind: Kind,
    pub(crate) media_type: &'static str,
    /// The moment after which no cache may serve it as fresh.
    pub(crate) expires: Option<UtcDateTime>,
    /// How long a copy should be used before asking again (`ttl` of a token).
    pub(crate) ttl: Option<Duration>,
    pub(crate) detail: Detail,
}

/// What the rest of the server wants to know about some kinds.
#[derive(Clone, Debug)]
pub(crate) enum Detail {
    None,
    Certificate(Certificate),
    Crl(CrlFacts),
    Metadata(Metadata),
}

/// The names that a CRL is found by.
#[derive(Clone, Debug)]
pub(crate) struct CrlFacts {
    pub(crate) issuer: Name,
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
}

/// Looks at a file.
///
/// # Errors
/// [`ContentError::Malformed`] when it is not what its path promises.
pub(crate) fn inspect(path: &str, bytes: &[u8]) -> Result<Inspected, ContentError> {
    let promised = promise(path);
    let found = match promised {
        Some(Expected::Certificate) => certificate(bytes),
        Some(Expected::Crl) => crl(bytes),
        Some(Expected::Metadata(role)) => metadata(bytes)
            .filter(|found| matches!(&found.detail, Detail::Metadata(metadata) if metadata.role.id() == role)),
        Some(Expected::Token) => token(bytes),
        None if path.starts_with("/o/") => Some(any(bytes)),
        None => Some(named(path, bytes)),
    };
    match (found, promised) {
        (Some(found), _) => Ok(found),
        (None, expected) => {
            let expected = expected.unwrap_or(Expected::Token);
            Err(ContentError::Malformed { path: path.to_owned(), expected })
        }
    }
}

/// What the layout of a publication says about a path.
fn promise(path: &str) -> Option<Expected> {
    let (folder, name) = path.rsplit_once('/')?;
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match (folder, extension) {
        ("/iaca" | "/link", Some("cer")) => Some(Expected::Certificate),
        ("/crl", Some("crl")) => Some(Expected::Crl),
        ("/v1", Some("cbor")) if name == "pointer.cbor" => Some(Expected::Metadata("pointer")),
        ("/v1/root", Some("cbor")) => Some(Expected::Metadata("root")),
        ("/v1/snapshot", Some("cbor")) => Some(Expected::Metadata("snapshot")),
        ("/v1/list", Some("cbor")) => Some(Expected::Metadata("list")),
        ("/status", Some("cwt" | "jwt")) => Some(Expected::Token),
        _ => None,
    }
}

impl Role {
    fn id(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::List { .. } => "list",
            Self::Snapshot { .. } => "snapshot",
            Self::Pointer { .. } => "pointer",
        }
    }
}

fn certificate(der: &[u8]) -> Option<Inspected> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(Inspected {
        kind: Kind::Certificate,
        media_type: "application/pkix-cert",
        expires: Some(certificate.not_after()),
        ttl: None,
        detail: Detail::Certificate(certificate),
    })
}

fn crl(der: &[u8]) -> Option<Inspected> {
    let crl = Crl::from_der(der).ok()?;
    let facts = CrlFacts {
        issuer: crl.issuer().clone(),
        authority_key_identifier: crl.authority_key_identifier().map(<[u8]>::to_vec),
    };
    Some(Inspected {
        kind: Kind::Crl,
        media_type: "application/pkix-crl",
        // The profile asks for nextUpdate. A list without one must not be kept at all.
        expires: Some(crl.next_update().unwrap_or_else(|| crl.this_update())),
        ttl: None,
        detail: Detail::Crl(facts),
    })
}

fn metadata(bytes: &[u8]) -> Option<Inspected> {
    let metadata = cose::metadata(bytes)?;
    Some(Inspected {
        kind: Kind::Metadata,
        media_type: "application/cbor",
        expires: Some(metadata.expires),
        ttl: None,
        detail: Detail::Metadata(metadata),
    })
}

fn token(bytes: &[u8]) -> Option<Inspected> {
    let (media_type, expires, ttl) = match recognise(bytes).ok()? {
        RevocationToken::StatusList(token) => {
            let media_type = match token.kind() {
                TokenKind::Jwt => "application/statuslist+jwt",
                TokenKind::Cwt => "application/statuslist+cwt",
            };
            (media_type, token_end(&token), token.ttl())
        }
        RevocationToken::IdentifierList(token) => ("application/identifierlist+cwt", token_end(&token), token.ttl()),
        _ => return None,
    };
    Some(Inspected { ttl, ..list(media_type, Some(expires)) })
}

/// `exp`; without one a token is fresh for its `ttl` after `iat`, or not at all.
fn token_end<L>(token: &Token<L>) -> UtcDateTime {
    token.expires().unwrap_or_else(|| token.issued_at() + token.ttl().unwrap_or_default())
}

fn list(media_type: &'static str, expires: Option<UtcDateTime>) -> Inspected {
    Inspected { kind: Kind::List, media_type, expires, ttl: None, detail: Detail::None }
}

/// An object that is named by its digest.
fn any(bytes: &[u8]) -> Inspected {
    let recognised = certificate(bytes).or_else(|| crl(bytes)).or_else(|| metadata(bytes)).or_else(|| token(bytes));
    recognised.unwrap_or_else(|| match cose::expiry(bytes) {
        Some(expires) => list("application/cbor", Some(expires)),
        None => other("application/octet-stream"),
    })
}

/// A file about which only its name says something.
fn named(path: &str, bytes: &[u8]) -> Inspected {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => other("text/html; charset=utf-8"),
        Some("json") => other("application/json"),
        Some("txt") => other("text/plain; charset=utf-8"),
        Some("css") => other("text/css; charset=utf-8"),
        Some("svg") => other("image/svg+xml"),
        Some("cer") => certificate(bytes).unwrap_or_else(|| other("application/octet-stream")),
        Some("crl") => crl(bytes).unwrap_or_else(|| other("application/octet-stream")),
        Some("cbor") => list("application/cbor", cose::expiry(bytes)),
        Some("cwt") => list("application/cwt", cose::expiry(bytes)),
        Some("jws") => list("application/jose", jws_expiry(bytes)),
        _ => other("application/octet-stream"),
    }
}

fn other(media_type: &'static str) -> Inspected {
    Inspected { kind: Kind::Other, media_type, expires: None, ttl: None, detail: Detail::None }
}

/// `nextUpdate` of a list of trusted entities (ETSI TS 119 602), wherever in the scheme information it stands.
fn jws_expiry(bytes: &[u8]) -> Option<UtcDateTime> {
    let payload = bytes.split(|byte| *byte == b'.').nth(1)?;
    let payload: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    next_update(&payload, 4)
}

fn next_update(value: &serde_json::Value, depth: u8) -> Option<UtcDateTime> {
    let map = value.as_object()?;
    let stated = map.iter().find(|(name, _)| name.eq_ignore_ascii_case("nextUpdate"));
    if let Some(text) = stated.and_then(|(_, value)| value.as_str()) {
        return UtcDateTime::parse(text, &Rfc3339).ok();
    }
    let below = depth.checked_sub(1)?;
    map.values().find_map(|value| next_update(value, below))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn a_path_promises_a_kind() {
        for path in ["/iaca/00.cer", "/crl/00.crl", "/v1/pointer.cbor", "/v1/list/1.cbor", "/status/1.cwt"] {
            let error = inspect(path, b"<html>sign in to the hotel network</html>").unwrap_err();
            assert_eq!(error.id(), "content-malformed", "{path}");
        }
        assert_eq!(inspect("/iacas.json", b"[]").unwrap().media_type, "application/json");
        assert_eq!(inspect("/o/00", b"[]").unwrap().media_type, "application/octet-stream");
    }

    #[test]
    fn a_list_of_trusted_entities_ends_with_its_next_update() {
        let payload = br#"{"LoTE":{"ListAndSchemeInformation":{"NextUpdate":"2026-12-01T00:00:00Z"}}}"#;
        let jws = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        let found = inspect("/lote/latest.jws", jws.as_bytes()).unwrap();
        assert_eq!(found.media_type, "application/jose");
        assert_eq!(found.expires, Some(utc_datetime!(2026-12-01 0:00)));
    }
}
