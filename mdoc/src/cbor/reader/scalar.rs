//! Items that hold no others: numbers, simple values, tag numbers, strings.

use super::Reader;
use super::head::{Head, INDEFINITE};
use crate::cbor::float::float_value;
use crate::cbor::{DecodeError, DecodeErrorKind, Type};

impl<'a> Reader<'a> {
    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline]
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

    /// Reads the argument of a negative integer: `n` of `-1 - n`, also beyond `i64`.
    pub(crate) fn negative(&mut self) -> Result<u64, DecodeError> {
        Ok(self.head_of(1, "a negative integer")?.argument)
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

    /// Reads a byte string of definite length.
    ///
    /// # Errors
    /// When something else stands there.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        match self.short_string(2) {
            Some(content) => Ok(content),
            None => self.long_bytes(),
        }
    }

    fn long_bytes(&mut self) -> Result<&'a [u8], DecodeError> {
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

    /// Reads the content of a string of up to 255 bytes with the shortest head: nearly all of them. Gives `None` and reads
    /// nothing for anything else, errors included.
    #[inline]
    pub(super) fn short_string(&mut self, major: u8) -> Option<&'a [u8]> {
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
    pub(super) fn string_content(&mut self, head: Head) -> Result<&'a [u8], DecodeError> {
        if head.info == INDEFINITE {
            return Err(self.error(DecodeErrorKind::IndefiniteString));
        }
        let rest = self.input.get(self.position..).unwrap_or_default();
        let content = usize::try_from(head.argument).ok().and_then(|length| rest.get(..length));
        let Some(content) = content else { return Err(self.ends_early()) };
        self.position += content.len();
        Ok(content)
    }

    fn checked_content(&mut self, head: Head) -> Result<&'a [u8], DecodeError> {
        let at = self.offset();
        let content = self.string_content(head)?;
        check_text(head.major, content, at)?;
        Ok(content)
    }
}

/// Checks the content of a string that starts at `at`: that of a text string is UTF-8.
#[inline]
fn check_text(major: u8, content: &[u8], at: usize) -> Result<(), DecodeError> {
    if major == 3 && !content.is_ascii() { utf8(content, at).map(|_| ()) } else { Ok(()) }
}

pub(super) fn utf8(content: &[u8], at: usize) -> Result<&str, DecodeError> {
    core::str::from_utf8(content).map_err(|_| DecodeError::new(DecodeErrorKind::InvalidUtf8, at))
}
