//! From a request to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};

use super::conditional::{Outcome, evaluate, range_allowed};
use super::negotiate::coding;
use super::query;
use super::range::{Asked, asked};
use crate::access_log::{Record, Subject};
use crate::content::{Coding, Object};
use crate::door::Visit;
use crate::metrics::exposition;
use crate::readiness::SignalRefused;

/// Longest path and query that is looked at.
const MAX_TARGET_BYTES: usize = 1024;
const READINESS: &str = "/v1/readiness";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const ANY: HeaderValue = HeaderValue::from_static("*");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
/// What scripts of other origins may see of an answer beside the few that they always may.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("ETag, Content-Length, Content-Range, Content-Encoding, Accept-Ranges");
/// What scripts of other origins may send.
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "Content-Type, If-Match, If-None-Match, If-Modified-Since, If-Range, Range, Cache-Control",
);
/// Pages are text: whatever is smuggled into one does not run.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
);
const CROSS_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

type Answer = Response<Full<Bytes>>;

/// Answers a request, counts and records it.
pub(super) async fn answer(visit: &Visit, request: Request<Incoming>) -> Answer {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (answer, object) = respond(visit, request).await;
    let status = answer.status().as_u16();
    let length = answer.body().size_hint().exact().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let bytes = if method == Method::HEAD { 0 } else { length };
    let shared = &visit.shared;
    shared.metrics.http(status, object.as_ref().map(|object| object.kind), bytes);
    if shared.recorder.is_on() {
        let subject = object.map_or_else(|| Subject::path(&path), Subject::Object);
        let (at, client) = (shared.clock.now(), shared.recorder.client(visit.peer));
        shared.recorder.record(Record { at, door: "http", action: verb(&method), subject, status, bytes, client });
    }
    answer
}

/// The answer, with the object that it is about.
async fn respond(visit: &Visit, request: Request<Incoming>) -> (Answer, Option<Arc<Object>>) {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    if target.len() > MAX_TARGET_BYTES {
        return (plain(StatusCode::URI_TOO_LONG), None);
    }
    // RFC 9112 3.2: without exactly one Host, somebody on the way may have understood another request.
    if request.version() == Version::HTTP_11 && request.headers().get_all(header::HOST).iter().count() != 1 {
        return (last(plain(StatusCode::BAD_REQUEST)), None);
    }
    match *request.method() {
        Method::GET | Method::HEAD => get(visit, &request),
        Method::OPTIONS => (preflight(visit, request.uri().path()), None),
        Method::POST if request.uri().path() == READINESS && visit.shared.sink.is_some() => {
            (signal(visit, request).await, None)
        }
        _ => {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED);
            answer.headers_mut().insert(header::ALLOW, methods(visit, request.uri().path()));
            (answer, None)
        }
    }
}

fn get(visit: &Visit, request: &Request<Incoming>) -> (Answer, Option<Arc<Object>>) {
    let path = request.uri().path();
    let shared = &visit.shared;
    match path {
        "/health" => {
            let health = shared.health();
            let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            return (text(status, JSON, health.to_json()), None);
        }
        "/metrics" => {
            let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            return (text(StatusCode::OK, media_type, exposition(shared)), None);
        }
        _ => {}
    }
    let content = shared.content();
    if let Some(collection) = query::collection(path) {
        let found = query::search(&content, collection, request.uri().query().unwrap_or_default());
        return match found {
            None => (plain(StatusCode::BAD_REQUEST), None),
            Some([]) => (plain(StatusCode::NOT_FOUND), None),
            Some([one]) => (object(visit, request, one), Some(Arc::clone(one))),
            Some(several) => (multipart(visit, several), None),
        };
    }
    match content.object(path) {
        Some(found) => (object(visit, request, found), Some(Arc::clone(found))),
        None => (plain(StatusCode::NOT_FOUND), None),
    }
}

