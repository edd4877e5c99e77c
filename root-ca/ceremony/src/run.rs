//! The engine that leads through a ceremony.
//!
//! It performs no I/O of its own: events go to a [`Recorder`], what the computer does is an [`Actions`], signatures and
//! time are arguments. The caller asks [`Run::next`] what to show, and answers with one of
//!
//! | stage | answer |
//! |---|---|
//! | [`Stage::Begin`], [`Stage::BeginAgain`] | [`Run::begin`] |
//! | [`Stage::Authenticate`] | [`Run::statement`], signed, to [`Run::sign_off`] |
//! | [`Stage::Act`] | [`Run::perform`] |
//! | [`Stage::SignOff`], [`Stage::Close`] | [`Run::statement`], signed, to [`Run::sign_off`] |
//! | [`Stage::Clock`] | [`Run::compare_clock`] |
//! | [`Stage::Finish`] | [`Run::finish`] |
//!
//! or, at any time, with an order of the CA manager ([`Run::order_statement`], [`Run::deviate`]). An answer that a rule
//! forbids is refused and leaves the state as it was; an outcome that is refused (a bag with another serial) is recorded as
//! refused.

mod error;
mod prompt;

use serde_json::{Map, Value};
use tegata_audit::{AuditError, Event, Log, Record};
use time::UtcDateTime;

pub use self::error::RunError;
pub use self::prompt::{Prompt, Stage};
use crate::{
    breach::Breach,
    check::{self, Finding},
    encoding::whole_second,
    entry::{
        BagEvent, Deviation, Effect, Entry, Line, Reopening, RosterApproval, Signed, Start, order_digest,
        reopening_digest,
    },
    ids::{SeatId, StepId},
    inventory::Previous,
    outcome::{ActionError, ActionOutcome, Actions, KeyTarget},
    role::Mark,
    rules::Rules,
    script::{Script, Step},
    site::Site,
    state::{At, Module, State},
    statement::{SignOff, Statement},
};

/// Where a ceremony is recorded: the audit log of the ceremony, a file of its own.
pub trait Recorder {
    /// Appends an event and makes it durable.
    ///
    /// # Errors
    /// [`AuditError`]; then nothing was recorded.
    fn append(&mut self, event: Event, time: UtcDateTime) -> Result<Record, AuditError>;

    /// The head of the hash chain: what the next record names as `prev`.
    fn head(&self) -> [u8; 32];
}

impl Recorder for Log {
    fn append(&mut self, event: Event, time: UtcDateTime) -> Result<Record, AuditError> {
        Log::append(self, event, time)
    }

    fn head(&self) -> [u8; 32] {
        Log::head(self)
    }
}

/// What a ceremony starts from.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// The public procedure.
    pub script: &'a Script,
    /// The private half.
    pub site: &'a Site,
    /// The rules of the policy.
    pub rules: &'a Rules,
    /// What the last ceremony left behind.
    pub previous: Previous,
    /// Facts about the program and the machine for the record, such as version, image digest, `sandbox: true`.
    pub environment: Map<String, Value>,
}

/// An order of the CA manager to deviate from the procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What is ordered.
    pub effect: Effect,
    /// Why; for the private record.
    pub reason: String,
    /// The CA manager's seat.
    pub seat: SeatId,
    /// Over [`Run::order_statement`].
    pub sign_off: SignOff,
}

/// A ceremony under way.
#[derive(Debug)]
pub struct Run<'a, R> {
    state: State<'a>,
    recorder: R,
}

impl<'a, R: Recorder> Run<'a, R> {
    /// Starts a ceremony on an empty record.
    ///
    /// # Errors
    /// [`RunError::Unready`] with everything that [`check()`](crate::check()) says against it, [`RunError::Audit`].
    pub fn start(setup: &Setup<'a>, recorder: R, now: UtcDateTime) -> Result<Self, RunError> {
        let Setup { script, site, rules, previous, environment } = setup;
        let errors: Vec<Finding> =
            check::check(script, site, rules, previous).into_iter().filter(Finding::is_error).collect();
        if !errors.is_empty() {
            return Err(RunError::Unready(errors));
        }
        let approval = |(seat, at, sign_off)| RosterApproval { seat, at, sign_off };
        let start = Start {
            ceremony: site.ceremony().clone(),
            kind: script.kind(),
            policy: rules.policy.clone(),
            quorum: rules.quorum,
            script: script.digest(),
            site: site.digest(),
            roster: site.roster_digest(script),
            cast: site.cast(),
            approvals: site.signed_approvals().into_iter().map(approval).collect(),
            replaced: site.conditions().replaced.clone(),
            credentials_changed: site.conditions().credentials_changed,
            previous: previous.clone(),
            environment: environment.clone(),
        };
        let mut run = Self { state: State::new(script, rules), recorder };
        run.commit(Entry::Start(Box::new(start)), now)?;
        run.pass_over(now)?;
        Ok(run)
    }

