//! Connections whose peer stops reading, and connections that end while it still writes.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use crate::memory_file::{Outgoing, Recognised};

/// How long, and how much, is read from a peer after the last answer. Closing with unread bytes resets the connection, and
/// the reset overtakes the answer: the client would never learn that its request was too large.
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// A stream on which a write fails when the peer takes nothing for some time.
///
/// Reading has no limit here: how long a request may take is the business of each protocol.
#[derive(Debug)]
pub(crate) struct StallGuard {
    stream: TcpStream,
    /// The body that is sent without copying, if it comes by.
    outgoing: Outgoing,
    longest: Duration,
    /// Armed while a write waits.
    timer: Pin<Box<Sleep>>,
    waiting: bool,
    /// After our end was closed: bytes that may still be read and thrown away.
    lingering: Option<usize>,
}

impl StallGuard {
    pub(crate) fn new(stream: TcpStream, outgoing: Outgoing, longest: Duration) -> Self {
        Self { stream, outgoing, longest, timer: Box::pin(sleep(longest)), waiting: false, lingering: None }
    }

    fn poll_send(&self, context: &mut Context<'_>, recognised: &Recognised<'_>) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_io(Interest::WRITABLE, || recognised.send(&self.stream)) {
                // The system was not as ready as it had said; now it is asked again.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn watch<T>(&mut self, context: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.waiting = false;
            return result;
        }
        if !self.waiting {
            self.waiting = true;
            self.timer.as_mut().reset(Instant::now() + self.longest);
        }
        ready!(self.timer.as_mut().poll(context));
        self.waiting = false;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for StallGuard {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for StallGuard {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let result = Pin::new(&mut guard.stream).poll_write(context, bytes);
        guard.watch(context, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let result = match guard.outgoing.recognise(parts) {
            Some(recognised) => guard.poll_send(context, &recognised),
            None => Pin::new(&mut guard.stream).poll_write_vectored(context, parts),
        };
        guard.watch(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        let mut left = match guard.lingering {
            Some(left) => left,
            None => {
                ready!(Pin::new(&mut guard.stream).poll_shutdown(context))?;
                guard.timer.as_mut().reset(Instant::now() + LINGER_TIME);
                LINGER_BYTES
            }
        };
        while left > 0 {
            let mut space = [0; 2048];
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut guard.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => left = left.saturating_sub(buffer.filled().len()),
                // The peer has closed too, or is gone.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    guard.lingering = Some(left);
                    ready!(guard.timer.as_mut().poll(context));
                    return Poll::Ready(Ok(()));
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}
