//! Tables whose columns stay aligned, also with full-width characters.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, TableComponent, presets};

use super::{Output, clean};

/// What a cell means, by which it is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Bad,
    Doubtful,
    Faint,
}

/// A table of `rows` under `header`, as wide as the terminal at most, ending in a line feed.
pub(crate) fn table(output: &Output, header: &[String], rows: &[Vec<(String, Tone)>]) -> String {
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
