//! Ten thousand verifiers over eight years of virtual time: two rollovers, a stolen list key, long sleeps, lost fetches.
//!
//! Every verifier runs the real transition function over lists that were verified once, with real certificates and links.
//! What is expected is computed apart from it, from the calendar and the fetches of each verifier.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "test code"
)]

mod support;

use std::collections::BTreeSet;

use support::{MDL, Party, START, day, entry, iaca_between, link};
use tegata_manifest::{AnchorList, Approval, Header, ListedState};
use tegata_pki::rust_crypto;
use tegata_sync::{
    AnchorSet, AnchorState, CatchUpWay, ClientClass, Gate, KeyDigest, Listing, ListingInput, Moment, ReadinessCount,
    ReadinessSignal, SyncPolicy, Threshold,
};
use tegata_trust_list::{DocTypes, Purpose};
use time::UtcDateTime;

const YEARS: i64 = 8;
const END: i64 = YEARS * 365;
const VERIFIERS: usize = 10_000;
/// Days from one generation to the next, and of one generation's certificate: four and a half years, five years and four
/// months.
const CADENCE: i64 = 1643;
const LIFE: i64 = 1948;
/// Days from the announcement of a generation to its first document signer.
const NOTICE: i64 = 120;
/// The days on which generations are announced, before and during the simulation.
const ANNOUNCED: [i64; 3] = [-1200, -1200 + CADENCE, -1200 + 2 * CADENCE];
/// The thief announces on the first of these days, the owner revokes on the second: one day before it would be too late.
const THEFT: (i64, i64) = (1000, 1029);
const SLEEPS: [i64; 5] = [0, 30, 122, 365, 1856];

/// A kind of verifiers, and the days between two of its fetches.
const KINDS: [(ClientClass, i64); 4] =
    [(ClientClass::Server, 2), (ClientClass::Gate, 7), (ClientClass::Handheld, 14), (ClientClass::Mobile, 30)];

fn expires(generation: usize) -> i64 {
    ANNOUNCED[generation] + LIFE
}

fn active(generation: usize) -> i64 {
    ANNOUNCED[generation] + NOTICE
}

/// The generation in use on a day.
fn in_use(today: i64) -> usize {
    (0..ANNOUNCED.len()).rev().find(|generation| active(*generation) <= today).unwrap()
}

/// What the service publishes, verified once.
struct World {
    generations: Vec<Party>,
    thief: Party,
    /// By the day from which each is current.
    listings: Vec<(i64, Listing)>,
    /// The list of the day on which each generation goes into use, were that day today.
    activation: Vec<Listing>,
}

impl World {
    fn new() -> Self {
        let root = |generation: usize| {
            let (from, to) = (day(ANNOUNCED[generation]), day(expires(generation)));
            iaca_between(&format!("Utopia {generation}"), from, to)
        };
        let generations: Vec<Party> = (0..ANNOUNCED.len()).map(root).collect();
        let thief = iaca_between("Utopia 1", START, day(END));
        let mut changes: Vec<i64> = (0..ANNOUNCED.len())
            .flat_map(|generation| [ANNOUNCED[generation], active(generation), expires(generation) + 1])
            .chain([THEFT.0, THEFT.1])
            .map(|change| change.max(0))
            .filter(|change| *change < END)
            .collect();
        changes.sort_unstable();
        changes.dedup();
        let mut world = Self { generations, thief, listings: Vec::new(), activation: Vec::new() };
        world.listings = changes
            .iter()
            .zip(1..)
            .map(|(today, version)| (*today, world.verify(&world.list(*today, version))))
            .collect();
        world.activation = (0..ANNOUNCED.len())
            .map(|generation| {
                let mut list = world.list(active(generation).clamp(0, END), 1_000);
                list.anchors.iter_mut().for_each(|anchor| anchor.dates.active = anchor.dates.announced);
                world.verify(&list)
            })
            .collect();
        world
    }

    fn list(&self, today: i64, version: u64) -> AnchorList {
        let mut anchors = Vec::new();
        for (generation, party) in self.generations.iter().enumerate().filter(|(g, _)| ANNOUNCED[*g] <= today) {
            let state = match today {
                today if today > expires(generation) => ListedState::Removed,
                today if in_use(today) > generation => ListedState::Retiring,
                today if active(generation) <= today => ListedState::Active,
                _ => ListedState::Announced,
            };
            let mut anchor = entry(party, state, day(ANNOUNCED[generation]), day(active(generation)));
            // The first one was approved by the quorum, for whoever begins with it.
            anchor.approval = (generation == 0).then(|| party.digest().as_bytes().to_vec());
            anchors.push(anchor);
        }
        if today >= THEFT.0 {
            let state = if today < THEFT.1 { ListedState::Active } else { ListedState::Revoked };
            anchors.push(entry(&self.thief, state, day(THEFT.0), day(THEFT.0)));
        }
        let links = self.generations.windows(2).enumerate().filter(|(older, _)| ANNOUNCED[older + 1] <= today);
        let links = links.map(|(older, pair)| link(&pair[0], &pair[1], day(ANNOUNCED[older + 1]))).collect();
        let header =
            Header { repository: "dts.example".to_owned(), version, issued: day(today), expires: day(today + 90) };
        AnchorList { header, anchors, links, sources: Vec::new(), notices: Vec::new() }
    }

