//! The profile table: what each kind of certificate and CRL must look like (ISO/IEC 18013-5 Annex B and C), as data.
//!
//! A profile is a list of [`Rule`]s. [`lint`] compares a certificate with the rules and lists every deviation; the builder
//! ([`CertificateRequest`](crate::CertificateRequest)) emits what the same rules ask for. Rule ids are stable.

mod crl;
mod finding;
mod lint;
mod table;

use der::asn1::ObjectIdentifier;

pub use self::{
    crl::lint_crl,
    finding::{Element, Finding, FindingFact, Mode, Severity},
    lint::{lint, lint_rules},
    table::profile,
};
use crate::certificate::KeyUsage;

/// What a certificate or list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// IACA root (B.1.2).
    Iaca,
    /// IACA link certificate (B.1.3).
    Link,
    /// Document signer (B.1.4).
    DocumentSigner,
    /// mdoc reader authentication (B.1.5 of the second edition).
    Reader,
    /// MSO revocation list signer (B.1.7 of the second edition).
    StatusSigner,
    /// VICAL signer (Annex C).
    VicalSigner,
    /// OCSP signer (B.1.6 of the second edition).
    OcspSigner,
    /// Certificate revocation list (B.2).
    Crl,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Iaca,
        Self::Link,
        Self::DocumentSigner,
        Self::Reader,
        Self::StatusSigner,
        Self::VicalSigner,
        Self::OcspSigner,
        Self::Crl,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Iaca => "iaca",
            Self::Link => "link",
            Self::DocumentSigner => "document-signer",
            Self::Reader => "reader",
            Self::StatusSigner => "status-signer",
            Self::VicalSigner => "vical-signer",
            Self::OcspSigner => "ocsp-signer",
            Self::Crl => "crl",
        }
    }
}

/// Whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Edition {
    /// ISO/IEC 18013-5 Annex B.
    Iso18013_5,
    /// The Japanese system for cards on smartphones (CP/CPS of the root CA).
    Jp004,
    /// Person identification data of the European Union (ETSI TS 119 412-6).
    EuPid,
    /// AAMVA: ISO/IEC 18013-5 and stateOrProvinceName in every certificate.
    Aamva,
}

impl Edition {
    /// Every edition.
    pub const ALL: [Self; 4] = [Self::Iso18013_5, Self::Jp004, Self::EuPid, Self::Aamva];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Iso18013_5 => "iso-18013-5",
            Self::Jp004 => "jp-004",
            Self::EuPid => "eu-pid",
            Self::Aamva => "aamva",
        }
    }

    /// The edition of a stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edition| edition.id() == id)
    }
}

/// The rules for one role in one edition.
#[derive(Debug)]
pub struct Profile {
    pub(crate) role: Role,
    pub(crate) edition: Edition,
    pub(crate) groups: &'static [&'static [Rule]],
}

impl Profile {
    /// What the profile is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whose rules these are.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.rules().find(|rule| rule.id == id)
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Rule {
    /// The stable id: `DS-14`.
    pub id: &'static str,
    /// The clause, as a reader of the standard looks it up.
    pub clause: &'static str,
    /// What is demanded.
    pub constraint: Constraint,
    /// How bad a deviation is for a conformance test.
    pub strict: Severity,
    /// How bad a deviation is for a reader in the field.
    pub interop: Severity,
}

/// Whether something must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It must.
    Mandatory,
    /// It may; the builder writes it when it is given what it needs.
    Optional,
}

/// What a rule demands.
#[derive(Debug)]
#[non_exhaustive]
pub enum Constraint {
    /// Version 3.
    Version3,
    /// A positive serial number of at most 20 octets and at least 63 bits.
    Serial,
    /// The inner and outer signature algorithm are the same bytes.
    AlgorithmsAgree,
    /// Signed by ECDSA with SHA-256, SHA-384 or SHA-512, parameters absent.
    EcdsaSignature,
    /// Signed by ECDSA with SHA-384 on a 384-bit curve (the Japanese root).
    Ecdsa384,
    /// A supported EC key with an uncompressed point; `okp` allows Ed25519 too.
    Key {
        /// Whether Ed25519 keys are allowed.
        okp: bool,
    },
    /// notAfter at most so many times 86 400 seconds after notBefore.
    MaxDays(u16),
    /// notAfter at most so many calendar months after notBefore.
    MaxMonths(u16),
    /// notAfter not later than that of the issuer.
    NotAfterWithinIssuer,
    /// Subject and issuer are the same bytes.
    SelfIssued,
    /// The issuer name is the same bytes as the issuer's subject.
    IssuerName,
    /// countryName: one, two upper-case letters, PrintableString.
    Country,
    /// The same countryName as the issuer.
    CountryOfIssuer,
    /// The same stateOrProvinceName as the issuer, if that has one.
    StateOfIssuer,
    /// The subject has this attribute.
    Attribute(ObjectIdentifier),
    /// The strings of the subject have the allowed types.
    NameStrings,
    /// The extension does not occur.
    Forbidden(ObjectIdentifier),
    /// Every critical extension is known and can be read.
    CriticalExtensions,
    /// `cA` is not TRUE.
    NotCa,
    /// The extension, if it must or may be there, has this criticality and contents.
    Extension {
        /// The type.
        oid: ObjectIdentifier,
        /// Whether it must be there.
        presence: Presence,
        /// What the critical flag must be.
        critical: bool,
        /// What it must hold.
        content: Content,
    },
    /// Exactly one of CRL distribution points and OCSP no-check; 90 days of validity at most with the latter.
    CrlOrNoCheck,
    /// A rule for a CRL.
    Crl(CrlConstraint),
}

/// What an extension must hold.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// Anything that can be read.
    Any,
    /// SHA-1 of the subject public key bits.
    KeyIdentifier,
    /// The subject key identifier of the issuer.
    IssuerKeyIdentifier,
    /// Exactly these key usage bits.
    KeyUsage(KeyUsage),
    /// `cA` TRUE and this pathLenConstraint.
    Ca {
        /// The pathLenConstraint.
        path_len: u32,
    },
    /// At least the first of these key purposes. The builder writes that one and others on request, because deployed readers
    /// compare the whole extension for equality (isomdl 0.2).
    KeyPurposes(&'static [ObjectIdentifier]),
    /// At least one e-mail address or URI.
    Contact,
    /// Distribution points with a URI, not limited to reasons and not indirect.
    CrlUri,
    /// An OCSP URI.
    OcspUri,
}

/// What a rule demands of a CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrlConstraint {
    /// The issuer name is the same bytes as the issuer's subject.
    IssuerName,
    /// Signed by ECDSA with SHA-2.
    EcdsaSignature,
    /// nextUpdate is there and at most so many days after thisUpdate.
    NextUpdate {
        /// Longest interval.
        days: u16,
    },
    /// Entries have no extensions; `reason` allows the reason code.
    EntryExtensions {
        /// Whether a reason code is allowed.
        reason: bool,
    },
    /// An authority key identifier, not critical, equal to the issuer's subject key identifier.
    AuthorityKeyIdentifier,
    /// A CRL number.
    Number,
    /// No other extension than these two, and none critical.
    NoOtherExtensions,
}
