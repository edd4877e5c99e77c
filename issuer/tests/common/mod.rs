//! A sandbox authority with keys in memory, and an mDL.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use serde_json::{Value as Json, json};
use tegata_hsm::{InsecureSoftwareSigner, Signer};
use tegata_issuer::sandbox::SandboxAuthority;
use tegata_issuer::{DocumentSigner, DocumentSignerParts, Terms};
use tegata_mdoc::model::{Claims, Registry};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Contact, Curve, Edition, PublicKey, rust_crypto};
use time::UtcDateTime;
use time::macros::utc_datetime;

pub const MDL: &str = "org.iso.18013.5.1.mDL";
pub const NS: &str = "org.iso.18013.5.1";
pub const AAMVA: &str = "org.iso.18013.5.1.aamva";
pub const NOW: UtcDateTime = utc_datetime!(2026-11-21 13:45:10);

pub fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub fn signer(curve: Curve) -> Arc<dyn Signer> {
    let key = InsecureSoftwareKey::generate(curve, &mut rng()).unwrap();
    Arc::new(InsecureSoftwareSigner::new(key).unwrap())
}

pub fn device_key() -> PublicKey {
    InsecureSoftwareKey::generate(Curve::P256, &mut rng()).unwrap().public_key().clone()
}

pub fn authority() -> SandboxAuthority {
    SandboxAuthority {
        country: "UT".into(),
        state: None,
        crl_uri: "https://crl.example/iaca.crl".into(),
        contact: Contact::Uri("https://issuer.example".into()),
        edition: Edition::Iso18013_5,
    }
}

/// An authority with a root and a document signer.
pub struct Sandbox {
    pub root_signer: Arc<dyn Signer>,
    pub root: Certificate,
    pub ds_signer: Arc<dyn Signer>,
    pub ds: Certificate,
}

impl Sandbox {
    pub fn new(root_curve: Curve, ds_curve: Curve) -> Self {
        Self::of(&authority(), root_curve, ds_curve)
    }

    pub fn of(authority: &SandboxAuthority, root_curve: Curve, ds_curve: Curve) -> Self {
        let (root_signer, ds_signer) = (signer(root_curve), signer(ds_curve));
        let period = (utc_datetime!(2026-01-01 0:00), utc_datetime!(2035-12-31 23:59:59));
        let root = authority.create_root(&*root_signer, period, &mut rng()).unwrap();
        let period = (utc_datetime!(2026-11-21 9:30), utc_datetime!(2027-11-20 23:59:59));
        let ds = authority
            .create_document_signer((&root, &*root_signer), ds_signer.public_key(), period, &mut rng())
            .unwrap();
        Self { root_signer, root, ds_signer, ds }
    }

    pub fn parts(&self) -> DocumentSignerParts {
        DocumentSignerParts {
            signer: Arc::clone(&self.ds_signer),
            certificate: self.ds.clone(),
            iaca: Some(self.root.clone()),
            edition: Edition::Iso18013_5,
            provider: rust_crypto(),
        }
    }

    pub fn document_signer(&self) -> DocumentSigner {
        DocumentSigner::new(self.parts(), NOW).unwrap()
    }
}

pub fn mdl_json() -> Json {
    json!({NS: {
        "family_name": "Müller", "given_name": "Erika", "birth_date": "1971-09-01", "issue_date": "2024-01-15",
        "expiry_date": "2034-01-15", "issuing_country": "UT", "issuing_authority": "Utopia Roads",
        "document_number": "T220001293", "portrait": "_9j_4A", "un_distinguishing_sign": "UT",
        "driving_privileges": [{"vehicle_category_code": "B"}], "age_over_18": true
    }})
}

pub fn claims_of(json: &Json) -> Claims {
    Claims::from_json(MDL, &json.to_string(), Registry::built_in()).unwrap()
}

pub fn mdl() -> Claims {
    let mut json = mdl_json();
    json[AAMVA] = json!({"sex": 2, "DHS_compliance": "F", "family_name_truncation": "N",
                         "given_name_truncation": "N", "domestic_driving_privileges": []});
    claims_of(&json)
}

pub fn terms() -> Terms {
    Terms::until(utc_datetime!(2027-02-01 12:00))
}

pub fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().expect("openssl is a build requirement")
}

pub fn write(directory: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path: PathBuf = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}
