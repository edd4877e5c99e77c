//! What is verified, and to which session it must belong.

use tegata_mdoc::cbor::{DecodeError, Limits, decode_with};
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::kind::{Kind, recognise};
use tegata_mdoc::response::{DeviceResponse, Document, MalformedDocument};
use tegata_mdoc::transcript::{self, SessionTranscript, Transport};
use tegata_mdoc::{Deviations, Raw};
use tegata_pki::AgreementKey;

/// The session a presentation must belong to: *our* transcript, and the reader's private key where the device may
/// authenticate with a MAC.
#[derive(Debug)]
pub struct Session<'a> {
    pub(crate) transcript: Raw<'a, SessionTranscript<'a>>,
    pub(crate) reader_key: Option<&'a AgreementKey>,
    pub(crate) transport: Option<Transport<'a>>,
}

impl<'a> Session<'a> {
    /// The session of an encoded SessionTranscript, plain or wrapped in tag 24 (ISO/IEC 18013-5 9.1.5.1).
    ///
    /// # Errors
    /// When the bytes are not a SessionTranscript.
    pub fn new(session_transcript: &'a [u8]) -> Result<Self, DecodeError> {
        let (transcript, _) = transcript::read(session_transcript)?;
        Ok(Self { transcript, reader_key: None, transport: None })
    }

    /// Adds the reader's ephemeral private key, which a device MAC needs (ISO/IEC 18013-5 9.1.3.5).
    #[must_use]
    pub fn with_reader_key(self, reader_key: &'a AgreementKey) -> Self {
        Self { reader_key: Some(reader_key), ..self }
    }

    /// Adds the inputs the transcript was built from, so that a failure can name the mistake (see [`crate::diagnosis`]).
    #[must_use]
    pub fn with_transport(self, transport: Transport<'a>) -> Self {
        Self { transport: Some(transport), ..self }
    }
}

/// How the input is bound to a session.
#[derive(Debug)]
pub struct Binding<'a> {
    pub(crate) session: Option<Session<'a>>,
    pub(crate) required: bool,
}

impl<'a> Binding<'a> {
    /// A presentation in `session`: the device must prove possession over its transcript.
    #[must_use]
    pub fn session(session: Session<'a>) -> Self {
        Self { session: Some(session), required: true }
    }

    /// A presentation whose transcript is unknown: verified as far as possible, never accepted.
    #[must_use]
    pub fn unknown_session() -> Self {
        Self { session: None, required: true }
    }

    /// Issuer data alone, but with a session: where the device signed, its proof must hold over the session's transcript.
    #[must_use]
    pub fn issuer_data_with_session(session: Session<'a>) -> Self {
        Self { session: Some(session), required: false }
    }

    /// Issuer data alone: who presents it is not looked at.
    #[must_use]
    pub fn issuer_data_only() -> Self {
        Self { session: None, required: false }
    }
}

/// Why an input cannot be verified at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The bytes are not a DeviceResponse, a Document or an IssuerSigned.
    #[error("the input is {found}, not a DeviceResponse, a Document or an IssuerSigned")]
    NotADocument {
        /// What the bytes look like.
        found: &'static str,
    },
    /// The bytes look like one of them but are malformed.
    #[error("the input is malformed: {0}")]
    Malformed(#[from] DecodeError),
}

impl InputError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NotADocument { .. } => "not-a-document",
            Self::Malformed(error) => error.id(),
        }
    }
}

/// The input, decoded.
#[expect(clippy::large_enum_variant, reason = "one value per verification, taken apart at once")]
pub(crate) enum Input<'a> {
    Response(DeviceResponse<'a>),
    Document(Document<'a>),
    IssuerSigned(IssuerSigned<'a>, Deviations),
    /// A Document or an IssuerSigned that is well-formed CBOR and cannot be read.
    Malformed(MalformedDocument<'a>),
}

impl<'a> Input<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, InputError> {
        match guess(bytes).unwrap_or_else(|| recognise(bytes)) {
            Kind::DeviceResponse => match decode_with::<DeviceResponse<'a>>(bytes, Limits::DOCUMENT) {
                Ok((response, _)) => Ok(Self::Response(response.into_value())),
                Err(error) => Err(not_a_response(bytes, error)),
            },
            Kind::Document => match decode_with::<Document<'a>>(bytes, Limits::DOCUMENT) {
                Ok((document, _)) => Ok(Self::Document(document.into_value())),
                Err(error) => malformed(bytes, error),
            },
            Kind::IssuerSigned => match decode_with::<IssuerSigned<'a>>(bytes, Limits::DOCUMENT) {
                Ok((issuer_signed, deviations)) => Ok(Self::IssuerSigned(issuer_signed.into_value(), deviations)),
                Err(error) => malformed(bytes, error),
            },
            other => Err(InputError::NotADocument { found: other.id() }),
        }
    }
}

/// A document that was presented and is not one is a reason to reject it; bytes that break off are no document at all.
fn malformed(bytes: &[u8], error: DecodeError) -> Result<Input<'_>, InputError> {
    MalformedDocument::new(bytes, error.clone()).map(Input::Malformed).ok_or(InputError::Malformed(error))
}

/// The kind by the first key alone, so that the usual input is not read twice.
fn guess(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [_, 0x67, b'v', b'e', b'r', b's', b'i', b'o', b'n', ..] => Some(Kind::DeviceResponse),
        _ => None,
    }
}

/// A request begins with the same key as a response.
fn not_a_response(bytes: &[u8], error: DecodeError) -> InputError {
    match recognise(bytes) {
        Kind::DeviceResponse | Kind::Unknown => error.into(),
        other => InputError::NotADocument { found: other.id() },
    }
}
