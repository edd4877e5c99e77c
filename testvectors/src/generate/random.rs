//! Randomness that is the same every time. For vectors only.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use tegata_pki::{Hash, rust_crypto};

/// SHA-256 of a label and a counter. Calling it random would be a lie anywhere but here.
pub(crate) struct FixedRandom {
    label: String,
    counter: u64,
}

impl FixedRandom {
    pub(crate) fn new(label: &str) -> Self {
        Self { label: label.to_owned(), counter: 0 }
    }

    pub(crate) fn block(label: &str, counter: u64) -> [u8; 32] {
        let digest = rust_crypto().digest(Hash::Sha256, format!("tegata test vector {label} {counter}").as_bytes());
        digest.as_ref().try_into().unwrap()
    }
}

impl TryRng for FixedRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            chunk.copy_from_slice(&Self::block(&self.label, self.counter)[..chunk.len()]);
            self.counter += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for FixedRandom {}
