//! Tampering: each kind is found and named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{Bench, lines, minute, origin, received, verifier};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tegata_audit::{Checkpoint, CheckpointError, CheckpointVerifier, Fault, LineError, SecretKind, read, verify};

/// Ten records, with checkpoints after the fourth and the eighth.
struct Case {
    bench: Bench,
    bytes: Vec<u8>,
    checkpoints: Vec<Checkpoint>,
    verifier: CheckpointVerifier,
}

fn case() -> Case {
    let bench = Bench::new();
    let key = common::key(bench.directory.path());
    let mut log = bench.open();
    let mut checkpoints = Vec::new();
    for number in 0..10 {
        common::append(&mut log, number);
        if [4, 8].contains(&log.len()) {
            checkpoints.push(received(&log.checkpoint(&origin(), &key)));
        }
    }
    let verifier = verifier(bench.directory.path());
    let bytes = bench.bytes();
    Case { bench, bytes, checkpoints, verifier }
}

impl Case {
    fn faults(&self, bytes: &[u8]) -> Vec<Fault> {
        verify(bytes, &self.checkpoints, &self.verifier).unwrap_err()
    }

    fn edited(&self, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
        let mut lines = lines(&self.bytes);
        edit(&mut lines);
        lines.concat()
    }
}

/// Somebody with the file and the program: numbers and hashes are made to fit again.
fn rechain(bytes: &[u8]) -> Vec<u8> {
    let mut prev = [0; 32];
    let mut result = Vec::new();
    for (seq, line) in lines(bytes).into_iter().enumerate() {
        let text = String::from_utf8(line).unwrap();
        let (_, rest) = text.split_once(",\"time\"").unwrap();
        let (rest, _) = rest.rsplit_once("\"prev\"").unwrap();
        let line = format!("{{\"seq\":{seq},\"time\"{rest}\"prev\":\"{}\"}}", hex::encode(prev));
        prev = Sha256::digest(&line).into();
        result.extend_from_slice(line.as_bytes());
        result.push(b'\n');
    }
    result
}

#[test]
fn an_untouched_log_verifies() {
    let case = case();
    let verified = verify(&case.bytes, &case.checkpoints, &case.verifier).unwrap();
    assert_eq!((verified.size, verified.signed, verified.archived), (10, 8, 0));
    assert_eq!(verified.records, read(&case.bytes).unwrap());
    let log = case.bench.open();
    assert_eq!((verified.head, verified.root), (log.head(), log.root()));
    for checkpoint in &case.checkpoints {
        log.confirm(checkpoint, &case.verifier).unwrap();
    }
    assert_eq!(rechain(&case.bytes), case.bytes);
}

#[test]
fn a_deleted_record() {
    let case = case();
    let bytes = case.edited(|lines| drop(lines.remove(5)));
    let faults = case.faults(&bytes);
    assert_eq!(faults[0], Fault::Missing { line: 6, expected: 5, found: 6 });
    assert_eq!(faults[0].line(), Some(6));
    // Even when the numbers and hashes are made to fit again.
    assert_eq!(case.faults(&rechain(&bytes)), [Fault::Root { index: 1, size: 8 }]);
}

#[test]
fn an_inserted_record() {
    let case = case();
    let bytes = case.edited(|lines| lines.insert(5, lines[2].clone()));
    let faults = case.faults(&bytes);
    assert_eq!(faults[0], Fault::OutOfOrder { line: 6, expected: 5, found: 2 });
    assert!(faults.contains(&Fault::ClockBack { line: 6, previous: minute(4), found: minute(2) }));
    let fitting = case.edited(|lines| lines.insert(5, lines[4].clone()));
    assert_eq!(case.faults(&rechain(&fitting)), [Fault::Root { index: 1, size: 8 }]);
}

#[test]
fn moved_records() {
    let case = case();
    let bytes = case.edited(|lines| lines.swap(2, 3));
    let faults = case.faults(&bytes);
    assert_eq!(faults[0], Fault::Missing { line: 3, expected: 2, found: 3 });
    assert!(faults.contains(&Fault::OutOfOrder { line: 4, expected: 4, found: 2 }));
}

#[test]
fn an_edited_record() {
    let case = case();
    let bytes = case.edited(|lines| {
        lines[6] = String::from_utf8(lines[6].clone()).unwrap().replace("success", "failed").into_bytes();
    });
    assert_eq!(case.faults(&bytes), [Fault::Chain { line: 8 }, Fault::Root { index: 1, size: 8 }]);
    assert_eq!(case.faults(&rechain(&bytes)), [Fault::Root { index: 1, size: 8 }]);
}

#[test]
fn an_edited_time() {
    let case = case();
    let change = |from: &str, to: &str| {
        case.edited(|lines| {
            lines[6] = String::from_utf8(lines[6].clone()).unwrap().replace(from, to).into_bytes();
        })
    };
    let back = change("09:06:00Z", "09:03:00Z");
    assert!(case.faults(&back).contains(&Fault::ClockBack { line: 7, previous: minute(5), found: minute(3) }));
    for form in ["09:06:00.000Z", "09:06:00.5Z", "09:06:00+00:00", "09:06:60Z"] {
        let faults = case.faults(&change("09:06:00Z", form));
        assert!(
            matches!(&faults[0], Fault::Line { line: 7, error: LineError::NotCanonical | LineError::Time }),
            "{form}"
        );
    }
}

