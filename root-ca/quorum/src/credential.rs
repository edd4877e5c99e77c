//! Credentials: a person's sign-off key, sealed so that only his password and his second factor together open it.
//!
//! ```text
//! sealed = age(X25519 identity I) around age(password, scrypt 2^work_factor) around seed || sharing key
//! I      = HKDF-SHA-256(second factor's response to C, salt C, "tegata-credential-factor-v1")
//! C      = SHA-256("tegata-credential-v1\n" || canonical JSON of every other member of the file)
//! ```
//!
//! `seed` is the 32 octets of the Ed25519 sign-off key, `sharing key` the 32 octets of the X25519 key that shares are
//! sealed to. Because the whole public part goes into the challenge `C`, a file with an altered name, date or key does
//! not open.
//!
//! The factor's layer is the outer one, so whoever has the file without the factor cannot try a single password: what
//! a password would open is itself sealed to `I`. Whoever has the file and the factor can try passwords, each at the
//! cost of scrypt; with a [`SandboxFactor`], which hides nothing, that is whoever has the file.
//! (Seed 004 5.2.3 and 6.2.8: ID, password and multi-factor authentication.)

mod error;
mod factor;
mod password;
mod unlocked;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use tegata_pki::PublicKey;
use time::{Duration, UtcDateTime};
use zeroize::Zeroizing;

pub use error::CredentialError;
pub use factor::{FactorError, KeyFileFactor, SandboxFactor, SecondFactor};
pub use password::{Password, PasswordError, WorkFactor};
pub use unlocked::UnlockedCredential;

use crate::statement::canonical_object;
use crate::{PersonId, encoding, seal, seal::SealError, share::Holder};

/// The value of the member `format`.
const FORMAT: &str = "tegata-credential-v1";

/// The label under which the key of the outer layer is derived from the factor's response.
const FACTOR_LABEL: &str = "tegata-credential-factor-v1";

/// The most octets of a credential file.
const LONGEST: usize = 16 * 1024;

/// A credential as it is kept: public facts and the sealed keys. Not a secret by itself, and worth nothing without both
/// the password and the second factor.
///
/// The file is one JSON object: `format`, `person`, `public_key` (base64), `recipient` (`age1…`), `factor`, `salt`
/// (hex), `enrolled`, `password_set` (RFC 3339), `work_factor`, `sealed` (base64 of an age file).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    public: PublicPart,
    sealed: Vec<u8>,
}

/// What the challenge is made of: every member but `sealed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicPart {
    format: String,
    person: PersonId,
    #[serde(with = "encoding::ed25519_key")]
    public_key: PublicKey,
    recipient: Recipient,
    factor: String,
    #[serde(with = "encoding::hex_octets")]
    salt: [u8; 32],
    #[serde(with = "encoding::instant")]
    enrolled: UtcDateTime,
    #[serde(with = "encoding::instant")]
    password_set: UtcDateTime,
    work_factor: WorkFactor,
}

/// An age X25519 recipient in its text form, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Recipient(age::x25519::Recipient);

/// What a person brings to enrol, or to renew his password or factor.
#[derive(Clone, Copy, Debug)]
pub struct Enrolment<'a> {
    /// The password. Its rules were checked when it was made.
    pub password: &'a Password,
    /// The second factor, present at this moment.
    pub factor: &'a dyn SecondFactor,
    /// How much work one try of the password is to cost.
    pub work_factor: WorkFactor,
    /// Now. The password counts as set at this instant.
    pub now: UtcDateTime,
}

