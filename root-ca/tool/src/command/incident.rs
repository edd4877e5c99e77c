//! `tegata-root incident`.

use std::path::Path;

use serde_json::{Value, json};
use tegata_pki::{Hash, rust_crypto};
use tegata_root_ca::{Authority, Evidence, Generation, Incident, IncidentStep};
use tegata_terminal::{Output, Tone, table};

use super::{now, open, open_for_change};
use crate::args::Global;
use crate::args::root::{EvidenceArgs, Incident as Args, IncidentWhat};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::{instant, rfc3339, root as text};

pub(super) fn run(args: &Args, global: &Global, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    match &args.what {
        IncidentWhat::Open { generation, judged_by, role } => {
            let (_, mut authority) = open_for_change(global)?;
            let id = authority.open_incident(Generation(*generation), judged_by, role, now())?;
            if output.json {
                return Ok(output.print_json(&json!({ "incident": id, "generation": generation, "step": "opened" }))?);
            }
            let said = output.style.bad(&text::incident_opened(lang, id, generation));
            let next = text::incident_next(lang, what_to_do(IncidentStep::RevokedByOldKey, output));
            Ok(output.print(&format!("{said}\n{next}\n"))?)
        }
        IncidentWhat::Advance { id, step, evidence, report } => {
            let evidence = read_evidence(evidence, report.as_deref())?;
            let (_, mut authority) = open_for_change(global)?;
            authority.advance_incident(*id, *step, &evidence, now())?;
            let next = step.next();
            if output.json {
                let next = next.map(IncidentStep::id);
                return Ok(output.print_json(&json!({ "incident": id, "step": step.id(), "next": next }))?);
            }
            let said = output.style.good(&text::incident_advanced(lang, id, step));
            let next = next.map(|next| text::incident_next(lang, what_to_do(next, output)));
            Ok(output.print(&format!("{said}\n{}\n", next.unwrap_or_else(|| text::incident_done(lang))))?)
        }
        IncidentWhat::Status => {
            let (_, authority) = open(global)?;
            status(&authority, output)
        }
    }
}

fn status(authority: &Authority, output: Output) -> Result<(), Failure> {
    let incidents = authority.state().incidents()?;
    if output.json {
        let all = incidents.iter().map(|incident| to_json(incident, authority)).collect::<Result<Vec<_>, _>>()?;
        return Ok(output.print_json(&json!({ "incidents": all }))?);
    }
    if incidents.is_empty() {
        return Ok(output.print(&format!("{}\n", text::none(output.lang)))?);
    }
    let all = incidents.iter().map(|incident| show(incident, authority, output)).collect::<Result<String, _>>()?;
    Ok(output.print(&all)?)
}

pub(super) fn to_json(incident: &Incident, authority: &Authority) -> Result<Value, Failure> {
    let entries = authority.state().incident_entries(incident.id)?;
    let steps: Vec<_> = entries
        .iter()
        .map(|entry| json!({ "step": entry.step.id(), "at": rfc3339(entry.at), "evidence": entry.evidence }))
        .collect();
    Ok(json!({
        "id": incident.id,
        "generation": incident.key.0,
        "opened": rfc3339(incident.opened),
        "judged_by": incident.judged_by,
        "step": incident.step.id(),
        "next": incident.step.next().map(IncidentStep::id),
        "steps": steps,
    }))
}

