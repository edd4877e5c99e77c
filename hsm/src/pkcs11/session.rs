//! One session of a signing key: opening it, logging in once, signing, and starting over after an error.

use std::sync::Mutex;
use std::time::Duration;

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use tegata_pki::{CryptoProvider, PublicKey, RawSignature, SignatureAlgorithm, SignatureRef};

use super::{KeyPolicy, Module, key};
use crate::sync::lock;
use crate::{ErrorClass, KeySelector, Pin, SignerError, TokenError, TokenSelector};

/// How often, and after which pauses, a signature is tried again after a *temporary* error. Each attempt uses a new
/// session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The pause before each further attempt; as many attempts as there are pauses.
    pub pauses: Vec<Duration>,
}

impl Default for RetryPolicy {
    /// Once, after 100 ms.
    fn default() -> Self {
        Self { pauses: vec![Duration::from_millis(100)] }
    }
}

/// Everything that is needed to open a session on the key, now and again later.
#[derive(Debug)]
pub(super) struct KeyAccess {
    pub(super) module: Module,
    pub(super) token: TokenSelector,
    pub(super) key: KeySelector,
    pub(super) expected: PublicKey,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) policy: KeyPolicy,
    pub(super) retry: RetryPolicy,
    pub(super) provider: &'static dyn CryptoProvider,
    pub(super) login: Login,
}

/// The login of one signer, shared by its sessions. Login belongs to the application, not to the session; the lock makes
/// sure that a PIN that the token refused once is never sent again, whichever session starts over.
#[derive(Debug)]
pub(super) struct Login {
    pin: Pin,
    refused: Mutex<Option<TokenError>>,
}

/// A session that is logged in, with the handle of the key.
#[derive(Debug)]
pub(super) struct KeySession {
    session: Session,
    key: ObjectHandle,
}

impl KeyAccess {
    /// Opens a session and checks the key again: it may have been replaced since the last one.
    pub(super) fn open(&self) -> Result<KeySession, TokenError> {
        let (slot, token) = self.module.find(&self.token)?;
        let session = self.module.context().open_ro_session(slot)?;
        self.login.log_in(&session)?;
        let key = key::find_private(&session, &token.label, &self.key)?;
        self.policy.check(key::unsafe_attributes(&session, key)?)?;
        if key::curve_of(&session, key)?.is_none() {
            return Err(TokenError::UnsupportedKey);
        }
        let found = key::public_key(&session, key)?
            .ok_or_else(|| TokenError::PublicKeyAbsent { token: token.label, wanted: self.key.clone() })?;
        if found != self.expected {
            return Err(TokenError::KeyMismatch { expected: Box::new(self.expected.clone()), found: Box::new(found) });
        }
        Ok(KeySession { session, key })
    }

    /// Signs with the session in `slot`, opening one where there is none. Any error drops the session, because after a
    /// failed call its state is unknown (an operation may still be active); temporary ones are tried again.
    pub(super) fn sign(&self, slot: &mut Option<KeySession>, message: &[u8]) -> Result<RawSignature, SignerError> {
        let mut pauses = self.retry.pauses.iter();
        loop {
            let error = match self.attempt(slot, message) {
                Ok(signature) => return Ok(signature),
                Err(error) => error,
            };
            *slot = None;
            match pauses.next() {
                Some(pause) if error.class() == ErrorClass::Temporary => std::thread::sleep(*pause),
                _ => return Err(error),
            }
        }
    }

    fn attempt(&self, slot: &mut Option<KeySession>, message: &[u8]) -> Result<RawSignature, SignerError> {
        let open = match slot {
            Some(open) => open,
            None => slot.insert(self.open()?),
        };
        let octets = match self.algorithm {
            SignatureAlgorithm::Ecdsa(hash) => {
                let digest = self.provider.digest(hash, message);
                let digest = digest.as_ref();
                // Tokens cut or pad digests of another length without a word.
                if digest.len() != hash.len() {
                    return Err(SignerError::DigestLength { expected: hash.len(), found: digest.len() });
                }
                open.call(&Mechanism::Ecdsa, digest)?
            }
            SignatureAlgorithm::EdDsa => {
                open.call(&Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)), message)?
            }
        };
        self.released(octets, message)
    }

    /// The signature, if it is one of the expected key over this message.
    fn released(&self, octets: Vec<u8>, message: &[u8]) -> Result<RawSignature, SignerError> {
        let curve = self.expected.curve();
        let expected = 2 * curve.field_len();
        let found = octets.len();
        let signature =
            RawSignature::new(curve, octets).map_err(|_| SignerError::SignatureLength { expected, found })?;
        self.provider
            .verify(&self.expected, self.algorithm, message, SignatureRef::Raw(signature.as_bytes()))
            .map_err(|_| SignerError::SignatureDidNotVerify)?;
        Ok(signature)
    }
}

impl Login {
    pub(super) const fn new(pin: Pin) -> Self {
        Self { pin, refused: Mutex::new(None) }
    }

    fn log_in(&self, session: &Session) -> Result<(), TokenError> {
        let mut refused = lock(&self.refused);
        if let Some(error) = refused.as_ref() {
            return Err(error.clone());
        }
        let result = log_in(session, UserType::User, &self.pin);
        if let Err(error) = &result
            && error.class() == ErrorClass::Pin
        {
            *refused = Some(error.clone());
        }
        result
    }
}

/// Logs in. That the application is logged in already, through another session, is success.
pub(super) fn log_in(session: &Session, user: UserType, pin: &Pin) -> Result<(), TokenError> {
    match session.login(user, Some(&pin.to_auth())) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl KeySession {
    fn call(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, TokenError> {
        Ok(self.session.sign(mechanism, self.key, data)?)
    }
}
