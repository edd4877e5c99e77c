//! `tegata trust sync`.

use serde_json::json;
use tegata_manifest::{FetchFailure, Update};
use tegata_sync::{ApplyError, Jitter};
use tegata_terminal::{Lang, Output, Progress};
use tegata_verifier_store::json::{merge, synced};
use tegata_verifier_store::{Download, DownloadError, Downloaded};
use time::UtcDateTime;

use super::download::{self, STEPS};
use super::fetch::Fetcher;
use super::keep::{self, Kept};
use super::{instant, show};
use crate::answer::Answer;
use crate::args::trust::Sync;
use crate::command::time_or_now;
use crate::failure::{Failure, UpdateFault};
use crate::message::trust as text;

pub(super) fn run(args: &Sync, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let at = time_or_now(args.at);
    let from = args.origin.from.as_str();
    let fetcher = Fetcher::new(from, &args.origin.map, lang)?;
    let kept = keep::load(&args.store, lang)?;
    let progress = Progress::new(output, STEPS);
    let applied = update(&kept, &fetcher, at, &progress, &output).and_then(|Downloaded { accepted, lists, .. }| {
        progress.begin(&text::step_store(lang));
        keep::change(&args.store, lang, |store| {
            store.apply(accepted, &lists, at).map_err(|error| failed(from, &error, lang))
        })
    });
    let (changes, store) = match applied {
        Ok(applied) => applied,
        Err(failure) => {
            drop(progress);
            if matches!(failure, Failure::Update(_)) {
                note_failure(args, at, lang);
            }
            return Err(failure);
        }
    };
    progress.done(&text::step_store(lang), &text::step_store_done(lang, store.generation()));
    drop(progress);
    if output.json {
        let mut page = json!({ "store": args.store.display().to_string() });
        merge(&mut page, synced(&store, &changes, kept.profile, at));
        return output.answer_json(&page);
    }
    let next = store.plan(at, Jitter::NONE).next_update;
    let mut page = show::changes(&store, &changes, &output);
    page.push_str(&show::page(&store, kept.profile, at, &output));
    page.push_str(&format!("{}\n", text::next_update(lang, instant(next))));
    output.answer(&page)
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
