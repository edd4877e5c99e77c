//! Where a store is kept between two runs: a trait for the platform, a file, and memory.

#[cfg(not(target_arch = "wasm32"))]
mod file;
mod memory;

use tegata_pki::CryptoProvider;

#[cfg(not(target_arch = "wasm32"))]
pub use self::file::{FileError, FileMedium, FileStep};
pub use self::memory::MemoryMedium;
use crate::store::StoreBytesError;
use crate::{Store, SyncPolicy};

/// A place that keeps one value: a file, the key store of a phone, the storage of a browser.
pub trait Persistence {
    /// Why the place cannot be read or written.
    type Error: core::error::Error;

    /// What was saved last; `None` if nothing ever was. A place that may have lost it gives an error.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn load(&self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Replaces what was saved: afterwards, and after a crash at any moment, [`Persistence::load`] gives the new or the old
    /// bytes, whole.
    ///
    /// # Errors
    /// When the place cannot be written; the old bytes stay.
    fn save(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// The highest generation that this place has seen, if it can tell apart from what it holds: a counter that an old
    /// copy of the value does not bring back.
    ///
    /// # Errors
    /// When the counter cannot be read.
    fn generation(&self) -> Result<Option<u64>, Self::Error> {
        Ok(None)
    }

    /// Raises that counter, after a save. Does nothing in a place that has none.
    ///
    /// # Errors
    /// When the counter cannot be written.
    fn raise_generation(&mut self, generation: u64) -> Result<(), Self::Error> {
        _ = generation;
        Ok(())
    }
}

/// Why a store cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError<E: core::error::Error> {
    /// The place cannot be read.
    #[error("{0}")]
    Medium(E),
    /// What is there is not the state of a store.
    #[error("{0}")]
    Bytes(StoreBytesError),
}

impl<E: core::error::Error> LoadError<E> {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Medium(_) => "load-medium",
            Self::Bytes(error) => error.id(),
        }
    }
}

/// Why a change was not made: there are these two ways and no other.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError<C, E: core::error::Error> {
    /// The change itself failed.
    #[error("the change failed")]
    Change(C),
    /// The new state could not be kept.
    #[error("{0}")]
    Medium(E),
}

impl Store {
    /// Loads a store; `None` if nothing was ever saved there.
    ///
    /// # Errors
    /// [`LoadError`]: a damaged, truncated or old file is an error, never an empty store.
    pub fn load<P: Persistence>(
        medium: &P,
        policy: SyncPolicy,
        provider: &'static dyn CryptoProvider,
    ) -> Result<Option<Self>, LoadError<P::Error>> {
        let expected = medium.generation().map_err(LoadError::Medium)?;
        let Some(bytes) = medium.load().map_err(LoadError::Medium)? else {
            return match expected {
                // Something was there once.
                Some(expected) => Err(LoadError::Bytes(StoreBytesError::RolledBack { found: 0, expected })),
                None => Ok(None),
            };
        };
        let store = Self::from_bytes(&bytes, policy, provider).map_err(LoadError::Bytes)?;
        let found = store.generation();
        match expected {
            Some(expected) if found < expected => {
                Err(LoadError::Bytes(StoreBytesError::RolledBack { found, expected }))
            }
            _ => Ok(Some(store)),
        }
    }

    /// Saves the store as a new generation.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub fn save<P: Persistence>(&mut self, medium: &mut P) -> Result<(), P::Error> {
        let generation = self.state.generation.saturating_add(1);
        let mut next = self.clone();
        next.state.generation = generation;
        medium.save(&next.to_bytes())?;
        self.state.generation = generation;
        medium.raise_generation(generation)
    }

    /// Makes a change in memory and on the medium, or in neither.
    ///
    /// # Errors
    /// [`TransactionError`]; the store is as before.
    pub fn transaction<P: Persistence, T, C>(
        &mut self,
        medium: &mut P,
        change: impl FnOnce(&mut Self) -> Result<T, C>,
    ) -> Result<T, TransactionError<C, P::Error>> {
        let mut next = self.clone();
        let result = change(&mut next).map_err(TransactionError::Change)?;
        next.save(medium).map_err(TransactionError::Medium)?;
        *self = next;
        Ok(result)
    }
}
