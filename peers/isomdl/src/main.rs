//! `peer-isomdl check-issued DIR | check-response DIR | make-response KEYS OUT`
//!
//! Exit status: 0 accepted or made, 1 rejected by isomdl, 2 bad usage or unreadable input.

use std::{env, path::Path, process::ExitCode};

use anyhow::{Result, bail};
use peer_isomdl::{
    check::{self, Findings},
    claims, make,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(Some(findings)) => {
            print!("{findings}");
            ExitCode::from(u8::from(!findings.accepted()))
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peer-isomdl: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Result<Option<Findings>> {
    match arguments {
        ["check-issued", dir] => check::issued(Path::new(dir)).map(Some),
        ["check-response", dir] => check::response(Path::new(dir)).map(Some),
        ["make-response", keys, out] => {
            let mdl = claims::mdl();
            let all: Vec<&str> = mdl.values().flat_map(|elements| elements.keys().map(String::as_str)).collect();
            make::response(&make::Keys::read(Path::new(keys))?, &all, Path::new(out))?;
            Ok(None)
        }
        _ => bail!("usage: peer-isomdl check-issued DIR | check-response DIR | make-response KEYS OUT"),
    }
}
