//! The report for people.

use tegata_mdoc::cbor::Value;
use tegata_terminal::{Lang, Output, Tone, clean, table};
use tegata_trust_list::{EvidenceAge, EvidenceKind};
use tegata_verifier::json::cbor_to_json;
use tegata_verifier::{Cause, Check, CheckResult, DocumentReport, Outcome, Overall, Report, Verdict};
use tegata_verifier_store::json::crl_number;

use crate::message::of_checks;
use crate::message::show as text;

/// Verdict, reason and remedy of each document; its checks, those that passed only when `verbose`; the claims of an
/// accepted document; the age of the evidence.
pub(crate) fn report(report: &Report<'_>, output: &Output, verbose: bool) -> String {
    let mut page = String::new();
    if report.documents().is_empty() {
        page.push_str(&format!("{}\n", verdict_line(report.overall(), &text::no_documents(output.lang), output)));
        page.push_str(&checks_table(report.checks(), output, verbose));
    }
    for (index, document) in report.documents().iter().enumerate() {
        if index > 0 {
            page.push('\n');
        }
        page.push_str(&document_page(document, report.checks(), output, verbose));
    }
    page
}

fn document_page(
    document: &DocumentReport<'_>,
    response: &[CheckResult<'_>],
    output: &Output,
    verbose: bool,
) -> String {
    let Output { lang, style, .. } = *output;
    let mut page = format!("{}\n", verdict_line(document.overall(), &clean(document.doc_type()), output));
    if let Some(primary) = document.primary() {
        let cause = primary.cause().map(|cause| cause.text(of_checks(lang))).unwrap_or_default();
        let title = primary.check.title(of_checks(lang));
        page.push_str(&format!(
            "  {}: {}: {}\n",
            style.title(primary.check.id()),
            text::does_not_hold(lang, title),
            clean(&cause)
        ));
        page.push_str(&format!("  {}: {}\n", style.title(&text::check_remedy(lang)), remedy(primary, lang)));
    }
    let mut checks: Vec<CheckResult<'_>> =
        response.iter().filter(|result| result.outcome == Outcome::Pass).cloned().collect();
    checks.extend_from_slice(document.checks());
    page.push_str(&checks_table(&checks, output, verbose));
    if let Verdict::Accepted(accepted) = document.verdict() {
        let header = [text::claim_name_space(lang), text::claim_element(lang), text::claim_value(lang)];
        let rows: Vec<_> = accepted
            .claims()
            .map(|(name_space, element, value)| {
                let shown = value.value().map(|value| shown(&value, lang)).unwrap_or_default();
                vec![(name_space.to_owned(), Tone::Faint), (element.to_owned(), Tone::Plain), (shown, Tone::Plain)]
            })
            .collect();
        if !rows.is_empty() {
            page.push_str(&table(output, &header, &rows));
        }
    }
    for evidence in document.evidence() {
        page.push_str(&format!("  {}\n", style.faint(&clean(&evidence_line(evidence, lang)))));
    }
    page
}

/// What to do: which option is missing, where one is, else what the table of checks says.
fn remedy(result: &CheckResult<'_>, lang: Lang) -> String {
    match (result.cause(), result.check) {
        (Some(Cause::NoTranscript), _) => text::give_transcript(lang),
        (Some(Cause::NoReaderKey), _) => text::give_reader_key(lang),
        (Some(Cause::NoAnchors), _) => text::give_trust(lang),
        (Some(Cause::TrustUnavailable(_)), _) => crate::message::trust::give_sync(lang),
        (Some(Cause::NoRevocationEvidence { .. }), Check::DsRevocation) => text::give_crl(lang),
        (Some(Cause::NoRevocationEvidence { .. }), _) => text::give_status(lang),
        _ => result.check.remedy(of_checks(lang)).to_owned(),
    }
}

fn verdict_line(overall: Overall, about: &str, output: &Output) -> String {
    let Output { lang, style, .. } = *output;
    let verdict = match overall {
        Overall::Accepted => style.good(&format!("✓ {}", text::accepted(lang))),
        Overall::Rejected => style.bad(&format!("✗ {}", text::rejected(lang))),
        Overall::Undetermined => style.doubtful(&format!("? {}", text::undetermined(lang))),
    };
    format!("{verdict}  {}", style.title(about))
}

/// The checks that did not pass, and how many did; all of them when `verbose`.
fn checks_table(checks: &[CheckResult<'_>], output: &Output, verbose: bool) -> String {
    let lang = output.lang;
    let is_news = |result: &&CheckResult<'_>| {
        verbose || result.outcome != Outcome::Pass && !matches!(result.cause(), Some(Cause::NotApplicable))
    };
    let shown = checks.iter().filter(is_news);
    let rows: Vec<_> = shown.map(|result| check_row(result, lang)).collect();
    let header = [text::check_outcome(lang), text::check_id(lang), text::check_cause(lang), text::check_clause(lang)];
    let mut page = if rows.is_empty() { String::new() } else { table(output, &header, &rows) };
    let passed = checks.iter().filter(|result| result.outcome == Outcome::Pass).count();
    if !verbose && passed > 0 {
        page.push_str(&format!("  {}\n", output.style.faint(&text::checks_passed(lang, passed))));
    }
    page
}

fn check_row(result: &CheckResult<'_>, lang: Lang) -> Vec<(String, Tone)> {
    let (outcome, tone) = match result.outcome {
        Outcome::Pass => (text::outcome_pass(lang), Tone::Good),
        Outcome::Fail => (text::outcome_fail(lang), Tone::Bad),
        Outcome::Warn => (text::outcome_warn(lang), Tone::Doubtful),
        Outcome::Undetermined => (text::outcome_undetermined(lang), Tone::Doubtful),
        _ => (text::outcome_not_run(lang), if result.blocks() { Tone::Doubtful } else { Tone::Faint }),
    };
    let title = || result.check.title(of_checks(lang)).to_owned();
    let mut cause = result.cause().map_or_else(title, |cause| cause.text(of_checks(lang)));
    if let Some((name_space, element)) = result.element() {
        cause = format!("{name_space}/{element}: {cause}");
    }
    vec![
        (outcome, tone),
        (result.check.id().to_owned(), Tone::Plain),
        (cause, Tone::Plain),
        (result.check.row().clause.to_owned(), Tone::Faint),
    ]
}

/// A claim's value in one line; pictures by their kind and size.
fn shown(value: &Value<'_>, lang: Lang) -> String {
    match value {
        Value::Text(text) => text.clone().into_owned(),
        Value::Tag(_, inner) => shown(inner, lang),
        Value::Bytes(bytes) => match picture(bytes) {
            Some(kind) => format!("<{kind}, {}>", text::bytes(lang, grouped(bytes.len()))),
            None if bytes.len() <= 32 => format!("h'{}'", hex::encode(bytes)),
            None => format!("<{}>", text::bytes(lang, grouped(bytes.len()))),
        },
        Value::Array(_) | Value::Map(_) => {
            let json = cbor_to_json(value).to_string();
            if json.chars().count() > 400 { json.chars().take(399).chain(['…']).collect() } else { json }
        }
        other => cbor_to_json(other).to_string(),
    }
}

/// The kind of a picture by its first bytes.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("JPEG"),
        [0, 0, 0, 12, b'j', b'P', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some("JPEG 2000"),
        [0x89, b'P', b'N', b'G', ..] => Some("PNG"),
        _ => None,
    }
}

/// Digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{2009}');
        }
        grouped.push(digit);
    }
    grouped
}

fn evidence_line(evidence: &EvidenceAge, lang: Lang) -> String {
    let what = match &evidence.kind {
        EvidenceKind::Crl { number } => text::evidence_crl(lang, number.map_or_else(|| text::absent(lang), crl_number)),
        EvidenceKind::StatusList { uri } => text::evidence_status_list(lang, uri),
        EvidenceKind::IdentifierList { uri } => text::evidence_identifier_list(lang, uri),
        EvidenceKind::DeviceKeyList { uri, sequence } => text::evidence_device_key_list(lang, uri, sequence),
        EvidenceKind::TrustList { kind, name } => text::evidence_trust_list(lang, kind.id(), name),
        _ => text::evidence_other(lang),
    };
    let issued = tegata_mdoc::date::Tdate::new(evidence.issued_at);
    let line = text::evidence(lang, what, issued, age(evidence.age, lang));
    if evidence.refresh_due { format!("{line} {}", text::evidence_refresh_due(lang)) } else { line }
}

/// A span of time in its largest unit.
pub(crate) fn age(age: time::Duration, lang: Lang) -> String {
    match age.whole_seconds() {
        seconds if seconds < 120 => text::age_seconds(lang, seconds),
        seconds if seconds < 7_200 => text::age_minutes(lang, seconds / 60),
        seconds if seconds < 172_800 => text::age_hours(lang, seconds / 3_600),
        seconds => text::age_days(lang, seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_in_one_line() {
        let mut portrait = vec![0xff, 0xd8, 0xff, 0xe0];
        portrait.resize(20_480, 0);
        assert_eq!(shown(&Value::bytes(portrait), Lang::En), "<JPEG, 20\u{2009}480 bytes>");
        assert_eq!(shown(&Value::Tag(1004, Box::new(Value::text("1980-01-02"))), Lang::En), "1980-01-02");
        assert_eq!(shown(&Value::Bool(true), Lang::En), "true");
        assert_eq!(grouped(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(grouped(999), "999");
    }
}
