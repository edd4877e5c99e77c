//! Link certificates: one root vouches for the key of another (ISO/IEC 18013-5 B.1.3, RFC 4210 4.4).
//!
//! A link certificate is evidence for importing an anchor and never an element of a path: the old root has pathLen 0.

use tegata_pki::path::{check_extensions, check_validity};
use tegata_pki::{
    Certificate, CryptoProvider, Edition, Finding, KeyError, PathError, PathPosition, PublicKey, Role, SignatureError,
    lint, profile,
};
use time::{Duration, UtcDateTime};

/// Which root vouches for which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkDirection {
    /// The old root signed the new key: who trusts the old root may import the new one.
    NewWithOld,
    /// The new root signed the old key: who begins with the new root may accept what the old one issued.
    OldWithNew,
}

impl LinkDirection {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::NewWithOld => "new-with-old",
            Self::OldWithNew => "old-with-new",
        }
    }
}

/// Why a link does not link the two roots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It certifies the key of neither root (LINK-03).
    #[error("the link certifies the key of neither root")]
    ForeignKey,
    /// Its issuer is not the subject of the root that should have signed it (LINK-01).
    #[error("the issuer of the link is not the root that should have signed it")]
    Issuer,
    /// Its subject is not that of the root whose key it certifies (LINK-02).
    #[error("the subject of the link is not that of the root it certifies")]
    Subject,
    /// Its key identifier is not that of the root whose key it certifies (LINK-06).
    #[error("the key identifier of the link is not that of the root it certifies")]
    KeyIdentifier,
    /// The root that should have signed it did not.
    #[error("the root did not sign the link: {0}")]
    Signature(SignatureError),
    /// The root whose key it certifies did not sign itself: nobody proves to have the key.
    #[error("the certified root did not sign itself: {0}")]
    SelfSignature(SignatureError),
    /// The key of a root cannot be used, as one of RSA: whether the link is good cannot be told.
    #[error("the key of a root cannot be used: {0}")]
    Key(KeyError),
    /// It may not certify (LINK-07, LINK-10).
    #[error("the link is not a CA certificate")]
    NotCa,
    /// The root that signed it may not certify: it is no root (IACA-13, IACA-15).
    #[error("the signing root is not a CA certificate")]
    SigningRootNotCa,
    /// The same of the root whose key it certifies.
    #[error("the certified root is not a CA certificate")]
    CertifiedRootNotCa,
    /// The two roots are of different countries.
    #[error("the roots are of different countries")]
    Country,
    /// The two roots are of different states or provinces.
    #[error("the roots are of different states or provinces")]
    State,
    /// The link is not valid at the time, or has a critical extension that cannot be processed.
    #[error("the link is not usable: {0}")]
    Link(PathError),
    /// The same of the root that signed it.
    #[error("the signing root is not usable: {0}")]
    SigningRoot(PathError),
    /// The same of the root whose key it certifies.
    #[error("the certified root is not usable: {0}")]
    CertifiedRoot(PathError),
}

impl LinkError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::ForeignKey => "link-foreign-key",
            Self::Issuer => "link-issuer",
            Self::Subject => "link-subject",
            Self::KeyIdentifier => "link-key-identifier",
            Self::Signature(_) => "link-signature",
            Self::SelfSignature(_) => "link-self-signature",
            Self::Key(_) => "link-key",
            Self::NotCa => "link-not-ca",
            Self::SigningRootNotCa => "link-signing-root-not-ca",
            Self::CertifiedRootNotCa => "link-certified-root-not-ca",
            Self::Country => "link-country",
            Self::State => "link-state",
            Self::Link(_) => "link-unusable",
            Self::SigningRoot(_) => "link-signing-root-unusable",
            Self::CertifiedRoot(_) => "link-certified-root-unusable",
        }
    }
}

/// Checks that `link` links `old` and `new`, in either direction, and that all three are valid at `at`. Returns the
/// direction and where the link deviates from its profile (Table B.2).
///
/// Neither root becomes trusted by this: the caller has to hold the signing one already.
///
/// # Errors
/// [`LinkError`]; the first that is found.
pub fn check_link(
    link: &Certificate,
    old: &Certificate,
    new: &Certificate,
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
) -> Result<(LinkDirection, Vec<Finding>), LinkError> {
    let (direction, signing, certified) = if same_key(link, new) {
        (LinkDirection::NewWithOld, old, new)
    } else if same_key(link, old) {
        (LinkDirection::OldWithNew, new, old)
    } else {
        return Err(LinkError::ForeignKey);
    };
    if !link.issuer().matches(signing.subject()).is_match() {
        return Err(LinkError::Issuer);
    }
    if !link.subject().matches(certified.subject()).is_match() {
        return Err(LinkError::Subject);
    }
    if link.subject_key_identifier() != certified.subject_key_identifier() {
        return Err(LinkError::KeyIdentifier);
    }
    link.verify_signature(&key(signing)?, provider).map_err(LinkError::Signature)?;
    certified.verify_signature(&key(certified)?, provider).map_err(LinkError::SelfSignature)?;
    if !link.is_ca() {
        return Err(LinkError::NotCa);
    }
    if !signing.is_ca() {
        return Err(LinkError::SigningRootNotCa);
    }
    if !certified.is_ca() {
        return Err(LinkError::CertifiedRootNotCa);
    }
    check_subjects(signing, certified)?;
    usable(link, at).map_err(LinkError::Link)?;
    usable(signing, at).map_err(LinkError::SigningRoot)?;
    usable(certified, at).map_err(LinkError::CertifiedRoot)?;
    Ok((direction, lint(link, profile(Role::Link, Edition::Iso18013_5), Some(signing))))
}

/// The links of passport CAs write their curves out. To say that one root signed the other's key is safe then, since the curve
/// is compared number by number; that the form deviates from the profile is a finding, and such a root is never an anchor.
fn key(certificate: &Certificate) -> Result<PublicKey, LinkError> {
    let key = match certificate.public_key() {
        Err(KeyError::CurveNotNamed) => PublicKey::from_spki_der_with_explicit_curve(certificate.spki_der()),
        key => key.cloned().map_err(Clone::clone),
    };
    key.map_err(LinkError::Key)
}

fn same_key(one: &Certificate, other: &Certificate) -> bool {
    one.spki_der() == other.spki_der() || matches!((key(one), key(other)), (Ok(one), Ok(other)) if one == other)
}

/// An authority keeps its country, and its state where both roots have one.
fn check_subjects(signing: &Certificate, certified: &Certificate) -> Result<(), LinkError> {
    let folded = |text: Option<std::borrow::Cow<'_, str>>| text.map(|text| text.to_ascii_uppercase());
    if folded(signing.subject().country()) != folded(certified.subject().country()) {
        return Err(LinkError::Country);
    }
    let states = (signing.subject().state_or_province(), certified.subject().state_or_province());
    match states {
        (Some(one), Some(other)) if one != other => Err(LinkError::State),
        _ => Ok(()),
    }
}

fn usable(certificate: &Certificate, at: UtcDateTime) -> Result<(), PathError> {
    // Findings about extensions that are not critical are the linter's.
    check_extensions(PathPosition::Anchor, certificate, &mut Vec::new())?;
    check_validity(PathPosition::Anchor, certificate, at, Duration::ZERO)
}
