//! One line of a log: its fields, and the one way to write them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::{Actor, AuditError, Class, Event, LineError, MAX_OBJECTS, ObjectDigest, Outcome, Part, merkle, secret};

/// The longest line, in bytes and without its newline.
pub const MAX_LINE: usize = 65_536;

/// A record: an event with its place in a log.
///
/// The line is a JSON object without spaces, its members in this order (CDDL of the data):
///
/// ```text
/// record = {
///   seq: uint,              ; from 0, without gaps
///   time: tstr,             ; RFC 3339, Z, whole seconds or three decimals
///   terminal: tstr,         ; 1*64 of A-Z a-z 0-9 . _ : -
///   class: tstr,            ; see Class
///   event: tstr,            ; kebab-case
///   result: "success" / "refused" / "failed",
///   actor: tstr,            ; see Actor
///   objects: [* { name: tstr, sha256: hex }],
///   ? step: tstr,
///   detail: { * tstr => any },   ; members sorted by key at every level, no floating-point numbers
///   prev: hex,              ; SHA-256 of the line before, without its newline; 64 zeros in the first record
/// }
/// ```
///
/// There is one encoding of a record: a line that is not exactly what [`Record::to_line`] gives is a fault.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Its number, from 0.
    pub seq: u64,
    /// When it was recorded; whole milliseconds.
    pub time: UtcDateTime,
    /// The terminal that recorded it.
    pub terminal: String,
    /// Its class.
    pub class: Class,
    /// The name of the event.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Who acted.
    pub actor: Actor,
    /// The objects it is about.
    pub objects: Vec<ObjectDigest>,
    /// The step of the ceremony.
    pub step: Option<String>,
    /// Further facts.
    pub detail: Map<String, Value>,
    /// SHA-256 of the line before; zeros in the first record of a log.
    pub prev: [u8; 32],
}

impl Record {
    /// The line, without a newline: the leaf of the Merkle tree.
    ///
    /// # Errors
    /// [`LineError::Unwritable`] for a time outside the years 0 to 9999; a record that was read or appended has none.
    pub fn to_line(&self) -> Result<String, LineError> {
        let mut detail = self.detail.clone();
        sort(&mut detail);
        let line = Line {
            seq: self.seq,
            time: write_time(self.time).ok_or(LineError::Unwritable)?,
            terminal: self.terminal.clone(),
            class: self.class,
            event: self.name.clone(),
            result: self.outcome,
            actor: self.actor.clone(),
            objects: self.objects.clone(),
            step: self.step.clone(),
            detail,
            prev: self.prev,
        };
        serde_json::to_string(&line).map_err(|_| LineError::Unwritable)
    }

    /// SHA-256 of the line: what the next record names as `prev`.
    ///
    /// # Errors
    /// As [`Record::to_line`].
    pub fn hash(&self) -> Result<[u8; 32], LineError> {
        Ok(merkle::sha256(&[self.to_line()?.as_bytes()]))
    }

    /// The hash of the record as a leaf of the Merkle tree: SHA-256 of `00` and the line (RFC 6962 2.1).
    ///
    /// # Errors
    /// As [`Record::to_line`].
    pub fn leaf_hash(&self) -> Result<[u8; 32], LineError> {
        Ok(merkle::leaf_hash(self.to_line()?.as_bytes()))
    }

    /// Reads a line, without its newline. The record may be one that is not fit to be written, such as one with a
    /// secret: that is a finding of [`verify`](crate::verify), not a reason to be unable to read the rest.
    pub(crate) fn from_line(bytes: &[u8]) -> Result<Self, LineError> {
        if bytes.len() > MAX_LINE {
            return Err(LineError::TooLong);
        }
        let line: Line = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => LineError::Fields,
            _ => LineError::NotJson,
        })?;
        let record = Self {
            seq: line.seq,
            time: UtcDateTime::parse(&line.time, &Rfc3339).map_err(|_| LineError::Time)?,
            terminal: line.terminal,
            class: line.class,
            name: line.event,
            outcome: line.result,
            actor: line.actor,
            objects: line.objects,
            step: line.step,
            detail: line.detail,
            prev: line.prev,
        };
        if record.time != whole_milliseconds(record.time) {
            return Err(LineError::Time);
        }
        record.check_texts().map_err(|_| LineError::Fields)?;
        if record.to_line()?.as_bytes() == bytes { Ok(record) } else { Err(LineError::NotCanonical) }
    }

    /// Gives an event its place, and the line to be written.
    pub(crate) fn place(
        event: Event,
        seq: u64,
        time: UtcDateTime,
        terminal: &str,
        prev: [u8; 32],
    ) -> Result<(Self, String), AuditError> {
        let record = Self {
            seq,
            time,
            terminal: terminal.to_owned(),
            class: event.class,
            name: event.name,
            outcome: event.outcome,
            actor: event.actor,
            objects: event.objects,
            step: event.step,
            detail: event.detail,
            prev,
        };
        record.check_texts()?;
        secret::scan(&record)?;
        let line = record.to_line().map_err(AuditError::Line)?;
        // What is written must read back as it was meant: nesting and numbers have limits of their own.
        let read = Self::from_line(line.as_bytes()).map_err(AuditError::Line)?;
        Ok((read, line))
    }

    fn check_texts(&self) -> Result<(), AuditError> {
        let bad = |part| Err(AuditError::Text { part });
        if !is_terminal(&self.terminal) {
            return bad(Part::Terminal);
        }
        if !crate::event::is_kebab(&self.name) {
            return bad(Part::EventName);
        }
        if !self.step.as_deref().is_none_or(is_step) {
            return bad(Part::Step);
        }
        if self.objects.len() > MAX_OBJECTS {
            return bad(Part::Objects);
        }
        if !self.objects.iter().all(|object| is_label(&object.name, 128)) {
            return bad(Part::ObjectName);
        }
        if !self.detail.iter().all(|(key, value)| is_label(key, 64) && is_plain(value)) {
            return bad(Part::Detail);
        }
        Ok(())
    }
}

/// RFC 3339 in UTC: whole seconds, or three decimals where there is a fraction. `None` outside the years 0 to 9999.
pub(crate) fn write_time(time: UtcDateTime) -> Option<String> {
    let (date, clock) = (time.date(), time.time());
    let year = u16::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    let fraction = if clock.millisecond() == 0 { String::new() } else { format!(".{:03}", clock.millisecond()) };
    let (month, day) = (u8::from(date.month()), date.day());
    let (hour, minute, second) = clock.as_hms();
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

/// Cuts an instant to whole milliseconds: the resolution of a record.
pub(crate) fn whole_milliseconds(time: UtcDateTime) -> UtcDateTime {
    time.truncate_to_millisecond()
}

/// Whether a text can name a terminal.
pub(crate) fn is_terminal(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
}

fn is_step(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn is_label(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// No floating-point number: its text depends on who writes it.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64() || number.is_i64(),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => members.iter().all(|(key, value)| is_label(key, 64) && is_plain(value)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Sorts the members at every level, whichever map `serde_json` was built with.
fn sort(detail: &mut Map<String, Value>) {
    detail.sort_keys();
    detail.values_mut().for_each(Value::sort_all_objects);
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: u64,
    time: String,
    terminal: String,
    class: Class,
    event: String,
    result: Outcome,
    actor: Actor,
    objects: Vec<ObjectDigest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    detail: Map<String, Value>,
    #[serde(with = "hex::serde")]
    prev: [u8; 32],
}
