//! Writing names with the string types that the profiles ask for.

use der::asn1::ObjectIdentifier;

use crate::{
    asn1::{Asn1Error, DerWriter, tag},
    certificate::Name,
    oid,
};

/// Why a name cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// An attribute value is empty.
    #[error("attribute {0} is empty")]
    Empty(ObjectIdentifier),
    /// countryName and serialNumber take the characters of a PrintableString only.
    #[error("attribute {0} has a character that a PrintableString does not allow")]
    NotPrintable(ObjectIdentifier),
    /// The result does not read back.
    #[error("the name does not read back: {0}")]
    Encoding(#[from] Asn1Error),
}

impl NameError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty(_) => "name-empty",
            Self::NotPrintable(_) => "name-not-printable",
            Self::Encoding(_) => "name-encoding",
        }
    }
}

impl Name {
    /// Writes a name, one attribute a step, in the given order. countryName and serialNumber become PrintableString, all
    /// others UTF8String.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn from_attributes(attributes: &[(ObjectIdentifier, &str)]) -> Result<Self, NameError> {
        let mut writer = DerWriter::new();
        let mut result = Ok(());
        writer.sequence(|name| {
            for (oid, text) in attributes {
                match string_tag(*oid, text) {
                    Ok(tag) => {
                        name.nested(tag::SET, |set| {
                            set.sequence(|pair| {
                                pair.oid(oid).element(tag, text.as_bytes());
                            });
                        });
                    }
                    Err(error) => result = Err(error),
                }
            }
        });
        result?;
        Ok(Self::from_der(&writer.finish())?)
    }
}

fn string_tag(oid: ObjectIdentifier, text: &str) -> Result<u8, NameError> {
    let printable = |b: u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b);
    match oid {
        _ if text.is_empty() => Err(NameError::Empty(oid)),
        oid::COUNTRY | oid::SERIAL_NUMBER if text.bytes().all(printable) => Ok(tag::PRINTABLE_STRING),
        oid::COUNTRY | oid::SERIAL_NUMBER => Err(NameError::NotPrintable(oid)),
        _ => Ok(tag::UTF8_STRING),
    }
}
