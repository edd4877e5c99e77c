//! What a reader signs (ISO/IEC 18013-5 9.1.4; second edition 12.5).

use crate::Raw;
use crate::cbor::Encoder;
use crate::transcript::SessionTranscript;

/// ReaderAuthenticationBytes, the detached payload of `readerAuth`:
///
/// ```cddl
/// ReaderAuthentication = [ "ReaderAuthentication", SessionTranscript, ItemsRequestBytes ]
/// ReaderAuthenticationBytes = #6.24(bstr .cbor ReaderAuthentication)
/// ```
///
/// `items_request_bytes` are the bytes as sent, tag 24 included.
#[must_use]
pub fn reader_authentication_bytes(transcript: &Raw<'_, SessionTranscript<'_>>, items_request_bytes: &[u8]) -> Vec<u8> {
    let mut array = Encoder::with_capacity(transcript.bytes().len() + items_request_bytes.len() + 32);
    array.array(3).text("ReaderAuthentication").raw(transcript.bytes()).raw(items_request_bytes);
    embed(&array)
}

/// ReaderAuthenticationAllBytes, the detached payload of each `readerAuthAll`:
///
/// ```cddl
/// ReaderAuthenticationAll =
///   [ "ReaderAuthenticationAll", SessionTranscript, [* ItemsRequestBytes], DeviceRequestInfoBytes / null ]
/// ReaderAuthenticationAllBytes = #6.24(bstr .cbor ReaderAuthenticationAll)
/// ```
///
/// `items_requests_bytes` are those of all document requests in the order of the request, and all bytes are as sent,
/// tag 24 included.
#[must_use]
pub fn reader_authentication_all_bytes(
    transcript: &Raw<'_, SessionTranscript<'_>>,
    items_requests_bytes: &[&[u8]],
    device_request_info_bytes: Option<&[u8]>,
) -> Vec<u8> {
    let mut array = Encoder::new();
    array.array(4).text("ReaderAuthenticationAll").raw(transcript.bytes()).array(items_requests_bytes.len());
    for bytes in items_requests_bytes {
        array.raw(bytes);
    }
    match device_request_info_bytes {
        Some(bytes) => array.raw(bytes),
        None => array.null(),
    };
    embed(&array)
}

fn embed(array: &Encoder) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(array.as_bytes().len() + 8);
    encoder.embedded(array.as_bytes());
    encoder.into_bytes()
}
