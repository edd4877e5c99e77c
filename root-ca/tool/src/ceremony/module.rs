//! The module that holds the root keys.

use std::path::{Path, PathBuf};

use tegata_ceremony::Site;
use tegata_hsm::{
    CallTimeouts, KeyReference, Module, Pin, Signer, SignerOptions, Token, TokenError, TokenSelector, TokenSigner,
};
use tegata_quorum::Secret;
use tegata_root_ca::RootKey;

/// The `module` of a site file that means the embedded token.
const EMBEDDED: &str = "embedded";
/// The `serial` of a site file before the token exists.
const NOT_YET: &str = "new";

/// Where the root's token is.
#[derive(Debug, Clone)]
pub(crate) struct RootModule {
    library: Option<PathBuf>,
    store: PathBuf,
    label: String,
    serial: Option<String>,
    timeouts: CallTimeouts,
}

impl RootModule {
    /// The module that a site file names; the embedded token's store lies in `store`.
    pub(crate) fn of(site: &Site, store: PathBuf, timeouts: CallTimeouts) -> Self {
        let token = site.token();
        let library = (token.module != EMBEDDED).then(|| PathBuf::from(&token.module));
        let serial = Some(token.serial.clone()).filter(|serial| serial != NOT_YET);
        Self { library, store, label: token.label.clone(), serial, timeouts }
    }

    /// The same token as a copy of its store shows it; `None` where copies are made by the module's own means.
    pub(crate) fn copied_to(&self, store: &Path) -> Option<Self> {
        self.is_embedded().then(|| Self { store: store.to_owned(), ..self.clone() })
    }

    /// Whether keys live in software.
    pub(crate) fn is_embedded(&self) -> bool {
        self.library.is_none()
    }

    /// The store of the embedded token.
    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    /// The token's label.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    fn open(&self) -> Result<Module, TokenError> {
        match &self.library {
            Some(library) => Module::load_within(library, self.timeouts),
            None => Ok(Module::embedded(&self.store)?.with_timeouts(self.timeouts)),
        }
    }

    /// The token. Label and serial must both match.
    pub(crate) fn token(&self) -> Result<Token, TokenError> {
        let mut selector = TokenSelector::label(&self.label);
        selector.serial.clone_from(&self.serial);
        self.open()?.token(&selector)
    }

    /// Initialises the token.
    pub(crate) fn initialise(&self, so_pin: &Pin, pin: &Pin) -> Result<Token, TokenError> {
        self.open()?.initialise_token(&self.label, so_pin, pin)
    }

    /// Opens one of the root's keys for signing.
    pub(crate) fn signer(&self, key: &RootKey, pin: Pin) -> Result<Box<dyn Signer>, TokenError> {
        self.signer_at(&key.reference, &key.public_key, pin)
    }

    /// Opens a key by its reference (RFC 7512).
    pub(crate) fn signer_at(
        &self,
        reference: &str,
        expected: &tegata_pki::PublicKey,
        pin: Pin,
    ) -> Result<Box<dyn Signer>, TokenError> {
        let reference: KeyReference = reference.parse().map_err(|_| TokenError::NotAPrivateKeyReference)?;
        let signer = TokenSigner::open(&self.open()?, &reference, pin, expected, &SignerOptions::default())?;
        Ok(Box::new(signer))
    }
}

/// Length of each PIN.
const PIN_LENGTH: usize = 24;
/// Length of the secret that is split among the holders: the PINs of user and security officer, one after the other.
pub(crate) const SECRET_LENGTH: usize = 2 * PIN_LENGTH;

/// The PINs of the user and of the security officer.
pub(crate) fn split_secret(secret: &Secret) -> Option<(Pin, Pin)> {
    let (pin, so_pin) = secret.as_text()?.split_at_checked(PIN_LENGTH)?;
    Some((Pin::new(pin).ok()?, Pin::new(so_pin).ok()?))
}
