//! How old things may be: by the policy of the relying party and by the promises of *that* issuer, never of another.

use tegata_manifest::IssuerFacts;
use time::{Duration, UtcDateTime};

use crate::SyncPolicy;

/// How fresh something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// As it should be.
    Fresh,
    /// It still counts; a newer one is due. Reports say so.
    Grace,
    /// It does not count any more.
    Stale,
}

impl Freshness {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Grace => "grace",
            Self::Stale => "stale",
        }
    }
}

/// The times of a CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlTimes {
    /// Its thisUpdate.
    pub this_update: UtcDateTime,
    /// Its nextUpdate.
    pub next_update: UtcDateTime,
    /// When it was fetched, or last confirmed by a snapshot.
    pub fetched_at: UtcDateTime,
}

/// Why a CRL, or an issuer, is not fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgeCause {
    /// There is no CRL of the issuer.
    NoCrl,
    /// nextUpdate has passed.
    NextUpdate(UtcDateTime),
    /// The issuer says that a newer one should be fetched after this time.
    IssuerFresh(Duration),
    /// The issuer says that it is not to be used after this time.
    IssuerMaxAge(Duration),
    /// The policy wants it to be fetched more often than this.
    FetchFresh(Duration),
    /// The policy does not take one whose fetch is longer ago than this.
    FetchMaxAge(Duration),
    /// The policy does not take one that is older than this.
    MaxAge(Duration),
    /// The issuer takes longer to publish a revocation than the policy allows.
    RevocationDuty {
        /// What the issuer promises.
        promised: Duration,
        /// What the policy demands.
        demanded: Duration,
    },
    /// The issuer does not promise when a revocation is published, and the policy demands it.
    NoRevocationDuty {
        /// What the policy demands.
        demanded: Duration,
    },
    /// Nobody has looked at what the issuer promises since this date, so that it promises nothing.
    ReviewOverdue(UtcDateTime),
}

impl AgeCause {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoCrl => "age-no-crl",
            Self::NextUpdate(_) => "age-next-update",
            Self::IssuerFresh(_) => "age-issuer-fresh",
            Self::IssuerMaxAge(_) => "age-issuer-max-age",
            Self::FetchFresh(_) => "age-fetch-fresh",
            Self::FetchMaxAge(_) => "age-fetch-max-age",
            Self::MaxAge(_) => "age-max-age",
            Self::RevocationDuty { .. } => "age-revocation-duty",
            Self::NoRevocationDuty { .. } => "age-no-revocation-duty",
            Self::ReviewOverdue(_) => "age-review-overdue",
        }
    }

    /// What it makes of the CRL.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        match self {
            Self::IssuerFresh(_) | Self::FetchFresh(_) | Self::ReviewOverdue(_) => Freshness::Grace,
            _ => Freshness::Stale,
        }
    }
}

/// The freshness of one issuer's revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlFreshness {
    /// The worst of the causes.
    pub freshness: Freshness,
    /// Everything that is not as it should be.
    pub causes: Vec<AgeCause>,
}

impl CrlFreshness {
    /// Whether the CRL is past its own nextUpdate at most: a validator sees that itself, and may still take a *revoked*
    /// from it. All other staleness it cannot see.
    #[must_use]
    pub fn is_visible_in_crl(&self) -> bool {
        let stale = self.causes.iter().filter(|cause| cause.freshness() == Freshness::Stale);
        stale.clone().count() > 0 && stale.into_iter().all(|cause| matches!(cause, AgeCause::NextUpdate(_)))
    }
}

/// Judges an issuer's CRL. `facts` are those of the issuer's own entry; without an entry nothing is promised.
#[must_use]
pub fn crl_freshness(
    crl: Option<CrlTimes>,
    facts: Option<&IssuerFacts>,
    policy: &SyncPolicy,
    at: UtcDateTime,
) -> CrlFreshness {
    let mut causes = Vec::new();
    let overdue = facts.map(|facts| facts.review_by).filter(|review_by| at > *review_by);
    causes.extend(overdue.map(AgeCause::ReviewOverdue));
    if let Some(demanded) = policy.max_revocation_delay {
        match facts.filter(|_| overdue.is_none()).and_then(|facts| facts.revocation_duty) {
            Some(promised) if promised <= demanded => {}
            Some(promised) => causes.push(AgeCause::RevocationDuty { promised, demanded }),
            None => causes.push(AgeCause::NoRevocationDuty { demanded }),
        }
    }
    match crl {
        None => causes.push(AgeCause::NoCrl),
        Some(CrlTimes { this_update, next_update, fetched_at }) => {
            let (age, held) = (at - this_update, at - fetched_at);
            let issuer_fresh = facts.and_then(|facts| facts.crl_fresh);
            let issuer_max_age = facts.and_then(|facts| facts.crl_max_age);
            causes.extend((at > next_update).then_some(AgeCause::NextUpdate(next_update)));
            causes.extend(issuer_fresh.filter(|limit| age > *limit).map(AgeCause::IssuerFresh));
            causes.extend(issuer_max_age.filter(|limit| age > *limit).map(AgeCause::IssuerMaxAge));
            causes.extend((age > policy.crl_max_age).then_some(AgeCause::MaxAge(policy.crl_max_age)));
            causes.extend(match held {
                held if held > policy.crl_fetch_max_age => Some(AgeCause::FetchMaxAge(policy.crl_fetch_max_age)),
                held if held > policy.crl_fetch_fresh => Some(AgeCause::FetchFresh(policy.crl_fetch_fresh)),
                _ => None,
            });
        }
    }
    let freshness = causes.iter().map(AgeCause::freshness).max().unwrap_or(Freshness::Fresh);
    CrlFreshness { freshness, causes }
}