    fn verify(&self, list: &AnchorList) -> Listing {
        let approval = |anchor: &[u8]| {
            Some(Approval {
                repository: "dts.example".to_owned(),
                issued: START,
                expires: day(END),
                anchor: anchor.try_into().ok()?,
                doc_types: DocTypes::new(MDL, []),
                purposes: BTreeSet::from([Purpose::Issuance]),
            })
        };
        let input = ListingInput { approval: &approval, is_revoked: &|_, _| false, provider: rust_crypto() };
        let listing = Listing::verify(list, &AnchorSet::new(), &input);
        assert!(listing.refused_entries.is_empty() && listing.refused_links.is_empty(), "{listing:?}");
        listing
    }

    fn current(&self, today: i64) -> &Listing {
        let (_, listing) = self.listings.iter().rev().find(|(from, _)| *from <= today).unwrap();
        listing
    }

    fn digest(&self, generation: usize) -> KeyDigest {
        self.generations[generation].digest()
    }
}

/// A small generator of pseudo-random numbers (SplitMix64): the same fleet in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs()) as i64
    }
}

/// The days on which a verifier fetches with success.
fn fetches(random: &mut Random, every: i64, sleep: i64) -> Vec<i64> {
    let asleep_from = random.below(END);
    let asleep = asleep_from..asleep_from + sleep;
    let first = random.below(every);
    let tries = (0..).map(|n| first + n * every).take_while(|today| *today < END);
    tries.filter(|today| !asleep.contains(today)).filter(|_| random.below(100) != 0).collect()
}

/// What became of one verifier.
#[derive(Default)]
struct Story {
    needed_a_hand: bool,
    saw_the_thief: bool,
    trusted_the_thief: bool,
    signals: Vec<(usize, ReadinessSignal, bool)>,
}

fn live(world: &World, class: ClientClass, fetches: &[i64], policy: &SyncPolicy) -> Story {
    let (mut anchors, mut story, mut last) = (AnchorSet::new(), Story::default(), None);
    let (thief, confirmed) = (world.thief.digest(), BTreeSet::new());
    let mut quiet_until = START;
    for (index, today) in fetches.iter().enumerate() {
        let (at, listing) = (day(*today), world.current(*today));
        if last != Some(listing.version) || at >= quiet_until {
            let observation = anchors.observe(listing, Moment::now(at), policy, &confirmed);
            last = Some(listing.version);
            quiet_until =
                if observation.changes.is_empty() { anchors.next_due(policy).unwrap_or(UtcDateTime::MAX) } else { at };
            story.saw_the_thief |= matches!(anchors.state(&thief), Some(AnchorState::Candidate { .. }));
            story.trusted_the_thief |= anchors.trusted(at, policy).any(|(key, _)| key == thief);
            let catch_up = anchors.catch_up(at, policy);
            let mut impossible =
                catch_up.iter().filter(|catch_up| matches!(catch_up.way, CatchUpWay::Impossible { .. }));
            story.needed_a_hand |= impossible.any(|catch_up| catch_up.anchor != thief);
        }
        for generation in 1..ANNOUNCED.len() {
            let window = active(generation) - 30..active(generation);
            let before = index.checked_sub(1).map(|index| fetches[index]);
            if window.contains(today) && !before.is_some_and(|before| window.contains(&before)) {
                let signal = ReadinessSignal::of(&anchors, listing.version, class, at, policy);
                let mut tomorrow = anchors.clone();
                tomorrow.observe(&world.activation[generation], Moment::now(at), policy, &confirmed);
                let ready = tomorrow.trusted(at, policy).any(|(key, _)| key == world.digest(generation));
                story.signals.push((generation, signal, ready));
            }
        }
    }
    story
}

