//! A provider of VICALs with keys in memory.

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, CertificateRequest, Contact, Curve, Edition, Name, Role, oid, profile, rust_crypto};
use tegata_trust_list::DocTypes;
use tegata_trust_list::vical::{VicalBuilder, VicalListing};
use time::{Duration, UtcDateTime};

use super::{Issuer, MDL, at};

pub(crate) struct Provider {
    pub(crate) root: Certificate,
    signer: Certificate,
    key: InsecureSoftwareKey,
}

fn issue(
    role: Role,
    name: &str,
    key: &InsecureSoftwareKey,
    issuer: Option<(&Certificate, &InsecureSoftwareKey)>,
) -> Certificate {
    let names = [(oid::COUNTRY, "UT"), (oid::ORGANIZATION, "Utopia DTS"), (oid::COMMON_NAME, name)];
    let (subject, public) = (Name::from_attributes(&names).unwrap(), key.public_key().clone());
    let (rules, validity) = (profile(role, Edition::Iso18013_5), (at(-1), at(390)));
    let certificate = issuer.map(|(certificate, _)| certificate);
    let request = CertificateRequest::new(rules, subject, public, certificate, validity, &mut UnwrapErr(SysRng))
        .contact(Contact::Uri("https://vical.example".to_owned()))
        .crl_uri("https://vical.example/crl");
    let unsigned = request.build().unwrap();
    let by = issuer.map_or(key, |(_, key)| key);
    let signature = by.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(by.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

impl Provider {
    pub(crate) fn new() -> Self {
        let [root_key, key] =
            [(), ()].map(|()| InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap());
        let root = issue(Role::Iaca, "Utopia DTS Root", &root_key, None);
        let signer = issue(Role::VicalSigner, "Utopia VICAL", &key, Some((&root, &root_key)));
        Self { root, signer, key }
    }

    /// Issue `id` of `date`, with the roots of these issuers; the next is due a day later.
    pub(crate) fn list(&self, id: u64, date: UtcDateTime, issuers: &[&Issuer]) -> Vec<u8> {
        let list = VicalBuilder::new("Utopia DTS", id, date, date + Duration::DAY);
        let list = issuers
            .iter()
            .fold(list, |list, issuer| list.entry(VicalListing::new(issuer.root.clone(), DocTypes::new(MDL, []))));
        let prepared = list.prepare(core::slice::from_ref(&self.signer)).unwrap();
        let signature = self.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }
}
