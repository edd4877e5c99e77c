//! What can go wrong with an activation.

use time::{Duration, UtcDateTime};

use crate::{PersonId, ShareError};

/// Why rules for an activation are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// One person alone never activates.
    #[error("a quorum of {threshold} is too small")]
    Threshold {
        /// The number given.
        threshold: u8,
    },
    /// The window is not above zero and at most an hour.
    #[error("an authentication window of {window} is out of bounds")]
    Window {
        /// The length given.
        window: Duration,
    },
    /// The session is not above zero and at most 12 hours.
    #[error("a session of {session} is out of bounds")]
    Session {
        /// The length given.
        session: Duration,
    },
    /// The age of passwords is not above zero and at most 400 days.
    #[error("a password age of {age} is out of bounds")]
    PasswordAge {
        /// The age given.
        age: Duration,
    },
}

impl PolicyError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "quorum-policy-threshold",
            Self::Window { .. } => "quorum-policy-window",
            Self::Session { .. } => "quorum-policy-session",
            Self::PasswordAge { .. } => "quorum-policy-password-age",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "Ask for two persons or more.",
            Self::Window { .. } => "Choose a window of at most one hour.",
            Self::Session { .. } => "Choose a session of at most 12 hours.",
            Self::PasswordAge { .. } => "Choose an age of at most 400 days.",
        }
    }
}

/// Why an activation does not go on, or a session gives no PIN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivationError {
    /// The set of shares opens with fewer persons than the policy asks for.
    #[error("the shares open with {set} persons, and the policy asks for {policy}")]
    Threshold {
        /// The threshold of the set.
        set: u8,
        /// The threshold of the policy.
        policy: u8,
    },
    /// Too few of the holders are on the roster.
    #[error("{have} holders are on the roster, and it takes {need}")]
    Roster {
        /// How many there are.
        have: usize,
        /// How many it takes.
        need: usize,
    },
    /// A person, or a key, stands twice on the roster.
    #[error("{person} stands twice on the roster")]
    DuplicateMember {
        /// The person.
        person: PersonId,
    },
    /// The purpose is empty, too long or not printable.
    #[error("the purpose has 1 to 200 characters, none of them a control character")]
    Purpose,
    /// The person is not on the roster.
    #[error("{person} is not on the roster")]
    NotOnRoster {
        /// The person.
        person: PersonId,
    },
    /// The credential has another key than the roster names for this person.
    #[error("the credential of {person} has another key than the roster")]
    OtherKey {
        /// The person.
        person: PersonId,
    },
    /// A sandbox credential where only real ones count.
    #[error("the credential of {person} is for a sandbox only")]
    SandboxCredential {
        /// The person.
        person: PersonId,
    },
    /// The person did not authenticate within the window, or before the activation was begun.
    #[error("{person} authenticated at {authenticated}, which is not now")]
    NotNow {
        /// The person.
        person: PersonId,
        /// When both factors were shown.
        authenticated: UtcDateTime,
    },
    /// The password is older than the policy allows.
    #[error("the password of {person} is {} days old", age.whole_days())]
    PasswordTooOld {
        /// The person.
        person: PersonId,
        /// How old it is.
        age: Duration,
    },
    /// Two persons use one second factor.
    #[error("{person} and {other} use the same second factor")]
    SharedFactor {
        /// Who comes now.
        person: PersonId,
        /// Who came before.
        other: PersonId,
    },
    /// The share given belongs to another person.
    #[error("{person} brings the share of {holder}")]
    ForeignShare {
        /// Who authenticated.
        person: PersonId,
        /// Whose share it is.
        holder: PersonId,
    },
    /// A share was refused.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// Too few are present.
    #[error("{have} of {need} persons are present")]
    BelowQuorum {
        /// How many are present.
        have: usize,
        /// How many it takes.
        need: usize,
        /// Those whose authentication has become too old.
        stale: Vec<PersonId>,
    },
    /// The session is over.
    #[error("the activation ended at {expires}")]
    Expired {
        /// When it ended.
        expires: UtcDateTime,
    },
    /// The clock went back.
    #[error("the clock says {now}, but it was {latest} before")]
    Clock {
        /// The time given.
        now: UtcDateTime,
        /// The latest time known.
        latest: UtcDateTime,
    },
}

impl ActivationError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "activation-threshold",
            Self::Roster { .. } => "activation-roster",
            Self::DuplicateMember { .. } => "activation-duplicate-member",
            Self::Purpose => "activation-purpose",
            Self::NotOnRoster { .. } => "activation-not-on-roster",
            Self::OtherKey { .. } => "activation-other-key",
            Self::SandboxCredential { .. } => "activation-sandbox-credential",
            Self::NotNow { .. } => "activation-not-now",
            Self::PasswordTooOld { .. } => "activation-password-too-old",
            Self::SharedFactor { .. } => "activation-shared-factor",
            Self::ForeignShare { .. } => "activation-foreign-share",
            Self::Share(error) => error.id(),
            Self::BelowQuorum { .. } => "activation-below-quorum",
            Self::Expired { .. } => "activation-expired",
            Self::Clock { .. } => "activation-clock",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "Split the PIN again with the quorum of the policy.",
            Self::Roster { .. } => "Put enough holders on the roster and have it approved.",
            Self::DuplicateMember { .. } => "Name each person once, each with a key of his own.",
            Self::Purpose => "Name the ceremony and the step in one line.",
            Self::NotOnRoster { .. } => "Only persons of the approved roster take part.",
            Self::OtherKey { .. } => "Find out whose credential this is before anything else is done.",
            Self::SandboxCredential { .. } => "Enrol with a real second factor.",
            Self::NotNow { .. } => "Let the person authenticate again, now.",
            Self::PasswordTooOld { .. } => "Let the person renew his password, then authenticate again.",
            Self::SharedFactor { .. } => "Each person enrols with a second factor of his own.",
            Self::ForeignShare { .. } => "Let each holder bring his own share.",
            Self::Share(error) => error.remedy(),
            Self::BelowQuorum { .. } => "Begin again with enough persons; those named authenticate again.",
            Self::Expired { .. } => "Begin a new activation.",
            Self::Clock { .. } => "Set the clock; two persons confirm it.",
        }
    }
}
