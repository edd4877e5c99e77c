//! Bundles as they come in: a file, or what a scanner gave.

use std::path::Path;

use tegata_terminal::Lang;
use tegata_trust_list::bundle::qr::{PREFIX, QrPart, QrSeries, split};

use super::unscannable;
use crate::failure::Failure;
use crate::input::Input;
use crate::message::bundle as text;

/// The bytes of a bundle. A text that begins like a QR part is taken as one part a line, blank lines left out.
pub(in crate::command) fn read(path: &Path, lang: Lang) -> Result<Input, Failure> {
    let mut input = Input::read(path)?;
    let scanned = input.text().filter(|text| {
        let start = text.trim_start().get(..PREFIX.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    });
    if let Some(scanned) = scanned {
        input.bytes = join(path, scanned, lang)?;
    }
    Ok(input)
}

fn join(path: &Path, scanned: &str, lang: Lang) -> Result<Vec<u8>, Failure> {
    let mut series = QrSeries::new();
    for (number, line) in (1..).zip(scanned.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        series.add(line).map_err(|error| {
            let detail = text::scan_line(lang, number, &error);
            unscannable(path, &error, detail, lang)
        })?;
    }
    series.join().map_err(|error| unscannable(path, &error, error.to_string(), lang))
}

/// The parts of a file that can be shown as QR codes.
pub(super) fn parts(input: &Input, lang: Lang) -> Result<Vec<QrPart>, Failure> {
    split(&input.bytes).map_err(|error| unscannable(&input.path, &error, error.to_string(), lang))
}
