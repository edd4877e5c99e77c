//! The path from an end-entity certificate to its anchor (ISO/IEC 18013-5 9.3.3, RFC 5280 6.1).
//!
//! With an IACA the path is one step long. Profiles that allow it (private PKIs, reader certificates) may put a few
//! intermediate certificates in between; they are taken in the order of the `x5chain` and never searched for. What must
//! hold always is an error ([`PathError`]); what a policy may tolerate is reported ([`PathFinding`]).
//!
//! Extended key usages and the other rows of a profile are not looked at here: [`lint`](crate::lint) does that.

mod step;

use der::asn1::ObjectIdentifier;
use time::{Duration, UtcDateTime};

use crate::{
    certificate::{Certificate, ExtensionState},
    key::{KeyError, PublicKey},
    provider::{CryptoProvider, SignatureError},
};

/// Most intermediate certificates in a path.
pub const MAX_INTERMEDIATES: usize = 4;

/// Which certificate of a path is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathPosition {
    /// The end-entity certificate.
    Leaf,
    /// An intermediate certificate; 0 issued the leaf.
    Intermediate(usize),
    /// The anchor.
    Anchor,
}

/// What the names of anchor and leaf have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectRules {
    /// The anchor is an IACA: countryName must be equal, and so must stateOrProvinceName when both have one
    /// (ISO/IEC 18013-5 9.3.3). A difference is an error.
    Iaca,
    /// The same comparison, but a difference is only a [`PathFinding`], for a caller that reports it by itself.
    IacaReported,
    /// The anchor is not an IACA (a reader root, a VICAL provider's root): no rule.
    None,
}

/// What a path is validated from.
#[derive(Clone, Copy, Debug)]
pub struct PathInput<'a> {
    /// The end-entity certificate.
    pub leaf: &'a Certificate,
    /// The certificates after it in the `x5chain`, in their order, if the profile allows intermediates; otherwise empty.
    /// Self-issued ones at the end are ignored: a root that comes with the document proves nothing.
    pub intermediates: &'a [Certificate],
    /// The trusted certificate.
    pub anchor: &'a Certificate,
    /// The time of the validation.
    pub at: UtcDateTime,
    /// How far the clock may be wrong; widens every validity at both ends. Zero for a good clock.
    pub skew: Duration,
    /// What the names must have in common.
    pub subject_rules: SubjectRules,
}

impl<'a> PathInput<'a> {
    /// One step under an IACA, with a good clock.
    #[must_use]
    pub fn new(leaf: &'a Certificate, anchor: &'a Certificate, at: UtcDateTime) -> Self {
        Self { leaf, intermediates: &[], anchor, at, skew: Duration::ZERO, subject_rules: SubjectRules::Iaca }
    }
}

/// A path that held at a time. There is no other way to get one than [`validate_path`].
#[derive(Clone, Debug)]
pub struct ValidatedPath {
    leaf: Certificate,
    anchor: Certificate,
    key: PublicKey,
    at: UtcDateTime,
    valid_from: UtcDateTime,
    valid_until: UtcDateTime,
    findings: Vec<PathFinding>,
}

impl ValidatedPath {
    /// The end-entity certificate.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The anchor it ends at.
    #[must_use]
    pub fn anchor(&self) -> &Certificate {
        &self.anchor
    }

    /// The key of the end-entity certificate.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The time it was validated at.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// The latest notBefore of the path: a cached result does not hold before it.
    #[must_use]
    pub fn valid_from(&self) -> UtcDateTime {
        self.valid_from
    }

    /// The earliest notAfter of the path: a cached result does not hold after it.
    #[must_use]
    pub fn valid_until(&self) -> UtcDateTime {
        self.valid_until
    }

    /// What deviates from the rules without making the path fail; the caller's policy decides.
    #[must_use]
    pub fn findings(&self) -> &[PathFinding] {
        &self.findings
    }
}

