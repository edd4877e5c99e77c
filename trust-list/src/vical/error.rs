//! What can be wrong with a VICAL.

use tegata_mdoc::cbor::DecodeError;
use tegata_pki::{CertificateError, CoseAlgorithm, Curve, KeyError, PathError, SignatureError};
use time::UtcDateTime;

/// Why bytes are not a VICAL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VicalReadError {
    /// More than [`super::MAX_VICAL_BYTES`].
    #[error("the list has {found} bytes, too many")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// More than [`super::MAX_VICAL_ENTRIES`].
    #[error("the list has {found} entries, too many")]
    TooManyEntries {
        /// The number of entries.
        found: usize,
    },
    /// Not the CBOR of a COSE_Sign1 with a list.
    #[error("not a VICAL: {0}")]
    Cbor(#[from] DecodeError),
    /// The payload is detached.
    #[error("the list has no payload")]
    NoPayload,
    /// `alg` is missing in the protected header, or stands in the unprotected one.
    #[error("alg is not in the protected header")]
    AlgorithmNotProtected,
    /// `alg` is not a signature algorithm known to us.
    #[error("unsupported signature algorithm")]
    UnsupportedAlgorithm,
    /// Both headers hold a certificate chain, and they differ.
    #[error("two different certificate chains")]
    AmbiguousChain,
    /// A certificate of the signer's chain cannot be read.
    #[error("signer certificate: {0}")]
    SignerCertificate(CertificateError),
    /// `x5t` uses another hash than SHA-256.
    #[error("x5t is not SHA-256")]
    UnsupportedThumbprint,
    /// `version` does not begin with `1.`: what the members mean is not known.
    #[error("version {0:?} is not known")]
    Version(String),
}

impl VicalReadError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "vical-too-long",
            Self::TooManyEntries { .. } => "vical-too-many-entries",
            Self::Cbor(_) => "vical-cbor",
            Self::NoPayload => "vical-no-payload",
            Self::AlgorithmNotProtected => "vical-algorithm-not-protected",
            Self::UnsupportedAlgorithm => "vical-unsupported-algorithm",
            Self::AmbiguousChain => "vical-ambiguous-chain",
            Self::SignerCertificate(_) => "vical-signer-certificate",
            Self::UnsupportedThumbprint => "vical-unsupported-thumbprint",
            Self::Version(_) => "vical-version",
        }
    }
}

/// Why a VICAL is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VicalError {
    /// The list has no certificate chain, or no root was given.
    #[error("the list does not say who signed it, or no root of a provider is configured")]
    NoSigner,
    /// The chain has more certificates than are looked at.
    #[error("the chain has {0} certificates")]
    ChainTooLong(usize),
    /// The signer does not chain to the provider's root.
    #[error("the signer is not trusted: {0}")]
    SignerPath(PathError),
    /// The signer is not the pinned one.
    #[error("the signer is not the pinned certificate")]
    SignerNotPinned,
    /// The key of the signer's certificate cannot be used.
    #[error("signer key: {0}")]
    SignerKey(KeyError),
    /// The signer's certificate lacks keyUsage nonRepudiation (Table C.1).
    #[error("the signer's certificate lacks keyUsage nonRepudiation")]
    SignerKeyUsage,
    /// The signer's certificate lacks the key purpose 1.0.18013.5.1.8 (Table C.1).
    #[error("the signer's certificate is not for VICALs")]
    SignerPurpose,
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
    /// `date` is in the future.
    #[error("the list is of the future ({0})")]
    NotYetValid(UtcDateTime),
    /// `notAfter` has passed.
    #[error("the list is invalid since {0}")]
    Expired(UtcDateTime),
    /// A list with a higher `vicalIssueID` of the same provider has been seen.
    #[error("the list has vicalIssueID {found}, after {seen} was seen")]
    IssueIdLower {
        /// The number of this list.
        found: u64,
        /// The highest number seen.
        seen: u64,
    },
    /// A list with a later `date` of the same provider has been seen.
    #[error("the list is of {found}, after one of {seen} was seen")]
    OlderDate {
        /// The date of this list.
        found: UtcDateTime,
        /// The latest date seen.
        seen: UtcDateTime,
    },
}

impl VicalError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoSigner => "vical-no-signer",
            Self::ChainTooLong(_) => "vical-chain-too-long",
            Self::SignerPath(_) => "vical-signer-path",
            Self::SignerNotPinned => "vical-signer-not-pinned",
            Self::SignerKey(_) => "vical-signer-key",
            Self::SignerKeyUsage => "vical-signer-key-usage",
            Self::SignerPurpose => "vical-signer-purpose",
            Self::ThumbprintMismatch => "vical-thumbprint-mismatch",
            Self::AlgorithmMismatch { .. } => "vical-algorithm-mismatch",
            Self::Signature(_) => "vical-signature",
            Self::NotYetValid(_) => "vical-not-yet-valid",
            Self::Expired(_) => "vical-expired",
            Self::IssueIdLower { .. } => "vical-issue-id-lower",
            Self::OlderDate { .. } => "vical-older-date",
        }
    }

    /// True when a newer copy of the list may help: this one is too old or replayed.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Expired(_) | Self::IssueIdLower { .. } | Self::OlderDate { .. })
    }
}
