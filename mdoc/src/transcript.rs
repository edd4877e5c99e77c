//! SessionTranscript of every transport (ISO/IEC 18013-5 9.1.5.1; ISO/IEC 18013-7 Annexes A, B, C; OpenID4VP 1.0 B.2.6).
//!
//! A reader builds the transcript from what *it* sent and received; it never takes one from the holder. Hashes inside
//! handovers are computed by the caller's provider, because this room has no cryptography: the constructors take a
//! SHA-256 function.

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Limits, Reader, TAG_EMBEDDED, Type, decode};
use crate::{Deviation, Deviations, Raw};

/// The three parts of a transcript, as encoded.
///
/// ```cddl
/// SessionTranscript = [ DeviceEngagementBytes / null, EReaderKeyBytes / EncryptionParametersBytes / null, Handover ]
/// SessionTranscriptBytes = #6.24(bstr .cbor SessionTranscript)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTranscript<'a> {
    /// DeviceEngagementBytes with their tag, or `None` for null.
    pub device_engagement: Option<&'a [u8]>,
    /// EReaderKeyBytes with their tag, or `None` for null.
    pub reader_key: Option<&'a [u8]>,
    /// The encoded Handover.
    pub handover: &'a [u8],
}

impl<'a> Decode<'a> for SessionTranscript<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut transcript = Self { device_engagement: None, reader_key: None, handover: &[] };
        reader.array_of(3, |reader, index| {
            match index {
                0 => transcript.device_engagement = optional_embedded(reader)?,
                1 => transcript.reader_key = optional_embedded(reader)?,
                _ => transcript.handover = reader.item()?,
            }
            Ok(())
        })?;
        Ok(transcript)
    }
}

/// `#6.24(bstr)` or null, as encoded.
fn optional_embedded<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, DecodeError> {
    if reader.take_null()? {
        return Ok(None);
    }
    let found = reader.peek_type()?;
    if found != Type::Tag {
        return Err(reader.error(DecodeErrorKind::UnexpectedType { expected: "tag 24 or null", found }));
    }
    let mut ahead = reader.clone();
    ahead.expect_tag(TAG_EMBEDDED)?;
    ahead.bytes()?;
    reader.item().map(Some)
}

/// Reads a transcript from `bytes`: the plain array, or the array wrapped in tag 24 (noted as
/// [`Deviation::WrappedTranscript`]). What is authenticated is always the plain array.
///
/// # Errors
/// When the bytes are neither.
pub fn read(bytes: &[u8]) -> Result<(Raw<'_, SessionTranscript<'_>>, Deviations), DecodeError> {
    let mut reader = Reader::new(bytes, Limits::DOCUMENT)?;
    if reader.peek_type()? != Type::Tag {
        return decode(bytes);
    }
    reader.expect_tag(TAG_EMBEDDED)?;
    let content = reader.bytes()?;
    reader.finish()?;
    let (transcript, mut deviations) = decode(content)?;
    deviations.merge(reader.deviations());
    deviations.insert(Deviation::WrappedTranscript);
    Ok((transcript, deviations))
}

/// SessionTranscriptBytes: the array wrapped in tag 24, input of the HKDF salt (ISO/IEC 18013-5 9.1.1.5, 9.1.3.5).
#[must_use]
pub fn session_transcript_bytes(transcript: &Raw<'_, SessionTranscript<'_>>) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(transcript.bytes().len() + 8);
    encoder.embedded(transcript.bytes());
    encoder.into_bytes()
}

/// The inputs of a transcript, by transport. Each variant takes what its protocol defines, so that no caller assembles a
/// handover by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport<'a> {
    /// Device engagement by QR code (ISO/IEC 18013-5 9.1.5.1): Handover null. Both byte strings are the embedded
    /// encodings, without tag 24.
    Qr {
        /// Encoded DeviceEngagement.
        device_engagement: &'a [u8],
        /// Encoded EReaderKey (COSE_Key).
        reader_key: &'a [u8],
    },
    /// Device engagement by NFC: Handover `[Hs, Hr / null]`, the NDEF messages as exchanged.
    Nfc {
        /// Encoded DeviceEngagement.
        device_engagement: &'a [u8],
        /// Encoded EReaderKey (COSE_Key).
        reader_key: &'a [u8],
        /// The Handover Select message.
        handover_select: &'a [u8],
        /// The Handover Request message of a negotiated handover.
        handover_request: Option<&'a [u8]>,
    },
    /// Website retrieval (ISO/IEC 18013-7 Annex A): Handover is the SHA-256 of ReaderEngagementBytes with their tag.
    Website {
        /// Encoded DeviceEngagement.
        device_engagement: &'a [u8],
        /// Encoded EReaderKey (COSE_Key).
        reader_key: &'a [u8],
        /// Encoded ReaderEngagement, without tag 24.
        reader_engagement: &'a [u8],
    },
    /// ISO/IEC 18013-7 Annex B (OpenID4VP draft 18).
    AnnexB {
        /// `client_id`, without prefix.
        client_id: &'a str,
        /// `response_uri`.
        response_uri: &'a str,
        /// `nonce` of the request.
        nonce: &'a str,
        /// mdocGeneratedNonce, the decoded `apu` of the JWE.
        mdoc_generated_nonce: &'a str,
    },
    /// OpenID4VP 1.0 by redirect or direct post (B.2.6.1).
    OpenId4Vp {
        /// `client_id` with its prefix.
        client_id: &'a str,
        /// `nonce` of the request.
        nonce: &'a str,
        /// RFC 7638 SHA-256 thumbprint of the key the response is encrypted to; `None` when it is not encrypted.
        jwk_thumbprint: Option<&'a [u8]>,
        /// `response_uri` or `redirect_uri`.
        response_uri: &'a str,
    },
    /// OpenID4VP 1.0 over the Digital Credentials API (B.2.6.2).
    OpenId4VpDcApi {
        /// The serialized origin, without `origin:` and without a trailing slash.
        origin: &'a str,
        /// `nonce` of the request.
        nonce: &'a str,
        /// As in [`Transport::OpenId4Vp`].
        jwk_thumbprint: Option<&'a [u8]>,
    },
    /// `org-iso-mdoc` over the Digital Credentials API (ISO/IEC 18013-7 Annex C).
    DcApi {
        /// The base64url text of EncryptionInfo exactly as given to the API.
        encryption_info: &'a str,
        /// The serialized origin.
        origin: &'a str,
    },
    /// OpenID4VP draft 24 over the Digital Credentials API, still sent by older wallets.
    OpenId4VpDraft24DcApi {
        /// The serialized origin.
        origin: &'a str,
        /// `client_id`.
        client_id: &'a str,
        /// `nonce` of the request.
        nonce: &'a str,
    },
}

