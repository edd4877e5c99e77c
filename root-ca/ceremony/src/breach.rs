//! The rules of a ceremony, each as the way it is broken. The engine refuses what the verifier names: it is one list.

use time::UtcDateTime;

use crate::{
    action::Action,
    check::Finding,
    ids::{ObjectId, PersonId, SeatId, Serial, StepId},
    kind::Kind,
    role::Mark,
};

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// The hash chain of the record does not hold.
    #[error("the record's chain does not hold: {0}")]
    Chain(tegata_audit::Fault),
    /// A line is not an event of a ceremony, or its details do not fit it.
    #[error("event `{name}` cannot be read: {detail}")]
    Event {
        /// The name in the record.
        name: String,
        /// What does not fit.
        detail: String,
    },
    /// The script or the roster is not sound.
    #[error("{0}")]
    Unsound(Box<Finding>),
    /// The record starts with something else than the start of a ceremony.
    #[error("the record does not begin with the start of the ceremony")]
    NotStarted,
    /// A second start.
    #[error("the ceremony was already started")]
    StartedTwice,
    /// Something after the end.
    #[error("the ceremony had already ended")]
    AlreadyEnded,
    /// The record stops before the end: it is cut off, or the ceremony was broken off.
    #[error("the record ends before the ceremony does: its tail is missing")]
    TailMissing,
    /// The record belongs to another script, site file, policy, quorum or predecessor.
    #[error("the record was made with another {0}")]
    Other(Binding),
    /// A first ceremony where a root key exists.
    #[error("a root key exists already: a first ceremony is not possible")]
    RootExists,
    /// Another ceremony where no root key exists.
    #[error("no root key exists: a {0} ceremony is not possible")]
    RootAbsent(Kind),
    /// The roster lacks an approval that holds.
    #[error("the roster is not approved by {seat}")]
    RosterNotApproved {
        /// Whose approval is missing or does not verify.
        seat: SeatId,
    },
    /// A step that the script does not have.
    #[error("there is no step {step}")]
    StepUnknown {
        /// The step.
        step: StepId,
    },
    /// A step that was due was not carried out, and nobody ordered that.
    #[error("step {step} was skipped although it was due")]
    StepSkipped {
        /// The step.
        step: StepId,
    },
    /// A step that was not due is not recorded as such.
    #[error("the record says nothing about step {step}")]
    StepUnrecorded {
        /// The step.
        step: StepId,
    },
    /// A step was begun whose condition is false.
    #[error("step {step} is not due in this ceremony")]
    StepNotDue {
        /// The step.
        step: StepId,
    },
    /// Something belongs to another step than the one that is under way.
    #[error("step {found} is out of order{}", expected.as_ref().map(|step| format!(": {step} is under way")).unwrap_or_default())]
    StepOutOfOrder {
        /// The step under way, if one is.
        expected: Option<StepId>,
        /// The step met.
        found: StepId,
    },
    /// A step was begun again without a break or an order.
    #[error("step {step} was begun again without an order")]
    StepBegunTwice {
        /// The step.
        step: StepId,
    },
    /// After a break, the step must be begun again.
    #[error("step {step} was broken off and must be begun again")]
    StepBrokenOff {
        /// The step.
        step: StepId,
    },
    /// The action of the step did not take place.
    #[error("step {step}: its action ({action}) did not take place")]
    ActionMissing {
        /// The step.
        step: StepId,
        /// Its action.
        action: Action,
    },
    /// An action took place twice.
    #[error("step {step}: the action took place twice")]
    ActionTwice {
        /// The step.
        step: StepId,
    },
    /// Another action than the script's.
    #[error("step {step}: {found} took place instead of {expected}")]
    ActionOther {
        /// The step.
        step: StepId,
        /// The action of the script.
        expected: Action,
        /// The one recorded.
        found: Action,
    },
    /// Too few persons had authenticated.
    #[error("step {step}: {present} of {needed} persons had authenticated")]
    AuthenticationMissing {
        /// The step.
        step: StepId,
        /// How many are needed.
        needed: usize,
        /// How many there were.
        present: usize,
    },
    /// A person may not authenticate for this step.
    #[error("step {step}: {person} is not among those who may authenticate")]
    AuthenticationForeign {
        /// The step.
        step: StepId,
        /// The person.
        person: PersonId,
    },
    /// A mark is missing.
    #[error("step {step}: mark {mark} by {seat} is missing")]
    MarkMissing {
        /// The step.
        step: StepId,
        /// The mark.
        mark: Mark,
        /// The seat that should have set it.
        seat: SeatId,
    },
    /// The CA manager's approval of completion or the auditor's attestation is missing.
    #[error("the ceremony is not closed: mark {mark} by {seat} is missing")]
    ClosingMissing {
        /// The mark.
        mark: Mark,
        /// The seat that should have set it.
        seat: SeatId,
    },
    /// A mark that nobody asked for.
    #[error("mark {mark} by {seat} is not asked for here")]
    MarkUnexpected {
        /// The mark.
        mark: Mark,
        /// The seat.
        seat: SeatId,
    },
    /// A mark was set before those it depends on: confirmers sign after performers, witnesses after both.
    #[error("step {step}: mark {mark} by {seat} comes before those it depends on")]
    MarkTooEarly {
        /// The step.
        step: StepId,
        /// The mark.
        mark: Mark,
        /// The seat.
        seat: SeatId,
    },
    /// Another person than the one in the seat.
    #[error("mark {mark} by {seat}: {found} signed instead of {expected}")]
    PersonOther {
        /// The mark.
        mark: Mark,
        /// The seat.
        seat: SeatId,
        /// Who sits there.
        expected: PersonId,
        /// Who signed.
        found: PersonId,
    },
    /// One person twice at one step.
    #[error("step {step}: {person} signed twice")]
    SamePersonTwice {
        /// The step.
        step: StepId,
        /// The person.
        person: PersonId,
    },
    /// A person without a key in the roster.
    #[error("{person} is not in the roster")]
    PersonUnknown {
        /// The person.
        person: PersonId,
    },
    /// The signature is not that person's signature over this statement.
    #[error("the signature of {person} does not verify")]
    SignatureInvalid {
        /// The person.
        person: PersonId,
    },
    /// What stands before a sign-off is not what stood there when it was signed.
    #[error("the record was altered before the sign-off of {person}")]
    HistoryAltered {
        /// The person whose sign-off shows it.
        person: PersonId,
    },
    /// The time of the record is not the time that was signed.
    #[error("the time was edited: {recorded} instead of {signed}")]
    TimeEdited {
        /// The time in the record.
        recorded: UtcDateTime,
        /// The time in the signed statement.
        signed: UtcDateTime,
    },
    /// A record is earlier than the one before it.
    #[error("the clock goes back")]
    ClockBack,
    /// The outcome that was signed is another than the one recorded.
    #[error("step {step}: the outcome is not the one that was signed")]
    OutcomeOther {
        /// The step.
        step: StepId,
    },
    /// A bag with another serial than the last record's: a hard stop.
    #[error("step {step}: the bag of {object} has the serial {found} instead of {expected}")]
    SerialWrong {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
        /// The serial in the inventory.
        expected: Serial,
        /// The serial found.
        found: Serial,
    },
    /// A serial that was used before.
    #[error("step {step}: the bag {serial} was used before")]
    SerialReused {
        /// The step.
        step: StepId,
        /// The serial.
        serial: Serial,
    },
    /// The bags of a step are not those of its objects.
    #[error("step {step}: the bag of {object} is missing or not asked for")]
    BagOther {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
    },
    /// An object that the inventory does not know.
    #[error("step {step}: {object} is not in the inventory")]
    ObjectUnknown {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
    },
    /// An object that should be sealed and is open, or the other way round.
    #[error("step {step}: {object} is sealed where it should be open, or open where it should be sealed")]
    ObjectState {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
    },
    /// The clock was not compared before the first signature of the root, or at the end.
    #[error("the clock was not compared before {}", before.as_ref().map_or("the end", |step| step.as_str()))]
    ClockMissing {
        /// The step that signs; `None` at the end of the ceremony.
        before: Option<StepId>,
    },
    /// The clock was compared at the end already.
    #[error("the clock was compared at the end already")]
    ClockTwice,
    /// A key was deleted that had not been listed, had not ended, or is one of the two youngest.
    #[error("step {step}: key {} must not be deleted: {why}", hex::encode(fingerprint))]
    TargetForbidden {
        /// The step.
        step: StepId,
        /// The key.
        fingerprint: [u8; 32],
        /// What forbids it.
        why: TargetFault,
    },
    /// A copy of the key was left out.
    #[error("step {step}: {object} was left out, or does not belong to the step")]
    CopyOther {
        /// The step.
        step: StepId,
        /// The copy.
        object: ObjectId,
    },
    /// A key was to be used after an interruption before the module was opened again, on record.
    #[error("step {step} needs the module, which was not opened again after the interruption")]
    ModuleNotReopened {
        /// The step.
        step: StepId,
    },
    /// The module was opened again where it had not been open.
    #[error("the module was opened again where it had not been open")]
    ReopenedUnasked,
    /// Somebody opened the module again who holds no part, or whose signature is about something else.
    #[error("{person} cannot open the module again, or signed something else")]
    ReopenedBy {
        /// Who.
        person: PersonId,
    },
    /// Fewer persons opened the module again than the quorum asks for.
    #[error("{present} of {needed} persons opened the module again")]
    ReopenedBelowQuorum {
        /// How many must.
        needed: usize,
        /// How many did.
        present: usize,
    },
    /// An order that the CA manager cannot give.
    #[error("no order can leave step {step} ({action}) out or repeat it")]
    DeviationForbidden {
        /// The step.
        step: StepId,
        /// Its action.
        action: Action,
    },
    /// An order by somebody who is not a CA manager.
    #[error("{seat} cannot order a deviation")]
    DeviationBySeat {
        /// The seat.
        seat: SeatId,
    },
}

