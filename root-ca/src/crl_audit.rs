//! Comparing a CRL with the issuance record: what is missing, what is too much, what is wrong.

use std::fmt;

use tegata_pki::{
    Certificate, Crl, CrlError, CrlNumber, Finding, Role, Severity, crl::RevocationReason, lint_crl, profile,
    rust_crypto,
};
use time::UtcDateTime;

use crate::{
    crl_plan,
    digest::sha256,
    error::AuthorityError,
    policy::Policy,
    state::{RootKey, Serial, State},
};

/// A difference between a CRL and the record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlFinding {
    /// Not a CRL that can be used.
    Unusable(CrlError),
    /// No key of this root signed it.
    NoKeyOfThisRoot,
    /// It has no number.
    NoNumber,
    /// No list with this number was signed.
    NumberUnknown {
        /// The number.
        number: String,
    },
    /// Another list with this number was signed.
    OtherBytes {
        /// The number.
        number: u64,
    },
    /// The list was destroyed unreleased: nobody should have it.
    Destroyed {
        /// The number.
        number: u64,
    },
    /// A revoked certificate that has not ended is missing.
    Missing {
        /// The certificate.
        serial: Serial,
    },
    /// An entry that is not in the record.
    Extra {
        /// The serial number.
        serial: Serial,
    },
    /// An entry has another date than the record.
    OtherDate {
        /// The certificate.
        serial: Serial,
        /// In the list.
        found: UtcDateTime,
        /// In the record.
        expected: UtcDateTime,
    },
    /// An entry has another reason than the record, or one where the policy wants none.
    OtherReason {
        /// The certificate.
        serial: Serial,
        /// In the list.
        found: Option<RevocationReason>,
        /// By record and policy.
        expected: Option<RevocationReason>,
    },
    /// It deviates from its profile.
    Profile(Finding),
}

impl CrlFinding {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unusable(_) => "crl-audit-unusable",
            Self::NoKeyOfThisRoot => "crl-audit-no-key-of-this-root",
            Self::NoNumber => "crl-audit-no-number",
            Self::NumberUnknown { .. } => "crl-audit-number-unknown",
            Self::OtherBytes { .. } => "crl-audit-other-bytes",
            Self::Destroyed { .. } => "crl-audit-destroyed",
            Self::Missing { .. } => "crl-audit-missing",
            Self::Extra { .. } => "crl-audit-extra",
            Self::OtherDate { .. } => "crl-audit-other-date",
            Self::OtherReason { .. } => "crl-audit-other-reason",
            Self::Profile(_) => "crl-audit-profile",
        }
    }
}

impl fmt::Display for CrlFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(error) => write!(formatter, "the list cannot be used: {error}"),
            Self::NoKeyOfThisRoot => formatter.write_str("no key of this root signed the list"),
            Self::NoNumber => formatter.write_str("the list has no number"),
            Self::NumberUnknown { number } => write!(formatter, "no list with number {number} was signed"),
            Self::OtherBytes { number } => write!(formatter, "another list with number {number} was signed"),
            Self::Destroyed { number } => write!(formatter, "list {number} was destroyed unreleased"),
            Self::Missing { serial } => write!(formatter, "revoked certificate {serial} is missing"),
            Self::Extra { serial } => write!(formatter, "{serial} is listed and not in the record"),
            Self::OtherDate { serial, found, expected } => {
                write!(formatter, "{serial} is revoked since {found} in the list, since {expected} in the record")
            }
            Self::OtherReason { serial, .. } => write!(formatter, "{serial} has another reason than in the record"),
            Self::Profile(finding) => finding.fmt(formatter),
        }
    }
}

