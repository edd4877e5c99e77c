//! The budgeted reader: one pass over borrowed bytes, nothing copied.

use super::float::float_value;
use super::key::{ItemKey, SeenKeys};
use super::{DecodeError, DecodeErrorKind, Key, TAG_EMBEDDED, Type};
use crate::{Deviation, Deviations, Raw, Tag24};

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

/// A head: major type, additional information, argument.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    info: u8,
    argument: u64,
}

const INDEFINITE: u8 = 31;

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

    /// The type of the next item.
    ///
    /// # Errors
    /// At the end of the input.
    pub fn peek_type(&self) -> Result<Type, DecodeError> {
        let byte = self.peek_byte()?;
        Ok(match (byte >> 5, byte & 0x1f) {
            (0, _) => Type::Unsigned,
            (1, _) => Type::Negative,
            (2, _) => Type::Bytes,
            (3, _) => Type::Text,
            (4, _) => Type::Array,
            (5, _) => Type::Map,
            (6, _) => Type::Tag,
            (_, 20 | 21) => Type::Bool,
            (_, 22) => Type::Null,
            (_, 23) => Type::Undefined,
            (_, 25..=27) => Type::Float,
            (_, INDEFINITE) => Type::Break,
            _ => Type::Simple,
        })
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn unsigned(&mut self) -> Result<u64, DecodeError> {
        let head = self.head_of(0, "an unsigned integer")?;
        Ok(head.argument)
    }

    /// Reads an integer that fits `i64`.
    ///
    /// # Errors
    /// When something else stands there or it does not fit.
    pub fn integer(&mut self) -> Result<i64, DecodeError> {
        let at = self.offset();
        let found = self.peek_type()?;
        if !matches!(found, Type::Unsigned | Type::Negative) {
            return Err(self.error(DecodeErrorKind::UnexpectedType { expected: "an integer", found }));
        }
        let head = self.head()?;
        let magnitude =
            i64::try_from(head.argument).map_err(|_| DecodeError::new(DecodeErrorKind::IntegerOutOfRange, at))?;
        Ok(if head.major == 0 { magnitude } else { -1 - magnitude })
    }

    /// Reads a byte string of definite length.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        if let Some(content) = self.short_string(2) {
            return Ok(content);
        }
        let head = self.head_of(2, "a byte string")?;
        self.string_content(head)
    }

    /// Reads a text string of definite length.
    ///
    /// # Errors
    /// When something else stands there or it is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        let at = self.offset();
        if let Some(content) = self.short_string(3) {
            return utf8(content, at);
        }
        let head = self.head_of(3, "a text string")?;
        let content = self.string_content(head)?;
        utf8(content, at)
    }

    /// Reads a boolean.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn boolean(&mut self) -> Result<bool, DecodeError> {
        let found = self.peek_type()?;
        if found != Type::Bool {
            return Err(self.error(DecodeErrorKind::UnexpectedType { expected: "a boolean", found }));
        }
        Ok(self.head()?.info == 21)
    }

    /// Reads `null` and tells whether it stood there; anything else is left unread.
    ///
    /// # Errors
    /// At the end of the input.
    pub fn take_null(&mut self) -> Result<bool, DecodeError> {
        if self.peek_type()? != Type::Null {
            return Ok(false);
        }
        self.head()?;
        Ok(true)
    }

    /// Reads a floating-point number of any width, or an integer, as `f64`. Returns `None` for anything else, unread.
    ///
    /// # Errors
    /// When the item is malformed.
    pub fn number(&mut self) -> Result<Option<f64>, DecodeError> {
        match self.peek_type()? {
            Type::Float => {
                let head = self.head()?;
                Ok(Some(float_value(head.info, head.argument)))
            }
            Type::Unsigned | Type::Negative => {
                let value = self.integer()?;
                #[expect(
                    clippy::as_conversions,
                    clippy::cast_precision_loss,
                    reason = "NumericDate: 2^53 seconds suffice"
                )]
                let value = value as f64;
                Ok(Some(value))
            }
            _ => Ok(None),
        }
    }

    /// Reads the argument of a negative integer: `n` of `-1 - n`, also beyond `i64`.
    pub(crate) fn negative(&mut self) -> Result<u64, DecodeError> {
        Ok(self.head_of(1, "a negative integer")?.argument)
    }

    /// Reads what follows a tag, one level deeper.
    pub(crate) fn tagged<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.descend()?;
        let value = read(self)?;
        self.ascend();
        Ok(value)
    }

    /// Reads a simple value that is neither boolean, null nor undefined.
    pub(crate) fn simple(&mut self) -> Result<u8, DecodeError> {
        let head = self.head()?;
        u8::try_from(head.argument).map_err(|_| self.error(DecodeErrorKind::IntegerOutOfRange))
    }

    /// Reads a tag number; the tagged item comes next.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn tag(&mut self) -> Result<u64, DecodeError> {
        let head = self.head_of(6, "a tag")?;
        Ok(head.argument)
    }

    /// Reads the tag `expected`.
    ///
    /// # Errors
    /// When another tag or no tag stands there.
    pub fn expect_tag(&mut self, expected: u64) -> Result<(), DecodeError> {
        let at = self.offset();
        match self.tag()? {
            found if found == expected => Ok(()),
            found => Err(DecodeError::new(DecodeErrorKind::UnexpectedTag { expected, found }, at)),
        }
    }

    /// Reads an array, calling `each` before every element, which it must read. Returns the number of elements.
    ///
    /// # Errors
    /// When something else stands there, or as `each` says.
    pub fn array(
        &mut self,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), DecodeError>,
    ) -> Result<usize, DecodeError> {
        let head = self.head_of(4, "an array")?;
        self.descend()?;
        let mut count = 0;
        while self.has_next(head, count)? {
            each(self, count)?;
            count += 1;
        }
        self.ascend();
        Ok(count)
    }

    /// Reads an array of exactly `expected` elements.
    ///
    /// # Errors
    /// As [`Reader::array`], and when the number differs.
    pub fn array_of(
        &mut self,
        expected: usize,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let at = self.offset();
        let found = self.array(|reader, index| if index < expected { each(reader, index) } else { reader.skip() })?;
        if found == expected {
            return Ok(());
        }
        Err(DecodeError::new(DecodeErrorKind::WrongArrayLength { expected, found }, at))
    }

    /// Reads a map, calling `each` with every key; `each` must read the value. Returns the number of pairs.
    ///
    /// # Errors
    /// When something else stands there, a key occurs twice, or as `each` says.
    pub fn map(
        &mut self,
        mut each: impl FnMut(&mut Self, Key<'a>) -> Result<(), DecodeError>,
    ) -> Result<usize, DecodeError> {
        let at = self.offset();
        let head = self.head_of(5, "a map")?;
        self.descend()?;
        let mut seen = SeenKeys::default();
        let mut count = 0;
        while self.has_next(head, count)? {
            let key_at = self.offset();
            let key = self.key()?;
            if !seen.insert(key) {
                return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, key_at));
            }
            each(self, key)?;
            count += 1;
        }
        self.ascend();
        if !seen.finish() {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, at));
        }
        Ok(count)
    }

    /// Reads a map key by value.
    fn key(&mut self) -> Result<Key<'a>, DecodeError> {
        if let Some(key) = self.item_key()? {
            return Ok(Key::Text(key.text()));
        }
        Ok(match self.peek_byte()? >> 5 {
            0 => Key::Unsigned(self.head()?.argument),
            1 => Key::Negative(self.head()?.argument),
            2 => Key::Bytes(self.bytes()?),
            3 => Key::Text(self.text()?),
            _ => Key::Other(self.item()?),
        })
    }

    /// Reads a map key if it is one of an element in its shortest encoding; anything else is left unread.
    #[inline]
    pub(crate) fn item_key(&mut self) -> Result<Option<ItemKey>, DecodeError> {
        let Some(key) = ItemKey::of(self.input.get(self.position..).unwrap_or_default()) else { return Ok(None) };
        self.count_item()?;
        self.position += 1 + key.text().len();
        Ok(Some(key))
    }

    /// Reads exactly `pairs` pairs of a map, if its head announces as many in one byte; else reads nothing and gives `None`.
    ///
    /// Unlike [`Reader::map`] this leaves keys and values to `each`, repeated keys included.
    #[inline]
    pub(crate) fn pairs<T>(
        &mut self,
        pairs: u8,
        each: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.peek_byte()? != 0xa0 | pairs {
            return Ok(None);
        }
        self.head()?;
        self.tagged(each).map(Some)
    }

    /// How many elements or pairs the next item announces, as a capacity: at most 255, because nothing has proven it yet.
    pub(crate) fn announced(&self) -> usize {
        match self.input.get(self.position..) {
            Some([first, ..]) if first & 0x1f < 24 => usize::from(first & 0x1f),
            Some([first, count, ..]) if first & 0x1f == 24 => usize::from(*count),
            _ => 0,
        }
    }

    /// Reads one item of any kind, checking that it is well formed, and returns its bytes.
    ///
    /// # Errors
    /// When the item is malformed, over budget, or holds a map with a duplicate key.
    pub fn item(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.position;
        self.skip()?;
        Ok(self.slice(start))
    }

    /// Reads one `T` together with its bytes as received.
    ///
    /// # Errors
    /// As `T::decode`.
    pub fn raw<T: Decode<'a>>(&mut self) -> Result<Raw<'a, T>, DecodeError> {
        let start = self.position;
        let value = T::decode(self)?;
        Ok(Raw::new(self.slice(start), value))
    }

    /// Reads a `T` that is embedded in a byte string under tag 24, with its bytes as received.
    ///
    /// # Errors
    /// When tag or byte string are missing, as `T::decode`, or when bytes follow the embedded item.
    pub fn tag24<T: Decode<'a>>(&mut self) -> Result<Tag24<'a, T>, DecodeError> {
        let start = self.position;
        self.expect_tag(TAG_EMBEDDED)?;
        let content = self.bytes()?;
        let value = self.embedded(content)?;
        Ok(Tag24::new(self.slice(start), content, value))
    }

    /// Decodes `content`, a part of this reader's input that was just read as a byte string.
    ///
    /// # Errors
    /// As `T::decode`, or when bytes follow the embedded item.
    pub fn embedded<T: Decode<'a>>(&mut self, content: &'a [u8]) -> Result<T, DecodeError> {
        let mut inner = Self {
            input: content,
            position: 0,
            base: self.offset() - content.len(),
            limits: self.limits,
            items_left: self.limits.items,
            depth_left: self.depth_left,
            deviations: self.deviations,
        };
        inner.descend()?;
        let value = T::decode(&mut inner)?;
        inner.finish()?;
        self.deviations = inner.deviations;
        Ok(value)
    }

    /// Reads over one item of any kind, checking that it is well formed.
    ///
    /// # Errors
    /// When the item is malformed, over budget, or holds a map with a duplicate key.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        match self.peek_type()? {
            Type::Array => self.array(|reader, _| reader.skip()).map(|_| ()),
            Type::Map => self.map(|reader, _| reader.skip()).map(|_| ()),
            Type::Tag => {
                self.head()?;
                self.tagged(Self::skip)
            }
            Type::Bytes => self.chunks(2, |_| Ok(())),
            Type::Text => self.chunks(3, |_| Ok(())),
            Type::Break => Err(self.error(DecodeErrorKind::ReservedHead { byte: 0xff })),
            _ => self.head().map(|_| ()),
        }
    }

    /// Reads a byte (major 2) or text (major 3) string of definite or indefinite length piece by piece.
    pub(crate) fn chunks(
        &mut self,
        major: u8,
        mut each: impl FnMut(&'a [u8]) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if let Some(content) = self.short_string(major) {
            check_text(major, content, self.offset() - content.len())?;
            return each(content);
        }
        let first = self.head()?;
        if first.info != INDEFINITE {
            let content = self.checked_content(first)?;
            return each(content);
        }
        while self.has_next(first, 0)? {
            let chunk = self.head_of(major, "a chunk of a string")?;
            if chunk.info == INDEFINITE {
                return Err(self.error(DecodeErrorKind::IndefiniteString));
            }
            let content = self.checked_content(chunk)?;
            each(content)?;
        }
        Ok(())
    }

    fn checked_content(&mut self, head: Head) -> Result<&'a [u8], DecodeError> {
        let at = self.offset();
        let content = self.string_content(head)?;
        check_text(head.major, content, at)?;
        Ok(content)
    }

    /// True while another element follows; reads the break of an indefinite length.
    #[inline]
    fn has_next(&mut self, head: Head, count: usize) -> Result<bool, DecodeError> {
        if head.info != INDEFINITE {
            return Ok(u64::try_from(count).is_ok_and(|count| count < head.argument));
        }
        if self.peek_byte()? == 0xff {
            self.position += 1;
            return Ok(false);
        }
        Ok(true)
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

    fn slice(&self, start: usize) -> &'a [u8] {
        self.input.get(start..self.position).unwrap_or_default()
    }

    #[inline(always)]
    fn peek_byte(&self) -> Result<u8, DecodeError> {
        match self.input.get(self.position) {
            Some(byte) => Ok(*byte),
            None => Err(self.ends_early()),
        }
    }

    #[inline(always)]
    fn string_content(&mut self, head: Head) -> Result<&'a [u8], DecodeError> {
        if head.info == INDEFINITE {
            return Err(self.error(DecodeErrorKind::IndefiniteString));
        }
        let rest = self.input.get(self.position..).unwrap_or_default();
        let content = usize::try_from(head.argument).ok().and_then(|length| rest.get(..length));
        let Some(content) = content else { return Err(self.ends_early()) };
        self.position += content.len();
        Ok(content)
    }

    /// Reads the content of a string of up to 255 bytes with the shortest head: nearly all of them. Gives `None` and reads
    /// nothing for anything else, errors included.
    #[inline]
    fn short_string(&mut self, major: u8) -> Option<&'a [u8]> {
        let (first, rest) = self.input.get(self.position..)?.split_first()?;
        let (length, rest) = match first.wrapping_sub(major << 5) {
            length @ 0..24 => (length, rest),
            24 => match rest.split_first()? {
                (length @ 24.., rest) => (*length, rest),
                _ => return None,
            },
            _ => return None,
        };
        let content = rest.get(..usize::from(length))?;
        self.items_left = self.items_left.checked_sub(1)?;
        self.position = self.input.len() - rest.len() + content.len();
        Some(content)
    }

    #[inline(always)]
    fn head_of(&mut self, major: u8, expected: &'static str) -> Result<Head, DecodeError> {
        if self.peek_byte()? >> 5 != major {
            return Err(self.unexpected(expected));
        }
        self.head()
    }

    #[inline(always)]
    fn head(&mut self) -> Result<Head, DecodeError> {
        let byte = self.peek_byte()?;
        self.count_item()?;
        let (major, info) = (byte >> 5, byte & 0x1f);
        if info < 24 {
            self.position += 1;
            return Ok(Head { major, info, argument: u64::from(info) });
        }
        // Tag 24, and the length of most strings that are longer than 23 bytes.
        if info == 24
            && major != 7
            && let Some(argument @ 24..) = self.input.get(self.position + 1).copied()
        {
            self.position += 2;
            return Ok(Head { major, info, argument: u64::from(argument) });
        }
        self.long_head(byte, major, info)
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

    fn long_head(&mut self, byte: u8, major: u8, info: u8) -> Result<Head, DecodeError> {
        let rest = self.input.get(self.position + 1..).unwrap_or_default();
        let (argument, width, minimum) = match info {
            24 => (rest.first().map(|byte| u64::from(*byte)), 1, 24),
            25 => (rest.first_chunk().map(|bytes| u64::from(u16::from_be_bytes(*bytes))), 2, 1 << 8),
            26 => (rest.first_chunk().map(|bytes| u64::from(u32::from_be_bytes(*bytes))), 4, 1 << 16),
            27 => (rest.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)), 8, 1 << 32),
            INDEFINITE if (2..=5).contains(&major) => {
                self.deviations.insert(Deviation::IndefiniteLength);
                self.position += 1;
                return Ok(Head { major, info, argument: 0 });
            }
            _ => return Err(self.error(DecodeErrorKind::ReservedHead { byte })),
        };
        let Some(argument) = argument else { return Err(self.ends_early()) };
        if major == 7 {
            if info == 24 && argument < 32 {
                return Err(self.error(DecodeErrorKind::ReservedHead { byte }));
            }
        } else if argument < minimum {
            self.deviations.insert(Deviation::LongHead);
        }
        self.position += 1 + width;
        Ok(Head { major, info, argument })
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

    #[cold]
    fn unexpected(&self, expected: &'static str) -> DecodeError {
        match self.peek_type() {
            Ok(found) => self.error(DecodeErrorKind::UnexpectedType { expected, found }),
            Err(error) => error,
        }
    }
}

/// Checks the content of a string that starts at `at`: that of a text string is UTF-8.
#[inline]
fn check_text(major: u8, content: &[u8], at: usize) -> Result<(), DecodeError> {
    if major == 3 && !content.is_ascii() { utf8(content, at).map(|_| ()) } else { Ok(()) }
}

fn utf8(content: &[u8], at: usize) -> Result<&str, DecodeError> {
    core::str::from_utf8(content).map_err(|_| DecodeError::new(DecodeErrorKind::InvalidUtf8, at))
}
