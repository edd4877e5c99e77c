//! Activation: who counts, when, and how a session ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{NOW, PIN, Team, enrol, factor, password, person, policy, rng};
use tegata_quorum::{
    Activation, ActivationError, Credential, Enrolment, Holder, KeyFileFactor, Member, QuorumPolicy, Sandbox, Secret,
    SplitRequest, WorkFactor, split,
};
use time::{Duration, UtcDateTime};

const PURPOSE: &str = "ceremony 2026-1, step 7.02";

fn begin(team: &Team, threshold: u8) -> Activation {
    Activation::begin(policy(threshold), team.set.clone(), team.members(), PURPOSE, NOW, &mut rng(50)).unwrap()
}

fn minutes(count: i64) -> UtcDateTime {
    NOW + Duration::minutes(count)
}

fn strict() -> QuorumPolicy {
    QuorumPolicy::new(2, Duration::minutes(15), Duration::hours(1), Duration::days(180), Sandbox::Refused).unwrap()
}

/// Authenticates now and adds.
fn add(activation: &mut Activation, team: &Team, number: usize, now: UtcDateTime) -> Result<usize, ActivationError> {
    activation.add(&team.unlock(number, now), team.share(number), now).map(|progress| progress.present.len())
}

#[test]
fn every_quorum_opens_and_nothing_below() {
    let team = Team::new(3, 4);
    for subset in 0..1u32 << 4 {
        let mut activation = begin(&team, 3);
        let chosen: Vec<usize> = (0..4).filter(|number| subset & (1 << number) != 0).collect();
        for number in &chosen {
            add(&mut activation, &team, *number, NOW).unwrap();
        }
        match activation.open(NOW) {
            Ok(mut session) => {
                assert!(chosen.len() >= 3);
                assert_eq!(session.pin(NOW).unwrap().as_text(), Some(PIN));
                assert_eq!(
                    session.persons().cloned().collect::<Vec<_>>(),
                    chosen.iter().map(|n| person(*n)).collect::<Vec<_>>()
                );
            }
            Err(error) => {
                assert!(chosen.len() < 3);
                assert_eq!(error, ActivationError::BelowQuorum { have: chosen.len(), need: 3, stale: vec![] });
            }
        }
    }
}

#[test]
fn one_person_counts_once() {
    let team = Team::new(2, 3);
    let mut activation = begin(&team, 2);
    assert_eq!(add(&mut activation, &team, 0, NOW), Ok(1));
    assert_eq!(add(&mut activation, &team, 0, minutes(1)), Ok(1));
    let foreign = activation.add(&team.unlock(0, minutes(1)), team.share(1), minutes(1)).unwrap_err();
    assert_eq!(foreign, ActivationError::ForeignShare { person: person(0), holder: person(1) });
    assert_eq!(activation.open(minutes(1)).unwrap_err().id(), "activation-below-quorum");
}

#[test]
fn presence_is_signed_and_verifiable() {
    let team = Team::new(2, 3);
    let mut activation = begin(&team, 2);
    let challenge = hex::encode(activation.challenge());
    add(&mut activation, &team, 2, NOW).unwrap();
    add(&mut activation, &team, 1, minutes(5)).unwrap();
    assert_eq!(activation.presences().count(), 2);
    let session = activation.open(minutes(6)).unwrap();
    assert_eq!(session.presences().len(), 2);
    for presence in session.presences() {
        let members = presence.statement.members();
        assert_eq!(members["challenge"], challenge.as_str());
        assert_eq!(members["purpose"], PURPOSE);
        assert_eq!(members["set"], hex::encode(team.set.id()));
        assert_eq!(members["person"], presence.sign_off.person().as_str());
        let key = team.members().into_iter().find(|m| m.person == *presence.sign_off.person()).unwrap().public_key;
        presence.sign_off.verify(&presence.statement, &key).unwrap();
    }
    assert_eq!(session.presences()[1].statement.members()["time"], "2026-11-21T09:05:00Z");
    assert!(session.is_sandbox());
    assert_eq!(session.purpose(), PURPOSE);
    let other = Activation::begin(policy(2), team.set.clone(), team.members(), PURPOSE, NOW, &mut rng(51)).unwrap();
    assert_ne!(hex::encode(other.challenge()), challenge);
}