/// A published object: conditions, then coding and range.
fn object(visit: &Visit, request: &Request<Incoming>, object: &Object) -> Answer {
    let headers = request.headers();
    let coding = coding(headers, object);
    let etag = object.etag(coding);
    let bytes = object.bytes(coding).unwrap_or(&object.body.bytes);
    visit.outgoing.announce(bytes);
    let mut answer = match evaluate(headers, etag, object.modified) {
        Outcome::Failed => return plain(StatusCode::PRECONDITION_FAILED),
        Outcome::NotModified => empty(StatusCode::NOT_MODIFIED),
        Outcome::Proceed => match asked_range(request, object, etag, bytes.len()) {
            Asked::Whole => whole(StatusCode::OK, object, bytes.slice(..)),
            Asked::Part { first, last } => {
                let mut answer = whole(StatusCode::PARTIAL_CONTENT, object, bytes.slice(first..=last));
                let range = format!("bytes {first}-{last}/{}", bytes.len());
                insert(answer.headers_mut(), header::CONTENT_RANGE, range);
                answer
            }
            Asked::Unsatisfiable => {
                let mut answer = plain(StatusCode::RANGE_NOT_SATISFIABLE);
                insert(answer.headers_mut(), header::CONTENT_RANGE, format!("bytes */{}", bytes.len()));
                return answer;
            }
        },
    };
    let out = answer.headers_mut();
    out.insert(header::ETAG, etag.clone());
    out.insert(header::LAST_MODIFIED, object.last_modified.clone());
    out.insert(header::CACHE_CONTROL, object.cache_control(visit.shared.clock.now()));
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if object.varies() {
        out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if coding != Coding::Identity {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    answer
}

/// The range of a GET; other methods have none (RFC 9110 14.2).
fn asked_range(request: &Request<Incoming>, object: &Object, etag: &HeaderValue, length: usize) -> Asked {
    let headers = request.headers();
    match headers.get(header::RANGE).map(HeaderValue::to_str) {
        Some(Ok(range)) if request.method() == Method::GET && range_allowed(headers, etag, object.modified) => {
            asked(range, length)
        }
        _ => Asked::Whole,
    }
}

fn whole(status: StatusCode, object: &Object, bytes: Bytes) -> Answer {
    let mut answer = open(status, bytes);
    let out = answer.headers_mut();
    if object.media_type.as_bytes().starts_with(b"text/html") {
        out.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    }
    out.insert(header::CONTENT_TYPE, object.media_type.clone());
    answer
}

/// Several matches of a store query (RFC 4387 2): each is a part.
fn multipart(visit: &Visit, objects: &[Arc<Object>]) -> Answer {
    let at = visit.shared.clock.now();
    // Digests cannot be foreseen by whoever wrote the parts.
    let boundary = objects.first().map(|object| hex::encode(object.body.sha256)).unwrap_or_default();
    let mut body = Vec::new();
    for object in objects {
        let media_type = String::from_utf8_lossy(object.media_type.as_bytes());
        body.extend_from_slice(format!("--{boundary}\r\nContent-Type: {media_type}\r\n\r\n").as_bytes());
        body.extend_from_slice(&object.body.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut answer = open(StatusCode::OK, body.into());
    let out = answer.headers_mut();
    insert(out, header::CONTENT_TYPE, format!("multipart/mixed; boundary={boundary}"));
    // Of several copies, the one that ends first decides.
    let soonest = objects.iter().min_by_key(|object| object.expires.unwrap_or(at));
    out.insert(header::CACHE_CONTROL, soonest.map_or(NO_CACHE, |object| object.cache_control(at)));
    answer
}

/// A readiness signal: 204, or why not.
async fn signal(visit: &Visit, request: Request<Incoming>) -> Answer {
    let shared = &visit.shared;
    let Some(sink) = &shared.sink else { return plain(StatusCode::METHOD_NOT_ALLOWED) };
    let most = shared.limits.readiness_bytes;
    let announced = request.body().size_hint().lower();
    if usize::try_from(announced).is_ok_and(|announced| announced > most) {
        return last(plain(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let collected = Limited::new(request.into_body(), most).collect();
    let body = match tokio::time::timeout(shared.limits.http_head_time, collected).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return last(plain(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Ok(Err(_)) => return last(plain(StatusCode::BAD_REQUEST)),
        Err(_) => return last(plain(StatusCode::REQUEST_TIMEOUT)),
    };
    match sink.take(&body, shared.clock.now()) {
        Ok(class) if shared.signals.add(&class) => open(StatusCode::NO_CONTENT, Bytes::new()),
        Ok(_) | Err(SignalRefused::Unavailable) => plain(StatusCode::SERVICE_UNAVAILABLE),
        Err(SignalRefused::Malformed) => plain(StatusCode::BAD_REQUEST),
    }
}

/// Ends the connection: what is left of the request is not read.
fn last(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// What a browser asks before a script of another origin sends anything unusual (Fetch 4.8).
fn preflight(visit: &Visit, path: &str) -> Answer {
    let mut answer = empty(StatusCode::NO_CONTENT);
    let out = answer.headers_mut();
    out.insert(header::ALLOW, methods(visit, path));
    out.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods(visit, path));
    out.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    out.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    answer
}

fn methods(visit: &Visit, path: &str) -> HeaderValue {
    HeaderValue::from_static(match path {
        READINESS if visit.shared.sink.is_some() => "POST, OPTIONS",
        _ => "GET, HEAD, OPTIONS",
    })
}

/// A short answer in words.
fn plain(status: StatusCode) -> Answer {
    let words = status.canonical_reason().unwrap_or_default();
    let mut answer = text(status, HeaderValue::from_static("text/plain; charset=utf-8"), format!("{words}\n"));
    if status == StatusCode::NOT_FOUND {
        // A name that is not there yet may be there after the next publication.
        answer.headers_mut().insert(header::CACHE_CONTROL, NO_CACHE);
    }
    answer
}

fn text(status: StatusCode, media_type: HeaderValue, words: String) -> Answer {
    let mut answer = open(status, words.into());
    answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
    answer.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    answer
}

fn empty(status: StatusCode) -> Answer {
    open(status, Bytes::new())
}

/// Every answer is for everyone.
fn open(status: StatusCode, body: Bytes) -> Answer {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(CROSS_ORIGIN, HeaderValue::from_static("cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn insert(headers: &mut HeaderMap, name: HeaderName, text: String) {
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(text)) {
        headers.insert(name, value);
    }
}

/// Methods by name; whatever a client invents is not recorded in its words.
fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        _ => "OTHER",
    }
}
