//! `tegata-root`: the command line of the offline IACA root.
//!
//! It leads through key ceremonies and keeps the record of them. It contains no socket code, and refuses to work for
//! production on a machine whose network is up.

mod args;
mod ceremony;
mod command;
mod factor;
mod failure;
mod home;
mod load;
mod machine;
mod markdown;
mod message;
mod network;
mod openssl;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use tegata_terminal::Lang;

use crate::args::Cli;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let lang = Lang::early(&arguments);
    let parsed = Cli::command().try_get_matches_from(&arguments).and_then(|found| Cli::from_arg_matches(&found));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; when standard output is closed nobody is left to be told.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(failure::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let output = cli.global.presentation.output(lang);
    match command::run(&cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.fail(failure.id(), &failure.to_string(), &failure.remedy(lang), &failure.to_json(lang));
            ExitCode::from(failure.exit_status())
        }
    }
}
