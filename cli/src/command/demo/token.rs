//! The keys of the online side: a token that holds them all, and its PIN.

use std::path::Path;
use std::sync::Arc;

use tegata_hsm::Signer;

use super::super::sandbox_token::SandboxToken;
use crate::failure::Failure;

/// Label of the demo's token.
pub(super) const TOKEN_LABEL: &str = "tegata-demo";

/// The keys. The holder's device key is in the same token, so that no key lies elsewhere.
pub(super) struct Keys {
    /// Signs requests to the offline root.
    pub(super) request: Arc<dyn Signer>,
    pub(super) document_signer: Arc<dyn Signer>,
    pub(super) status_signer: Arc<dyn Signer>,
    pub(super) device: Arc<dyn Signer>,
}

impl Keys {
    /// Opens the token of an earlier run in the directory `store`, or makes one.
    pub(super) fn open(store: &Path) -> Result<Self, Failure> {
        let store = SandboxToken::open(store, TOKEN_LABEL)?;
        for name in super::trust_service::KEYS {
            store.signer(name)?;
        }
        Ok(Self {
            request: store.signer("request")?,
            document_signer: store.signer("ds")?,
            status_signer: store.signer("status")?,
            device: store.signer("device")?,
        })
    }
}
