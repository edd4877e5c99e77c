//! What a policy must not contradict.

use std::fmt;

use tegata_pki::{Curve, Role, profile};
use time::{Duration, UtcDateTime, macros::utc_datetime};

use super::{CrlMode, PolicyText, Quorum, SignerRules};
use crate::{attestation::AttestationRule, span::Span};

/// A contradiction in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFault {
    /// A list or text that must not be empty.
    Empty {
        /// The key.
        key: &'static str,
    },
    /// A name cannot be written into a certificate.
    Name {
        /// The common name.
        common_name: String,
    },
    /// A common name is given to two signers.
    NameTwice {
        /// The common name.
        common_name: String,
    },
    /// The algorithm of a root curve is not among the signatures, or the curve cannot make ECDSA signatures.
    RootCurve {
        /// The curve.
        curve: Curve,
    },
    /// A certificate issued on the last day of the key use would outlive the root (CP/CPS 6.3.2).
    OutlivesRoot {
        /// What would be issued.
        role: Role,
    },
    /// The next root would be made before the present one, or after its key use.
    RekeyLead,
    /// The validity of a certificate is above its limit.
    ValidityAboveLimit {
        /// Which certificate.
        role: Role,
    },
    /// A certificate ends before the next one is there.
    Gap {
        /// Which certificate.
        role: Role,
    },
    /// More certificates of one name would be valid at once than may be.
    TooManyValid {
        /// Which certificate.
        role: Role,
    },
    /// The profile's own limit is exceeded.
    ProfileLimit {
        /// The rule of the profile.
        rule: &'static str,
    },
    /// `next-publish` is missing in a series, given for a single list, or not shorter than the validity.
    NextPublish,
    /// A single list ends before the next ceremony and its slip.
    CrlGap,
    /// An alarm of the duty comes after the duty.
    DutyAlarm,
    /// A quorum of 0 or 1, or of more persons than there are.
    Quorum {
        /// Which.
        key: &'static str,
    },
    /// A pair of roles that may never be shared, or a role that does not exist.
    MayShare {
        /// One role.
        one: String,
        /// The other.
        other: String,
    },
    /// A URI is not http(s).
    Uri {
        /// The URI.
        uri: String,
    },
}

impl PolicyFault {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "policy-empty",
            Self::Name { .. } => "policy-name",
            Self::NameTwice { .. } => "policy-name-twice",
            Self::RootCurve { .. } => "policy-root-curve",
            Self::OutlivesRoot { .. } => "policy-outlives-root",
            Self::RekeyLead => "policy-rekey-lead",
            Self::ValidityAboveLimit { .. } => "policy-validity-above-limit",
            Self::Gap { .. } => "policy-gap",
            Self::TooManyValid { .. } => "policy-too-many-valid",
            Self::ProfileLimit { .. } => "policy-profile-limit",
            Self::NextPublish => "policy-next-publish",
            Self::CrlGap => "policy-crl-gap",
            Self::DutyAlarm => "policy-duty-alarm",
            Self::Quorum { .. } => "policy-quorum",
            Self::MayShare { .. } => "policy-may-share",
            Self::Uri { .. } => "policy-uri",
        }
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { key } => write!(formatter, "{key} is empty"),
            Self::Name { common_name } => write!(formatter, "the name of {common_name:?} cannot be written"),
            Self::NameTwice { common_name } => write!(formatter, "{common_name:?} names two signers"),
            Self::RootCurve { curve } => write!(formatter, "{curve} makes none of the signatures named for the root"),
            Self::OutlivesRoot { role } => {
                write!(formatter, "a {} issued on the last day of the key use would outlive the root", role.id())
            }
            Self::RekeyLead => formatter.write_str("rekey-lead is not shorter than key-use"),
            Self::ValidityAboveLimit { role } => {
                write!(formatter, "the validity of a {} is above its limit", role.id())
            }
            Self::Gap { role } => write!(formatter, "a {} ends before the next one is due", role.id()),
            Self::TooManyValid { role } => {
                write!(formatter, "more {}s than max-valid would be valid at once", role.id())
            }
            Self::ProfileLimit { rule } => write!(formatter, "the limit of rule {rule} is exceeded"),
            Self::NextPublish => {
                formatter.write_str("next-publish belongs to a series and is shorter than the validity")
            }
            Self::CrlGap => formatter.write_str("a single CRL ends before the next ceremony and its slip"),
            Self::DutyAlarm => formatter.write_str("an alarm of the duty comes after the duty"),
            Self::Quorum { key } => write!(formatter, "{key}: 2 ≤ k ≤ n does not hold"),
            Self::MayShare { one, other } => write!(formatter, "{one} and {other} may not be shared"),
            Self::Uri { uri } => write!(formatter, "{uri:?} is not an http(s) URI"),
        }
    }
}

