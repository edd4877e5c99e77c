//! What the status of one certificate costs by a CRL of a million entries.
//!
//! The floor is the SHA-256 of the file, which the signature check cannot do without. Method
//! (`cargo bench -p tegata-pki --features insecure-software-keys --bench crl`): a figure is the thread's CPU time, floor
//! and work run in turns in one process, and the ratio is the median of the ratios of the rounds. The heap is counted by
//! the allocator.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a measurement"
)]

mod heap;

use std::hint::black_box;

use cpu_time::ThreadTime;
use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{
    Certificate, CertificateRequest, Contact, Crl, CrlBuilder, CrlInput, CrlNumber, CrlStatus, CryptoProvider, Curve,
    Edition, Hash, Name, Role, check_crl, oid, profile, rust_crypto,
};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const AT: UtcDateTime = utc_datetime!(2026-07-01 12:00);
const ROUNDS: usize = 15;

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

fn main() {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    let root = certificate(Role::Iaca, "IACA", &key, None, &key);
    let ds = certificate(Role::DocumentSigner, "DS", &key_of_ds(), Some(&root), &key);
    for entries in [1_000, 100_000, 1_000_000] {
        let der = crl(&root, &key, entries);
        measure(&root, &ds, entries, &der, rust_crypto());
        #[cfg(feature = "aws-lc-rs")]
        measure(&root, &ds, entries, &der, tegata_pki::aws_lc_rs());
    }
}

fn key_of_ds() -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap()
}

fn measure(root: &Certificate, ds: &Certificate, entries: u64, der: &[u8], provider: &dyn CryptoProvider) {
    let floor = || time(|| provider.digest(Hash::Sha256, der));
    let status = || {
        time(|| {
            let crl = Crl::from_der(der).unwrap();
            let status = check_crl(ds, root, std::slice::from_ref(&crl), &CrlInput::new(AT), provider);
            assert!(matches!(status, CrlStatus::Good { .. }));
        })
    };
    let mut rounds: Vec<_> = (0..ROUNDS).map(|_| (floor(), status())).collect();
    let (_, peak) = heap::peak_of(status);
    let scan = median((0..ROUNDS).map(|_| time(|| Crl::from_der(der).unwrap().lookup(&[1, 2, 3]).unwrap().is_none())));
    let ratio = median(rounds.iter().map(|(floor, status)| status / floor));
    rounds.sort_by(|one, other| one.1.total_cmp(&other.1));
    let (floor, status) = rounds[ROUNDS / 2];
    println!(
        "{:<12} {entries:>8} entries, {:>9} B: SHA-256 {floor:>8.0} us, head, signature and look-up {status:>8.0} us = {ratio:.2} x, \
         scan alone {scan:>7.0} us, {peak} B of heap",
        provider.name(),
        der.len()
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// In microseconds.
fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = ThreadTime::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e6
}

/// A list of serial numbers of 20 octets, the usual shape.
fn crl(root: &Certificate, key: &InsecureSoftwareKey, entries: u64) -> Vec<u8> {
    let this_update = AT - Duration::DAY;
    let mut builder = CrlBuilder::new(root, CrlNumber::from(1), this_update, AT + Duration::DAY);
    for number in 0..entries {
        let mut serial = [0x5a; 20];
        serial[8..16].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        builder = builder.revoke(&serial, this_update, None);
    }
    let unsigned = builder.build().unwrap();
    let signature = key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
}

fn certificate(
    role: Role,
    name: &str,
    key: &InsecureSoftwareKey,
    issuer: Option<&Certificate>,
    signer: &InsecureSoftwareKey,
) -> Certificate {
    let subject = Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, name)]).unwrap();
    let validity = (AT - Duration::days(30), AT + Duration::days(300));
    let (profile, public) = (profile(role, Edition::Iso18013_5), key.public_key().clone());
    let request = CertificateRequest::new(profile, subject, public, issuer, validity, &mut UnwrapErr(SysRng));
    let request = request.contact(Contact::Uri("https://iaca.example".to_owned())).crl_uri("https://iaca.example/crl");
    let unsigned = request.build().unwrap();
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}
