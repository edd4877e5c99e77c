//! `tegata dts`.

mod decide;
mod import;
mod init;
mod keys;
mod list;
mod metadata;
mod publish;
mod readiness;
mod rehearse;
mod serve;
mod settings;
mod show;

use std::path::Path;
use std::process::ExitCode;

use tegata_audit::Actor;
use tegata_manifest::MetadataError;
use tegata_publisher::{Catalogue, CatalogueError, KeyDigest};
use tegata_terminal::{Lang, Output};
use time::UtcDateTime;

use crate::args::dts::{Dts, Place, What};
use crate::failure::Failure;
use crate::message::dts as text;

use super::time_or_now;

/// Folder of the catalogue.
const CATALOGUE: &str = "catalogue";
/// Folder of the published tree.
const PUBLIC: &str = "public";
/// Stands in the audit log for this program.
const TERMINAL: &str = "tegata-dts";

pub(super) fn run(args: &Dts, output: Output) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Init(args) => init::run(args, output),
        What::Issuer(args) => settings::add_issuer(args, output),
        What::StatusList(args) => settings::add_status_list(args, output),
        What::Request(args) => import::request(args, output),
        What::Import(args) => import::run(args, output),
        What::Publish(args) => publish::run(args, output),
        What::Show(args) => show::run(args, output),
        What::Notice(args) => decide::notice(args, output),
        What::Retire(args) => decide::retire(args, output),
        What::RevokeRoot(args) => decide::revoke_root(args, output),
        What::Approve(args) => decide::approve(args, output),
        What::Rotate(args) => init::rotate(args, output),
        What::Metadata(args) => metadata::run(args, output),
        What::Web(args) => publish::web(args, output),
        What::Serve(args) => serve::run(args, output),
        What::Rehearse(args) => rehearse::run(args, output),
        What::Readiness(args) => return readiness::run(args, output),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// An open service: its catalogue, which is locked, and the time of the command.
struct Service {
    catalogue: Catalogue,
    at: UtcDateTime,
}

impl Service {
    /// Opens the service in a directory that `tegata dts init` made.
    fn open(place: &Place, lang: Lang) -> Result<Self, Failure> {
        let settings = place.dir.join(settings::DTS);
        if !settings.is_file() {
            return Err(Failure::Input { file: settings, fault: crate::failure::InputFault::NotFound });
        }
        Self::make(place, lang)
    }

    fn make(place: &Place, lang: Lang) -> Result<Self, Failure> {
        let actor = Actor::new(place.actor.clone());
        let actor = actor.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
        let catalogue = Catalogue::open(&place.dir.join(CATALOGUE), TERMINAL, actor);
        let catalogue = catalogue.map_err(|error| of_catalogue(&error, lang))?;
        Ok(Self { catalogue, at: time_or_now(place.at).truncate_to_second() })
    }

    /// Records a decision about a root that stands in a file of the operator.
    fn record(&mut self, name: &str, root: KeyDigest, lang: Lang) -> Result<(), Failure> {
        let recorded = self.catalogue.record_decision(name, root, self.at);
        recorded.map_err(|error| of_catalogue(&error, lang))
    }
}

/// What begins from nothing takes an empty directory, or one that does not exist.
fn refuse_unless_empty(dir: &Path, lang: Lang) -> Result<(), Failure> {
    let is_empty = std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if is_empty {
        Ok(())
    } else {
        Err(refused(Some(dir), "dts-not-empty", text::not_empty(lang), text::remedy_not_empty(lang)))
    }
}

fn refused(subject: Option<&Path>, id: &'static str, detail: String, remedy: impl Into<String>) -> Failure {
    let remedy: String = remedy.into();
    let remedy = (!remedy.is_empty()).then(|| remedy.into());
    Failure::Refused { subject: subject.map(Path::to_owned), id, detail, remedy }
}

fn of_catalogue(error: &CatalogueError, lang: Lang) -> Failure {
    refused(None, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
}

fn of_metadata(error: &MetadataError, lang: Lang) -> Failure {
    refused(None, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
}
