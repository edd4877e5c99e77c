//! One update over a fetcher: the metadata and objects that it asks for, then the status lists that the service names.

use tegata_manifest::{Accepted, Fetched, SourceKind, StatusSource, Step};
use tegata_sync::FetchedList;
use tegata_terminal::{Output, Progress};
use time::UtcDateTime;

use super::fetch::Fetcher;
use crate::message::trust as text;

/// The steps of [`Progress`]: metadata and objects, lists, the store.
pub(super) const STEPS: u64 = 3;

/// What asks for files: an update of a store, or a bundle in the making.
pub(super) trait Asks {
    /// Why it ends.
    type Error;

    /// What it wants next.
    fn next_step(&mut self) -> Result<Step, Self::Error>;

    /// Takes what came.
    fn take(&mut self, fetched: Fetched) -> Result<(), Self::Error>;
}

/// Runs it to its end.
pub(super) fn metadata<A: Asks>(
    asks: &mut A,
    fetcher: &Fetcher,
    progress: &Progress,
    output: &Output,
) -> Result<Box<Accepted>, A::Error> {
    let mut files: u32 = 0;
    loop {
        match asks.next_step()? {
            Step::Done(accepted) => {
                let (version, roots) = (accepted.list_version, accepted.new_roots);
                progress.done(
                    &text::step_metadata(output.lang),
                    &text::step_metadata_done(output.lang, files, version, roots),
                );
                return Ok(accepted);
            }
            Step::Fetch { path, max_bytes } => {
                progress.begin(&path);
                let fetched = fetcher.file(&path, max_bytes);
                files = files.saturating_add(u32::from(matches!(fetched, Fetched::Bytes(_))));
                asks.take(fetched)?;
            }
        }
    }
}

/// Fetches the status, identifier and device-key lists that a list names, each once.
pub(super) fn lists(
    sources: &[StatusSource],
    fetcher: &Fetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Vec<FetchedList> {
    let mut wanted: Vec<(&str, SourceKind)> = sources.iter().map(|source| (source.uri.as_str(), source.kind)).collect();
    wanted.sort_unstable();
    wanted.dedup_by_key(|(uri, _)| *uri);
    let fetch = |(uri, kind): (&str, SourceKind)| {
        progress.begin(uri);
        FetchedList { uri: uri.to_owned(), fetched: fetcher.list(uri, kind), fetched_at: at }
    };
    let fetched: Vec<FetchedList> = wanted.into_iter().map(fetch).collect();
    let came = fetched.iter().filter(|list| matches!(list.fetched, Fetched::Bytes(_))).count();
    progress.done(&text::step_lists(output.lang), &text::step_lists_done(output.lang, came, fetched.len()));
    fetched
}