/// Pairs that nobody may hold alone, whatever a file says: who watches, approves or orders does not operate the key.
const NEVER_SHARED: [(&str, &str); 2] = [("certificate-issuer", "key-manager"), ("ca-manager", "key-manager")];
/// Roles that are held alone.
const ALONE: [&str; 2] = ["auditor", "witness"];

impl PolicyText {
    pub(super) fn check(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        self.check_names(&mut faults);
        self.check_root(&mut faults);
        for role in [Role::DocumentSigner, Role::StatusSigner, Role::VicalSigner] {
            if let Some(rules) = self.signer_rules(role) {
                self.check_signer(role, rules, &mut faults);
            }
        }
        self.check_crl(&mut faults);
        self.check_people(&mut faults);
        faults
    }

    fn check_names(&self, faults: &mut Vec<PolicyFault>) {
        let looked_at = self.attestation.rule != AttestationRule::None;
        let empty = [
            ("id", self.id.is_empty()),
            ("names.document-signers", self.names.document_signers.is_empty()),
            ("contact", self.contact.email.is_none() && self.contact.uri.is_none()),
            ("decision", self.decisions.is_empty()),
            ("attestation.formats", looked_at && self.attestation.formats.is_empty()),
            ("attestation.roots", looked_at && self.attestation.roots.is_empty()),
        ];
        faults.extend(empty.into_iter().filter(|(_, empty)| *empty).map(|(key, _)| PolicyFault::Empty { key }));
        let names = &self.names;
        let all = [&names.document_signers, &names.status_signers, &names.vical_signers];
        let mut seen: Vec<&str> = Vec::new();
        for common_name in std::iter::once(&names.root).chain(all.into_iter().flatten()) {
            if self.name(common_name).is_err() {
                faults.push(PolicyFault::Name { common_name: common_name.clone() });
            }
            if seen.contains(&common_name.as_str()) {
                faults.push(PolicyFault::NameTwice { common_name: common_name.clone() });
            }
            seen.push(common_name);
        }
    }

    fn check_root(&self, faults: &mut Vec<PolicyFault>) {
        let root = &self.root;
        if root.curves.is_empty() {
            faults.push(PolicyFault::Empty { key: "root.curves" });
        }
        for curve in &root.curves {
            let algorithm = curve.signature_algorithm().filter(|_| curve.is_weierstrass());
            if !algorithm.is_some_and(|algorithm| root.signatures.iter().any(|name| name == algorithm.name())) {
                faults.push(PolicyFault::RootCurve { curve: *curve });
            }
        }
        if root.rekey_lead.longest() >= root.key_use.shortest() {
            faults.push(PolicyFault::RekeyLead);
        }
        limit(Role::Iaca, self, root.validity, faults);
    }

