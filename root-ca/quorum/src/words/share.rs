//! The word form of a share: PGP words with a checksum.

use zeroize::Zeroizing;

use super::{MOST_WORDS, WordOctet, octet_of};
use crate::encoding::sha256;

/// What the checksum is computed over, besides the octets: digest words are never taken for a share.
const DOMAIN: &[u8] = b"tegata-share-words-v1\n";

/// Octets of the checksum.
const CHECKSUM: usize = 4;

/// Writes secret octets as PGP words with four more words as a checksum:
/// `words(octets || SHA-256("tegata-share-words-v1\n" || octets)[..4])`.
///
/// Small letters, separated by spaces. Any one wrong word and any two exchanged words are noticed, those of neighbours
/// by the list itself and the others by the checksum, which misses one error in 2^32.
#[must_use]
pub fn share_words(octets: &[u8]) -> Zeroizing<String> {
    let mut all = Zeroizing::new(Vec::with_capacity(octets.len() + CHECKSUM));
    all.extend_from_slice(octets);
    all.extend_from_slice(&checksum(octets));
    // Sized for the longest words (11 letters), so that growth leaves no unwiped copies behind.
    let mut text = Zeroizing::new(String::with_capacity(all.len() * 12));
    for word in pgp_words::to_words(&all) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Reads the words of [`share_words`]. Any white space separates them and letters may be large or small.
///
/// # Errors
/// [`ShareWordsError`]. It gives places, never words: a word of a share is a part of a secret.
pub fn parse_share_words(text: &str) -> Result<Zeroizing<Vec<u8>>, ShareWordsError> {
    let count = text.split_whitespace().count();
    if !(CHECKSUM + 1..=MOST_WORDS).contains(&count) {
        return Err(ShareWordsError::Count { found: count });
    }
    let mut octets = Zeroizing::new(Vec::with_capacity(count));
    for (index, word) in text.split_whitespace().enumerate() {
        match octet_of(word, index) {
            WordOctet::Here(octet) => octets.push(octet),
            WordOctet::OtherList => return Err(ShareWordsError::WrongList { place: index + 1 }),
            WordOctet::Unknown => return Err(ShareWordsError::Unknown { place: index + 1 }),
        }
    }
    if !is_consistent(&octets) {
        return Err(ShareWordsError::Checksum { suspect: only_suspect(&mut octets) });
    }
    octets.truncate(count - CHECKSUM);
    Ok(octets)
}

fn checksum(octets: &[u8]) -> [u8; CHECKSUM] {
    let mut message = Zeroizing::new(Vec::with_capacity(DOMAIN.len() + octets.len()));
    message.extend_from_slice(DOMAIN);
    message.extend_from_slice(octets);
    let [a, b, c, d, ..] = sha256(&message);
    [a, b, c, d]
}

fn is_consistent(all: &[u8]) -> bool {
    all.split_last_chunk::<CHECKSUM>().is_some_and(|(octets, sum)| checksum(octets) == *sum)
}

/// The one place, counted from 1, where another word would mend the checksum.
fn only_suspect(all: &mut [u8]) -> Option<usize> {
    let mut suspects = (0..all.len()).filter(|index| mendable(all, *index));
    match (suspects.next(), suspects.next()) {
        (Some(index), None) => Some(index + 1),
        _ => None,
    }
}

fn mendable(all: &[u8], index: usize) -> bool {
    let mut trial = Zeroizing::new(all.to_vec());
    (0..=u8::MAX).any(|octet| {
        if let Some(slot) = trial.get_mut(index) {
            *slot = octet;
        }
        is_consistent(&trial)
    })
}

/// Why words are not a share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareWordsError {
    /// Too few or too many words.
    #[error("{found} words cannot be a share")]
    Count {
        /// How many words there are.
        found: usize,
    },
    /// A word that is in neither list.
    #[error("word {place} of the share is not in the word list")]
    Unknown {
        /// Its place, counted from 1.
        place: usize,
    },
    /// A word of the other list: before it a word is missing, doubled or exchanged.
    #[error("word {place} of the share cannot stand here: a word before it is missing, doubled or exchanged")]
    WrongList {
        /// Its place, counted from 1.
        place: usize,
    },
    /// All words are in the list, but they do not belong together.
    #[error("a word of the share is wrong{}", suspect.map_or(String::new(), |place| format!(", probably word {place}")))]
    Checksum {
        /// The place, counted from 1, if one wrong word explains it.
        suspect: Option<usize>,
    },
}

