//! Whether a chart holds.

use std::fmt;

use tegata_pki::Role;
use time::UtcDateTime;

use super::{Chart, Window};
use crate::{policy::Policy, state::CertificateKind};

/// Where a chart does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChartFinding {
    /// A certificate would end after the root.
    OutlivesRoot {
        /// What it is for.
        role: Role,
        /// The ceremony.
        ceremony: UtcDateTime,
        /// Its end.
        until: UtcDateTime,
    },
    /// A certificate would be signed after the use period of the key.
    AfterKeyUse {
        /// What it is for.
        role: Role,
        /// The ceremony.
        ceremony: UtcDateTime,
    },
    /// A certificate ends before the next of its role begins.
    Gap {
        /// What it is for.
        role: Role,
        /// From then on there is none.
        from: UtcDateTime,
    },
    /// More certificates of a role than the policy allows would be valid.
    TooManyValid {
        /// What they are for.
        role: Role,
        /// When.
        at: UtcDateTime,
        /// How many.
        count: usize,
    },
    /// There is no valid list while a certificate below the root is valid.
    CrlGap {
        /// From then on there is none.
        from: UtcDateTime,
    },
    /// The next root is made after the use period of this one, or too late to be published before it takes over.
    RekeyTooLate {
        /// The planned date.
        rekey: UtcDateTime,
        /// The last possible date.
        latest: UtcDateTime,
    },
    /// The link NewWithOld ends before the next root takes over: nobody could follow it.
    LinkTooShort {
        /// Its end.
        until: UtcDateTime,
    },
}

impl ChartFinding {
    /// A stable name of the variant.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::OutlivesRoot { .. } => "chart-outlives-root",
            Self::AfterKeyUse { .. } => "chart-after-key-use",
            Self::Gap { .. } => "chart-gap",
            Self::TooManyValid { .. } => "chart-too-many-valid",
            Self::CrlGap { .. } => "chart-crl-gap",
            Self::RekeyTooLate { .. } => "chart-rekey-too-late",
            Self::LinkTooShort { .. } => "chart-link-too-short",
        }
    }
}

impl fmt::Display for ChartFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutlivesRoot { role, ceremony, until } => {
                write!(formatter, "the {} of {ceremony} would end at {until}, after the root", role.id())
            }
            Self::AfterKeyUse { role, ceremony } => {
                write!(formatter, "the {} of {ceremony} would be signed after the use of the key", role.id())
            }
            Self::Gap { role, from } => write!(formatter, "there is no {} from {from}", role.id()),
            Self::TooManyValid { role, at, count } => {
                write!(formatter, "{count} certificates for the role {} would be valid at {at}", role.id())
            }
            Self::CrlGap { from } => write!(formatter, "there is no valid CRL from {from}"),
            Self::RekeyTooLate { rekey, latest } => {
                write!(formatter, "the next root is planned for {rekey}, the latest date is {latest}")
            }
            Self::LinkTooShort { until } => write!(formatter, "the link NewWithOld ends at {until}, before the switch"),
        }
    }
}

/// Every place where a chart does not hold; empty when it does.
#[must_use]
pub fn check(chart: &Chart, policy: &Policy) -> Vec<ChartFinding> {
    let mut findings = Vec::new();
    for planned in &chart.certificates {
        let (role, ceremony, until) = (planned.role, planned.ceremony, planned.validity.until);
        if until > chart.root.until {
            findings.push(ChartFinding::OutlivesRoot { role, ceremony, until });
        }
        if ceremony > chart.key_use_ends {
            findings.push(ChartFinding::AfterKeyUse { role, ceremony });
        }
    }
    for role in [Role::DocumentSigner, Role::StatusSigner, Role::VicalSigner] {
        let of_role = chart.certificates.iter().filter(|planned| planned.role == role);
        let windows: Vec<Window> = of_role.map(|planned| planned.validity).collect();
        let allowed = policy.signer_rules(role).map_or(0, |rules| usize::from(rules.max_valid));
        check_role(role, &windows, allowed, &mut findings);
    }
    check_lists(chart, &mut findings);
    if chart.rekey > chart.latest_rekey {
        findings.push(ChartFinding::RekeyTooLate { rekey: chart.rekey, latest: chart.latest_rekey });
    }
    let links = chart.links.iter().filter(|(kind, _)| *kind == CertificateKind::NewWithOld);
    let short = links.filter(|(_, window)| window.until < chart.switch);
    findings.extend(short.map(|(_, window)| ChartFinding::LinkTooShort { until: window.until }));
    findings
}

