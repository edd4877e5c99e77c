//! `tegata-root ceremony verify`: the record of every kind of ceremony is good, and one that was changed afterwards is not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

#[path = "support/rehearsals.rs"]
mod rehearsals;

use std::collections::BTreeSet;

use rehearsals::{Rehearsal, Rehearsals, said};
use serde_json::Value;
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const START: UtcDateTime = utc_datetime!(2027-01-10 9:00);

fn day(day: i64) -> UtcDateTime {
    START + Duration::days(day)
}

#[test]
fn the_record_of_every_kind_verifies() {
    let mut root = Rehearsals::under("iso-18013-5");
    for (kind, at, next) in [
        ("first", 0, 84),
        ("quarterly", 84, 168),
        ("emergency-revoke", 94, 95),
        ("quarterly", 95, 168),
        ("restore-drill", 120, 168),
        ("root-rekey", 130, 168),
    ] {
        root.rehearse(kind, day(at), day(next));
    }
    // The incident takes the time of the machine; those ceremonies have a root of their own.
    let mut compromised = Rehearsals::under("jp-004");
    let now = UtcDateTime::now;
    compromised.rehearse("first", now() - Duration::days(30), now() + Duration::days(30));
    compromised.run(&["incident", "open", "--generation", "1", "--judged-by", "ca-manager", "--role", "ca-manager"]);
    let unusable = ["revoked-by-old-key", "--old-key-unusable", "the module does not start any more"];
    compromised.run(&[&["incident", "advance", "1"], unusable.as_slice()].concat());
    for step in ["halted", "intake-stopped"] {
        compromised.run(&["incident", "advance", "1", step, "--statement", "done"]);
    }
    compromised.rehearse("emergency-rekey", now(), now() + Duration::days(30));
    compromised.rehearse("destroy", now(), now() + Duration::days(30));
    // The destroyed key was the old one: the new root goes on.
    compromised.rehearse("quarterly", now() + Duration::days(30), now() + Duration::days(60));
    for root in [&root, &compromised] {
        root.verify_all();
        root.verify_log();
    }
}

/// A quarterly ceremony, and what `verify` says about records that were made of its own.
struct Archive {
    root: Rehearsals,
    ceremony: Rehearsal,
    lines: Vec<String>,
}

impl Archive {
    fn new() -> Self {
        let mut root = Rehearsals::under("iso-18013-5");
        root.rehearse("first", day(0), day(84));
        let ceremony = root.rehearse("quarterly", day(84), day(168));
        let text = std::fs::read_to_string(ceremony.record()).unwrap();
        Self { root, ceremony, lines: text.lines().map(str::to_owned).collect() }
    }

    fn line(&self, index: usize) -> Value {
        serde_json::from_str(&self.lines[index]).unwrap()
    }

    /// The first line of a kind.
    fn find(&self, fits: impl Fn(&Value) -> bool) -> usize {
        (0..self.lines.len()).find(|index| fits(&self.line(*index))).expect("no such line")
    }

    /// The step that certifies.
    fn step(&self) -> Value {
        self.line(self.find(|line| line["detail"]["action"] == "issue"))["step"].clone()
    }

    /// The line of a mark at that step.
    fn mark(&self, mark: &str) -> usize {
        self.find(|line| line["step"] == self.step() && line["detail"]["mark"] == mark)
    }

    /// The rules that are named when one line is changed.
    fn edited(&self, index: usize, change: impl FnOnce(&mut Value)) -> BTreeSet<String> {
        let mut line = self.line(index);
        change(&mut line);
        assert_ne!(line, self.line(index));
        self.rewritten(|lines| lines[index] = line.to_string())
    }

    /// The rules that are named when a person signs in the place of another.
    fn signed_by(&self, index: usize, person: &Value) -> BTreeSet<String> {
        self.edited(index, |line| {
            line["actor"] = person.clone();
            line["detail"]["sign_off"]["person"] = person.clone();
        })
    }

    fn rewritten(&self, change: impl FnOnce(&mut Vec<String>)) -> BTreeSet<String> {
        let mut lines = self.lines.clone();
        change(&mut lines);
        self.judged(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())
    }

    /// The rules that are named; the exit status must say that the record does not verify.
    fn judged(&self, record: &[u8]) -> BTreeSet<String> {
        let file = self.ceremony.folder.join("changed.jsonl");
        std::fs::write(&file, record).unwrap();
        let output = self.root.verify(&self.ceremony, &file);
        assert_eq!(output.status.code(), Some(6), "{}", said(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let violations = report["violations"].as_array().unwrap();
        violations.iter().map(|violation| violation["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn what_was_changed_is_named() {
    let archive = Archive::new();
    let (does, c1, c2) = (archive.mark("does"), archive.mark("c1"), archive.mark("c2"));
    let (step, auditor) = (archive.step(), archive.line(c2)["actor"].clone());
    let of_step: Vec<bool> = (0..archive.lines.len()).map(|index| archive.line(index)["step"] == step).collect();
    let opened = archive.find(|line| line["event"] == "object-opened");

    let skipped = archive.rewritten(|lines| {
        let mut of_step = of_step.iter();
        lines.retain(|_| !of_step.next().unwrap());
    });
    let serial = archive.edited(opened, |line| line["detail"]["serial"] = "R0000000000000000".into());
    for (what, found, expected) in [
        ("skipped step", skipped, "step-skipped"),
        ("swapped person", archive.signed_by(c1, &"facility".into()), "person-other"),
        ("same person twice", archive.signed_by(c1, &auditor), "same-person-twice"),
        ("wrong serial", serial, "serial-wrong"),
        ("missing C2", archive.rewritten(|lines| drop(lines.remove(c2))), "mark-missing"),
        ("edited time", archive.edited(does, |line| line["time"] = "2027-04-04T08:59:59Z".into()), "time-edited"),
        ("deleted tail", archive.rewritten(|lines| lines.truncate(lines.len() - 3)), "record-tail-missing"),
        ("deleted half line", archive.rewritten(|lines| lines.last_mut().unwrap().truncate(40)), "record-tail-missing"),
        ("a letter", archive.rewritten(|lines| lines[c1] = lines[c1].replacen("\"c1\"", "\"c2\"", 1)), "chain-broken"),
    ] {
        assert!(found.contains(expected), "{what}: {found:?}");
    }
}

#[test]
fn a_record_of_another_ceremony_is_refused() {
    let mut root = Rehearsals::under("iso-18013-5");
    let first = root.rehearse("first", day(0), day(84));
    let quarterly = root.rehearse("quarterly", day(84), day(168));
    let output = root.verify(&first, &quarterly.record());
    assert_eq!(output.status.code(), Some(6), "{}", said(&output));
    assert!(said(&output).contains("record-of-other"), "{}", said(&output));
}
