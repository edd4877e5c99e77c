//! Administration of a token: initialising it, making, listing and destroying keys.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use tegata_pki::{Curve, PublicKey};

use super::session::log_in;
use super::{KeyDescription, KeyPolicy, Module, ModuleOrigin, TokenOperation, ec, key};
use crate::reference::EMBEDDED_MODULE_NAME;
use crate::{KeyReference, KeySelector, Pin, TokenDescription, TokenError, TokenSelector};

/// An initialised token. Each operation opens a session of its own and closes it, under one deadline
/// ([`TokenError::TimedOut`]).
#[derive(Debug, Clone)]
pub struct Token {
    module: Module,
    slot: Slot,
    description: TokenDescription,
}

/// A key that was just made on a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GeneratedKey {
    /// How to address it from now on.
    pub reference: KeyReference,
    /// Its public half.
    pub public_key: PublicKey,
}

impl Module {
    /// Initialises an empty token with `label`, `so_pin` for its security officer and `pin` for its user. Never touches a
    /// token that is initialised: that would destroy its keys. Processes that initialise tokens of one shared library at
    /// the same time must take turns; the embedded token needs no such care.
    ///
    /// # Errors
    /// [`TokenError::LabelInvalid`], [`TokenError::TokenExists`], [`TokenError::NoFreeSlot`],
    /// [`TokenError::PinRefused`] for a PIN that is too short for the token.
    pub fn initialise_token(&self, label: &str, so_pin: &Pin, pin: &Pin) -> Result<Token, TokenError> {
        if label.is_empty() || label.len() > 32 || label.trim() != label {
            return Err(TokenError::LabelInvalid { label: label.to_owned() });
        }
        let (label, so_pin, pin) = (label.to_owned(), so_pin.clone(), pin.clone());
        self.within(TokenOperation::Initialise, move |module| module.initialise(&label, &so_pin, &pin))
    }

    fn initialise(&self, label: &str, so_pin: &Pin, pin: &Pin) -> Result<Token, TokenError> {
        let _one_at_a_time = self.line().initialising();
        if self.slots()?.iter().any(|(_, token)| token.initialised && token.label == label) {
            return Err(TokenError::TokenExists { label: label.to_owned() });
        }
        self.with_free_slot(|slot| {
            self.check_pin_lengths(slot, &[so_pin, pin])?;
            Ok(self.context().init_token(slot, &so_pin.to_auth(), label)?)
        })?;
        // The token may have moved to another slot.
        let (slot, description) = self.find(&TokenSelector::label(label))?;
        let session = self.context().open_rw_session(slot)?;
        log_in(&session, UserType::So, so_pin)?;
        session.init_pin(&pin.to_auth())?;
        session.logout()?;
        Ok(Token::new(self.clone(), slot, description))
    }

    /// Checks PINs before a token is initialised, so that no token is left without a user PIN.
    fn check_pin_lengths(&self, slot: Slot, pins: &[&Pin]) -> Result<(), TokenError> {
        let info = self.context().get_token_info(slot)?;
        let shortest = info.min_pin_length();
        // Tokens without a limit say 0.
        let longest = Some(info.max_pin_length()).filter(|longest| *longest > 0).unwrap_or(usize::MAX);
        if pins.iter().all(|pin| (shortest..=longest).contains(&pin.len())) {
            Ok(())
        } else {
            Err(TokenError::PinLength { shortest, longest })
        }
    }
}

impl Token {
    pub(super) const fn new(module: Module, slot: Slot, description: TokenDescription) -> Self {
        Self { module, slot, description }
    }

    /// What the token said about itself when it was looked up.
    #[must_use]
    pub const fn description(&self) -> &TokenDescription {
        &self.description
    }

