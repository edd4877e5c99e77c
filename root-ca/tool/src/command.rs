//! The commands, one module each, and the one place where it is decided whether a command may change a root.

mod audit;
mod ceremony;
mod close_intent;
mod copy;
mod crl;
mod incident;
mod init;
mod order;
mod parts;
mod person;
mod pin_online;
mod policy;
mod rollover;
mod status;
mod withdraw_request;

use tegata_audit::{Actor, Class, Event, Log, Outcome};
use tegata_root_ca::{Authority, Policy};
use tegata_terminal::Output;
use time::UtcDateTime;

use crate::args::{Cli, Command, Global};
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::load;
use crate::machine::Clock;
use crate::network::check_cut_off;

/// Runs a command.
pub(crate) fn run(cli: &Cli, output: Output) -> Result<(), Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::run(args, global, output),
        Command::Status => status::run(global, output),
        Command::Policy(args) => policy::run(args, global, output),
        Command::Rollover(args) => rollover::run(args, global, output),
        Command::PinOnline(args) => pin_online::run(args, global, output),
        Command::Crl(args) => crl::run(args, global, output),
        Command::CloseIntent(args) => close_intent::run(args, global, output),
        Command::Parts(args) => parts::run(args, global, output),
        Command::WithdrawRequest(args) => withdraw_request::run(args, global, output),
        Command::Incident(args) => incident::run(args, global, output),
        Command::Copy(args) => copy::run(args, global, output),
        Command::Person(args) => person::run(args, global, output),
        Command::Ceremony(args) => ceremony::run(args, global, output),
        Command::Audit(args) => audit::run(args, global, output),
    }
}

/// Now, by the machine's clock.
fn now() -> UtcDateTime {
    Clock::Machine.now()
}

/// Refuses to work for production on a machine that is not known to be cut off from every network. Returns what stands in
/// the log about it.
pub(crate) fn require_cut_off(global: &Global) -> Result<String, Failure> {
    match check_cut_off() {
        Ok(()) => Ok("cut-off".to_owned()),
        Err(fault) if global.sandbox => Ok(fault.to_string()),
        Err(fault) => {
            let remedy = [
                "take every network cable and radio out of this machine; for practice give --sandbox",
                "この端末からすべてのネットワークを取り外してください。練習の場合は--sandboxを付けてください",
            ];
            Err(Failure::new(Kind::Refused, "network-up", fault, remedy))
        }
    }
}

/// The folder of a root that is there.
fn home(global: &Global) -> Result<Home, Failure> {
    let home = Home::at(&global.root);
    if home.file("state.sqlite").is_file() {
        return Ok(home);
    }
    let remedy = [
        "name the folder of the root by --root, or make one: tegata-root init --policy …",
        "--rootでルートのフォルダーを指定するか、tegata-root init --policy …で作成してください",
    ];
    Err(Failure::new(Kind::Usage, "no-root", "there is no root in this folder", remedy).about(&global.root))
}

/// Opens a root to look at it.
fn open(global: &Global) -> Result<(Home, Authority), Failure> {
    let home = home(global)?;
    let authority = home.open(&global.terminal, now())?;
    Ok((home, authority))
}

/// Opens a root to change it: the machine must be cut off, and practice is not mixed with production.
fn open_for_change(global: &Global) -> Result<(Home, Authority), Failure> {
    let home = home(global)?;
    require_cut_off(global)?;
    let authority = home.open(&global.terminal, now())?;
    let practice = authority.state().is_sandbox()?;
    if practice == global.sandbox {
        return Ok((home, authority));
    }
    let remedy = [
        "a root is for practice or for production, for good: give --sandbox exactly for the former",
        "ルートは作成時から練習用か本番用のいずれかです。練習用の場合にのみ--sandboxを付けてください",
    ];
    let message = if practice { "this root is for practice" } else { "this root is for production" };
    Err(Failure::new(Kind::Refused, "sandbox-differs", message, remedy).about(home.folder()))
}

/// Who acts where no person is named.
fn program() -> Result<Actor, Failure> {
    Ok(Actor::new("tegata-root")?)
}

/// An event about the system and its ledgers that succeeded.
fn event(name: &str, actor: Actor) -> Result<Event, Failure> {
    Ok(Event::new(Class::SystemAccess, name, Outcome::Success, actor)?)
}

/// Brings an event to the log of a root that no authority has open, and returns the log.
fn record(home: &Home, global: &Global, event: Event) -> Result<Log, Failure> {
    let mut log = Log::open(&home.file("audit.jsonl"), &global.terminal)?;
    let last = log.last_time();
    let at = last.map_or_else(now, |last| last.max(now()));
    if let Some(torn) = log.torn() {
        let torn = torn.event(program()?)?;
        log.append(torn, at)?;
    }
    log.append(event, at)?;
    Ok(log)
}

/// The policy of that name, else the root's.
fn policy_or_root(name: Option<&str>, global: &Global) -> Result<Policy, Failure> {
    match name {
        Some(name) => load::policy(name),
        None if Home::at(&global.root).file("policy.toml").is_file() => Home::at(&global.root).policy(),
        None => {
            let remedy = [
                "name a policy: iso-18013-5, jp-004, or a file; or the folder of the root by --root",
                "iso-18013-5、jp-004またはファイルでポリシーを指定するか、--rootでルートのフォルダーを指定してください",
            ];
            let message = "there is no root in this folder whose policy could be taken";
            Err(Failure::new(Kind::Usage, "policy-needed", message, remedy).about(&global.root))
        }
    }
}
