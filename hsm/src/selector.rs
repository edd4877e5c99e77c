//! How a token and a key on it are addressed, and how a token describes itself.

use std::fmt;

use crate::KeyReference;

/// Which token is meant. Every attribute that is given must match (RFC 7512 2.6); slot numbers change between runs, so
/// label and serial number are the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenSelector {
    /// `CK_TOKEN_INFO.label`.
    pub label: Option<String>,
    /// `CK_TOKEN_INFO.serialNumber`.
    pub serial: Option<String>,
    /// `CK_TOKEN_INFO.manufacturerID`.
    pub manufacturer: Option<String>,
    /// `CK_TOKEN_INFO.model`.
    pub model: Option<String>,
    /// The slot's number.
    pub slot_id: Option<u64>,
}

/// Which key on a token is meant: by label, by id, or by both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySelector {
    /// `CKA_LABEL`.
    pub label: Option<String>,
    /// `CKA_ID`.
    pub id: Option<Vec<u8>>,
}

/// What a token says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenDescription {
    /// `CK_TOKEN_INFO.label`, without its padding.
    pub label: String,
    /// `CK_TOKEN_INFO.serialNumber`, without its padding.
    pub serial: String,
    /// `CK_TOKEN_INFO.manufacturerID`, without its padding.
    pub manufacturer: String,
    /// `CK_TOKEN_INFO.model`, without its padding.
    pub model: String,
    /// The slot that it is in, in this process.
    pub slot_id: u64,
    /// Whether it has been initialised.
    pub initialised: bool,
    /// Which attempts at the user PIN are left, as far as the token tells.
    pub pin: PinState,
}

/// What a token tells about its user PIN (`CKF_USER_PIN_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinState {
    /// Nothing is known against it.
    Good,
    /// It was wrong at least once since the last login.
    CountLow,
    /// One more wrong PIN locks it.
    FinalTry,
    /// It is locked.
    Locked,
    /// It was never set.
    Unset,
}

impl TokenSelector {
    /// The token of that label.
    #[must_use]
    pub fn label(label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..Self::default() }
    }

    /// Whether every given attribute matches.
    #[must_use]
    pub fn matches(&self, token: &TokenDescription) -> bool {
        let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        same(&self.label, &token.label)
            && same(&self.serial, &token.serial)
            && same(&self.manufacturer, &token.manufacturer)
            && same(&self.model, &token.model)
            && self.slot_id.is_none_or(|wanted| wanted == token.slot_id)
    }
}

impl KeySelector {
    /// The key of that label.
    #[must_use]
    pub fn label(label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), id: None }
    }

    /// The key of that label and id.
    #[must_use]
    pub fn label_and_id(label: impl Into<String>, id: impl Into<Vec<u8>>) -> Self {
        Self { label: Some(label.into()), id: Some(id.into()) }
    }

    /// Whether it names nothing, and so would match every key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.label.is_none() && self.id.is_none()
    }
}

impl From<&KeyReference> for TokenSelector {
    fn from(reference: &KeyReference) -> Self {
        Self {
            label: reference.token.clone(),
            serial: reference.serial.clone(),
            manufacturer: reference.manufacturer.clone(),
            model: reference.model.clone(),
            slot_id: reference.slot_id,
        }
    }
}

impl From<&KeyReference> for KeySelector {
    fn from(reference: &KeyReference) -> Self {
        Self { label: reference.object.clone(), id: reference.id.clone() }
    }
}

impl fmt::Display for TokenSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.slot_id.map(|slot| slot.to_string());
        let parts = [
            ("label", &self.label),
            ("serial", &self.serial),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("slot", &slot),
        ];
        write_parts(formatter, &parts, "any token")
    }
}

impl fmt::Display for KeySelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_deref().map(|id| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        write_parts(formatter, &[("label", &self.label), ("id", &id)], "any label")
    }
}

impl fmt::Display for TokenDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "label {:?} serial {:?}", self.label, self.serial)
    }
}

fn write_parts(formatter: &mut fmt::Formatter<'_>, parts: &[(&str, &Option<String>)], nothing: &str) -> fmt::Result {
    let mut separator = "";
    for (name, value) in parts {
        if let Some(value) = value {
            write!(formatter, "{separator}{name} {value:?}")?;
            separator = ", ";
        }
    }
    if separator.is_empty() { formatter.write_str(nothing) } else { Ok(()) }
}
