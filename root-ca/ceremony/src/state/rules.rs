//! The rules: for each event, what would be broken by it in the present state.

use std::collections::BTreeSet;

use time::UtcDateTime;

use super::{At, Current, Module, State};
use crate::{
    action::Action,
    breach::{Binding, Breach, TargetFault},
    check,
    entry::{Deviation, Effect, Entry, Reopening, Signed, Start, order_digest, reopening_digest},
    ids::{ObjectId, StepId},
    kind::Kind,
    outcome::ActionOutcome,
    role::{Mark, Role},
    script::{Authentication, Step},
    site::approval_statement,
};

impl State<'_> {
    /// The rules that an event breaks; empty when it may be recorded.
    pub(crate) fn breaches(&self, entry: &Entry, at: At) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if self.last.is_some_and(|last| at.time < last) {
            breaches.push(Breach::ClockBack);
        }
        if self.ended {
            breaches.push(Breach::AlreadyEnded);
        }
        match (&self.start, entry) {
            (None, Entry::Start(start)) => self.start_breaches(start, at, &mut breaches),
            (None, _) => breaches.push(Breach::NotStarted),
            (Some(_), Entry::Start(_)) => breaches.push(Breach::StartedTwice),
            (Some(start), _) => self.event_breaches(start, entry, at, &mut breaches),
        }
        breaches
    }

    fn event_breaches(&self, start: &Start, entry: &Entry, at: At, breaches: &mut Vec<Breach>) {
        match entry {
            Entry::Start(_) | Entry::Resume => {}
            Entry::Begin(step) => self.begin_breaches(step, breaches),
            Entry::Skip(step) => {
                breaches.extend(self.unfinished());
                match self.position(step) {
                    None => breaches.push(Breach::StepUnknown { step: step.clone() }),
                    Some(index) if index < self.next => breaches.push(self.out_of_order(step)),
                    Some(index) => {
                        breaches.extend(self.passed_over(index));
                        if self.is_due(index) {
                            breaches.push(Breach::StepSkipped { step: step.clone() });
                        }
                    }
                }
            }
            Entry::Bag { step, event, object, serial } => {
                if self.under_way(step, breaches).is_some() {
                    breaches.extend(self.bag_breach(step, *event, object, serial));
                }
            }
            Entry::Action { step, action, digest, outcome } => {
                if let Some((current, of_script)) = self.under_way(step, breaches) {
                    breaches.extend(self.readiness(at.time));
                    if *action != of_script.action {
                        let (step, expected) = (step.clone(), of_script.action);
                        breaches.push(Breach::ActionOther { step, expected, found: *action });
                    }
                    if outcome.sign_off_digest(step, *action, at.time) != *digest {
                        breaches.push(Breach::OutcomeOther { step: step.clone() });
                    }
                    breaches.extend(self.outcome_breaches(current, of_script, outcome, at.time));
                }
            }
            Entry::NoAction { step, .. } => {
                self.under_way(step, breaches);
            }
            Entry::Reopen(reopening) => self.reopening_breaches(start, reopening, at, breaches),
            Entry::SignOff { step, signed } => {
                self.signature_breaches(start, step.as_ref(), signed, at, breaches);
                match step {
                    None => self.closing_breaches(signed, breaches),
                    Some(step) => self.mark_breaches(start, step, signed, breaches),
                }
            }
            Entry::Deviation { step, order } => self.deviation_breaches(start, step, order, at, breaches),
            Entry::Clock { .. } => {
                if self.end_clock {
                    breaches.push(Breach::ClockTwice);
                }
                breaches.extend(self.unfinished());
                breaches.extend(self.passed_over(usize::MAX));
            }
            Entry::End { completed } => {
                breaches.extend(self.unfinished());
                breaches.extend(self.passed_over(usize::MAX));
                let missing = self.closing_duties().into_iter().filter(|duty| !duty.done);
                breaches.extend(missing.map(|duty| Breach::ClosingMissing { mark: duty.mark, seat: duty.seat }));
                if !self.end_clock {
                    breaches.push(Breach::ClockMissing { before: None });
                }
                if *completed == self.broken_off {
                    let detail = "it says that the ceremony was completed, or broken off, and it was not".to_owned();
                    breaches.push(Breach::Event { name: "ceremony-end".to_owned(), detail });
                }
            }
        }
    }

    fn start_breaches(&self, start: &Start, at: At, breaches: &mut Vec<Breach>) {
        if start.script != self.script.digest() || start.kind != self.script.kind() {
            breaches.push(Breach::Other(Binding::Script));
        }
        if start.roster != start.cast.digest(&start.ceremony, self.script) {
            breaches.push(Breach::Other(Binding::Roster));
        }
        if start.policy != self.rules.policy {
            breaches.push(Breach::Other(Binding::Policy));
        }
        if start.quorum != self.rules.quorum {
            breaches.push(Breach::Other(Binding::Quorum));
        }
        match (start.kind, start.previous.root_exists) {
            (Kind::First, true) => breaches.push(Breach::RootExists),
            (Kind::First, false) | (_, true) => {}
            (kind, false) => breaches.push(Breach::RootAbsent(kind)),
        }
        let unsound = check::script(self.script, self.rules).into_iter();
        let unsound = unsound.chain(check::cast(self.script, &start.cast, self.rules));
        breaches.extend(unsound.filter(check::Finding::is_error).map(|finding| Breach::Unsound(Box::new(finding))));
        for seat in check::approvers(self.script) {
            let approved = start.approvals.iter().any(|approval| {
                let Some(person) = start.cast.person(seat) else { return false };
                let statement =
                    approval_statement(&start.ceremony, start.script, start.roster, seat, person, approval.at);
                let key = start.cast.key(person);
                approval.seat == *seat
                    && approval.at <= at.time
                    && key.is_some_and(|key| approval.sign_off.verify(&statement, key).is_ok())
            });
            if !approved {
                breaches.push(Breach::RosterNotApproved { seat: seat.clone() });
            }
        }
    }

    fn begin_breaches(&self, step: &StepId, breaches: &mut Vec<Breach>) {
        let Some(index) = self.position(step) else {
            return breaches.push(Breach::StepUnknown { step: step.clone() });
        };
        match &self.current {
            Some(current) if current.index == index => {
                if !(current.broken_off || current.repeat) {
                    breaches.push(Breach::StepBegunTwice { step: step.clone() });
                }
            }
            _ if index < self.next => breaches.push(self.out_of_order(step)),
            _ => {
                breaches.extend(self.unfinished());
                breaches.extend(self.passed_over(index));
                if !self.is_due(index) {
                    breaches.push(Breach::StepNotDue { step: step.clone() });
                }
            }
        }
    }

    /// The step under way if it is this one; a breach if it is not, was left out, or was broken off.
    fn under_way(&self, step: &StepId, breaches: &mut Vec<Breach>) -> Option<(&Current, &Step)> {
        match self.current_step() {
            Some((current, at)) if at.id == *step && !current.left_out => {
                if current.broken_off || current.repeat {
                    breaches.push(Breach::StepBrokenOff { step: step.clone() });
                }
                Some((current, at))
            }
            _ => {
                breaches.push(self.out_of_order(step));
                None
            }
        }
    }

    fn out_of_order(&self, found: &StepId) -> Breach {
        Breach::StepOutOfOrder { expected: self.current_step().map(|(_, step)| step.id.clone()), found: found.clone() }
    }

    /// The rules that keep the action of the step under way from taking place now.
    pub(crate) fn readiness(&self, time: UtcDateTime) -> Vec<Breach> {
        let Some((current, step)) = self.current_step() else { return vec![Breach::NotStarted] };
        let mut breaches = Vec::new();
        if current.outcome.is_some() {
            breaches.push(Breach::ActionTwice { step: step.id.clone() });
        }
        let (needed, present) = (self.authentications_needed(step), self.authentications(current, time));
        if present < needed {
            breaches.push(Breach::AuthenticationMissing { step: step.id.clone(), needed, present });
        }
        if step.action.needs_open_module() && self.module == Module::Interrupted {
            breaches.push(Breach::ModuleNotReopened { step: step.id.clone() });
        }
        if step.action.signs() && !self.clock_compared {
            breaches.push(Breach::ClockMissing { before: Some(step.id.clone()) });
        }
        breaches
    }

    fn outcome_breaches(
        &self,
        current: &Current,
        step: &Step,
        outcome: &ActionOutcome,
        time: UtcDateTime,
    ) -> Vec<Breach> {
        let mut breaches = self.bag_breaches(current, step, &outcome.bags);
        if step.action == Action::Clock && outcome.clock_offset.is_none() {
            breaches.push(Breach::ClockMissing { before: Some(step.id.clone()) });
        }
        if step.action == Action::Retire {
            for target in &outcome.targets {
                let why = match () {
                    () if !self.listed.contains(target) => TargetFault::NotListed,
                    () if target.ended >= time => TargetFault::NotEnded,
                    () if target.generations_back < 2 => TargetFault::TooYoung,
                    () => continue,
                };
                let fingerprint = target.fingerprint;
                breaches.push(Breach::TargetForbidden { step: step.id.clone(), fingerprint, why });
            }
        }
        let copies: BTreeSet<ObjectId> = match step.action {
            Action::Destroy | Action::RestoreCheck => self.script.key_copies(step).cloned().collect(),
            _ => BTreeSet::new(),
        };
        let differ = copies.symmetric_difference(&outcome.copies);
        breaches.extend(differ.map(|object| Breach::CopyOther { step: step.id.clone(), object: object.clone() }));
        breaches
    }

    /// Signature, key, head and time of a sign-off.
    fn signature_breaches(
        &self,
        start: &Start,
        step: Option<&StepId>,
        signed: &Signed,
        at: At,
        breaches: &mut Vec<Breach>,
    ) {
        let person = &signed.sign_off.person;
        match start.cast.key(person) {
            None => breaches.push(Breach::PersonUnknown { person: person.clone() }),
            Some(key) => {
                if signed.sign_off.verify(&signed.statement(start, step), key).is_err() {
                    breaches.push(Breach::SignatureInvalid { person: person.clone() });
                }
            }
        }
        if signed.head != at.head {
            breaches.push(Breach::HistoryAltered { person: person.clone() });
        }
        if signed.at != at.time {
            breaches.push(Breach::TimeEdited { recorded: at.time, signed: signed.at });
        }
        if let Some(expected) = start.cast.person(&signed.seat).filter(|expected| *expected != person) {
            let (mark, seat) = (signed.mark, signed.seat.clone());
            breaches.push(Breach::PersonOther { mark, seat, expected: expected.clone(), found: person.clone() });
        }
    }

    fn mark_breaches(&self, start: &Start, step: &StepId, signed: &Signed, breaches: &mut Vec<Breach>) {
        let Some((current, of_script)) = self.under_way(step, breaches) else { return };
        let person = &signed.sign_off.person;
        if signed.mark == Mark::Authenticates {
            if of_script.auth == Authentication::None || !start.cast.candidates(of_script).contains(person) {
                breaches.push(Breach::AuthenticationForeign { step: step.clone(), person: person.clone() });
            }
            if current.outcome.is_some() {
                breaches.push(Breach::ActionTwice { step: step.clone() });
            }
            return;
        }
        if current.outcome.is_none() {
            breaches.push(Breach::ActionMissing { step: step.clone(), action: of_script.action });
        } else if current.outcome != signed.outcome {
            breaches.push(Breach::OutcomeOther { step: step.clone() });
        }
        if current.signed.iter().any(|(_, _, other)| other == person) {
            breaches.push(Breach::SamePersonTwice { step: step.clone(), person: person.clone() });
        }
        let duties = self.duties(of_script, &current.signed);
        let (mark, seat) = (signed.mark, signed.seat.clone());
        match duties.iter().find(|duty| duty.mark == mark && duty.seat == seat) {
            Some(duty) if !duty.done => {}
            _ => breaches.push(Breach::MarkUnexpected { mark, seat: seat.clone() }),
        }
        if duties.iter().any(|duty| !duty.done && rank(duty.mark) < rank(mark)) {
            breaches.push(Breach::MarkTooEarly { step: step.clone(), mark, seat });
        }
    }

    /// A quorum of holders who sit at the table, each with his own signature over this very token.
    fn reopening_breaches(&self, start: &Start, reopening: &Reopening, at: At, breaches: &mut Vec<Breach>) {
        if self.module == Module::Closed {
            breaches.push(Breach::ReopenedUnasked);
        }
        let digest = reopening_digest(&reopening.token, &reopening.serial);
        let mut persons = BTreeSet::new();
        for signed in &reopening.signed {
            self.signature_breaches(start, None, signed, at, breaches);
            let person = &signed.sign_off.person;
            let holds = start.cast.holders.contains(person) && start.cast.person(&signed.seat) == Some(person);
            if signed.mark != Mark::Authenticates || !holds || signed.outcome != Some(digest) || !persons.insert(person)
            {
                breaches.push(Breach::ReopenedBy { person: person.clone() });
            }
        }
        let (needed, present) = (usize::from(self.rules.quorum.k), persons.len());
        if present < needed {
            breaches.push(Breach::ReopenedBelowQuorum { needed, present });
        }
    }

    fn closing_breaches(&self, signed: &Signed, breaches: &mut Vec<Breach>) {
        breaches.extend(self.unfinished());
        breaches.extend(self.passed_over(usize::MAX));
        if !self.end_clock {
            breaches.push(Breach::ClockMissing { before: None });
        }
        let (mark, seat) = (signed.mark, &signed.seat);
        let open = |duty: &super::Duty| duty.mark == mark && duty.seat == *seat && !duty.done;
        if !self.closing_duties().iter().any(open) {
            breaches.push(Breach::MarkUnexpected { mark, seat: seat.clone() });
        }
    }

    fn deviation_breaches(&self, start: &Start, step: &StepId, order: &Deviation, at: At, breaches: &mut Vec<Breach>) {
        let signed = &order.signed;
        self.signature_breaches(start, Some(step), signed, at, breaches);
        let manager = self.script.seat(&signed.seat).is_some_and(|seat| seat.policy_role == Role::CaManager);
        if !manager || signed.mark != Mark::OrdersDeviation {
            breaches.push(Breach::DeviationBySeat { seat: signed.seat.clone() });
        }
        if signed.outcome != Some(order_digest(step, order.effect, &order.reason)) {
            breaches.push(Breach::OutcomeOther { step: step.clone() });
        }
        let open = self.current_step().filter(|_| !self.unfinished().is_empty()).map(|(_, step)| step);
        let Some((index, of_script)) = self.position(step).zip(self.script.step(step)) else {
            return breaches.push(Breach::StepUnknown { step: step.clone() });
        };
        match order.effect {
            Effect::LeaveOut => {
                match open {
                    Some(open) if open.id == *step => {}
                    Some(_) => breaches.push(self.out_of_order(step)),
                    None => {
                        breaches.extend(self.next_is(index, step));
                        breaches.extend(self.passed_over(index));
                    }
                }
                if !of_script.action.may_be_left_out() {
                    let (step, action) = (step.clone(), of_script.action);
                    breaches.push(Breach::DeviationForbidden { step, action });
                }
            }
            Effect::Repeat => {
                if self.current_step().is_none_or(|(current, at)| at.id != *step || current.left_out) {
                    breaches.push(self.out_of_order(step));
                }
                if of_script.action == Action::InventoryOpen {
                    let (step, action) = (step.clone(), of_script.action);
                    breaches.push(Breach::DeviationForbidden { step, action });
                }
            }
            Effect::BreakOff => {
                let here = open.is_some_and(|open| open.id == *step);
                if !here {
                    breaches.extend(if open.is_some() {
                        Some(self.out_of_order(step))
                    } else {
                        self.next_is(index, step)
                    });
                }
            }
        }
    }

    /// A breach unless this is the next step that is due.
    fn next_is(&self, index: usize, step: &StepId) -> Option<Breach> {
        (self.next_due() != Some(index)).then(|| self.out_of_order(step))
    }

    /// The next step that is due and not begun.
    pub(crate) fn next_due(&self) -> Option<usize> {
        (self.next..self.script.steps().len()).find(|index| self.is_due(*index))
    }
}

/// Confirmers sign after performers, witnesses after both.
fn rank(mark: Mark) -> u8 {
    match mark {
        Mark::Does => 0,
        Mark::Confirms => 1,
        _ => 2,
    }
}
