//! A whole first ceremony with eight persons, and what comes after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{
    BEGIN, Double, ROSTER, Theatre, answer, lines, play, play_all, rechain, reopen, reopen_by, sign, sign_as,
};
use tegata_ceremony::{
    Action, ActionError, ActionOutcome, Effect, Kind, Order, Previous, Run, RunError, SeatId, Stage, Violation, leaves,
    verify,
};
use time::Duration;

fn seat(id: &str) -> SeatId {
    id.parse().unwrap()
}

#[test]
fn eight_persons_play_a_first_ceremony_and_the_record_verifies() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let persons: std::collections::BTreeSet<_> = ROSTER.iter().map(|(_, person)| person).collect();
    assert_eq!(persons.len(), 8);
    let (record, left) = play_all(&stage);
    let none = verify(&record, &stage.script, Some(&stage.site), Some(&Previous::default()), &stage.rules);
    assert!(none.is_empty(), "{none:?}");
    assert!(left.root_exists);
    assert_eq!(left.inventory.items().len(), 6);
    assert!(left.inventory.items().values().all(|item| item.bag.is_some() && item.place.is_some()));
    assert_eq!(left.inventory.spent().len(), 6);
    let events = lines(&record);
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!(count("ceremony-end"), 1);
    // The eight steps of phase 9 and 11.03 are for later ceremonies.
    assert_eq!(count("step-skipped"), 9);
    assert_eq!(count("step-begin") + count("step-skipped"), stage.script.steps().len());
}

#[test]
fn the_chain_goes_on_through_every_kind() {
    let (_, mut left) = play_all(&Theatre::new(Kind::First, Previous::default()));
    let later = [
        Kind::Quarterly,
        Kind::Quarterly,
        Kind::EmergencyRevoke,
        Kind::RestoreDrill,
        Kind::RootRekey,
        Kind::EmergencyRekey,
        Kind::Destroy,
    ];
    for kind in later {
        let stage = Theatre::new(kind, left.clone());
        let (record, after) = play_all(&stage);
        let found = verify(&record, &stage.script, Some(&stage.site), Some(&left), &stage.rules);
        assert!(found.is_empty(), "{kind}: {found:?}");
        assert_eq!(leaves(&record, &stage.script, &stage.rules), Some(after.clone()));
        assert!(left.inventory.spent().is_subset(after.inventory.spent()), "{kind}");
        left = after;
    }
    assert!(!left.root_exists);
}

#[test]
fn a_first_ceremony_is_refused_where_a_root_exists_and_others_where_none_does() {
    let (_, left) = play_all(&Theatre::new(Kind::First, Previous::default()));
    for (kind, previous, id) in
        [(Kind::First, left, "root-exists"), (Kind::Quarterly, Previous::default(), "root-absent")]
    {
        let stage = Theatre::new(kind, previous);
        let Err(RunError::Unready(findings)) = stage.start() else { panic!("{kind} started") };
        assert!(findings.iter().any(|finding| finding.id() == id), "{findings:?}");
    }
}

#[test]
fn a_bag_with_another_serial_is_a_hard_stop() {
    let (_, left) = play_all(&Theatre::new(Kind::First, Previous::default()));
    let stage = Theatre::new(Kind::Quarterly, left.clone());
    let mut run = stage.start().unwrap();
    let mut double = Double::after(&left);
    let mut clock = BEGIN;
    let at_check = |run: &Run<'_, _>, now| {
        let prompt = run.next(now);
        prompt.stage == Stage::Act && prompt.step.unwrap().action == Action::InventoryCheck
    };
    play(&mut run, &mut double, &mut clock, at_check);
    let mut swapped = ActionOutcome::default();
    for (object, serial) in run.next(clock).objects {
        swapped = swapped.bag(object, serial.unwrap());
    }
    let right = swapped.clone();
    swapped = swapped.bag("module".parse().unwrap(), "TEB-99999".parse().unwrap());
    double.tamper = Some(swapped);
    let refused = run.perform(&mut double, clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "serial-wrong");
    // It cannot be ordered away.
    let (by, effect, reason) = (seat("ca-manager"), Effect::LeaveOut, "the bag looks fine");
    let statement = run.order_statement(effect, reason, &by, clock).unwrap();
    let order = Order { effect, reason: reason.into(), seat: by, sign_off: sign(&statement) };
    let refused = run.deviate(order, clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "deviation-forbidden");
    // The refusal stands in the record, and the right serial lets the ceremony go on.
    assert!(lines(&stage.record()).iter().any(|line| line["event"] == "action" && line["result"] == "refused"));
    double.tamper = Some(right);
    run.perform(&mut double, clock).unwrap();
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);
    assert!(verify(&stage.record(), &stage.script, None, Some(&left), &stage.rules).is_empty());
}

