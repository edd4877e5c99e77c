//! The embedded token of a sandbox: made when it is first needed, with keys by their names.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use tegata_hsm::{KeySelector, Module, Pin, PinSource, Signer, SignerOptions, Token, TokenSelector, TokenSigner};
use tegata_pki::Curve;
use tegata_terminal::OutputFault;

use super::system_rng;
use crate::failure::Failure;

/// The token and its PIN.
pub(super) struct SandboxToken {
    module: Module,
    token: Token,
    pin: Pin,
}

impl SandboxToken {
    /// Opens the token that an earlier run made in the directory `store`, or makes one; its PIN, made at random, is in the
    /// file `pin` there.
    pub(super) fn open(store: &Path, label: &str) -> Result<Self, Failure> {
        let module = Module::embedded(store)?;
        let pin_file = store.join("pin");
        let exists = module.tokens()?.iter().any(|token| token.initialised && token.label == label);
        if exists {
            let pin = PinSource::File(pin_file).obtain("")?;
            let token = module.token(&TokenSelector::label(label))?;
            return Ok(Self { module, token, pin });
        }
        let pin = random_pin();
        write_secret(&pin_file, &pin)?;
        let pin = Pin::new(pin)?;
        // Nobody needs the security officer of a sandbox again: its PIN is forgotten at once.
        let token = module.initialise_token(label, &Pin::new(random_pin())?, &pin)?;
        Ok(Self { module, token, pin })
    }

    /// The signer of a key of that name, which is made if it is absent.
    pub(super) fn signer(&self, name: &str) -> Result<Arc<dyn Signer>, Failure> {
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
