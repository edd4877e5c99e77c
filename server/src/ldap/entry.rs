//! The directory: one entry for every name of an IACA, below it one for each key that issues a CRL.
//!
//! ```text
//! CN=Utopia IACA,O=…,C=UT                  top, organizationalRole, pkiCA: cACertificate;binary (roots, self-issued links)
//! └── cn=<SKI hex>,CN=Utopia IACA,…        top, cRLDistributionPoint: certificateRevocationList;binary
//! ```
//!
//! Two keys live under one name while an IACA is rolled over, each with a CRL of its own; hence the children. A CRL is never
//! an attribute of the upper entry: a client that takes the first of two would take the wrong one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tegata_pki::{Name, oid};

use super::dn::{Dn, canonical, fold};
use crate::content::{Detail, Object};

/// A value of an attribute.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// Bytes of an object, transferred with the option `;binary` only (RFC 4523 2).
    Binary(Arc<Object>),
}

impl Value {
    /// As it is sent.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Binary(object) => object.body.bytes.to_vec(),
        }
    }

    /// Whether it equals the value of a filter. Certificates and CRLs have matching rules of structured assertions
    /// (RFC 4523 3), which are not supported.
    pub(crate) fn equals(&self, folded: &str) -> Option<bool> {
        match self {
            Self::Text(text) => Some(fold(text) == folded),
            Self::Binary(_) => None,
        }
    }
}

/// An attribute with its values.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    /// As it is sent, with its option.
    pub(crate) name: Cow<'static, str>,
    /// As it is compared.
    pub(crate) canonical: String,
    /// Returned only when it is asked for by name or by `+` (RFC 4512 3.4).
    pub(crate) operational: bool,
    pub(crate) values: Vec<Value>,
}

impl Attribute {
    fn new(name: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        let name = name.into();
        Self { canonical: canonical(&name), name, operational: false, values }
    }

    fn texts(name: impl Into<Cow<'static, str>>, values: &[&str]) -> Self {
        Self::new(name, values.iter().map(|text| Value::Text((*text).to_owned())).collect())
    }
}

/// An entry of the directory.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) key: Dn,
    pub(crate) attributes: Vec<Attribute>,
}

impl Entry {
    /// The attribute of this canonical type.
    pub(crate) fn attribute(&self, canonical: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.canonical == canonical)
    }
}

/// Every entry but the one of the root.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Superiors before what is below them.
    entries: Vec<Entry>,
    places: HashMap<Dn, usize>,
}

/// What one IACA name stands for.
#[derive(Default)]
struct Authority {
    name: Option<Name>,
    certificates: Vec<Arc<Object>>,
    /// By the identifier of the key, in hexadecimal.
    crls: BTreeMap<String, Arc<Object>>,
}

impl Directory {
    /// Builds the entries from published objects, which come sorted by path.
    pub(crate) fn new(objects: &[&Arc<Object>]) -> Self {
        let mut authorities: BTreeMap<Dn, Authority> = BTreeMap::new();
        for object in objects {
            match &object.detail {
                // A link from an old name to a new one is no self-issued certificate and belongs elsewhere
                // (crossCertificatePair); it is published by HTTP.
                Detail::Certificate(certificate) if in_any(&object.path, &["/iaca/", "/link/"]) => {
                    if certificate.subject().matches(certificate.issuer()).is_match()
                        && let Some(authority) = authority(&mut authorities, certificate.subject())
                    {
                        authority.certificates.push(Arc::clone(object));
                    }
                }
                Detail::Crl(facts) if in_any(&object.path, &["/crl/"]) => {
                    if let Some(key) = &facts.authority_key_identifier
                        && let Some(authority) = authority(&mut authorities, &facts.issuer)
                    {
                        authority.crls.insert(hex::encode(key), Arc::clone(object));
                    }
                }
                _ => {}
            }
        }
        let mut directory = Self::default();
        for (key, authority) in authorities {
            directory.add_authority(key, authority);
        }
        directory
    }

    /// The entry of exactly this name.
    pub(crate) fn entry(&self, key: &Dn) -> Option<&Entry> {
        self.places.get(key).and_then(|place| self.entries.get(*place))
    }

