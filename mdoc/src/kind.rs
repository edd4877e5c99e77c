//! What a file holds, told from its content.
//!
//! Recognition looks at tags, array shapes and map keys only. It does not decode, so that a damaged DeviceResponse is
//! still called one and the decoder can say what is wrong with it.

use core::fmt;

use crate::cbor::{DecodeError, Key, Limits, Reader, TAG_COSE_MAC0, TAG_COSE_SIGN1, TAG_CWT, TAG_EMBEDDED, Type};
use crate::cose::{AlgorithmId, CoseMac0, CoseSign1};
use crate::dcapi::DCAPI;
use crate::engagement::ndef;

/// The structures this project reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// DeviceResponse (ISO/IEC 18013-5 8.3.2.1.2.2).
    DeviceResponse,
    /// A single Document.
    Document,
    /// IssuerSigned.
    IssuerSigned,
    /// IssuerSignedItem, plain or embedded.
    IssuerSignedItem,
    /// MobileSecurityObject, plain or embedded.
    MobileSecurityObject,
    /// DeviceSigned.
    DeviceSigned,
    /// DeviceRequest.
    DeviceRequest,
    /// ItemsRequest, plain or embedded.
    ItemsRequest,
    /// DeviceEngagement, plain or embedded.
    DeviceEngagement,
    /// ReaderEngagement, plain or embedded.
    ReaderEngagement,
    /// SessionTranscript, plain or embedded.
    SessionTranscript,
    /// SessionEstablishment (9.1.1.4).
    SessionEstablishment,
    /// SessionData (9.1.1.4).
    SessionData,
    /// DeviceAuthentication, plain or embedded (9.1.3.4).
    DeviceAuthentication,
    /// ReaderAuthentication or ReaderAuthenticationAll, plain or embedded (9.1.4.4).
    ReaderAuthentication,
    /// EncryptionInfo (ISO/IEC 18013-7 Annex C).
    EncryptionInfo,
    /// EncryptedResponse (ISO/IEC 18013-7 Annex C).
    EncryptedResponse,
    /// COSE_Sign1 whose payload is an MSO: issuerAuth alone.
    IssuerAuth,
    /// Any other COSE_Sign1, for example a detached readerAuth.
    CoseSign1,
    /// COSE_Mac0.
    CoseMac0,
    /// Sig_structure or MAC_structure (RFC 9052 4.4, 6.3).
    ToBeAuthenticated,
    /// COSE_Key, public or private.
    CoseKey,
    /// Status List Token in CWT form, by its `typ`.
    StatusListToken,
    /// Identifier list in CWT form, by its `typ`.
    IdentifierListToken,
    /// Device-key list in CWT form, by its `typ` (`application/device-key-list+cwt`, a format of this project).
    DeviceKeyListToken,
    /// VICAL (ISO/IEC 18013-5 Annex C).
    Vical,
    /// Any other CWT (RFC 8392).
    Cwt,
    /// An NDEF handover message; the only kind that is not CBOR.
    HandoverMessage,
    /// Well-formed CBOR that is none of the above.
    OtherCbor,
    /// Neither CBOR nor a handover message.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 30] = [
        Self::DeviceResponse,
        Self::Document,
        Self::IssuerSigned,
        Self::IssuerSignedItem,
        Self::MobileSecurityObject,
        Self::DeviceSigned,
        Self::DeviceRequest,
        Self::ItemsRequest,
        Self::DeviceEngagement,
        Self::ReaderEngagement,
        Self::SessionTranscript,
        Self::SessionEstablishment,
        Self::SessionData,
        Self::DeviceAuthentication,
        Self::ReaderAuthentication,
        Self::EncryptionInfo,
        Self::EncryptedResponse,
        Self::IssuerAuth,
        Self::CoseSign1,
        Self::CoseMac0,
        Self::ToBeAuthenticated,
        Self::CoseKey,
        Self::StatusListToken,
        Self::IdentifierListToken,
        Self::DeviceKeyListToken,
        Self::Vical,
        Self::Cwt,
        Self::HandoverMessage,
        Self::OtherCbor,
        Self::Unknown,
    ];

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::DeviceResponse => "device-response",
            Self::Document => "document",
            Self::IssuerSigned => "issuer-signed",
            Self::IssuerSignedItem => "issuer-signed-item",
            Self::MobileSecurityObject => "mobile-security-object",
            Self::DeviceSigned => "device-signed",
            Self::DeviceRequest => "device-request",
            Self::ItemsRequest => "items-request",
            Self::DeviceEngagement => "device-engagement",
            Self::ReaderEngagement => "reader-engagement",
            Self::SessionTranscript => "session-transcript",
            Self::SessionEstablishment => "session-establishment",
            Self::SessionData => "session-data",
            Self::DeviceAuthentication => "device-authentication",
            Self::ReaderAuthentication => "reader-authentication",
            Self::EncryptionInfo => "encryption-info",
            Self::EncryptedResponse => "encrypted-response",
            Self::IssuerAuth => "issuer-auth",
            Self::CoseSign1 => "cose-sign1",
            Self::CoseMac0 => "cose-mac0",
            Self::ToBeAuthenticated => "to-be-authenticated",
            Self::CoseKey => "cose-key",
            Self::StatusListToken => "status-list-token",
            Self::IdentifierListToken => "identifier-list-token",
            Self::DeviceKeyListToken => "device-key-list-token",
            Self::Vical => "vical",
            Self::Cwt => "cwt",
            Self::HandoverMessage => "handover-message",
            Self::OtherCbor => "other-cbor",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeviceResponse => "DeviceResponse",
            Self::Document => "Document",
            Self::IssuerSigned => "IssuerSigned",
            Self::IssuerSignedItem => "IssuerSignedItem",
            Self::MobileSecurityObject => "MobileSecurityObject",
            Self::DeviceSigned => "DeviceSigned",
            Self::DeviceRequest => "DeviceRequest",
            Self::ItemsRequest => "ItemsRequest",
            Self::DeviceEngagement => "DeviceEngagement",
            Self::ReaderEngagement => "ReaderEngagement",
            Self::SessionTranscript => "SessionTranscript",
            Self::SessionEstablishment => "SessionEstablishment",
            Self::SessionData => "SessionData",
            Self::DeviceAuthentication => "DeviceAuthentication",
            Self::ReaderAuthentication => "ReaderAuthentication",
            Self::EncryptionInfo => "EncryptionInfo",
            Self::EncryptedResponse => "EncryptedResponse",
            Self::IssuerAuth => "IssuerAuth",
            Self::CoseSign1 => "COSE_Sign1",
            Self::CoseMac0 => "COSE_Mac0",
            Self::ToBeAuthenticated => "Sig_structure or MAC_structure",
            Self::CoseKey => "COSE_Key",
            Self::StatusListToken => "Status List Token (CWT)",
            Self::IdentifierListToken => "Identifier list (CWT)",
            Self::DeviceKeyListToken => "Device-key list (CWT)",
            Self::Vical => "VICAL",
            Self::Cwt => "CWT",
            Self::HandoverMessage => "NFC handover message",
            Self::OtherCbor => "CBOR",
            Self::Unknown => "unknown data",
        })
    }
}

