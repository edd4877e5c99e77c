//! Why a command failed: what, why, what to do, a stable id, and an exit status.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tegata_audit::AuditError;
use tegata_ceremony::{ActionError, Text};
use tegata_root_ca::{AuthorityError, StateError};
use tegata_terminal::{Lang, OutputFault};

use crate::message::advice;

/// Bad usage or input.
pub(crate) const USAGE: u8 = 2;

/// What kind of failure it is; the exit status says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The machine or a token failed.
    Machine,
    /// The command line or a file is wrong.
    Usage,
    /// The policy, the script or the state forbids it.
    Refused,
    /// Too few persons have authenticated.
    Quorum,
    /// A record, a list or a log does not verify.
    Unverified,
}

/// A failure of a command. `id` and `message` come from the error of the crate that found it.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    id: String,
    message: String,
    /// English and Japanese; boxed, because every `Result` carries a failure's size.
    remedy: Box<[String; 2]>,
    file: Option<PathBuf>,
}

impl Failure {
    /// A failure with a remedy in English and Japanese.
    pub(crate) fn new(kind: Kind, id: &str, message: impl fmt::Display, remedy: [&str; 2]) -> Self {
        let (message, remedy) = (message.to_string(), Box::new(remedy.map(str::to_owned)));
        Self { kind, id: id.to_owned(), message, remedy, file: None }
    }

    /// The file it is about.
    pub(crate) fn about(mut self, file: &Path) -> Self {
        self.message = format!("{}: {}", file.display(), self.message);
        self.file = Some(file.to_owned());
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn remedy(&self, lang: Lang) -> String {
        let [english, japanese] = &*self.remedy;
        lang.pick(english, japanese).clone()
    }

    /// `{"error": {"id", "message", "file", "remedy"}}`.
    pub(crate) fn to_json(&self, lang: Lang) -> Value {
        let file = self.file.as_ref().map(|file| file.display().to_string());
        json!({ "error": { "id": self.id, "message": self.message, "file": file, "remedy": self.remedy(lang) } })
    }

    /// 1 the machine failed, 2 bad usage or input, 3 refused, 4 too few persons, 6 does not verify.
    pub(crate) fn exit_status(&self) -> u8 {
        match self.kind {
            Kind::Machine => 1,
            Kind::Usage => USAGE,
            Kind::Refused => 3,
            Kind::Quorum => 4,
            Kind::Unverified => 6,
        }
    }

    /// A file that cannot be read.
    pub(crate) fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        let remedy = ["check the path, the medium and the permissions", "パス、媒体、権限を確認してください"];
        Self::new(Kind::Usage, "file-unreadable", error, remedy).about(file)
    }

    /// A file that cannot be written.
    pub(crate) fn unwritable(file: &Path, fault: OutputFault) -> Self {
        let remedy = [
            "choose another name, or make room on the medium",
            "別の名前を指定するか、媒体の空き容量を確保してください",
        ];
        Self::new(Kind::Usage, "output-unwritable", fault, remedy).about(file)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let remedy = ["check the terminal and the medium", "端末と媒体を確認してください"];
        Self::new(Kind::Machine, "machine-io", error, remedy)
    }
}

impl From<Failure> for ActionError {
    fn from(failure: Failure) -> Self {
        let [en, ja] = *failure.remedy;
        Self { id: failure.id, message: failure.message, remedy: Some(Text { en, ja }) }
    }
}

impl From<AuthorityError> for Failure {
    fn from(error: AuthorityError) -> Self {
        let [english, japanese] = advice::of_root(&error);
        Self::new(of_authority(&error), error.id(), &error, [&english, &japanese])
    }
}

/// Lets the typed errors of the crates below become failures: each has `id()` and `remedy()`. The Japanese advice is the
/// library's, or is looked up by the id.
macro_rules! failures {
    ($($error:path => $kind:expr, $japanese:ident;)*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let (id, remedy) = (error.id(), error.remedy());
                Self::new($kind(&error), id, &error, [remedy, failures!($japanese error, id, remedy)])
            }
        })*
    };
    (own $error:ident, $id:ident, $remedy:ident) => { $error.remedy_ja() };
    (here $error:ident, $id:ident, $remedy:ident) => { advice::japanese($id, $remedy) };
}

failures! {
    StateError => of_state, here;
    tegata_root_ca::PolicyError => |_| Kind::Usage, here;
    tegata_ceremony::FileError => |_| Kind::Usage, here;
    AuditError => of_audit, own;
    tegata_audit::CheckpointError => |_| Kind::Unverified, own;
    tegata_quorum::CredentialError => |_| Kind::Refused, here;
    tegata_quorum::PasswordError => |_| Kind::Usage, here;
    tegata_quorum::FactorError => |_| Kind::Usage, here;
    tegata_quorum::ShareError => |_| Kind::Refused, here;
    tegata_quorum::ActivationError => |_| Kind::Quorum, here;
    tegata_quorum::PolicyError => |_| Kind::Usage, here;
    tegata_quorum::PersonIdError => |_| Kind::Usage, here;
    tegata_pki::csr::CsrError => |_| Kind::Refused, own;
    tegata_hsm::TokenError => |_| Kind::Machine, own;
    tegata_hsm::SignerError => |_| Kind::Machine, own;
    tegata_hsm::PinError => |_| Kind::Usage, here;
    tegata_trust_list::bundle::BundleError => |_| Kind::Refused, own;
}

fn of_authority(error: &AuthorityError) -> Kind {
    match error {
        AuthorityError::State(error) => of_state(error),
        AuthorityError::Audit(error) => of_audit(error),
        error if error.is_refusal() => Kind::Refused,
        _ => Kind::Machine,
    }
}

/// What the state says against a command is a refusal; that it cannot be read or written is the machine's failure.
fn of_state(error: &StateError) -> Kind {
    match error {
        StateError::Sqlite(_)
        | StateError::Full
        | StateError::Unwritten(_)
        | StateError::Io { .. }
        | StateError::Damaged { .. }
        | StateError::Row { .. } => Kind::Machine,
        _ => Kind::Refused,
    }
}

fn of_audit(error: &AuditError) -> Kind {
    match error {
        AuditError::Unsound { .. } => Kind::Unverified,
        AuditError::Text { .. } => Kind::Usage,
        AuditError::ClockBack { .. } | AuditError::Locked { .. } => Kind::Refused,
        _ => Kind::Machine,
    }
}
