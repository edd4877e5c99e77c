//! A credential after both factors were shown.

use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::CryptoRng;
use tegata_pki::{Curve, PublicKey};
use time::UtcDateTime;

use super::{Credential, CredentialError, Enrolment, Keys, seal_keys};
use crate::{PersonId, SignOff, Statement, seal};

/// A person's keys in memory, after authentication. Wiped when dropped; not cloneable; `Debug` shows no key.
///
/// It signs statements and opens the person's shares, and nothing else.
pub struct UnlockedCredential {
    credential: Credential,
    keys: Keys,
    authenticated_at: UtcDateTime,
}

impl UnlockedCredential {
    pub(super) fn new(
        credential: Credential,
        keys: Keys,
        authenticated_at: UtcDateTime,
    ) -> Result<Self, CredentialError> {
        let unlocked = Self { credential, keys, authenticated_at };
        // A sharing key that is not the recipient's would make every share look spoilt.
        let identity = unlocked.identity()?;
        let same = identity.to_public() == *unlocked.credential.public.recipient.as_age();
        if same { Ok(unlocked) } else { Err(CredentialError::Damaged) }
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        self.credential.person()
    }

    /// The credential that was unlocked.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// When both factors were shown.
    #[must_use]
    pub fn authenticated_at(&self) -> UtcDateTime {
        self.authenticated_at
    }

    /// Signs a statement off, with Ed25519 (RFC 8032) over [`Statement::as_bytes`].
    #[must_use]
    pub fn sign_off(&self, statement: &Statement) -> SignOff {
        let signature = SigningKey::from_bytes(&self.keys.seed).sign(statement.as_bytes());
        SignOff::new(self.person().clone(), statement, signature.to_bytes())
    }

    /// Seals the same keys under another password, another second factor, or both: the periodic change of the password
    /// (seed 004 5.2.3) and the replacement of a stick. The public key and the recipient stay, so rosters and shares stay.
    ///
    /// # Errors
    /// As [`Credential::enrol`].
    pub fn renew(&self, enrolment: Enrolment<'_>, rng: &mut impl CryptoRng) -> Result<Credential, CredentialError> {
        seal_keys(self.person(), &self.keys, enrolment, Some(self.credential.enrolled()), rng)
    }

    pub(super) fn derived_public_key(&self) -> Result<PublicKey, CredentialError> {
        public_key(&self.keys.seed)
    }

    /// The X25519 identity that opens shares sealed to this person.
    pub(crate) fn identity(&self) -> Result<age::x25519::Identity, CredentialError> {
        seal::identity(&self.keys.sharing).map_err(|_| CredentialError::Unusable)
    }
}

impl fmt::Debug for UnlockedCredential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UnlockedCredential({}, since {})", self.person(), self.authenticated_at)
    }
}

/// The public half of a sign-off key.
pub(super) fn public_key(seed: &[u8; 32]) -> Result<PublicKey, CredentialError> {
    let octets = SigningKey::from_bytes(seed).verifying_key().to_bytes();
    PublicKey::from_sec1(Curve::Ed25519, &octets).map_err(|_| CredentialError::Unusable)
}
