//! Key references: the `pkcs11:` URI of RFC 7512, restricted to what addresses one signing key.

mod parse;
mod percent;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::PinSource;
use percent::Encoded;

/// The `module-name` of the embedded token.
pub const EMBEDDED_MODULE_NAME: &str = "tegata-embedded";

/// Where a key is: module, token and object, as a `pkcs11:` URI (RFC 7512).
///
/// ```text
/// pk11-URI = "pkcs11:" [ attribute *( ";" attribute ) ] [ "?" query *( "&" query ) ]
/// attribute: token  manufacturer  serial  model  slot-id  object  type  id
/// query:     pin-source  module-name  module-path
/// ```
///
/// Values are percent-encoded; `id` is bytes, the others are UTF-8. Each attribute stands at most once. `pin-source` is
/// `file:/path`, `/path`, `env:NAME` or `prompt:`. What is not understood is refused, for it could narrow the choice of
/// the key: other attributes of the RFC, vendor attributes, and `pin-value` above all, because a PIN never stands in a
/// URI.
///
/// ```
/// use tegata_hsm::KeyReference;
///
/// let reference: KeyReference = "pkcs11:token=DS%202026;object=ds-1?module-name=tegata-embedded".parse()?;
/// assert_eq!(reference.token.as_deref(), Some("DS 2026"));
/// assert!(reference.is_embedded());
/// assert!("pkcs11:object=ds-1?pin-value=1234".parse::<KeyReference>().is_err());
/// # Ok::<(), tegata_hsm::ReferenceError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeyReference {
    /// `token`: the token's label.
    pub token: Option<String>,
    /// `manufacturer`: the token's manufacturer.
    pub manufacturer: Option<String>,
    /// `serial`: the token's serial number.
    pub serial: Option<String>,
    /// `model`: the token's model.
    pub model: Option<String>,
    /// `slot-id`: the slot's number. It may change between runs; prefer label and serial.
    pub slot_id: Option<u64>,
    /// `object`: the key's `CKA_LABEL`.
    pub object: Option<String>,
    /// `type`: the object's class.
    pub kind: Option<ObjectKind>,
    /// `id`: the key's `CKA_ID`.
    pub id: Option<Vec<u8>>,
    /// `pin-source`.
    pub pin_source: Option<PinSource>,
    /// `module-name`.
    pub module_name: Option<String>,
    /// `module-path`: the file of the PKCS#11 module.
    pub module_path: Option<PathBuf>,
}

/// The `type` of an object (RFC 7512 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectKind {
    /// `public`
    Public,
    /// `private`
    Private,
    /// `cert`
    Certificate,
    /// `secret-key`
    SecretKey,
    /// `data`
    Data,
}

/// Why a text is not a key reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It does not begin with `pkcs11:`.
    #[error("a key reference begins with \"pkcs11:\"")]
    Scheme,
    /// It is longer than any sensible reference.
    #[error("the key reference is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// It carries a PIN. The text is not repeated here.
    #[error("a key reference must not contain a PIN (pin-value)")]
    PinValue,
    /// An attribute stands twice (RFC 7512 2.3).
    #[error("the attribute {name:?} stands twice")]
    Duplicate {
        /// Its name.
        name: String,
    },
    /// An attribute that is not understood, in the path or in the query.
    #[error("the attribute {name:?} is not understood")]
    UnknownAttribute {
        /// Its name.
        name: String,
    },
    /// A part without `=`.
    #[error("the part {index} of the key reference has no \"=\"")]
    NotAnAttribute {
        /// Which part, counted from 0.
        index: usize,
    },
    /// A character that must be percent-encoded, or a broken `%` sequence.
    #[error("the value of {name:?} has an invalid character at byte {offset}; percent-encode it")]
    Encoding {
        /// The attribute.
        name: String,
        /// The offset in the encoded value.
        offset: usize,
    },
    /// The value is not UTF-8 or contains NUL.
    #[error("the value of {name:?} is not text")]
    NotText {
        /// The attribute.
        name: String,
    },
    /// An empty value where one is needed.
    #[error("the value of {name:?} is empty")]
    Empty {
        /// The attribute.
        name: String,
    },
    /// `slot-id` is not a decimal number.
    #[error("slot-id is not a decimal number")]
    SlotId,
    /// `type` is none of RFC 7512's.
    #[error("type is none of public, private, cert, secret-key, data")]
    ObjectKind,
    /// `pin-source` names a program to run, which is refused.
    #[error("pin-source names a program; only a file, an environment variable or a prompt is taken")]
    PinSourceProgram,
    /// `pin-source` is of no known form.
    #[error("pin-source is none of file:/path, /path, env:NAME, prompt:")]
    PinSource,
}

