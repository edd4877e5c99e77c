//! Distinguished names.
//!
//! ```text
//! Name ::= SEQUENCE OF SET SIZE (1..MAX) OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
//! ```

use core::{
    fmt::{self, Write as _},
    hash::{Hash, Hasher},
};
use std::borrow::Cow;

use der::asn1::ObjectIdentifier;

use crate::{
    asn1::{Asn1Error, SharedSlice, Span, Tlv, Walk, tag},
    oid,
};

/// A distinguished name with the bytes it came in. Equality is equality of those bytes, which is what ISO/IEC 18013-5 asks
/// of issuers; [`Name::matches`] is the wider comparison of RFC 5280.
#[derive(Clone)]
pub struct Name {
    der: SharedSlice,
    /// Where the attributes stand: a profile asks for one after the other.
    places: Vec<Place>,
}

/// Where an attribute stands in the DER of its name.
#[derive(Clone, Copy)]
struct Place {
    rdn: usize,
    /// The contents of the type.
    kind: Span,
    value: Span,
    /// The contents of the value.
    contents: Span,
}

/// How many attributes a name has room for at first.
const USUAL_ATTRIBUTES: usize = 6;
/// A name with more attributes than these is refused: a list of revocations may be large, and so could be its issuer's name.
const MAX_ATTRIBUTES: usize = 1024;

/// How two names compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameMatch {
    /// The same bytes.
    Identical,
    /// Not the same bytes, but equal by RFC 5280 7.1: strings differ in type, case or white space only.
    Equivalent,
    /// Different names.
    Different,
}

impl NameMatch {
    /// Whether the names are equal in either way.
    #[must_use]
    pub fn is_match(self) -> bool {
        self != Self::Different
    }
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The attribute type.
    pub oid: ObjectIdentifier,
    /// Position of the relative distinguished name that holds it, from 0: several attributes may share one.
    pub rdn: usize,
    value: Tlv<'a>,
}

impl<'a> Attribute<'a> {
    /// The text of a string value; `None` if it is no string or not valid in its type.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let bytes = self.value.value;
        match self.value.tag {
            tag::UTF8_STRING => core::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            tag::PRINTABLE_STRING | tag::IA5_STRING | tag::NUMERIC_STRING | tag::VISIBLE_STRING => {
                let ascii = bytes.is_ascii().then_some(bytes)?;
                core::str::from_utf8(ascii).ok().map(Cow::Borrowed)
            }
            tag::TELETEX_STRING => Some(bytes.iter().copied().map(char::from).collect()),
            tag::BMP_STRING => {
                let units = bytes.chunks_exact(2);
                if !units.remainder().is_empty() {
                    return None;
                }
                let units = units.map(|pair| pair.iter().fold(0, |n, b| (n << 8) | u16::from(*b)));
                char::decode_utf16(units).collect::<Result<String, _>>().ok().map(Cow::Owned)
            }
            _ => None,
        }
    }

    /// Whether the value is a `PrintableString` of the characters allowed in one.
    #[must_use]
    pub fn is_printable_string(&self) -> bool {
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(b);
        self.value.tag == tag::PRINTABLE_STRING && self.value.value.iter().all(allowed)
    }

    /// Whether the value is a `UTF8String`.
    #[must_use]
    pub fn is_utf8_string(&self) -> bool {
        self.value.tag == tag::UTF8_STRING && self.text().is_some()
    }

    /// The DER of the value.
    #[must_use]
    pub fn value_der(&self) -> &'a [u8] {
        self.value.raw
    }

    /// RFC 5280 7.1: compares strings without regard to their type, case and superfluous white space.
    fn equivalent(&self, other: &Self) -> bool {
        if self.oid != other.oid {
            return false;
        }
        match (self.text(), other.text()) {
            (Some(own), Some(other)) => fold(&own) == fold(&other),
            _ => self.value.raw == other.value.raw,
        }
    }

    /// Equal for attributes that are [`Self::equivalent`], and for no others.
    fn comparison_key(&self) -> Vec<u8> {
        let mut key = Vec::new();
        push_sized(&mut key, self.oid.as_bytes());
        match self.text() {
            Some(text) => {
                key.push(1);
                push_sized(&mut key, fold(&text).as_bytes());
            }
            None => {
                key.push(0);
                push_sized(&mut key, self.value.raw);
            }
        }
        key
    }
}

