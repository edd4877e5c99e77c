//! The writer: what it writes, what it refuses, and what is left after a crash.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use common::{Bench, START, actor, append, event, minute};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tegata_audit::{
    AuditError, Class, Event, Fault, LineError, Log, MAX_LINE, MAX_OBJECTS, Operation, Outcome, Part, read,
};
use time::{Duration, macros::utc_datetime};

#[test]
fn the_line_is_as_documented() {
    let bench = Bench::new();
    let mut log = bench.open();
    let event = Event::new(Class::Issuance, "certificate-issued", Outcome::Success, actor("p07"))
        .unwrap()
        .object("ds.der", [0xab; 32])
        .detail("serial", "0f")
        .detail("nested", json!({"b": [1, null, true], "a": "日本\"\n"}))
        .step("7.03");
    let record = log.append(event.clone(), utc_datetime!(2026-11-21 09:00:00.123_456_789)).unwrap();
    let expected = format!(
        concat!(
            r#"{{"seq":0,"time":"2026-11-21T09:00:00.123Z","terminal":"root-01","class":"issuance","#,
            r#""event":"certificate-issued","result":"success","actor":"p07","objects":[{{"name":"ds.der","sha256":"{}"}}],"#,
            r#""step":"7.03","detail":{{"nested":{{"a":"日本\"\n","b":[1,null,true]}},"serial":"0f"}},"prev":"{}"}}"#
        ),
        "ab".repeat(32),
        "00".repeat(32)
    );
    assert_eq!(record.to_line().unwrap(), expected);
    assert_eq!(fs::read_to_string(&bench.path).unwrap(), format!("{expected}\n"));
    assert_eq!(log.head(), record.hash().unwrap());
    assert_eq!(log.root(), record.leaf_hash().unwrap());
    assert_eq!((record.name, record.detail, record.step), (event.name, event.detail, event.step));
}

#[test]
fn a_log_goes_on_where_it_stopped() {
    let bench = Bench::new();
    let (head, root) = {
        let log = bench.filled(9);
        (log.head(), log.root())
    };
    let mut log = bench.open();
    assert_eq!((log.len(), log.head(), log.root()), (9, head, root));
    assert_eq!(log.last_time(), Some(minute(8)));
    assert!(log.torn().is_none());
    let record = append(&mut log, 9);
    assert_eq!((record.seq, record.prev), (9, head));
    let records = read(&bench.bytes()).unwrap();
    assert_eq!(records.len(), 10);
    assert_eq!(records.last(), Some(&record));
}

