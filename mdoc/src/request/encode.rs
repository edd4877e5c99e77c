//! Our own requests. A reader encodes the items first, signs those bytes, and then puts the request together from them.

use super::{
    AlternativeDataElements, DeviceRequest, DeviceRequestInfo, DocRequestInfo, ElementReference, ItemsRequest, UseCase,
};
use crate::cbor::Encoder;

/// ItemsRequestBytes of our own, ready to be signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedItemsRequest {
    bytes: Vec<u8>,
    second_edition: bool,
}

impl EncodedItemsRequest {
    /// The bytes from the tag on: what reader authentication covers.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One document request to put into a DeviceRequest.
#[derive(Clone, Copy, Debug)]
pub struct DocRequestParts<'p> {
    /// The wanted items.
    pub items_request: &'p EncodedItemsRequest,
    /// Encoded COSE_Sign1 over them, where the reader signs each document request.
    pub reader_auth: Option<&'p [u8]>,
}

impl DeviceRequest<'_> {
    /// Encodes a request: version `"1.1"` when `device_request_info`, `reader_auth_all` or a `requestInfo` is there, else
    /// `"1.0"`. `device_request_info` is what [`DeviceRequestInfo::encode`] returned, the signatures are encoded
    /// COSE_Sign1.
    #[must_use]
    pub fn encode(
        doc_requests: &[DocRequestParts<'_>],
        device_request_info: Option<&[u8]>,
        reader_auth_all: &[Vec<u8>],
    ) -> Vec<u8> {
        let second_edition = device_request_info.is_some()
            || !reader_auth_all.is_empty()
            || doc_requests.iter().any(|parts| parts.items_request.second_edition);
        let pairs = 2 + usize::from(device_request_info.is_some()) + usize::from(!reader_auth_all.is_empty());
        let mut encoder = Encoder::new();
        encoder.map(pairs).text("version").text(if second_edition { "1.1" } else { "1.0" });
        encoder.text("docRequests").array(doc_requests.len());
        for parts in doc_requests {
            encoder.map(1 + usize::from(parts.reader_auth.is_some()));
            encoder.text("itemsRequest").raw(&parts.items_request.bytes);
            if let Some(reader_auth) = parts.reader_auth {
                encoder.text("readerAuth").raw(reader_auth);
            }
        }
        if !reader_auth_all.is_empty() {
            encoder.text("readerAuthAll").array(reader_auth_all.len());
            for reader_auth in reader_auth_all {
                encoder.raw(reader_auth);
            }
        }
        if let Some(info) = device_request_info {
            encoder.text("deviceRequestInfo").raw(info);
        }
        encoder.into_bytes()
    }
}

impl ItemsRequest<'_> {
    /// Encodes ItemsRequestBytes.
    #[must_use]
    pub fn encode(&self) -> EncodedItemsRequest {
        let mut encoder = Encoder::new();
        let request_info = self.request_info.as_ref().filter(|info| !info.is_empty());
        encoder.map(2 + usize::from(request_info.is_some())).text("docType").text(self.doc_type);
        encoder.text("nameSpaces").map(self.name_spaces.len());
        for (name_space, elements) in &self.name_spaces {
            encoder.text(name_space).map(elements.len());
            for (element, retain) in elements {
                encoder.text(element).boolean(*retain);
            }
        }
        if let Some(info) = request_info {
            info.encode(encoder.text("requestInfo"));
        }
        let mut embedded = Encoder::with_capacity(encoder.as_bytes().len() + 8);
        embedded.embedded(encoder.as_bytes());
        EncodedItemsRequest { bytes: embedded.into_bytes(), second_edition: request_info.is_some() }
    }
}

impl DocRequestInfo<'_> {
    /// Appends the map, keys in deterministic order; `zkRequest` and `docResponseEncryption` as they were received.
    fn encode(&self, encoder: &mut Encoder) {
        encoder.sorted_map(|map| {
            if !self.alternative_data_elements.is_empty() {
                map.text("alternativeDataElements", |encoder| {
                    encoder.array(self.alternative_data_elements.len());
                    for alternatives in &self.alternative_data_elements {
                        alternatives.encode(encoder);
                    }
                });
            }
            if !self.issuer_identifiers.is_empty() {
                map.text("issuerIdentifiers", |encoder| {
                    encoder.array(self.issuer_identifiers.len());
                    for identifier in &self.issuer_identifiers {
                        encoder.bytes(identifier);
                    }
                });
            }
            if let Some(unique) = self.unique_doc_set_required {
                map.text("uniqueDocSetRequired", |encoder| _ = encoder.boolean(unique));
            }
            if let Some(size) = self.maximum_response_size {
                map.text("maximumResponseSize", |encoder| _ = encoder.unsigned(size));
            }
            if let Some(zk_request) = &self.zk_request {
                map.text("zkRequest", |encoder| _ = encoder.raw(zk_request.bytes()));
            }
            if let Some(parameters) = &self.doc_response_encryption {
                map.text("docResponseEncryption", |encoder| _ = encoder.raw(parameters.bytes()));
            }
        });
    }
}

impl AlternativeDataElements<'_> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(2).text("requestedElement");
        encode_reference(encoder, &self.requested_element);
        encoder.text("alternativeElementSets").array(self.alternative_element_sets.len());
        for set in &self.alternative_element_sets {
            encoder.array(set.len());
            for reference in set {
                encode_reference(encoder, reference);
            }
        }
    }
}

fn encode_reference(encoder: &mut Encoder, reference: &ElementReference<'_>) {
    encoder.array(2).text(reference.name_space).text(reference.element_identifier);
}

impl DeviceRequestInfo<'_> {
    /// Encodes DeviceRequestInfoBytes, from the tag on.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(1).text("useCases").array(self.use_cases.len());
        for use_case in &self.use_cases {
            use_case.encode(&mut encoder);
        }
        let mut embedded = Encoder::new();
        embedded.embedded(encoder.as_bytes());
        embedded.into_bytes()
    }
}

impl UseCase<'_> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(2 + usize::from(!self.purpose_hints.is_empty())).text("mandatory").boolean(self.mandatory);
        encoder.text("documentSets").array(self.document_sets.len());
        for set in &self.document_sets {
            encoder.array(set.len());
            for index in set {
                encoder.unsigned(*index);
            }
        }
        if !self.purpose_hints.is_empty() {
            encoder.text("purposeHints").map(self.purpose_hints.len());
            for (controller, purpose) in &self.purpose_hints {
                encoder.text(controller).integer(*purpose);
            }
        }
    }
}
