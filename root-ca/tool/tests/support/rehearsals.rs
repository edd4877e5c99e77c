//! Ceremonies of one root, rehearsed one after the other with the clock of a plan.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tegata_root_ca::Policy;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// A root and the ceremonies that were rehearsed on it.
pub(crate) struct Rehearsals {
    folder: tempfile::TempDir,
    pub(crate) policy: Policy,
    /// The ceremonies in their order.
    pub(crate) ceremonies: Vec<Rehearsal>,
}

/// A ceremony that was rehearsed.
#[derive(Clone)]
pub(crate) struct Rehearsal {
    /// Script, site file and record.
    pub(crate) folder: PathBuf,
    /// What the ceremony before left behind, if there was one.
    previous: Option<PathBuf>,
}

impl Rehearsal {
    pub(crate) fn record(&self) -> PathBuf {
        self.folder.join("record.jsonl")
    }
}

impl Rehearsals {
    /// A root that the first rehearsal will make.
    pub(crate) fn under(policy: &str) -> Self {
        let policy = Policy::built_in(policy).unwrap();
        // In memory where that is possible: years of ceremonies sync a disk a hundred thousand times. What a crash leaves
        // behind is the subject of other tests.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { folder: folder.unwrap(), policy, ceremonies: Vec::new() }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.root().join("objects")
    }

    /// `tegata-root --root … --sandbox --json …`
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-root"));
        command.arg("--root").arg(self.root()).args(["--sandbox", "--json", "--lang", "en"]).args(arguments);
        command
    }

    /// The same, run; it must succeed. The JSON that it prints.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Value {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// Rehearses a ceremony; the lists last until `next`.
    pub(crate) fn rehearse(&mut self, kind: &str, at: UtcDateTime, next: UtcDateTime) -> Rehearsal {
        let previous = self.keep_previous();
        let (at, next) = (at.format(&Rfc3339).unwrap(), next.format(&Rfc3339).unwrap());
        let policy = self.policy.id.clone();
        let arguments = ["ceremony", "rehearse", kind, "--at", &at, "--next", &next, "--policy", &policy];
        let output = self.command(&arguments).output().unwrap();
        assert!(output.status.success(), "{kind} of {at}: {}", said(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let rehearsal = Rehearsal { folder: report["ceremony"].as_str().unwrap().into(), previous };
        self.ceremonies.push(rehearsal.clone());
        rehearsal
    }

    fn keep_previous(&self) -> Option<PathBuf> {
        let kept = self.folder.path().join(format!("previous-{}.json", self.ceremonies.len()));
        std::fs::copy(self.root().join("previous.json"), &kept).is_ok().then_some(kept)
    }

    /// `ceremony verify` of a record of a ceremony, which may be another than the one that was kept.
    pub(crate) fn verify(&self, ceremony: &Rehearsal, record: &Path) -> Output {
        let (script, site) = (ceremony.folder.join("script.toml"), ceremony.folder.join("site.toml"));
        let mut command = self.command(&[Path::new("ceremony"), Path::new("verify"), record, &script, &site]);
        if let Some(previous) = &ceremony.previous {
            command.arg("--previous").arg(previous);
        }
        command.output().unwrap()
    }

    /// `ceremony verify` names nothing in any record.
    pub(crate) fn verify_all(&self) {
        for ceremony in &self.ceremonies {
            let output = self.verify(ceremony, &ceremony.record());
            assert!(output.status.success(), "{}: {}", ceremony.folder.display(), said(&output));
        }
    }

    /// `audit verify` of the root's log against the checkpoints of all ceremonies.
    pub(crate) fn verify_log(&self) {
        let is_checkpoint =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("checkpoint-"));
        let files = self.ceremonies.iter().flat_map(|ceremony| std::fs::read_dir(&ceremony.folder).unwrap());
        let checkpoints: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).filter(is_checkpoint).collect();
        assert_eq!(checkpoints.len(), self.ceremonies.len(), "each ceremony seals the log");
        let mut command = self.command(&["audit", "verify"]);
        command.arg(self.root().join("audit.jsonl"));
        for checkpoint in &checkpoints {
            command.arg("--checkpoint").arg(checkpoint);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// All that a command printed.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
