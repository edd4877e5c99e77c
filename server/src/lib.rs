//! The network doors of a Digital Trust Service: HTTP and LDAP over a published tree.
//!
//! [`Server::bind`] loads a published tree into memory, opens the doors and serves until [`Running::shutdown`]. The server
//! signs nothing, verifies no signature and knows no secret: whoever fetches an object verifies it. What it answers for is
//! that no half-copied publication is served, that no cache keeps an object beyond its validity, that bad clients cost
//! little, and that operators see in time when something goes stale ([`Health`]).
//!
//! | path or name | what |
//! |---|---|
//! | every file of the tree, `/` | the object, with ETag, Last-Modified, ranges, gzip and br, CORS for everyone |
//! | `/certificates/search.cgi?…`, `/crls/search.cgi?…` | store queries of RFC 4387 |
//! | `/health`, `/metrics` | [`Health`] as JSON with 200 or 503; counters for Prometheus |
//! | `POST /v1/readiness` | signals for a [`ReadinessSink`], if there is one |
//! | LDAP `CN=…,C=UT` | `cACertificate;binary`: roots and self-issued links (RFC 4523) |
//! | LDAP `cn=<SKI>,CN=…,C=UT` | `certificateRevocationList;binary` of that key |
//!
//! ```no_run
//! use tegata_server::{Clock, Config, Server};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let mut config = Config::new("published", "[::1]:8080".parse()?, Clock::system());
//! config.ldap = Some("[::1]:3890".parse()?);
//! let running = Server::bind(config).await?;
//! println!("http://{}/ is ready: {}", running.http_address(), running.health().is_ready());
//! tokio::signal::ctrl_c().await?;
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod access_log;
mod clock;
mod config;
mod content;
mod door;
mod health;
mod http;
mod ldap;
mod memory_file;
mod metrics;
mod readiness;
mod server;
mod shared;
mod stall;

pub use access_log::AccessLog;
pub use clock::Clock;
pub use config::{Config, Limits};
pub use content::{ContentError, ContentLimits, Expected};
pub use health::{Health, LastLoad, NotReady};
pub use readiness::{MAX_CLASS_BYTES, MAX_CLASSES, ReadinessSink, SignalClass, SignalRefused};
pub use server::{BindError, Running, Server};
pub use shared::Reload;
