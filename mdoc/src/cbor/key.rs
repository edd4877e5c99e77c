//! Map keys, and the refusal of a second occurrence (RFC 8949 5.6; ISO/IEC 18013-5 8.3).

/// A map key, by value: two encodings of one integer or string compare equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// A non-negative integer.
    Unsigned(u64),
    /// The integer `-1 - n`.
    Negative(u64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text string.
    Text(&'a str),
    /// Any other item, as encoded.
    Other(&'a [u8]),
}

impl Key<'_> {
    /// The key as a signed label, where it is an integer that fits.
    #[must_use]
    pub fn label(&self) -> Option<i64> {
        match self {
            Self::Unsigned(value) => i64::try_from(*value).ok(),
            Self::Negative(value) => i64::try_from(*value).ok().map(|value| -1 - value),
            _ => None,
        }
    }
}

/// A text key that a response is made of: recognising one is cheaper than checking that it is UTF-8.
pub(super) fn known_key(text: &[u8]) -> Option<&'static str> {
    Some(match text {
        b"version" => "version",
        b"documents" => "documents",
        b"status" => "status",
        b"docType" => "docType",
        b"issuerSigned" => "issuerSigned",
        b"deviceSigned" => "deviceSigned",
        b"nameSpaces" => "nameSpaces",
        b"issuerAuth" => "issuerAuth",
        b"deviceAuth" => "deviceAuth",
        b"deviceSignature" => "deviceSignature",
        b"deviceMac" => "deviceMac",
        b"digestAlgorithm" => "digestAlgorithm",
        b"valueDigests" => "valueDigests",
        b"deviceKeyInfo" => "deviceKeyInfo",
        b"deviceKey" => "deviceKey",
        b"keyAuthorizations" => "keyAuthorizations",
        b"validityInfo" => "validityInfo",
        b"signed" => "signed",
        b"validFrom" => "validFrom",
        b"validUntil" => "validUntil",
        b"expectedUpdate" => "expectedUpdate",
        b"status_list" => "status_list",
        b"idx" => "idx",
        b"uri" => "uri",
        b"digestID" => "digestID",
        b"random" => "random",
        b"elementIdentifier" => "elementIdentifier",
        b"elementValue" => "elementValue",
        _ => return None,
    })
}

/// How many keys of a map are compared pairwise before a sorted list takes over.
const FEW_KEYS: usize = 8;

/// Refuses a second occurrence of a key; constant memory for small maps.
///
/// A key whose fingerprint was not met before is new. Only keys that share one are compared.
pub(super) struct SeenKeys<'a> {
    /// One bit for each of 64 fingerprints.
    fingerprints: u64,
    /// The first keys. On the stack: most maps of a document have few, and an allocation each would cost more than the room.
    few: [Key<'a>; FEW_KEYS],
    few_used: usize,
    /// All keys, once they are more than a few.
    many: Vec<Key<'a>>,
    /// True when one of `many` shares a fingerprint with a key before it.
    unsure: bool,
}

impl Default for SeenKeys<'_> {
    #[inline]
    fn default() -> Self {
        Self { fingerprints: 0, few: [Key::Unsigned(0); FEW_KEYS], few_used: 0, many: Vec::new(), unsure: false }
    }
}

impl<'a> SeenKeys<'a> {
    /// Adds a key; false when it is one of the few that were added before.
    #[inline]
    pub(super) fn insert(&mut self, key: Key<'a>) -> bool {
        let bit = 1 << (fingerprint(&key) % 64);
        let met = self.fingerprints & bit != 0;
        self.fingerprints |= bit;
        let used = self.few_used;
        let Some(slot) = self.few.get_mut(used) else {
            self.insert_many(key, met);
            return true;
        };
        *slot = key;
        self.few_used = used + 1;
        !met || !self.few.iter().take(used).any(|seen| *seen == key)
    }

    fn insert_many(&mut self, key: Key<'a>, met: bool) {
        if self.many.is_empty() {
            self.many.reserve(4 * FEW_KEYS);
            self.many.extend_from_slice(&self.few);
        }
        self.many.push(key);
        self.unsure |= met;
    }

    /// False when any of the keys was added twice.
    #[inline]
    pub(super) fn finish(self) -> bool {
        !self.unsure || all_differ(self.many)
    }
}

fn all_differ(mut keys: Vec<Key<'_>>) -> bool {
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair.first() != pair.last())
}

/// Equal for equal keys, and mostly different for different ones.
#[inline]
fn fingerprint(key: &Key<'_>) -> u64 {
    match key {
        Key::Unsigned(value) => *value,
        Key::Negative(value) => !*value,
        Key::Bytes(bytes) | Key::Other(bytes) => fingerprint_of(bytes),
        Key::Text(text) => fingerprint_of(text.as_bytes()),
    }
}

#[inline]
fn fingerprint_of(bytes: &[u8]) -> u64 {
    let (first, last) = (bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0));
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    length.wrapping_mul(7) ^ u64::from(first) ^ (u64::from(last) << 2)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]
mod tests {
    use super::*;

    /// Keys added in this order: whether `insert` refused one, else what `finish` says.
    fn all_new(keys: impl IntoIterator<Item = Key<'static>>) -> bool {
        let mut seen = SeenKeys::default();
        keys.into_iter().all(|key| seen.insert(key)) && seen.finish()
    }

    #[test]
    fn one_fingerprint_for_several_keys_is_no_repetition() {
        assert!(all_new([Key::Unsigned(1), Key::Unsigned(65), Key::Negative(!1_u64)]));
        assert!(all_new([Key::Text("axb"), Key::Text("ayb"), Key::Bytes(b"axb"), Key::Other(b"axb")]));
        assert!(all_new((0..200).map(Key::Unsigned)), "more keys than fingerprints");
    }

    #[test]
    fn a_repetition_is_found_wherever_it_stands() {
        for count in [2_u64, 8, 9, 12, 40, 200] {
            for repeated in 0..count - 1 {
                let keys = (0..count).map(|n| Key::Unsigned(if n == count - 1 { repeated } else { n }));
                assert!(!all_new(keys), "{repeated} again after {count} keys");
            }
        }
        assert!(!all_new([Key::Text("axb"), Key::Text("ayb"), Key::Text("axb")]));
    }

    #[test]
    fn known_keys_are_themselves() {
        for key in ["idx", "status", "docType", "issuerAuth", "deviceSignature", "elementIdentifier"] {
            assert_eq!(known_key(key.as_bytes()), Some(key));
        }
        for other in [b"Idx".as_slice(), b"", b"statu\xff", b"statuses", b"elementIdentifieR"] {
            assert_eq!(known_key(other), None);
        }
    }
}
