//! Revocation, emergency lists, their audit, and the compromise of a root.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{World, openssl_text, openssl_verify, rng};
use proptest::prelude::*;
use tegata_hsm::Signer as _;
use tegata_pki::{Crl, CrlBuilder, CrlNumber, crl::RevocationReason, rust_crypto};
use tegata_root_ca::{
    AuthorityError, Cause, CrlFinding, DutyStatus, Evidence, EvidenceFault, Generation, IncidentStep, KeyStatus,
    RevocationOrder, Serial, StateError,
    session::{EmergencyRekey, EmergencyRevoke, First, Quarterly},
};
use time::{Duration, UtcDateTime};

#[test]
fn an_emergency_list_lies_above_the_unreleased_series_which_is_destroyed() {
    let mut world = World::new("jp-004");
    let generation = world.first_root();
    let signer = world.issue::<First>().unwrap();
    let series = world.crls::<First>(Duration::days(92)).unwrap();
    world.pass(Duration::days(10) + Duration::hours(5));
    world.revoke(&signer, Cause::KeyCompromise).unwrap();
    assert_eq!(
        world.authority.as_ref().unwrap().duties(world.now).unwrap()[0].status,
        DutyStatus::Running { alarms: 0 }
    );

    world.pass(Duration::hours(20));
    let emergency = world.crls::<EmergencyRevoke>(Duration::days(80)).unwrap();
    let highest = series.crls.iter().map(|crl| crl.number).max().unwrap();
    assert!(emergency.crls.iter().all(|crl| crl.number > highest));
    // Lists of day 0 to 98 were signed; this is the morning of day 11, so that 12 to 98 were not yet released.
    assert_eq!(emergency.destroyed.len(), 87);
    assert!(emergency.destroyed.iter().all(|crl| crl.der.is_none() && crl.this_update > world.now));
    for crl in &emergency.destroyed {
        assert!(!world.out().join(&crl.output).exists());
    }
    assert_eq!(world.authority.as_ref().unwrap().duties(world.now).unwrap()[0].status, DutyStatus::Signed);

    let root = world.authority().state().key(generation).unwrap().certificate.unwrap();
    let list = emergency.crls[0].der.clone().unwrap();
    let refused = openssl_verify(&signer.certificate, &root, &[&list], world.now).unwrap_err();
    assert!(refused.contains("certificate revoked"), "{refused}");
    let text = openssl_text("crl", &list);
    assert!(text.contains("Key Compromise"), "the Japanese policy says why: {text}");
    let old = series.crls[10].der.clone().unwrap();
    openssl_verify(&signer.certificate, &root, &[&old], world.now).unwrap();
    assert!(world.authority().audit_crl(&list).unwrap().is_empty());
    assert!(world.authority().audit_crl(&old).unwrap().is_empty(), "it was right when it was signed");
    let destroyed = series.crls[50].der.clone().unwrap();
    assert_eq!(
        world.authority().audit_crl(&destroyed).unwrap(),
        [CrlFinding::Destroyed { number: series.crls[50].number }]
    );
    let destroyed_events =
        world.log_events().iter().filter(|event| *event == "unreleased-crl-destroyed:success").count();
    assert_eq!(destroyed_events, 87);
}

#[test]
fn the_generic_profile_has_no_reason_and_an_entry_leaves_after_the_end() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let signer = world.issue::<First>().unwrap();
    world.revoke(&signer, Cause::KeyCompromise).unwrap();
    let list = world.crls::<EmergencyRevoke>(Duration::days(84)).unwrap().crls.remove(0).der.unwrap();
    let crl = Crl::from_der(&list).unwrap();
    let entry = crl.lookup(&signer.serial.0).unwrap().unwrap();
    assert_eq!((entry.reason, entry.date), (None, world.now));
    assert!(!openssl_text("crl", &list).contains("CRL entry extensions"));

    // In every list until the end, in one after it, then no more.
    let mut listed = Vec::new();
    for _ in 0..4 {
        world.pass(Duration::days(84));
        let list = world.crls::<Quarterly>(Duration::days(84)).unwrap().crls.remove(0).der.unwrap();
        assert!(world.authority().audit_crl(&list).unwrap().is_empty());
        listed.push(Crl::from_der(&list).unwrap().lookup(&signer.serial.0).unwrap().is_some());
    }
    assert_eq!(listed, [true, true, false, false]);
}

