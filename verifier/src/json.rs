//! The JSON report; `verifier/report.schema.json` describes it.
//!
//! One function makes it for the command line, the language bindings and the browser, so that all print the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Number, Value as Json, json};
use tegata_mdoc::cbor::Value;
use tegata_mdoc::date::Tdate;
use tegata_trust_list::{EvidenceAge, EvidenceKind};

use crate::lang::Lang;
use crate::report::{CheckResult, DocumentReport, Report, Verdict};

/// The JSON Schema (draft 2020-12) of the report.
pub const SCHEMA: &str = include_str!("../report.schema.json");

/// The report as JSON. `lang` is the language of the `detail` and `remedy` texts; ids are the same in every language.
#[must_use]
pub fn report(report: &Report<'_>, lang: Lang) -> Json {
    json!({
        "verdict": report.overall().id(),
        "at": Tdate::new(report.at()).to_string(),
        "policy": report.policy().id(),
        "revocation": report.policy().revocation().id(),
        "checks": checks(report.checks(), lang),
        "documents": report.documents().iter().map(|document| document_json(document, lang)).collect::<Vec<_>>(),
    })
}

/// The report as pretty-printed JSON text, ending in a line feed.
#[must_use]
pub fn report_text(report: &Report<'_>, lang: Lang) -> String {
    format!("{:#}\n", self::report(report, lang))
}

fn document_json(document: &DocumentReport<'_>, lang: Lang) -> Json {
    let mut json = Map::new();
    json.insert("doc_type".into(), document.doc_type().into());
    json.insert("verdict".into(), document.overall().id().into());
    json.insert("primary".into(), document.primary().map_or(Json::Null, |result| result.check.id().into()));
    json.insert("checks".into(), checks(document.checks(), lang));
    json.insert("evidence".into(), document.evidence().iter().map(evidence).collect());
    if let Verdict::Accepted(accepted) = document.verdict() {
        let mut claims = Map::new();
        for (name_space, element, value) in accepted.claims() {
            let space = claims.entry(name_space).or_insert_with(|| Json::Object(Map::new()));
            if let (Some(space), Ok(value)) = (space.as_object_mut(), value.value()) {
                space.insert(element.to_owned(), cbor_to_json(&value));
            }
        }
        json.insert("claims".into(), claims.into());
    }
    json.into()
}

fn evidence(used: &EvidenceAge) -> Json {
    let kind = match used.kind {
        EvidenceKind::Crl { .. } => "crl",
        EvidenceKind::StatusList { .. } => "status-list",
        EvidenceKind::IdentifierList { .. } => "identifier-list",
        EvidenceKind::DeviceKeyList { .. } => "device-key-list",
        EvidenceKind::TrustList { kind, .. } => kind.id(),
        _ => "other",
    };
    json!({
        "kind": kind,
        "issued_at": Tdate::new(used.issued_at).to_string(),
        "expires": used.expires.map(|expires| Tdate::new(expires).to_string()),
        "age_seconds": used.age.whole_seconds(),
    })
}

fn checks(results: &[CheckResult<'_>], lang: Lang) -> Json {
    results.iter().map(|result| check(result, lang)).collect()
}

fn check(result: &CheckResult<'_>, lang: Lang) -> Json {
    let row = result.check.row();
    let subject = match result.element() {
        Some((name_space, element)) => format!("{name_space}/{element}"),
        None => row.subject.id().to_owned(),
    };
    let mut json = Map::new();
    json.insert("id".into(), row.id.into());
    json.insert("clause".into(), row.clause.into());
    json.insert("subject".into(), subject.into());
    json.insert("outcome".into(), result.outcome.id().into());
    json.insert("cause".into(), result.cause().map_or(Json::Null, |cause| cause.id().into()));
    if let Some(cause) = result.cause() {
        json.insert("detail".into(), cause.text(lang).into());
        if result.outcome != crate::Outcome::NotRun {
            json.insert("remedy".into(), result.check.remedy(lang).into());
        }
    }
    json.into()
}

/// An element value as JSON (RFC 8949 6.1): byte strings as base64url without padding, dates and other tagged items as
/// what they tag, map keys as text. Integers keep every digit; what JSON cannot say becomes null.
#[must_use]
pub fn cbor_to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Unsigned(value) => Json::from(*value),
        Value::Negative(n) => match i64::try_from(*n) {
            Ok(n) => Json::from(-1 - n),
            Err(_) => Json::String((-1 - i128::from(*n)).to_string()),
        },
        Value::Bytes(bytes) => URL_SAFE_NO_PAD.encode(bytes).into(),
        Value::Text(text) => text.as_ref().into(),
        Value::Array(items) => items.iter().map(cbor_to_json).collect(),
        Value::Map(pairs) => {
            pairs.iter().map(|(key, value)| (key_text(key), cbor_to_json(value))).collect::<Map<_, _>>().into()
        }
        Value::Tag(_, item) => cbor_to_json(item),
        Value::Bool(value) => (*value).into(),
        Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        _ => Json::Null,
    }
}

fn key_text(key: &Value<'_>) -> String {
    match key {
        Value::Text(text) => text.clone().into_owned(),
        other => match cbor_to_json(other) {
            Json::String(text) => text,
            json => json.to_string(),
        },
    }
}
