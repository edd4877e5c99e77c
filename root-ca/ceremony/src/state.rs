//! Where a ceremony stands, and which rules an event would break.
//!
//! One state machine serves three uses: the engine asks [`State::breaches`] before it writes an event, resuming replays a
//! record through it, and the verifier does the same with a record it does not trust. What has been recorded is applied
//! whatever was wrong with it ([`State::apply`]), so that a verifier finds more than the first fault.

mod bags;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use time::UtcDateTime;

use crate::{
    action::Action,
    breach::Breach,
    entry::{BagEvent, Effect, Entry, Start},
    ids::{ObjectId, PersonId, SeatId, Serial, StepId},
    inventory::{Inventory, Previous},
    outcome::KeyTarget,
    role::{Mark, Role},
    rules::Rules,
    script::{Authentication, Script, Step, When},
};

/// Where an event stands in the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// Its time.
    pub(crate) time: UtcDateTime,
    /// The head of the chain before it.
    pub(crate) head: [u8; 32],
}

/// A mark that somebody must set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The mark.
    pub mark: Mark,
    /// The seat.
    pub seat: SeatId,
    /// The person in it.
    pub person: PersonId,
    /// Whether it is set.
    pub done: bool,
}

/// The step under way.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) index: usize,
    /// Who has authenticated, and when.
    pub(crate) authenticated: BTreeMap<PersonId, UtcDateTime>,
    /// Bags that were noted since the step began.
    pub(crate) bags: BTreeMap<ObjectId, (BagEvent, Serial)>,
    /// Digest of the action's outcome.
    pub(crate) outcome: Option<[u8; 32]>,
    pub(crate) signed: Vec<(Mark, SeatId, PersonId)>,
    /// The record was interrupted here.
    pub(crate) broken_off: bool,
    /// Left out by order.
    pub(crate) left_out: bool,
    /// To be done again by order.
    pub(crate) repeat: bool,
    /// Being done again by order.
    pub(crate) repeated: bool,
}

impl Current {
    fn new(index: usize) -> Self {
        Self {
            index,
            authenticated: BTreeMap::new(),
            bags: BTreeMap::new(),
            outcome: None,
            signed: Vec::new(),
            broken_off: false,
            left_out: false,
            repeat: false,
            repeated: false,
        }
    }
}

/// The state of one ceremony.
#[derive(Clone, Debug)]
pub(crate) struct State<'a> {
    pub(crate) script: &'a Script,
    pub(crate) rules: &'a Rules,
    pub(crate) start: Option<Start>,
    /// The first step that is neither begun nor passed over.
    pub(crate) next: usize,
    pub(crate) current: Option<Current>,
    pub(crate) inventory: Inventory,
    pub(crate) listed: Vec<KeyTarget>,
    pub(crate) broken_off: bool,
    pub(crate) closing: Vec<(Mark, SeatId, PersonId)>,
    pub(crate) ended: bool,
    root_exists: bool,
    clock_compared: bool,
    pub(crate) end_clock: bool,
    pub(crate) module: Module,
    last: Option<UtcDateTime>,
}

/// Whether the module is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    Closed,
    Open,
    /// It was open when the record was interrupted, and the activation ended with the process.
    Interrupted,
}

impl<'a> State<'a> {
    pub(crate) fn new(script: &'a Script, rules: &'a Rules) -> Self {
        Self {
            script,
            rules,
            start: None,
            next: 0,
            current: None,
            inventory: Inventory::default(),
            listed: Vec::new(),
            broken_off: false,
            closing: Vec::new(),
            ended: false,
            root_exists: false,
            clock_compared: false,
            end_clock: false,
            module: Module::Closed,
            last: None,
        }
    }

    /// The step under way, whether or not it is complete.
    pub(crate) fn current_step(&self) -> Option<(&Current, &'a Step)> {
        let current = self.current.as_ref()?;
        Some((current, self.script.steps().get(current.index)?))
    }

    /// Whether a step is due in this ceremony.
    pub(crate) fn is_due(&self, index: usize) -> bool {
        let Some((step, start)) = self.script.steps().get(index).zip(self.start.as_ref()) else { return false };
        let first = !start.previous.root_exists;
        let condition = match step.when {
            When::Always => true,
            When::First => first,
            When::FirstOrReplaced => first || step.objects.iter().any(|object| start.replaced.contains(object)),
            When::Repeat => !first,
            When::OnKeygen => self.script.kind().generates_key() || start.credentials_changed,
        };
        condition && (!self.broken_off || self.is_closing(index) && !self.has_nothing_to_seal(step))
    }

