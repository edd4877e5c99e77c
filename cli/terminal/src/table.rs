//! Tables whose columns stay aligned, also with full-width characters.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, TableComponent, presets};
use unicode_width::UnicodeWidthStr;

use crate::output::{Output, clean};

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
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_style(TableComponent::HeaderLines, '─').set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.set_width(u16::try_from(output.width() - 1).unwrap_or(u16::MAX));
    if output.style.is_coloured() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(header.iter().map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(|(text, tone)| cell(text, *tone)));
    }
    // Trailing blanks of the last column only make diffs and copies noisy.
    table.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
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

fn cell(text: &str, tone: Tone) -> Cell {
    let cell = Cell::new(clean(text));
    match tone {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Bad => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Tone::Doubtful => cell.fg(Color::Yellow),
        Tone::Faint => cell.add_attribute(Attribute::Dim),
    }
}