impl ShareWordsError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Count { .. } => "share-words-count",
            Self::Unknown { .. } => "share-words-unknown",
            Self::WrongList { .. } => "share-words-wrong-list",
            Self::Checksum { .. } => "share-words-checksum",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Count { .. } => "Type all the words of the share and nothing else.",
            Self::Unknown { .. } => "Compare the spelling of this word with the paper.",
            Self::WrongList { .. } => "Compare this word and the one before it with the paper, in their order.",
            Self::Checksum { suspect: Some(_) } => "Compare the named word with the paper.",
            Self::Checksum { suspect: None } => "Compare every word and their order with the paper.",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

    use proptest::prelude::*;

    use super::*;

    const SHARE: [u8; 37] = *b"\x03\xaa\x00\xff\x07a share that has 37 octets .....";

    fn words() -> Vec<String> {
        share_words(&SHARE).split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn every_wrong_word_is_noticed() {
        let words = words();
        assert_eq!(words.len(), SHARE.len() + CHECKSUM);
        let octets: Vec<u8> = super::super::parse_pgp_words(&words.join(" ")).unwrap();
        for place in 0..octets.len() {
            for other in (0..=u8::MAX).filter(|other| *other != octets[place]) {
                let mut wrong = octets.clone();
                wrong[place] = other;
                assert!(!is_consistent(&wrong), "octet {place} as {other}");
            }
        }
    }

    #[test]
    fn one_wrong_word_is_located() {
        let words = words();
        for place in [0, 5, 36, 40] {
            let mut wrong = words.clone();
            let column = place % 2;
            let other = super::super::pgp_words(&[0, 0x99][1 - column..]);
            wrong[place] = other.split(' ').nth(column).unwrap().to_owned();
            let error = parse_share_words(&wrong.join(" ")).unwrap_err();
            assert_eq!(error, ShareWordsError::Checksum { suspect: Some(place + 1) });
        }
    }

    #[test]
    fn any_two_exchanged_words_are_noticed() {
        let words = words();
        for left in 0..words.len() {
            for right in left + 1..words.len() {
                if words[left] == words[right] {
                    continue;
                }
                let mut wrong = words.clone();
                wrong.swap(left, right);
                let octets = wrong.iter().enumerate().map(|(index, word)| octet_of(word, index));
                let read: Option<Vec<u8>> =
                    octets.map(|o| if let WordOctet::Here(o) = o { Some(o) } else { None }).collect();
                assert!(read.is_none_or(|octets| !is_consistent(&octets)), "{left} and {right}");
            }
        }
    }

    #[test]
    fn missing_and_unknown_words_give_their_place_only() {
        let mut short = words();
        short.remove(7);
        assert_eq!(parse_share_words(&short.join(" ")).unwrap_err(), ShareWordsError::WrongList { place: 8 });
        let mut misspelt = words();
        misspelt[2].push('x');
        assert_eq!(parse_share_words(&misspelt.join(" ")).unwrap_err(), ShareWordsError::Unknown { place: 3 });
        assert_eq!(parse_share_words("aardvark").unwrap_err().id(), "share-words-count");
        let digest = super::super::pgp_words(&[7; 41]);
        assert_eq!(parse_share_words(&digest).unwrap_err().id(), "share-words-checksum");
    }

    proptest! {
        #[test]
        fn words_and_octets_agree(octets in proptest::collection::vec(any::<u8>(), 1..60)) {
            let text = share_words(&octets).to_uppercase().replace(' ', "\n ");
            prop_assert_eq!(&*parse_share_words(&text).unwrap(), &octets);
        }
    }
}