    /// After a ceremony was broken off only what lies open is sealed; what was never opened stays in its bag.
    fn has_nothing_to_seal(&self, step: &Step) -> bool {
        step.action == Action::InventorySeal && self.objects(step).is_empty()
    }

    /// Whether a step belongs to what is still done after a ceremony was broken off: the steps from the sealing on, and
    /// before them what closes the module and wipes carriers.
    fn is_closing(&self, index: usize) -> bool {
        let steps = self.script.steps();
        let last_use = steps.iter().rposition(|step| step.action.is_sensitive()).unwrap_or_default();
        let sealing = steps.iter().enumerate().skip(last_use).find(|(_, step)| step.action == Action::InventorySeal);
        let closes = |step: &Step| matches!(step.action, Action::Deactivate | Action::CarrierWipe);
        sealing.is_some_and(|(sealing, _)| index >= sealing) || steps.get(index).is_some_and(closes)
    }

    /// The objects that a step handles in this ceremony.
    pub(crate) fn objects(&self, step: &Step) -> BTreeSet<ObjectId> {
        let sealed = |object: &ObjectId| self.inventory.expected(object).is_some();
        let seals_the_open = self.broken_off && step.action == Action::InventorySeal;
        let all = step.objects.iter().filter(|object| !(seals_the_open && sealed(object))).cloned();
        match &self.start {
            Some(start) if step.when == When::FirstOrReplaced && start.previous.root_exists => {
                all.filter(|object| start.replaced.contains(object)).collect()
            }
            _ => all.collect(),
        }
    }

    /// Who must set which mark at a step, and which are set.
    pub(crate) fn duties(&self, step: &Step, signed: &[(Mark, SeatId, PersonId)]) -> Vec<Duty> {
        let Some(start) = &self.start else { return Vec::new() };
        let does = start.cast.performers(self.script, step).into_iter().map(|seat| (Mark::Does, seat));
        let confirms = step.confirms.iter().cloned().map(|seat| (Mark::Confirms, seat));
        let c1 = step.witness.c1.iter().cloned().map(|seat| (Mark::C1, seat));
        let c2 = step.witness.c2.iter().cloned().map(|seat| (Mark::C2, seat));
        self.with_persons(does.chain(confirms).chain(c1).chain(c2), signed)
    }

    /// Who must close the ceremony: CA managers approve its completion, auditors attest.
    pub(crate) fn closing_duties(&self) -> Vec<Duty> {
        let completes = self.script.seats_of(Role::CaManager).map(|seat| (Mark::Completes, seat.clone()));
        let attests = self.script.seats_of(Role::Auditor).map(|seat| (Mark::Attests, seat.clone()));
        self.with_persons(completes.chain(attests), &self.closing)
    }

    fn with_persons(
        &self,
        marks: impl Iterator<Item = (Mark, SeatId)>,
        signed: &[(Mark, SeatId, PersonId)],
    ) -> Vec<Duty> {
        let duty = |(mark, seat): (Mark, SeatId)| {
            let person = self.start.as_ref()?.cast.person(&seat)?.clone();
            let done = signed.iter().any(|(its, at, _)| *its == mark && *at == seat);
            Some(Duty { mark, seat, person, done })
        };
        marks.filter_map(duty).collect()
    }

    /// How many persons must authenticate for a step.
    pub(crate) fn authentications_needed(&self, step: &Step) -> usize {
        match step.auth {
            Authentication::None => 0,
            Authentication::Single => 1,
            Authentication::Pair => 2,
            Authentication::Quorum => usize::from(self.rules.quorum.k),
        }
    }

    /// How many persons have authenticated recently enough for an action at `time`.
    pub(crate) fn authentications(&self, current: &Current, time: UtcDateTime) -> usize {
        let fresh = |at: &&UtcDateTime| time - **at <= self.rules.authentication_window;
        current.authenticated.values().filter(fresh).count()
    }

    /// The rules that the step under way would break if it ended now.
    pub(crate) fn unfinished(&self) -> Vec<Breach> {
        let Some((current, step)) = self.current_step() else { return Vec::new() };
        if current.left_out {
            return Vec::new();
        }
        let id = &step.id;
        let mut breaches = Vec::new();
        if current.outcome.is_none() {
            breaches.push(Breach::ActionMissing { step: id.clone(), action: step.action });
        }
        if current.broken_off || current.repeat {
            breaches.push(Breach::StepBrokenOff { step: id.clone() });
        }
        let missing = |duty: Duty| Breach::MarkMissing { step: id.clone(), mark: duty.mark, seat: duty.seat };
        breaches.extend(self.duties(step, &current.signed).into_iter().filter(|duty| !duty.done).map(missing));
        breaches
    }

