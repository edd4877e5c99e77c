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

use tegata_manifest::UpdatePolicy;
use tegata_sync::{HeldAnchor, KeyDigest, Store};
use tegata_terminal::Output;
use time::{UtcDateTime, macros::utc_datetime};

use self::keep::Profile;
use super::instant;
use crate::args::trust::{Trust, What};
use crate::failure::Failure;

/// A time that has passed since this version was released: a clock that is behind it is wrong.
const RELEASED: UtcDateTime = utc_datetime!(2026-11-01 0:00);

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

/// What the profile demands of an update.
fn update_policy(profile: Profile) -> UpdatePolicy {
    match profile {
        Profile::Online => UpdatePolicy::online(RELEASED),
        Profile::Offline => UpdatePolicy::offline(RELEASED),
    }
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

/// What an anchor is called: its common name, else its whole name.
fn name(anchor: &HeldAnchor) -> String {
    let subject = anchor.certificate.subject();
    subject.common_name().map_or_else(|| subject.to_string(), Cow::into_owned)
}

/// The same of a key that may not be held any more.
fn name_of(store: &Store, key: &KeyDigest) -> String {
    store.find_anchor(key).map_or_else(|| short(key), |anchor| format!("{} ({})", name(anchor), short(key)))
}