/// Whether a verifier with these fetches needs a hand, from the calendar alone: on some day it knows the generation in use
/// not long enough, and has no older one that is still alive.
fn needs_a_hand(fetches: &[i64]) -> bool {
    let first_from = |from: i64| fetches.iter().copied().find(|today| *today >= from);
    let mut adopted: Vec<Option<i64>> = Vec::new();
    for (generation, announced) in ANNOUNCED.into_iter().enumerate() {
        let seen = first_from(announced);
        let by_evidence = match generation.checked_sub(1) {
            None => seen,
            Some(older) => adopted[older].and_then(|older_adopted| {
                // The link counts from the first fetch after the older one was adopted, and while that one lives.
                let from = first_from(seen?.max(older_adopted + 1))?;
                first_from((from + 7).max(active(generation))).filter(|today| *today <= expires(older))
            }),
        };
        let by_list = seen.and_then(|seen| first_from((seen + 30).max(active(generation))));
        adopted.push([by_evidence, by_list].into_iter().flatten().min());
    }
    let believed = |generation: usize, today: i64| {
        adopted[generation].is_some_and(|adopted| adopted <= today) && today <= expires(generation)
    };
    fetches.iter().any(|today| !(0..=in_use(*today)).any(|generation| believed(generation, *today)))
}

#[test]
fn eight_years_of_a_fleet() {
    let (world, policy) = (World::new(), SyncPolicy::online());
    let mut random = Random(2026);
    let (mut hands, mut predicted, mut saw, mut by_sleep) = (0, 0, 0, [0; SLEEPS.len()]);
    let mut counts: Vec<_> =
        (0..ANNOUNCED.len()).map(|_| ReadinessCount::new((0..3).map(|g| world.digest(g)))).collect();
    let mut truth = vec![(0_u64, 0_u64); ANNOUNCED.len()];
    for number in 0..VERIFIERS {
        let (class, every) = KINDS[number % KINDS.len()];
        let kind_of_sleep = number / KINDS.len() % SLEEPS.len();
        let fetches = fetches(&mut random, every, SLEEPS[kind_of_sleep]);
        let story = live(&world, class, &fetches, &policy);
        assert!(!story.trusted_the_thief, "verifier {number} trusts the thief");
        let expected = needs_a_hand(&fetches);
        assert_eq!(story.needed_a_hand, expected, "verifier {number}, {class:?}, sleep {kind_of_sleep}");
        saw += usize::from(story.saw_the_thief);
        hands += usize::from(story.needed_a_hand);
        predicted += usize::from(expected);
        by_sleep[kind_of_sleep] += usize::from(story.needed_a_hand);
        for (generation, signal, ready) in story.signals {
            let signal = ReadinessSignal::from_bytes(&signal.to_bytes()).unwrap();
            counts[generation].add(&signal);
            truth[generation].0 += u64::from(ready);
            truth[generation].1 += 1;
        }
    }
    println!("{hands} of {VERIFIERS} need a hand, by sleep {by_sleep:?}; {saw} saw the thief's anchor");
    assert_eq!(hands, predicted);
    assert_eq!(&by_sleep[..3], [0; 3], "who sleeps less than the old root lives on needs nobody");
    assert!(by_sleep[3] > 0 && by_sleep[4] > by_sleep[3]);
    assert!(saw > VERIFIERS / 2, "the theft was seen");
    for generation in 1..ANNOUNCED.len() {
        let (share, (ready, total)) = (counts[generation].share(world.digest(generation)), truth[generation]);
        println!("generation {generation}: {ready} of {total} ready");
        assert_eq!((share.ready, share.total), (ready, total));
        assert!(total > 7_000 && ready < total);
        let classes = KINDS.iter().map(|(class, _)| *class).collect();
        let threshold = |max_unready_permille| Threshold { max_unready_permille, min_signals: 500, classes };
        let strict = threshold(0);
        let lax = Threshold { max_unready_permille: 100, ..strict.clone() };
        assert!(matches!(counts[generation].gate(world.digest(generation), &strict), Gate::NoGo { .. }));
        assert_eq!(counts[generation].gate(world.digest(generation), &lax), Gate::Go);
    }
}

#[test]
fn a_quiet_update_changes_nothing() {
    // The simulation leaves out updates that cannot change anything; here none is left out.
    let (world, policy, confirmed) = (World::new(), SyncPolicy::online(), BTreeSet::new());
    let mut random = Random(7);
    for _ in 0..4 {
        let (mut all, mut some, mut last, mut quiet_until) = (AnchorSet::new(), AnchorSet::new(), None, START);
        for today in fetches(&mut random, 7, 365) {
            let (at, listing) = (day(today), world.current(today));
            all.observe(listing, Moment::now(at), &policy, &confirmed);
            if last != Some(listing.version) || at >= quiet_until {
                let observation = some.observe(listing, Moment::now(at), &policy, &confirmed);
                last = Some(listing.version);
                let due = some.next_due(&policy).unwrap_or(UtcDateTime::MAX);
                quiet_until = if observation.changes.is_empty() { due } else { at };
            }
            assert_eq!(all, some, "day {today}");
        }
    }
}
