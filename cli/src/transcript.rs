//! Session transcripts: CBOR, or JSON that names the inputs.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json};
use tegata_mdoc::transcript::{Transport, read};
use tegata_pki::{Hash, rust_crypto};
use tegata_terminal::Lang;

use crate::failure::{Expected, Failure};
use crate::input::Input;
use crate::load::{malformed, wrong_kind};
use crate::message::failure as text;
use crate::recognise::{FileKind, recognise};

/// A session transcript, plain (not in tag 24), and its inputs where they are known.
#[derive(Debug)]
pub(crate) struct Transcript {
    bytes: Vec<u8>,
    inputs: Option<Inputs>,
}

impl Transcript {
    /// Reads a transcript file.
    pub(crate) fn load(path: &Path, lang: Lang) -> Result<Self, Failure> {
        Self::load_input(&Input::read(path)?, lang)
    }

    /// Reads a transcript from an input that was read.
    pub(crate) fn load_input(input: &Input, lang: Lang) -> Result<Self, Failure> {
        use tegata_mdoc::kind::Kind;
        match recognise(input) {
            FileKind::Cbor(Kind::SessionTranscript) => {
                let failed =
                    |error: tegata_mdoc::cbor::DecodeError| malformed(input, Expected::Transcript, error.id(), &error);
                let (transcript, _) = read(&input.bytes).map_err(failed)?;
                Ok(Self { bytes: transcript.bytes().to_vec(), inputs: None })
            }
            FileKind::TransportInputs => Self::from_json(input, lang),
            _ => Err(wrong_kind(input, Expected::Transcript, lang)),
        }
    }

    fn from_json(input: &Input, lang: Lang) -> Result<Self, Failure> {
        let wrong = |detail: String| malformed(input, Expected::TransportInputs, "transport-inputs-invalid", &detail);
        let json = serde_json::from_slice(&input.bytes).map_err(|error| wrong(error.to_string()))?;
        let Json::Object(members) = json else { return Err(wrong_kind(input, Expected::Transcript, lang)) };
        let inputs = Inputs::read(members, lang).map_err(wrong)?;
        let bytes = inputs.transport().session_transcript(sha256);
        Ok(Self { bytes, inputs: Some(inputs) })
    }

    /// The encoded SessionTranscript, the plain array.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The inputs, if the file named them.
    pub(crate) fn transport(&self) -> Option<Transport<'_>> {
        self.inputs.as_ref().map(Inputs::transport)
    }
}

/// The hash of the handovers.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    rust_crypto().digest(Hash::Sha256, bytes).as_ref().try_into().unwrap_or_default()
}

/// The inputs of [`Transport`], owned.
#[derive(Debug)]
enum Inputs {
    Qr { device_engagement: Vec<u8>, reader_key: Vec<u8> },
    Nfc { device_engagement: Vec<u8>, reader_key: Vec<u8>, handover_select: Vec<u8>, handover_request: Option<Vec<u8>> },
    Website { device_engagement: Vec<u8>, reader_key: Vec<u8>, reader_engagement: Vec<u8> },
    AnnexB { client_id: String, response_uri: String, nonce: String, mdoc_generated_nonce: String },
    OpenId4Vp { client_id: String, nonce: String, jwk_thumbprint: Option<Vec<u8>>, response_uri: String },
    OpenId4VpDcApi { origin: String, nonce: String, jwk_thumbprint: Option<Vec<u8>> },
    DcApi { encryption_info: String, origin: String },
    OpenId4VpDraft24DcApi { origin: String, client_id: String, nonce: String },
}

