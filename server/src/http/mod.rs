//! The HTTP door (RFC 9110, RFC 9112): published objects, store queries, health, metrics, readiness signals.
//!
//! HTTP/1.1 without TLS: certificates and CRLs are signed, and clients fetch them by `http` so that fetching needs no
//! certificate check of its own (RFC 5280 8). Where TLS or HTTP/2 is wanted, a proxy or CDN stands in front.

mod answer;
mod conditional;
mod negotiate;
mod query;
mod range;

use core::convert::Infallible;
use core::pin::pin;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;

use self::answer::answer;
use crate::door::Visit;
use crate::stall::StallGuard;

/// Serves one connection until the client leaves, misbehaves, or the server stops.
pub(crate) async fn serve(mut stream: StallGuard, visit: Visit) {
    serve_requests(&mut stream, visit).await;
    // Also after an error, so that a client that was told 431 hears it; when the other side is gone there is nobody to tell.
    let _ = stream.shutdown().await;
}

async fn serve_requests(stream: &mut StallGuard, visit: Visit) {
    let limits = visit.shared.limits;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.http_head_time)
        .max_buf_size(limits.http_head_bytes)
        .max_headers(limits.http_headers);
    let stop = visit.stop.clone();
    let service = service_fn(move |request| {
        let visit = visit.clone();
        async move { Ok::<_, Infallible>(answer(&visit, request).await) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // An error is the end of one connection and was the client's doing: reset, timeout, no HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
