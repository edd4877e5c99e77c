//! The rows. Ids and clauses are those of the profile tables of ISO/IEC 18013-5 Annex B and C.

use super::{
    Constraint::{self, *},
    Content, CrlConstraint, Edition, Presence, Profile, Role, Rule, Severity,
};
use crate::{certificate::KeyUsage, oid};

const MANDATORY: Presence = Presence::Mandatory;
const OPTIONAL: Presence = Presence::Optional;

/// A deviation is an error everywhere.
const fn must(id: &'static str, clause: &'static str, constraint: Constraint) -> Rule {
    Rule { id, clause, constraint, strict: Severity::Error, interop: Severity::Error }
}

/// A deviation is an error for a conformance test; a reader in the field goes on with a warning.
const fn should(id: &'static str, clause: &'static str, constraint: Constraint) -> Rule {
    Rule { id, clause, constraint, strict: Severity::Error, interop: Severity::Warning }
}

const fn extension(
    oid: der::asn1::ObjectIdentifier,
    presence: Presence,
    critical: bool,
    content: Content,
) -> Constraint {
    Extension { oid, presence, critical, content }
}

const fn key_usage(usage: KeyUsage) -> Constraint {
    extension(oid::KEY_USAGE, MANDATORY, true, Content::KeyUsage(usage))
}

const fn subject_key() -> Constraint {
    extension(oid::SUBJECT_KEY_IDENTIFIER, MANDATORY, false, Content::KeyIdentifier)
}

const fn authority_key() -> Constraint {
    extension(oid::AUTHORITY_KEY_IDENTIFIER, MANDATORY, false, Content::IssuerKeyIdentifier)
}

const fn contact() -> Constraint {
    extension(oid::ISSUER_ALT_NAME, MANDATORY, false, Content::Contact)
}

const fn crl_points(presence: Presence) -> Constraint {
    extension(oid::CRL_DISTRIBUTION_POINTS, presence, false, Content::CrlUri)
}

const fn ocsp() -> Constraint {
    extension(oid::AUTHORITY_INFO_ACCESS, OPTIONAL, false, Content::OcspUri)
}

const fn purposes(list: &'static [der::asn1::ObjectIdentifier]) -> Constraint {
    extension(oid::EXTENDED_KEY_USAGE, MANDATORY, true, Content::KeyPurposes(list))
}

const SIGN: KeyUsage = KeyUsage::DIGITAL_SIGNATURE;
const CERTIFY: KeyUsage = KeyUsage::KEY_CERT_SIGN.union(KeyUsage::CRL_SIGN);
const CA: Constraint = extension(oid::BASIC_CONSTRAINTS, MANDATORY, true, Content::Ca { path_len: 0 });

/// Rules of every certificate (B.1.1).
static COMMON: [Rule; 11] = [
    should("X-01", "ISO/IEC 18013-5 B.1.1", Version3),
    should("X-02", "ISO/IEC 18013-5 B.1", Serial),
    must("X-03", "RFC 5280 4.1.1.2", AlgorithmsAgree),
    // What cannot be computed with is refused by the path; issuers in the field have roots of Ed25519.
    should("X-04", "ISO/IEC 18013-5 B.1, RFC 5758 3.2", EcdsaSignature),
    should("X-08", "ISO/IEC 18013-5 B.1.1", Forbidden(oid::POLICY_MAPPINGS)),
    must("X-08", "ISO/IEC 18013-5 B.1.1", Forbidden(oid::NAME_CONSTRAINTS)),
    should("X-08", "ISO/IEC 18013-5 B.1.1", Forbidden(oid::POLICY_CONSTRAINTS)),
    should("X-08", "ISO/IEC 18013-5 B.1.1", Forbidden(oid::INHIBIT_ANY_POLICY)),
    should("X-08", "ISO/IEC 18013-5 B.1.1", Forbidden(oid::FRESHEST_CRL)),
    must("X-09", "RFC 5280 4.2", CriticalExtensions),
    should("X-10", "ISO/IEC 18013-5 B.1", NameStrings),
];

