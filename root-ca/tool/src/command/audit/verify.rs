//! `tegata-root audit verify`.

use serde_json::{Value, json};
use tegata_audit::{Checkpoint, CheckpointVerifier, Fault, Verified, read, verify_parts};
use tegata_terminal::Output;

use super::unsound;
use crate::args::Global;
use crate::args::audit::Verify;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::load;
use crate::message::audit as text;

pub(super) fn run(args: &Verify, global: &Global, output: Output) -> Result<(), Failure> {
    let logs = args.logs.iter().map(|log| load::bytes(log)).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
    let checkpoints = args.checkpoints.iter().map(|file| {
        Checkpoint::parse(&load::text(file)?).map_err(|error| {
            let remedy = [error.remedy(), error.remedy_ja()];
            Failure::new(Kind::Usage, error.id(), &error, remedy).about(file)
        })
    });
    let checkpoints = checkpoints.collect::<Result<Vec<_>, _>>()?;
    let verified = match verifier(args, global)? {
        Some(verifier) => verify_parts(&parts, &checkpoints, &verifier),
        None if checkpoints.is_empty() => Err(without_checkpoint(&parts)),
        None => {
            let remedy = [
                "give the public half of the checkpoint key by --key: checkpoint.pub of the root",
                "--keyでチェックポイント鍵の公開部（ルートのcheckpoint.pub）を指定してください",
            ];
            return Err(Failure::new(
                Kind::Usage,
                "checkpoint-key-needed",
                "there is no key to verify checkpoints with",
                remedy,
            ));
        }
    };
    match verified {
        Ok(verified) => sound(&verified, output),
        Err(faults) => {
            report(&faults, output)?;
            let failure = unsound(&faults);
            Err(args.logs.last().map_or_else(|| unsound(&faults), |log| failure.about(log)))
        }
    }
}

/// The verifier that is named, else the root's.
fn verifier(args: &Verify, global: &Global) -> Result<Option<CheckpointVerifier>, Failure> {
    let own = Home::at(&global.root).file("checkpoint.pub");
    let file = match &args.key {
        Some(file) => file.clone(),
        None if own.is_file() => own,
        None => return Ok(None),
    };
    let parsed = CheckpointVerifier::parse(load::text(&file)?.trim_end());
    parsed.map(Some).map_err(|error| {
        let remedy = [error.remedy(), error.remedy_ja()];
        Failure::new(Kind::Usage, error.id(), &error, remedy).about(&file)
    })
}

/// Without a key and without a checkpoint the chain of each part is still looked at, so that an altered line is named.
fn without_checkpoint(parts: &[&[u8]]) -> Vec<Fault> {
    let single = parts.len() == 1;
    let mut faults = Vec::new();
    for (part, bytes) in parts.iter().enumerate() {
        let found = read(bytes).err().unwrap_or_default().into_iter();
        faults.extend(found.map(|fault| if single { fault } else { Fault::InPart { part, fault: Box::new(fault) } }));
    }
    faults.push(Fault::NoCheckpoint);
    faults
}

fn sound(verified: &Verified, output: Output) -> Result<(), Failure> {
    let (head, root) = (hex::encode(verified.head), hex::encode(verified.root));
    if output.json {
        let value = json!({
            "records": verified.size,
            "signed": verified.signed,
            "archived": verified.archived,
            "head": head,
            "root": root,
            "faults": [],
        });
        return Ok(output.print_json(&value)?);
    }
    let lang = output.lang;
    let mut said = output.style.good(&text::sound(lang, verified.size, verified.signed)) + "\n";
    if verified.signed < verified.size {
        let rest = text::unsigned(lang, verified.size - verified.signed);
        said += &format!("{}\n", output.style.doubtful(&rest));
    }
    said += &format!("{}  {head}\n{}  {root}\n", text::head(lang), text::root(lang));
    Ok(output.print(&said)?)
}

/// Every fault with its line, what it means and what to do.
pub(super) fn report(faults: &[Fault], output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    if output.json {
        let faults: Vec<Value> = faults
            .iter()
            .map(|fault| {
                let remedy = lang.pick(fault.remedy(), fault.remedy_ja());
                json!({ "id": fault.id(), "line": fault.line(), "message": fault.to_string(), "remedy": remedy })
            })
            .collect();
        return Ok(output.print_json(&json!({ "faults": faults }))?);
    }
    let mut said = output.style.bad(&text::faults(lang, faults.len())) + "\n";
    for fault in faults {
        let place = fault.line().map_or_else(|| text::whole(lang), |line| text::line(lang, line));
        let remedy = lang.pick(fault.remedy(), fault.remedy_ja());
        said += &format!("{}  {}\n  {fault}\n", output.style.title(&place), output.style.bad(fault.id()));
        said += &format!("  {}: {remedy}\n", output.style.faint(&text::remedy(lang)));
    }
    Ok(output.print(&said)?)
}
