//! What lists and anchors cost at scale: sizes against the entropy, times, and the heap.
//!
//! Method (`cargo bench -p tegata-trust-list --bench scale`): a figure is the thread's CPU time, the median of several
//! rounds in one process; what a ratio compares ran in turns in that process. The heap is counted by the allocator.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a measurement"
)]

#[path = "../../pki/benches/heap/mod.rs"]
mod heap;

use std::collections::BTreeSet;
use std::hint::black_box;

use cpu_time::ThreadTime;
use getrandom::{SysRng, rand_core::UnwrapErr};
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::CoseSign1;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, CertificateRequest, Contact, Curve, Edition, Name, Role, oid, profile, rust_crypto};
use tegata_trust_list::token::{SignerTrust, StatusListToken, TokenBuilder, TokenCheck, TokenPolicy, TokenSigner};
use tegata_trust_list::{
    AnchorEntry, Bits, Compression, DeviceKeyList, InflateLimit, KeyThumbprint, Provenance, Purpose, Scope, SignerName,
    StatusArray, StatusList, StatusValue, TrustStoreBuilder,
};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const AT: UtcDateTime = utc_datetime!(2026-07-01 12:00);
const URI: &str = "https://status.example/1";

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

fn main() {
    println!("CPU time of the thread, medians");
    status_lists();
    device_keys();
    bombs();
    anchors();
}

