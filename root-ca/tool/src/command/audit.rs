//! `tegata-root audit`.

mod verify;

use std::path::Path;

use serde_json::{Value, json};
use tegata_audit::{Fault, Outcome, Query, Record, read, read_work, reconcile};
use tegata_terminal::{Output, Tone, clean, table, write_output};
use time::Duration;

use super::{event, home, open_for_change, program, record};
use crate::args::Global;
use crate::args::audit::{Audit as Args, Choice, Reconcile, What};
use crate::failure::{Failure, Kind};
use crate::load;
use crate::message::{audit as text, instant};

pub(super) fn run(args: &Args, global: &Global, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Verify(args) => verify::run(args, global, output),
        What::Query { log, choice } => {
            let log = match log {
                Some(log) => log.clone(),
                None => home(global)?.file("audit.jsonl"),
            };
            find(&log, choice, output)
        }
        What::Reconcile(args) => compare(args, output),
        What::Checkpoint { out } => checkpoint(out.as_deref(), global, output),
    }
}

/// The records of a log whose chain holds; else every fault with its line.
fn records(log: &Path, output: Output) -> Result<Vec<Record>, Failure> {
    read(&load::bytes(log)?).map_err(|faults| match verify::report(&faults, output) {
        Ok(()) => unsound(&faults).about(log),
        Err(failure) => failure,
    })
}

/// The failure of a log with faults; the first of them stands in the message.
fn unsound(faults: &[Fault]) -> Failure {
    let first = faults.first();
    let message = first.map_or_else(|| "the log is not sound".to_owned(), ToString::to_string);
    let remedy = first.map_or(["", ""], |fault| [fault.remedy(), fault.remedy_ja()]);
    Failure::new(Kind::Unverified, first.map_or("log-unsound", Fault::id), message, remedy)
}

fn query(choice: &Choice) -> Query {
    let mut query = Query::new();
    if let Some(actor) = &choice.actor {
        query = query.actor(actor.clone());
    }
    if let Some(class) = choice.class {
        query = query.class(class);
    }
    if let Some(event) = &choice.event {
        query = query.name(event.as_str());
    }
    if let Some(outcome) = choice.result {
        query = query.outcome(outcome);
    }
    if let Some(from) = choice.from {
        query = query.from(from);
    }
    if let Some(until) = choice.until {
        query = query.before(until);
    }
    if let Some(object) = choice.object {
        query = query.object(object);
    }
    query
}

fn find(log: &Path, choice: &Choice, output: Output) -> Result<(), Failure> {
    let records = records(log, output)?;
    let query = query(choice);
    let found: Vec<&Record> = query.find(&records).collect();
    if output.json {
        let lines = found.iter().map(|record| to_json(record)).collect::<Result<Vec<_>, _>>()?;
        return Ok(output.print_json(&json!({ "log": log.display().to_string(), "records": lines }))?);
    }
    let count = text::found(output.lang, found.len(), records.len());
    let rows = if found.is_empty() { String::new() } else { list(&found, output) };
    Ok(output.print(&format!("{rows}{count}\n"))?)
}

/// The record as its line says it.
fn to_json(record: &Record) -> Result<Value, Failure> {
    let line = record.to_line().map_err(tegata_audit::AuditError::Line)?;
    Ok(serde_json::from_str(&line).map_err(std::io::Error::from)?)
}

/// One line for each record, its details in the line below: a table would tear long details into many lines. Everything
/// that is aligned is ASCII by its grammar.
fn list(records: &[&Record], output: Output) -> String {
    let cells = |record: &Record| -> [String; 5] {
        let time = instant(record.time);
        [record.seq.to_string(), time, record.class.to_string(), record.name.clone(), record.actor.to_string()]
    };
    let mut widths = [0; 5];
    for record in records {
        for (width, cell) in widths.iter_mut().zip(cells(record)) {
            *width = cell.len().max(*width);
        }
    }
    records.iter().map(|record| describe(record, &cells(record), &widths, output)).collect()
}

