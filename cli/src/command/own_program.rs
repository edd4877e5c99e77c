//! This very program, started again: the commands that an operator would type, each in a process of its own, with nothing
//! between them but files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;
use tegata_terminal::Lang;

use crate::failure::Failure;

/// The executable that runs.
pub(super) struct OwnProgram {
    path: PathBuf,
    lang: Lang,
}

impl OwnProgram {
    pub(super) fn new(lang: Lang) -> Result<Self, Failure> {
        let path = std::env::current_exe();
        let path = path.map_err(|error| Failure::Machine { id: "own-path-unknown", detail: error.to_string() })?;
        Ok(Self { path, lang })
    }

    /// A command that answers in JSON.
    pub(super) fn command(&self, what: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["--json", "--lang", self.lang.pick("en", "ja")]).args(what);
        command
    }

    /// Runs a command that has to succeed; its answer is JSON, and so is its failure.
    pub(super) fn run(&self, command: Command) -> Result<Json, Failure> {
        self.ask(command, &[]).map(|(_, answer)| answer)
    }

    /// Runs a command whose exit status is a part of its answer: 0 or one of `also`.
    pub(super) fn ask(&self, mut command: Command, also: &[i32]) -> Result<(i32, Json), Failure> {
        let failed = |detail: String| Failure::Machine { id: "own-command", detail };
        let ended = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
        match ended.status.code() {
            Some(status) if status == 0 || also.contains(&status) => {
                Ok((status, serde_json::from_slice(&ended.stdout).unwrap_or_default()))
            }
            _ => {
                let told = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
                let words = command.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
                Err(failed(format!("tegata {words}: {}: {told}", ended.status)))
            }
        }
    }
}

/// The options by which a command reaches the token in a directory, with the PIN beside it.
pub(super) fn with_token(mut command: Command, token: &Path) -> Command {
    command.arg("--pin-file").arg(token.join("pin")).arg("--token-dir").arg(token);
    command
}