impl Credential {
    /// Enrols a person: draws his keys and seals them.
    ///
    /// # Errors
    /// [`CredentialError::Factor`] when the second factor does not answer; [`CredentialError::PasswordIsHandle`].
    pub fn enrol(
        person: PersonId,
        enrolment: Enrolment<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CredentialError> {
        let mut keys = Keys::default();
        rng.fill_bytes(&mut *keys.seed);
        rng.fill_bytes(&mut *keys.sharing);
        seal_keys(&person, &keys, enrolment, None, rng)
    }

    /// Reads a credential file.
    ///
    /// # Errors
    /// [`CredentialError::Malformed`] for anything that is not exactly one credential of this format.
    pub fn from_json(file: &[u8]) -> Result<Self, CredentialError> {
        let malformed = CredentialError::Malformed;
        if file.len() > LONGEST {
            return Err(malformed);
        }
        let Ok(serde_json::Value::Object(mut members)) = serde_json::from_slice(file) else { return Err(malformed) };
        let sealed = members.remove("sealed").and_then(|value| STANDARD.decode(value.as_str()?).ok());
        let sealed = sealed.ok_or(CredentialError::Malformed)?;
        let public: PublicPart = serde_json::from_value(members.into()).map_err(|_| CredentialError::Malformed)?;
        if public.format == FORMAT { Ok(Self { public, sealed }) } else { Err(malformed) }
    }

    /// Writes the credential file, in the form of RFC 8785 with a line end.
    ///
    /// # Errors
    /// [`CredentialError::Unusable`] when a date lies beyond the year 9999.
    pub fn to_json(&self) -> Result<String, CredentialError> {
        let mut members = self.public.members()?;
        members.insert("sealed".to_owned(), STANDARD.encode(&self.sealed).into());
        canonical_object(&members).map(|json| json + "\n").map_err(|_| CredentialError::Unusable)
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.public.person
    }

    /// The Ed25519 public key that verifies the person's sign-offs.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public.public_key
    }

    /// The id of the second factor that opens it.
    #[must_use]
    pub fn factor(&self) -> &str {
        &self.public.factor
    }

    /// When the person enrolled.
    #[must_use]
    pub fn enrolled(&self) -> UtcDateTime {
        self.public.enrolled
    }

    /// How old the password is (seed 004 5.2.3: changed periodically). Negative when `now` is before it was set.
    #[must_use]
    pub fn password_age(&self, now: UtcDateTime) -> Duration {
        now - self.public.password_set
    }

    /// Whether it is fit for a sandbox only: its factor is a software one, or its work factor is below
    /// [`WorkFactor::LEAST`].
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.public.factor.starts_with(SandboxFactor::PREFIX) || self.public.work_factor.is_insecure()
    }

    /// The person as a holder of shares.
    #[must_use]
    pub fn holder(&self) -> Holder {
        Holder::new(self.public.person.clone(), self.public.recipient.clone())
    }

    /// Authenticates the person at the instant `now`, with both factors: the second factor first, then the password.
    /// Without the right factor the password is not looked at, and the error tells nothing of it.
    ///
    /// # Errors
    /// [`CredentialError::Clock`], [`CredentialError::OtherFactor`], [`CredentialError::Factor`],
    /// [`CredentialError::FactorRefused`], [`CredentialError::WrongPassword`], [`CredentialError::Damaged`]; and
    /// [`CredentialError::Unusable`] when a date lies beyond the year 9999.
    pub fn unlock(
        &self,
        password: &Password,
        factor: &dyn SecondFactor,
        now: UtcDateTime,
    ) -> Result<UnlockedCredential, CredentialError> {
        if now < self.public.password_set {
            return Err(CredentialError::Clock { now, password_set: self.public.password_set });
        }
        if factor.id() != self.public.factor {
            return Err(CredentialError::OtherFactor {
                enrolled: self.public.factor.clone(),
                presented: factor.id().to_owned(),
            });
        }
        let identity = self.public.factor_identity(factor)?;
        let inner = seal::open_with_identity(&identity, &self.sealed).map_err(|error| match error {
            SealError::WrongKey => CredentialError::FactorRefused { person: self.public.person.clone() },
            SealError::Damaged | SealError::Unusable => CredentialError::Damaged,
        })?;
        let octets =
            seal::open_with_password(password.as_str(), self.public.work_factor.log_n(), &inner).map_err(|error| {
                match error {
                    SealError::WrongKey => CredentialError::WrongPassword { person: self.public.person.clone() },
                    SealError::Damaged | SealError::Unusable => CredentialError::Damaged,
                }
            })?;
        let keys = Keys::from_octets(&octets).ok_or(CredentialError::Damaged)?;
        let unlocked = UnlockedCredential::new(self.clone(), keys, now)?;
        if unlocked.derived_public_key()? == self.public.public_key {
            Ok(unlocked)
        } else {
            Err(CredentialError::Damaged)
        }
    }
}