fn describe(record: &Record, cells: &[String; 5], widths: &[usize; 5], output: Output) -> String {
    let style = output.style;
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    let line = padded.collect::<Vec<_>>().join("  ");
    let result = match record.outcome {
        Outcome::Success => style.good(record.outcome.id()),
        Outcome::Refused => style.doubtful(record.outcome.id()),
        Outcome::Failed => style.bad(record.outcome.id()),
    };
    let objects = record.objects.iter().map(|object| format!("{}={}", object.name, hex::encode(object.sha256)));
    let details = record.detail.iter().map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key}={text}"),
        None => format!("{key}={value}"),
    });
    let details = objects.chain(details).collect::<Vec<_>>().join(" ");
    let details = if details.is_empty() { details } else { format!("      {}\n", style.faint(&clean(&details))) };
    format!(" {line}  {result}\n{details}")
}

fn compare(args: &Reconcile, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let work = read_work(&load::text(&args.work)?).map_err(|error| {
        Failure::new(Kind::Usage, error.id(), error, [error.remedy(), error.remedy_ja()]).about(&args.work)
    })?;
    let records = records(&args.log, output)?;
    let query = query(&args.choice);
    let result = reconcile(query.find(&records), &work, Duration::minutes(args.tolerance.into()));
    if output.json {
        let matched: Vec<_> = result
            .matched
            .iter()
            .map(|(entry, record)| json!({ "reference": entry.reference, "seq": record.seq }))
            .collect();
        let missing: Vec<_> = result.missing.iter().map(|entry| entry.reference.as_str()).collect();
        let extra = result.extra.iter().map(|record| to_json(record)).collect::<Result<Vec<_>, _>>()?;
        output.print_json(&json!({ "matched": matched, "missing": missing, "extra": extra }))?;
    } else {
        let mut said = output.style.good(&text::agree(lang, result.matched.len())) + "\n";
        if !result.missing.is_empty() {
            said += &format!("{}\n", output.style.bad(&text::missing(lang, result.missing.len())));
            let header = [text::reference(lang), text::time(lang), text::event(lang), text::actor(lang)];
            let rows = result.missing.iter().map(|entry| {
                [entry.reference.clone(), instant(entry.time), entry.event.clone(), entry.actor.to_string()]
                    .map(|cell| (cell, Tone::Plain))
                    .into()
            });
            said += &table(&output, &header, &rows.collect::<Vec<_>>());
        }
        if !result.extra.is_empty() {
            said += &format!("{}\n", output.style.bad(&text::extra(lang, result.extra.len())));
            said += &list(&result.extra, output);
        }
        output.print(&said)?;
    }
    if result.is_clean() {
        return Ok(());
    }
    let remedy = [
        "clear up each difference with the persons named, and note the result in the work record",
        "相違のそれぞれを担当者に確認し、結果を作業記録に記載してください",
    ];
    let (missing, extra) = (result.missing.len(), result.extra.len());
    let message = format!("log and work record differ: {missing} missing, {extra} extra");
    Err(Failure::new(Kind::Unverified, "work-record-differs", message, remedy))
}

fn checkpoint(out: Option<&Path>, global: &Global, output: Output) -> Result<(), Failure> {
    let (home, authority) = open_for_change(global)?;
    drop(authority);
    let (origin, key) = (home.origin()?, home.checkpoint_key()?);
    let log = record(&home, global, event("checkpoint-signed", program()?)?)?;
    let checkpoint = log.checkpoint(&origin, &key);
    if let Some(out) = out {
        let written = write_output(out, checkpoint.as_str().as_bytes(), false);
        written.map_err(|fault| Failure::unwritable(out, fault))?;
    }
    if output.json {
        let value = json!({
            "origin": origin.as_str(),
            "size": log.len(),
            "root": hex::encode(log.root()),
            "checkpoint": checkpoint.as_str(),
            "written": out.map(|out| out.display().to_string()),
        });
        return Ok(output.print_json(&value)?);
    }
    output.print(checkpoint.as_str())?;
    if let Some(out) = out {
        output.note(&text::written(output.lang, out.display()));
    }
    Ok(())
}
