//! The auditor at work: queries, and the comparison with the work record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{Bench, actor, minute};
use proptest::prelude::*;
use tegata_audit::{Actor, Class, Event, Outcome, Query, Record, WorkEntry, read, read_work, reconcile};
use time::Duration;

fn seqs<'r>(found: impl Iterator<Item = &'r Record>) -> Vec<u64> {
    found.map(|record| record.seq).collect()
}

#[test]
fn queries() {
    let bench = Bench::new();
    drop(bench.filled(20));
    let records = read(&bench.bytes()).unwrap();
    let find = |query: Query| seqs(query.find(&records));
    assert_eq!(find(Query::new()).len(), 20);
    assert_eq!(find(Query::new().actor(actor("p03"))), [3, 8, 13, 18]);
    assert_eq!(find(Query::new().actor(actor("p99"))), [0; 0]);
    assert_eq!(find(Query::new().class(Class::Revocation)), [1, 8, 15]);
    assert_eq!(find(Query::new().class(Class::Revocation).actor(actor("p03"))), [8]);
    assert_eq!(find(Query::new().from(minute(5)).before(minute(8))), [5, 6, 7]);
    assert_eq!(find(Query::new().outcome(Outcome::Refused)), [0; 0]);
    assert_eq!(find(Query::new().name("other-event")), [0; 0]);
    assert_eq!(find(Query::new().object([7; 32])), [7]);
}

fn entry(reference: &str, who: &str, minutes: u32) -> WorkEntry {
    WorkEntry {
        reference: reference.to_owned(),
        time: minute(minutes),
        actor: Actor::new(who).unwrap(),
        class: Class::Issuance,
        event: "certificate-issued".to_owned(),
        outcome: Outcome::Success,
    }
}

fn issued(entries: &[(&str, u32)]) -> Vec<Record> {
    let bench = Bench::new();
    let mut log = bench.open();
    for (who, minutes) in entries {
        let event = Event::new(Class::Issuance, "certificate-issued", Outcome::Success, actor(who)).unwrap();
        log.append(event, minute(*minutes)).unwrap();
    }
    read(&bench.bytes()).unwrap()
}

#[test]
fn planted_differences_are_found() {
    let records = issued(&[("p01", 0), ("p01", 30), ("p02", 40), ("p01", 90)]);
    let work = [entry("W1", "p01", 2), entry("W2", "p01", 29), entry("W3", "p02", 41), entry("W4", "p02", 90)];
    let result = reconcile(&records, &work, Duration::minutes(5));
    assert!(!result.is_clean());
    assert_eq!(result.missing, [&work[3]]);
    assert_eq!(seqs(result.extra.iter().copied()), [3]);
    assert_eq!(
        result.matched.iter().map(|(entry, record)| (entry.reference.as_str(), record.seq)).collect::<Vec<_>>(),
        [("W1", 0), ("W2", 1), ("W3", 2)]
    );
    assert!(reconcile(&records[..3], &work[..3], Duration::minutes(5)).is_clean());
    // A refused event is not the work that was ordered; nor is work a minute too far away.
    let mut refused = work[0].clone();
    refused.outcome = Outcome::Refused;
    assert_eq!(reconcile(&records[..1], &[refused], Duration::minutes(5)).missing.len(), 1);
    assert_eq!(reconcile(&records[..1], &work[..1], Duration::minutes(1)).missing.len(), 1);
}

#[test]
fn one_record_answers_for_one_entry() {
    let records = issued(&[("p01", 0)]);
    let work = [entry("W1", "p01", 0), entry("W2", "p01", 0)];
    let result = reconcile(&records, &work, Duration::minutes(5));
    assert_eq!((result.matched.len(), result.missing.len(), result.extra.len()), (1, 1, 0));
}

#[test]
fn work_records_are_read() {
    let text = concat!(
        r#"{"reference":"W1","time":"2026-11-21T18:00:00+09:00","actor":"p01","class":"issuance","event":"certificate-issued"}"#,
        "\n\n",
        r#"{"reference":"W2","time":"2026-11-21T09:01:00Z","actor":"p02","class":"revocation","event":"x","result":"refused"}"#,
    );
    let work = read_work(text).unwrap();
    assert_eq!(work[0], entry("W1", "p01", 0));
    assert_eq!((work[1].outcome, work[1].class), (Outcome::Refused, Class::Revocation));
    for (bad, line) in [
        (text.replace("W2\",", "W2\",\"more\":1,"), 3),
        (text.replace("p01", "P 01"), 1),
        (text.replace("issuance", "issue"), 1),
        (text.replace("+09:00", ""), 1),
        (format!("{text}\n{{}}"), 4),
        (format!("{text}\n{}", "x".repeat(5000)), 4),
    ] {
        assert_eq!(read_work(&bad).map_err(|error| error.line), Err(line), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing is lost or counted twice, every pair is within the tolerance, and no further pair is possible.
    #[test]
    fn a_partition(mut log in prop::collection::vec(0_u32..60, 0..12), work in prop::collection::vec(0_u32..60, 0..12),
        tolerance in 0_i64..10)
    {
        log.sort_unstable();
        let records = issued(&log.iter().map(|minutes| ("p01", *minutes)).collect::<Vec<_>>());
        let work: Vec<_> = work.into_iter().map(|minutes| entry("W", "p01", minutes)).collect();
        let tolerance = Duration::minutes(tolerance);
        let result = reconcile(&records, &work, tolerance);
        prop_assert_eq!(result.matched.len() + result.missing.len(), work.len());
        prop_assert_eq!(result.matched.len() + result.extra.len(), records.len());
        for (entry, record) in &result.matched {
            prop_assert!((entry.time - record.time).abs() <= tolerance);
        }
        for entry in &result.missing {
            for record in &result.extra {
                prop_assert!((entry.time - record.time).abs() > tolerance);
            }
        }
        prop_assert_eq!(result.matched.len(), largest_matching(&records, &work, tolerance));
    }
}

/// The largest matching by augmenting paths: slow and sure.
fn largest_matching(records: &[Record], work: &[WorkEntry], tolerance: Duration) -> usize {
    fn augment(entry: usize, fits: &[Vec<usize>], seen: &mut [bool], of: &mut [Option<usize>]) -> bool {
        fits[entry].iter().any(|&record| {
            !std::mem::replace(&mut seen[record], true)
                && (of[record].is_none() || augment(of[record].unwrap(), fits, seen, of))
                && {
                    of[record] = Some(entry);
                    true
                }
        })
    }
    let fits: Vec<Vec<usize>> = work
        .iter()
        .map(|entry| (0..records.len()).filter(|&r| (records[r].time - entry.time).abs() <= tolerance).collect())
        .collect();
    let mut of = vec![None; records.len()];
    (0..work.len()).filter(|&entry| augment(entry, &fits, &mut vec![false; records.len()], &mut of)).count()
}
