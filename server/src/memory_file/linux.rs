//! Memory files of Linux (`memfd_create`), sealed and mapped.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create, sendfile};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use tokio::net::TcpStream;

use super::Recognised;

/// Each file takes a descriptor, and descriptors are for connections. Bodies beyond this stay in ordinary memory.
const MOST_FILES: usize = 256;
static FILES: AtomicUsize = AtomicUsize::new(0);

/// Bytes that nobody can change, in a file that exists in memory alone.
#[derive(Debug)]
pub(crate) struct MemoryFile {
    file: File,
    map: Mmap,
    _counted: Counted,
}

impl MemoryFile {
    /// Copies the bytes into a file; `None` if there are enough of them, or the system gives none.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let counted = Counted::new()?;
        let (file, map) = sealed(bytes).ok()?;
        Some(Self { file, map, _counted: counted })
    }

    /// The content.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }
}

fn sealed(bytes: &[u8]) -> io::Result<(File, Mmap)> {
    let mut file = File::from(memfd_create("tegata-body", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    #[expect(unsafe_code, reason = "sealed above: the file can be neither written nor cut short while it is mapped")]
    let map = unsafe { Mmap::map(&file) }?;
    Ok((file, map))
}

impl Recognised<'_> {
    /// Sends the head and as much of the part as the socket takes, without waiting. Gives the bytes sent, head included.
    ///
    /// # Errors
    /// Those of the socket; `WouldBlock` only when nothing was sent.
    pub(crate) fn send(&self, stream: &TcpStream) -> io::Result<usize> {
        let mut sent = 0;
        if !self.head.is_empty() {
            // More: the head waits for the body, so that they share a packet.
            sent = send(stream, self.head, SendFlags::MORE | SendFlags::NOSIGNAL | SendFlags::DONTWAIT)?;
        }
        if sent < self.head.len() {
            return Ok(sent);
        }
        let mut offset = u64::try_from(self.offset).map_err(|_| Errno::INVAL)?;
        match sendfile(stream, &self.file.file, Some(&mut offset), self.length) {
            Ok(more) => Ok(sent + more),
            // The next write meets the same error.
            Err(_) if sent > 0 => Ok(sent),
            Err(error) => Err(error.into()),
        }
    }
}

#[derive(Debug)]
struct Counted;

impl Counted {
    fn new() -> Option<Self> {
        let one_more = |files| (files < MOST_FILES).then_some(files + 1);
        FILES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        FILES.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use std::os::unix::fs::FileExt as _;

    use super::*;

    #[test]
    fn nobody_can_change_or_shorten_it() {
        let file = MemoryFile::new(b"signed bytes").unwrap();
        assert_eq!(file.bytes(), b"signed bytes");
        assert!(file.file.write_at(b"other", 0).is_err());
        assert!(file.file.set_len(3).is_err() && file.file.set_len(100).is_err());
        assert_eq!(file.bytes(), b"signed bytes");
    }
}
