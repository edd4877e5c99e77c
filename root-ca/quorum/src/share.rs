//! A secret, split so that any k of n holders bring it back and fewer learn nothing.
//!
//! What is shared by Feldman's scheme on P-256 is a fresh random scalar `s`; the secret itself, such as a PIN, is sealed
//! under a key derived from `s`. (Feldman's commitments publish `s·G`: of a PIN, which can be guessed, they would give the
//! PIN away; of a random scalar they give nothing.)
//!
//! ```text
//! ShareSet    public: who holds which share, k, the k commitments, and the payload
//!               id      = SHA-256(canonical JSON of the set without its payload)
//!               payload = age(X25519 identity from HKDF-SHA-256(s, salt id, "tegata-share-payload-v1"))
//!                         around length (1 octet) || secret || zeros, 65 octets in all
//! SealedShare one per holder: age(the holder's credential) around id (32) || index (1) || scalar (32)
//! words       on paper: index (1) || first 4 octets of id || scalar (32), and a checksum: 41 words
//! ```
//!
//! Everything in the set but the payload goes into `id`, which is a salt of the payload's key: a set with an altered
//! holder, label or threshold opens nothing. There is no way to add a holder; split again instead, and destroy the old
//! shares.

mod error;
mod one;
mod secret;
mod set;
mod vss;

pub use error::ShareError;
pub use one::{SealedShare, Share};
pub use secret::Secret;
pub use set::{Holder, ShareSet, SplitRequest, split};

/// The fewest shares that may open a secret: one person alone never does (seed 004 5.2.2).
pub const LEAST_THRESHOLD: u8 = 2;

/// The most holders of one set.
pub const MOST_HOLDERS: usize = 32;
