//! `tegata-root ceremony rehearse`: the same script on the embedded token, by a cast of its own.

use std::path::{Path, PathBuf};

use serde_json::{Map, json};
use tegata_audit::Log;
use tegata_ceremony::{Kind, Role, Script, Site, verify};
use tegata_hsm::CallTimeouts;
use tegata_root_ca::Policy;
use tegata_terminal::{Output, Progress, Tone, table};
use time::UtcDateTime;

use super::{rules, scripts};
use crate::args::Global;
use crate::args::lead::Rehearse;
use crate::ceremony::{
    Cast, Ceremony, Exchange, Parts, Performer, Rehearsal, Since, Wish, lead, rehearsal_id, write_request,
};
use crate::failure::{Failure, Kind as FailureKind};
use crate::home::Home;
use crate::machine::{Clock, program_digest};

pub(crate) fn run(args: &Rehearse, global: &Global, output: Output) -> Result<(), Failure> {
    if !global.sandbox {
        let remedy = [
            "give --sandbox: a rehearsal uses software keys, and its record says so",
            "--sandboxを付けてください。リハーサルはソフトウェア鍵を使い、記録にもその旨が残ります",
        ];
        let message = "a rehearsal is for practice only";
        return Err(Failure::new(FailureKind::Usage, "rehearsal-is-sandbox", message, remedy));
    }
    let bytes = script_bytes(&args.script)?;
    let script = Script::parse(&bytes)?;
    let clock = args.at.map_or(Clock::Machine, Clock::starting_at);
    let now = clock.now();
    let home = open_home(args, global, now)?;
    let policy = home.policy()?;
    let rules = rules::of(&policy, script.kind())?;

    let id = rehearsal_id(&script);
    let folder = home.file("ceremonies").join(&id);
    std::fs::create_dir_all(&folder).map_err(|error| Failure::unreadable(&folder, &error))?;
    let cast = Cast::assemble(&home, &script, &rules, now)?;
    let site_text = cast.site(&script, &id, now)?;
    let site = Site::parse(site_text.as_bytes())?;
    home.write(Path::new("ceremonies").join(&id).join("script.toml"), &bytes, false)?;
    home.write(Path::new("ceremonies").join(&id).join("site.toml"), site_text.as_bytes(), false)?;

    let record_file = folder.join("record.jsonl");
    let steps = u64::try_from(script.steps().len()).unwrap_or(u64::MAX);
    let progress = Progress::new(output, steps);
    let authority = home.open(&global.terminal, now)?;
    let request = match &args.request {
        Some(file) => file.clone(),
        None => {
            let wish = if script.kind() == Kind::EmergencyRevoke { Wish::Revocation } else { Wish::Signers };
            let manager = manager(&script, &site);
            write_request(&home, &authority, wish, &manager, now)?
        }
    };
    let since = Since::begin(&home, &authority, &id)?;
    let carrier = home.file("carrier");
    std::fs::create_dir_all(&carrier).map_err(|error| Failure::unreadable(&carrier, &error))?;
    let next_ceremony = args.next.unwrap_or_else(|| policy.document_signer.cadence.after(now));
    let mut performer = Performer::new(Parts {
        home: &home,
        authority,
        script: &script,
        site: &site,
        desk: Rehearsal::new(cast, &progress, output.lang),
        exchange: Exchange { request: Some(request), carrier, next_ceremony },
        timeouts: CallTimeouts::default(),
        since,
        sandbox: true,
    });
    let mut environment = Map::new();
    environment.insert("sandbox".into(), true.into());
    environment.insert("software-token".into(), true.into());
    environment.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    environment.insert("program".into(), hex::encode(program_digest()?).into());
    let record = Log::open(&record_file, &global.terminal)?;
    let previous = home.previous()?;
    let ceremony = Ceremony { script: &script, site: &site, rules: &rules, home: &home, clock, environment, record };
    lead(ceremony, &mut performer)?;
    drop(performer);
    drop(progress);

    let record = std::fs::read(&record_file).map_err(|error| Failure::unreadable(&record_file, &error))?;
    let violations = verify(&record, &script, Some(&site), Some(&previous), &rules);
    if let Some(first) = violations.first() {
        let remedy =
            ["report this: the engine let through what the verifier names", "プログラムの不具合です。報告してください"];
        return Err(Failure::new(FailureKind::Unverified, first.id(), first, remedy).about(&record_file));
    }
    report(&home, &folder, output)
}

/// A shipped script by the name of its kind, or a file.
fn script_bytes(name: &str) -> Result<Vec<u8>, Failure> {
    if let Some(text) = scripts::shipped(name) {
        return Ok(text.as_bytes().to_vec());
    }
    std::fs::read(name).map_err(|error| Failure::unreadable(Path::new(name), &error))
}

/// The root of the rehearsal; made the first time.
fn open_home(args: &Rehearse, global: &Global, now: UtcDateTime) -> Result<Home, Failure> {
    let home = Home::at(&global.root);
    if home.file("state.sqlite").exists() {
        return Ok(home);
    }
    let policy = match Policy::built_in(&args.policy) {
        Some(policy) => policy,
        None => {
            let file = PathBuf::from(&args.policy);
            let text = std::fs::read_to_string(&file).map_err(|error| Failure::unreadable(&file, &error))?;
            Policy::from_toml(&text)?
        }
    };
    let home = Home::create(&global.root, &policy, true, now)?;
    if let Some(file) = &args.online {
        let text = std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))?;
        home.write("online.pem", &text, false)?;
        home.online_key()?;
    }
    Ok(home)
}

fn manager(script: &Script, site: &Site) -> String {
    let seat = script.seats_of(Role::CaManager).next();
    seat.and_then(|seat| site.roster().get(seat)).map(ToString::to_string).unwrap_or_default()
}

fn report(home: &Home, folder: &Path, output: Output) -> Result<(), Failure> {
    let files = ["record.jsonl", "script.toml", "site.toml", "response.bundle"];
    let files: Vec<PathBuf> = files.iter().map(|name| folder.join(name)).filter(|file| file.exists()).collect();
    if output.json {
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let value = json!({
            "root": home.folder().display().to_string(),
            "ceremony": folder.display().to_string(),
            "files": files,
            "violations": [],
        });
        return Ok(output.print_json(&value)?);
    }
    let lang = output.lang;
    let header = [lang.pick("file", "ファイル").to_owned()];
    let rows: Vec<_> = files.iter().map(|file| vec![(file.display().to_string(), Tone::Plain)]).collect();
    let good = output.style.good(
        lang.pick("The ceremony is complete, and its record verifies.", "セレモニーは完了し、記録は検証されました。"),
    );
    output.print(&format!("{good}\n{}", table(&output, &header, &rows)))?;
    Ok(())
}
