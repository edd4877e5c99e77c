//! The NDEF messages of an NFC handover, as far as an engagement is found in them (ISO/IEC 18013-5 8.2.2.1).
//!
//! A transcript takes the message's exact bytes; this walk only looks inside.

/// Record type of an embedded DeviceEngagement (TNF 4, external).
pub const TYPE_DEVICE_ENGAGEMENT: &[u8] = b"iso.org:18013:deviceengagement";
/// Record type of an embedded ReaderEngagement (TNF 4, external).
pub const TYPE_READER_ENGAGEMENT: &[u8] = b"iso.org:18013:readerengagement";
/// Record type of a Handover Select message (TNF 1, well known).
pub const TYPE_HANDOVER_SELECT: &[u8] = b"Hs";
/// Record type of a Handover Request message (TNF 1, well known).
pub const TYPE_HANDOVER_REQUEST: &[u8] = b"Hr";

/// Type name format of a well-known type.
pub const TNF_WELL_KNOWN: u8 = 1;
/// Type name format of an external type.
pub const TNF_EXTERNAL: u8 = 4;

const MESSAGE_BEGIN: u8 = 0x80;
const MESSAGE_END: u8 = 0x40;
const CHUNK: u8 = 0x20;
const SHORT_RECORD: u8 = 0x10;
const ID_LENGTH_PRESENT: u8 = 0x08;
const TNF_MASK: u8 = 0x07;
/// A handover message has about six records.
const MAX_RECORDS: usize = 32;

/// One NDEF record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Type name format, 0 to 7.
    pub tnf: u8,
    /// The type's name.
    pub kind: &'a [u8],
    /// The record's id; empty when absent.
    pub id: &'a [u8],
    /// The payload.
    pub payload: &'a [u8],
}

/// Why bytes are not an NDEF message this walk can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NdefError {
    /// The message ends inside a record, or lacks its last record.
    #[error("the NDEF message ends too early")]
    UnexpectedEnd,
    /// The begin flag stands on another record than the first, or not on the first.
    #[error("the begin flag of an NDEF record is misplaced")]
    MisplacedBegin,
    /// Bytes follow the record marked as last.
    #[error("bytes follow the end of the NDEF message")]
    TrailingBytes,
    /// A record in chunks; handover messages have none.
    #[error("an NDEF record comes in chunks")]
    Chunked,
    /// More records than a handover message can need.
    #[error("the NDEF message has too many records")]
    TooManyRecords,
}

impl NdefError {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::UnexpectedEnd => "ndef-unexpected-end",
            Self::MisplacedBegin => "ndef-misplaced-begin",
            Self::TrailingBytes => "ndef-trailing-bytes",
            Self::Chunked => "ndef-chunked",
            Self::TooManyRecords => "ndef-too-many-records",
        }
    }
}

/// The records of one NDEF message.
///
/// # Errors
/// [`NdefError`].
pub fn records(message: &[u8]) -> Result<Vec<Record<'_>>, NdefError> {
    let mut rest = message;
    let mut records = Vec::new();
    loop {
        let (flags, record) = read_record(&mut rest)?;
        if (flags & MESSAGE_BEGIN != 0) != records.is_empty() {
            return Err(NdefError::MisplacedBegin);
        }
        records.push(record);
        if flags & MESSAGE_END != 0 {
            return if rest.is_empty() { Ok(records) } else { Err(NdefError::TrailingBytes) };
        }
        if records.len() == MAX_RECORDS {
            return Err(NdefError::TooManyRecords);
        }
    }
}

/// The encoded DeviceEngagement in a handover message, where there is one.
///
/// # Errors
/// [`NdefError`].
pub fn device_engagement(message: &[u8]) -> Result<Option<&[u8]>, NdefError> {
    find(message, TYPE_DEVICE_ENGAGEMENT)
}

/// The encoded ReaderEngagement in a handover message, where there is one.
///
/// # Errors
/// [`NdefError`].
pub fn reader_engagement(message: &[u8]) -> Result<Option<&[u8]>, NdefError> {
    find(message, TYPE_READER_ENGAGEMENT)
}

/// True when `message` is an NDEF message that starts with a Handover Select or Handover Request record.
#[must_use]
pub fn is_handover(message: &[u8]) -> bool {
    let handover = |record: &Record<'_>| {
        record.tnf == TNF_WELL_KNOWN && [TYPE_HANDOVER_SELECT, TYPE_HANDOVER_REQUEST].contains(&record.kind)
    };
    records(message).is_ok_and(|records| records.first().is_some_and(handover))
}

fn find<'a>(message: &'a [u8], kind: &[u8]) -> Result<Option<&'a [u8]>, NdefError> {
    let found = records(message)?.into_iter().find(|record| record.tnf == TNF_EXTERNAL && record.kind == kind);
    Ok(found.map(|record| record.payload))
}

/// Reads one record (NFC Forum NDEF 3.2): flags, type length, payload length (1 or 4 bytes), id length, type, id, payload.
fn read_record<'a>(rest: &mut &'a [u8]) -> Result<(u8, Record<'a>), NdefError> {
    let flags = take_byte(rest)?;
    if flags & CHUNK != 0 {
        return Err(NdefError::Chunked);
    }
    let type_length = usize::from(take_byte(rest)?);
    let payload_length = if flags & SHORT_RECORD == 0 {
        let length = take(rest, 4)?.iter().fold(0_u32, |length, byte| length << 8 | u32::from(*byte));
        usize::try_from(length).map_err(|_| NdefError::UnexpectedEnd)?
    } else {
        usize::from(take_byte(rest)?)
    };
    let id_length = if flags & ID_LENGTH_PRESENT == 0 { 0 } else { usize::from(take_byte(rest)?) };
    let (kind, id) = (take(rest, type_length)?, take(rest, id_length)?);
    let payload = take(rest, payload_length)?;
    Ok((flags, Record { tnf: flags & TNF_MASK, kind, id, payload }))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], NdefError> {
    let (taken, left) = rest.split_at_checked(length).ok_or(NdefError::UnexpectedEnd)?;
    *rest = left;
    Ok(taken)
}

fn take_byte(rest: &mut &[u8]) -> Result<u8, NdefError> {
    take(rest, 1).map(|bytes| bytes.first().copied().unwrap_or_default())
}
