//! Certificates and CRLs by the search keys of RFC 4387.

use std::collections::HashMap;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};
use tegata_pki::{Certificate, certificate::GeneralName};

use super::inspect::{CrlFacts, Detail};
use super::object::Object;

/// What is searched (RFC 4387 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Collection {
    Certificates,
    Crls,
}

/// The attributes of RFC 4387 2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SearchAttribute {
    /// SHA-1 of the certificate.
    CertHash,
    /// URI, DNS name or mail address of the subject.
    Uri,
    /// SHA-1 of the issuer's name.
    IHash,
    /// SHA-1 of issuerAndSerialNumber.
    IAndSHash,
    /// The subject's common name.
    Name,
    /// SHA-1 of the subject's name.
    SHash,
    /// SHA-1 of the subject key identifier, of a CRL the authority key identifier.
    SKidHash,
}

impl SearchAttribute {
    /// The attribute of this name; names are case-sensitive.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "certHash" => Self::CertHash,
            "uri" => Self::Uri,
            "iHash" => Self::IHash,
            "iAndSHash" => Self::IAndSHash,
            "name" => Self::Name,
            "sHash" => Self::SHash,
            "sKIDHash" => Self::SKidHash,
            _ => return None,
        })
    }

    /// Whether the value is a hash, which comes in base64.
    pub(crate) fn is_hash(self) -> bool {
        !matches!(self, Self::Uri | Self::Name)
    }
}

type Key = (Collection, SearchAttribute, Box<[u8]>);

/// The index. Every answer has the order of the paths.
#[derive(Debug, Default)]
pub(crate) struct Store(HashMap<Key, Vec<Arc<Object>>>);

impl Store {
    /// Indexes what has a stable name.
    pub(crate) fn new(objects: &[&Arc<Object>]) -> Self {
        let mut store = Self::default();
        for object in objects.iter().filter(|object| !object.path.starts_with("/o/")) {
            match &object.detail {
                Detail::Certificate(certificate) => store.add_certificate(object, certificate),
                Detail::Crl(facts) => store.add_crl(object, facts),
                Detail::None | Detail::Metadata(_) => {}
            }
        }
        store
    }

    /// What matches exactly.
    pub(crate) fn search(&self, collection: Collection, attribute: SearchAttribute, value: &[u8]) -> &[Arc<Object>] {
        self.0.get(&(collection, attribute, value.into())).map_or(&[], Vec::as_slice)
    }

    fn add_certificate(&mut self, object: &Arc<Object>, certificate: &Certificate) {
        let issuer = certificate.issuer().der();
        let issuer_and_serial = issuer_and_serial(issuer, certificate.serial());
        self.add_hash(object, SearchAttribute::CertHash, certificate.der());
        self.add_hash(object, SearchAttribute::IHash, issuer);
        self.add_hash(object, SearchAttribute::IAndSHash, &issuer_and_serial);
        self.add_hash(object, SearchAttribute::SHash, certificate.subject().der());
        if let Some(identifier) = certificate.subject_key_identifier() {
            self.add_hash(object, SearchAttribute::SKidHash, identifier);
        }
        if let Some(name) = certificate.subject().common_name() {
            self.add(Collection::Certificates, SearchAttribute::Name, name.as_bytes(), object);
        }
        for name in certificate.subject_alternative_names().unwrap_or_default() {
            if let GeneralName::Uri(text) | GeneralName::Dns(text) | GeneralName::Email(text) = name {
                let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
                self.add(Collection::Certificates, SearchAttribute::Uri, bare.as_bytes(), object);
            }
        }
    }

    fn add_hash(&mut self, object: &Arc<Object>, attribute: SearchAttribute, hashed: &[u8]) {
        self.add(Collection::Certificates, attribute, &Sha1::digest(hashed), object);
    }

    fn add_crl(&mut self, object: &Arc<Object>, facts: &CrlFacts) {
        self.add(Collection::Crls, SearchAttribute::IHash, &Sha1::digest(facts.issuer.der()), object);
        if let Some(identifier) = &facts.authority_key_identifier {
            self.add(Collection::Crls, SearchAttribute::SKidHash, &Sha1::digest(identifier), object);
        }
    }

    fn add(&mut self, collection: Collection, attribute: SearchAttribute, value: &[u8], object: &Arc<Object>) {
        let found = self.0.entry((collection, attribute, value.into())).or_default();
        // The same bytes under a second name are no second answer.
        if found.iter().all(|other| other.body.sha256 != object.body.sha256) {
            found.push(Arc::clone(object));
        }
    }
}

/// `IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER }` (RFC 5652 10.2.4).
fn issuer_and_serial(issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    const INTEGER: u8 = 0x02;
    const SEQUENCE: u8 = 0x30;
    let mut content = issuer.to_vec();
    content.extend(element(INTEGER, serial));
    element(SEQUENCE, &content)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    match digits.as_slice() {
        [] => der.push(0),
        [short @ 0..=0x7f] => der.push(*short),
        long => {
            der.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "test code")]

    use super::*;

    #[test]
    fn lengths_in_every_form() {
        assert_eq!(element(2, &[5]), [2, 1, 5]);
        assert_eq!(element(4, &[]), [4, 0]);
        assert_eq!(element(4, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(element(4, &[0; 0x1234])[..4], [4, 0x82, 0x12, 0x34]);
    }
}
