//! Tables whose columns stay aligned, also with full-width characters.

use tabled::builder::Builder;
use tabled::settings::peaker::Priority;
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Padding, Style as Lines, Width};
use unicode_width::UnicodeWidthStr;

use crate::output::{Output, clean};
use crate::style::Style;

/// What a cell means, by which it is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// Accepted, passed.
    Good,
    /// Rejected, failed.
    Bad,
    /// Tolerated, unknown.
    Doubtful,
    /// Of less weight.
    Faint,
}

/// A table of `rows` under `header`, as wide as the terminal at most, ending in a line feed.
#[must_use]
pub fn table(output: &Output, header: &[String], rows: &[Vec<(String, Tone)>]) -> String {
    let style = output.style;
    let mut cells = Builder::default();
    cells.push_record(header.iter().map(|text| style.title(text)));
    for row in rows {
        cells.push_record(row.iter().map(|(text, tone)| toned(style, &clean(text), *tone)));
    }
    let mut table = cells.build();
    let rule = HorizontalLine::new('─').intersection('─');
    table.with(Lines::empty().vertical(' ').horizontals([(1, rule)])).with(Padding::new(0, 1, 0, 0));
    table.with(Width::wrap(output.width().saturating_sub(2)).keep_words(true).priority(Priority::max(true)));
    // Trailing blanks of the last column only make diffs and copies noisy.
    table.to_string().lines().map(|line| format!(" {}\n", line.trim_end())).collect()
}

/// Names and values in two columns; values that are empty are left out.
#[must_use]
pub fn facts(output: &Output, rows: &[(String, String)]) -> String {
    let widest = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let shown = rows.iter().filter(|(_, value)| !value.is_empty());
    shown
        .map(|(name, value)| {
            let blanks = " ".repeat(widest.saturating_sub(name.width()));
            format!("  {}{blanks}  {}\n", output.style.faint(name), clean(value))
        })
        .collect()
}

fn toned(style: Style, text: &str, tone: Tone) -> String {
    match tone {
        Tone::Plain => text.to_owned(),
        Tone::Good => style.good(text),
        Tone::Bad => style.bad(text),
        Tone::Doubtful => style.doubtful(text),
        Tone::Faint => style.faint(text),
    }
}
