//! How results and notes go out.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;

use crate::lang::Lang;
use crate::style::Style;

/// When to colour. The help of the option says what the values mean, not that of each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    /// A terminal, unless `NO_COLOR` is set.
    #[value(help = None::<&str>)]
    Auto,
    /// Always.
    #[value(help = None::<&str>)]
    Always,
    /// Never.
    #[value(help = None::<&str>)]
    Never,
}

/// How results are shown.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Language of messages.
    pub lang: Lang,
    /// True for JSON instead of text.
    pub json: bool,
    /// Colours of standard output.
    pub style: Style,
    /// Colours of standard error.
    pub error_style: Style,
}

impl Output {
    /// The output of a command.
    #[must_use]
    pub fn new(colour: ColourChoice, json: bool, lang: Lang) -> Self {
        let coloured = |is_terminal: bool| match colour {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            // https://no-color.org: any value but the empty one.
            ColourChoice::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            lang,
            json,
            style: Style::new(coloured(std::io::stdout().is_terminal())),
            error_style: Style::new(coloured(std::io::stderr().is_terminal())),
        }
    }

    /// Prints the result. A reader that has gone away (`tegata … | head`) is no failure.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn print(&self, text: &str) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Prints JSON, ending in a line feed.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn print_json(&self, value: &serde_json::Value) -> std::io::Result<()> {
        self.print(&format!("{value:#}\n"))
    }

    /// Tells something on standard error that is not the result.
    pub fn note(&self, text: &str) {
        if !self.json {
            to_stderr(text);
        }
    }

    /// Width of the terminal in columns; 100 where there is none.
    #[must_use]
    pub fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        columns.or_else(terminal).unwrap_or(100).clamp(40, 240)
    }

    /// Tells of a failure on standard error: as JSON if asked for, else its id, what is wrong and what to do about it.
    pub fn fail(&self, id: &str, message: &str, remedy: &str, json: &serde_json::Value) {
        if self.json {
            return to_stderr(&format!("{json:#}"));
        }
        let style = self.error_style;
        let label = style.bad(&format!("{}[{id}]", self.lang.pick("error", "エラー")));
        let remedy_label = style.title(self.lang.pick("help", "対処"));
        to_stderr(&format!("{label}: {}\n{remedy_label}: {remedy}", clean(message)));
    }
}

/// Writes a line to standard error. When that is closed, nobody is left to be told.
pub fn to_stderr(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// `text` with control and direction characters escaped, line feeds excepted: what stands in a document must not steer
/// the terminal.
#[must_use]
pub fn clean(text: &str) -> std::borrow::Cow<'_, str> {
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
