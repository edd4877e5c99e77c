//! The sandbox certificates and CRL under openssl.
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

use common::*;
use tegata_issuer::sandbox::{MARK, SandboxAuthority, create_crl, is_sandbox};
use tegata_pki::{CrlNumber, Curve, Edition, Role, Severity, lint, profile};
use time::macros::utc_datetime;

fn text(output: std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn openssl_accepts_root_document_signer_and_status_signer() {
    for (root_curve, ds_curve) in [
        (Curve::P256, Curve::P256),
        (Curve::P384, Curve::P256),
        (Curve::P384, Curve::Ed25519),
        (Curve::P521, Curve::P384),
    ] {
        let sandbox = Sandbox::new(root_curve, ds_curve);
        let directory = tempfile::tempdir().unwrap();
        let root = write(&directory, "root.pem", sandbox.root.to_pem());
        let ds = write(&directory, "ds.pem", sandbox.ds.to_pem());
        let period = (utc_datetime!(2026-11-01 0:00), utc_datetime!(2027-11-01 0:00));
        let root_pair = (&sandbox.root, &*sandbox.root_signer);
        let status =
            authority().create_status_signer(root_pair, signer(Curve::P256).public_key(), period, &mut rng()).unwrap();
        let status = write(&directory, "status.pem", status.to_pem());
        let at = NOW.unix_timestamp().to_string();
        for leaf in [&root, &ds, &status] {
            // The extended key usage of ISO/IEC 18013-5 is critical and unknown to openssl, which only ignores it so.
            text(openssl(&["verify", "-x509_strict", "-ignore_critical", "-attime", &at, "-CAfile", &root, leaf]));
        }
        let shown = text(openssl(&["x509", "-in", &ds, "-noout", "-text", "-nameopt", "utf8"]));
        for line in ["Digital Signature", "1.0.18013.5.1.2", "https://crl.example/iaca.crl"] {
            assert!(shown.contains(line), "{line} in {shown}");
        }
        assert!(shown.contains(MARK), "{shown}");
    }
}

#[test]
fn they_are_marked_and_conform() {
    let states = SandboxAuthority { state: Some("UT-X".into()), edition: Edition::Aamva, ..authority() };
    for (authority, edition) in [(authority(), Edition::Iso18013_5), (states, Edition::Aamva)] {
        let sandbox = Sandbox::of(&authority, Curve::P384, Curve::P256);
        assert!(is_sandbox(&sandbox.root) && is_sandbox(&sandbox.ds));
        let findings = lint(&sandbox.root, profile(Role::Iaca, edition), None);
        assert!(findings.is_empty(), "{findings:?}");
        let mut findings = lint(&sandbox.ds, profile(Role::DocumentSigner, edition), Some(&sandbox.root));
        // What is only recommended is left out: deployed readers expect the one key purpose alone.
        findings.retain(|finding| finding.severity != Severity::Info);
        assert!(findings.is_empty(), "{findings:?}");
    }
}

#[test]
fn openssl_accepts_the_crl() {
    let sandbox = Sandbox::new(Curve::P384, Curve::P256);
    let root = (&sandbox.root, &*sandbox.root_signer);
    let period = (utc_datetime!(2026-11-21 0:00), utc_datetime!(2026-12-21 0:00));
    let directory = tempfile::tempdir().unwrap();
    let root_file = write(&directory, "root.pem", sandbox.root.to_pem());
    let number = CrlNumber::from_be_bytes(&[1]).unwrap();
    for (serials, expected) in [(vec![], "No Revoked Certificates"), (vec![sandbox.ds.serial()], "Serial Number")] {
        let crl = create_crl(root, number, period, &serials).unwrap();
        let crl_file = write(&directory, "crl.pem", crl.to_pem());
        let shown = openssl(&["crl", "-in", &crl_file, "-noout", "-text", "-CAfile", &root_file, "-verify"]);
        assert!(String::from_utf8_lossy(&shown.stderr).contains("verify OK"), "{shown:?}");
        assert!(text(shown).contains(expected));
    }
}