/// Appends octets and, before them, how many there are.
fn push_sized(output: &mut Vec<u8>, octets: &[u8]) {
    output.extend_from_slice(&u64::try_from(octets.len()).unwrap_or(u64::MAX).to_be_bytes());
    output.extend_from_slice(octets);
}

fn fold(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

impl Name {
    /// Reads a DER `Name`.
    ///
    /// # Errors
    /// [`Asn1Error`] when it is not one.
    pub fn from_der(der: &[u8]) -> Result<Self, Asn1Error> {
        let name = SharedSlice::whole(der.to_vec()).ok_or(Asn1Error::Malformed)?;
        Self::from_slice(name)
    }

    /// Checks the structure once, so that the accessors need not fail.
    pub(crate) fn from_slice(der: SharedSlice) -> Result<Self, Asn1Error> {
        let mut places = Vec::with_capacity(USUAL_ATTRIBUTES);
        let whole = der.as_bytes();
        let mut rdns = Walk::only(whole, tag::SEQUENCE)?.walk()?;
        let mut rdn = 0;
        while !rdns.is_finished() {
            let mut set = rdns.take(tag::SET)?.walk()?;
            loop {
                let mut attribute = set.take(tag::SEQUENCE)?.walk()?;
                let kind = attribute.next()?;
                kind.check_oid()?;
                let value = attribute.next()?;
                attribute.finish()?;
                let place = Place::of(whole, rdn, &kind, &value).filter(|_| places.len() < MAX_ATTRIBUTES);
                places.push(place.ok_or(Asn1Error::Malformed)?);
                if set.is_finished() {
                    break;
                }
            }
            rdn += 1;
        }
        Ok(Self { der, places })
    }

    /// The DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.der.as_bytes()
    }

    /// The attributes in the order of the encoding.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.places.iter().map_while(|place| place.attribute(self.der()))
    }

    /// Whether the name has no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The texts of every attribute of this type.
    pub fn values(&self, oid: ObjectIdentifier) -> impl Iterator<Item = Cow<'_, str>> {
        self.attributes_of_type(oid).filter_map(|attribute| attribute.text())
    }

    /// The attributes of this type. The types of the others are compared as they are encoded, not read.
    pub(crate) fn attributes_of_type(&self, oid: ObjectIdentifier) -> impl Iterator<Item = Attribute<'_>> {
        let der = self.der();
        let of_type = self.places.iter().filter(move |place| place.kind.of(der) == oid.as_bytes());
        of_type.map(move |place| Attribute { oid, rdn: place.rdn, value: place.value(der) })
    }

    /// countryName, the first if there are several.
    #[must_use]
    pub fn country(&self) -> Option<Cow<'_, str>> {
        self.values(oid::COUNTRY).next()
    }

    /// stateOrProvinceName, the first if there are several.
    #[must_use]
    pub fn state_or_province(&self) -> Option<Cow<'_, str>> {
        self.values(oid::STATE_OR_PROVINCE).next()
    }

    /// organizationName, the first if there are several.
    #[must_use]
    pub fn organization(&self) -> Option<Cow<'_, str>> {
        self.values(oid::ORGANIZATION).next()
    }

    /// commonName, the first if there are several.
    #[must_use]
    pub fn common_name(&self) -> Option<Cow<'_, str>> {
        self.values(oid::COMMON_NAME).next()
    }

    /// serialNumber (the name attribute, not the certificate's number), the first if there are several.
    #[must_use]
    pub fn serial_number(&self) -> Option<Cow<'_, str>> {
        self.values(oid::SERIAL_NUMBER).next()
    }

    /// Compares by bytes, and if those differ by RFC 5280 7.1.
    #[must_use]
    pub fn matches(&self, other: &Self) -> NameMatch {
        if self == other {
            return NameMatch::Identical;
        }
        let (mut own, mut others) = (self.rdns(), other.rdns());
        loop {
            match (own.next(), others.next()) {
                (None, None) => return NameMatch::Equivalent,
                (Some(own), Some(others)) if same_set(&own, &others) => {}
                _ => return NameMatch::Different,
            }
        }
    }

    /// Octets that are equal for two names exactly when [`Name::matches`] finds them equal in either way: for an index of
    /// names. Of no meaning otherwise.
    #[must_use]
    pub fn comparison_key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.der().len());
        for set in self.rdns() {
            let mut parts: Vec<_> = set.iter().map(Attribute::comparison_key).collect();
            parts.sort_unstable();
            push_sized(&mut key, &parts.concat());
        }
        key
    }

    /// The attributes by relative distinguished name.
    fn rdns(&self) -> impl DoubleEndedIterator<Item = Vec<Attribute<'_>>> {
        let sets = self.places.chunk_by(|one, next| one.rdn == next.rdn);
        sets.map(|set| set.iter().filter_map(|place| place.attribute(self.der())).collect())
    }
}