static IACA: [Rule; 10] = [
    should("IACA-02", "ISO/IEC 18013-5 Table B.1", Country),
    should("IACA-05", "ISO/IEC 18013-5 Table B.1", Attribute(oid::COMMON_NAME)),
    should("IACA-09", "ISO/IEC 18013-5 Table B.1", SelfIssued),
    must("IACA-10", "ISO/IEC 18013-5 Table B.1", Key { okp: false }),
    should("IACA-11", "ISO/IEC 18013-5 Table B.1", subject_key()),
    must("IACA-13", "ISO/IEC 18013-5 Table B.1", key_usage(CERTIFY)),
    should("IACA-14", "ISO/IEC 18013-5 Table B.1", contact()),
    must("IACA-15", "ISO/IEC 18013-5 Table B.1", CA),
    should("IACA-16", "ISO/IEC 18013-5 Table B.1", crl_points(OPTIONAL)),
    should(
        "IACA-12",
        "RFC 5280 4.2.1.1",
        extension(oid::AUTHORITY_KEY_IDENTIFIER, OPTIONAL, false, Content::IssuerKeyIdentifier),
    ),
];

static IACA_20_YEARS: [Rule; 1] = [should("IACA-08", "ISO/IEC 18013-5 Table B.1", MaxMonths(240))];

/// Five years and four months; ECDSA of 384 bits.
static IACA_JAPAN: [Rule; 2] =
    [should("JP-04", "JP CP/CPS 6.3.2", MaxMonths(64)), must("JP-03", "JP CP/CPS 6.1.5, 7.1.3", Ecdsa384)];

static STATE: [Rule; 1] = [should("PV-09", "AAMVA mDL guidelines", Attribute(oid::STATE_OR_PROVINCE))];

static LINK: [Rule; 11] = [
    must("LINK-01", "ISO/IEC 18013-5 Table B.2", IssuerName),
    must("LINK-03", "ISO/IEC 18013-5 Table B.2", Key { okp: false }),
    should("LINK-04", "ISO/IEC 18013-5 Table B.2", NotAfterWithinIssuer),
    must("LINK-05", "ISO/IEC 18013-5 Table B.2", authority_key()),
    should("LINK-06", "ISO/IEC 18013-5 Table B.2", subject_key()),
    must("LINK-07", "ISO/IEC 18013-5 Table B.2", key_usage(CERTIFY)),
    should("LINK-08", "ISO/IEC 18013-5 Table B.2", extension(oid::SUBJECT_ALT_NAME, OPTIONAL, false, Content::Any)),
    should("LINK-09", "ISO/IEC 18013-5 Table B.2", contact()),
    must("LINK-10", "ISO/IEC 18013-5 Table B.2", CA),
    should("LINK-11", "ISO/IEC 18013-5 Table B.2", crl_points(MANDATORY)),
    should("X-11", "ISO/IEC 18013-5 B.1.1", CountryOfIssuer),
];

/// What ISO and the European Union ask of a document signer alike.
static DS_BASE: [Rule; 8] = [
    must("DS-02", "ISO/IEC 18013-5 Table B.3", IssuerName),
    should("DS-07", "ISO/IEC 18013-5 Table B.3", Attribute(oid::COMMON_NAME)),
    must("DS-08", "ISO/IEC 18013-5 Table B.3", Key { okp: true }),
    should("DS-09", "ISO/IEC 18013-5 Table B.3", authority_key()),
    should("DS-10", "ISO/IEC 18013-5 Table B.3", subject_key()),
    must("DS-11", "ISO/IEC 18013-5 Table B.3", key_usage(SIGN)),
    must("DS-15", "RFC 5280 4.2.1.9", NotCa),
    should("DS-17", "ISO/IEC 18013-5 B.1.1", ocsp()),
];

static DS_ISO: [Rule; 7] = [
    should("DS-03", "ISO/IEC 18013-5 Table B.3", MaxDays(457)),
    should("DS-04", "ISO/IEC 18013-5 Table B.3", Country),
    must("X-11", "ISO/IEC 18013-5 B.1.1", CountryOfIssuer),
    should("DS-05", "ISO/IEC 18013-5 Table B.3", StateOfIssuer),
    should("DS-13", "ISO/IEC 18013-5 Table B.3", contact()),
    must("DS-14", "ISO/IEC 18013-5 Table B.3", purposes(&[oid::EKU_MDL_DS, oid::EKU_MDOC_DS])),
    should("DS-16", "ISO/IEC 18013-5 Table B.3", crl_points(MANDATORY)),
];

