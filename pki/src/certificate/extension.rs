//! Certificate extensions: what they say, and whether they could be read at all.

use core::fmt;

use der::asn1::ObjectIdentifier;

use super::general_name::{each_general_name, each_point_part, ocsp_uris};
use crate::{
    asn1::{Asn1Error, SharedSlice, Walk, tag},
    oid,
};

/// One extension of a certificate, with the result of reading it.
#[derive(Clone, PartialEq, Eq)]
pub struct Extension {
    pub(super) oid: ObjectIdentifier,
    pub(super) critical: bool,
    pub(super) value: SharedSlice,
    pub(super) state: ExtensionState,
}

/// Whether an extension could be processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtensionState {
    /// A type we process, with contents we could read.
    Processed,
    /// A type we do not process. If it is critical, the certificate is not to be used (RFC 5280 4.2).
    Unknown,
    /// A type we process, with contents that are not what the type demands. If it is critical, the certificate is not to
    /// be used (RFC 5280 4.2).
    Unprocessable(Asn1Error),
}

impl Extension {
    /// The type.
    #[must_use]
    pub fn oid(&self) -> ObjectIdentifier {
        self.oid
    }

    /// Whether it is of this type. Most types differ in their last arc only, so that is compared first.
    #[inline]
    pub(super) fn is(&self, oid: &ObjectIdentifier) -> bool {
        self.oid.as_bytes().last() == oid.as_bytes().last() && self.oid == *oid
    }

    /// Whether a verifier must process the extension or reject the certificate.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.critical
    }

    /// The contents of `extnValue`: DER of the extension's own type, if it is well formed.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        self.value.as_bytes()
    }

    /// Whether it could be processed.
    #[must_use]
    pub fn state(&self) -> ExtensionState {
        self.state
    }

    /// Critical, and unknown or unprocessable: reason to reject the certificate, always.
    #[must_use]
    pub fn is_unhandled_critical(&self) -> bool {
        self.critical && self.state != ExtensionState::Processed
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let critical = if self.critical { ", critical" } else { "" };
        write!(f, "Extension({}{critical}, {:?})", self.oid, self.state)
    }
}

/// The bits of KeyUsage (RFC 5280 4.2.1.3); bit 0 is digitalSignature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// digitalSignature (0)
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// nonRepudiation, also called contentCommitment (1)
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// keyEncipherment (2)
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// dataEncipherment (3)
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// keyAgreement (4)
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// keyCertSign (5)
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// cRLSign (6)
    pub const CRL_SIGN: Self = Self(1 << 6);
    /// encipherOnly (7)
    pub const ENCIPHER_ONLY: Self = Self(1 << 7);
    /// decipherOnly (8)
    pub const DECIPHER_ONLY: Self = Self(1 << 8);

    /// Both sets of bits.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the set bits, as RFC 5280 writes them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, n)| n)
    }

    /// The DER of the BIT STRING, without trailing zero bits (X.690 11.2.2).
    pub(crate) fn to_der(self) -> Vec<u8> {
        let [low, high] = self.0.to_le_bytes().map(u8::reverse_bits);
        let octets: &[u8] = match (low, high) {
            (0, 0) => &[],
            (_, 0) => &[low],
            _ => &[low, high],
        };
        let unused = octets.last().map_or(0, |last| last.trailing_zeros());
        let mut contents = vec![u8::try_from(unused).unwrap_or_default()];
        contents.extend_from_slice(octets);
        let mut writer = crate::asn1::DerWriter::new();
        writer.element(tag::BIT_STRING, &contents);
        writer.finish()
    }

    fn parse(value: &[u8]) -> Result<Self, Asn1Error> {
        let (octets, _) = Walk::only(value, tag::BIT_STRING)?.bits()?;
        let bits = match octets {
            [] => 0,
            [low] => u16::from(low.reverse_bits()),
            [low, high] if *high & 0x7F == 0 => u16::from_le_bytes([low.reverse_bits(), high.reverse_bits()]),
            _ => return Err(Asn1Error::InvalidValue),
        };
        Ok(Self(bits))
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            write!(f, "{}{name}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BasicConstraints {
    /// Whether the subject is a certification authority.
    pub ca: bool,
    /// How many intermediate certificates may follow.
    pub path_len: Option<u32>,
}

impl BasicConstraints {
    fn parse(value: &[u8]) -> Result<Self, Asn1Error> {
        let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
        // DER leaves a DEFAULT value out, but an explicit FALSE is common and harmless.
        let ca = walk.take_if(tag::BOOLEAN)?.map(|tlv| tlv.boolean()).transpose()?;
        let path_len = walk.take_if(tag::INTEGER)?.map(|tlv| tlv.small_integer()).transpose()?;
        walk.finish()?;
        Ok(Self { ca: ca.unwrap_or(false), path_len })
    }
}

/// ```text
/// AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING OPTIONAL,
///     authorityCertIssuer [1] GeneralNames OPTIONAL, authorityCertSerialNumber [2] INTEGER OPTIONAL }
/// ```
pub(crate) fn authority_key_identifier(value: &[u8]) -> Result<Option<&[u8]>, Asn1Error> {
    let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
    let identifier = walk.take_if(tag::context(0))?.map(|tlv| tlv.value);
    walk.take_if(tag::context_constructed(1))?;
    walk.take_if(tag::context(2))?;
    walk.finish()?;
    Ok(identifier)
}

/// `SubjectKeyIdentifier ::= OCTET STRING`
pub(crate) fn subject_key_identifier(value: &[u8]) -> Result<&[u8], Asn1Error> {
    Walk::only(value, tag::OCTET_STRING).map(|tlv| tlv.value)
}

/// What the readable extensions say, collected while walking over them.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Vec<ObjectIdentifier>>,
    pub(super) basic_constraints: Option<BasicConstraints>,
}

