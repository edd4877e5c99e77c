//! A small PKI made by the crate itself.
#![allow(dead_code, reason = "each test file uses its own part")]

use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_pki::{
    BuildError, Certificate, CertificateRequest, Contact, Curve, Edition, Name, Role, SignatureAlgorithm, oid, profile,
    rust_crypto, software::InsecureSoftwareKey,
};
use time::{Duration, UtcDateTime, macros::utc_datetime};

pub(crate) const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);

pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub(crate) fn key(curve: Curve) -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(curve, &mut rng()).unwrap()
}

pub(crate) fn name(country: &str, common_name: &str) -> Name {
    Name::from_attributes(&[(oid::COUNTRY, country), (oid::COMMON_NAME, common_name)]).unwrap()
}

/// Signs what was built.
pub(crate) fn finish(request: CertificateRequest<'_>, signer: &InsecureSoftwareKey) -> Result<Certificate, BuildError> {
    let unsigned = request.build()?;
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs())?.to_der(signer.curve());
    unsigned.complete(&signature, rust_crypto())
}

pub(crate) fn request<'a>(
    role: Role,
    edition: Edition,
    subject: Name,
    key: &InsecureSoftwareKey,
    issuer: Option<&'a Certificate>,
    days: i64,
) -> CertificateRequest<'a> {
    CertificateRequest::new(
        profile(role, edition),
        subject,
        key.public_key().clone(),
        issuer,
        (START, START + Duration::days(days)),
        &mut rng(),
    )
    .contact(Contact::Uri("https://iaca.example".to_owned()))
    .crl_uri("https://iaca.example/crl")
}

/// A root and a document signer under it.
pub(crate) struct Pki {
    pub(crate) root_key: InsecureSoftwareKey,
    pub(crate) root: Certificate,
    pub(crate) ds_key: InsecureSoftwareKey,
    pub(crate) ds: Certificate,
}

pub(crate) fn pki(root: Curve, ds: Curve) -> Pki {
    let edition = Edition::Iso18013_5;
    let root_key = key(root);
    let root_name = name("UT", "Utopia IACA");
    let root = request(Role::Iaca, edition, root_name, &root_key, None, 3650);
    let root = finish(root, &root_key).unwrap();
    let ds_key = key(ds);
    let ds_name = name("UT", "Utopia DS 1");
    let ds = request(Role::DocumentSigner, edition, ds_name, &ds_key, Some(&root), 400);
    let ds = finish(ds, &root_key).unwrap();
    Pki { root_key, root, ds_key, ds }
}

/// The algorithm an issuer uses with this key.
pub(crate) fn algorithm(key: &InsecureSoftwareKey) -> SignatureAlgorithm {
    key.curve().signature_algorithm().unwrap()
}

/// A folder of this test, emptied, and the openssl tool in it; `None` (with a note) without the tool.
pub(crate) struct OpenSsl(pub(crate) std::path::PathBuf);

impl OpenSsl {
    pub(crate) fn new(test: &str) -> Option<Self> {
        if std::process::Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: no openssl");
            return None;
        }
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self(folder))
    }

    pub(crate) fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(file), bytes).unwrap();
    }

    /// Runs a command line in the folder; gives success and all output.
    pub(crate) fn run(&self, arguments: &str) -> (bool, String) {
        let output =
            std::process::Command::new("openssl").args(arguments.split(' ')).current_dir(&self.0).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}
