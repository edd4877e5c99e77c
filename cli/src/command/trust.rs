//! `tegata trust`.

mod check;
mod crl;
mod doctor;
mod download;
mod export;
mod fetch;
mod import;
mod init;
pub(super) mod keep;
mod operator;
mod show;
mod signal;
mod sync;
mod vical;

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use tegata_sync::{KeyDigest, Store};
use tegata_terminal::Output;
use tegata_verifier_store::json::anchor_name as name;

use super::instant;
use crate::args::trust::{Trust, What};
use crate::failure::Failure;

pub(super) fn run(args: &Trust, output: Output) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Init(args) => init::run(args, output),
        What::Sync(args) => sync::run(args, output),
        What::Show(args) => show::run(args, output),
        What::Check(args) => return check::run(args, output),
        What::Doctor(args) => return doctor::run(args, output),
        What::Add(args) => operator::add(args, output),
        What::Distrust(args) => operator::distrust(args, output),
        What::Lift(args) => operator::lift(args, output),
        What::ConfirmRemoval(args) => operator::confirm_removal(args, output),
        What::Vical(args) => vical::run(args, output),
        What::Crl(args) => crl::run(args, output),
        What::Export(args) => export::run(args, output),
        What::Import(args) => import::run(args, output),
        What::Signal(args) => signal::run(args, output),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// A refusal that the user can do something about.
fn refused(
    subject: Option<&Path>,
    id: &'static str,
    detail: impl Into<String>,
    remedy: impl Into<Cow<'static, str>>,
) -> Failure {
    Failure::Refused { subject: subject.map(Path::to_owned), id, detail: detail.into(), remedy: Some(remedy.into()) }
}

/// The beginning of a key digest, by which people tell anchors apart.
fn short(key: &KeyDigest) -> String {
    key.to_string().chars().take(16).collect()
}

/// What an anchor is called, even when it is not held any more.
fn name_of(store: &Store, key: &KeyDigest) -> String {
    store.find_anchor(key).map_or_else(|| short(key), |anchor| format!("{} ({})", name(anchor), short(key)))
}