/// A deviation that a policy may tolerate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathFinding {
    /// The issuer name is not the same bytes as the subject of the issuer, but equal by RFC 5280 7.1.
    IssuerNameEquivalent(PathPosition),
    /// The authority key identifier names another key than the subject key identifier of the issuer, although that key
    /// verifies the signature.
    KeyIdentifierMismatch(PathPosition),
    /// There is no authority key identifier (or it cannot be read).
    AuthorityKeyIdentifierMissing(PathPosition),
    /// A CA certificate has no subject key identifier (or it cannot be read).
    SubjectKeyIdentifierMissing(PathPosition),
    /// A known extension that is not critical has contents that cannot be read (ISO/IEC 18013-5 B.3.1 would reject).
    UnprocessableExtension(PathPosition, ObjectIdentifier),
    /// countryName is equal only when case is ignored.
    CountryDiffersInCase,
    /// countryName differs or is missing; reported under [`SubjectRules::IacaReported`].
    CountryMismatch,
    /// stateOrProvinceName differs; reported under [`SubjectRules::IacaReported`].
    StateMismatch,
    /// The anchor has a stateOrProvinceName and the leaf has none (ISO/IEC 18013-5 B.1.1).
    StateMissing,
}

impl PathFinding {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::IssuerNameEquivalent(_) => "path-issuer-name-equivalent",
            Self::KeyIdentifierMismatch(_) => "path-key-identifier-mismatch",
            Self::AuthorityKeyIdentifierMissing(_) => "path-authority-key-identifier-missing",
            Self::SubjectKeyIdentifierMissing(_) => "path-subject-key-identifier-missing",
            Self::UnprocessableExtension(..) => "path-unprocessable-extension",
            Self::CountryDiffersInCase => "path-country-differs-in-case",
            Self::CountryMismatch => "path-country-mismatch",
            Self::StateMismatch => "path-state-mismatch",
            Self::StateMissing => "path-state-missing",
        }
    }
}

/// Why there is no path. The order of the variants is the order of [`PathError::rank`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The issuer name is not the subject of the next certificate.
    #[error("{0:?}: the issuer name is not the subject of its issuer")]
    IssuerNameMismatch(PathPosition),
    /// The key of an issuer cannot be used.
    #[error("{0:?}: unusable key: {1}")]
    Key(PathPosition, KeyError),
    /// The signature was not made by the next certificate's key.
    #[error("{0:?}: {1}")]
    Signature(PathPosition, SignatureError),
    /// More than [`MAX_INTERMEDIATES`].
    #[error("too many intermediate certificates")]
    TooManyIntermediates,
    /// The leaf has the anchor's key (it may be the anchor itself): a CA key does not sign documents.
    #[error("the end-entity certificate has the anchor's key")]
    LeafIsAnchor,
    /// The anchor may not certify: `cA` is not TRUE or keyUsage lacks keyCertSign, or they cannot be read.
    #[error("the anchor is not a CA")]
    AnchorNotCa,
    /// An intermediate certificate may not certify.
    #[error("{0:?}: not a CA")]
    IntermediateNotCa(PathPosition),
    /// The end-entity certificate is one of a CA.
    #[error("the end-entity certificate is a CA's")]
    LeafIsCa,
    /// More certificates follow than a pathLenConstraint allows.
    #[error("{0:?}: the path is longer than its pathLenConstraint")]
    PathLength(PathPosition),
    /// A critical extension is unknown to us (RFC 5280 4.2).
    #[error("{0:?}: unknown critical extension {1}")]
    UnknownCriticalExtension(PathPosition, ObjectIdentifier),
    /// A critical extension cannot be read (RFC 5280 4.2).
    #[error("{0:?}: critical extension {1} cannot be processed")]
    UnprocessableCriticalExtension(PathPosition, ObjectIdentifier),
    /// The validity has not begun.
    #[error("{position:?}: not valid before {not_before}")]
    NotYetValid {
        /// Which certificate.
        position: PathPosition,
        /// Its notBefore.
        not_before: UtcDateTime,
    },
    /// The validity has ended.
    #[error("{position:?}: expired at {not_after}")]
    Expired {
        /// Which certificate.
        position: PathPosition,
        /// Its notAfter.
        not_after: UtcDateTime,
    },
    /// countryName of leaf and anchor differ, or one has none, or several.
    #[error("countryName of leaf and anchor differ")]
    CountryMismatch,
    /// stateOrProvinceName of leaf and anchor differ.
    #[error("stateOrProvinceName of leaf and anchor differ")]
    StateMismatch,
}

