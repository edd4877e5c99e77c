//! Trust objects made with other software, mostly such as the builders of this workspace refuse to make. All have throw-away
//! keys and are in `tests/foreign`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::path::Path;

use tegata_pki::{Certificate, rust_crypto};
use tegata_trust_list::trust_object::{Given, GivenSigner, TrustReport, Verdict, check, recognise};
use time::UtcDateTime;
use time::macros::utc_datetime;

const AT: UtcDateTime = utc_datetime!(2026-11-22 0:00);
const NOTHING: Given<'_> = Given { signer: None, root: None, roots: None, index: None, at: AT };

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(name)).unwrap()
}

fn certificate(name: &str) -> Certificate {
    Certificate::from_pem(&file(name)).unwrap()
}

fn report(name: &str, given: &Given<'_>) -> TrustReport {
    check(&recognise(&file(name)).unwrap(), given, rust_crypto())
}

/// Verdict and cause with the certificate `signer` as the signer.
fn signed(name: &str, signer: &str) -> (Verdict, &'static str) {
    let signer = certificate(signer);
    outcome(&report(name, &Given { signer: Some(GivenSigner::Certificate(&signer)), ..NOTHING }))
}

fn linked(name: &str, old: &str, new: &str) -> (Verdict, &'static str) {
    let (old, new) = (certificate(old), certificate(new));
    let report = report(name, &Given { roots: Some((&old, &new)), ..NOTHING });
    assert!(report.facts.kind.id() == "link-certificate" || report.verdict == Verdict::Invalid);
    outcome(&report)
}

fn outcome(report: &TrustReport) -> (Verdict, &'static str) {
    (report.verdict, report.cause.as_ref().map_or("", |cause| cause.id))
}

/// RFC 5280 5.3: a critical entry extension that is not processed makes the whole list useless.
#[test]
fn a_crl_with_an_entry_that_cannot_be_processed_is_invalid() {
    assert_eq!(signed("crl.pem", "root.pem"), (Verdict::Valid, ""));
    let critical = signed("crl-critical-entry.pem", "root.pem");
    assert_eq!(critical, (Verdict::Invalid, "crl-unknown-critical-extension"));
    assert_eq!(signed("crl-indirect-entry.pem", "root.pem"), (Verdict::Invalid, "crl-indirect"));
}

/// RFC 5280 6.3.3 (f): name and key are not enough to sign CRLs.
#[test]
fn a_crl_of_an_issuer_that_may_not_sign_crls_is_not_valid() {
    let refused = (Verdict::Invalid, "crl-issuer-may-not-sign");
    assert_eq!(signed("crl.pem", "root-no-crl-sign.pem"), refused);
    assert_eq!(signed("crl-of-namesake-ds.pem", "namesake-ds.pem"), refused);
    assert_eq!(signed("crl-of-namesake-ds.pem", "root.pem"), (Verdict::Invalid, "signature-mismatch"));
    let unstated = certificate("root-no-key-usage.pem");
    let unstated = report("crl.pem", &Given { root: Some(&unstated), ..NOTHING });
    assert_eq!(outcome(&unstated), (Verdict::Valid, ""));
    assert!(unstated.facts.findings.iter().any(|finding| finding.id == "crl-issuer-key-usage-absent"));
    assert_eq!(signed("crl.pem", "root-ended.pem"), (Verdict::Invalid, "path-expired"));
}

#[test]
fn whether_a_signature_of_an_unsupported_algorithm_is_good_cannot_be_told() {
    assert_eq!(signed("crl-rsa.pem", "root-rsa.pem"), (Verdict::Undetermined, "signature-key"));
    assert_eq!(signed("root-rsa.pem", "root-rsa.pem"), (Verdict::Undetermined, "key-unsupported-algorithm"));
}

#[test]
fn roots_of_a_link_must_be_ca_certificates_too() {
    assert_eq!(linked("link.pem", "old.pem", "new.pem"), (Verdict::Valid, ""));
    assert_eq!(linked("link.pem", "old-not-ca.pem", "new.pem"), (Verdict::Invalid, "link-signing-root-not-ca"));
    assert_eq!(linked("link.pem", "old-no-cert-sign.pem", "new.pem"), (Verdict::Invalid, "link-signing-root-not-ca"));
    assert_eq!(linked("link.pem", "old.pem", "new-not-ca.pem"), (Verdict::Invalid, "link-certified-root-not-ca"));
}