/// Compares a DER list with the record. Revocations accepted after the list was signed are not missed in it. An empty
/// result means that the list is right.
///
/// # Errors
/// [`AuthorityError::State`] when the record cannot be read.
pub fn audit_crl(der: &[u8], state: &State, policy: &Policy) -> Result<Vec<CrlFinding>, AuthorityError> {
    let crl = match Crl::from_der(der) {
        Ok(crl) => crl,
        Err(error) => return Ok(vec![CrlFinding::Unusable(error)]),
    };
    let Some((issuer, certificate)) = signer(&crl, state.keys()?) else {
        return Ok(vec![CrlFinding::NoKeyOfThisRoot]);
    };
    let mut findings = Vec::new();
    let profile = profile(Role::Crl, policy.edition);
    let deviations = lint_crl(&crl, profile, Some(&certificate)).into_iter();
    findings.extend(deviations.filter(|finding| finding.severity == Severity::Error).map(CrlFinding::Profile));
    let signed = number(&crl, &issuer, state, &mut findings)?;
    entries(&crl, (state, policy), signed.unwrap_or(crl.this_update()), &mut findings)?;
    Ok(findings)
}

fn signer(crl: &Crl<'_>, keys: Vec<RootKey>) -> Option<(RootKey, Certificate)> {
    keys.into_iter().find_map(|key| {
        let certificate = key.certificate.clone().filter(|certificate| certificate.subject() == crl.issuer())?;
        crl.verify_signature(&certificate, rust_crypto()).is_ok().then_some((key, certificate))
    })
}

/// Looks the number up; returns when the list was signed, if it is one of the record.
fn number(
    crl: &Crl<'_>,
    issuer: &RootKey,
    state: &State,
    findings: &mut Vec<CrlFinding>,
) -> Result<Option<UtcDateTime>, AuthorityError> {
    let Some(found) = crl.number() else {
        findings.push(CrlFinding::NoNumber);
        return Ok(None);
    };
    let records = state.crls(crl.issuer())?;
    let Some(record) = records.into_iter().find(|record| CrlNumber::from(record.number) == found) else {
        findings.push(CrlFinding::NumberUnknown { number: found.to_string() });
        return Ok(None);
    };
    let number = record.number;
    if record.destroyed.is_some() {
        findings.push(CrlFinding::Destroyed { number });
    }
    if record.sha256 != sha256(crl.der()) || record.issuer != issuer.generation {
        findings.push(CrlFinding::OtherBytes { number });
        return Ok(None);
    }
    Ok(Some(record.signed))
}

fn entries(
    crl: &Crl<'_>,
    (state, policy): (&State, &Policy),
    signed: UtcDateTime,
    findings: &mut Vec<CrlFinding>,
) -> Result<(), AuthorityError> {
    let revocations = state.revocations()?;
    let expected = crl_plan::entries(crl.issuer(), &state.certificates()?, &revocations, policy.crl.reason_codes);
    let accepted = |serial: &Serial| {
        revocations.iter().any(|revocation| revocation.serial == *serial && revocation.accepted <= signed)
    };
    let mut listed = Vec::new();
    for entry in crl.entries() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                findings.push(CrlFinding::Unusable(error));
                return Ok(());
            }
        };
        let serial = Serial(entry.serial.to_vec());
        match expected.iter().find(|expected| expected.serial == serial) {
            None => findings.push(CrlFinding::Extra { serial: serial.clone() }),
            Some(record) => {
                if record.date != entry.date {
                    let (found, expected) = (entry.date, record.date);
                    findings.push(CrlFinding::OtherDate { serial: serial.clone(), found, expected });
                }
                if record.reason != entry.reason {
                    let (found, expected) = (entry.reason, record.reason);
                    findings.push(CrlFinding::OtherReason { serial: serial.clone(), found, expected });
                }
            }
        }
        listed.push(serial);
    }
    let due = expected.into_iter().filter(|entry| entry.ends >= crl.this_update() && accepted(&entry.serial));
    let missing = due.filter(|entry| !listed.contains(&entry.serial));
    findings.extend(missing.map(|entry| CrlFinding::Missing { serial: entry.serial }));
    Ok(())
}
