//! The retention lock: records leave a log by the auditor, after a year, into a sealed file.

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

use common::{Bench, actor, event, key, lines, origin, received, verifier};
use tegata_audit::{
    ArchiveOrder, AuditError, Checkpoint, Class, Fault, Log, Outcome, Query, merkle, read, verify, verify_parts,
};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const NOW: UtcDateTime = utc_datetime!(2028-03-01 12:00);

fn order(before: UtcDateTime) -> ArchiveOrder {
    ArchiveOrder { actor: actor("p09"), role: "auditor".to_owned(), before }
}

/// A log of one record a month from January 2026 to February 2028.
fn monthly(bench: &Bench) -> Log {
    let mut log = bench.open();
    for month in 0..26_u32 {
        let date = time::Date::from_calendar_date(
            2026 + i32::try_from(month / 12).unwrap(),
            time::Month::January.nth_next((month % 12).try_into().unwrap()),
            1,
        );
        log.append(event(month), UtcDateTime::new(date.unwrap(), time::Time::MIDNIGHT)).unwrap();
    }
    log
}

#[test]
fn a_log_goes_on_after_its_archive() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    let (key, verifier) = (key(directory), verifier(directory));
    let mut log = monthly(&bench);
    let (whole, before) = (bench.bytes(), received(&log.checkpoint(&origin(), &key)));

    let archived = log.archive(&order(utc_datetime!(2027-01-01 0:00)), &origin(), &key, NOW).unwrap();
    assert_eq!((archived.first, archived.last), (0, 11));
    let archive = fs::read(&archived.path).unwrap();
    assert_eq!(archive, lines(&whole)[..12].concat());
    let seal = Checkpoint::parse(&fs::read_to_string(&archived.seal_path).unwrap()).unwrap();
    assert_eq!(seal, archived.seal);
    // The archive is a log of its own, and its seal signs all of it.
    let alone = verify(&archive, std::slice::from_ref(&seal), &verifier).unwrap();
    assert_eq!((alone.size, alone.signed), (12, 12));

    // The log goes on: same numbers, same tree.
    assert_eq!(log.len(), 27);
    let record = log.append(event(0), NOW).unwrap();
    assert_eq!(record.seq, 27);
    let root = log.root();
    drop(log);
    let log = bench.open();
    assert_eq!((log.len(), log.root()), (28, root));
    let after = received(&log.checkpoint(&origin(), &key));

    let live = bench.bytes();
    let verified = verify(&live, &[seal.clone(), before.clone(), after.clone()], &verifier).unwrap();
    assert_eq!((verified.size, verified.signed, verified.archived), (28, 28, 12));
    let all = verify_parts(&[&archive, &live], &[seal, before.clone(), after.clone()], &verifier).unwrap();
    assert_eq!((all.size, all.archived, all.root), (28, 0, root));
    assert_eq!(all.records.len(), 28);
    assert_eq!(all.records[..26], read(&whole).unwrap());

    // What was done is in the log.
    let query = Query::new().class(Class::SystemAccess).name("log-archive");
    let found: Vec<_> = query.find(&verified.records).collect();
    let [record] = found[..] else { panic!("{found:?}") };
    assert_eq!((record.actor.as_str(), record.outcome, record.seq), ("p09", Outcome::Success, 26));
    assert_eq!(record.objects[0].sha256, archived.sha256);

    // Without the archive, a checkpoint that ends in it cannot be checked; a forged first line is found.
    let early = Checkpoint::parse(&{
        let other = Bench::new();
        fs::write(&other.path, lines(&whole)[..5].concat()).unwrap();
        other.open().checkpoint(&origin(), &key).to_string()
    });
    let early = early.unwrap();
    assert_eq!(
        verify(&live, std::slice::from_ref(&early), &verifier),
        Err(vec![Fault::ArchiveNeeded { index: 0, size: 5 }])
    );
    assert!(verify_parts(&[&archive, &live], &[early], &verifier).is_ok());
    let text = String::from_utf8(live.clone()).unwrap();
    let peak = hex::encode(alone.root);
    let peak = text.find("\"peaks\":[\"").map(|at| &text[at + 10..at + 74]).unwrap_or(&peak).to_owned();
    let forged = text.replacen(&peak, &"0".repeat(64), 1);
    let faults = verify(forged.as_bytes(), std::slice::from_ref(&after), &verifier).unwrap_err();
    assert_eq!(faults, [Fault::Root { index: 0, size: 28 }]);
}

#[test]
fn archives_follow_upon_each_other() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    let (key, verifier) = (key(directory), verifier(directory));
    let mut log = monthly(&bench);
    let dates = [utc_datetime!(2026-07-01 0:00), utc_datetime!(2027-02-15 0:00)];
    let archives = dates.map(|before| log.archive(&order(before), &origin(), &key, NOW).unwrap());
    assert_eq!(archives.iter().map(|part| (part.first, part.last)).collect::<Vec<_>>(), [(0, 5), (6, 13)]);
    let checkpoint = received(&log.checkpoint(&origin(), &key));
    let files = archives.each_ref().map(|part| fs::read(&part.path).unwrap());
    let live = bench.bytes();
    let checkpoints = [archives[0].seal.clone(), archives[1].seal.clone(), checkpoint];
    let verified = verify_parts(&[&files[0], &files[1], &live], &checkpoints, &verifier).unwrap();
    assert_eq!((verified.size, verified.records.len()), (28, 28));
    // A part left out, and parts in the wrong order.
    for parts in [vec![&files[0], &live], vec![&files[1], &files[0], &live]] {
        let parts: Vec<&[u8]> = parts.into_iter().map(Vec::as_slice).collect();
        let faults = verify_parts(&parts, &checkpoints[2..], &verifier).unwrap_err();
        let base = Fault::InPart { part: 1, fault: Box::new(Fault::Base { line: 1 }) };
        assert!(faults.contains(&base), "{faults:?}");
    }
}

