//! Activation: k distinct persons, authenticated at that moment, unlock the token for a limited time.
//!
//! [`Activation::begin`] fixes the rules, the set of shares, who may take part, and a fresh challenge. Each person then
//! unlocks his credential and adds his share ([`Activation::add`]); what he signs over the challenge is evidence for the
//! record ([`Presence`]). [`Activation::open`] checks once more who is present and gives an [`ActivationSession`], which
//! holds the PIN until it expires or is dropped. (Seed 004 6.2.2.1, 6.2.8.1, 6.2.9.1.)

mod error;
mod policy;
mod session;

use core::fmt;

use rand_core::CryptoRng;
use serde_json::{Map, Value};
use tegata_pki::PublicKey;
use time::UtcDateTime;

pub use error::{ActivationError, PolicyError};
pub use policy::{QuorumPolicy, Sandbox};
pub use session::ActivationSession;

use crate::encoding::instant_text;
use crate::{PersonId, Share, ShareSet, SignOff, Statement, UnlockedCredential};

/// A person who may take part, and the key that his credential must have. From the approved roster, not from the
/// credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub person: PersonId,
    /// His Ed25519 sign-off key.
    pub public_key: PublicKey,
}

/// The evidence that a person was there: he signed the challenge of this activation.
///
/// The statement's members: `type` = `tegata-activation-v1`, `purpose`, `challenge` (hex), `set` (hex), `person`, `time`
/// (RFC 3339).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// What was signed.
    pub statement: Statement,
    /// The signature.
    pub sign_off: SignOff,
    /// When both factors were shown.
    pub authenticated_at: UtcDateTime,
}

/// How far an activation has come at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Who is authenticated within the window.
    pub present: Vec<PersonId>,
    /// Whose authentication has become too old: they must authenticate again.
    pub stale: Vec<PersonId>,
    /// How many it takes.
    pub need: usize,
}

/// An activation in progress. Holds the shares given so far, which are wiped when it is dropped.
pub struct Activation {
    policy: QuorumPolicy,
    set: ShareSet,
    members: Vec<Member>,
    purpose: String,
    challenge: [u8; 32],
    begun: UtcDateTime,
    latest: UtcDateTime,
    entries: Vec<Entry>,
}

struct Entry {
    share: Share,
    presence: Presence,
    factor: String,
    sandbox: bool,
}

