//! The index of a trust store finds what a search through all anchors would, in the same order.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use getrandom::{SysRng, rand_core::UnwrapErr};
use proptest::prelude::*;
use proptest::sample::Index;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, CertificateRequest, Contact, Curve, Edition, Name, Role, oid, profile, rust_crypto};
use tegata_trust_list::store::MAX_CANDIDATES;
use tegata_trust_list::{Anchor, AnchorEntry, Provenance, Purpose, Scope, TrustStore, TrustStoreBuilder};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);
const TYPES: [&str; 2] = ["org.iso.18013.5.1.mDL", "eu.europa.ec.eudi.pid.1"];
/// Names that differ, and names that RFC 5280 7.1 holds equal.
const NAMES: [&str; 5] = ["Utopia IACA", "utopia  iaca", "UTOPIA IACA", "Ruritania IACA", "Utopia IACA 2"];

/// Certificates of a few names and keys, each with a document signer under it: made once, combined at random.
struct Pool {
    roots: Vec<Certificate>,
    leaves: Vec<Certificate>,
}

impl Pool {
    fn new() -> Self {
        let keys: Vec<_> =
            (0..3).map(|_| InsecureSoftwareKey::generate(Curve::P256, &mut UnwrapErr(SysRng)).unwrap()).collect();
        let (mut roots, mut leaves) = (Vec::new(), Vec::new());
        for name in NAMES {
            for key in &keys {
                let root = issue(Role::Iaca, name, key, None, key);
                leaves.push(issue(Role::DocumentSigner, "DS", &keys[0], Some(&root), key));
                roots.push(root);
            }
        }
        Self { roots, leaves }
    }
}

fn issue(
    role: Role,
    name: &str,
    key: &InsecureSoftwareKey,
    issuer: Option<&Certificate>,
    signer: &InsecureSoftwareKey,
) -> Certificate {
    let subject = Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, name)]).unwrap();
    let (profile, public) = (profile(role, Edition::Iso18013_5), key.public_key().clone());
    let validity = (START, START + Duration::days(300));
    let request = CertificateRequest::new(profile, subject, public, issuer, validity, &mut UnwrapErr(SysRng));
    let unsigned = request.contact(Contact::Uri("https://iaca.example".to_owned())).crl_uri("https://iaca.example/crl");
    let unsigned = unsigned.build().unwrap();
    let signature = signer.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(signer.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

/// What [`TrustStore::candidates`] promises, by looking at every anchor.
fn linear<'a>(store: &'a TrustStore, purpose: Purpose, doc_type: &str, leaf: &Certificate) -> Vec<&'a Anchor> {
    let wanted = leaf.authority_key_identifier();
    let by_key = |anchor: &&Anchor| wanted.is_some() && anchor.certificate().subject_key_identifier() == wanted;
    let by_name =
        |anchor: &&Anchor| !by_key(anchor) && anchor.certificate().subject().matches(leaf.issuer()).is_match();
    let all = || store.anchors().iter().filter(|anchor| anchor.may(purpose, doc_type));
    all().filter(by_key).chain(all().filter(by_name)).take(MAX_CANDIDATES).collect()
}

fn is_same(one: &[&Anchor], other: &[&Anchor]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| std::ptr::eq(*one, *other))
}

#[test]
fn the_index_is_a_linear_search() {
    let pool = Pool::new();
    let anchors = prop::collection::vec((any::<Index>(), 0_usize..3, any::<bool>()), 1..60);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    let outcome = runner.run(&anchors, |anchors| {
        let mut builder = TrustStoreBuilder::new();
        for (root, scope, is_status) in anchors {
            let provenance = Provenance { source: "test".to_owned(), added_at: START };
            let scope = TYPES.get(scope).map_or(Scope::AnyDocType, |doc_type| Scope::doc_type(*doc_type));
            let entry = AnchorEntry::issuance(root.get(&pool.roots).clone(), scope, provenance);
            builder = builder.anchor(if is_status { entry.with_purpose(Purpose::Status) } else { entry }).unwrap();
        }
        let store = builder.build().unwrap();
        for (index, one) in store.anchors().iter().enumerate() {
            let is_repeated = store.anchors()[..index].iter().any(|other| {
                one.certificate() == other.certificate()
                    && one.scope() == other.scope()
                    && one.purposes().eq(other.purposes())
            });
            prop_assert!(!is_repeated);
            let same_key: Vec<_> = store.anchors().iter().filter(|other| other.key() == one.key()).collect();
            prop_assert!(is_same(&store.anchors_with_key(one.key()).collect::<Vec<_>>(), &same_key));
        }
        for leaf in pool.leaves.iter().chain(&pool.roots) {
            for purpose in [Purpose::Issuance, Purpose::Status] {
                for doc_type in TYPES {
                    let found: Vec<_> = store.candidates(purpose, doc_type, leaf).collect();
                    prop_assert!(is_same(&found, &linear(&store, purpose, doc_type, leaf)));
                }
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn names_have_one_comparison_key_exactly_when_they_match() {
    let pool = Pool::new();
    for one in &pool.roots {
        for other in &pool.roots {
            let (one, other) = (one.subject(), other.subject());
            assert_eq!(
                one.matches(other).is_match(),
                one.comparison_key() == other.comparison_key(),
                "{one} / {other}"
            );
        }
    }
}
