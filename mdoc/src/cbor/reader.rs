//! The budgeted reader: one pass over borrowed bytes, nothing copied.
//!
//! Here is the cursor with its budget; what it reads is in `head`, `scalar` and `nested`.

mod head;
mod nested;
mod scalar;

use super::{DecodeError, DecodeErrorKind};
use crate::{Deviation, Deviations, Raw};

/// The budget of one decode: what foreign bytes may cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest accepted input, in bytes.
    pub bytes: usize,
    /// Deepest accepted nesting; embedded CBOR (tag 24) counts on.
    pub depth: u16,
    /// Most items (integers, strings, containers, tags) in one level of embedding.
    pub items: u32,
}

impl Limits {
    /// Fits any mobile document with portraits: 4 MiB, 32 levels, 100 000 items.
    pub const DOCUMENT: Self = Self { bytes: 4 << 20, depth: 32, items: 100_000 };
    /// Fits published lists: 64 MiB, 16 levels, 4 million items.
    pub const LIST: Self = Self { bytes: 64 << 20, depth: 16, items: 4_000_000 };
}

/// A structure that can be read from CBOR, borrowing from the input.
pub trait Decode<'a>: Sized {
    /// Reads one item.
    ///
    /// # Errors
    /// When the item is malformed, over budget or of another shape.
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// Reads `bytes` as exactly one `T` under [`Limits::DOCUMENT`]; see [`decode_with`].
///
/// # Errors
/// When the bytes are malformed, over budget, of another shape, or followed by more bytes.
pub fn decode<'a, T: Decode<'a>>(bytes: &'a [u8]) -> Result<(Raw<'a, T>, Deviations), DecodeError> {
    decode_with(bytes, Limits::DOCUMENT)
}

/// Reads `bytes` as exactly one `T` and tells which tolerable encoding deviations were met.
///
/// # Errors
/// When the bytes are malformed, over budget, of another shape, or followed by more bytes.
pub fn decode_with<'a, T: Decode<'a>>(
    bytes: &'a [u8],
    limits: Limits,
) -> Result<(Raw<'a, T>, Deviations), DecodeError> {
    let mut reader = Reader::new(bytes, limits)?;
    let value = T::decode(&mut reader)?;
    reader.finish()?;
    Ok((Raw::new(bytes, value), reader.deviations()))
}

/// A cursor over borrowed CBOR with a budget. Reading never copies and never recurses deeper than the budget.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    input: &'a [u8],
    position: usize,
    base: usize,
    limits: Limits,
    items_left: u32,
    depth_left: u16,
    deviations: Deviations,
}

/// What of a reader changes while it reads.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    position: usize,
    items_left: u32,
    depth_left: u16,
    deviations: Deviations,
}

impl<'a> Reader<'a> {
    /// A reader over `input`.
    ///
    /// # Errors
    /// When the input is longer than the budget.
    pub fn new(input: &'a [u8], limits: Limits) -> Result<Self, DecodeError> {
        if input.len() > limits.bytes {
            let kind = DecodeErrorKind::TooManyBytes { limit: limits.bytes, found: input.len() };
            return Err(DecodeError::new(kind, 0));
        }
        Ok(Self {
            input,
            position: 0,
            base: 0,
            limits,
            items_left: limits.items,
            depth_left: limits.depth,
            deviations: Deviations::default(),
        })
    }

    /// The tolerable deviations met so far.
    #[must_use]
    pub fn deviations(&self) -> Deviations {
        self.deviations
    }

    /// Notes a tolerable deviation.
    pub fn note(&mut self, deviation: Deviation) {
        self.deviations.insert(deviation);
    }

    /// Notes all of a set of deviations.
    pub fn note_all(&mut self, deviations: Deviations) {
        self.deviations.merge(deviations);
    }

    /// Hands out the deviations met so far and forgets them, so that a part's own can be told apart.
    pub fn take_deviations(&mut self) -> Deviations {
        core::mem::take(&mut self.deviations)
    }

    /// Offset of the next item from the start of the outermost input, in bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.base + self.position
    }

    /// True when nothing is left.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.position >= self.input.len()
    }

    /// An error at the current offset.
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.offset())
    }

    /// Checks that the input is used up.
    ///
    /// # Errors
    /// [`DecodeErrorKind::TrailingBytes`].
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.input.len() - self.position {
            0 => Ok(()),
            count => Err(self.error(DecodeErrorKind::TrailingBytes { count })),
        }
    }

    #[inline]
    fn descend(&mut self) -> Result<(), DecodeError> {
        match self.depth_left.checked_sub(1) {
            Some(left) => {
                self.depth_left = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooDeep { limit: self.limits.depth })),
        }
    }

    fn ascend(&mut self) {
        self.depth_left += 1;
    }

    /// Where the reader is, to be able to go back.
    pub(crate) fn mark(&self) -> Mark {
        let Self { position, items_left, depth_left, deviations, .. } = *self;
        Mark { position, items_left, depth_left, deviations }
    }

    /// Goes back to a place where it was.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        let Mark { position, items_left, depth_left, deviations } = mark;
        (self.position, self.items_left) = (position, items_left);
        (self.depth_left, self.deviations) = (depth_left, deviations);
    }

    fn slice(&self, start: usize) -> &'a [u8] {
        self.input.get(start..self.position).unwrap_or_default()
    }

    #[inline(always)]
    fn count_item(&mut self) -> Result<(), DecodeError> {
        match self.items_left.checked_sub(1) {
            Some(left) => {
                self.items_left = left;
                Ok(())
            }
            None => Err(self.too_many_items()),
        }
    }

    // The errors of the small readers, out of their way.

    #[cold]
    fn ends_early(&self) -> DecodeError {
        self.error(DecodeErrorKind::UnexpectedEnd)
    }

    #[cold]
    fn too_many_items(&self) -> DecodeError {
        self.error(DecodeErrorKind::TooManyItems { limit: self.limits.items })
    }
}