/// Tags and embeddings are peeled this many levels deep.
const MAX_WRAPPINGS: u8 = 4;
/// A published list may be as long as this, and a document as deep.
const LIMITS: Limits = Limits { depth: Limits::DOCUMENT.depth, ..Limits::LIST };
/// Map keys looked at.
const MAX_KEYS: usize = 64;

/// What `bytes` hold.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Kind {
    if ndef::is_handover(bytes) {
        return Kind::HandoverMessage;
    }
    let inner = unwrapped(bytes);
    let known = Shape::of(inner).and_then(|shape| shape.kind(inner));
    known.unwrap_or_else(|| if is_well_formed(bytes) { Kind::OtherCbor } else { Kind::Unknown })
}

/// `bytes` without the wrappings of tag 24 around them, if there are any: what a decoder of [`Kind`]'s plain form takes.
#[must_use]
pub fn unwrapped(bytes: &[u8]) -> &[u8] {
    let mut inner = bytes;
    for _ in 0..MAX_WRAPPINGS {
        let Some(content) = embedded_content(inner) else { break };
        inner = content;
    }
    inner
}

fn embedded_content(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes, LIMITS).ok()?;
    reader.expect_tag(TAG_EMBEDDED).ok()?;
    let content = reader.bytes().ok()?;
    reader.is_at_end().then_some(content)
}

fn is_well_formed(bytes: &[u8]) -> bool {
    let walk = |mut reader: Reader<'_>| -> Result<(), DecodeError> {
        reader.skip()?;
        reader.finish()
    };
    Reader::new(bytes, LIMITS).and_then(walk).is_ok()
}

