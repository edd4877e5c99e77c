//! `tegata explain`.

use serde_json::{Value, json};
use tegata_mdoc::cbor::{Value as Cbor, decode, diagnostic};
use tegata_terminal::{Lang, Output, Tone, clean, facts, table};
use tegata_verifier::check::{CHECKS, CheckRow, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::answer::Answer;
use crate::args::explain::{Explain, What};
use crate::failure::Failure;
use crate::message::of_checks;
use crate::message::show as text;
use crate::transcript::Transcript;

pub(super) fn run(args: &Explain, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Transcript { left, right } => {
            let lang = output.lang;
            let (left_side, right_side) = (Transcript::load(left, lang)?, Transcript::load(right, lang)?);
            let difference = Difference::between(left_side.bytes(), right_side.bytes());
            if output.json {
                return output.answer_json(&difference.json());
            }
            let names = [left, right].map(|path| path.display().to_string());
            output.answer(&difference.side_by_side(&output, &names))
        }
        What::Check { id } => {
            let row = CHECKS.iter().find(|row| row.id == id).ok_or_else(|| unknown(id))?;
            if output.json { output.answer_json(&row_json(row, output.lang)) } else { show_check(output, row) }
        }
        What::Checks { markdown } => match (output.json, markdown) {
            (true, _) => {
                let rows: Vec<_> = CHECKS.iter().map(|row| row_json(row, output.lang)).collect();
                output.answer_json(&json!({ "checks": rows }))
            }
            (false, true) => output.answer(&as_markdown(output.lang)),
            (false, false) => show_checks(output),
        },
    }
}

/// Two transcripts in diagnostic notation, line by line.
struct Difference {
    left: Vec<String>,
    right: Vec<String>,
    /// The first line that differs, from 0.
    first: Option<usize>,
    equal: bool,
}

impl Difference {
    fn between(left: &[u8], right: &[u8]) -> Self {
        let (left_lines, right_lines) = (lines(left), lines(right));
        let longest = left_lines.len().max(right_lines.len());
        let first = (0..longest).find(|line| left_lines.get(*line) != right_lines.get(*line));
        Self { first, left: left_lines, right: right_lines, equal: left == right }
    }

    fn json(&self) -> Value {
        json!({
            "equal": self.equal,
            "first_difference_line": self.first.map(|line| line + 1),
            "left": self.left,
            "right": self.right,
        })
    }

    fn side_by_side(&self, output: &Output, names: &[String; 2]) -> String {
        let style = output.style;
        let column = (output.width().saturating_sub(5)) / 2;
        let [left_name, right_name] = names.each_ref().map(|name| fit(&clean(name), column));
        let mut page = format!("  {} │ {}\n", style.title(&left_name), style.title(right_name.trim_end()));
        for line in 0..self.left.len().max(self.right.len()) {
            let [left, right] = [&self.left, &self.right].map(|side| side.get(line).map_or("", String::as_str));
            let is_first = self.first == Some(line);
            for (index, (left, right)) in rows(left, right, column).into_iter().enumerate() {
                let mark = if is_first && index == 0 { "▶" } else { " " };
                let (left, right) = (fit(&left, column), right);
                let paint = |text: &str| {
                    if is_first {
                        style.bad(text)
                    } else if self.left.get(line) == self.right.get(line) {
                        text.to_owned()
                    } else {
                        style.doubtful(text)
                    }
                };
                page.push_str(format!("{} {} │ {}", style.bad(mark), paint(&left), paint(&right)).trim_end());
                page.push('\n');
            }
        }
        page.push_str(&match (self.equal, self.first) {
            (true, _) => style.good(&text::transcripts_equal(output.lang)),
            (false, Some(line)) => style.bad(&text::transcripts_differ(output.lang, line + 1)),
            (false, None) => style.bad(&text::transcripts_encoded_differently(output.lang)),
        });
        page.push('\n');
        page
    }
}

