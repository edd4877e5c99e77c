//! The loop that leads through a ceremony.

use tegata_audit::{Log, Outcome};
use tegata_ceremony::{
    Action, ActionError, Order, PersonId, Previous, Prompt, Rules, Run, RunError, Script, SeatId, Setup, Site, Stage,
};
use tegata_terminal::Lang;
use time::UtcDateTime;

use super::desk::{Decision, Desk};
use super::performer::{Performer, REQUEST};
use crate::failure::{Failure, Kind};
use crate::home::Home;
use crate::machine::Clock;

/// A ceremony: its two files, its rules, and its record.
pub(crate) struct Ceremony<'a> {
    pub(crate) script: &'a Script,
    pub(crate) site: &'a Site,
    pub(crate) rules: &'a Rules,
    pub(crate) home: &'a Home,
    pub(crate) clock: Clock,
    /// Facts for the record: version and hash of the program, sandbox, software token.
    pub(crate) environment: serde_json::Map<String, serde_json::Value>,
    pub(crate) record: Log,
}

/// How a ceremony ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The record has ended.
    Ended,
    /// It was stopped and can be taken up again.
    Stopped,
}

/// Starts a ceremony and leads through it.
pub(crate) fn lead<D: Desk>(ceremony: Ceremony<'_>, performer: &mut Performer<'_, D>) -> Result<Ending, Failure> {
    let Ceremony { script, site, rules, home, clock, environment, record } = ceremony;
    let setup = Setup { script, site, rules, previous: home.previous()?, environment };
    let run = Run::start(&setup, record, clock.now())?;
    go(run, performer, home, clock)
}

/// Takes a ceremony up again where its record stops.
pub(crate) fn resume<D: Desk>(ceremony: Ceremony<'_>, performer: &mut Performer<'_, D>) -> Result<Ending, Failure> {
    let Ceremony { script, rules, home, clock, record, .. } = ceremony;
    let bytes = std::fs::read(record.path()).map_err(|error| Failure::unreadable(record.path(), &error))?;
    let mut run = Run::resume(script, rules, &bytes, record, clock.now())?;
    performer.set_imported(imported(&bytes));
    if run.needs_reopening() {
        reactivate(&mut run, performer, clock)?;
    }
    go(run, performer, home, clock)
}

/// Somebody doubted something before a step began.
fn said_stop() -> RunError {
    RunError::Action(ActionError::new("stop", "somebody said stop"))
}

/// The request that was imported and compared, as far as a record goes.
fn imported(record: &[u8]) -> Option<[u8; 32]> {
    let records = tegata_audit::read(record).unwrap_or_default();
    let imports = |line: &&tegata_audit::Record| {
        let action = line.detail.get("action").and_then(|action| action.as_str());
        line.name == "action" && line.outcome == Outcome::Success && action == Some(Action::ImportRequest.name())
    };
    let last = records.iter().rfind(imports)?;
    last.objects.iter().find(|object| object.name == REQUEST).map(|object| object.sha256)
}

/// The activation ended with the process, or has expired. The quorum comes together again before anything goes on, and the
/// record says who, when, and which token it was.
fn reactivate<D: Desk>(run: &mut Run<'_, Log>, performer: &mut Performer<'_, D>, clock: Clock) -> Result<(), Failure> {
    performer.begin_activation(clock.now())?;
    let mut candidates = performer.holders_at_the_table();
    let mut present = Vec::new();
    while let missing @ 1.. = performer.holders_missing(clock.now()) {
        let credential = performer.desk().authenticate(&candidates, missing, clock.now())?;
        performer.add_share(&credential, clock.now())?;
        candidates.retain(|person| person.as_str() != credential.person().as_str());
        present.push(credential);
    }
    let (token, serial) = performer.reopen(clock.now())?;
    let now = clock.now();
    let mut signatures = Vec::new();
    for credential in &present {
        let seat = performer.seat_of(credential.person().as_str())?;
        let statement = run.reopening_statement(&token, &serial, &seat, now).ok_or_else(|| not_asked(&seat))?;
        signatures.push((seat, super::people::sign(credential, &statement)?));
    }
    Ok(run.reopened(&token, &serial, signatures, now)?)
}

