//! Any trust object: told by its content, shown as facts, checked with what is at hand.
//!
//! | kind | encoding | module |
//! |---|---|---|
//! | VICAL | COSE_Sign1 | [`crate::vical`] |
//! | list of trusted entities | JSON, compact JWS | [`crate::lote`] |
//! | Token Status List, identifier list | CWT, JWT | [`crate::token`] |
//! | CRL | DER, PEM | `tegata_pki::crl` |
//! | IACA, link certificate, other certificate | DER, PEM | `tegata_pki::certificate`, [`link`] |
//! | signed metadata of a Digital Trust Service | COSE_Sign (tag 98) | recognised here, verified by `tegata-manifest` |

mod check;
mod facts;
pub mod link;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
pub use check::{Cause, Given, GivenSigner, StatusAt, TrustReport, Verdict, check};
pub use facts::{Entry, Facts, NamedFinding, Number};
pub use link::{LinkDirection, LinkError, check_link};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tegata_mdoc::kind::{self, Kind};
use tegata_pki::{Certificate, CertificateError, Crl, CrlError, InspectedCrl, OwnedCrl};

use crate::lote::{Lote, LoteReadError};
use crate::token::cwt::listed_claim;
use crate::token::jwt::{bare_text, is_compact};
use crate::token::sealed::Content as _;
use crate::token::{RevocationToken, TokenError, TokenKind, recognise as recognise_token};
use crate::vical::{Vical, VicalReadError};
use crate::{
    IdentifierList, StatusList, StatusListToken,
    token::{DeviceKeyListToken, IdentifierListToken},
};

/// What a trust object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TrustObjectKind {
    /// A VICAL.
    Vical,
    /// A list of trusted entities, plain.
    LotePlain,
    /// A list of trusted entities in a JWS.
    LoteSigned,
    /// A Token Status List as CWT.
    StatusListCwt,
    /// A Token Status List as JWT.
    StatusListJwt,
    /// An identifier list (CWT).
    IdentifierList,
    /// A device-key list (CWT).
    DeviceKeyList,
    /// A certificate revocation list.
    Crl,
    /// A self-signed CA certificate: a root.
    Root,
    /// A CA certificate under another key: a link certificate, or a sub-CA, which have the same form.
    Link,
    /// A certificate of no CA.
    Certificate,
    /// Signed metadata of a Digital Trust Service.
    Metadata,
}

impl TrustObjectKind {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Vical => "vical",
            Self::LotePlain => "lote-json",
            Self::LoteSigned => "lote-jws",
            Self::StatusListCwt => "status-list-cwt",
            Self::StatusListJwt => "status-list-jwt",
            Self::IdentifierList => "identifier-list",
            Self::DeviceKeyList => "device-key-list",
            Self::Crl => "crl",
            Self::Root => "root-certificate",
            Self::Link => "link-certificate",
            Self::Certificate => "certificate",
            Self::Metadata => "metadata",
        }
    }
}

/// A trust object that was read, and is **not verified**.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustObject {
    /// A VICAL.
    Vical(Vical),
    /// A list of trusted entities.
    Lote(Lote),
    /// A Token Status List.
    StatusList(StatusListToken),
    /// An identifier list.
    IdentifierList(IdentifierListToken),
    /// A device-key list.
    DeviceKeyList(DeviceKeyListToken),
    /// A certificate revocation list.
    Crl(Box<OwnedCrl>),
    /// A certificate.
    Certificate(Certificate),
    /// Signed metadata of a Digital Trust Service: the bytes.
    Metadata(Vec<u8>),
}

/// Why bytes are not a trust object, or are one that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustObjectError {
    /// No kind of trust object.
    #[error("no trust object of any kind")]
    Unknown,
    /// A VICAL that cannot be read.
    #[error("{0}")]
    Vical(#[from] VicalReadError),
    /// A list of trusted entities that cannot be read.
    #[error("{0}")]
    Lote(#[from] LoteReadError),
    /// A revocation list token that cannot be read.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// A CRL that cannot be read, or that may not be used as one.
    #[error("{0}")]
    Crl(#[from] CrlError),
    /// A certificate that cannot be read, or more than one.
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    /// A PEM file with certificates and CRLs.
    #[error("the PEM file holds certificates and CRLs, which are checked one by one")]
    Several,
    /// An object that is whole and is plainly of this kind, and that nobody may use, whoever signed it: a delta CRL, a token
    /// without a signature, a list of another version.
    #[error("{text}")]
    Unusable {
        /// What it says, as far as it was read.
        facts: Box<Facts>,
        /// Stable id of the reason.
        id: &'static str,
        /// The reason.
        text: String,
    },
}

impl TrustObjectError {
    /// Stable id: that of the cause.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unknown => "trust-object-unknown",
            Self::Vical(error) => error.id(),
            Self::Lote(error) => error.id(),
            Self::Token(error) => error.id(),
            Self::Crl(error) => error.id(),
            Self::Certificate(error) => error.id(),
            Self::Several => "trust-object-several",
            Self::Unusable { id, .. } => id,
        }
    }
}

