//! Records that were changed afterwards: the verifier names what was done to each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::{collections::BTreeSet, sync::OnceLock};

use common::{Theatre, lines, play_all, rechain};
use serde_json::Value;
use tegata_ceremony::{Breach, Kind, Mark, Previous, Violation, verify};

/// One first ceremony and one quarterly one after it, for all tests.
fn quarterly() -> &'static (Theatre, Vec<u8>) {
    static PLAYED: OnceLock<(Theatre, Vec<u8>)> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let (_, left) = play_all(&Theatre::new(Kind::First, Previous::default()));
        let stage = Theatre::new(Kind::Quarterly, left);
        let (record, _) = play_all(&stage);
        (stage, record)
    })
}

fn judge(record: &[u8]) -> Vec<Violation> {
    let (stage, _) = quarterly();
    verify(record, &stage.script, Some(&stage.site), Some(&stage.previous), &stage.rules)
}

fn ids(found: &[Violation]) -> BTreeSet<&'static str> {
    found.iter().map(Violation::id).collect()
}

/// The record with its lines changed and its chain made to hold again.
fn bent(change: impl FnOnce(&mut Vec<Value>)) -> Vec<Violation> {
    let mut all = lines(&quarterly().1);
    change(&mut all);
    judge(&rechain(all))
}

fn position(lines: &[Value], event: &str, step: &str, mark: Option<&str>) -> usize {
    let fits = |line: &Value| {
        line["event"] == event && line["step"] == step && mark.is_none_or(|mark| line["detail"]["mark"] == mark)
    };
    lines.iter().position(fits).unwrap()
}

#[test]
fn the_record_is_sound_and_rechaining_alone_changes_nothing() {
    assert!(judge(&quarterly().1).is_empty());
    assert_eq!(rechain(lines(&quarterly().1)), quarterly().1);
}

#[test]
fn a_skipped_step() {
    let found = bent(|lines| lines.retain(|line| line["step"] != "7.05"));
    assert!(found.iter().any(|v| v.breach == Breach::StepSkipped { step: "7.05".parse().unwrap() }), "{found:?}");
    // Written off as "not due" it is no better.
    let found = bent(|lines| {
        let begin = position(lines, "step-begin", "7.05", None);
        lines[begin]["event"] = "step-skipped".into();
        let mut index = 0;
        lines.retain(|line| {
            index += 1;
            line["step"] != "7.05" || index - 1 == begin
        });
    });
    assert!(found.iter().any(|v| v.breach == Breach::StepSkipped { step: "7.05".parse().unwrap() }), "{found:?}");
    assert!(ids(&found).contains("history-altered"));
}

#[test]
fn a_swapped_person() {
    let found = bent(|lines| {
        let at = position(lines, "step-sign-off", "7.03", Some("confirms"));
        lines[at]["actor"] = "p06".into();
        lines[at]["detail"]["sign_off"]["person"] = "p06".into();
    });
    let named = found.iter().any(|violation| {
        matches!(&violation.breach, Breach::PersonOther { mark: Mark::Confirms, expected, found, .. }
            if expected.as_str() == "p04" && found.as_str() == "p06")
    });
    assert!(named, "{found:?}");
    assert!(ids(&found).contains("signature-invalid"));
}

#[test]
fn the_same_person_twice() {
    let found = bent(|lines| {
        let c1 = position(lines, "step-sign-off", "7.03", Some("c1"));
        let c2 = position(lines, "step-sign-off", "7.03", Some("c2"));
        let person = lines[c1]["actor"].clone();
        lines[c2]["actor"] = person.clone();
        lines[c2]["detail"]["sign_off"]["person"] = person;
    });
    assert!(ids(&found).is_superset(&BTreeSet::from(["same-person-twice", "person-other"])), "{found:?}");
}

#[test]
fn a_wrong_serial() {
    for (event, path) in [("object-opened", "serial"), ("object-checked", "serial")] {
        let found = bent(|lines| {
            let at = lines.iter().position(|line| line["event"] == event).unwrap();
            lines[at]["detail"][path] = "TEB-99999".into();
        });
        assert!(ids(&found).contains("serial-wrong"), "{event}: {found:?}");
    }
    let found = bent(|lines| {
        let at = lines.iter().position(|line| line["event"] == "object-sealed").unwrap();
        lines[at]["detail"]["serial"] = "TEB-00001".into();
    });
    assert!(ids(&found).contains("serial-reused"), "{found:?}");
    // The inventory itself, as the last ceremony left it.
    let found = bent(|lines| {
        lines[0]["detail"]["previous"]["inventory"]["items"]["module"]["bag"] = "TEB-99999".into();
    });
    assert!(ids(&found).is_superset(&BTreeSet::from(["record-of-other", "serial-wrong"])), "{found:?}");
}

