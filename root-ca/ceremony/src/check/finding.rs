//! What a check finds.

use core::fmt;

use crate::{
    action::Action,
    ids::{ObjectId, PersonId, PlaceId, PolicyId, SeatId, Serial, StepId},
    kind::Kind,
    role::{Mark, Role},
    script::Authentication,
};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be known.
    Warning,
    /// The ceremony cannot start.
    Error,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub fact: Fact,
}

impl Finding {
    pub(crate) fn error(fact: Fact) -> Self {
        Self { severity: Severity::Error, fact }
    }

    pub(crate) fn warning(fact: Fact) -> Self {
        Self { severity: Severity::Warning, fact }
    }

    /// Whether it keeps the ceremony from starting.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A stable name of the fact.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.fact.id()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.fact.remedy()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fact.fmt(f)
    }
}

/// What a check can find.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fact {
    /// A text is missing in a language.
    #[error("{0}: the text is missing in a language")]
    TextMissing(String),
    /// A name is used twice.
    #[error("{0} is there twice")]
    NameTwice(String),
    /// The script is not for this policy.
    #[error("the script is not for the policy {0}")]
    PolicyNotCovered(PolicyId),
    /// A step names a seat that does not exist.
    #[error("step {step}: there is no seat {seat}")]
    SeatUnknown {
        /// The step.
        step: StepId,
        /// The seat.
        seat: SeatId,
    },
    /// A step names an object that does not exist.
    #[error("step {step}: there is no object {object}")]
    StepObjectUnknown {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
    },
    /// A step that stores names no place, or one that does not exist; or another step names one.
    #[error("step {step}: a place belongs to `inventory-store`, and must be one of the script's")]
    StepPlace {
        /// The step.
        step: StepId,
    },
    /// A step belongs to no phase.
    #[error("step {step}: there is no such phase")]
    PhaseUnknown {
        /// The step.
        step: StepId,
    },
    /// Steps do not ascend.
    #[error("step {step} does not follow upon the one before it")]
    StepOrder {
        /// The step.
        step: StepId,
    },
    /// Nobody performs a step.
    #[error("step {step}: nobody performs it")]
    NobodyDoes {
        /// The step.
        step: StepId,
    },
    /// A seat has two duties at one step.
    #[error("step {step}: {seat} has two duties")]
    SeatTwice {
        /// The step.
        step: StepId,
        /// The seat.
        seat: SeatId,
    },
    /// A witness is missing where one is a must.
    #[error("step {step}: mark {mark} is missing, and {action} needs it")]
    WitnessMissing {
        /// The step.
        step: StepId,
        /// The mark.
        mark: Mark,
        /// The action that needs it.
        action: Action,
    },
    /// A sensitive action with fewer than two operators.
    #[error("step {step}: {action} needs two operators")]
    OperatorsFew {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
    },
    /// Too little authentication.
    #[error("step {step}: {action} needs at least the authentication `{}`", needed.name())]
    AuthenticationWeak {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
        /// What is needed.
        needed: Authentication,
    },
    /// An action that the kind does not allow.
    #[error("step {step}: a {kind} ceremony does not allow {action}")]
    ActionNotAllowed {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
        /// The kind.
        kind: Kind,
    },
    /// An action that the kind demands.
    #[error("a {kind} ceremony needs the action {action}")]
    ActionDemanded {
        /// The action.
        action: Action,
        /// The kind.
        kind: Kind,
    },
    /// An action before another that it depends on.
    #[error("step {step}: {action} needs {first} before it")]
    ActionOrder {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
        /// What must come first.
        first: Action,
    },
    /// An action must be followed by another.
    #[error("step {step}: {action} needs {then} after it")]
    ActionOpen {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
        /// What must follow.
        then: Action,
    },
    /// An inventory action without objects.
    #[error("step {step}: {action} names no objects")]
    ObjectsMissing {
        /// The step.
        step: StepId,
        /// The action.
        action: Action,
    },
    /// A destruction that leaves out a copy of the key.
    #[error("step {step}: {object} holds the key and is left out")]
    CopyLeftOut {
        /// The step.
        step: StepId,
        /// The object.
        object: ObjectId,
    },
    /// No seat of a role that is a must.
    #[error("there are too few seats of the role {0}")]
    RoleMissing(Role),
    /// The CA manager's order does not come before the first use of the key.
    #[error("no step of a CA manager comes before {step}, the first that touches the key")]
    OrderMissing {
        /// The first sensitive step.
        step: StepId,
    },
    /// Nobody sits in a seat.
    #[error("nobody sits at {seat}")]
    SeatVacant {
        /// The seat.
        seat: SeatId,
    },
    /// The roster names a seat that the script does not have.
    #[error("the script has no seat {seat}")]
    RosterSeatUnknown {
        /// The seat.
        seat: SeatId,
    },
    /// A person without an entry.
    #[error("{person} is not among the persons")]
    PersonUnknown {
        /// The person.
        person: PersonId,
    },
    /// A person is listed twice.
    #[error("{person} is listed twice")]
    PersonTwice {
        /// The person.
        person: PersonId,
    },
    /// A person without name or organisation.
    #[error("{person} has no name or no organisation")]
    PersonIncomplete {
        /// The person.
        person: PersonId,
    },
    /// Two persons with one key.
    #[error("{one} and {other} have the same key")]
    KeyShared {
        /// One person.
        one: PersonId,
        /// The other.
        other: PersonId,
    },
    /// One person in two roles that may not be shared.
    #[error("{person} cannot be {one} and {other}")]
    RolesNotShareable {
        /// The person.
        person: PersonId,
        /// One role.
        one: Role,
        /// The other.
        other: Role,
    },
    /// One person with two duties at one step.
    #[error("step {step}: {person} has two duties")]
    SamePerson {
        /// The step.
        step: StepId,
        /// The person.
        person: PersonId,
    },
    /// A witness from the organisation of an operator, or both witnesses from one.
    #[error("step {step}: {seat} is from the same organisation as {other}")]
    WitnessNotIndependent {
        /// The first step where it matters.
        step: StepId,
        /// The witness.
        seat: SeatId,
        /// The operator or other witness.
        other: SeatId,
    },
    /// The CA managers are not of two organisations.
    #[error("the CA managers must come from two organisations")]
    OrganisationsFew,
    /// k and n cannot be.
    #[error("{k} of {n} persons is not a quorum: 2 ≤ k ≤ n")]
    QuorumImpossible {
        /// How many must come together.
        k: u8,
        /// How many hold a part.
        n: u8,
    },
    /// Too few or too many holders.
    #[error("{present} of {listed} holders are at the table; {k} must be, and {n} parts exist")]
    HoldersCount {
        /// How many sit at the table.
        present: usize,
        /// How many must.
        k: u8,
        /// How many are listed.
        listed: usize,
        /// How many parts there are; all are given out where the module is initialised.
        n: u8,
    },
    /// A holder whose role does not allow it.
    #[error("{person} holds a part of the activation, which no role of his allows")]
    HolderNotEntitled {
        /// The person.
        person: PersonId,
    },
    /// The roster is not approved.
    #[error("the roster is not approved by {seat}")]
    ApprovalMissing {
        /// The seat.
        seat: SeatId,
    },
    /// An approval does not verify.
    #[error("the approval of the roster by {seat} does not verify")]
    ApprovalInvalid {
        /// The seat.
        seat: SeatId,
    },
    /// The last training is too long ago.
    #[error("the last training of {person} is too long ago")]
    TrainingOld {
        /// The person.
        person: PersonId,
    },
    /// A place is not described.
    #[error("the site file does not say where {place} is")]
    PlaceNotDescribed {
        /// The place.
        place: PlaceId,
    },
    /// The site file describes a place that the script does not have.
    #[error("the script has no place {place}")]
    PlaceUnknown {
        /// The place.
        place: PlaceId,
    },
    /// The site file names an object that the script does not have.
    #[error("the script has no object {object}")]
    ObjectUnknown {
        /// The object.
        object: ObjectId,
    },
    /// An object without a label.
    #[error("the site file does not say what is written on {object}")]
    ObjectNotLabelled {
        /// The object.
        object: ObjectId,
    },
    /// An object that the last ceremony did not leave behind.
    #[error("{object} is not in the inventory of the last ceremony")]
    ObjectNotInInventory {
        /// The object.
        object: ObjectId,
    },
    /// An object that the last ceremony left open.
    #[error("{object} was left open by the last ceremony")]
    ObjectNotSealed {
        /// The object.
        object: ObjectId,
    },
    /// One serial for two bags, or one that was opened before.
    #[error("the bag {serial} is in the inventory twice, or was opened before")]
    SerialClash {
        /// The serial.
        serial: Serial,
    },
    /// A first ceremony where a root key exists.
    #[error("a root key exists already")]
    RootExists,
    /// Another ceremony where none exists.
    #[error("no root key exists")]
    RootAbsent,
}

