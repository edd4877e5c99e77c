//! The revocation status of a certificate and of a document, four-valued: good, revoked, undetermined with the cause,
//! not applicable.

mod device_key;
mod document;
mod token_check;

use tegata_pki::crl::{RevocationReason, Undetermined};
use tegata_pki::{Certificate, CrlError, CrlInput, CrlStatus, CryptoProvider, ObjectIdentifier};
use time::{Duration, UtcDateTime};

pub use self::document::{MsoQuestion, mso_status};
use crate::evidence::{Evidence, EvidenceAge, EvidenceKind};
use crate::store::TrustStore;
use crate::token::{StatusListError, TokenError, TokenPolicy};

/// What is known about the revocation of a certificate or document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Fresh, authentic evidence says that it is not revoked.
    Good {
        /// That evidence; one piece for each mechanism that answered.
        evidence: Vec<EvidenceAge>,
    },
    /// Authentic evidence says that it is revoked.
    Revoked {
        /// Why.
        reason: RevokedReason,
        /// Since when, where the evidence says.
        since: Option<UtcDateTime>,
        /// That evidence.
        evidence: Option<EvidenceAge>,
    },
    /// It is not known: neither good nor revoked.
    Undetermined(UndeterminedCause),
    /// The issuer provides no revocation for it.
    NotApplicable,
}

impl RevocationStatus {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Good { .. } => "good",
            Self::Revoked { .. } => "revoked",
            Self::Undetermined(_) => "undetermined",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// Why something is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevokedReason {
    /// A certificate is in the CRL, with this reason if any.
    Certificate(Option<RevocationReason>),
    /// The status list says INVALID.
    Invalid,
    /// The status list says SUSPENDED: for the time being. ISO/IEC 18013-5 12.3.6.1 has none for a mobile driving licence.
    Suspended,
    /// The identifier list names the document.
    Listed,
    /// A device-key list names the document's device key.
    KeyListed,
    /// A device-key list names the document's signer: all its documents are revoked.
    SignerListed,
}

impl RevokedReason {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificate",
            Self::Invalid => "invalid",
            Self::Suspended => "suspended",
            Self::Listed => "listed",
            Self::KeyListed => "key-listed",
            Self::SignerListed => "signer-listed",
        }
    }
}

/// Why a status is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UndeterminedCause {
    /// No CRL answers.
    #[error("{0}")]
    Crl(Undetermined),
    /// There is no CRL of the issuer, and what came from where it is published was none.
    #[error("what came from {uri} is no CRL: {error}")]
    UnreadableCrl {
        /// Where it is published.
        uri: String,
        /// Why.
        error: CrlError,
    },
    /// The list the document refers to is not at hand, and what came from where it is published was none.
    #[error("what came from {uri} is no list: {error}")]
    UnreadableList {
        /// Where it is published.
        uri: String,
        /// Why.
        error: TokenError,
    },
    /// A device-key list that the trust store demands is not at hand.
    #[error("the device-key list of {uri} is required and not at hand")]
    RequiredListMissing {
        /// Where it is published.
        uri: String,
    },
    /// A device-key list speaks about the document, and the document's device key is not one that can be looked up.
    #[error("the device key cannot be looked up in the list of {uri}")]
    NoDeviceKey {
        /// Where the list is published.
        uri: String,
    },
    /// The list the document refers to is not at hand.
    #[error("no list for {uri}")]
    NoList {
        /// Where it is published.
        uri: String,
    },
    /// The list is at hand, authentic, and too old.
    #[error("the list of {uri} is stale: {error}")]
    Stale {
        /// Where a newer one is published.
        uri: String,
        /// How it is too old.
        error: StatusListError,
    },
    /// The list is at hand and cannot be used: not authentic, or it does not answer.
    #[error("the list of {uri} is not usable: {error}")]
    InvalidList {
        /// Where it is published.
        uri: String,
        /// Why.
        error: StatusListError,
    },
    /// The list holds a value whose meaning is not defined here.
    #[error("the list of {uri} says {value}")]
    UnknownValue {
        /// Where it is published.
        uri: String,
        /// The value.
        value: u8,
    },
    /// `status` is there and names no mechanism we know.
    #[error("status names no known mechanism")]
    NoKnownMechanism,
}

