//! Bytes as words: digests that are read aloud and compared, and shares on paper.
//!
//! The PGP word list has 256 words of two syllables for the octets at even places and 256 of three syllables for those
//! at odd places. A word left out, said twice or exchanged with its neighbour is therefore noticed at once. Shares carry
//! a checksum besides, see [`share_words`].

mod share;

pub use share::{ShareWordsError, parse_share_words, share_words};

/// More words than any digest or share has; what is longer is not read.
pub(crate) const MOST_WORDS: usize = 512;

/// Writes octets as PGP words in small letters, separated by spaces. The first word has two syllables.
///
/// ```
/// assert_eq!(tegata_quorum::words::pgp_words(&[0xe5, 0x82, 0x94, 0xf2]), "topmost istanbul pluto vagabond");
/// ```
#[must_use]
pub fn pgp_words(octets: &[u8]) -> String {
    pgp_words::to_words(octets).join(" ")
}

/// Reads PGP words. Any white space separates them and letters may be large or small.
///
/// # Errors
/// [`WordsError`], which names the first bad word and its place, counted from 1.
pub fn parse_pgp_words(text: &str) -> Result<Vec<u8>, WordsError> {
    let mut octets = Vec::new();
    for (index, word) in text.split_whitespace().enumerate() {
        let place = index + 1;
        if place > MOST_WORDS {
            return Err(WordsError::TooMany { limit: MOST_WORDS });
        }
        let octet = match octet_of(word, index) {
            WordOctet::Here(octet) => octet,
            WordOctet::OtherList => return Err(WordsError::WrongList { place, word: word.to_owned() }),
            WordOctet::Unknown => return Err(WordsError::Unknown { place, word: word.to_owned() }),
        };
        octets.push(octet);
    }
    if octets.is_empty() { Err(WordsError::Empty) } else { Ok(octets) }
}

/// What a word says at its place.
pub(crate) enum WordOctet {
    /// It stands for this octet.
    Here(u8),
    /// It is a word of the list for the other places.
    OtherList,
    /// It is in neither list.
    Unknown,
}

/// Looks up one word at a place counted from 0.
pub(crate) fn octet_of(word: &str, index: usize) -> WordOctet {
    let word = zeroize::Zeroizing::new(word.to_ascii_lowercase());
    let even = pgp_words::to_bytes(&[word.as_str()]).map(zeroize::Zeroizing::new);
    // "aardvark" is zero at an even place; it only moves the word to an odd one.
    let odd = pgp_words::to_bytes(&["aardvark", word.as_str()]).map(zeroize::Zeroizing::new);
    let (here, other) = if index.is_multiple_of(2) { (even, odd) } else { (odd, even) };
    match here.as_ref().and_then(|octets| octets.last()) {
        Some(octet) => WordOctet::Here(*octet),
        None if other.is_some() => WordOctet::OtherList,
        None => WordOctet::Unknown,
    }
}

/// Why words are not octets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// There is no word at all.
    #[error("there are no words")]
    Empty,
    /// More words than are ever needed.
    #[error("there are more than {limit} words")]
    TooMany {
        /// The most words that are read.
        limit: usize,
    },
    /// The word is in neither list.
    #[error("word {place}, {word:?}, is not in the word list")]
    Unknown {
        /// Its place, counted from 1.
        place: usize,
        /// The word.
        word: String,
    },
    /// The word belongs to the other list: before it a word is missing, doubled or exchanged.
    #[error("word {place}, {word:?}, cannot stand here: a word before it is missing, doubled or exchanged")]
    WrongList {
        /// Its place, counted from 1.
        place: usize,
        /// The word.
        word: String,
    },
}

impl WordsError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Empty => "words-empty",
            Self::TooMany { .. } => "words-too-many",
            Self::Unknown { .. } => "words-unknown",
            Self::WrongList { .. } => "words-wrong-list",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Empty | Self::TooMany { .. } => "Type the words as they are printed, separated by spaces.",
            Self::Unknown { .. } => "Compare the spelling of this word with the paper.",
            Self::WrongList { .. } => "Compare this word and the one before it with the paper, in their order.",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use proptest::prelude::*;

    use super::*;

    /// The SHA-256 of the two lists, even then odd, each word in small letters and followed by a line end, computed from
    /// the list in IANA's DNSSEC key-ceremony tools (`common/sha2wordlist.h`).
    const LISTS: &str = "0847bcad4a09374ec628019e7c3e3eeee1dfa2f3870168eaa306310eeda40ff5";

    #[test]
    fn the_lists_are_those_of_the_dns_root_ceremonies() {
        let words = |odd: usize| (0..=255u8).map(move |octet| pgp_words(&[0, octet][1 - odd..]).to_owned());
        let even = words(0);
        let odd = words(1).map(|pair| pair.split(' ').nth(1).unwrap().to_owned());
        let joined: String = even.chain(odd).map(|word| word + "\n").collect();
        assert_eq!(hex::encode(crate::encoding::sha256(joined.as_bytes())), LISTS);
    }

    #[test]
    fn known_words() {
        let octets = hex::decode("e58294f2e9a227486e8b061b31cc528fd7fa3f19").unwrap();
        let words = "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict \
                     bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless";
        assert_eq!(pgp_words(&octets), words.to_lowercase());
        assert_eq!(parse_pgp_words(words).unwrap(), octets);
    }

    #[test]
    fn the_bad_word_is_named() {
        let unknown = parse_pgp_words("topmost istambul").unwrap_err();
        assert_eq!(unknown, WordsError::Unknown { place: 2, word: "istambul".into() });
        let swapped = parse_pgp_words("topmost pluto istanbul").unwrap_err();
        assert_eq!(swapped, WordsError::WrongList { place: 2, word: "pluto".into() });
        assert_eq!(parse_pgp_words(" \n").unwrap_err().id(), "words-empty");
        let many = "topmost istanbul ".repeat(MOST_WORDS);
        assert_eq!(parse_pgp_words(&many).unwrap_err().id(), "words-too-many");
    }

    proptest! {
        #[test]
        fn words_and_octets_agree(octets in proptest::collection::vec(any::<u8>(), 1..80)) {
            prop_assert_eq!(parse_pgp_words(&pgp_words(&octets)).unwrap(), octets);
        }

        #[test]
        fn any_text_gives_octets_or_an_error(text in "\\PC{0,200}") {
            if let Ok(octets) = parse_pgp_words(&text) {
                prop_assert_eq!(octets.len(), text.split_whitespace().count());
            }
        }
    }
}