/// The outermost structure.
enum Shape<'a> {
    Map(Vec<Key<'a>>),
    Array(Vec<Element<'a>>),
}

/// An array element as far as recognition needs it.
#[derive(Clone, Copy, PartialEq)]
enum Element<'a> {
    Text(&'a str),
    Other(Type),
}

impl<'a> Shape<'a> {
    /// Reads as far as the input is well formed; what was seen by then decides.
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes, LIMITS).ok()?;
        while reader.peek_type().ok()? == Type::Tag {
            if ![TAG_COSE_SIGN1, TAG_COSE_MAC0, TAG_CWT].contains(&reader.tag().ok()?) {
                return None;
            }
        }
        match reader.peek_type().ok()? {
            Type::Map => {
                let mut keys = Vec::new();
                // An error ends the walk: the keys before it are kept.
                let _ = reader.map(|reader, key| {
                    if keys.len() < MAX_KEYS {
                        keys.push(key);
                    }
                    reader.skip()
                });
                Some(Self::Map(keys))
            }
            Type::Array => {
                let mut elements = Vec::new();
                let _ = reader.array(|reader, index| {
                    let kind = reader.peek_type()?;
                    if index > 4 {
                        return reader.skip();
                    }
                    if kind == Type::Text {
                        elements.push(Element::Text(reader.text()?));
                        return Ok(());
                    }
                    elements.push(Element::Other(kind));
                    reader.skip()
                });
                Some(Self::Array(elements))
            }
            _ => None,
        }
    }

    fn kind(&self, bytes: &[u8]) -> Option<Kind> {
        match self {
            Self::Map(keys) => of_text_keys(keys).or_else(|| of_labels(keys, bytes)),
            Self::Array(elements) => of_array(elements, bytes),
        }
    }
}

/// The kinds that are maps with text keys. The first row of which one key occurs decides.
fn of_text_keys(keys: &[Key<'_>]) -> Option<Kind> {
    let has = |name: &str| keys.contains(&Key::Text(name));
    let rows: [(&[&str], Kind); 12] = [
        (&["documents", "documentErrors", "zkDocuments", "encryptedDocuments"], Kind::DeviceResponse),
        (&["docRequests"], Kind::DeviceRequest),
        (&["issuerSigned"], Kind::Document),
        (&["issuerAuth"], Kind::IssuerSigned),
        (&["valueDigests", "digestAlgorithm"], Kind::MobileSecurityObject),
        (&["deviceAuth"], Kind::DeviceSigned),
        (&["digestID", "elementIdentifier"], Kind::IssuerSignedItem),
        (&["eReaderKey"], Kind::SessionEstablishment),
        (&["vicalProvider", "certificateInfos"], Kind::Vical),
        (&["requestInfo"], Kind::ItemsRequest),
        (&["deviceSigned"], Kind::Document),
        (&["data"], Kind::SessionData),
    ];
    let row = rows.iter().find(|(names, _)| names.iter().any(|name| has(name))).map(|(_, kind)| *kind);
    row.or_else(|| match (has("version"), has("status"), has("docType"), has("nameSpaces")) {
        (true, true, false, false) => Some(Kind::DeviceResponse),
        (false, true, false, false) => Some(Kind::SessionData),
        (_, _, true, true) => Some(Kind::ItemsRequest),
        _ => None,
    })
}

/// The kinds that are maps with integer labels.
fn of_labels(keys: &[Key<'_>], bytes: &[u8]) -> Option<Kind> {
    let has = |label: i64| keys.iter().any(|key| key.label() == Some(label));
    if has(1) && has(-1) {
        return Some(Kind::CoseKey);
    }
    let version_first = has(0) && !has(-1) && value_type(bytes, 0) == Some(Type::Text);
    if !version_first {
        return None;
    }
    let security = value_type(bytes, 1);
    // A device names its key; a reader names none over NFC, and offers a website (type 4) otherwise.
    match security {
        Some(Type::Array) if offers_only_websites(bytes) => Some(Kind::ReaderEngagement),
        Some(Type::Array) => Some(Kind::DeviceEngagement),
        None if keys.len() == 1 => Some(Kind::ReaderEngagement),
        _ => None,
    }
}

fn value_type(bytes: &[u8], label: u64) -> Option<Type> {
    let mut found = None;
    let mut reader = Reader::new(bytes, LIMITS).ok()?;
    let _ = reader.map(|reader, key| {
        if key == Key::Unsigned(label) {
            found = Some(reader.peek_type()?);
        }
        reader.skip()
    });
    found
}

fn offers_only_websites(bytes: &[u8]) -> bool {
    use crate::engagement::{ReaderEngagement, RetrievalMethod};
    crate::cbor::decode::<ReaderEngagement<'_>>(bytes).is_ok_and(|(engagement, _)| {
        let methods = &engagement.value().retrieval_methods;
        !methods.is_empty() && methods.iter().all(|method| matches!(method, RetrievalMethod::Website(_)))
    })
}

