//! DeviceResponse and Document (ISO/IEC 18013-5 8.3.2.1.2.2, 8.3.2.1.2.3).

use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Encoder, Key, Limits, Reader};
use crate::device_signed::DeviceSigned;
use crate::issuer_signed::IssuerSigned;
use crate::{Deviation, Deviations, Raw};

/// What a holder returns.
///
/// ```cddl
/// DeviceResponse = {
///   "version": tstr, ? "documents": [+ Document],
///   ? "zkDocuments": [+ any], ? "encryptedDocuments": [+ any],   ; second edition, counted only
///   ? "documentErrors": [+ { DocType => ErrorCode }], "status": uint, * tstr => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceResponse<'a> {
    /// `"1.0"`; another minor version of major 1 is to be processed.
    pub version: &'a str,
    /// The documents that can be read, each with its bytes as received.
    pub documents: Vec<Raw<'a, Document<'a>>>,
    /// The documents that are well-formed CBOR and cannot be read. One of them does not keep the others from being judged.
    pub malformed_documents: Vec<MalformedDocument<'a>>,
    /// Documents not returned, with the reason code (0: none given, negative: application specific).
    pub document_errors: Vec<(&'a str, i64)>,
    /// 0 OK, 10 general error, 11 CBOR decoding error, 12 CBOR validation error.
    pub status: u64,
    /// Number of zero-knowledge documents; they are not read.
    pub zk_documents: usize,
    /// Number of encrypted documents; they are not read.
    pub encrypted_documents: usize,
}

/// One document of a response.
///
/// ```cddl
/// Document = { "docType": tstr, "issuerSigned": IssuerSigned, "deviceSigned": DeviceSigned,
///              ? "errors": { + NameSpace => { + tstr => ErrorCode } }, * tstr => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Document<'a> {
    /// The document type as the holder states it; must equal that of the MSO.
    pub doc_type: &'a str,
    /// The issuer's part.
    pub issuer_signed: IssuerSigned<'a>,
    /// The device's part. Mandatory in a presentation; a document at rest lacks it, so its absence is for the verifier to
    /// judge.
    pub device_signed: Option<DeviceSigned<'a>>,
    /// Elements not returned: namespace, element, reason code.
    pub errors: Vec<(&'a str, &'a str, i64)>,
    /// Deviations of encoding met inside this document.
    pub deviations: Deviations,
}

/// A document that is well-formed CBOR, but not what a Document (or an IssuerSigned) must be.
#[derive(Clone, Debug, PartialEq)]
pub struct MalformedDocument<'a> {
    /// Its place among the documents of the response, from 0.
    pub index: usize,
    /// The document type as the holder states it, if that much can be read.
    pub doc_type: Option<&'a str>,
    /// What is wrong with it first.
    pub error: DecodeError,
}

impl<'a> MalformedDocument<'a> {
    /// The document `bytes`, whose decoding failed with `error`; `None` if they are not one well-formed item.
    #[must_use]
    pub fn new(bytes: &'a [u8], error: DecodeError) -> Option<Self> {
        let mut reader = Reader::new(bytes, Limits::DOCUMENT).ok()?;
        reader.pass_over().ok()?;
        reader.finish().ok()?;
        Some(Self { index: 0, doc_type: stated_doc_type(bytes), error })
    }
}

/// The first `docType` of a map.
fn stated_doc_type(bytes: &[u8]) -> Option<&str> {
    let mut found = None;
    let mut reader = Reader::new(bytes, Limits::DOCUMENT).ok()?;
    let read = reader.each_pair(|reader| {
        let is_doc_type = reader.pass_over()? == b"\x67docType";
        let value = reader.pass_over()?;
        if is_doc_type && found.is_none() {
            found = Reader::new(value, Limits::DOCUMENT)?.text().ok();
        }
        Ok(())
    });
    read.ok().and(found)
}

impl<'a> Document<'a> {
    /// Encodes a Document from encoded parts.
    #[must_use]
    pub fn encode(doc_type: &str, issuer_signed: &[u8], device_signed: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(issuer_signed.len() + device_signed.len() + doc_type.len() + 48);
        encoder.map(3).text("docType").text(doc_type).text("issuerSigned").raw(issuer_signed);
        encoder.text("deviceSigned").raw(device_signed);
        encoder.into_bytes()
    }
}

impl DeviceResponse<'_> {
    /// Encodes a version 1.0 response with status 0 from encoded documents.
    #[must_use]
    pub fn encode(documents: &[Vec<u8>]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(3).text("version").text("1.0").text("documents").array(documents.len());
        for document in documents {
            encoder.raw(document);
        }
        encoder.text("status").unsigned(0);
        encoder.into_bytes()
    }
}

