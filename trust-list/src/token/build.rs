//! Building a token: claims, bytes to be signed, finished token.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::{CoseSign1, LABEL_ALG, LABEL_KID, LABEL_TYP, LABEL_X5CHAIN};
use tegata_pki::{
    Certificate, CoseAlgorithm, CryptoProvider, Curve, KeyError, PublicKey, RawSignature, SignatureAlgorithm,
    SignatureError, SignatureRef,
};
use time::{Duration, UtcDateTime};

use super::cwt::{EXPIRES, ISSUED_AT, SUBJECT, TTL};
use super::{ListContent, MAX_TOKEN_BYTES, TokenKind, jwt};
use crate::StatusList;

/// Why a token cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The subject is empty.
    #[error("the subject is empty")]
    EmptySubject,
    /// A time lies before 1970, or the expiry is not after the time of issue.
    #[error("the expiry is not after the time of issue")]
    Times,
    /// `ttl` is shorter than a second.
    #[error("ttl is not positive")]
    Ttl,
    /// The chain is empty.
    #[error("the certificate chain is empty")]
    EmptyChain,
    /// The chain holds a self-issued certificate: the root is never sent.
    #[error("the certificate chain holds a root")]
    RootInChain,
    /// The signer's key cannot be used.
    #[error("signer key: {0}")]
    Key(KeyError),
    /// Keys on this curve do not sign, or not this kind of token.
    #[error("no signature algorithm of this kind of token for {0}")]
    NoAlgorithm(Curve),
    /// The signature is not the signer's: the token is not released.
    #[error("the signature does not verify: {0}")]
    Signature(SignatureError),
    /// The token is longer than a reader takes ([`super::MAX_TOKEN_BYTES`]): it is not released.
    #[error("the token has {found} bytes, too many")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// JSON could not be written.
    #[error("the claims cannot be written")]
    Encoding,
}

impl BuildError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::EmptySubject => "token-build-empty-subject",
            Self::Times => "token-build-times",
            Self::Ttl => "token-build-ttl",
            Self::EmptyChain => "token-build-empty-chain",
            Self::RootInChain => "token-build-root-in-chain",
            Self::Key(_) => "token-build-key",
            Self::NoAlgorithm(_) => "token-build-no-algorithm",
            Self::Signature(_) => "token-build-signature",
            Self::TooLong { .. } => "token-build-too-long",
            Self::Encoding => "token-build-encoding",
        }
    }
}

/// Who will sign.
#[derive(Clone, Debug)]
pub enum TokenSigner {
    /// A certificate chain, the signer first, without the root (ISO/IEC 18013-5 12.3.6.3).
    Chain(Vec<Certificate>),
    /// A bare key and its `kid`, as the IETF draft allows; of no use with ISO/IEC 18013-5.
    Key {
        /// The public key.
        key: PublicKey,
        /// `kid`; text in a JWT, where other bytes are replaced.
        key_id: Vec<u8>,
    },
}

impl TokenSigner {
    fn check(&self) -> Result<(), BuildError> {
        match self {
            Self::Chain(chain) if chain.is_empty() => Err(BuildError::EmptyChain),
            Self::Chain(chain) if chain.iter().any(Certificate::is_self_issued) => Err(BuildError::RootInChain),
            _ => Ok(()),
        }
    }

    fn key(&self) -> Result<PublicKey, BuildError> {
        match self {
            Self::Chain(chain) => {
                let leaf = chain.first().ok_or(BuildError::EmptyChain)?;
                leaf.public_key().cloned().map_err(|error| BuildError::Key(error.clone()))
            }
            Self::Key { key, .. } => Ok(key.clone()),
        }
    }
}

/// A token to be built; it has an expiry, because ISO/IEC 18013-5 12.3.6.3 demands one.
#[derive(Clone, Debug)]
pub struct TokenBuilder<L> {
    subject: String,
    issued_at: UtcDateTime,
    expires: UtcDateTime,
    ttl: Option<Duration>,
    content: L,
    signer: TokenSigner,
}

impl<L: ListContent> TokenBuilder<L> {
    /// A token with `content`, published under `subject` (the `uri` of the references). Times are cut to whole seconds.
    #[must_use]
    pub fn new(
        subject: impl Into<String>,
        content: L,
        issued_at: UtcDateTime,
        expires: UtcDateTime,
        signer: TokenSigner,
    ) -> Self {
        Self { subject: subject.into(), issued_at, expires, ttl: None, content, signer }
    }