/// Judges the age of a list that was known to be current at `as_of`.
#[must_use]
pub fn list_freshness(as_of: UtcDateTime, policy: &SyncPolicy, at: UtcDateTime) -> Freshness {
    match at - as_of {
        age if age > policy.list_max_age => Freshness::Stale,
        age if age > policy.list_fresh => Freshness::Grace,
        _ => Freshness::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    const AT: UtcDateTime = utc_datetime!(2026-03-01 12:00);

    fn facts(duty_hours: Option<i64>) -> IssuerFacts {
        let revocation_duty = duty_hours.map(Duration::hours);
        IssuerFacts { crl_fresh: None, crl_max_age: None, revocation_duty, review_by: utc_datetime!(2027-01-01 0:00) }
    }

    fn times(age: Duration, life: Duration) -> CrlTimes {
        CrlTimes { this_update: AT - age, next_update: AT - age + life, fetched_at: AT }
    }

    #[test]
    fn promises_are_not_inherited() {
        // List X speaks for issuers of 24 hours, links to Y which promises nothing, Y to Z which promises 48.
        let policy = SyncPolicy { max_revocation_delay: Some(Duration::hours(24)), ..SyncPolicy::online() };
        let crl = Some(times(Duration::HOUR, Duration::days(30)));
        let judge = |facts: Option<&IssuerFacts>| crl_freshness(crl, facts, &policy, AT);
        let (x, y, z) = (facts(Some(24)), facts(None), facts(Some(48)));
        assert_eq!(judge(Some(&x)).freshness, Freshness::Fresh);
        let demanded = Duration::hours(24);
        assert_eq!(judge(Some(&y)).causes, [AgeCause::NoRevocationDuty { demanded }]);
        let promised = Duration::hours(48);
        assert_eq!(judge(Some(&z)).causes, [AgeCause::RevocationDuty { promised, demanded }]);
        assert_eq!(judge(None).freshness, Freshness::Stale, "an anchor without an entry promises nothing");
        for facts in [&y, &z] {
            assert_eq!(judge(Some(facts)).freshness, Freshness::Stale);
        }
        let late = IssuerFacts { review_by: AT - Duration::SECOND, ..x };
        assert_eq!(judge(Some(&late)).freshness, Freshness::Stale, "a promise nobody reviewed is none");
    }

    #[test]
    fn a_daily_series_is_fresh_for_a_day_and_stale_after_three() {
        let facts =
            IssuerFacts { crl_fresh: Some(Duration::DAY), crl_max_age: Some(Duration::days(3)), ..facts(Some(48)) };
        let judge = |age| {
            let crl = times(age, Duration::days(3));
            crl_freshness(Some(crl), Some(&facts), &SyncPolicy::online(), AT).freshness
        };
        assert_eq!(judge(Duration::DAY), Freshness::Fresh);
        assert_eq!(judge(Duration::hours(25)), Freshness::Grace);
        assert_eq!(judge(Duration::days(3)), Freshness::Grace);
        assert_eq!(judge(Duration::hours(73)), Freshness::Stale);
    }

    #[test]
    fn a_copy_that_is_not_fetched_again_ages() {
        let policy = SyncPolicy::online();
        let crl = |held| CrlTimes { fetched_at: AT - held, ..times(Duration::days(10), Duration::days(60)) };
        let judge = |held| crl_freshness(Some(crl(held)), None, &policy, AT).freshness;
        assert_eq!(judge(Duration::HOUR), Freshness::Fresh);
        assert_eq!(judge(Duration::hours(30)), Freshness::Grace);
        assert_eq!(judge(Duration::days(4)), Freshness::Stale);
        assert_eq!(crl_freshness(None, None, &policy, AT).causes, [AgeCause::NoCrl]);
        let past = crl_freshness(Some(times(Duration::days(5), Duration::days(4))), None, &policy, AT);
        assert!(past.is_visible_in_crl());
        assert!(!crl_freshness(Some(crl(Duration::days(4))), None, &policy, AT).is_visible_in_crl());
    }

    #[test]
    fn a_list_ages() {
        let policy = SyncPolicy::online();
        assert_eq!(list_freshness(AT - Duration::HOUR, &policy, AT), Freshness::Fresh);
        assert_eq!(list_freshness(AT - Duration::days(2), &policy, AT), Freshness::Grace);
        assert_eq!(list_freshness(AT - Duration::days(4), &policy, AT), Freshness::Stale);
        assert_eq!(list_freshness(AT - Duration::days(4), &SyncPolicy::offline(), AT), Freshness::Grace);
    }
}
