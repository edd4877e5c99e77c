//! `tegata-root ceremony run` and `resume`: a real ceremony, led at the terminal.

use std::path::Path;

use serde_json::Map;
use tegata_audit::Log;
use tegata_ceremony::{Script, Site, check};
use tegata_terminal::Output;

use super::rules;
use crate::args::Global;
use crate::args::lead::{Media, Resume, Run};
use crate::ceremony::{Ceremony, Ending, Exchange, Parts, Performer, Since, Terminal, lead, resume};
use crate::command::require_cut_off;
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::machine::{Clock, program_digest};

/// Files of a ceremony's folder.
const FILES: [&str; 3] = ["script.toml", "site.toml", "record.jsonl"];

/// Leads through a ceremony from its beginning.
pub(crate) fn run(args: &Run, global: &Global, output: Output) -> Result<(), Failure> {
    let (script, site) = (read(&args.script)?, read(&args.site)?);
    let parsed = Site::parse(&site)?;
    let home = Home::at(&global.root);
    let folder = home.file("ceremonies").join(parsed.ceremony().as_str());
    // A folder without a line of record is one of a ceremony that could not begin: a full medium, for example.
    let [script_name, site_name, record_name] = FILES.map(|name| folder.join(name));
    if std::fs::metadata(&record_name).is_ok_and(|record| record.len() > 0) {
        let remedy = [
            "take it up again with `ceremony resume`, or give the ceremony a number of its own",
            "ceremony resumeで再開するか、別の番号を付けてください",
        ];
        let message = "this ceremony was begun before";
        return Err(Failure::new(Kind::Refused, "ceremony-begun-before", message, remedy).about(&folder));
    }
    // Nothing is begun that cannot start.
    may_lead(&home, global)?;
    let procedure = Script::parse(&script)?;
    let rules = rules::of(&home.policy()?, procedure.kind())?;
    let findings = check(&procedure, &parsed, &rules, &home.previous()?);
    let errors: Vec<_> = findings.into_iter().filter(tegata_ceremony::Finding::is_error).collect();
    if !errors.is_empty() {
        return Err(tegata_ceremony::RunError::Unready(errors).into());
    }
    std::fs::create_dir_all(&folder).map_err(|error| Failure::unreadable(&folder, &error))?;
    for (file, bytes) in [(script_name, &script), (site_name, &site)] {
        tegata_terminal::write_output(&file, bytes, true).map_err(|fault| Failure::unwritable(&file, fault))?;
    }
    go(&folder, &args.media, global, output, false)
}

/// Takes a ceremony up again.
pub(crate) fn take_up(args: &Resume, global: &Global, output: Output) -> Result<(), Failure> {
    go(&args.folder, &args.media, global, output, true)
}

fn go(folder: &Path, media: &Media, global: &Global, output: Output, again: bool) -> Result<(), Failure> {
    let [script_file, site_file, record_file] = FILES.map(|name| folder.join(name));
    let (script, site) = (Script::parse(&read(&script_file)?)?, Site::parse(&read(&site_file)?)?);
    let home = Home::at(&global.root);
    let rules = rules::of(&home.policy()?, script.kind())?;
    let clock = Clock::Machine;
    let now = clock.now();
    let network = may_lead(&home, global)?;
    let authority = home.open(&global.terminal, now)?;
    let record = Log::open(&record_file, &global.terminal)?;
    let since = if again { Since::read(folder)? } else { Since::begin(&home, &authority, site.ceremony().as_str())? };
    let mut performer = Performer::new(Parts {
        home: &home,
        authority,
        script: &script,
        site: &site,
        desk: Terminal::new(&home, output, clock),
        exchange: Exchange {
            request: media.request.clone(),
            carrier: media.carrier.clone(),
            next_ceremony: media.next,
        },
        timeouts: media.timeouts(),
        since,
        sandbox: global.sandbox,
    });
    let mut environment = Map::new();
    environment.insert("sandbox".into(), global.sandbox.into());
    environment.insert("software-token".into(), (site.token().module == "embedded").into());
    environment.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    environment.insert("program".into(), hex::encode(program_digest()?).into());
    environment.insert("network".into(), network.into());
    let ceremony = Ceremony { script: &script, site: &site, rules: &rules, home: &home, clock, environment, record };
    let ending = if again { resume(ceremony, &mut performer) } else { lead(ceremony, &mut performer) }?;
    let lang = output.lang;
    let text = match ending {
        Ending::Ended => lang.pick("The ceremony has ended. Record:", "セレモニーは終了しました。記録:"),
        Ending::Stopped => lang.pick(
            "Stopped; take it up again with `ceremony resume`. Record:",
            "中断しました。ceremony resumeで再開できます。記録:",
        ),
    };
    output.print(&format!("{text} {}\n", record_file.display()))?;
    Ok(())
}

/// A root for practice is led with --sandbox, one for production without it and on a machine that is cut off. Gives what the
/// record says about the network.
fn may_lead(home: &Home, global: &Global) -> Result<String, Failure> {
    let practice = tegata_root_ca::State::open(&home.file("state.sqlite"))?.is_sandbox()?;
    if practice != global.sandbox {
        let remedy = [
            "a root is for practice or for production, for good: give --sandbox exactly for the former",
            "練習用ルートの場合のみ--sandboxを付けてください",
        ];
        let message = if practice { "this root is for practice" } else { "this root is for production" };
        return Err(Failure::new(Kind::Refused, "sandbox-differs", message, remedy));
    }
    require_cut_off(global)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))
}