/// First bytes of tag 98: COSE_Sign (RFC 9052 4.1).
const TAG_COSE_SIGN: [u8; 2] = [0xd8, 98];
const PEM: &[u8] = b"-----BEGIN ";

/// Reads a trust object of any kind, told by its content and never by a name.
///
/// # Errors
/// [`TrustObjectError`].
pub fn recognise(bytes: &[u8]) -> Result<TrustObject, TrustObjectError> {
    let text = bare_text(bytes);
    if text.starts_with(PEM) || bytes.windows(PEM.len()).take(MAX_PREAMBLE).any(|window| window == PEM) {
        return of_pem(bytes);
    }
    match text.first() {
        Some(b'{') => of_json(text),
        Some(_) if text.starts_with(b"eyJ") || is_compact(text) => of_compact(text),
        // A SEQUENCE with a length of more than one octet; as CBOR it would be the integer -17 and then more.
        Some(0x30) if matches!(bytes, [0x30, 0x81..=0x84, ..]) => of_der(bytes),
        _ if bytes.starts_with(&TAG_COSE_SIGN) => Ok(TrustObject::Metadata(bytes.to_vec())),
        _ => of_cbor(bytes),
    }
}

/// How much text may stand before the first PEM block.
const MAX_PREAMBLE: usize = 4096;

fn of_pem(bytes: &[u8]) -> Result<TrustObject, TrustObjectError> {
    let has = |label: &str| bytes.windows(label.len()).any(|window| window == label.as_bytes());
    match (has("-----BEGIN CERTIFICATE-----"), has("-----BEGIN X509 CRL-----")) {
        (true, true) => Err(TrustObjectError::Several),
        (true, false) => Ok(TrustObject::Certificate(Certificate::from_pem(bytes)?)),
        (false, true) => match Crl::from_pem(bytes) {
            Ok(crl) => Ok(TrustObject::Crl(Box::new(crl))),
            Err(error) => Err(of_crl_error(error, InspectedCrl::from_pem(bytes))),
        },
        (false, false) => Err(TrustObjectError::Unknown),
    }
}

fn of_der(bytes: &[u8]) -> Result<TrustObject, TrustObjectError> {
    let certificate = match Certificate::from_der(bytes) {
        Ok(certificate) => return Ok(TrustObject::Certificate(certificate)),
        Err(error) => error,
    };
    match Crl::from_der(bytes) {
        Ok(crl) => Ok(TrustObject::Crl(Box::new(crl.into_owned()))),
        // Neither: which of the two it should have been is told by its version, or not at all.
        Err(error @ CrlError::Der(_)) if matches!(certificate, CertificateError::Der(_)) => match beginning(bytes) {
            Some([0xa0, 3, 2, 1, ..]) => Err(certificate.into()),
            Some([2, 1, 1, 0x30, ..]) => Err(error.into()),
            _ => Err(TrustObjectError::Unknown),
        },
        Err(CrlError::Der(_)) => Err(certificate.into()),
        Err(error) => Err(of_crl_error(error, InspectedCrl::from_der(bytes))),
    }
}

/// What is in the first of the SEQUENCEs in a SEQUENCE.
fn beginning(bytes: &[u8]) -> Option<&[u8]> {
    let inside = |bytes: &'_ [u8]| match bytes {
        [0x30, octets @ 0x81..=0x84, ..] => Some(2 + usize::from(octets & 0x7f)),
        [0x30, _, ..] => Some(2),
        _ => None,
    };
    let contents = bytes.get(inside(bytes)?..)?;
    contents.get(inside(contents)?..)
}

fn unusable(kind: TrustObjectKind, id: &'static str, reason: &impl ToString) -> TrustObjectError {
    TrustObjectError::Unusable { facts: Box::new(Facts::new(kind, "")), id, text: reason.to_string() }
}

/// `inspected` tells a list that may not be used from one that is damaged.
fn of_crl_error(error: CrlError, inspected: Result<InspectedCrl, CrlError>) -> TrustObjectError {
    match inspected {
        Ok(crl) => {
            let facts = Box::new(Facts::of_crl(&crl));
            TrustObjectError::Unusable { facts, id: error.id(), text: error.to_string() }
        }
        Err(_) => error.into(),
    }
}

fn of_vical_error(error: VicalReadError) -> TrustObjectError {
    match error {
        VicalReadError::AlgorithmNotProtected
        | VicalReadError::UnsupportedAlgorithm
        | VicalReadError::AmbiguousChain
        | VicalReadError::Version(_) => unusable(TrustObjectKind::Vical, error.id(), &error),
        damaged => damaged.into(),
    }
}

fn of_lote_error(kind: TrustObjectKind, error: LoteReadError) -> TrustObjectError {
    match error {
        LoteReadError::UnsupportedAlgorithm | LoteReadError::CriticalHeader | LoteReadError::Version(_) => {
            unusable(kind, error.id(), &error)
        }
        damaged => damaged.into(),
    }
}

