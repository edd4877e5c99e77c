//! The plan of one root key, from its generation to the end of its certificate.

use tegata_pki::Role;
use time::{Duration, UtcDateTime};

use crate::{
    policy::{CrlMode, Policy},
    span::{Span, Unit},
    state::CertificateKind,
};

/// The first and the last instant of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub from: UtcDateTime,
    /// The last instant.
    pub until: UtcDateTime,
}

/// A certificate to be issued below the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedCertificate {
    /// What it is for.
    pub role: Role,
    /// The ceremony.
    pub ceremony: UtcDateTime,
    /// Its validity.
    pub validity: Window,
}

/// The lists of one ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedLists {
    /// The ceremony.
    pub ceremony: UtcDateTime,
    /// How many.
    pub count: usize,
    /// From the first thisUpdate to the last nextUpdate.
    pub covers: Window,
}

/// A warning ahead of the rekey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// How long before.
    pub before: Span,
    /// When.
    pub at: UtcDateTime,
}

/// The time chart of one root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The policy.
    pub policy: String,
    /// Validity of the root certificate; it begins with the generation of the key.
    pub root: Window,
    /// The last instant at which the key may certify.
    pub key_use_ends: UtcDateTime,
    /// The ceremony in which the next root is made.
    pub rekey: UtcDateTime,
    /// The ceremony in which the next root certifies its first document signer.
    pub switch: UtcDateTime,
    /// The last date at which the next root can be made and still be published long enough before the switch.
    pub latest_rekey: UtcDateTime,
    /// Links between this root and the next.
    pub links: Vec<(CertificateKind, Window)>,
    /// The ceremonies in which this key signs, the first at its generation.
    pub ceremonies: Vec<UtcDateTime>,
    /// The certificates below this root.
    pub certificates: Vec<PlannedCertificate>,
    /// The lists of this key.
    pub lists: Vec<PlannedLists>,
    /// Warnings ahead of the rekey.
    pub alarms: Vec<Alarm>,
}

/// Plans the life of a root key generated at `t0`, the next root being made as long before the end of the key use as the
/// policy says.
#[must_use]
pub fn plan(t0: UtcDateTime, policy: &Policy) -> Chart {
    let rekey = policy.root.rekey_lead.before(policy.root.key_use.after(t0));
    plan_with_rekey(t0, policy, rekey)
}

/// The same with another date for the next root; [`check`](super::check) tells whether it holds.
#[must_use]
pub fn plan_with_rekey(t0: UtcDateTime, policy: &Policy, rekey: UtcDateTime) -> Chart {
    let cadence = policy.document_signer.cadence;
    let key_use_ends = policy.root.key_use.after(t0);
    let root = Window { from: t0, until: last_second(policy.root.validity.after(t0)) };
    let published = policy.rollover.pre_publish.after(rekey);
    let calendar = |index: u16| nth(cadence, t0, index);
    let switch = (0..u16::MAX).map(calendar).find(|at| *at >= published).unwrap_or(UtcDateTime::MAX);
    let certificates = certificates(policy, t0, switch);
    let drained = certificates.iter().map(|planned| planned.validity.until).max().unwrap_or(t0);
    let may_sign = |at: &UtcDateTime| policy.root.crl_after_key_use || *at <= key_use_ends;
    let ceremonies: Vec<_> =
        (0..u16::MAX).map(calendar).take_while(|at| *at <= drained.min(root.until)).filter(may_sign).collect();
    let lists = lists(policy, &ceremonies, drained, root.until);
    let until = root.until;
    Chart {
        policy: policy.id.clone(),
        root,
        key_use_ends,
        rekey,
        switch,
        latest_rekey: policy.rollover.pre_publish.before(key_use_ends),
        links: vec![
            (CertificateKind::OldWithNew, Window { from: t0, until }),
            (CertificateKind::NewWithOld, Window { from: rekey, until }),
        ],
        ceremonies,
        certificates,
        lists,
        alarms: policy
            .rollover
            .alarms
            .iter()
            .map(|before| Alarm { before: *before, at: before.before(rekey) })
            .collect(),
    }
}

/// One certificate of each role that the policy names, every cadence, until the next root takes over.
fn certificates(policy: &Policy, t0: UtcDateTime, switch: UtcDateTime) -> Vec<PlannedCertificate> {
    let mut planned = Vec::new();
    for role in [Role::DocumentSigner, Role::StatusSigner, Role::VicalSigner] {
        let Some(rules) = policy.signer_rules(role).filter(|_| !policy.signer_names(role).is_empty()) else { continue };
        let dates = (0..u16::MAX).map(|index| nth(rules.cadence, t0, index)).take_while(|at| *at < switch);
        planned.extend(dates.map(|from| {
            let validity = Window { from, until: last_second(rules.validity.after(from)) };
            PlannedCertificate { role, ceremony: from, validity }
        }));
    }
    planned.sort_by_key(|planned| planned.ceremony);
    planned
}

fn lists(
    policy: &Policy,
    ceremonies: &[UtcDateTime],
    drained: UtcDateTime,
    root_ends: UtcDateTime,
) -> Vec<PlannedLists> {
    let mut planned = Vec::new();
    for (index, ceremony) in ceremonies.iter().enumerate() {
        let next = ceremonies.get(index + 1).copied();
        let until = next.map_or(drained, |next| policy.crl.slip.after(next)).min(root_ends);
        let count = match (policy.crl.mode, policy.crl.next_publish) {
            (CrlMode::DailySeries, Some(interval)) => count(*ceremony, until, interval),
            _ => 1,
        };
        let last = policy
            .crl
            .next_publish
            .map_or(*ceremony, |interval| (1..count).fold(*ceremony, |at, _| interval.after(at)));
        let covers = Window { from: *ceremony, until: policy.crl.validity.after(last) };
        planned.push(PlannedLists { ceremony: *ceremony, count, covers });
    }
    planned
}

fn count(from: UtcDateTime, until: UtcDateTime, interval: Span) -> usize {
    let mut at = from;
    let mut count = 0;
    while at < until {
        at = interval.after(at);
        count += 1;
    }
    count.max(1)
}

/// `index` cadences after `t0`, reckoned from `t0` so that the 31st does not wander.
fn nth(cadence: Span, t0: UtcDateTime, index: u16) -> UtcDateTime {
    match cadence.unit() {
        Unit::Months => Span::months(cadence.count().saturating_mul(index)).after(t0),
        Unit::Days | Unit::Hours => t0.saturating_add(cadence.longest() * i32::from(index)),
    }
}

fn last_second(end: UtcDateTime) -> UtcDateTime {
    end.saturating_sub(Duration::SECOND)
}
