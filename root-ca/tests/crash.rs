//! Crashes, failures of the token, and the numbers that must survive them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::{collections::BTreeSet, path::Path, process::Command};

use common::{START, TestSigner, World, rng};
use proptest::prelude::*;
use tegata_hsm::Signer;
use tegata_pki::{Curve, Role, software::InsecureSoftwareKey};
use tegata_root_ca::{
    AuthorityError, Cause, IntentObject, IssueOrder, Observer, Policy, SessionInput, SigningPoint, State, StateError,
    session::{EmergencyRevoke, First},
};
use time::Duration;

const FOLDER: &str = "TEGATA_TEST_CRASH_FOLDER";
const POINT: &str = "TEGATA_TEST_CRASH_POINT";
const OBJECT: &str = "TEGATA_TEST_CRASH_OBJECT";

/// Ends the process as a power cut does: no destructor runs, nothing is flushed.
struct PowerCut {
    point: SigningPoint,
    /// How many signatures are completed before.
    after: usize,
}

impl Observer for PowerCut {
    fn reached(&mut self, point: SigningPoint) {
        if point == self.point {
            if self.after == 0 {
                std::process::abort();
            }
            self.after -= 1;
        }
    }
}

/// Not a test by itself: the process that is to crash.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (point, object) = (std::env::var(POINT).unwrap(), std::env::var(OBJECT).unwrap());
    let (policy, after) = if object == "series" { ("jp-004", 5) } else { ("iso-18013-5", 0) };
    let (folder, policy) = (Path::new(&folder), Policy::built_in(policy).unwrap());
    let point = SigningPoint::ALL.into_iter().find(|known| known.id() == point).unwrap();
    let signer = signer(folder);
    let state = State::open(&folder.join("state.sqlite")).unwrap();
    let mut authority = common::open(folder, state, &policy, START).unwrap();
    let name = policy.name(&policy.names.document_signers[0]).unwrap();
    let csr = common::csr(&common::key(Curve::P256), &name);
    let report =
        authority.check_request(&common::input(Role::DocumentSigner, &csr, &common::applicants()), START).unwrap();
    let request = report.accept().unwrap();
    let signers: Vec<&dyn Signer> = vec![&signer];
    let input = SessionInput { signers, outputs: folder.join("out"), now: START };
    let mut session = authority.session::<First>(input).unwrap().observed_by(PowerCut { point, after });
    match object.as_str() {
        "crl" | "series" => drop(session.sign_crls(START + Duration::days(84)).unwrap()),
        _ => drop(session.issue(&IssueOrder { request: &request, not_before: None }, &mut rng()).unwrap()),
    }
    unreachable!("the process ends at {point:?}");
}

fn signer(folder: &Path) -> TestSigner {
    let pem = std::fs::read_to_string(folder.join("insecure-test-key.pem")).unwrap();
    TestSigner::of(InsecureSoftwareKey::from_pkcs8_pem(&pem).unwrap())
}

/// A root whose key another process can use.
fn world(policy: &str) -> World {
    let mut world = World::new(policy);
    let key = common::key(Curve::P384);
    std::fs::write(world.path("insecure-test-key.pem"), key.to_pkcs8_pem().as_bytes()).unwrap();
    world.signers.push(signer(world.folder.path()));
    let (public, now) = (key.public_key().clone(), world.now);
    let generation = world.authority().register_key(&public, "pkcs11:token=root", now).unwrap();
    world.session::<First>().unwrap().self_sign(generation, &mut rng()).unwrap();
    world.activate(generation);
    world
}

/// Lets another process sign with the root's key and crash; then opens the root again.
fn crash(world: &mut World, point: SigningPoint, object: &str) {
    world.authority = None;
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env(FOLDER, world.folder.path())
        .env(POINT, point.id())
        .env(OBJECT, object)
        .output()
        .unwrap();
    assert!(!child.status.success() && !String::from_utf8_lossy(&child.stderr).contains("panicked"));
    world.reopen();
}

#[test]
fn a_series_that_was_cut_is_signed_anew_and_its_beginning_destroyed() {
    for point in [SigningPoint::IntentLogged, SigningPoint::ResultRecorded, SigningPoint::FileInPlace] {
        let mut world = world("jp-004");
        crash(&mut world, point, "series");
        let (name, now) = (world.policy.root_name(1).unwrap(), world.now);
        for intent in world.authority().state().open_intents().unwrap() {
            world.authority().close_intent(intent.id, "power cut during the series", now).unwrap();
        }
        let begun = world.authority().state().crls(&name).unwrap();
        let complete = if point == SigningPoint::IntentLogged { 5 } else { 6 };
        assert_eq!(begun.len(), complete, "{point:?}");
        assert_eq!(world.authority().state().last_crl_number(&name).unwrap(), 6);
        let batch = world.crls::<First>(Duration::days(90)).unwrap();
        // The list of today has taken effect; a newer one of today stands above it.
        assert_eq!(batch.destroyed.len(), complete - 1);
        let numbers: Vec<_> = batch.crls.iter().map(|crl| crl.number).collect();
        assert_eq!(numbers, (7..104).collect::<Vec<u64>>());
        let files = std::fs::read_dir(world.out()).unwrap().count();
        assert_eq!(files, 1 + 1 + batch.crls.len(), "the root, today's first list, the new series");
    }
}

