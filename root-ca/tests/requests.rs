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

use common::{World, applicants, csr, input, key, person, signed};
use tegata_hsm::Signer as _;
use tegata_pki::{Curve, PublicKey, Role, rust_crypto};
use tegata_root_ca::{
    AuthorityError, Cause, CsrFault, CsrReport, OrderedAct, ResponseFacts,
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
    let mut check = |der: &[u8], role, applicants: &[_]| {
        ids(world.authority().check_request(&input(role, der, applicants), now).unwrap())
    };
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
    let check = |world: &mut World| {
        world.authority().check_request(&input(Role::DocumentSigner, &der, &applicants()), now).unwrap()
    };
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
        ids(world.authority().check_request(&input(Role::DocumentSigner, &der, &applicants()), now).unwrap())
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

/// A request that was admitted and cannot be answered: its number is burnt, the log says who gave it up and why, and the
/// next request follows the last response as if nothing had been.
#[test]
fn an_unanswered_request_is_replaced_by_a_signed_order() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let now = world.now;
    let manager = person("p01");
    let mut online = Online { key: key(Curve::P256), sequence: 1, previous: None };
    world.authority().admit_request(&online.request(1).1, now).unwrap();
    world.authority().record_response([9; 32], "checkpoint 1", now).unwrap();
    online.previous = Some(([9; 32], "checkpoint 1".to_owned()));
    let nothing = OrderedAct::WithdrawRequest { sequence: 1, digest: [0; 32] };
    let early = signed(&manager, "ca-manager", nothing, "why not", now);
    assert!(matches!(world.authority().withdraw_request(&early, now), Err(AuthorityError::NothingToAnswer)));

    online.sequence = 2;
    let bad = online.request(2).1;
    let digest = world.authority().admit_request(&bad, now).unwrap().digest;
    let made = world.issue::<First>().unwrap();
    online.sequence = 3;
    let good = online.request(3).1;
    assert!(matches!(world.authority().admit_request(&good, now), Err(AuthorityError::Unanswered(2))));

    let act = OrderedAct::WithdrawRequest { sequence: 2, digest };
    let other = OrderedAct::WithdrawRequest { sequence: 2, digest: [0; 32] };
    let mut forged = signed(&person("p02"), "ca-manager", act.clone(), "the file was damaged", now);
    forged.order.person = manager.person().clone();
    let mut refuse = |order| world.authority().withdraw_request(&order, now).unwrap_err().id();
    assert_eq!(refuse(signed(&manager, "auditor", act.clone(), "the file was damaged", now)), "authority-role");
    assert_eq!(refuse(signed(&manager, "ca-manager", act.clone(), " ", now)), "authority-reason-empty");
    assert_eq!(refuse(signed(&manager, "ca-manager", other, "the file was damaged", now)), "authority-order-other");
    assert_eq!(refuse(forged), "authority-order-unsigned");
    assert!(matches!(world.authority().admit_request(&good, now), Err(AuthorityError::Unanswered(2))));

    let order = signed(&manager, "ca-manager", act, "the file was damaged", now);
    assert_eq!(world.authority().withdraw_request(&order, now).unwrap(), 2);
    assert!(matches!(world.authority().withdraw_request(&order, now), Err(AuthorityError::NothingToAnswer)));
    assert!(matches!(world.authority().record_response([8; 32], "x", now), Err(AuthorityError::NothingToAnswer)));
    let burnt = world.authority().admit_request(&bad, now);
    assert!(matches!(burnt, Err(AuthorityError::Sequence(SequenceError::Replayed { .. }))));
    online.sequence = 2;
    let again = world.authority().admit_request(&online.request(4).1, now);
    assert!(matches!(again, Err(AuthorityError::Sequence(SequenceError::Replayed { .. }))));

    world.reopen();
    assert_eq!(world.authority().admit_request(&good, now).unwrap().sequence, 3);
    let facts = ResponseFacts { certificates: &[], crls: &[], checkpoint: "checkpoint 2", software_token: true };
    let response = world.authority().response(&facts, now).unwrap();
    assert_eq!((response.sequence, response.next_sequence), (3, 4));
    world.authority().record_response([7; 32], "checkpoint 2", now).unwrap();
    online.sequence = 4;
    online.previous = Some(([7; 32], "checkpoint 2".to_owned()));
    world.authority().admit_request(&online.request(5).1, now).unwrap();

    let log = std::fs::read_to_string(world.path("audit.jsonl")).unwrap();
    let line = log.lines().find(|line| line.contains("request-withdrawn") && line.contains("success")).unwrap();
    for part in ["the file was damaged", "tegata-sign-off-v1", "p01", &made.serial.to_string()] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn a_changed_policy_is_adopted_by_two_persons() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let (now, from) = (world.now, world.policy.digest());
    let text = world.policy.source().replace("Sandbox Organization", "Another Organization");
    let changed = tegata_root_ca::Policy::from_toml(&text).unwrap();
    let act = OrderedAct::AdoptPolicy { from, to: changed.digest() };
    let (manager, issuer) = (person("p01"), person("p05"));
    let order = |by, role| signed(by, role, act.clone(), "the operator was renamed", now);
    let (first, second) = (order(&manager, "ca-manager"), order(&issuer, "certificate-issuer"));
    let refuse = |world: &mut World, orders: [&_; 2]| {
        world.authority().adopt_policy(changed.clone(), orders, now).unwrap_err().id()
    };
    assert_eq!(refuse(&mut world, [&first, &first]), "authority-role");
    assert_eq!(refuse(&mut world, [&first, &order(&manager, "certificate-issuer")]), "authority-one-person");
    let other = OrderedAct::AdoptPolicy { from, to: from };
    let other = signed(&issuer, "certificate-issuer", other, "the operator was renamed", now);
    assert_eq!(refuse(&mut world, [&first, &other]), "authority-order-other");
    let jp = tegata_root_ca::Policy::built_in("jp-004").unwrap();
    let another = world.authority().adopt_policy(jp, [&first, &second], now);
    assert!(matches!(another, Err(AuthorityError::OtherPolicy { .. })));

    world.authority().adopt_policy(changed.clone(), [&first, &second], now).unwrap();
    world.policy = changed;
    world.reopen();
    assert_eq!(world.authority().policy().names.organization, "Another Organization");
    assert!(world.log_events().contains(&"policy-adopted:success".to_owned()));
}

/// A file of the first version of the tables is taken over as it is.
#[test]
fn a_state_of_the_version_before_is_taken_over() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let serials = |world: &mut World| {
        let made = world.authority().state().certificates().unwrap();
        made.into_iter().map(|record| record.serial).collect::<Vec<_>>()
    };
    let before = serials(&mut world);
    world.authority = None;
    let db = rusqlite::Connection::open(world.path("state.sqlite")).unwrap();
    db.execute_batch("DROP TRIGGER withdrawn_is_unanswered; DROP TABLE withdrawal; PRAGMA user_version = 1").unwrap();
    drop(db);
    world.reopen();
    assert_eq!(serials(&mut world), before);
    assert!(world.authority().waiting_request().unwrap().is_none());
    world.reopen();
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
