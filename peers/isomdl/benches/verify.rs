//! isomdl and `tegata-verifier` (provider aws-lc-rs) verifying one mDL response, with thirty elements and a 20 KiB
//! portrait, and with five elements.
//!
//! Both do the chain, the issuer signature and the device signature; `tegata-verifier` also does the digests and the rest
//! of its table of checks. "Full" is a verifier without memory: it validates the document signer certificate each time,
//! as isomdl does. Neither is given a CRL. Of both the cryptography alone is measured too: how much faster one can be than
//! the other is first of all how much faster its library is on the processor at hand.
//!
//! Method: every contender runs in the same process on the same bytes; rounds are interleaved and their order rotates;
//! a figure is the thread's CPU time; medians over the rounds. The first contender is the base of the ratios, which are
//! taken inside each round. Absolute times wander by a third between runs, the ratios by a few percent.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark stops on the first surprise")]

#[path = "../../../verifier/benches/support/recorder.rs"]
#[allow(dead_code, reason = "shared with the benchmark of the verifier")]
mod recorder;

use std::{
    env, fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::{self, Command},
    time::Duration,
};

use cpu_time::ThreadTime;
use isomdl::presentation::authentication::AuthenticationStatus;
use p256::ecdsa::signature::Verifier as _;
use peer_isomdl::{
    check::ResponseInput,
    claims::{self, FEW},
    folder,
    make::{self, Keys},
};
use recorder::{Call, Recorder, replay};
use tegata_pki::{Certificate, CryptoProvider};
use tegata_trust_list::{AnchorEntry, Evidence, Provenance, Scope, TrustStore, TrustStoreBuilder};
use tegata_verifier::{Binding, Overall, Policy, Session, Verifier};
use time::UtcDateTime;

const ROUNDS: usize = 21;
const RUNS_PER_ROUND: u32 = 20;

/// One implementation on one response: a run is one whole verification, from bytes to verdict.
struct Contender {
    name: &'static str,
    /// Makes so many verifications, each of which must accept, and returns their CPU time together.
    verify: Box<dyn Fn(u32) -> Duration>,
}

fn main() {
    let fixtures = Fixtures::make();
    for (title, dir) in [("thirty elements, portrait", &fixtures.all), ("five of thirty, no portrait", &fixtures.few)] {
        let bytes = folder::read(dir, folder::RESPONSE).expect("the response").len();
        println!("{title}: {bytes} bytes");
        let calls = record(dir);
        let contenders = [
            isomdl(dir),
            isomdl_cryptography(&calls),
            tegata(dir, Memory::Fresh),
            tegata(dir, Memory::Kept),
            tegata_cryptography(calls),
        ];
        report(&contenders, &measure(&contenders));
    }
}

fn isomdl(dir: &Path) -> Contender {
    let input = ResponseInput::read(dir).expect("isomdl reads its own response");
    let verify = move |runs| {
        timed(0..runs, |_| {
            let outcome = input.validate().expect("isomdl parses its own response");
            outcome.issuer_authentication == AuthenticationStatus::Valid
                && outcome.device_authentication == AuthenticationStatus::Valid
        })
    };
    Contender { name: "isomdl 0.2 (no digests)", verify: Box::new(verify) }
}

/// The cryptography of a full verification, as it was asked for.
fn record(dir: &Path) -> Vec<Call> {
    let recorder = Recorder::leak(tegata_pki::aws_lc_rs());
    let accepts = accepts(dir);
    assert!(accepts(&verifier(trust(dir), recorder)), "the recording verifier rejects the fixture");
    recorder.take()
}

/// The signatures alone, with the library that isomdl uses: what no verifier on top of it can undercut.
fn isomdl_cryptography(calls: &[Call]) -> Contender {
    let signatures: Vec<_> = calls.iter().filter_map(as_p256).collect();
    assert_eq!(signatures.len(), 3, "certificate, issuer and device");
    let verify = move |runs| {
        timed(0..runs, |_| {
            signatures.iter().all(|(key, message, signature)| {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a key");
                key.verify(message, signature).is_ok()
            })
        })
    };
    Contender { name: "  its signatures alone", verify: Box::new(verify) }
}

type P256Signature = (Vec<u8>, Vec<u8>, p256::ecdsa::Signature);

fn as_p256(call: &Call) -> Option<P256Signature> {
    let Call::Verify(key, _, message, signature, der) = call else { return None };
    let signature =
        if *der { p256::ecdsa::Signature::from_der(signature) } else { p256::ecdsa::Signature::from_slice(signature) };
    Some((key.sec1_or_raw().to_vec(), message.clone(), signature.expect("a signature")))
}

/// The signatures and digests alone, with the library that `tegata-verifier` uses here.
fn tegata_cryptography(calls: Vec<Call>) -> Contender {
    let verify = move |runs| timed(0..runs, |_| replay(black_box(&calls), tegata_pki::aws_lc_rs()) == calls.len());
    Contender { name: "  its signatures and digests alone", verify: Box::new(verify) }
}