/// The signature is good, but the link is not one of Table B.2: it names another key than its signer's (LINK-05), or may do
/// other things than a root.
#[test]
fn a_link_that_breaks_its_profile_is_invalid() {
    let refused = (Verdict::Invalid, "link-profile");
    assert_eq!(linked("link-of-other-key.pem", "old-2.pem", "new-2.pem"), refused);
    assert_eq!(linked("link-with-more-uses.pem", "old-2.pem", "new-2.pem"), refused);
    // What readers tolerate in roots, they tolerate here.
    for tolerated in ["link-without-contact.pem", "link-of-any-length.pem"] {
        assert_eq!(linked(tolerated, "old-2.pem", "new-2.pem"), (Verdict::Valid, ""), "{tolerated}");
    }
}

/// Who names two roots asks about a link, whatever the certificate looks like alone.
#[test]
fn between_two_roots_every_certificate_is_judged_as_a_link() {
    let unnamed = certificate("link-no-authority-key.pem");
    let (old, new) = (certificate("old.pem"), certificate("new.pem"));
    let report = report("link-no-authority-key.pem", &Given { roots: Some((&old, &new)), ..NOTHING });
    assert!(unnamed.is_self_issued() && unnamed.authority_key_identifier().is_none());
    let broken = (Verdict::Invalid, "link-profile");
    assert_eq!((report.facts.kind.id(), outcome(&report)), ("link-certificate", broken));
    let ids: Vec<_> = report.facts.findings.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["new-with-old", "LINK-05"]);
    assert_eq!(linked("link-by-new.pem", "old.pem", "new.pem"), (Verdict::Invalid, "link-signature"));
    assert_eq!(linked("new.pem", "old.pem", "new.pem"), (Verdict::Invalid, "link-signature"));
    assert_eq!(linked("link-not-ca.pem", "old.pem", "new.pem"), (Verdict::Invalid, "link-not-ca"));
}

/// The signer of an object may be named by the certificate of its CA.
#[test]
fn a_ca_as_the_signer_vouches_for_what_is_under_it() {
    assert_eq!(signed("status-pretty-header.jwt", "status-signer.pem"), (Verdict::Valid, ""));
    assert_eq!(signed("status-pretty-header.jwt", "root.pem"), (Verdict::Valid, ""));
    assert_eq!(signed("status-pretty-header.jwt", "old.pem"), (Verdict::Invalid, "status-foreign-signer"));
    assert_eq!(signed("status-signer.pem", "root.pem"), (Verdict::Valid, ""));
    assert_eq!(signed("status-signer.pem", "old.pem").0, Verdict::Invalid);
}

#[test]
fn a_certificate_that_signed_itself_is_valid_when_it_is_the_signer_given() {
    assert_eq!(signed("root.pem", "root.pem"), (Verdict::Valid, ""));
    assert_eq!(signed("root.pem", "old.pem"), (Verdict::Invalid, "root-is-another"));
    assert_eq!(signed("self-signed-ds.pem", "self-signed-ds.pem"), (Verdict::Valid, ""));
    let own = certificate("self-signed-ds.pem");
    let as_root = outcome(&report("self-signed-ds.pem", &Given { root: Some(&own), ..NOTHING }));
    assert_eq!(as_root, (Verdict::Invalid, "path-leaf-is-anchor"));
    let (root, old) = (certificate("root.pem"), certificate("old.pem"));
    let by_key = |name, key: &Certificate| {
        outcome(&report(name, &Given { signer: Some(GivenSigner::Key(key.public_key().unwrap())), ..NOTHING }))
    };
    assert_eq!(by_key("root.pem", &root), (Verdict::Valid, ""));
    assert_eq!(by_key("root.pem", &old), (Verdict::Invalid, "root-is-another"));
    assert_eq!(by_key("status-signer.pem", &root), (Verdict::Valid, ""));
    assert_eq!(by_key("status-signer.pem", &old), (Verdict::Invalid, "signature-mismatch"));
}