    /// Takes a ceremony up again from its record, after a crash or a pause: `record` is what `recorder` continues.
    ///
    /// A step that was under way must be begun again. What its action changed for good stands; signatures and
    /// authentications are taken anew.
    ///
    /// # Errors
    /// [`RunError::Record`] when the chain does not hold, [`RunError::Refused`] when the record breaks a rule or has ended.
    pub fn resume(
        script: &'a Script,
        rules: &'a Rules,
        record: &[u8],
        recorder: R,
        now: UtcDateTime,
    ) -> Result<Self, RunError> {
        tegata_audit::read(record).map_err(RunError::Record)?;
        let mut state = State::new(script, rules);
        for (_, line) in Line::all(record) {
            let entry = Entry::read(&line).map_err(|breach| RunError::Refused(vec![breach]))?;
            let at = At { time: line.time, head: line.prev };
            let breaches = state.breaches(&entry, at);
            if !breaches.is_empty() {
                return Err(RunError::Refused(breaches));
            }
            state.apply(&entry, at);
        }
        let mut run = Self { state, recorder };
        run.commit(Entry::Resume, now)?;
        run.pass_over(now)?;
        Ok(run)
    }

    /// What comes next, and who acts.
    #[must_use]
    pub fn next(&self, now: UtcDateTime) -> Prompt<'a> {
        Prompt::of(&self.state, whole_second(now))
    }

    /// Begins the next step, or begins the broken-off step again.
    ///
    /// # Errors
    /// [`RunError::Refused`] while a step is under way or none is left.
    pub fn begin(&mut self, now: UtcDateTime) -> Result<(), RunError> {
        self.pass_over(now)?;
        let open = self.state.current_step().filter(|_| !self.state.unfinished().is_empty());
        let step = match open {
            Some((_, step)) => step.id.clone(),
            None => self.next_step().ok_or(RunError::Refused(vec![Breach::AlreadyEnded]))?.id.clone(),
        };
        self.commit(Entry::Begin(step), now)
    }

    /// What the person at a seat signs now: to authenticate, to sign a step off, or to close the ceremony. `None` when
    /// nothing is asked of that seat.
    #[must_use]
    pub fn statement(&self, seat: &SeatId, now: UtcDateTime) -> Option<Statement> {
        let start = self.state.start.as_ref()?;
        let now = whole_second(now);
        let prompt = self.next(now);
        let step = prompt.step.map(|step| step.id.clone());
        let (mark, outcome, step) = match prompt.stage {
            Stage::Authenticate => (Mark::Authenticates, None, step),
            Stage::SignOff => {
                let duty = prompt.duties.iter().find(|duty| duty.seat == *seat && !duty.done)?;
                (duty.mark, self.state.current.as_ref()?.outcome, step)
            }
            Stage::Close => (prompt.duties.iter().find(|duty| duty.seat == *seat && !duty.done)?.mark, None, None),
            _ => return None,
        };
        Some(Statement {
            ceremony: start.ceremony.clone(),
            script: start.script,
            step,
            mark,
            seat: seat.clone(),
            person: start.cast.person(seat)?.clone(),
            outcome,
            head: Some(self.recorder.head()),
            time: now,
        })
    }

    /// Records a signature over [`Run::statement`] of the same seat and time.
    ///
    /// # Errors
    /// [`RunError::Refused`] with the rules that it breaks: another person, a wrong signature, not that person's turn.
    pub fn sign_off(&mut self, seat: &SeatId, sign_off: SignOff, now: UtcDateTime) -> Result<(), RunError> {
        let Some(statement) = self.statement(seat, now) else {
            let mark = if self.next(now).stage == Stage::Authenticate { Mark::Authenticates } else { Mark::Does };
            return Err(RunError::Refused(vec![Breach::MarkUnexpected { mark, seat: seat.clone() }]));
        };
        let step = statement.step.clone();
        let signed = Box::new(signed(&statement, sign_off));
        self.commit(Entry::SignOff { step, signed }, now)?;
        self.pass_over(now)
    }

    /// Lets the computer carry out the action of the step under way.
    ///
    /// # Errors
    /// [`RunError::Refused`] when authentication or the clock is missing, or when a rule forbids the outcome;
    /// [`RunError::Action`] when the action failed. Both are recorded, and the action can be tried again.
    pub fn perform(&mut self, actions: &mut impl Actions, now: UtcDateTime) -> Result<(), RunError> {
        let now = whole_second(now);
        let mut breaches = self.state.readiness(now);
        let Some((current, step)) = self.state.current_step() else { return Err(RunError::Refused(breaches)) };
        if current.broken_off || current.repeat {
            breaches.push(Breach::StepBrokenOff { step: step.id.clone() });
        }
        if !breaches.is_empty() {
            return Err(RunError::Refused(breaches));
        }
        match actions.perform(step, now) {
            Ok(outcome) => self.record_outcome(step, outcome, now),
            Err(error) => {
                self.no_action(step, false, &error, now)?;
                Err(RunError::Action(error))
            }
        }
    }

    /// What the CA manager signs to order a deviation at the step under way, or at the next one.
    #[must_use]
    pub fn order_statement(&self, effect: Effect, reason: &str, seat: &SeatId, now: UtcDateTime) -> Option<Statement> {
        let start = self.state.start.as_ref()?;
        let step = self.order_step(effect)?;
        Some(Statement {
            ceremony: start.ceremony.clone(),
            script: start.script,
            outcome: Some(order_digest(&step, effect, reason)),
            step: Some(step),
            mark: Mark::OrdersDeviation,
            seat: seat.clone(),
            person: start.cast.person(seat)?.clone(),
            head: Some(self.recorder.head()),
            time: whole_second(now),
        })
    }

    /// Deviates from the procedure by order of the CA manager.
    ///
    /// # Errors
    /// [`RunError::Refused`] when the order is not signed by a CA manager, or asks for what cannot be ordered: a gate or a
    /// step that secures the key is never left out.
    pub fn deviate(&mut self, order: Order, now: UtcDateTime) -> Result<(), RunError> {
        let Order { effect, reason, seat, sign_off } = order;
        let Some(statement) = self.order_statement(effect, &reason, &seat, now) else {
            return Err(RunError::Refused(vec![Breach::DeviationBySeat { seat }]));
        };
        let Some(step) = statement.step.clone() else { return Err(RunError::Refused(vec![Breach::NotStarted])) };
        let order = Box::new(Deviation { effect, reason, signed: signed(&statement, sign_off) });
        self.commit(Entry::Deviation { step, order }, now)?;
        self.pass_over(now)
    }

    /// Whether the module was open when the ceremony was interrupted, and must be opened again before a key is used.
    #[must_use]
    pub fn needs_reopening(&self) -> bool {
        self.state.module == Module::Interrupted
    }

    /// What whoever sits at a seat signs when the module was opened again, with his part among others; `token` and `serial`
    /// are what the token says of itself. `None` for a vacant seat.
    #[must_use]
    pub fn reopening_statement(&self, token: &str, serial: &str, seat: &SeatId, now: UtcDateTime) -> Option<Statement> {
        let start = self.state.start.as_ref()?;
        Some(Statement {
            ceremony: start.ceremony.clone(),
            script: start.script,
            step: None,
            mark: Mark::Authenticates,
            seat: seat.clone(),
            person: start.cast.person(seat)?.clone(),
            outcome: Some(reopening_digest(token, serial)),
            head: Some(self.recorder.head()),
            time: whole_second(now),
        })
    }

    /// Records that the module was opened again, after an interruption or when its activation had expired: which token, and
    /// whose parts opened it. Until this stands in the record of an interrupted ceremony, no key is used.
    ///
    /// # Errors
    /// [`RunError::Refused`] below the quorum, for somebody who holds no part, and where the module had not been open.
    pub fn reopened(
        &mut self,
        token: &str,
        serial: &str,
        signatures: Vec<(SeatId, SignOff)>,
        now: UtcDateTime,
    ) -> Result<(), RunError> {
        let signed = |(seat, sign_off): (SeatId, SignOff)| {
            let statement = self.reopening_statement(token, serial, &seat, now);
            let statement =
                statement.ok_or(RunError::Refused(vec![Breach::ReopenedBy { person: sign_off.person.clone() }]))?;
            Ok(signed(&statement, sign_off))
        };
        let signed = signatures.into_iter().map(signed).collect::<Result<_, RunError>>()?;
        let reopening = Reopening { token: token.to_owned(), serial: serial.to_owned(), signed };
        self.commit(Entry::Reopen(Box::new(reopening)), now)
    }

    /// Records the last comparison of the clock (computer time minus reference time, in seconds), when no step is left. The
    /// closing signatures cover it.
    ///
    /// # Errors
    /// [`RunError::Refused`] while a step is missing, and the second time.
    pub fn compare_clock(&mut self, offset: i64, now: UtcDateTime) -> Result<(), RunError> {
        self.commit(Entry::Clock { offset }, now)
    }

    /// Ends the ceremony and gives what the next one starts from.
    ///
    /// # Errors
    /// [`RunError::Refused`] while a step, the clock or a closing signature is missing.
    pub fn finish(&mut self, now: UtcDateTime) -> Result<Previous, RunError> {
        self.commit(Entry::End { completed: !self.state.broken_off }, now)?;
        Ok(self.state.leaves(self.recorder.head()))
    }

    /// The keys that the last `retire-list` named: only these may be deleted.
    #[must_use]
    pub fn listed_targets(&self) -> &[KeyTarget] {
        &self.state.listed
    }

    /// The inventory at this moment.
    #[must_use]
    pub fn inventory(&self) -> &crate::Inventory {
        &self.state.inventory
    }

    /// The recorder.
    #[must_use]
    pub fn recorder(&self) -> &R {
        &self.recorder
    }

    /// Gives the recorder back. The record can be resumed.
    #[must_use]
    pub fn into_recorder(self) -> R {
        self.recorder
    }

    fn record_outcome(&mut self, step: &Step, outcome: ActionOutcome, now: UtcDateTime) -> Result<(), RunError> {
        let digest = outcome.sign_off_digest(&step.id, step.action, now);
        let bag = |event, (object, serial): (&crate::ObjectId, &crate::Serial)| Entry::Bag {
            step: step.id.clone(),
            event,
            object: object.clone(),
            serial: serial.clone(),
        };
        let mut entries: Vec<Entry> = match BagEvent::of(step.action) {
            Some(event) => outcome.bags.iter().map(|noted| bag(event, noted)).collect(),
            None => Vec::new(),
        };
        let (id, action) = (step.id.clone(), step.action);
        entries.push(Entry::Action { step: id, action, digest, outcome: Box::new(outcome) });

        let at = At { time: now, head: self.recorder.head() };
        let mut rehearsed = self.state.clone();
        for entry in &entries {
            let breaches = rehearsed.breaches(entry, at);
            if let Some(first) = breaches.first() {
                let error = ActionError::new(first.id(), first);
                self.no_action(step, true, &error, now)?;
                return Err(RunError::Refused(breaches));
            }
            rehearsed.apply(entry, at);
        }
        entries.into_iter().try_for_each(|entry| self.commit(entry, now))
    }

    fn no_action(&mut self, step: &Step, refused: bool, error: &ActionError, now: UtcDateTime) -> Result<(), RunError> {
        let (step, action) = (step.id.clone(), step.action);
        let ActionError { id, message, .. } = error.clone();
        self.commit(Entry::NoAction { step, action, refused, error: id, message }, now)
    }

    /// Records that the next steps are not due, as long as that is so.
    fn pass_over(&mut self, now: UtcDateTime) -> Result<(), RunError> {
        while !self.state.ended && self.state.unfinished().is_empty() {
            let index = self.state.next;
            let Some(step) = self.state.script.steps().get(index).filter(|_| !self.state.is_due(index)) else { break };
            self.commit(Entry::Skip(step.id.clone()), now)?;
        }
        Ok(())
    }

    /// Writes an event that breaks no rule, then takes it over.
    fn commit(&mut self, entry: Entry, now: UtcDateTime) -> Result<(), RunError> {
        let at = At { time: whole_second(now), head: self.recorder.head() };
        let breaches = self.state.breaches(&entry, at);
        if !breaches.is_empty() {
            return Err(RunError::Refused(breaches));
        }
        let event = entry.to_event().map_err(RunError::Audit)?;
        self.recorder.append(event, at.time).map_err(RunError::Audit)?;
        self.state.apply(&entry, at);
        Ok(())
    }

    fn next_step(&self) -> Option<&'a Step> {
        self.state.script.steps().get(self.state.next_due()?)
    }

    fn order_step(&self, effect: Effect) -> Option<StepId> {
        let current = self.state.current_step().map(|(_, step)| step);
        let open = current.filter(|_| effect == Effect::Repeat || !self.state.unfinished().is_empty());
        open.or_else(|| self.next_step()).map(|step| step.id.clone())
    }
}

fn signed(statement: &Statement, sign_off: SignOff) -> Signed {
    Signed {
        mark: statement.mark,
        seat: statement.seat.clone(),
        outcome: statement.outcome,
        head: statement.head.unwrap_or_default(),
        at: statement.time,
        sign_off,
    }
}
