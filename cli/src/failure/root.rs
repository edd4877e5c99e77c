//! What goes wrong with the executable of the offline root, which the demo runs.

use std::io::ErrorKind;
use std::path::PathBuf;

use tegata_terminal::Lang;

use crate::message::failure as text;

/// Why `tegata-root` did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum RootFault {
    /// It does not stand beside this program.
    Absent(PathBuf),
    /// The system does not start it.
    Unstartable { program: PathBuf, kind: ErrorKind },
    /// It ended with a failure of its own, told in its words.
    Failed { id: String, message: String, remedy: Option<String> },
    /// What it printed is not the answer that this program knows.
    Answer { program: PathBuf },
}

impl RootFault {
    /// The stable id.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Absent(_) => "root-program-absent",
            Self::Unstartable { .. } => "root-program-unstartable",
            Self::Failed { .. } => "root-program-failed",
            Self::Answer { .. } => "root-program-answer",
        }
    }

    /// Whether the user cannot correct it.
    pub(crate) fn is_internal(&self) -> bool {
        !matches!(self, Self::Absent(_))
    }

    /// The program it is about, where it is the file that is at fault.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Absent(program) | Self::Unstartable { program, .. } | Self::Answer { program } => Some(program),
            Self::Failed { .. } => None,
        }
    }

    /// What is wrong.
    pub(crate) fn message(&self, lang: Lang) -> String {
        match self {
            Self::Absent(program) => text::root_absent(lang, program.display()),
            Self::Unstartable { program, kind } => text::root_unstartable(lang, program.display(), kind),
            Self::Failed { id, message, .. } => text::root_failed(lang, id, message),
            Self::Answer { program } => text::root_answer(lang, program.display()),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self, lang: Lang) -> String {
        match self {
            Self::Failed { remedy: Some(remedy), .. } => remedy.clone(),
            Self::Failed { remedy: None, .. } => text::remedy_machine(lang),
            Self::Absent(_) => text::remedy_root_absent(lang),
            Self::Unstartable { .. } | Self::Answer { .. } => text::remedy_root_program(lang),
        }
    }
}
