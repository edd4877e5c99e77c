//! COSE_Sign1 (RFC 9052 4.2).

use super::{CertificateChain, Headers, to_be_authenticated};
use crate::Deviation;
use crate::cbor::{Decode, DecodeError, DecodeErrorKind, Reader, TAG_COSE_SIGN1, Type};

/// A received COSE_Sign1.
///
/// ```cddl
/// COSE_Sign1 = [ protected: bstr .cbor header_map / h'', unprotected: header_map, payload: bstr / null, signature: bstr ]
/// ```
///
/// Mobile documents carry it without tag 18; a tag is read and noted ([`Deviation::CoseTag`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoseSign1<'a> {
    /// Content of the protected header's byte string, as received.
    pub protected_bytes: &'a [u8],
    /// The protected header.
    pub protected: Headers<'a>,
    /// The unprotected header.
    pub unprotected: Headers<'a>,
    /// The payload; `None` when it is detached (`null`).
    pub payload: Option<&'a [u8]>,
    /// The signature as carried: for ECDSA `r || s`, each padded to the field length.
    pub signature: &'a [u8],
    /// True when tag 18 stood in front.
    pub tagged: bool,
}

impl<'a> CoseSign1<'a> {
    /// The bytes that were signed: Sig_structure `["Signature1", protected, h'', payload]` (RFC 9052 4.4).
    #[must_use]
    pub fn to_be_signed(&self, payload: &[u8]) -> Vec<u8> {
        to_be_authenticated("Signature1", self.protected_bytes, payload)
    }

    /// The certificate chain of whichever header holds it; `Err` when both hold one and they differ.
    ///
    /// # Errors
    /// [`AmbiguousChain`].
    pub fn certificate_chain(&self) -> Result<Option<&CertificateChain<'a>>, AmbiguousChain> {
        match (&self.protected.chain, &self.unprotected.chain) {
            (Some(protected), Some(unprotected)) if protected != unprotected => Err(AmbiguousChain),
            (Some(chain), _) | (None, Some(chain)) => Ok(Some(chain)),
            (None, None) => Ok(None),
        }
    }

    /// Encodes a Sign1 from its parts, with tag 18 when `tagged` (a token of its own, such as a status list).
    #[must_use]
    pub fn encode(
        protected_bytes: &[u8],
        unprotected: &[u8],
        payload: Option<&[u8]>,
        signature: &[u8],
        tagged: bool,
    ) -> Vec<u8> {
        let capacity =
            protected_bytes.len() + unprotected.len() + payload.map_or(1, <[u8]>::len) + signature.len() + 32;
        let mut encoder = crate::cbor::Encoder::with_capacity(capacity);
        if tagged {
            encoder.tag(TAG_COSE_SIGN1);
        }
        encoder.array(4).bytes(protected_bytes).raw(unprotected);
        match payload {
            Some(payload) => encoder.bytes(payload),
            None => encoder.null(),
        };
        encoder.bytes(signature);
        encoder.into_bytes()
    }

    /// The bytes a signer signs for the given protected header and payload (RFC 9052 4.4).
    #[must_use]
    pub fn signature_input(protected_bytes: &[u8], payload: &[u8]) -> Vec<u8> {
        to_be_authenticated("Signature1", protected_bytes, payload)
    }
}

/// Two different certificate chains stand in the two headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("protected and unprotected header hold different certificate chains")]
pub struct AmbiguousChain;

impl<'a> Decode<'a> for CoseSign1<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let tagged = reader.peek_type()? == Type::Tag;
        if tagged {
            reader.expect_tag(TAG_COSE_SIGN1)?;
        }
        let (mut protected_bytes, mut signature): (&[u8], &[u8]) = (&[], &[]);
        let (mut protected, mut unprotected) = (Headers::default(), Headers::default());
        let mut payload = None;
        reader.array_of(4, |reader, index| {
            match index {
                0 => (protected_bytes, protected) = protected_header(reader)?,
                1 => unprotected = Headers::decode(reader).map_err(|error| error.within("unprotected"))?,
                2 if reader.take_null()? => {}
                2 => payload = Some(reader.bytes().map_err(|error| error.within("payload"))?),
                _ => signature = reader.bytes().map_err(|error| error.within("signature"))?,
            }
            Ok(())
        })?;
        check_critical(reader, &protected, &unprotected)?;
        Ok(Self { protected_bytes, protected, unprotected, payload, signature, tagged })
    }
}

/// Notes what issuerAuth deviates in: the tag, the place of the chain, additional protected headers.
pub(crate) fn note_issuer_auth_deviations(reader: &mut Reader<'_>, sign1: &CoseSign1<'_>) {
    if sign1.tagged {
        reader.note(Deviation::CoseTag);
    }
    if sign1.protected.chain.is_some() {
        reader.note(Deviation::ChainInProtectedHeader);
    }
    if sign1.protected.others() > 0 || sign1.protected.key_id().is_some() || sign1.protected.content_type().is_some() {
        reader.note(Deviation::ExtraProtectedHeader);
    }
}

/// Reads the protected header: a byte string that is empty or holds one map.
pub(super) fn protected_header<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], Headers<'a>), DecodeError> {
    let bytes = reader.bytes().map_err(|error| error.within("protected"))?;
    if bytes.is_empty() {
        return Ok((bytes, Headers::default()));
    }
    let headers = reader.embedded(bytes).map_err(|error| error.within("protected"))?;
    Ok((bytes, headers))
}

/// `crit` must be protected and known in full (RFC 9052 3.1).
pub(super) fn check_critical(
    reader: &Reader<'_>,
    protected: &Headers<'_>,
    unprotected: &Headers<'_>,
) -> Result<(), DecodeError> {
    if protected.has_unknown_critical() || !unprotected.critical().is_empty() {
        return Err(reader.error(DecodeErrorKind::InvalidValue { field: "crit" }));
    }
    Ok(())
}
