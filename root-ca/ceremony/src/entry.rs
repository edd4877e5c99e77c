//! The events of a ceremony's record, as types.
//!
//! | event | result | detail |
//! |---|---|---|
//! | `ceremony-start` | success | [`Start`] |
//! | `ceremony-resume` | success | – |
//! | `module-reopened` | success | [`Reopening`] |
//! | `step-begin`, `step-skipped` | success | – |
//! | `object-checked`, `object-opened`, `object-sealed`, `object-stored` | success | `object`, `serial` |
//! | `action` | success | `action`, `digest`, `outcome` ([`ActionOutcome`]); the files are the record's objects |
//! | `action` | failed, refused | `action`, `error`, `message` |
//! | `step-sign-off` | success | [`Signed`]; the actor is who signed |
//! | `deviation` | success | [`Deviation`] |
//! | `clock-offset` | success | `offset` in seconds, before the closing signatures |
//! | `ceremony-end` | success, failed | `completed`: whether it was not broken off |

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tegata_audit::{Actor, AuditError, Class, Event, ObjectDigest, Outcome};
use time::UtcDateTime;

use crate::{
    action::Action,
    breach::Breach,
    cast::Cast,
    encoding::{any_stamp, canonical_json, maybe_octets, octets, sha256, stamp},
    ids::{CeremonyId, ObjectId, PolicyId, SeatId, Serial, StepId},
    inventory::Previous,
    kind::Kind,
    outcome::ActionOutcome,
    role::Mark,
    rules::Quorum,
    statement::{SignOff, Statement},
};

/// Who the record names where no person acts.
const SYSTEM: &str = "tegata-root";

/// The first event: everything a verifier needs besides the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    pub(crate) ceremony: CeremonyId,
    pub(crate) kind: Kind,
    pub(crate) policy: PolicyId,
    pub(crate) quorum: Quorum,
    #[serde(with = "octets")]
    pub(crate) script: [u8; 32],
    #[serde(with = "octets")]
    pub(crate) site: [u8; 32],
    #[serde(with = "octets")]
    pub(crate) roster: [u8; 32],
    pub(crate) cast: Cast,
    pub(crate) approvals: Vec<RosterApproval>,
    pub(crate) replaced: BTreeSet<ObjectId>,
    pub(crate) credentials_changed: bool,
    pub(crate) previous: Previous,
    /// Facts of the environment that belong in the record, such as the program's version or that it is a sandbox.
    pub(crate) environment: Map<String, Value>,
}

/// An approval of the roster as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RosterApproval {
    pub(crate) seat: SeatId,
    #[serde(with = "stamp")]
    pub(crate) at: UtcDateTime,
    pub(crate) sign_off: SignOff,
}

/// A statement without what the record says elsewhere, and its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    pub(crate) mark: Mark,
    pub(crate) seat: SeatId,
    #[serde(with = "maybe_octets")]
    pub(crate) outcome: Option<[u8; 32]>,
    #[serde(with = "octets")]
    pub(crate) head: [u8; 32],
    #[serde(with = "stamp")]
    pub(crate) at: UtcDateTime,
    pub(crate) sign_off: SignOff,
}

impl Signed {
    /// The statement that was signed, in the ceremony of `start`.
    pub(crate) fn statement(&self, start: &Start, step: Option<&StepId>) -> Statement {
        Statement {
            ceremony: start.ceremony.clone(),
            script: start.script,
            step: step.cloned(),
            mark: self.mark,
            seat: self.seat.clone(),
            person: self.sign_off.person.clone(),
            outcome: self.outcome,
            head: Some(self.head),
            time: self.at,
        }
    }
}

/// What the CA manager can order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The step is left out.
    LeaveOut,
    /// The step is done again from its beginning, its action included; objects that were sealed get new bags. A bag that
    /// was opened cannot be opened again.
    Repeat,
    /// The ceremony is broken off: from now on only what closes it is done (module closed, carriers wiped, objects sealed
    /// and stored).
    BreakOff,
}

impl Effect {
    /// The name used in orders and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LeaveOut => "leave-out",
            Self::Repeat => "repeat",
            Self::BreakOff => "break-off",
        }
    }
}

/// What the CA manager signs as the outcome of an order: SHA-256 of its canonical JSON.
pub(crate) fn order_digest(step: &StepId, effect: Effect, reason: &str) -> [u8; 32] {
    let order = json!({"effect": effect.name(), "reason": reason, "step": step.as_str()});
    sha256(canonical_json(&order).as_bytes())
}

/// A deviation as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deviation {
    pub(crate) effect: Effect,
    pub(crate) reason: String,
    pub(crate) signed: Signed,
}

/// The module was opened again, after an interruption or when its activation had expired, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reopening {
    /// The token's label, as the token says.
    pub(crate) token: String,
    /// The token's serial number, as the token says.
    pub(crate) serial: String,
    /// Those whose parts opened it, each with his signature.
    pub(crate) signed: Vec<Signed>,
}

