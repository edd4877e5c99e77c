//! Reading and writing single fields, strictly.

use std::collections::BTreeSet;

use tegata_mdoc::cbor::TAG_TDATE;
use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Reader};
use tegata_mdoc::date::Tdate;
use tegata_trust_list::{DocTypes, Purpose};
use time::{Duration, UtcDateTime};

use crate::{FileReference, MetadataError};

pub(crate) fn invalid(at: usize, field: &'static str) -> DecodeError {
    DecodeError::new(DecodeErrorKind::InvalidValue { field }, at)
}

/// A field that must be there.
pub(crate) fn required<T>(reader: &Reader<'_>, value: Option<T>, key: &'static str) -> Result<T, DecodeError> {
    value.ok_or_else(|| reader.error(DecodeErrorKind::MissingKey { key }))
}

/// The text of a key. Text keys that are not known are ignored, so that old clients survive new fields; there are no
/// other keys.
pub(crate) fn text_key<'a>(reader: &Reader<'a>, key: Key<'a>) -> Result<&'a str, DecodeError> {
    match key {
        Key::Text(text) => Ok(text),
        _ => Err(invalid(reader.offset(), "key type")),
    }
}

pub(crate) fn write_time(encoder: &mut Encoder, time: UtcDateTime) {
    Tdate::new(time).encode(encoder);
}

/// A `tdate` in the one form that we write: `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn read_time(reader: &mut Reader<'_>) -> Result<UtcDateTime, DecodeError> {
    let at = reader.offset();
    reader.expect_tag(TAG_TDATE)?;
    let text = reader.text()?;
    let date = Tdate::parse(text).filter(|date| date.to_string() == text);
    date.map(Tdate::instant).ok_or_else(|| DecodeError::new(DecodeErrorKind::InvalidDate, at))
}

/// An instant that a `tdate` holds without loss.
pub(crate) fn check_time(field: &'static str, time: UtcDateTime) -> Result<(), MetadataError> {
    let fits = (1970..=9999).contains(&time.year()) && time.nanosecond() == 0;
    if fits { Ok(()) } else { Err(MetadataError::Field(field)) }
}

/// A byte string of exactly `N` octets.
pub(crate) fn read_fixed<const N: usize>(reader: &mut Reader<'_>, field: &'static str) -> Result<[u8; N], DecodeError> {
    let at = reader.offset();
    reader.bytes()?.try_into().map_err(|_| invalid(at, field))
}

/// One of a closed list of words.
pub(crate) fn read_word<T>(
    reader: &mut Reader<'_>,
    field: &'static str,
    from_id: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    let at = reader.offset();
    from_id(reader.text()?).ok_or_else(|| invalid(at, field))
}

/// A list, each element read by `read`.
pub(crate) fn read_list<'a, T>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut list = Vec::new();
    reader.array(|reader, _| {
        list.push(read(reader)?);
        Ok(())
    })?;
    Ok(list)
}

/// A set, written as an array in ascending order; so no element can stand there twice.
pub(crate) fn read_set<'a, T: Ord>(
    reader: &mut Reader<'a>,
    field: &'static str,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<BTreeSet<T>, DecodeError> {
    let mut set = BTreeSet::new();
    reader.array(|reader, _| {
        let at = reader.offset();
        let element = read(reader)?;
        if set.last().is_some_and(|last| *last >= element) {
            return Err(invalid(at, field));
        }
        set.insert(element);
        Ok(())
    })?;
    Ok(set)
}

pub(crate) fn write_doc_types(encoder: &mut Encoder, doc_types: &DocTypes) {
    encoder.array(doc_types.iter().count());
    doc_types.iter().for_each(|doc_type| _ = encoder.text(doc_type));
}

pub(crate) fn read_doc_types(reader: &mut Reader<'_>) -> Result<DocTypes, DecodeError> {
    const FIELD: &str = "docTypes";
    let at = reader.offset();
    let mut set = read_set(reader, FIELD, |reader| reader.text().map(str::to_owned))?.into_iter();
    let first = set.next().ok_or_else(|| DecodeError::new(DecodeErrorKind::Empty, at).within(FIELD))?;
    Ok(DocTypes::new(first, set))
}

pub(crate) fn check_doc_types(doc_types: &DocTypes) -> Result<(), MetadataError> {
    let fits = |doc_type: &str| !doc_type.is_empty() && doc_type.len() <= 255;
    if doc_types.iter().all(fits) { Ok(()) } else { Err(MetadataError::Field("docTypes")) }
}

const PURPOSES: [Purpose; 4] = [Purpose::Issuance, Purpose::Status, Purpose::Reader, Purpose::Vical];

pub(crate) fn write_purposes(encoder: &mut Encoder, purposes: &BTreeSet<Purpose>) {
    encoder.array(purposes.len());
    purposes.iter().for_each(|purpose| _ = encoder.text(purpose.id()));
}

pub(crate) fn read_purposes(reader: &mut Reader<'_>) -> Result<BTreeSet<Purpose>, DecodeError> {
    let purpose = |id: &str| PURPOSES.into_iter().find(|purpose| purpose.id() == id);
    read_set(reader, "purposes", |reader| read_word(reader, "purposes", purpose))
}

/// Not empty, and of those that can be read back.
pub(crate) fn check_purposes(purposes: &BTreeSet<Purpose>) -> Result<(), MetadataError> {
    let fits = !purposes.is_empty() && purposes.iter().all(|purpose| PURPOSES.contains(purpose));
    if fits { Ok(()) } else { Err(MetadataError::Field("purposes")) }
}

pub(crate) fn read_seconds(reader: &mut Reader<'_>, field: &'static str) -> Result<Duration, DecodeError> {
    let at = reader.offset();
    let seconds = i64::try_from(reader.unsigned()?).ok().filter(|seconds| *seconds > 0);
    seconds.map(Duration::seconds).ok_or_else(|| invalid(at, field))
}

pub(crate) fn write_seconds(encoder: &mut Encoder, duration: Duration) {
    encoder.unsigned(u64::try_from(duration.whole_seconds()).unwrap_or_default());
}

/// Whole seconds, more than none.
pub(crate) fn check_seconds(field: &'static str, duration: Option<Duration>) -> Result<(), MetadataError> {
    let fits = duration.is_none_or(|duration| duration.is_positive() && duration.subsec_nanoseconds() == 0);
    if fits { Ok(()) } else { Err(MetadataError::Field(field)) }
}

pub(crate) fn write_reference(encoder: &mut Encoder, reference: &FileReference) {
    encoder.sorted_map(|map| {
        map.text("version", |value| _ = value.unsigned(reference.version));
        map.text("length", |value| _ = value.unsigned(reference.length));
        map.text("sha256", |value| _ = value.bytes(&reference.sha256));
    });
}

pub(crate) fn read_reference(reader: &mut Reader<'_>) -> Result<FileReference, DecodeError> {
    let (mut version, mut length, mut sha256) = (None, None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "version" => version = Some(reader.unsigned()?),
            "length" => length = Some(reader.unsigned()?),
            "sha256" => sha256 = Some(read_fixed(reader, "sha256")?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(FileReference {
        version: required(reader, version, "version")?,
        length: required(reader, length, "length")?,
        sha256: required(reader, sha256, "sha256")?,
    })
}

pub(crate) fn check_reference(field: &'static str, reference: &FileReference, limit: u64) -> Result<(), MetadataError> {
    let fits = reference.version > 0 && (1..=limit).contains(&reference.length);
    if fits { Ok(()) } else { Err(MetadataError::Field(field)) }
}
