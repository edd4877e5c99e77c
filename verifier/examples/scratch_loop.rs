#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
#[path = "../benches/support/mod.rs"]
#[allow(dead_code)]
mod support;
use support::{Document, Recorder, replay};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: usize = a[3].parse().unwrap();
    let provider = tegata_pki::aws_lc_rs();
    let document = Document::open(&a[1]);
    let recorder = Recorder::leak(provider);
    document.verify(&document.verifier(recorder));
    let calls = recorder.take();
    let trust = document.trust();
    let fresh = || {
        let policy = tegata_verifier::Policy::strict().with_revocation(tegata_verifier::Revocation::DangerousOff);
        tegata_verifier::Verifier::new(trust.clone(), policy).with_provider(provider)
    };
    for _ in 0..n {
        if a[2] == "floor" {
            std::hint::black_box(replay(&calls, provider));
        } else {
            std::hint::black_box(document.verify(&fresh()));
        }
    }
}
