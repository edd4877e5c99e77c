//! The key that signs checkpoints, and can do nothing else.

use std::{fmt, fs, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    AuditError, Checkpoint, CheckpointError, CheckpointVerifier, Operation, Origin, checkpoint::TreeHead, file,
};

/// How a key file begins. A name of its own keeps the file from being taken for another key, and another for it.
const MARK: &str = "tegata-checkpoint-key-v1 ";

/// The Ed25519 key of a log. It has one use: signing the state of a [`Log`](crate::Log) by its `checkpoint` method.
///
/// Its file holds one line: `tegata-checkpoint-key-v1`, a space, base64 of the seed of 32 octets. Only its owner may read
/// it. The key is wiped from memory when dropped.
pub struct CheckpointKey(SigningKey);

impl CheckpointKey {
    /// Makes a key and its file (mode 0600), which must not be there yet.
    ///
    /// # Errors
    /// [`AuditError::Exists`], [`AuditError::Io`].
    pub fn create(path: &Path, rng: &mut impl CryptoRng) -> Result<Self, AuditError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        let text = Zeroizing::new(format!("{MARK}{}\n", *Zeroizing::new(STANDARD.encode(*seed))));
        file::create(path, text.as_bytes(), 0o600)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads the key of a file.
    ///
    /// # Errors
    /// [`AuditError::KeyFile`] when it is not one, [`AuditError::KeyFileMode`] when others than its owner may read it
    /// (on Unix), [`AuditError::Io`].
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let file = fs::File::open(path).map_err(AuditError::io(Operation::Open, path))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let metadata = file.metadata().map_err(AuditError::io(Operation::Read, path))?;
            if metadata.permissions().mode() & 0o077 != 0 {
                return Err(AuditError::KeyFileMode { path: path.to_path_buf() });
            }
        }
        let mut text = Zeroizing::new(String::with_capacity(128));
        file.take(128).read_to_string(&mut text).map_err(AuditError::io(Operation::Read, path))?;
        Self::from_text(&text).ok_or_else(|| AuditError::KeyFile { path: path.to_path_buf() })
    }

    /// The public half, for everybody who checks the log of this name.
    ///
    /// # Errors
    /// [`CheckpointError::Key`], which no key made by [`CheckpointKey::create`] gives.
    pub fn verifier(&self, origin: &Origin) -> Result<CheckpointVerifier, CheckpointError> {
        CheckpointVerifier::new(origin.clone(), &self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, origin: &Origin, size: u64, root: &[u8; 32]) -> Checkpoint {
        let head = TreeHead { origin: origin.clone(), size, root: *root };
        Checkpoint::sign(head, &self.0.verifying_key().to_bytes(), |text| self.0.sign(text).to_bytes())
    }

    fn from_text(text: &str) -> Option<Self> {
        let seed = text.strip_prefix(MARK)?.strip_suffix('\n')?;
        let seed = Zeroizing::new(STANDARD.decode(seed).ok()?);
        Some(Self(SigningKey::from_bytes(seed.as_slice().try_into().ok()?)))
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointKey(redacted)")
    }
}

#[cfg(test)]
impl CheckpointKey {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) fn raw_signature(&self, text: &[u8]) -> [u8; 64] {
        self.0.sign(text).to_bytes()
    }
}