/// The median of `rounds` runs, in microseconds.
fn time<T>(rounds: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = ThreadTime::now();
            black_box(run());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn array(entries: u64, share: f64) -> StatusArray {
    let mut array = StatusArray::new(Bits::One, entries as usize);
    let mut numbers = Numbers(7);
    let mut set = BTreeSet::new();
    while (set.len() as f64) < entries as f64 * share {
        set.insert(numbers.next() % entries);
    }
    set.iter().for_each(|index| array.set(*index, StatusValue::Invalid).unwrap());
    array
}

/// The least number of bytes that can hold which `share` of `entries` is set.
fn entropy(entries: u64, share: f64) -> f64 {
    let bits = -share * share.log2() - (1.0 - share) * (1.0 - share).log2();
    bits * entries as f64 / 8.0
}

fn status_lists() {
    let (root, root_key) = root("Utopia IACA");
    let (signer, signer_key) = status_signer(&root, &root_key);
    for (entries, share) in [(1_000_000, 0.001), (1_000_000, 0.02), (10_000_000, 0.001), (10_000_000, 0.02)] {
        let array = array(entries, share);
        let bound = entropy(entries, share);
        for (compression, rounds) in [(Compression::Fast, 15), (Compression::Small, 3)] {
            let list = StatusList::compress(&array, compression);
            let size = list.compressed().len();
            let compress = time(rounds, || StatusList::compress(&array, compression));
            println!(
                "status list, {entries} entries, {share}: {compression:?} {size} B = {:.2} x entropy, {compress:.0} us",
                size as f64 / bound
            );
        }
        let content = StatusList::compress(&array, Compression::Fast);
        let chain = TokenSigner::Chain(vec![signer.clone()]);
        let prepared = TokenBuilder::new(URI, content, AT, AT + Duration::DAY, chain).prepare_cwt().unwrap();
        let signature = signer_key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        let bytes = prepared.complete(&signature, rust_crypto()).unwrap();
        let token = StatusListToken::from_cwt(&bytes).unwrap();
        let trust = SignerTrust::Issuer { issuer: &root, status_anchors: &[] };
        let policy = TokenPolicy::strict();
        let check = TokenCheck { uri: URI, trust, at: AT, policy: &policy, provider: rust_crypto() };
        let verified = token.verify(&check).unwrap();
        let (fresh, peak) = heap::peak_of(|| time(15, || verified.get(entries / 2).unwrap()));
        println!("  look-up in the compressed list, whole stream read: {fresh:.0} us, {peak} B of heap");
        let held = verified.expand().unwrap();
        let mut numbers = Numbers(1);
        let indices: Vec<u64> = (0..1_000_000).map(|_| numbers.next() % entries).collect();
        let all = time(7, || indices.iter().filter(|index| held.get(**index).unwrap() != StatusValue::Valid).count());
        println!("  look-up in the held list: {:.1} ns", all * 1e3 / indices.len() as f64);
    }
}

fn device_keys() {
    let mut numbers = Numbers(3);
    let mut thumbprint = || {
        let mut octets = [0; 32];
        octets.chunks_mut(8).for_each(|part| part.copy_from_slice(&numbers.next().to_be_bytes()));
        KeyThumbprint::from_bytes(octets)
    };
    let keys: Vec<_> = (0..500_000).map(|_| thumbprint()).collect();
    let build = time(5, || DeviceKeyList::new(1, keys.iter().copied(), []));
    let (root, root_key) = root("Utopia IACA");
    let (signer, signer_key) = status_signer(&root, &root_key);
    let name = SignerName::of(&signer, &root, rust_crypto());
    let content = DeviceKeyList::new(1, keys.iter().copied(), [name]);
    let chain = TokenSigner::Chain(vec![signer]);
    let prepared = TokenBuilder::new(URI, content, AT, AT + Duration::DAY, chain).prepare_cwt().unwrap();
    let signature = signer_key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    let bytes = prepared.complete(&signature, rust_crypto()).unwrap();
    let read = time(5, || tegata_trust_list::token::DeviceKeyListToken::from_cwt(&bytes).unwrap());
    let trust = SignerTrust::Issuer { issuer: &root, status_anchors: &[] };
    let policy = TokenPolicy::strict();
    let check = TokenCheck { uri: URI, trust, at: AT, policy: &policy, provider: rust_crypto() };
    let token = tegata_trust_list::token::DeviceKeyListToken::from_cwt(&bytes).unwrap();
    let first = time(1, || token.verify(&check).unwrap());
    let again = time(5, || token.verify(&check).unwrap());
    let verified = token.verify(&check).unwrap();
    let asked: Vec<_> = keys.iter().step_by(5).copied().chain((0..100_000).map(|_| thumbprint())).collect();
    let all = time(5, || asked.iter().filter(|key| verified.revokes_key(key)).count());
    println!(
        "device-key list of {} keys, {} B: build {build:.0} us, read {read:.0} us, verify {first:.0} us, again {again:.0} us, look-up {:.0} ns",
        keys.len(),
        bytes.len(),
        all * 1e3 / asked.len() as f64
    );
}

/// 10 GB of zeros in a token that is short enough to be read.
fn bombs() {
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    deflate.compress_vec(&vec![0; 1 << 20], &mut block, flate2::FlushCompress::Full).unwrap();
    let bytes = [&[0x78, 0xda][..], &block.repeat(10_000)].concat();
    let (root, root_key) = root("Utopia IACA");
    let (signer, signer_key) = status_signer(&root, &root_key);
    let mut protected = Encoder::new();
    protected.sorted_map(|header| {
        header.integer(1, |value| _ = value.integer(-7));
        header.integer(16, |value| _ = value.text("application/statuslist+cwt"));
        header.integer(33, |value| _ = value.bytes(signer.der()));
    });
    let mut claims = Encoder::new();
    claims.sorted_map(|claims| {
        claims.integer(2, |value| _ = value.text(URI));
        claims.integer(4, |value| _ = value.integer((AT + Duration::DAY).unix_timestamp()));
        claims.integer(6, |value| _ = value.integer(AT.unix_timestamp()));
        claims.integer(65533, |value| _ = value.map(2).text("bits").unsigned(1).text("lst").bytes(&bytes));
    });
    let message = CoseSign1::signature_input(protected.as_bytes(), claims.as_bytes());
    let signature = signer_key.sign(Curve::P256.signature_algorithm().unwrap(), &message).unwrap();
    let (protected, claims) = (protected.as_bytes(), claims.as_bytes());
    let token = CoseSign1::encode(protected, &[0xa0], Some(claims), signature.as_bytes(), true);
    let token = StatusListToken::from_cwt(&token).unwrap();
    let trust = SignerTrust::Issuer { issuer: &root, status_anchors: &[] };
    let policy = TokenPolicy::strict();
    let verified =
        token.verify(&TokenCheck { uri: URI, trust, at: AT, policy: &policy, provider: rust_crypto() }).unwrap();
    let (took, looked_up) = heap::peak_of(|| time(3, || verified.get(5).unwrap_err()));
    let (_, expanded) = heap::peak_of(|| verified.expand().unwrap_err());
    println!(
        "bomb of 10 GB in {} B: look-up refused after {took:.0} us with {looked_up} B of heap, expansion with {expanded} B (limit {} B)",
        bytes.len(),
        InflateLimit::default().bytes()
    );
}

fn anchors() {
    const COUNT: usize = 10_000;
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    let (mut roots, mut leaf) = (Vec::new(), None);
    for number in 0..COUNT {
        // Keys of their own, so that nothing but the number tells the anchors apart from real ones.
        let own = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
        let root = certificate(Role::Iaca, &format!("IACA {number}"), &own, None, &own);
        if number == COUNT / 2 {
            leaf = Some(certificate(Role::DocumentSigner, "DS", &key, Some(&root), &own));
        }
        roots.push(root.der().to_vec());
    }
    let leaf = leaf.unwrap();
    let load = || {
        let mut builder = TrustStoreBuilder::new();
        for der in &roots {
            let provenance = Provenance { source: "bench".to_owned(), added_at: AT };
            let certificate = Certificate::from_der(der).unwrap();
            builder = builder.anchor(AnchorEntry::issuance(certificate, Scope::AnyDocType, provenance)).unwrap();
        }
        builder.build().unwrap()
    };
    let loading = time(3, load);
    let store = load();
    let doc_type = "org.iso.18013.5.1.mDL";
    let resolve = time(2_001, || store.candidates(Purpose::Issuance, doc_type, &leaf).count());
    assert_eq!(store.candidates(Purpose::Issuance, doc_type, &leaf).count(), 1);
    let linear = time(5, || {
        let matching = |certificate: &&Certificate| certificate.subject().matches(leaf.issuer()).is_match();
        store.anchors().iter().map(tegata_trust_list::Anchor::certificate).filter(matching).count()
    });
    println!(
        "{COUNT} anchors: {:.1} us each to load, {resolve:.1} us to resolve one signer (by looking at all: {linear:.0} us)",
        loading / COUNT as f64
    );
}

fn root(name: &str) -> (Certificate, InsecureSoftwareKey) {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    (certificate(Role::Iaca, name, &key, None, &key), key)
}

fn status_signer(root: &Certificate, root_key: &InsecureSoftwareKey) -> (Certificate, InsecureSoftwareKey) {
    let key = InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap();
    (certificate(Role::StatusSigner, "Lists", &key, Some(root), root_key), key)
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