impl PublicPart {
    /// Every member but `sealed`.
    fn members(&self) -> Result<serde_json::Map<String, serde_json::Value>, CredentialError> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(members)) => Ok(members),
            _ => Err(CredentialError::Unusable),
        }
    }

    /// The identity of the outer layer: derived from the factor's answer to the challenge.
    fn factor_identity(&self, factor: &dyn SecondFactor) -> Result<age::x25519::Identity, CredentialError> {
        let json = canonical_object(&self.members()?).map_err(|_| CredentialError::Unusable)?;
        let challenge = encoding::sha256(&[FORMAT.as_bytes(), b"\n", json.as_bytes()].concat());
        let response = factor.respond(&challenge)?;
        let key = encoding::derive(&*response, &challenge, FACTOR_LABEL);
        seal::identity(&key).map_err(|_| CredentialError::Unusable)
    }
}

/// The two private keys of a person; wiped when dropped.
#[derive(Clone, Default)]
pub(crate) struct Keys {
    pub(crate) seed: Zeroizing<[u8; 32]>,
    pub(crate) sharing: Zeroizing<[u8; 32]>,
}

impl Keys {
    fn to_octets(&self) -> Zeroizing<Vec<u8>> {
        let mut octets = Zeroizing::new(Vec::with_capacity(64));
        octets.extend_from_slice(&*self.seed);
        octets.extend_from_slice(&*self.sharing);
        octets
    }

    fn from_octets(octets: &[u8]) -> Option<Self> {
        let (seed, sharing) = octets.split_first_chunk::<32>()?;
        Some(Self { seed: Zeroizing::new(*seed), sharing: Zeroizing::new(sharing.try_into().ok()?) })
    }
}

/// Seals keys under a password, and that under a factor; `enrolled` is given when an existing credential is renewed.
fn seal_keys(
    person: &PersonId,
    keys: &Keys,
    enrolment: Enrolment<'_>,
    enrolled: Option<UtcDateTime>,
    rng: &mut impl CryptoRng,
) -> Result<Credential, CredentialError> {
    if enrolment.password.as_str().eq_ignore_ascii_case(person.as_str()) {
        return Err(CredentialError::PasswordIsHandle);
    }
    let now = encoding::whole_seconds(enrolment.now);
    let sharing = seal::identity(&keys.sharing).map_err(|_| CredentialError::Unusable)?;
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let public = PublicPart {
        format: FORMAT.to_owned(),
        person: person.clone(),
        public_key: unlocked::public_key(&keys.seed)?,
        recipient: Recipient(sharing.to_public()),
        factor: enrolment.factor.id().to_owned(),
        salt,
        enrolled: enrolled.unwrap_or(now),
        password_set: now,
        work_factor: enrolment.work_factor,
    };
    let identity = public.factor_identity(enrolment.factor)?;
    let inner = seal::with_password(enrolment.password.as_str(), enrolment.work_factor.log_n(), &keys.to_octets())
        .map_err(|_| CredentialError::Unusable)?;
    let sealed = seal::to_recipient(&identity.to_public(), &inner).map_err(|_| CredentialError::Unusable)?;
    Ok(Credential { public, sealed })
}

impl Recipient {
    pub(crate) fn as_age(&self) -> &age::x25519::Recipient {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use time::macros::utc_datetime;

    use super::*;

    /// What a thief with the file and the stick can do by hand, with the layers of the format and without our checks.
    #[test]
    fn the_factor_alone_uncovers_only_a_layer_that_asks_for_the_password() {
        let (password, wrong) = (Password::new("horse battery").unwrap(), Password::new("horse buttery").unwrap());
        let factor = SandboxFactor::new("stick");
        let work_factor = WorkFactor::insecure(1).unwrap();
        let now = utc_datetime!(2026-11-21 09:00:00);
        let enrolment = Enrolment { password: &password, factor: &factor, work_factor, now };
        let person = PersonId::new("p01").unwrap();
        let credential = Credential::enrol(person, enrolment, &mut StdRng::from_seed([1; 32])).unwrap();

        let identity = credential.public.factor_identity(&factor).unwrap();
        let inner = seal::open_with_identity(&identity, &credential.sealed).unwrap();
        assert!(inner.starts_with(b"age-encryption.org/v1\n-> scrypt "));
        assert_eq!(seal::open_with_identity(&identity, &inner).unwrap_err(), SealError::WrongKey);
        assert_eq!(seal::open_with_password(wrong.as_str(), 1, &inner).unwrap_err(), SealError::WrongKey);
        assert_eq!(seal::open_with_password(password.as_str(), 1, &inner).unwrap().len(), 64);
    }
}
