//! Copies of a batch must not tell that they belong together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    dead_code,
    unreachable_pub,
    reason = "test code"
)]

mod common;

use std::collections::{HashMap, HashSet};

use common::*;
use tegata_issuer::{BatchRequest, RandomStatusAllocator};
use tegata_mdoc::cbor::decode;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_pki::{Curve, PublicKey, SignatureRef, rust_crypto};

const COPIES: usize = 100;

#[test]
fn copies_share_claims_and_days_and_nothing_else() {
    let sandbox = Sandbox::new(Curve::P256, Curve::P256);
    let (claims, terms) = (mdl(), terms());
    let device_keys: Vec<PublicKey> = (0..COPIES).map(|_| device_key()).collect();
    let batch = BatchRequest { claims: &claims, terms: &terms, device_keys: &device_keys };
    let mut allocator = RandomStatusAllocator::new("https://status.example/1", 1 << 20, []).unwrap();
    let signer = sandbox.document_signer();
    let issued = signer.issue_batch(&batch, Some(&mut allocator), &mut rng(), NOW).unwrap();
    assert_eq!(issued.len(), COPIES);

    let (mut secrets, mut indexes, mut times) = (HashSet::new(), Vec::new(), HashSet::new());
    let mut places: HashMap<String, HashSet<u64>> = HashMap::new();
    for (document, key) in issued.iter().zip(&device_keys) {
        assert_eq!(document.device_key(), key, "in the order of the keys");
        let (decoded, _) = decode::<IssuerSigned<'_>>(document.issuer_signed()).unwrap();
        let decoded = decoded.value();
        let (mso, _) = decoded.mobile_security_object().unwrap();
        let mso = mso.value();
        assert_eq!(mso.device_key_info.device_key.x, key.x());
        let auth = &decoded.issuer_auth;
        let message = auth.to_be_signed(auth.payload.unwrap());
        let algorithm = Curve::P256.signature_algorithm().unwrap();
        rust_crypto()
            .verify(sandbox.ds.public_key().unwrap(), algorithm, &message, SignatureRef::Raw(auth.signature))
            .unwrap();
        assert!(secrets.insert(auth.signature.to_vec()));
        for (name_space, item) in decoded.items() {
            let item = item.value();
            assert!(secrets.insert(item.random.to_vec()), "a salt stands twice");
            let digest = mso.digest(name_space, item.digest_id).unwrap();
            assert!(secrets.insert(digest.to_vec()), "a digest stands twice");
            if name_space == NS {
                places.entry(item.element_identifier.to_owned()).or_default().insert(item.digest_id);
            }
        }
        let validity = mso.validity_info;
        times.insert([validity.signed, validity.valid_from, validity.valid_until].map(|instant| instant.to_string()));
        let status = mso.status.as_ref().unwrap().status_list.unwrap();
        assert_eq!(document.status().unwrap().index(), status.index);
        indexes.push(status.index);
    }
    assert_eq!(times.len(), 1, "the same rounded instants for all");
    let distinct: HashSet<_> = indexes.iter().collect();
    assert_eq!(distinct.len(), COPIES);
    let close = indexes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) < 16).count();
    assert!(close < 5, "status positions of one batch lie next to each other: {close}");
    // Twelve elements, a hundred shuffles: each element misses few of the twelve places.
    assert_eq!(places.len(), 12);
    assert!(places.values().all(|ids| ids.len() >= 10), "{places:?}");
}

#[test]
fn a_nearly_full_list_still_gives_distinct_positions() {
    use tegata_issuer::StatusAllocator as _;
    let mut allocator = RandomStatusAllocator::new("https://status.example/1", 64, 0..60).unwrap();
    let mut given: Vec<u64> =
        allocator.allocate(4, &mut rng()).unwrap().iter().map(|reference| reference.index()).collect();
    given.sort_unstable();
    assert_eq!(given, [60, 61, 62, 63]);
    assert!(allocator.allocate(1, &mut rng()).is_err());
}
