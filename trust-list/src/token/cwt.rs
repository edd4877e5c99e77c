//! Reading a CWT (RFC 8392) in a COSE_Sign1.

use std::sync::{Arc, OnceLock};

use tegata_mdoc::Deviation;
use tegata_mdoc::cbor::{Decode, DecodeError, DecodeErrorKind, Limits, Reader, TAG_CWT, TAG_EMBEDDED, Type};
use tegata_mdoc::cose::{AlgorithmId, CoseSign1};
use tegata_pki::{CoseAlgorithm, looks_like_html};

use super::claims::ClaimsFound;
use super::sealed::Content as _;
use super::{Envelope, ListContent, MAX_TOKEN_BYTES, Parts, Token, TokenDeviation, TokenError, TokenKind};
use crate::{IdentifierList, StatusList};

/// CWT claim `sub`.
pub(super) const SUBJECT: i64 = 2;
/// CWT claim `exp`.
pub(super) const EXPIRES: i64 = 4;
/// CWT claim `nbf`.
const NOT_BEFORE: i64 = 5;
/// CWT claim `iat`.
pub(super) const ISSUED_AT: i64 = 6;
/// CWT claim `ttl`.
pub(super) const TTL: i64 = 65534;
/// COSE hash algorithm SHA-256 (RFC 9054), for `x5t`.
const SHA_256: i64 = -16;

const LIMITS: Limits = Limits { bytes: MAX_TOKEN_BYTES, ..Limits::LIST };

impl<L: ListContent> Token<L> {
    /// Reads a CWT.
    ///
    /// ```cddl
    /// token = #6.18([ protected: bstr .cbor { 1 => alg, 16 => tstr, ? 33 => x5chain, * label => any },
    ///                 { * label => any }, payload: bstr .cbor claims, signature: bstr ])
    /// claims = { 2 => tstr, 6 => number, ? 4 => number, ? 65534 => uint,
    ///            (65533 => StatusList // 65530 => IdentifierList // -65537 => DeviceKeyList), * label => any }
    /// ```
    ///
    /// draft-ietf-oauth-status-list 5.2, ISO/IEC 18013-5 12.3.6.3. What deviates tolerably is in [`Token::deviations`].
    ///
    /// # Errors
    /// [`TokenError`]. A token that is authenticated by a MAC (tag 17) is refused: it proves nothing to a third party.
    pub fn from_cwt(bytes: &[u8]) -> Result<Self, TokenError> {
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong { found: bytes.len() });
        }
        if looks_like_html(bytes) {
            return Err(TokenError::LooksLikeHtml);
        }
        let mut deviations = Vec::new();
        let mut reader = Reader::new(bytes, LIMITS)?;
        if peek_tag(&reader) == Some(TAG_CWT) {
            reader.expect_tag(TAG_CWT)?;
            deviations.push(TokenDeviation::CwtTag);
        }
        let sign1 = CoseSign1::decode(&mut reader).map_err(|error| cut_or(error, bytes))?;
        reader.finish()?;
        if !sign1.tagged {
            deviations.push(TokenDeviation::NoCoseTag);
        }
        check_type::<L>(&sign1, &mut deviations)?;
        let payload = sign1.payload.ok_or(TokenError::NoPayload)?;
        let mut payload_reader = Reader::new(payload, LIMITS)?;
        let ClaimsMap { found, content } = if peek_tag(&payload_reader) == Some(TAG_EMBEDDED) {
            deviations.push(TokenDeviation::PayloadEmbedded);
            payload_reader.expect_tag(TAG_EMBEDDED)?;
            let claims = payload_reader.bytes()?;
            payload_reader.embedded(claims)?
        } else {
            ClaimsMap::<L>::decode(&mut payload_reader)?
        };
        payload_reader.finish()?;
        let claims = found.complete()?;
        let content = content.ok_or(TokenError::MissingClaim("list"))?;
        if claims.expires.is_none() {
            deviations.push(TokenDeviation::NoExpiry);
        }
        note_encoding(&reader, &payload_reader, &mut deviations);
        let envelope = envelope(&sign1, payload, &mut deviations)?;
        deviations.sort_unstable();
        deviations.dedup();
        match deviations.first() {
            Some(deviation) if !L::MAY_DEVIATE => Err(TokenError::Deviation(*deviation)),
            _ => Ok(Self(Arc::new(Parts { envelope, claims, content, deviations, signed_by: OnceLock::new() }))),
        }
    }
}

/// The claim with a list in a CWT that says by no type that it has one.
pub(crate) fn listed_claim(bytes: &[u8]) -> Option<i64> {
    const LISTS: [i64; 2] = [StatusList::CWT_CLAIM, IdentifierList::CWT_CLAIM];
    let mut reader = Reader::new(bytes, LIMITS).ok()?;
    let sign1 = CoseSign1::decode(&mut reader).ok()?;
    let mut found = None;
    let mut claims = Reader::new(sign1.payload?, LIMITS).ok()?;
    let read = claims.map(|reader, key| {
        found = found.or(key.label().filter(|claim| LISTS.contains(claim)));
        reader.skip()
    });
    read.ok().and(found)
}

