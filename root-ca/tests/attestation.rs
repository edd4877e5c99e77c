//! Attestations of a signer's key, made with OpenSSL as a maker of modules would make them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::{path::PathBuf, process::Command};

use common::{START, World, applicants};
use tegata_pki::{Certificate, Role};
use tegata_root_ca::{AttestationResult, CsrFault, CsrInput, CsrReport, Policy, PolicyError};
use time::{Duration, UtcDateTime};

/// A maker with a root, a module below it, and certificates of the module over keys.
struct Maker {
    folder: tempfile::TempDir,
}

const EC: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

impl Maker {
    fn new(name: &str) -> Self {
        let maker = Self { folder: tempfile::tempdir().unwrap() };
        let constraints = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";
        maker.key("root", &format!("/O={name}/CN={name} Attestation Root"));
        maker.certificate("root", "root", constraints, START - Duration::days(900), START + Duration::days(9000));
        maker.key("module", &format!("/O={name}/CN={name} Module 4711"));
        maker.certificate("module", "root", constraints, START - Duration::days(90), START + Duration::days(900));
        maker
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A key and a request for it.
    fn key(&self, name: &str, subject: &str) {
        let (key, csr) = (format!("{name}.key"), format!("{name}.csr"));
        let head = ["req", "-new", "-batch", "-nodes", "-keyout", &key, "-out", &csr, "-subj", subject];
        self.openssl(&[head.as_slice(), &EC].concat());
    }

    /// Certifies the key of the request `name`.
    fn certificate(&self, name: &str, issuer: &str, extensions: &str, from: UtcDateTime, until: UtcDateTime) {
        std::fs::write(self.path("extensions"), extensions).unwrap();
        let text = |at: UtcDateTime| {
            let (date, time) = (at.date(), at.time());
            let date = format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
            format!("{date}{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
        };
        std::fs::write(
            self.path("ca.conf"),
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n\
             unique_subject=no\nemail_in_dn=no\n[p]\ncommonName=supplied\norganizationName=optional\ncountryName=optional\n",
        )
        .unwrap();
        if !self.path("index").exists() {
            std::fs::write(self.path("index"), "").unwrap();
            std::fs::write(self.path("serial"), "01").unwrap();
        }
        let (csr, out, key, ca) =
            (format!("{name}.csr"), format!("{name}.pem"), format!("{issuer}.key"), format!("{issuer}.pem"));
        let (from, until) = (text(from), text(until));
        let mut arguments = vec!["ca", "-batch", "-notext", "-config", "ca.conf", "-in", &csr, "-out", &out];
        arguments.extend(["-keyfile", &key, "-startdate", &from, "-enddate", &until, "-extfile", "extensions"]);
        arguments.extend(["-preserveDN"]);
        if name == issuer {
            arguments.push("-selfsign")
        } else {
            arguments.extend(["-cert", &ca])
        }
        self.openssl(&arguments);
    }

    /// The module's certificate over the key of the request `name`, for half a year around the start.
    fn attest(&self, name: &str) {
        let statement = "basicConstraints=CA:FALSE\n1.3.6.1.4.1.99999.3.3=DER:04:03:05:04:03\n";
        self.certificate(name, "module", statement, START - Duration::days(30), START + Duration::days(150));
    }

    fn pem(&self, names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| std::fs::read(self.path(&format!("{name}.pem"))).unwrap()).collect()
    }

    fn der(&self, names: &[&str]) -> Vec<u8> {
        let chain = Certificate::chain_from_pem(&self.pem(names)).unwrap();
        chain.iter().flat_map(|certificate| certificate.der().to_vec()).collect()
    }

    fn request(&self, name: &str) -> Vec<u8> {
        let out = format!("{name}.der");
        self.openssl(&["req", "-in", &format!("{name}.csr"), "-outform", "DER", "-out", &out]);
        std::fs::read(self.path(&out)).unwrap()
    }
}

fn policy_text(rule: &str, formats: &str, root: Option<&Maker>) -> String {
    let roots = root.map(|maker| format!("\"\"\"{}\"\"\"", String::from_utf8(maker.pem(&["root"])).unwrap()));
    let section = format!("rule = \"{rule}\"\nformats = [{formats}]\nroots = [{}]", roots.unwrap_or_default());
    Policy::built_in("iso-18013-5").unwrap().source().replace("rule = \"none\"", &section)
}

fn world(rule: &str, maker: &Maker) -> World {
    let policy = Policy::from_toml(&policy_text(rule, "\"x509-chain\"", Some(maker))).unwrap();
    let mut world = World::with(policy);
    world.first_root();
    world
}

fn check(world: &mut World, der: &[u8], attestation: Option<&[u8]>) -> CsrReport {
    let now = world.now;
    let input = CsrInput { role: Role::DocumentSigner, der, attestation, applicants: &applicants() };
    world.authority().check_request(&input, now).unwrap()
}

fn refused(report: CsrReport) -> Vec<&'static str> {
    report.accept().err().unwrap_or_default().iter().map(CsrFault::id).collect()
}

const SUBJECT: &str = "/C=UT/O=Sandbox Organization/CN=Document Signer 1";

