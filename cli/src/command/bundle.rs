//! `tegata bundle`.

mod open;
mod request;
pub(in crate::command) mod scan;
mod show;

use std::path::Path;

use tegata_terminal::{Lang, Output};
use tegata_trust_list::bundle::qr::QrError;
use tegata_trust_list::bundle::{BundleError, SequenceError};

use crate::args::bundle::{Bundle, What};
use crate::failure::Failure;

pub(super) use self::request::sign as sign_request;

pub(super) fn run(args: &Bundle, output: Output) -> Result<(), Failure> {
    match &args.what {
        What::Request(args) => request::run(args, output),
        What::Show(args) => show::run(args, output),
        What::Open(args) => open::run(args, output),
    }
}

/// A failure of the bundle in `file`.
pub(super) fn spoilt(file: &Path, error: &BundleError, lang: Lang) -> Failure {
    refused(Some(file), error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
}

/// A failure of the bundle in `file`, which is good but not the one that was waited for.
pub(super) fn out_of_sequence(file: &Path, error: &SequenceError, lang: Lang) -> Failure {
    refused(Some(file), error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
}

fn unscannable(file: &Path, error: &QrError, detail: String, lang: Lang) -> Failure {
    refused(Some(file), error.id(), detail, lang.pick(error.remedy(), error.remedy_ja()))
}

fn refused(file: Option<&Path>, id: &'static str, detail: String, remedy: impl Into<String>) -> Failure {
    Failure::Refused { subject: file.map(Path::to_owned), id, detail, remedy: Some(remedy.into().into()) }
}
