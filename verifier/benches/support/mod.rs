//! The documents that are measured, and providers that record and replay the cryptography a verification asks for.

use std::fmt;
use std::sync::Mutex;

use tegata_pki::{
    AgreementKey, CryptoProvider, Digest, Hash, KeyError, PublicKey, SharedSecret, SignatureAlgorithm, SignatureError,
    SignatureRef,
};
use tegata_testvectors::{Case, vectors};
use tegata_trust_list::{AnchorEntry, Evidence, Provenance, Scope, TrustStore, TrustStoreBuilder};
use tegata_verifier::{Binding, Overall, Policy, Revocation, Session, Verifier};
use time::UtcDateTime;
use time::macros::utc_datetime;

pub(crate) const AT: UtcDateTime = utc_datetime!(2026-07-01 12:00);

/// One of our vectors, ready to be verified without revocation evidence, which peers do not look at either.
pub(crate) struct Document {
    pub(crate) response: Vec<u8>,
    transcript: Vec<u8>,
    pub(crate) root: tegata_pki::Certificate,
}

impl Document {
    pub(crate) fn open(name: &str) -> Self {
        let case = Case::open(&vectors().join(name)).unwrap();
        let root = tegata_pki::Certificate::from_pem(&case.files("trust_anchors").unwrap()[0]).unwrap();
        Self { response: case.input().unwrap(), transcript: case.file("session_transcript").unwrap().unwrap(), root }
    }

    pub(crate) fn trust(&self) -> TrustStore {
        let provenance = Provenance { source: "bench".to_owned(), added_at: AT };
        let entry = AnchorEntry::issuance(self.root.clone(), Scope::AnyDocType, provenance);
        TrustStoreBuilder::new().anchor(entry).unwrap().build().unwrap()
    }

    pub(crate) fn verifier(&self, provider: &'static dyn CryptoProvider) -> Verifier {
        Verifier::new(self.trust(), Policy::strict().with_revocation(Revocation::DangerousOff)).with_provider(provider)
    }

    /// One whole verification, from bytes to verdict.
    pub(crate) fn verify(&self, verifier: &Verifier) -> Overall {
        let session = Session::new(&self.transcript).unwrap();
        let report = verifier.verify(&self.response, &Binding::session(session), &Evidence::new(), AT).unwrap();
        report.overall()
    }
}

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
