//! Which structure stands where: the shapes of ISO/IEC 18013-5 as far as remarks need them.

use crate::cbor::Key;
use crate::kind::Kind;

/// The structure an item is read as. Tag 24 is transparent: the shape goes for the embedded item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing is known.
    Any,
    DeviceResponse,
    Documents,
    Document,
    DocumentErrors,
    IssuerSigned,
    NameSpaces,
    Items,
    Item,
    Mso,
    ValueDigests,
    Digests,
    DeviceKeyInfo,
    DeviceSigned,
    DeviceAuth,
    Errors,
    ElementErrors,
    ErrorCode,
    ResponseStatus,
    DeviceRequest,
    DocRequests,
    DocRequest,
    ItemsRequest,
    DocRequestInfo,
    /// A map with `recipientPublicKey`: EncryptionParameters, or the second element of EncryptionInfo.
    EncryptionParameters,
    Sign1(Payload),
    Sign1s,
    Mac0,
    /// A byte string that holds a header map.
    ProtectedHeader,
    Header,
    /// A byte string that holds the item named.
    PayloadBytes(Payload),
    /// A certificate, or an array of certificates.
    Certificates,
    Thumbprint,
    Algorithm,
    HashAlgorithm,
    CoseKey,
    CoseKeys,
    KeyType,
    Curve,
    CipherSuite,
    DeviceEngagement,
    ReaderEngagement,
    Security,
    RetrievalMethods,
    RetrievalMethod,
    MethodType,
    NfcOptions,
    BleOptions,
    WifiOptions,
    WebsiteOptions,
    Capabilities,
    Transcript,
    DeviceAuthentication,
    ReaderAuthentication,
    ReaderAuthenticationAll,
    ItemsRequests,
    ToBeAuthenticated,
    DcApi,
    SessionEstablishment,
    SessionData,
    SessionStatus,
    Claims,
    NumericDate,
    Vical,
    CertificateInfos,
    CertificateInfo,
}

/// What the payload of a COSE structure holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Any,
    Mso,
    Claims,
    Vical,
}

impl Payload {
    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Any => Shape::Any,
            Self::Mso => Shape::Mso,
            Self::Claims => Shape::Claims,
            Self::Vical => Shape::Vical,
        }
    }
}

