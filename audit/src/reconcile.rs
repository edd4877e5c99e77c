//! Comparing a log with the work record that people keep by other means.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::{Duration, UtcDateTime, format_description::well_known::Rfc3339};

use crate::{Actor, Class, Outcome, Record};

/// The longest line of a work record, in bytes.
const MAX_ENTRY: usize = 4096;

/// What the work record says was done: the order or the sheet that the log should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkEntry {
    /// What the work record calls it, such as the number of a sheet.
    pub reference: String,
    /// When, as far as a person's note can tell.
    pub time: UtcDateTime,
    /// Who.
    pub actor: Actor,
    /// Its class.
    pub class: Class,
    /// The name of the event.
    pub event: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a log and a work record differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconciliation<'a> {
    /// Pairs that agree.
    pub matched: Vec<(&'a WorkEntry, &'a Record)>,
    /// Work that the log does not show.
    pub missing: Vec<&'a WorkEntry>,
    /// Records for which there is no work.
    pub extra: Vec<&'a Record>,
}

impl Reconciliation<'_> {
    /// Whether everything agrees.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Pairs records with work entries: same actor, class, event and outcome, and not further apart than `tolerance`. Each
/// belongs to one pair at most, and there are as many pairs as there can be.
///
/// All records given are expected in the work record: choose them by a [`Query`](crate::Query) first.
#[must_use]
pub fn reconcile<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    work: &'a [WorkEntry],
    tolerance: Duration,
) -> Reconciliation<'a> {
    type Group<'a> = (Vec<&'a WorkEntry>, Vec<&'a Record>);
    let mut groups: BTreeMap<(&str, Class, &str, Outcome), Group<'a>> = BTreeMap::new();
    for entry in work {
        groups.entry((entry.actor.as_str(), entry.class, &entry.event, entry.outcome)).or_default().0.push(entry);
    }
    for record in records {
        groups.entry((record.actor.as_str(), record.class, &record.name, record.outcome)).or_default().1.push(record);
    }
    let mut result = Reconciliation { matched: Vec::new(), missing: Vec::new(), extra: Vec::new() };
    for (mut work, mut records) in groups.into_values() {
        work.sort_by_key(|entry| entry.time);
        records.sort_by_key(|record| record.time);
        pair(&work, &records, tolerance, &mut result);
    }
    result.matched.sort_by_key(|(_, record)| record.seq);
    result.missing.sort_by_key(|entry| entry.time);
    result.extra.sort_by_key(|record| record.seq);
    result
}

/// With one tolerance for all, taking the earliest that fits leaves the most for the rest.
fn pair<'a>(work: &[&'a WorkEntry], records: &[&'a Record], tolerance: Duration, result: &mut Reconciliation<'a>) {
    let mut rest = records.iter().copied().peekable();
    for &entry in work {
        while let Some(early) = rest.next_if(|record| record.time - entry.time < -tolerance) {
            result.extra.push(early);
        }
        match rest.next_if(|record| record.time - entry.time <= tolerance) {
            Some(record) => result.matched.push((entry, record)),
            None => result.missing.push(entry),
        }
    }
    result.extra.extend(rest);
}

/// Why a work record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: not an entry of a work record")]
#[non_exhaustive]
pub struct WorkError {
    /// The line, from 1.
    pub line: usize,
}

impl WorkError {
    /// A stable name.
    #[must_use]
    pub fn id(&self) -> &'static str {
        "work-entry"
    }

    /// What to do about it, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        "Write each entry as one line of JSON: reference, time, actor, class, event and, unless it is success, result."
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        "1行に1件のJSONで、reference、time、actor、class、event、および成功以外の場合はresultを記載してください。"
    }
}

/// Reads a work record of JSON lines; empty lines are skipped.
///
/// ```text
/// { reference: tstr, time: tstr (RFC 3339), actor: tstr, class: tstr, event: tstr, ? result: tstr }
/// ```
///
/// # Errors
/// [`WorkError`] for the first line that is not an entry.
pub fn read_work(text: &str) -> Result<Vec<WorkEntry>, WorkError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| WorkEntry::from_line(line).ok_or(WorkError { line: index + 1 })).collect()
}

impl WorkEntry {
    fn from_line(line: &str) -> Option<Self> {
        if line.len() > MAX_ENTRY {
            return None;
        }
        let line: Line = serde_json::from_str(line).ok()?;
        let time = time::OffsetDateTime::parse(&line.time, &Rfc3339).ok()?;
        Some(Self {
            reference: line.reference,
            time: UtcDateTime::from(time),
            actor: line.actor,
            class: line.class,
            event: line.event,
            outcome: line.result,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    reference: String,
    time: String,
    actor: Actor,
    class: Class,
    event: String,
    #[serde(default = "success")]
    result: Outcome,
}

fn success() -> Outcome {
    Outcome::Success
}
