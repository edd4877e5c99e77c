//! Whether bytes are in the one encoding that they may have.
//!
//! Fields that are not known are skipped by the decoders, so this has to be asked of the bytes and not of the value.

use tegata_mdoc::cbor::{DecodeError, DecodeErrorKind, Encoder, Key, Limits, Reader, Type};

use crate::MetadataError;

/// Deepest nesting of metadata.
const DEPTH: u16 = 12;

/// The budget for `bytes` of metadata.
pub(crate) fn limits(bytes: usize) -> Limits {
    Limits { bytes, depth: DEPTH, items: Limits::LIST.items }
}

/// Checks that `bytes` are one item in core deterministic encoding (RFC 8949 4.2.1) made of integers, strings, arrays,
/// maps, tags, booleans and null. Map keys are integers or strings. There are no floating-point numbers in metadata.
pub(crate) fn check(bytes: &[u8]) -> Result<(), MetadataError> {
    let mut reader = Reader::new(bytes, limits(bytes.len()))?;
    let ordered = item(&mut reader, DEPTH)?;
    reader.finish()?;
    // Long heads and indefinite lengths are noted by the reader.
    if ordered && reader.deviations().is_empty() { Ok(()) } else { Err(MetadataError::NotDeterministic) }
}

/// Walks over one item; false when a map is not in order or a simple value is of a kind that metadata does not hold.
fn item(reader: &mut Reader<'_>, depth: u16) -> Result<bool, DecodeError> {
    // Tags nest as well, and the reader counts them only where it skips.
    let below = depth.checked_sub(1).ok_or_else(|| reader.error(DecodeErrorKind::TooDeep { limit: DEPTH }))?;
    let mut ordered = true;
    match reader.peek_type()? {
        Type::Array => {
            reader.array(|reader, _| {
                ordered &= item(reader, below)?;
                Ok(())
            })?;
        }
        Type::Map => {
            let mut last = Vec::new();
            reader.map(|reader, key| {
                let encoded = encode(key);
                ordered &= encoded.as_ref().is_some_and(|encoded| *encoded > last);
                last = encoded.unwrap_or_default();
                ordered &= item(reader, below)?;
                Ok(())
            })?;
        }
        Type::Tag => {
            reader.tag()?;
            ordered = item(reader, below)?;
        }
        Type::Unsigned | Type::Negative | Type::Bytes | Type::Text | Type::Bool | Type::Null => reader.skip()?,
        _ => {
            reader.skip()?;
            ordered = false;
        }
    }
    Ok(ordered)
}

fn encode(key: Key<'_>) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new();
    match key {
        Key::Unsigned(value) => encoder.unsigned(value),
        Key::Negative(value) => encoder.integer(-1 - i64::try_from(value).ok()?),
        Key::Bytes(value) => encoder.bytes(value),
        Key::Text(value) => encoder.text(value),
        Key::Other(_) => return None,
    };
    Some(encoder.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_encoding_passes() {
        for good in
            ["00", "1818", "20", "4100", "6161", "80", "a0", "a2616100616201", "a2016100616100", "c074", "f6", "f4"]
        {
            let bytes = match good {
                "c074" => [&[0xc0, 0x74][..], b"2026-01-01T00:00:00Z"].concat(),
                _ => hex::decode(good).unwrap(),
            };
            assert_eq!(check(&bytes), Ok(()), "{good}");
        }
    }

    #[test]
    fn every_other_encoding_is_refused() {
        for (what, bad) in [
            ("long head", "1800"),
            ("long length", "580100"),
            ("long tag", "d80000"),
            ("indefinite array", "9fff"),
            ("indefinite map", "bfff"),
            ("indefinite string", "5f4100ff"),
            ("keys out of order", "a2616200616100"),
            ("longer key first", "a262616100616200"),
            ("out of order below", "81a2616200616100"),
            ("half float", "f90000"),
            ("undefined", "f7"),
            ("map as a key", "a1a000"),
        ] {
            assert_eq!(check(&hex::decode(bad).unwrap()), Err(MetadataError::NotDeterministic), "{what}");
        }
        for (what, bad) in [("same key twice", "a2616100616100"), ("trailing byte", "0000"), ("cut off", "8201")] {
            assert!(matches!(check(&hex::decode(bad).unwrap()), Err(MetadataError::Cbor(_))), "{what}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for head in [0x81, 0xc1] {
            let mut bytes = vec![head; 1 << 20];
            bytes.push(0);
            assert!(matches!(check(&bytes), Err(MetadataError::Cbor(_))));
        }
    }
}
