//! Importing a bundle: the gate, the change and the record in one.

use tegata_manifest::sha256;
use tegata_pki::CryptoProvider;
use time::UtcDateTime;

use crate::{
    catalogue::{Catalogue, CatalogueError, Imported},
    event,
    gate::{Authority, Gate, GateRefusal},
};

/// Why a bundle was not imported. Nothing of it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The gate refuses it; every reason. The refusal is on record.
    #[error("the bundle is refused for {} reasons; the first is: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<GateRefusal>),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

impl ImportError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Refused(_) => "import-refused",
            Self::Catalogue(error) => error.id(),
        }
    }
}

/// Imports a response bundle: checks it, enters it, voids what it supersedes, releases what is due, and records it. A
/// refusal is recorded too.
///
/// # Errors
/// [`ImportError`].
pub fn import(
    catalogue: &mut Catalogue,
    bundle: &[u8],
    authority: &Authority,
    at: UtcDateTime,
    provider: &dyn CryptoProvider,
) -> Result<Imported, ImportError> {
    match Gate::new(provider).import(bundle, authority, catalogue, at) {
        Ok(plan) => Ok(catalogue.apply(&plan, at)?),
        Err(refusals) => {
            let event = event::refused(sha256(bundle), &refusals, catalogue.actor()).map_err(CatalogueError::Audit)?;
            catalogue.record(event, at)?;
            Err(ImportError::Refused(refusals))
        }
    }
}
