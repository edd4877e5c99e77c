//! `tegata-root rollover`.

mod bars;

use std::io::IsTerminal as _;

use serde_json::{Value, json};
use tegata_root_ca::rollover::{Chart, ChartFinding, Window, check, plan, plan_with_rekey};
use tegata_terminal::Output;

use super::policy_or_root;
use crate::args::Global;
use crate::args::root::{Rollover, RolloverWhat};
use crate::failure::{Failure, Kind};
use crate::markdown;
use crate::message::{of_authority, rfc3339, root as text};

pub(super) fn run(args: &Rollover, global: &Global, output: Output) -> Result<(), Failure> {
    let RolloverWhat::Plan { t0, policy, rekey, check: must_hold } = &args.what;
    let policy = policy_or_root(policy.as_deref(), global)?;
    let chart = rekey.map_or_else(|| plan(*t0, &policy), |rekey| plan_with_rekey(*t0, &policy, rekey));
    let findings = check(&chart, &policy);
    if output.json {
        output.print_json(&to_json(&chart, &findings))?;
    } else {
        show(&chart, &findings, output)?;
    }
    if !must_hold || findings.is_empty() {
        return Ok(());
    }
    let remedy = [
        "move the dates that are named, or change the policy's lengths and check it again",
        "指摘された日付を変更するか、ポリシーの期間を見直して再度検査してください",
    ];
    let message = format!("the plan does not hold in {} point(s)", findings.len());
    Err(Failure::new(Kind::Refused, "plan-does-not-hold", message, remedy))
}

fn show(chart: &Chart, findings: &[ChartFinding], output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let document = chart.show(of_authority(lang));
    let laid_out = output.style.is_coloured() || std::io::stdout().is_terminal();
    let mut said = bars::draw(chart, &output);
    said += "\n";
    said += &if laid_out { markdown::lay_out(&output, &document) } else { document };
    said += "\n";
    if findings.is_empty() {
        said += &format!("{}\n", output.style.good(&text::plan_holds(lang)));
    } else {
        said += &format!("{}\n", output.style.bad(&text::plan_fails(lang, findings.len())));
        for finding in findings {
            said += &format!("  {}  {finding}\n", output.style.bad(finding.id()));
        }
    }
    Ok(output.print(&said)?)
}

fn to_json(chart: &Chart, findings: &[ChartFinding]) -> Value {
    let window = |window: Window| json!({ "from": rfc3339(window.from), "until": rfc3339(window.until) });
    let certificates = chart.certificates.iter().map(|planned| {
        let role = planned.role.id();
        json!({ "role": role, "ceremony": rfc3339(planned.ceremony), "validity": window(planned.validity) })
    });
    let lists = chart.lists.iter().map(
        |lists| json!({ "ceremony": rfc3339(lists.ceremony), "count": lists.count, "covers": window(lists.covers) }),
    );
    let links = chart.links.iter().map(|(kind, validity)| json!({ "kind": kind.id(), "validity": window(*validity) }));
    let alarms =
        chart.alarms.iter().map(|alarm| json!({ "before": alarm.before.to_string(), "at": rfc3339(alarm.at) }));
    let findings = findings.iter().map(|finding| json!({ "id": finding.id(), "message": finding.to_string() }));
    json!({
        "policy": chart.policy,
        "root": window(chart.root),
        "key_use_ends": rfc3339(chart.key_use_ends),
        "rekey": rfc3339(chart.rekey),
        "latest_rekey": rfc3339(chart.latest_rekey),
        "switch": rfc3339(chart.switch),
        "links": links.collect::<Vec<_>>(),
        "alarms": alarms.collect::<Vec<_>>(),
        "ceremonies": chart.ceremonies.iter().copied().map(rfc3339).collect::<Vec<_>>(),
        "certificates": certificates.collect::<Vec<_>>(),
        "lists": lists.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}