#[test]
fn all_must_be_there_within_the_window() {
    let team = Team::new(2, 3);
    let mut activation = begin(&team, 2);
    add(&mut activation, &team, 0, NOW).unwrap();
    add(&mut activation, &team, 1, minutes(10)).unwrap();
    assert_eq!(activation.progress(minutes(15)).present, [person(0), person(1)]);
    let progress = activation.progress(minutes(16));
    assert_eq!((progress.present, progress.stale, progress.need), (vec![person(1)], vec![person(0)], 2));
    // Who authenticates again counts again.
    add(&mut activation, &team, 0, minutes(17)).unwrap();
    assert!(activation.open(minutes(18)).is_ok());

    let mut late = begin(&team, 2);
    add(&mut late, &team, 0, NOW).unwrap();
    add(&mut late, &team, 1, minutes(10)).unwrap();
    let error = late.open(minutes(16)).unwrap_err();
    assert_eq!(error, ActivationError::BelowQuorum { have: 1, need: 2, stale: vec![person(0)] });
}

#[test]
fn an_authentication_from_another_time_does_not_count() {
    let team = Team::new(2, 3);
    let before = team.unlock(0, NOW);
    let mut activation =
        Activation::begin(policy(2), team.set.clone(), team.members(), PURPOSE, minutes(1), &mut rng(1)).unwrap();
    let early = activation.add(&before, team.share(0), minutes(2)).unwrap_err();
    assert_eq!(early, ActivationError::NotNow { person: person(0), authenticated: NOW });
    let kept = team.unlock(0, minutes(2));
    assert_eq!(activation.add(&kept, team.share(0), minutes(18)).unwrap_err().id(), "activation-not-now");
    let future = team.unlock(0, minutes(30));
    assert_eq!(activation.add(&future, team.share(0), minutes(3)).unwrap_err().id(), "activation-not-now");
    assert!(activation.add(&kept, team.share(0), minutes(17)).is_ok());
    assert_eq!(activation.add(&kept, team.share(0), minutes(16)).unwrap_err().id(), "activation-clock");
    assert_eq!(activation.open(minutes(16)).unwrap_err().id(), "activation-clock");
}

#[test]
fn only_the_roster_takes_part_with_its_keys() {
    let team = Team::new(2, 4);
    let members = team.members()[..3].to_vec();
    let mut activation = Activation::begin(policy(2), team.set.clone(), members, PURPOSE, NOW, &mut rng(1)).unwrap();
    let stranger = activation.add(&team.unlock(3, NOW), team.share(3), NOW).unwrap_err();
    assert_eq!(stranger, ActivationError::NotOnRoster { person: person(3) });
    // A second credential under the same name.
    let work_factor = WorkFactor::insecure(1).unwrap();
    let enrolment = Enrolment { password: &password(0), factor: &factor(0), work_factor, now: NOW };
    let double = Credential::enrol(person(0), enrolment, &mut rng(99)).unwrap();
    let double = double.unlock(&password(0), &factor(0), NOW).unwrap();
    assert_eq!(activation.add(&double, team.share(0), NOW).unwrap_err().id(), "activation-other-key");
    assert_eq!(activation.presences().count(), 0);
}

#[test]
fn two_persons_cannot_share_a_second_factor() {
    let credentials: Vec<Credential> = (0u8..2)
        .map(|number| {
            let number_wide = usize::from(number);
            let work_factor = WorkFactor::insecure(1).unwrap();
            let enrolment = Enrolment { password: &password(number_wide), factor: &factor(7), work_factor, now: NOW };
            Credential::enrol(person(number_wide), enrolment, &mut rng(number)).unwrap()
        })
        .collect();
    let holders: Vec<Holder> = credentials.iter().map(Credential::holder).collect();
    let secret = Secret::new(PIN).unwrap();
    let request = SplitRequest { secret: &secret, label: "t", threshold: 2, holders: &holders, now: NOW };
    let (set, sealed) = split(request, &mut rng(5)).unwrap();
    let member = |c: &Credential| Member { person: c.person().clone(), public_key: c.public_key().clone() };
    let members = credentials.iter().map(member).collect();
    let mut activation = Activation::begin(policy(2), set.clone(), members, PURPOSE, NOW, &mut rng(6)).unwrap();
    let unlocked: Vec<_> =
        (0..2).map(|number| credentials[number].unlock(&password(number), &factor(7), NOW).unwrap()).collect();
    activation.add(&unlocked[0], sealed[0].open(&set, &unlocked[0]).unwrap(), NOW).unwrap();
    let error = activation.add(&unlocked[1], sealed[1].open(&set, &unlocked[1]).unwrap(), NOW).unwrap_err();
    assert_eq!(error, ActivationError::SharedFactor { person: person(1), other: person(0) });
}