/// Diagnostic notation, byte strings in full: a difference may be in the middle of one.
fn lines(transcript: &[u8]) -> Vec<String> {
    let Ok((value, _)) = decode::<Cbor<'_>>(transcript) else { return vec![hex::encode(transcript)] };
    let short = diagnostic(value.value());
    let mut byte_strings = Vec::new();
    collect_bytes(value.value(), &mut byte_strings);
    let mut full = byte_strings.into_iter().filter(|bytes| bytes.len() > SHORTENED);
    short
        .lines()
        .map(|line| match (line.find("h'"), line.contains('…')) {
            (Some(start), true) => {
                let bytes = full.next().map(|bytes| hex::encode(&bytes)).unwrap_or_default();
                let end = line.rfind("bytes /").map_or(line.len(), |at| at + 7);
                format!("{}h'{bytes}'{}", line.get(..start).unwrap_or_default(), line.get(end..).unwrap_or_default())
            }
            _ => line.to_owned(),
        })
        .collect()
}

/// Byte strings longer than this are shortened by [`diagnostic`].
const SHORTENED: usize = 48;

/// The byte strings of a value in the order in which [`diagnostic`] shows them.
fn collect_bytes(value: &Cbor<'_>, found: &mut Vec<Vec<u8>>) {
    match value {
        Cbor::Bytes(bytes) => found.push(bytes.to_vec()),
        Cbor::Array(items) => items.iter().for_each(|item| collect_bytes(item, found)),
        Cbor::Map(pairs) => {
            for (key, value) in pairs {
                collect_bytes(key, found);
                collect_bytes(value, found);
            }
        }
        Cbor::Tag(24, item) => match &**item {
            Cbor::Bytes(bytes) => match decode::<Cbor<'_>>(bytes) {
                Ok((inner, _)) => collect_bytes(inner.value(), found),
                Err(_) => found.push(bytes.to_vec()),
            },
            other => collect_bytes(other, found),
        },
        Cbor::Tag(_, item) => collect_bytes(item, found),
        _ => {}
    }
}

/// Both sides of one line, broken into rows of at most `column` columns.
fn rows(left: &str, right: &str, column: usize) -> Vec<(String, String)> {
    let (left, right) = (wrap(left, column), wrap(right, column));
    let at = |side: &[String], row: usize| side.get(row).cloned().unwrap_or_default();
    (0..left.len().max(right.len())).map(|row| (at(&left, row), at(&right, row))).collect()
}

fn wrap(line: &str, column: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut width = 0;
    for letter in clean(line).chars() {
        let letter_width = letter.width().unwrap_or(0);
        if width + letter_width > column {
            rows.push(String::new());
            width = 0;
        }
        width += letter_width;
        if let Some(row) = rows.last_mut() {
            row.push(letter);
        }
    }
    rows
}

/// `text` cut or padded to `column` columns.
fn fit(text: &str, column: usize) -> String {
    let first = wrap(text, column).into_iter().next().unwrap_or_default();
    let blanks = column.saturating_sub(first.width());
    first + &" ".repeat(blanks)
}

fn unknown(id: &str) -> Failure {
    let distance = |row: &&CheckRow| strsim::damerau_levenshtein(row.id, id);
    let nearest = CHECKS.iter().min_by_key(distance).filter(|row| distance(row) <= id.len() / 3 + 1);
    Failure::NoSuchCheck { id: id.to_owned(), did_you_mean: nearest.map(|row| row.id.to_owned()) }
}

fn row_json(row: &CheckRow, lang: Lang) -> Value {
    json!({
        "id": row.id,
        "clause": row.clause,
        "subject": row.subject.id(),
        "severity": { "strict": severity_id(row.strict), "interop": severity_id(row.interop) },
        "title": row.check.title(of_checks(lang)),
        "remedy": row.check.remedy(of_checks(lang)),
    })
}

