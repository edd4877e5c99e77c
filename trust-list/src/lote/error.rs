//! What can be wrong with a list of trusted entities.

use tegata_pki::{CertificateError, CoseAlgorithm, Curve, KeyError, PathError, SignatureError};
use time::UtcDateTime;

/// Why bytes are not a list of trusted entities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoteReadError {
    /// More than [`super::MAX_LOTE_BYTES`].
    #[error("the list has {found} bytes, too many")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// Neither a JSON object nor a JWS in compact serialisation.
    #[error("neither JSON nor a JWS in compact serialisation")]
    Shape,
    /// A part or member is not base64url without padding (`x5c`: base64).
    #[error("{0} is not base64")]
    Base64(&'static str),
    /// A part is not the JSON that the schema asks for; an unknown member is such a case.
    #[error("{part} is not the expected JSON (line {line}, column {column})")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// Where in the part.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// `alg` is none, a MAC, or not known to us.
    #[error("unsupported signature algorithm")]
    UnsupportedAlgorithm,
    /// `crit` names a header that is not understood, or is malformed (RFC 7515 4.1.11).
    #[error("a header is critical and unknown")]
    CriticalHeader,
    /// A certificate of `x5c` cannot be read.
    #[error("signer certificate: {0}")]
    SignerCertificate(CertificateError),
    /// `LoTEVersionIdentifier` is not 1.
    #[error("version {0} is not known")]
    Version(u64),
    /// SchemeOperatorName is empty.
    #[error("the operator has no name")]
    NoOperator,
    /// This date is not RFC 3339.
    #[error("{0} is not a date")]
    Date(&'static str),
}

impl LoteReadError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "lote-too-long",
            Self::Shape => "lote-shape",
            Self::Base64(_) => "lote-base64",
            Self::Json { .. } => "lote-json",
            Self::UnsupportedAlgorithm => "lote-unsupported-algorithm",
            Self::CriticalHeader => "lote-critical-header",
            Self::SignerCertificate(_) => "lote-signer-certificate",
            Self::Version(_) => "lote-version",
            Self::NoOperator => "lote-no-operator",
            Self::Date(_) => "lote-date",
        }
    }
}

/// Why a list is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoteError {
    /// The list is not signed.
    #[error("the list is not signed")]
    Unsigned,
    /// The list has no certificate chain, or nobody is configured to sign it.
    #[error("the list does not say who signed it, or nobody is trusted to")]
    NoSigner,
    /// The chain has more certificates than are looked at.
    #[error("the chain has {0} certificates")]
    ChainTooLong(usize),
    /// The signer does not chain to a root.
    #[error("the signer is not trusted: {0}")]
    SignerPath(PathError),
    /// The signer is none of those that are pinned.
    #[error("the signer is none of the pinned ones")]
    SignerNotPinned,
    /// The key of the signer's certificate cannot be used.
    #[error("signer key: {0}")]
    SignerKey(KeyError),
    /// keyUsage of the signer's certificate has neither digitalSignature nor nonRepudiation.
    #[error("the signer's certificate may not sign")]
    SignerKeyUsage,
    /// `x5t#S256` is not the hash of the signer's certificate.
    #[error("x5t#S256 does not match the signer's certificate")]
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
    /// `ListIssueDateTime` is in the future.
    #[error("the list is of the future ({0})")]
    NotYetValid(UtcDateTime),
    /// An entry of SchemeExtensions does not say that it is not critical, and we know none (6.3.17).
    #[error("a scheme extension is not known")]
    SchemeExtension,
    /// A list with a higher sequence number of the same scheme has been seen.
    #[error("the list has sequence number {found}, after {seen} was seen")]
    SequenceLower {
        /// The number of this list.
        found: u64,
        /// The highest number seen.
        seen: u64,
    },
    /// A list issued later by the same scheme has been seen.
    #[error("the list is of {found}, after one of {seen} was seen")]
    OlderDate {
        /// The date of this list.
        found: UtcDateTime,
        /// The latest date seen.
        seen: UtcDateTime,
    },
}

impl LoteError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unsigned => "lote-unsigned",
            Self::NoSigner => "lote-no-signer",
            Self::ChainTooLong(_) => "lote-chain-too-long",
            Self::SignerPath(_) => "lote-signer-path",
            Self::SignerNotPinned => "lote-signer-not-pinned",
            Self::SignerKey(_) => "lote-signer-key",
            Self::SignerKeyUsage => "lote-signer-key-usage",
            Self::ThumbprintMismatch => "lote-thumbprint-mismatch",
            Self::AlgorithmMismatch { .. } => "lote-algorithm-mismatch",
            Self::Signature(_) => "lote-signature",
            Self::NotYetValid(_) => "lote-not-yet-valid",
            Self::SchemeExtension => "lote-scheme-extension",
            Self::SequenceLower { .. } => "lote-sequence-lower",
            Self::OlderDate { .. } => "lote-older-date",
        }
    }

    /// True when a newer copy of the list may help: this one is replayed.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::SequenceLower { .. } | Self::OlderDate { .. })
    }
}
