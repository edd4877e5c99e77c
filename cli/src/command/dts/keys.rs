//! The keys of a service at hand: those its settings name, in the tokens of this machine.

use std::sync::Arc;

use tegata_hsm::Signer;
use tegata_pki::{PublicKey, RawSignature, SignatureAlgorithm};
use tegata_publisher::Signers;
use tegata_publisher::sign::SignerFailure;
use tegata_terminal::Output;

use crate::args::token::PinArgs;
use crate::failure::Failure;
use crate::key::KeyRing;

/// Signers on tokens.
pub(super) struct Keys(Vec<Arc<dyn Signer>>);

impl Keys {
    /// Opens every key that is named; each key once.
    pub(super) fn open<'r>(
        argument: &'static str,
        references: impl IntoIterator<Item = &'r String>,
        pin: &PinArgs,
        output: Output,
    ) -> Result<Self, Failure> {
        let ring = KeyRing::new(pin, output);
        let mut keys = Self(Vec::new());
        for reference in references {
            keys.add(&ring, argument, reference)?;
        }
        Ok(keys)
    }

    fn add(&mut self, ring: &KeyRing<'_>, argument: &'static str, reference: &str) -> Result<(), Failure> {
        let signer = ring.new_signer(argument, reference)?;
        if !self.holds(signer.public_key()) {
            self.0.push(signer);
        }
        Ok(())
    }

    /// The public keys, in the order of the references.
    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        self.0.iter().map(|signer| signer.public_key().clone()).collect()
    }
}

impl Signers for Keys {
    fn holds(&self, key: &PublicKey) -> bool {
        self.0.iter().any(|signer| signer.public_key() == key)
    }

    fn sign(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<RawSignature, SignerFailure> {
        let signer = self.0.iter().find(|signer| signer.public_key() == key && signer.algorithm() == algorithm);
        let signer = signer.ok_or("no key at hand signs with this algorithm")?;
        Ok(signer.sign(message)?)
    }
}