fn of_token_error(kind: TrustObjectKind, error: TokenError) -> TrustObjectError {
    match error {
        TokenError::WrongType { .. }
        | TokenError::Deviation(_)
        | TokenError::AlgorithmNotProtected
        | TokenError::UnsupportedAlgorithm
        | TokenError::CriticalHeader
        | TokenError::AmbiguousChain
        | TokenError::MissingClaim(_)
        | TokenError::InvalidClaim(_) => unusable(kind, error.id(), &error),
        damaged => damaged.into(),
    }
}

/// The one member that tells a list of trusted entities from other JSON.
#[derive(Deserialize)]
struct HasList {
    #[serde(rename = "LoTE")]
    _list: IgnoredAny,
}

/// The one member that tells a status list from other JWTs.
#[derive(Deserialize)]
struct HasStatuses {
    #[serde(rename = "status_list")]
    _list: IgnoredAny,
}

fn of_json(text: &[u8]) -> Result<TrustObject, TrustObjectError> {
    if serde_json::from_slice::<HasList>(text).is_err() {
        return Err(TrustObjectError::Unknown);
    }
    Ok(TrustObject::Lote(Lote::from_json(text).map_err(|error| of_lote_error(TrustObjectKind::LotePlain, error))?))
}

fn of_compact(text: &[u8]) -> Result<TrustObject, TrustObjectError> {
    let payload = text.split(|octet| *octet == b'.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    if serde_json::from_slice::<HasList>(&payload).is_ok() {
        let list = Lote::read(text).map_err(|error| of_lote_error(TrustObjectKind::LoteSigned, error))?;
        return Ok(TrustObject::Lote(list));
    }
    // Other JWTs have no status list.
    of_token(text, serde_json::from_slice::<HasStatuses>(&payload).is_ok().then_some(TrustObjectKind::StatusListJwt))
}

fn of_cbor(bytes: &[u8]) -> Result<TrustObject, TrustObjectError> {
    match kind::recognise(bytes) {
        Kind::Vical => Ok(TrustObject::Vical(Vical::from_cbor(bytes).map_err(of_vical_error)?)),
        Kind::StatusListToken => of_token(bytes, Some(TrustObjectKind::StatusListCwt)),
        Kind::IdentifierListToken => of_token(bytes, Some(TrustObjectKind::IdentifierList)),
        Kind::DeviceKeyListToken => of_token(bytes, Some(TrustObjectKind::DeviceKeyList)),
        // A token whose type says something else, or nothing.
        _ => match listed_claim(bytes) {
            Some(StatusList::CWT_CLAIM) => of_token(bytes, Some(TrustObjectKind::StatusListCwt)),
            Some(IdentifierList::CWT_CLAIM) => of_token(bytes, Some(TrustObjectKind::IdentifierList)),
            _ => Err(TrustObjectError::Unknown),
        },
    }
}

/// Reads a token that is of `kind` by what it carries.
fn of_token(bytes: &[u8], kind: Option<TrustObjectKind>) -> Result<TrustObject, TrustObjectError> {
    match recognise_token(bytes) {
        Ok(RevocationToken::StatusList(token)) => Ok(TrustObject::StatusList(token)),
        Ok(RevocationToken::IdentifierList(token)) => Ok(TrustObject::IdentifierList(token)),
        Ok(RevocationToken::DeviceKeyList(token)) => Ok(TrustObject::DeviceKeyList(token)),
        Err(TokenError::JwtShape) => Err(TrustObjectError::Unknown),
        Err(error) => match kind {
            Some(kind) => Err(of_token_error(kind, error)),
            None if matches!(error, TokenError::WrongType { .. }) => Err(TrustObjectError::Unknown),
            None => Err(error.into()),
        },
    }
}

impl TrustObject {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> TrustObjectKind {
        match self {
            Self::Vical(_) => TrustObjectKind::Vical,
            Self::Lote(lote) if lote.is_signed() => TrustObjectKind::LoteSigned,
            Self::Lote(_) => TrustObjectKind::LotePlain,
            Self::StatusList(token) => match token.kind() {
                TokenKind::Cwt => TrustObjectKind::StatusListCwt,
                TokenKind::Jwt => TrustObjectKind::StatusListJwt,
            },
            Self::IdentifierList(_) => TrustObjectKind::IdentifierList,
            Self::DeviceKeyList(_) => TrustObjectKind::DeviceKeyList,
            Self::Crl(_) => TrustObjectKind::Crl,
            Self::Certificate(certificate) => kind_of(certificate),
            Self::Metadata(_) => TrustObjectKind::Metadata,
        }
    }
}

/// Root, link or neither. A link under the same name is self-issued like a root, but names another key as its issuer's.
fn kind_of(certificate: &Certificate) -> TrustObjectKind {
    let ca = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
    let own = certificate.subject_key_identifier();
    let names_another = certificate.authority_key_identifier().is_some_and(|authority| Some(authority) != own);
    match (ca, certificate.is_self_issued() && !names_another) {
        (true, true) => TrustObjectKind::Root,
        (true, false) => TrustObjectKind::Link,
        (false, _) => TrustObjectKind::Certificate,
    }
}
