//! Revocation of the Document Signer certificate (CRL) and of the document (MSO status).

use tegata_mdoc::mso::MobileSecurityObject;
use tegata_pki::crl::Undetermined;
use tegata_trust_list::revocation::{
    MsoQuestion, RevocationCheck, RevocationPolicy, RevocationStatus, RevokedReason, UndeterminedCause,
    certificate_status, mso_status,
};
use tegata_trust_list::{EvidenceAge, EvidenceKind, Listing};

use crate::cause::Cause;
use crate::check::Check;
use crate::device;
use crate::document_signer::Signer;
use crate::policy::Revocation;
use crate::report::Recorder;
use crate::verify::Context;

/// The Document Signer certificate against the CRLs at hand. Returns the evidence used.
pub(crate) fn check_signer(
    context: Context<'_>,
    recorder: &mut Recorder<'_, '_>,
    signer: Option<&Signer>,
) -> Vec<EvidenceAge> {
    let Some(signer) = signer else { return Vec::new() };
    if context.policy.revocation() == Revocation::DangerousOff {
        recorder.not_run(Check::DsRevocation, Cause::SwitchedOff);
        return Vec::new();
    }
    let certificate = signer.certificate();
    let uri = || certificate.crl_distribution_uris().first().map(|uri| (*uri).to_owned());
    let Some(anchor) = signer.anchor() else {
        // Nobody is known whose list could speak about a pinned or untrusted certificate.
        recorder.no_evidence(Check::DsRevocation, Cause::NoRevocationEvidence { uri: uri() });
        return Vec::new();
    };
    let policy = revocation_policy(context);
    record(recorder, Check::DsRevocation, certificate_status(certificate, anchor, &question(context, &policy)), uri)
}

/// The MSO against the status, identifier and device-key lists at hand. Returns the evidence used.
pub(crate) fn check_mso(
    context: Context<'_>,
    recorder: &mut Recorder<'_, '_>,
    mso: &MobileSecurityObject<'_>,
    signer: Option<&Signer>,
) -> Vec<EvidenceAge> {
    if context.policy.revocation() == Revocation::DangerousOff {
        recorder.not_run(Check::MsoRevocation, Cause::SwitchedOff);
        return Vec::new();
    }
    let status = mso.status.as_ref();
    let uri = || {
        let list = status?.status_list.map(|list| list.uri);
        list.or(status?.identifier_list.map(|list| list.uri)).map(str::to_owned)
    };
    let Some(signer) = signer else {
        if status.is_none() {
            recorder.not_run(Check::MsoRevocation, Cause::NotApplicable);
        }
        return Vec::new();
    };
    // Reading a key is not free, and only a list of keys asks for it.
    let has_key_lists = context.evidence.lists.device_key_lists().next().is_some();
    let device_key = has_key_lists.then(|| device::public_key(&mso.device_key_info.device_key).ok()).flatten();
    let asked = MsoQuestion {
        status,
        device_key: device_key.as_ref(),
        doc_type: mso.doc_type,
        document_signer: signer.certificate(),
        // A list is signed below the root that issued the signer; a pinned signer stands for its own issuer.
        issuer: signer.anchor().unwrap_or(signer.certificate()),
    };
    let policy = revocation_policy(context);
    record(recorder, Check::MsoRevocation, mso_status(&asked, &question(context, &policy)), uri)
}

/// The published list that the signer's anchor was taken from, and its age.
pub(crate) fn trust_evidence(context: Context<'_>, signer: Option<&Signer>) -> Option<EvidenceAge> {
    let Listing { kind, name, issued_at, next_update, fetched_at } = signer?.listing()?.clone();
    Some(EvidenceAge {
        kind: EvidenceKind::TrustList { kind, name },
        issued_at,
        expires: next_update,
        fetched_at: Some(fetched_at),
        age: context.at - issued_at,
        refresh_due: next_update.is_some_and(|next_update| context.at > next_update),
        deviations: Vec::new(),
    })
}

fn revocation_policy(context: Context<'_>) -> RevocationPolicy {
    if context.policy.is_strict() { RevocationPolicy::strict() } else { RevocationPolicy::interop() }
}

fn question<'c>(context: Context<'c>, policy: &'c RevocationPolicy) -> RevocationCheck<'c> {
    RevocationCheck {
        evidence: context.evidence,
        trust: context.trust.store(),
        policy,
        at: context.at,
        provider: context.provider,
    }
}

fn record(
    recorder: &mut Recorder<'_, '_>,
    check: Check,
    status: RevocationStatus,
    uri: impl Fn() -> Option<String>,
) -> Vec<EvidenceAge> {
    match status {
        RevocationStatus::Good { evidence } => {
            recorder.pass(check);
            return evidence;
        }
        RevocationStatus::Revoked { reason, since, evidence } => {
            recorder.fail(check, Cause::Revoked { at: since, reason: reason_id(reason) });
            return evidence.into_iter().collect();
        }
        RevocationStatus::NotApplicable => recorder.not_run(check, Cause::NotApplicable),
        RevocationStatus::Undetermined(
            UndeterminedCause::NoList { .. } | UndeterminedCause::Crl(Undetermined::NoCrl),
        ) => recorder.no_evidence(check, Cause::NoRevocationEvidence { uri: uri() }),
        RevocationStatus::Undetermined(UndeterminedCause::RequiredListMissing { uri }) => {
            recorder.undetermined(check, Cause::RequiredListMissing { uri });
        }
        RevocationStatus::Undetermined(cause) => {
            let cause = Cause::UnusableRevocationEvidence { reason: cause.id(), detail: cause.to_string() };
            recorder.undetermined(check, cause);
        }
    }
    Vec::new()
}

fn reason_id(reason: RevokedReason) -> &'static str {
    match reason {
        RevokedReason::Certificate(_) => "ds-revoked",
        RevokedReason::Suspended => "mso-suspended",
        _ => "mso-revoked",
    }
}
