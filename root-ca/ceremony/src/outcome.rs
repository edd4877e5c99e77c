//! What the action of a step brought about.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tegata_audit::ObjectDigest;
use time::UtcDateTime;

use crate::{
    action::Action,
    encoding::{canonical_json, octets, sha256, stamp, stamp_text},
    ids::{ObjectId, Serial, StepId},
    script::Step,
    text::Text,
};

/// A key that is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyTarget {
    /// SHA-256 of its SubjectPublicKeyInfo.
    #[serde(with = "octets")]
    pub fingerprint: [u8; 32],
    /// When its certificate ended.
    #[serde(with = "stamp")]
    pub ended: UtcDateTime,
    /// How many keys of the same signer are younger.
    pub generations_back: u32,
}

/// What an action did. The persons at the step sign its digest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionOutcome {
    /// What was seen; for the private record only. No secrets, no floating-point numbers: the audit log refuses them.
    pub facts: Map<String, Value>,
    /// Files that were made or read.
    #[serde(skip)]
    pub digests: Vec<ObjectDigest>,
    /// The bags that were checked, opened, closed or stored (`inventory-…`).
    pub bags: BTreeMap<ObjectId, Serial>,
    /// The keys that are due for deletion (`retire-list`), or were deleted (`retire`).
    pub targets: Vec<KeyTarget>,
    /// The holders of the key that were restored from (`restore-check`) or destroyed (`destroy`).
    pub copies: BTreeSet<ObjectId>,
    /// How many root keys are left that are still of use (`destroy`).
    #[serde(default, skip_serializing_if = "is_none_left")]
    pub living_keys: u32,
    /// Computer time minus reference time, in seconds (`clock`).
    pub clock_offset: Option<i64>,
}

impl ActionOutcome {
    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a file by name and SHA-256.
    #[must_use]
    pub fn digest(mut self, name: &str, sha256: [u8; 32]) -> Self {
        self.digests.push(ObjectDigest { name: name.to_owned(), sha256 });
        self
    }

    /// Adds a bag.
    #[must_use]
    pub fn bag(mut self, object: ObjectId, serial: Serial) -> Self {
        self.bags.insert(object, serial);
        self
    }

    /// The digest that the sign-offs of the step cover: SHA-256 of the canonical JSON of step, action, time and everything
    /// above.
    pub(crate) fn sign_off_digest(&self, step: &StepId, action: Action, time: UtcDateTime) -> [u8; 32] {
        let digests: Vec<Value> = self
            .digests
            .iter()
            .map(|object| json!({"name": object.name, "sha256": hex::encode(object.sha256)}))
            .collect();
        let value = json!({
            "action": action.name(),
            "digests": digests,
            "outcome": serde_json::to_value(self).unwrap_or_default(),
            "step": step.as_str(),
            "time": stamp_text(time),
        });
        sha256(canonical_json(&value).as_bytes())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_none_left(living_keys: &u32) -> bool {
    *living_keys == 0
}

/// Why an action was not carried out. The record keeps the id and the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ActionError {
    /// The stable id of the error in the code that failed.
    pub id: String,
    /// What the operators are told; no secrets.
    pub message: String,
    /// What they can do about it, where the code that failed knows.
    pub remedy: Option<Text>,
}

impl ActionError {
    /// An error without advice of its own.
    #[must_use]
    pub fn new(id: &str, message: impl ToString) -> Self {
        Self { id: id.to_owned(), message: message.to_string(), remedy: None }
    }
}

/// What the computer does at a step. Implemented by the root CA; a rehearsal implements it on an embedded token.
pub trait Actions {
    /// Carries out `step.action`. It is called when those who must authenticate have done so, and at most once per
    /// outcome.
    ///
    /// # Errors
    /// [`ActionError`]; the step can then be performed again.
    fn perform(&mut self, step: &Step, now: UtcDateTime) -> Result<ActionOutcome, ActionError>;
}
