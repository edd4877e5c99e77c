//! What only people can give.

use std::path::PathBuf;

use tegata_ceremony::{ActionError, ObjectId, PersonId, Prompt, RunError, SeatId, Serial, SignOff, Statement, Step};
use tegata_quorum::UnlockedCredential;
use time::UtcDateTime;

use crate::failure::Failure;

/// What the people at the table decide after something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Try it again.
    Retry,
    /// Stop here; the ceremony is taken up again later.
    Stop,
    /// The CA manager orders a deviation, for this reason.
    Deviate { effect: tegata_ceremony::Effect, seat: SeatId, reason: String },
}

/// The people at the table, as the program sees them.
pub(crate) trait Desk {
    /// Shows the step that begins, and waits until all are ready. False when somebody says stop.
    fn step(&mut self, prompt: &Prompt<'_>) -> Result<bool, Failure>;

    /// Shows what an action brought about, before it is signed off.
    fn outcome(
        &mut self,
        prompt: &Prompt<'_>,
        facts: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), Failure>;

    /// Which of the candidates authenticates next, with both factors, at this moment.
    fn authenticate(
        &mut self,
        candidates: &[PersonId],
        missing: usize,
        now: UtcDateTime,
    ) -> Result<UnlockedCredential, Failure>;

    /// A person signs a statement with a credential of his own.
    fn sign(&mut self, statement: &Statement, now: UtcDateTime) -> Result<SignOff, Failure>;

    /// Something was refused or failed.
    fn decide(&mut self, prompt: &Prompt<'_>, error: &RunError) -> Result<Decision, Failure>;

    /// The serial that stands on an object's bag; `expected` is what it must be when the bag is opened.
    fn bag(&mut self, step: &Step, object: &ObjectId, expected: Option<&Serial>) -> Result<Serial, ActionError>;

    /// The computer's clock minus the reference clock, in seconds.
    fn clock_offset(&mut self, now: UtcDateTime) -> Result<i64, ActionError>;

    /// Two persons compare a digest with what they hold in their hands, by its words.
    fn compare(&mut self, what: &str, digest: &[u8; 32]) -> Result<(), ActionError>;

    /// Whether people have done something that the program cannot see.
    fn confirm(&mut self, what: &str) -> Result<(), ActionError>;

    /// The file with the public key as a restored copy shows it, where the module makes copies by its own means.
    fn restored_key(&mut self, object: &ObjectId) -> Result<PathBuf, ActionError>;
}
