//! `tegata trust doctor`.

use std::process::ExitCode;

use tegata_manifest::Fetched;
use tegata_pki::Severity;
use tegata_sync::{Checkup, DoctorFinding, Probe, RevocationMode, Store, doctor};
use tegata_terminal::{Output, Tone, table};
use tegata_verifier_store::{RELEASED, json};

use super::fetch::Fetcher;
use super::keep::{self, Kept};
use crate::answer::Answer;
use crate::args::trust::Doctor;
use crate::args::verify::RevocationChoice;
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::message::trust as text;

pub(super) fn run(args: &Doctor, output: Output) -> Result<ExitCode, Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let fetcher = args.from.as_deref().map(|from| Fetcher::new(from, &[], lang)).transpose()?;
    let Kept { store, profile } = keep::load(&args.store, lang)?;
    let probe = fetcher.and_then(|fetcher| probe(&store, &fetcher));
    let revocation = match args.revocation {
        RevocationChoice::Require => RevocationMode::Required,
        RevocationChoice::Available => RevocationMode::IfAvailable,
        RevocationChoice::DangerousOff => RevocationMode::Off,
    };
    let findings = doctor(&store, &Checkup { at, not_before: RELEASED, revocation, probe });
    let is_ill = findings.iter().any(|finding| finding.severity == Severity::Error);
    if output.json {
        output.answer_json(&json::doctor(&findings, profile, at))?;
    } else {
        output.answer(&page(&findings, is_ill, &output))?;
    }
    Ok(if is_ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Fetches the largest object; without an update nobody knows which that is.
fn probe(store: &Store, fetcher: &Fetcher) -> Option<Probe> {
    let (path, announced) = store.largest_object()?;
    let received = match fetcher.file(&path, announced) {
        Fetched::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        _ => 0,
    };
    Some(Probe { announced, received })
}

fn page(findings: &[DoctorFinding], is_ill: bool, output: &Output) -> String {
    let Output { lang, style, .. } = *output;
    let rows: Vec<_> = findings
        .iter()
        .map(|finding| {
            let (severity, tone) = match finding.severity {
                Severity::Error => (text::severity_error(lang), Tone::Bad),
                Severity::Warning => (text::severity_warning(lang), Tone::Doubtful),
                _ => (text::severity_info(lang), Tone::Faint),
            };
            let words = lang.pick(&finding.text_en, &finding.text_ja).clone();
            vec![(severity, tone), (finding.id.to_owned(), Tone::Plain), (words, Tone::Plain)]
        })
        .collect();
    let verdict = if is_ill { style.bad(&text::is_ill(lang)) } else { style.good(&text::is_healthy(lang)) };
    if rows.is_empty() {
        return format!("{verdict}\n");
    }
    let header = [text::column_severity(lang), text::column_finding(lang), text::column_words(lang)];
    format!("{verdict}\n{}", table(output, &header, &rows))
}
