//! The facade: one root with its state, its policy and its audit log.

use std::path::PathBuf;

use tegata_audit::{Actor, Class, Event, Log, Outcome, read};
use tegata_hsm::Signer;
use tegata_pki::PublicKey;
use tegata_quorum::PersonId;
use time::UtcDateTime;

use crate::{
    crl_audit::{CrlFinding, audit_crl},
    csr::{self, CsrInput, CsrReport},
    error::AuthorityError,
    key_status::{Generation, KeyStatus},
    order::{OrderedAct, SignedOrder},
    policy::Policy,
    revoke::{CA_MANAGER, CERTIFICATE_ISSUER, Duty, RevocationOrder, duties},
    session::{CeremonyKind, SigningSession},
    state::{Notice, RootKey, State, StateError, Write},
};

/// One root: the state on its medium, the policy it works under, the log of what it does, and who acts.
///
/// Every method that changes something takes the time, writes the change and its audit event in one transaction, and
/// brings the event to the log before it returns. Refusals and failures are logged too.
#[derive(Debug)]
pub struct Authority {
    state: State,
    policy: Policy,
    log: Log,
    actor: Actor,
}

/// What a signing session needs.
pub struct SessionInput<'a> {
    /// The signers of the root keys that take part: the key of an ordinary ceremony, both keys during a rollover.
    pub signers: Vec<&'a dyn Signer>,
    /// An existing folder for the signed files; nothing in it is overwritten.
    pub outputs: PathBuf,
    /// The time.
    pub now: UtcDateTime,
}

impl Authority {
    /// Puts a root together and logs that it was opened, under which policy, and whether it is a sandbox. Events of changes
    /// that a crash kept from the log are brought there first.
    ///
    /// # Errors
    /// [`AuthorityError::OtherPolicy`] when the state is that of a root under another policy,
    /// [`AuthorityError::PolicyChanged`] when the policy's file is another than at the last use.
    pub fn open(
        state: State,
        policy: Policy,
        log: Log,
        actor: Actor,
        now: UtcDateTime,
    ) -> Result<Self, AuthorityError> {
        let (expected, digest) = state.policy()?;
        if expected != policy.id {
            return Err(AuthorityError::OtherPolicy { expected, found: policy.id.clone() });
        }
        if digest != policy.digest() {
            return Err(AuthorityError::PolicyChanged);
        }
        let mut authority = Self { state, policy, log, actor };
        authority.recover_log(now)?;
        let sandbox = authority.state.is_sandbox()?;
        let notice = Notice::new(Class::SystemAccess, "root-opened", Outcome::Success).detail("sandbox", sandbox);
        let notice = notice.object(&authority.policy.id, authority.policy.digest());
        authority.commit(now, |write| Ok(write.notice(&notice)?))?;
        Ok(authority)
    }