#[test]
fn a_crash_at_any_step_loses_nothing_and_uses_no_number_twice() {
    for object in ["certificate", "crl"] {
        for point in SigningPoint::ALL {
            let mut world = world("iso-18013-5");
            crash(&mut world, point, object);
            after_the_crash(&mut world, point, object);
        }
    }
}

fn after_the_crash(world: &mut World, point: SigningPoint, object: &str) {
    let context = format!("{object} at {point:?}");
    let now = world.now;
    let name = world.policy.root_name(1).unwrap();
    let intents = world.authority().state().open_intents().unwrap();
    let taken = world.authority().state().last_crl_number(&name).unwrap();
    let is_open = (SigningPoint::IntentRecorded..=SigningPoint::Verified).contains(&point);
    assert_eq!(intents.len(), usize::from(is_open), "{context}");
    for intent in &intents {
        let refused = world.session::<First>().map(|_| ());
        assert!(matches!(refused, Err(AuthorityError::OpenIntents { count: 1 })), "{context}");
        let silent = world.authority().close_intent(intent.id, "  ", now);
        assert!(matches!(silent, Err(AuthorityError::ReasonEmpty)), "{context}");
        world.authority().close_intent(intent.id, "power cut during the signature", now).unwrap();
        let again = world.authority().close_intent(intent.id, "twice", now);
        assert!(matches!(again, Err(AuthorityError::State(StateError::NoIntent { .. }))), "{context}");
    }
    // Every file under its own name is whole; what is missing is written from the state.
    let names = |world: &World| -> BTreeSet<String> {
        let entries = std::fs::read_dir(world.out()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let is_complete = point >= SigningPoint::ResultRecorded;
    let out = world.out();
    let restored = world.authority().restore_outputs(&out).unwrap();
    let was_missing = is_complete && point < SigningPoint::FileInPlace;
    assert_eq!(restored.len(), usize::from(was_missing), "{context}");
    assert!(names(world).iter().all(|name| !name.starts_with('.')), "{context}");
    assert_eq!(names(world).len(), 1 + usize::from(is_complete), "{context}");

    // Work goes on with a number that nobody had.
    let batch = world.crls::<First>(Duration::days(84)).unwrap();
    assert!(batch.crls.iter().all(|crl| crl.number > taken), "{context}");
    let record = world.issue::<First>().unwrap();
    for intent in &intents {
        if let IntentObject::Certificate { serial, .. } = &intent.object {
            assert_ne!(*serial, record.serial, "{context}");
            assert!(world.authority().state().serial_is_used(serial).unwrap(), "{context}");
        }
    }
    // The log is whole and has each event of the state once.
    let records = tegata_audit::read(&std::fs::read(world.path("audit.jsonl")).unwrap()).unwrap();
    let numbers: Vec<_> = records.iter().filter_map(|record| record.detail.get("state-notice")?.as_u64()).collect();
    let expected: Vec<_> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, expected, "{context}");
}

#[test]
fn a_token_that_fails_leaves_an_open_intent_and_an_audit_record() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    world.signers[0].fail_in(0);
    let failed = world.crls::<First>(Duration::days(84)).unwrap_err();
    assert_eq!((failed.id(), failed.is_refusal()), ("authority-signer", false));
    assert!(world.log_events().contains(&"sign-crl:failed".to_owned()));
    let now = world.now;
    let intents = world.authority().state().open_intents().unwrap();
    assert!(matches!(intents[..], [ref intent] if intent.object == IntentObject::Crl { number: 1 }));
    world.authority().close_intent(intents[0].id, "token removed", now).unwrap();
    assert_eq!(world.crls::<First>(Duration::days(84)).unwrap().crls[0].number, 2);
}

