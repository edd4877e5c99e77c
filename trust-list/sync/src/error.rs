//! Why something is not taken in, and why nothing is given out.

use tegata_manifest::{MetadataError, UpdateError};
use tegata_pki::{CertificateError, CrlError, CrlNumber, SignatureError};
use tegata_trust_list::TrustError;
use tegata_trust_list::token::{StatusListError, TokenError};
use time::UtcDateTime;

use crate::{EntryError, KeyDigest};

/// Why a CRL or list is not taken in. What is held stays as it is, and ages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is a web page: a captive portal or a proxy answered.
    #[error("a web page instead of the file")]
    WebPage,
    /// The clock of this machine is behind a time that has passed for certain.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
    /// Not a CRL that can be used.
    #[error("{0}")]
    Crl(CrlError),
    /// No held anchor has the name and key identifier of the CRL's issuer.
    #[error("the CRL is of no known anchor")]
    UnknownIssuer,
    /// The anchor's keyUsage does not allow it to sign CRLs (RFC 5280 6.3.3 f).
    #[error("the anchor may not sign CRLs")]
    IssuerMayNotSign,
    /// The anchor did not sign the CRL.
    #[error("signature of the CRL: {0}")]
    CrlSignature(SignatureError),
    /// thisUpdate is in the future: a CRL that was signed ahead and got out before its day.
    #[error("the CRL is of {this_update}")]
    CrlNotYetValid {
        /// Its thisUpdate.
        this_update: UtcDateTime,
    },
    /// The CRL has no nextUpdate.
    #[error("the CRL has no nextUpdate")]
    NextUpdateMissing,
    /// Its number is below one that was seen: an old CRL played back.
    #[error("the CRL has number {found}, after {highest} was seen")]
    CrlNumberTooLow {
        /// Its number.
        found: CrlNumber,
        /// The highest seen of this anchor.
        highest: CrlNumber,
    },
    /// It has no number, though one was seen of this anchor.
    #[error("the CRL has no number, after {highest} was seen")]
    CrlNumberMissing {
        /// The highest seen of this anchor.
        highest: CrlNumber,
    },
    /// Another CRL has the same number (RFC 5280 5.2.3).
    #[error("another CRL has number {0}")]
    CrlNumberReused(CrlNumber),
    /// Neither it nor the one that is held has a number, and it is older.
    #[error("the CRL is of {found}, after one of {held}")]
    CrlOlder {
        /// Its thisUpdate.
        found: UtcDateTime,
        /// That of the one that is held.
        held: UtcDateTime,
    },
    /// Not a status or identifier list.
    #[error("{0}")]
    Token(TokenError),
    /// The list has another subject than the place it was fetched from.
    #[error("the list at {expected} is that of {found}")]
    ListSubject {
        /// Where it was fetched.
        expected: String,
        /// Its subject.
        found: String,
    },
    /// The list is not authentic, or not of this time.
    #[error("{0}")]
    List(StatusListError),
    /// The list is older than one that was seen.
    #[error("the list is of {found}, after one of {seen}")]
    ListOlder {
        /// When it was issued.
        found: UtcDateTime,
        /// The latest seen of the same subject.
        seen: UtcDateTime,
    },
    /// The anchor for whose documents the list would speak is not believed.
    #[error("no trusted anchor for the list")]
    ListWithoutAnchor,
    /// A kind of list that this version cannot read.
    #[error("a kind of list that is not supported")]
    ListKind,
    /// The fetch failed.
    #[error("the fetch failed: {0}")]
    Fetch(tegata_manifest::FetchFailure),
    /// There is nothing at the place that the list names.
    #[error("there is no such file")]
    Absent,
}