/// Tells a token whose end is missing from one that is wrong inside.
fn cut_or(error: DecodeError, bytes: &[u8]) -> TokenError {
    let whole = Reader::new(bytes, LIMITS).and_then(|mut reader| reader.skip());
    match whole {
        Err(end) if *end.kind() == DecodeErrorKind::UnexpectedEnd => TokenError::Truncated,
        _ => TokenError::Cbor(error),
    }
}

fn peek_tag(reader: &Reader<'_>) -> Option<u64> {
    (reader.peek_type().ok()? == Type::Tag).then(|| reader.clone().tag().ok()).flatten()
}

fn check_type<L: ListContent>(sign1: &CoseSign1<'_>, deviations: &mut Vec<TokenDeviation>) -> Result<(), TokenError> {
    match sign1.protected.content_type() {
        Some(found) if found.eq_ignore_ascii_case(L::CWT_TYPE) => Ok(()),
        Some(found) if found.eq_ignore_ascii_case(L::CWT_SHORT_TYPE) => {
            deviations.push(TokenDeviation::ShortType);
            Ok(())
        }
        // A CoAP content format number is allowed as well, but none is assigned.
        found => Err(TokenError::WrongType { found: found.map(str::to_owned) }),
    }
}

fn envelope(
    sign1: &CoseSign1<'_>,
    payload: &[u8],
    deviations: &mut Vec<TokenDeviation>,
) -> Result<Envelope, TokenError> {
    if sign1.unprotected.algorithm.is_some() {
        return Err(TokenError::AlgorithmNotProtected);
    }
    let algorithm = match sign1.protected.algorithm {
        Some(AlgorithmId::Number(number)) => CoseAlgorithm::from_number(number),
        Some(AlgorithmId::Text(_)) => None,
        None => return Err(TokenError::AlgorithmNotProtected),
    };
    let chain = sign1.certificate_chain().map_err(|_| TokenError::AmbiguousChain)?;
    if chain.is_some() && sign1.protected.chain.is_none() {
        deviations.push(TokenDeviation::ChainUnprotected);
    }
    let thumbprint = match sign1.protected.thumbprint().or(sign1.unprotected.thumbprint()) {
        Some((SHA_256, hash)) => Some(hash.to_vec()),
        // A thumbprint we cannot compute must not be passed over as if it had matched.
        Some(_) => return Err(TokenError::UnsupportedThumbprint),
        None => None,
    };
    Ok(Envelope {
        kind: TokenKind::Cwt,
        algorithm: algorithm.ok_or(TokenError::UnsupportedAlgorithm)?,
        key_id: sign1.protected.key_id().or(sign1.unprotected.key_id()).map(<[u8]>::to_vec),
        chain: chain.into_iter().flatten().map(|certificate| certificate.to_vec()).collect(),
        thumbprint,
        message: sign1.to_be_signed(payload),
        signature: sign1.signature.to_vec(),
    })
}

fn note_encoding(token: &Reader<'_>, payload: &Reader<'_>, deviations: &mut Vec<TokenDeviation>) {
    for deviation in token.deviations().iter().chain(payload.deviations().iter()) {
        match deviation {
            Deviation::ChainArrayOfOne => deviations.push(TokenDeviation::ChainArrayOfOne),
            Deviation::IndefiniteLength | Deviation::LongHead => deviations.push(TokenDeviation::Encoding),
            _ => {}
        }
    }
}

/// The payload of a CWT.
struct ClaimsMap<L> {
    found: ClaimsFound,
    content: Option<L>,
}

impl<'a, L: ListContent> Decode<'a> for ClaimsMap<L> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut found = ClaimsFound::default();
        let mut content = None;
        reader.map(|reader, key| {
            match key.label() {
                Some(SUBJECT) => found.subject = Some(reader.text()?.to_owned()),
                Some(ISSUED_AT) => found.issued_at = Some(number(reader, "iat")?),
                Some(EXPIRES) => found.expires = Some(number(reader, "exp")?),
                Some(NOT_BEFORE) => found.not_before = Some(number(reader, "nbf")?),
                Some(TTL) => found.ttl = Some(reader.unsigned()?),
                Some(claim) if claim == L::CWT_CLAIM => content = Some(L::decode_cbor(reader)?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self { found, content })
    }
}

fn number(reader: &mut Reader<'_>, field: &'static str) -> Result<f64, DecodeError> {
    reader.number()?.ok_or_else(|| reader.error(DecodeErrorKind::InvalidValue { field }))
}
