//! What each root is published for: a file of the operator, checked against the authorisation list.
//!
//! ```toml
//! [[issuer]]
//! root = "64 hexadecimal digits"                 # SHA-256 of the root's SubjectPublicKeyInfo
//! doc-types = ["org.iso.18013.5.1.mDL"]
//! purposes = ["issuance"]                        # also status, reader, vical
//! crl-fresh-hours = 24                           # optional: fetch a newer CRL after this age
//! crl-max-age-hours = 72                         # optional: no CRL older than this is used
//! revocation-duty-hours = 48                     # optional: what the issuer promises
//!
//! [issuer.authority]                             # needed for a LoTE
//! name = { en = "Utopia Motor Vehicles", ja = "ユートピア運転免許局" }
//! address = { street = "2 Main Street", locality = "Capital", country = "UT" }
//! contact = "https://dmv.example"
//! information = "https://dmv.example/about"
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tegata_trust_list::{DocTypes, Purpose};
use time::Duration;

use crate::{
    KeyDigest,
    service::{Address, Text},
};

/// What the roots are published for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issuers(BTreeMap<KeyDigest, Issuer>);

/// What a root is published for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The document types; each must be authorised.
    pub doc_types: DocTypes,
    /// The purposes; not empty.
    pub purposes: BTreeSet<Purpose>,
    /// A verifier should have a CRL younger than this.
    pub crl_fresh: Option<Duration>,
    /// A CRL older than this is not used.
    pub crl_max_age: Option<Duration>,
    /// Within which time a revocation that was asked for is published.
    pub revocation_duty: Option<Duration>,
    /// Who it is, for a LoTE.
    pub authority: Option<IssuingAuthority>,
}

/// Who issues.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuingAuthority {
    /// Its name.
    pub name: Text,
    /// Where it is.
    pub address: Address,
    /// Page or e-mail address, a URI.
    pub contact: String,
    /// URI of what it says about itself.
    pub information: String,
}

/// Why a file of issuers is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuersError {
    /// Not TOML, or not of the form.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// The digest of a root is not one.
    #[error("issuer {issuer}: the root is not a SHA-256 in hexadecimal digits")]
    Root {
        /// Its number, from 1.
        issuer: usize,
    },
    /// A root stands there twice.
    #[error("issuer {issuer}: {root} stands there twice")]
    Twice {
        /// The number of the second, from 1.
        issuer: usize,
        /// The root.
        root: KeyDigest,
    },
    /// An issuer without document types.
    #[error("issuer {issuer}: no document type")]
    NoDocType {
        /// Its number, from 1.
        issuer: usize,
    },
    /// An issuer without purposes, or with an unknown one.
    #[error("issuer {issuer}: no purpose, or an unknown one")]
    Purposes {
        /// Its number, from 1.
        issuer: usize,
    },
    /// A span of zero hours, or a greatest age below that of a fresh list.
    #[error("issuer {issuer}: hours that cannot be")]
    Hours {
        /// Its number, from 1.
        issuer: usize,
    },
}

impl IssuersError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Toml(_) => "issuers-toml",
            Self::Root { .. } => "issuers-root",
            Self::Twice { .. } => "issuers-twice",
            Self::NoDocType { .. } => "issuers-no-doc-type",
            Self::Purposes { .. } => "issuers-purposes",
            Self::Hours { .. } => "issuers-hours",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuer: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    root: String,
    doc_types: Vec<String>,
    purposes: Vec<String>,
    crl_fresh_hours: Option<u32>,
    crl_max_age_hours: Option<u32>,
    revocation_duty_hours: Option<u32>,
    authority: Option<IssuingAuthority>,
}

const PURPOSES: [Purpose; 4] = [Purpose::Issuance, Purpose::Status, Purpose::Reader, Purpose::Vical];

