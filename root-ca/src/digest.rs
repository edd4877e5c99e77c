//! SHA-256 by the provider that verifies signatures.

use tegata_pki::{Hash, rust_crypto};

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    rust_crypto().digest(Hash::Sha256, bytes).as_bytes().try_into().unwrap_or_default()
}