    /// The steps from the first open one up to `end` that must not be passed over in silence.
    pub(crate) fn passed_over(&self, end: usize) -> Vec<Breach> {
        let steps = self.script.steps().iter().enumerate().take(end).skip(self.next);
        let breach = |(index, step): (usize, &Step)| {
            let step = step.id.clone();
            if self.is_due(index) { Breach::StepSkipped { step } } else { Breach::StepUnrecorded { step } }
        };
        steps.map(breach).collect()
    }

    /// The position of a step in the script.
    pub(crate) fn position(&self, step: &StepId) -> Option<usize> {
        self.script.steps().iter().position(|candidate| candidate.id == *step)
    }

    /// Takes over what was recorded.
    pub(crate) fn apply(&mut self, entry: &Entry, at: At) {
        self.last = Some(self.last.map_or(at.time, |last| last.max(at.time)));
        match entry {
            Entry::Start(start) => {
                self.inventory = start.previous.inventory.clone();
                self.root_exists = start.previous.root_exists;
                self.start = Some(Start::clone(start));
            }
            Entry::Resume => {
                let unfinished = !self.unfinished().is_empty();
                if let Some(current) = &mut self.current {
                    current.broken_off = unfinished;
                }
                if self.module == Module::Open {
                    self.module = Module::Interrupted;
                }
            }
            Entry::Reopen(_) => self.module = Module::Open,
            Entry::Begin(step) => self.begin(step),
            Entry::Skip(step) => {
                if let Some(index) = self.position(step) {
                    self.next = self.next.max(index + 1);
                    self.current = None;
                }
            }
            Entry::Bag { step, event, object, serial } => {
                self.edit(step, |current| {
                    current.bags.insert(object.clone(), (*event, serial.clone()));
                });
            }
            Entry::Action { step, action, digest, outcome } => {
                self.edit(step, |current| current.outcome = Some(*digest));
                self.clock_compared |= *action == Action::Clock;
                match action {
                    Action::Activate => self.module = Module::Open,
                    Action::Deactivate => self.module = Module::Closed,
                    Action::Keygen => self.root_exists = true,
                    Action::Destroy => self.root_exists = outcome.living_keys > 0,
                    Action::RetireList => self.listed.clone_from(&outcome.targets),
                    action if action.is_inventory() => self.move_bags(step, *action, &outcome.bags),
                    _ => {}
                }
            }
            Entry::NoAction { .. } => {}
            Entry::SignOff { step, signed } => {
                let (mark, seat, person) = (signed.mark, signed.seat.clone(), signed.sign_off.person.clone());
                match (step, mark) {
                    (None, _) => self.closing.push((mark, seat, person)),
                    (Some(step), Mark::Authenticates) => self.edit(step, |current| {
                        current.authenticated.insert(person, at.time);
                    }),
                    (Some(step), _) => self.edit(step, |current| current.signed.push((mark, seat, person))),
                }
            }
            Entry::Deviation { step, order } => self.deviate(step, order.effect),
            Entry::Clock { .. } => self.end_clock = true,
            Entry::End { .. } => self.ended = true,
        }
    }

    /// What the next ceremony starts from when this record ends with `head`.
    pub(crate) fn leaves(&self, head: [u8; 32]) -> Previous {
        Previous { root_exists: self.root_exists, inventory: self.inventory.clone(), record: Some(head) }
    }

    fn edit(&mut self, step: &StepId, change: impl FnOnce(&mut Current)) {
        let index = self.position(step);
        if let Some(current) = self.current.as_mut().filter(|current| Some(current.index) == index) {
            change(current);
        }
    }

    fn begin(&mut self, step: &StepId) {
        let Some(index) = self.position(step) else { return };
        let mut begun = Current::new(index);
        if let Some(current) = self.current.take_if(|current| current.index == index) {
            let once = self.script.steps().get(index).is_some_and(|step| step.action.happens_once());
            begun.outcome = current.outcome.filter(|_| once && !current.repeat);
            begun.repeated = current.repeat || current.repeated;
        }
        self.current = Some(begun);
        self.next = self.next.max(index + 1);
    }

    fn deviate(&mut self, step: &StepId, effect: Effect) {
        let index = self.position(step);
        match effect {
            Effect::LeaveOut => {
                if let Some(index) = index {
                    let mut left_out = Current::new(index);
                    left_out.left_out = true;
                    self.current = Some(left_out);
                    self.next = self.next.max(index + 1);
                }
            }
            Effect::Repeat => self.edit(step, |current| current.repeat = true),
            Effect::BreakOff => {
                self.broken_off = true;
                if index.is_some_and(|index| !self.is_closing(index)) {
                    self.edit(step, |current| current.left_out = true);
                }
            }
        }
    }
}
