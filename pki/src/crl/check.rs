//! The revocation status of a certificate by CRLs (ISO/IEC 18013-5 B.3.2, RFC 5280 6.3.3).

use time::{Duration, UtcDateTime};

use super::{Crl, CrlError, CrlNumber, RevocationReason};
use crate::{
    certificate::{Certificate, KeyUsage},
    provider::{CryptoProvider, SignatureError},
};

/// Under which conditions CRLs are used.
#[derive(Clone, Copy, Debug)]
pub struct CrlInput {
    /// The time of the check.
    pub at: UtcDateTime,
    /// How far the clock may be wrong: a thisUpdate up to so far in the future is taken.
    pub skew: Duration,
    /// How long after nextUpdate a list is still taken. Zero is strict.
    pub grace: Duration,
    /// The lowest number that is taken, the highest seen for this issuer so far: what keeps an old list from being played
    /// back. `None` when none has been seen.
    pub lowest_number: Option<CrlNumber>,
}

impl CrlInput {
    /// Strict: a good clock, no grace, no number seen so far.
    #[must_use]
    pub fn new(at: UtcDateTime) -> Self {
        Self { at, skew: Duration::ZERO, grace: Duration::ZERO, lowest_number: None }
    }
}

/// The revocation status of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrlStatus {
    /// A list that is fresh and signed by the issuer does not name the certificate.
    Good {
        /// Number of the list, to be remembered.
        number: Option<CrlNumber>,
        /// Its thisUpdate.
        this_update: UtcDateTime,
        /// Its nextUpdate.
        next_update: UtcDateTime,
        /// Time since thisUpdate; negative within the skew.
        age: Duration,
    },
    /// The certificate is revoked.
    Revoked {
        /// Since when.
        date: UtcDateTime,
        /// Why, if the list says.
        reason: Option<RevocationReason>,
        /// Number of the list, to be remembered.
        number: Option<CrlNumber>,
    },
    /// It is not known: neither good nor revoked.
    Undetermined(Undetermined),
}

/// Why a status is not known. Of several lists the one that came closest to an answer gives the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undetermined {
    /// There is no list of this issuer.
    #[error("no CRL of the issuer")]
    NoCrl,
    /// The issuer's keyUsage does not allow it to sign CRLs (RFC 5280 6.3.3 f).
    #[error("the issuer may not sign CRLs")]
    IssuerMayNotSign,
    /// No list of this issuer has a signature of the issuer's key.
    #[error("the CRL's signature does not verify: {0}")]
    Signature(SignatureError),
    /// The list has no number although one has been seen before.
    #[error("the CRL has no number")]
    NumberMissing,
    /// The number is below one that has been seen.
    #[error("the CRL has number {found}, after {lowest} was seen")]
    NumberTooLow {
        /// Number of the list.
        found: CrlNumber,
        /// The lowest acceptable number.
        lowest: CrlNumber,
    },
    /// The list is of the future.
    #[error("the CRL is not valid before {0}")]
    NotYetValid(UtcDateTime),
    /// The list has no nextUpdate, so that nobody can tell whether it is fresh.
    #[error("the CRL has no nextUpdate")]
    NextUpdateMissing,
    /// nextUpdate and the grace have passed.
    #[error("the CRL is stale since {0}")]
    Stale(UtcDateTime),
    /// The entries cannot be processed.
    #[error("the CRL cannot be used: {0}")]
    Crl(CrlError),
    /// The certificate is suspended (certificateHold), not revoked.
    #[error("the certificate is on hold since {0}")]
    OnHold(UtcDateTime),
}

impl Undetermined {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.entry().1
    }

    fn entry(&self) -> (u8, &'static str) {
        match self {
            Self::NoCrl => (0, "crl-none"),
            Self::IssuerMayNotSign => (1, "crl-issuer-may-not-sign"),
            Self::Signature(_) => (2, "crl-signature"),
            Self::NumberMissing => (3, "crl-number-missing"),
            Self::NumberTooLow { .. } => (4, "crl-number-too-low"),
            Self::NotYetValid(_) => (5, "crl-not-yet-valid"),
            Self::NextUpdateMissing => (6, "crl-next-update-missing"),
            Self::Stale(_) => (7, "crl-stale"),
            Self::Crl(_) => (8, "crl-unusable"),
            Self::OnHold(_) => (9, "crl-on-hold"),
        }
    }
}

