//! DeviceRequest (ISO/IEC 18013-5 8.3.2.1.2.1; second edition 10.2).
//!
//! Members of the second edition are read whatever the version says: a request that carries them means them. Ours is
//! `"1.1"` exactly when it carries one.

mod authentication;
mod encode;
mod info;

pub use authentication::{reader_authentication_all_bytes, reader_authentication_bytes};
pub use encode::{DocRequestParts, EncodedItemsRequest};
pub use info::{
    AlternativeDataElements, DeviceRequestInfo, DocRequestInfo, ElementReference, EncryptionParameters, UseCase,
    ZkRequest, ZkSystemSpec,
};

use crate::Tag24;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Key, Reader};
use crate::cose::{CoseKey, CoseSign1};

/// What a reader asks for.
///
/// ```cddl
/// DeviceRequest = {
///   "version": tstr,                                          ; "1.0" or "1.1"
///   "docRequests": [+ DocRequest],
///   ? "deviceRequestInfo": #6.24(bstr .cbor DeviceRequestInfo),  ; second edition
///   ? "readerAuthAll": [+ COSE_Sign1],                        ; second edition
///   ? "macKeys": [+ COSE_Key],                                ; ISO/IEC 18013-7 Annex A
///   * tstr => any }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRequest<'a> {
    /// `"1.0"` or `"1.1"`; another minor version of major 1 is to be processed.
    pub version: &'a str,
    /// One per wanted document. Without use cases only a single one has a defined meaning.
    pub doc_requests: Vec<DocRequest<'a>>,
    /// Which document requests belong together.
    pub device_request_info: Option<Tag24<'a, DeviceRequestInfo<'a>>>,
    /// Signatures over the whole request, one per trust framework; empty when the key is absent.
    pub reader_auth_all: Vec<CoseSign1<'a>>,
    /// Reader keys the device may agree a MAC key with, one per curve; empty when the key is absent.
    pub mac_keys: Vec<CoseKey<'a>>,
}

/// `DocRequest = { "itemsRequest": ItemsRequestBytes, ? "readerAuth": COSE_Sign1, * tstr => any }`.
#[derive(Clone, Debug, PartialEq)]
pub struct DocRequest<'a> {
    /// ItemsRequestBytes as received: what reader authentication covers.
    pub items_request: Tag24<'a, ItemsRequest<'a>>,
    /// The reader's signature over this document request, payload detached.
    pub reader_auth: Option<CoseSign1<'a>>,
}

/// The wanted elements of one document.
///
/// ```cddl
/// ItemsRequest = {
///   "docType": tstr,
///   "nameSpaces": { + NameSpace => { + tstr => bool } },      ; bool: intent to retain
///   ? "requestInfo": DocRequestInfo,
///   * tstr => any }
/// ItemsRequestBytes = #6.24(bstr .cbor ItemsRequest)
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemsRequest<'a> {
    /// The document type.
    pub doc_type: &'a str,
    /// The wanted elements by namespace, each with the reader's intent to retain it beyond the transaction.
    pub name_spaces: Vec<(&'a str, Vec<(&'a str, bool)>)>,
    /// Conditions on the answer (second edition; in the first edition application-specific).
    pub request_info: Option<DocRequestInfo<'a>>,
}

impl<'a> ItemsRequest<'a> {
    /// Every wanted element: namespace, element, intent to retain.
    pub fn elements(&self) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
        self.name_spaces.iter().flat_map(|(name_space, elements)| {
            elements.iter().map(|(element, retain)| (*name_space, *element, *retain))
        })
    }

    /// The intent to retain `element` of `name_space`; `None` when it is not asked for.
    #[must_use]
    pub fn intent_to_retain(&self, name_space: &str, element: &str) -> Option<bool> {
        self.elements().find(|(space, name, _)| *space == name_space && *name == element).map(|(_, _, retain)| retain)
    }
}

