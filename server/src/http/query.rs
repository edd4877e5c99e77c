//! Store queries (RFC 4387): `/certificates/search.cgi?sHash=…`, `/crls/search.cgi?iHash=…`.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::content::{Collection, Content, Object, SearchAttribute};

/// RFC 4387 2.1 leaves the padding away and refuses it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
/// SHA-1.
const HASH_BYTES: usize = 20;

/// The collection that a path searches.
pub(super) fn collection(path: &str) -> Option<Collection> {
    match path {
        "/certificates/search.cgi" => Some(Collection::Certificates),
        "/crls/search.cgi" => Some(Collection::Crls),
        _ => None,
    }
}

/// Answers a query of one attribute; `None` if it is not one.
pub(super) fn search<'c>(content: &'c Content, collection: Collection, query: &str) -> Option<&'c [Arc<Object>]> {
    let (name, value) = query.split_once('=')?;
    let attribute = SearchAttribute::from_name(name)?;
    let value = if attribute.is_hash() {
        // A plus sign that was not escaped is meant: a hash has no spaces.
        let hash = BASE64.decode(unescape(value, false)?).ok()?;
        if hash.len() != HASH_BYTES {
            return None;
        }
        hash
    } else {
        unescape(value, true)?
    };
    Some(content.store.search(collection, attribute, &value))
}

/// Undoes the encoding of form data. A second attribute is refused with its `&`.
fn unescape(text: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let [byte] = <[u8; 1]>::try_from(hex::decode(digits).ok()?).ok()?;
                byte
            }
            b'+' if plus_is_space => b' ',
            b'&' => return None,
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape("a%2Bb+c", true).as_deref(), Some(&b"a+b c"[..]));
        assert_eq!(unescape("a%2bb+c", false).as_deref(), Some(&b"a+b+c"[..]));
        assert_eq!(unescape("a%2", true), None);
        assert_eq!(unescape("a%zz", true), None);
        assert_eq!(unescape("a%+f", true), None);
        assert_eq!(unescape("a&b", true), None);
    }

    #[test]
    fn queries_that_are_none() {
        let content = Content::default();
        let hash = "A".repeat(27);
        assert!(search(&content, Collection::Crls, &format!("iHash={hash}")).is_some());
        for query in ["", "iHash", "iHash=", "iHash=AAAA", "unknown=x", &format!("iHash={hash}=")] {
            assert!(search(&content, Collection::Crls, query).is_none(), "{query}");
        }
    }
}
