//! Whatever is called in whatever order: no step is skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{BEGIN, Double, ROSTER, Theatre, answer, lines, reopen, sign, sign_as};
use proptest::prelude::*;
use tegata_ceremony::{Effect, Kind, Order, Previous, Run, SeatId, verify};
use time::Duration;

/// What somebody at the keyboard may try.
#[derive(Clone, Debug)]
enum Try {
    Right,
    Begin,
    Perform,
    SignOff(usize),
    ForgedSignOff(usize, usize),
    LeaveOut(usize),
    Repeat,
    Finish,
    Crash,
    Wait(i64),
}

fn tries() -> impl Strategy<Value = Try> {
    let seat = 0..ROSTER.len();
    prop_oneof![
        12 => Just(Try::Right),
        2 => Just(Try::Begin),
        2 => Just(Try::Perform),
        2 => seat.clone().prop_map(Try::SignOff),
        1 => (seat.clone(), seat.clone()).prop_map(|(seat, person)| Try::ForgedSignOff(seat, person)),
        1 => seat.prop_map(Try::LeaveOut),
        1 => Just(Try::Repeat),
        1 => Just(Try::Finish),
        1 => Just(Try::Crash),
        1 => (0_i64..2000).prop_map(Try::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_calls_skips_a_step(
        right_at_first in 0_usize..300,
        attempts in prop::collection::vec(tries(), 1..150),
    ) {
        let stage = Theatre::new(Kind::First, Previous::default());
        let mut run = stage.start().unwrap();
        let (mut double, mut now) = (Double::default(), BEGIN);
        for attempt in std::iter::repeat_n(Try::Right, right_at_first).chain(attempts) {
            now += Duration::seconds(1);
            let seat = |index: usize| -> SeatId { ROSTER[index].0.parse().unwrap() };
            let order = |effect, by: SeatId, run: &mut Run<'_, _>| {
                if let Some(statement) = run.order_statement(effect, "because", &by, now) {
                    let order = Order { effect, reason: "because".into(), seat: by, sign_off: sign(&statement) };
                    let _ = run.deviate(order, now);
                }
            };
            match attempt {
                Try::Right => { answer(&mut run, &mut double, now); }
                Try::Begin => { let _ = run.begin(now); }
                Try::Perform => { let _ = run.perform(&mut double, now); }
                Try::SignOff(index) => {
                    if let Some(statement) = run.statement(&seat(index), now) {
                        let _ = run.sign_off(&seat(index), sign(&statement), now);
                    }
                }
                Try::ForgedSignOff(index, person) => {
                    if let Some(statement) = run.statement(&seat(index), now) {
                        let forged = sign_as(&statement, ROSTER[person].1);
                        let right = statement.person == forged.person;
                        prop_assert!(right || run.sign_off(&seat(index), forged, now).is_err());
                    }
                }
                Try::LeaveOut(index) => order(Effect::LeaveOut, seat(index), &mut run),
                Try::Repeat => order(Effect::Repeat, seat(0), &mut run),
                Try::Finish => prop_assert!(run.finish(now).is_err() && run.compare_clock(0, now).is_err()),
                Try::Wait(seconds) => now += Duration::seconds(seconds),
                Try::Crash => {
                    drop(run);
                    run = Run::resume(&stage.script, &stage.rules, &stage.record(), stage.log(), now).unwrap();
                    // Refused, rightly, where the module was not open.
                    let _ = reopen(&mut run, now);
                }
            }
        }
        drop(run);
        // The record breaks no rule but that it has not ended, and its steps are the script's without a gap.
        let record = stage.record();
        let found = verify(&record, &stage.script, Some(&stage.site), None, &stage.rules);
        let others: Vec<_> = found.iter().filter(|violation| violation.id() != "record-tail-missing").collect();
        prop_assert!(others.is_empty(), "{others:?}");
        let mut seen: Vec<String> = Vec::new();
        for line in lines(&record) {
            let accounted = matches!(line["event"].as_str().unwrap(), "step-begin" | "step-skipped" | "deviation");
            let step = line["step"].as_str().unwrap_or_default().to_owned();
            if accounted && seen.last() != Some(&step) {
                seen.push(step);
            }
        }
        let expected: Vec<String> =
            stage.script.steps().iter().map(|step| step.id.to_string()).take(seen.len()).collect();
        prop_assert_eq!(seen, expected);
    }
}
