//! Lays out the Markdown of the libraries for a terminal: headings, tables, lines. What goes into a file stays Markdown.

use tegata_terminal::{Output, Tone, table};

/// The document with bold headings and aligned tables.
pub(crate) fn lay_out(output: &Output, document: &str) -> String {
    let mut out = String::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in document.lines() {
        if let Some(cells) = cells(line) {
            // The line of dashes under the header says nothing.
            if !cells.iter().all(|cell| cell.bytes().all(|byte| byte == b'-')) {
                rows.push(cells);
            }
            continue;
        }
        flush(output, &mut rows, &mut out);
        match line.trim_start_matches('#') {
            rest if rest.len() < line.len() => out += &output.style.title(rest.trim_start()),
            rest => out += rest,
        }
        out.push('\n');
    }
    flush(output, &mut rows, &mut out);
    out
}

/// The cells of a table's line; `\|` is a bar within a cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?.replace("\\|", "\u{1}");
    Some(inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

fn flush(output: &Output, rows: &mut Vec<Vec<String>>, out: &mut String) {
    let mut rows = std::mem::take(rows).into_iter();
    let Some(header) = rows.next() else { return };
    let rows: Vec<_> = rows.map(|row| row.into_iter().map(|cell| (cell, Tone::Plain)).collect()).collect();
    *out += &table(output, &header, &rows);
}

#[cfg(test)]
mod tests {
    use tegata_terminal::{ColourChoice, Lang};

    use super::*;

    #[test]
    fn headings_and_tables_are_laid_out() {
        let output = Output::new(ColourChoice::Never, false, Lang::En);
        let page = lay_out(&output, "# Title\n\n| a | b |\n|---|---|\n| long cell | x \\| y |\n\n- line\n");
        assert!(page.starts_with("Title\n\n"), "{page}");
        assert!(page.contains("long cell") && page.contains("x | y") && page.contains("─"), "{page}");
        assert!(!page.contains("---") && page.ends_with("- line\n"), "{page}");
    }
}
