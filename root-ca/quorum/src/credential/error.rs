//! What can go wrong with a credential.

use time::UtcDateTime;

use super::FactorError;
use crate::PersonId;

/// Why a credential was not made, read or unlocked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The file is not a credential of the known format.
    #[error("the file is not a credential")]
    Malformed,
    /// The sealed part was altered or cut, or a key in it is not that of the public part.
    #[error("the credential is damaged")]
    Damaged,
    /// The password is not the one set. Only whoever presents the right second factor is told.
    #[error("the password of {person} is wrong")]
    WrongPassword {
        /// Whose credential it is.
        person: PersonId,
    },
    /// Another second factor than the enrolled one is presented.
    #[error("the credential was enrolled with the factor {enrolled}, and {presented} is presented")]
    OtherFactor {
        /// The id of the enrolled factor.
        enrolled: String,
        /// The id of the presented factor.
        presented: String,
    },
    /// The factor of the right name answers wrongly, or the file was altered. The password was not looked at.
    #[error("the second factor does not open the credential of {person}, or the file was altered")]
    FactorRefused {
        /// Whose credential it is.
        person: PersonId,
    },
    /// The second factor did not answer.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The clock stands before the day on which the password was set.
    #[error("the clock says {now}, but the password was set at {password_set}")]
    Clock {
        /// The time given.
        now: UtcDateTime,
        /// When the password was set.
        password_set: UtcDateTime,
    },
    /// The password is the person's handle.
    #[error("the password is the person's own handle")]
    PasswordIsHandle,
    /// A key or a date has no encoding: the random generator is broken, or a date lies beyond the year 9999.
    #[error("the credential cannot be encoded")]
    Unusable,
}

impl CredentialError {
    /// The stable name of this error.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Malformed => "credential-malformed",
            Self::Damaged => "credential-damaged",
            Self::WrongPassword { .. } => "credential-wrong-password",
            Self::OtherFactor { .. } => "credential-other-factor",
            Self::FactorRefused { .. } => "credential-factor-refused",
            Self::Factor(error) => error.id(),
            Self::Clock { .. } => "credential-clock",
            Self::PasswordIsHandle => "credential-password-is-handle",
            Self::Unusable => "credential-unusable",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Damaged => "Take the person's credential from its second copy, or enrol again.",
            Self::WrongPassword { .. } => {
                "Type the password again; it is the one set at the last enrolment or renewal."
            }
            Self::OtherFactor { .. } => "Insert the stick or token that the credential names.",
            Self::FactorRefused { .. } => {
                "Compare the file with its second copy; if they are equal, the factor was replaced: enrol again."
            }
            Self::Factor(error) => error.remedy(),
            Self::Clock { .. } => "Set the clock; two persons confirm it.",
            Self::PasswordIsHandle => "Choose another password.",
            Self::Unusable => "Check the clock and the random generator of this computer.",
        }
    }
}
