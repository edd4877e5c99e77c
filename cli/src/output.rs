//! What goes out: files, tables, colour, progress, JSON.

pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod table;

use std::io::{IsTerminal, Write};

use crate::args::{ColourChoice, Global};
use crate::failure::Failure;
use crate::lang::Lang;
use style::Style;

/// How results are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// Language of messages.
    pub(crate) lang: Lang,
    /// True for JSON instead of text.
    pub(crate) json: bool,
    /// Colours of standard output.
    pub(crate) style: Style,
    /// Colours of standard error.
    pub(crate) error_style: Style,
}

impl Output {
    pub(crate) fn new(global: &Global, lang: Lang) -> Self {
        let coloured = |is_terminal: bool| match global.color {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            // https://no-color.org: any value but the empty one.
            ColourChoice::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            lang,
            json: global.json,
            style: Style::new(coloured(std::io::stdout().is_terminal())),
            error_style: Style::new(coloured(std::io::stderr().is_terminal())),
        }
    }

    /// Prints the result. A reader that has gone away (`tegata … | head`) is no failure.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::Machine { id: "stdout-unwritable", detail: error.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// Prints JSON, ending in a line feed.
    pub(crate) fn print_json(&self, value: &serde_json::Value) -> Result<(), Failure> {
        self.print(&format!("{value:#}\n"))
    }

    /// Tells something on standard error that is not the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.json {
            to_stderr(text);
        }
    }

    /// Width of the terminal in columns; 100 where there is none.
    pub(crate) fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        columns.or_else(terminal).unwrap_or(100).clamp(40, 240)
    }

    /// Tells of a failure on standard error.
    pub(crate) fn fail(&self, failure: &Failure) {
        if self.json {
            return to_stderr(&format!("{:#}", json::failure(failure, self.lang)));
        }
        let Self { lang, error_style: style, .. } = *self;
        let (id, message) = (failure.id(), failure.message(lang));
        let label = style.bad(&format!("{}[{id}]", crate::message::failure::error(lang)));
        let remedy = style.title(&crate::message::failure::remedy_label(lang));
        to_stderr(&format!("{label}: {}\n{remedy}: {}", clean(&message), failure.remedy(lang)));
    }
}

/// Writes a line to standard error. When that is closed, nobody is left to be told.
pub(crate) fn to_stderr(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// `text` with control and direction characters escaped, line feeds excepted: what stands in a document must not steer
/// the terminal.
pub(crate) fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(steers) {
        return text.into();
    }
    let escape = |letter: char| if steers(letter) { letter.escape_unicode().to_string() } else { letter.to_string() };
    text.chars().map(escape).collect::<String>().into()
}

fn steers(letter: char) -> bool {
    letter != '\n' && letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\x1b[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c\nd");
        assert_eq!(clean("手形"), "手形");
    }
}
