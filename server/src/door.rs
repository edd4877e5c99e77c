//! Accepting connections, no more than a number at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::memory_file::Outgoing;
use crate::shared::Shared;
use crate::stall::StallGuard;

/// How long to wait when the system has no descriptors left.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Everything a connection needs to know.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) peer: SocketAddr,
    /// The body that is sent next.
    pub(crate) outgoing: Outgoing,
    /// Set when the server stops.
    pub(crate) stop: CancellationToken,
}

/// Tasks of a server and how to end them.
#[derive(Clone)]
pub(crate) struct Tasks {
    pub(crate) tracker: TaskTracker,
    /// Asks connections to finish.
    pub(crate) stop: CancellationToken,
    /// Ends those that have not.
    pub(crate) kill: CancellationToken,
}

/// Accepts until the server stops, and gives every connection a task of its own. Above `most` connections nothing is
/// accepted; the rest waits in the queue of the system.
pub(crate) async fn accept<F, S>(
    listener: TcpListener,
    shared: Arc<Shared>,
    tasks: Tasks,
    most: usize,
    open: Open,
    serve: S,
) where
    S: Fn(StallGuard, Visit) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(most));
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            () = tasks.stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                wait_out(&error).await;
                continue;
            }
        };
        prepare(&stream);
        let outgoing = Outgoing::default();
        let stream = StallGuard::new(stream, outgoing.clone(), shared.limits.write_stall);
        let visit = Visit { shared: Arc::clone(&shared), peer, outgoing, stop: tasks.stop.clone() };
        let served = serve(stream, visit);
        let (kill, counted) = (tasks.kill.clone(), Counted::new(Arc::clone(&shared), open));
        tasks.tracker.spawn(async move {
            tokio::select! {
                () = served => {}
                () = kill.cancelled() => {}
            }
            drop((permit, counted));
        });
    }
}

/// Errors of one connection are over at once; when descriptors run out, trying again at once would only burn time.
async fn wait_out(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tokio::time::sleep(EXHAUSTED).await;
    }
}

fn prepare(stream: &TcpStream) {
    // An answer is written as a whole; waiting for more to send would only delay it. Without the option it is still right.
    let _ = stream.set_nodelay(true);
}

/// Which counter of open connections.
pub(crate) type Open = fn(&Shared) -> &AtomicUsize;

struct Counted {
    shared: Arc<Shared>,
    open: Open,
}

impl Counted {
    fn new(shared: Arc<Shared>, open: Open) -> Self {
        open(&shared).fetch_add(1, Ordering::Relaxed);
        Self { shared, open }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.open)(&self.shared).fetch_sub(1, Ordering::Relaxed);
    }
}
