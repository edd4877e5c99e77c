//! The second factor: something the person holds.

use core::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rand_core::CryptoRng;
use tegata_pki::rust_crypto;
use zeroize::Zeroizing;

use crate::encoding::{derive, sha256};

/// Something that a person holds and that answers a challenge: a PKCS#11 token, a key file on a stick.
///
/// The trait is open: other crates implement it for devices.
pub trait SecondFactor: fmt::Debug {
    /// A name that tells this very device from every other one, such as `pkcs11:serial=0123`. It is written into the
    /// credential and shown to people, so it must be no secret.
    ///
    /// A factor that is mere software must begin with [`SandboxFactor::PREFIX`].
    fn id(&self) -> &str;

    /// Answers a challenge of 32 octets with 32 secret octets that nobody can compute without the device. **The same
    /// challenge must always get the same answer**: an HMAC or a key agreement will do, an ECDSA signature will not.
    ///
    /// # Errors
    /// [`FactorError`]; a device of another kind wraps its own error in [`FactorError::Device`].
    fn respond(&self, challenge: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError>;
}

/// The first line of a key file.
const KEY_FILE_HEADER: &str = "tegata-key-file-v1\n";

/// A key file on a person's own stick: 32 random octets that answer by HMAC-SHA-256 (RFC 2104).
///
/// The file holds the line `tegata-key-file-v1` and the key as 64 hex digits in another line. Whoever copies the file has
/// the factor, which a token would not allow; the stick belongs in its own tamper-evident bag.
pub struct KeyFileFactor {
    id: String,
    key: Zeroizing<[u8; 32]>,
}

impl KeyFileFactor {
    /// Draws a key and writes it into a new file that only its owner may read (mode 0600), synced before return.
    ///
    /// # Errors
    /// [`FactorError::File`]; an existing file is never overwritten.
    pub fn create(path: &Path, rng: &mut impl CryptoRng) -> Result<Self, FactorError> {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        let mut digits = Zeroizing::new([0; 64]);
        let failed = |kind: ErrorKind| FactorError::File { path: path.to_owned(), kind };
        hex::encode_to_slice(*key, &mut *digits).map_err(|_| failed(ErrorKind::InvalidInput))?;
        let write = || -> std::io::Result<()> {
            let mut file = private_options().open(path)?;
            file.write_all(KEY_FILE_HEADER.as_bytes())?;
            file.write_all(&*digits)?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        write().map_err(|error| failed(error.kind()))?;
        Ok(Self::from_key(key))
    }

    /// Opens a key file.
    ///
    /// # Errors
    /// [`FactorError::File`] when it cannot be read, [`FactorError::Malformed`] when it is no key file.
    pub fn open(path: &Path) -> Result<Self, FactorError> {
        let failed = |error: std::io::Error| FactorError::File { path: path.to_owned(), kind: error.kind() };
        let malformed = || FactorError::Malformed { path: path.to_owned() };
        let file = std::fs::File::open(path).map_err(failed)?;
        let mut content = Zeroizing::new(Vec::with_capacity(128));
        file.take(128).read_to_end(&mut content).map_err(failed)?;
        let digits = content.strip_prefix(KEY_FILE_HEADER.as_bytes()).and_then(|rest| rest.strip_suffix(b"\n"));
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(digits.ok_or_else(malformed)?, &mut *key).map_err(|_| malformed())?;
        Ok(Self::from_key(key))
    }

    fn from_key(key: Zeroizing<[u8; 32]>) -> Self {
        // A derived value, so that the name tells nothing of the key.
        let name = derive(&*key, b"", "tegata-key-file-name-v1");
        let mut id = "key-file:".to_owned();
        id.push_str(&hex::encode(name.get(..8).unwrap_or_default()));
        Self { id, key }
    }
}

/// A new file for its owner alone. Where the system has no such mode (a FAT stick, Windows) the file is as the medium is.
fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

impl SecondFactor for KeyFileFactor {
    fn id(&self) -> &str {
        &self.id
    }

    fn respond(&self, challenge: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError> {
        Ok(rust_crypto().hmac_sha256(&*self.key, challenge).into())
    }
}

impl fmt::Debug for KeyFileFactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyFileFactor({})", self.id)
    }
}

/// The factor of rehearsals and sandboxes: **anybody who knows its label has it**. Its id says so, credentials made with
/// it say so ([`Credential::is_sandbox`](super::Credential::is_sandbox)), and a quorum refuses them unless told
/// otherwise.
#[derive(Clone, Debug)]
pub struct SandboxFactor {
    id: String,
}

impl SandboxFactor {
    /// What the id of a software factor begins with.
    pub const PREFIX: &str = "sandbox-software-factor:";

    /// The software factor of this label.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self { id: format!("{}{label}", Self::PREFIX) }
    }
}

impl SecondFactor for SandboxFactor {
    fn id(&self) -> &str {
        &self.id
    }

    fn respond(&self, challenge: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError> {
        Ok(rust_crypto().hmac_sha256(&sha256(self.id.as_bytes()), challenge).into())
    }
}

/// Why a second factor did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactorError {
    /// The key file cannot be read or written.
    #[error("the key file {path} cannot be used: {kind}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: ErrorKind,
    },
    /// The file is not a key file.
    #[error("{path} is not a key file", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// A device failed.
    #[error("the second factor failed: {0}")]
    Device(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl FactorError {
    /// The stable name of this error.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::File { .. } => "factor-file",
            Self::Malformed { .. } => "factor-malformed",
            Self::Device(_) => "factor-device",
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::File { .. } => "Insert the stick and check the path.",
            Self::Malformed { .. } => "Choose the key file that was made at enrolment.",
            Self::Device(_) => "Insert the device again; if it fails again, use its replacement.",
        }
    }
}
