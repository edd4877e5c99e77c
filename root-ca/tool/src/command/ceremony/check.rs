//! `tegata-root ceremony check`: what would keep a ceremony from starting, found out before anyone travels.

use serde_json::json;
use tegata_ceremony::{Finding, Previous, check};
use tegata_terminal::{Lang, Output};

use super::{rules, script, site};
use crate::args::Global;
use crate::args::ceremony::Check;
use crate::command::policy_or_root;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::message::{ceremony as text, finding};

pub(super) fn run(args: &Check, global: &Global, output: Output) -> Result<(), Failure> {
    let (script, site) = (script(&args.script)?, site(&args.site)?);
    let policy = policy_or_root(args.policy.as_deref(), global)?;
    let home = Home::at(&global.root);
    let lang = output.lang;
    let previous = if home.file("state.sqlite").is_file() {
        home.previous()?
    } else {
        output.note(&text::no_root(lang, global.root.display()));
        Previous::default()
    };
    let findings = check(&script, &site, &rules::of(&policy, script.kind())?, &previous);
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let kind = script.kind();
    if output.json {
        let list: Vec<_> = findings
            .iter()
            .map(|found| {
                json!({
                    "id": found.id(),
                    "severity": if found.is_error() { "error" } else { "warning" },
                    "message": found.to_string(),
                    "remedy": remedy(found, lang),
                })
            })
            .collect();
        let value = json!({
            "kind": kind.name(),
            "policy": policy.id,
            "script_sha256": hex::encode(script.digest()),
            "site_sha256": hex::encode(site.digest()),
            "findings": list,
            "may_start": errors == 0,
        });
        output.print_json(&value)?;
    } else {
        let mut said: String = findings.iter().map(|found| describe(found, output)).collect();
        said += &if errors == 0 {
            output.style.good(&text::may_start(lang, kind, &policy.id))
        } else {
            output.style.bad(&text::may_not_start(lang, kind, &policy.id, errors))
        };
        output.print(&(said + "\n"))?;
    }
    if errors == 0 {
        return Ok(());
    }
    let remedy = ["do what each finding says, then check again", "各指摘のとおり修正し、再度検査してください"];
    let message = format!("{errors} error(s) keep the ceremony from starting");
    Err(Failure::new(Kind::Refused, "ceremony-not-sound", message, remedy).about(&args.script))
}

fn remedy(found: &Finding, lang: Lang) -> String {
    lang.pick(found.remedy(), finding::remedy(found.id())).to_owned()
}

fn describe(found: &Finding, output: Output) -> String {
    let (lang, style) = (output.lang, output.style);
    let label = if found.is_error() { style.bad(&text::error(lang)) } else { style.doubtful(&text::warning(lang)) };
    let meaning = finding::meaning(found.id()).filter(|_| lang == Lang::Ja);
    let meaning = meaning.map(|meaning| format!("  {meaning}\n")).unwrap_or_default();
    let remedy = remedy(found, lang);
    format!(
        "{label}  {}\n{meaning}  {found}\n  {}: {remedy}\n",
        style.title(found.id()),
        style.faint(&text::remedy(lang))
    )
}