#[test]
fn a_revocation_is_ordered_by_the_ca_manager_once_and_for_good() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let signer = world.issue::<First>().unwrap();
    let now = world.now;
    let order = |role: &str, serial: &Serial, date: UtcDateTime| RevocationOrder {
        serial: serial.clone(),
        cause: Cause::Superseded,
        date,
        requested_by: "p01".into(),
        role: role.into(),
    };
    for role in ["ops-manager", "key-manager", "auditor", ""] {
        let refused = world.authority().revoke(&order(role, &signer.serial, now), now);
        assert!(matches!(refused, Err(AuthorityError::Role { .. })), "{role}");
    }
    let unknown = world.authority().revoke(&order("ca-manager", &Serial(vec![1]), now), now);
    assert!(matches!(unknown, Err(AuthorityError::State(StateError::NoCertificate { .. }))));
    for wrong in [now + Duration::SECOND, now - Duration::SECOND] {
        let refused = world.authority().revoke(&order("ca-manager", &signer.serial, wrong), now);
        assert!(matches!(refused, Err(AuthorityError::RevocationDate(_))));
    }
    world.authority().revoke(&order("ca-manager", &signer.serial, now), now).unwrap();
    let again = world.authority().revoke(&order("ca-manager", &signer.serial, now), now);
    assert!(matches!(again, Err(AuthorityError::RevokedBefore { .. })));
    let other = world.issue::<First>().unwrap();
    world.now = other.certificate.not_after() + Duration::SECOND;
    let now = world.now;
    let ended = world.authority().revoke(&order("ca-manager", &other.serial, now), now);
    assert!(matches!(ended, Err(AuthorityError::Ended { .. })));

    // Not even somebody with the file can take it back.
    world.authority = None;
    let db = rusqlite::Connection::open(world.path("state.sqlite")).unwrap();
    for statement in [
        "DELETE FROM revocation",
        "UPDATE revocation SET date = 0",
        "DELETE FROM certificate",
        "UPDATE crl_series SET last = 0",
        "DELETE FROM intent",
        "UPDATE intent SET state = 'open'",
    ] {
        if statement.contains("crl_series") {
            db.execute("INSERT INTO crl_series VALUES (x'00', 5)", []).unwrap();
        }
        assert!(db.execute(statement, []).is_err(), "{statement}");
    }
}

