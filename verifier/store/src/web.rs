//! A download by URLs and HTTP answers, for applications with a network.

use tegata_manifest::{FetchFailure, Fetched};
use time::UtcDateTime;

use crate::{Asks, Download, DownloadError, Downloaded, Wanted};

/// A file to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebRequest {
    /// Where it is.
    pub url: String,
    /// The value of the `Accept` field.
    pub accept: &'static str,
    /// The most bytes it may have. Read one more at most: that one tells that there are more.
    pub max_bytes: u64,
}

/// A [`Download`] from the service at a base URL.
#[derive(Debug)]
pub struct WebDownload<A: Asks> {
    download: Download<A>,
    base: String,
    at: UtcDateTime,
}

impl<A: Asks> WebDownload<A> {
    /// Begins; `at` is the time of the fetches.
    #[must_use]
    pub fn new(asks: A, base: impl Into<String>, at: UtcDateTime) -> Self {
        Self { download: Download::new(asks, at), base: base.into(), at }
    }

    /// The time of the fetches.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// What to get now; `None` when it is over, for better or worse. Lists that the service names elsewhere than on the web
    /// are passed over: no application should open a local file because a list says so.
    #[expect(clippy::should_implement_trait, reason = "no iterator: answers go in between")]
    pub fn next(&mut self) -> Option<WebRequest> {
        loop {
            let request = self.download.next()?;
            match &request.wanted {
                Wanted::List { uri, .. } if !is_web(uri) => self.failed(FetchFailure::Connection),
                _ => {
                    let (url, accept) = (request.url(&self.base), request.accept());
                    return Some(WebRequest { url, accept, max_bytes: request.max_bytes });
                }
            }
        }
    }

    /// The HTTP answer: 200 is the file, 404 and 410 say that there is none, and everything else says nothing. The page of a
    /// network that wants its users to sign in (511, RFC 6585 6) is recognised by what it is.
    pub fn answer(&mut self, status: u16, body: Vec<u8>) {
        match status {
            200 | 511 => self.supply(body),
            404 | 410 => self.absent(),
            status => self.failed(FetchFailure::Status(status)),
        }
    }

    /// The bytes of the file.
    pub fn supply(&mut self, bytes: Vec<u8>) {
        self.download.receive(Fetched::Bytes(bytes));
    }

    /// There is no such file, and whoever said so knows.
    pub fn absent(&mut self) {
        self.download.receive(Fetched::Absent);
    }

    /// There is no answer, or none that tells.
    pub fn failed(&mut self, failure: FetchFailure) {
        self.download.receive(Fetched::Failed(failure));
    }

    /// The result.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub fn finish(self) -> Result<Downloaded<A>, DownloadError<A::Error>> {
        self.download.finish()
    }
}

fn is_web(uri: &str) -> bool {
    uri.split_once("://")
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
}

#[cfg(test)]
mod tests {
    use tegata_manifest::{FetchFailure, Fetched, Step, UpdateError};
    use time::UtcDateTime;

    use super::*;

    /// Asks for one file and notes what came.
    #[derive(Default)]
    struct Noted(Vec<Fetched>);

    impl Asks for Noted {
        type Error = UpdateError;

        fn next_step(&mut self) -> Result<Step, UpdateError> {
            Ok(Step::Fetch { path: "v1/pointer.cbor".to_owned(), max_bytes: 9 })
        }

        fn take(&mut self, fetched: Fetched) -> Result<(), UpdateError> {
            self.0.push(fetched);
            if self.0.len() < 7 { Ok(()) } else { Err(UpdateError::Over) }
        }
    }

    #[test]
    fn an_http_status_says_what_an_answer_is() {
        let mut download = WebDownload::new(Noted::default(), "https://dts.example", UtcDateTime::UNIX_EPOCH);
        let url = "https://dts.example/v1/pointer.cbor".to_owned();
        assert_eq!(download.next(), Some(WebRequest { url, accept: "*/*", max_bytes: 9 }));
        for status in [200, 511, 404, 410, 403, 304, 500] {
            download.answer(status, vec![7]);
        }
        let status = |status| Fetched::Failed(FetchFailure::Status(status));
        let bytes = || Fetched::Bytes(vec![7]);
        let expected = [bytes(), bytes(), Fetched::Absent, Fetched::Absent, status(403), status(304), status(500)];
        assert_eq!(download.download.asks().0, expected);
        assert_eq!(download.next(), None);
        assert!(matches!(download.finish(), Err(DownloadError::Failed(UpdateError::Over))));
    }

    #[test]
    fn only_the_web_is_asked_of_an_application() {
        for uri in ["https://a.example/1", "HTTP://a.example/1"] {
            assert!(is_web(uri), "{uri}");
        }
        for uri in ["file:///etc/passwd", "content://contacts", "data:,x", "/etc/passwd", ""] {
            assert!(!is_web(uri), "{uri}");
        }
    }
}