impl PathError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.entry().1
    }

    /// How far the validation came. Of the errors that several anchors gave, the one with the highest rank tells most.
    #[must_use]
    pub fn rank(&self) -> u8 {
        self.entry().0
    }

    fn entry(&self) -> (u8, &'static str) {
        match self {
            Self::IssuerNameMismatch(_) => (0, "path-issuer-name-mismatch"),
            Self::Key(..) => (1, "path-key"),
            Self::Signature(..) => (2, "path-signature"),
            Self::TooManyIntermediates => (3, "path-too-many-intermediates"),
            Self::LeafIsAnchor => (4, "path-leaf-is-anchor"),
            Self::AnchorNotCa => (5, "path-anchor-not-ca"),
            Self::IntermediateNotCa(_) => (6, "path-intermediate-not-ca"),
            Self::LeafIsCa => (7, "path-leaf-is-ca"),
            Self::PathLength(_) => (8, "path-length"),
            Self::UnknownCriticalExtension(..) => (9, "path-unknown-critical-extension"),
            Self::UnprocessableCriticalExtension(..) => (10, "path-unprocessable-critical-extension"),
            Self::NotYetValid { .. } => (11, "path-not-yet-valid"),
            Self::Expired { .. } => (12, "path-expired"),
            Self::CountryMismatch => (13, "path-country-mismatch"),
            Self::StateMismatch => (14, "path-state-mismatch"),
        }
    }
}

/// A path whose names, signatures, CA rights and critical extensions are right, whenever that may be: the half of
/// validation that does not depend on the time, and may therefore be remembered.
#[derive(Clone, Debug)]
pub struct VerifiedPath {
    chain: Vec<(PathPosition, Certificate)>,
    key: PublicKey,
    findings: Vec<PathFinding>,
}

impl VerifiedPath {
    /// What is tolerable but noteworthy.
    #[must_use]
    pub fn findings(&self) -> &[PathFinding] {
        &self.findings
    }

    /// Checks that every certificate of the path, anchor included, is valid at `at`, or will be within `early`. Ends are
    /// not stretched.
    ///
    /// # Errors
    /// [`PathError::NotYetValid`] or [`PathError::Expired`], the leaf first.
    pub fn check_validity_with_early_start(&self, at: UtcDateTime, early: Duration) -> Result<(), PathError> {
        self.chain.iter().try_for_each(|(position, certificate)| {
            let begins = certificate.not_before();
            let begins_soon = at < begins && at.saturating_add(early) >= begins;
            let at = if begins_soon { begins } else { at };
            check_window(*position, certificate, at, at)
        })
    }

    /// Checks that every certificate of the path, anchor included, is valid at `at`.
    ///
    /// # Errors
    /// [`PathError::NotYetValid`] or [`PathError::Expired`], the leaf first.
    pub fn check_validity(&self, at: UtcDateTime, skew: Duration) -> Result<(), PathError> {
        self.chain.iter().try_for_each(|(position, certificate)| check_validity(*position, certificate, at, skew))
    }
}

