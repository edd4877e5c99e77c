//! Certificates from the profile table, checked by the linter and by openssl.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::pki::{OpenSsl, START, finish, key, name, pki, request};
use tegata_pki::{
    BuildError, Certificate, Curve, Edition, FindingFact, Mode, Name, Role, Severity, lint, oid, profile, rust_crypto,
};
use time::Duration;

#[test]
fn every_role_of_every_edition_builds_and_lints_clean() {
    let curves = [Curve::P384, Curve::BrainpoolP384r1];
    for (edition, curve) in Edition::ALL.into_iter().zip(curves.into_iter().cycle()) {
        let root_key = key(curve);
        let subject = |common_name: &str| {
            let attributes = [
                (oid::COUNTRY, "UT"),
                (oid::STATE_OR_PROVINCE, "UT-A"),
                (oid::ORGANIZATION, "Utopia"),
                (oid::COMMON_NAME, common_name),
            ];
            Name::from_attributes(&attributes).unwrap()
        };
        let root = request(Role::Iaca, edition, subject("Root"), &root_key, None, 1900);
        let root = finish(root, &root_key).unwrap();
        assert_eq!(lint(&root, profile(Role::Iaca, edition), None), [], "{edition:?}");
        for role in Role::ALL {
            if matches!(role, Role::Iaca | Role::Crl) {
                continue;
            }
            let own = key(Curve::P256);
            let request = request(role, edition, subject(role.id()), &own, Some(&root), 90);
            let certificate = finish(request, &root_key).unwrap();
            // The builder leaves out what is only recommended.
            let mut findings = lint(&certificate, profile(role, edition), Some(&root));
            findings.retain(|finding| finding.severity != Severity::Info);
            assert_eq!(findings, [], "{role:?}");
            assert_eq!(certificate.serial().len(), 20);
        }
    }
}

#[test]
fn openssl_verifies_root_and_document_signer() {
    let Some(openssl) = OpenSsl::new("chain") else { return };
    let pairs = [
        (Curve::P256, Curve::P256),
        (Curve::P384, Curve::P521),
        (Curve::P521, Curve::Ed25519),
        (Curve::BrainpoolP256r1, Curve::BrainpoolP384r1),
    ];
    for (root, ds) in pairs {
        let pki = pki(root, ds);
        openssl.write("root.pem", pki.root.to_pem());
        openssl.write("ds.pem", pki.ds.to_pem());
        openssl.write("ds.der", pki.ds.der());
        let at = (START + Duration::days(1)).unix_timestamp();
        let flags = format!("verify -x509_strict -check_ss_sig -attime {at} -CAfile root.pem");
        let (ok, text) = openssl.run(&format!("{flags} ds.pem"));
        assert!(ok && text.contains("ds.pem: OK"), "{root} {ds}: {text}");
        let (ok, text) = openssl.run("asn1parse -inform DER -in ds.der");
        assert!(ok && !text.contains("Error"), "{text}");
        let (_, text) = openssl.run("x509 -in ds.pem -noout -text");
        for expected in ["1.0.18013.5.1.2", "X509v3 Key Usage: critical", "URI:https://iaca.example/crl"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("CA:TRUE"));
    }
}

#[test]
fn link_certificate_carries_the_new_root_under_the_old() {
    let old = pki(Curve::P256, Curve::P256);
    let new_key = key(Curve::P384);
    let new_name = name("UT", "Utopia IACA 2");
    let link = request(Role::Link, Edition::Iso18013_5, new_name, &new_key, Some(&old.root), 100);
    let link = finish(link, &old.root_key).unwrap();
    assert_eq!(link.public_key().unwrap(), new_key.public_key());
    assert_eq!(link.subject_alternative_names().unwrap().len(), 1);
    assert!(link.is_ca());

    let subject = name("UT", "Utopia IACA 2");
    let late = request(Role::Link, Edition::Iso18013_5, subject, &new_key, Some(&old.root), 9999);
    let error = finish(late, &old.root_key).unwrap_err();
    assert!(matches!(&error, BuildError::Profile(f) if f[0].rule == "LINK-04"), "{error}");
}

#[test]
fn what_does_not_conform_is_not_built() {
    let pki = pki(Curve::P256, Curve::P256);
    let ds = |subject: Name, days| {
        let iso = Edition::Iso18013_5;
        let request = request(Role::DocumentSigner, iso, subject, &pki.ds_key, Some(&pki.root), days);
        finish(request, &pki.root_key).unwrap_err()
    };
    let rules = |error: BuildError| match error {
        BuildError::Profile(findings) => findings.iter().map(|f| f.rule).collect::<Vec<_>>(),
        other => panic!("{other}"),
    };
    assert_eq!(rules(ds(name("UT", "DS"), 458)), ["DS-03"]);
    assert_eq!(rules(ds(name("ut", "DS"), 30)), ["DS-04"]);
    assert_eq!(rules(ds(name("UX", "DS"), 30)), ["X-11"]);
    let nameless = Name::from_attributes(&[(oid::COUNTRY, "UT")]).unwrap();
    assert_eq!(rules(ds(nameless, 30)), ["DS-07"]);
    let request = tegata_pki::CertificateRequest::new(
        profile(Role::DocumentSigner, Edition::Iso18013_5),
        name("UT", "DS"),
        pki.ds_key.public_key().clone(),
        Some(&pki.root),
        (START, START + Duration::days(30)),
        &mut support::pki::rng(),
    );
    assert_eq!(request.build().unwrap_err(), BuildError::MissingInput("DS-13"));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let pki = pki(Curve::P256, Curve::P256);
    let iso = Edition::Iso18013_5;
    let request = request(Role::DocumentSigner, iso, name("UT", "DS"), &pki.ds_key, Some(&pki.root), 9);
    let error = finish(request, &pki.ds_key).unwrap_err();
    assert_eq!(error.id(), "build-signature");
}

/// The roots of production and test systems: findings are named, and none is fatal in the field for the production roots of
/// the states whose certificates are known to conform.
#[test]
fn real_roots_are_linted() {
    let Some(folder) = support::testdata("trust/iaca") else { return };
    let table = profile(Role::Iaca, Edition::Iso18013_5);
    let mut clean = 0;
    for path in support::files(&folder).iter().filter(|p| p.extension().is_some_and(|e| e == "pem")) {
        for root in Certificate::chain_from_pem(&std::fs::read(path).unwrap()).unwrap() {
            let findings = lint(&root, table, None);
            for finding in &findings {
                println!("{}: {finding} / {}", path.file_name().unwrap().display(), finding.text_ja());
            }
            clean += usize::from(findings.iter().all(|f| f.severity_in(Mode::Interop) < Severity::Error));
        }
    }
    assert!(clean >= 10, "only {clean}");
}

#[test]
fn a_path_length_that_is_missing_is_a_warning_in_the_field() {
    let Some(path) = support::testdata("trust/iaca/us-md-root-certificate.pem") else { return };
    let root = Certificate::from_pem(&std::fs::read(path).unwrap()).unwrap();
    let findings = lint(&root, profile(Role::Iaca, Edition::Iso18013_5), None);
    let found = findings.iter().find(|f| f.rule == "IACA-15").unwrap();
    assert_eq!(found.fact, FindingFact::PathLength(None));
    assert_eq!((found.severity, found.interop), (Severity::Error, Severity::Warning));
    root.verify_signature(root.public_key().unwrap(), rust_crypto()).unwrap();
}
