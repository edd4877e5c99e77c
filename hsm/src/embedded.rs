//! The embedded token: a PKCS#11 token (kryoptic) inside this executable, reached like any other module.

#[cfg(feature = "embedded-token")]
mod entry;
#[cfg(feature = "embedded-token")]
mod store;

#[cfg(feature = "embedded-token")]
pub(crate) use store::{add_token, open, slots};

#[cfg(not(feature = "embedded-token"))]
pub(crate) use absent::{add_token, open, slots};

/// What a build without the embedded token answers.
#[cfg(not(feature = "embedded-token"))]
mod absent {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use cryptoki::context::Pkcs11;
    use cryptoki::slot::Slot;

    use crate::TokenError;

    pub(crate) fn open(_store: &Path) -> Result<(Pkcs11, PathBuf), TokenError> {
        Err(TokenError::EmbeddedTokenNotBuilt)
    }

    pub(crate) fn slots(_context: &Pkcs11, _store: &Path) -> Result<BTreeSet<u64>, TokenError> {
        Err(TokenError::EmbeddedTokenNotBuilt)
    }

    pub(crate) fn add_token(
        _context: &Pkcs11,
        _store: &Path,
        _initialise: impl FnOnce(Slot) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        Err(TokenError::EmbeddedTokenNotBuilt)
    }
}
