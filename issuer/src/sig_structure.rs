//! What a document signer signs (RFC 9052 4.4, ISO/IEC 18013-5 9.1.2.4).

use tegata_mdoc::cbor::Encoder;

use crate::document_signer::Headers;
use crate::mso::MsoParts;
use crate::slot::{Slot, head_length};

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
        let payload = tag_and_head.saturating_add(mso);
        let heads = headers.sig_structure.len() + head_length(payload) + 2 + head_length(mso);
        let start = ROOM.saturating_sub(heads);
        if let Some(room) = bytes.get_mut(start..ROOM) {
            Slot::new(room).raw(&headers.sig_structure).head(2, payload).push([0xd8, 0x18]).head(2, mso);
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

#[cfg(test)]
mod tests {
    use getrandom::SysRng;
    use getrandom::rand_core::UnwrapErr;
    use tegata_mdoc::cose::CoseSign1;
    use tegata_mdoc::date::Tdate;
    use tegata_pki::software::InsecureSoftwareKey;
    use tegata_pki::{Curve, Hash};
    use time::macros::utc_datetime;

    use super::*;
    use crate::Validity;
    use crate::items::NameSpaceDigests;

    #[test]
    fn it_is_that_of_the_document_crate_for_heads_of_every_length() {
        let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
        let instant = Tdate::new(utc_datetime!(2026-11-21 0:00));
        let validity = Validity {
            signed: instant,
            valid_from: instant,
            valid_until: instant,
            expected_update: None,
            is_cut_by_certificates: false,
        };
        let protected = [0xa1, 0x01, 0x26];
        let mut start = Encoder::new();
        start.array(4).text("Signature1").bytes(&protected).bytes(&[]);
        let headers = Headers { issuer_auth: Vec::new(), sig_structure: start.into_bytes() };
        for digests in [1, 30, 3000] {
            let value_digests = [NameSpaceDigests { name_space: "x", digests: vec![7; 32 * digests] }];
            let parts = MsoParts {
                doc_type: "x",
                digest_algorithm: Hash::Sha256,
                value_digests: &value_digests,
                device_key: key.public_key(),
                key_authorizations: None,
                validity: &validity,
                status: None,
            };
            let (mut mso, mut payload) = (Encoder::new(), Encoder::new());
            parts.encode(&mut mso);
            payload.embedded(mso.as_bytes());
            let structure = SigStructure::new(&headers, &parts);
            assert_eq!(structure.as_bytes(), CoseSign1::signature_input(&protected, payload.as_bytes()), "{digests}");
            let mut in_sign1 = Encoder::new();
            in_sign1.bytes(payload.as_bytes());
            assert_eq!(structure.encoded_payload(), in_sign1.as_bytes(), "{digests}");
        }
    }
}
