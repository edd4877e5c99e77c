//! Why a document is not issued.

use tegata_hsm::SignerError;
use tegata_mdoc::model::ClaimProblem;
use tegata_pki::SignatureError;
use time::UtcDateTime;

use crate::StatusAllocationError;

/// Why a document is not issued. Nothing is half issued: no bytes leave with an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The certificates are not valid at the time of signing.
    #[error("the certificates are valid from {not_before} to {not_after}, not at {now}")]
    SignerNotValid {
        /// First instant at which all are.
        not_before: UtcDateTime,
        /// Last instant at which all are.
        not_after: UtcDateTime,
        /// The time of signing.
        now: UtcDateTime,
    },
    /// Nothing is left of the validity after it was cut to the certificates and to whole units, or it has passed.
    #[error("no validity is left: {valid_from} to {valid_until}")]
    EmptyValidity {
        /// The first instant it would have.
        valid_from: UtcDateTime,
        /// The last.
        valid_until: UtcDateTime,
    },
    /// `expectedUpdate` lies outside the validity.
    #[error("the expected update lies outside the validity")]
    ExpectedUpdateOutsideValidity,
    /// An instant that a date cannot hold.
    #[error("an instant is out of range")]
    TimeOutOfRange,
    /// Ages disagree with the birth date on the first day of validity.
    #[error("the claims contradict themselves: {}", join(.0))]
    Claims(Vec<ClaimProblem>),
    /// `issuing_country` of an mDL is not countryName of the document signer (ISO/IEC 18013-5 7.2.1; a reader rejects it).
    #[error("issuing_country is not the country of the document signer certificate")]
    IssuingCountry,
    /// `issuing_jurisdiction` of an mDL is not stateOrProvinceName of the document signer, which has one.
    #[error("issuing_jurisdiction is not the state of the document signer certificate")]
    IssuingJurisdiction,
    /// A namespace has more elements than there are digest identifiers.
    #[error("too many elements")]
    TooManyElements,
    /// `keyAuthorizations` of a form that the standard forbids.
    #[error("the key authorizations are empty or name something twice")]
    KeyAuthorizations,
    /// The URI of a status list cannot be fetched.
    #[error("not an absolute http(s) URI: {uri}")]
    StatusUri {
        /// The URI.
        uri: Box<str>,
    },
    /// The device key is one of the issuing authority.
    #[error("the device key is the key of the document signer or of the IACA")]
    DeviceKeyIsIssuerKey,
    /// A batch without device keys.
    #[error("there is no device key")]
    NoDeviceKeys,
    /// Two copies of a batch for the same key.
    #[error("device keys {first} and {second} are the same")]
    DuplicateDeviceKey {
        /// Position of the first, from 0.
        first: usize,
        /// Position of the second.
        second: usize,
    },
    /// A batch with instants to the second: its copies could be linked.
    #[error("the instants of a batch must be rounded to hours or days")]
    BatchNeedsRoundedInstants,
    /// No status indexes could be had.
    #[error("status indexes: {0}")]
    StatusAllocation(#[from] StatusAllocationError),
    /// The allocator gave too few references, or one of them twice.
    #[error("the status references of a batch are too few or not distinct")]
    StatusReferencesNotDistinct,
    /// The random generator repeats itself.
    #[error("the random generator repeats itself")]
    Randomness,
    /// The signer failed.
    #[error("signer: {0}")]
    Signer(#[from] SignerError),
    /// The signature is not one of the document signer over these bytes.
    #[error("the signature does not verify: {0}")]
    Signature(#[from] SignatureError),
}

impl IssueError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::SignerNotValid { .. } => "issue-signer-not-valid",
            Self::EmptyValidity { .. } => "issue-empty-validity",
            Self::ExpectedUpdateOutsideValidity => "issue-expected-update",
            Self::TimeOutOfRange => "issue-time-out-of-range",
            Self::Claims(_) => "issue-claims",
            Self::IssuingCountry => "issue-issuing-country",
            Self::IssuingJurisdiction => "issue-issuing-jurisdiction",
            Self::TooManyElements => "issue-too-many-elements",
            Self::KeyAuthorizations => "issue-key-authorizations",
            Self::StatusUri { .. } => "issue-status-uri",
            Self::DeviceKeyIsIssuerKey => "issue-device-key-is-issuer-key",
            Self::NoDeviceKeys => "issue-no-device-keys",
            Self::DuplicateDeviceKey { .. } => "issue-duplicate-device-key",
            Self::BatchNeedsRoundedInstants => "issue-batch-instants",
            Self::StatusAllocation(_) => "issue-status-allocation",
            Self::StatusReferencesNotDistinct => "issue-status-references",
            Self::Randomness => "issue-randomness",
            Self::Signer(_) => "issue-signer",
            Self::Signature(_) => "issue-signature",
        }
    }
}

fn join(problems: &[ClaimProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
