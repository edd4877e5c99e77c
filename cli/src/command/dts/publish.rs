//! `tegata dts publish` and `tegata dts web`.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tegata_manifest::{AnchorList, Signed};
use tegata_pki::rust_crypto;
use tegata_publisher::publish::Publication;
use tegata_publisher::target::ObjectStoreTarget;
use tegata_publisher::{Ledger, LocalDirectory, Published, Target, TargetError, build_status, export_web, publish};
use tegata_terminal::{Lang, Output, Progress};

use super::super::instant;
use super::keys::Keys;
use super::list;
use super::settings::{Settings, authority, service};
use super::{PUBLIC, Service, of_catalogue, refused};
use crate::answer::Answer;
use crate::args::dts::{Publish, Web};
use crate::failure::Failure;
use crate::input::Input;
use crate::message::dts as text;

/// Steps that are shown.
const STEPS: u64 = 4;

pub(super) fn run(args: &Publish, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    let mut open = Service::open(&args.place, lang)?;
    let settings = Settings::read(dir)?;
    let (service, authority) = (service(dir)?, authority(dir, lang)?);
    let references = settings.keys.list.iter().chain(&settings.keys.signers);
    let references = references.chain([&settings.keys.snapshot, &settings.keys.pointer]);
    let keys = Keys::open("dts.toml", references, &args.pin, output)?;

    let (published, list) = {
        let progress = Progress::new(output, STEPS);
        progress.begin(&text::step_release(lang));
        let released = open.catalogue.release(open.at).map_err(|error| of_catalogue(&error, lang))?;
        progress.done(&text::step_release(lang), &text::result_release(lang, released.len()));

        progress.begin(&text::step_list(lang));
        let list = list::renew(&mut open, &service, &authority, &keys, args.new_list, lang)?;
        let told = list.map_or_else(|| text::result_list_same(lang), |version| text::result_list(lang, version));
        progress.done(&text::step_list(lang), &told);

        progress.begin(&text::step_status(lang));
        let status = match &args.ledger {
            None if service.status.is_empty() => Vec::new(),
            None => {
                return Err(refused(None, "ledger-needed", text::ledger_needed(lang), text::remedy_ledger(lang)));
            }
            Some(path) => {
                let ledger = ledger(path, lang)?;
                let at = open.at;
                let built = build_status(&mut open.catalogue, &ledger, &service, &keys, at, rust_crypto());
                built.map_err(|error| {
                    refused(Some(path), error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
                })?
            }
        };
        progress.done(&text::step_status(lang), &text::result_status(lang, status.len()));

        progress.begin(&text::step_publish(lang));
        let publication = Publication { service: &service, status: &status, signers: &keys, provider: rust_crypto() };
        let place = args.to.clone().unwrap_or_else(|| dir.join(PUBLIC).display().to_string());
        let published = with_target(&place, lang, |target| {
            let done = publish(&mut open.catalogue, &publication, target, open.at);
            done.map_err(|error| {
                refused(None, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
            })
        })?;
        progress.done(&text::step_publish(lang), &text::result_publish(lang, published.written));
        (published, list)
    };
    told(&published, list, output)
}

fn told(published: &Published, list: Option<u64>, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let until = instant(published.expires);
    if output.json {
        return output.answer_json(&json!({
            "root": published.root, "list": published.list, "new_list": list.is_some(),
            "snapshot": published.snapshot, "pointer": published.pointer,
            "expires": instant(published.expires),
            "written": published.written,
        }));
    }
    output.answer(&format!("{}\n", text::published(lang, published.list, published.pointer, until)))
}

fn ledger(path: &Path, lang: Lang) -> Result<Ledger, Failure> {
    let input = Input::read(path)?;
    Ledger::read(&input.bytes).map_err(|error| {
        let first = error.faults.first();
        let remedy = first.map(|fault| lang.pick(fault.fault.remedy(), fault.fault.remedy_ja())).unwrap_or_default();
        let id = first.map_or("ledger", |fault| fault.fault.id());
        refused(Some(path), id, error.to_string(), remedy)
    })
}

/// A directory, or an object store with the credentials of the environment.
fn with_target<T>(place: &str, lang: Lang, work: impl FnOnce(&dyn Target) -> Result<T, Failure>) -> Result<T, Failure> {
    let failed =
        |error: TargetError| refused(None, error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()));
    let Some(rest) = place.strip_prefix("s3://") else {
        return work(&LocalDirectory::open(Path::new(place)).map_err(failed)?);
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let store = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket).build();
    let store = store.map_err(|error| refused(None, "target-store", error.to_string(), text::remedy_store(lang)))?;
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|error| Failure::Machine { id: "runtime", detail: error.to_string() })?;
    let target = ObjectStoreTarget::new(Arc::new(store), prefix, runtime.handle().clone());
    work(&target)
}

pub(super) fn web(args: &Web, output: Output) -> Result<(), Failure> {
    let (lang, dir) = (output.lang, &args.place.dir);
    let open = Service::open(&args.place, lang)?;
    let list = open.catalogue.holdings().metadata.list.as_ref();
    let list = list.and_then(|list| Signed::<AnchorList>::parse(&list.bytes).ok());
    let list = list.ok_or_else(|| refused(None, "no-list", text::no_list(lang), text::remedy_no_list(lang)))?;
    export_web(list.unverified(), &service(dir)?, &args.out).map_err(|error| {
        refused(Some(&args.out), error.id(), error.to_string(), lang.pick(error.remedy(), error.remedy_ja()))
    })?;
    if output.json {
        return output.answer_json(&json!({ "dir": args.out.display().to_string() }));
    }
    output.answer(&format!("{}\n", text::web_written(lang, args.out.display())))
}