    /// All entries, superiors first.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry that describes the server itself (RFC 4512 5.1).
    pub(crate) fn root(&self) -> Entry {
        let tops =
            self.entries.iter().filter(|entry| entry.key.parent().is_none_or(|above| self.entry(&above).is_none()));
        let contexts = tops.map(|entry| Value::Text(entry.dn.clone())).collect();
        let operational = |attribute: Attribute| Attribute { operational: true, ..attribute };
        Entry {
            dn: String::new(),
            key: Dn::default(),
            attributes: vec![
                Attribute::texts("objectClass", &["top"]),
                operational(Attribute::new("namingContexts", contexts)),
                operational(Attribute::texts("supportedLDAPVersion", &["3"])),
                // RFC 3673: `+` asks for all operational attributes.
                operational(Attribute::texts("supportedFeatures", &["1.3.6.1.4.1.4203.1.5.1"])),
            ],
        }
    }

    fn add_authority(&mut self, key: Dn, authority: Authority) {
        let Some(name) = authority.name else { return };
        let dn = name.to_string();
        let mut naming = leaf_attributes(&name);
        let structural = structural_class(&naming);
        let classes: Vec<&str> = ["top"].into_iter().chain(structural).chain(["pkiCA"]).collect();
        let mut attributes = vec![Attribute::texts("objectClass", &classes)];
        attributes.append(&mut naming);
        if !authority.certificates.is_empty() {
            let values = authority.certificates.into_iter().map(Value::Binary).collect();
            attributes.push(Attribute::new("cACertificate;binary", values));
        }
        self.add(Entry { dn: dn.clone(), key, attributes });
        for (identifier, crl) in authority.crls {
            let dn = format!("cn={identifier},{dn}");
            let Some(key) = Dn::parse(&dn) else { continue };
            let attributes = vec![
                Attribute::texts("objectClass", &["top", "cRLDistributionPoint"]),
                Attribute::texts("cn", &[&identifier]),
                Attribute::new("certificateRevocationList;binary", vec![Value::Binary(crl)]),
            ];
            self.add(Entry { dn, key, attributes });
        }
    }

    fn add(&mut self, entry: Entry) {
        self.places.insert(entry.key.clone(), self.entries.len());
        self.entries.push(entry);
    }
}

fn in_any(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn authority<'m>(authorities: &'m mut BTreeMap<Dn, Authority>, name: &Name) -> Option<&'m mut Authority> {
    let key = Dn::parse(&name.to_string()).filter(|key| *key != Dn::default())?;
    let authority = authorities.entry(key).or_default();
    authority.name.get_or_insert_with(|| name.clone());
    Some(authority)
}

/// The attributes of the most specific relative name: an entry holds those that name it (RFC 4512 2.3).
fn leaf_attributes(name: &Name) -> Vec<Attribute> {
    let all: Vec<_> = name.attributes().collect();
    let leaf = all.last().map(|attribute| attribute.rdn);
    let own = all.iter().filter(|attribute| Some(attribute.rdn) == leaf);
    own.filter_map(|attribute| {
        let text = attribute.text()?.into_owned();
        Some(Attribute::new(short_name(&attribute.oid), vec![Value::Text(text)]))
    })
    .collect()
}

fn short_name(kind: &tegata_pki::ObjectIdentifier) -> Cow<'static, str> {
    let names = [
        (oid::COMMON_NAME, "cn"),
        (oid::COUNTRY, "c"),
        (oid::LOCALITY, "l"),
        (oid::STATE_OR_PROVINCE, "st"),
        (oid::ORGANIZATION, "o"),
        (oid::ORGANIZATIONAL_UNIT, "ou"),
        (oid::SERIAL_NUMBER, "serialNumber"),
    ];
    let known = names.into_iter().find(|(known, _)| known == kind);
    known.map_or_else(|| kind.to_string().into(), |(_, name)| name.into())
}

/// The structural class that goes with the naming attribute.
fn structural_class(naming: &[Attribute]) -> Option<&'static str> {
    let classes = [
        ("cn", "organizationalRole"),
        ("o", "organization"),
        ("ou", "organizationalUnit"),
        ("l", "locality"),
        ("c", "country"),
    ];
    let named = |kind: &str| naming.iter().any(|attribute| attribute.canonical == kind);
    classes.into_iter().find(|(kind, _)| named(kind)).map(|(_, class)| class)
}