#[test]
fn a_lost_tail() {
    let case = case();
    for kept in 0..8 {
        let bytes = case.edited(|lines| lines.truncate(kept));
        let lost = Fault::TailLost { index: 1, size: 8, found: kept as u64 };
        assert!(case.faults(&bytes).contains(&lost), "{kept}");
    }
    // The other side of the air gap names the checkpoint; the writer finds that it does not have the records.
    std::fs::write(&case.bench.path, case.edited(|lines| lines.truncate(7))).unwrap();
    let log = case.bench.open();
    assert!(log.confirm(&case.checkpoints[0], &case.verifier).is_ok());
    assert!(log.confirm(&case.checkpoints[1], &case.verifier).is_err());
    // What no checkpoint signs can be cut: the result says how much is signed.
    let bytes = case.edited(|lines| lines.truncate(8));
    assert_eq!(verify(&bytes, &case.checkpoints, &case.verifier).unwrap().signed, 8);
}

#[test]
fn a_torn_line() {
    let case = case();
    let cut = &case.bytes[..case.bytes.len() - 1];
    assert_eq!(case.faults(cut), [Fault::Torn { line: 10 }]);
}

#[test]
fn lines_by_other_means() {
    let case = case();
    let change = |from: &str, to: &str| {
        case.edited(|lines| {
            lines[9] = String::from_utf8(lines[9].clone()).unwrap().replacen(from, to, 1).into_bytes();
        })
    };
    for (from, to, error) in [
        ("{\"seq\":9,", "{\"seq\": 9,", LineError::NotCanonical),
        ("\"p04\"", "\"p\\u00304\"", LineError::NotCanonical),
        ("\"number\":9", "\"number\":9,\"number\":9", LineError::NotCanonical),
        ("\"prev\":\"", "\"prev\":\"0", LineError::Fields),
        ("\"seq\":9,", "\"seq\":9,\"more\":1,", LineError::Fields),
        ("\"seq\":9,", "\"seq\":9,\"seq\":9,", LineError::Fields),
        ("\"seq\":9,", "", LineError::Fields),
        ("\"actor\":\"p04\"", "\"actor\":\"P 4\"", LineError::Fields),
        ("\"number\":9", "\"number\":9.5", LineError::Fields),
        ("{\"seq\"", "[\"seq\"", LineError::Fields),
        ("{\"seq\"", "{seq", LineError::NotJson),
        ("p04", "p\u{0}04", LineError::NotJson),
    ] {
        assert_eq!(case.faults(&change(from, to)), [Fault::Line { line: 10, error }], "{from} {to}");
    }
    let empty = case.edited(|lines| lines.push(b"\n".to_vec()));
    assert_eq!(case.faults(&empty), [Fault::Line { line: 11, error: LineError::NotJson }]);
}

#[test]
fn a_secret_that_got_in_by_other_means() {
    let case = case();
    let bytes = rechain(&case.edited(|lines| {
        lines[9] = String::from_utf8(lines[9].clone()).unwrap().replace("\"number\"", "\"pin\"").into_bytes();
    }));
    let faults = case.faults(&bytes);
    assert!(
        matches!(&faults[..], [Fault::Secret { line: 10, secret }] if secret.kind == SecretKind::Named),
        "{faults:?}"
    );
    // It is a finding, not a reason to stop recording.
    std::fs::write(&case.bench.path, &bytes).unwrap();
    assert_eq!(case.bench.open().len(), 10);
}

#[test]
fn checkpoints_of_others() {
    let case = case();
    let strange = Bench::new();
    let log = strange.filled(4);
    let other_key = common::key(strange.directory.path());
    let by_other_key = log.checkpoint(&origin(), &other_key);
    let other_log = log.checkpoint(&tegata_audit::Origin::new("example.net/log").unwrap(), &other_key);
    let checkpoints = [by_other_key, other_log.clone()];
    let faults = verify(&case.bytes, &checkpoints, &case.verifier).unwrap_err();
    let found = tegata_audit::Origin::new("example.net/log").unwrap();
    assert_eq!(
        faults,
        [
            Fault::Checkpoint { index: 0, error: CheckpointError::NotSigned },
            Fault::Checkpoint { index: 1, error: CheckpointError::Origin { found } },
        ]
    );
    assert_eq!(verify(&case.bytes, &[], &case.verifier), Err(vec![Fault::NoCheckpoint]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No change of a byte before the last checkpoint goes unnoticed, whatever the change.
    #[test]
    fn any_changed_byte_is_found(at in any::<prop::sample::Index>(), change in 1_u8..) {
        let case = case();
        let signed = lines(&case.bytes).iter().take(8).map(Vec::len).sum();
        let mut bytes = case.bytes.clone();
        bytes[at.index(signed)] ^= change;
        prop_assert!(verify(&bytes, &case.checkpoints, &case.verifier).is_err());
        // After it, the chain finds every change but one of the very last line.
        let inner = lines(&case.bytes).iter().take(9).map(Vec::len).sum();
        let mut bytes = case.bytes.clone();
        bytes[at.index(inner)] ^= change;
        prop_assert!(read(&bytes).is_err());
    }
}
