//! The view of an NFC handover message: its records, with engagements opened.

use super::schema::Shape;
use super::{Annotator, Line, Note, printer};
use crate::cbor::write_bytes;
use crate::engagement::ndef::{self, Record};

/// The lines of the message; bytes that are none are shown as they are.
pub(super) fn annotate(message: &[u8], annotator: &dyn Annotator) -> Vec<Line> {
    let Ok(records) = ndef::records(message) else {
        return vec![Line { depth: 0, text: hexadecimal(message), notes: Vec::new() }];
    };
    records.iter().flat_map(|record| record_lines(record, annotator)).collect()
}

fn record_lines(record: &Record<'_>, annotator: &dyn Annotator) -> Vec<Line> {
    let mut text = format!("record {:?}", String::from_utf8_lossy(record.kind));
    if !record.id.is_empty() {
        text.push_str(&format!(" id {:?}", String::from_utf8_lossy(record.id)));
    }
    let head = Line { depth: 0, text, notes: tnf_name(record.tnf).map(Note::Value).into_iter().collect() };
    let mut lines = vec![head];
    let shape = match (record.tnf, record.kind) {
        (ndef::TNF_EXTERNAL, ndef::TYPE_DEVICE_ENGAGEMENT) => Some(Shape::DeviceEngagement),
        (ndef::TNF_EXTERNAL, ndef::TYPE_READER_ENGAGEMENT) => Some(Shape::ReaderEngagement),
        _ => None,
    };
    match shape {
        Some(shape) => lines.extend(printer::print(record.payload, shape, annotator).into_iter().map(indented)),
        None => lines.push(Line { depth: 1, text: hexadecimal(record.payload), notes: Vec::new() }),
    }
    lines
}

fn indented(line: Line) -> Line {
    Line { depth: line.depth + 1, ..line }
}

fn tnf_name(tnf: u8) -> Option<&'static str> {
    Some(match tnf {
        0 => "empty",
        1 => "NFC Forum well-known type",
        2 => "media type",
        3 => "absolute URI",
        4 => "NFC Forum external type",
        5 => "unknown type",
        _ => return None,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    write_bytes(&mut text, bytes);
    text
}
