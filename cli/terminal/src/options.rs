//! The options that every command of every program has.

use clap::Args;

use crate::lang::Lang;
use crate::output::{ColourChoice, Output};

/// Heading of the options that every command has.
pub const GLOBAL_OPTIONS: &str = "Options of every command";

/// How results are shown.
#[derive(Debug, Clone, Copy, Args)]
pub struct Presentation {
    /// Language of messages [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE", help_heading = GLOBAL_OPTIONS)]
    pub lang: Option<Lang>,
    /// Colour of the output; `auto` colours a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColourChoice::Auto, help_heading = GLOBAL_OPTIONS)]
    pub color: ColourChoice,
    /// Results as JSON on standard output, errors as JSON on standard error
    #[arg(long, global = true, help_heading = GLOBAL_OPTIONS)]
    pub json: bool,
}

impl Presentation {
    /// The output of a command in a language, which [`Lang::early`] found before the command line was parsed.
    #[must_use]
    pub fn output(self, lang: Lang) -> Output {
        Output::new(self.color, self.json, lang)
    }
}