/// Room is made for so many documents at once; a decoded one is large, and what a response announces is not yet proven.
const MANY_DOCUMENTS: usize = 4;

/// A response with more documents than these that cannot be read is itself none: they are cheap to send and dear to report.
const MANY_MALFORMED: usize = 16;

impl<'a> Decode<'a> for DeviceResponse<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut status) = (None, None);
        let (mut documents, mut malformed_documents, mut document_errors) = (Vec::new(), Vec::new(), Vec::new());
        let (mut zk_documents, mut encrypted_documents) = (0, 0);
        reader.map(|reader, key| {
            match key {
                Key::Text("version") => version = Some(reader.text()?),
                Key::Text("status") => status = Some(reader.unsigned()?),
                // Some wallets write null for what they leave out, here and below.
                Key::Text("documents" | "documentErrors") if reader.take_null()? => {
                    reader.note(Deviation::NullForAbsent);
                }
                Key::Text("documents") => {
                    documents.reserve_exact(reader.announced().min(MANY_DOCUMENTS));
                    reader.array(|reader, index| {
                        let start = reader.mark();
                        match reader.raw() {
                            Ok(document) => documents.push(document),
                            Err(error) if malformed_documents.len() < MANY_MALFORMED => {
                                reader.rewind(start);
                                malformed_documents.push(malformed(reader, index, error.within("documents"))?);
                            }
                            Err(error) => return Err(error.within("documents")),
                        }
                        Ok(())
                    })?;
                }
                Key::Text("documentErrors") => {
                    reader.array(|reader, _| {
                        reader.map(|reader, key| {
                            let Key::Text(doc_type) = key else {
                                return Err(reader.error(DecodeErrorKind::InvalidValue { field: "documentErrors" }));
                            };
                            document_errors.push((doc_type, reader.integer()?));
                            Ok(())
                        })?;
                        Ok(())
                    })?;
                }
                Key::Text("zkDocuments") => zk_documents = reader.array(|reader, _| reader.skip())?,
                Key::Text("encryptedDocuments") => encrypted_documents = reader.array(|reader, _| reader.skip())?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            version: version.ok_or_else(|| missing("version"))?,
            documents,
            malformed_documents,
            document_errors,
            status: status.ok_or_else(|| missing("status"))?,
            zk_documents,
            encrypted_documents,
        })
    }
}

/// Goes past a document that cannot be read. Where that fails, nothing after it can be read either, and `error` tells more.
fn malformed<'a>(
    reader: &mut Reader<'a>,
    index: usize,
    error: DecodeError,
) -> Result<MalformedDocument<'a>, DecodeError> {
    match reader.pass_over() {
        Ok(bytes) => Ok(MalformedDocument { index, doc_type: stated_doc_type(bytes), error }),
        Err(_) => Err(error),
    }
}

impl<'a> Decode<'a> for Document<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let outside = reader.take_deviations();
        let (mut doc_type, mut issuer_signed, mut device_signed) = (None, None, None);
        let mut errors = Vec::new();
        reader.map(|reader, key| {
            match key {
                Key::Text("docType") => doc_type = Some(reader.text()?),
                Key::Text("issuerSigned") => {
                    issuer_signed = Some(IssuerSigned::decode(reader).map_err(|error| error.within("issuerSigned"))?);
                }
                Key::Text("deviceSigned" | "errors") if reader.take_null()? => reader.note(Deviation::NullForAbsent),
                Key::Text("deviceSigned") => {
                    device_signed = Some(DeviceSigned::decode(reader).map_err(|error| error.within("deviceSigned"))?);
                }
                Key::Text("errors") => errors = read_errors(reader).map_err(|error| error.within("errors"))?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let deviations = reader.deviations();
        reader.note_all(outside);
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            doc_type: doc_type.ok_or_else(|| missing("docType"))?,
            issuer_signed: issuer_signed.ok_or_else(|| missing("issuerSigned"))?,
            device_signed,
            errors,
            deviations,
        })
    }
}

fn read_errors<'a>(reader: &mut Reader<'a>) -> Result<Vec<(&'a str, &'a str, i64)>, DecodeError> {
    let mut errors = Vec::new();
    reader.map(|reader, key| {
        let Key::Text(name_space) = key else {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
        };
        reader.map(|reader, key| {
            let Key::Text(element) = key else {
                return Err(reader.error(DecodeErrorKind::InvalidValue { field: "element identifier" }));
            };
            errors.push((name_space, element, reader.integer()?));
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(errors)
}
