//! Foreign bytes never cause a panic, and never more than their own length of work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use proptest::prelude::*;
use support::pki::{START, algorithm, pki};
use tegata_pki::{
    Certificate, Crl, CrlBuilder, Curve, DerSignature, Edition, Name, PathInput, PublicKey, Role, lint, lint_crl,
    profile, rust_crypto, validate_path,
};
use time::Duration;

fn inspect(certificate: &Certificate) {
    let _ = format!("{certificate:?} {:?} {:?}", certificate.extensions(), certificate.public_key());
    for edition in Edition::ALL {
        for role in Role::ALL {
            for finding in lint(certificate, profile(role, edition), None) {
                assert!(!finding.text_en().is_empty() && !finding.text_ja().is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::from_der(&bytes);
        let _ = Certificate::chain_from_pem(&bytes);
        let _ = Name::from_der(&bytes);
        let _ = PublicKey::from_spki_der(&bytes);
        let _ = PublicKey::from_jwk(&String::from_utf8_lossy(&bytes));
        let _ = DerSignature::new(Curve::P521, bytes.clone());
        for curve in Curve::ALL {
            let _ = PublicKey::from_sec1(curve, &bytes);
        }
        if let Ok(crl) = Crl::from_der(&bytes) {
            let _ = crl.lookup(&[1]);
        }
    }
}

#[test]
fn mutated_certificates_and_lists() {
    let pki = pki(Curve::P256, Curve::P256);
    let next = START + Duration::days(30);
    let unsigned = CrlBuilder::new(&pki.root, 1.into(), START, next)
        .revoke(pki.ds.serial(), START, Some(tegata_pki::crl::RevocationReason::Superseded))
        .build()
        .unwrap();
    let signature = pki.root_key.sign(algorithm(&pki.root_key), unsigned.tbs()).unwrap();
    let crl = unsigned.complete(&signature.to_der(Curve::P256), rust_crypto()).unwrap();
    let ds = pki.ds.der().to_vec();
    let strategy = (0..ds.len(), any::<u8>(), 0..ds.len(), 0..4usize);
    let config = ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&strategy, |(place, value, cut, cuts)| {
            let mutate = |der: &[u8]| {
                let mut bytes = der.to_vec();
                let index = place % bytes.len();
                bytes[index] = value;
                if cuts > 0 {
                    let start = cut % bytes.len();
                    let end = (start + cuts).min(bytes.len());
                    bytes.drain(start..end);
                }
                bytes
            };
            let bytes = mutate(&ds);
            if let Ok(certificate) = Certificate::from_der(&bytes) {
                inspect(&certificate);
                let input = PathInput::new(&certificate, &pki.root, START);
                let valid = validate_path(&input, rust_crypto()).is_ok();
                prop_assert!(!valid || certificate == pki.ds);
            }
            let bytes = mutate(crl.der());
            if let Ok(list) = Crl::from_der(&bytes) {
                let _ = list.lookup(pki.ds.serial());
                let _ = lint_crl(&list, profile(Role::Crl, Edition::Iso18013_5), Some(&pki.root));
                let verified = list.verify_signature(&pki.root, rust_crypto()).is_ok();
                prop_assert!(!verified || list.der() == crl.der());
            }
            Ok(())
        })
        .unwrap();
}

/// Truncated at every place: an error, never a panic.
#[test]
fn truncated_everywhere() {
    let pki = pki(Curve::P256, Curve::P256);
    let der = pki.ds.der();
    for length in 0..der.len() {
        assert!(Certificate::from_der(&der[..length]).is_err());
    }
    assert!(Certificate::from_der(&[der, &[0]].concat()).is_err());
}

#[test]
fn every_quirk_can_be_linted() {
    let Some(folder) = support::testdata("x509-quirks") else { return };
    let mut count = 0;
    for path in support::files(&folder) {
        let bytes = std::fs::read(path).unwrap();
        let found = Certificate::from_der(&bytes).map(|one| vec![one]);
        for certificate in found.or_else(|_| Certificate::chain_from_pem(&bytes)).unwrap_or_default() {
            inspect(&certificate);
            count += 1;
        }
    }
    assert!(count > 50);
}
