//! What a caller wants recorded: an event, before it has a place in a log.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AuditError, Part};

/// The most objects that one event names.
pub const MAX_OBJECTS: usize = 256;

/// The kinds of event that an authority must record, and the ceremony's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Work on the issuance of certificates.
    Issuance,
    /// Work on the revocation of certificates, and CRLs.
    Revocation,
    /// Access by those who check the validity of certificates.
    ValidityAccess,
    /// Generation, backup, restoration and destruction of key pairs.
    KeyGeneration,
    /// Access to the system and to its ledgers, including this log.
    SystemAccess,
    /// Persons entering and leaving the facility.
    FacilityEntry,
    /// A step of a key ceremony.
    Ceremony,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 7] = [
        Self::Issuance,
        Self::Revocation,
        Self::ValidityAccess,
        Self::KeyGeneration,
        Self::SystemAccess,
        Self::FacilityEntry,
        Self::Ceremony,
    ];

    /// The name that stands in a record.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Issuance => "issuance",
            Self::Revocation => "revocation",
            Self::ValidityAccess => "validity-access",
            Self::KeyGeneration => "key-generation",
            Self::SystemAccess => "system-access",
            Self::FacilityEntry => "facility-entry",
            Self::Ceremony => "ceremony",
        }
    }

    /// The class of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.id() == id)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// A rule forbade it; nothing was done.
    Refused,
    /// It was tried and did not succeed.
    Failed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Success, Self::Refused, Self::Failed];

    /// The name that stands in a record.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.id() == id)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Who acted: an operator's ID (a handle, not a person's name) or the name of a system.
///
/// 2 to 64 characters of `a-z 0-9 . _ : / @ -`, of which the first is a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Actor(String);

impl Actor {
    /// Takes an ID or a name.
    ///
    /// # Errors
    /// [`AuditError::Text`] when it is not of the form above.
    pub fn new(id: impl Into<String>) -> Result<Self, AuditError> {
        let id = id.into();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._:/@-".contains(c);
        let first = id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if first && (2..=64).contains(&id.len()) && id.chars().all(allowed) {
            Ok(Self(id))
        } else {
            Err(AuditError::Text { part: Part::Actor })
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Actor {
    type Error = AuditError;

    fn try_from(id: String) -> Result<Self, AuditError> {
        Self::new(id)
    }
}

impl std::str::FromStr for Actor {
    type Err = AuditError;

    fn from_str(id: &str) -> Result<Self, AuditError> {
        Self::new(id)
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.0
    }
}

/// A file or other object that an event is about: its name and the SHA-256 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectDigest {
    /// What it is called: 1 to 128 characters, no control characters.
    pub name: String,
    /// SHA-256 of its bytes; lower-case hexadecimal in the record.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
}

/// One event, to be given to [`Log::append`](crate::Log::append).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Its class.
    pub class: Class,
    /// Its name, in kebab-case, such as `certificate-issued`; up to 64 characters.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Who acted.
    pub actor: Actor,
    /// The objects it is about.
    pub objects: Vec<ObjectDigest>,
    /// The step of the ceremony, such as `7.03`.
    pub step: Option<String>,
    /// Further facts. Numbers are integers; secrets are refused when the event is appended.
    pub detail: Map<String, Value>,
}

impl Event {
    /// An event without objects, step and details.
    ///
    /// # Errors
    /// [`AuditError::Text`] when the name is not in kebab-case.
    pub fn new(class: Class, name: impl Into<String>, outcome: Outcome, actor: Actor) -> Result<Self, AuditError> {
        let event =
            Self { class, name: name.into(), outcome, actor, objects: Vec::new(), step: None, detail: Map::new() };
        if is_kebab(&event.name) { Ok(event) } else { Err(AuditError::Text { part: Part::EventName }) }
    }

    /// Adds an object by name and SHA-256.
    #[must_use]
    pub fn object(mut self, name: impl Into<String>, sha256: [u8; 32]) -> Self {
        self.objects.push(ObjectDigest { name: name.into(), sha256 });
        self
    }

    /// Adds a fact, or replaces the one of the same key. It is checked when the event is appended.
    #[must_use]
    pub fn detail(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.detail.insert(key.into(), value.into());
        self
    }

    /// Sets the step of the ceremony: 1 to 32 characters of `A-Z a-z 0-9 . _ -`, checked when the event is appended.
    #[must_use]
    pub fn step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }
}

/// Whether a text is kebab-case: words of `a-z 0-9`, joined by single hyphens, the first beginning with a letter.
pub(crate) fn is_kebab(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_actors() {
        for good in ["a", "certificate-issued", "crl-2"] {
            assert!(is_kebab(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "2a", "a b", "a_b", "é"] {
            assert!(!is_kebab(bad), "{bad}");
        }
        for good in ["p07", "tegata-root", "dts@tokyo:1", "01"] {
            assert!(Actor::new(good).is_ok(), "{good}");
        }
        for bad in ["", "p", "P07", "-p", "p 7", "p\n7", "日本"] {
            assert_eq!(Actor::new(bad), Err(AuditError::Text { part: Part::Actor }), "{bad}");
        }
    }

    #[test]
    fn ids_round_trip_and_agree_with_serde() {
        for class in Class::ALL {
            assert_eq!(Class::from_id(class.id()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.id());
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_id(outcome.id()), Some(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.id());
        }
    }
}
