//! Reading and checking single fields.

use tegata_mdoc::cbor::{Decode as _, DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use tegata_mdoc::date::Tdate;
use time::UtcDateTime;

use super::BundleError;

/// A handle of a person: `[a-z0-9-]{2,32}`.
pub(super) fn is_person(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=32).contains(&text.len()) && text.bytes().all(allowed)
}

/// An instant that a `tdate` can hold.
pub(super) fn check_time(field: &'static str, time: UtcDateTime) -> Result<(), BundleError> {
    if (1970..=9999).contains(&time.year()) { Ok(()) } else { Err(BundleError::Field(field)) }
}

pub(super) fn write_time(encoder: &mut Encoder, time: UtcDateTime) {
    Tdate::new(time).encode(encoder);
}

pub(super) fn read_time(reader: &mut Reader<'_>) -> Result<UtcDateTime, DecodeError> {
    Tdate::decode(reader).map(Tdate::instant)
}

/// A byte string of exactly `N` octets.
pub(super) fn read_fixed<const N: usize>(reader: &mut Reader<'_>, field: &'static str) -> Result<[u8; N], DecodeError> {
    let at = reader.offset();
    let bytes = reader.bytes()?;
    bytes.try_into().map_err(|_| DecodeError::new(DecodeErrorKind::InvalidValue { field }, at))
}

/// One of a closed list of words.
pub(super) fn read_word<T>(
    reader: &mut Reader<'_>,
    field: &'static str,
    from_id: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    let at = reader.offset();
    from_id(reader.text()?).ok_or_else(|| DecodeError::new(DecodeErrorKind::InvalidValue { field }, at))
}

/// A list, each element read by `read`.
pub(super) fn read_list<T>(
    reader: &mut Reader<'_>,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut list = Vec::new();
    reader.array(|reader, _| {
        list.push(read(reader)?);
        Ok(())
    })?;
    Ok(list)
}

pub(super) fn write_list<T>(encoder: &mut Encoder, list: &[T], mut write: impl FnMut(&mut Encoder, usize, &T)) {
    encoder.array(list.len());
    for (index, element) in list.iter().enumerate() {
        write(encoder, index, element);
    }
}

/// The structures are closed: a key that is not known is refused.
pub(super) fn unknown_key(reader: &Reader<'_>, key: Key<'_>) -> DecodeError {
    let field = if matches!(key, Key::Text(_)) { "key" } else { "key type" };
    reader.error(DecodeErrorKind::InvalidValue { field })
}

/// A field that must be there.
pub(super) fn required<T>(reader: &Reader<'_>, value: Option<T>, key: &'static str) -> Result<T, DecodeError> {
    value.ok_or_else(|| reader.error(DecodeErrorKind::MissingKey { key }))
}
