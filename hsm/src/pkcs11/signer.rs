//! The signer over a token.

use std::fmt;
use std::num::NonZeroUsize;

use tegata_pki::{CryptoProvider, PublicKey, SignatureAlgorithm, rust_crypto};

use super::pool::Pool;
use super::session::{KeyAccess, Login};
use super::{KeyPolicy, Module, RetryPolicy};
use crate::{KeyReference, KeySelector, ObjectKind, PendingSignature, Pin, Signer, TokenError, TokenSelector};

/// A key on a PKCS#11 token, behind a pool of sessions.
///
/// Each session has a thread and keeps the handle of the key. On an error the session is dropped; after a temporary one
/// the token is looked up again, a new session opened and the signature tried again by the [`RetryPolicy`]. A refused PIN
/// is final for this signer. A session that misses the deadline of the module ([`CallTimeouts::call`](super::CallTimeouts))
/// is given up with the whole module. Dropping the signer makes the signatures that are queued and closes the sessions, unless
/// the module is lost.
pub struct TokenSigner {
    pool: Pool,
}

/// How a [`TokenSigner`] works.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignerOptions {
    /// Sessions, each with its thread. Tokens gain from as many as they have cores; 1 is the default.
    pub sessions: NonZeroUsize,
    /// Signatures that may wait; more are refused with [`SignerError::QueueFull`](crate::SignerError::QueueFull).
    pub queue_limit: NonZeroUsize,
    /// What happens after a temporary error.
    pub retry: RetryPolicy,
    /// Which attributes of the key are tolerated.
    pub policy: KeyPolicy,
    /// Makes the digests and verifies each signature.
    pub provider: &'static dyn CryptoProvider,
}

/// How a signer fared with its last signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// It signed, or was just opened.
    Usable,
    /// A temporary error outlasted the retries; the next signature opens a new session.
    Recovering,
    /// An error that will come again until somebody acts.
    Unusable,
}

impl TokenSigner {
    /// Opens the key that `reference` addresses in `module`, logs in with `pin` once, checks the key's attributes and
    /// compares it with `expected`, the public key of the certificate that it signs under.
    ///
    /// # Errors
    /// [`TokenError`]: the token or key is not there, the PIN was refused, the key is another one or is unsafe.
    pub fn open(
        module: &Module,
        reference: &KeyReference,
        pin: Pin,
        expected: &PublicKey,
        options: &SignerOptions,
    ) -> Result<Self, TokenError> {
        if !matches!(reference.kind, None | Some(ObjectKind::Private)) {
            return Err(TokenError::NotAPrivateKeyReference);
        }
        let algorithm = expected.curve().signature_algorithm().ok_or(TokenError::UnsupportedKey)?;
        let access = KeyAccess {
            module: module.clone(),
            token: TokenSelector::from(reference),
            key: KeySelector::from(reference),
            expected: expected.clone(),
            algorithm,
            policy: options.policy.clone(),
            retry: options.retry.clone(),
            provider: options.provider,
            login: Login::new(pin),
        };
        let pool = Pool::start(access, options.sessions.get(), options.queue_limit.get())?;
        Ok(Self { pool })
    }

    /// How the last signature went, for health checks of a server.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pool.health()
    }
}

impl Signer for TokenSigner {
    fn public_key(&self) -> &PublicKey {
        &self.pool.access().expected
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.pool.access().algorithm
    }

    fn begin(&self, message: Vec<u8>) -> PendingSignature {
        self.pool.submit(message)
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = self.pool.access();
        formatter
            .debug_struct("TokenSigner")
            .field("module", access.module.origin())
            .field("token", &access.token)
            .field("key", &access.key)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Default for SignerOptions {
    /// One session, 4096 waiting signatures, the default [`RetryPolicy`] and [`KeyPolicy`], the pure-Rust provider.
    fn default() -> Self {
        const WAITING: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
        Self {
            sessions: NonZeroUsize::MIN,
            queue_limit: WAITING,
            retry: RetryPolicy::default(),
            policy: KeyPolicy::default(),
            provider: rust_crypto(),
        }
    }
}
