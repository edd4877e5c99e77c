//! Requests for certificates, and the exchange over the air gap.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{World, applicants, csr, key};
use tegata_hsm::Signer as _;
use tegata_pki::{Curve, PublicKey, Role, rust_crypto};
use tegata_root_ca::{
    AuthorityError, Cause, CsrFault, CsrReport, ResponseFacts,
    session::{First, Quarterly},
};
use tegata_trust_list::bundle::{
    ApplicantRole, PreparedBundle, RequestBundle, ResponseBundle, RevocationOrder, SequenceError, Verified,
};
use time::Duration;

fn ids(report: CsrReport) -> Vec<&'static str> {
    report.accept().err().unwrap_or_default().iter().map(CsrFault::id).collect()
}

#[test]
fn each_fault_of_a_request_is_named() {
    let mut world = World::new("jp-004");
    world.first_root();
    let now = world.now;
    let name = world.policy.name(&world.policy.names.document_signers[0]).unwrap();
    let good = csr(&key(Curve::P256), &name);
    let mut check =
        |der: &[u8], role, applicants: &[_]| ids(world.authority().check_request(role, der, applicants, now).unwrap());
    let none: [&str; 0] = [];
    assert_eq!(check(&good, Role::DocumentSigner, &applicants()), none);

    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(check(&flipped, Role::DocumentSigner, &applicants()).len(), 1);
    assert_eq!(check(b"not a request", Role::DocumentSigner, &applicants()).len(), 1);
    assert_eq!(check(&good, Role::Iaca, &applicants()), ["csr-role"]);
    assert_eq!(check(&good, Role::VicalSigner, &applicants()), ["csr-subject-not-by-policy"]);

    let edwards = csr(&key(Curve::Ed25519), &name);
    assert_eq!(check(&edwards, Role::DocumentSigner, &applicants()), ["csr-curve-not-allowed"]);
    let p521 = csr(&key(Curve::P521), &name);
    assert_eq!(check(&p521, Role::DocumentSigner, &applicants()), ["csr-curve-not-allowed"]);

    let mut same = applicants();
    same[1].person = same[0].person.clone();
    assert_eq!(check(&good, Role::DocumentSigner, &same), ["bundle-applicants-same-person"]);
    let mut same = applicants();
    same[1].role = ApplicantRole::OpsManager;
    assert_eq!(check(&good, Role::DocumentSigner, &same), ["bundle-applicants-same-role"]);
    assert_eq!(check(&good, Role::DocumentSigner, &applicants()[..1]), ["bundle-applicants-count"]);

    let events = world.log_events();
    assert!(
        events.contains(&"request-checked:refused".to_owned())
            && events.contains(&"request-checked:success".to_owned())
    );
}

#[test]
fn a_key_is_certified_once() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let (now, ds) = (world.now, key(Curve::P256));
    let name = world.policy.name(&world.policy.names.document_signers[0]).unwrap();
    let der = csr(&ds, &name);
    let check =
        |world: &mut World| world.authority().check_request(Role::DocumentSigner, &der, &applicants(), now).unwrap();
    let (first, second) = (check(&mut world).accept().unwrap(), check(&mut world).accept().unwrap());
    let order = |request| tegata_root_ca::IssueOrder { request, not_before: None };
    world.session::<First>().unwrap().issue(&order(&first), &mut common::rng()).unwrap();
    let again = world.session::<First>().unwrap().issue(&order(&second), &mut common::rng());
    assert!(matches!(again, Err(AuthorityError::Csr(faults)) if faults[0].id() == "csr-key-certified"));
    assert_eq!(ids(check(&mut world)), ["csr-key-certified"]);
}

#[test]
fn requests_of_openssl_are_read_and_rsa_is_refused() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let folder = tempfile::tempdir().unwrap();
    let now = world.now;
    let mut made_by_openssl = |algorithm: &[&str], subject: &str| {
        let file = folder.path().join("request.der");
        let output = std::process::Command::new("openssl")
            .args(["req", "-new", "-batch", "-nodes", "-outform", "DER", "-keyout", "/dev/null", "-subj", subject])
            .args(algorithm)
            .arg("-out")
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let der = std::fs::read(&file).unwrap();
        ids(world.authority().check_request(Role::DocumentSigner, &der, &applicants(), now).unwrap())
    };
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let none: [&str; 0] = [];
    assert_eq!(made_by_openssl(&ec, "/C=UT/O=Sandbox Organization/CN=Document Signer 1"), none);
    assert_eq!(made_by_openssl(&ec, "/C=UT/O=Sandbox Organization/CN=Somebody"), ["csr-subject-not-by-policy"]);
    let rsa = ["-newkey", "rsa:2048"];
    assert_eq!(made_by_openssl(&rsa, "/C=UT/O=Sandbox Organization/CN=Document Signer 1"), ["csr-key"]);
    let critical = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "1.2.3.4=critical,ASN1:NULL"];
    let refused = made_by_openssl(&critical, "/C=UT/O=Sandbox Organization/CN=Document Signer 1");
    assert_eq!(refused, ["csr-critical-extension"]);
}

