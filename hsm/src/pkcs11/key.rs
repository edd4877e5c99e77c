//! Key objects on a token: finding them, judging their attributes, reading the public half.

use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use tegata_pki::{Curve, PublicKey};

use super::ec;
use crate::{KeySelector, TokenError, UnsafeAttribute};

/// Which attributes of a private key are tolerated. The default tolerates none that lets the key leave the token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPolicy {
    tolerated: Vec<UnsafeAttribute>,
}

/// A private key on a token, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyDescription {
    /// `CKA_LABEL`, with what is not UTF-8 replaced.
    pub label: String,
    /// `CKA_ID`.
    pub id: Vec<u8>,
    /// The public half, if the token holds it readably and it is on a supported curve.
    pub public_key: Option<PublicKey>,
    /// What makes it unfit for signing documents; empty for a good key.
    pub unsafe_attributes: Vec<UnsafeAttribute>,
}

impl KeyPolicy {
    /// Tolerates nothing: the same as the default.
    #[must_use]
    pub fn strict() -> Self {
        Self::default()
    }

    /// Tolerates one unsafe attribute, for example a key that was imported extractable into a sandbox. Everyone who can
    /// log in may then copy the key.
    #[must_use]
    pub fn dangerous_tolerate(mut self, attribute: UnsafeAttribute) -> Self {
        self.tolerated.push(attribute);
        self
    }

    pub(super) fn check(&self, mut attributes: Vec<UnsafeAttribute>) -> Result<(), TokenError> {
        attributes.retain(|attribute| !self.tolerated.contains(attribute));
        if attributes.is_empty() { Ok(()) } else { Err(TokenError::UnsafeKeyAttributes { attributes }) }
    }
}

/// The one private key that `wanted` matches.
pub(super) fn find_private(session: &Session, token: &str, wanted: &KeySelector) -> Result<ObjectHandle, TokenError> {
    find(session, ObjectClass::PRIVATE_KEY, token, wanted)
}

/// The one key of a class that `wanted` matches.
pub(super) fn find(
    session: &Session,
    class: ObjectClass,
    token: &str,
    wanted: &KeySelector,
) -> Result<ObjectHandle, TokenError> {
    if wanted.is_empty() {
        return Err(TokenError::KeyUnnamed);
    }
    let found = session.find_objects(&template(class, wanted))?;
    match found.as_slice() {
        [key] => Ok(*key),
        [] => Err(TokenError::KeyNotFound { token: token.to_owned(), wanted: wanted.clone() }),
        several => {
            Err(TokenError::KeyAmbiguous { token: token.to_owned(), wanted: wanted.clone(), count: several.len() })
        }
    }
}

/// Every private key of the token.
pub(super) fn list_private(session: &Session) -> Result<Vec<KeyDescription>, TokenError> {
    let everything = KeySelector::default();
    let mut keys = Vec::new();
    for key in session.find_objects(&template(ObjectClass::PRIVATE_KEY, &everything))? {
        let name = name_of(session, key)?;
        keys.push(KeyDescription {
            public_key: public_key(session, key)?,
            unsafe_attributes: unsafe_attributes(session, key)?,
            label: String::from_utf8_lossy(&name.label).into_owned(),
            id: name.id,
        });
    }
    Ok(keys)
}

/// The attributes of the private key that are not as they should be. What cannot be read counts as unsafe.
pub(super) fn unsafe_attributes(session: &Session, key: ObjectHandle) -> Result<Vec<UnsafeAttribute>, TokenError> {
    let expected = [
        (AttributeType::Token, true, UnsafeAttribute::SessionObject),
        (AttributeType::Private, true, UnsafeAttribute::NotPrivate),
        (AttributeType::Sensitive, true, UnsafeAttribute::NotSensitive),
        (AttributeType::Extractable, false, UnsafeAttribute::Extractable),
        (AttributeType::Sign, true, UnsafeAttribute::MayNotSign),
    ];
    let read = session.get_attributes(key, &expected.map(|(kind, ..)| kind))?;
    Ok(expected
        .into_iter()
        .filter(|(kind, wanted, _)| {
            let found = read.iter().find(|attribute| attribute.attribute_type() == *kind);
            found.and_then(boolean) != Some(*wanted)
        })
        .map(|(.., reason)| reason)
        .collect())
}

