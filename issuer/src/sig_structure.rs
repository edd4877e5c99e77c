//! What a document signer signs (RFC 9052 4.4, ISO/IEC 18013-5 9.1.2.4).

use tegata_mdoc::cbor::Encoder;

use crate::document_signer::Headers;
use crate::mso::MsoParts;
use crate::prefix::{Prefix, head_length};

/// Room for what stands before the MSO: 19 bytes up to the payload, the heads of two byte strings, a tag.
const ROOM: usize = 48;

/// The Sig_structure `["Signature1", protected, h'', payload]` with the payload `#6.24(bstr .cbor MobileSecurityObject)`.
///
/// The MSO is encoded once and in place. How long the heads before it are depends on its length, so there is room for the
/// longest, and what they leave free is not part of the structure.
pub(crate) struct SigStructure {
    bytes: Vec<u8>,
    start: usize,
    payload: usize,
}

impl SigStructure {
    pub(crate) fn new(headers: &Headers, mso: &MsoParts<'_>) -> Self {
        let mut encoder = Encoder::with_capacity(ROOM + mso.capacity());
        encoder.raw(&[0; ROOM]);
        mso.encode(&mut encoder);
        let mut bytes = encoder.into_bytes();

        let mso = u64::try_from(bytes.len() - ROOM).unwrap_or(u64::MAX);
        let tag_and_head = 2 + u64::try_from(head_length(mso)).unwrap_or(u64::MAX);
        let mut heads = Prefix::new();
        heads.raw(&headers.sig_structure);
        heads.head(2, tag_and_head.saturating_add(mso)).push([0xd8, 0x18]).head(2, mso);
        let start = ROOM.saturating_sub(heads.as_bytes().len());
        if let Some(room) = bytes.get_mut(start..ROOM) {
            room.copy_from_slice(heads.as_bytes());
        }
        Self { bytes, start, payload: start + headers.sig_structure.len() }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The payload with the head of its byte string, as it also stands in the COSE_Sign1.
    pub(crate) fn encoded_payload(&self) -> &[u8] {
        self.bytes.get(self.payload..).unwrap_or_default()
    }
}
