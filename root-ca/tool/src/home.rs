//! The folder of one root, on its own medium.
//!
//! ```text
//! policy.toml        the policy it works under; policy-<digest>.toml are earlier versions, by the first digits of their digests
//! state.sqlite       keys, certificates, CRLs, revocations, intents
//! audit.jsonl        the audit log
//! checkpoint.key     the key that signs checkpoints of the log, and nothing else; checkpoint.pub is its public half
//! online.pem         the public key of the online side, whose requests are taken
//! previous.json      what the last ceremony left behind: bags, places, head of its record
//! persons/           credentials, one file for each person
//! shares/            the sealed parts of the activation, and what is public about them
//! tokens/            the embedded token (sandbox)
//! objects/           everything signed: certificates and CRLs
//! ceremonies/        one folder for each ceremony: script, site file, record, response
//! ```

use std::path::{Path, PathBuf};

use tegata_audit::{Actor, CheckpointKey, Log, Origin, Outcome};
use tegata_ceremony::Previous;
use tegata_pki::PublicKey;
use tegata_quorum::ShareSet;
use tegata_root_ca::{Authority, PARTS_RENEWED, Policy, State};
use tegata_terminal::write_output;
use time::UtcDateTime;

use crate::failure::{Failure, Kind};
use crate::machine::rng;

/// The actor of what the program does by itself.
const PROGRAM: &str = "tegata-root";

/// The folder of the parts of the activation.
pub(crate) const PARTS: &str = "shares";
/// New parts, before they are in force.
const NEXT_PARTS: &str = "shares.next";
/// The parts before, on their way out.
const OLD_PARTS: &str = "shares.old";

/// A policy that is being taken over.
const NEXT_POLICY: &str = "policy.next.toml";

