//! Persons of a ceremony: who they are, what they sign off, and how k of n of them unlock a token.
//!
//! - [`words`]: digests to be read aloud (PGP words), and shares as words on paper.
//! - [`credential`]: a person enrols with an ID, a password and a second factor; only with both does the credential
//!   file give the sign-off key (seed 004 5.2.3, 6.2.8: ID, password and multi-factor authentication).
//! - [`sign_off`]: the Ed25519 signature of a person under a [`Statement`].
//! - [`share`]: a token's PIN, split so that any k of n holders bring it back, each share verifiable on its own
//!   (Feldman) and sealed to its holder.
//! - [`activation`]: k distinct persons, authenticated at that moment, open a session that ends by itself.
//!
//! Nothing here asks a question at a terminal, opens a socket or reads a clock: passwords, time and randomness are
//! arguments. One exception is inherited: the `age` library draws the keys of the files it seals from the operating
//! system itself. It also reads the clock, only to time its own work, when a password is used.
//!
//! Digests are SHA-256. JSON that is signed or hashed is canonical in the sense of RFC 8785: keys sorted, no white
//! space, integers only.

pub mod activation;
pub mod credential;
pub mod person;
pub mod share;
pub mod sign_off;
pub mod statement;
pub mod words;

mod encoding;
mod seal;

pub use activation::{
    Activation, ActivationError, ActivationSession, Member, PolicyError, Presence, Progress, QuorumPolicy, Sandbox,
};
pub use credential::{
    Credential, CredentialError, Enrolment, FactorError, KeyFileFactor, Password, PasswordError, SandboxFactor,
    SecondFactor, UnlockedCredential, WorkFactor,
};
pub use person::{PersonId, PersonIdError};
pub use share::{Holder, SealedShare, Secret, Share, ShareError, ShareSet, SplitRequest, split};
pub use sign_off::{SignOff, SignOffError};
pub use statement::{Statement, StatementError};
pub use words::{ShareWordsError, WordsError};
