//! One download without a network of its own: the metadata and objects that an update asks for, then the status lists that
//! the service names.

use std::collections::VecDeque;

use tegata_manifest::{Accepted, FetchFailure, Fetched, SourceKind, StatusSource, Step, Update, UpdateError};
use tegata_sync::{BundleBuilder, BundleError, EvidenceBundle, FetchedList};
use time::UtcDateTime;

use crate::WebDownload;

/// The most bytes of a status, identifier or device-key list that are asked for: 64 MiB.
pub const MAX_STATUS_LIST_BYTES: u64 = 64 << 20;

/// What asks for files: an update of a store, or a bundle in the making.
pub trait Asks {
    /// Why it ends.
    type Error: core::error::Error + Clone;

    /// What it wants next.
    ///
    /// # Errors
    /// The error that ended it.
    fn next_step(&mut self) -> Result<Step, Self::Error>;

    /// Takes what came.
    ///
    /// # Errors
    /// When that ends it.
    fn take(&mut self, fetched: Fetched) -> Result<(), Self::Error>;
}

impl Asks for Update<'static> {
    type Error = UpdateError;

    fn next_step(&mut self) -> Result<Step, UpdateError> {
        self.next()
    }

    fn take(&mut self, fetched: Fetched) -> Result<(), UpdateError> {
        self.receive(fetched)
    }
}

/// A bundle in the making, all of one time.
#[derive(Debug)]
pub struct BundleMaking {
    builder: BundleBuilder,
    at: UtcDateTime,
}

impl BundleMaking {
    /// What `builder` asks for is fetched at `at`.
    #[must_use]
    pub fn new(builder: BundleBuilder, at: UtcDateTime) -> Self {
        Self { builder, at }
    }
}

impl Asks for BundleMaking {
    type Error = BundleError;

    fn next_step(&mut self) -> Result<Step, BundleError> {
        self.builder.step()
    }

    fn take(&mut self, fetched: Fetched) -> Result<(), BundleError> {
        self.builder.receive(fetched, self.at)
    }
}

/// The update of a store, over a network ([`crate::VerifierStore::begin_sync`]).
pub type StoreSync = WebDownload<Update<'static>>;
/// The making of an evidence bundle, over a network.
pub type BundleExport = WebDownload<BundleMaking>;

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The file at this path below the base URL of the service.
    File(String),
    /// The list of that kind at this URI, which the service names.
    List {
        /// Where it is.
        uri: String,
        /// What is expected there.
        kind: SourceKind,
    },
}

/// A file to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// Which.
    pub wanted: Wanted,
    /// The most bytes it may have. Fetch one more at most: that one tells that there are more.
    pub max_bytes: u64,
}

impl FetchRequest {
    /// Where it is, for a service at `base`.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        match &self.wanted {
            Wanted::File(path) => format!("{}/{path}", base.trim_end_matches('/')),
            Wanted::List { uri, .. } => uri.clone(),
        }
    }

    /// What to accept (RFC 9110 12.5.1). Of a status list both formats, because many issuers serve the JWT even for mdoc
    /// (draft-ietf-oauth-status-list 8.1); the one for mdoc first.
    #[must_use]
    pub fn accept(&self) -> &'static str {
        match self.wanted {
            Wanted::File(_) => "*/*",
            Wanted::List { kind: SourceKind::StatusList, .. } => {
                "application/statuslist+cwt, application/statuslist+jwt;q=0.9"
            }
            Wanted::List { kind: SourceKind::IdentifierList, .. } => "application/identifierlist+cwt",
            Wanted::List { kind: SourceKind::DeviceKeyList, .. } => "application/device-key-list+cwt",
        }
    }
}

/// Asks for one file after the other; each answer goes to [`Download::receive`]. An error ends it, and is told by
/// [`Download::finish`].
///
/// ```
/// # use tegata_manifest::Fetched;
/// # use tegata_verifier_store::{Asks, Download, FetchRequest};
/// # fn run<A: Asks>(download: &mut Download<A>, fetch: impl Fn(&FetchRequest) -> Fetched) {
/// while let Some(request) = download.next() {
///     download.receive(fetch(&request));
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Download<A: Asks> {
    asks: A,
    at: UtcDateTime,
    phase: Phase<A::Error>,
}

#[derive(Debug)]
enum Phase<E> {
    Metadata,
    Lists(Box<Lists>),
    Failed(E),
}

#[derive(Debug)]
struct Lists {
    accepted: Accepted,
    waiting: VecDeque<(String, SourceKind)>,
    fetched: Vec<FetchedList>,
}

/// Why a download has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError<E: core::error::Error> {
    /// It still asks for files.
    #[error("not everything has been fetched yet")]
    Unfinished,
    /// It failed.
    #[error("{0}")]
    Failed(E),
}

/// Everything, verified but the lists, which are where they are taken in.
#[derive(Debug)]
pub struct Downloaded<A> {
    /// What asked.
    pub asks: A,
    /// Metadata and objects.
    pub accepted: Accepted,
    /// The lists that the service names, each once, or what came instead.
    pub lists: Vec<FetchedList>,
}

impl<A: Asks> Download<A> {
    /// Begins; `at` is the time of the fetches.
    #[must_use]
    pub fn new(asks: A, at: UtcDateTime) -> Self {
        Self { asks, at, phase: Phase::Metadata }
    }