/// No limit of 457 days, no key purpose, no issuer alternative name.
static DS_EU: [Rule; 3] = [
    should("DS-04", "ETSI TS 119 412-6", Country),
    must("X-11", "ISO/IEC 18013-5 B.1.1", CountryOfIssuer),
    should("DS-16", "ETSI TS 119 412-6", crl_points(OPTIONAL)),
];

static READER: [Rule; 9] = [
    must("RA-01", "ISO/IEC 18013-5 Table B.6", IssuerName),
    should("RA-02", "ISO/IEC 18013-5 Table B.6", MaxDays(1187)),
    should("RA-03", "ISO/IEC 18013-5 Table B.6", Attribute(oid::COMMON_NAME)),
    must("RA-04", "ISO/IEC 18013-5 Table B.6", Key { okp: true }),
    should("RA-05", "ISO/IEC 18013-5 Table B.6", authority_key()),
    should("RA-05", "ISO/IEC 18013-5 Table B.6", subject_key()),
    must("RA-06", "ISO/IEC 18013-5 Table B.6", key_usage(SIGN)),
    must("RA-08", "ISO/IEC 18013-5 Table B.6", purposes(&[oid::EKU_MDL_READER_AUTH, oid::EKU_MDOC_READER_AUTH])),
    should("RA-09", "ISO/IEC 18013-5 Table B.6", crl_points(MANDATORY)),
];

static STATUS: [Rule; 6] = [
    must("ST-01", "ISO/IEC 18013-5 Table B.9", IssuerName),
    should("ST-02", "ISO/IEC 18013-5 Table B.9", MaxDays(1187)),
    must("ST-03", "ISO/IEC 18013-5 Table B.9", Key { okp: false }),
    should("ST-04", "ISO/IEC 18013-5 Table B.9", authority_key()),
    should("ST-05", "ISO/IEC 18013-5 Table B.9", subject_key()),
    must("ST-06", "ISO/IEC 18013-5 Table B.9", key_usage(SIGN)),
];

static STATUS_CRL: [Rule; 1] = [should("ST-07", "ISO/IEC 18013-5 Table B.9", crl_points(OPTIONAL))];

static VICAL: [Rule; 11] = [
    must("VI-01", "ISO/IEC 18013-5 Table C.1", IssuerName),
    should("VI-02", "ISO/IEC 18013-5 Table C.1", MaxDays(1187)),
    should("VI-03", "ISO/IEC 18013-5 Table C.1", Country),
    should("VI-03", "ISO/IEC 18013-5 Table C.1", Attribute(oid::ORGANIZATION)),
    should("VI-03", "ISO/IEC 18013-5 Table C.1", Attribute(oid::COMMON_NAME)),
    must("VI-04", "ISO/IEC 18013-5 Table C.1", Key { okp: false }),
    should("VI-05", "ISO/IEC 18013-5 Table C.1", authority_key()),
    should("VI-06", "ISO/IEC 18013-5 Table C.1", subject_key()),
    must("VI-07", "ISO/IEC 18013-5 Table C.1", key_usage(KeyUsage::NON_REPUDIATION)),
    must("VI-08", "ISO/IEC 18013-5 Table C.1", purposes(&[oid::EKU_MDL_VICAL, oid::EKU_MDOC_VICAL])),
    should("VI-09", "ISO/IEC 18013-5 Table C.1", crl_points(MANDATORY)),
];

static OCSP: [Rule; 12] = [
    must("OC-01", "ISO/IEC 18013-5 Table B.8", IssuerName),
    should("OC-02", "ISO/IEC 18013-5 Table B.8", MaxDays(457)),
    should("OC-03", "ISO/IEC 18013-5 Table B.8", Country),
    must("X-11", "ISO/IEC 18013-5 B.1.1", CountryOfIssuer),
    should("OC-03", "ISO/IEC 18013-5 Table B.8", StateOfIssuer),
    should("OC-03", "ISO/IEC 18013-5 Table B.8", Attribute(oid::COMMON_NAME)),
    must("OC-04", "ISO/IEC 18013-5 Table B.8", Key { okp: false }),
    should("OC-05", "ISO/IEC 18013-5 Table B.8", authority_key()),
    should("OC-05", "ISO/IEC 18013-5 Table B.8", subject_key()),
    must("OC-06", "ISO/IEC 18013-5 Table B.8", key_usage(SIGN)),
    must("OC-07", "RFC 6960 4.2.2.2", purposes(&[oid::EKU_OCSP_SIGNING])),
    should("OC-08", "ISO/IEC 18013-5 Table B.8", contact()),
];

