//! Large bodies in memory files: the system sends their pages as they are, where a write would copy them for every answer.
//!
//! hyper hands the connection slices of memory and knows nothing of files. [`Outgoing`] is what the two ends of a connection
//! share: the handler says which body it answers with, and the stream below hyper recognises the body's slices by their
//! addresses. What is not recognised is written as ever, so that this decides about speed and never about content.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use self::linux::MemoryFile;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::other::MemoryFile;

use core::ops::Deref;
use std::io::IoSlice;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

/// Smaller bodies are copied: two calls of the system cost more than that.
const LEAST_BYTES: usize = 64 * 1024;

/// Bytes that are served: small ones in ordinary memory, large ones in a memory file if the system gives one.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    bytes: Bytes,
    file: Option<Arc<MemoryFile>>,
}

impl From<Vec<u8>> for Stored {
    fn from(bytes: Vec<u8>) -> Self {
        let file = if bytes.len() < LEAST_BYTES { None } else { MemoryFile::new(&bytes).map(Arc::new) };
        match file {
            Some(file) => Self { bytes: Bytes::from_owner(Shared(Arc::clone(&file))), file: Some(file) },
            None => Self { bytes: bytes.into(), file: None },
        }
    }
}

impl Deref for Stored {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

/// Keeps the mapping for as long as somebody has a slice of it.
struct Shared(Arc<MemoryFile>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// The body of the answer that a connection is about to send.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outgoing(Arc<Mutex<Weak<MemoryFile>>>);

impl Outgoing {
    /// Announces a body. An answer before it that is still being sent is written the ordinary way from now on.
    pub(crate) fn announce(&self, body: &Stored) {
        if let Some(file) = &body.file {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(file);
        }
    }

    /// The first slice or two of what is to be written, if they are nothing or a head, and then a large part of the body.
    pub(crate) fn recognise<'a>(&self, parts: &'a [IoSlice<'_>]) -> Option<Recognised<'a>> {
        let (head, part): (&[u8], &[u8]) = match parts {
            [part, ..] if part.len() >= LEAST_BYTES => (&[], part),
            [head, part, ..] if part.len() >= LEAST_BYTES => (head, part),
            _ => return None,
        };
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade()?;
        // Addresses name the file because it is still mapped: the slice and `file` hold it.
        let offset = part.as_ptr().addr().checked_sub(file.bytes().as_ptr().addr())?;
        (offset.checked_add(part.len())? <= file.bytes().len()).then_some(Recognised {
            head,
            file,
            offset,
            length: part.len(),
        })
    }
}

/// What goes out next.
#[derive(Debug)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nothing is recognised there"))]
pub(crate) struct Recognised<'a> {
    /// Ordinary bytes before the body.
    pub(crate) head: &'a [u8],
    /// The file that the body's part lies in.
    pub(crate) file: Arc<MemoryFile>,
    /// First byte of the part in the file.
    pub(crate) offset: usize,
    /// Bytes of the part.
    pub(crate) length: usize,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "test code")]

    use super::*;

    fn body(seed: u8, length: usize) -> Stored {
        Stored::from((0..length).map(|at| seed ^ at.to_le_bytes()[0]).collect::<Vec<u8>>())
    }

    #[test]
    fn a_body_reads_back_whatever_its_size() {
        for length in [0, 1, LEAST_BYTES - 1, LEAST_BYTES, LEAST_BYTES + 4097] {
            let stored = body(7, length);
            assert_eq!(stored.len(), length);
            assert!(stored.iter().enumerate().all(|(at, byte)| *byte == 7 ^ at.to_le_bytes()[0]));
            assert_eq!(stored.file.is_some(), cfg!(target_os = "linux") && length >= LEAST_BYTES, "{length}");
        }
    }

    /// Bytes of the head, offset and length of what is recognised.
    #[cfg(target_os = "linux")]
    fn recognised(outgoing: &Outgoing, parts: &[&[u8]]) -> Option<(usize, usize, usize)> {
        let parts: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        outgoing.recognise(&parts).map(|found| (found.head.len(), found.offset, found.length))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_announced_body_is_recognised() {
        let length = 3 * LEAST_BYTES;
        let (first, second, heap) = (body(1, length), body(2, length), vec![0; length]);
        let outgoing = Outgoing::default();
        assert_eq!(recognised(&outgoing, &[&first]), None, "nothing announced");
        outgoing.announce(&first);
        assert_eq!(recognised(&outgoing, &[b"head", &first[100..]]), Some((4, 100, length - 100)));
        assert_eq!(recognised(&outgoing, &[&first[5..LEAST_BYTES + 5], b"more"]), Some((0, 5, LEAST_BYTES)));
        assert_eq!(recognised(&outgoing, &[&first[..LEAST_BYTES - 1]]), None, "too small to be worth it");
        assert_eq!(recognised(&outgoing, &[b"a", b"b", &first]), None);
        assert_eq!(recognised(&outgoing, &[&second]), None);
        assert_eq!(recognised(&outgoing, &[&heap]), None);
        outgoing.announce(&second);
        assert_eq!(recognised(&outgoing, &[&first]), None);
        assert_eq!(recognised(&outgoing, &[&second]), Some((0, 0, length)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_body_that_is_gone_is_not_held() {
        let outgoing = Outgoing::default();
        let stored = body(3, LEAST_BYTES);
        outgoing.announce(&stored);
        let share = stored.slice(..);
        drop(stored);
        assert!(recognised(&outgoing, &[&share]).is_some(), "an answer still holds it");
        drop(share);
        assert!(outgoing.0.lock().unwrap().upgrade().is_none());
    }
}
