//! Items that hold others: arrays, maps, tagged and embedded items, and items of any kind.

use super::head::INDEFINITE;
use super::scalar::utf8;
use super::{Decode, Reader};
use crate::cbor::key::{SeenKeys, known_key};
use crate::cbor::{DecodeError, DecodeErrorKind, Key, TAG_EMBEDDED, Type};
use crate::{Raw, Tag24};

impl<'a> Reader<'a> {
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
        let mut seen = SeenKeys::default();
        let count = self.each_pair(|reader| {
            let key_at = reader.offset();
            let key = reader.key()?;
            if !seen.insert(key) {
                return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, key_at));
            }
            each(reader, key)
        })?;
        if !seen.finish() {
            return Err(DecodeError::new(DecodeErrorKind::DuplicateKey, at));
        }
        Ok(count)
    }

    /// Reads a map of which `each` reads the pairs, key and value: a key that occurs twice is for the caller to refuse, who
    /// sorts the keys anyway.
    #[inline]
    pub(crate) fn each_pair(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<usize, DecodeError> {
        let head = self.head_of(5, "a map")?;
        self.descend()?;
        let mut count = 0;
        while self.has_next(head, count)? {
            each(self)?;
            count += 1;
        }
        self.ascend();
        Ok(count)
    }

    /// Reads a map key by value.
    fn key(&mut self) -> Result<Key<'a>, DecodeError> {
        Ok(match self.peek_byte()? >> 5 {
            0 => Key::Unsigned(self.head()?.argument),
            1 => Key::Negative(self.head()?.argument),
            2 => Key::Bytes(self.bytes()?),
            3 => Key::Text(self.text_key()?),
            _ => Key::Other(self.item()?),
        })
    }

    /// Reads a text key. Most are known, and need no reading as UTF-8.
    fn text_key(&mut self) -> Result<&'a str, DecodeError> {
        let at = self.offset();
        match self.short_string(3) {
            Some(content) => known_key(content).map_or_else(|| utf8(content, at), Ok),
            None => self.text(),
        }
    }

    /// Goes past one item by its heads alone: where it ends can be told, even if text in it is not UTF-8 or a key stands twice.
    ///
    /// # Errors
    /// When it is not well-formed (RFC 8949 appendix C), too deep, or has too many items.
    pub fn pass_over(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.position;
        let head = self.head()?;
        match head.major {
            2 | 3 if head.info == INDEFINITE => {
                while self.has_next(head, 0)? {
                    let chunk = self.head_of(head.major, "a chunk of a string")?;
                    self.string_content(chunk)?;
                }
            }
            2 | 3 => _ = self.string_content(head)?,
            4 | 5 => self.tagged(|reader| {
                let mut count = 0;
                while reader.has_next(head, count)? {
                    reader.pass_over()?;
                    if head.major == 5 {
                        reader.pass_over()?;
                    }
                    count += 1;
                }
                Ok(())
            })?,
            6 => _ = self.tagged(Self::pass_over)?,
            _ => {}
        }
        Ok(self.slice(start))
    }

    /// Goes past these bytes, which are one item or head, if they stand next; else reads nothing and gives `None`.
    #[inline]
    pub(crate) fn literal<const N: usize>(&mut self, encoded: &[u8; N]) -> Option<()> {
        self.input.get(self.position..)?.first_chunk::<N>().filter(|next| *next == encoded)?;
        self.items_left = self.items_left.checked_sub(1)?;
        self.position += N;
        Some(())
    }

    /// How many elements or pairs the next item announces, as a capacity: at most 255, because nothing has proven it yet.
    pub(crate) fn announced(&self) -> usize {
        match self.input.get(self.position..) {
            Some([first, ..]) if first & 0x1f < 24 => usize::from(first & 0x1f),
            Some([first, count, ..]) if first & 0x1f == 24 => usize::from(*count),
            _ => 0,
        }
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
        if let Some([0xd8, 0x18, ..]) = self.input.get(start..) {
            self.count_item()?;
            self.position += 2;
        } else {
            self.expect_tag(TAG_EMBEDDED)?;
        }
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

    /// Reads one item of any kind, checking that it is well formed, and returns its bytes.
    ///
    /// # Errors
    /// When the item is malformed, over budget, or holds a map with a duplicate key.
    pub fn item(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.position;
        self.skip()?;
        Ok(self.slice(start))
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
}