    /// What to fetch now; `None` when it is over, for better or worse. Asking again gives the same answer.
    #[expect(clippy::should_implement_trait, reason = "no iterator: answers go in between")]
    pub fn next(&mut self) -> Option<FetchRequest> {
        if matches!(self.phase, Phase::Metadata) {
            match self.asks.next_step() {
                Ok(Step::Fetch { path, max_bytes }) => {
                    return Some(FetchRequest { wanted: Wanted::File(path), max_bytes });
                }
                Ok(Step::Done(accepted)) => self.phase = Phase::Lists(Box::new(Lists::new(*accepted))),
                Err(error) => self.phase = Phase::Failed(error),
            }
        }
        let Phase::Lists(lists) = &self.phase else { return None };
        let (uri, kind) = lists.waiting.front()?.clone();
        Some(FetchRequest { wanted: Wanted::List { uri, kind }, max_bytes: MAX_STATUS_LIST_BYTES })
    }

    /// Takes what came for [`Download::next`].
    pub fn receive(&mut self, fetched: Fetched) {
        match &mut self.phase {
            Phase::Metadata => {
                if let Err(error) = self.asks.take(fetched) {
                    self.phase = Phase::Failed(error);
                }
            }
            Phase::Lists(lists) => {
                if let Some((uri, _)) = lists.waiting.pop_front() {
                    lists.fetched.push(FetchedList { uri, fetched: bounded(fetched), fetched_at: self.at });
                }
            }
            Phase::Failed(_) => {}
        }
    }

    /// What asks.
    #[must_use]
    pub fn asks(&self) -> &A {
        &self.asks
    }

    /// What the metadata said, as soon as all of it is verified.
    #[must_use]
    pub fn accepted(&self) -> Option<&Accepted> {
        match &self.phase {
            Phase::Lists(lists) => Some(&lists.accepted),
            Phase::Metadata | Phase::Failed(_) => None,
        }
    }

    /// The result.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub fn finish(self) -> Result<Downloaded<A>, DownloadError<A::Error>> {
        match self.phase {
            Phase::Lists(lists) if lists.waiting.is_empty() => {
                let Lists { accepted, fetched, .. } = *lists;
                Ok(Downloaded { asks: self.asks, accepted, lists: fetched })
            }
            Phase::Failed(error) => Err(DownloadError::Failed(error)),
            Phase::Metadata | Phase::Lists(_) => Err(DownloadError::Unfinished),
        }
    }
}

impl Downloaded<BundleMaking> {
    /// The bundle, and the lists that could not be put into it.
    #[must_use]
    pub fn into_bundle(self) -> (EvidenceBundle, Vec<FetchedList>) {
        let BundleMaking { mut builder, at } = self.asks;
        let mut missing = Vec::new();
        for list in self.lists {
            match list.fetched {
                Fetched::Bytes(bytes) => builder.add_list(list.uri, bytes, list.fetched_at),
                fetched => missing.push(FetchedList { fetched, ..list }),
            }
        }
        (builder.finish(at), missing)
    }
}

impl Lists {
    fn new(accepted: Accepted) -> Self {
        let waiting = wanted(&accepted.list.sources);
        Self { accepted, waiting, fetched: Vec::new() }
    }
}

/// The lists that a service names, each once.
fn wanted(sources: &[StatusSource]) -> VecDeque<(String, SourceKind)> {
    let mut wanted: Vec<_> = sources.iter().map(|source| (source.uri.clone(), source.kind)).collect();
    wanted.sort_unstable();
    wanted.dedup_by(|(later, _), (first, _)| later == first);
    wanted.into()
}

/// No parent states the length of a list.
fn bounded(fetched: Fetched) -> Fetched {
    match fetched {
        Fetched::Bytes(bytes) if u64::try_from(bytes.len()).map_or(true, |length| length > MAX_STATUS_LIST_BYTES) => {
            Fetched::Failed(FetchFailure::TooLong)
        }
        fetched => fetched,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_place_that_is_named_twice_is_asked_once() {
        let source = |uri: &str, kind| StatusSource { uri: uri.to_owned(), kind, issuer_key: [0; 32] };
        let sources = [
            source("https://b.example/1", SourceKind::StatusList),
            source("https://a.example/1", SourceKind::IdentifierList),
            source("https://b.example/1", SourceKind::StatusList),
        ];
        let uris: Vec<String> = wanted(&sources).into_iter().map(|(uri, _)| uri).collect();
        assert_eq!(uris, ["https://a.example/1", "https://b.example/1"]);
    }

    #[test]
    fn files_are_below_the_base_and_lists_where_they_are() {
        let file = FetchRequest { wanted: Wanted::File("v1/pointer.cbor".to_owned()), max_bytes: 1 };
        for base in ["https://dts.example/a", "https://dts.example/a/"] {
            assert_eq!(file.url(base), "https://dts.example/a/v1/pointer.cbor");
        }
        let wanted = Wanted::List { uri: "https://b.example/1".to_owned(), kind: SourceKind::DeviceKeyList };
        let list = FetchRequest { wanted, max_bytes: MAX_STATUS_LIST_BYTES };
        assert_eq!(list.url("https://dts.example"), "https://b.example/1");
        assert_eq!((file.accept(), list.accept()), ("*/*", "application/device-key-list+cwt"));
    }

    #[test]
    fn a_list_that_is_too_long_is_none() {
        let most = usize::try_from(MAX_STATUS_LIST_BYTES).unwrap();
        assert_eq!(bounded(Fetched::Bytes(vec![0; most + 1])), Fetched::Failed(FetchFailure::TooLong));
        assert_eq!(bounded(Fetched::Bytes(vec![0; most])), Fetched::Bytes(vec![0; most]));
        assert_eq!(bounded(Fetched::Absent), Fetched::Absent);
    }
}
