//! Where the application keeps a store.

use std::sync::Arc;

use tegata_sync::Persistence;

/// Where the application keeps one store: a file, the storage of an app. It is called from the thread that calls the store.
#[uniffi::export(with_foreign)]
pub trait StorePersistence: Send + Sync {
    /// What was saved last; nothing if nothing ever was. A place that may have lost it throws.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn load(&self) -> Result<Option<Vec<u8>>, PersistenceError>;

    /// Replaces what was saved, as a whole: after a crash at any moment the new or the old bytes are there.
    ///
    /// # Errors
    /// When the place cannot be written; the old bytes stay.
    fn save(&self, bytes: Vec<u8>) -> Result<(), PersistenceError>;

    /// The highest generation that was seen, from a place that an old copy of the bytes does not bring back (the keychain,
    /// a server); nothing if there is none.
    ///
    /// # Errors
    /// When the counter cannot be read.
    fn generation(&self) -> Result<Option<u64>, PersistenceError>;

    /// Raises that counter, after a save. Does nothing in a place that has none.
    ///
    /// # Errors
    /// When the counter cannot be written.
    fn raise_generation(&self, generation: u64) -> Result<(), PersistenceError>;
}

/// Why the place cannot be read or written.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PersistenceError {
    /// It failed.
    #[error("{detail}")]
    Failed {
        /// What the platform says.
        detail: String,
    },
}

/// An exception that is none of ours.
impl From<uniffi::UnexpectedUniFFICallbackError> for PersistenceError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { detail: error.reason }
    }
}

/// The application's place as the store knows it.
#[derive(Clone)]
pub(crate) struct Place(pub(crate) Arc<dyn StorePersistence>);

impl Persistence for Place {
    type Error = PersistenceError;

    fn load(&self) -> Result<Option<Vec<u8>>, PersistenceError> {
        self.0.load()
    }

    fn save(&mut self, bytes: &[u8]) -> Result<(), PersistenceError> {
        self.0.save(bytes.to_vec())
    }

    fn generation(&self) -> Result<Option<u64>, PersistenceError> {
        self.0.generation()
    }

    fn raise_generation(&mut self, generation: u64) -> Result<(), PersistenceError> {
        self.0.raise_generation(generation)
    }
}
