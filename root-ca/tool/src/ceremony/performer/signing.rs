//! What the root signs. Which kind of ceremony may sign what is decided by types of `tegata_root_ca`; here each kind of the
//! script gets the session of its own kind, and a kind without the right has no line to stand in.

use tegata_ceremony::{ActionError, ActionOutcome, Kind};
use tegata_hsm::Signer;
use tegata_root_ca::session::{
    EmergencyRekey, EmergencyRevoke, First, MayIssue, MayLink, MaySelfSign, MaySignCrl, Quarterly, RootRekey,
};
use tegata_root_ca::{
    AcceptedRequest, AuthorityError, CertificateKind, CertificateRecord, CrlBatch, Evidence, Generation, IncidentStep,
    IssueOrder, KeyStatus, Links, RootKey, SessionInput,
};
use time::UtcDateTime;

use super::keys::fingerprint;
use super::{Performer, broken, failed};
use crate::ceremony::desk::Desk;
use crate::machine::rng;

impl<D: Desk> Performer<'_, D> {
    /// The newest root certifies itself. A root that replaces none, or a compromised one, is active from now on; the next
    /// root of a rollover waits until it has been published long enough.
    pub(super) fn self_sign(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let key = self.keys()?.pop().ok_or_else(|| failed("no-root-key", "there is no root key"))?;
        let generation = key.generation;
        // Taken up again, or compared wrongly the first time, the certificate is there already.
        let here = self.certified_here()?;
        let there = here.into_iter().find(|made| made.kind == CertificateKind::SelfSigned && made.issuer == generation);
        let made = match (there, self.kind()) {
            (Some(made), _) => made,
            (None, kind) => self.self_sign_as(kind, generation, now)?,
        };
        if self.kind() != Kind::RootRekey && key.status == KeyStatus::Pending {
            self.parts.authority.activate_key(generation, now).map_err(broken)?;
        }
        if self.kind() == Kind::EmergencyRekey {
            self.advance_incidents(IncidentStep::NewRoot, &Evidence::NewRoot { generation }, now)?;
        }
        let fingerprint = made.certificate.fingerprint_sha256();
        self.parts.desk.compare("root certificate", &fingerprint)?;
        Ok(of_certificates(&[made]).fact("generation", generation.0))
    }

    fn self_sign_as(
        &mut self,
        kind: Kind,
        generation: Generation,
        now: UtcDateTime,
    ) -> Result<CertificateRecord, ActionError> {
        match kind {
            Kind::First => self.self_sign_in::<First>(generation, now),
            Kind::RootRekey => self.self_sign_in::<RootRekey>(generation, now),
            Kind::EmergencyRekey => self.self_sign_in::<EmergencyRekey>(generation, now),
            kind => Err(may_not(kind, "certify a root")),
        }
    }

    /// Enters the step of every incident that waits for just this evidence.
    fn advance_incidents(
        &mut self,
        to: IncidentStep,
        evidence: &Evidence,
        now: UtcDateTime,
    ) -> Result<(), ActionError> {
        let incidents = self.parts.authority.state().incidents().map_err(broken)?;
        for incident in incidents.iter().filter(|incident| incident.step.next() == Some(to)) {
            self.parts.authority.advance_incident(incident.id, to, evidence, now).map_err(broken)?;
        }
        Ok(())
    }

    fn self_sign_in<K: MaySelfSign>(
        &mut self,
        generation: Generation,
        now: UtcDateTime,
    ) -> Result<CertificateRecord, ActionError> {
        let signers = self.signers(now)?;
        let input = self.session_input(&signers, now);
        let mut session = self.parts.authority.session::<K>(input).map_err(broken)?;
        session.self_sign(generation, &mut rng()).map_err(broken)
    }

    /// The two newest roots certify each other.
    pub(super) fn link(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let keys = self.keys()?;
        let [.., old, new] = keys.as_slice() else { return Err(failed("nothing-to-link", "there is one root only")) };
        let made = match self.kind() {
            Kind::RootRekey => self.link_in::<RootRekey>(old.generation, new.generation, now),
            kind => return Err(may_not(kind, "link roots")),
        }?;
        Ok(of_certificates(&[made.old_with_new, made.new_with_old]))
    }

    fn link_in<K: MayLink>(
        &mut self,
        old: Generation,
        new: Generation,
        now: UtcDateTime,
    ) -> Result<Links, ActionError> {
        let signers = self.signers(now)?;
        let input = self.session_input(&signers, now);
        let mut session = self.parts.authority.session::<K>(input).map_err(broken)?;
        session.link(old, new, &mut rng()).map_err(broken)
    }

    /// Certifies every key of the request that was admitted.
    pub(super) fn issue(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        self.switch_roots(now)?;
        let requests = self.accepted_requests(now)?;
        let made = match self.kind() {
            Kind::First => self.issue_in::<First>(&requests, now),
            Kind::Quarterly => self.issue_in::<Quarterly>(&requests, now),
            Kind::RootRekey => self.issue_in::<RootRekey>(&requests, now),
            Kind::EmergencyRekey => self.issue_in::<EmergencyRekey>(&requests, now),
            kind => return Err(may_not(kind, "certify signers")),
        }?;
        Ok(of_certificates(&made))
    }

    fn issue_in<K: MayIssue>(
        &mut self,
        requests: &[AcceptedRequest],
        now: UtcDateTime,
    ) -> Result<Vec<CertificateRecord>, ActionError> {
        let signers = self.signers(now)?;
        let input = self.session_input(&signers, now);
        let mut session = self.parts.authority.session::<K>(input).map_err(broken)?;
        let issue = |request| session.issue(&IssueOrder { request, not_before: None }, &mut rng());
        requests.iter().map(issue).collect::<Result<_, AuthorityError>>().map_err(broken)
    }

    /// The lists that last to the next ceremony.
    pub(super) fn sign_lists(&mut self, now: UtcDateTime) -> Result<ActionOutcome, ActionError> {
        let batch = match self.kind() {
            Kind::First => self.sign_lists_in::<First>(now),
            Kind::Quarterly => self.sign_lists_in::<Quarterly>(now),
            Kind::RootRekey => self.sign_lists_in::<RootRekey>(now),
            Kind::EmergencyRevoke => self.sign_lists_in::<EmergencyRevoke>(now),
            Kind::EmergencyRekey => self.sign_lists_in::<EmergencyRekey>(now),
            kind => return Err(may_not(kind, "sign lists")),
        }?;
        let newest = self.keys()?.last().map(|key| key.generation);
        let by_newest = batch.crls.iter().find(|crl| Some(crl.issuer) == newest);
        if let Some(crl) = by_newest.filter(|_| self.kind() == Kind::EmergencyRekey) {
            let evidence = Evidence::Crl { number: crl.number };
            self.advance_incidents(IncidentStep::RevokedByNewKey, &evidence, now)?;
        }
        let mut outcome =
            ActionOutcome::default().fact("lists", batch.crls.len()).fact("destroyed", batch.destroyed.len());
        if let (Some(first), Some(last)) = (batch.crls.first(), batch.crls.last()) {
            outcome = outcome
                .fact("numbers", format!("{} to {}", first.number, last.number))
                .fact("until", last.next_update.to_string())
                .digest(&first.output, first.sha256);
            if first.number != last.number {
                outcome = outcome.digest(&last.output, last.sha256);
            }
        }
        Ok(outcome)
    }

    fn sign_lists_in<K: MaySignCrl>(&mut self, now: UtcDateTime) -> Result<CrlBatch, ActionError> {
        let signers = self.signers(now)?;
        let input = self.session_input(&signers, now);
        let next = self.parts.exchange.next_ceremony;
        let mut session = self.parts.authority.session::<K>(input).map_err(broken)?;
        session.sign_crls(next).map_err(broken)
    }

    fn session_input<'s>(&self, signers: &'s [Box<dyn Signer>], now: UtcDateTime) -> SessionInput<'s> {
        let signers = signers.iter().map(|signer| &**signer).collect();
        SessionInput { signers, outputs: self.parts.home.file(super::OBJECTS), now }
    }

    /// The next root takes over once it has been published as long as the policy says.
    fn switch_roots(&mut self, now: UtcDateTime) -> Result<(), ActionError> {
        let published = self.parts.authority.policy().rollover.pre_publish;
        let due = |key: &&RootKey| {
            key.status == KeyStatus::Pending && key.certificate.is_some() && published.after(key.created) <= now
        };
        let keys = self.keys()?;
        match keys.iter().find(due) {
            Some(key) => self.parts.authority.activate_key(key.generation, now).map_err(broken),
            None => Ok(()),
        }
    }

    /// What this ceremony has certified so far.
    pub(super) fn certified_here(&self) -> Result<Vec<CertificateRecord>, ActionError> {
        let records = self.parts.authority.state().certificates().map_err(broken)?;
        Ok(self.parts.since.certificates(records))
    }
}

/// The outcome of a step that made certificates.
fn of_certificates(made: &[CertificateRecord]) -> ActionOutcome {
    let outcome = ActionOutcome::default().fact("certificates", made.len());
    made.iter().fold(outcome, |outcome, record| {
        let subject = record.certificate.subject().to_string();
        let key = record.certificate.public_key().map(|key| hex::encode(fingerprint(key))).unwrap_or_default();
        let fact = format!("{}, {subject}, to {}, key {key}", record.kind.id(), record.certificate.not_after());
        outcome.fact(&record.serial.to_string(), fact).digest(&record.output, record.certificate.fingerprint_sha256())
    })
}

fn may_not(kind: Kind, what: &str) -> ActionError {
    failed("kind-may-not", format!("a ceremony of kind {kind} does not {what}"))
}
