//! One update over a fetcher: the metadata and objects that it asks for, then the status lists that the service names; or a
//! VICAL, then the CRLs of its anchors.

use tegata_manifest::{Accepted, Fetched, SourceKind, StatusSource, Step};
use tegata_sync::{CrlSource, FetchedList, VicalImportError};
use tegata_terminal::{Output, Progress};
use time::UtcDateTime;

use super::fetch::{Fetcher, VicalFetcher};
use crate::message::trust as text;

/// The steps of [`Progress`] for a service: metadata and objects, lists, the store.
pub(super) const STEPS: u64 = 3;
/// The same for a VICAL: the list, CRLs, the store.
pub(super) const VICAL_STEPS: u64 = 3;

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

/// Fetches the VICAL of a provider.
pub(super) fn vical(fetcher: &VicalFetcher, progress: &Progress) -> Result<Vec<u8>, VicalImportError> {
    progress.begin(fetcher.place());
    match fetcher.list() {
        Fetched::Bytes(bytes) => Ok(bytes),
        Fetched::Absent => Err(VicalImportError::Absent),
        Fetched::Failed(failure) => Err(VicalImportError::Fetch(failure)),
    }
}

/// Fetches the CRL of each anchor from the first place that has it.
pub(super) fn crls(
    sources: &[CrlSource],
    fetcher: &VicalFetcher,
    at: UtcDateTime,
    progress: &Progress,
    output: &Output,
) -> Vec<FetchedList> {
    let fetch = |source: &CrlSource| {
        let mut nearest = None;
        for uri in &source.uris {
            progress.begin(uri);
            let found = FetchedList { uri: uri.clone(), fetched: fetcher.crl(uri), fetched_at: at };
            if matches!(found.fetched, Fetched::Bytes(_)) {
                return Some(found);
            }
            nearest = nearest.or(Some(found));
        }
        nearest
    };
    let fetched: Vec<FetchedList> = sources.iter().filter_map(fetch).collect();
    let came = fetched.iter().filter(|list| matches!(list.fetched, Fetched::Bytes(_))).count();
    progress.done(&text::step_crls(output.lang), &text::step_lists_done(output.lang, came, fetched.len()));
    fetched
}
