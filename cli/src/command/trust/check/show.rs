//! The report for people.

use tegata_mdoc::date::Tdate;
use tegata_terminal::{Lang, Output, Tone, clean, facts, table};
use tegata_trust_list::StatusValue;
use tegata_trust_list::trust_object::{Entry, NamedFinding, TrustObjectKind, TrustReport, Verdict};
use time::UtcDateTime;

use super::json::number;
use crate::message::trust_check as text;

/// Rows of a table that are shown.
const SHOWN: usize = 60;

/// Verdict and cause, facts, findings, entries.
pub(super) fn report(report: &TrustReport, output: &Output) -> String {
    let Output { lang, style, .. } = *output;
    let verdict = match report.verdict {
        Verdict::Valid => style.good(&format!("✓ {}", text::valid(lang))),
        Verdict::Invalid => style.bad(&format!("✗ {}", text::invalid(lang))),
        Verdict::Undetermined => style.doubtful(&format!("? {}", text::undetermined(lang))),
    };
    let of = &report.facts;
    let mut page = format!("{verdict}  {}\n", style.title(&kind(of.kind, lang)));
    if let Some(cause) = &report.cause {
        page.push_str(&format!("  {}: {}\n", style.title(cause.id), clean(&cause.text)));
    }
    let date = |instant: Option<UtcDateTime>| instant.map(|at| Tdate::new(at).to_string()).unwrap_or_default();
    let status = report.status.map(|status| {
        let value = format!("{} ({})", status.value.number(), meaning(status.value));
        let believed = report.verdict == Verdict::Valid;
        if believed { value } else { format!("{value} – {}", text::not_verified(lang)) }
    });
    page.push_str(&facts(
        output,
        &[
            (text::name(lang), clean(&of.name).into_owned()),
            (text::number(lang), of.number.map(number).unwrap_or_default()),
            (text::issued(lang), date(of.issued_at)),
            (text::next_update(lang), date(of.next_update)),
            (text::expires(lang), date(of.expires)),
            (text::entry_count(lang), of.entry_count.map(|count| count.to_string()).unwrap_or_default()),
            (
                report.status.map(|status| text::status_at(lang, status.index)).unwrap_or_default(),
                status.unwrap_or_default(),
            ),
        ],
    ));
    page.push_str(&findings(&of.findings, output));
    page.push_str(&entries(&of.entries, output));
    page
}

/// The meaning of a value (draft-ietf-oauth-status-list 7.1).
pub(super) fn meaning(value: StatusValue) -> &'static str {
    match value {
        StatusValue::Valid => "valid",
        StatusValue::Invalid => "invalid",
        StatusValue::Suspended => "suspended",
        StatusValue::ApplicationSpecific(_) => "application-specific",
        _ => "reserved",
    }
}

fn kind(kind: TrustObjectKind, lang: Lang) -> String {
    match kind {
        TrustObjectKind::Vical => text::kind_vical(lang),
        TrustObjectKind::LotePlain => text::kind_lote_plain(lang),
        TrustObjectKind::LoteSigned => text::kind_lote_signed(lang),
        TrustObjectKind::StatusListCwt => text::kind_status_list(lang, "CWT"),
        TrustObjectKind::StatusListJwt => text::kind_status_list(lang, "JWT"),
        TrustObjectKind::IdentifierList => text::kind_identifier_list(lang),
        TrustObjectKind::DeviceKeyList => text::kind_device_key_list(lang),
        TrustObjectKind::Crl => text::kind_crl(lang),
        TrustObjectKind::Root => text::kind_root(lang),
        TrustObjectKind::Link => text::kind_link(lang),
        TrustObjectKind::Certificate => text::kind_certificate(lang),
        TrustObjectKind::Metadata => text::kind_metadata(lang),
        other => other.id().to_owned(),
    }
}

/// One row for each finding and each text; how many entries it is about.
fn findings(findings: &[NamedFinding], output: &Output) -> String {
    let lang = output.lang;
    let mut rows: Vec<(&NamedFinding, Vec<usize>)> = Vec::new();
    for finding in findings {
        match rows.iter_mut().find(|(row, _)| row.id == finding.id && row.text == finding.text) {
            Some((_, entries)) => entries.extend(finding.entry),
            None => rows.push((finding, finding.entry.into_iter().collect())),
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let cells = rows.iter().map(|(finding, entries)| {
        let translated = lang.pick(&finding.text, finding.text_ja.as_ref().unwrap_or(&finding.text));
        let places = match entries.as_slice() {
            [] => String::new(),
            many if many.len() > 8 => text::entries_of(lang, many.len()),
            few => few.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        };
        vec![(finding.id.to_owned(), Tone::Doubtful), (translated.clone(), Tone::Plain), (places, Tone::Faint)]
    });
    let header = [text::finding(lang), text::meaning(lang), text::entries(lang)];
    table(output, &header, &cells.collect::<Vec<_>>())
}

fn entries(entries: &[Entry], output: &Output) -> String {
    let lang = output.lang;
    if entries.is_empty() {
        return String::new();
    }
    let header = [text::entry(lang), text::subject(lang), text::detail(lang), text::until(lang)];
    let rows: Vec<_> = entries.iter().take(SHOWN).enumerate().map(|(index, entry)| row(index, entry)).collect();
    let mut page = table(output, &header, &rows);
    if entries.len() > SHOWN {
        page.push_str(&format!("  {}\n", output.style.faint(&text::more(lang, entries.len() - SHOWN))));
    }
    page
}

fn row(index: usize, entry: &Entry) -> Vec<(String, Tone)> {
    let date = |instant: UtcDateTime| Tdate::new(instant).to_string();
    let (subject, detail, until, tone) = match entry {
        Entry::Anchor { certificate, doc_types, .. } => {
            (certificate.subject().to_string(), doc_types.join(", "), date(certificate.not_after()), Tone::Plain)
        }
        Entry::Skipped { id, text, .. } => ((*id).to_owned(), text.clone(), String::new(), Tone::Doubtful),
        Entry::Service { entity, service, service_type, certificates, .. } => {
            let until = certificates.iter().map(tegata_pki::Certificate::not_after).min().map(date);
            let detail = service_type.clone().unwrap_or_default();
            (format!("{entity}: {service}"), detail, until.unwrap_or_default(), Tone::Plain)
        }
        Entry::Revoked { serial, since } => (hex::encode(serial), String::new(), date(*since), Tone::Plain),
        Entry::Identifier(identifier) => (hex::encode(identifier), String::new(), String::new(), Tone::Plain),
        _ => (String::new(), String::new(), String::new(), Tone::Plain),
    };
    vec![(index.to_string(), Tone::Faint), (subject, tone), (detail, Tone::Plain), (until, Tone::Faint)]
}