#[test]
fn only_the_person_in_the_seat_signs_and_only_when_it_is_his_turn() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    let signing = |run: &Run<'_, _>, now| run.next(now).stage == Stage::SignOff;
    play(&mut run, &mut double, &mut clock, signing);
    let statement = run.statement(&seat("key-manager-1"), clock).unwrap();
    for (signed, id) in [
        (sign_as(&statement, "p05"), "person-other"),
        (tegata_ceremony::SignOff { signature: [1; 64], ..sign(&statement) }, "signature-invalid"),
    ] {
        let refused = run.sign_off(&seat("key-manager-1"), signed, clock).unwrap_err();
        assert!(refused.breaches().iter().any(|breach| breach.id() == id), "{refused}");
    }
    // A witness cannot sign before the performers have.
    let early = run.statement(&seat("certificate-issuer"), clock).unwrap();
    let refused = run.sign_off(&seat("certificate-issuer"), sign(&early), clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "mark-too-early");
    // A signature over an earlier head is one over another history.
    run.sign_off(&seat("key-manager-1"), sign(&statement), clock).unwrap();
    let stale = run.statement(&seat("key-manager-2"), clock).unwrap();
    assert_ne!(stale.head, statement.head);
}

#[test]
fn below_the_quorum_nothing_is_activated_and_authentications_grow_old() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    let activating = |run: &Run<'_, _>, now| {
        let prompt = run.next(now);
        prompt.stage == Stage::Authenticate && prompt.step.unwrap().action == Action::Activate
    };
    play(&mut run, &mut double, &mut clock, activating);
    assert_eq!(run.next(clock).authentications_missing, 2);
    // The auditor holds no part.
    let statement = run.statement(&seat("auditor"), clock).unwrap();
    let refused = run.sign_off(&seat("auditor"), sign(&statement), clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "authentication-foreign");
    common::sign_at(&mut run, &seat("key-manager-1"), clock);
    let refused = run.perform(&mut double, clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "authentication-missing");
    // The same person a second time does not count twice.
    common::sign_at(&mut run, &seat("key-manager-1"), clock);
    assert_eq!(run.next(clock).authentications_missing, 1);
    common::sign_at(&mut run, &seat("key-manager-2"), clock);
    clock += Duration::minutes(16);
    assert_eq!(run.perform(&mut double, clock).unwrap_err().breaches()[0].id(), "authentication-missing");
    assert_eq!(run.next(clock).stage, Stage::Authenticate);
}

#[test]
fn a_failed_action_is_recorded_and_tried_again() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    let at = |run: &Run<'_, _>, now| {
        let prompt = run.next(now);
        prompt.stage == Stage::Act && prompt.step.unwrap().action == Action::Keygen
    };
    play(&mut run, &mut double, &mut clock, at);
    double.fail_next = Some(ActionError::new("token-removed", "the module is gone"));
    assert!(matches!(run.perform(&mut double, clock), Err(RunError::Action(_))));
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);
    let record = stage.record();
    let failed = lines(&record).into_iter().find(|line| line["result"] == "failed").unwrap();
    assert_eq!(failed["detail"]["error"], "token-removed");
    assert!(verify(&record, &stage.script, None, None, &stage.rules).is_empty());
}

#[test]
fn after_a_crash_the_step_is_begun_again_and_what_cannot_happen_twice_stands() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    let generated = |run: &Run<'_, _>, now| {
        let prompt = run.next(now);
        prompt.stage == Stage::SignOff && prompt.step.unwrap().action == Action::Keygen && prompt.duties[0].done
    };
    play(&mut run, &mut double, &mut clock, generated);
    let step = run.next(clock).step.unwrap().id.clone();
    drop(run);
    let mut run = Run::resume(&stage.script, &stage.rules, &stage.record(), stage.log(), clock).unwrap();
    let prompt = run.next(clock);
    assert_eq!((prompt.stage, &prompt.step.unwrap().id), (Stage::BeginAgain, &step));
    assert_eq!(run.perform(&mut double, clock).unwrap_err().id(), "ceremony-refused");
    assert!(answer(&mut run, &mut double, clock));
    let prompt = run.next(clock);
    assert_eq!(prompt.stage, Stage::SignOff, "the key is not generated twice");
    assert!(prompt.duties.iter().all(|duty| !duty.done), "the signatures are taken anew");
    reopen(&mut run, clock).unwrap();
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);
    assert_eq!(double.performed.iter().filter(|action| **action == Action::Keygen).count(), 1);
    let found = verify(&stage.record(), &stage.script, Some(&stage.site), None, &stage.rules);
    assert!(found.is_empty(), "{found:?}");
}

