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

/// How many keys of a map are compared pairwise before a sorted list takes over.
const FEW_KEYS: usize = 12;

/// Refuses a second occurrence of a key; constant memory for small maps.
#[expect(clippy::large_enum_variant, reason = "see Few")]
pub(super) enum SeenKeys<'a> {
    // On the stack: most maps of a document have few keys, and an allocation each would cost more than the room.
    Few([Option<Key<'a>>; FEW_KEYS], usize),
    Many(Vec<Key<'a>>),
}

impl Default for SeenKeys<'_> {
    fn default() -> Self {
        Self::Few([None; FEW_KEYS], 0)
    }
}

impl<'a> SeenKeys<'a> {
    pub(super) fn insert(&mut self, key: Key<'a>) -> bool {
        match self {
            Self::Few(keys, used) => {
                if keys.iter().take(*used).any(|seen| *seen == Some(key)) {
                    return false;
                }
                if let Some(slot) = keys.get_mut(*used) {
                    *slot = Some(key);
                    *used += 1;
                } else {
                    let mut all: Vec<Key<'a>> = keys.iter().flatten().copied().collect();
                    all.push(key);
                    *self = Self::Many(all);
                }
                true
            }
            Self::Many(keys) => {
                keys.push(key);
                true
            }
        }
    }

    pub(super) fn finish(self) -> bool {
        match self {
            Self::Few(..) => true,
            Self::Many(mut keys) => {
                keys.sort_unstable();
                keys.windows(2).all(|pair| pair.first() != pair.last())
            }
        }
    }
}