static OCSP_STATUS: [Rule; 2] = [
    should("OC-09", "ISO/IEC 18013-5 Table B.8", CrlOrNoCheck),
    should("OC-09", "ISO/IEC 18013-5 Table B.8", crl_points(OPTIONAL)),
];

static CRL: [Rule; 5] = [
    must("CRL-03", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::IssuerName)),
    must("CRL-03", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::EcdsaSignature)),
    should("CRL-06", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::AuthorityKeyIdentifier)),
    should("CRL-06", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::Number)),
    should("CRL-06", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::NoOtherExtensions)),
];

static CRL_ISO: [Rule; 2] = [
    should("CRL-02", "ISO/IEC 18013-5 B.2", Crl(CrlConstraint::NextUpdate { days: 90 })),
    should("CRL-05", "ISO/IEC 18013-5 Table B.10", Crl(CrlConstraint::EntryExtensions { reason: false })),
];

/// Lists of the Japanese root end three days after they begin, and say the reason.
static CRL_JAPAN: [Rule; 2] = [
    should("JP-11", "JP CP/CPS 7.2.2", Crl(CrlConstraint::NextUpdate { days: 3 })),
    should("JP-10", "JP CP/CPS 7.2.2", Crl(CrlConstraint::EntryExtensions { reason: true })),
];

macro_rules! profiles {
    ($($role:ident, $edition:ident: [$($group:ident),*];)*) => {
        /// The profile for a role in an edition.
        #[must_use]
        pub fn profile(role: Role, edition: Edition) -> &'static Profile {
            match (role, edition) {
                $((Role::$role, Edition::$edition) => {
                    static PROFILE: Profile = Profile {
                        role: Role::$role,
                        edition: Edition::$edition,
                        groups: &[$(&$group),*],
                    };
                    &PROFILE
                })*
            }
        }
    };
}

profiles! {
    Iaca, Iso18013_5: [COMMON, IACA, IACA_20_YEARS];
    Iaca, Jp004: [COMMON, IACA, IACA_JAPAN];
    Iaca, EuPid: [COMMON, IACA, IACA_20_YEARS];
    Iaca, Aamva: [COMMON, IACA, IACA_20_YEARS, STATE];
    Link, Iso18013_5: [COMMON, LINK];
    Link, Jp004: [COMMON, LINK];
    Link, EuPid: [COMMON, LINK];
    Link, Aamva: [COMMON, LINK, STATE];
    DocumentSigner, Iso18013_5: [COMMON, DS_BASE, DS_ISO];
    DocumentSigner, Jp004: [COMMON, DS_BASE, DS_ISO];
    DocumentSigner, EuPid: [COMMON, DS_BASE, DS_EU];
    DocumentSigner, Aamva: [COMMON, DS_BASE, DS_ISO, STATE];
    Reader, Iso18013_5: [COMMON, READER];
    Reader, Jp004: [COMMON, READER];
    Reader, EuPid: [COMMON, READER];
    Reader, Aamva: [COMMON, READER];
    StatusSigner, Iso18013_5: [COMMON, STATUS, STATUS_CRL];
    StatusSigner, Jp004: [COMMON, STATUS, STATUS_CRL];
    StatusSigner, EuPid: [COMMON, STATUS, STATUS_CRL];
    StatusSigner, Aamva: [COMMON, STATUS, STATUS_CRL];
    VicalSigner, Iso18013_5: [COMMON, VICAL];
    VicalSigner, Jp004: [COMMON, VICAL];
    VicalSigner, EuPid: [COMMON, VICAL];
    VicalSigner, Aamva: [COMMON, VICAL];
    OcspSigner, Iso18013_5: [COMMON, OCSP, OCSP_STATUS];
    OcspSigner, Jp004: [COMMON, OCSP, OCSP_STATUS];
    OcspSigner, EuPid: [COMMON, OCSP, OCSP_STATUS];
    OcspSigner, Aamva: [COMMON, OCSP, OCSP_STATUS];
    Crl, Iso18013_5: [CRL, CRL_ISO];
    Crl, Jp004: [CRL, CRL_JAPAN];
    Crl, EuPid: [CRL, CRL_ISO];
    Crl, Aamva: [CRL, CRL_ISO];
}