/// What the holders sign as the outcome when the module is opened again: SHA-256 of its canonical JSON.
pub(crate) fn reopening_digest(token: &str, serial: &str) -> [u8; 32] {
    let opened = json!({"event": "module-reopened", "serial": serial, "token": token});
    sha256(canonical_json(&opened).as_bytes())
}

/// What happened to a bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BagEvent {
    Checked,
    Opened,
    Sealed,
    Stored,
}

impl BagEvent {
    const ALL: [Self; 4] = [Self::Checked, Self::Opened, Self::Sealed, Self::Stored];

    /// The event of an inventory action.
    pub(crate) fn of(action: Action) -> Option<Self> {
        match action {
            Action::InventoryCheck => Some(Self::Checked),
            Action::InventoryOpen => Some(Self::Opened),
            Action::InventorySeal => Some(Self::Sealed),
            Action::InventoryStore => Some(Self::Stored),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Checked => "object-checked",
            Self::Opened => "object-opened",
            Self::Sealed => "object-sealed",
            Self::Stored => "object-stored",
        }
    }
}

/// A line of a record as data. The audit log judges lines and their chain; here they are only read, so that a record with
/// a broken chain can still be replayed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    #[serde(with = "any_stamp")]
    pub(crate) time: UtcDateTime,
    pub(crate) terminal: String,
    pub(crate) class: Class,
    pub(crate) event: String,
    pub(crate) result: Outcome,
    pub(crate) actor: String,
    pub(crate) objects: Vec<ObjectDigest>,
    #[serde(default)]
    pub(crate) step: Option<String>,
    pub(crate) detail: Map<String, Value>,
    #[serde(with = "octets")]
    pub(crate) prev: [u8; 32],
}

impl Line {
    /// The lines of a record, counted from 1; those that are not JSON of this form are left out.
    pub(crate) fn all(bytes: &[u8]) -> Vec<(u64, Self)> {
        let lines = (1_u64..).zip(bytes.split(|byte| *byte == b'\n'));
        lines.filter_map(|(number, line)| Some((number, serde_json::from_slice(line).ok()?))).collect()
    }
}

