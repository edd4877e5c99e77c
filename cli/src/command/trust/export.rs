//! `tegata trust export`.

use serde_json::json;
use tegata_manifest::Fetched;
use tegata_pki::aws_lc_rs;
use tegata_sync::{BundleBuilder, BundleError, CrlSource, EvidenceBundle, VicalImportError};
use tegata_terminal::{Lang, Output, Progress, clean};
use tegata_trust_list::vical::Vical;
use tegata_verifier_store::{BundleMaking, Download, DownloadError, Profile};
use time::UtcDateTime;

use super::download::{self, STEPS, VICAL_STEPS};
use super::fetch::{Fetcher, VicalFetcher};
use super::sync::{update_failure, vical_remedy};
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
    let origin = &args.origin;
    let vicals = origin.vical.iter().map(|source| VicalFetcher::new(source, &origin.map, lang));
    let vicals: Vec<VicalFetcher> = vicals.collect::<Result<_, _>>()?;
    let count = u64::try_from(vicals.len()).unwrap_or_default();
    let progress = Progress::new(output, STEPS + VICAL_STEPS * count);
    let mut made = match (&args.root, &origin.from) {
        (Some(root), Some(from)) => {
            let fetcher = Fetcher::new(from, &origin.map, lang)?;
            of_service(&Input::read(root)?, &fetcher, at, &progress, &output)?
        }
        _ => Made { bundle: EvidenceBundle::empty(at), list_version: None, missing: Vec::new() },
    };
    for fetcher in &vicals {
        add_vical(&mut made, fetcher, at, &progress, &output)?;
    }
    progress.begin(&text::step_store(lang));
    let bytes = made.bundle.to_bytes();
    file::write(&args.out, &bytes)?;
    drop(progress);
    told(args, &made, bytes.len(), at, output)
}

/// A bundle, and what it could not be given.
struct Made {
    bundle: EvidenceBundle,
    list_version: Option<u64>,
    missing: Vec<(String, String)>,
}

fn of_service(
    root: &Input,
    fetcher: &Fetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Result<Made, Failure> {
    let failed = |error: BundleError| failed(root, &fetcher.origin(), &error, output.lang);
    // Gates that import it may have the longer-lived pointers of the profile for them.
    let builder = BundleBuilder::begin(&root.bytes, at, Profile::Offline.update_policy(), aws_lc_rs());
    let mut download = Download::new(BundleMaking::new(builder.map_err(failed)?, at), at);
    download::run(&mut download, fetcher, progress, output);
    let downloaded = download.finish().map_err(|error| match error {
        DownloadError::Failed(error) => failed(error),
        error => Failure::Machine { id: "export-unfinished", detail: error.to_string() },
    })?;
    let list_version = downloaded.accepted.list_version;
    let (bundle, missing) = downloaded.into_bundle();
    let missing = missing.iter().map(|list| (list.uri.clone(), why(&list.fetched))).collect();
    Ok(Made { bundle, list_version: Some(list_version), missing })
}

/// Adds a VICAL, which must at least be one, and the CRLs that its certificates name. It is verified at the gate.
fn add_vical(
    made: &mut Made,
    fetcher: &VicalFetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Result<(), Failure> {
    let lang = output.lang;
    let failed = |error: VicalImportError| {
        update_failure(fetcher.place(), error.id(), error.to_string(), vical_remedy(&error, lang))
    };
    let bytes = download::vical(fetcher, progress).map_err(failed)?;
    let vical = Vical::from_cbor(&bytes).map_err(|error| failed(VicalImportError::Read(error)))?;
    let sources: Vec<CrlSource> =
        vical.entries().iter().filter_map(|entry| CrlSource::of(entry.certificate())).collect();
    progress.done(
        &text::step_vical(lang, fetcher.name()),
        &text::step_vical_done(lang, vical.issue_id().unwrap_or_default()),
    );
    for crl in download::crls(&sources, fetcher, at, progress, output) {
        match crl.fetched {
            Fetched::Bytes(bytes) => made.bundle.add_crl(crl.uri, bytes, crl.fetched_at),
            fetched => made.missing.push((crl.uri, why(&fetched))),
        }
    }
    made.bundle.add_vical(fetcher.name(), bytes, at);
    Ok(())
}

fn told(args: &Export, made: &Made, length: usize, at: UtcDateTime, output: Output) -> Result<(), Failure> {
    let (lang, file) = (output.lang, args.out.out.display());
    let vicals: Vec<&str> = args.origin.vical.iter().map(|(name, _)| name.as_str()).collect();
    if output.json {
        let missing: Vec<_> = made.missing.iter().map(|(uri, why)| json!({ "uri": uri, "detail": why })).collect();
        return output.answer_json(&json!({
            "written": file.to_string(), "bytes": length, "list": made.list_version, "vicals": vicals,
            "fetched": instant(at), "missing": missing,
        }));
    }
    let line = match made.list_version {
        Some(version) => text::bundle_made(lang, file, version, instant(at)),
        None => text::bundle_made_of_vicals(lang, file, vicals.join(", "), instant(at)),
    };
    let mut page = format!("{line}\n");
    for (uri, why) in &made.missing {
        let line = text::list_missing(lang, clean(uri), why);
        page.push_str(&format!("  {}\n", output.style.doubtful(&line)));
    }
    output.answer(&page)
}

/// Why a file is not in the bundle.
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
