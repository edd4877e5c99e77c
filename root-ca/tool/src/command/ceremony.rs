//! `tegata-root ceremony`.

mod approve;
mod check;
mod rehearse;
mod render;
mod rules;
mod run;
mod scripts;
mod verify;

use std::path::Path;

use tegata_ceremony::{Script, Site};
use tegata_terminal::Output;

use crate::args::Global;
use crate::args::ceremony::{Ceremony as Args, What};
use crate::failure::Failure;
use crate::load;

pub(super) fn run(args: &Args, global: &Global, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Check(args) => check::run(args, global, output),
        What::Rehearse(args) => rehearse::run(args, global, output),
        What::Approve(args) => approve::run(args, global, output),
        What::Run(args) => run::run(args, global, output),
        What::Resume(args) => run::take_up(args, global, output),
        What::Verify(args) => verify::run(args, global, output),
        What::Render(args) => render::run(args, global, output),
        What::Scripts(args) => scripts::run(args, output),
    }
}

fn script(file: &Path) -> Result<Script, Failure> {
    Script::parse(&load::bytes(file)?).map_err(|error| Failure::from(error).about(file))
}

fn site(file: &Path) -> Result<Site, Failure> {
    Site::parse(&load::bytes(file)?).map_err(|error| Failure::from(error).about(file))
}
