//! A provider that records the cryptography a verification asks for, and what replays it.

use std::fmt;
use std::sync::Mutex;

use tegata_pki::{
    AgreementKey, CryptoProvider, Digest, Hash, KeyError, PublicKey, SharedSecret, SignatureAlgorithm, SignatureError,
    SignatureRef,
};

/// One call of a provider.
#[derive(Clone)]
pub(crate) enum Call {
    Verify(PublicKey, SignatureAlgorithm, Vec<u8>, Vec<u8>, bool),
    Digest(Hash, Vec<u8>, Digest),
}

/// Passes every call on and keeps it.
pub(crate) struct Recorder {
    inner: &'static dyn CryptoProvider,
    calls: Mutex<Vec<Call>>,
}

impl Recorder {
    pub(crate) fn leak(inner: &'static dyn CryptoProvider) -> &'static Self {
        Box::leak(Box::new(Self { inner, calls: Mutex::new(Vec::new()) }))
    }

    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

impl CryptoProvider for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: SignatureRef<'_>,
    ) -> Result<(), SignatureError> {
        let (bytes, der) = match signature {
            SignatureRef::Raw(bytes) => (bytes, false),
            SignatureRef::Der(bytes) => (bytes, true),
        };
        self.calls.lock().unwrap().push(Call::Verify(key.clone(), algorithm, message.to_vec(), bytes.to_vec(), der));
        self.inner.verify(key, algorithm, message, signature)
    }

    fn digest(&self, hash: Hash, message: &[u8]) -> Digest {
        let digest = self.inner.digest(hash, message);
        self.calls.lock().unwrap().push(Call::Digest(hash, message.to_vec(), digest));
        digest
    }

    fn hmac_sha256(&self, key: &[u8], message: &[u8]) -> [u8; 32] {
        self.inner.hmac_sha256(key, message)
    }

    fn hkdf_sha256(&self, ikm: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
        self.inner.hkdf_sha256(ikm, salt, info)
    }

    fn agree(&self, private: &AgreementKey, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
        self.inner.agree(private, peer)
    }
}

/// Makes the recorded calls again, and nothing else: the floor of a verification.
pub(crate) fn replay(calls: &[Call], provider: &dyn CryptoProvider) -> usize {
    let mut good = 0;
    for call in calls {
        match call {
            Call::Verify(key, algorithm, message, signature, der) => {
                let signature = if *der { SignatureRef::Der(signature) } else { SignatureRef::Raw(signature) };
                good += usize::from(provider.verify(key, *algorithm, message, signature).is_ok());
            }
            Call::Digest(hash, message, digest) => good += usize::from(provider.digest(*hash, message) == *digest),
        }
    }
    good
}