impl Place {
    fn of(name: &[u8], rdn: usize, kind: &Tlv<'_>, value: &Tlv<'_>) -> Option<Self> {
        let span = |part| Span::within(name, part);
        Some(Self { rdn, kind: span(kind.value)?, value: span(value.raw)?, contents: span(value.value)? })
    }

    fn attribute<'a>(&self, name: &'a [u8]) -> Option<Attribute<'a>> {
        let oid = oid::from_contents(self.kind.of(name)).ok()?;
        Some(Attribute { oid, rdn: self.rdn, value: self.value(name) })
    }

    fn value<'a>(&self, name: &'a [u8]) -> Tlv<'a> {
        let raw = self.value.of(name);
        Tlv { tag: raw.first().copied().unwrap_or_default(), value: self.contents.of(name), raw }
    }
}

/// Each attribute of one side has its own partner on the other.
fn same_set(own: &[Attribute<'_>], other: &[Attribute<'_>]) -> bool {
    let mut left: Vec<_> = other.iter().collect();
    let paired = own.iter().all(|attribute| {
        let place = left.iter().position(|candidate| attribute.equivalent(candidate));
        place.map(|index| left.swap_remove(index)).is_some()
    });
    paired && left.is_empty()
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.der().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// RFC 4514: the last relative distinguished name first, special characters escaped, unknown types and values in their
/// dotted and hexadecimal forms.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rdn) in self.rdns().rev().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            for (index, attribute) in rdn.iter().enumerate() {
                if index > 0 {
                    f.write_char('+')?;
                }
                write_attribute(f, attribute)?;
            }
        }
        Ok(())
    }
}

