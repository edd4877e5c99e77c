//! The relying parties: their stores are files, their verifier is `tegata verify`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use tegata_manifest::sha256;
use tegata_verifier::Overall;
use time::UtcDateTime;

use super::super::super::demo::claims;
use super::super::super::instant;
use super::super::super::own_program::OwnProgram;
use super::Home;
use super::calendar::{CARRIER, Reader, Sample};
use crate::failure::Failure;
use crate::input::Input;

/// The relying parties.
pub(super) struct Readers<'h> {
    home: &'h Home,
    own: &'h OwnProgram,
}

/// What a verification came to.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) overall: Overall,
    /// The check that decided, and why; empty where nothing stood against the document.
    pub(super) check: String,
    pub(super) cause: String,
}

/// How a store holds a root.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub(super) generation: usize,
    pub(super) state: String,
    pub(super) because: String,
}

impl<'h> Readers<'h> {
    pub(super) fn new(home: &'h Home, own: &'h OwnProgram) -> Self {
        Self { home, own }
    }

    /// What a relying party does on a day. `root` is the certificate and the fingerprint of the root that a newcomer adds.
    pub(super) fn live(
        &self,
        reader: Reader,
        day: i64,
        at: UtcDateTime,
        root: Option<(&Path, String)>,
    ) -> Result<(), Failure> {
        if !reader.is_awake(day) {
            return Ok(());
        }
        let is_new = !self.has_begun(reader);
        if is_new {
            self.begin(reader)?;
        }
        match reader {
            Reader::Gate if day % CARRIER == 1 => self.carry(reader, at)?,
            Reader::Gate => {}
            _ => self.sync(reader, at)?,
        }
        match root {
            Some((file, fingerprint)) if is_new && reader == Reader::Newcomer => {
                self.add(reader, file, &fingerprint, at)
            }
            _ => Ok(()),
        }
    }

    /// Whether it has a store.
    pub(super) fn has_begun(&self, reader: Reader) -> bool {
        self.store(reader).is_file()
    }

    /// `tegata trust init`, by the digest of the first root metadata.
    fn begin(&self, reader: Reader) -> Result<(), Failure> {
        let root = self.home.root_metadata();
        let digest = hex::encode(sha256(&Input::read(&root)?.bytes));
        let mut command = self.command("init", reader);
        command.arg("--root").arg(root).args(["--sha256", &digest]);
        if reader == Reader::Gate {
            command.arg("--offline");
        }
        self.own.run(command).map(|_| ())
    }

    fn sync(&self, reader: Reader, at: UtcDateTime) -> Result<(), Failure> {
        let mut command = self.command("sync", reader);
        command.arg("--from").arg(self.home.public()).args(["--at", &instant(at)]);
        self.own.run(command).map(|_| ())
    }

    /// `tegata trust export` on a machine with a network, `tegata trust import` at the gate.
    fn carry(&self, reader: Reader, at: UtcDateTime) -> Result<(), Failure> {
        let bundle = self.home.exchange("evidence.bundle");
        let mut command = self.own.command(&["trust", "export", "--force", "--root"]);
        command.arg(self.home.root_metadata()).arg("--from").arg(self.home.public());
        command.args(["--at", &instant(at), "--out"]).arg(&bundle);
        self.own.run(command)?;
        let mut command = self.command("import", reader);
        command.arg(bundle).args(["--at", &instant(at)]);
        self.own.run(command).map(|_| ())
    }

    /// `tegata trust add`: the root at once, by its fingerprint.
    fn add(&self, reader: Reader, root: &Path, fingerprint: &str, at: UtcDateTime) -> Result<(), Failure> {
        let mut command = self.command("add", reader);
        command.arg(root).args(["--sha256", fingerprint, "--doctype", claims::DOC_TYPE, "--at", &instant(at)]);
        self.own.run(command).map(|_| ())
    }

    /// The line that its readiness signal makes in the file of the service.
    pub(super) fn signal(&self, reader: Reader, at: UtcDateTime) -> Result<String, Failure> {
        let mut command = self.command("signal", reader);
        command.args(["--class", reader.class(), "--at", &instant(at)]);
        let told = self.own.run(command)?;
        Ok(format!("{}\n", json!({ "signal": told.get("signal") })))
    }

    /// `tegata verify` of issuer data with the store alone.
    pub(super) fn verify(&self, reader: Reader, sample: Sample, at: UtcDateTime) -> Result<Verdict, Failure> {
        let mut command = self.own.command(&["verify"]);
        command.arg(self.home.document(sample)).args(["--issuer-signed", "--at", &instant(at), "--store"]);
        command.arg(self.store(reader));
        let (status, report) = self.own.ask(command, &[10, 11])?;
        let overall = match status {
            0 => Overall::Accepted,
            10 => Overall::Rejected,
            _ => Overall::Undetermined,
        };
        let checks = report.pointer("/documents/0/checks").and_then(Json::as_array);
        let of = |outcome: &str| {
            checks.and_then(|checks| {
                checks.iter().find(|check| check.get("outcome").and_then(Json::as_str) == Some(outcome))
            })
        };
        let decided = of("fail").or_else(|| of("undetermined"));
        let member = |name: &str| decided.and_then(|check| check.get(name)?.as_str()).unwrap_or_default().to_owned();
        Ok(Verdict { overall, check: member("id"), cause: member("cause") })
    }

    /// How the store holds the roots, whose key digests are given in the order of the generations.
    pub(super) fn anchors(&self, reader: Reader, keys: &[String], at: UtcDateTime) -> Result<Vec<Anchor>, Failure> {
        let mut command = self.command("show", reader);
        command.args(["--at", &instant(at)]);
        let told = self.own.run(command)?;
        let held = told.get("anchors").and_then(Json::as_array).cloned().unwrap_or_default();
        let text =
            |json: &Json, pointer: &str| json.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
        let of_key = |(generation, key): (usize, &String)| {
            let anchor = held.iter().find(|anchor| text(anchor, "/key") == *key)?;
            Some(Anchor { generation, state: text(anchor, "/state"), because: text(anchor, "/because/id") })
        };
        Ok((1..).zip(keys).filter_map(of_key).collect())
    }

    fn store(&self, reader: Reader) -> PathBuf {
        self.home.store(reader)
    }

    fn command(&self, what: &str, reader: Reader) -> Command {
        let mut command = self.own.command(&["trust", what]);
        command.arg(self.store(reader));
        command
    }
}
