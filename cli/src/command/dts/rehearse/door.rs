//! The staging tree over HTTP, phase by phase. The server's clock is that of the rehearsal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::json;
use tegata_server::{Clock, Config, Running, Server};
use tegata_terminal::{Output, to_stderr};
use time::UtcDateTime;

use super::super::super::instant;
use super::super::refused;
use super::calendar::Phase;
use crate::failure::Failure;
use crate::message::rehearse as text;

/// A server that shows one phase after the other.
pub(super) struct Door {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    /// How long a phase lasts; `None` for until Enter.
    step: Option<Duration>,
    public: PathBuf,
    /// The time of the rehearsal, in seconds since 1970.
    now: Arc<AtomicI64>,
    running: Option<Running>,
}

impl Door {
    pub(super) fn new(address: SocketAddr, step: Option<u64>, public: PathBuf) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Runtime::new();
        let runtime = runtime.map_err(|error| Failure::Machine { id: "runtime", detail: error.to_string() })?;
        let (step, now) = (step.map(Duration::from_secs), Arc::new(AtomicI64::new(0)));
        Ok(Self { runtime, address, step, public, now, running: None })
    }

    /// Shows what is published now, as of `at`, until it is time to go on. Between two phases the one before is served on.
    pub(super) fn stop(&mut self, phase: Phase, at: UtcDateTime, output: Output) -> Result<(), Failure> {
        let lang = output.lang;
        self.now.store(at.unix_timestamp(), Ordering::Relaxed);
        let running = match self.running.take() {
            None => {
                let mut config = Config::new(self.public.clone(), self.address, self.clock());
                config.poll = None;
                let running = self.runtime.block_on(Server::bind(config));
                running.map_err(|error| refused(None, error.id(), error.to_string(), ""))?
            }
            Some(running) => {
                let taken = self.runtime.block_on(running.reload());
                taken.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
                running
            }
        };
        let url = format!("http://{}/", running.http_address());
        self.running = Some(running);
        if output.json {
            // The answer comes at the end, on standard output.
            to_stderr(&json!({ "serving": url, "phase": phase.id(), "now": instant(at) }).to_string());
        }
        output.note(&text::serving(lang, url, phase.title(lang), instant(at)));
        match self.step {
            Some(step) => std::thread::sleep(step),
            None => {
                output.note(&text::press_enter(lang));
                // Without a terminal there is nobody to wait for.
                let _ = std::io::stdin().read_line(&mut String::new());
            }
        }
        Ok(())
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Clock::new(move || {
            UtcDateTime::from_unix_timestamp(now.load(Ordering::Relaxed)).unwrap_or(UtcDateTime::UNIX_EPOCH)
        })
    }
}
