//! Names of the persons, seats, objects, places, steps and bags of a ceremony. Each is a short string of a closed alphabet,
//! so that it can be read aloud, printed on a form and compared byte by byte.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A name that does not fit its alphabet or length.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("`{text}` is not a {kind} ({form})")]
pub struct IdError {
    /// What was read: `person`, `seat`, …
    pub kind: &'static str,
    /// The form it should have.
    pub form: &'static str,
    /// What was found; cut to 64 characters.
    pub text: String,
}

impl IdError {
    /// A stable name of the error.
    #[must_use]
    pub fn id(&self) -> &'static str {
        "name-malformed"
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        "write the name in the form that the message gives"
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $form:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a name of the right form.
            ///
            /// # Errors
            /// [`IdError`] with the form demanded.
            pub fn new(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: $kind, form: $form, text: text.chars().take(64).collect() })
                }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

name!(
    /// The handle of a person, such as `p07`. The real name is only in the site file.
    PersonId, "person", "2 to 32 of a-z, 0-9, -", kebab
);
name!(
    /// A seat at the ceremony's table, such as `key-manager-1`: one person sits in it from start to end.
    SeatId, "seat", "2 to 32 of a-z, 0-9, -", kebab
);
name!(
    /// A thing that is handled: the module, a medium, the computer.
    ObjectId, "object", "2 to 32 of a-z, 0-9, -", kebab
);
name!(
    /// A place where objects are kept.
    PlaceId, "place", "2 to 32 of a-z, 0-9, -", kebab
);
name!(
    /// The number of a step: phase and position, such as `7.03`; a step added between two others carries a letter, `7.03a`.
    StepId, "step", "phase.NN with at most one letter after it", step
);
name!(
    /// The serial number printed on a tamper-evident bag.
    Serial, "bag serial", "4 to 32 of A-Z, 0-9, -", serial
);
name!(
    /// The number of a ceremony, unique at its authority, such as `2026-01`.
    CeremonyId, "ceremony number", "2 to 32 of a-z, 0-9, -", kebab
);
name!(
    /// The name of a policy, such as `iso-18013-5`.
    PolicyId, "policy", "2 to 32 of a-z, 0-9, -", kebab
);

impl StepId {
    /// The phase the step belongs to.
    #[must_use]
    pub fn phase(&self) -> u8 {
        self.order().0
    }

    /// A key that sorts steps as the procedure runs: `7.03` < `7.03a` < `7.04` < `10.01`.
    #[must_use]
    pub fn order(&self) -> (u8, u8, Option<char>) {
        let (phase, rest) = self.0.split_once('.').unwrap_or_default();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (phase.parse().unwrap_or_default(), digits.parse().unwrap_or_default(), rest.chars().nth(digits.len()))
    }
}

fn kebab(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn serial(text: &str) -> bool {
    (4..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

fn step(text: &str) -> bool {
    let Some((phase, rest)) = text.split_once('.') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let phase_fits = matches!(phase.len(), 1 | 2) && digits(phase) && (phase.len() == 1 || !phase.starts_with('0'));
    let number = rest.get(..2).unwrap_or_default();
    let letter = rest.get(2..).unwrap_or("?");
    phase_fits
        && number.len() == 2
        && digits(number)
        && (letter.is_empty() || (letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_lowercase())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn steps_sort_as_the_procedure_runs() {
        let steps: Vec<StepId> = ["0.01", "7.03", "7.03a", "7.04", "10.01"].map(|id| id.parse().unwrap()).into();
        assert!(steps.is_sorted_by_key(StepId::order));
        assert_eq!(steps.last().unwrap().phase(), 10);
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in ["7.3", "7.003", "07.03", "7.03ab", "7.03A", "x.01", "7", "7.", "", "7.0é"] {
            assert_eq!(StepId::new(bad).unwrap_err().id(), "name-malformed", "{bad}");
        }
        for bad in ["", "a", "P07", "-p", "p-", "a b", &"a".repeat(33)] {
            assert!(PersonId::new(bad).is_err(), "{bad}");
        }
        for bad in ["abc", "A1", "A 11", "ab-123"] {
            assert!(Serial::new(bad).is_err(), "{bad}");
        }
    }
}
