//! A published tree made by hand, a server over it, and a client that sends what it is told.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

pub(crate) mod client;
pub(crate) mod tree;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, io};

use tegata_server::{Clock, Config, Running, Server};
use time::{Duration, UtcDateTime};

use self::tree::{NOW, Tree};

/// A clock that tests turn.
#[derive(Clone, Default)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn turn(&self, by: Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::new(move || -> UtcDateTime { NOW + Duration::seconds(seconds.load(Ordering::Relaxed)) })
    }
}

/// A configuration with both doors on free ports that looks at the tree only when told to.
pub(crate) fn config(tree: &Tree, hand: &Hand) -> Config {
    let mut config = Config::new(tree.root(), "127.0.0.1:0".parse().unwrap(), hand.clock());
    config.ldap = Some("127.0.0.1:0".parse().unwrap());
    config.poll = None;
    config
}

/// A server over a tree of its own.
pub(crate) async fn server(tree: &Tree) -> Running {
    let running = Server::bind(config(tree, &Hand::default())).await.unwrap();
    running.first_load().unwrap();
    running
}

/// Somewhere to write that tests can read.
#[derive(Clone, Default)]
pub(crate) struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        let bytes = self.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl io::Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where a tool is; `None` (with a note) without it.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|place| place.is_file());
    if found.is_none() {
        println!("skipped: no {name}");
    }
    found
}

/// Runs a tool off the runtime's threads; its standard output must be asked for as bytes.
pub(crate) async fn run(mut command: Command) -> std::process::Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}