fn go<D: Desk>(
    mut run: Run<'_, Log>,
    performer: &mut Performer<'_, D>,
    home: &Home,
    clock: Clock,
) -> Result<Ending, Failure> {
    loop {
        let now = clock.now();
        let prompt = run.next(now);
        let done = match prompt.stage {
            Stage::Begin | Stage::BeginAgain if performer.desk().step(&prompt)? => run.begin(clock.now()),
            Stage::Begin | Stage::BeginAgain => Err(said_stop()),
            Stage::Authenticate => authenticate(&mut run, &prompt, performer, clock)?,
            Stage::Act => {
                performer.expect(&prompt, run.listed_targets());
                let done = run.perform(performer, clock.now());
                if done.is_ok() {
                    let facts = performer.take_facts();
                    performer.desk().outcome(&prompt, &facts)?;
                }
                done
            }
            Stage::SignOff | Stage::Close => sign_off(&mut run, &prompt, performer, clock)?,
            Stage::Clock => {
                let offset = performer.final_clock_offset(now)?;
                run.compare_clock(offset, clock.now())
            }
            Stage::Finish => {
                let previous: Previous = run.finish(clock.now())?;
                home.set_previous(&previous)?;
                return Ok(Ending::Ended);
            }
            Stage::Ended => return Ok(Ending::Ended),
        };
        let Err(error) = done else { continue };
        if settle(&mut run, &prompt, error, performer, clock)? == Ending::Stopped {
            return Ok(Ending::Stopped);
        }
    }
}

/// Something was refused or failed: the people try again, stop, or the CA manager orders a deviation.
fn settle<D: Desk>(
    run: &mut Run<'_, Log>,
    prompt: &Prompt<'_>,
    mut error: RunError,
    performer: &mut Performer<'_, D>,
    clock: Clock,
) -> Result<Ending, Failure> {
    loop {
        match performer.desk().decide(prompt, &error)? {
            Decision::Stop => return Ok(Ending::Stopped),
            Decision::Retry => {
                let needs_key = prompt.step.is_some_and(|step| step.action.needs_open_module());
                if prompt.stage == Stage::Act && needs_key && performer.is_inactive(clock.now()) {
                    reactivate(run, performer, clock)?;
                }
                return Ok(Ending::Ended);
            }
            Decision::Deviate { effect, seat, reason } => {
                let now = clock.now();
                let Some(statement) = run.order_statement(effect, &reason, &seat, now) else { continue };
                let sign_off = performer.desk().sign(&statement, now)?;
                match run.deviate(Order { effect, reason, seat, sign_off }, now) {
                    Ok(()) => return Ok(Ending::Ended),
                    Err(refused) => error = refused,
                }
            }
        }
    }
}

/// One person shows both factors; for an activation he gives his part too.
fn authenticate<D: Desk>(
    run: &mut Run<'_, Log>,
    prompt: &Prompt<'_>,
    performer: &mut Performer<'_, D>,
    clock: Clock,
) -> Result<Result<(), RunError>, Failure> {
    let activates = prompt.step.is_some_and(|step| step.action == Action::Activate);
    if activates {
        performer.begin_activation(clock.now())?;
    }
    let candidates: Vec<PersonId> = prompt.candidates.iter().cloned().collect();
    let credential = performer.desk().authenticate(&candidates, prompt.authentications_missing, clock.now())?;
    let now = clock.now();
    if activates && let Err(failure) = performer.add_share(&credential, now) {
        return Ok(Err(RunError::Action(failure.into())));
    }
    let seat = performer.seat_of(credential.person().as_str())?;
    let statement = run.statement(&seat, now).ok_or_else(|| not_asked(&seat))?;
    let sign_off = super::people::sign(&credential, &statement)?;
    Ok(run.sign_off(&seat, sign_off, now))
}

/// The next person in the order of the duties signs.
fn sign_off<D: Desk>(
    run: &mut Run<'_, Log>,
    prompt: &Prompt<'_>,
    performer: &mut Performer<'_, D>,
    clock: Clock,
) -> Result<Result<(), RunError>, Failure> {
    let Some(duty) = prompt.duties.iter().find(|duty| !duty.done) else { return Ok(Ok(())) };
    let now: UtcDateTime = clock.now();
    let statement = run.statement(&duty.seat, now).ok_or_else(|| not_asked(&duty.seat))?;
    let sign_off = performer.desk().sign(&statement, now)?;
    Ok(run.sign_off(&duty.seat, sign_off, now))
}

fn not_asked(seat: &SeatId) -> Failure {
    let remedy =
        ["report this: the engine asks for a seat that has no duty", "プログラムの不具合です。報告してください"];
    Failure::new(Kind::Machine, "seat-not-asked", format!("nothing is asked of {seat}"), remedy)
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let remedy = [Lang::En, Lang::Ja].map(|lang| crate::message::advice::of_run(&error, lang));
        Self::new(Kind::Refused, error.id(), &error, [&remedy[0], &remedy[1]])
    }
}