/// The public half of a private key: from the public key object of the same id (the same label where there is no id),
/// else from the private key object itself. `None` if the token tells neither, or it is no supported key.
pub(super) fn public_key(session: &Session, key: ObjectHandle) -> Result<Option<PublicKey>, TokenError> {
    let name = name_of(session, key)?;
    let mut wanted = vec![Attribute::Class(ObjectClass::PUBLIC_KEY)];
    if name.id.is_empty() {
        wanted.push(Attribute::Label(name.label));
    } else {
        wanted.push(Attribute::Id(name.id));
    }
    let mut sources = session.find_objects(&wanted)?;
    // More than one public key of one name: which is the right one is not known, and the expected one is compared later.
    sources.truncate(1);
    sources.push(key);
    for source in sources {
        if let Some(found) = point_of(session, source)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether the key is of a type that signs with curves.
pub(super) fn curve_of(session: &Session, key: ObjectHandle) -> Result<Option<Curve>, TokenError> {
    let mut curve_type = false;
    let mut curve = None;
    for attribute in session.get_attributes(key, &[AttributeType::KeyType, AttributeType::EcParams])? {
        match attribute {
            Attribute::KeyType(kind) => curve_type = matches!(kind, KeyType::EC | KeyType::EC_EDWARDS),
            Attribute::EcParams(parameters) => curve = ec::curve(&parameters),
            _ => {}
        }
    }
    Ok(curve.filter(|_| curve_type))
}

/// Destroys the private key and its public half.
pub(super) fn destroy(session: &Session, key: ObjectHandle) -> Result<(), TokenError> {
    let name = name_of(session, key)?;
    session.destroy_object(key)?;
    let half = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Label(name.label), Attribute::Id(name.id)];
    for public in session.find_objects(&half)? {
        session.destroy_object(public)?;
    }
    Ok(())
}

/// Whether a private key of that label or that id exists.
pub(super) fn exists(session: &Session, label: &str, id: &[u8]) -> Result<bool, TokenError> {
    let by_label = KeySelector::label(label);
    let by_id = KeySelector { label: None, id: Some(id.to_vec()) };
    for wanted in [by_label, by_id] {
        if !session.find_objects(&template(ObjectClass::PRIVATE_KEY, &wanted))?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `CKA_LABEL` and `CKA_ID`.
pub(super) struct Name {
    pub(super) label: Vec<u8>,
    pub(super) id: Vec<u8>,
}

pub(super) fn name_of(session: &Session, object: ObjectHandle) -> Result<Name, TokenError> {
    let mut name = Name { label: Vec::new(), id: Vec::new() };
    for attribute in session.get_attributes(object, &[AttributeType::Label, AttributeType::Id])? {
        match attribute {
            Attribute::Label(label) => name.label = label,
            Attribute::Id(id) => name.id = id,
            _ => {}
        }
    }
    Ok(name)
}

fn point_of(session: &Session, object: ObjectHandle) -> Result<Option<PublicKey>, TokenError> {
    let wanted = [AttributeType::EcParams, AttributeType::EcPoint];
    let attributes = match session.get_attributes(object, &wanted) {
        Ok(attributes) => attributes,
        // The private key object of many modules has no point.
        Err(Error::Pkcs11(RvError::AttributeTypeInvalid | RvError::AttributeSensitive, _)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut curve = None;
    let mut point = Vec::new();
    for attribute in attributes {
        match attribute {
            Attribute::EcParams(parameters) => curve = ec::curve(&parameters),
            Attribute::EcPoint(bytes) => point = bytes,
            _ => {}
        }
    }
    Ok(curve.and_then(|curve| ec::public_key(curve, &point)))
}

pub(super) fn template(class: ObjectClass, wanted: &KeySelector) -> Vec<Attribute> {
    let mut template = vec![Attribute::Class(class)];
    template.extend(wanted.label.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec())));
    template.extend(wanted.id.as_ref().map(|id| Attribute::Id(id.clone())));
    template
}

const fn boolean(attribute: &Attribute) -> Option<bool> {
    match attribute {
        Attribute::Token(value)
        | Attribute::Private(value)
        | Attribute::Sensitive(value)
        | Attribute::Extractable(value)
        | Attribute::Sign(value) => Some(*value),
        _ => None,
    }
}