#[test]
fn a_file_that_cannot_be_written_is_written_later_from_the_state() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let request = world.accepted();
    let (out, now) = (world.out(), world.now);
    let mut session = world.session::<First>().unwrap();
    // The medium of the outputs is taken away in the middle.
    std::fs::remove_dir_all(&out).unwrap();
    let failed = session.issue(&IssueOrder { request: &request, not_before: None }, &mut rng()).unwrap_err();
    assert_eq!(failed.id(), "authority-output");
    drop(session);
    assert!(matches!(world.session::<First>().map(|_| ()), Err(AuthorityError::Output { .. })));
    std::fs::create_dir(&out).unwrap();
    assert!(world.authority().state().open_intents().unwrap().is_empty());
    let restored = world.authority().restore_outputs(&out).unwrap();
    assert_eq!(restored.len(), 2);
    let records = world.authority().state().certificates().unwrap();
    assert_eq!(std::fs::read(&restored[1]).unwrap(), records[1].certificate.der());
    assert!(world.authority().restore_outputs(&out).unwrap().is_empty());
    // Nothing is ever written over.
    std::fs::write(out.join("crl-g1-00000001.crl"), b"somebody's").unwrap();
    let taken = world.session::<First>().unwrap().sign_crls(now + Duration::days(84));
    assert!(matches!(taken, Err(AuthorityError::OutputExists { .. })));
    assert!(world.authority().state().open_intents().unwrap().is_empty(), "refused before anything was signed");
}

#[test]
fn one_process_has_the_state_and_the_clock_does_not_go_back() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    assert!(matches!(State::open(&world.path("state.sqlite")), Err(StateError::Locked)));
    let exists = State::create(&world.path("state.sqlite"), &world.policy, true, START);
    assert!(matches!(exists, Err(StateError::Exists { .. })));
    let copy = world.path("copy.sqlite");
    let digest = world.authority().state().copy_to(&copy).unwrap();
    let sum = Command::new("sha256sum").arg(world.path("copy.sqlite")).output().unwrap();
    let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(String::from_utf8_lossy(&sum.stdout).starts_with(&expected));
    let copy = State::open(&world.path("copy.sqlite")).unwrap();
    assert_eq!(copy.certificates().unwrap().len(), 1);

    world.pass(-Duration::SECOND);
    let back = world.crls::<First>(Duration::days(84));
    assert!(matches!(back, Err(AuthorityError::State(StateError::ClockBack { .. }))));
    world.pass(Duration::SECOND);
    world.authority = None;
    let other = world.policy.source().replace("Sandbox Organization", "Another");
    let state = State::open(&world.path("state.sqlite")).unwrap();
    let changed = common::open(world.folder.path(), state, &Policy::from_toml(&other).unwrap(), world.now);
    assert!(matches!(changed, Err(AuthorityError::PolicyChanged)));

    // A bit that flips in the file does not go unnoticed.
    let mut bytes = std::fs::read(world.path("state.sqlite")).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 64].fill(0xA5);
    std::fs::write(world.path("state.sqlite"), bytes).unwrap();
    assert!(State::open(&world.path("state.sqlite")).is_err());
}

/// What happens to a root, as a random story.
#[derive(Clone, Debug)]
enum Act {
    SignCrls,
    TokenFails,
    Restart,
    IssueAndRevoke,
    Days(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::SignCrls),
        2 => Just(Act::TokenFails),
        1 => Just(Act::Restart),
        1 => Just(Act::IssueAndRevoke),
        2 => (0_u8..5).prop_map(Act::Days),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Numbers of signed and burnt lists rise strictly in the order in which they were taken, whatever happens; a revoked
    /// certificate is in every later list.
    #[test]
    fn crl_numbers_rise_in_every_story(story in proptest::collection::vec(act(), 1..14)) {
        let mut world = World::new("iso-18013-5");
        world.first_root();
        let (mut numbers, mut revoked) = (Vec::new(), Vec::new());
        for act in story {
            match act {
                Act::SignCrls => {
                    let batch = world.crls::<EmergencyRevoke>(Duration::days(84)).unwrap();
                    for crl in batch.crls {
                        let der = crl.der.unwrap();
                        let list = tegata_pki::Crl::from_der(&der).unwrap();
                        for serial in &revoked {
                            let serial: &tegata_root_ca::Serial = serial;
                            prop_assert!(list.lookup(&serial.0).unwrap().is_some());
                        }
                        numbers.push(crl.number);
                    }
                }
                Act::TokenFails => {
                    world.signers[0].fail_in(0);
                    prop_assert!(world.crls::<EmergencyRevoke>(Duration::days(84)).is_err());
                    let now = world.now;
                    for intent in world.authority().state().open_intents().unwrap() {
                        let IntentObject::Crl { number } = intent.object else { panic!("a list was signed") };
                        numbers.push(number);
                        world.authority().close_intent(intent.id, "the token failed", now).unwrap();
                    }
                }
                Act::Restart => world.reopen(),
                Act::IssueAndRevoke => {
                    let record = world.issue::<First>().unwrap();
                    world.revoke(&record, Cause::Superseded).unwrap();
                    revoked.push(record.serial);
                }
                Act::Days(days) => world.pass(Duration::days(days.into())),
            }
        }
        let rising = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        prop_assert!(rising, "{numbers:?}");
    }
}
