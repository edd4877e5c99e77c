//! The status for programs.

use std::path::Path;

use serde_json::{Value, json};
use tegata_root_ca::{Authority, CertificateRecord, CrlRecord, Duty, DutyStatus, Intent, IntentObject, RootKey};
use time::UtcDateTime;

use super::{Lists, Standing};
use crate::command::incident;
use crate::failure::Failure;
use crate::message::rfc3339;

pub(super) fn standing(standing: &Standing, authority: &Authority, folder: &Path) -> Result<Value, Failure> {
    let exchange = &standing.exchange;
    let incidents: Result<Vec<_>, Failure> =
        standing.incidents.iter().map(|one| incident::to_json(one, authority)).collect();
    Ok(json!({
        "root": folder.display().to_string(),
        "at": rfc3339(standing.at),
        "policy": standing.policy,
        "policy_sha256": hex::encode(authority.policy().digest()),
        "sandbox": standing.sandbox,
        "keys": standing.keys.iter().map(|(one, ends)| key(one, *ends)).collect::<Vec<_>>(),
        "certificates": standing.certificates.iter().map(|one| certificate(one, standing)).collect::<Vec<_>>(),
        "crls": standing.lists.iter().map(lists).collect::<Vec<_>>(),
        "duties": standing.duties.iter().map(|(one, _)| duty(one)).collect::<Vec<_>>(),
        "open_intents": standing.intents.iter().map(intent).collect::<Vec<_>>(),
        "incidents": incidents?,
        "exchange": {
            "next_sequence": exchange.next_sequence(),
            "waiting_request": exchange.request.as_ref().filter(|_| exchange.is_waiting()).map(|one| one.sequence),
            "last_response_sha256": exchange.response.as_ref().map(|one| hex::encode(one.digest)),
        },
    }))
}

fn key(key: &RootKey, ends: UtcDateTime) -> Value {
    json!({
        "generation": key.generation.0,
        "status": key.status.id(),
        "name": key.name.to_string(),
        "curve": key.public_key.curve().name(),
        "key_identifier": hex::encode(key.public_key.key_identifier()),
        "reference": key.reference,
        "created": rfc3339(key.created),
        "key_use_ends": rfc3339(ends),
        "not_after": key.certificate.as_ref().map(|certificate| rfc3339(certificate.not_after())),
        "restore_tested": key.restore_tested.map(rfc3339),
    })
}

fn certificate(record: &CertificateRecord, standing: &Standing) -> Value {
    json!({
        "serial": record.serial.to_string(),
        "kind": record.kind.id(),
        "issuer": record.issuer.0,
        "subject": record.certificate.subject().to_string(),
        "not_before": rfc3339(record.certificate.not_before()),
        "not_after": rfc3339(record.certificate.not_after()),
        "issued": rfc3339(record.issued),
        "state": standing.validity(record).id(),
        "revoked": standing.revoked.contains(&record.serial),
        "policy_oid": record.policy_oid,
        "file": record.output,
    })
}

fn lists(lists: &Lists) -> Value {
    json!({
        "issuer": lists.issuer.0,
        "last_number": lists.last_number,
        "in_effect": lists.in_effect.as_ref().map(list),
        "covered_until": lists.covered_until.map(rfc3339),
        "unreleased": lists.unreleased,
    })
}

fn list(crl: &CrlRecord) -> Value {
    json!({
        "number": crl.number,
        "this_update": rfc3339(crl.this_update),
        "next_update": rfc3339(crl.next_update),
        "sha256": hex::encode(crl.sha256),
        "file": crl.output,
    })
}

fn duty(duty: &Duty) -> Value {
    let status = match duty.status {
        DutyStatus::Running { .. } => "running",
        DutyStatus::Overdue => "overdue",
        DutyStatus::Signed => "signed",
        DutyStatus::SignedLate => "signed-late",
    };
    json!({
        "serial": duty.serial.to_string(),
        "accepted": rfc3339(duty.accepted),
        "due": rfc3339(duty.due),
        "remaining_seconds": duty.remaining.whole_seconds(),
        "status": status,
    })
}

fn intent(intent: &Intent) -> Value {
    let (serial, number) = match &intent.object {
        IntentObject::Certificate { serial, .. } => (Some(serial.to_string()), None),
        IntentObject::Crl { number } => (None, Some(*number)),
    };
    json!({
        "id": intent.id,
        "object": intent.object.id(),
        "issuer": intent.issuer.0,
        "serial": serial,
        "crl_number": number,
        "tbs_sha256": hex::encode(intent.tbs_sha256),
        "opened": rfc3339(intent.opened),
    })
}
