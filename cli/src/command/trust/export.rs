//! `tegata trust export`.

use serde_json::json;
use tegata_manifest::{Fetched, Step};
use tegata_pki::aws_lc_rs;
use tegata_sync::{BundleBuilder, BundleError};
use tegata_terminal::{Lang, Output, Progress, clean};
use time::UtcDateTime;

use super::download::{self, Asks, STEPS};
use super::fetch::Fetcher;
use super::keep::Profile;
use super::sync::update_failure;
use super::{instant, refused, update_policy};
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
    let builder = BundleBuilder::begin(&root.bytes, at, update_policy(Profile::Offline), aws_lc_rs());
    let mut making = Making { builder: builder.map_err(failed)?, at };
    let progress = Progress::new(output, STEPS);
    let accepted = download::metadata(&mut making, &fetcher, &progress, &output).map_err(failed)?;
    let lists = download::lists(&accepted.list.sources, &fetcher, at, &progress, &output);
    let Making { mut builder, .. } = making;
    let mut missing = Vec::new();
    for list in lists {
        match list.fetched {
            Fetched::Bytes(bytes) => builder.add_list(list.uri, bytes, list.fetched_at),
            Fetched::Absent => missing.push((list.uri, "absent".to_owned())),
            Fetched::Failed(failure) => missing.push((list.uri, failure.to_string())),
        }
    }
    progress.begin(&text::step_store(lang));
    let bytes = builder.finish(at).to_bytes();
    file::write(&args.out, &bytes)?;
    drop(progress);
    let file = args.out.out.display();
    if output.json {
        let missing: Vec<_> = missing.iter().map(|(uri, why)| json!({ "uri": uri, "detail": why })).collect();
        return output.answer_json(&json!({
            "written": file.to_string(), "bytes": bytes.len(), "list": accepted.list_version, "fetched": instant(at),
            "missing": missing,
        }));
    }
    let mut page = format!("{}\n", text::bundle_made(lang, file, accepted.list_version, instant(at)));
    for (uri, why) in &missing {
        let line = text::list_missing(lang, clean(uri), why);
        page.push_str(&format!("  {}\n", output.style.doubtful(&line)));
    }
    output.answer(&page)
}

/// A bundle in the making.
struct Making {
    builder: BundleBuilder,
    at: UtcDateTime,
}

impl Asks for Making {
    type Error = BundleError;

    fn next_step(&mut self) -> Result<Step, BundleError> {
        self.builder.step()
    }

    fn take(&mut self, fetched: Fetched) -> Result<(), BundleError> {
        self.builder.receive(fetched, self.at)
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
