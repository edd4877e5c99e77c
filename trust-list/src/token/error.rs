//! What can be wrong with a token.

use tegata_mdoc::cbor::DecodeError;
use tegata_pki::{CertificateError, CoseAlgorithm, Curve, KeyError, PathError, SignatureError};
use time::UtcDateTime;

use super::TokenDeviation;
use crate::Bits;
use crate::status_list::{ArrayError, InflateError};

/// Why bytes are not a revocation list token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// More than [`super::MAX_TOKEN_BYTES`].
    #[error("the token has {found} bytes, too many")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// A web page came instead of a token: a captive portal, or an error page (see [`tegata_pki::looks_like_html`]).
    #[error("a web page came instead of a token")]
    LooksLikeHtml,
    /// A CWT that is cut short.
    #[error("the token is cut short")]
    Truncated,
    /// Not the CBOR of a COSE_Sign1 with claims.
    #[error("not a CWT: {0}")]
    Cbor(#[from] DecodeError),
    /// Not three parts separated by dots.
    #[error("not a JWT in compact serialisation")]
    JwtShape,
    /// A part or member is not base64url without padding (`x5c`: base64).
    #[error("{0} is not base64")]
    Base64(&'static str),
    /// A part is not JSON of the expected shape.
    #[error("{part} is not the expected JSON (column {column})")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// Where in the part.
        column: usize,
    },
    /// `typ` says that it is something else, or nothing.
    #[error("typ is {}", found.as_deref().unwrap_or("missing"))]
    WrongType {
        /// What it says.
        found: Option<String>,
    },
    /// It deviates from its form, in a kind of token of which every deviation is an error.
    #[error("the token deviates: {}", .0.id())]
    Deviation(TokenDeviation),
    /// `alg` is missing in the protected header, or stands in the unprotected one.
    #[error("alg is not in the protected header")]
    AlgorithmNotProtected,
    /// `alg` is none, a MAC, or not known to us.
    #[error("unsupported signature algorithm")]
    UnsupportedAlgorithm,
    /// A header is marked critical.
    #[error("a header is critical and unknown")]
    CriticalHeader,
    /// `x5t` uses another hash than SHA-256.
    #[error("x5t is not SHA-256")]
    UnsupportedThumbprint,
    /// Both headers hold a certificate chain, and they differ.
    #[error("two different certificate chains")]
    AmbiguousChain,
    /// The payload is detached.
    #[error("the token has no payload")]
    NoPayload,
    /// A mandatory claim is missing.
    #[error("claim {0} is missing")]
    MissingClaim(&'static str),
    /// A claim has a value that is not allowed.
    #[error("claim {0} has a value that is not allowed")]
    InvalidClaim(&'static str),
}

impl TokenError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "token-too-long",
            Self::LooksLikeHtml => "token-looks-like-html",
            Self::Truncated => "token-truncated",
            Self::Cbor(_) => "token-cbor",
            Self::JwtShape => "token-jwt-shape",
            Self::Base64(_) => "token-base64",
            Self::Json { .. } => "token-json",
            Self::WrongType { .. } => "token-wrong-type",
            Self::Deviation(deviation) => deviation.id(),
            Self::AlgorithmNotProtected => "token-algorithm-not-protected",
            Self::UnsupportedAlgorithm => "token-unsupported-algorithm",
            Self::CriticalHeader => "token-critical-header",
            Self::UnsupportedThumbprint => "token-unsupported-thumbprint",
            Self::AmbiguousChain => "token-ambiguous-chain",
            Self::NoPayload => "token-no-payload",
            Self::MissingClaim(_) => "token-missing-claim",
            Self::InvalidClaim(_) => "token-invalid-claim",
        }
    }
}

