//! Shared secrets: every subset, spoilt and foreign shares, the files and the words.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use support::{NOW, PIN, Team, enrol, rng};
use tegata_quorum::{Credential, Holder, SealedShare, Secret, Share, ShareError, ShareSet, SplitRequest, split};

#[test]
fn every_subset_of_k_or_more_opens_and_no_smaller_one() {
    for (threshold, size) in [(2, 2), (2, 3), (3, 5), (4, 4), (2, 6)] {
        let team = Team::new(threshold, size);
        let shares: Vec<Share> = (0..size).map(|number| team.share(number)).collect();
        for subset in 0..1u32 << size {
            let chosen: Vec<Share> =
                (0..size).filter(|number| subset & (1 << number) != 0).map(|number| shares[number].clone()).collect();
            let opened = team.set.open(&chosen);
            if chosen.len() >= usize::from(threshold) {
                assert_eq!(opened.unwrap().as_text(), Some(PIN), "{threshold} of {size}, {subset:b}");
            } else {
                let need = usize::from(threshold);
                assert_eq!(opened.unwrap_err(), ShareError::TooFew { have: chosen.len(), need });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn order_and_repetition_do_not_matter(
        secret in proptest::collection::vec(any::<u8>(), 1..=64),
        threshold in 2u8..=4,
        picks in proptest::collection::vec(0usize..4, 0..10),
    ) {
        let credentials: Vec<Credential> = (0..4).map(enrol).collect();
        let holders: Vec<Holder> = credentials.iter().map(Credential::holder).collect();
        let secret = Secret::new(secret).unwrap();
        let request = SplitRequest { secret: &secret, label: "t", threshold, holders: &holders, now: NOW };
        let (set, sealed) = split(request, &mut rng(threshold)).unwrap();
        let shares: Vec<Share> = picks
            .iter()
            .map(|n| sealed[*n].open(&set, &support::unlock(*n, &credentials[*n], NOW)).unwrap())
            .collect();
        let mut distinct = picks.clone();
        distinct.sort_unstable();
        distinct.dedup();
        match set.open(&shares) {
            Ok(opened) => {
                prop_assert!(distinct.len() >= usize::from(threshold));
                prop_assert_eq!(opened.as_bytes(), secret.as_bytes());
            }
            Err(error) => {
                let need = usize::from(threshold);
                prop_assert!(distinct.len() < need);
                prop_assert_eq!(error, ShareError::TooFew { have: distinct.len(), need });
            }
        }
    }

    #[test]
    fn no_file_makes_the_readers_panic(mut octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(ShareSet::from_json(&octets).is_err());
        prop_assert!(SealedShare::from_json(&octets).is_err());
        prop_assert!(Credential::from_json(&octets).is_err());
        octets.insert(0, b'{');
        prop_assert!(ShareSet::from_json(&octets).is_err());
    }
}

#[test]
fn the_files_survive_a_round_trip() {
    let team = Team::new(2, 3);
    let set = ShareSet::from_json(team.set.to_json().unwrap().as_bytes()).unwrap();
    assert_eq!(set.id(), team.set.id());
    assert_eq!((set.label(), set.threshold(), set.created()), ("root-token", 2, NOW));
    assert_eq!(set.holders(), team.set.holders());
    let shares: Vec<Share> = [0, 2]
        .into_iter()
        .map(|number| {
            let sealed = SealedShare::from_json(team.sealed[number].to_json().unwrap().as_bytes()).unwrap();
            assert_eq!(sealed, team.sealed[number]);
            sealed.open(&set, &team.unlock(number, NOW)).unwrap()
        })
        .collect();
    assert_eq!(set.open(&shares).unwrap().as_text(), Some(PIN));
}

#[test]
fn an_altered_set_opens_nothing() {
    let team = Team::new(2, 3);
    let original: serde_json::Value = serde_json::from_str(&team.set.to_json().unwrap()).unwrap();
    let read = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut file = original.clone();
        change(&mut file);
        ShareSet::from_json(file.to_string().as_bytes())
    };
    let changes: [&dyn Fn(&mut serde_json::Value); 4] = [
        &|file| file["label"] = "other-token".into(),
        &|file| file["created"] = "2026-11-22T09:00:00Z".into(),
        &|file| file["holders"][2]["person"] = "p77".into(),
        &|file| file["commitments"].as_array_mut().unwrap().swap(0, 1),
    ];
    for change in changes {
        let set = read(change).unwrap();
        assert_ne!(set.id(), team.set.id());
        assert_eq!(set.open(&[team.share(0), team.share(1)]).unwrap_err().id(), "share-other-set");
    }
    // A lower threshold does not even read: there would be a commitment too many.
    assert_eq!(read(&|file| file["threshold"] = 1.into()).unwrap_err().id(), "share-malformed");
    let lower = |file: &mut serde_json::Value| {
        file["threshold"] = 1.into();
        file["commitments"].as_array_mut().unwrap().pop();
    };
    assert_eq!(read(&lower).unwrap_err().id(), "share-threshold");
    let twice = |file: &mut serde_json::Value| file["holders"][1] = file["holders"][0].clone();
    assert_eq!(read(&twice).unwrap_err().id(), "share-duplicate-holder");
    let point = |file: &mut serde_json::Value| file["commitments"][0] = "05".repeat(33).into();
    assert_eq!(read(&point).unwrap_err().id(), "share-malformed");
    assert_eq!(read(&|file| file["surplus"] = 1.into()).unwrap_err().id(), "share-malformed");
    // The payload is the only part outside the identifier; it has its own seal.
    let payload = STANDARD.decode(original["payload"].as_str().unwrap()).unwrap();
    for place in [0, payload.len() / 2, payload.len() - 1] {
        let mut altered = payload.clone();
        altered[place] ^= 1;
        let set = read(&|file| file["payload"] = STANDARD.encode(&altered).into()).unwrap();
        assert_eq!(set.open(&[team.share(0), team.share(1)]).unwrap_err(), ShareError::Payload);
    }
}

#[test]
fn a_spoilt_share_is_named_without_the_others() {
    let team = Team::new(2, 3);
    // p01's share, sealed by a dishonest dealer with the scalar of p02: everything fits but the polynomial.
    let words = team.share(2).to_words();
    let mut octets = tegata_quorum::words::parse_share_words(&words).unwrap().to_vec();
    octets[0] = 2;
    let dishonest = tegata_quorum::words::share_words(&octets);
    let error = team.set.share_from_words(&dishonest).unwrap_err();
    assert_eq!(error, ShareError::Spoilt { person: support::person(1) });
    // An altered sealed share.
    let mut file: serde_json::Value = serde_json::from_str(&team.sealed[1].to_json().unwrap()).unwrap();
    let mut sealed = STANDARD.decode(file["sealed"].as_str().unwrap()).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    file["sealed"] = STANDARD.encode(sealed).into();
    let altered = SealedShare::from_json(file.to_string().as_bytes()).unwrap();
    let error = altered.open(&team.set, &team.unlock(1, NOW)).unwrap_err();
    assert_eq!(error, ShareError::Sealed { person: support::person(1) });
}

#[test]
fn only_the_holder_opens_his_share_and_only_in_its_set() {
    let team = Team::new(2, 3);
    let foreign = team.sealed[1].open(&team.set, &team.unlock(0, NOW)).unwrap_err();
    assert_eq!(foreign, ShareError::NotHolder { person: support::person(0) });
    // Renamed to the thief's own name, it still does not open.
    let mut file: serde_json::Value = serde_json::from_str(&team.sealed[1].to_json().unwrap()).unwrap();
    file["person"] = "p00".into();
    let renamed = SealedShare::from_json(file.to_string().as_bytes()).unwrap();
    let error = renamed.open(&team.set, &team.unlock(0, NOW)).unwrap_err();
    assert_eq!(error, ShareError::Sealed { person: support::person(0) });
    let request_holders: Vec<Holder> = team.credentials.iter().map(Credential::holder).collect();
    let secret = Secret::new("another pin").unwrap();
    let request =
        SplitRequest { secret: &secret, label: "root-token", threshold: 2, holders: &request_holders, now: NOW };
    let (other, other_sealed) = split(request, &mut rng(9)).unwrap();
    assert_ne!(other.id(), team.set.id());
    let error = other_sealed[0].open(&team.set, &team.unlock(0, NOW)).unwrap_err();
    assert_eq!(error.id(), "share-other-set");
    assert_eq!(other.open(&[team.share(0), team.share(1)]).unwrap_err().id(), "share-other-set");
    assert_eq!(other.share_from_words(&team.share(0).to_words()).unwrap_err().id(), "share-other-set");
}

#[test]
fn shares_from_paper_open() {
    let team = Team::new(3, 4);
    let words: Vec<_> = (0..4).map(|number| team.share(number).to_words()).collect();
    assert!(words.iter().all(|text| text.split(' ').count() == 41));
    let shares: Vec<Share> = words[1..].iter().map(|text| team.set.share_from_words(text).unwrap()).collect();
    assert_eq!(shares[0].person(), &support::person(1));
    assert_eq!(shares[0].index(), 2);
    assert_eq!(shares[0].set(), team.set.id());
    assert_eq!(team.set.open(&shares).unwrap().as_text(), Some(PIN));
    let short = words[0].rsplit_once(' ').unwrap().0;
    assert_eq!(team.set.share_from_words(short).unwrap_err().id(), "share-words-checksum");
    let digest = tegata_quorum::words::share_words(&[1; 20]);
    assert_eq!(team.set.share_from_words(&digest).unwrap_err(), ShareError::Malformed);
    let mut octets = tegata_quorum::words::parse_share_words(&words[0]).unwrap().to_vec();
    octets[0] = 5;
    let surplus = tegata_quorum::words::share_words(&octets);
    assert_eq!(team.set.share_from_words(&surplus).unwrap_err(), ShareError::NoSuchIndex { index: 5 });
}

#[test]
fn numbers_and_names_are_checked_before_anything_is_split() {
    let holders: Vec<Holder> = (0..3).map(|number| enrol(number).holder()).collect();
    let secret = Secret::new(PIN).unwrap();
    let make = |label: &str, threshold, holders: &[Holder]| {
        split(SplitRequest { secret: &secret, label, threshold, holders, now: NOW }, &mut rng(1)).unwrap_err()
    };
    assert_eq!(make("t", 1, &holders), ShareError::Threshold { threshold: 1, holders: 3 });
    assert_eq!(make("t", 4, &holders), ShareError::Threshold { threshold: 4, holders: 3 });
    assert_eq!(make("t", 2, &[]), ShareError::Threshold { threshold: 2, holders: 0 });
    let twice = [holders[0].clone(), holders[1].clone(), holders[0].clone()];
    assert_eq!(make("t", 2, &twice), ShareError::DuplicateHolder { person: support::person(0) });
    let many: Vec<Holder> = (0..33).map(|_| holders[0].clone()).collect();
    assert_eq!(make("t", 2, &many), ShareError::TooManyHolders { found: 33 });
    assert_eq!(make("", 2, &holders), ShareError::Label);
    assert_eq!(make("a\nb", 2, &holders), ShareError::Label);
}

#[test]
fn nothing_of_the_secret_shows() {
    let team = Team::new(2, 2);
    let public = team.set.to_json().unwrap();
    assert!(!public.contains(PIN));
    let share = team.share(0);
    assert_eq!(format!("{share:?}"), "Share(1 of p00)");
    let short = Secret::new("1").unwrap();
    let holders: Vec<Holder> = team.credentials.iter().map(Credential::holder).collect();
    let request = SplitRequest { secret: &short, label: "root-token", threshold: 2, holders: &holders, now: NOW };
    let (other, _) = split(request, &mut rng(3)).unwrap();
    // An age header has stanzas of random length; what follows its last line is nonce, ciphertext and tag.
    let body = |json: &str| {
        let file: serde_json::Value = serde_json::from_str(json).unwrap();
        let payload = STANDARD.decode(file["payload"].as_str().unwrap()).unwrap();
        let mac = payload.windows(5).position(|window| window == b"\n--- ").unwrap();
        let line = payload[mac + 1..].iter().position(|octet| *octet == b'\n').unwrap();
        payload.len() - (mac + 1 + line + 1)
    };
    assert_eq!(body(&public), 16 + 65 + 16);
    assert_eq!(body(&other.to_json().unwrap()), body(&public), "the length of the secret shows");
}
