//! A piece of a shared buffer: what parsed values keep instead of copies.

use std::sync::Arc;

/// Bytes of a buffer that several values share. Compares by content.
#[derive(Clone)]
pub(crate) struct SharedSlice {
    owner: Arc<[u8]>,
    start: u32,
    end: u32,
}

impl SharedSlice {
    /// `length` bytes of `owner` from `start` on; `None` if they are not all there.
    pub(crate) fn new(owner: &Arc<[u8]>, start: usize, length: usize) -> Option<Self> {
        let end = start.checked_add(length).filter(|end| *end <= owner.len())?;
        Some(Self { owner: Arc::clone(owner), start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    pub(crate) fn whole(bytes: Vec<u8>) -> Option<Self> {
        let length = bytes.len();
        Self::new(&bytes.into(), 0, length)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        let range = usize::try_from(self.start).ok().zip(usize::try_from(self.end).ok());
        range.and_then(|(start, end)| self.owner.get(start..end)).unwrap_or_default()
    }
}

impl PartialEq for SharedSlice {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for SharedSlice {}