impl Inputs {
    fn read(members: Map<String, Json>, lang: Lang) -> Result<Self, String> {
        let mut members = Members { members, lang };
        let transport = members.text("transport")?;
        let inputs = match transport.as_str() {
            "qr" => Self::Qr {
                device_engagement: members.bytes("device_engagement")?,
                reader_key: members.bytes("reader_key")?,
            },
            "nfc" => Self::Nfc {
                device_engagement: members.bytes("device_engagement")?,
                reader_key: members.bytes("reader_key")?,
                handover_select: members.bytes("handover_select")?,
                handover_request: members.optional_bytes("handover_request")?,
            },
            "18013-7-annex-a" => Self::Website {
                device_engagement: members.bytes("device_engagement")?,
                reader_key: members.bytes("reader_key")?,
                reader_engagement: members.bytes("reader_engagement")?,
            },
            "18013-7-annex-b" => Self::AnnexB {
                client_id: members.text("client_id")?,
                response_uri: members.text("response_uri")?,
                nonce: members.text("nonce")?,
                mdoc_generated_nonce: members.text("mdoc_generated_nonce")?,
            },
            "18013-7-annex-c" => {
                Self::DcApi { encryption_info: members.text("encryption_info")?, origin: members.text("origin")? }
            }
            "openid4vp-1.0" => Self::OpenId4Vp {
                client_id: members.text("client_id")?,
                nonce: members.text("nonce")?,
                jwk_thumbprint: members.optional_bytes("jwk_thumbprint")?,
                response_uri: members.text("response_uri")?,
            },
            "openid4vp-1.0-dc-api" => Self::OpenId4VpDcApi {
                origin: members.text("origin")?,
                nonce: members.text("nonce")?,
                jwk_thumbprint: members.optional_bytes("jwk_thumbprint")?,
            },
            "openid4vp-draft-24-dc-api" => Self::OpenId4VpDraft24DcApi {
                origin: members.text("origin")?,
                client_id: members.text("client_id")?,
                nonce: members.text("nonce")?,
            },
            other => return Err(text::transport_unknown(lang, other)),
        };
        members.finish()?;
        Ok(inputs)
    }

    fn transport(&self) -> Transport<'_> {
        match self {
            Self::Qr { device_engagement, reader_key } => Transport::Qr { device_engagement, reader_key },
            Self::Nfc { device_engagement, reader_key, handover_select, handover_request } => Transport::Nfc {
                device_engagement,
                reader_key,
                handover_select,
                handover_request: handover_request.as_deref(),
            },
            Self::Website { device_engagement, reader_key, reader_engagement } => {
                Transport::Website { device_engagement, reader_key, reader_engagement }
            }
            Self::AnnexB { client_id, response_uri, nonce, mdoc_generated_nonce } => {
                Transport::AnnexB { client_id, response_uri, nonce, mdoc_generated_nonce }
            }
            Self::OpenId4Vp { client_id, nonce, jwk_thumbprint, response_uri } => {
                let jwk_thumbprint = jwk_thumbprint.as_deref();
                Transport::OpenId4Vp { client_id, nonce, jwk_thumbprint, response_uri }
            }
            Self::OpenId4VpDcApi { origin, nonce, jwk_thumbprint } => {
                Transport::OpenId4VpDcApi { origin, nonce, jwk_thumbprint: jwk_thumbprint.as_deref() }
            }
            Self::DcApi { encryption_info, origin } => Transport::DcApi { encryption_info, origin },
            Self::OpenId4VpDraft24DcApi { origin, client_id, nonce } => {
                Transport::OpenId4VpDraft24DcApi { origin, client_id, nonce }
            }
        }
    }
}

/// Members of a JSON object, taken out one by one; what is left over is a mistake.
struct Members {
    members: Map<String, Json>,
    lang: Lang,
}

impl Members {
    fn text(&mut self, name: &str) -> Result<String, String> {
        match self.members.remove(name) {
            Some(Json::String(text)) => Ok(text),
            Some(_) => Err(text::member_not_text(self.lang, name)),
            None => Err(text::member_missing(self.lang, name)),
        }
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.optional_bytes(name)?.ok_or_else(|| text::member_missing(self.lang, name))
    }

    /// Hex (an even number of hex digits), else base64url.
    fn optional_bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let text = match self.members.remove(name) {
            None | Some(Json::Null) => return Ok(None),
            Some(Json::String(text)) => text,
            Some(_) => return Err(text::member_not_text(self.lang, name)),
        };
        let decoded = hex::decode(&text).ok().or_else(|| URL_SAFE_NO_PAD.decode(&text).ok());
        let decoded = decoded.or_else(|| URL_SAFE.decode(&text).ok());
        decoded.map(Some).ok_or_else(|| text::member_not_bytes(self.lang, name))
    }

    fn finish(self) -> Result<(), String> {
        match self.members.keys().next() {
            None => Ok(()),
            Some(name) => Err(text::member_unknown(self.lang, name)),
        }
    }
}
