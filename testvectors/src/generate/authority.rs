//! The issuing authority of the vectors: fixed keys, an Annex B conformant chain, lists.

use std::path::Path;
use std::sync::Arc;

use tegata_hsm::{InsecureSoftwareSigner, Signer};
use tegata_issuer::sandbox::{SandboxAuthority, create_crl};
use tegata_issuer::{DocumentSigner, DocumentSignerParts};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Contact, CrlNumber, Curve, Edition, rust_crypto};
use tegata_trust_list::token::{TokenBuilder, TokenSigner};
use tegata_trust_list::{Bits, Compression, StatusArray, StatusList, StatusValue};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use crate::random::FixedRandom;

pub(crate) const SIGNED: UtcDateTime = utc_datetime!(2026-06-01 0:00);
pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-07-01 12:00);
pub(crate) const STATUS_URI: &str = "https://status.utopia.example/lists/1";
pub(crate) const STATUS_INDEX: u64 = 4242;
const ENTRIES: usize = 1 << 17;

/// An authority and everything it signs with.
pub(crate) struct Authority {
    pub root: Certificate,
    root_signer: Arc<dyn Signer>,
    pub document_signer: DocumentSigner,
    status_signer: (Certificate, Arc<dyn Signer>),
}

/// The key named `name`.
pub(crate) fn key(curve: Curve, name: &str) -> InsecureSoftwareKey {
    InsecureSoftwareKey::from_scalar(curve, &scalar(curve, name)).unwrap()
}

/// The scalar of the key named `name`: a hash of the name.
pub(crate) fn scalar(curve: Curve, name: &str) -> Vec<u8> {
    let mut scalar = Vec::new();
    let mut counter = 0;
    while scalar.len() < curve.field_len() {
        scalar.extend(FixedRandom::block(&format!("key {} {name}", curve.name()), counter));
        counter += 1;
    }
    scalar.truncate(curve.field_len());
    // Below the order of every curve.
    scalar[0] = if curve == Curve::P521 { 0 } else { scalar[0] >> 1 };
    scalar
}

pub(crate) fn signer(curve: Curve, name: &str) -> Arc<dyn Signer> {
    Arc::new(InsecureSoftwareSigner::new(key(curve, name)).unwrap())
}

impl Authority {
    /// The authority of that country, with a root on `root_curve` and a document signer on `curve`.
    pub(crate) fn new(country: &str, name: &str, root_curve: Curve, curve: Curve, edition: Edition) -> Self {
        let sandbox = SandboxAuthority {
            country: country.to_owned(),
            state: None,
            crl_uri: format!("https://crl.{name}.example/iaca.crl"),
            contact: Contact::Uri(format!("https://{name}.example")),
            edition,
        };
        let rng = &mut FixedRandom::new(&format!("certificates {name} {}", curve.name()));
        let root_signer = signer(root_curve, &format!("{name} iaca"));
        let root_period = (utc_datetime!(2026-01-01 0:00), utc_datetime!(2035-01-01 0:00));
        let root = sandbox.create_root(&*root_signer, root_period, rng).unwrap();
        let ds_signer = signer(curve, &format!("{name} ds"));
        let period = (utc_datetime!(2026-05-01 0:00), utc_datetime!(2027-05-01 0:00));
        let pair = (&root, &*root_signer);
        let ds = sandbox.create_document_signer(pair, ds_signer.public_key(), period, rng).unwrap();
        let status = signer(Curve::P256, &format!("{name} status"));
        let status_certificate = sandbox.create_status_signer(pair, status.public_key(), period, rng).unwrap();
        let parts = DocumentSignerParts {
            signer: ds_signer,
            certificate: ds,
            iaca: Some(root.clone()),
            edition,
            provider: rust_crypto(),
        };
        Self {
            document_signer: DocumentSigner::new(parts, SIGNED).unwrap(),
            root,
            root_signer,
            status_signer: (status_certificate, status),
        }
    }

    /// The authority of Utopia, all on P-256.
    pub(crate) fn utopia() -> Self {
        Self::new("UT", "utopia", Curve::P256, Curve::P256, Edition::Iso18013_5)
    }

    /// A CRL of 20 June 2026 that names `revoked`.
    pub(crate) fn crl(&self, revoked: &[&[u8]]) -> Vec<u8> {
        let period = (utc_datetime!(2026-06-20 0:00), utc_datetime!(2026-07-20 0:00));
        self.crl_of(1 + u8::from(!revoked.is_empty()), period, revoked)
    }

    /// The CRL of that number and period, which names `revoked`.
    pub(crate) fn crl_of(&self, number: u8, period: (UtcDateTime, UtcDateTime), revoked: &[&[u8]]) -> Vec<u8> {
        let number = CrlNumber::from_be_bytes(&[number]).unwrap();
        create_crl((&self.root, &*self.root_signer), number, period, revoked).unwrap().der().to_vec()
    }

    /// A status list token (CWT) of 30 June 2026 in which the entries `revoked` are set.
    pub(crate) fn status_list(&self, revoked: &[u64]) -> Vec<u8> {
        let issued_at = utc_datetime!(2026-06-30 0:00);
        self.status_list_of(STATUS_URI, (issued_at, issued_at + Duration::days(7)), revoked)
    }

    /// The status list token (CWT) of that place and period in which the entries `revoked` are set.
    pub(crate) fn status_list_of(
        &self,
        uri: &str,
        (issued_at, expires): (UtcDateTime, UtcDateTime),
        revoked: &[u64],
    ) -> Vec<u8> {
        let mut array = StatusArray::new(Bits::One, ENTRIES);
        for index in revoked {
            array.set(*index, StatusValue::Invalid).unwrap();
        }
        let (certificate, signer) = &self.status_signer;
        let content = StatusList::compress(&array, Compression::Small);
        let chain = TokenSigner::Chain(vec![certificate.clone()]);
        let builder = TokenBuilder::new(uri, content, issued_at, expires, chain);
        let prepared = builder.ttl(Duration::hours(12)).prepare_cwt().unwrap();
        let signature = signer.sign(prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }
}

/// The private keys, for others who want to issue and present with them.
pub(crate) fn write_keys(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (file, name) in
        [("iaca.pem", "utopia iaca"), ("ds.pem", "utopia ds"), ("device.pem", "device"), ("reader.pem", "reader")]
    {
        std::fs::write(folder.join(file), key(Curve::P256, name).to_pkcs8_pem().as_bytes()).unwrap();
    }
}
