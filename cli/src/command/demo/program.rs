//! The executable of the offline root, `tegata-root`. It is told the names of files, and what it makes lies in files: the
//! demo stands on the other side of the air gap.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use serde_json::{Value as Json, json};
use tegata_terminal::Lang;
use time::UtcDateTime;

use super::super::instant;
use crate::failure::{Failure, RootFault};

/// Its name, without the suffix that executables have on some systems.
const PROGRAM: &str = "tegata-root";
/// The built-in policy that the root works under. It prescribes the names in [`super::names`].
const POLICY: &str = "iso-18013-5";
/// The answer to the request, in the folder of a ceremony.
const RESPONSE: &str = "response.bundle";
/// The record that everyone at the table signs.
const RECORD: &str = "record.jsonl";

/// A kind of ceremony that is rehearsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command) enum Ceremony {
    /// The root is made and certifies signers.
    First,
    /// Signers are certified and lists signed.
    Quarterly,
    /// The next root is made, and linked with the one before.
    RootRekey,
    /// A certificate is revoked at once.
    EmergencyRevoke,
}

impl Ceremony {
    /// The name of the kind.
    pub(in crate::command) fn id(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Quarterly => "quarterly",
            Self::RootRekey => "root-rekey",
            Self::EmergencyRevoke => "emergency-revoke",
        }
    }
}

/// When a ceremony is held, by the clock of a plan.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Appointment {
    pub(in crate::command) at: UtcDateTime,
    /// The next ceremony: the lists last until then.
    pub(in crate::command) next: UtcDateTime,
}

/// A ceremony that was rehearsed to its end, and whose record verifies.
#[derive(Debug)]
pub(in crate::command) struct Rehearsed {
    pub(in crate::command) ceremony: Ceremony,
    /// The folder with script, site file, record and response.
    pub(in crate::command) folder: PathBuf,
    pub(in crate::command) record: PathBuf,
    pub(in crate::command) response: PathBuf,
}

impl Rehearsed {
    pub(in crate::command) fn json(&self) -> Json {
        json!({
            "kind": self.ceremony.id(),
            "folder": self.folder.display().to_string(),
            "record": self.record.display().to_string(),
        })
    }
}

/// The executable.
#[derive(Debug)]
pub(in crate::command) struct RootProgram {
    path: PathBuf,
}

impl RootProgram {
    /// The one that stands beside this program: both were built together.
    pub(in crate::command) fn beside_this_one() -> Result<Self, Failure> {
        let this = std::env::current_exe();
        let this = this.map_err(|error| Failure::Machine { id: "own-path-unknown", detail: error.to_string() })?;
        let path = this.with_file_name(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
        if path.is_file() { Ok(Self { path }) } else { Err(Failure::Root(RootFault::Absent(path))) }
    }

    /// Rehearses a ceremony of the root in the folder `root`, which takes the request. The first ceremony makes that root
    /// and pins the public key `online`. Without an appointment it is held now.
    pub(in crate::command) fn rehearse(
        &self,
        ceremony: Ceremony,
        root: &Path,
        request: &Path,
        online: &Path,
        appointment: Option<Appointment>,
        lang: Lang,
    ) -> Result<Rehearsed, Failure> {
        let mut command = Command::new(&self.path);
        command.arg("--root").arg(root).arg("--sandbox");
        command.args(["--json", "--lang", lang.pick("en", "ja"), "ceremony", "rehearse", ceremony.id()]);
        command.arg("--request").arg(request);
        if ceremony == Ceremony::First {
            command.args(["--policy", POLICY]).arg("--online").arg(online);
        }
        if let Some(Appointment { at, next }) = appointment {
            command.args(["--at", &instant(at), "--next", &instant(next)]);
        }
        let ended = command.stdin(Stdio::null()).output();
        let ended = ended.map_err(|error| {
            Failure::Root(RootFault::Unstartable { program: self.path.clone(), kind: error.kind() })
        })?;
        if !ended.status.success() {
            return Err(Failure::Root(failed(ended.status, &ended.stderr)));
        }
        let answer = read(ceremony, &ended.stdout);
        answer.ok_or_else(|| Failure::Root(RootFault::Answer { program: self.path.clone() }))
    }
}

/// The failure that it told of: `{"error": {"id", "message", "remedy"}}`, or any text when it was cut off.
fn failed(status: ExitStatus, told: &[u8]) -> RootFault {
    let error: Option<Json> = serde_json::from_slice(told).ok();
    let field = |name: &str| error.as_ref()?.get("error")?.get(name)?.as_str().map(str::to_owned);
    let text = || format!("{status}: {}", String::from_utf8_lossy(told).trim());
    RootFault::Failed {
        id: field("id").unwrap_or_else(|| "unknown".to_owned()),
        message: field("message").unwrap_or_else(text),
        remedy: field("remedy"),
    }
}

/// `{"ceremony": folder, "files": […], "violations": []}`.
fn read(ceremony: Ceremony, answer: &[u8]) -> Option<Rehearsed> {
    let answer: Json = serde_json::from_slice(answer).ok()?;
    let files: Vec<_> = answer.get("files")?.as_array()?.iter().filter_map(Json::as_str).map(Path::new).collect();
    let file = |name: &str| files.iter().find(|file| file.ends_with(name)).map(|file| (*file).to_owned());
    let verifies = answer.get("violations")?.as_array()?.is_empty();
    let folder = PathBuf::from(answer.get("ceremony")?.as_str()?);
    verifies.then_some(Rehearsed { ceremony, folder, record: file(RECORD)?, response: file(RESPONSE)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{ "root": "r", "ceremony": "r/ceremonies/first-1", "violations": [],
        "files": ["r/ceremonies/first-1/record.jsonl", "r/ceremonies/first-1/response.bundle"] }"#;

    #[test]
    fn the_answer_names_folder_and_files() {
        let rehearsed = read(Ceremony::First, ANSWER.as_bytes()).unwrap();
        assert_eq!(rehearsed.folder, Path::new("r/ceremonies/first-1"));
        assert_eq!(rehearsed.record, Path::new("r/ceremonies/first-1/record.jsonl"));
        assert_eq!(rehearsed.response, Path::new("r/ceremonies/first-1/response.bundle"));
    }

    #[test]
    fn a_failure_is_told_in_the_words_of_the_program() {
        let status = ExitStatus::default();
        let told =
            br#"{ "error": { "id": "csr-subject", "message": "another name", "file": null, "remedy": "use mine" } }"#;
        let fault = failed(status, told);
        assert_eq!(fault.message(Lang::En), "the offline root stopped [csr-subject]: another name");
        assert_eq!((fault.id(), fault.remedy(Lang::Ja).as_str()), ("root-program-failed", "use mine"));
        let fault = failed(status, b"cut off\n");
        assert!(fault.message(Lang::En).ends_with(": cut off"), "{fault:?}");
        assert!(!fault.remedy(Lang::En).is_empty());
    }

    #[test]
    fn an_answer_that_lacks_something_or_does_not_verify_is_none() {
        for (part, other) in [
            ("\"violations\": []", "\"violations\": [\"step-skipped\"]"),
            ("violations", "faults"),
            ("response.bundle", "answer.bundle"),
            ("ceremony\":", "folder\":"),
            ("{ ", ""),
        ] {
            assert!(ANSWER.contains(part));
            assert!(read(Ceremony::First, ANSWER.replacen(part, other, 1).as_bytes()).is_none(), "{part}");
        }
    }
}