/// What a record is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Binding {
    /// The script.
    #[error("script")]
    Script,
    /// The site file.
    #[error("site file")]
    Site,
    /// The roster of the site file.
    #[error("roster")]
    Roster,
    /// The policy.
    #[error("policy")]
    Policy,
    /// The quorum.
    #[error("quorum")]
    Quorum,
    /// The record of the ceremony before.
    #[error("predecessor")]
    Previous,
}

/// Why a key must not be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TargetFault {
    /// It was not on the list that the persons confirmed.
    #[error("it was not listed")]
    NotListed,
    /// Its certificate has not ended.
    #[error("its certificate has not ended")]
    NotEnded,
    /// It is the current key or the one before.
    #[error("it is one of the two youngest keys")]
    TooYoung,
}

impl Breach {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Chain(_) => "chain-broken",
            Self::Event { .. } => "event-unreadable",
            Self::Unsound(finding) => finding.id(),
            Self::NotStarted => "ceremony-not-started",
            Self::StartedTwice => "ceremony-started-twice",
            Self::AlreadyEnded => "ceremony-already-ended",
            Self::TailMissing => "record-tail-missing",
            Self::Other(_) => "record-of-other",
            Self::RootExists => "root-exists",
            Self::RootAbsent(_) => "root-absent",
            Self::RosterNotApproved { .. } => "roster-not-approved",
            Self::StepUnknown { .. } => "step-unknown",
            Self::StepSkipped { .. } => "step-skipped",
            Self::StepUnrecorded { .. } => "step-unrecorded",
            Self::StepNotDue { .. } => "step-not-due",
            Self::StepOutOfOrder { .. } => "step-out-of-order",
            Self::StepBegunTwice { .. } => "step-begun-twice",
            Self::StepBrokenOff { .. } => "step-broken-off",
            Self::ActionMissing { .. } => "action-missing",
            Self::ActionTwice { .. } => "action-twice",
            Self::ActionOther { .. } => "action-other",
            Self::AuthenticationMissing { .. } => "authentication-missing",
            Self::AuthenticationForeign { .. } => "authentication-foreign",
            Self::MarkMissing { .. } => "mark-missing",
            Self::ClosingMissing { .. } => "closing-missing",
            Self::MarkUnexpected { .. } => "mark-unexpected",
            Self::MarkTooEarly { .. } => "mark-too-early",
            Self::PersonOther { .. } => "person-other",
            Self::SamePersonTwice { .. } => "same-person-twice",
            Self::PersonUnknown { .. } => "person-unknown",
            Self::SignatureInvalid { .. } => "signature-invalid",
            Self::HistoryAltered { .. } => "history-altered",
            Self::TimeEdited { .. } => "time-edited",
            Self::ClockBack => "clock-back",
            Self::OutcomeOther { .. } => "outcome-other",
            Self::SerialWrong { .. } => "serial-wrong",
            Self::SerialReused { .. } => "serial-reused",
            Self::BagOther { .. } => "bag-other",
            Self::ObjectUnknown { .. } => "object-unknown",
            Self::ObjectState { .. } => "object-state",
            Self::ClockMissing { .. } => "clock-missing",
            Self::ClockTwice => "clock-twice",
            Self::TargetForbidden { .. } => "target-forbidden",
            Self::CopyOther { .. } => "copy-other",
            Self::ModuleNotReopened { .. } => "module-not-reopened",
            Self::ReopenedUnasked => "module-reopened-unasked",
            Self::ReopenedBy { .. } => "module-reopened-by",
            Self::ReopenedBelowQuorum { .. } => "module-reopened-below-quorum",
            Self::DeviationForbidden { .. } => "deviation-forbidden",
            Self::DeviationBySeat { .. } => "deviation-by-seat",
        }
    }

    /// What to do about it: during the ceremony, or as an auditor.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::SerialWrong { .. } | Self::SerialReused { .. } | Self::ObjectState { .. } | Self::BagOther { .. } => {
                "stop: read the serial again; if it stays, leave the bag closed, call the CA manager and break off"
            }
            Self::Chain(_)
            | Self::Event { .. }
            | Self::TailMissing
            | Self::HistoryAltered { .. }
            | Self::TimeEdited { .. }
            | Self::SignatureInvalid { .. }
            | Self::OutcomeOther { .. }
            | Self::ClockBack => {
                "treat the record as altered: compare it with the witnesses' copies and the checkpoint"
            }
            Self::Unsound(finding) => finding.remedy(),
            Self::Other(_) => "verify with the files whose digests the record names",
            Self::RootExists | Self::RootAbsent(_) => "choose the script of the right kind",
            Self::RosterNotApproved { .. } => "have the CA manager and the certificate issuer sign the roster",
            Self::AuthenticationMissing { .. }
            | Self::AuthenticationForeign { .. }
            | Self::ModuleNotReopened { .. }
            | Self::ReopenedBy { .. }
            | Self::ReopenedBelowQuorum { .. } => "let the persons who are named authenticate again, now",
            Self::PersonOther { .. } | Self::SamePersonTwice { .. } | Self::PersonUnknown { .. } => {
                "let the person in the seat sign with his own credential"
            }
            Self::StepBrokenOff { .. } => "begin the step again",
            Self::TargetForbidden { .. } | Self::CopyOther { .. } => "do not go on: compare the list with the keys",
            Self::DeviationForbidden { .. } => {
                "break the ceremony off by order; this step cannot be left out or repeated"
            }
            Self::DeviationBySeat { .. } => "ask the CA manager for the order",
            Self::ClockMissing { .. } => "compare the clock with two watches and record the offset",
            _ => "follow the procedure from the step under way; a deviation needs an order of the CA manager",
        }
    }

    /// The step concerned, if it is one.
    #[must_use]
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::StepUnknown { step }
            | Self::StepSkipped { step }
            | Self::StepUnrecorded { step }
            | Self::StepNotDue { step }
            | Self::StepOutOfOrder { found: step, .. }
            | Self::StepBegunTwice { step }
            | Self::StepBrokenOff { step }
            | Self::ActionMissing { step, .. }
            | Self::ActionTwice { step }
            | Self::ActionOther { step, .. }
            | Self::AuthenticationMissing { step, .. }
            | Self::AuthenticationForeign { step, .. }
            | Self::MarkMissing { step, .. }
            | Self::MarkTooEarly { step, .. }
            | Self::SamePersonTwice { step, .. }
            | Self::OutcomeOther { step }
            | Self::SerialWrong { step, .. }
            | Self::SerialReused { step, .. }
            | Self::BagOther { step, .. }
            | Self::ObjectUnknown { step, .. }
            | Self::ObjectState { step, .. }
            | Self::TargetForbidden { step, .. }
            | Self::CopyOther { step, .. }
            | Self::ModuleNotReopened { step }
            | Self::DeviationForbidden { step, .. } => Some(step),
            Self::ClockMissing { before } => before.as_ref(),
            _ => None,
        }
    }
}