impl Transport<'_> {
    /// The encoded SessionTranscript (plain array). `sha256` hashes the handover's inputs.
    #[must_use]
    pub fn session_transcript(&self, sha256: impl Fn(&[u8]) -> [u8; 32]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(3);
        match self {
            Self::Qr { device_engagement, reader_key } => {
                encoder.embedded(device_engagement).embedded(reader_key).null();
            }
            Self::Nfc { device_engagement, reader_key, handover_select, handover_request } => {
                encoder.embedded(device_engagement).embedded(reader_key).array(2).bytes(handover_select);
                match handover_request {
                    Some(request) => encoder.bytes(request),
                    None => encoder.null(),
                };
            }
            Self::Website { device_engagement, reader_key, reader_engagement } => {
                let mut bytes = Encoder::new();
                bytes.embedded(reader_engagement);
                encoder.embedded(device_engagement).embedded(reader_key).bytes(&sha256(bytes.as_bytes()));
            }
            Self::AnnexB { client_id, response_uri, nonce, mdoc_generated_nonce } => {
                encoder.null().null().array(3);
                encoder.bytes(&sha256(&texts(&[client_id, mdoc_generated_nonce])));
                encoder.bytes(&sha256(&texts(&[response_uri, mdoc_generated_nonce]))).text(nonce);
            }
            Self::OpenId4Vp { client_id, nonce, jwk_thumbprint, response_uri } => {
                let mut info = Encoder::new();
                info.array(4).text(client_id).text(nonce);
                thumbprint(&mut info, *jwk_thumbprint).text(response_uri);
                named_handover(&mut encoder, "OpenID4VPHandover", &sha256(info.as_bytes()));
            }
            Self::OpenId4VpDcApi { origin, nonce, jwk_thumbprint } => {
                let mut info = Encoder::new();
                info.array(3).text(origin).text(nonce);
                thumbprint(&mut info, *jwk_thumbprint);
                named_handover(&mut encoder, "OpenID4VPDCAPIHandover", &sha256(info.as_bytes()));
            }
            Self::DcApi { encryption_info, origin } => {
                named_handover(&mut encoder, "dcapi", &sha256(&texts(&[encryption_info, origin])));
            }
            Self::OpenId4VpDraft24DcApi { origin, client_id, nonce } => {
                named_handover(&mut encoder, "OpenID4VPDCAPIHandover", &sha256(&texts(&[origin, client_id, nonce])));
            }
        }
        encoder.into_bytes()
    }

    /// Stable id of the transport.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Qr { .. } => "qr",
            Self::Nfc { .. } => "nfc",
            Self::Website { .. } => "18013-7-annex-a",
            Self::AnnexB { .. } => "18013-7-annex-b",
            Self::OpenId4Vp { .. } => "openid4vp-1.0",
            Self::OpenId4VpDcApi { .. } => "openid4vp-1.0-dc-api",
            Self::DcApi { .. } => "18013-7-annex-c",
            Self::OpenId4VpDraft24DcApi { .. } => "openid4vp-draft-24-dc-api",
        }
    }
}

fn texts(texts: &[&str]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(texts.len());
    for text in texts {
        encoder.text(text);
    }
    encoder.into_bytes()
}

fn thumbprint<'e>(encoder: &'e mut Encoder, thumbprint: Option<&[u8]>) -> &'e mut Encoder {
    match thumbprint {
        Some(thumbprint) => encoder.bytes(thumbprint),
        None => encoder.null(),
    }
}

fn named_handover(encoder: &mut Encoder, name: &str, hash: &[u8]) {
    encoder.null().null().array(2).text(name).bytes(hash);
}
