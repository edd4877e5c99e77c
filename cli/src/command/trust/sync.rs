//! `tegata trust sync`.

mod vical;

use serde_json::json;
use tegata_manifest::{FetchFailure, Update};
use tegata_sync::{ApplyError, Changes, Jitter, Store, VicalChanges, VicalImportError};
use tegata_terminal::{Lang, Output, Progress};
use tegata_verifier_store::json::{merge, synced};
use tegata_verifier_store::{Download, DownloadError, Downloaded};
use time::UtcDateTime;

pub(super) use self::vical::remedy as vical_remedy;
use super::download::{self, STEPS, VICAL_STEPS};
use super::fetch::{Fetcher, VicalFetcher};
use super::keep::{self, Kept};
use super::{instant, refused, show};
use crate::answer::Answer;
use crate::args::trust::Sync;
use crate::command::time_or_now;
use crate::failure::{Failure, UpdateFault};
use crate::message::trust as text;

pub(super) fn run(args: &Sync, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let origin = &args.origin;
    let service = origin.from.as_deref().map(|from| Fetcher::new(from, &origin.map, lang)).transpose()?;
    let vicals = origin.vical.iter().map(|source| VicalFetcher::new(source, &origin.map, lang));
    let vicals: Vec<VicalFetcher> = vicals.collect::<Result<_, _>>()?;
    let kept = keep::load(&args.store, lang)?;
    check_followed(args, &kept.store, &vicals, lang)?;

    let steps = STEPS * u64::from(service.is_some()) + VICAL_STEPS * u64::try_from(vicals.len()).unwrap_or_default();
    let progress = Progress::new(output, steps);
    let mut done = Done::default();
    if let Some(fetcher) = &service {
        let applied = sync_service(args, &kept, fetcher, at, &progress, &output);
        match applied {
            Ok(changes) => done.service = Some(changes),
            Err(failure) => done.failures.push(failure),
        }
    }
    for fetcher in &vicals {
        let applied = vical::update(&args.store, fetcher, at, &progress, &output);
        match applied {
            Ok(changes) => done.vicals.push(changes),
            Err(failure) => done.failures.push(failure),
        }
    }
    drop(progress);
    let Done { service, vicals, failures } = done;
    let mut failures = failures.into_iter();
    if let Some(first) = failures.next() {
        failures.for_each(|failure| output.note(&output.error_style.bad(&failure.message(lang))));
        return Err(first);
    }

    let Kept { store, profile } = keep::load(&args.store, lang)?;
    if output.json {
        let mut page = json!({ "store": args.store.display().to_string() });
        merge(&mut page, synced(&store, service.as_ref(), &vicals, profile, at));
        return output.answer_json(&page);
    }
    let next = store.plan(at, Jitter::NONE).next_update;
    let mut page = service.map(|changes| show::changes(&store, &changes, &output)).unwrap_or_default();
    vicals.iter().for_each(|changes| page.push_str(&show::vical_changes(&store, changes, &output)));
    page.push_str(&show::page(&store, profile, at, &output));
    page.push_str(&format!("{}\n", text::next_update(lang, instant(next))));
    output.answer(&page)
}

/// What came of the sources. One that fails does not keep the others out.
#[derive(Default)]
struct Done {
    service: Option<Changes>,
    vicals: Vec<VicalChanges>,
    failures: Vec<Failure>,
}

/// Refuses sources that the store does not follow, before anything is fetched.
fn check_followed(args: &Sync, store: &Store, vicals: &[VicalFetcher], lang: Lang) -> Result<(), Failure> {
    if args.origin.from.is_some() && store.root().is_none() {
        let error = ApplyError::NoService;
        let remedy = text::remedy_no_service(lang);
        return Err(refused(Some(&args.store), error.id(), error.to_string(), remedy));
    }
    let is_followed = |name: &str| store.vicals().any(|(followed, _)| followed == name);
    match vicals.iter().find(|fetcher| !is_followed(fetcher.name())) {
        None => Ok(()),
        Some(fetcher) => {
            let error = VicalImportError::UnknownProvider(fetcher.name().to_owned());
            let remedy = text::remedy_vical_unknown(lang);
            Err(refused(Some(&args.store), error.id(), error.to_string(), remedy))
        }
    }
}

fn sync_service(
    args: &Sync,
    kept: &Kept,
    fetcher: &Fetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Result<Changes, Failure> {
    let lang = output.lang;
    let from = &fetcher.origin();
    let applied = update(kept, fetcher, at, progress, output).and_then(|Downloaded { accepted, lists, .. }| {
        progress.begin(&text::step_store(lang));
        keep::change(&args.store, lang, |store| {
            store.apply(accepted, &lists, at).map_err(|error| failed(from, &error, lang))
        })
    });
    match applied {
        Ok((changes, store)) => {
            progress.done(&text::step_store(lang), &text::step_store_done(lang, store.generation()));
            Ok(changes)
        }
        Err(failure) => {
            if matches!(failure, Failure::Update(_)) {
                note_failure(args, at, lang);
            }
            Err(failure)
        }
    }
}

/// What the service has, verified; nothing is changed yet.
fn update(
    kept: &Kept,
    fetcher: &Fetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Result<Downloaded<Update<'static>>, Failure> {
    let from = &fetcher.origin();
    let update = kept.store.begin_update(at, kept.profile.update_policy());
    let mut download = Download::new(update.map_err(|error| failed(from, &error, output.lang))?, at);
    download::run(&mut download, fetcher, progress, output);
    download.finish().map_err(|error| match error {
        DownloadError::Failed(error) => failed(from, &ApplyError::Update(error), output.lang),
        error => Failure::Machine { id: "sync-unfinished", detail: error.to_string() },
    })
}

/// The next update comes sooner after a failure. That the store cannot be written now is not told: why the update failed is.
fn note_failure(args: &Sync, at: UtcDateTime, lang: Lang) {
    let noted = keep::change(&args.store, lang, |store| {
        store.note_failure(at);
        Ok(())
    });
    drop(noted);
}

fn failed(from: &str, error: &ApplyError, lang: Lang) -> Failure {
    let remedy = match error {
        ApplyError::Update(error) => lang.pick(error.remedy(), error.remedy_ja()).to_owned(),
        ApplyError::ClockTurnedBack { .. } => text::remedy_clock(lang),
        _ => text::remedy_try_again(lang),
    };
    update_failure(from, error.id(), error.to_string(), remedy)
}

/// A failure of the service or of the way to it.
pub(super) fn update_failure(origin: &str, id: &'static str, detail: String, remedy: String) -> Failure {
    Failure::Update(Box::new(UpdateFault { origin: origin.to_owned(), id, detail, remedy }))
}

/// Nothing could be sent.
pub(super) fn unreachable(url: &str, failure: FetchFailure, lang: Lang) -> Failure {
    update_failure(url, "signal-not-taken", failure.to_string(), text::remedy_try_again(lang))
}
