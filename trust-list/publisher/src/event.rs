//! What is recorded in the audit log. Every event is of one line; numbers that may not fit an integer are texts.

use tegata_audit::{Actor, AuditError, Class, Event, MAX_OBJECTS, Outcome};

use crate::{
    catalogue::{Holdings, Release, Voided},
    gate::{GateRefusal, Plan},
};

/// A bundle was imported.
pub(crate) fn imported(plan: &Plan, actor: Actor) -> Result<Event, AuditError> {
    let event = Event::new(Class::Issuance, "bundle-imported", Outcome::Success, actor)?
        .object("response.bundle", plan.digest())
        .detail("sequence", plan.sequence())
        .detail("roots", plan.roots().len())
        .detail("links", plan.links().len())
        .detail("listSigners", plan.list_signers().len())
        .detail("documentSigners", plan.document_signers().len())
        .detail("crls", plan.crls().len());
    let roots = plan.roots().iter().map(|new| (format!("iaca {}", new.root.ski()), new.root.certificate()));
    let links = plan.links().iter().map(|link| (format!("link {}", link.name()), link.certificate()));
    Ok(roots
        .chain(links)
        .take(MAX_OBJECTS - 1)
        .fold(event, |event, (name, certificate)| event.object(name, certificate.fingerprint_sha256())))
}

/// A bundle was refused.
pub(crate) fn refused(bundle: [u8; 32], refusals: &[GateRefusal], actor: Actor) -> Result<Event, AuditError> {
    let mut ids: Vec<&str> = refusals.iter().map(GateRefusal::id).collect();
    ids.sort_unstable();
    ids.dedup();
    let event = Event::new(Class::Issuance, "bundle-refused", Outcome::Refused, actor)?;
    Ok(event.object("response.bundle", bundle).detail("count", refusals.len()).detail("reasons", ids))
}

/// A CRL was released.
pub(crate) fn released(release: &Release, holdings: &Holdings, actor: Actor) -> Result<Event, AuditError> {
    let event = Event::new(Class::Revocation, "crl-released", Outcome::Success, actor)?
        .detail("issuer", release.issuer.to_string())
        .detail("number", release.number.to_string())
        .detail("missed", release.missed.len());
    let list = holdings.crls_of(release.issuer).find(|crl| crl.number == release.number);
    Ok(list.into_iter().fold(event, |event, crl| event.object(format!("crl {}", crl.number), crl.sha256)))
}

/// CRLs were destroyed before their day.
pub(crate) fn voided(voided: &Voided, actor: Actor) -> Result<Event, AuditError> {
    let event = Event::new(Class::Revocation, "crls-voided", Outcome::Success, actor)?
        .detail("issuer", voided.issuer.to_string())
        .detail("destroyed", voided.lists.len());
    Ok(voided
        .lists
        .iter()
        .take(MAX_OBJECTS)
        .fold(event, |event, (number, sha256)| event.object(format!("crl {number}"), *sha256)))
}

/// Something about the holdings was decided by the operator.
pub(crate) fn decided(name: &str, actor: Actor) -> Result<Event, AuditError> {
    Event::new(Class::Issuance, name, Outcome::Success, actor)
}