fn write_attribute(f: &mut fmt::Formatter<'_>, attribute: &Attribute<'_>) -> fmt::Result {
    let text = attribute.text();
    match (short_name(&attribute.oid), text) {
        (Some(name), Some(text)) => {
            write!(f, "{name}=")?;
            write_escaped(f, &text)
        }
        (name, _) => {
            match name {
                Some(name) => write!(f, "{name}=#")?,
                None => write!(f, "{}=#", attribute.oid)?,
            }
            attribute.value.raw.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}

/// The keywords of RFC 4514 3, and those in general use for the other types that real certificates carry.
fn short_name(oid: &ObjectIdentifier) -> Option<&'static str> {
    let names = [
        (oid::COMMON_NAME, "CN"),
        (oid::COUNTRY, "C"),
        (oid::LOCALITY, "L"),
        (oid::STATE_OR_PROVINCE, "ST"),
        (oid::ORGANIZATION, "O"),
        (oid::ORGANIZATIONAL_UNIT, "OU"),
        (oid::DOMAIN_COMPONENT, "DC"),
        (oid::SERIAL_NUMBER, "serialNumber"),
        (oid::ORGANIZATION_IDENTIFIER, "organizationIdentifier"),
        (oid::EMAIL_ADDRESS, "emailAddress"),
    ];
    names.into_iter().find(|(known, _)| known == oid).map(|(_, name)| name)
}

fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{character}")?,
            ' ' if index == 0 || index == last => f.write_str("\\ ")?,
            '#' if index == 0 => f.write_str("\\#")?,
            control if control.is_control() => {
                let mut buffer = [0; 4];
                for byte in control.encode_utf8(&mut buffer).bytes() {
                    write!(f, "\\{byte:02X}")?;
                }
            }
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::DerWriter;

    fn name(rdns: &[&[(ObjectIdentifier, u8, &str)]]) -> Name {
        let mut writer = DerWriter::new();
        writer.sequence(|name| {
            for rdn in rdns {
                name.nested(tag::SET, |set| {
                    for (oid, tag, text) in *rdn {
                        set.sequence(|pair| {
                            pair.oid(oid).element(*tag, text.as_bytes());
                        });
                    }
                });
            }
        });
        Name::from_der(&writer.finish()).unwrap()
    }

    #[test]
    fn written_as_rfc_4514_says() {
        let name = name(&[
            &[(oid::COUNTRY, tag::PRINTABLE_STRING, "UT")],
            &[(oid::COMMON_NAME, tag::UTF8_STRING, " a,b\n#"), (oid::ORGANIZATION, tag::UTF8_STRING, "#東京")],
        ]);
        assert_eq!(name.to_string(), r"CN=\ a\,b\0A#+O=\#東京,C=UT");
        assert_eq!(name.country().as_deref(), Some("UT"));
    }

    #[test]
    fn comparison_folds_case_space_and_string_type() {
        let one = name(&[&[(oid::COMMON_NAME, tag::UTF8_STRING, "Root  CA ")]]);
        let two = name(&[&[(oid::COMMON_NAME, tag::PRINTABLE_STRING, "root ca")]]);
        let other = name(&[&[(oid::COMMON_NAME, tag::PRINTABLE_STRING, "rootca")]]);
        let longer = name(&[
            &[(oid::COMMON_NAME, tag::PRINTABLE_STRING, "root ca")],
            &[(oid::COUNTRY, tag::PRINTABLE_STRING, "UT")],
        ]);
        assert_eq!(one.matches(&one.clone()), NameMatch::Identical);
        assert_eq!(one.matches(&two), NameMatch::Equivalent);
        assert_eq!(two.matches(&other), NameMatch::Different);
        assert_eq!(two.matches(&longer), NameMatch::Different);
        assert_eq!(longer.matches(&two), NameMatch::Different);
    }

    #[test]
    fn a_name_has_an_end() {
        let attribute = [(oid::COMMON_NAME, tag::UTF8_STRING, "x")];
        let rdns = vec![attribute.as_slice(); MAX_ATTRIBUTES];
        let longest = name(&rdns);
        assert_eq!(longest.values(oid::COMMON_NAME).count(), MAX_ATTRIBUTES);
        let one_more = [*b"\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"; MAX_ATTRIBUTES + 1].concat();
        let mut writer = DerWriter::new();
        writer.element(tag::SEQUENCE, &one_more);
        assert_eq!(Name::from_der(&writer.finish()), Err(Asn1Error::Malformed));
    }

    #[test]
    fn an_empty_set_is_no_rdn() {
        assert!(Name::from_der(&[0x30, 2, 0x31, 0]).is_err());
        assert!(Name::from_der(&[0x30, 0]).unwrap().is_empty());
    }
}