fn severity_id(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "fail",
        Severity::Warn => "warn",
    }
}

fn severity(severity: Severity, lang: Lang) -> (String, Tone) {
    match severity {
        Severity::Fail => (text::severity_fail(lang), Tone::Bad),
        Severity::Warn => (text::severity_warn(lang), Tone::Doubtful),
    }
}

fn show_check(output: Output, row: &CheckRow) -> Result<(), Failure> {
    let Output { lang, style, .. } = output;
    let policies = format!("strict: {}, interop: {}", severity(row.strict, lang).0, severity(row.interop, lang).0);
    let rows = [
        (text::check_clause(lang), row.clause.to_owned()),
        (text::check_subject(lang), row.subject.id().to_owned()),
        (text::check_severity(lang), policies),
        (text::check_remedy(lang), row.check.remedy(of_checks(lang)).to_owned()),
    ];
    let title = format!("{}  {}\n", style.title(row.id), row.check.title(of_checks(lang)));
    output.answer(&(title + &facts(&output, &rows)))
}

fn header(lang: Lang) -> [String; 5] {
    [text::check_id(lang), text::check_title(lang), text::check_clause(lang), "strict".to_owned(), "interop".to_owned()]
}

fn show_checks(output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let rows: Vec<_> = CHECKS
        .iter()
        .map(|row| {
            vec![
                (row.id.to_owned(), Tone::Plain),
                (row.check.title(of_checks(lang)).to_owned(), Tone::Plain),
                (row.clause.to_owned(), Tone::Faint),
                severity(row.strict, lang),
                severity(row.interop, lang),
            ]
        })
        .collect();
    output.answer(&table(&output, &header(lang), &rows))
}

fn as_markdown(lang: Lang) -> String {
    let [id, title, clause, strict, interop] = header(lang);
    let mut page = format!("# {}\n\n{}\n\n", text::checks_title(lang), text::checks_introduction(lang));
    page.push_str(&format!("| {id} | {title} | {clause} | {strict} | {interop} | {} |\n", text::check_remedy(lang)));
    page.push_str("|---|---|---|---|---|---|\n");
    for row in CHECKS {
        let (title, remedy) = (row.check.title(of_checks(lang)), row.check.remedy(of_checks(lang)));
        let (strict, interop) = (severity(row.strict, lang).0, severity(row.interop, lang).0);
        page.push_str(&format!("| `{}` | {title} | {} | {strict} | {interop} | {remedy} |\n", row.id, row.clause));
    }
    page
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]
    use super::*;

    #[test]
    fn a_difference_inside_a_long_byte_string_is_found() {
        let transcript = |byte: u8| {
            let mut hash = vec![7; 60];
            hash[30] = byte;
            Cbor::Array(vec![Cbor::Null, Cbor::Null, Cbor::Array(vec![Cbor::text("dcapi"), Cbor::bytes(hash)])])
                .to_bytes()
        };
        let difference = Difference::between(&transcript(7), &transcript(8));
        let line = difference.first.unwrap();
        assert!(difference.left[line].contains(&"07".repeat(60)), "{:?}", difference.left);
        assert!(!difference.equal);
        assert!(Difference::between(&transcript(7), &transcript(7)).first.is_none());
    }

    #[test]
    fn columns_fit_full_width_characters() {
        assert_eq!(fit("手形手形", 5), "手形 ");
        assert_eq!(wrap("手形手形", 5), ["手形", "手形"]);
    }

    #[test]
    fn a_misspelt_check_is_guessed() {
        let Failure::NoSuchCheck { did_you_mean, .. } = unknown("device-aut") else { unreachable!() };
        assert_eq!(did_you_mean.as_deref(), Some("device-auth"));
        let Failure::NoSuchCheck { did_you_mean, .. } = unknown("zzzz") else { unreachable!() };
        assert_eq!(did_you_mean, None);
    }
}
