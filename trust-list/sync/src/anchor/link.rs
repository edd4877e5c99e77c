//! Link certificates as evidence at import. They are never an element of a path: a document signer is validated directly
//! under an anchor or not at all.

use tegata_pki::profile::Mode;
use tegata_pki::{Certificate, CryptoProvider, Edition, Role, Severity, SignatureError, lint, profile};
use time::UtcDateTime;

use super::KeyDigest;

/// In which direction a link certificate looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The older anchor signed for the newer one.
    NewWithOld,
    /// The newer anchor signed for the older one.
    OldWithNew,
}

/// A link certificate whose form, key, names and signature are right: one anchor's key has signed for another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The direction.
    pub kind: LinkKind,
    /// The anchor that signed.
    pub by: KeyDigest,
    /// The anchor it signed for.
    pub of: KeyDigest,
    /// The first second of its validity.
    pub not_before: UtcDateTime,
    /// The last second of its validity, and of its signer's.
    pub not_after: UtcDateTime,
}

/// Why a certificate is not a link between two anchors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// No listed root has its key.
    #[error("the link is for no listed root")]
    NoSubject,
    /// No known anchor has the name of its issuer.
    #[error("the link is by no known anchor")]
    NoIssuer,
    /// Its subject is not that of the self-signed root with the same key.
    #[error("link and root have different subjects")]
    SubjectName,
    /// Its subject key identifier is not that of the self-signed root with the same key.
    #[error("link and root have different subject key identifiers")]
    KeyIdentifier,
    /// The anchor did not sign it.
    #[error("signature of the link: {0}")]
    Signature(SignatureError),
    /// It breaks a rule of the link profile.
    #[error("the link breaks {rule}")]
    Profile {
        /// The id of the rule.
        rule: &'static str,
    },
    /// The anchor that signed it has revoked it.
    #[error("the link is revoked by the anchor that signed it")]
    Revoked,
}

impl LinkError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoSubject => "link-no-subject",
            Self::NoIssuer => "link-no-issuer",
            Self::SubjectName => "link-subject-name",
            Self::KeyIdentifier => "link-key-identifier",
            Self::Signature(_) => "link-signature",
            Self::Profile { .. } => "link-profile",
            Self::Revoked => "link-revoked",
        }
    }
}

impl Link {
    /// Verifies that `link` is a certificate by the key of the anchor `by` for the key of the self-signed root `of`, with
    /// the root's own name and key identifier (ISO/IEC 18013-5 Table B.2). Whether it is within its dates is asked when it
    /// is used.
    ///
    /// # Errors
    /// [`LinkError`]; all but [`LinkError::NoSubject`], [`LinkError::NoIssuer`] and [`LinkError::Revoked`].
    pub fn verify(
        link: &Certificate,
        by: &Certificate,
        of: &Certificate,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, LinkError> {
        if link.spki_der() != of.spki_der() {
            return Err(LinkError::NoSubject);
        }
        if link.subject() != of.subject() {
            return Err(LinkError::SubjectName);
        }
        match (link.subject_key_identifier(), of.subject_key_identifier()) {
            (Some(own), Some(root)) if own == root => {}
            _ => return Err(LinkError::KeyIdentifier),
        }
        if link.issuer() != by.subject() {
            return Err(LinkError::NoIssuer);
        }
        let key = by.public_key().map_err(|error| LinkError::Signature(SignatureError::Key(error.clone())))?;
        link.verify_signature(key, provider).map_err(LinkError::Signature)?;
        let findings = lint(link, profile(Role::Link, Edition::Iso18013_5), Some(by));
        if let Some(finding) = findings.iter().find(|finding| finding.severity_in(Mode::Interop) == Severity::Error) {
            return Err(LinkError::Profile { rule: finding.rule });
        }
        let kind = if by.not_before() <= of.not_before() { LinkKind::NewWithOld } else { LinkKind::OldWithNew };
        Ok(Self {
            kind,
            by: KeyDigest::of(by),
            of: KeyDigest::of(of),
            not_before: link.not_before().max(by.not_before()),
            not_after: link.not_after().min(by.not_after()),
        })
    }

    /// Whether it is evidence at `at`.
    #[must_use]
    pub fn is_valid_at(&self, at: UtcDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }
}
