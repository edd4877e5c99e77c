//! A secret on a person's token that answers challenges: something that the person holds and nobody can copy.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use zeroize::Zeroizing;

use super::{KeyPolicy, Module, Token, TokenOperation, key};
use crate::{KeyReference, KeySelector, ModuleFault, ObjectKind, Pin, TokenError, TokenSelector};

/// Octets of the secret and of an answer.
const LENGTH: usize = 32;

/// A generic secret of 32 octets on a token, sensitive and never extractable, that answers with HMAC-SHA-256 (PKCS#11 3.1
/// 6.21, RFC 2104). The same challenge always gets the same answer.
#[derive(Debug)]
pub struct ResponseKey {
    token: Token,
    key: KeySelector,
    pin: Pin,
}

impl Token {
    /// Makes a secret that answers challenges.
    ///
    /// # Errors
    /// [`TokenError::KeyUnnamed`], [`TokenError::KeyExists`], [`TokenError::UnsafeKeyAttributes`],
    /// [`TokenError::PinRefused`]; [`TokenError::Call`] where the token has no such secrets.
    pub fn generate_response_key(&self, pin: &Pin, label: &str, id: &[u8]) -> Result<KeyReference, TokenError> {
        if label.is_empty() || id.is_empty() {
            return Err(TokenError::KeyUnnamed);
        }
        let (label, id) = (label.to_owned(), id.to_vec());
        self.with_user(pin, TokenOperation::GenerateKey, move |token, session| {
            let wanted = KeySelector::label_and_id(label.as_str(), id.as_slice());
            let named = token.description().label.clone();
            for one in [KeySelector::label(label.as_str()), KeySelector { label: None, id: Some(id.clone()) }] {
                if !session.find_objects(&key::template(ObjectClass::SECRET_KEY, &one))?.is_empty() {
                    return Err(TokenError::KeyExists { token: named, wanted });
                }
            }
            let secret = session.generate_key(
                &Mechanism::GenericSecretKeyGen,
                &[
                    Attribute::Class(ObjectClass::SECRET_KEY),
                    Attribute::KeyType(KeyType::GENERIC_SECRET),
                    Attribute::ValueLen(32.into()),
                    Attribute::Token(true),
                    Attribute::Private(true),
                    Attribute::Sensitive(true),
                    Attribute::Extractable(false),
                    Attribute::Sign(true),
                    Attribute::Label(label.as_bytes().to_vec()),
                    Attribute::Id(id.clone()),
                ],
            )?;
            if let Err(error) = KeyPolicy::strict().check(key::unsafe_attributes(session, secret)?) {
                session.destroy_object(secret)?;
                return Err(error);
            }
            Ok(KeyReference { kind: Some(ObjectKind::SecretKey), ..token.reference(&label, &id) })
        })
    }
}

impl ResponseKey {
    /// Finds the secret that `reference` addresses in `module`. Nothing is asked of it yet but that it is there and safe.
    ///
    /// # Errors
    /// [`TokenError::TokenNotFound`], [`TokenError::KeyNotFound`], [`TokenError::KeyAmbiguous`],
    /// [`TokenError::UnsafeKeyAttributes`], [`TokenError::PinRefused`].
    pub fn open(module: &Module, reference: &KeyReference, pin: Pin) -> Result<Self, TokenError> {
        let token = module.token(&TokenSelector::from(reference))?;
        let wanted = KeySelector::from(reference);
        // By label and id, however it was addressed: one secret has one name.
        let key = token.with_user(&pin, TokenOperation::OpenKey, move |token, session| {
            let secret = key::find(session, ObjectClass::SECRET_KEY, &token.description().label, &wanted)?;
            KeyPolicy::strict().check(key::unsafe_attributes(session, secret)?)?;
            let key::Name { label, id } = key::name_of(session, secret)?;
            Ok(KeySelector {
                label: String::from_utf8(label).ok().filter(|label| !label.is_empty()),
                id: Some(id).filter(|id| !id.is_empty()),
            })
        })?;
        Ok(Self { token, key, pin })
    }

    /// Where the secret is, without the module that reads it: the same at every machine.
    #[must_use]
    pub fn reference(&self) -> KeyReference {
        let found = self.token.reference("", &[]);
        KeyReference {
            object: self.key.label.clone(),
            id: self.key.id.clone(),
            kind: Some(ObjectKind::SecretKey),
            module_name: None,
            module_path: None,
            ..found
        }
    }

    /// HMAC-SHA-256 of the challenge under the secret.
    ///
    /// # Errors
    /// [`TokenError::Call`], [`TokenError::PinRefused`], [`TokenError::TimedOut`].
    pub fn respond(&self, challenge: &[u8]) -> Result<Zeroizing<[u8; LENGTH]>, TokenError> {
        let (wanted, challenge) = (self.key.clone(), challenge.to_vec());
        self.token.with_user(&self.pin, TokenOperation::Sign, move |token, session| {
            let secret = key::find(session, ObjectClass::SECRET_KEY, &token.description().label, &wanted)?;
            let octets = Zeroizing::new(session.sign(&Mechanism::Sha256Hmac, secret, &challenge)?);
            let answer = <[u8; LENGTH]>::try_from(octets.as_slice());
            answer.map(Zeroizing::new).map_err(|_| TokenError::ModuleFault { fault: ModuleFault::UndecodableValue })
        })
    }
}
