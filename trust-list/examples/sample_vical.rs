//! Writes a VICAL signed with fresh keys, and what is needed to check it: `sample_vical DIR` makes `DIR/vical.cbor` and
//! `DIR/root.pem`. For independent readers; see `peers/run`.
#![allow(clippy::unwrap_used, reason = "a program for tests")]

use std::path::PathBuf;

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, CertificateRequest, Contact, Curve, Edition, Name, Role, oid, profile, rust_crypto};
use tegata_trust_list::DocTypes;
use tegata_trust_list::vical::{VicalBuilder, VicalListing};
use time::{Duration, UtcDateTime};

type Party = (InsecureSoftwareKey, Certificate);

fn issue(role: Role, name: &str, issuer: Option<&Party>, now: UtcDateTime) -> Party {
    let mut rng = UnwrapErr(SysRng);
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut rng).unwrap();
    let names = [(oid::COUNTRY, "UT"), (oid::ORGANIZATION, "Utopia DTS"), (oid::COMMON_NAME, name)];
    let subject = Name::from_attributes(&names).unwrap();
    let validity = (now - Duration::DAY, now + Duration::days(400));
    let public = key.public_key().clone();
    let certificate = issuer.map(|(_, certificate)| certificate);
    let rules = profile(role, Edition::Iso18013_5);
    let unsigned = CertificateRequest::new(rules, subject, public, certificate, validity, &mut rng)
        .contact(Contact::Uri("https://dts.example".to_owned()))
        .crl_uri("https://dts.example/crl")
        .build()
        .unwrap();
    let signer = issuer.map_or(&key, |(key, _)| key);
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    let certificate = unsigned.complete(&signature, rust_crypto()).unwrap();
    (key, certificate)
}

fn main() {
    let directory = PathBuf::from(std::env::args_os().nth(1).unwrap());
    std::fs::create_dir_all(&directory).unwrap();
    let now = UtcDateTime::now();
    let root = issue(Role::Iaca, "Utopia DTS Root", None, now);
    let signer = issue(Role::VicalSigner, "Utopia VICAL signer", Some(&root), now);
    let mut list = VicalBuilder::new("Utopia DTS", 1, now, now + Duration::days(30));
    for (name, doc_type) in [("First IACA", "org.iso.18013.5.1.mDL"), ("Second IACA", "org.iso.23220.photoid.1")] {
        let certificate = issue(Role::Iaca, name, None, now).1;
        list = list.entry(VicalListing::new(certificate, DocTypes::new(doc_type, [])));
    }
    let prepared = list.prepare(core::slice::from_ref(&signer.1)).unwrap();
    let signature = signer.0.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    std::fs::write(directory.join("vical.cbor"), prepared.complete(&signature, rust_crypto()).unwrap()).unwrap();
    std::fs::write(directory.join("root.pem"), root.1.to_pem()).unwrap();
}
