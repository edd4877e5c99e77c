//! One published file with everything that its responses say about it.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use hyper::header::HeaderValue;
use time::{Duration, UtcDateTime};

use super::body::Body;
use super::inspect::{Detail, Inspected, Kind};
use crate::memory_file::Stored;

const YEAR: &str = "public, max-age=31536000, immutable";
/// Longest time a cache keeps a file that is replaced in place.
const STABLE: Duration = Duration::HOUR;
/// The same for the pointer, which tells what is current.
const POINTER: Duration = Duration::MINUTE;
/// The same for pages and indexes without an expiry of their own.
const UNDATED: Duration = Duration::minutes(5);

/// How long copies may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// The content of this name never changes.
    Immutable,
    /// The pointer: a minute.
    Pointer,
    /// Replaced in place: an hour, at most a quarter of what remains of its validity.
    Stable,
}

impl Lifetime {
    pub(crate) fn of(path: &str) -> Self {
        let immutable = ["/o/", "/v1/root/", "/v1/snapshot/", "/v1/list/"];
        match path {
            "/v1/pointer.cbor" => Self::Pointer,
            _ if immutable.iter().any(|folder| path.starts_with(folder)) => Self::Immutable,
            _ => Self::Stable,
        }
    }
}

/// A coding of RFC 9110 8.4.1 that bodies are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

/// A file as it is served.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) path: Box<str>,
    pub(crate) body: Arc<Body>,
    pub(crate) kind: Kind,
    pub(crate) expires: Option<UtcDateTime>,
    pub(crate) detail: Detail,
    pub(crate) modified: SystemTime,
    pub(crate) media_type: HeaderValue,
    pub(crate) last_modified: HeaderValue,
    lifetime: Lifetime,
    ttl: Option<Duration>,
    etags: [HeaderValue; 3],
}

impl Object {
    pub(crate) fn new(path: &str, body: Arc<Body>, found: Inspected, modified: SystemTime) -> Self {
        let digest = hex::encode(body.sha256);
        // A strong tag names one representation, so each coding has its own (RFC 9110 8.8.3.3).
        let etags = ["", "-gzip", "-br"].map(|suffix| header(format!("\"{digest}{suffix}\"")));
        Self {
            path: path.into(),
            body,
            kind: found.kind,
            expires: found.expires,
            detail: found.detail,
            modified,
            media_type: HeaderValue::from_static(found.media_type),
            last_modified: header(httpdate::fmt_http_date(modified)),
            lifetime: Lifetime::of(path),
            ttl: found.ttl,
            etags,
        }
    }

    /// The bytes in this coding, if they are kept in it.
    pub(crate) fn bytes(&self, coding: Coding) -> Option<&Stored> {
        match coding {
            Coding::Identity => Some(&self.body.bytes),
            Coding::Gzip => self.body.gzip.as_ref(),
            Coding::Brotli => self.body.brotli.as_ref(),
        }
    }

    /// Whether the answer depends on `Accept-Encoding`.
    pub(crate) fn varies(&self) -> bool {
        self.body.gzip.is_some()
    }

    pub(crate) fn etag(&self, coding: Coding) -> &HeaderValue {
        let [identity, gzip, brotli] = &self.etags;
        match coding {
            Coding::Identity => identity,
            Coding::Gzip => gzip,
            Coding::Brotli => brotli,
        }
    }

    /// `Cache-Control` at this moment: never beyond the end of the object's own validity.
    pub(crate) fn cache_control(&self, at: UtcDateTime) -> HeaderValue {
        let longest = match self.lifetime {
            Lifetime::Immutable => return HeaderValue::from_static(YEAR),
            Lifetime::Pointer => POINTER,
            Lifetime::Stable => self.ttl.map_or(STABLE, |ttl| ttl.min(STABLE)),
        };
        let Some(expires) = self.expires else {
            return header(format!("public, max-age={}", longest.min(UNDATED).whole_seconds()));
        };
        let left = expires - at;
        if left < Duration::SECOND {
            return HeaderValue::from_static("no-cache");
        }
        let fresh = match self.lifetime {
            Lifetime::Pointer => longest.min(left),
            Lifetime::Stable | Lifetime::Immutable => longest.min(left / 4),
        };
        let (fresh, left) = (fresh.whole_seconds(), left.whole_seconds());
        header(format!("public, max-age={fresh}, stale-if-error={}", left - fresh))
    }
}

/// A header of characters that were chosen here.
fn header(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use time::macros::utc_datetime;

    use super::*;
    use crate::content::body::sha256;

    const NOW: UtcDateTime = utc_datetime!(2026-11-01 0:00);

    fn control(path: &str, expires: Option<UtcDateTime>) -> String {
        let ttl = path.starts_with("/status/").then_some(Duration::seconds(40));
        let found = Inspected { kind: Kind::Other, media_type: "text/plain", expires, ttl, detail: Detail::None };
        let object = Object::new(path, Arc::new(Body::new(vec![1], sha256(&[1]))), found, SystemTime::UNIX_EPOCH);
        object.cache_control(NOW).to_str().unwrap().to_owned()
    }

    #[test]
    fn no_copy_lives_longer_than_its_content_is_valid() {
        let after = |seconds| Some(NOW + Duration::seconds(seconds));
        assert_eq!(control("/o/00", after(5)), YEAR);
        assert_eq!(control("/v1/pointer.cbor", after(86_400)), "public, max-age=60, stale-if-error=86340");
        assert_eq!(control("/v1/pointer.cbor", after(30)), "public, max-age=30, stale-if-error=0");
        assert_eq!(control("/crl/00.crl", after(86_400)), "public, max-age=3600, stale-if-error=82800");
        assert_eq!(control("/crl/00.crl", after(400)), "public, max-age=100, stale-if-error=300");
        assert_eq!(control("/status/a.cwt", after(400)), "public, max-age=40, stale-if-error=360", "its ttl");
        assert_eq!(control("/crl/00.crl", after(0)), "no-cache");
        assert_eq!(control("/crl/00.crl", after(-5)), "no-cache");
        assert_eq!(control("/iacas.json", None), "public, max-age=300");
    }
}
