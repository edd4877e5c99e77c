//! CRLs: built by the profile, checked by openssl, and every status with its cause.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::pki::{OpenSsl, Pki, START, algorithm, pki};
use tegata_pki::{
    Crl, CrlBuilder, CrlInput, CrlNumber, CrlStatus, Curve, Edition, OwnedCrl, Role, check_crl,
    crl::{RevocationReason, Undetermined},
    lint_crl, profile, rust_crypto,
};
use time::{Duration, UtcDateTime};

type Entry = (Vec<u8>, Option<RevocationReason>);

fn crl(pki: &Pki, number: u64, this_update: UtcDateTime, entries: &[Entry]) -> OwnedCrl {
    let next_update = this_update + Duration::days(30);
    let mut builder = CrlBuilder::new(&pki.root, number.into(), this_update, next_update);
    for (serial, reason) in entries {
        builder = builder.revoke(serial, this_update, *reason);
    }
    let unsigned = builder.build().unwrap();
    let signature = pki.root_key.sign(algorithm(&pki.root_key), unsigned.tbs()).unwrap();
    unsigned.complete(&signature.to_der(pki.root_key.curve()), rust_crypto()).unwrap()
}

fn status(pki: &Pki, crls: &[Crl<'_>], at: UtcDateTime, lowest: Option<u64>) -> CrlStatus {
    let mut input = CrlInput::new(at);
    input.lowest_number = lowest.map(CrlNumber::from);
    check_crl(&pki.ds, &pki.root, crls, &input, rust_crypto())
}

fn cause(status: CrlStatus) -> &'static str {
    match status {
        CrlStatus::Undetermined(cause) => cause.id(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn good_and_revoked() {
    let pki = pki(Curve::P384, Curve::P256);
    let empty = crl(&pki, 7, START, &[]);
    assert_eq!(empty.entries().count(), 0);
    assert_eq!(lint_crl(&empty, profile(Role::Crl, Edition::Iso18013_5), Some(&pki.root)), []);
    let CrlStatus::Good { number, age, .. } = status(&pki, std::slice::from_ref(&empty), START + Duration::DAY, None)
    else {
        panic!("not good")
    };
    assert_eq!((number, age), (Some(7.into()), Duration::DAY));
    let revoking = crl(&pki, 8, START, &[(vec![5], None), (pki.ds.serial().to_vec(), None)]);
    assert_eq!(lint_crl(&revoking, profile(Role::Crl, Edition::Iso18013_5), Some(&pki.root)), []);
    let revoked = CrlStatus::Revoked { date: START, reason: None, number: Some(8.into()) };
    assert_eq!(status(&pki, &[empty, revoking], START, None), revoked, "the higher number decides");
}

#[test]
fn a_revocation_stands_when_the_list_is_stale_and_good_does_not() {
    let pki = pki(Curve::P256, Curve::P256);
    let entry = (pki.ds.serial().to_vec(), Some(RevocationReason::KeyCompromise));
    let late = START + Duration::days(31);
    let revoking = [crl(&pki, 1, START, &[entry])];
    assert!(matches!(status(&pki, &revoking, late, Some(2)), CrlStatus::Revoked { .. }));
    let empty = [crl(&pki, 1, START, &[])];
    assert_eq!(cause(status(&pki, &empty, late, None)), "crl-stale");
    assert_eq!(cause(status(&pki, &empty, START, Some(2))), "crl-number-too-low");
    assert_eq!(cause(status(&pki, &empty, START - Duration::SECOND, None)), "crl-not-yet-valid");
    assert_eq!(cause(status(&pki, &[], START, None)), "crl-none");
}

#[test]
fn hold_is_neither_good_nor_revoked_and_is_not_outvoted_by_an_older_list() {
    let pki = pki(Curve::P256, Curve::P256);
    let hold = (pki.ds.serial().to_vec(), Some(RevocationReason::CertificateHold));
    let lists = [crl(&pki, 1, START, &[]), crl(&pki, 2, START, &[hold])];
    assert_eq!(status(&pki, &lists, START, None), CrlStatus::Undetermined(Undetermined::OnHold(START)));
    let removed = (pki.ds.serial().to_vec(), Some(RevocationReason::RemoveFromCrl));
    let lists = [crl(&pki, 3, START, &[removed])];
    assert!(matches!(status(&pki, &lists, START, None), CrlStatus::Good { .. }));
}

#[test]
fn lists_of_a_root_with_the_same_name_do_not_count() {
    let (own, other) = (pki(Curve::P256, Curve::P256), pki(Curve::P256, Curve::P256));
    let foreign = crl(&other, 9, START, &[(own.ds.serial().to_vec(), None)]);
    assert_eq!(cause(status(&own, &[foreign], START, None)), "crl-none", "another key identifier");
    let mut bytes = crl(&own, 9, START, &[]).der().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let broken = Crl::from_der(&bytes).unwrap();
    assert_eq!(cause(status(&own, &[broken], START, None)), "crl-signature");
}

#[test]
fn openssl_verifies_the_list_and_reads_its_entries() {
    let Some(openssl) = OpenSsl::new("crl") else { return };
    let pki = pki(Curve::P384, Curve::P256);
    let entry = (pki.ds.serial().to_vec(), Some(RevocationReason::KeyCompromise));
    openssl.write("root.pem", pki.root.to_pem());
    openssl.write("list.pem", crl(&pki, 300, START, &[entry]).to_pem());
    openssl.write("empty.pem", crl(&pki, 301, START, &[]).to_pem());
    for (file, expected) in [("list.pem", "Key Compromise"), ("empty.pem", "No Revoked Certificates")] {
        let (ok, text) = openssl.run(&format!("crl -in {file} -CAfile root.pem -verify -text -noout"));
        assert!(ok && text.contains("verify OK") && text.contains(expected), "{text}");
    }
    openssl.write("ds.pem", pki.ds.to_pem());
    let at = (START + Duration::DAY).unix_timestamp();
    let flags = format!("verify -crl_check -attime {at} -CAfile root.pem");
    let (ok, text) = openssl.run(&format!("{flags} -CRLfile list.pem ds.pem"));
    assert!(!ok && text.contains("certificate revoked"), "{text}");
    let (ok, text) = openssl.run(&format!("{flags} -CRLfile empty.pem ds.pem"));
    assert!(ok, "{text}");
}

#[test]
fn lists_that_cannot_be_used_are_refused_by_name() {
    let Some(folder) = support::testdata("trust/crl/pyca") else { return };
    let id = |file: &str| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        match Crl::from_pem(&bytes) {
            Err(error) => error.id(),
            Ok(crl) => crl.lookup(&[1]).map_or_else(|error| error.id(), |_| "usable"),
        }
    };
    assert_eq!(id("crl_delta_crl_indicator.pem"), "crl-delta");
    assert_eq!(id("crl_idp_only_ca.pem"), "crl-issuing-distribution-point");
    assert_eq!(id("crl_md2_unknown_crit_entry_ext.pem"), "crl-unknown-critical-extension");
    assert_eq!(id("crl_dup_entry_ext.pem"), "crl-duplicate-extension");
    assert_eq!(id("crl_bad_version.pem"), "crl-version");
    assert_eq!(id("crl_all_reasons.pem"), "crl-indirect", "entries name a certificateIssuer");
    assert_eq!(id("crl_ian_aia_aki.pem"), "usable");
}

#[test]
fn a_long_list_is_searched_to_its_end() {
    let pki = pki(Curve::P256, Curve::P256);
    let serial = |n: u32| [&[0x40][..], &n.to_be_bytes()].concat();
    let entries: Vec<Entry> = (0..20_000).map(|n| (serial(n), None)).collect();
    let list = crl(&pki, 1, START, &entries);
    for n in [0, 9_999, 19_999] {
        assert_eq!(list.lookup(&serial(n)).unwrap().unwrap().serial, serial(n));
    }
    assert_eq!(list.lookup(&serial(20_000)).unwrap(), None);
    assert_eq!(list.entries().filter(Result::is_ok).count(), 20_000);
}
