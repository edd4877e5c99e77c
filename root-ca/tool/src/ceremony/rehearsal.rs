//! A rehearsal: the same script, the same engine and the same root code, with a cast that plays by itself.
//!
//! The cast's credentials are software ones that anybody could use; they are marked so, and the record of a rehearsal says
//! `sandbox` in its first line.

mod cast;
mod online;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rand_core::Rng as _;
use serde_json::{Map, Value};
use tegata_ceremony::{ActionError, ObjectId, PersonId, Prompt, RunError, Serial, SignOff, Statement, Step};
use tegata_quorum::UnlockedCredential;
use tegata_terminal::{Lang, Progress};
use time::UtcDateTime;

pub(crate) use self::cast::{Cast, rehearsal_id};
pub(crate) use self::online::{Wish, write_request};
use super::desk::{Decision, Desk};
use crate::failure::{Failure, Kind};
use crate::machine::rng;

/// The desk of a rehearsal.
pub(crate) struct Rehearsal<'p> {
    cast: Cast,
    unlocked: BTreeMap<String, UnlockedCredential>,
    progress: &'p Progress,
    lang: Lang,
}

impl<'p> Rehearsal<'p> {
    pub(crate) fn new(cast: Cast, progress: &'p Progress, lang: Lang) -> Self {
        Self { cast, unlocked: BTreeMap::new(), progress, lang }
    }
}

impl Desk for Rehearsal<'_> {
    fn step(&mut self, prompt: &Prompt<'_>) -> Result<bool, Failure> {
        if let Some(step) = prompt.step {
            let lang = self.lang.pick(tegata_ceremony::Lang::En, tegata_ceremony::Lang::Ja);
            self.progress.begin(&format!("{} {}", step.id, step.title.get(lang)));
        }
        Ok(true)
    }

    fn outcome(&mut self, prompt: &Prompt<'_>, _facts: &Map<String, Value>) -> Result<(), Failure> {
        if let Some(step) = prompt.step.filter(|step| step.action != tegata_ceremony::Action::Manual) {
            let lang = self.lang.pick(tegata_ceremony::Lang::En, tegata_ceremony::Lang::Ja);
            self.progress.done(&format!("{} {}", step.id, step.title.get(lang)), step.action.name());
        }
        Ok(())
    }

    fn authenticate(
        &mut self,
        candidates: &[PersonId],
        _missing: usize,
        now: UtcDateTime,
    ) -> Result<UnlockedCredential, Failure> {
        let person = candidates.first().ok_or_else(|| {
            let remedy = ["add holders to the site file", "サイトファイルに分割保持者を追加してください"];
            Failure::new(Kind::Quorum, "nobody-can-authenticate", "nobody is left who may authenticate", remedy)
        })?;
        self.cast.unlock(person.as_str(), now)
    }

    fn sign(&mut self, statement: &Statement, now: UtcDateTime) -> Result<SignOff, Failure> {
        let person = statement.person.as_str();
        if !self.unlocked.contains_key(person) {
            self.unlocked.insert(person.to_owned(), self.cast.unlock(person, now)?);
        }
        let credential = self.unlocked.get(person).ok_or_else(|| cast::unknown(person))?;
        super::people::sign(credential, statement)
    }

    fn decide(&mut self, _prompt: &Prompt<'_>, error: &RunError) -> Result<Decision, Failure> {
        let (id, remedy) = match error {
            RunError::Action(action) => (action.id.as_str(), error.remedy()),
            other => (other.id(), other.remedy()),
        };
        Err(Failure::new(Kind::Refused, id, error, [remedy, remedy]))
    }

    fn bag(&mut self, _step: &Step, _object: &ObjectId, expected: Option<&Serial>) -> Result<Serial, ActionError> {
        if let Some(expected) = expected {
            return Ok(expected.clone());
        }
        // A bag from the box has a number that was never used before.
        let serial = format!("R{:016X}", rng().next_u64());
        Serial::new(&serial).map_err(|error| ActionError::new(error.id(), error))
    }

    fn clock_offset(&mut self, _now: UtcDateTime) -> Result<i64, ActionError> {
        Ok(0)
    }

    fn compare(&mut self, _what: &str, _digest: &[u8; 32]) -> Result<(), ActionError> {
        Ok(())
    }

    fn confirm(&mut self, _what: &str) -> Result<(), ActionError> {
        Ok(())
    }

    fn restored_key(&mut self, object: &ObjectId) -> Result<PathBuf, ActionError> {
        let message = format!("{object}: a rehearsal restores the embedded token only");
        Err(ActionError::new("restore-by-hand", message))
    }
}
