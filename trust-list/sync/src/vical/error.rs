//! Why a provider is not followed, and why a list is not taken in.

use tegata_manifest::FetchFailure;
use tegata_mdoc::cbor::DecodeErrorKind;
use tegata_pki::{CertificateError, KeyError};
use tegata_trust_list::vical::{VicalError, VicalReadError};
use time::UtcDateTime;

/// Why a VICAL is not taken in. What is held stays as it is, and ages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VicalImportError {
    /// The store follows no provider of this name.
    #[error("the store follows no VICAL provider {0:?}")]
    UnknownProvider(String),
    /// The clock of this machine is behind a time that has passed for certain.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
    /// It is a web page: a captive portal, a proxy, or the page on which the list can be downloaded.
    #[error("a web page instead of the VICAL")]
    WebPage,
    /// It ends too early: the download was cut off.
    #[error("the VICAL is cut off after {length} bytes")]
    Truncated {
        /// The bytes that came.
        length: usize,
    },
    /// Not a VICAL.
    #[error("{0}")]
    Read(VicalReadError),
    /// The signer, the signature, a date or the place in the sequence is not good.
    #[error("{0}")]
    Invalid(VicalError),
    /// No entry can be an anchor: to take it would mean to trust nobody.
    #[error("none of the {entries} entries of the VICAL can be an anchor")]
    NoAnchors {
        /// How many entries it has.
        entries: usize,
    },
    /// The fetch failed.
    #[error("the fetch failed: {0}")]
    Fetch(FetchFailure),
    /// There is nothing at the place.
    #[error("there is no such file")]
    Absent,
}

impl VicalImportError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnknownProvider(_) => "vical-unknown-provider",
            Self::ClockTurnedBack { .. } => "vical-clock-turned-back",
            Self::WebPage => "vical-web-page",
            Self::Truncated { .. } => "vical-truncated",
            Self::Read(error) => error.id(),
            Self::Invalid(error) => error.id(),
            Self::NoAnchors { .. } => "vical-no-anchors",
            Self::Fetch(_) => "vical-fetch-failed",
            Self::Absent => "vical-absent",
        }
    }

    /// Whether the list is not by this provider: another one may have signed it.
    pub(crate) fn is_of_another(&self) -> bool {
        matches!(self, Self::Invalid(VicalError::SignerPath(_) | VicalError::SignerNotPinned | VicalError::NoSigner))
    }

    pub(crate) fn of_read(error: VicalReadError, length: usize) -> Self {
        match &error {
            VicalReadError::Cbor(cause) if matches!(cause.kind(), DecodeErrorKind::UnexpectedEnd) => {
                Self::Truncated { length }
            }
            _ => Self::Read(error),
        }
    }
}

/// Why a provider is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The name is empty, longer than 64 letters, or holds others than small letters, digits, dots and hyphens.
    #[error("{0:?} is no name of a provider: small letters, digits, dots and hyphens, 64 at most")]
    Name(String),
    /// A provider of this name is followed already.
    #[error("a VICAL provider {0:?} is followed already")]
    Exists(String),
    /// No provider of this name is followed.
    #[error("the store follows no VICAL provider {0:?}")]
    Unknown(String),
    /// As many as a store may follow.
    #[error("{0} VICAL providers are followed already")]
    TooMany(usize),
    /// The certificate is another than the one whose fingerprint was given.
    #[error("the certificate has another fingerprint than expected")]
    Fingerprint {
        /// The SHA-256 of the certificate.
        found: [u8; 32],
    },
    /// The certificate cannot be read.
    #[error("{0}")]
    Certificate(CertificateError),
    /// Its key cannot be used.
    #[error("{0}")]
    Key(KeyError),
    /// It is no CA: a signer's certificate is pinned as such or not at all.
    #[error("the certificate is not one of a CA")]
    NotCa,
    /// It is not a signer of VICALs: keyUsage nonRepudiation and key purpose 1.0.18013.5.1.8 (Table C.1).
    #[error("the certificate is not one of a VICAL signer")]
    NotSigner,
    /// It has expired.
    #[error("the certificate expired at {0}")]
    Expired(UtcDateTime),
    /// The clock of this machine is behind a time that has passed for certain.
    #[error("the clock says {at}, after {latest} had passed")]
    ClockTurnedBack {
        /// The latest known time.
        latest: UtcDateTime,
        /// The time of the clock.
        at: UtcDateTime,
    },
}

impl ProviderError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Name(_) => "vical-provider-name",
            Self::Exists(_) => "vical-provider-exists",
            Self::Unknown(_) => "vical-unknown-provider",
            Self::TooMany(_) => "vical-too-many-providers",
            Self::Fingerprint { .. } => "vical-provider-fingerprint",
            Self::Certificate(error) => error.id(),
            Self::Key(error) => error.id(),
            Self::NotCa => "vical-provider-not-ca",
            Self::NotSigner => "vical-provider-not-signer",
            Self::Expired(_) => "vical-provider-expired",
            Self::ClockTurnedBack { .. } => "vical-clock-turned-back",
        }
    }
}
