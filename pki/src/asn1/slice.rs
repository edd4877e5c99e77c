//! Pieces of a buffer: what parsed values keep instead of copies.

use std::sync::Arc;

/// Where a piece of a buffer stands in it.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The place of `part`, which is a slice of `whole`; `None` if it is none, or lies beyond 4 GiB.
    pub(crate) fn within(whole: &[u8], part: &[u8]) -> Option<Self> {
        let start = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        let end = start.checked_add(part.len()).filter(|end| *end <= whole.len())?;
        Some(Self { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    /// The piece of `whole`.
    #[inline]
    pub(crate) fn of(self, whole: &[u8]) -> &[u8] {
        let range = usize::try_from(self.start).ok().zip(usize::try_from(self.end).ok());
        range.and_then(|(start, end)| whole.get(start..end)).unwrap_or_default()
    }
}

/// Bytes of a buffer that several values share. Compares by content.
#[derive(Clone)]
pub(crate) struct SharedSlice {
    owner: Arc<[u8]>,
    span: Span,
}

impl SharedSlice {
    /// The piece of `owner` at `span`.
    pub(crate) fn new(owner: &Arc<[u8]>, span: Span) -> Self {
        Self { owner: Arc::clone(owner), span }
    }

    pub(crate) fn whole(bytes: Vec<u8>) -> Option<Self> {
        let span = Span::within(&bytes, &bytes)?;
        Some(Self { owner: bytes.into(), span })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.span.of(&self.owner)
    }
}

impl PartialEq for SharedSlice {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for SharedSlice {}
