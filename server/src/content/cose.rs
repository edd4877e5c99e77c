//! What the server needs to know of signed CBOR: kind, version, expiry, and what a publication consists of.
//!
//! Nothing is verified here. Whoever fetches a file verifies it; the server only must not let caches keep it for too long and
//! must not serve half a publication.
//!
//! ```cddl
//! COSE_Sign  = #6.98([protected: bstr, {* unprotected}, payload: bstr, [+ signature]])   ; RFC 9052 4.1
//! COSE_Sign1 = #6.18([protected: bstr, {* unprotected}, payload: bstr, signature: bstr]) ; RFC 9052 4.2
//! ```

use tegata_mdoc::cbor::{Limits, TAG_COSE_SIGN1, TAG_CWT, TAG_TDATE, Value, decode_with};
use time::{UtcDateTime, format_description::well_known::Rfc3339};

/// CBOR tag 98: COSE_Sign.
const TAG_COSE_SIGN: u64 = 98;
/// The CWT claim `exp` (RFC 8392 3.1.4).
const CLAIM_EXPIRES: u64 = 4;

type Pairs<'a> = [(Value<'a>, Value<'a>)];

/// What signed metadata says of itself and of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) version: u64,
    pub(crate) expires: UtcDateTime,
    pub(crate) role: Role,
}

/// The roles of metadata, with what the server reads of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Root,
    List { anchors: usize },
    Snapshot { list: Reference, objects: Vec<[u8; 32]> },
    Pointer { snapshot: Reference },
}

/// A file that metadata names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) version: u64,
    pub(crate) length: u64,
    pub(crate) sha256: [u8; 32],
}

/// Reads a metadata file; `None` if it is none.
pub(crate) fn metadata(bytes: &[u8]) -> Option<Metadata> {
    let (payload, _) = payload(bytes).filter(|(_, tag)| *tag == Some(TAG_COSE_SIGN))?;
    let (value, _) = decode_with::<Value<'_>>(&payload, Limits::LIST).ok()?;
    let Value::Map(map) = value.value() else { return None };
    let role = match text_field(map, "type")? {
        "root" => Role::Root,
        "list" => match field(map, "anchors")? {
            Value::Array(anchors) => Role::List { anchors: anchors.len() },
            _ => return None,
        },
        "snapshot" => {
            Role::Snapshot { list: reference(field(map, "list")?)?, objects: objects(field(map, "objects")?)? }
        }
        "pointer" => Role::Pointer { snapshot: reference(field(map, "snapshot")?)? },
        _ => return None,
    };
    Some(Metadata { version: unsigned(field(map, "version")?)?, expires: date(field(map, "expires")?)?, role })
}

/// When signed CBOR of any kind ends by its own word: `expires` or `nextUpdate` of a map with text keys, `exp` of a CWT.
pub(crate) fn expiry(bytes: &[u8]) -> Option<UtcDateTime> {
    let (payload, _) = payload(bytes)?;
    let (value, _) = decode_with::<Value<'_>>(&payload, Limits::LIST).ok()?;
    let Value::Map(map) = value.value() else { return None };
    let stated = ["expires", "nextUpdate"].into_iter().find_map(|key| date(field(map, key)?));
    stated.or_else(|| {
        let claim = map.iter().find(|(key, _)| *key == Value::Unsigned(CLAIM_EXPIRES));
        UtcDateTime::from_unix_timestamp(unsigned(&claim?.1)?.try_into().ok()?).ok()
    })
}

/// The payload of a COSE message with its innermost tag.
fn payload(bytes: &[u8]) -> Option<(Vec<u8>, Option<u64>)> {
    let (value, _) = decode_with::<Value<'_>>(bytes, Limits::LIST).ok()?;
    let (mut value, mut tag) = (value.value(), None);
    while let Value::Tag(number @ (TAG_CWT | TAG_COSE_SIGN1 | TAG_COSE_SIGN), inner) = value {
        (value, tag) = (inner, Some(*number));
    }
    match value {
        Value::Array(parts) => match parts.as_slice() {
            [Value::Bytes(_), Value::Map(_), Value::Bytes(payload), _] => Some((payload.to_vec(), tag)),
            _ => None,
        },
        _ => None,
    }
}

fn field<'m, 'a>(map: &'m Pairs<'a>, key: &str) -> Option<&'m Value<'a>> {
    map.iter().find(|(name, _)| name.as_text() == Some(key)).map(|(_, value)| value)
}

fn text_field<'m>(map: &'m Pairs<'_>, key: &str) -> Option<&'m str> {
    field(map, key)?.as_text()
}

fn unsigned(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::Unsigned(number) => Some(*number),
        _ => None,
    }
}

fn digest(value: &Value<'_>) -> Option<[u8; 32]> {
    match value {
        Value::Bytes(bytes) => bytes.as_ref().try_into().ok(),
        _ => None,
    }
}

fn date(value: &Value<'_>) -> Option<UtcDateTime> {
    match value {
        Value::Tag(TAG_TDATE, text) => UtcDateTime::parse(text.as_text()?, &Rfc3339).ok(),
        _ => None,
    }
}

fn reference(value: &Value<'_>) -> Option<Reference> {
    let Value::Map(map) = value else { return None };
    Some(Reference {
        version: unsigned(field(map, "version")?)?,
        length: unsigned(field(map, "length")?)?,
        sha256: digest(field(map, "sha256")?)?,
    })
}

fn objects(value: &Value<'_>) -> Option<Vec<[u8; 32]>> {
    let Value::Map(map) = value else { return None };
    map.iter()
        .map(|(_, object)| match object {
            Value::Map(object) => digest(field(object, "sha256")?),
            _ => None,
        })
        .collect()
}
