//! A small PKI, tokens signed under it, and where third-party data is.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, Curve, Edition, Name, ObjectIdentifier, PublicKey,
    Role, oid, profile, rust_crypto,
};
use tegata_trust_list::token::{ListContent, PreparedToken, TokenBuilder, TokenSigner};
use tegata_trust_list::{AnchorEntry, MsoQuestion, Provenance, Scope};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);
pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-03-01 12:00);
pub(crate) const URI: &str = "https://dts.example/lists/1";
pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";
pub(crate) const PID: &str = "eu.europa.ec.eudi.pid.1";

pub(crate) fn testdata(part: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/testdata");
    let path = std::env::var_os("TEGATA_TESTDATA").map_or_else(|| default.into(), PathBuf::from).join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no third-party data at {part}");
    None
}

pub(crate) struct Party {
    pub(crate) key: InsecureSoftwareKey,
    pub(crate) certificate: Certificate,
}

fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn issue(
    role: Role,
    curve: Curve,
    name: &str,
    issuer: Option<&Party>,
    days: i64,
    purpose: Option<ObjectIdentifier>,
) -> Party {
    let key = InsecureSoftwareKey::generate(curve, &mut rng()).unwrap();
    let mut attributes = vec![(oid::COUNTRY, "UT"), (oid::COMMON_NAME, name)];
    if matches!(role, Role::VicalSigner | Role::StatusSigner) {
        attributes.insert(1, (oid::ORGANIZATION, "Utopia DTS"));
    }
    let subject = Name::from_attributes(&attributes).unwrap();
    let validity = (START, START + Duration::days(days));
    let issuer_certificate = issuer.map(|issuer| &issuer.certificate);
    let public = key.public_key().clone();
    let profile = profile(role, Edition::Iso18013_5);
    let mut request = CertificateRequest::new(profile, subject, public, issuer_certificate, validity, &mut rng())
        .contact(Contact::Uri("https://iaca.example".to_owned()))
        .crl_uri("https://iaca.example/crl");
    if let Some(purpose) = purpose {
        request = request.key_purpose(purpose);
    }
    let unsigned = request.build().unwrap();
    let signer = issuer.map_or(&key, |issuer| &issuer.key);
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    let certificate = unsigned.complete(&signature, rust_crypto()).unwrap();
    Party { key, certificate }
}

pub(crate) fn iaca(name: &str) -> Party {
    issue(Role::Iaca, Curve::P256, name, None, 3650, None)
}

pub(crate) fn document_signer(iaca: &Party, name: &str) -> Party {
    issue(Role::DocumentSigner, Curve::P256, name, Some(iaca), 400, None)
}

pub(crate) fn status_signer(iaca: &Party, curve: Curve) -> Party {
    issue(Role::StatusSigner, curve, "Utopia Status", Some(iaca), 400, None)
}

pub(crate) fn status_signer_for(iaca: &Party, purpose: ObjectIdentifier) -> Party {
    issue(Role::StatusSigner, Curve::P256, "Utopia Status", Some(iaca), 400, Some(purpose))
}

pub(crate) fn short_lived_status_signer(iaca: &Party) -> Party {
    issue(Role::StatusSigner, Curve::P256, "Utopia Status", Some(iaca), 30, None)
}

/// A root of a VICAL provider; no profile exists, that of an IACA serves.
pub(crate) fn vical_root(name: &str) -> Party {
    issue(Role::Iaca, Curve::P256, name, None, 3650, None)
}

pub(crate) fn vical_signer(root: &Party, curve: Curve) -> Party {
    issue(Role::VicalSigner, curve, "Utopia VICAL signer", Some(root), 400, None)
}

/// `signing` vouches for the key of `certified`.
pub(crate) fn link(signing: &Party, certified: &Party, days: i64) -> Certificate {
    let (subject, public) = (certified.certificate.subject().clone(), certified.key.public_key().clone());
    let validity = (START, START + Duration::days(days));
    let rules = profile(Role::Link, Edition::Iso18013_5);
    let unsigned = CertificateRequest::new(rules, subject, public, Some(&signing.certificate), validity, &mut rng())
        .contact(Contact::Uri("https://iaca.example".to_owned()))
        .crl_uri("https://iaca.example/crl")
        .build()
        .unwrap();
    let signature = signing.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signing.key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

/// A signer of lists of trusted entities; no profile exists, that of a status list's signer serves.
pub(crate) fn list_signer(root: &Party, curve: Curve) -> Party {
    issue(Role::StatusSigner, curve, "Utopia LoTE signer", Some(root), 400, None)
}

/// A CA under `root`.
pub(crate) fn sub_ca(root: &Party, name: &str) -> Party {
    issue(Role::Link, Curve::P256, name, Some(root), 400, None)
}

pub(crate) fn chain(signer: &Party) -> TokenSigner {
    TokenSigner::Chain(vec![signer.certificate.clone()])
}

pub(crate) fn finish(prepared: PreparedToken, key: &InsecureSoftwareKey) -> Vec<u8> {
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

/// A CWT for [`URI`], issued an hour before [`NOW`] and good for a day.
pub(crate) fn cwt<L: ListContent>(content: L, signer: &Party) -> Vec<u8> {
    cwt_of(content, signer, NOW - Duration::HOUR)
}

pub(crate) fn cwt_of<L: ListContent>(content: L, signer: &Party, issued_at: UtcDateTime) -> Vec<u8> {
    let builder = TokenBuilder::new(URI, content, issued_at, issued_at + Duration::DAY, chain(signer));
    finish(builder.prepare_cwt().unwrap(), &signer.key)
}

pub(crate) fn crl(issuer: &Party, number: u8, this_update: UtcDateTime, revoked: &[&Certificate]) -> Vec<u8> {
    let number = CrlNumber::from_be_bytes(&[number]).unwrap();
    let next_update = this_update + Duration::days(30);
    let mut builder = CrlBuilder::new(&issuer.certificate, number, this_update, next_update);
    for certificate in revoked {
        builder = builder.revoke(certificate.serial(), this_update, None);
    }
    let unsigned = builder.build().unwrap();
    let signature = issuer.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(issuer.key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
}

/// A document without `status`.
pub(crate) fn mso_of<'a>(
    ds: &'a Party,
    issuer: &'a Party,
    device: &'a PublicKey,
    doc_type: &'a str,
) -> MsoQuestion<'a> {
    let (document_signer, issuer) = (&ds.certificate, &issuer.certificate);
    MsoQuestion { status: None, device_key: Some(device), doc_type, document_signer, issuer }
}

pub(crate) fn provenance() -> Provenance {
    Provenance { source: "test".to_owned(), added_at: START }
}

pub(crate) fn anchor(certificate: &Certificate, scope: Scope) -> AnchorEntry {
    AnchorEntry::issuance(certificate.clone(), scope, provenance())
}
