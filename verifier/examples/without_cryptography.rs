//! Parsing and checks alone: verifies with a provider that answers from a recording.
//!
//! `scripts/instructions` counts the instructions of two runs with callgrind; the difference is the cost of one
//! verification.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement")]

#[path = "../benches/support/mod.rs"]
#[allow(dead_code, reason = "shared with the benchmark")]
mod support;

use std::fmt;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::Document;
use support::recorder::{Call, Recorder};
use tegata_pki::{
    AgreementKey, CryptoProvider, Digest, Hash, KeyError, PublicKey, SharedSecret, SignatureAlgorithm, SignatureError,
    SignatureRef, rust_crypto,
};
use tegata_verifier::Overall;

/// Says what was recorded, in the recorded order.
struct Answers {
    digests: Vec<Digest>,
    next: AtomicUsize,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers")
    }
}

impl CryptoProvider for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn verify(
        &self,
        _: &PublicKey,
        _: SignatureAlgorithm,
        _: &[u8],
        _: SignatureRef<'_>,
    ) -> Result<(), SignatureError> {
        Ok(())
    }

    fn digest(&self, _: Hash, _: &[u8]) -> Digest {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.digests[next % self.digests.len()]
    }

    fn hmac_sha256(&self, _: &[u8], _: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    fn hkdf_sha256(&self, _: &[u8], _: &[u8], _: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    fn agree(&self, private: &AgreementKey, peer: &PublicKey) -> Result<SharedSecret, KeyError> {
        rust_crypto().agree(private, peer)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (name, runs) = (&arguments[1], arguments[2].parse().unwrap());
    let document = Document::open(name);
    let recorder = Recorder::leak(rust_crypto());
    let recording = document.verifier(recorder);
    document.verify(&recording);
    let digests = recorder.take().into_iter().filter_map(|call| match call {
        Call::Digest(_, _, digest) => Some(digest),
        Call::Verify(..) => None,
    });
    let answers: &'static Answers =
        Box::leak(Box::new(Answers { digests: digests.collect(), next: AtomicUsize::new(0) }));
    // A verifier without memory each time: the document signer's certificate is parsed and linted as well.
    let verifiers: Vec<_> = (0..1000).map(|_| document.verifier(answers)).collect();
    for verifier in verifiers.iter().take(runs) {
        assert_eq!(black_box(document.verify(verifier)), Overall::Accepted);
    }
}