#[test]
fn a_required_attestation_holds_or_the_request_is_refused() {
    let maker = Maker::new("Maker");
    let mut world = world("required", &maker);
    for name in ["ds", "other"] {
        maker.key(name, SUBJECT);
        maker.attest(name);
    }
    let der = maker.request("ds");
    let good = maker.pem(&["ds", "module"]);

    for given in [good.clone(), maker.der(&["ds", "module"]), maker.pem(&["ds", "module", "root"])] {
        let report = check(&mut world, &der, Some(&given));
        let AttestationResult::Holds(attested) = &report.attestation else { panic!("{:?}", report.attestation) };
        let root = Certificate::chain_from_pem(&maker.pem(&["root"])).unwrap().remove(0);
        assert_eq!(attested.root, root.fingerprint_sha256());
        assert_eq!(attested.until, START + Duration::days(150));
        assert_eq!(attested.statements, [("1.3.6.1.4.1.99999.3.3".to_owned(), "0403050403".to_owned())]);
        assert!(attested.module.contains("Module 4711"), "{}", attested.module);
        assert!(refused(report).is_empty());
    }

    let mut refuse = |given: Option<&[u8]>| refused(check(&mut world, &der, given));
    assert_eq!(refuse(None), ["attestation-absent"]);
    assert_eq!(refuse(Some(b"the maker says so")), ["attestation-unknown-format"]);
    assert_eq!(refuse(Some(&maker.der(&["ds", "module"])[..700])), ["attestation-unknown-format"]);
    assert_eq!(refuse(Some(&maker.pem(&["other", "module"]))), ["attestation-other-key"]);
    assert_eq!(refuse(Some(&maker.pem(&["module"]))), ["attestation-other-key"]);
    // The module is missing, and its name is no root's.
    assert_eq!(refuse(Some(&maker.pem(&["ds"]))), ["attestation-unknown-root"]);

    // Another maker, and one that only calls itself the same.
    let stranger = Maker::new("Stranger");
    let impostor = Maker::new("Maker");
    for (other, expected) in [(&stranger, "attestation-unknown-root"), (&impostor, "attestation-broken-chain")] {
        for file in ["ds.key", "ds.csr"] {
            std::fs::copy(maker.path(file), other.path(file)).unwrap();
        }
        other.attest("ds");
        assert_eq!(refuse(Some(&other.pem(&["ds", "module"]))), [expected]);
    }
    // The leaf of one chain on the module of the other.
    let mixed = [impostor.pem(&["ds"]), maker.pem(&["module"])].concat();
    assert_eq!(refuse(Some(&mixed)), ["attestation-broken-chain"]);

    let statement = "basicConstraints=CA:FALSE\n";
    maker.certificate("ds", "module", statement, START - Duration::days(60), START - Duration::days(1));
    assert_eq!(refuse(Some(&maker.pem(&["ds", "module"]))), ["attestation-expired"]);
    maker.certificate("ds", "module", statement, START + Duration::days(1), START + Duration::days(60));
    assert_eq!(refuse(Some(&maker.pem(&["ds", "module"]))), ["attestation-not-yet-valid"]);
    // Anybody's certificate certifies nothing.
    maker.certificate("other", "module", statement, START - Duration::days(60), START + Duration::days(60));
    maker.certificate("ds", "other", statement, START - Duration::days(60), START + Duration::days(60));
    assert_eq!(refuse(Some(&maker.pem(&["ds", "other", "module"]))), ["attestation-broken-chain"]);

    let log = std::fs::read_to_string(world.path("audit.jsonl")).unwrap();
    assert!(log.contains("Module 4711") && log.contains("1.3.6.1.4.1.99999.3.3 = 0403050403"));
    assert!(log.contains("does not hold (attestation-other-key)"));
}

#[test]
fn a_recorded_attestation_refuses_nothing() {
    let maker = Maker::new("Maker");
    maker.key("ds", SUBJECT);
    maker.attest("ds");
    let der = maker.request("ds");
    let mut recorded = world("recorded", &maker);
    let mut said = |given: Option<&[u8]>| {
        let report = check(&mut recorded, &der, given);
        let statement = report.attestation.statement();
        assert!(refused(report).is_empty());
        statement
    };
    assert!(said(Some(&maker.pem(&["ds", "module"]))).starts_with("holds (x509-chain)"));
    assert_eq!(said(None), "none came");
    assert!(said(Some(b"?")).starts_with("not evaluated (attestation-unknown-format)"));
    assert!(said(Some(&maker.pem(&["module"]))).starts_with("does not hold (attestation-other-key)"));

    let mut none = World::new("iso-18013-5");
    none.first_root();
    let report = check(&mut none, &der, Some(&maker.pem(&["ds", "module"])));
    assert_eq!(report.attestation, AttestationResult::NotEvaluated);
    assert!(refused(report).is_empty());
}

#[test]
fn a_policy_that_asks_for_attestations_names_forms_and_roots() {
    let maker = Maker::new("Maker");
    let faults =
        |rule: &str, formats: &str, root: Option<&Maker>| match Policy::from_toml(&policy_text(rule, formats, root)) {
            Err(PolicyError::Faults(faults)) => faults.len(),
            Err(other) => panic!("{other}"),
            Ok(_) => 0,
        };
    assert_eq!(faults("required", "\"x509-chain\"", Some(&maker)), 0);
    assert_eq!(faults("required", "\"x509-chain\"", None), 1);
    assert_eq!(faults("recorded", "", None), 2);
    assert_eq!(faults("none", "", None), 0);
    assert!(Policy::from_toml(&policy_text("required", "\"tpm\"", Some(&maker))).is_err());
    let policy = Policy::from_toml(&policy_text("required", "\"x509-chain\"", Some(&maker))).unwrap();
    let shown = policy.show(tegata_root_ca::Lang::En);
    assert!(shown.contains("x509-chain") && shown.contains("Maker Attestation Root"), "{shown}");
}