    /// What the root remembers.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The audit log, for checkpoints.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Who acts from now on, in the audit log.
    pub fn set_actor(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Goes on under another version of the same policy. The CA manager orders it and the certificate issuer approves, two
    /// persons, each with a signature over the digests of both files.
    ///
    /// # Errors
    /// [`AuthorityError::OtherPolicy`] for a policy of another id, [`AuthorityError::OrderOther`],
    /// [`AuthorityError::OrderUnsigned`], [`AuthorityError::Role`], [`AuthorityError::OnePerson`].
    pub fn adopt_policy(
        &mut self,
        policy: Policy,
        [manager, issuer]: [&SignedOrder; 2],
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("policy-adopted", Class::SystemAccess, now, |authority| {
            if policy.id != authority.policy.id {
                let (expected, found) = (authority.policy.id.clone(), policy.id.clone());
                return Err(AuthorityError::OtherPolicy { expected, found });
            }
            let act = OrderedAct::AdoptPolicy { from: authority.policy.digest(), to: policy.digest() };
            manager.check(&act, CA_MANAGER)?;
            issuer.check(&act, CERTIFICATE_ISSUER)?;
            if manager.order.person == issuer.order.person {
                return Err(AuthorityError::OnePerson);
            }
            authority.commit(now, |write| {
                write.set_policy(&policy)?;
                let notice = Notice::new(Class::SystemAccess, "policy-adopted", Outcome::Success);
                let notice = notice.object(&policy.id, policy.digest());
                Ok(write.notice(&issuer.note(manager.note(notice)))?)
            })?;
            authority.policy = policy.clone();
            Ok(())
        })
    }

    /// Records that the activation has new parts, made by those who opened the old ones, by order of the CA manager. The parts
    /// themselves are not the authority's.
    ///
    /// # Errors
    /// [`AuthorityError::OrderOther`] unless the order is about this act, [`AuthorityError::OrderUnsigned`],
    /// [`AuthorityError::Role`], [`AuthorityError::TooFewPersons`] below the policy's quorum.
    pub fn record_new_parts(
        &mut self,
        act: &OrderedAct,
        order: &SignedOrder,
        opened_by: &[PersonId],
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals(PARTS_RENEWED, Class::KeyGeneration, now, |authority| {
            let OrderedAct::RenewParts { from, to, holders } = act else { return Err(AuthorityError::OrderOther) };
            order.check(act, CA_MANAGER)?;
            let needed = usize::from(authority.policy.quorum.activation.k);
            let present = opened_by.iter().collect::<std::collections::BTreeSet<_>>().len();
            if present < needed {
                return Err(AuthorityError::TooFewPersons { present, needed });
            }
            let names =
                |persons: &[PersonId]| persons.iter().map(|person| person.as_str().to_owned()).collect::<Vec<_>>();
            authority.commit(now, |write| {
                let notice = Notice::new(Class::KeyGeneration, PARTS_RENEWED, Outcome::Success);
                let notice = notice.object("parts-before", *from).object("parts", *to);
                let notice = notice.detail("opened-by", names(opened_by)).detail("holders", names(holders));
                Ok(write.notice(&order.note(notice))?)
            })
        })
    }

    /// Enters a new root key, generated just now in a token at `reference` (RFC 7512). It is `pending`; its name is the
    /// policy's for the new generation.
    ///
    /// # Errors
    /// [`AuthorityError::RootCurve`], [`StateError::KeyKnown`].
    pub fn register_key(
        &mut self,
        public_key: &PublicKey,
        reference: &str,
        now: UtcDateTime,
    ) -> Result<Generation, AuthorityError> {
        self.refusals("root-key-registered", Class::KeyGeneration, now, |authority| {
            let curve = public_key.curve();
            if !authority.policy.root.curves.contains(&curve) {
                return Err(AuthorityError::RootCurve(curve));
            }
            if authority.state.certified(public_key)?.is_some() {
                return Err(AuthorityError::ForeignSigner);
            }
            let last = authority.state.keys()?.last().map_or(0, |key| key.generation.0);
            let generation = Generation(last.saturating_add(1));
            let name = authority.policy.root_name(generation.0)?;
            authority.commit(now, |write| {
                write.insert_key(generation, public_key, &name, reference)?;
                let notice = Notice::new(Class::KeyGeneration, "root-key-registered", Outcome::Success);
                let notice = notice.detail("generation", generation.0).detail("curve", curve.name());
                let identifier = hex::encode(public_key.key_identifier());
                write.notice(&notice.detail("key-identifier", identifier).detail("reference", reference))?;
                Ok(generation)
            })
        })
    }

    /// Records that the backup of a key was restored and holds `restored`.
    ///
    /// # Errors
    /// [`AuthorityError::RestoredOtherKey`].
    pub fn record_restore_test(
        &mut self,
        generation: Generation,
        restored: &PublicKey,
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("restore-tested", Class::KeyGeneration, now, |authority| {
            if authority.state.key(generation)?.public_key != *restored {
                return Err(AuthorityError::RestoredOtherKey(generation));
            }
            authority.commit(now, |write| {
                write.set_restore_tested(generation)?;
                let notice = Notice::new(Class::KeyGeneration, "restore-tested", Outcome::Success);
                Ok(write.notice(&notice.detail("generation", generation.0))?)
            })
        })
    }

    /// Makes a pending key the active one; the one that was becomes `retiring`.
    ///
    /// # Errors
    /// [`AuthorityError::NotCertified`], [`AuthorityError::NoRestoreTest`], [`StateError::Transition`].
    pub fn activate_key(&mut self, generation: Generation, now: UtcDateTime) -> Result<(), AuthorityError> {
        self.refusals("root-key-activated", Class::KeyGeneration, now, |authority| {
            let key = authority.state.key(generation)?;
            if key.certificate.is_none() {
                return Err(AuthorityError::NotCertified(generation));
            }
            if key.restore_tested.is_none() {
                return Err(AuthorityError::NoRestoreTest(generation));
            }
            authority.commit(now, |write| {
                let active = write.keys()?.into_iter().find(|key| key.status == KeyStatus::Active);
                if let Some(old) = active.filter(|old| old.generation != generation) {
                    change_status(write, old.generation, KeyStatus::Retiring)?;
                }
                Ok(change_status(write, generation, KeyStatus::Active)?)
            })
        })
    }

    /// Ends the work of a retiring key once nothing below it is valid.
    ///
    /// # Errors
    /// [`AuthorityError::StillNeeded`], [`StateError::Transition`].
    pub fn retire_key(&mut self, generation: Generation, now: UtcDateTime) -> Result<(), AuthorityError> {
        self.refusals("root-key-retired", Class::KeyGeneration, now, |authority| {
            let below = authority.state.certificates()?.into_iter();
            let below = below.filter(|record| record.issuer == generation && record.kind.is_end_entity());
            if let Some(until) = below.map(|record| record.certificate.not_after()).max().filter(|until| *until >= now)
            {
                return Err(AuthorityError::StillNeeded { generation, until });
            }
            authority.commit(now, |write| Ok(change_status(write, generation, KeyStatus::Retired)?))
        })
    }

    /// Records that one copy of a key was destroyed, with the approvals of two organisations.
    ///
    /// # Errors
    /// [`AuthorityError::Approvals`], [`AuthorityError::KeyStatus`] for a key that is still of use.
    pub fn record_destroyed_copy(
        &mut self,
        generation: Generation,
        copy: &str,
        approvals: &[String],
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("root-key-copy-destroyed", Class::KeyGeneration, now, |authority| {
            let distinct = approvals.iter().filter(|approval| !approval.trim().is_empty());
            if distinct.collect::<std::collections::BTreeSet<_>>().len() < 2 {
                return Err(AuthorityError::Approvals);
            }
            if copy.trim().is_empty() {
                return Err(AuthorityError::ReasonEmpty);
            }
            let from = authority.state.key(generation)?.status;
            if !from.may_become(KeyStatus::Destroyed) {
                let to = KeyStatus::Destroyed;
                return Err(StateError::Transition { generation, from, to }.into());
            }
            authority.commit(now, |write| {
                write.insert_destruction(generation, copy, approvals)?;
                let notice = Notice::new(Class::KeyGeneration, "root-key-copy-destroyed", Outcome::Success);
                let notice = notice.detail("generation", generation.0).detail("copy", copy);
                Ok(write.notice(&notice.detail("approvals", approvals.to_vec()))?)
            })
        })
    }

    /// Ends the life of a key after every copy of the inventory is recorded as destroyed.
    ///
    /// # Errors
    /// [`AuthorityError::CopiesLeft`]; it is an error too if the inventory is empty.
    pub fn finish_destruction(
        &mut self,
        generation: Generation,
        inventory: &[String],
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("root-key-destroyed", Class::KeyGeneration, now, |authority| {
            let destroyed = authority.state.destructions()?;
            let gone = |copy: &String| destroyed.iter().any(|row| row.generation == generation && row.copy == *copy);
            let copies: Vec<_> = inventory.iter().filter(|copy| !gone(copy)).cloned().collect();
            if !copies.is_empty() || inventory.is_empty() {
                return Err(AuthorityError::CopiesLeft { copies });
            }
            authority.commit(now, |write| Ok(change_status(write, generation, KeyStatus::Destroyed)?))
        })
    }

    /// Closes an intent that no result followed. Its number stays used.
    ///
    /// # Errors
    /// [`AuthorityError::ReasonEmpty`], [`StateError::NoIntent`].
    pub fn close_intent(&mut self, id: u64, reason: &str, now: UtcDateTime) -> Result<(), AuthorityError> {
        self.refusals("intent-closed", Class::Issuance, now, |authority| {
            if reason.trim().is_empty() {
                return Err(AuthorityError::ReasonEmpty);
            }
            authority.commit(now, |write| {
                let intent = write.burn_intent(id, reason)?;
                let notice = Notice::new(Class::Issuance, "intent-closed", Outcome::Failed);
                let notice = notice.detail("intent", id).detail("object", intent.object.id()).detail("reason", reason);
                Ok(write.notice(&notice.object("tbs", intent.tbs_sha256))?)
            })
        })
    }

    /// Checks a request for a certificate and logs the result of each check.
    ///
    /// # Errors
    /// [`AuthorityError::State`]; a request that fails is no error but a report that says so.
    pub fn check_request(&mut self, input: &CsrInput<'_>, now: UtcDateTime) -> Result<CsrReport, AuthorityError> {
        let report = csr::check(input, &self.policy, &self.state, now)?;
        let outcome = if report.is_acceptable() { Outcome::Success } else { Outcome::Refused };
        let faults: Vec<_> =
            report.rows.iter().filter_map(|(_, fault)| fault.as_ref().map(csr::CsrFault::id)).collect();
        let notice = Notice::new(Class::Issuance, "request-checked", outcome).object("csr", report.digest);
        let notice = notice.detail("role", input.role.id()).detail("faults", faults);
        let notice = notice.detail("attestation", report.attestation.statement());
        self.commit(now, |write| Ok(write.notice(&notice)?))?;
        Ok(report)
    }

    /// Accepts an order to revoke a certificate. The clock of the duty runs from here; the next list names it.
    ///
    /// # Errors
    /// [`AuthorityError::Role`] unless the CA manager orders it, [`AuthorityError::RevokedBefore`],
    /// [`AuthorityError::RevocationDate`], [`AuthorityError::Ended`], [`StateError::NoCertificate`].
    pub fn revoke(&mut self, order: &RevocationOrder, now: UtcDateTime) -> Result<(), AuthorityError> {
        self.refusals("revocation-accepted", Class::Revocation, now, |authority| {
            require_ca_manager(&order.role)?;
            let date = crate::state::whole_second(order.date);
            authority.commit(now, |write| {
                let record = write.certificate(&order.serial.0)?;
                let serial = order.serial.to_string();
                if write.revocations()?.iter().any(|revocation| revocation.serial == order.serial) {
                    return Err(AuthorityError::RevokedBefore { serial });
                }
                if record.certificate.not_after() < write.now {
                    return Err(AuthorityError::Ended { serial });
                }
                if date > write.now || date < record.issued {
                    return Err(AuthorityError::RevocationDate(date));
                }
                write.insert_revocation(&order.serial, date, order.cause, &order.requested_by)?;
                let notice = Notice::new(Class::Revocation, "revocation-accepted", Outcome::Success);
                let notice = notice.detail("serial", serial).detail("cause", order.cause.id());
                Ok(write.notice(&notice.detail("requested-by", order.requested_by.as_str()))?)
            })
        })
    }

    /// The running clock of every revocation.
    ///
    /// # Errors
    /// [`AuthorityError::State`].
    pub fn duties(&self, now: UtcDateTime) -> Result<Vec<Duty>, AuthorityError> {
        Ok(duties(&self.state.revocations()?, &self.policy, now))
    }

    /// Compares a CRL with the issuance record; an empty result means that it is right.
    ///
    /// # Errors
    /// [`AuthorityError::State`].
    pub fn audit_crl(&self, der: &[u8]) -> Result<Vec<CrlFinding>, AuthorityError> {
        audit_crl(der, &self.state, &self.policy)
    }

    /// Opens a signing session of a kind of ceremony. What the kind may not sign, the session cannot, by type.
    ///
    /// # Errors
    /// [`AuthorityError::OpenIntents`] until each is closed, [`AuthorityError::ForeignSigner`],
    /// [`AuthorityError::Output`] when the folder is not there.
    pub fn session<'a, K: CeremonyKind>(
        &'a mut self,
        input: SessionInput<'a>,
    ) -> Result<SigningSession<'a, K>, AuthorityError> {
        let now = input.now;
        let prepared = self.refusals("session-opened", Class::Ceremony, now, |authority| {
            let count = authority.state.open_intents()?.len();
            if count > 0 {
                return Err(AuthorityError::OpenIntents { count });
            }
            let keys = authority.state.keys()?;
            let known = |signer: &&dyn Signer| keys.iter().any(|key: &RootKey| key.public_key == *signer.public_key());
            if !input.signers.iter().all(known) {
                return Err(AuthorityError::ForeignSigner);
            }
            crate::output::clean(&input.outputs)?;
            let notice = Notice::new(Class::Ceremony, "session-opened", Outcome::Success);
            authority.commit(now, |write| Ok(write.notice(&notice.detail("kind", K::ID))?))
        });
        prepared?;
        Ok(SigningSession::new(self, input))
    }

    /// Writes every signed file that is missing in a folder, from the state: after a crash or on a new medium.
    ///
    /// # Errors
    /// [`AuthorityError::Output`].
    pub fn restore_outputs(&self, folder: &std::path::Path) -> Result<Vec<PathBuf>, AuthorityError> {
        crate::output::clean(folder)?;
        let mut written = Vec::new();
        let mut files = Vec::new();
        for record in self.state.certificates()? {
            files.push((record.output, record.certificate.der().to_vec()));
        }
        for name in self.issuer_names()? {
            let crls = self.state.crls(&name)?.into_iter();
            files.extend(crls.filter_map(|crl| crl.der.map(|der| (crl.output, der))));
        }
        for (name, bytes) in files {
            if !folder.join(&name).exists() {
                written.push(crate::output::write(folder, &name, &bytes, || ())?);
            }
        }
        Ok(written)
    }

    /// The distinct names of the root's keys.
    ///
    /// # Errors
    /// [`AuthorityError::State`].
    pub fn issuer_names(&self) -> Result<Vec<tegata_pki::Name>, AuthorityError> {
        let mut names = Vec::new();
        for key in self.state.keys()? {
            if !names.contains(&key.name) {
                names.push(key.name);
            }
        }
        Ok(names)
    }

    /// Commits a change with its notice and brings the notice to the log.
    pub(crate) fn commit<T>(
        &mut self,
        now: UtcDateTime,
        work: impl FnOnce(&Write<'_>) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        let result = self.state.write(now, work)?;
        self.flush()?;
        Ok(result)
    }

    /// The same without bringing the notice to the log: [`Authority::flush`] must follow.
    pub(crate) fn commit_only<T>(
        &mut self,
        now: UtcDateTime,
        work: impl FnOnce(&Write<'_>) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        self.state.write(now, work)
    }

    /// Runs an act and logs its refusal or failure.
    pub(crate) fn refusals<T>(
        &mut self,
        name: &str,
        class: Class,
        now: UtcDateTime,
        act: impl FnOnce(&mut Self) -> Result<T, AuthorityError>,
    ) -> Result<T, AuthorityError> {
        let result = act(self);
        if let Err(error) = &result {
            self.log_error(name, class, error, now);
        }
        result
    }

    /// An error that cannot even be logged is still returned to the caller, who shows it: the first error says most.
    pub(crate) fn log_error(&mut self, name: &str, class: Class, error: &AuthorityError, now: UtcDateTime) {
        let outcome = if error.is_refusal() { Outcome::Refused } else { Outcome::Failed };
        if let Ok(event) = Event::new(class, name, outcome, self.actor.clone()) {
            let event = event.detail("error", error.id()).detail("message", error.to_string());
            let _logged_or_not = self.log.append(event, self.log_time(now));
        }
    }

    /// Brings every waiting notice to the log, each once.
    pub(crate) fn flush(&mut self) -> Result<(), AuthorityError> {
        let waiting = self.state.waiting_notices()?;
        self.log_notices(waiting, 0)
    }

    /// After a crash a notice may be in the log and still wait; its number in the log tells.
    fn recover_log(&mut self, now: UtcDateTime) -> Result<(), AuthorityError> {
        if let Some(torn) = self.log.torn() {
            let event = torn.event(self.actor.clone())?;
            self.log.append(event, self.log_time(now))?;
        }
        let waiting = self.state.waiting_notices()?;
        if waiting.is_empty() {
            return Ok(());
        }
        let bytes = std::fs::read(self.log.path())
            .map_err(|error| AuthorityError::Output { path: self.log.path().to_owned(), kind: error.kind() })?;
        let records = read(&bytes).unwrap_or_default();
        let numbers = records.iter().filter_map(|record| record.detail.get(NOTICE)?.as_u64());
        let logged = numbers.max().unwrap_or(0);
        self.log_notices(waiting, logged)
    }

    fn log_notices(&mut self, waiting: Vec<crate::state::Waiting>, logged: u64) -> Result<(), AuthorityError> {
        for waiting in waiting {
            if waiting.id > logged {
                let notice = waiting.notice;
                let mut event = Event::new(notice.class, notice.name, notice.outcome, self.actor.clone())?;
                for (name, digest) in notice.objects {
                    let digest = hex::decode(digest).ok().and_then(|bytes| bytes.try_into().ok());
                    event = event.object(name, digest.ok_or(StateError::Row { table: "outbox" })?);
                }
                for (key, value) in notice.detail {
                    event = event.detail(key, value);
                }
                self.log.append(event.detail(NOTICE, waiting.id), self.log_time(waiting.at))?;
            }
            self.state.notices_logged(waiting.id)?;
        }
        Ok(())
    }

    /// The log refuses a time before its last record; the state's times are cut to seconds.
    fn log_time(&self, at: UtcDateTime) -> UtcDateTime {
        self.log.last_time().map_or(at, |last| last.max(at))
    }
}

/// The event of new parts of the activation; its object `parts` is the id of their set.
pub const PARTS_RENEWED: &str = "activation-parts-renewed";

/// The detail that numbers the notices of the state.
const NOTICE: &str = "state-notice";

fn require_ca_manager(role: &str) -> Result<(), AuthorityError> {
    if role == CA_MANAGER {
        return Ok(());
    }
    Err(AuthorityError::Role { role: role.to_owned(), allowed: CA_MANAGER })
}

fn change_status(write: &Write<'_>, generation: Generation, to: KeyStatus) -> Result<(), StateError> {
    let from = write.set_key_status(generation, to)?;
    let name = format!("root-key-{}", to.id());
    let notice = Notice::new(Class::KeyGeneration, &name, Outcome::Success);
    write.notice(&notice.detail("generation", generation.0).detail("from", from.id()))
}