fn of_array(elements: &[Element<'_>], bytes: &[u8]) -> Option<Kind> {
    use Element::{Other, Text};
    match *elements {
        [Text("DeviceAuthentication"), ..] => Some(Kind::DeviceAuthentication),
        [Text("ReaderAuthentication" | "ReaderAuthenticationAll"), ..] => Some(Kind::ReaderAuthentication),
        [Text("Signature1" | "MAC0"), ..] => Some(Kind::ToBeAuthenticated),
        [Text(DCAPI), Other(Type::Map)] => of_dcapi(bytes),
        [Other(Type::Tag | Type::Null), Other(Type::Tag | Type::Null), _] => Some(Kind::SessionTranscript),
        [Other(Type::Bytes), Other(Type::Map), Other(Type::Bytes | Type::Null), Other(Type::Bytes)] => of_cose(bytes),
        _ => None,
    }
}

fn of_dcapi(bytes: &[u8]) -> Option<Kind> {
    let mut kind = None;
    let mut reader = Reader::new(bytes, LIMITS).ok()?;
    let _ = reader.array(|reader, index| {
        if index == 0 {
            return reader.skip();
        }
        let names = |reader: &mut Reader<'_>, key: Key<'_>| {
            match key {
                Key::Text("recipientPublicKey") => kind = Some(Kind::EncryptionInfo),
                Key::Text("cipherText") => kind = Some(Kind::EncryptedResponse),
                _ => {}
            }
            reader.skip()
        };
        reader.map(names).map(|_| ())
    });
    kind
}

/// COSE_Sign1 and COSE_Mac0 have one shape: the tag tells them apart, else the algorithm does.
fn of_cose(bytes: &[u8]) -> Option<Kind> {
    let mut reader = Reader::new(bytes, LIMITS).ok()?;
    let mut tags = Vec::new();
    while reader.peek_type().ok()? == Type::Tag {
        tags.push(reader.tag().ok()?);
    }
    let mut mac_reader = reader.clone();
    if tags.contains(&TAG_COSE_MAC0) {
        return Some(Kind::CoseMac0);
    }
    if tags.is_empty() && mac_reader.raw::<CoseMac0<'_>>().is_ok_and(|mac| is_mac(mac.value())) {
        return Some(Kind::CoseMac0);
    }
    let Ok(sign1) = reader.raw::<CoseSign1<'_>>() else { return Some(Kind::CoseSign1) };
    let sign1 = sign1.value();
    Some(match sign1.protected.content_type().map(|typ| typ.strip_prefix("application/").unwrap_or(typ)) {
        Some("statuslist+cwt") => Kind::StatusListToken,
        Some("identifierlist+cwt") => Kind::IdentifierListToken,
        Some("device-key-list+cwt") => Kind::DeviceKeyListToken,
        _ if tags.contains(&TAG_CWT) => Kind::Cwt,
        _ => sign1.payload.map_or(Kind::CoseSign1, of_payload),
    })
}

fn is_mac(mac: &CoseMac0<'_>) -> bool {
    let algorithm = mac.protected.algorithm.or(mac.unprotected.algorithm);
    // HMAC 256/64 to HMAC 512/512 (RFC 9053 3.1); AES-MAC is not used with mobile documents.
    matches!(algorithm, Some(AlgorithmId::Number(4..=7)))
}

fn of_payload(payload: &[u8]) -> Kind {
    let inner = unwrapped(payload);
    match Shape::of(inner) {
        Some(Shape::Map(keys)) => match of_text_keys(&keys) {
            Some(Kind::MobileSecurityObject) => Kind::IssuerAuth,
            Some(Kind::Vical) => Kind::Vical,
            // Registered CWT claims are 1 to 7 (RFC 8392 4); one of iss, sub, exp, iat is always there.
            _ if keys.iter().any(|key| matches!(key, Key::Unsigned(1..=7))) => Kind::Cwt,
            _ => Kind::CoseSign1,
        },
        _ => Kind::CoseSign1,
    }
}
