//! Issuers and what they sign.

use std::sync::Arc;

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, Curve, Edition, Name, PublicKey, Role, oid,
    profile, rust_crypto,
};
use tegata_sync::KeyDigest;
use tegata_trust_list::token::{StatusListBuilder, TokenBuilder, TokenSigner};
use tegata_trust_list::{Bits, StatusArray, StatusList, StatusValue};
use time::{Duration, UtcDateTime};

use super::{START, days};

#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) key: Arc<InsecureSoftwareKey>,
    pub(crate) certificate: Certificate,
}

impl Party {
    pub(crate) fn digest(&self) -> KeyDigest {
        KeyDigest::of(&self.certificate)
    }
}

fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn certificate(
    role: Role,
    name: &Name,
    key: &PublicKey,
    issuer: Option<&Party>,
    signer: &InsecureSoftwareKey,
    validity: (UtcDateTime, UtcDateTime),
) -> Certificate {
    let issuer = issuer.map(|issuer| &issuer.certificate);
    let profile = profile(role, Edition::Iso18013_5);
    let request = CertificateRequest::new(profile, name.clone(), key.clone(), issuer, validity, &mut rng())
        .contact(Contact::Uri("https://iaca.example".to_owned()))
        .crl_uri("http://iaca.example/crl");
    let unsigned = request.build().unwrap();
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

fn name(common_name: &str) -> Name {
    Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, common_name)]).unwrap()
}

/// A root of ten years from [`START`].
pub(crate) fn iaca(common_name: &str) -> Party {
    iaca_between(common_name, START, START + days(3650))
}

pub(crate) fn iaca_between(common_name: &str, from: UtcDateTime, to: UtcDateTime) -> Party {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap();
    let public = key.public_key().clone();
    let certificate = certificate(Role::Iaca, &name(common_name), &public, None, &key, (from, to));
    Party { key: Arc::new(key), certificate }
}

/// A link certificate: `by` signs for the key and name of `of`.
pub(crate) fn link(by: &Party, of: &Party, from: UtcDateTime) -> Certificate {
    let to = by.certificate.not_after().min(of.certificate.not_after());
    let key = of.certificate.public_key().unwrap();
    certificate(Role::Link, of.certificate.subject(), key, Some(by), &by.key, (from, to))
}

fn below(role: Role, issuer: &Party, common_name: &str, from: UtcDateTime) -> Party {
    below_named(role, issuer, &name(common_name), from)
}

fn below_named(role: Role, issuer: &Party, name: &Name, from: UtcDateTime) -> Party {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap();
    let public = key.public_key().clone();
    let validity = (from, from + days(400));
    let certificate = certificate(role, name, &public, Some(issuer), &issuer.key, validity);
    Party { key: Arc::new(key), certificate }
}

pub(crate) fn document_signer(issuer: &Party, from: UtcDateTime) -> Party {
    below(Role::DocumentSigner, issuer, "Utopia DS", from)
}

pub(crate) fn vical_signer(issuer: &Party, from: UtcDateTime) -> Party {
    let names = [(oid::COUNTRY, "UT"), (oid::ORGANIZATION, "Utopia DTS"), (oid::COMMON_NAME, "Utopia VICAL")];
    below_named(Role::VicalSigner, issuer, &Name::from_attributes(&names).unwrap(), from)
}

pub(crate) fn status_signer(issuer: &Party, from: UtcDateTime) -> Party {
    below(Role::StatusSigner, issuer, "Utopia Status", from)
}

/// A CRL that lives for `life`.
pub(crate) fn crl(
    issuer: &Party,
    number: u64,
    this_update: UtcDateTime,
    life: Duration,
    revoked: &[&Certificate],
) -> Vec<u8> {
    let next_update = this_update + life;
    let mut builder = CrlBuilder::new(&issuer.certificate, CrlNumber::from(number), this_update, next_update);
    for certificate in revoked {
        builder = builder.revoke(certificate.serial(), this_update, None);
    }
    let unsigned = builder.build().unwrap();
    let signature = issuer.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(issuer.key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
}

/// A status list in which the entry 1 is revoked, good for a week.
pub(crate) fn status_list(uri: &str, signer: &Party, issued_at: UtcDateTime) -> Vec<u8> {
    let mut array = StatusArray::new(Bits::One, 64);
    array.set(1, StatusValue::Invalid).unwrap();
    let list = StatusList::compress(&array, Default::default());
    let chain = TokenSigner::Chain(vec![signer.certificate.clone()]);
    let builder: StatusListBuilder = TokenBuilder::new(uri, list, issued_at, issued_at + days(7), chain);
    let prepared = builder.prepare_cwt().unwrap();
    let signature = signer.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}
