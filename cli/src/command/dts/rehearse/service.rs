//! The staging Digital Trust Service: the commands of its operator.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tegata_pki::Certificate;
use time::UtcDateTime;

use super::super::super::demo::claims;
use super::super::super::instant;
use super::super::super::own_program::{OwnProgram, with_token};
use super::Home;
use super::authority::{Held, key_reference};
use crate::failure::Failure;
use crate::message::rehearse as text;

/// The metadata keys: two people of the root role, the list, and what is online.
pub(super) const KEYS: [&str; 5] = ["dts-root-1", "dts-root-2", "dts-list", "dts-snapshot", "dts-pointer"];
/// Where the service says that it is. Nothing is fetched from there.
const BASE_URL: &str = "https://staging.example";
/// Days that the quorum's approval of the first root is good for. It has ended when the newcomer begins, who is to believe
/// the old root for the link alone.
const APPROVAL_DAYS: &str = "30";
/// What stands in the way of a go: exit status of `tegata dts readiness`.
const NO_GO: i32 = 10;

/// The service.
pub(super) struct Staging<'h> {
    home: &'h Home,
    own: &'h OwnProgram,
}

impl<'h> Staging<'h> {
    /// `tegata dts init`.
    pub(super) fn init(home: &'h Home, own: &'h OwnProgram, at: UtcDateTime) -> Result<Self, Failure> {
        let [root_1, root_2, list, snapshot, pointer] = KEYS.map(key_reference);
        let staging = Self { home, own };
        let mut command = staging.command("init", at);
        command.args(["--repository", "staging.example", "--base-url", BASE_URL, "--sandbox"]);
        command.args(["--operator-en", "Utopia Trust Service (staging)"]);
        command.args(["--operator-ja", "ユートピア信頼サービス（予行）"]);
        command.arg("--response-signer").arg(home.response_key());
        command.arg("--checkpoint-key").arg(home.root().join("checkpoint.pub"));
        command.args(["--root-key", &root_1, "--root-key", &root_2, "--root-threshold", "2", "--list-key", &list]);
        command.args(["--snapshot-key", &snapshot, "--pointer-key", &pointer]);
        own.run(staging.with_keys(command))?;
        Ok(staging)
    }

    /// `tegata dts issuer`: admits the root of that generation, whose fingerprint was compared, until `review`.
    pub(super) fn admit(
        &self,
        generation: usize,
        root: &Certificate,
        review: UtcDateTime,
        at: UtcDateTime,
    ) -> Result<(), Failure> {
        let mut command = self.command("issuer", at);
        command.arg(self.home.root_certificate(generation)).args(["--sha256", &fingerprint(root)]);
        command.args(["--doctype", claims::DOC_TYPE, "--review-by", &review.date().to_string()]);
        self.own.run(command).map(|_| ())
    }

    /// `tegata dts request` and `tegata dts import`.
    pub(super) fn import(&self, held: &Held, at: UtcDateTime) -> Result<Json, Failure> {
        let mut command = self.command("request", at);
        command.arg(&held.request).arg("--signer").arg(self.home.online_key());
        self.own.run(command)?;
        let mut command = self.command("import", at);
        command.arg(&held.response);
        self.own.run(command)
    }

    /// `tegata dts approve`: the quorum lets readers take the first root at once.
    pub(super) fn approve(&self, generation: usize, root: &Certificate, at: UtcDateTime) -> Result<(), Failure> {
        let mut command = self.command("approve", at);
        command.arg(self.home.root_certificate(generation)).args(["--sha256", &fingerprint(root)]);
        command.args(["--days", APPROVAL_DAYS]);
        self.own.run(self.with_keys(command)).map(|_| ())
    }

    /// `tegata dts notice`: about both roots.
    pub(super) fn notice(&self, id: &str, day: UtcDateTime, at: UtcDateTime) -> Result<(), Failure> {
        let day = day.date();
        let texts = match id {
            "announcement" => [text::notice_announcement as fn(tegata_terminal::Lang, time::Date) -> String; 2],
            _ => [text::notice_switch as fn(tegata_terminal::Lang, time::Date) -> String; 2],
        };
        let [english, japanese] = texts;
        let mut command = self.command("notice", at);
        command.args([id, "--category", "rollover"]);
        command.arg("--text-en").arg(english(tegata_terminal::Lang::En, day));
        command.arg("--text-ja").arg(japanese(tegata_terminal::Lang::Ja, day));
        for generation in [1, 2] {
            command.arg("--root").arg(self.home.root_certificate(generation));
        }
        self.own.run(command).map(|_| ())
    }

    /// `tegata dts retire` of the first root.
    pub(super) fn retire(&self, retiring: UtcDateTime, removed: UtcDateTime, at: UtcDateTime) -> Result<(), Failure> {
        let mut command = self.command("retire", at);
        command.arg(self.home.root_certificate(1));
        command.args(["--retiring", &instant(retiring), "--removed", &instant(removed)]);
        self.own.run(command).map(|_| ())
    }

    /// `tegata dts publish`.
    pub(super) fn publish(&self, at: UtcDateTime) -> Result<(), Failure> {
        self.own.run(self.with_keys(self.command("publish", at))).map(|_| ())
    }

    /// `tegata dts readiness` of the second root: whether it may go into use, and the figures. One signal of each class is
    /// all that there is here.
    pub(super) fn readiness(&self, signals: &Path) -> Result<(bool, Json), Failure> {
        let mut command = self.own.command(&["dts", "readiness"]);
        command.arg(signals).arg("--root").arg(self.home.root_certificate(2)).args(["--signals", "1"]);
        let (status, told) = self.own.ask(command, &[NO_GO])?;
        Ok((status == 0, told))
    }

    /// `tegata dts show`.
    pub(super) fn show(&self, at: UtcDateTime) -> Result<Json, Failure> {
        self.own.run(self.command("show", at))
    }

    fn command(&self, what: &str, at: UtcDateTime) -> Command {
        let mut command = self.own.command(&["dts", what]);
        command.arg(self.home.dts()).args(["--at", &instant(at)]);
        command
    }

    fn with_keys(&self, command: Command) -> Command {
        with_token(command, &self.home.token())
    }
}

pub(super) fn fingerprint(root: &Certificate) -> String {
    hex::encode(root.fingerprint_sha256())
}