#[test]
fn the_audit_names_each_difference() {
    let mut world = World::new("jp-004");
    let generation = world.first_root();
    let (one, two) = (world.issue::<First>().unwrap(), world.issue::<First>().unwrap());
    world.revoke(&one, Cause::KeyCompromise).unwrap();
    world.revoke(&two, Cause::Superseded).unwrap();
    let batch = world.crls::<First>(Duration::days(90)).unwrap();
    let root = world.authority().state().key(generation).unwrap().certificate.unwrap();
    let record = &batch.crls[3];
    let number = record.number;

    // A list that the same key signs behind the authority's back.
    let forged = |number: u64, entries: &[(&[u8], UtcDateTime, Option<RevocationReason>)]| {
        let builder = CrlBuilder::new(&root, CrlNumber::from(number), record.this_update, record.next_update);
        let builder =
            entries.iter().fold(builder, |builder, (serial, date, reason)| builder.revoke(serial, *date, *reason));
        let unsigned = builder.build().unwrap();
        let signature = world.signers[0].sign(unsigned.tbs()).unwrap().to_der(root.public_key().unwrap().curve());
        unsigned.complete(&signature, rust_crypto()).unwrap().der().to_vec()
    };
    let (a, b) = (one.serial.0.as_slice(), two.serial.0.as_slice());
    let (compromise, superseded) = (Some(RevocationReason::KeyCompromise), Some(RevocationReason::Superseded));
    let date = world.now;
    let authority = world.authority.as_ref().unwrap();
    let audit = |list: &[u8]| authority.audit_crl(list).unwrap();
    let ids = |list: &[u8]| audit(list).iter().map(CrlFinding::id).collect::<Vec<_>>();

    let missing = audit(&forged(number, &[(a, date, compromise)]));
    assert!(missing.contains(&CrlFinding::Missing { serial: two.serial.clone() }));
    assert!(missing.contains(&CrlFinding::OtherBytes { number }));
    let extra = forged(number, &[(a, date, compromise), (b, date, superseded), (&[0x55; 20], date, None)]);
    assert!(ids(&extra).contains(&"crl-audit-extra"));
    let reason = forged(number, &[(a, date, superseded), (b, date, superseded)]);
    assert!(ids(&reason).contains(&"crl-audit-other-reason"));
    let hold = forged(number, &[(a, date, Some(RevocationReason::CertificateHold)), (b, date, superseded)]);
    assert!(ids(&hold).contains(&"crl-audit-other-reason"));
    let dated = forged(number, &[(a, date - Duration::DAY, compromise), (b, date, superseded)]);
    assert!(ids(&dated).contains(&"crl-audit-other-date"));
    let unknown = forged(number + 1000, &[(a, date, compromise), (b, date, superseded)]);
    assert_eq!(ids(&unknown), ["crl-audit-number-unknown"]);
    assert_eq!(ids(b"no list"), ["crl-audit-unusable"]);
    let mut flipped = record.der.clone().unwrap();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(ids(&flipped), ["crl-audit-no-key-of-this-root"]);
    assert!(audit(record.der.as_ref().unwrap()).is_empty());
}

#[test]
fn a_compromise_is_treated_step_by_step() {
    let mut world = World::new("iso-18013-5");
    let bad = world.first_root();
    let signer = world.issue::<First>().unwrap();
    world.crls::<First>(Duration::days(84)).unwrap();
    world.pass(Duration::days(20));
    let now = world.now;
    let refused = world.authority().open_incident(bad, "p04", "ops-manager", now);
    assert!(matches!(refused, Err(AuthorityError::Role { .. })));
    let id = world.authority().open_incident(bad, "p01", "ca-manager", now).unwrap();
    assert_eq!(world.authority().state().key(bad).unwrap().status, KeyStatus::Compromised);
    assert_eq!(world.authority().state().revocations().unwrap().len(), 2, "the signer and the root itself");
    assert!(matches!(world.issue::<Quarterly>(), Err(AuthorityError::NobodySigns)));
    let statement = || Evidence::Statement { text: "done by p02".into() };
    let skip = world.authority().advance_incident(id, IncidentStep::Halted, &statement(), now);
    assert!(matches!(skip, Err(AuthorityError::IncidentStep { .. })));

    // ① The one list that the compromised key still signs.
    let before =
        world.authority().advance_incident(id, IncidentStep::RevokedByOldKey, &Evidence::Crl { number: 1 }, now);
    let no_such = EvidenceFault::NoSuchCrl;
    assert!(matches!(before, Err(AuthorityError::Evidence { what, .. }) if what == no_such), "it is from before");
    let list = world.crls::<EmergencyRevoke>(Duration::days(84)).unwrap().crls.remove(0);
    assert_eq!(world.authority.as_ref().unwrap().duties(now).unwrap()[0].status, DutyStatus::Running { alarms: 0 });
    let root = world.authority().state().key(bad).unwrap().certificate.unwrap();
    let refused = openssl_verify(&signer.certificate, &root, &[list.der.as_ref().unwrap()], now).unwrap_err();
    assert!(refused.contains("certificate revoked"));
    let evidence = Evidence::Crl { number: list.number };
    world.authority().advance_incident(id, IncidentStep::RevokedByOldKey, &evidence, now).unwrap();
    // ② From here it signs nothing.
    assert!(matches!(world.crls::<EmergencyRevoke>(Duration::days(84)), Err(AuthorityError::NobodySigns)));
    let empty = Evidence::Statement { text: " ".into() };
    let fault = world.authority().advance_incident(id, IncidentStep::Halted, &empty, now);
    assert!(matches!(fault, Err(AuthorityError::Evidence { what: EvidenceFault::Empty, .. })));
    world.authority().advance_incident(id, IncidentStep::Halted, &statement(), now).unwrap();
    world.authority().advance_incident(id, IncidentStep::IntakeStopped, &statement(), now).unwrap();

    // ④ A new root without a link.
    let new = world.new_key();
    let wanted = Evidence::NewRoot { generation: new };
    let early = world.authority().advance_incident(id, IncidentStep::NewRoot, &wanted, now);
    assert!(matches!(early, Err(AuthorityError::Evidence { what: EvidenceFault::NoNewRoot, .. })));
    world.session::<EmergencyRekey>().unwrap().self_sign(new, &mut rng()).unwrap();
    world.activate(new);
    assert!(matches!(world.issue::<EmergencyRekey>(), Err(AuthorityError::IncidentOpen { .. })));
    world.authority().advance_incident(id, IncidentStep::NewRoot, &wanted, now).unwrap();

    // ⑤ The new key says it again, under the same name.
    let list = world.crls::<EmergencyRekey>(Duration::days(84)).unwrap().crls.remove(0);
    let crl = list.der.clone().unwrap();
    assert!(Crl::from_der(&crl).unwrap().lookup(&signer.serial.0).unwrap().is_some());
    assert_eq!(world.authority.as_ref().unwrap().duties(now).unwrap()[0].status, DutyStatus::Signed);
    let evidence = Evidence::Crl { number: list.number };
    world.authority().advance_incident(id, IncidentStep::RevokedByNewKey, &evidence, now).unwrap();

    // ⑥ A canary, then work goes on.
    let fresh = world.issue::<EmergencyRekey>().unwrap();
    let new_root = world.authority().state().key(new).unwrap().certificate.unwrap();
    openssl_verify(&fresh.certificate, &new_root, &[&crl], now).unwrap();
    let canary = |accepted| Evidence::Canary { document_sha256: [1; 32], report_sha256: [2; 32], accepted };
    let rejected = world.authority().advance_incident(id, IncidentStep::Resumed, &canary(false), now);
    assert!(matches!(rejected, Err(AuthorityError::Evidence { what: EvidenceFault::CanaryNotAccepted, .. })));
    world.authority().advance_incident(id, IncidentStep::Resumed, &canary(true), now).unwrap();
    let steps: Vec<_> =
        world.authority().state().incident_entries(id).unwrap().iter().map(|entry| entry.step).collect();
    assert_eq!(steps, IncidentStep::ALL);
}

