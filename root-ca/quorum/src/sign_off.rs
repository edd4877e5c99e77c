//! The signature of a person under a statement.

use serde::{Deserialize, Serialize};
use tegata_pki::{Curve, PublicKey, SignatureAlgorithm, SignatureRef, rust_crypto};

use crate::{PersonId, Statement, encoding};

/// A person's Ed25519 signature (RFC 8032) over the octets of a [`Statement`].
///
/// In JSON `{"person": "p07", "statement": SHA-256 of the statement in hex, "signature": 64 octets in base64}`. The
/// person's name is no part of what is signed: who signed is told by the public key, which the roster binds to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    person: PersonId,
    #[serde(with = "encoding::hex_octets")]
    statement: [u8; 32],
    #[serde(with = "encoding::base64_signature")]
    signature: [u8; 64],
}

impl SignOff {
    pub(crate) fn new(person: PersonId, statement: &Statement, signature: [u8; 64]) -> Self {
        Self { person, statement: statement.digest(), signature }
    }

    /// Who claims to have signed.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// The SHA-256 of the statement that was signed.
    #[must_use]
    pub fn statement_digest(&self) -> &[u8; 32] {
        &self.statement
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Verifies that the owner of `key` signed `statement`. Which key belongs to the person is for the caller to know,
    /// from the roster.
    ///
    /// # Errors
    /// [`SignOffError`].
    pub fn verify(&self, statement: &Statement, key: &PublicKey) -> Result<(), SignOffError> {
        if key.curve() != Curve::Ed25519 {
            return Err(SignOffError::KeyKind { curve: key.curve() });
        }
        if self.statement != statement.digest() {
            return Err(SignOffError::OtherStatement { person: self.person.clone() });
        }
        let signature = SignatureRef::Raw(&self.signature);
        rust_crypto()
            .verify(key, SignatureAlgorithm::EdDsa, statement.as_bytes(), signature)
            .map_err(|_| SignOffError::Signature { person: self.person.clone() })
    }
}

/// Why a sign-off does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignOffError {
    /// The key is not an Ed25519 key.
    #[error("a sign-off key is an Ed25519 key, not one on {curve}")]
    KeyKind {
        /// The curve of the key given.
        curve: Curve,
    },
    /// The person signed another statement.
    #[error("the sign-off of {person} is for another statement")]
    OtherStatement {
        /// Who signed.
        person: PersonId,
    },
    /// The signature is not by this key.
    #[error("the signature in the sign-off of {person} does not match the person's key")]
    Signature {
        /// Who is said to have signed.
        person: PersonId,
    },
}

impl SignOffError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::KeyKind { .. } => "sign-off-key-kind",
            Self::OtherStatement { .. } => "sign-off-other-statement",
            Self::Signature { .. } => "sign-off-signature",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::KeyKind { .. } => "Take the public key from the person's credential file.",
            Self::OtherStatement { .. } => "Let the person sign off the statement of this very step.",
            Self::Signature { .. } => "Find out whose credential signed; do not accept the sign-off.",
        }
    }
}
