//! `tegata-root ceremony verify`: what an auditor runs.

use serde_json::{Value, json};
use tegata_ceremony::{Previous, Violation, verify};
use tegata_terminal::{Lang, Output};

use super::{rules, script, site};
use crate::args::Global;
use crate::args::ceremony::Verify;
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::{ceremony as text, finding};

pub(super) fn run(args: &Verify, global: &Global, output: Output) -> Result<(), Failure> {
    let record = load::bytes(&args.record)?;
    let script = script(&args.script)?;
    let site = args.site.as_deref().map(site).transpose()?;
    let previous = args.previous.as_deref().map(previous).transpose()?;
    let policy = rules::policy_for_record(args.policy.as_deref(), &record, global)?;
    let rules = rules::of(&policy, script.kind())?;
    let violations = verify(&record, &script, site.as_ref(), previous.as_ref(), &rules);
    let lang = output.lang;
    if output.json {
        let value = json!({
            "record": args.record.display().to_string(),
            "policy": policy.id,
            "script_sha256": hex::encode(script.digest()),
            "sandbox": is_sandbox(&record),
            "site_given": site.is_some(),
            "previous_given": previous.is_some(),
            "violations": violations.iter().map(|violation| to_json(violation, lang)).collect::<Vec<_>>(),
        });
        output.print_json(&value)?;
    } else {
        let style = output.style;
        let mut said = String::new();
        if is_sandbox(&record) {
            said += &format!("{}\n", style.doubtful(&text::sandbox_record(lang)));
        }
        if site.is_none() {
            said += &format!("{}\n", style.doubtful(&text::keys_believed(lang)));
        }
        if previous.is_none() {
            said += &format!("{}\n", style.faint(&text::previous_believed(lang)));
        }
        if violations.is_empty() {
            said += &format!("{}\n", style.good(&text::verified(lang, &policy.id)));
        } else {
            said += &format!("{}\n", style.bad(&text::violated(lang, &policy.id, violations.len())));
            said.extend(violations.iter().map(|violation| describe(violation, output)));
        }
        output.print(&said)?;
    }
    let Some(first) = violations.first() else { return Ok(()) };
    let remedies = [first.breach.remedy(), finding::remedy(first.id())];
    let message = format!("{} rule(s) broken, the first: {first}", violations.len());
    Err(Failure::new(Kind::Unverified, first.id(), message, remedies).about(&args.record))
}

fn previous(file: &std::path::Path) -> Result<Previous, Failure> {
    serde_json::from_slice(&load::bytes(file)?).map_err(|error| {
        let remedy = ["name a previous.json as the root keeps it", "ルートのprevious.jsonを指定してください"];
        Failure::new(Kind::Usage, "previous-malformed", error, remedy).about(file)
    })
}

/// Whether the record itself says that it is one of practice.
fn is_sandbox(record: &[u8]) -> bool {
    let first = record.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first: Value = serde_json::from_slice(first).unwrap_or_default();
    first.pointer("/detail/environment/sandbox").is_some_and(|value| *value != Value::Bool(false))
}

fn to_json(violation: &Violation, lang: Lang) -> Value {
    json!({
        "id": violation.id(),
        "line": violation.line,
        "step": violation.breach.step().map(ToString::to_string),
        "message": violation.breach.to_string(),
        "remedy": lang.pick(violation.breach.remedy(), finding::remedy(violation.id())),
    })
}

fn describe(violation: &Violation, output: Output) -> String {
    let (lang, style, breach) = (output.lang, output.style, &violation.breach);
    let step = breach.step().map(|step| text::step(lang, step));
    let line = violation.line.map(|line| text::line(lang, line));
    let place = [step, line].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let meaning = finding::meaning(violation.id()).filter(|_| lang == Lang::Ja);
    let meaning = meaning.map(|meaning| format!("  {meaning}\n")).unwrap_or_default();
    let remedy = lang.pick(breach.remedy(), finding::remedy(violation.id()));
    format!(
        "{}  {}\n{meaning}  {breach}\n  {}: {remedy}\n",
        style.bad(violation.id()),
        style.title(&place),
        style.faint(&text::remedy(lang))
    )
}
