//! Comparing a revocation list with its profile.

use time::Duration;

use super::{
    Constraint, CrlConstraint, Profile,
    finding::{Element, Finding, FindingFact},
};
use crate::{
    algorithm::SignatureAlgorithm,
    certificate::Certificate,
    crl::{Crl, RevocationReason},
    oid,
};

/// Lists every deviation of a CRL from a profile ([`Role::Crl`](super::Role::Crl)). Reads the whole list, verifies no
/// signature and knows no time.
#[must_use]
pub fn lint_crl(crl: &Crl<'_>, profile: &Profile, issuer: Option<&Certificate>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in profile.rules() {
        if let Constraint::Crl(constraint) = &rule.constraint {
            let facts = check(*constraint, crl, issuer);
            findings.extend(facts.into_iter().map(|fact| Finding::new(rule, fact)));
        }
    }
    findings
}

fn check(constraint: CrlConstraint, crl: &Crl<'_>, issuer: Option<&Certificate>) -> Vec<FindingFact> {
    match constraint {
        CrlConstraint::IssuerName => {
            let other = issuer.is_some_and(|issuer| issuer.subject() != crl.issuer());
            other.then_some(FindingFact::IssuerName).into_iter().collect()
        }
        CrlConstraint::EcdsaSignature => {
            let oid = crl.signature_algorithm_oid();
            match SignatureAlgorithm::from_oid(&oid) {
                _ if !crl.signature_algorithms_agree() => vec![FindingFact::AlgorithmsDisagree],
                Some(SignatureAlgorithm::Ecdsa(_)) => Vec::new(),
                _ => vec![FindingFact::SignatureAlgorithm(oid)],
            }
        }
        CrlConstraint::NextUpdate { days } => match crl.next_update() {
            None => vec![FindingFact::Missing(Element::NextUpdate)],
            Some(next) => {
                let interval = next - crl.this_update();
                let allowed = Duration::ZERO..=Duration::days(days.into());
                let fact = (!allowed.contains(&interval)).then_some(FindingFact::UpdateInterval);
                fact.into_iter().collect()
            }
        },
        CrlConstraint::EntryExtensions { reason } => entries(crl, reason),
        CrlConstraint::AuthorityKeyIdentifier => {
            let element = Element::Extension(oid::AUTHORITY_KEY_IDENTIFIER);
            match (crl.authority_key_identifier(), issuer) {
                (None, _) => vec![FindingFact::Missing(element)],
                (Some(named), Some(issuer)) if issuer.subject_key_identifier() != Some(named) => {
                    vec![FindingFact::IssuerKeyIdentifier]
                }
                _ => Vec::new(),
            }
        }
        CrlConstraint::Number if crl.number().is_none() => {
            vec![FindingFact::Missing(Element::Extension(oid::CRL_NUMBER))]
        }
        CrlConstraint::Number => Vec::new(),
        CrlConstraint::NoOtherExtensions => {
            let others = crl.other_extensions().iter().map(|oid| Element::Extension(*oid));
            let critical = crl.critical_extensions().iter().map(|oid| Element::Extension(*oid));
            let others = others.map(FindingFact::Forbidden);
            others.chain(critical.map(FindingFact::Critical)).collect()
        }
    }
}

fn entries(crl: &Crl<'_>, reason_allowed: bool) -> Vec<FindingFact> {
    for entry in crl.entries() {
        match entry {
            Err(error) => return vec![FindingFact::Entries(error)],
            Ok(entry) => {
                let reason = entry.reason.is_some() && !reason_allowed;
                let removed = entry.reason == Some(RevocationReason::RemoveFromCrl);
                if reason || removed || entry.has_other_extensions {
                    return vec![FindingFact::EntryExtensions];
                }
            }
        }
    }
    Vec::new()
}
