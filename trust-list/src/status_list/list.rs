//! The compressed list, as a token carries it.

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Reader};

use super::array::{ArrayError, StatusArray, entries};
use super::compress::{Compression, compress};
use super::inflate::{InflateLimit, inflate};
use super::{Bits, StatusValue};
use crate::token::StatusListError;
use crate::token::sealed::Content;

/// A status list as received or to be published.
///
/// ```cddl
/// StatusList = { "bits": 1 / 2 / 4 / 8, "lst": bstr, ? "aggregation_uri": tstr, * tstr => any }
/// ```
///
/// `lst` is the zlib stream (RFC 1950) of a [`StatusArray`]. draft-ietf-oauth-status-list 4.2, 4.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    pub(crate) bits: Bits,
    pub(crate) compressed: Vec<u8>,
    pub(crate) aggregation_uri: Option<String>,
}

impl StatusList {
    /// Compresses an array.
    #[must_use]
    pub fn compress(array: &StatusArray, compression: Compression) -> Self {
        let compressed = compress(array.as_bytes(), compression);
        Self { bits: array.bits(), compressed, aggregation_uri: None }
    }

    /// Names the place that lists all status lists of the publisher (draft-ietf-oauth-status-list 9).
    #[must_use]
    pub fn with_aggregation_uri(mut self, uri: impl Into<String>) -> Self {
        self.aggregation_uri = Some(uri.into());
        self
    }

    /// The width of an entry.
    #[must_use]
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// The zlib stream.
    #[must_use]
    pub fn compressed(&self) -> &[u8] {
        &self.compressed
    }

    /// Where the publisher's lists are listed.
    #[must_use]
    pub fn aggregation_uri(&self) -> Option<&str> {
        self.aggregation_uri.as_deref()
    }

    /// Expands the whole list, for many look-ups.
    ///
    /// # Errors
    /// [`StatusListError::Inflate`].
    pub fn expand(&self, limit: InflateLimit) -> Result<StatusArray, StatusListError> {
        let mut bytes = Vec::new();
        inflate(&self.compressed, limit, |piece| bytes.extend_from_slice(piece))?;
        Ok(StatusArray::from_bytes(self.bits, bytes))
    }

    /// Looks one entry up in constant memory.
    ///
    /// The whole stream is read, not only as far as the entry: a value counts only when the checksum at the end is right,
    /// and reading on costs about a millisecond per megabyte.
    pub(crate) fn look_up(&self, index: u64, limit: InflateLimit) -> Result<StatusValue, StatusListError> {
        let (position, shift) = self.bits.locate(index);
        let mut wanted = usize::try_from(position).ok();
        let mut byte = None;
        let length = inflate(&self.compressed, limit, |piece| match wanted {
            Some(offset) if offset < piece.len() => {
                byte = piece.get(offset).copied();
                wanted = None;
            }
            Some(offset) => wanted = Some(offset - piece.len()),
            None => {}
        })?;
        let entries = entries(self.bits, length);
        let byte = byte.ok_or(ArrayError::IndexOutOfRange { index, entries })?;
        Ok(StatusValue::from_number(self.bits.extract(byte, shift)))
    }
}

impl Content for StatusList {
    const CWT_CLAIM: i64 = 65533;
    const CWT_TYPE: &'static str = "application/statuslist+cwt";
    const CWT_SHORT_TYPE: &'static str = "statuslist+cwt";

    fn decode_cbor(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.offset();
        let (mut bits, mut compressed, mut aggregation_uri) = (None, None, None);
        reader.map(|reader, key| {
            match key {
                Key::Text("bits") => bits = Some(Bits::from_number(reader.unsigned()?)),
                Key::Text("lst") => compressed = Some(reader.bytes()?.to_vec()),
                Key::Text("aggregation_uri") => aggregation_uri = Some(reader.text()?.to_owned()),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let error = |kind| DecodeError::new(kind, at);
        let missing = |key| error(DecodeErrorKind::MissingKey { key });
        let bits = bits.ok_or_else(|| missing("bits"))?;
        Ok(Self {
            bits: bits.ok_or_else(|| error(DecodeErrorKind::InvalidValue { field: "bits" }))?,
            compressed: compressed.ok_or_else(|| missing("lst"))?,
            aggregation_uri,
        })
    }

    fn encode_cbor(&self, encoder: &mut Encoder) {
        encoder.map(2 + usize::from(self.aggregation_uri.is_some()));
        encoder.text("bits").unsigned(u64::from(self.bits.number()));
        encoder.text("lst").bytes(&self.compressed);
        if let Some(uri) = &self.aggregation_uri {
            encoder.text("aggregation_uri").text(uri);
        }
    }
}