/// After an interruption no key is used before a quorum has opened the module again, on record; an auditor sees who did,
/// when, and which token it was.
#[test]
fn the_module_is_opened_again_on_record() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    assert_eq!(reopen(&mut run, clock).unwrap_err().breaches()[0].id(), "module-reopened-unasked");
    let at = |run: &Run<'_, _>, now| {
        let prompt = run.next(now);
        prompt.stage == Stage::Act && prompt.step.unwrap().action == Action::SelfSign
    };
    play(&mut run, &mut double, &mut clock, at);
    drop(run);
    let mut run = Run::resume(&stage.script, &stage.rules, &stage.record(), stage.log(), clock).unwrap();
    play(&mut run, &mut double, &mut clock, at);
    let refused = run.perform(&mut double, clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "module-not-reopened");

    let below = reopen_by(&mut run, &["key-manager-1"], clock).unwrap_err();
    assert_eq!(below.breaches()[0].id(), "module-reopened-below-quorum");
    let twice = reopen_by(&mut run, &["key-manager-1", "key-manager-1"], clock).unwrap_err();
    assert_eq!(twice.breaches()[0].id(), "module-reopened-by");
    let foreign = reopen_by(&mut run, &["key-manager-1", "auditor"], clock).unwrap_err();
    assert_eq!(foreign.breaches()[0].id(), "module-reopened-by");
    reopen(&mut run, clock).unwrap();
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);

    let record = stage.record();
    let judge = |record: &[u8]| verify(record, &stage.script, Some(&stage.site), None, &stage.rules);
    assert!(judge(&record).is_empty(), "{:?}", judge(&record));
    let all = lines(&record);
    let index = all.iter().position(|line| line["event"] == "module-reopened").unwrap();
    assert_eq!(all[index]["detail"]["serial"], "UNIFORM-77");
    assert_eq!(all[index]["detail"]["signed"][1]["sign_off"]["person"], "p03");
    let bent = |change: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut all = lines(&record);
        change(&mut all);
        judge(&rechain(all)).iter().map(Violation::id).collect::<Vec<_>>()
    };
    assert!(bent(&|lines| drop(lines.remove(index))).contains(&"module-not-reopened"));
    assert!(bent(&|lines| lines[index]["detail"]["serial"] = "UNIFORM-78".into()).contains(&"module-reopened-by"));
    assert!(bent(&|lines| lines[index]["detail"]["token"] = "Other".into()).contains(&"module-reopened-by"));
    let person = |lines: &mut Vec<serde_json::Value>| {
        lines[index]["detail"]["signed"][1]["sign_off"]["person"] = "p04".into();
    };
    assert!(bent(&person).contains(&"signature-invalid"));
    let fewer =
        |lines: &mut Vec<serde_json::Value>| drop(lines[index]["detail"]["signed"].as_array_mut().unwrap().pop());
    assert!(bent(&fewer).contains(&"module-reopened-below-quorum"));
}

#[test]
fn an_order_of_the_ca_manager_leaves_a_step_out_or_breaks_the_ceremony_off() {
    let stage = Theatre::new(Kind::First, Previous::default());
    let mut run = stage.start().unwrap();
    let (mut double, mut clock) = (Double::default(), BEGIN);
    let by = seat("ca-manager");
    let at =
        |id: &'static str| move |run: &Run<'_, _>, now| run.next(now).step.is_some_and(|step| step.id.as_str() == id);
    play(&mut run, &mut double, &mut clock, at("1.03"));
    let give = |run: &mut Run<'_, _>, effect, reason: &str, by: &SeatId, clock| {
        let statement = run.order_statement(effect, reason, by, clock).unwrap();
        let order = Order { effect, reason: reason.into(), seat: by.clone(), sign_off: sign(&statement) };
        run.deviate(order, clock)
    };
    let refused = give(&mut run, Effect::LeaveOut, "no", &seat("ops-manager"), clock).unwrap_err();
    assert_eq!(refused.breaches()[0].id(), "deviation-by-seat");
    give(&mut run, Effect::LeaveOut, "the door stands open", &by, clock).unwrap();
    play(&mut run, &mut double, &mut clock, at("5.01"));
    give(&mut run, Effect::BreakOff, "fire alarm", &by, clock).unwrap();
    play(&mut run, &mut double, &mut clock, |_, _| false);
    drop(run);
    let record = stage.record();
    let found = verify(&record, &stage.script, Some(&stage.site), None, &stage.rules);
    assert!(found.is_empty(), "{found:?}");
    assert!(!double.performed.contains(&Action::SelfSign));
    let end = lines(&record).pop().unwrap();
    assert_eq!((end["event"].as_str(), end["detail"]["completed"].as_bool()), (Some("ceremony-end"), Some(false)));
    let left = leaves(&record, &stage.script, &stage.rules).unwrap();
    assert!(left.inventory.items().values().all(|item| item.bag.is_some()), "everything is sealed again");
}
