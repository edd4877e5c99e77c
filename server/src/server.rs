//! Starting and stopping.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::access_log::{Recorder, Writer};
use crate::config::Config;
use crate::content::ContentError;
use crate::door::{Open, Tasks, accept};
use crate::health::Health;
use crate::metrics::exposition;
use crate::shared::{Reload, Shared};
use crate::{http, ldap};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address of the HTTP door cannot be had.
    #[error("cannot listen for HTTP on {address}: {source}")]
    Http {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The address of the LDAP door cannot be had.
    #[error("cannot listen for LDAP on {address}: {source}")]
    Ldap {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The thread of the access log cannot be started.
    #[error("cannot start the access log: {0}")]
    AccessLog(#[source] io::Error),
    /// The handler of SIGHUP cannot be set.
    #[error("cannot listen for SIGHUP: {0}")]
    Signal(#[source] io::Error),
    /// A bound of [`Limits`](crate::Limits) is below what the protocol needs.
    #[error("limit {name} is below {least}")]
    Limit {
        /// Name of the field.
        name: &'static str,
        /// The least value.
        least: usize,
    },
}

impl BindError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Http { .. } => "bind-http",
            Self::Ldap { .. } => "bind-ldap",
            Self::AccessLog(_) => "bind-access-log",
            Self::Signal(_) => "bind-signal",
            Self::Limit { .. } => "bind-limit",
        }
    }
}

/// The way in.
#[derive(Clone, Copy, Debug)]
pub struct Server;

impl Server {
    /// Loads the tree, opens the doors and serves in the background of the current tokio runtime.
    ///
    /// A tree that cannot be served does not keep the server from starting: it says so in [`Running::health`] (and
    /// `/health`) and takes the tree as soon as it is whole. [`Running::first_load`] tells.
    ///
    /// # Errors
    /// [`BindError`].
    pub async fn bind(config: Config) -> Result<Running, BindError> {
        check(&config)?;
        let listener = TcpListener::bind(config.http).await;
        let http = listener.map_err(|source| BindError::Http { address: config.http, source })?;
        let ldap = match config.ldap {
            None => None,
            Some(address) => {
                let listener = TcpListener::bind(address).await;
                Some(listener.map_err(|source| BindError::Ldap { address, source })?)
            }
        };
        let http_address = http.local_addr().map_err(|source| BindError::Http { address: config.http, source })?;
        let ldap_address = ldap.as_ref().and_then(|listener| listener.local_addr().ok());
        let (recorder, writer) = Recorder::start(config.access_log).map_err(BindError::AccessLog)?;
        let limits = config.limits;
        let shared = Arc::new(Shared::new(config.root, config.clock, limits, recorder, config.readiness));
        let loader = Loader { shared: Arc::clone(&shared), turn: Arc::default() };
        let first_load = loader.reload().await;

        let kill = CancellationToken::new();
        let tasks = Tasks { tracker: TaskTracker::new(), stop: kill.child_token(), kill: kill.clone() };
        if config.reload_on_hangup {
            on_hangup(&loader, &tasks).map_err(BindError::Signal)?;
        }
        if let Some(interval) = config.poll {
            tasks.tracker.spawn(poll(loader.clone(), tasks.stop.clone(), interval));
        }
        let state = Arc::clone(&shared);
        let open: Open = |shared| &shared.metrics.http_connections;
        tasks.tracker.spawn(accept(http, state, tasks.clone(), limits.http_connections, open, http::serve));
        if let Some(listener) = ldap {
            let state = Arc::clone(&shared);
            let open: Open = |shared| &shared.metrics.ldap_connections;
            tasks.tracker.spawn(accept(listener, state, tasks.clone(), limits.ldap_connections, open, ldap::serve));
        }
        tasks.tracker.close();
        let dropped = kill.drop_guard();
        Ok(Running { http_address, ldap_address, shared, loader, tasks, writer, first_load, dropped })
    }
}

fn check(config: &Config) -> Result<(), BindError> {
    let limits = &config.limits;
    let least = [
        ("http_head_bytes", limits.http_head_bytes, 8192),
        ("http_connections", limits.http_connections, 1),
        ("ldap_connections", limits.ldap_connections, 1),
        ("ldap_message_bytes", limits.ldap_message_bytes, 64),
    ];
    match least.into_iter().find(|(_, value, least)| value < least) {
        Some((name, _, least)) => Err(BindError::Limit { name, least }),
        None => Ok(()),
    }
}

/// Reloads one at a time, off the threads that serve.
#[derive(Clone)]
struct Loader {
    shared: Arc<Shared>,
    turn: Arc<Mutex<()>>,
}

impl Loader {
    async fn reload(&self) -> Result<Reload, ContentError> {
        let _turn = self.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        let loaded = tokio::task::spawn_blocking(move || shared.reload()).await;
        loaded.unwrap_or(Err(ContentError::Stopping))
    }
}

async fn poll(loader: Loader, stop: CancellationToken, interval: Duration) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        // What was wrong is in the health report; the next look comes anyway.
        let _ = loader.reload().await;
    }
}

#[cfg(unix)]
fn on_hangup(loader: &Loader, tasks: &Tasks) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    let (loader, stop) = (loader.clone(), tasks.stop.clone());
    tasks.tracker.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                hangup = hangups.recv() => if hangup.is_none() { return },
            }
            let _ = loader.reload().await;
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn on_hangup(_: &Loader, _: &Tasks) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A server at work. Dropping it stops the server without waiting for anyone.
pub struct Running {
    http_address: SocketAddr,
    ldap_address: Option<SocketAddr>,
    shared: Arc<Shared>,
    loader: Loader,
    tasks: Tasks,
    writer: Writer,
    first_load: Result<Reload, ContentError>,
    /// Ends every task when this is dropped.
    dropped: DropGuard,
}

impl Running {
    /// Where HTTP listens.
    #[must_use]
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where LDAP listens, if it does.
    #[must_use]
    pub fn ldap_address(&self) -> Option<SocketAddr> {
        self.ldap_address
    }

    /// How loading the tree went when the server started.
    ///
    /// # Errors
    /// [`ContentError`]: nothing is served yet.
    pub fn first_load(&self) -> Result<(), &ContentError> {
        self.first_load.as_ref().map(|_| ())
    }

    /// Looks at the tree now.
    ///
    /// # Errors
    /// [`ContentError`]: the tree is not whole, what was served is served on.
    pub async fn reload(&self) -> Result<Reload, ContentError> {
        self.loader.reload().await
    }

    /// What `/health` says.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.health()
    }

    /// What `/metrics` says.
    #[must_use]
    pub fn metrics(&self) -> String {
        exposition(&self.shared)
    }

    /// Stops accepting, lets open connections finish for the time of grace, ends the rest, and writes the access log to its
    /// end.
    pub async fn shutdown(self) {
        let Self { shared, loader, tasks, writer, dropped, .. } = self;
        let grace = shared.limits.shutdown_grace;
        tasks.stop.cancel();
        if tokio::time::timeout(grace, tasks.tracker.wait()).await.is_err() {
            tasks.kill.cancel();
            tasks.tracker.wait().await;
        }
        // The log ends when nobody can write to it any more; a writer that hangs must not hold up the end.
        drop((shared, loader, dropped));
        let _ = tokio::time::timeout(grace, tokio::task::spawn_blocking(move || writer.finish())).await;
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("http", &self.http_address)
            .field("ldap", &self.ldap_address)
            .field("root", &self.shared.root())
            .finish_non_exhaustive()
    }
}
