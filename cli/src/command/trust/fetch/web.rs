//! HTTP: bounded in size and time, few redirects, and never from `https` to `http`.

use std::io::{ErrorKind, Read as _};
use std::sync::Arc;
use std::time::Duration;

use tegata_manifest::{FetchFailure, Fetched};
use ureq::http::{Response, Uri, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};

/// Most redirects that are followed.
const MAX_REDIRECTS: usize = 3;
/// How long a connection and the beginning of an answer may take.
const CONNECT: Duration = Duration::from_secs(15);
const RESPONSE: Duration = Duration::from_secs(30);
/// How long a file may take: 64 MiB at 1 Mbit/s.
const WHOLE: Duration = Duration::from_secs(600);

/// A client.
#[derive(Debug)]
pub(super) struct Web {
    agent: Agent,
}

impl Web {
    pub(super) fn new() -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls =
            TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).unversioned_rustls_crypto_provider(provider);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .user_agent(concat!("tegata/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(RESPONSE))
            .timeout_global(Some(WHOLE));
        Self { agent: Agent::new_with_config(config.build()) }
    }

    /// Gets a file, and never more than one byte over `max_bytes`.
    pub(super) fn get(&self, url: &str, accept: &str, max_bytes: u64) -> Fetched {
        match self.answer(url, accept) {
            Ok(answer) => match answer.status().as_u16() {
                200 => body(answer, max_bytes),
                404 | 410 => Fetched::Absent,
                // A network that wants its users to sign in (RFC 6585 6) sends its page along.
                511 => body(answer, max_bytes),
                status => Fetched::Failed(FetchFailure::Status(status)),
            },
            Err(failure) => Fetched::Failed(failure),
        }
    }

    /// Posts a readiness signal.
    pub(super) fn post(&self, url: &str, bytes: &[u8]) -> Result<(), FetchFailure> {
        let answer = self.agent.post(url).header(header::CONTENT_TYPE, "application/cbor").send(bytes);
        match answer.map_err(|error| failure(&error))?.status().as_u16() {
            200..=204 => Ok(()),
            status => Err(FetchFailure::Status(status)),
        }
    }

    fn answer(&self, url: &str, accept: &str) -> Result<Response<Body>, FetchFailure> {
        let mut url = url.to_owned();
        let mut redirect = 0;
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.agent.get(&url).header(header::ACCEPT, accept).call().map_err(|error| failure(&error))?;
            redirect = answer.status().as_u16();
            if !matches!(redirect, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| resolve(&url, location));
            url = next.ok_or(FetchFailure::Status(redirect))?;
        }
        Err(FetchFailure::Status(redirect))
    }
}

fn body(mut answer: Response<Body>, max_bytes: u64) -> Fetched {
    let mut bytes = Vec::new();
    match answer.body_mut().as_reader().take(max_bytes.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) => Fetched::Bytes(bytes),
        Err(error) if error.kind() == ErrorKind::TimedOut => Fetched::Failed(FetchFailure::Timeout),
        Err(_) => Fetched::Failed(FetchFailure::Interrupted),
    }
}

fn failure(error: &Error) -> FetchFailure {
    match error {
        Error::Timeout(_) => FetchFailure::Timeout,
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => FetchFailure::Tls,
        Error::StatusCode(status) => FetchFailure::Status(*status),
        Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::BodyStalled => FetchFailure::Interrupted,
        Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => FetchFailure::Tls,
        Error::Io(error) => match error.kind() {
            ErrorKind::TimedOut => FetchFailure::Timeout,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => FetchFailure::Interrupted,
            _ => FetchFailure::Connection,
        },
        _ => FetchFailure::Connection,
    }
}

/// Whether this is a URL that can be fetched from: `http` or `https` with a host, without a query or user.
pub(super) fn is_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    is_web && has_host && uri.query().is_none() && !url.contains('#')
}

/// The path of an absolute URI without its leading slash.
pub(super) fn path_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    rest.split_once('/').map(|(_, path)| path)
}

/// Where a redirect from `url` leads (RFC 3986 5.2, without dot segments); `None` if it must not be followed.
fn resolve(url: &str, location: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let next = if location.contains("://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let path = rest.split(['?', '#']).next()?;
        let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
        format!("{scheme}://{folder}/{location}")
    };
    let uri: Uri = next.parse().ok()?;
    let allowed = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => scheme == "http",
        _ => false,
    };
    allowed.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_within_https() {
        let from = "https://a.example/v1/pointer.cbor";
        assert_eq!(resolve(from, "/x").unwrap(), "https://a.example/x");
        assert_eq!(resolve(from, "root/1.cbor").unwrap(), "https://a.example/v1/root/1.cbor");
        assert_eq!(resolve(from, "//b.example/x").unwrap(), "https://b.example/x");
        assert_eq!(resolve(from, "https://b.example/x").unwrap(), "https://b.example/x");
        for refused in ["http://a.example/x", "ftp://a.example/x", "file:///etc/passwd"] {
            assert_eq!(resolve(from, refused), None, "{refused}");
        }
        assert_eq!(resolve("http://a.example/", "http://b.example/").unwrap(), "http://b.example/");
        assert_eq!(resolve("http://a.example", "x").unwrap(), "http://a.example/x");
    }

    #[test]
    fn urls_are_told_from_others() {
        for good in ["https://a.example", "http://[::1]:8080/dts", "http://127.0.0.1:1"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "ftp://a.example",
            "https://",
            "https://a.example/?x=1",
            "https://u:p@a.example",
            "a.example",
            "https://a b",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
        assert_eq!(path_of("https://a.example/status/1.cwt"), Some("status/1.cwt"));
        assert_eq!(path_of("https://a.example"), None);
    }
}
