//! One share: in memory, sealed to its holder, and as words.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Holder, ShareError, ShareSet};
use crate::words::{parse_share_words, share_words};
use crate::{PersonId, UnlockedCredential, encoding, seal, seal::SealError};

/// The value of the member `format`.
const FORMAT: &str = "tegata-sealed-share-v1";

/// The most octets of a sealed share's file.
const LONGEST: usize = 8 * 1024;

/// Octets of the set's identifier in the word form.
const TAG: usize = 4;

/// A share in memory, already checked against the commitments of its set. Wiped when dropped; `Debug` shows only whose
/// it is. It has no serialised form but the sealed one and the words.
#[derive(Clone)]
pub struct Share {
    pub(super) set: [u8; 32],
    pub(super) index: u8,
    pub(super) person: PersonId,
    pub(super) scalar: Zeroizing<[u8; 32]>,
}

impl Share {
    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// Its number in the set, from 1.
    #[must_use]
    pub fn index(&self) -> u8 {
        self.index
    }

    /// The identifier of its set.
    #[must_use]
    pub fn set(&self) -> &[u8; 32] {
        &self.set
    }

    /// The share as 41 words for paper, see [`share_words`]. Whoever reads them has the share: print them
    /// where only the holder sees them, and seal the paper.
    #[must_use]
    pub fn to_words(&self) -> Zeroizing<String> {
        let mut octets = Zeroizing::new(Vec::with_capacity(1 + TAG + 32));
        octets.push(self.index);
        octets.extend(self.set.iter().take(TAG));
        octets.extend_from_slice(&*self.scalar);
        share_words(&octets)
    }

    /// Seals the share to its holder's credential.
    pub(super) fn seal(&self, holder: &Holder) -> Result<SealedShare, ShareError> {
        let mut plaintext = Zeroizing::new(Vec::with_capacity(65));
        plaintext.extend_from_slice(&self.set);
        plaintext.push(self.index);
        plaintext.extend_from_slice(&*self.scalar);
        let sealed = seal::to_recipient(holder.recipient(), &plaintext).map_err(|_| ShareError::Unusable)?;
        Ok(SealedShare { format: FORMAT.to_owned(), set: self.set, person: self.person.clone(), sealed })
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Share({} of {})", self.index, self.person)
    }
}

/// A share as it is kept: readable only with its holder's unlocked credential.
///
/// The file is one JSON object: `format`, `set` (hex), `person`, `sealed` (base64 of an age file).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedShare {
    format: String,
    #[serde(with = "encoding::hex_octets")]
    set: [u8; 32],
    person: PersonId,
    #[serde(with = "encoding::base64_octets")]
    sealed: Vec<u8>,
}

impl SealedShare {
    /// Reads the file of a sealed share.
    ///
    /// # Errors
    /// [`ShareError::Malformed`].
    pub fn from_json(file: &[u8]) -> Result<Self, ShareError> {
        if file.len() > LONGEST {
            return Err(ShareError::Malformed);
        }
        let share: Self = serde_json::from_slice(file).map_err(|_| ShareError::Malformed)?;
        if share.format == FORMAT { Ok(share) } else { Err(ShareError::Malformed) }
    }

    /// Writes the file of a sealed share: one line of JSON.
    ///
    /// # Errors
    /// [`ShareError::Unusable`], which does not happen to a share that was made or read here.
    pub fn to_json(&self) -> Result<String, ShareError> {
        serde_json::to_string(self).map(|json| json + "\n").map_err(|_| ShareError::Unusable)
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// The identifier of its set.
    #[must_use]
    pub fn set(&self) -> &[u8; 32] {
        &self.set
    }

    /// Opens the share with its holder's credential and checks it against the commitments: the check that each holder
    /// makes alone, without the others.
    ///
    /// # Errors
    /// [`ShareError::OtherSet`], [`ShareError::NotHolder`], [`ShareError::Sealed`], [`ShareError::Spoilt`].
    pub fn open(&self, set: &ShareSet, credential: &UnlockedCredential) -> Result<Share, ShareError> {
        let person = credential.person();
        if self.set != *set.id() {
            return Err(ShareError::OtherSet { person: self.person.clone() });
        }
        if self.person != *person {
            return Err(ShareError::NotHolder { person: person.clone() });
        }
        let sealed = |_: SealError| ShareError::Sealed { person: person.clone() };
        let identity = credential.identity().map_err(|_| ShareError::Unusable)?;
        let plaintext = seal::open_with_identity(&identity, &self.sealed).map_err(sealed)?;
        let spoilt = || ShareError::Spoilt { person: person.clone() };
        let (id, rest) = plaintext.split_first_chunk::<32>().ok_or_else(spoilt)?;
        let (index, scalar) = rest.split_first().ok_or_else(spoilt)?;
        let scalar = Zeroizing::new(scalar.try_into().map_err(|_| spoilt())?);
        // The number and the set inside the seal count, not those outside; the check compares both.
        let share = Share { set: *id, index: *index, person: person.clone(), scalar };
        set.check(&share)?;
        Ok(share)
    }
}

impl ShareSet {
    /// Reads a share from its words and checks it against the commitments.
    ///
    /// # Errors
    /// [`ShareError::Words`], [`ShareError::OtherSet`], [`ShareError::NoSuchIndex`], [`ShareError::Spoilt`].
    pub fn share_from_words(&self, words: &str) -> Result<Share, ShareError> {
        let octets = parse_share_words(words)?;
        let (index, rest) = octets.split_first().ok_or(ShareError::Malformed)?;
        let (tag, scalar) = rest.split_first_chunk::<TAG>().ok_or(ShareError::Malformed)?;
        let scalar = Zeroizing::new(scalar.try_into().map_err(|_| ShareError::Malformed)?);
        let person = self.person_at(*index).ok_or(ShareError::NoSuchIndex { index: *index })?.clone();
        if !self.id().starts_with(tag) {
            return Err(ShareError::OtherSet { person });
        }
        let share = Share { set: *self.id(), index: *index, person, scalar };
        self.check(&share)?;
        Ok(share)
    }
}