/// CPU time of one verification with each of `inputs`.
fn timed<T>(mut inputs: impl Iterator<Item = T>, accepts: impl Fn(T) -> bool) -> Duration {
    let start = ThreadTime::now();
    let accepted = inputs.all(|input| black_box(accepts(input)));
    let elapsed = start.elapsed();
    assert!(accepted, "a contender rejects the fixture");
    elapsed
}

/// Whether the verifier remembers document signer certificates that it has validated.
#[derive(Clone, Copy)]
enum Memory {
    Fresh,
    Kept,
}

fn tegata(dir: &Path, memory: Memory) -> Contender {
    let trust = trust(dir);
    let new_verifier = move || verifier(trust.clone(), tegata_pki::aws_lc_rs());
    let kept = new_verifier();
    let accepts = accepts(dir);
    match memory {
        // New verifiers are made before the clock starts.
        Memory::Fresh => Contender {
            name: "tegata, full",
            verify: Box::new(move |runs| {
                let verifiers: Vec<Verifier> = (0..runs).map(|_| new_verifier()).collect();
                timed(verifiers.iter(), &accepts)
            }),
        },
        Memory::Kept => Contender {
            name: "tegata, known signer",
            verify: Box::new(move |runs| timed((0..runs).map(|_| &kept), &accepts)),
        },
    }
}

fn verifier(trust: TrustStore, provider: &'static dyn CryptoProvider) -> Verifier {
    Verifier::new(trust, Policy::interop()).with_provider(provider)
}

/// Whether a verifier accepts the response: one whole verification, from bytes to verdict.
fn accepts(dir: &Path) -> impl Fn(&Verifier) -> bool + use<> {
    let response = folder::read(dir, folder::RESPONSE).expect("the response");
    let transcript = folder::read(dir, folder::TRANSCRIPT).expect("the transcript");
    let evidence = Evidence::new();
    let at = UtcDateTime::now();
    move |verifier| {
        let session = Session::new(&transcript).expect("the transcript decodes");
        let report =
            verifier.verify(&response, &Binding::session(session), &evidence, at).expect("the response decodes");
        report.overall() == Overall::Accepted
    }
}

fn trust(dir: &Path) -> TrustStore {
    let iaca = Certificate::from_pem(&folder::read(dir, folder::IACA).expect("the root")).expect("the root decodes");
    let provenance = Provenance { source: folder::IACA.to_owned(), added_at: UtcDateTime::now() };
    TrustStoreBuilder::new()
        .anchor(AnchorEntry::issuance(iaca, Scope::doc_type(claims::DOC_TYPE), provenance))
        .expect("the root is an anchor")
        .build()
        .expect("one anchor")
}

/// CPU time of one run, by contender and round.
fn measure(contenders: &[Contender]) -> Vec<Vec<Duration>> {
    for contender in contenders {
        (contender.verify)(1); // warms up
    }
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for round in 0..ROUNDS {
        let order = (0..contenders.len()).map(|place| (place + round) % contenders.len());
        for index in order {
            let contender = contenders.get(index).expect("an index of a contender");
            let elapsed = (contender.verify)(RUNS_PER_ROUND);
            times.get_mut(index).expect("an index of a contender").push(elapsed / RUNS_PER_ROUND);
        }
    }
    times
}

fn report(contenders: &[Contender], times: &[Vec<Duration>]) {
    let base = times.first().expect("at least one contender");
    for (contender, times) in contenders.iter().zip(times) {
        let micros = median(times.iter().map(|time| time.as_secs_f64() * 1e6));
        let ratio = median(base.iter().zip(times).map(|(base, time)| base.as_secs_f64() / time.as_secs_f64()));
        println!(
            "  {:<36} {micros:>9.1} µs   {ratio:>6.2} times the speed of {}",
            contender.name,
            contenders.first().expect("the base").name
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).expect("at least one round")
}

/// Two responses under one fresh chain, in a temporary folder that goes away with the value.
struct Fixtures {
    root: PathBuf,
    all: PathBuf,
    few: PathBuf,
}

impl Fixtures {
    fn make() -> Self {
        let root = env::temp_dir().join(format!("peer-isomdl-bench-{}", process::id()));
        let fixtures = Self { all: root.join("all"), few: root.join("few"), root };
        let keys = fixtures.root.join("keys");
        peers_script("keys", &[&keys]);

        let mdl = claims::mdl();
        let every: Vec<&str> = mdl.values().flat_map(|elements| elements.keys().map(String::as_str)).collect();
        for (dir, disclosed) in [(&fixtures.all, every.as_slice()), (&fixtures.few, FEW.as_slice())] {
            peers_script("chain", &[&keys, dir]);
            make::response(&Keys::read(&keys).expect("the fresh keys"), disclosed, dir).expect("isomdl presents");
        }
        fixtures
    }
}

impl Drop for Fixtures {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary directory harms nothing.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn peers_script(name: &str, arguments: &[&Path]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let status = Command::new(&script).args(arguments).status().expect("the script starts");
    assert!(status.success(), "{} failed", script.display());
}