    /// How long a copy should be used before asking again; whole seconds.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Prepares a CWT: tag 18, `alg`, `typ` and `x5chain` protected.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn prepare_cwt(&self) -> Result<PreparedToken, BuildError> {
        let key = self.checked_key()?;
        let algorithm = CoseAlgorithm::for_curve(key.curve()).ok_or(BuildError::NoAlgorithm(key.curve()))?;
        let protected = self.cose_protected(algorithm);
        let mut unprotected = Encoder::new();
        match &self.signer {
            TokenSigner::Chain(_) => _ = unprotected.map(0),
            TokenSigner::Key { key_id, .. } => _ = unprotected.map(1).integer(LABEL_KID).bytes(key_id),
        }
        let payload = self.cwt_claims();
        Ok(PreparedToken {
            key,
            algorithm: algorithm.signature_algorithm(),
            message: CoseSign1::signature_input(&protected, &payload),
            frame: Frame::Cwt { protected, unprotected: unprotected.into_bytes(), payload },
        })
    }

    fn checked_key(&self) -> Result<PublicKey, BuildError> {
        if self.subject.is_empty() {
            return Err(BuildError::EmptySubject);
        }
        if self.issued_at.unix_timestamp() < 0 || self.expires.unix_timestamp() <= self.issued_at.unix_timestamp() {
            return Err(BuildError::Times);
        }
        if self.ttl.is_some_and(|ttl| ttl.whole_seconds() < 1) {
            return Err(BuildError::Ttl);
        }
        self.signer.check()?;
        self.signer.key()
    }

    fn cose_protected(&self, algorithm: CoseAlgorithm) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.sorted_map(|map| {
            map.integer(LABEL_ALG, |value| _ = value.integer(algorithm.number()));
            map.integer(LABEL_TYP, |value| _ = value.text(L::CWT_TYPE));
            if let TokenSigner::Chain(chain) = &self.signer {
                map.integer(LABEL_X5CHAIN, |value| {
                    // RFC 9360 2: a single certificate stands without an array.
                    if chain.len() > 1 {
                        value.array(chain.len());
                    }
                    for certificate in chain {
                        value.bytes(certificate.der());
                    }
                });
            }
        });
        encoder.into_bytes()
    }

    fn cwt_claims(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.sorted_map(|map| {
            map.integer(SUBJECT, |value| _ = value.text(&self.subject));
            map.integer(EXPIRES, |value| _ = value.integer(self.expires.unix_timestamp()));
            map.integer(ISSUED_AT, |value| _ = value.integer(self.issued_at.unix_timestamp()));
            if let Some(ttl) = self.ttl {
                map.integer(TTL, |value| _ = value.integer(ttl.whole_seconds()));
            }
            map.integer(L::CWT_CLAIM, |value| self.content.encode_cbor(value));
        });
        encoder.into_bytes()
    }
}

#[derive(Serialize)]
struct JwtHeader<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5c: Option<Vec<String>>,
}

#[derive(Serialize)]
struct JwtClaims<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    status_list: JwtList<'a>,
}

#[derive(Serialize)]
struct JwtList<'a> {
    bits: u8,
    lst: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregation_uri: Option<&'a str>,
}

impl TokenBuilder<StatusList> {
    /// Prepares a JWT with `typ` `statuslist+jwt` and `x5c` or `kid`.
    ///
    /// # Errors
    /// [`BuildError`]; JOSE has no algorithm for brainpool curves.
    pub fn prepare_jwt(&self) -> Result<PreparedToken, BuildError> {
        let key = self.checked_key()?;
        let no_algorithm = BuildError::NoAlgorithm(key.curve());
        let alg = jwt::algorithm_name(key.curve()).ok_or_else(|| no_algorithm.clone())?;
        let (kid, x5c) = match &self.signer {
            TokenSigner::Chain(chain) => {
                (None, Some(chain.iter().map(|certificate| STANDARD.encode(certificate.der())).collect()))
            }
            TokenSigner::Key { key_id, .. } => (Some(String::from_utf8_lossy(key_id).into_owned()), None),
        };
        let claims = JwtClaims {
            sub: &self.subject,
            iat: self.issued_at.unix_timestamp(),
            exp: self.expires.unix_timestamp(),
            ttl: self.ttl.map(Duration::whole_seconds),
            status_list: JwtList {
                bits: self.content.bits().number(),
                lst: URL_SAFE_NO_PAD.encode(self.content.compressed()),
                aggregation_uri: self.content.aggregation_uri(),
            },
        };
        let header = JwtHeader { alg, typ: jwt::TYPE, kid, x5c };
        let message = format!("{}.{}", json_part(&header)?, json_part(&claims)?).into_bytes();
        let algorithm = key.curve().signature_algorithm().ok_or(no_algorithm)?;
        Ok(PreparedToken { key, algorithm, message, frame: Frame::Jwt })
    }
}

fn json_part(value: &impl Serialize) -> Result<String, BuildError> {
    let json = serde_json::to_vec(value).map_err(|_| BuildError::Encoding)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// A token that lacks its signature.
#[derive(Clone, Debug)]
pub struct PreparedToken {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    message: Vec<u8>,
    frame: Frame,
}

#[derive(Clone, Debug)]
enum Frame {
    Cwt { protected: Vec<u8>, unprotected: Vec<u8>, payload: Vec<u8> },
    Jwt,
}

impl PreparedToken {
    /// CWT or JWT.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        match self.frame {
            Frame::Cwt { .. } => TokenKind::Cwt,
            Frame::Jwt => TokenKind::Jwt,
        }
    }

    /// The key that is to sign.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The bytes to sign: the Sig_structure (RFC 9052 4.4), or the JWS signing input (RFC 7515 5.1).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.message
    }

    /// Verifies the signature and returns the token: CBOR, or ASCII text.
    ///
    /// # Errors
    /// [`BuildError::Signature`], [`BuildError::TooLong`].
    pub fn complete(self, signature: &RawSignature, provider: &dyn CryptoProvider) -> Result<Vec<u8>, BuildError> {
        let reference = SignatureRef::Raw(signature.as_bytes());
        let verified = provider.verify(&self.key, self.algorithm, &self.message, reference);
        verified.map_err(BuildError::Signature)?;
        let token = match self.frame {
            Frame::Cwt { protected, unprotected, payload } => {
                CoseSign1::encode(&protected, &unprotected, Some(&payload), signature.as_bytes(), true)
            }
            Frame::Jwt => {
                let mut token = self.message;
                token.push(b'.');
                token.extend_from_slice(URL_SAFE_NO_PAD.encode(signature.as_bytes()).as_bytes());
                token
            }
        };
        if token.len() > MAX_TOKEN_BYTES {
            return Err(BuildError::TooLong { found: token.len() });
        }
        Ok(token)
    }
}
