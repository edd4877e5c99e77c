//! Received bytes with their decoded view.

/// An item as received and what it says. The bytes are the complete encoding of the item.
///
/// Digest, signature and transcript code accepts only [`Raw`] and [`Tag24`], so nothing that is authenticated can have
/// been encoded again on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a, T> {
    bytes: &'a [u8],
    value: T,
}

impl<'a, T> Raw<'a, T> {
    pub(crate) fn new(bytes: &'a [u8], value: T) -> Self {
        Self { bytes, value }
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The decoded view.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The decoded view, without its bytes.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

/// An item embedded in a byte string under tag 24, as received: `tag24<T> = #6.24(bstr .cbor T)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag24<'a, T> {
    bytes: &'a [u8],
    content: &'a [u8],
    value: T,
}

impl<'a, T> Tag24<'a, T> {
    pub(crate) fn new(bytes: &'a [u8], content: &'a [u8], value: T) -> Self {
        Self { bytes, content, value }
    }

    /// The complete item as received, from the tag on (`d8 18 58 ..`): what digests and transcripts take.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The embedded encoding: the content of the byte string.
    #[must_use]
    pub fn content(&self) -> &'a [u8] {
        self.content
    }

    /// The embedded encoding with its decoded view.
    pub(crate) fn into_raw(self) -> Raw<'a, T> {
        Raw::new(self.content, self.value)
    }

    /// The decoded view.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }
}