impl UndeterminedCause {
    /// Stable id; of a list that is stale or not usable, that of the error.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Crl(cause) => cause.id(),
            Self::UnreadableCrl { error, .. } => error.id(),
            Self::UnreadableList { error, .. } => error.id(),
            Self::RequiredListMissing { .. } => "device-key-list-missing",
            Self::NoDeviceKey { .. } => "device-key-list-no-key",
            Self::NoList { .. } => "status-no-list",
            Self::Stale { error, .. } | Self::InvalidList { error, .. } => error.id(),
            Self::UnknownValue { .. } => "status-unknown-value",
            Self::NoKnownMechanism => "status-no-known-mechanism",
        }
    }
}

/// What is tolerated in evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationPolicy {
    /// In tokens.
    pub token: TokenPolicy,
    /// How far thisUpdate of a CRL may lie in the future.
    pub crl_skew: Duration,
    /// How long after nextUpdate a CRL still counts.
    pub crl_grace: Duration,
}

impl RevocationPolicy {
    /// ISO/IEC 18013-5 to the letter; no grace.
    #[must_use]
    pub fn strict() -> Self {
        Self { token: TokenPolicy::strict(), crl_skew: Duration::minutes(1), crl_grace: Duration::ZERO }
    }

    /// Real publishers: deviations of form are reported, and CRLs have a week of grace.
    #[must_use]
    pub fn interop() -> Self {
        Self { token: TokenPolicy::interop(), crl_grace: Duration::days(7), ..Self::strict() }
    }
}

/// Under which conditions a status is determined.
#[derive(Clone, Copy, Debug)]
pub struct RevocationCheck<'a> {
    /// What is at hand.
    pub evidence: &'a Evidence,
    /// Where anchors for status are looked up; `None` leaves the document signer's CA alone.
    pub trust: Option<&'a TrustStore>,
    /// What is tolerated.
    pub policy: &'a RevocationPolicy,
    /// The time of the check.
    pub at: UtcDateTime,
    /// Does the cryptography.
    pub provider: &'a dyn CryptoProvider,
}

/// id-ce-noRevAvail (RFC 9608).
const NO_REVOCATION_AVAILABLE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.56");

/// The status of `certificate` by the CRLs at hand, where `issuer` is the CA it was validated with (ISO/IEC 18013-5
/// B.3.2).
///
/// Not applicable only when the certificate says that its issuer publishes no revocation (RFC 9608) and no CRL names it;
/// a certificate without a distribution point is undetermined like any other without a CRL.
#[must_use]
pub fn certificate_status(
    certificate: &Certificate,
    issuer: &Certificate,
    check: &RevocationCheck<'_>,
) -> RevocationStatus {
    let RevocationPolicy { crl_skew: skew, crl_grace: grace, .. } = *check.policy;
    let input = CrlInput { skew, grace, ..CrlInput::new(check.at) };
    let answer = check.evidence.crls.check(certificate, issuer, &input, check.provider);
    let evidence = answer.used.map(|crl| EvidenceAge {
        kind: EvidenceKind::Crl { number: crl.number },
        issued_at: crl.this_update,
        expires: crl.next_update,
        fetched_at: Some(crl.fetched_at),
        age: check.at - crl.this_update,
        refresh_due: crl.next_update.is_none_or(|next_update| check.at > next_update),
        deviations: Vec::new(),
    });
    match answer.status {
        CrlStatus::Good { .. } => RevocationStatus::Good { evidence: evidence.into_iter().collect() },
        CrlStatus::Revoked { date, reason, .. } => {
            RevocationStatus::Revoked { reason: RevokedReason::Certificate(reason), since: Some(date), evidence }
        }
        CrlStatus::Undetermined(_) if certificate.extension(&NO_REVOCATION_AVAILABLE).is_some() => {
            RevocationStatus::NotApplicable
        }
        CrlStatus::Undetermined(cause) => {
            let unreadable = unreadable_crl(certificate, check).filter(|_| cause == Undetermined::NoCrl);
            RevocationStatus::Undetermined(unreadable.unwrap_or(UndeterminedCause::Crl(cause)))
        }
    }
}

/// What came instead of the list of one of the distribution points of `certificate`.
fn unreadable_crl(certificate: &Certificate, check: &RevocationCheck<'_>) -> Option<UndeterminedCause> {
    certificate.crl_distribution_uris().into_iter().find_map(|uri| {
        let error = check.evidence.crls.unreadable(uri)?.clone();
        Some(UndeterminedCause::UnreadableCrl { uri: uri.to_owned(), error })
    })
}
