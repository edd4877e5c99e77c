//! `tegata dts serve`.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use serde_json::json;
use tegata_server::{AccessLog, Clock, Config, ReadinessSink, Running, Server, SignalClass, SignalRefused};
use tegata_sync::ReadinessSignal;
use tegata_terminal::{Output, OutputFault};
use time::UtcDateTime;

use super::{PUBLIC, refused};
use crate::answer::Answer;
use crate::args::dts::Serve;
use crate::failure::Failure;
use crate::message::dts as text;

/// Signals that may wait for the disk; more are turned away.
const QUEUE: usize = 1024;

pub(super) fn run(args: &Serve, output: Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|error| Failure::Machine { id: "runtime", detail: error.to_string() })?;
    let config = config(args)?;
    runtime.block_on(async {
        let running = Server::bind(config).await;
        let running = running.map_err(|error| refused(None, error.id(), error.to_string(), ""))?;
        greet(&running, output)?;
        interrupted().await;
        running.shutdown().await;
        Ok(())
    })
}

fn config(args: &Serve) -> Result<Config, Failure> {
    let public = args.dir.join(PUBLIC);
    let tree = if public.is_dir() { public } else { args.dir.clone() };
    let mut config = Config::new(tree, args.http, Clock::system());
    config.ldap = args.ldap;
    config.reload_on_hangup = true;
    if let Some(path) = &args.access_log {
        config.access_log = Some(AccessLog::new(append(path)?));
    }
    if let Some(path) = &args.readiness {
        config.readiness = Some(Arc::new(SignalFile::open(path)?));
    }
    Ok(config)
}

fn greet(running: &Running, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let http = format!("http://{}/", running.http_address());
    let ldap = running.ldap_address().map(|address| format!("ldap://{address}/"));
    let health = running.health();
    if output.json {
        output.answer_json(&json!({ "http": http, "ldap": ldap, "ready": health.is_ready() }))?;
    } else {
        let doors: Vec<_> = [Some(http), ldap].into_iter().flatten().collect();
        output.answer(&format!("{}\n", text::serving(lang, doors.join("  "))))?;
    }
    if !health.is_ready() {
        output.note(&output.error_style.doubtful(&text::not_ready(lang, health.to_json())));
    }
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    // Without a handler there is nothing to wait for: the default action ends the program.
    let _ = tokio::signal::ctrl_c().await;
}

fn append(path: &Path) -> Result<File, Failure> {
    OpenOptions::new().create(true).append(true).open(path).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Output { file: path.to_owned(), fault: OutputFault::Unwritable(error.kind()) }
}

/// Keeps signals in a file, one JSON line each: the time to the hour and the signal, nothing about who sent it.
struct SignalFile(SyncSender<String>);

impl SignalFile {
    fn open(path: &Path) -> Result<Self, Failure> {
        let mut file = append(path)?;
        let (sender, receiver) = sync_channel::<String>(QUEUE);
        let path: PathBuf = path.to_owned();
        let writer = std::thread::Builder::new().name("readiness".to_owned()).spawn(move || {
            for line in receiver {
                if let Err(error) = file.write_all(line.as_bytes()) {
                    tegata_terminal::to_stderr(&format!("{}: {error}", path.display()));
                }
            }
        });
        writer.map_err(|error| Failure::Machine { id: "thread", detail: error.to_string() })?;
        Ok(Self(sender))
    }
}

impl ReadinessSink for SignalFile {
    fn take(&self, signal: &[u8], at: UtcDateTime) -> Result<SignalClass, SignalRefused> {
        let read = ReadinessSignal::from_bytes(signal).map_err(|_| SignalRefused::Malformed)?;
        let class = SignalClass::new(read.class.id()).ok_or(SignalRefused::Malformed)?;
        let line = format!(
            "{}\n",
            json!({ "hour": format!("{}T{:02}", at.date(), at.hour()), "signal": hex::encode(signal) })
        );
        self.0.try_send(line).map_err(|_| SignalRefused::Unavailable)?;
        Ok(class)
    }
}