#[test]
fn an_empty_log() {
    let bench = Bench::new();
    let log = bench.open();
    assert!(log.is_empty());
    assert_eq!(log.head(), [0; 32]);
    assert_eq!(read(&bench.bytes()), Ok(Vec::new()));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let _log = bench.open();
    assert_eq!(fs::metadata(&bench.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn there_is_one_writer() {
    let bench = Bench::new();
    let log = bench.open();
    assert_eq!(Log::open(&bench.path, "root-01").unwrap_err(), AuditError::Locked { path: bench.path.clone() });
    drop(log);
    assert!(Log::open(&bench.path, "root-01").is_ok());
}

#[test]
fn the_clock_does_not_go_back() {
    let bench = Bench::new();
    let mut log = bench.filled(3);
    let given = minute(2) - Duration::milliseconds(1);
    assert_eq!(log.append(event(3), given), Err(AuditError::ClockBack { last: minute(2), given }));
    assert_eq!(log.len(), 3);
    // The same instant is no step back, and what is below a millisecond does not count.
    assert!(log.append(event(3), minute(2) + Duration::microseconds(900)).is_ok());
    assert!(log.append(event(4), minute(2)).is_ok());
}

#[test]
fn texts_are_checked() {
    let bench = Bench::new();
    let mut log = bench.open();
    let base = || event(0);
    let mut renamed = base();
    renamed.name = "Not-Kebab".to_owned();
    let mut crowded = base();
    (0..=MAX_OBJECTS).for_each(|_| crowded = crowded.clone().object("x", [0; 32]));
    let cases = [
        (renamed, Part::EventName),
        (crowded, Part::Objects),
        (base().step(""), Part::Step),
        (base().step("7 03"), Part::Step),
        (base().object("", [0; 32]), Part::ObjectName),
        (base().object("a\u{7}", [0; 32]), Part::ObjectName),
        (base().detail("", 1), Part::Detail),
        (base().detail("k".repeat(65), 1), Part::Detail),
        (base().detail("seconds", 0.5), Part::Detail),
        (base().detail("nested", json!([{"deep": 1.5}])), Part::Detail),
    ];
    for (event, part) in cases {
        assert_eq!(log.append(event, START), Err(AuditError::Text { part }));
    }
    assert!(log.is_empty());
    assert_eq!(bench.bytes(), b"");
    for terminal in ["", "a b", "端末"] {
        let refused = Log::open(&bench.file("other"), terminal).unwrap_err();
        assert_eq!(refused, AuditError::Text { part: Part::Terminal });
    }
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let bench = Bench::new();
    let mut log = bench.open();
    let large = event(0).detail("note", "x".repeat(MAX_LINE));
    assert_eq!(log.append(large, START), Err(AuditError::Line(LineError::TooLong)));
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    assert_eq!(log.append(event(0).detail("deep", deep), START), Err(AuditError::Line(LineError::NotJson)));
    assert_eq!(bench.bytes(), b"");
    append(&mut log, 0);
}

#[test]
fn a_broken_log_is_not_written_to() {
    let bench = Bench::new();
    drop(bench.filled(5));
    let text = String::from_utf8(bench.bytes()).unwrap().replacen("p02", "p03", 1);
    fs::write(&bench.path, &text).unwrap();
    let error = Log::open(&bench.path, "root-01").unwrap_err();
    assert_eq!(error, AuditError::Unsound { path: bench.path.clone(), faults: vec![Fault::Chain { line: 4 }] });
    assert_eq!(bench.bytes(), text.as_bytes());
}

/// Wherever a crash cuts the last write, the records before it are there and the piece is kept.
#[test]
fn a_log_cut_anywhere_goes_on() {
    let whole = {
        let bench = Bench::new();
        drop(bench.filled(3));
        bench.bytes()
    };
    for length in 0..whole.len() {
        let bench = Bench::new();
        fs::write(&bench.path, &whole[..length]).unwrap();
        let mut log = bench.open();
        let complete = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(log.len(), complete as u64, "{length}");
        let rest: Vec<u8> = whole[..length].rsplit(|byte| *byte == b'\n').next().unwrap().to_vec();
        match log.torn().cloned() {
            None => assert!(rest.is_empty()),
            Some(torn) => {
                assert_eq!(fs::read(&torn.path).unwrap(), rest);
                assert_eq!((torn.seq, torn.length), (complete as u64, rest.len()));
                let record = log.append(torn.event(actor("tegata-root")).unwrap(), minute(9)).unwrap();
                assert_eq!(record.objects[0].sha256, torn.sha256);
            }
        }
        append(&mut log, 10);
        drop(log);
        assert!(read(&bench.bytes()).is_ok());
        assert!(bench.open().torn().is_none());
    }
}

#[test]
fn two_pieces_of_the_same_record_are_both_kept() {
    let bench = Bench::new();
    for piece in ["{\"seq\":0,\"a", "{\"seq\":0,\"b"] {
        fs::write(&bench.path, piece).unwrap();
        let log = bench.open();
        assert_eq!(fs::read_to_string(&log.torn().unwrap().path).unwrap(), piece);
    }
    assert!(bench.file("audit.jsonl.torn-0").exists() && bench.file("audit.jsonl.torn-0-2").exists());
}

/// This test twice: as itself, and as the writer that it starts and kills.
#[cfg(unix)]
#[test]
fn what_was_acknowledged_survives_a_kill() {
    const CHILD: &str = "TEGATA_AUDIT_TEST_KILLED_LOG";
    if let Some(path) = std::env::var_os(CHILD) {
        let mut log = Log::open(&PathBuf::from(path), "root-01").unwrap();
        for number in 0.. {
            append(&mut log, number);
            println!("acknowledged {number}");
        }
    }
    for patience in [1, 7, 40] {
        let bench = Bench::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "what_was_acknowledged_survives_a_kill", "--nocapture"])
            .env(CHILD, &bench.path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let acknowledged = output.filter(|line| line.starts_with("acknowledged")).take(patience).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(acknowledged, patience);
        let log = bench.open();
        assert!(log.len() >= patience as u64);
    }
}

/// A medium that is full: a limit on the size of files stands in for it.
#[cfg(unix)]
#[test]
fn a_full_medium_loses_nothing() {
    const CHILD: &str = "TEGATA_AUDIT_TEST_FULL_LOG";
    if let Some(path) = std::env::var_os(CHILD) {
        let mut log = Log::open(&PathBuf::from(path), "root-01").unwrap();
        let error = (0..10_000).find_map(|number| log.append(event(number), minute(number)).err()).unwrap();
        assert!(
            matches!(error, AuditError::Io { operation: Operation::Write, kind: std::io::ErrorKind::FileTooLarge, .. }),
            "{error}"
        );
        let (length, head) = (log.len(), log.head());
        let records = read(&fs::read(log.path()).unwrap()).unwrap();
        assert_eq!(records.len() as u64, length);
        assert_eq!(records.last().unwrap().hash().unwrap(), head);
        // Not poisoned: the file is known to be as it was.
        assert!(matches!(log.append(event(0), minute(20_000)), Err(AuditError::Io { .. })));
        println!("refused at {length}");
        return;
    }
    let bench = Bench::new();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_full_medium_loses_nothing", "--nocapture"])
        .env(CHILD, &bench.path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("refused at "), "{text}");
    let mut log = bench.open();
    assert!(log.torn().is_none() && log.len() > 10);
    log.append(event(0), minute(30_000)).unwrap();
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("x[a-zé ]{0,10}", inner, 0..5)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is appended is what is read, and the file is what the records say.
    #[test]
    fn appended_records_read_back(details in prop::collection::vec(("x[a-z-]{0,20}", value()), 1..8)) {
        let bench = Bench::new();
        let mut log = bench.open();
        let mut written = Vec::new();
        for (number, (key, value)) in details.into_iter().enumerate() {
            let event = event(0).detail(key, value);
            let record = log.append(event.clone(), minute(number.try_into().unwrap())).unwrap();
            prop_assert_eq!(&record.detail, &event.detail);
            written.push(record);
        }
        prop_assert_eq!(read(&bench.bytes()), Ok(written));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(records) = read(&bytes) {
            prop_assert!(records.is_empty() && bytes.is_empty());
        }
    }
}
