//! Loading a PKCS#11 module once per process, and finding tokens in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use super::line::Line;
use super::{CallTimeouts, Token, TokenOperation};
use crate::{KeyReference, PinState, TokenDescription, TokenError, TokenSelector};

/// A PKCS#11 module, loaded and initialised for use by several threads. Cheap to clone.
///
/// It stays loaded and initialised until the process ends: `C_Finalize` would cut off every other user of it in the
/// process. Every call to it has a deadline; after a missed one every use of it in this process ends in
/// [`TokenError::ModuleLost`].
#[derive(Debug, Clone)]
pub struct Module {
    context: Pkcs11,
    origin: ModuleOrigin,
    line: Arc<Line>,
    timeouts: CallTimeouts,
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
    /// [`TokenError::ModuleNotLoaded`], [`TokenError::TimedOut`], or what the module's `C_Initialize` returned.
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        Self::load_within(path, CallTimeouts::default())
    }

    /// The same with other deadlines, for this and every further call through what it returns.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_within(path: &Path, timeouts: CallTimeouts) -> Result<Self, TokenError> {
        let path = std::fs::canonicalize(path)
            .map_err(|error| TokenError::ModuleNotLoaded { path: path.to_owned(), detail: error.to_string() })?;
        let line = Line::to(Some(&path));
        let (own_line, file) = (Arc::clone(&line), path.clone());
        let context = line.within(&timeouts, TokenOperation::Load, move || own_line.context(|| initialised(&file)))?;
        Ok(Self { context, origin: ModuleOrigin::Library(path), line, timeouts })
    }

    /// Opens the embedded token, which keeps its keys in the directory `store`. The directory is made if it is absent
    /// (mode 0700) and must not be removed while the process runs. Several directories may be open at once.
    ///
    /// # Errors
    /// [`TokenError::EmbeddedTokenNotBuilt`], [`TokenError::EmbeddedTokenNotLinked`], [`TokenError::StoreUnusable`],
    /// [`TokenError::TimedOut`].
    pub fn embedded(store: &Path) -> Result<Self, TokenError> {
        let timeouts = CallTimeouts::default();
        let (line, store) = (Line::to(None), store.to_owned());
        let open = move || crate::embedded::open(&store);
        let (context, directory) = line.within(&timeouts, TokenOperation::Load, open)?;
        Ok(Self { context, origin: ModuleOrigin::Embedded(directory), line, timeouts })
    }

    /// The same module with other deadlines.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: CallTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How long a call may take.
    #[must_use]
    pub const fn timeouts(&self) -> &CallTimeouts {
        &self.timeouts
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
    /// [`TokenError::Call`], [`TokenError::TimedOut`].
    pub fn tokens(&self) -> Result<Vec<TokenDescription>, TokenError> {
        let slots = self.within(TokenOperation::ListTokens, Self::slots)?;
        Ok(slots.into_iter().map(|(_, description)| description).collect())
    }

    /// The one token that `selector` matches.
    ///
    /// # Errors
    /// [`TokenError::TokenNotFound`], [`TokenError::TokenAmbiguous`], [`TokenError::TimedOut`].
    pub fn token(&self, selector: &TokenSelector) -> Result<Token, TokenError> {
        let selector = selector.clone();
        let (slot, description) = self.within(TokenOperation::ListTokens, move |module| module.find(&selector))?;
        Ok(Token::new(self.clone(), slot, description))
    }

    /// Does something with the module under a deadline. Whatever calls the module goes through here, or runs on a thread
    /// of a signer, which is watched as well.
    pub(super) fn within<T: Send + 'static>(
        &self,
        operation: TokenOperation,
        work: impl FnOnce(&Self) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        let module = self.clone();
        self.line.within(&self.timeouts, operation, move || work(&module))
    }

    pub(super) const fn line(&self) -> &Arc<Line> {
        &self.line
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

    pub(super) fn slots(&self) -> Result<Vec<(Slot, TokenDescription)>, TokenError> {
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
