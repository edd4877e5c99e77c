//! The provision history: what was served when, as JSON lines.
//!
//! ```json
//! {"at":"2026-11-21T10:00:00Z","door":"http","action":"GET","path":"/crl/….crl","status":200,"bytes":4096,"sha256":"…"}
//! ```
//!
//! Records go through a bounded queue to a thread of their own. When the writer cannot follow, records are dropped and
//! counted; serving never waits. Whoever asks is not recorded, unless [`AccessLog::with_client_addresses`] says so.

use core::fmt;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use time::{UtcDateTime, format_description::well_known::Rfc3339};

use crate::content::Object;

/// Longest path that is recorded of a request for something that is not published.
const MAX_PATH_BYTES: usize = 128;
const DEFAULT_QUEUE: usize = 8192;

/// Where the provision history goes.
pub struct AccessLog {
    writer: Box<dyn Write + Send>,
    queue: usize,
    client_addresses: bool,
}

impl AccessLog {
    /// Writes JSON lines to `writer`, without client addresses. At most 8192 records wait.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), queue: DEFAULT_QUEUE, client_addresses: false }
    }

    /// Another bound for the records that wait.
    #[must_use]
    pub fn with_queue(mut self, records: usize) -> Self {
        self.queue = records;
        self
    }

    /// Records the client's address too (`client`). Addresses are personal data.
    #[must_use]
    pub fn with_client_addresses(mut self) -> Self {
        self.client_addresses = true;
        self
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLog")
            .field("queue", &self.queue)
            .field("client_addresses", &self.client_addresses)
            .finish_non_exhaustive()
    }
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) at: UtcDateTime,
    pub(crate) door: &'static str,
    /// Method or operation.
    pub(crate) action: &'static str,
    pub(crate) subject: Subject,
    pub(crate) status: u16,
    pub(crate) bytes: usize,
    pub(crate) client: Option<IpAddr>,
}

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Subject {
    Object(Arc<Object>),
    Path(Box<str>),
}

impl Subject {
    /// A path that is not published, shortened.
    pub(crate) fn path(path: &str) -> Self {
        let end = (0..=MAX_PATH_BYTES.min(path.len())).rev().find(|index| path.is_char_boundary(*index));
        Self::Path(path.get(..end.unwrap_or_default()).unwrap_or_default().into())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    door: &'static str,
    action: &'static str,
    path: &'a str,
    status: u16,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<IpAddr>,
}

impl Record {
    fn write(&self, output: &mut Vec<u8>) {
        let (path, sha256) = match &self.subject {
            Subject::Object(object) => (&*object.path, Some(hex::encode(object.body.sha256))),
            Subject::Path(path) => (&**path, None),
        };
        let line = Line {
            at: self.at.format(&Rfc3339).unwrap_or_default(),
            door: self.door,
            action: self.action,
            path,
            status: self.status,
            bytes: self.bytes,
            sha256,
            client: self.client,
        };
        if serde_json::to_writer(&mut *output, &line).is_ok() {
            output.push(b'\n');
        }
    }
}

/// The server's end of the queue.
#[derive(Debug)]
pub(crate) struct Recorder {
    queue: Option<SyncSender<Record>>,
    client_addresses: bool,
    lost: Arc<AtomicU64>,
}

/// The thread that writes; it ends when every [`Recorder`] is gone.
#[derive(Debug)]
pub(crate) struct Writer(Option<JoinHandle<()>>);

impl Recorder {
    /// Starts the thread, if there is something to write to.
    pub(crate) fn start(log: Option<AccessLog>) -> std::io::Result<(Self, Writer)> {
        let lost = Arc::new(AtomicU64::new(0));
        let Some(AccessLog { writer, queue, client_addresses }) = log else {
            return Ok((Self { queue: None, client_addresses: false, lost }, Writer(None)));
        };
        let (sender, receiver) = sync_channel(queue);
        let counter = Arc::clone(&lost);
        let thread = thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write_all(&receiver, writer, &counter))?;
        Ok((Self { queue: Some(sender), client_addresses, lost }, Writer(Some(thread))))
    }

    /// Whether anyone reads it.
    pub(crate) fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// The address to record, if addresses are.
    pub(crate) fn client(&self, address: SocketAddr) -> Option<IpAddr> {
        self.client_addresses.then(|| address.ip())
    }

    /// Hands a record over, or drops it when the queue is full.
    pub(crate) fn record(&self, record: Record) {
        if self.queue.as_ref().is_some_and(|queue| queue.try_send(record).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that were dropped or could not be written.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Writer {
    /// Waits until everything is written. Every [`Recorder`] must be gone. Blocks.
    pub(crate) fn finish(self) {
        if let Some(thread) = self.0 {
            // A panic of the writer has lost its records already.
            let _ = thread.join();
        }
    }
}

/// Writes what is in the queue, as much at once as there is.
fn write_all(queue: &Receiver<Record>, mut writer: Box<dyn Write + Send>, lost: &AtomicU64) {
    const BATCH: usize = 256;
    let mut output = Vec::new();
    while let Ok(first) = queue.recv() {
        output.clear();
        first.write(&mut output);
        let mut count = 1;
        while count < BATCH {
            match queue.try_recv() {
                Ok(record) => record.write(&mut output),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
            count += 1;
        }
        if writer.write_all(&output).and_then(|()| writer.flush()).is_err() {
            lost.fetch_add(u64::try_from(count).unwrap_or_default(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use std::io;
    use std::sync::Mutex;
    use std::sync::mpsc::{Sender, channel};

    use time::macros::utc_datetime;

    use super::*;

    fn record(path: &str) -> Record {
        Record {
            at: utc_datetime!(2026-11-21 10:00),
            door: "http",
            action: "GET",
            subject: Subject::path(path),
            status: 404,
            bytes: 0,
            client: None,
        }
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn one_line_for_each_record() {
        let shared = Shared::default();
        let (recorder, writer) = Recorder::start(Some(AccessLog::new(shared.clone()))).unwrap();
        recorder.record(record("/no\"ne\n"));
        recorder.record(record(&"手".repeat(100)));
        drop(recorder);
        writer.finish();
        let text = String::from_utf8(shared.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.first().unwrap(),
            &r#"{"at":"2026-11-21T10:00:00Z","door":"http","action":"GET","path":"/no\"ne\n","status":404,"bytes":0}"#
        );
        assert!(lines.get(1).unwrap().contains(&"手".repeat(42)));
        assert!(!text.contains(&"手".repeat(43)));
    }

    /// A writer that tells when it is entered and then waits.
    struct Stuck(Sender<()>, Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(());
            let _ = self.1.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stuck_writer_costs_records_and_no_time() {
        let ((entered, is_entered), (release, wait)) = (channel(), channel());
        let log = AccessLog::new(Stuck(entered, wait)).with_queue(2);
        let (recorder, writer) = Recorder::start(Some(log)).unwrap();
        recorder.record(record("/1"));
        is_entered.recv().unwrap();
        for _ in 0..5 {
            recorder.record(record("/2"));
        }
        assert_eq!(recorder.lost(), 3);
        drop((release, recorder));
        writer.finish();
    }
}