#[test]
fn a_missing_c2() {
    let found = bent(|lines| {
        let at = position(lines, "step-sign-off", "7.03", Some("c2"));
        lines.remove(at);
    });
    let expected =
        Breach::MarkMissing { step: "7.03".parse().unwrap(), mark: Mark::C2, seat: "auditor".parse().unwrap() };
    assert!(found.iter().any(|violation| violation.breach == expected), "{found:?}");
}

#[test]
fn an_edited_time() {
    let all = lines(&quarterly().1);
    let signed = position(&all, "step-sign-off", "7.03", Some("does"));
    let begun = position(&all, "action", "7.03", None);
    // Without making the chain hold: the line after it shows it.
    let time = all[signed]["time"].as_str().unwrap().to_owned();
    let line = String::from_utf8(quarterly().1.split(|b| *b == b'\n').nth(signed).unwrap().to_vec()).unwrap();
    let edited = line.replacen(&time, &time.replace("T08", "T07").replace("T09", "T07"), 1);
    assert_ne!(line, edited);
    let raw = String::from_utf8(quarterly().1.clone()).unwrap().replace(&line, &edited);
    let found = judge(raw.as_bytes());
    assert!(ids(&found).is_superset(&BTreeSet::from(["chain-broken", "clock-back", "time-edited"])), "{found:?}");
    // With the chain rewritten: the signatures show it.
    for (at, id) in [(signed, "time-edited"), (begun, "outcome-other")] {
        let found = bent(|lines| {
            let previous = lines[at - 1]["time"].clone();
            assert_ne!(previous, lines[at]["time"]);
            lines[at]["time"] = previous;
        });
        assert!(ids(&found).contains(id), "{found:?}");
    }
}

#[test]
fn a_deleted_tail() {
    let (_, record) = quarterly();
    let count = lines(record).len();
    for keep in [1, count / 2, count - 2, count - 1] {
        let found = bent(|lines| lines.truncate(keep));
        assert!(ids(&found).contains("record-tail-missing"), "{keep}: {found:?}");
    }
    let found = judge(&record[..record.len() - 40]);
    assert!(ids(&found).is_superset(&BTreeSet::from(["record-tail-missing", "chain-broken"])), "{found:?}");
    assert!(ids(&judge(b"")).contains("record-tail-missing"));
}

#[test]
fn altered_facts_orders_and_approvals() {
    let found = bent(|lines| {
        let at = position(lines, "action", "7.03", None);
        lines[at]["objects"][0]["sha256"] = "33".repeat(32).into();
    });
    assert!(ids(&found).contains("outcome-other"), "{found:?}");
    let found = bent(|lines| {
        lines[0]["detail"]["approvals"].as_array_mut().unwrap().pop();
    });
    assert!(ids(&found).contains("roster-not-approved"), "{found:?}");
    let found = bent(|lines| {
        lines[0]["detail"]["cast"]["roster"]["auditor"] = "p03".into();
    });
    assert!(ids(&found).is_superset(&BTreeSet::from(["record-of-other", "roles-not-shareable"])), "{found:?}");
    let found = bent(|lines| {
        let at = position(lines, "action", "9.05", None);
        lines[at]["detail"]["outcome"]["targets"][0]["generations_back"] = 1.into();
    });
    assert!(ids(&found).contains("target-forbidden"), "{found:?}");
}

/// Whatever single line is taken out, doubled or moved: something is named.
#[test]
fn no_line_can_be_removed_doubled_or_moved() {
    let count = lines(&quarterly().1).len();
    for index in (0..count).step_by(7).chain([count - 1, count - 2, count - 3]) {
        assert!(!bent(|lines| drop(lines.remove(index))).is_empty(), "line {index} removed");
        let doubled = bent(|lines| lines.insert(index, lines[index].clone()));
        assert!(!doubled.is_empty(), "line {index} doubled");
        if index + 1 < count {
            assert!(!bent(|lines| lines.swap(index, index + 1)).is_empty(), "line {index} moved");
        }
    }
}