fn check_role(role: Role, windows: &[Window], allowed: usize, findings: &mut Vec<ChartFinding>) {
    for pair in windows.windows(2) {
        if let [one, next] = pair
            && one.until < next.from
        {
            findings.push(ChartFinding::Gap { role, from: one.until });
        }
    }
    for window in windows {
        let at = window.from;
        let count = windows.iter().filter(|other| other.from <= at && at <= other.until).count();
        if count > allowed {
            findings.push(ChartFinding::TooManyValid { role, at, count });
        }
    }
}

fn check_lists(chart: &Chart, findings: &mut Vec<ChartFinding>) {
    let needed = chart.certificates.iter().map(|planned| planned.validity.until).max();
    let mut covered = chart.root.from;
    for lists in &chart.lists {
        if lists.covers.from > covered {
            findings.push(ChartFinding::CrlGap { from: covered });
        }
        covered = covered.max(lists.covers.until);
    }
    if needed.is_some_and(|needed| covered < needed.min(chart.root.until)) {
        findings.push(ChartFinding::CrlGap { from: covered });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, macros::utc_datetime};

    use super::super::{plan, plan_with_rekey};
    use super::*;

    fn policy(id: &str) -> Policy {
        Policy::built_in(id).unwrap()
    }

    #[test]
    fn the_japanese_chart_is_that_of_the_time_model() {
        let policy = policy("jp-004");
        let chart = plan(utc_datetime!(2026-11-21 0:00), &policy);
        assert_eq!(check(&chart, &policy), []);
        assert_eq!(chart.root.until, utc_datetime!(2032-03-20 23:59:59));
        assert_eq!(chart.key_use_ends, utc_datetime!(2031-11-21 0:00));
        assert_eq!(chart.rekey, utc_datetime!(2030-11-21 0:00));
        assert_eq!(chart.switch, utc_datetime!(2031-02-21 0:00));
        let signers = chart.certificates.iter().filter(|planned| planned.role == Role::DocumentSigner);
        assert_eq!(signers.count(), 17);
        assert_eq!(chart.lists[0].count, 99);
        assert_eq!(chart.alarms[0].at, utc_datetime!(2029-11-21 0:00));
        assert_eq!(chart.alarms[3].at, utc_datetime!(2030-10-21 0:00));
    }

    #[test]
    fn a_rekey_at_the_last_moment_fails_the_check() {
        let policy = policy("jp-004");
        let t0 = utc_datetime!(2026-11-21 0:00);
        let late = plan_with_rekey(t0, &policy, utc_datetime!(2031-12-21 0:00));
        let ids: Vec<_> = check(&late, &policy).iter().map(ChartFinding::id).collect();
        for expected in ["chart-outlives-root", "chart-after-key-use", "chart-rekey-too-late"] {
            assert!(ids.contains(&expected), "{expected} of {ids:?}");
        }
        let five_years = plan_with_rekey(t0, &policy, late.key_use_ends - Duration::days(92));
        assert_eq!(check(&five_years, &policy), []);
    }

    proptest! {
        /// Both policies hold on every day that a root may be made.
        #[test]
        fn every_date_holds(day in 0_i64..3000) {
            for id in Policy::BUILT_IN {
                let policy = policy(id);
                let t0 = utc_datetime!(2026-01-01 0:00) + Duration::days(day);
                prop_assert_eq!(check(&plan(t0, &policy), &policy), []);
            }
        }
    }
}
