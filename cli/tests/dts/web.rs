//! A web server on loopback that answers as a test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An answer to a request.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Ends the connection after so many bytes of the body, whatever length was announced.
    cut: Option<usize>,
    /// Announces no length: the end of the connection ends the body.
    unannounced: bool,
    delay: Duration,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            cut: None,
            unannounced: false,
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::ok("") }
    }

    pub(crate) fn page(status: u16, body: &str) -> Self {
        Self { status, ..Self::ok(body) }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self { headers: vec![("Location".into(), location.into())], ..Self::status(302) }
    }

    pub(crate) fn cut(self, bytes: usize) -> Self {
        Self { cut: Some(bytes), ..self }
    }

    pub(crate) fn unannounced(self) -> Self {
        Self { unannounced: true, ..self }
    }

    pub(crate) fn delayed(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// A request: method, path, headers in lower case, body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// A server; it ends with the test process.
pub(crate) struct Web {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Web {
    pub(crate) fn serve(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || stream.ok().and_then(|stream| converse(&stream, &log, &*answer)));
            }
        });
        Self { address, seen }
    }

    /// Serves the files of `directory`, but for those to which `other` has an answer of its own.
    pub(crate) fn directory(
        directory: &std::path::Path,
        other: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let directory = directory.to_owned();
        Self::serve(move |request| {
            other(request).unwrap_or_else(|| {
                let path = directory.join(request.path.trim_start_matches('/'));
                std::fs::read(path).map_or_else(|_| Answer::status(404), Answer::ok)
            })
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn converse(stream: &TcpStream, log: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request) -> Answer) -> Option<()> {
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        headers.push(line.trim().to_ascii_lowercase());
    }
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    let request = Request { method, path, headers, body };
    log.lock().unwrap().push(request.clone());
    let Answer { status, headers, body, cut, unannounced, delay } = answer(&request);
    std::thread::sleep(delay);
    let mut head = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\n");
    if !unannounced {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    let mut stream = stream;
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(b"\r\n")).ok()?;
    stream.write_all(&body[..cut.unwrap_or(body.len())]).ok()
}
