//! What a file holds, told from its content: the kinds of `tegata_mdoc::kind`, and those that are not CBOR.

use tegata_mdoc::kind::{Kind, recognise as recognise_cbor};
use tegata_pki::{Certificate, CertificationRequest, InspectedCrl, PublicKey};
use tegata_terminal::Lang;

use crate::input::Input;
use crate::message::show as text;

/// The kinds of file that this program tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// CBOR (or an NFC handover message).
    Cbor(Kind),
    Certificate,
    Crl,
    /// PKCS #10.
    CertificationRequest,
    PublicKey,
    PrivateKey,
    Jwk,
    StatusListJwt,
    Jwt,
    /// JSON naming the inputs of a session transcript.
    TransportInputs,
    OtherJson,
    EngagementUri,
    OtherPem,
    OtherDer,
    /// DER and then more.
    OverlongDer,
    WebPage,
    /// Hexadecimal digits, of which the bytes should be in the file.
    Hex,
    /// The same in base64.
    Base64,
    OtherText,
}

impl FileKind {
    /// What the file is called in a sentence.
    pub(crate) fn name(self, lang: Lang) -> String {
        match self {
            Self::Cbor(Kind::Unknown) => text::kind_unknown(lang),
            Self::Cbor(kind) => kind.to_string(),
            Self::Certificate => text::kind_certificate(lang),
            Self::Crl => text::kind_crl(lang),
            Self::CertificationRequest => text::kind_csr(lang),
            Self::PublicKey => text::kind_public_key(lang),
            Self::PrivateKey => text::kind_private_key(lang),
            Self::Jwk => text::kind_jwk(lang),
            Self::StatusListJwt => text::kind_status_list_jwt(lang),
            Self::Jwt => text::kind_jwt(lang),
            Self::TransportInputs => text::kind_transport_inputs(lang),
            Self::OtherJson => text::kind_json(lang),
            Self::EngagementUri => text::kind_engagement_uri(lang),
            Self::OtherPem => text::kind_pem(lang),
            Self::OtherDer => text::kind_der(lang),
            Self::OverlongDer => text::kind_overlong_der(lang),
            Self::WebPage => text::kind_web_page(lang),
            Self::Hex => text::kind_hex(lang),
            Self::Base64 => text::kind_base64(lang),
            Self::OtherText => text::kind_text(lang),
        }
    }

    /// The stable id.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Cbor(kind) => kind.id(),
            Self::Certificate => "certificate",
            Self::Crl => "crl",
            Self::CertificationRequest => "certification-request",
            Self::PublicKey => "public-key",
            Self::PrivateKey => "private-key",
            Self::Jwk => "jwk",
            Self::StatusListJwt => "status-list-token-jwt",
            Self::Jwt => "jwt",
            Self::TransportInputs => "transport-inputs",
            Self::OtherJson => "json",
            Self::EngagementUri => "engagement-uri",
            Self::OtherPem => "pem",
            Self::OtherDer => "der",
            Self::OverlongDer => "der-overlong",
            Self::WebPage => "web-page",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::OtherText => "text",
        }
    }
}

/// What `input` holds.
pub(crate) fn recognise(input: &Input) -> FileKind {
    if input.is_pem() {
        return of_pem(&input.bytes);
    }
    if let Some(kind) = of_der(&input.bytes) {
        return kind;
    }
    match recognise_cbor(&input.bytes) {
        Kind::Unknown | Kind::OtherCbor => {}
        kind => return FileKind::Cbor(kind),
    }
    match input.text().map(str::trim) {
        Some(text) if is_readable(text) => of_text(text),
        _ => FileKind::Cbor(recognise_cbor(&input.bytes)),
    }
}

fn of_pem(bytes: &[u8]) -> FileKind {
    let text = String::from_utf8_lossy(bytes);
    let has = |label: &str| text.contains(&format!("-----BEGIN {label}-----"));
    if has("CERTIFICATE") {
        FileKind::Certificate
    } else if has("X509 CRL") {
        FileKind::Crl
    } else if has("CERTIFICATE REQUEST") || has("NEW CERTIFICATE REQUEST") {
        FileKind::CertificationRequest
    } else if has("PUBLIC KEY") {
        FileKind::PublicKey
    } else if has("PRIVATE KEY") || has("EC PRIVATE KEY") || has("ENCRYPTED PRIVATE KEY") {
        FileKind::PrivateKey
    } else {
        FileKind::OtherPem
    }
}

fn of_der(bytes: &[u8]) -> Option<FileKind> {
    if Certificate::from_der(bytes).is_ok() {
        Some(FileKind::Certificate)
    } else if InspectedCrl::from_der(bytes).is_ok() {
        Some(FileKind::Crl)
    } else if CertificationRequest::from_der(bytes).is_ok() {
        Some(FileKind::CertificationRequest)
    } else if PublicKey::from_spki_der(bytes).is_ok() {
        Some(FileKind::PublicKey)
    } else {
        // SEQUENCE with a long-form length; as CBOR this would be the negative integer -17 and then garbage.
        let whole = der_length(bytes)?;
        Some(if whole < bytes.len() { FileKind::OverlongDer } else { FileKind::OtherDer })
    }
}

/// How long a SEQUENCE with a long-form length says it is, with its first octets.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let [0x30, octets @ 0x81..=0x84, rest @ ..] = bytes else { return None };
    let count = usize::from(octets & 0x7f);
    let length = rest.iter().take(count).fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
    Some(length.saturating_add(2 + count))
}

fn of_text(text: &str) -> FileKind {
    if text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mdoc:")) {
        return FileKind::EngagementUri;
    }
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(text) {
        return match json {
            json if json.get("kty").is_some() => FileKind::Jwk,
            json if json.get("transport").is_some() => FileKind::TransportInputs,
            _ => FileKind::OtherJson,
        };
    }
    let segments: Vec<_> = text.split('.').collect();
    match segments.as_slice() {
        [header, _, _] => match decode_json(header) {
            Some(header) if header.get("typ").and_then(|typ| typ.as_str()).is_some_and(is_status_list) => {
                FileKind::StatusListJwt
            }
            Some(_) => FileKind::Jwt,
            None => FileKind::OtherText,
        },
        _ if is_web_page(text) => FileKind::WebPage,
        _ => encoded(text),
    }
}

/// Narrower than [`tegata_pki::looks_like_html`]: a trusted list in XML is another kind of text, and no page.
fn is_web_page(text: &str) -> bool {
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    begins("<!doctype html") || begins("<html")
}

/// Whether text is bytes in another form. Words of prose are not: it takes enough letters, and for base64 a whole group.
fn encoded(text: &str) -> FileKind {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = bare.trim_start_matches("0x").replace(':', "");
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_');
    if bare.len() < 32 {
        FileKind::OtherText
    } else if digits.len().is_multiple_of(2) && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        FileKind::Hex
    } else if bare.trim_end_matches('=').chars().all(is_base64) && !text.trim().contains(' ') {
        FileKind::Base64
    } else {
        FileKind::OtherText
    }
}

fn is_status_list(typ: &str) -> bool {
    typ.strip_prefix("application/").unwrap_or(typ).eq_ignore_ascii_case("statuslist+jwt")
}

/// The JSON in a base64url segment of a JWT.
pub(crate) fn decode_json(segment: &str) -> Option<serde_json::Value> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn is_readable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace())
}
