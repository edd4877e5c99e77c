//! The report for programs; its schema is `cli/trust-check.schema.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tegata_mdoc::date::Tdate;
use tegata_pki::Certificate;
use tegata_trust_list::trust_object::{Entry, Number, TrustReport};
use time::UtcDateTime;

use tegata_verifier_store::json::crl_number;

pub(super) fn report(report: &TrustReport, at: UtcDateTime) -> Value {
    let facts = &report.facts;
    let findings: Vec<Value> = facts
        .findings
        .iter()
        .map(|finding| json!({ "id": finding.id, "text": finding.text, "entry": finding.entry }))
        .collect();
    json!({
        "kind": facts.kind.id(),
        "verdict": report.verdict.id(),
        "cause": report.cause.as_ref().map(|cause| json!({ "id": cause.id, "text": cause.text })),
        "at": date(at),
        "name": facts.name,
        "number": facts.number.map(number),
        "issuedAt": facts.issued_at.map(date),
        "nextUpdate": facts.next_update.map(date),
        "expires": facts.expires.map(date),
        "status": report.status.map(|status| json!({
            "index": status.index,
            "value": status.value.number(),
            "meaning": super::show::meaning(status.value),
        })),
        "findings": findings,
        "entryCount": facts.entry_count,
        "entries": facts.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn date(instant: UtcDateTime) -> String {
    Tdate::new(instant).to_string()
}

/// In decimal.
pub(super) fn number(number: Number) -> String {
    match number {
        Number::Integer(number) => number.to_string(),
        Number::Crl(number) => crl_number(number),
    }
}

fn entry(entry: &Entry) -> Value {
    match entry {
        Entry::Anchor { position, certificate, doc_types } => {
            json!({ "position": position, "certificate": of_certificate(certificate), "docTypes": doc_types })
        }
        Entry::Skipped { position, id, text } => json!({ "position": position, "skipped": { "id": id, "text": text } }),
        Entry::Service { position, entity, service, service_type, certificates } => json!({
            "position": position,
            "entity": entity,
            "service": service,
            "serviceType": service_type,
            "certificates": certificates.iter().map(of_certificate).collect::<Vec<_>>(),
        }),
        Entry::Revoked { serial, since } => json!({ "serial": hex::encode(serial), "revokedAt": date(*since) }),
        Entry::Identifier(identifier) => json!({ "identifier": hex::encode(identifier) }),
        _ => json!({}),
    }
}

fn of_certificate(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject().to_string(),
        "sha256": hex::encode(certificate.fingerprint_sha256()),
        "notBefore": date(certificate.not_before()),
        "notAfter": date(certificate.not_after()),
        "der": STANDARD.encode(certificate.der()),
    })
}