impl<'a> Decode<'a> for DeviceRequest<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut version, mut doc_requests, mut device_request_info) = (None, None, None);
        let (mut reader_auth_all, mut mac_keys) = (Vec::new(), Vec::new());
        reader.map(|reader, key| {
            match key {
                Key::Text("version") => version = Some(reader.text()?),
                Key::Text("docRequests") => {
                    doc_requests = Some(non_empty(reader).map_err(|error| error.within("docRequests"))?);
                }
                Key::Text("deviceRequestInfo") => {
                    device_request_info = Some(reader.tag24().map_err(|error| error.within("deviceRequestInfo"))?);
                }
                Key::Text("readerAuthAll") => {
                    reader_auth_all = non_empty(reader).map_err(|error| error.within("readerAuthAll"))?;
                }
                Key::Text("macKeys") => mac_keys = non_empty(reader).map_err(|error| error.within("macKeys"))?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            version: version.ok_or_else(|| missing("version"))?,
            doc_requests: doc_requests.ok_or_else(|| missing("docRequests"))?,
            device_request_info,
            reader_auth_all,
            mac_keys,
        })
    }
}

impl<'a> Decode<'a> for DocRequest<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut items_request, mut reader_auth) = (None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("itemsRequest") => {
                    items_request = Some(reader.tag24().map_err(|error| error.within("itemsRequest"))?);
                }
                Key::Text("readerAuth") => {
                    reader_auth = Some(CoseSign1::decode(reader).map_err(|error| error.within("readerAuth"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = DecodeErrorKind::MissingKey { key: "itemsRequest" };
        Ok(Self { items_request: items_request.ok_or_else(|| DecodeError::new(missing, at))?, reader_auth })
    }
}

impl<'a> Decode<'a> for ItemsRequest<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut doc_type, mut name_spaces, mut request_info) = (None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("docType") => doc_type = Some(reader.text()?),
                Key::Text("nameSpaces") => {
                    name_spaces = Some(read_name_spaces(reader).map_err(|error| error.within("nameSpaces"))?);
                }
                Key::Text("requestInfo") => {
                    request_info = Some(DocRequestInfo::decode(reader).map_err(|error| error.within("requestInfo"))?);
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::MissingKey { key }, at);
        Ok(Self {
            doc_type: doc_type.ok_or_else(|| missing("docType"))?,
            name_spaces: name_spaces.ok_or_else(|| missing("nameSpaces"))?,
            request_info,
        })
    }
}

/// The elements of one namespace with the intent to retain each.
type RequestedElements<'a> = Vec<(&'a str, bool)>;

fn read_name_spaces<'a>(reader: &mut Reader<'a>) -> Result<Vec<(&'a str, RequestedElements<'a>)>, DecodeError> {
    let at = reader.offset();
    let mut name_spaces = Vec::new();
    let mut wanted = 0;
    reader.map(|reader, key| {
        let Key::Text(name_space) = key else {
            return Err(reader.error(DecodeErrorKind::InvalidValue { field: "namespace" }));
        };
        let mut elements = Vec::new();
        wanted += reader.map(|reader, key| {
            let Key::Text(element) = key else {
                return Err(reader.error(DecodeErrorKind::InvalidValue { field: "element identifier" }));
            };
            elements.push((element, reader.boolean()?));
            Ok(())
        })?;
        name_spaces.push((name_space, elements));
        Ok(())
    })?;
    if wanted == 0 {
        return Err(DecodeError::new(DecodeErrorKind::Empty, at));
    }
    Ok(name_spaces)
}

/// Reads `[+ T]`.
fn non_empty<'a, T: Decode<'a>>(reader: &mut Reader<'a>) -> Result<Vec<T>, DecodeError> {
    let at = reader.offset();
    let mut items = Vec::new();
    reader.array(|reader, _| {
        items.push(T::decode(reader)?);
        Ok(())
    })?;
    if items.is_empty() { Err(DecodeError::new(DecodeErrorKind::Empty, at)) } else { Ok(items) }
}
