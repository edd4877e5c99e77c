//! What is noteworthy about a certificate as an anchor.

use std::collections::BTreeSet;

use tegata_pki::{CryptoProvider, Edition, PublicKey, Role, lint, profile};

use crate::anchor::{AnchorEntry, ImportFinding, Purpose, Scope};

/// Inspects an anchor: is it a root, did it sign itself, may it certify, and does it conform to the IACA profile of the
/// document types it is for. Roots of readers and of VICAL providers have no profile (ISO/IEC 18013-5 F.3.4).
pub(crate) fn import_findings(
    entry: &AnchorEntry,
    key: &PublicKey,
    provider: &dyn CryptoProvider,
) -> Vec<ImportFinding> {
    let certificate = &entry.certificate;
    let mut findings = Vec::new();
    if !certificate.is_self_issued() {
        findings.push(ImportFinding::NotSelfIssued);
    } else if let Err(error) = certificate.verify_signature(key, provider) {
        findings.push(ImportFinding::SelfSignature(error));
    }
    if !certificate.is_ca() {
        findings.push(ImportFinding::NotCa);
    }
    if entry.purposes.contains(&Purpose::Issuance) {
        for edition in editions(&entry.scope) {
            for finding in lint(certificate, profile(Role::Iaca, edition), None) {
                let finding = ImportFinding::Profile(finding);
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

/// The editions whose rules the document types of a scope follow; the ISO profile where none is known to be another.
fn editions(scope: &Scope) -> BTreeSet<Edition> {
    match scope {
        Scope::AnyDocType => BTreeSet::from([Edition::Iso18013_5]),
        Scope::DocTypes(doc_types) => doc_types.iter().map(edition_of).collect(),
    }
}

fn edition_of(doc_type: &str) -> Edition {
    match doc_type {
        "eu.europa.ec.eudi.pid.1" => Edition::EuPid,
        "org.iso.23220.1.jp.mnc" => Edition::Jp004,
        _ => Edition::Iso18013_5,
    }
}
