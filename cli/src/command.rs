//! The commands, one module each.

mod bundle;
mod demo;
mod dts;
mod explain;
mod inspect;
mod issue;
mod own_program;
mod present;
mod sandbox;
mod sandbox_token;
mod token;
mod trust;
pub(crate) mod verify;

use std::process::ExitCode;

use clap::CommandFactory;
use tegata_terminal::Output;
use tegata_verifier_store::json::instant;
use time::UtcDateTime;

use crate::answer::Answer;
use crate::args::{Cli, Command};
use crate::failure::Failure;

/// Runs a command and returns its exit status.
pub(crate) fn run(command: Command, output: Output) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, output),
        Command::Verify(args) => return verify::run(&args, output),
        Command::Inspect(args) => inspect::run(&args, output),
        Command::Issue(args) => issue::run(&args, output),
        Command::Present(args) => present::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Sandbox(args) => sandbox::run(&args, output),
        Command::Token(args) => token::run(&args, output),
        Command::Trust(args) => return trust::run(&args, output),
        Command::Bundle(args) => bundle::run(&args, output),
        Command::Dts(args) => return dts::run(&args, output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tegata", &mut script);
            output.answer(&String::from_utf8_lossy(&script))
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The time to work at: as given, else now. The only place where a clock is read.
fn time_or_now(given: Option<UtcDateTime>) -> UtcDateTime {
    given.unwrap_or_else(UtcDateTime::now)
}

/// The random number generator of the operating system.
fn system_rng() -> rand_core::UnwrapErr<getrandom::SysRng> {
    rand_core::UnwrapErr(getrandom::SysRng)
}