/// Why a token is not valid, or does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// The token deviates in a way the policy does not tolerate.
    #[error("the token deviates: {}", .0.id())]
    Deviation(TokenDeviation),
    /// The token has no certificate chain, and no key is configured for it.
    #[error("the token does not say who signed it")]
    NoSigner,
    /// The chain has more certificates than are looked at.
    #[error("the chain has {0} certificates")]
    ChainTooLong(usize),
    /// A certificate of the chain cannot be read.
    #[error("signer certificate: {0}")]
    SignerCertificate(CertificateError),
    /// The `certificate` of the reference cannot be read.
    #[error("certificate of the reference: {0}")]
    ReferenceCertificate(CertificateError),
    /// Nobody who may speak for the document vouches for the signer: the signature of none of the trust points is on its
    /// chain. It may be a good signer, of somebody else's documents.
    #[error("no trust point of the document vouches for the signer: {0}")]
    ForeignSigner(PathError),
    /// A trust point vouches for the signer, but its path is not valid.
    #[error("the signer is not trusted: {0}")]
    SignerPath(PathError),
    /// The key of the signer's certificate cannot be used.
    #[error("signer key: {0}")]
    SignerKey(KeyError),
    /// The signer's certificate lacks keyUsage digitalSignature.
    #[error("the signer's certificate may not sign")]
    SignerKeyUsage,
    /// The signer's certificate is for other purposes.
    #[error("the signer's certificate is for another purpose")]
    SignerPurpose,
    /// The signer's certificate is revoked.
    #[error("the signer's certificate is revoked since {since}")]
    SignerRevoked {
        /// Since when.
        since: UtcDateTime,
    },
    /// `x5t` is not the hash of the signer's certificate.
    #[error("x5t does not match the signer's certificate")]
    ThumbprintMismatch,
    /// `alg` and the signer's key do not belong together.
    #[error("{algorithm} cannot be used with a key on {curve}")]
    AlgorithmMismatch {
        /// What the header says.
        algorithm: CoseAlgorithm,
        /// The curve of the key.
        curve: Curve,
    },
    /// The signature does not verify.
    #[error("{0}")]
    Signature(SignatureError),
    /// `sub` is not the URI of the reference.
    #[error("the token is for {found}, not for {expected}")]
    SubjectMismatch {
        /// The URI of the reference.
        expected: String,
        /// `sub`.
        found: String,
    },
    /// `iat` or `nbf` is in the future.
    #[error("the token is of the future ({0})")]
    NotYetValid(UtcDateTime),
    /// `exp` has passed.
    #[error("the token expired at {0}")]
    Expired(UtcDateTime),
    /// There is no `exp`, and the token is older than the policy allows then.
    #[error("the token has no expiry and is of {0}")]
    TooOld(UtcDateTime),
    /// A newer token of the same subject has been seen.
    #[error("the token is of {found}, after one of {seen} was seen")]
    Superseded {
        /// `iat` of this token.
        found: UtcDateTime,
        /// The latest `iat` seen.
        seen: UtcDateTime,
    },
    /// A list of this subject with a higher sequence number has been seen.
    #[error("the list has number {found}, after {seen} was seen")]
    SequenceTooLow {
        /// Its number.
        found: u64,
        /// The highest number seen.
        seen: u64,
    },
    /// The list cannot be expanded.
    #[error("{0}")]
    Inflate(#[from] InflateError),
    /// The list has no such entry.
    #[error("{0}")]
    Index(#[from] ArrayError),
    /// A mobile driving licence needs one bit per entry (ISO/IEC 18013-5 12.3.6.5).
    #[error("the list has {} bits per entry, the document type allows 1", .0.number())]
    BitsNotAllowed(Bits),
}

impl StatusListError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Deviation(deviation) => deviation.id(),
            Self::NoSigner => "status-no-signer",
            Self::ChainTooLong(_) => "status-chain-too-long",
            Self::SignerCertificate(_) => "status-signer-certificate",
            Self::ReferenceCertificate(_) => "status-reference-certificate",
            Self::ForeignSigner(_) => "status-foreign-signer",
            Self::SignerPath(_) => "status-signer-path",
            Self::SignerKey(_) => "status-signer-key",
            Self::SignerKeyUsage => "status-signer-key-usage",
            Self::SignerPurpose => "status-signer-purpose",
            Self::SignerRevoked { .. } => "status-signer-revoked",
            Self::ThumbprintMismatch => "status-thumbprint-mismatch",
            Self::AlgorithmMismatch { .. } => "status-algorithm-mismatch",
            Self::Signature(_) => "status-signature",
            Self::SubjectMismatch { .. } => "status-subject-mismatch",
            Self::NotYetValid(_) => "status-not-yet-valid",
            Self::Expired(_) => "status-expired",
            Self::TooOld(_) => "status-too-old",
            Self::Superseded { .. } => "status-superseded",
            Self::SequenceTooLow { .. } => "status-sequence-too-low",
            Self::Inflate(error) => error.id(),
            Self::Index(error) => error.id(),
            Self::BitsNotAllowed(_) => "status-bits-not-allowed",
        }
    }

    /// True when a newer copy of the same list may help: this one is too old or replayed.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Expired(_) | Self::TooOld(_) | Self::Superseded { .. } | Self::SequenceTooLow { .. })
    }

    /// True when no trust point's signature was found behind the token: it is nobody's evidence, whatever else it is.
    #[must_use]
    pub fn is_unvouched(&self) -> bool {
        matches!(
            self,
            Self::ForeignSigner(_)
                | Self::NoSigner
                | Self::ChainTooLong(_)
                | Self::SignerCertificate(_)
                | Self::ThumbprintMismatch
        )
    }
}