impl Fact {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TextMissing(_) => "text-missing",
            Self::NameTwice(_) => "name-twice",
            Self::PolicyNotCovered(_) => "policy-not-covered",
            Self::SeatUnknown { .. } => "seat-unknown",
            Self::StepObjectUnknown { .. } => "step-object-unknown",
            Self::StepPlace { .. } => "step-place",
            Self::PhaseUnknown { .. } => "phase-unknown",
            Self::StepOrder { .. } => "step-order",
            Self::NobodyDoes { .. } => "nobody-does",
            Self::SeatTwice { .. } => "seat-twice",
            Self::WitnessMissing { .. } => "witness-missing",
            Self::OperatorsFew { .. } => "operators-few",
            Self::AuthenticationWeak { .. } => "authentication-weak",
            Self::ActionNotAllowed { .. } => "action-not-allowed",
            Self::ActionDemanded { .. } => "action-demanded",
            Self::ActionOrder { .. } => "action-order",
            Self::ActionOpen { .. } => "action-open",
            Self::ObjectsMissing { .. } => "objects-missing",
            Self::CopyLeftOut { .. } => "copy-left-out",
            Self::RoleMissing(_) => "role-missing",
            Self::OrderMissing { .. } => "order-missing",
            Self::SeatVacant { .. } => "seat-vacant",
            Self::RosterSeatUnknown { .. } => "roster-seat-unknown",
            Self::PersonUnknown { .. } => "person-not-listed",
            Self::PersonTwice { .. } => "person-twice",
            Self::PersonIncomplete { .. } => "person-incomplete",
            Self::KeyShared { .. } => "key-shared",
            Self::RolesNotShareable { .. } => "roles-not-shareable",
            Self::SamePerson { .. } => "same-person",
            Self::WitnessNotIndependent { .. } => "witness-not-independent",
            Self::OrganisationsFew => "organisations-few",
            Self::QuorumImpossible { .. } => "quorum-impossible",
            Self::HoldersCount { .. } => "holders-count",
            Self::HolderNotEntitled { .. } => "holder-not-entitled",
            Self::ApprovalMissing { .. } => "approval-missing",
            Self::ApprovalInvalid { .. } => "approval-invalid",
            Self::TrainingOld { .. } => "training-old",
            Self::PlaceNotDescribed { .. } => "place-not-described",
            Self::PlaceUnknown { .. } => "place-unknown",
            Self::ObjectUnknown { .. } => "object-not-in-script",
            Self::ObjectNotLabelled { .. } => "object-not-labelled",
            Self::ObjectNotInInventory { .. } => "object-not-in-inventory",
            Self::ObjectNotSealed { .. } => "object-not-sealed",
            Self::SerialClash { .. } => "serial-clash",
            Self::RootExists => "root-exists",
            Self::RootAbsent => "root-absent",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::PolicyNotCovered(_) | Self::RootExists | Self::RootAbsent => "choose the script that fits",
            Self::SeatVacant { .. }
            | Self::RosterSeatUnknown { .. }
            | Self::PersonUnknown { .. }
            | Self::PersonTwice { .. }
            | Self::PersonIncomplete { .. }
            | Self::KeyShared { .. }
            | Self::HoldersCount { .. }
            | Self::HolderNotEntitled { .. }
            | Self::PlaceNotDescribed { .. }
            | Self::PlaceUnknown { .. }
            | Self::ObjectUnknown { .. }
            | Self::ObjectNotLabelled { .. } => "correct the site file, and have the roster approved again",
            Self::RolesNotShareable { .. }
            | Self::SamePerson { .. }
            | Self::WitnessNotIndependent { .. }
            | Self::OrganisationsFew => "appoint another person, and have the roster approved again",
            Self::QuorumImpossible { .. } => "correct k and n in the policy",
            Self::ApprovalMissing { .. } | Self::ApprovalInvalid { .. } => {
                "have the CA manager and the certificate issuer sign the present roster"
            }
            Self::TrainingOld { .. } => "train the person before the ceremony and note the day in the site file",
            Self::ObjectNotInInventory { .. } | Self::ObjectNotSealed { .. } | Self::SerialClash { .. } => {
                "find out from the last record where the object is; list it as replaced if it was renewed"
            }
            _ => "correct the script; a changed script must be reviewed and published again",
        }
    }
}