/// The folder of a root.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    /// The folder at a path, whether or not a root is there yet.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Makes the folder of a new root under `policy`; refuses one that is there.
    pub(crate) fn create(folder: &Path, policy: &Policy, sandbox: bool, now: UtcDateTime) -> Result<Self, Failure> {
        let home = Self::at(folder);
        if home.file("state.sqlite").exists() {
            let remedy = [
                "a root is made once; use another folder",
                "ルートは一度だけ作成します。別のフォルダーを指定してください",
            ];
            return Err(
                Failure::new(Kind::Refused, "root-exists", "there is a root in this folder", remedy).about(folder)
            );
        }
        for part in ["", "persons", "shares", "tokens", "objects", "ceremonies"] {
            let path = home.file(part);
            std::fs::create_dir_all(&path).map_err(|error| Failure::unreadable(&path, &error))?;
        }
        home.write("policy.toml", policy.source().as_bytes(), false)?;
        CheckpointKey::create(&home.file("checkpoint.key"), &mut rng())?;
        let verifier = home.checkpoint_key()?.verifier(&home.origin()?)?;
        home.write("checkpoint.pub", format!("{verifier}\n").as_bytes(), false)?;
        drop(State::create(&home.file("state.sqlite"), policy, sandbox, now)?);
        Ok(home)
    }

    /// A file or folder in it.
    pub(crate) fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The policy.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        Ok(Policy::from_toml(&self.read_text("policy.toml")?)?)
    }

    /// Opens the root: takes the lock on its state and continues its log. `terminal` names this machine in the log.
    pub(crate) fn open(&self, terminal: &str, now: UtcDateTime) -> Result<Authority, Failure> {
        let state = State::open(&self.file("state.sqlite"))?;
        self.finish_taking_policy(&state)?;
        self.finish_taking_parts()?;
        let log = Log::open(&self.file("audit.jsonl"), terminal)?;
        // Rehearsals with the clock of a plan may have gone ahead of the machine's.
        let now = if state.is_sandbox()? { now.max(state.last_time()?) } else { now };
        Ok(Authority::open(state, self.policy()?, log, Actor::new(PROGRAM)?, now)?)
    }

    /// Takes new parts over: they lie ready, whole, before `record` writes the event; then they replace the old ones, which are
    /// removed.
    pub(crate) fn take_parts(
        &self,
        files: &[(String, Vec<u8>)],
        record: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let next = self.file(NEXT_PARTS);
        if next.exists() {
            // Of an attempt that came to nothing: what was recorded was finished when the root was opened.
            std::fs::remove_dir_all(&next).map_err(|error| Failure::unreadable(&next, &error))?;
        }
        tegata_terminal::write_directory(&next, files).map_err(|fault| Failure::unwritable(&next, fault))?;
        record()?;
        self.put_parts_in_place()
    }

    /// After a crash in between, the log says whether the new parts count.
    fn finish_taking_parts(&self) -> Result<(), Failure> {
        let (place, next) = (self.file(PARTS), self.file(NEXT_PARTS));
        if !next.exists() {
            let old = self.file(OLD_PARTS);
            let left = old.exists() && place.exists();
            return if left { self.remove(&old) } else { Ok(()) };
        }
        let set = ShareSet::from_json(self.read_text(&format!("{NEXT_PARTS}/set.json"))?.as_bytes())?;
        let log = std::fs::read(self.file("audit.jsonl")).unwrap_or_default();
        let records = tegata_audit::read(&log).unwrap_or_default();
        let last = records.iter().rfind(|line| line.name == PARTS_RENEWED && line.outcome == Outcome::Success);
        let counts = last
            .is_some_and(|line| line.objects.iter().any(|object| object.name == "parts" && object.sha256 == *set.id()));
        if counts { self.put_parts_in_place() } else { Ok(()) }
    }

    fn put_parts_in_place(&self) -> Result<(), Failure> {
        let [place, next, old] = [PARTS, NEXT_PARTS, OLD_PARTS].map(|name| self.file(name));
        let moved = || -> std::io::Result<()> {
            if place.exists() {
                std::fs::rename(&place, &old)?;
            }
            std::fs::rename(&next, &place)?;
            std::fs::File::open(&self.folder)?.sync_all()
        };
        moved().map_err(|error| Failure::unreadable(&place, &error))?;
        self.remove(&old)
    }

    fn remove(&self, folder: &Path) -> Result<(), Failure> {
        std::fs::remove_dir_all(folder)
            .and_then(|()| std::fs::File::open(&self.folder)?.sync_all())
            .map_err(|error| Failure::unreadable(folder, &error))
    }

    /// Takes a changed policy over: its file lies ready before `adopt` changes the state, and is put in place after it. The
    /// earlier one is kept.
    pub(crate) fn take_policy(
        &self,
        policy: &Policy,
        adopt: impl FnOnce(&Policy) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let earlier = self.policy()?;
        let name = hex::encode(earlier.digest()).get(..8).map(|digest| format!("policy-{digest}.toml"));
        self.write(name.unwrap_or_default(), earlier.source().as_bytes(), true)?;
        self.write(NEXT_POLICY, policy.source().as_bytes(), true)?;
        adopt(policy)?;
        self.put_policy_in_place()
    }

    /// After a crash between the two, the state says which file is the policy.
    fn finish_taking_policy(&self, state: &State) -> Result<(), Failure> {
        if !self.file(NEXT_POLICY).exists() {
            return Ok(());
        }
        let next = Policy::from_toml(&self.read_text(NEXT_POLICY)?)?;
        if state.policy()?.1 == next.digest() { self.put_policy_in_place() } else { Ok(()) }
    }

    fn put_policy_in_place(&self) -> Result<(), Failure> {
        let place = self.file("policy.toml");
        std::fs::rename(self.file(NEXT_POLICY), &place)
            .and_then(|()| std::fs::File::open(&self.folder)?.sync_all())
            .map_err(|error| Failure::unreadable(&place, &error))
    }

    /// The name of the log in its checkpoints.
    pub(crate) fn origin(&self) -> Result<Origin, Failure> {
        Ok(Origin::new(format!("tegata.example/root-log/{}", self.policy()?.id))?)
    }

    /// The key of the log's checkpoints.
    pub(crate) fn checkpoint_key(&self) -> Result<CheckpointKey, Failure> {
        Ok(CheckpointKey::open(&self.file("checkpoint.key"))?)
    }

    /// What the last ceremony left behind; that of a root before its first ceremony if there was none.
    pub(crate) fn previous(&self) -> Result<Previous, Failure> {
        if !self.file("previous.json").exists() {
            return Ok(Previous::default());
        }
        serde_json::from_str(&self.read_text("previous.json")?).map_err(|error| {
            let remedy = ["restore the file from the second medium", "第二媒体からファイルを復元してください"];
            Failure::new(Kind::Refused, "previous-malformed", error, remedy).about(&self.file("previous.json"))
        })
    }

    /// Remembers what a ceremony left behind.
    pub(crate) fn set_previous(&self, previous: &Previous) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(previous).map_err(std::io::Error::other)?;
        self.write("previous.json", text.as_bytes(), true)
    }

    /// The key whose owner signs the requests of the online side.
    pub(crate) fn online_key(&self) -> Result<PublicKey, Failure> {
        let file = self.file("online.pem");
        PublicKey::from_pem(&self.read_text("online.pem")?).map_err(|error| {
            let remedy = [
                "pin the online side's public key again: tegata-root pin-online",
                "オンライン側の公開鍵を登録し直してください: tegata-root pin-online",
            ];
            Failure::new(Kind::Usage, error.id(), &error, remedy).about(&file)
        })
    }

    /// Reads a text file in it.
    pub(crate) fn read_text(&self, name: &str) -> Result<String, Failure> {
        let file = self.file(name);
        std::fs::read_to_string(&file).map_err(|error| Failure::unreadable(&file, &error))
    }

    /// Writes a file in it, whole or not at all.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: &[u8], replace: bool) -> Result<(), Failure> {
        let file = self.file(name);
        write_output(&file, bytes, replace).map_err(|fault| Failure::unwritable(&file, fault))
    }
}
