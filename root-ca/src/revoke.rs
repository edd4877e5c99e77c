//! Revocation: causes, orders, and the clock that runs from an order to the published list.

use tegata_pki::crl::RevocationReason;
use time::{Duration, UtcDateTime};

use crate::{
    policy::Policy,
    state::{Revocation, Serial},
};

/// Why a certificate is revoked (CP/CPS 4.9.1, RFC 5280 5.3.1). There is no hold and no way back, so neither
/// `certificateHold` nor `removeFromCRL` exists here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// No cause is told.
    Unspecified,
    /// The subject's key is in other hands, or may be.
    KeyCompromise,
    /// The root's key is in other hands, or may be.
    CaCompromise,
    /// The contents have become wrong.
    AffiliationChanged,
    /// Another certificate has taken its place.
    Superseded,
    /// It is no longer used, or the root ends.
    CessationOfOperation,
    /// The contents or the purpose were wrong, or the policy was violated.
    PrivilegeWithdrawn,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key-compromise",
            Self::CaCompromise => "ca-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
        }
    }

    /// The cause of a stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.id() == id)
    }

    /// The cause of a `CRLReason` number; `None` for numbers that must not come to stand in a list of this root.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Unspecified),
            1 => Some(Self::KeyCompromise),
            2 => Some(Self::CaCompromise),
            3 => Some(Self::AffiliationChanged),
            4 => Some(Self::Superseded),
            5 => Some(Self::CessationOfOperation),
            9 => Some(Self::PrivilegeWithdrawn),
            _ => None,
        }
    }

    /// What stands in the entry; RFC 5280 5.3.1 leaves the extension out rather than saying *unspecified*.
    #[must_use]
    pub const fn reason(self) -> Option<RevocationReason> {
        match self {
            Self::Unspecified => None,
            Self::KeyCompromise => Some(RevocationReason::KeyCompromise),
            Self::CaCompromise => Some(RevocationReason::CaCompromise),
            Self::AffiliationChanged => Some(RevocationReason::AffiliationChanged),
            Self::Superseded => Some(RevocationReason::Superseded),
            Self::CessationOfOperation => Some(RevocationReason::CessationOfOperation),
            Self::PrivilegeWithdrawn => Some(RevocationReason::PrivilegeWithdrawn),
        }
    }
}

/// An order to revoke a certificate. Only the CA manager gives one (CP/CPS 4.9.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationOrder {
    /// The certificate.
    pub serial: Serial,
    /// Why.
    pub cause: Cause,
    /// Since when; not in the future, not before the certificate.
    pub date: UtcDateTime,
    /// The person, by handle.
    pub requested_by: String,
    /// The role in which the person orders it.
    pub role: String,
}

/// The role that may order a revocation and judge a compromise.
pub const CA_MANAGER: &str = "ca-manager";
/// The role that approves with the CA manager what changes how the root works.
pub const CERTIFICATE_ISSUER: &str = "certificate-issuer";

/// The clock of one revocation (CP/CPS 4.9.8, ISO/IEC 18013-5 B.2: 48 hours).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The certificate.
    pub serial: Serial,
    /// When the order was accepted.
    pub accepted: UtcDateTime,
    /// When the list must be published.
    pub due: UtcDateTime,
    /// How much time is left; negative when it is overdue. For a met duty: how much was left.
    pub remaining: Duration,
    /// Where it stands.
    pub status: DutyStatus,
}

/// Where a duty stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DutyStatus {
    /// No list yet; so many alarms of the policy have passed.
    Running {
        /// How many.
        alarms: usize,
    },
    /// No list yet, and the time is over.
    Overdue,
    /// A list that names it was signed in time.
    Signed,
    /// A list that names it was signed too late.
    SignedLate,
}

/// The clock of every revocation, in the order of acceptance.
#[must_use]
pub fn duties(revocations: &[Revocation], policy: &Policy, now: UtcDateTime) -> Vec<Duty> {
    let duty = |revocation: &Revocation| {
        let due = policy.crl.duty.after(revocation.accepted);
        let until = revocation.crl_signed.unwrap_or(now);
        let late = until > due;
        let passed = |alarm: &&crate::span::Span| alarm.after(revocation.accepted) <= now;
        let status = match (revocation.crl_signed, late) {
            (Some(_), false) => DutyStatus::Signed,
            (Some(_), true) => DutyStatus::SignedLate,
            (None, true) => DutyStatus::Overdue,
            (None, false) => DutyStatus::Running { alarms: policy.crl.duty_alarms.iter().filter(passed).count() },
        };
        let (serial, accepted) = (revocation.serial.clone(), revocation.accepted);
        Duty { serial, accepted, due, remaining: due - until, status }
    };
    revocations.iter().map(duty).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn the_clock_runs_alarms_and_ends() {
        let policy = Policy::built_in("jp-004").unwrap();
        let accepted = utc_datetime!(2027-03-01 9:00);
        let mut revocation = Revocation {
            serial: Serial(vec![1]),
            date: accepted,
            cause: Cause::KeyCompromise,
            requested_by: "p01".into(),
            accepted,
            crl_signed: None,
        };
        let at = |revocation: &Revocation, hours: i64| {
            duties(std::slice::from_ref(revocation), &policy, accepted + Duration::hours(hours)).remove(0)
        };
        assert_eq!(at(&revocation, 1).remaining, Duration::hours(47));
        for (hours, status) in [
            (1, DutyStatus::Running { alarms: 0 }),
            (24, DutyStatus::Running { alarms: 1 }),
            (40, DutyStatus::Running { alarms: 2 }),
            (48, DutyStatus::Running { alarms: 2 }),
            (49, DutyStatus::Overdue),
        ] {
            assert_eq!(at(&revocation, hours).status, status, "{hours}");
        }
        revocation.crl_signed = Some(accepted + Duration::hours(30));
        assert_eq!(at(&revocation, 400).status, DutyStatus::Signed);
        assert_eq!(at(&revocation, 400).remaining, Duration::hours(18));
        revocation.crl_signed = Some(accepted + Duration::hours(50));
        assert_eq!(at(&revocation, 400).status, DutyStatus::SignedLate);
    }

    #[test]
    fn hold_does_not_exist() {
        for number in [6, 7, 8, 10, 255] {
            assert_eq!(Cause::from_number(number), None);
        }
        for cause in Cause::ALL {
            assert_eq!(Cause::from_id(cause.id()), Some(cause));
            assert_eq!(Cause::from_number(cause.reason().map_or(0, RevocationReason::number)), Some(cause));
        }
    }
}