impl Shape {
    /// The shape of a whole file.
    pub(super) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::DeviceResponse => Self::DeviceResponse,
            Kind::Document => Self::Document,
            Kind::IssuerSigned => Self::IssuerSigned,
            Kind::IssuerSignedItem => Self::Item,
            Kind::MobileSecurityObject => Self::Mso,
            Kind::DeviceSigned => Self::DeviceSigned,
            Kind::DeviceRequest => Self::DeviceRequest,
            Kind::ItemsRequest => Self::ItemsRequest,
            Kind::DeviceEngagement => Self::DeviceEngagement,
            Kind::ReaderEngagement => Self::ReaderEngagement,
            Kind::SessionTranscript => Self::Transcript,
            Kind::SessionEstablishment => Self::SessionEstablishment,
            Kind::SessionData => Self::SessionData,
            Kind::DeviceAuthentication => Self::DeviceAuthentication,
            Kind::ReaderAuthentication => Self::ReaderAuthentication,
            Kind::EncryptionInfo | Kind::EncryptedResponse => Self::DcApi,
            Kind::IssuerAuth => Self::Sign1(Payload::Mso),
            Kind::CoseSign1 => Self::Sign1(Payload::Any),
            Kind::CoseMac0 => Self::Mac0,
            Kind::ToBeAuthenticated => Self::ToBeAuthenticated,
            Kind::CoseKey => Self::CoseKey,
            Kind::StatusListToken | Kind::IdentifierListToken | Kind::DeviceKeyListToken | Kind::Cwt => {
                Self::Sign1(Payload::Claims)
            }
            Kind::Vical => Self::Sign1(Payload::Vical),
            Kind::HandoverMessage | Kind::OtherCbor | Kind::Unknown => Self::Any,
        }
    }

    /// The shape of the value of `key`.
    pub(super) fn of_field(self, key: &Key<'_>) -> Self {
        match (self, key) {
            (Self::NameSpaces, _) => Self::Items,
            (Self::ValueDigests, _) => Self::Digests,
            (Self::Errors, _) => Self::ElementErrors,
            (Self::ElementErrors | Self::DocumentErrors, _) => Self::ErrorCode,
            (_, Key::Text(name)) => self.of_text_field(name),
            _ => key.label().map_or(Self::Any, |label| self.of_labelled_field(label)),
        }
    }

    fn of_text_field(self, name: &str) -> Self {
        match (self, name) {
            (Self::DeviceResponse, "documents") => Self::Documents,
            (Self::DeviceResponse, "documentErrors") => Self::DocumentErrors,
            (Self::DeviceResponse, "status") => Self::ResponseStatus,
            (Self::Document, "issuerSigned") => Self::IssuerSigned,
            (Self::Document, "deviceSigned") => Self::DeviceSigned,
            (Self::Document, "errors") => Self::Errors,
            (Self::IssuerSigned, "nameSpaces") => Self::NameSpaces,
            (Self::IssuerSigned, "issuerAuth") => Self::Sign1(Payload::Mso),
            (Self::Mso, "valueDigests") => Self::ValueDigests,
            (Self::Mso, "deviceKeyInfo") => Self::DeviceKeyInfo,
            (Self::DeviceKeyInfo, "deviceKey") => Self::CoseKey,
            (Self::DeviceSigned, "deviceAuth") => Self::DeviceAuth,
            (Self::DeviceAuth, "deviceSignature") => Self::Sign1(Payload::Any),
            (Self::DeviceAuth, "deviceMac") => Self::Mac0,
            (Self::DeviceRequest, "docRequests") => Self::DocRequests,
            (Self::DeviceRequest, "readerAuthAll") => Self::Sign1s,
            (Self::DeviceRequest, "macKeys") => Self::CoseKeys,
            (Self::DocRequest, "itemsRequest") => Self::ItemsRequest,
            (Self::DocRequest, "readerAuth") => Self::Sign1(Payload::Any),
            (Self::ItemsRequest, "requestInfo") => Self::DocRequestInfo,
            (Self::DocRequestInfo, "docResponseEncryption") => Self::EncryptionParameters,
            (Self::EncryptionParameters, "recipientPublicKey") => Self::CoseKey,
            (Self::EncryptionParameters, "recipientCertificate") => Self::Certificates,
            (Self::SessionEstablishment, "eReaderKey") => Self::CoseKey,
            (Self::SessionData, "status") => Self::SessionStatus,
            (Self::Vical, "certificateInfos") => Self::CertificateInfos,
            (Self::CertificateInfo, "certificate") => Self::Certificates,
            _ => Self::Any,
        }
    }

    fn of_labelled_field(self, label: i64) -> Self {
        match (self, label) {
            (Self::Header | Self::CoseKey, _) => self.of_cose_field(label),
            (Self::DeviceEngagement | Self::ReaderEngagement, 1) => Self::Security,
            (Self::DeviceEngagement | Self::ReaderEngagement, 2) => Self::RetrievalMethods,
            (Self::DeviceEngagement, 6) => Self::Capabilities,
            (Self::Claims, 4..=6) => Self::NumericDate,
            _ => Self::Any,
        }
    }

    fn of_cose_field(self, label: i64) -> Self {
        match (self, label) {
            (Self::Header, 1) | (Self::CoseKey, 3) => Self::Algorithm,
            (Self::Header, 33) => Self::Certificates,
            (Self::Header, 34) => Self::Thumbprint,
            (Self::CoseKey, 1) => Self::KeyType,
            (Self::CoseKey, -1) => Self::Curve,
            _ => Self::Any,
        }
    }

    /// The shape of element `index`; `first` is the first element where it is a small integer.
    pub(super) fn of_element(self, index: usize, first: Option<u64>) -> Self {
        match (self, index) {
            (Self::Documents, _) => Self::Document,
            (Self::Items, _) => Self::Item,
            (Self::DocumentErrors, _) => Self::DocumentErrors,
            (Self::DocRequests, _) => Self::DocRequest,
            (Self::ItemsRequests, _) => Self::ItemsRequest,
            (Self::Sign1s, _) => Self::Sign1(Payload::Any),
            (Self::CoseKeys, _) => Self::CoseKey,
            (Self::Certificates, _) => Self::Certificates,
            (Self::CertificateInfos, _) => Self::CertificateInfo,
            (Self::RetrievalMethods, _) => Self::RetrievalMethod,
            (Self::RetrievalMethod, 0) => Self::MethodType,
            (Self::RetrievalMethod, 2) => match first {
                Some(1) => Self::NfcOptions,
                Some(2) => Self::BleOptions,
                Some(3) => Self::WifiOptions,
                Some(4) => Self::WebsiteOptions,
                _ => Self::Any,
            },
            (Self::Security, 0) => Self::CipherSuite,
            (Self::Security, _) => Self::CoseKey,
            (Self::Sign1(_) | Self::Mac0, 0) | (Self::ToBeAuthenticated, 1) => Self::ProtectedHeader,
            (Self::Sign1(_) | Self::Mac0, 1) => Self::Header,
            (Self::Sign1(payload), 2) => Self::PayloadBytes(payload),
            (Self::Mac0, 2) | (Self::ToBeAuthenticated, 3) => Self::PayloadBytes(Payload::Any),
            (Self::Thumbprint, 0) => Self::HashAlgorithm,
            (Self::Transcript, 0) => Self::DeviceEngagement,
            (Self::Transcript, 1) => Self::EncryptionParameters,
            (Self::DeviceAuthentication | Self::ReaderAuthentication | Self::ReaderAuthenticationAll, 1) => {
                Self::Transcript
            }
            (Self::ReaderAuthentication, 2) => Self::ItemsRequest,
            (Self::ReaderAuthenticationAll, 2) => Self::ItemsRequests,
            (Self::DcApi, 1) => Self::EncryptionParameters,
            _ => Self::Any,
        }
    }

    /// The shape in the light of the item's content, where one place may hold several: an array that names itself, and
    /// the EReaderKey of a transcript.
    pub(super) fn refined(self, first_text: Option<&str>, has_label_one: bool) -> Self {
        match (self, first_text) {
            (Self::Any, Some("DeviceAuthentication")) => Self::DeviceAuthentication,
            (Self::Any | Self::ReaderAuthentication, Some("ReaderAuthenticationAll")) => Self::ReaderAuthenticationAll,
            (Self::Any, Some("ReaderAuthentication")) => Self::ReaderAuthentication,
            (Self::EncryptionParameters, _) if has_label_one => Self::CoseKey,
            _ => self,
        }
    }
}