#[test]
fn old_passwords_and_sandbox_credentials_are_refused() {
    let team = Team::new(2, 2);
    let late = NOW + Duration::days(181);
    let mut activation =
        Activation::begin(policy(2), team.set.clone(), team.members(), PURPOSE, late, &mut rng(1)).unwrap();
    let error = add(&mut activation, &team, 0, late).unwrap_err();
    assert_eq!(error, ActivationError::PasswordTooOld { person: person(0), age: Duration::days(181) });
    let mut activation =
        Activation::begin(strict(), team.set.clone(), team.members(), PURPOSE, NOW, &mut rng(1)).unwrap();
    let error = add(&mut activation, &team, 0, NOW).unwrap_err();
    assert_eq!(error, ActivationError::SandboxCredential { person: person(0) });
}

/// The one test with a real work factor: key files, and a policy that refuses sandbox credentials.
#[test]
fn real_credentials_open_a_session_that_is_no_sandbox() {
    let directory = tempfile::tempdir().unwrap();
    let (credentials, key_files): (Vec<Credential>, Vec<KeyFileFactor>) = (0u8..2)
        .map(|seed| {
            let number = usize::from(seed);
            let path = directory.path().join(person(number).as_str());
            let key_file = KeyFileFactor::create(&path, &mut rng(80 + seed)).unwrap();
            let work_factor = WorkFactor::new(WorkFactor::LEAST).unwrap();
            let enrolment = Enrolment { password: &password(number), factor: &key_file, work_factor, now: NOW };
            (Credential::enrol(person(number), enrolment, &mut rng(seed)).unwrap(), key_file)
        })
        .collect();
    let holders: Vec<Holder> = credentials.iter().map(Credential::holder).collect();
    let pin = Secret::random_pin(24, &mut rng(70)).unwrap();
    let request = SplitRequest { secret: &pin, label: "t", threshold: 2, holders: &holders, now: NOW };
    let (set, sealed) = split(request, &mut rng(71)).unwrap();
    let member = |c: &Credential| Member { person: c.person().clone(), public_key: c.public_key().clone() };
    let members = credentials.iter().map(member).collect();
    let mut activation = Activation::begin(strict(), set.clone(), members, PURPOSE, NOW, &mut rng(72)).unwrap();
    for (number, credential) in credentials.iter().enumerate() {
        let unlocked = credential.unlock(&password(number), &key_files[number], NOW).unwrap();
        activation.add(&unlocked, sealed[number].open(&set, &unlocked).unwrap(), NOW).unwrap();
    }
    let mut session = activation.open(NOW).unwrap();
    assert!(!session.is_sandbox());
    assert_eq!(session.pin(NOW).unwrap().as_bytes(), pin.as_bytes());
}

#[test]
fn a_session_ends() {
    let team = Team::new(2, 2);
    let open = || {
        let mut activation = begin(&team, 2);
        add(&mut activation, &team, 0, NOW).unwrap();
        add(&mut activation, &team, 1, NOW).unwrap();
        activation.open(NOW).unwrap()
    };
    let mut session = open();
    assert_eq!((session.opened(), session.expires()), (NOW, minutes(240)));
    assert!(session.pin(minutes(239)).is_ok());
    // The clock cannot be turned back to keep it open.
    assert_eq!(session.pin(minutes(238)).unwrap_err().id(), "activation-clock");
    assert_eq!(session.pin(minutes(240)).unwrap_err(), ActivationError::Expired { expires: minutes(240) });
    assert_eq!(session.pin(minutes(240)).unwrap_err().id(), "activation-expired");
    assert!(!format!("{session:?}").contains(PIN));
    open().close();
}

#[test]
fn an_activation_that_cannot_succeed_does_not_begin() {
    let team = Team::new(2, 3);
    let begin = |threshold, members: Vec<Member>, purpose: &str| {
        Activation::begin(policy(threshold), team.set.clone(), members, purpose, NOW, &mut rng(1))
            .map(|_| ())
            .unwrap_err()
    };
    assert_eq!(begin(3, team.members(), PURPOSE), ActivationError::Threshold { set: 2, policy: 3 });
    assert_eq!(begin(2, vec![], PURPOSE), ActivationError::Roster { have: 0, need: 2 });
    let stranger = enrol(9);
    let mut members = team.members()[..1].to_vec();
    members.push(Member { person: stranger.person().clone(), public_key: stranger.public_key().clone() });
    assert_eq!(begin(2, members, PURPOSE), ActivationError::Roster { have: 1, need: 2 });
    let mut twice = team.members();
    twice[2].public_key = twice[0].public_key.clone();
    assert_eq!(begin(2, twice, PURPOSE), ActivationError::DuplicateMember { person: person(2) });
    assert_eq!(begin(2, team.members(), ""), ActivationError::Purpose);
    assert_eq!(begin(2, team.members(), "a\nb"), ActivationError::Purpose);
}