#[test]
fn records_of_less_than_a_year_stay() {
    let bench = Bench::new();
    let key = key(bench.directory.path());
    let mut log = monthly(&bench);
    let before = NOW - Duration::days(365);
    // 2027-03-02: a day short of a year and of 366 days, as 2028 is a leap year.
    let until = utc_datetime!(2028-03-02 12:00);
    let error = log.archive(&order(before), &origin(), &key, NOW).unwrap_err();
    assert_eq!(error, AuditError::Retention { before, until });
    // The refusal is recorded, with who asked.
    let records = read(&bench.bytes()).unwrap();
    let last = records.last().unwrap();
    assert_eq!((last.outcome, last.actor.as_str(), last.name.as_str()), (Outcome::Refused, "p09", "log-archive"));
    assert_eq!(last.detail["reason"], "audit-retention");
    assert_eq!(records.len(), 27);
    // To the instant.
    let exact = order(utc_datetime!(2027-03-01 12:00));
    assert!(log.archive(&exact, &origin(), &key, NOW - Duration::nanoseconds(1)).is_err());
    assert_eq!(log.archive(&exact, &origin(), &key, NOW).unwrap().last, 14);
}

#[test]
fn only_the_auditor_archives() {
    let bench = Bench::new();
    let key = key(bench.directory.path());
    let mut log = monthly(&bench);
    for role in ["ca-manager", "Auditor", ""] {
        let mut order = order(utc_datetime!(2026-07-01 0:00));
        order.role = role.to_owned();
        let error = log.archive(&order, &origin(), &key, NOW).unwrap_err();
        assert_eq!(error, AuditError::NotAuditor { actor: actor("p09") });
    }
    assert_eq!(read(&bench.bytes()).unwrap().len(), 29);
}

#[test]
fn nothing_to_archive() {
    let bench = Bench::new();
    let key = key(bench.directory.path());
    let mut log = monthly(&bench);
    let before = utc_datetime!(2026-01-01 0:00);
    let error = log.archive(&order(before), &origin(), &key, NOW).unwrap_err();
    assert_eq!(error, AuditError::NothingToArchive { before });
}

/// A crash after the archive was written, whole or in part, and before the log was put in its place.
#[test]
fn an_archive_is_taken_up_again_after_a_crash() {
    for kept in [0, 100, usize::MAX] {
        let bench = Bench::new();
        let key = key(bench.directory.path());
        let mut log = monthly(&bench);
        let old = lines(&bench.bytes())[..6].concat();
        fs::write(bench.file("audit.jsonl.0-5.archive"), &old[..kept.min(old.len())]).unwrap();
        fs::write(bench.file("audit.jsonl.new"), b"half a l").unwrap();
        let archived = log.archive(&order(utc_datetime!(2026-07-01 0:00)), &origin(), &key, NOW).unwrap();
        assert_eq!(fs::read(&archived.path).unwrap(), old);
        assert_eq!(
            merkle::root(&lines(&old).iter().map(|l| merkle::leaf_hash(&l[..l.len() - 1])).collect::<Vec<_>>()),
            archived.seal.verify(&verifier(bench.directory.path())).unwrap().root
        );
        assert!(!bench.file("audit.jsonl.new").exists());
    }
    // Another file of that name is not overwritten.
    let bench = Bench::new();
    let key = key(bench.directory.path());
    let mut log = monthly(&bench);
    let before = bench.bytes();
    let path = bench.file("audit.jsonl.0-5.archive");
    fs::write(&path, b"something else").unwrap();
    let error = log.archive(&order(utc_datetime!(2026-07-01 0:00)), &origin(), &key, NOW).unwrap_err();
    assert_eq!(error, AuditError::Exists { path });
    assert_eq!(bench.bytes(), before);
}

#[test]
fn a_damaged_first_line_is_not_believed() {
    let bench = Bench::new();
    let key = key(bench.directory.path());
    let mut log = monthly(&bench);
    log.archive(&order(utc_datetime!(2026-07-01 0:00)), &origin(), &key, NOW).unwrap();
    drop(log);
    let text = String::from_utf8(bench.bytes()).unwrap();
    for (from, to) in [("\"size\":6", "\"size\":7"), ("\"size\":6", "\"size\": 6"), ("\"peaks\":[", "\"peaks\":[[],")] {
        fs::write(&bench.path, text.replacen(from, to, 1)).unwrap();
        let error = Log::open(&bench.path, "root-01").unwrap_err();
        let AuditError::Unsound { faults, .. } = error else { panic!("{error}") };
        assert_eq!(faults[0], Fault::Base { line: 1 });
    }
    // Without it the first record has no beginning.
    fs::write(&bench.path, text.split_once('\n').unwrap().1).unwrap();
    let error = Log::open(&bench.path, "root-01").unwrap_err();
    let AuditError::Unsound { faults, .. } = error else { panic!("{error}") };
    assert_eq!(faults[0], Fault::Missing { line: 1, expected: 0, found: 6 });
}
