//! Properties of the state machine of one anchor, over any sequence of lists.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use proptest::prelude::*;
use tegata_manifest::ListedState;
use tegata_sync::{AnchorState, Context, KeyDigest, Sighting, SyncPolicy, Vouching, step};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2026-01-01 0:00);

/// What one list says, and who vouches then.
#[derive(Clone, Debug)]
struct Turn {
    hours_later: i64,
    lag_hours: i64,
    seen: Option<(ListedState, i64, i64)>,
    link: bool,
    approved: bool,
}

fn state() -> impl Strategy<Value = ListedState> {
    proptest::sample::select(ListedState::ALL.to_vec())
}

/// A list of anybody who holds the list key: any state, any dates.
fn turn(link: bool, approved: bool) -> impl Strategy<Value = Turn> {
    let seen = proptest::option::weighted(0.9, (state(), -2_i64..3, -40_i64..40));
    (1_i64..300, 0_i64..200, seen, proptest::bool::weighted(if link { 0.5 } else { 0.0 }), any::<bool>()).prop_map(
        move |(hours_later, lag_hours, seen, link, approves)| Turn {
            hours_later,
            lag_hours,
            seen,
            link,
            approved: approved && approves,
        },
    )
}

fn turns(link: bool, approved: bool) -> impl Strategy<Value = Vec<Turn>> {
    proptest::collection::vec(turn(link, approved), 1..60)
}

/// Runs the turns and gives the state after each, with the time.
fn run(turns: &[Turn]) -> Vec<(UtcDateTime, Option<AnchorState>)> {
    let policy = SyncPolicy::online();
    let by = KeyDigest::from_bytes([1; 32]);
    let (mut at, mut state, mut states) = (START, None, Vec::new());
    for turn in turns {
        at += Duration::hours(turn.hours_later);
        let context = Context {
            at,
            as_of: at - Duration::hours(turn.lag_hours),
            not_after: START + Duration::days(400),
            by: Vouching::OnlineRole,
            link: turn.link.then_some(Vouching::NewWithOld { by }),
            approved: turn.approved,
            policy: &policy,
        };
        let seen = turn.seen.map_or(Sighting::Absent, |(state, announced, active)| Sighting::Listed {
            state,
            announced: START + Duration::days(announced),
            active: START + Duration::days(active),
        });
        (state, _) = step(state, seen, &context);
        states.push((at, state));
    }
    states
}

/// Since when the anchor has been seen without a gap, as the turns say.
fn seen_since(turns: &[Turn], index: usize) -> Option<UtcDateTime> {
    let mut at = START;
    let (mut since, mut announced_before) = (None, None);
    for turn in &turns[..=index] {
        at += Duration::hours(turn.hours_later);
        let announced = match turn.seen {
            Some((ListedState::Announced | ListedState::Active | ListedState::Retiring, announced, _)) => {
                Some(announced)
            }
            _ => None,
        };
        if announced.is_none() || announced != announced_before {
            since = announced.map(|_| at);
        }
        announced_before = announced;
    }
    since
}

fn is_trusted(state: Option<AnchorState>) -> bool {
    state.is_some_and(|state| state.is_trusted())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nobody_gets_in_by_the_list_alone_inside_the_hold_down(turns in turns(false, false)) {
        let states = run(&turns);
        let mut before = None;
        for (index, (at, state)) in states.iter().enumerate() {
            if is_trusted(*state) && !is_trusted(before) {
                let since = seen_since(&turns, index).expect("adopted by a list that has it");
                prop_assert!(*at - since >= Duration::days(30), "seen since {since}, adopted at {at}");
                let (listed, _, active) = turns[index].seen.expect("listed");
                prop_assert!(START + Duration::days(active) <= *at);
                prop_assert!(!matches!(listed, ListedState::Removed | ListedState::Revoked));
            }
            before = *state;
        }
    }

    #[test]
    fn nobody_gets_in_by_a_link_inside_its_hold_down(turns in turns(true, false)) {
        let states = run(&turns);
        let mut before = None;
        for (index, (at, state)) in states.iter().enumerate() {
            if is_trusted(*state) && !is_trusted(before) {
                let since = seen_since(&turns, index).expect("adopted by a list that has it");
                let vouched = turns[index].link;
                let least = Duration::days(if vouched { 7 } else { 30 });
                prop_assert!(*at - since >= least, "seen since {since}, adopted at {at}, link {vouched}");
            }
            before = *state;
        }
    }

    #[test]
    fn revoked_is_for_good(turns in turns(true, true)) {
        let mut revoked = false;
        for ((_, state), turn) in run(&turns).iter().zip(&turns) {
            revoked |= matches!(turn.seen, Some((ListedState::Revoked, ..)));
            prop_assert_eq!(matches!(state, Some(AnchorState::Revoked { .. })), revoked);
        }
    }

    #[test]
    fn an_expired_certificate_is_not_believed(turns in turns(true, true)) {
        for (at, state) in run(&turns) {
            prop_assert!(at <= START + Duration::days(400) || !is_trusted(state));
        }
    }

    #[test]
    fn a_believed_anchor_is_lost_only_by_a_reason(turns in turns(true, true)) {
        let mut before = None;
        let mut absent_since = None;
        for ((at, state), turn) in run(&turns).into_iter().zip(&turns) {
            absent_since = if turn.seen.is_none() { absent_since.or(Some(at)) } else { None };
            if is_trusted(before) && !is_trusted(state) {
                let reason = matches!(turn.seen, Some((ListedState::Removed | ListedState::Revoked, ..)))
                    || at > START + Duration::days(400)
                    || absent_since.is_some_and(|since| at - since >= Duration::days(30));
                prop_assert!(reason, "{before:?} to {state:?} at {at}");
            }
            before = state;
        }
    }
}

#[test]
fn the_owner_has_until_the_last_moment() {
    // Announced by a thief, seen every hour; the owner revokes one second before the end of the hold-down.
    let policy = SyncPolicy::online();
    let (announced, active) = (START, START);
    let listed = |state| Sighting::Listed { state, announced, active };
    let context = |at| Context {
        at,
        as_of: at,
        not_after: START + Duration::days(4000),
        by: Vouching::OnlineRole,
        link: None,
        approved: false,
        policy: &policy,
    };
    let mut state = None;
    for hour in 0..30 * 24 {
        (state, _) = step(state, listed(ListedState::Active), &context(START + Duration::hours(hour)));
        assert!(!is_trusted(state));
    }
    let last = START + Duration::days(30) - Duration::SECOND;
    assert!(!is_trusted(step(state, listed(ListedState::Active), &context(last)).0));
    assert!(is_trusted(step(state, listed(ListedState::Active), &context(last + Duration::SECOND)).0));
    (state, _) = step(state, listed(ListedState::Revoked), &context(last));
    for days in 30..2000 {
        (state, _) = step(state, listed(ListedState::Active), &context(START + Duration::days(days)));
        assert!(matches!(state, Some(AnchorState::Revoked { .. })));
    }
}
