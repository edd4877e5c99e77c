//! What a server is told when it starts.

use core::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::access_log::AccessLog;
use crate::clock::Clock;
use crate::content::ContentLimits;
use crate::readiness::ReadinessSink;

/// Bounds of what clients may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of the tree.
    pub content: ContentLimits,
    /// Open HTTP connections; more wait in the queue of the system.
    pub http_connections: usize,
    /// Head of an HTTP request, in bytes, at least 8192; what is longer is answered with 431.
    pub http_head_bytes: usize,
    /// Header fields of a request.
    pub http_headers: usize,
    /// How long the head of a request may take, from the first byte or since the answer before it.
    pub http_head_time: Duration,
    /// Body of a readiness signal, in bytes.
    pub readiness_bytes: usize,
    /// Open LDAP connections.
    pub ldap_connections: usize,
    /// An LDAP message from a client, in bytes.
    pub ldap_message_bytes: usize,
    /// Entries of one LDAP answer.
    pub ldap_entries: usize,
    /// How long one LDAP search may take.
    pub ldap_search_time: Duration,
    /// How long an LDAP connection may be silent.
    pub ldap_idle_time: Duration,
    /// How long a client may take no byte of an answer.
    pub write_stall: Duration,
    /// How long open connections may finish when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            content: ContentLimits::default(),
            http_connections: 4096,
            http_head_bytes: 16 * 1024,
            http_headers: 64,
            http_head_time: Duration::from_secs(10),
            readiness_bytes: 1024,
            ldap_connections: 512,
            ldap_message_bytes: 16 * 1024,
            ldap_entries: 1000,
            ldap_search_time: Duration::from_secs(30),
            ldap_idle_time: Duration::from_secs(60),
            write_stall: Duration::from_secs(20),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// A server to be started. Fields are public; [`Config::new`] gives the cautious values.
pub struct Config {
    /// The published tree.
    pub root: PathBuf,
    /// Where HTTP listens; port 0 takes a free one.
    pub http: SocketAddr,
    /// Where LDAP listens; `None` for no LDAP.
    pub ldap: Option<SocketAddr>,
    /// The time.
    pub clock: Clock,
    /// How often the tree is looked at for changes; `None` for never.
    pub poll: Option<Duration>,
    /// Whether SIGHUP makes the server look at the tree (on Unix).
    pub reload_on_hangup: bool,
    /// Where the provision history goes; `None` for nowhere.
    pub access_log: Option<AccessLog>,
    /// Who takes readiness signals; `None` closes that door.
    pub readiness: Option<Arc<dyn ReadinessSink>>,
    /// Bounds.
    pub limits: Limits,
}

impl Config {
    /// HTTP only, looking for changes every ten seconds, without access log and readiness signals.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, http: SocketAddr, clock: Clock) -> Self {
        Self {
            root: root.into(),
            http,
            ldap: None,
            clock,
            poll: Some(Duration::from_secs(10)),
            reload_on_hangup: false,
            access_log: None,
            readiness: None,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("root", &self.root)
            .field("http", &self.http)
            .field("ldap", &self.ldap)
            .field("poll", &self.poll)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
