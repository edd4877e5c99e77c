//! Conditions on the answer (ISO/IEC 18013-5 second edition 10.2.4 to 10.2.6).

use super::non_empty;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Reader, Value};
use crate::cose::CoseKey;
use crate::{Raw, Tag24};

/// Conditions on one document.
///
/// ```cddl
/// DocRequestInfo = {
///   ? "alternativeDataElements": [+ AlternativeDataElements],
///   ? "issuerIdentifiers": [+ bstr],
///   ? "uniqueDocSetRequired": bool,
///   ? "maximumResponseSize": uint,
///   ? "zkRequest": ZkRequest,
///   ? "docResponseEncryption": #6.24(bstr .cbor EncryptionParameters),
///   * tstr => any }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocRequestInfo<'a> {
    /// What may be returned instead of a requested element; empty when the key is absent.
    pub alternative_data_elements: Vec<AlternativeDataElements<'a>>,
    /// authorityKeyIdentifier octets, one of which a certificate of the document's x5chain must carry; empty when the key
    /// is absent.
    pub issuer_identifiers: Vec<&'a [u8]>,
    /// True: exactly one document; false: several are welcome; absent: undefined.
    pub unique_doc_set_required: Option<bool>,
    /// Soft limit on the unencrypted DeviceResponse, in bytes.
    pub maximum_response_size: Option<u64>,
    /// Zero-knowledge systems the reader accepts.
    pub zk_request: Option<Raw<'a, ZkRequest<'a>>>,
    /// Where to encrypt this document to, as received: a part of the changed transcript.
    pub doc_response_encryption: Option<Tag24<'a, EncryptionParameters<'a>>>,
}

impl DocRequestInfo<'_> {
    /// True when no known condition is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `AlternativeDataElements = { "requestedElement": ElementReference, "alternativeElementSets": [+ [+ ElementReference]],
/// * tstr => any }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternativeDataElements<'a> {
    /// The element that may be replaced; it is listed in `nameSpaces` too.
    pub requested_element: ElementReference<'a>,
    /// Any one of these sets replaces it, as a whole; an earlier one is preferred.
    pub alternative_element_sets: Vec<Vec<ElementReference<'a>>>,
}

/// `ElementReference = [ NameSpace, DataElementIdentifier ]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ElementReference<'a> {
    /// The namespace.
    pub name_space: &'a str,
    /// The element.
    pub element_identifier: &'a str,
}

/// `EncryptionParameters = { "recipientPublicKey": COSE_Key, ? "nonce": bstr, ? "recipientCertificate": [+ bstr],
/// * tstr => any }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionParameters<'a> {
    /// HPKE recipient key, P-256.
    pub recipient_public_key: CoseKey<'a>,
    /// Makes the transcript fresh.
    pub nonce: Option<&'a [u8]>,
    /// DER certificates of the recipient key, leaf first; empty when the key is absent.
    pub recipient_certificate: Vec<&'a [u8]>,
}

/// `ZkRequest = { "systemSpecs": [+ ZkSystemSpec], "zkRequired": bool, * tstr => any }`.
#[derive(Clone, Debug, PartialEq)]
pub struct ZkRequest<'a> {
    /// The accepted systems.
    pub system_specs: Vec<ZkSystemSpec<'a>>,
    /// True: a plain document is no answer.
    pub required: bool,
}

/// `ZkSystemSpec = { "zkSystemId": tstr, "system": tstr, "params": { * tstr => any }, * tstr => any }`.
#[derive(Clone, Debug, PartialEq)]
pub struct ZkSystemSpec<'a> {
    /// Chosen by the reader, echoed by the wallet.
    pub zk_system_id: &'a str,
    /// Name of the proof system.
    pub system: &'a str,
    /// Its parameters.
    pub params: Vec<(&'a str, Value<'a>)>,
}

/// `DeviceRequestInfo = { ? "useCases": [+ UseCase], * tstr => any }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRequestInfo<'a> {
    /// What the documents are wanted for; empty when the key is absent.
    pub use_cases: Vec<UseCase<'a>>,
}

/// `UseCase = { "mandatory": bool, "documentSets": [+ [+ uint]], ? "purposeHints": { + tstr => int }, * tstr => any }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseCase<'a> {
    /// A wallet that cannot satisfy a mandatory use case returns nothing.
    pub mandatory: bool,
    /// Alternatives: indexes into `docRequests`, from 0. All of one set are returned.
    pub document_sets: Vec<Vec<u64>>,
    /// Purposes by controller; `org.iso.jtc1.sc17` has 1 identity, 2 driving privilege, 3 age.
    pub purpose_hints: Vec<(&'a str, i64)>,
}

