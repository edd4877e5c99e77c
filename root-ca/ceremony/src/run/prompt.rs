//! What the screen shows.

use std::collections::{BTreeMap, BTreeSet};

use time::UtcDateTime;

use crate::{
    ids::{ObjectId, PersonId, Serial},
    role::Mark,
    script::{Phase, Step},
    state::{Duty, State},
};

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The next step is begun.
    Begin,
    /// The step under way was broken off, or is to be repeated, and is begun again.
    BeginAgain,
    /// Persons authenticate for the action.
    Authenticate,
    /// The action takes place.
    Act,
    /// The step is signed off.
    SignOff,
    /// The clock is compared a last time.
    Clock,
    /// The ceremony is closed: CA managers approve, auditors attest.
    Close,
    /// The record ends.
    Finish,
    /// Nothing: the ceremony has ended.
    Ended,
}

/// What comes next and who acts.
#[derive(Clone, Debug)]
pub struct Prompt<'a> {
    /// What is to be done.
    pub stage: Stage,
    /// The step concerned: the one under way, or the next one.
    pub step: Option<&'a Step>,
    /// The phase of the step.
    pub phase: Option<&'a Phase>,
    /// Who sets which mark at this step, in order (or at the close); those already set are marked.
    pub duties: Vec<Duty>,
    /// Who may authenticate and has not done so.
    pub candidates: BTreeSet<PersonId>,
    /// How many more persons must authenticate.
    pub authentications_missing: usize,
    /// The objects handled, with the serial that the bag of each must have; `None` for one that is not in a bag.
    pub objects: BTreeMap<ObjectId, Option<Serial>>,
}

impl<'a> Prompt<'a> {
    pub(crate) fn of(state: &State<'a>, now: UtcDateTime) -> Self {
        let empty = |stage| Prompt {
            stage,
            step: None,
            phase: None,
            duties: Vec::new(),
            candidates: BTreeSet::new(),
            authentications_missing: 0,
            objects: BTreeMap::new(),
        };
        if state.ended {
            return empty(Stage::Ended);
        }
        if let Some((current, step)) = state.current_step().filter(|_| !state.unfinished().is_empty()) {
            let missing = state.authentications_needed(step).saturating_sub(state.authentications(current, now));
            let stage = match () {
                () if current.broken_off || current.repeat => Stage::BeginAgain,
                () if current.outcome.is_some() => Stage::SignOff,
                () if missing > 0 => Stage::Authenticate,
                () => Stage::Act,
            };
            let mut prompt = Self::at_step(state, step, stage, &current.signed);
            prompt.authentications_missing = if stage == Stage::Authenticate { missing } else { 0 };
            prompt.candidates.retain(|person| {
                current.authenticated.get(person).is_none_or(|at| now - *at > state.rules.authentication_window)
            });
            return prompt;
        }
        if let Some(step) = state.next_due().and_then(|index| state.script.steps().get(index)) {
            let mut prompt = Self::at_step(state, step, Stage::Begin, &[]);
            prompt.authentications_missing = state.authentications_needed(step);
            return prompt;
        }
        let duties = state.closing_duties();
        let stage = match () {
            () if !state.end_clock => Stage::Clock,
            () if duties.iter().all(|duty| duty.done) => Stage::Finish,
            () => Stage::Close,
        };
        Self { duties, ..empty(stage) }
    }

    fn at_step(state: &State<'a>, step: &'a Step, stage: Stage, signed: &[(Mark, crate::SeatId, PersonId)]) -> Self {
        let candidates = state.start.as_ref().map(|start| start.cast.candidates(step)).unwrap_or_default();
        let bag = |object: ObjectId| {
            let serial = state.inventory.expected(&object).cloned();
            (object, serial)
        };
        Self {
            stage,
            step: Some(step),
            phase: state.script.phases().iter().find(|phase| phase.number == step.id.phase()),
            duties: state.duties(step, signed),
            candidates,
            authentications_missing: 0,
            objects: state.objects(step).into_iter().map(bag).collect(),
        }
    }
}