impl Issuers {
    /// Reads a file.
    ///
    /// # Errors
    /// [`IssuersError`].
    pub fn from_toml(text: &str) -> Result<Self, IssuersError> {
        let file: File = toml::from_str(text)?;
        let mut issuers = Self::default();
        for (issuer, row) in (1..).zip(file.issuer) {
            let root = row.root.parse().map_err(|_| IssuersError::Root { issuer })?;
            if issuers.insert(root, row.read(issuer)?).is_some() {
                return Err(IssuersError::Twice { issuer, root });
            }
        }
        Ok(issuers)
    }

    /// Enters an issuer; returns what stood there before.
    pub fn insert(&mut self, root: KeyDigest, issuer: Issuer) -> Option<Issuer> {
        self.0.insert(root, issuer)
    }

    /// The issuer of a root.
    #[must_use]
    pub fn get(&self, root: KeyDigest) -> Option<&Issuer> {
        self.0.get(&root)
    }
}

impl Row {
    fn read(self, issuer: usize) -> Result<Issuer, IssuersError> {
        let mut doc_types = self.doc_types.into_iter();
        let first = doc_types.next().ok_or(IssuersError::NoDocType { issuer })?;
        let purpose = |id: &String| PURPOSES.into_iter().find(|purpose| purpose.id() == id);
        let purposes: Option<BTreeSet<Purpose>> = self.purposes.iter().map(purpose).collect();
        let hours = |hours: Option<u32>| match hours {
            Some(0) => Err(IssuersError::Hours { issuer }),
            hours => Ok(hours.map(|hours| Duration::hours(i64::from(hours)))),
        };
        let read = Issuer {
            doc_types: DocTypes::new(first, doc_types),
            purposes: purposes.filter(|purposes| !purposes.is_empty()).ok_or(IssuersError::Purposes { issuer })?,
            crl_fresh: hours(self.crl_fresh_hours)?,
            crl_max_age: hours(self.crl_max_age_hours)?,
            revocation_duty: hours(self.revocation_duty_hours)?,
            authority: self.authority,
        };
        match (read.crl_fresh, read.crl_max_age) {
            (Some(fresh), Some(most)) if most < fresh => Err(IssuersError::Hours { issuer }),
            _ => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: &str) -> String {
        format!("[[issuer]]\nroot = \"{}\"\n{rows}\n", "ab".repeat(32))
    }

    #[test]
    fn a_file_is_read() {
        let text = file("doc-types = [\"a\", \"b\"]\npurposes = [\"issuance\"]\ncrl-fresh-hours = 24");
        let issuers = Issuers::from_toml(&text).unwrap();
        let issuer = issuers.get(KeyDigest::from_bytes([0xab; 32])).unwrap();
        assert_eq!(issuer.doc_types.iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(issuer.crl_fresh, Some(Duration::DAY));
        assert_eq!(Issuers::from_toml(&format!("{text}{text}")).unwrap_err().id(), "issuers-twice");
    }

    #[test]
    fn what_is_missing_is_said() {
        let id = |rows: &str| Issuers::from_toml(&file(rows)).unwrap_err().id();
        assert_eq!(id("doc-types = []\npurposes = [\"issuance\"]"), "issuers-no-doc-type");
        assert_eq!(id("doc-types = [\"a\"]\npurposes = []"), "issuers-purposes");
        assert_eq!(id("doc-types = [\"a\"]\npurposes = [\"any\"]"), "issuers-purposes");
        assert_eq!(id("doc-types = [\"a\"]\npurposes = [\"issuance\"]\ncrl-fresh-hours = 0"), "issuers-hours");
        let rows = "doc-types = [\"a\"]\npurposes = [\"issuance\"]\ncrl-fresh-hours = 2\ncrl-max-age-hours = 1";
        assert_eq!(id(rows), "issuers-hours");
        assert_eq!(id("doc-types = [\"a\"]\npurposes = [\"issuance\"]\nsurprise = 1"), "issuers-toml");
    }
}
