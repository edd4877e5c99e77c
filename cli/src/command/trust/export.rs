//! `tegata trust export`.

use serde_json::json;
use tegata_manifest::Fetched;
use tegata_pki::aws_lc_rs;
use tegata_sync::{BundleBuilder, BundleError};
use tegata_terminal::{Lang, Output, Progress, clean};
use tegata_verifier_store::{BundleMaking, Download, DownloadError, Profile};

use super::download::{self, STEPS};
use super::fetch::Fetcher;
use super::sync::update_failure;
use super::{instant, refused};
use crate::answer::Answer;
use crate::args::trust::Export;
use crate::command::time_or_now;
use crate::failure::Failure;
use crate::file;
use crate::input::Input;
use crate::message::trust as text;

pub(super) fn run(args: &Export, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    file::check(&args.out)?;
    let at = time_or_now(args.at);
    let fetcher = Fetcher::new(&args.origin.from, &args.origin.map, lang)?;
    let root = Input::read(&args.root)?;
    let failed = |error: BundleError| failed(&root, &fetcher.origin(), &error, lang);
    // Gates that import it may have the longer-lived pointers of the profile for them.
    let builder = BundleBuilder::begin(&root.bytes, at, Profile::Offline.update_policy(), aws_lc_rs());
    let mut download = Download::new(BundleMaking::new(builder.map_err(failed)?, at), at);
    let progress = Progress::new(output, STEPS);
    download::run(&mut download, &fetcher, &progress, &output);
    let downloaded = download.finish().map_err(|error| match error {
        DownloadError::Failed(error) => failed(error),
        error => Failure::Machine { id: "export-unfinished", detail: error.to_string() },
    })?;
    let list_version = downloaded.accepted.list_version;
    progress.begin(&text::step_store(lang));
    let (bytes, missing) = downloaded.into_bundle();
    let missing: Vec<_> = missing.iter().map(|list| (&list.uri, why(&list.fetched))).collect();
    file::write(&args.out, &bytes)?;
    drop(progress);
    let file = args.out.out.display();
    if output.json {
        let missing: Vec<_> = missing.iter().map(|(uri, why)| json!({ "uri": uri, "detail": why })).collect();
        return output.answer_json(&json!({
            "written": file.to_string(), "bytes": bytes.len(), "list": list_version, "fetched": instant(at),
            "missing": missing,
        }));
    }
    let mut page = format!("{}\n", text::bundle_made(lang, file, list_version, instant(at)));
    for (uri, why) in &missing {
        let line = text::list_missing(lang, clean(uri), why);
        page.push_str(&format!("  {}\n", output.style.doubtful(&line)));
    }
    output.answer(&page)
}

/// Why a list is not in the bundle.
fn why(fetched: &Fetched) -> String {
    match fetched {
        Fetched::Failed(failure) => failure.to_string(),
        _ => "absent".to_owned(),
    }
}

fn failed(root: &Input, origin: &str, error: &BundleError, lang: Lang) -> Failure {
    match error {
        BundleError::Update(cause) => {
            let remedy = lang.pick(cause.remedy(), cause.remedy_ja()).to_owned();
            update_failure(origin, error.id(), cause.to_string(), remedy)
        }
        BundleError::Root(cause) => {
            refused(Some(&root.path), error.id(), cause.to_string(), lang.pick(cause.remedy(), cause.remedy_ja()))
        }
        _ => refused(Some(&root.path), error.id(), error.to_string(), text::remedy_try_again(lang)),
    }
}
