//! An issuer with keys in memory: root, Document Signer, status signer, CRLs, status lists and documents.

use std::sync::Arc;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use serde_json::json;
use tegata_hsm::{InsecureSoftwareSigner, Signer};
use tegata_issuer::sandbox::SandboxAuthority;
use tegata_issuer::{DocumentSigner, DocumentSignerParts, IssuanceRequest, StatusReference, Terms};
use tegata_mdoc::model::{Claims, Registry};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Contact, CrlBuilder, CrlNumber, Curve, Edition, rust_crypto};
use tegata_trust_list::token::{StatusListBuilder, TokenBuilder, TokenSigner};
use tegata_trust_list::{Bits, StatusArray, StatusList, StatusValue};
use time::{Duration, UtcDateTime};

use super::{STATUS_URI, at};

pub(crate) const MDL: &str = "org.iso.18013.5.1.mDL";

pub(crate) struct Issuer {
    root_key: InsecureSoftwareKey,
    pub(crate) root: Certificate,
    ds_key: InsecureSoftwareKey,
    pub(crate) ds: Certificate,
    status_key: InsecureSoftwareKey,
    status: Certificate,
}

fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn key() -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap()
}

fn signer(key: &InsecureSoftwareKey) -> Arc<dyn Signer> {
    Arc::new(InsecureSoftwareSigner::new(key.clone()).unwrap())
}

impl Issuer {
    pub(crate) fn new(state: &str) -> Self {
        let authority = SandboxAuthority {
            country: "UT".into(),
            state: Some(state.into()),
            crl_uri: "https://dts.example/crl/iaca.crl".into(),
            contact: Contact::Uri("https://issuer.example".into()),
            edition: Edition::Iso18013_5,
        };
        let (root_key, ds_key, status_key) = (key(), key(), key());
        let signer = signer(&root_key);
        let root = authority.create_root(&*signer, (at(-1), at(3650)), &mut rng()).unwrap();
        let by = (&root, &*signer);
        let ds = authority.create_document_signer(by, ds_key.public_key(), (at(-1), at(390)), &mut rng()).unwrap();
        let status =
            authority.create_status_signer(by, status_key.public_key(), (at(-1), at(390)), &mut rng()).unwrap();
        Self { root_key, root, ds_key, ds, status_key, status }
    }

    /// A CRL of 40 days.
    pub(crate) fn crl(&self, number: u64, issued: UtcDateTime, revoked: &[&Certificate]) -> Vec<u8> {
        let mut builder = CrlBuilder::new(&self.root, CrlNumber::from(number), issued, issued + Duration::days(40));
        for certificate in revoked {
            builder = builder.revoke(certificate.serial(), issued, None);
        }
        let unsigned = builder.build().unwrap();
        let signature = self.root_key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap();
        unsigned.complete(&signature.to_der(Curve::P256), rust_crypto()).unwrap().der().to_vec()
    }

    /// A status list of 40 days in which the place 1 is revoked.
    pub(crate) fn status_list(&self, issued: UtcDateTime) -> Vec<u8> {
        let mut array = StatusArray::new(Bits::One, 64);
        array.set(1, StatusValue::Invalid).unwrap();
        let list = StatusList::compress(&array, Default::default()).unwrap();
        let chain = TokenSigner::Chain(vec![self.status.clone()]);
        let builder: StatusListBuilder =
            TokenBuilder::new(STATUS_URI, list, issued, issued + Duration::days(40), chain);
        let prepared = builder.prepare_cwt().unwrap();
        let signature = self.status_key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        prepared.complete(&signature, rust_crypto()).unwrap()
    }

    /// An IssuerSigned with a place in the status list.
    pub(crate) fn document(&self, index: u64) -> Vec<u8> {
        let parts = DocumentSignerParts {
            signer: signer(&self.ds_key),
            certificate: self.ds.clone(),
            iaca: Some(self.root.clone()),
            edition: Edition::Iso18013_5,
            provider: rust_crypto(),
        };
        let claims = json!({"org.iso.18013.5.1": {
            "family_name": "Müller", "given_name": "Erika", "birth_date": "1971-09-01", "issue_date": "2024-01-15",
            "expiry_date": "2034-01-15", "issuing_country": "UT", "issuing_authority": "Utopia Roads",
            "document_number": "T220001293", "portrait": "_9j_4A", "un_distinguishing_sign": "UT",
            "driving_privileges": [{"vehicle_category_code": "B"}]
        }});
        let claims = Claims::from_json(MDL, &claims.to_string(), Registry::built_in()).unwrap();
        let status = StatusReference::new(STATUS_URI, index).unwrap();
        let (terms, device_key) = (Terms::until(at(300)), key());
        let request = IssuanceRequest {
            claims: &claims,
            terms: &terms,
            device_key: device_key.public_key(),
            status: Some(&status),
        };
        let signer = DocumentSigner::new(parts, at(0)).unwrap();
        signer.issue(&request, &mut rng(), at(0)).unwrap().into_issuer_signed()
    }
}
