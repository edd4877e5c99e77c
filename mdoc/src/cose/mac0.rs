//! COSE_Mac0 (RFC 9052 6.2).

use super::sign1::{check_critical, protected_header};
use super::{Headers, to_be_authenticated};
use crate::cbor::{Decode, DecodeError, Encoder, Reader, TAG_COSE_MAC0, Type};

/// A received COSE_Mac0.
///
/// ```cddl
/// COSE_Mac0 = [ protected: bstr .cbor header_map / h'', unprotected: header_map, payload: bstr / null, tag: bstr ]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoseMac0<'a> {
    /// Content of the protected header's byte string, as received.
    pub protected_bytes: &'a [u8],
    /// The protected header.
    pub protected: Headers<'a>,
    /// The unprotected header.
    pub unprotected: Headers<'a>,
    /// The payload; `None` when it is detached (`null`).
    pub payload: Option<&'a [u8]>,
    /// The authentication tag.
    pub tag: &'a [u8],
    /// True when tag 17 stood in front.
    pub tagged: bool,
}

impl CoseMac0<'_> {
    /// The bytes that were authenticated: MAC_structure `["MAC0", protected, h'', payload]` (RFC 9052 6.3).
    #[must_use]
    pub fn to_be_maced(&self, payload: &[u8]) -> Vec<u8> {
        Self::mac_input(self.protected_bytes, payload)
    }

    /// The bytes to authenticate for the given protected header and payload.
    #[must_use]
    pub fn mac_input(protected_bytes: &[u8], payload: &[u8]) -> Vec<u8> {
        to_be_authenticated("MAC0", protected_bytes, payload)
    }

    /// Encodes an untagged Mac0 with an empty unprotected header and a detached payload.
    #[must_use]
    pub fn encode_detached(protected_bytes: &[u8], tag: &[u8]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(4).bytes(protected_bytes).map(0).null().bytes(tag);
        encoder.into_bytes()
    }
}

impl<'a> Decode<'a> for CoseMac0<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let tagged = reader.peek_type()? == Type::Tag;
        if tagged {
            reader.expect_tag(TAG_COSE_MAC0)?;
        }
        let (mut protected_bytes, mut tag): (&[u8], &[u8]) = (&[], &[]);
        let (mut protected, mut unprotected) = (Headers::default(), Headers::default());
        let mut payload = None;
        reader.array_of(4, |reader, index| {
            match index {
                0 => (protected_bytes, protected) = protected_header(reader)?,
                1 => unprotected = Headers::decode(reader).map_err(|error| error.within("unprotected"))?,
                2 if reader.take_null()? => {}
                2 => payload = Some(reader.bytes().map_err(|error| error.within("payload"))?),
                _ => tag = reader.bytes().map_err(|error| error.within("tag"))?,
            }
            Ok(())
        })?;
        check_critical(reader, &protected, &unprotected)?;
        Ok(Self { protected_bytes, protected, unprotected, payload, tag, tagged })
    }
}