impl ImportError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::WebPage => "import-web-page",
            Self::ClockTurnedBack { .. } => "import-clock-turned-back",
            Self::Crl(error) => error.id(),
            Self::UnknownIssuer => "import-crl-unknown-issuer",
            Self::IssuerMayNotSign => "import-crl-issuer-may-not-sign",
            Self::CrlSignature(_) => "import-crl-signature",
            Self::CrlNotYetValid { .. } => "import-crl-not-yet-valid",
            Self::NextUpdateMissing => "import-crl-next-update-missing",
            Self::CrlNumberTooLow { .. } => "import-crl-number-too-low",
            Self::CrlNumberMissing { .. } => "import-crl-number-missing",
            Self::CrlNumberReused(_) => "import-crl-number-reused",
            Self::CrlOlder { .. } => "import-crl-older",
            Self::Token(error) => error.id(),
            Self::ListSubject { .. } => "import-list-subject",
            Self::List(error) => error.id(),
            Self::ListOlder { .. } => "import-list-older",
            Self::ListWithoutAnchor => "import-list-without-anchor",
            Self::ListKind => "import-list-kind",
            Self::Fetch(_) => "import-fetch-failed",
            Self::Absent => "import-absent",
        }
    }
}

/// Why a store does not begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// The root file is another than the one whose digest was given.
    #[error("the root has another digest than expected")]
    Digest {
        /// The SHA-256 of the file.
        found: [u8; 32],
    },
    /// The root file cannot be used.
    #[error("{0}")]
    Root(MetadataError),
}

impl BootstrapError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Digest { .. } => "bootstrap-digest",
            Self::Root(error) => error.id(),
        }
    }
}

/// Why an operator's decision about an anchor is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// The certificate is another than the one whose fingerprint was given.
    #[error("the certificate has another fingerprint than expected")]
    Fingerprint {
        /// The SHA-256 of the certificate.
        found: [u8; 32],
    },
    /// The certificate cannot be read.
    #[error("{0}")]
    Certificate(CertificateError),
    /// It cannot be an anchor.
    #[error("{0}")]
    Entry(EntryError),
    /// It has expired.
    #[error("the certificate expired at {0}")]
    Expired(UtcDateTime),
    /// It is given no purpose.
    #[error("the anchor has no purpose")]
    NoPurpose,
    /// Its key was marked revoked: that is for good.
    #[error("the key was revoked")]
    Revoked,
    /// There is no such anchor.
    #[error("there is no anchor {0}")]
    Unknown(KeyDigest),
    /// The anchor is in another state than the decision needs.
    #[error("the anchor is {0}")]
    State(&'static str),
    /// The clock of this machine is behind a time that has passed for certain.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
}

impl OperatorError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Fingerprint { .. } => "operator-fingerprint",
            Self::Certificate(error) => error.id(),
            Self::Entry(error) => error.id(),
            Self::Expired(_) => "operator-expired",
            Self::NoPurpose => "operator-no-purpose",
            Self::Revoked => "operator-revoked",
            Self::Unknown(_) => "operator-unknown-anchor",
            Self::State(_) => "operator-state",
            Self::ClockTurnedBack { .. } => "operator-clock-turned-back",
        }
    }
}

/// Why nobody is trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustUnavailable {
    /// The clock of this machine is behind a time that has passed for certain: what has expired could come back to life.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
    /// No list was ever accepted, and the operator added no anchor.
    #[error("there has been no update yet")]
    NeverUpdated,
    /// The list of a service, or a VICAL, is too old for the policy, no other source is current, and the operator added no
    /// anchor.
    #[error("the list was last known to be current at {as_of}")]
    ListStale {
        /// When it was last known to be current.
        as_of: UtcDateTime,
    },
    /// No anchor is believed.
    #[error("no anchor is believed")]
    NoAnchor,
    /// An anchor cannot be used.
    #[error("{0}")]
    Anchor(TrustError),
}

impl TrustUnavailable {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::ClockTurnedBack { .. } => "trust-clock-turned-back",
            Self::NeverUpdated => "trust-never-updated",
            Self::ListStale { .. } => "trust-list-stale",
            Self::NoAnchor => "trust-no-anchor",
            Self::Anchor(error) => error.id(),
        }
    }
}

/// Why an accepted update is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The update was begun from another state than the store has now: another one came between.
    #[error("the store has changed since the update began")]
    Overtaken,
    /// The store follows no Digital Trust Service.
    #[error("the store follows no service")]
    NoService,
    /// The clock of this machine is behind a time that has passed for certain.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
    /// The update itself failed.
    #[error("{0}")]
    Update(UpdateError),
}

impl ApplyError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Overtaken => "apply-overtaken",
            Self::NoService => "apply-no-service",
            Self::ClockTurnedBack { .. } => "apply-clock-turned-back",
            Self::Update(error) => error.id(),
        }
    }
}