    fn check_signer(&self, role: Role, rules: &SignerRules, faults: &mut Vec<PolicyFault>) {
        if rules.curves.is_empty() {
            faults.push(PolicyFault::Empty { key: "curves" });
        }
        if rules.validity.longest() > rules.max_validity.longest() {
            faults.push(PolicyFault::ValidityAboveLimit { role });
        }
        if rules.cadence.longest() >= rules.validity.shortest() {
            faults.push(PolicyFault::Gap { role });
        }
        if rules.cadence.shortest() * i32::from(rules.max_valid) < rules.validity.longest() {
            faults.push(PolicyFault::TooManyValid { role });
        }
        let outlives = |from: UtcDateTime| {
            let last = rules.max_validity.after(self.root.key_use.after(from));
            last > self.root.validity.after(from)
        };
        if starts().any(outlives) {
            faults.push(PolicyFault::OutlivesRoot { role });
        }
        limit(role, self, rules.max_validity, faults);
    }

    fn check_crl(&self, faults: &mut Vec<PolicyFault>) {
        let crl = &self.crl;
        let series_is_sound = match (crl.mode, crl.next_publish) {
            (CrlMode::DailySeries, Some(next)) => next.longest() < crl.validity.shortest(),
            (CrlMode::Single, None) => true,
            _ => false,
        };
        if !series_is_sound {
            faults.push(PolicyFault::NextPublish);
        }
        let next_ceremony = self.document_signer.cadence.longest() + crl.slip.longest();
        if crl.mode == CrlMode::Single && next_ceremony > crl.validity.shortest() {
            faults.push(PolicyFault::CrlGap);
        }
        if crl.duty_alarms.iter().any(|alarm| alarm.longest() > crl.duty.longest()) {
            faults.push(PolicyFault::DutyAlarm);
        }
        if crl.uris.is_empty() {
            faults.push(PolicyFault::Empty { key: "crl.uris" });
        }
        let http = |uri: &str| uri.starts_with("https://") || uri.starts_with("http://");
        faults.extend(crl.uris.iter().filter(|uri| !http(uri)).map(|uri| PolicyFault::Uri { uri: uri.clone() }));
        limit(Role::Crl, self, crl.validity, faults);
    }

    fn check_people(&self, faults: &mut Vec<PolicyFault>) {
        let sound = |quorum: Quorum| quorum.k >= 2 && quorum.k <= quorum.n;
        for (key, quorum) in [("activation", self.quorum.activation), ("on-call", self.quorum.on_call)] {
            if !sound(quorum) {
                faults.push(PolicyFault::Quorum { key });
            }
        }
        for [one, other] in &self.roles.may_share {
            let pair = (one.as_str(), other.as_str());
            let never = NEVER_SHARED.contains(&pair) || NEVER_SHARED.contains(&(pair.1, pair.0));
            let alone = ALONE.contains(&pair.0) || ALONE.contains(&pair.1);
            let unknown = [one, other].into_iter().any(|role| !self.roles.present.contains(role));
            if never || alone || unknown || one == other {
                faults.push(PolicyFault::MayShare { one: one.clone(), other: other.clone() });
            }
        }
    }
}

/// Every day of four years: month lengths repeat after that, so that a rule that holds for all of them always holds.
fn starts() -> impl Iterator<Item = UtcDateTime> {
    (0..1461).map(|day| utc_datetime!(2026-01-01 0:00) + Duration::days(day))
}

/// Compares a span with the limits of the profile table, so that a policy cannot allow what no certificate may have.
fn limit(role: Role, policy: &PolicyText, span: Span, faults: &mut Vec<PolicyFault>) {
    use tegata_pki::profile::{Constraint, CrlConstraint};
    for rule in profile(role, policy.edition).rules() {
        let exceeded = match rule.constraint {
            Constraint::MaxDays(days) => span.longest() > Duration::days(days.into()),
            Constraint::MaxMonths(months) => starts().any(|from| span.after(from) > Span::months(months).after(from)),
            Constraint::Crl(CrlConstraint::NextUpdate { days }) => span.longest() > Duration::days(days.into()),
            _ => false,
        };
        if exceeded {
            faults.push(PolicyFault::ProfileLimit { rule: rule.id });
        }
    }
}
