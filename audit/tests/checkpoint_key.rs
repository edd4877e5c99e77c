//! The key of checkpoints: its file, and what is not one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::fs;

use common::{Bench, origin, rng};
use tegata_audit::{AuditError, CheckpointKey, CheckpointVerifier, Operation};

#[test]
fn a_key_is_made_once_and_read_again() {
    let bench = Bench::new();
    let path = bench.file("checkpoint.key");
    let made = CheckpointKey::create(&path, &mut rng()).unwrap();
    let read = CheckpointKey::open(&path).unwrap();
    let verifier = made.verifier(&origin()).unwrap();
    assert_eq!(read.verifier(&origin()).unwrap(), verifier);
    assert_eq!(CheckpointVerifier::parse(&verifier.to_string()), Ok(verifier.clone()));
    let log = bench.filled(2);
    assert!(log.checkpoint(&origin(), &read).verify(&verifier).is_ok());
    assert_eq!(CheckpointKey::create(&path, &mut rng()).unwrap_err(), AuditError::Exists { path });
    assert_eq!(format!("{made:?}"), "CheckpointKey(redacted)");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let path = bench.file("checkpoint.key");
    drop(CheckpointKey::create(&path, &mut rng()).unwrap());
    let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for open in [0o640, 0o604, 0o660, 0o610] {
        mode(open);
        assert_eq!(CheckpointKey::open(&path).unwrap_err(), AuditError::KeyFileMode { path: path.clone() }, "{open:o}");
    }
    mode(0o400);
    assert!(CheckpointKey::open(&path).is_ok());
}

#[test]
fn other_files_are_not_keys() {
    let bench = Bench::new();
    let path = bench.file("checkpoint.key");
    drop(CheckpointKey::create(&path, &mut rng()).unwrap());
    let good = fs::read_to_string(&path).unwrap();
    for text in [
        "",
        good.trim_end(),
        &good.replace("v1", "v2"),
        &format!("{good}\n"),
        &format!(" {good}"),
        "tegata-checkpoint-key-v1 AAAA\n",
        &format!("tegata-checkpoint-key-v1 {}\n", "A".repeat(4096)),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(CheckpointKey::open(&path).unwrap_err(), AuditError::KeyFile { path: path.clone() }, "{text}");
    }
    let absent = CheckpointKey::open(&bench.file("absent")).unwrap_err();
    assert!(matches!(absent, AuditError::Io { operation: Operation::Open, kind: std::io::ErrorKind::NotFound, .. }));
}
