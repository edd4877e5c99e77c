//! What the tests share: a directory, a clock, events, a key.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "test code; not every test uses all")]

use std::path::{Path, PathBuf};

use tegata_audit::{Actor, Checkpoint, CheckpointKey, CheckpointVerifier, Class, Event, Log, Origin, Outcome, Record};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-11-21 09:00:00);

pub(crate) struct Bench {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        Self { directory, path }
    }

    pub(crate) fn open(&self) -> Log {
        Log::open(&self.path, "root-01").unwrap()
    }

    /// A log of this many records, a minute apart.
    pub(crate) fn filled(&self, records: u32) -> Log {
        let mut log = self.open();
        for number in 0..records {
            append(&mut log, number);
        }
        log
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

pub(crate) fn minute(number: u32) -> UtcDateTime {
    START + Duration::minutes(number.into())
}

pub(crate) fn append(log: &mut Log, number: u32) -> Record {
    log.append(event(number), minute(number)).unwrap()
}

pub(crate) fn actor(id: &str) -> Actor {
    Actor::new(id).unwrap()
}

/// Events of every class, in turn.
pub(crate) fn event(number: u32) -> Event {
    let class = Class::ALL.into_iter().cycle().nth(number.try_into().unwrap()).unwrap();
    let octet = u8::try_from(number % 256).unwrap();
    Event::new(class, "test-event", Outcome::Success, actor(&format!("p{:02}", number % 5)))
        .unwrap()
        .object("file.der", [octet; 32])
        .detail("number", number)
}

pub(crate) fn origin() -> Origin {
    Origin::new("example.org/iaca/audit").unwrap()
}

pub(crate) fn key(directory: &Path) -> CheckpointKey {
    let path = directory.join("checkpoint.key");
    if path.exists() { CheckpointKey::open(&path) } else { CheckpointKey::create(&path, &mut rng()) }.unwrap()
}

pub(crate) fn verifier(directory: &Path) -> CheckpointVerifier {
    key(directory).verifier(&origin()).unwrap()
}

pub(crate) fn rng() -> impl rand_core::CryptoRng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

pub(crate) fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// The checkpoint as it came over the air gap: as text.
pub(crate) fn received(checkpoint: &Checkpoint) -> Checkpoint {
    Checkpoint::parse(&checkpoint.to_string()).unwrap()
}