impl Contents {
    /// Reads one extension. The others are read again when asked for; here it is only found out that they can be.
    pub(super) fn read(&mut self, oid: &ObjectIdentifier, value: &[u8]) -> ExtensionState {
        let result = match *oid {
            oid::KEY_USAGE => KeyUsage::parse(value).map(|usage| self.key_usage = Some(usage)),
            oid::BASIC_CONSTRAINTS => BasicConstraints::parse(value).map(|found| self.basic_constraints = Some(found)),
            oid::EXTENDED_KEY_USAGE => key_purposes(value).map(|found| self.extended_key_usage = Some(found)),
            oid::SUBJECT_KEY_IDENTIFIER => subject_key_identifier(value).map(drop),
            oid::AUTHORITY_KEY_IDENTIFIER => authority_key_identifier(value).map(drop),
            oid::ISSUER_ALT_NAME | oid::SUBJECT_ALT_NAME => each_general_name(value, |_| {}),
            oid::CRL_DISTRIBUTION_POINTS => each_point_part(value, |_| {}),
            oid::AUTHORITY_INFO_ACCESS => ocsp_uris(value).map(drop),
            oid::CERTIFICATE_POLICIES => policies(value),
            oid::OCSP_NOCHECK => Walk::only(value, tag::NULL).map(drop),
            _ => return ExtensionState::Unknown,
        };
        match result {
            Ok(()) => ExtensionState::Processed,
            Err(cause) => ExtensionState::Unprocessable(cause),
        }
    }
}

/// `ExtKeyUsageSyntax ::= SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER`
fn key_purposes(value: &[u8]) -> Result<Vec<ObjectIdentifier>, Asn1Error> {
    let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
    let mut purposes = vec![walk.next()?.oid()?];
    while !walk.is_finished() {
        purposes.push(walk.next()?.oid()?);
    }
    Ok(purposes)
}

/// Policies are read for their form only: no profile of mobile documents asks for one, so every policy will do.
fn policies(value: &[u8]) -> Result<(), Asn1Error> {
    let mut walk = Walk::only(value, tag::SEQUENCE)?.walk()?;
    loop {
        let mut policy = walk.take(tag::SEQUENCE)?.walk()?;
        policy.next()?.oid()?;
        policy.take_if(tag::SEQUENCE)?;
        policy.finish()?;
        if walk.is_finished() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usage_round_trip() {
        let both = KeyUsage::KEY_CERT_SIGN.union(KeyUsage::CRL_SIGN);
        assert_eq!(both.to_der(), [3, 2, 1, 0x06]);
        assert_eq!(KeyUsage::parse(&both.to_der()), Ok(both));
        assert_eq!(both.to_string(), "keyCertSign, cRLSign");
        let last = KeyUsage::DECIPHER_ONLY.union(KeyUsage::DIGITAL_SIGNATURE);
        assert_eq!(last.to_der(), [3, 3, 7, 0x80, 0x80]);
        assert_eq!(KeyUsage::parse(&last.to_der()), Ok(last));
        assert_eq!(KeyUsage::parse(&[3, 2, 1, 0x07]), Err(Asn1Error::InvalidValue));
    }

    #[test]
    fn basic_constraints_take_der_booleans_only() {
        let der = |byte| [0x30, 6, 1, 1, byte, 2, 1, 0];
        let expected = BasicConstraints { ca: true, path_len: Some(0) };
        assert_eq!(BasicConstraints::parse(&der(0xFF)), Ok(expected));
        assert_eq!(BasicConstraints::parse(&der(0x01)), Err(Asn1Error::InvalidValue));
        assert_eq!(BasicConstraints::parse(&[0x30, 0]).map(|bc| bc.ca), Ok(false));
    }
}
