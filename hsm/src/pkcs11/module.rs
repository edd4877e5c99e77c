//! Loading a PKCS#11 module once per process, and finding tokens in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use super::Token;
use crate::sync::lock;
use crate::{KeyReference, PinState, TokenDescription, TokenError, TokenSelector};

/// Modules by file. A module stays loaded and initialised until the process ends: `C_Finalize` would cut off every other
/// user of it in the process.
static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// A PKCS#11 module, loaded and initialised for use by several threads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Module {
    context: Pkcs11,
    origin: ModuleOrigin,
}

/// Where a module comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModuleOrigin {
    /// A shared library.
    Library(PathBuf),
    /// The token inside this executable, with its store directory.
    Embedded(PathBuf),
}

impl Module {
    /// Loads the shared library at `path`.
    ///
    /// A module that is not trusted must not be loaded: its code runs in this process.
    ///
    /// # Errors
    /// [`TokenError::ModuleNotLoaded`], or what the module's `C_Initialize` returned.
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        let path = std::fs::canonicalize(path)
            .map_err(|error| TokenError::ModuleNotLoaded { path: path.to_owned(), detail: error.to_string() })?;
        let mut loaded = lock(&LOADED);
        let context = match loaded.get(&path) {
            Some(context) => context.clone(),
            None => {
                let context = initialised(&path)?;
                loaded.insert(path.clone(), context.clone());
                context
            }
        };
        Ok(Self { context, origin: ModuleOrigin::Library(path) })
    }

    /// Opens the embedded token, which keeps its keys in the directory `store`. The directory is made if it is absent
    /// (mode 0700) and must not be removed while the process runs. Several directories may be open at once.
    ///
    /// # Errors
    /// [`TokenError::EmbeddedTokenNotBuilt`], [`TokenError::EmbeddedTokenNotLinked`], [`TokenError::StoreUnusable`].
    pub fn embedded(store: &Path) -> Result<Self, TokenError> {
        let (context, directory) = crate::embedded::open(store)?;
        Ok(Self { context, origin: ModuleOrigin::Embedded(directory) })
    }

    /// The module that `reference` names: by `module-path`, or `tegata-embedded` with the store directory that the caller
    /// gives.
    ///
    /// # Errors
    /// [`TokenError::ModuleUnnamed`], [`TokenError::ModuleNameUnknown`], [`TokenError::StoreUnnamed`], and those of
    /// [`load`](Self::load) and [`embedded`](Self::embedded).
    pub fn for_reference(reference: &KeyReference, store: Option<&Path>) -> Result<Self, TokenError> {
        if let Some(path) = &reference.module_path {
            return Self::load(path);
        }
        if reference.is_embedded() {
            return Self::embedded(store.ok_or(TokenError::StoreUnnamed)?);
        }
        Err(match &reference.module_name {
            Some(name) => TokenError::ModuleNameUnknown { name: name.clone() },
            None => TokenError::ModuleUnnamed,
        })
    }

    /// Where this module comes from.
    #[must_use]
    pub const fn origin(&self) -> &ModuleOrigin {
        &self.origin
    }

    /// The tokens that are present, initialised or not.
    ///
    /// # Errors
    /// [`TokenError::Call`].
    pub fn tokens(&self) -> Result<Vec<TokenDescription>, TokenError> {
        Ok(self.slots()?.into_iter().map(|(_, description)| description).collect())
    }

    /// The one token that `selector` matches.
    ///
    /// # Errors
    /// [`TokenError::TokenNotFound`], [`TokenError::TokenAmbiguous`].
    pub fn token(&self, selector: &TokenSelector) -> Result<Token, TokenError> {
        let (slot, description) = self.find(selector)?;
        Ok(Token::new(self.clone(), slot, description))
    }

    pub(super) const fn context(&self) -> &Pkcs11 {
        &self.context
    }

    /// The slot that holds the token now. Looked up anew whenever a session is opened, because slot numbers change.
    pub(super) fn find(&self, selector: &TokenSelector) -> Result<(Slot, TokenDescription), TokenError> {
        let mut present: Vec<_> = self.slots()?.into_iter().filter(|(_, token)| token.initialised).collect();
        let matching: Vec<usize> = present
            .iter()
            .enumerate()
            .filter(|(_, (_, token))| selector.matches(token))
            .map(|(index, _)| index)
            .collect();
        match matching.as_slice() {
            [index] => Ok(present.swap_remove(*index)),
            [] => Err(TokenError::TokenNotFound {
                wanted: Box::new(selector.clone()),
                present: present.into_iter().map(|(_, token)| token).collect(),
            }),
            several => Err(TokenError::TokenAmbiguous { wanted: Box::new(selector.clone()), count: several.len() }),
        }
    }

    /// Lets `initialise` fill an uninitialised token.
    pub(super) fn with_free_slot(
        &self,
        initialise: impl FnOnce(Slot) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        if let ModuleOrigin::Embedded(directory) = &self.origin {
            return crate::embedded::add_token(&self.context, directory, initialise);
        }
        let free = self.slots()?.into_iter().find(|(_, token)| !token.initialised);
        initialise(free.map(|(slot, _)| slot).ok_or(TokenError::NoFreeSlot)?)
    }

    fn slots(&self) -> Result<Vec<(Slot, TokenDescription)>, TokenError> {
        let own: Option<BTreeSet<u64>> = match &self.origin {
            ModuleOrigin::Library(_) => None,
            ModuleOrigin::Embedded(directory) => Some(crate::embedded::slots(&self.context, directory)?),
        };
        let mut described = Vec::new();
        for slot in self.context.get_slots_with_token()? {
            if own.as_ref().is_some_and(|own| !own.contains(&slot.id())) {
                continue;
            }
            match self.context.get_token_info(slot) {
                Ok(info) => described.push((slot, describe(slot, &info))),
                // Taken out between the two calls, or foreign: not a token for us, and no reason to miss the others.
                Err(Error::Pkcs11(RvError::TokenNotPresent | RvError::TokenNotRecognized, _)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(described)
    }
}

fn initialised(path: &Path) -> Result<Pkcs11, TokenError> {
    let context = Pkcs11::new(path).map_err(|error| match error {
        Error::LibraryLoading(error) => {
            TokenError::ModuleNotLoaded { path: path.to_owned(), detail: error.to_string() }
        }
        other => other.into(),
    })?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Somebody else in this process uses the same module.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(context),
        Err(error) => Err(error.into()),
    }
}

fn describe(slot: Slot, info: &TokenInfo) -> TokenDescription {
    TokenDescription {
        label: info.label().to_owned(),
        serial: info.serial_number().to_owned(),
        manufacturer: info.manufacturer_id().to_owned(),
        model: info.model().to_owned(),
        slot_id: slot.id(),
        initialised: info.token_initialized(),
        pin: pin_state(info),
    }
}

fn pin_state(info: &TokenInfo) -> PinState {
    if info.user_pin_locked() {
        PinState::Locked
    } else if info.user_pin_final_try() {
        PinState::FinalTry
    } else if info.user_pin_count_low() {
        PinState::CountLow
    } else if info.user_pin_initialized() {
        PinState::Good
    } else {
        PinState::Unset
    }
}