/// Verifies the path from `leaf` to `anchor` without looking at the time: names, signatures, CA rights, critical
/// extensions.
///
/// # Errors
/// The first [`PathError`] in the order of [`PathError::rank`] per step; none about time or subjects.
pub fn verify_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchor: &Certificate,
    provider: &dyn CryptoProvider,
) -> Result<VerifiedPath, PathError> {
    let intermediates = step::relevant_intermediates(intermediates, anchor)?;
    let between = intermediates.iter().enumerate().map(|(index, cert)| (PathPosition::Intermediate(index), cert));
    let placed = [(PathPosition::Leaf, leaf)].into_iter().chain(between).chain([(PathPosition::Anchor, anchor)]);
    let chain: Vec<_> = placed.map(|(position, certificate)| (position, certificate.clone())).collect();

    let mut findings = Vec::new();
    for pair in chain.windows(2) {
        if let [(position, subject), (issuer_position, issuer)] = pair {
            step::check_step((*position, subject), (*issuer_position, issuer), provider, &mut findings)?;
        }
    }
    step::check_roles(leaf, intermediates, anchor)?;
    for (position, certificate) in &chain {
        check_extensions(*position, certificate, &mut findings)?;
    }
    let key = leaf.public_key().map_err(|error| PathError::Key(PathPosition::Leaf, error.clone()))?.clone();
    Ok(VerifiedPath { chain, key, findings })
}

/// Validates the path of `input`: [`verify_path`], validity of *every* certificate with the anchor, and the subject rules.
///
/// # Errors
/// The first [`PathError`] in the order of [`PathError::rank`] per step.
pub fn validate_path(input: &PathInput<'_>, provider: &dyn CryptoProvider) -> Result<ValidatedPath, PathError> {
    let path = verify_path(input.leaf, input.intermediates, input.anchor, provider)?;
    path.check_validity(input.at, input.skew)?;
    let VerifiedPath { chain, key, mut findings } = path;
    step::check_subjects(input, &mut findings)?;
    Ok(ValidatedPath {
        leaf: input.leaf.clone(),
        anchor: input.anchor.clone(),
        key,
        at: input.at,
        valid_from: chain.iter().map(|(_, c)| c.not_before()).max().unwrap_or(input.at),
        valid_until: chain.iter().map(|(_, c)| c.not_after()).min().unwrap_or(input.at),
        findings,
    })
}

/// Refuses a certificate with a critical extension that is unknown or cannot be read, and reports extensions that are not
/// critical and cannot be read. Part of [`validate_path`]; alone it serves a pinned certificate, which has no path.
///
/// # Errors
/// [`PathError::UnknownCriticalExtension`], [`PathError::UnprocessableCriticalExtension`].
pub fn check_extensions(
    position: PathPosition,
    certificate: &Certificate,
    findings: &mut Vec<PathFinding>,
) -> Result<(), PathError> {
    for extension in certificate.extensions() {
        let (oid, critical) = (extension.oid(), extension.is_critical());
        match (extension.state(), critical) {
            (ExtensionState::Processed, _) | (ExtensionState::Unknown, false) => {}
            (ExtensionState::Unknown, true) => {
                return Err(PathError::UnknownCriticalExtension(position, oid));
            }
            (ExtensionState::Unprocessable(_), true) => {
                return Err(PathError::UnprocessableCriticalExtension(position, oid));
            }
            (ExtensionState::Unprocessable(_), false) => {
                findings.push(PathFinding::UnprocessableExtension(position, oid));
            }
        }
    }
    Ok(())
}

/// Checks that a time lies in the validity of a certificate, both ends included (RFC 5280 4.1.2.5), widened by `skew`.
///
/// # Errors
/// [`PathError::NotYetValid`], [`PathError::Expired`].
pub fn check_validity(
    position: PathPosition,
    certificate: &Certificate,
    at: UtcDateTime,
    skew: Duration,
) -> Result<(), PathError> {
    check_window(position, certificate, at.saturating_sub(skew), at.saturating_add(skew))
}

/// Whether a certificate is valid at some time from `earliest` to `latest`.
fn check_window(
    position: PathPosition,
    certificate: &Certificate,
    earliest: UtcDateTime,
    latest: UtcDateTime,
) -> Result<(), PathError> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if latest < not_before {
        return Err(PathError::NotYetValid { position, not_before });
    }
    // The last second is part of the validity to its end.
    if earliest > not_after && earliest >= not_after.saturating_add(Duration::SECOND) {
        return Err(PathError::Expired { position, not_after });
    }
    Ok(())
}
