//! Real certificates and CRLs: what must be read is read, what is malformed is reported, nothing panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{files, testdata};
use tegata_pki::{
    Certificate, Crl, Edition, Name, PathInput, Role, SubjectRules,
    certificate::ExtensionState,
    lint, oid,
    path::{PathPosition, check_extensions},
    profile, rust_crypto, validate_path,
};

fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, tegata_pki::CertificateError> {
    if bytes.starts_with(b"\x30") {
        Certificate::from_der(bytes).map(|one| vec![one])
    } else {
        Certificate::chain_from_pem(bytes)
    }
}

/// Touches everything that can be asked of a certificate.
fn look_at(certificate: &Certificate) -> String {
    format!(
        "{certificate:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        certificate.public_key(),
        certificate.extensions(),
        certificate.crl_distribution_points(),
        certificate.issuer_alternative_names(),
        certificate.subject_alternative_names(),
        certificate.ocsp_uris(),
        certificate.key_usage(),
    )
}

#[test]
fn production_roots_are_read_and_signed_by_themselves() {
    let Some(folder) = testdata("trust/iaca") else { return };
    let mut count = 0;
    for path in files(&folder).iter().filter(|p| p.extension().is_some_and(|e| e == "pem")) {
        println!("{}", path.display());
        for root in certificates(&std::fs::read(path).unwrap()).unwrap() {
            let key = root.public_key().unwrap();
            if root.is_self_issued() {
                root.verify_signature(key, rust_crypto()).unwrap();
                count += 1;
            }
        }
    }
    assert!(count >= 15, "only {count} roots");
}

#[test]
fn quirks_do_not_panic_and_round_trip() {
    let Some(folder) = testdata("x509-quirks") else { return };
    let (mut read, mut refused) = (0, Vec::new());
    for path in files(&folder) {
        match certificates(&std::fs::read(&path).unwrap()) {
            Ok(found) => {
                for certificate in found {
                    look_at(&certificate);
                    assert_eq!(Certificate::from_pem(certificate.to_pem().as_bytes()).unwrap(), certificate);
                    assert_eq!(&Name::from_der(certificate.subject().der()).unwrap(), certificate.subject());
                    read += 1;
                }
            }
            Err(error) => refused.push(format!("{}: {error}", path.file_name().unwrap().display())),
        }
    }
    println!("read {read}, refused {refused:#?}");
    assert!(read > 50);
}

#[test]
fn crls_are_read() {
    let Some(folder) = testdata("trust/crl") else { return };
    let mut read = 0;
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let crl =
            if bytes.starts_with(b"\x30") { Crl::from_der(&bytes).map(Crl::into_owned) } else { Crl::from_pem(&bytes) };
        match crl {
            Ok(crl) => {
                let entries: Result<Vec<_>, _> = crl.entries().collect();
                let lookup = crl.lookup(&[1, 2, 3]);
                println!("{}: {crl:?} {:?} {:?}", path.display(), entries.as_ref().map(Vec::len), lookup);
                assert_eq!(entries.is_ok(), lookup.is_ok(), "{}", path.display());
                if let Ok(entries) = entries {
                    for entry in entries.iter().take(50) {
                        assert!(crl.lookup(entry.serial).unwrap().is_some() || entry.reason.is_some());
                    }
                }
                read += 1;
            }
            Err(error) => println!("{}: {error}", path.display()),
        }
    }
    assert!(read >= 10, "only {read}");
}

#[test]
fn annex_d_document_signer_under_its_iaca() {
    let Some(folder) = testdata("annex-d") else { return };
    let load = |name: &str| Certificate::from_der(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    let (ds, iaca) = (load("d5.2-ds.der"), load("d5.2-iaca.der"));
    for provider in support::providers() {
        let path = validate_path(&PathInput::new(&ds, &iaca, ds.not_before()), provider).unwrap();
        assert_eq!(path.findings(), []);
        assert_eq!(path.key(), ds.public_key().unwrap());
    }
    let (reader, root) = (load("d5.4-reader.der"), load("d5.4-reader-root.der"));
    let mut input = PathInput::new(&reader, &root, reader.not_before());
    input.subject_rules = SubjectRules::None;
    let path = validate_path(&input, rust_crypto()).unwrap();
    assert_eq!(path.leaf(), &reader);
}

/// These document signers carry extensions that cannot be read (values wrapped in one OCTET STRING too many; see their
/// case.json): the certificates are read all the same, and what is wrong is reported, with its criticality.
#[test]
fn malformed_extensions_are_reported_with_their_criticality() {
    let cases: [(&str, &[tegata_pki::ObjectIdentifier]); 2] = [
        ("owf-browser-handover", &[oid::CRL_DISTRIBUTION_POINTS, oid::ISSUER_ALT_NAME]),
        ("eu-av-reference-issuer", &[oid::ISSUER_ALT_NAME]),
    ];
    for (case, expected) in cases {
        let Some(folder) = testdata(&format!("mdoc-cases/{case}")) else { return };
        let pem = std::fs::read(folder.join("root.pem")).unwrap();
        let certificate = Certificate::from_pem(&pem).unwrap();
        let unreadable: Vec<_> =
            certificate.extensions().iter().filter(|e| matches!(e.state(), ExtensionState::Unprocessable(_))).collect();
        assert_eq!(unreadable.iter().map(|e| e.oid()).collect::<Vec<_>>(), expected, "{case}");
        assert!(unreadable.iter().all(|e| !e.is_critical()));
        assert!(certificate.issuer_alternative_names().is_none());
        let mut findings = Vec::new();
        check_extensions(PathPosition::Leaf, &certificate, &mut findings).unwrap();
        assert_eq!(findings.len(), expected.len());
        let findings = lint(&certificate, profile(Role::DocumentSigner, Edition::Iso18013_5), None);
        let row = findings.iter().find(|f| f.rule == "DS-13").unwrap();
        assert_eq!(row.fact.id(), "unprocessable");
    }
}