impl<'a> Decode<'a> for DocRequestInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut info = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Text("alternativeDataElements") => {
                    info.alternative_data_elements =
                        non_empty(reader).map_err(|error| error.within("alternativeDataElements"))?;
                }
                Key::Text("issuerIdentifiers") => {
                    info.issuer_identifiers =
                        byte_strings(reader).map_err(|error| error.within("issuerIdentifiers"))?;
                }
                Key::Text("uniqueDocSetRequired") => info.unique_doc_set_required = Some(reader.boolean()?),
                Key::Text("maximumResponseSize") => info.maximum_response_size = Some(reader.unsigned()?),
                Key::Text("zkRequest") => {
                    info.zk_request = Some(reader.raw().map_err(|error| error.within("zkRequest"))?);
                }
                Key::Text("docResponseEncryption") => {
                    info.doc_response_encryption =
                        Some(reader.tag24().map_err(|error| error.within("docResponseEncryption"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(info)
    }
}

impl<'a> Decode<'a> for AlternativeDataElements<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut requested_element, mut sets) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("requestedElement") => requested_element = Some(ElementReference::decode(reader)?),
                Key::Text("alternativeElementSets") => {
                    sets = Some(non_empty::<NonEmpty<ElementReference<'a>>>(reader)?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        let sets = sets.ok_or_else(|| missing("alternativeElementSets"))?;
        Ok(Self {
            requested_element: requested_element.ok_or_else(|| missing("requestedElement"))?,
            alternative_element_sets: sets.into_iter().map(|set| set.0).collect(),
        })
    }
}

/// `[+ T]` as an element of another list.
struct NonEmpty<T>(Vec<T>);

impl<'a, T: Decode<'a>> Decode<'a> for NonEmpty<T> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        non_empty(reader).map(Self)
    }
}

impl<'a> Decode<'a> for ElementReference<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut reference = Self::default();
        reader.array_of(2, |reader, index| {
            match index {
                0 => reference.name_space = reader.text()?,
                _ => reference.element_identifier = reader.text()?,
            }
            Ok(())
        })?;
        Ok(reference)
    }
}

impl<'a> Decode<'a> for EncryptionParameters<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut recipient_public_key, mut nonce, mut recipient_certificate) = (None, None, Vec::new());
        reader.map(|reader, key| {
            match key {
                Key::Text("recipientPublicKey") => {
                    recipient_public_key =
                        Some(CoseKey::decode(reader).map_err(|error| error.within("recipientPublicKey"))?);
                }
                Key::Text("nonce") => nonce = Some(reader.bytes()?),
                Key::Text("recipientCertificate") => {
                    recipient_certificate =
                        byte_strings(reader).map_err(|error| error.within("recipientCertificate"))?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "recipientPublicKey" };
        Ok(Self {
            recipient_public_key: recipient_public_key.ok_or_else(|| DecodeError::new(missing, at))?,
            nonce,
            recipient_certificate,
        })
    }
}

impl<'a> Decode<'a> for ZkRequest<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut system_specs, mut required) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("systemSpecs") => {
                    system_specs = Some(non_empty(reader).map_err(|error| error.within("systemSpecs"))?);
                }
                Key::Text("zkRequired") => required = Some(reader.boolean()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            system_specs: system_specs.ok_or_else(|| missing("systemSpecs"))?,
            required: required.ok_or_else(|| missing("zkRequired"))?,
        })
    }
}

impl<'a> Decode<'a> for ZkSystemSpec<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut zk_system_id, mut system, mut params) = (None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("zkSystemId") => zk_system_id = Some(reader.text()?),
                Key::Text("system") => system = Some(reader.text()?),
                Key::Text("params") => {
                    let mut found = Vec::new();
                    reader.map(|reader, key| {
                        let Key::Text(name) = key else {
                            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "params" }));
                        };
                        found.push((name, Value::decode(reader)?));
                        Ok(())
                    })?;
                    params = Some(found);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            zk_system_id: zk_system_id.ok_or_else(|| missing("zkSystemId"))?,
            system: system.ok_or_else(|| missing("system"))?,
            params: params.ok_or_else(|| missing("params"))?,
        })
    }
}

impl<'a> Decode<'a> for DeviceRequestInfo<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut info = Self::default();
        reader.map(|reader, key| {
            match key {
                Key::Text("useCases") => {
                    info.use_cases = non_empty(reader).map_err(|error| error.within("useCases"))?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(info)
    }
}

impl<'a> Decode<'a> for UseCase<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut mandatory, mut sets, mut purpose_hints) = (None, None, Vec::new());
        reader.map(|reader, key| {
            match key {
                Key::Text("mandatory") => mandatory = Some(reader.boolean()?),
                Key::Text("documentSets") => sets = Some(non_empty::<NonEmpty<DocRequestIndex>>(reader)?),
                Key::Text("purposeHints") => {
                    reader.map(|reader, key| {
                        let Key::Text(controller) = key else {
                            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "purposeHints" }));
                        };
                        purpose_hints.push((controller, reader.integer()?));
                        Ok(())
                    })?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        let sets = sets.ok_or_else(|| missing("documentSets"))?;
        Ok(Self {
            mandatory: mandatory.ok_or_else(|| missing("mandatory"))?,
            document_sets: sets.into_iter().map(|set| set.0.into_iter().map(|index| index.0).collect()).collect(),
            purpose_hints,
        })
    }
}

/// An index into `docRequests`.
struct DocRequestIndex(u64);

impl<'a> Decode<'a> for DocRequestIndex {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.unsigned().map(Self)
    }
}

/// Reads `[+ bstr]`.
fn byte_strings<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, DecodeError> {
    let at = reader.offset();
    let mut strings = Vec::new();
    reader.array(|reader, _| {
        strings.push(reader.bytes()?);
        Ok(())
    })?;
    if strings.is_empty() { Err(DecodeError::new(DecodeErrorKind::Empty, at)) } else { Ok(strings) }
}
