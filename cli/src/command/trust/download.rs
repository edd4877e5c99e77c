//! One download over a fetcher: the metadata and objects that are asked for, then the status lists that the service names.

use tegata_manifest::Fetched;
use tegata_terminal::{Output, Progress};
use tegata_verifier_store::{Asks, Download, Wanted};

use super::fetch::Fetcher;
use crate::message::trust as text;

/// The steps of [`Progress`]: metadata and objects, lists, the store.
pub(super) const STEPS: u64 = 3;

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