fn show(incident: &Incident, authority: &Authority, output: Output) -> Result<String, Failure> {
    let lang = output.lang;
    let entries = authority.state().incident_entries(incident.id)?;
    let next = incident.step.next();
    let row = |step: IncidentStep| {
        let entry = entries.iter().find(|entry| entry.step == step);
        let (mark, tone) = match entry {
            Some(_) => ("✓", Tone::Good),
            None if next == Some(step) => ("→", Tone::Bad),
            None => ("·", Tone::Faint),
        };
        let at = entry.map(|entry| instant(entry.at)).unwrap_or_default();
        let evidence = entry.map_or_else(|| what_to_do(step, output), |entry| entry.evidence.clone());
        vec![
            (format!("{mark} {}", number(step)), tone),
            (step.id().to_owned(), tone),
            (at, Tone::Plain),
            (evidence, if entry.is_some() { Tone::Plain } else { tone }),
        ]
    };
    let header = [String::new(), text::head_step(lang), text::head_at(lang), text::head_evidence(lang)];
    let rows: Vec<_> = IncidentStep::ALL.map(row).into();
    let title = text::incident_title(lang, incident.id, incident.key, &incident.judged_by);
    let end = next.map_or_else(
        || output.style.good(&text::incident_done(lang)),
        |next| output.style.bad(&text::incident_next(lang, what_to_do(next, output))),
    );
    Ok(format!("{}\n{}{end}\n", output.style.title(&title), table(&output, &header, &rows)))
}

/// The numbers of the certificate policy, ① to ⑥.
fn number(step: IncidentStep) -> &'static str {
    match step {
        IncidentStep::Opened => " ",
        IncidentStep::RevokedByOldKey => "①",
        IncidentStep::Halted => "②",
        IncidentStep::IntakeStopped => "③",
        IncidentStep::NewRoot => "④",
        IncidentStep::RevokedByNewKey => "⑤",
        IncidentStep::Resumed => "⑥",
    }
}

fn what_to_do(step: IncidentStep, output: Output) -> String {
    let lang = output.lang;
    match step {
        IncidentStep::Opened => text::do_open(lang),
        IncidentStep::RevokedByOldKey => text::do_old_crl(lang),
        IncidentStep::Halted => text::do_halt(lang),
        IncidentStep::IntakeStopped => text::do_intake(lang),
        IncidentStep::NewRoot => text::do_new_root(lang),
        IncidentStep::RevokedByNewKey => text::do_new_crl(lang),
        IncidentStep::Resumed => text::do_canary(lang),
    }
}

/// The one kind of evidence that was given.
fn read_evidence(args: &EvidenceArgs, report: Option<&Path>) -> Result<Evidence, Failure> {
    match args {
        EvidenceArgs { crl: Some(number), .. } => Ok(Evidence::Crl { number: *number }),
        EvidenceArgs { old_key_unusable: Some(reason), .. } => Ok(Evidence::OldKeyUnusable { reason: reason.clone() }),
        EvidenceArgs { statement: Some(text), .. } => Ok(Evidence::Statement { text: text.clone() }),
        EvidenceArgs { new_root: Some(new), .. } => Ok(Evidence::NewRoot { generation: Generation(*new) }),
        EvidenceArgs { canary: Some(document), .. } => canary(document, report),
        // The command line takes exactly one; an empty statement shows nothing and is refused.
        _ => Ok(Evidence::Statement { text: String::new() }),
    }
}

/// A document and what the verifier said about it.
fn canary(document: &Path, report: Option<&Path>) -> Result<Evidence, Failure> {
    let remedy = [
        "verify the document with `tegata verify --json` under the new root and keep what it prints",
        "新ルートの下で文書をtegata verify --jsonで検証し、その出力を指定してください",
    ];
    let unusable = |message: &str| Failure::new(Kind::Usage, "canary-report", message, remedy);
    let file = report.ok_or_else(|| unusable("the verifier's report is missing"))?;
    let (document, text) = (load::bytes(document)?, load::text(file)?);
    let value: Value =
        serde_json::from_str(&text).map_err(|error| unusable(&format!("not a report: {error}")).about(file))?;
    let verdict = value.get("verdict").and_then(Value::as_str);
    let verdict = verdict.ok_or_else(|| unusable("not a report of `tegata verify --json`").about(file))?;
    let sha256 = |bytes: &[u8]| -> [u8; 32] {
        rust_crypto().digest(Hash::Sha256, bytes).as_ref().try_into().unwrap_or_default()
    };
    Ok(Evidence::Canary {
        document_sha256: sha256(&document),
        report_sha256: sha256(text.as_bytes()),
        accepted: verdict == "accepted",
    })
}
