//! Why the engine does not go on.

use tegata_audit::{AuditError, Fault};

use crate::{breach::Breach, check::Finding, outcome::ActionError};

/// Why the engine does not go on. The ceremony stands where it stood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The ceremony cannot start.
    #[error("the ceremony cannot start: {}", list(.0))]
    Unready(Vec<Finding>),
    /// Rules forbid it.
    #[error("refused: {}", list(.0))]
    Refused(Vec<Breach>),
    /// The action failed.
    #[error("the action failed ({}): {}", .0.id, .0.message)]
    Action(ActionError),
    /// The record to be continued is broken.
    #[error("the record is broken: {}", list(.0))]
    Record(Vec<Fault>),
    /// The event could not be recorded.
    #[error("nothing was recorded: {0}")]
    Audit(AuditError),
}

impl RunError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unready(_) => "ceremony-unready",
            Self::Refused(_) => "ceremony-refused",
            Self::Action(_) => "ceremony-action-failed",
            Self::Record(_) => "ceremony-record-broken",
            Self::Audit(_) => "ceremony-not-recorded",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &str {
        match self {
            Self::Unready(findings) => findings.first().map_or("run the check", Finding::remedy),
            Self::Refused(breaches) => breaches.first().map_or("follow the procedure", Breach::remedy),
            Self::Action(ActionError { remedy: Some(remedy), .. }) => &remedy.en,
            Self::Action(_) => "see to the cause and perform the action again, or have the CA manager decide",
            Self::Record(_) => "do not continue this record: keep it, and let the auditor verify it",
            Self::Audit(_) => "see to the medium of the record before anything else is done",
        }
    }

    /// The rules that forbid it, if that is why.
    #[must_use]
    pub fn breaches(&self) -> &[Breach] {
        match self {
            Self::Refused(breaches) => breaches,
            _ => &[],
        }
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