impl Activation {
    /// Begins an activation of `set` for a `purpose`, such as the ceremony's number and step, by members of the roster.
    ///
    /// # Errors
    /// [`ActivationError::Threshold`] when the set opens with fewer persons than the policy asks for,
    /// [`ActivationError::Roster`] when fewer of its holders than that are on the roster,
    /// [`ActivationError::DuplicateMember`], [`ActivationError::Purpose`].
    pub fn begin(
        policy: QuorumPolicy,
        set: ShareSet,
        members: Vec<Member>,
        purpose: &str,
        now: UtcDateTime,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ActivationError> {
        if set.threshold() < policy.threshold() {
            return Err(ActivationError::Threshold { set: set.threshold(), policy: policy.threshold() });
        }
        if !(1..=200).contains(&purpose.chars().count()) || purpose.chars().any(char::is_control) {
            return Err(ActivationError::Purpose);
        }
        for (position, member) in members.iter().enumerate() {
            let same = |other: &Member| other.person == member.person || other.public_key == member.public_key;
            if members.iter().take(position).any(same) {
                return Err(ActivationError::DuplicateMember { person: member.person.clone() });
            }
        }
        let holds = |member: &&Member| set.holders().iter().any(|holder| *holder.person() == member.person);
        let (have, need) = (members.iter().filter(holds).count(), usize::from(set.threshold()));
        if have < need {
            return Err(ActivationError::Roster { have, need });
        }
        let mut challenge = [0; 32];
        rng.fill_bytes(&mut challenge);
        let purpose = purpose.to_owned();
        Ok(Self { policy, set, members, purpose, challenge, begun: now, latest: now, entries: Vec::new() })
    }

    /// Takes a person's authentication and share. A person who is added again replaces his earlier entry and counts once.
    ///
    /// # Errors
    /// [`ActivationError`]; the activation goes on as if the call had not been made.
    pub fn add(
        &mut self,
        credential: &UnlockedCredential,
        share: Share,
        now: UtcDateTime,
    ) -> Result<Progress, ActivationError> {
        self.check_clock(now)?;
        self.check_person(credential, now)?;
        if share.person() != credential.person() {
            return Err(ActivationError::ForeignShare {
                person: credential.person().clone(),
                holder: share.person().clone(),
            });
        }
        self.set.check(&share)?;
        let statement = self.statement(credential.person(), credential.authenticated_at())?;
        let sign_off = credential.sign_off(&statement);
        self.entries.retain(|entry| entry.share.person() != credential.person());
        self.entries.push(Entry {
            share,
            presence: Presence { statement, sign_off, authenticated_at: credential.authenticated_at() },
            factor: credential.credential().factor().to_owned(),
            sandbox: credential.credential().is_sandbox(),
        });
        self.latest = now;
        Ok(self.progress(now))
    }

    /// Who is there at this instant, who no more, and how many it takes.
    #[must_use]
    pub fn progress(&self, now: UtcDateTime) -> Progress {
        let (present, stale): (Vec<&Entry>, Vec<&Entry>) = self.entries.iter().partition(|e| self.is_fresh(e, now));
        let names = |entries: Vec<&Entry>| entries.iter().map(|entry| entry.share.person().clone()).collect();
        Progress { present: names(present), stale: names(stale), need: usize::from(self.set.threshold()) }
    }

    /// The evidence given so far, also that of persons whose authentication has become too old.
    pub fn presences(&self) -> impl Iterator<Item = &Presence> {
        self.entries.iter().map(|entry| &entry.presence)
    }

    /// What each person signs a statement about: 32 random octets.
    #[must_use]
    pub fn challenge(&self) -> &[u8; 32] {
        &self.challenge
    }

    /// Opens the session. Every share is wiped, whether it succeeds or not: after a failure all authenticate again.
    ///
    /// # Errors
    /// [`ActivationError::BelowQuorum`] with those whose authentication is too old; [`ActivationError::Clock`];
    /// [`ActivationError::Share`].
    pub fn open(self, now: UtcDateTime) -> Result<ActivationSession, ActivationError> {
        self.check_clock(now)?;
        let Progress { present, stale, need } = self.progress(now);
        if present.len() < need {
            return Err(ActivationError::BelowQuorum { have: present.len(), need, stale });
        }
        let fresh: Vec<&Entry> = self.entries.iter().filter(|entry| self.is_fresh(entry, now)).collect();
        let shares: Vec<Share> = fresh.iter().map(|entry| entry.share.clone()).collect();
        let pin = self.set.open(&shares)?;
        let presences = fresh.iter().map(|entry| entry.presence.clone()).collect();
        let sandbox = fresh.iter().any(|entry| entry.sandbox);
        Ok(ActivationSession::new(pin, self.purpose, presences, sandbox, now, now + self.policy.session()))
    }

    fn check_clock(&self, now: UtcDateTime) -> Result<(), ActivationError> {
        if now < self.latest { Err(ActivationError::Clock { now, latest: self.latest }) } else { Ok(()) }
    }

    fn check_person(&self, credential: &UnlockedCredential, now: UtcDateTime) -> Result<(), ActivationError> {
        let person = || credential.person().clone();
        let member = self.members.iter().find(|member| member.person == *credential.person());
        let member = member.ok_or_else(|| ActivationError::NotOnRoster { person: person() })?;
        if member.public_key != *credential.credential().public_key() {
            return Err(ActivationError::OtherKey { person: person() });
        }
        if credential.credential().is_sandbox() && self.policy.sandbox() == Sandbox::Refused {
            return Err(ActivationError::SandboxCredential { person: person() });
        }
        let authenticated = credential.authenticated_at();
        // An authentication from before the activation was begun is not one "at that moment".
        if authenticated < self.begun || authenticated > now || now - authenticated > self.policy.window() {
            return Err(ActivationError::NotNow { person: person(), authenticated });
        }
        let age = credential.credential().password_age(now);
        if age > self.policy.password_age() {
            return Err(ActivationError::PasswordTooOld { person: person(), age });
        }
        let factor = credential.credential().factor();
        let shared = self.entries.iter().find(|e| e.factor == factor && e.share.person() != credential.person());
        match shared {
            Some(entry) => Err(ActivationError::SharedFactor { person: person(), other: entry.share.person().clone() }),
            None => Ok(()),
        }
    }

    fn statement(&self, person: &PersonId, time: UtcDateTime) -> Result<Statement, ActivationError> {
        let members = [
            ("type", "tegata-activation-v1".to_owned()),
            ("purpose", self.purpose.clone()),
            ("challenge", hex::encode(self.challenge)),
            ("set", hex::encode(self.set.id())),
            ("person", person.to_string()),
            ("time", instant_text(time)),
        ];
        let members: Map<String, Value> =
            members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Statement::new(members).map_err(|_| ActivationError::Purpose)
    }

    fn is_fresh(&self, entry: &Entry, now: UtcDateTime) -> bool {
        let authenticated = entry.presence.authenticated_at;
        authenticated <= now && now - authenticated <= self.policy.window()
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, need) = (self.entries.len(), self.set.threshold());
        write!(formatter, "Activation({:?}, {given} given, {need} needed)", self.purpose)
    }
}