/// Determines the status of `certificate`, issued by `issuer`, with the lists at hand.
///
/// A list counts only if its issuer name *and* its authority key identifier (when both sides have one) fit `issuer` and
/// its signature verifies with the issuer's key, and never before its thisUpdate. The one with the highest number decides.
/// A list that is stale or has too low a number can say *revoked*, because revocations are not undone, but never *good*.
#[must_use]
pub fn check_crl(
    certificate: &Certificate,
    issuer: &Certificate,
    crls: &[Crl<'_>],
    input: &CrlInput,
    provider: &dyn CryptoProvider,
) -> CrlStatus {
    if !issuer.key_usage().is_some_and(|usage| usage.contains(KeyUsage::CRL_SIGN)) {
        return CrlStatus::Undetermined(Undetermined::IssuerMayNotSign);
    }
    let mut own: Vec<&Crl<'_>> = crls.iter().filter(|crl| is_of(crl, issuer)).collect();
    own.sort_by_key(|crl| core::cmp::Reverse((crl.number(), crl.this_update())));
    let mut cause = Undetermined::NoCrl;
    for crl in own {
        if let Err(error) = crl.verify_signature(issuer, provider) {
            cause = nearer(cause, Undetermined::Signature(error));
            continue;
        }
        match status_by(certificate, crl, input) {
            // The highest number that may be used has decided.
            Ok(decided) => return decided,
            Err(found) => cause = nearer(cause, found),
        }
    }
    CrlStatus::Undetermined(cause)
}

/// Whether a list claims to be of this issuer: the name, and the key where both sides name it.
fn is_of(crl: &Crl<'_>, issuer: &Certificate) -> bool {
    let same_key = match (crl.authority_key_identifier(), issuer.subject_key_identifier()) {
        (Some(named), Some(own)) => named == own,
        _ => true,
    };
    same_key && crl.issuer().matches(issuer.subject()).is_match()
}

fn nearer(one: Undetermined, other: Undetermined) -> Undetermined {
    if other.entry().0 > one.entry().0 { other } else { one }
}

/// The answer of one list whose signature has been verified; an error when an older list may still have one.
fn status_by(certificate: &Certificate, crl: &Crl<'_>, input: &CrlInput) -> Result<CrlStatus, Undetermined> {
    if crl.this_update() > input.at.saturating_add(input.skew) {
        return Err(Undetermined::NotYetValid(crl.this_update()));
    }
    let entry = match crl.lookup(certificate.serial()) {
        Ok(entry) => entry,
        Err(error) => return Ok(CrlStatus::Undetermined(Undetermined::Crl(error))),
    };
    let number = crl.number();
    Ok(match entry {
        Some(entry) if entry.reason == Some(RevocationReason::CertificateHold) => {
            CrlStatus::Undetermined(Undetermined::OnHold(entry.date))
        }
        Some(entry) => CrlStatus::Revoked { date: entry.date, reason: entry.reason, number },
        None => CrlStatus::Good {
            number,
            this_update: crl.this_update(),
            next_update: freshness(crl, input)?,
            age: input.at - crl.this_update(),
        },
    })
}

fn freshness(crl: &Crl<'_>, input: &CrlInput) -> Result<UtcDateTime, Undetermined> {
    if let Some(lowest) = input.lowest_number {
        let found = crl.number().ok_or(Undetermined::NumberMissing)?;
        if found < lowest {
            return Err(Undetermined::NumberTooLow { found, lowest });
        }
    }
    let next_update = crl.next_update().ok_or(Undetermined::NextUpdateMissing)?;
    if input.at > next_update.saturating_add(input.grace) {
        return Err(Undetermined::Stale(next_update));
    }
    Ok(next_update)
}
