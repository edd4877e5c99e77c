//! One download over a fetcher: the metadata and objects that are asked for, then the status lists that the service names; or
//! a VICAL, then the CRLs of its anchors.

use tegata_manifest::Fetched;
use tegata_sync::{CrlSource, FetchedList, VicalImportError};
use tegata_terminal::{Output, Progress};
use tegata_verifier_store::{Asks, Download, Wanted};
use time::UtcDateTime;

use super::fetch::{Fetcher, VicalFetcher};
use crate::message::trust as text;

/// The steps of [`Progress`] for a service: metadata and objects, lists, the store.
pub(super) const STEPS: u64 = 3;
/// The same for a VICAL: the list, CRLs, the store.
pub(super) const VICAL_STEPS: u64 = 3;

/// Runs it to its end, for better or worse.
pub(super) fn run<A: Asks>(download: &mut Download<A>, fetcher: &Fetcher, progress: &Progress, output: &Output) {
    let lang = output.lang;
    let mut files = Came::default();
    let mut lists = Came::default();
    while let Some(request) = download.next() {
        let came = match &request.wanted {
            Wanted::File(path) => {
                progress.begin(path);
                &mut files
            }
            Wanted::List { uri, .. } => {
                if lists.asked == 0 {
                    metadata_done(download, files, progress, output);
                }
                progress.begin(uri);
                &mut lists
            }
        };
        let fetched = fetcher.get(&request);
        came.asked += 1;
        came.bytes += usize::from(matches!(fetched, Fetched::Bytes(_)));
        download.receive(fetched);
    }
    if download.accepted().is_some() {
        if lists.asked == 0 {
            metadata_done(download, files, progress, output);
        }
        progress.done(&text::step_lists(lang), &text::step_lists_done(lang, lists.bytes, lists.asked));
    }
}

/// How many files were asked for, and how many came.
#[derive(Clone, Copy, Default)]
struct Came {
    asked: usize,
    bytes: usize,
}

fn metadata_done<A: Asks>(download: &Download<A>, files: Came, progress: &Progress, output: &Output) {
    let Some(accepted) = download.accepted() else { return };
    let (version, roots) = (accepted.list_version, accepted.new_roots);
    let done = text::step_metadata_done(output.lang, files.bytes, version, roots);
    progress.done(&text::step_metadata(output.lang), &done);
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
