//! A place in memory: for tests, and for hosts that keep the bytes themselves.

use core::convert::Infallible;

use super::Persistence;

/// Bytes in memory, and a counter beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryMedium {
    bytes: Option<Vec<u8>>,
    generation: Option<u64>,
}

impl MemoryMedium {
    /// Nothing saved yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the bytes that the host has kept, and no counter.
    #[must_use]
    pub fn with_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes: Some(bytes), generation: None }
    }

    /// With the counter of generations that the host has kept apart from the bytes.
    #[must_use]
    pub fn with_generation(self, generation: Option<u64>) -> Self {
        Self { generation, ..self }
    }

    /// What is saved.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// Puts other bytes in the place of what is saved; the counter stays. What an attacker, or a restored backup, does.
    pub fn replace_bytes(&mut self, bytes: Option<Vec<u8>>) {
        self.bytes = bytes;
    }
}

impl Persistence for MemoryMedium {
    type Error = Infallible;

    fn load(&self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.bytes.clone())
    }

    fn save(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.bytes = Some(bytes.to_vec());
        Ok(())
    }

    fn generation(&self) -> Result<Option<u64>, Infallible> {
        Ok(self.generation)
    }

    fn raise_generation(&mut self, generation: u64) -> Result<(), Infallible> {
        self.generation = Some(self.generation.map_or(generation, |seen| seen.max(generation)));
        Ok(())
    }
}
