//! The signed tokens that carry revocation lists: Status List Token, identifier list token and device-key list token, as
//! CWT (COSE_Sign1); the first also as JWT (JWS compact).
//!
//! Three steps, three kinds of value. *Inspect*: [`Token::from_cwt`], [`Token::from_jwt`] and [`recognise`] read the
//! claims and trust nothing. *Validate*: [`Token::verify`] checks signer, signature, subject and time and returns a
//! [`VerifiedToken`], the only value that answers questions. *Build*: [`TokenBuilder`] makes the bytes to be signed,
//! wherever the key is, and [`PreparedToken::complete`] verifies the signature before it releases the token.

mod build;
mod claims;
pub(crate) mod cwt;
mod deviation;
mod error;
pub(crate) mod jwt;
mod policy;
mod signer;
mod verify;

use std::sync::{Arc, OnceLock};

pub use build::{BuildError, PreparedToken, TokenBuilder, TokenSigner};
pub use deviation::TokenDeviation;
pub use error::{StatusListError, TokenError};
pub use policy::{SignerPurposes, TokenPolicy};
pub use signer::{SignerTrust, TrustBasis};
use tegata_mdoc::cbor::{DecodeError, Reader};
use tegata_pki::{CoseAlgorithm, PublicKey};
use time::{Duration, UtcDateTime};
pub use verify::{TokenCheck, VerifiedToken};

use crate::{DeviceKeyList, IdentifierList, StatusList};

/// A token with a status list.
pub type StatusListToken = Token<StatusList>;
/// A token with an identifier list.
pub type IdentifierListToken = Token<IdentifierList>;
/// A token with a device-key list.
pub type DeviceKeyListToken = Token<DeviceKeyList>;
/// A status list whose signer, signature, subject and time were found good.
pub type VerifiedStatusList = VerifiedToken<StatusList>;
/// An identifier list whose signer, signature, subject and time were found good.
pub type VerifiedIdentifierList = VerifiedToken<IdentifierList>;
/// A device-key list whose signer, signature, subject and time were found good.
pub type VerifiedDeviceKeyList = VerifiedToken<DeviceKeyList>;
/// Builds a status list token.
pub type StatusListBuilder = TokenBuilder<StatusList>;
/// Builds an identifier list token.
pub type IdentifierListBuilder = TokenBuilder<IdentifierList>;
/// Builds a device-key list token.
pub type DeviceKeyListBuilder = TokenBuilder<DeviceKeyList>;

/// The longest token that is read, in bytes: 16 MiB.
pub const MAX_TOKEN_BYTES: usize = 16 << 20;

/// How a token is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// CBOR Web Token in a COSE_Sign1.
    Cwt,
    /// JSON Web Token, JWS compact serialisation.
    Jwt,
}

/// A list that a token carries. Implemented by [`StatusList`], [`IdentifierList`] and [`DeviceKeyList`] only.
pub trait ListContent: Sized + sealed::Content {}

impl ListContent for StatusList {}
impl ListContent for IdentifierList {}
impl ListContent for DeviceKeyList {}

pub(crate) mod sealed {
    use super::{DecodeError, Reader};

    /// What the token code needs to know about a list.
    pub trait Content: Sized {
        /// The CWT claim that holds the list.
        const CWT_CLAIM: i64;
        /// The media type of the CWT, as `typ` holds it.
        const CWT_TYPE: &'static str;
        /// The media type without `application/`, as early drafts wrote it.
        const CWT_SHORT_TYPE: &'static str;
        /// Whether deviations of form are left to the policy; if not, a token with one is refused.
        const MAY_DEVIATE: bool = true;
        /// Whether documents refer to lists of this kind, and thereby say who vouches for the signer.
        const IS_REFERRED_TO: bool = true;

        fn decode_cbor(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
        fn encode_cbor(&self, encoder: &mut tegata_mdoc::cbor::Encoder);
    }
}

/// A revocation list token as received. It has been *inspected*: its claims are well formed, nothing about it is true yet.
/// Cloning is cheap.
#[derive(Debug)]
pub struct Token<L>(Arc<Parts<L>>);

impl<L> Clone for Token<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Parts<L> {
    envelope: Envelope,
    claims: Claims,
    content: L,
    deviations: Vec<TokenDeviation>,
    /// A key whose owner was found to have signed the token. Neither token nor signature ever changes, so that a list of
    /// megabytes is hashed once and not for every document.
    signed_by: OnceLock<PublicKey>,
}

/// The signature and what it needs.
#[derive(Debug)]
struct Envelope {
    kind: TokenKind,
    algorithm: CoseAlgorithm,
    key_id: Option<Vec<u8>>,
    chain: Vec<Vec<u8>>,
    thumbprint: Option<Vec<u8>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// The claims besides the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claims {
    subject: String,
    issued_at: UtcDateTime,
    not_before: Option<UtcDateTime>,
    expires: Option<UtcDateTime>,
    ttl: Option<Duration>,
}

impl<L> Token<L> {
    /// CWT or JWT.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.0.envelope.kind
    }

    /// `sub`: the URI under which the list is published; must equal the `uri` of a reference to it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.claims.subject
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> UtcDateTime {
        self.0.claims.issued_at
    }

    /// `exp`. ISO/IEC 18013-5 12.3.6.3 demands it, the draft recommends it.
    #[must_use]
    pub fn expires(&self) -> Option<UtcDateTime> {
        self.0.claims.expires
    }

    /// `ttl`: how long after the fetch a copy should be used before asking again.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        self.0.claims.ttl
    }

    /// The signature algorithm the header states.
    #[must_use]
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.0.envelope.algorithm
    }

    /// `kid`, as bytes.
    #[must_use]
    pub fn key_id(&self) -> Option<&[u8]> {
        self.0.envelope.key_id.as_deref()
    }

    /// The DER certificates of `x5chain` or `x5c`, the signer first. Empty when the token has none.
    pub fn certificate_chain(&self) -> impl Iterator<Item = &[u8]> {
        self.0.envelope.chain.iter().map(Vec::as_slice)
    }

    /// The list. What it says is not to be believed before [`Token::verify`].
    #[must_use]
    pub fn unverified_content(&self) -> &L {
        &self.0.content
    }

    /// The tolerable deviations of form, each once.
    #[must_use]
    pub fn deviations(&self) -> &[TokenDeviation] {
        &self.0.deviations
    }
}

/// A token of any kind.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RevocationToken {
    /// A Status List Token.
    StatusList(StatusListToken),
    /// An identifier list token.
    IdentifierList(IdentifierListToken),
    /// A device-key list token.
    DeviceKeyList(DeviceKeyListToken),
}

/// Reads a token of any kind, told by its content: a compact JWS is a JWT, all else a CWT, whose `typ` says which list it is.
///
/// # Errors
/// [`TokenError`].
pub fn recognise(bytes: &[u8]) -> Result<RevocationToken, TokenError> {
    let text = jwt::bare_text(bytes);
    if text.starts_with(b"eyJ") || jwt::is_compact(text) {
        let text = core::str::from_utf8(text).map_err(|_| TokenError::JwtShape)?;
        return Token::from_jwt(text).map(RevocationToken::StatusList);
    }
    match Token::from_cwt(bytes) {
        Err(TokenError::WrongType { .. }) => {}
        other => return other.map(RevocationToken::StatusList),
    }
    match Token::from_cwt(bytes) {
        Err(TokenError::WrongType { .. }) => Token::from_cwt(bytes).map(RevocationToken::DeviceKeyList),
        other => other.map(RevocationToken::IdentifierList),
    }
}
