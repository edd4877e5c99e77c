//! What verification costs beyond the raw cryptography it needs.
//!
//! The floor replays exactly the signature verifications and digests that a recorded verification asked its provider for.
//! Method (`cargo bench -p tegata-verifier --features aws-lc-rs`): floor and verifier run in one process in turns, a figure
//! is the thread's CPU time, and the ratio is the median of the ratios of the rounds. Absolute times wander by a third
//! between runs, ratios by a few percent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, missing_docs, reason = "a measurement")]

mod support;

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use support::Document;
use support::recorder::{Recorder, replay};
use tegata_pki::{CryptoProvider, rust_crypto};
use tegata_verifier::Overall;

const ROUNDS: usize = 61;

fn main() {
    let providers: &[(&'static dyn CryptoProvider, u32)] = &[
        #[cfg(feature = "aws-lc-rs")]
        (tegata_pki::aws_lc_rs(), 40),
        (rust_crypto(), 10),
    ];
    println!(
        "{:<12} {:<18} {:<10} {:>10} {:>10} {:>7}",
        "provider", "document", "signer", "floor µs", "verify µs", "ratio"
    );
    for &(provider, runs) in providers {
        for (name, title) in [("mdl-30-elements", "30 el., portrait"), ("mdl-5-of-30", "5 of 30")] {
            for known in [false, true] {
                measure(provider, &Document::open(name), title, known, runs);
            }
        }
    }
}

/// `known`: the verifier has met the document signer before.
fn measure(provider: &'static dyn CryptoProvider, document: &Document, title: &str, known: bool, runs: u32) {
    let recorder = Recorder::leak(provider);
    let recording = document.verifier(recorder);
    assert_eq!(document.verify(&recording), Overall::Accepted);
    if known {
        recorder.take();
        assert_eq!(document.verify(&recording), Overall::Accepted);
    }
    let calls = recorder.take();
    let trust = document.trust();
    let fresh = || {
        let policy = tegata_verifier::Policy::strict().with_revocation(tegata_verifier::Revocation::DangerousOff);
        tegata_verifier::Verifier::new(trust.clone(), policy).with_provider(provider)
    };
    let kept = fresh();
    document.verify(&kept);

    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for round in 0..ROUNDS {
        let floor = || time(|| (0..runs).for_each(|_| assert_eq!(black_box(replay(&calls, provider)), calls.len())));
        let whole = || {
            time(|| {
                for _ in 0..runs {
                    // A verifier without memory is made and dropped inside the clock, so that it is no colder than in use.
                    let overall = if known { document.verify(&kept) } else { document.verify(&fresh()) };
                    assert_eq!(black_box(overall), Overall::Accepted);
                }
            })
        };
        rounds.push(if round % 2 == 0 {
            (floor(), whole())
        } else {
            let whole = whole();
            (floor(), whole)
        });
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let per_run = |value: f64| value / f64::from(runs);
    println!(
        "{:<12} {title:<18} {:<10} {:>10.1} {:>10.1} {:>7.3}",
        provider.name(),
        if known { "known" } else { "new" },
        per_run(median(rounds.iter().map(|(floor, _)| *floor).collect())),
        per_run(median(rounds.iter().map(|(_, whole)| *whole).collect())),
        median(rounds.iter().map(|(floor, whole)| whole / floor).collect()),
    );
}

/// CPU time of the thread, in µs.
fn time(run: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    run();
    let elapsed: Duration = start.elapsed();
    elapsed.as_secs_f64() * 1e6
}