/// What DER was meant to be is told by its beginning, so that the reason why it cannot be read is one about that.
#[test]
fn damaged_der_is_named_by_what_it_was_meant_to_be() {
    let root = certificate("root.pem").der().to_vec();
    let mut boolean = root.clone();
    let at = root.windows(3).position(|window| window == [1, 1, 0xff]).unwrap();
    boolean[at + 2] = 1;
    assert_eq!(recognise(&boolean).unwrap_err().id(), "certificate-der");
    let crl = tegata_pki::Crl::from_pem(&file("crl.pem")).unwrap().der().to_vec();
    let at = crl.windows(2).position(|window| window == [0x17, 13]).unwrap();
    let mut date = crl;
    date[at + 4] = b'9';
    assert_eq!(recognise(&date).unwrap_err().id(), "crl-der");
}

/// The answer about one of them would pass for one about the other.
#[test]
fn a_file_with_a_crl_and_its_root_gets_no_answer() {
    let both = [file("crl.pem"), file("root.pem")].concat();
    assert_eq!(recognise(&both).unwrap_err().id(), "trust-object-several");
}

/// `{` and `"` need not stand together in the header of a JWS, and a byte order mark is no content.
#[test]
fn compact_jws_are_told_by_their_form() {
    let token = file("status-pretty-header.jwt");
    assert!(!token.starts_with(b"eyJ"));
    assert_eq!(recognise(&token).unwrap().kind().id(), "status-list-jwt");
    assert_eq!(recognise(&[b"\xef\xbb\xbf\n", &token[..]].concat()).unwrap().kind().id(), "status-list-jwt");
}

/// A list may name its signer by `x5t#S256` alone (ETSI TS 119 182-1 5.1.7).
#[test]
fn a_list_that_names_its_signer_by_thumbprint_is_valid_with_that_certificate() {
    assert_eq!(signed("lote-thumbprint.jws", "lote-signer.pem"), (Verdict::Valid, ""));
    assert_eq!(signed("lote-thumbprint.jws", "self-signed-ds.pem"), (Verdict::Invalid, "lote-no-signer"));
    assert_eq!(signed("lote-thumbprint.jws", "root.pem"), (Verdict::Invalid, "lote-no-signer"));
}

/// What is whole and may never be used has a kind and a verdict, unlike what is damaged.
#[test]
fn an_object_that_nobody_may_use_is_invalid_and_not_unreadable() {
    for (name, kind, id) in [
        ("crl-delta.pem", "crl", "crl-delta"),
        ("crl-distribution-point.pem", "crl", "crl-issuing-distribution-point"),
        ("crl-critical.pem", "crl", "crl-unknown-critical-extension"),
        ("crl-version-1.der", "crl", "crl-version"),
        ("status-unsigned.jwt", "status-list-jwt", "token-unsupported-algorithm"),
        ("status-other-type.jwt", "status-list-jwt", "token-wrong-type"),
        ("status-without-type.cwt", "status-list-cwt", "token-wrong-type"),
        ("status-three-bits.jwt", "status-list-jwt", "token-invalid-claim"),
        ("status-without-iat.cwt", "status-list-cwt", "token-missing-claim"),
    ] {
        let error = recognise(&file(name)).unwrap_err();
        let report = TrustReport::of_unusable(&error).unwrap_or_else(|| panic!("{name}: {error}"));
        assert_eq!((report.facts.kind.id(), outcome(&report)), (kind, (Verdict::Invalid, id)), "{name}");
    }
    let delta = TrustReport::of_unusable(&recognise(&file("crl-version-1.der")).unwrap_err()).unwrap();
    assert_eq!((delta.facts.entry_count, delta.facts.issued_at), (Some(1), Some(utc_datetime!(2026-11-01 0:00))));
    let whole = file("status-unsigned.jwt");
    let damaged = recognise(&whole[..whole.len() / 2]).unwrap_err();
    assert!(TrustReport::of_unusable(&damaged).is_none(), "{damaged}");
}