fn evidence() -> impl Strategy<Value = Evidence> {
    prop_oneof![
        Just(Evidence::Statement { text: "done".into() }),
        Just(Evidence::OldKeyUnusable { reason: "destroyed in a fire".into() }),
        (0_u64..4).prop_map(|number| Evidence::Crl { number }),
        (0_u32..3).prop_map(|generation| Evidence::NewRoot { generation: Generation(generation) }),
        any::<bool>().prop_map(|accepted| Evidence::Canary {
            document_sha256: [1; 32],
            report_sha256: [2; 32],
            accepted
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Whatever is claimed in whatever order: steps are done one after the other, none twice, and without a new root the
    /// treatment does not pass step ③.
    #[test]
    fn no_claim_skips_a_step(claims in proptest::collection::vec((0_usize..7, evidence()), 1..30)) {
        let mut world = World::new("iso-18013-5");
        let bad = world.first_root();
        let now = world.now;
        let id = world.authority().open_incident(bad, "p01", "ca-manager", now).unwrap();
        let mut done = vec![IncidentStep::Opened];
        for (step, evidence) in claims {
            let step = IncidentStep::ALL[step];
            if world.authority().advance_incident(id, step, &evidence, now).is_ok() {
                prop_assert_eq!(done.last().unwrap().next(), Some(step));
                done.push(step);
            }
        }
        prop_assert!(!done.contains(&IncidentStep::NewRoot));
        let entries = world.authority().state().incident_entries(id).unwrap();
        prop_assert_eq!(entries.iter().map(|entry| entry.step).collect::<Vec<_>>(), done);
    }
}
