//! Conditional requests (RFC 9110 13).

use std::time::{Duration, SystemTime};

use hyper::header::{
    HeaderMap, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
};

/// What the conditions of a request make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Answer as if there were none.
    Proceed,
    /// 304: the client has it.
    NotModified,
    /// 412: the client wants another one.
    Failed,
}

/// Evaluates the conditions in the order of RFC 9110 13.2.2.
pub(super) fn evaluate(headers: &HeaderMap, etag: &HeaderValue, modified: SystemTime) -> Outcome {
    if headers.contains_key(IF_MATCH) {
        if !lists(headers, IF_MATCH.as_str(), etag, false) {
            return Outcome::Failed;
        }
    } else if date(headers.get(IF_UNMODIFIED_SINCE)).is_some_and(|since| whole_seconds(modified) > since) {
        return Outcome::Failed;
    }
    let unchanged = if headers.contains_key(IF_NONE_MATCH) {
        lists(headers, IF_NONE_MATCH.as_str(), etag, true)
    } else {
        date(headers.get(IF_MODIFIED_SINCE)).is_some_and(|since| whole_seconds(modified) <= since)
    };
    if unchanged { Outcome::NotModified } else { Outcome::Proceed }
}

/// Whether a range may be answered: `If-Range` is absent or names this very representation (RFC 9110 13.1.5).
pub(super) fn range_allowed(headers: &HeaderMap, etag: &HeaderValue, modified: SystemTime) -> bool {
    match headers.get(IF_RANGE) {
        None => true,
        Some(value) if value.as_bytes().starts_with(b"\"") => value == etag,
        Some(value) => date(Some(value)) == Some(whole_seconds(modified)),
    }
}

/// Whether a list of entity tags holds `etag` or is `*`. A weak tag matches in the weak comparison only.
fn lists(headers: &HeaderMap, name: &str, etag: &HeaderValue, weak: bool) -> bool {
    headers.get_all(name).iter().any(|value| {
        value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|tag| {
            let strong = if weak { tag.strip_prefix(b"W/").unwrap_or(tag) } else { tag };
            strong == etag.as_bytes() || tag == b"*"
        })
    })
}

fn date(value: Option<&HeaderValue>) -> Option<SystemTime> {
    httpdate::parse_http_date(value?.to_str().ok()?).ok()
}

/// Dates of HTTP have whole seconds.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn outcome(pairs: &[(&'static str, &'static str)]) -> Outcome {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        // 1994-11-06 08:49:37, and a part of a second that HTTP does not know.
        let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_500);
        evaluate(&headers, &HeaderValue::from_static("\"a\""), modified)
    }

    #[test]
    fn order_of_the_conditions() {
        use Outcome::{Failed, NotModified, Proceed};
        let cases: [(&[(&str, &str)], Outcome); 14] = [
            (&[], Proceed),
            (&[("if-none-match", "\"a\"")], NotModified),
            (&[("if-none-match", "\"b\", W/\"a\"")], NotModified),
            (&[("if-none-match", "\"b\""), ("if-none-match", "\"a\"")], NotModified),
            (&[("if-none-match", "*")], NotModified),
            (&[("if-none-match", "\"b\""), ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")], Proceed),
            (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")], NotModified),
            (&[("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")], NotModified),
            (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")], Proceed),
            (&[("if-modified-since", "yesterday")], Proceed),
            (&[("if-match", "\"b\"")], Failed),
            (&[("if-match", "W/\"a\"")], Failed),
            (&[("if-match", "\"b\", \"a\"")], Proceed),
            (&[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")], Failed),
        ];
        for (pairs, expected) in cases {
            assert_eq!(outcome(pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn if_range_compares_strongly() {
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let allowed = |value: &'static str| {
            let headers = HeaderMap::from_iter([(IF_RANGE, HeaderValue::from_static(value))]);
            range_allowed(&headers, &HeaderValue::from_static("\"a\""), modified)
        };
        assert!(allowed("\"a\""));
        assert!(!allowed("W/\"a\""));
        assert!(!allowed("\"b\""));
        assert!(allowed("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(!allowed("Sun, 06 Nov 1994 08:49:38 GMT"));
    }
}