impl KeyReference {
    /// The reference of a key on the embedded token.
    #[must_use]
    pub fn embedded(token: impl Into<String>, object: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            object: Some(object.into()),
            module_name: Some(EMBEDDED_MODULE_NAME.to_owned()),
            ..Self::default()
        }
    }

    /// Whether it names the embedded token.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.module_path.is_none() && self.module_name.as_deref() == Some(EMBEDDED_MODULE_NAME)
    }
}

impl FromStr for KeyReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        parse::reference(text)
    }
}

impl fmt::Display for KeyReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot_id = self.slot_id.map(|slot| slot.to_string());
        let path = [
            ("token", self.token.as_deref().map(str::as_bytes)),
            ("manufacturer", self.manufacturer.as_deref().map(str::as_bytes)),
            ("serial", self.serial.as_deref().map(str::as_bytes)),
            ("model", self.model.as_deref().map(str::as_bytes)),
            ("slot-id", slot_id.as_deref().map(str::as_bytes)),
            ("object", self.object.as_deref().map(str::as_bytes)),
            ("type", self.kind.map(|kind| kind.name().as_bytes())),
        ];
        let pin_source = self.pin_source.as_ref().map(pin_source_value);
        let query = [
            ("pin-source", pin_source.as_deref().map(str::as_bytes)),
            ("module-name", self.module_name.as_deref().map(str::as_bytes)),
            ("module-path", self.module_path.as_deref().map(|path| path.as_os_str().as_encoded_bytes())),
        ];
        formatter.write_str("pkcs11:")?;
        let mut separator = "";
        for (name, value) in path {
            if let Some(value) = value {
                write!(formatter, "{separator}{name}={}", Encoded::path(value))?;
                separator = ";";
            }
        }
        if let Some(id) = &self.id {
            write!(formatter, "{separator}id={}", Encoded::every_byte(id))?;
        }
        let mut separator = "?";
        for (name, value) in query {
            if let Some(value) = value {
                write!(formatter, "{separator}{name}={}", Encoded::query(value))?;
                separator = "&";
            }
        }
        Ok(())
    }
}

impl ObjectKind {
    /// The value of `type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Certificate => "cert",
            Self::SecretKey => "secret-key",
            Self::Data => "data",
        }
    }
}

impl ReferenceError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Scheme => "reference-scheme",
            Self::TooLong { .. } => "reference-too-long",
            Self::PinValue => "reference-pin-value",
            Self::Duplicate { .. } => "reference-duplicate",
            Self::UnknownAttribute { .. } => "reference-unknown-attribute",
            Self::NotAnAttribute { .. } => "reference-not-an-attribute",
            Self::Encoding { .. } => "reference-encoding",
            Self::NotText { .. } => "reference-not-text",
            Self::Empty { .. } => "reference-empty",
            Self::SlotId => "reference-slot-id",
            Self::ObjectKind => "reference-object-kind",
            Self::PinSourceProgram => "reference-pin-source-program",
            Self::PinSource => "reference-pin-source",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::PinValue => {
                "Take pin-value out; use pin-source=file:/path or pin-source=env:NAME, and change the PIN if this text was logged."
            }
            Self::PinSourceProgram | Self::PinSource => "Use pin-source=file:/path, env:NAME or prompt:.",
            _ => {
                "Write it like pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so, special characters as %NN."
            }
        }
    }
}

/// The value of `pin-source` for a source.
fn pin_source_value(source: &PinSource) -> String {
    match source {
        PinSource::Prompt => String::from("prompt:"),
        PinSource::File(path) => format!("file://{}", path.display()),
        PinSource::Environment(name) => format!("env:{name}"),
    }
}
