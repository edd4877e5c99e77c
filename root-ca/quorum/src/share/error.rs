//! What can go wrong with shares.

use crate::PersonId;
use crate::words::ShareWordsError;

/// Why a secret was not split, or a share or a set not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The threshold is below 2 or above the number of holders.
    #[error("{threshold} of {holders} is no quorum")]
    Threshold {
        /// How many shares are to open the secret.
        threshold: u8,
        /// How many holders there are.
        holders: usize,
    },
    /// Too many holders.
    #[error("{found} holders are too many")]
    TooManyHolders {
        /// How many there are.
        found: usize,
    },
    /// A person, or a person's key, stands twice among the holders.
    #[error("{person} stands twice among the holders")]
    DuplicateHolder {
        /// The person.
        person: PersonId,
    },
    /// The label of a set is empty, too long or not printable.
    #[error("the label of a set of shares has 1 to 100 characters, none of them a control character")]
    Label,
    /// The secret is empty or too long.
    #[error("a secret of {found} octets cannot be shared")]
    SecretLength {
        /// Its length.
        found: usize,
    },
    /// The file is not a set, or not a share, of the known format.
    #[error("the file is neither a set of shares nor a share")]
    Malformed,
    /// The words are not a share.
    #[error(transparent)]
    Words(#[from] ShareWordsError),
    /// The share belongs to another set.
    #[error("the share of {person} belongs to another set")]
    OtherSet {
        /// Whose share it is.
        person: PersonId,
    },
    /// The set has no share of this number.
    #[error("the set has no share number {index}")]
    NoSuchIndex {
        /// The number.
        index: u8,
    },
    /// The person does not hold this share, or none of this set.
    #[error("{person} does not hold this share")]
    NotHolder {
        /// The person.
        person: PersonId,
    },
    /// The sealed share does not open with the holder's credential: it is altered, or sealed to another key.
    #[error("the sealed share of {person} does not open")]
    Sealed {
        /// Whose share it is.
        person: PersonId,
    },
    /// The share does not agree with the published commitments.
    #[error("the share of {person} is spoilt")]
    Spoilt {
        /// Whose share it is.
        person: PersonId,
    },
    /// Fewer distinct holders than the threshold.
    #[error("{have} of {need} shares")]
    TooFew {
        /// How many distinct shares there are.
        have: usize,
        /// How many it takes.
        need: usize,
    },
    /// The shares are right but the payload does not open: it was altered.
    #[error("the payload of the set was altered")]
    Payload,
    /// A value has no encoding: the random generator is broken, or a date lies beyond the year 9999.
    #[error("the shares cannot be made or encoded")]
    Unusable,
}

impl ShareError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "share-threshold",
            Self::TooManyHolders { .. } => "share-too-many-holders",
            Self::DuplicateHolder { .. } => "share-duplicate-holder",
            Self::Label => "share-label",
            Self::SecretLength { .. } => "share-secret-length",
            Self::Malformed => "share-malformed",
            Self::Words(error) => error.id(),
            Self::OtherSet { .. } => "share-other-set",
            Self::NoSuchIndex { .. } => "share-no-such-index",
            Self::NotHolder { .. } => "share-not-holder",
            Self::Sealed { .. } => "share-sealed",
            Self::Spoilt { .. } => "share-spoilt",
            Self::TooFew { .. } => "share-too-few",
            Self::Payload => "share-payload",
            Self::Unusable => "share-unusable",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Threshold { .. } | Self::TooManyHolders { .. } => "Choose k and n with 2 <= k <= n <= 32.",
            Self::DuplicateHolder { .. } => "Name each person once, each with a credential of his own.",
            Self::Label => "Give the set a short name, such as the label of the token.",
            Self::SecretLength { .. } => "Use a secret of 1 to 64 octets; a drawn PIN has 8 to 64 characters.",
            Self::Malformed => "Check that the file is the one written when the secret was split.",
            Self::Words(error) => error.remedy(),
            Self::OtherSet { .. } | Self::NoSuchIndex { .. } => "Bring the share made at the last splitting.",
            Self::NotHolder { .. } => "Let the holder himself open his share.",
            Self::Sealed { .. } | Self::Spoilt { .. } => {
                "Use the share's second copy or its words on paper, or another holder, and split again soon."
            }
            Self::TooFew { .. } => "Call more holders.",
            Self::Payload => "Use the second copy of the set.",
            Self::Unusable => "Check the clock and the random generator of this computer.",
        }
    }
}