/// The online side: makes requests and reads responses.
struct Online {
    key: tegata_pki::software::InsecureSoftwareKey,
    sequence: u64,
    previous: Option<([u8; 32], String)>,
}

impl Online {
    fn request(&self, nonce: u8) -> (Vec<u8>, Verified<RequestBundle>) {
        let request = RequestBundle {
            sequence: self.sequence,
            nonce: [nonce; 32],
            created: common::START,
            previous_response: self.previous.as_ref().map(|(digest, _)| *digest),
            last_checkpoint: self.previous.as_ref().map(|(_, checkpoint)| checkpoint.clone()),
            applicants: applicants(),
            items: Vec::new(),
        };
        let bytes = complete(request.prepare(self.key.public_key()).unwrap(), &self.key);
        let opened = RequestBundle::open(&bytes, self.key.public_key(), rust_crypto()).unwrap();
        (bytes, opened)
    }
}

fn complete(prepared: PreparedBundle, key: &tegata_pki::software::InsecureSoftwareKey) -> Vec<u8> {
    let algorithm = key.public_key().curve().signature_algorithm().unwrap();
    let signature = key.sign(algorithm, prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

#[test]
fn the_chain_of_requests_and_responses_has_no_gap_no_replay_and_no_fork() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let log_key = key(Curve::P256);
    let mut online = Online { key: key(Curve::P256), sequence: 1, previous: None };
    let now = world.now;
    assert!(matches!(world.authority().record_response([0; 32], "x", now), Err(AuthorityError::NothingToAnswer)));

    let (_, first) = online.request(1);
    let admitted = world.authority().admit_request(&first, now).unwrap();
    assert_eq!(world.authority().admit_request(&first, now).unwrap(), admitted, "a ceremony may be resumed");
    online.sequence = 2;
    let early = world.authority().admit_request(&online.request(2).1, now);
    assert!(matches!(early, Err(AuthorityError::Unanswered(1))));

    let signer = world.issue::<First>().unwrap();
    let batch = world.crls::<First>(Duration::days(84)).unwrap();
    let root = world.authority().state().certificates().unwrap().remove(0);
    let certificates = [root, signer];
    let facts = ResponseFacts {
        certificates: &certificates,
        crls: &batch.crls,
        checkpoint: "checkpoint 1",
        software_token: true,
    };
    let response = world.authority().response(&facts, now).unwrap();
    assert_eq!((response.certificates.len(), response.crls.len(), response.next_sequence), (2, 1, 2));
    let bytes = complete(response.prepare(log_key.public_key()).unwrap(), &log_key);
    let opened = ResponseBundle::open(&bytes, log_key.public_key(), rust_crypto()).unwrap();
    opened.check_answers(1, &admitted.digest).unwrap();
    world.authority().record_response(opened.digest(), "checkpoint 1", now).unwrap();

    let replay = world.authority().admit_request(&first, now);
    assert!(matches!(replay, Err(AuthorityError::Sequence(SequenceError::Replayed { .. }))));
    let fork = world.authority().admit_request(&online.request(3).1, now);
    assert!(matches!(fork, Err(AuthorityError::Sequence(SequenceError::PreviousResponse { .. }))));
    online.previous = Some((opened.digest(), "checkpoint 0".to_owned()));
    let shortened = world.authority().admit_request(&online.request(4).1, now);
    assert!(matches!(shortened, Err(AuthorityError::Sequence(SequenceError::LastCheckpoint))));
    online.previous = Some((opened.digest(), "checkpoint 1".to_owned()));
    assert!(matches!(world.authority().admit_request(&online.request(1).1, now), Err(AuthorityError::NonceUsed)));
    online.sequence = 3;
    let skipped = world.authority().admit_request(&online.request(5).1, now);
    assert!(matches!(skipped, Err(AuthorityError::Sequence(SequenceError::Skipped { .. }))));
    online.sequence = 2;
    world.authority().admit_request(&online.request(5).1, now).unwrap();
    assert!(world.log_events().contains(&"request-admitted:refused".to_owned()));
}

#[test]
fn a_revocation_order_names_a_certificate_of_this_root() {
    let mut world = World::new("jp-004");
    world.first_root();
    let signer = world.issue::<Quarterly>().unwrap();
    let key: PublicKey = world.signers[0].public_key().clone();
    let mut order = RevocationOrder {
        issuer_ski: key.key_identifier().to_vec(),
        serial: signer.serial.0.clone(),
        reason: Some(tegata_pki::crl::RevocationReason::KeyCompromise),
        at: world.now,
        requested_by: "p01".into(),
    };
    let read = world.authority().revocation_order(&order, "ca-manager").unwrap();
    assert_eq!((read.cause, &read.serial), (Cause::KeyCompromise, &signer.serial));
    order.reason = Some(tegata_pki::crl::RevocationReason::CertificateHold);
    assert!(matches!(world.authority().revocation_order(&order, "ca-manager"), Err(AuthorityError::OrderUnusable)));
    order.reason = None;
    order.issuer_ski = vec![0; 20];
    assert!(matches!(world.authority().revocation_order(&order, "ca-manager"), Err(AuthorityError::OrderUnusable)));
}
