//! The sandbox authority of the demo: a token with four keys, and three certificates.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use tegata_hsm::{KeySelector, Module, Pin, PinSource, Signer, SignerOptions, Token, TokenSelector, TokenSigner};
use tegata_issuer::sandbox::is_sandbox;
use tegata_pki::{Certificate, Curve, PublicKey};
use tegata_terminal::OutputFault;
use time::UtcDateTime;

use super::super::sandbox::{authority, period, refused};
use super::super::system_rng;
use super::directory::{Artefact, Directory};
use crate::args::sandbox::Subject;
use crate::failure::Failure;

/// Label of the demo's token.
const TOKEN_LABEL: &str = "tegata-demo";
/// Days that the root is valid.
const ROOT_DAYS: u32 = 1825;
/// Days that the signers are valid.
const SIGNER_DAYS: u32 = 365;

/// Keys and certificates. The holder's device key is in the same token, so that no key lies elsewhere.
pub(super) struct Authority {
    pub(super) root: Certificate,
    pub(super) root_key: Arc<dyn Signer>,
    pub(super) document_signer: Certificate,
    pub(super) document_signer_key: Arc<dyn Signer>,
    pub(super) status_signer: Certificate,
    pub(super) status_signer_key: Arc<dyn Signer>,
    pub(super) device_key: Arc<dyn Signer>,
}

impl Authority {
    /// Opens the token of an earlier run or makes one; certificates that still fit and are valid are kept.
    pub(super) fn open(directory: &Directory, now: UtcDateTime) -> Result<Self, Failure> {
        let keys = Keys::open(&directory.token())?;
        let root_key = keys.signer("iaca")?;
        let document_signer_key = keys.signer("ds")?;
        let status_signer_key = keys.signer("status")?;
        let device_key = keys.signer("device")?;

        let sandbox = authority(&Subject {
            country: "UT".to_owned(),
            state: None,
            crl_uri: "https://sandbox.example/crl/iaca.crl".to_owned(),
        });
        let kept = kept(directory, Artefact::Root, root_key.public_key(), now);
        let root = match kept {
            Some(root) => root,
            None => {
                let made =
                    sandbox.create_root(&*root_key, period(now, ROOT_DAYS), &mut system_rng()).map_err(refused)?;
                directory.write(Artefact::Root, made.to_pem().as_bytes())?;
                made
            }
        };
        let issued_here = |certificate: &Certificate| {
            let key = root.public_key().ok();
            key.is_some_and(|key| certificate.verify_signature(key, tegata_pki::rust_crypto()).is_ok())
        };
        let parent = (&root, &*root_key);
        let kept_signer =
            kept_under(directory, Artefact::DocumentSigner, document_signer_key.public_key(), now, issued_here);
        let document_signer = match kept_signer {
            Some(certificate) => certificate,
            None => {
                let (key, period) = (document_signer_key.public_key(), period(now, SIGNER_DAYS));
                let made = sandbox.create_document_signer(parent, key, period, &mut system_rng()).map_err(refused)?;
                directory.write(Artefact::DocumentSigner, made.to_pem().as_bytes())?;
                made
            }
        };
        let kept_status =
            kept_under(directory, Artefact::StatusSigner, status_signer_key.public_key(), now, issued_here);
        let status_signer = match kept_status {
            Some(certificate) => certificate,
            None => {
                let (key, period) = (status_signer_key.public_key(), period(now, SIGNER_DAYS));
                let made = sandbox.create_status_signer(parent, key, period, &mut system_rng()).map_err(refused)?;
                directory.write(Artefact::StatusSigner, made.to_pem().as_bytes())?;
                made
            }
        };
        Ok(Self { root, root_key, document_signer, document_signer_key, status_signer, status_signer_key, device_key })
    }
}

/// The certificate of an earlier run, if it is a sandbox one of this key and is valid for at least the demo's documents.
fn kept(directory: &Directory, artefact: Artefact, key: &PublicKey, now: UtcDateTime) -> Option<Certificate> {
    kept_under(directory, artefact, key, now, |_| true)
}

fn kept_under(
    directory: &Directory,
    artefact: Artefact,
    key: &PublicKey,
    now: UtcDateTime,
    fits: impl Fn(&Certificate) -> bool,
) -> Option<Certificate> {
    let pem = std::fs::read(directory.path(artefact)).ok()?;
    let certificate = Certificate::from_pem(&pem).ok()?;
    let lasting = now.saturating_add(time::Duration::days(super::DAYS.into()));
    let is_valid = certificate.not_before() <= now && lasting <= certificate.not_after();
    (is_valid && is_sandbox(&certificate) && certificate.public_key() == Ok(key) && fits(&certificate))
        .then_some(certificate)
}

/// The token and its PIN.
struct Keys {
    module: Module,
    token: Token,
    pin: Pin,
}

impl Keys {
    fn open(store: &Path) -> Result<Self, Failure> {
        let module = Module::embedded(store)?;
        let pin_file = store.join("pin");
        let exists = module.tokens()?.iter().any(|token| token.initialised && token.label == TOKEN_LABEL);
        if exists {
            let pin = PinSource::File(pin_file).obtain("")?;
            let token = module.token(&TokenSelector::label(TOKEN_LABEL))?;
            return Ok(Self { module, token, pin });
        }
        let pin = random_pin();
        write_secret(&pin_file, &pin)?;
        let pin = Pin::new(pin)?;
        // Nobody needs the security officer of a sandbox again: its PIN is forgotten at once.
        let token = module.initialise_token(TOKEN_LABEL, &Pin::new(random_pin())?, &pin)?;
        Ok(Self { module, token, pin })
    }

    /// The signer of a key of that name, which is made if it is absent.
    fn signer(&self, name: &str) -> Result<Arc<dyn Signer>, Failure> {
        let public_key = match self.token.public_key(&self.pin, &KeySelector::label(name)) {
            Ok(public_key) => public_key,
            Err(tegata_hsm::TokenError::KeyNotFound { .. }) => {
                self.token.generate_key(&self.pin, Curve::P256, name, name.as_bytes())?.public_key
            }
            Err(error) => return Err(error.into()),
        };
        let reference = self.token.reference(name, name.as_bytes());
        let options = SignerOptions::default();
        Ok(Arc::new(TokenSigner::open(&self.module, &reference, self.pin.clone(), &public_key, &options)?))
    }
}

/// 96 random bits.
fn random_pin() -> String {
    let mut octets = [0; 12];
    rand_core::Rng::fill_bytes(&mut system_rng(), &mut octets);
    hex::encode(octets)
}

/// Writes a file that only its owner can read; it never exists with other permissions. A PIN that a run left when it was
/// cut off before it made the token opens nothing, and is removed first.
fn write_secret(path: &Path, secret: &str) -> Result<(), Failure> {
    if path.exists() {
        std::fs::remove_file(path).map_err(|error| unwritable(path, &error))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(format!("{secret}\n").as_bytes()));
    written.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Output { file: path.to_owned(), fault: OutputFault::Unwritable(error.kind()) }
}