    /// Makes a key pair on the token: `CKA_TOKEN`, `CKA_PRIVATE`, `CKA_SENSITIVE`, not `CKA_EXTRACTABLE`, for signing
    /// only. The attributes are read back; a token that did not keep them loses the key again.
    ///
    /// # Errors
    /// [`TokenError::UnsupportedCurve`] (only P-256, P-384 and P-521 are made), [`TokenError::KeyExists`],
    /// [`TokenError::UnsafeKeyAttributes`], [`TokenError::PinRefused`].
    pub fn generate_key(&self, pin: &Pin, curve: Curve, label: &str, id: &[u8]) -> Result<GeneratedKey, TokenError> {
        let supported = matches!(curve, Curve::P256 | Curve::P384 | Curve::P521);
        let parameters = ec::parameters(curve).filter(|_| supported).ok_or(TokenError::UnsupportedCurve { curve })?;
        let wanted = KeySelector::label_and_id(label, id);
        if label.is_empty() || id.is_empty() {
            return Err(TokenError::KeyUnnamed);
        }
        let (label, id) = (label.to_owned(), id.to_vec());
        self.with_user(pin, TokenOperation::GenerateKey, move |token, session| {
            if key::exists(session, &label, &id)? {
                return Err(TokenError::KeyExists { token: token.description.label.clone(), wanted });
            }
            let name = [Attribute::Label(label.as_bytes().to_vec()), Attribute::Id(id.clone())];
            let (_, private) = session.generate_key_pair(
                &Mechanism::EccKeyPairGen,
                &[&public_template(parameters), name.as_slice()].concat(),
                &[private_template().as_slice(), name.as_slice()].concat(),
            )?;
            let checked = KeyPolicy::strict()
                .check(key::unsafe_attributes(session, private)?)
                .and_then(|()| key::public_key(session, private))
                .and_then(|found| {
                    found.ok_or_else(|| TokenError::PublicKeyAbsent { token: token.description.label.clone(), wanted })
                });
            match checked {
                Ok(public_key) => Ok(GeneratedKey { reference: token.reference(&label, &id), public_key }),
                Err(error) => {
                    key::destroy(session, private)?;
                    Err(error)
                }
            }
        })
    }

    /// The private keys on the token.
    ///
    /// # Errors
    /// [`TokenError::PinRefused`], [`TokenError::Call`].
    pub fn keys(&self, pin: &Pin) -> Result<Vec<KeyDescription>, TokenError> {
        self.with_user(pin, TokenOperation::ListKeys, |_, session| key::list_private(session))
    }

    /// The public half of one key.
    ///
    /// # Errors
    /// [`TokenError::KeyNotFound`], [`TokenError::KeyAmbiguous`], [`TokenError::PublicKeyAbsent`].
    pub fn public_key(&self, pin: &Pin, wanted: &KeySelector) -> Result<PublicKey, TokenError> {
        let wanted = wanted.clone();
        self.with_user(pin, TokenOperation::OpenKey, move |token, session| {
            let private = key::find_private(session, &token.description.label, &wanted)?;
            let found = key::public_key(session, private)?;
            found.ok_or_else(|| TokenError::PublicKeyAbsent { token: token.description.label.clone(), wanted })
        })
    }

    /// Destroys one key pair. There is no way back.
    ///
    /// # Errors
    /// [`TokenError::KeyNotFound`], [`TokenError::KeyAmbiguous`].
    pub fn destroy_key(&self, pin: &Pin, wanted: &KeySelector) -> Result<(), TokenError> {
        let wanted = wanted.clone();
        self.with_user(pin, TokenOperation::DestroyKey, move |token, session| {
            let private = key::find_private(session, &token.description.label, &wanted)?;
            key::destroy(session, private)
        })
    }

    /// The reference of a key on this token, by the token's label and serial number and the key's label and id.
    #[must_use]
    pub fn reference(&self, label: &str, id: &[u8]) -> KeyReference {
        let mut reference = KeyReference {
            token: Some(self.description.label.clone()),
            serial: Some(self.description.serial.clone()).filter(|serial| !serial.is_empty()),
            object: Some(label.to_owned()),
            id: Some(id.to_vec()),
            ..KeyReference::default()
        };
        match self.module.origin() {
            ModuleOrigin::Library(path) => reference.module_path = Some(path.clone()),
            ModuleOrigin::Embedded(_) => reference.module_name = Some(EMBEDDED_MODULE_NAME.to_owned()),
        }
        reference
    }

    /// Does something in a session of the user, which ends with it.
    pub(super) fn with_user<T: Send + 'static>(
        &self,
        pin: &Pin,
        operation: TokenOperation,
        work: impl FnOnce(&Self, &Session) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        let (token, pin) = (self.clone(), pin.clone());
        self.module.within(operation, move |module| {
            let session = module.context().open_rw_session(token.slot)?;
            log_in(&session, UserType::User, &pin)?;
            work(&token, &session)
        })
    }
}

fn public_template(parameters: Vec<u8>) -> Vec<Attribute> {
    vec![Attribute::Token(true), Attribute::Private(false), Attribute::Verify(true), Attribute::EcParams(parameters)]
}

fn private_template() -> Vec<Attribute> {
    vec![
        Attribute::KeyType(KeyType::EC),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Decrypt(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
    ]
}
