//! A small team with sandbox factors and the least work factor, and everything drawn from a fixed seed.

#![allow(dead_code, reason = "each test file uses a part of it")]

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tegata_quorum::{
    Credential, Enrolment, Holder, Member, Password, PersonId, QuorumPolicy, Sandbox, SandboxFactor, SealedShare,
    Secret, Share, ShareSet, SplitRequest, UnlockedCredential, WorkFactor, split,
};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-11-21 09:00:00);
pub(crate) const PIN: &str = "7h6f-the-token-pin";

pub(crate) fn rng(seed: u8) -> StdRng {
    StdRng::from_seed([seed; 32])
}

pub(crate) fn person(number: usize) -> PersonId {
    PersonId::new(format!("p{number:02}")).unwrap()
}

pub(crate) fn password(number: usize) -> Password {
    Password::new(format!("horse battery staple {number}")).unwrap()
}

pub(crate) fn factor(number: usize) -> SandboxFactor {
    SandboxFactor::new(&format!("stick {number}"))
}

pub(crate) fn enrol(number: usize) -> Credential {
    let enrolment = Enrolment {
        password: &password(number),
        factor: &factor(number),
        work_factor: WorkFactor::insecure(1).unwrap(),
        now: NOW,
    };
    Credential::enrol(person(number), enrolment, &mut rng(u8::try_from(number).unwrap())).unwrap()
}

pub(crate) fn unlock(number: usize, credential: &Credential, now: UtcDateTime) -> UnlockedCredential {
    credential.unlock(&password(number), &factor(number), now).unwrap()
}

pub(crate) fn policy(threshold: u8) -> QuorumPolicy {
    let (window, session, age) = (Duration::minutes(15), Duration::hours(4), Duration::days(180));
    QuorumPolicy::new(threshold, window, session, age, Sandbox::Allowed).unwrap()
}

/// Persons p00, p01, … with a split PIN.
pub(crate) struct Team {
    pub(crate) credentials: Vec<Credential>,
    pub(crate) set: ShareSet,
    pub(crate) sealed: Vec<SealedShare>,
}

impl Team {
    pub(crate) fn new(threshold: u8, size: usize) -> Self {
        let credentials: Vec<Credential> = (0..size).map(enrol).collect();
        let holders: Vec<Holder> = credentials.iter().map(Credential::holder).collect();
        let secret = Secret::new(PIN).unwrap();
        let request = SplitRequest { secret: &secret, label: "root-token", threshold, holders: &holders, now: NOW };
        let (set, sealed) = split(request, &mut rng(200)).unwrap();
        Self { credentials, set, sealed }
    }

    pub(crate) fn members(&self) -> Vec<Member> {
        let member = |c: &Credential| Member { person: c.person().clone(), public_key: c.public_key().clone() };
        self.credentials.iter().map(member).collect()
    }

    pub(crate) fn unlock(&self, number: usize, now: UtcDateTime) -> UnlockedCredential {
        unlock(number, &self.credentials[number], now)
    }

    pub(crate) fn share(&self, number: usize) -> Share {
        self.sealed[number].open(&self.set, &self.unlock(number, NOW)).unwrap()
    }
}
