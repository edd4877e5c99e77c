//! Systems without memory files: every body stays in ordinary memory.

use core::convert::Infallible;
use std::io;

use tokio::net::TcpStream;

use super::Recognised;

/// There is none.
#[derive(Debug)]
pub(crate) struct MemoryFile(Infallible);

impl MemoryFile {
    pub(super) fn new(_: &[u8]) -> Option<Self> {
        None
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self.0 {}
    }
}

impl Recognised<'_> {
    pub(crate) fn send(&self, _: &TcpStream) -> io::Result<usize> {
        match self.file.0 {}
    }
}
