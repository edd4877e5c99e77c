//! Handles of persons. Real names live in the private site file of a ceremony, never here.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// The fewest and the most characters of a handle.
const LENGTHS: core::ops::RangeInclusive<usize> = 2..=32;

/// The handle of one person, such as `p07`: 2 to 32 characters of `a`-`z`, `0`-`9` and `-`.
///
/// In JSON a string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(String);

impl PersonId {
    /// Takes a handle.
    ///
    /// # Errors
    /// [`PersonIdError`] for another length or another character.
    pub fn new(handle: impl Into<String>) -> Result<Self, PersonIdError> {
        let handle = handle.into();
        if let Some(character) = handle.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
            return Err(PersonIdError::Character { character });
        }
        if !LENGTHS.contains(&handle.len()) {
            return Err(PersonIdError::Length { found: handle.len() });
        }
        Ok(Self(handle))
    }

    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for PersonId {
    type Err = PersonIdError;

    fn from_str(handle: &str) -> Result<Self, Self::Err> {
        Self::new(handle)
    }
}

impl TryFrom<String> for PersonId {
    type Error = PersonIdError;

    fn try_from(handle: String) -> Result<Self, Self::Error> {
        Self::new(handle)
    }
}

impl From<PersonId> for String {
    fn from(person: PersonId) -> Self {
        person.0
    }
}

/// Why a text is not a handle of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonIdError {
    /// Fewer than 2 or more than 32 characters.
    #[error("a person's handle has 2 to 32 characters, not {found}")]
    Length {
        /// The length met.
        found: usize,
    },
    /// A character outside `a`-`z`, `0`-`9` and `-`.
    #[error("{character:?} cannot stand in a person's handle")]
    Character {
        /// The first such character.
        character: char,
    },
}

impl PersonIdError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Length { .. } => "person-id-length",
            Self::Character { .. } => "person-id-character",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        "Use 2 to 32 small letters, digits and hyphens."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_short_and_plain() {
        for good in ["p07", "key-manager-2", "ab", &"a".repeat(32)] {
            assert_eq!(PersonId::new(good).unwrap().as_str(), good);
        }
        for (bad, id) in [
            ("", "person-id-length"),
            ("p", "person-id-length"),
            (&*"a".repeat(33), "person-id-length"),
            ("P07", "person-id-character"),
            ("p 7", "person-id-character"),
            ("p\u{e9}", "person-id-character"),
        ] {
            assert_eq!(PersonId::new(bad).unwrap_err().id(), id, "{bad:?}");
        }
        assert!(serde_json::from_str::<PersonId>("\"P\"").is_err());
    }
}