/// An event of a ceremony.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    Start(Box<Start>),
    Resume,
    Reopen(Box<Reopening>),
    Begin(StepId),
    Skip(StepId),
    Bag { step: StepId, event: BagEvent, object: ObjectId, serial: Serial },
    Action { step: StepId, action: Action, digest: [u8; 32], outcome: Box<ActionOutcome> },
    NoAction { step: StepId, action: Action, refused: bool, error: String, message: String },
    SignOff { step: Option<StepId>, signed: Box<Signed> },
    Deviation { step: StepId, order: Box<Deviation> },
    Clock { offset: i64 },
    End { completed: bool },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BagDetail {
    object: ObjectId,
    serial: Serial,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionDetail {
    action: Action,
    #[serde(with = "octets")]
    digest: [u8; 32],
    outcome: ActionOutcome,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoActionDetail {
    action: Action,
    error: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockDetail {
    offset: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndDetail {
    completed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoDetail {}

impl Entry {
    /// The event to be appended.
    ///
    /// # Errors
    /// [`AuditError`] when a name or actor is not of the form that the log asks for.
    pub(crate) fn to_event(&self) -> Result<Event, AuditError> {
        let (name, outcome) = match self {
            Self::Start(_) => ("ceremony-start", Outcome::Success),
            Self::Resume => ("ceremony-resume", Outcome::Success),
            Self::Reopen(_) => ("module-reopened", Outcome::Success),
            Self::Begin(_) => ("step-begin", Outcome::Success),
            Self::Skip(_) => ("step-skipped", Outcome::Success),
            Self::Bag { event, .. } => (event.name(), Outcome::Success),
            Self::Action { .. } => ("action", Outcome::Success),
            Self::NoAction { refused: true, .. } => ("action", Outcome::Refused),
            Self::NoAction { refused: false, .. } => ("action", Outcome::Failed),
            Self::SignOff { .. } => ("step-sign-off", Outcome::Success),
            Self::Deviation { .. } => ("deviation", Outcome::Success),
            Self::Clock { .. } => ("clock-offset", Outcome::Success),
            Self::End { completed: true } => ("ceremony-end", Outcome::Success),
            Self::End { completed: false } => ("ceremony-end", Outcome::Failed),
        };
        let mut event = Event::new(Class::Ceremony, name, outcome, Actor::new(self.actor())?)?;
        event.step = self.step().map(ToString::to_string);
        if let Self::Action { outcome, .. } = self {
            event.objects.clone_from(&outcome.digests);
        }
        if let Value::Object(detail) = self.detail() {
            event.detail = detail;
        }
        Ok(event)
    }

    /// Reads the event of a record.
    ///
    /// # Errors
    /// [`Breach::Event`] when it is none of a ceremony, or its details do not fit.
    pub(crate) fn read(record: &Line) -> Result<Self, Breach> {
        let wrong = |detail: &str| Breach::Event { name: record.event.clone(), detail: detail.to_owned() };
        if record.class != Class::Ceremony {
            return Err(wrong("it is of another class"));
        }
        let step = || {
            let step = record.step.as_deref().ok_or_else(|| wrong("the step is missing"))?;
            StepId::new(step).map_err(|_| wrong("the step is malformed"))
        };
        let entry = match (record.event.as_str(), record.result) {
            ("ceremony-start", Outcome::Success) => Self::Start(Box::new(detail(record)?)),
            ("ceremony-resume", Outcome::Success) => none(record, Self::Resume)?,
            ("module-reopened", Outcome::Success) => Self::Reopen(Box::new(detail(record)?)),
            ("step-begin", Outcome::Success) => none(record, Self::Begin(step()?))?,
            ("step-skipped", Outcome::Success) => none(record, Self::Skip(step()?))?,
            ("action", Outcome::Success) => {
                let ActionDetail { action, digest, mut outcome } = detail(record)?;
                outcome.digests.clone_from(&record.objects);
                Self::Action { step: step()?, action, digest, outcome: Box::new(outcome) }
            }
            ("action", unsuccessful) => {
                let NoActionDetail { action, error, message } = detail(record)?;
                Self::NoAction { step: step()?, action, refused: unsuccessful == Outcome::Refused, error, message }
            }
            ("step-sign-off", Outcome::Success) => {
                let step = record.step.is_some().then(step).transpose()?;
                Self::SignOff { step, signed: Box::new(detail(record)?) }
            }
            ("deviation", Outcome::Success) => Self::Deviation { step: step()?, order: Box::new(detail(record)?) },
            ("clock-offset", Outcome::Success) => {
                let ClockDetail { offset } = detail(record)?;
                Self::Clock { offset }
            }
            ("ceremony-end", _) => {
                let EndDetail { completed } = detail(record)?;
                Self::End { completed }
            }
            (name, Outcome::Success) => {
                let event = BagEvent::ALL.into_iter().find(|event| event.name() == name);
                let event = event.ok_or_else(|| wrong("it is not an event of a ceremony"))?;
                let BagDetail { object, serial } = detail(record)?;
                Self::Bag { step: step()?, event, object, serial }
            }
            _ => return Err(wrong("it has another result than such an event can have")),
        };
        if record.actor != entry.actor() {
            return Err(wrong("the actor is another than the one in the details"));
        }
        if entry.step().map(StepId::as_str) != record.step.as_deref() {
            return Err(wrong("it belongs to no step"));
        }
        Ok(entry)
    }

    /// The step it belongs to.
    pub(crate) fn step(&self) -> Option<&StepId> {
        match self {
            Self::Begin(step)
            | Self::Skip(step)
            | Self::Bag { step, .. }
            | Self::Action { step, .. }
            | Self::NoAction { step, .. }
            | Self::Deviation { step, .. } => Some(step),
            Self::SignOff { step, .. } => step.as_ref(),
            Self::Start(_) | Self::Resume | Self::Reopen(_) | Self::Clock { .. } | Self::End { .. } => None,
        }
    }

    fn actor(&self) -> &str {
        match self {
            Self::SignOff { signed, .. } => signed.sign_off.person.as_str(),
            Self::Deviation { order, .. } => order.signed.sign_off.person.as_str(),
            _ => SYSTEM,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::Start(start) => json!(start),
            Self::Reopen(reopening) => json!(reopening),
            Self::Resume | Self::Begin(_) | Self::Skip(_) => json!({}),
            Self::Bag { object, serial, .. } => json!({"object": object, "serial": serial}),
            Self::Action { action, digest, outcome, .. } => {
                json!({"action": action, "digest": hex::encode(digest), "outcome": outcome})
            }
            Self::NoAction { action, error, message, .. } => {
                json!({"action": action, "error": error, "message": message})
            }
            Self::SignOff { signed, .. } => json!(signed),
            Self::Deviation { order, .. } => json!(order),
            Self::Clock { offset } => json!({"offset": offset}),
            Self::End { completed } => json!({"completed": completed}),
        }
    }
}

fn detail<T: DeserializeOwned>(record: &Line) -> Result<T, Breach> {
    serde_json::from_value(Value::Object(record.detail.clone()))
        .map_err(|error| Breach::Event { name: record.event.clone(), detail: error.to_string() })
}

fn none(record: &Line, entry: Entry) -> Result<Entry, Breach> {
    detail::<NoDetail>(record).map(|_| entry)
}
