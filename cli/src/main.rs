//! `tegata`: issue, present, verify, inspect and explain mobile documents from the command line.
//!
//! No logic of its own: it reads files, calls the rooms below, and prints. What the commands do is in [`command`], what
//! they are told in [`args`], what they say in [`message`].

mod answer;
mod args;
mod command;
mod failure;
mod file;
mod input;
mod key;
mod load;
mod message;
mod recognise;
mod transcript;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use tegata_terminal::{Lang, to_stderr};

use args::Cli;
use failure::json;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = Lang::early(&arguments);
    let matches = message::help::translate(Cli::command(), lang).try_get_matches_from(&arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &arguments),
    };
    let output = cli.presentation.output(lang);
    match command::run(cli.command, output) {
        Ok(status) => status,
        Err(failure) => {
            failure.show(&output);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Help and version go to standard output with status 0, mistakes to standard error with status 2.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if error.use_stderr() && arguments.iter().any(|argument| argument == "--json") {
        to_stderr(&format!("{:#}", json::usage(error.to_string().trim_end())));
    } else {
        // A closed output leaves nobody to be told.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
