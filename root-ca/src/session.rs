//! Signing: what each kind of ceremony may sign, and how one signature is made.
//!
//! A root key signs four things: its own certificate, links, certificates of signers, and CRLs. There is no other way to
//! its signature, and a session has only the methods of its kind:
//!
//! ```compile_fail,E0599
//! use tegata_root_ca::{AcceptedRequest, IssueOrder, SigningSession, session::EmergencyRevoke};
//! # use rand_core::CryptoRng;
//! fn no_certificate(session: &mut SigningSession<'_, EmergencyRevoke>, order: &IssueOrder<'_>, rng: &mut impl CryptoRng) {
//!     // error: the trait `MayIssue` is not implemented for `EmergencyRevoke`
//!     session.issue(order, rng);
//! }
//! ```
//!
//! The same with a quarterly session compiles:
//!
//! ```
//! use tegata_root_ca::{AuthorityError, IssueOrder, SigningSession, session::Quarterly};
//! # use rand_core::CryptoRng;
//! fn certificate(
//!     session: &mut SigningSession<'_, Quarterly>,
//!     order: &IssueOrder<'_>,
//!     rng: &mut impl CryptoRng,
//! ) -> Result<(), AuthorityError> {
//!     session.issue(order, rng).map(|_record| ())
//! }
//! ```
//!
//! One signature is made in eight steps, each reported to the [`Observer`]: build and lint; write the intent with its number
//! and sync; bring it to the audit log; sign; verify the signature, compare the bytes and lint again; write the result and
//! sync; bring it to the audit log; write the file. A crash in between leaves an open intent, whose number is never used
//! again and which must be closed with a reason, or a complete result whose file [`Authority::restore_outputs`] writes.

mod certificate;
mod crl;
mod kind;
mod observer;

use std::{marker::PhantomData, path::Path};

use tegata_audit::{Class, Outcome};
use tegata_hsm::Signer;
use tegata_pki::{Certificate, DerSignature, Name};
use time::UtcDateTime;

pub use self::{
    certificate::{IssueOrder, Links},
    crl::CrlBatch,
    kind::{
        CeremonyKind, Destroy, EmergencyRekey, EmergencyRevoke, First, MayIssue, MayLink, MaySelfSign, MaySignCrl,
        Quarterly, RestoreDrill, RootRekey,
    },
    observer::{Observer, SigningPoint, Unobserved},
};
use crate::{
    authority::{Authority, SessionInput},
    digest::sha256,
    error::AuthorityError,
    incident::IncidentStep,
    key_status::{Generation, KeyStatus, KeyTask},
    output,
    state::{IntentObject, NewIntent, Notice, RootKey, Write},
};

/// An open session of one kind of ceremony.
pub struct SigningSession<'a, K: CeremonyKind> {
    authority: &'a mut Authority,
    input: SessionInput<'a>,
    observer: Box<dyn Observer + 'a>,
    kind: PhantomData<K>,
}

/// What is about to be signed.
struct Draft<'a> {
    object: IntentObject,
    issuer: Generation,
    issuer_name: &'a Name,
    tbs: Vec<u8>,
    output: String,
}

impl<'a, K: CeremonyKind> SigningSession<'a, K> {
    pub(crate) fn new(authority: &'a mut Authority, input: SessionInput<'a>) -> Self {
        Self { authority, input, observer: Box::new(Unobserved), kind: PhantomData }
    }

    /// Lets somebody follow each step of each signature.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Observer + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Sets the time of what follows; a ceremony lasts hours. A time before the last change is refused by the state.
    pub fn set_time(&mut self, now: UtcDateTime) {
        self.input.now = now;
    }

    /// The root that signs, to look things up between two signatures.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        self.authority
    }

    fn now(&self) -> UtcDateTime {
        crate::state::whole_second(self.input.now)
    }

    fn folder(&self) -> &Path {
        &self.input.outputs
    }

    /// The signer of a key.
    fn signer(&self, key: &RootKey) -> Result<&'a dyn Signer, AuthorityError> {
        let signer = self.input.signers.iter().find(|signer| *signer.public_key() == key.public_key);
        signer.copied().ok_or(AuthorityError::MissingSigner(key.generation))
    }

    /// The key may do this, now.
    fn permit(&self, generation: Generation, task: KeyTask) -> Result<RootKey, AuthorityError> {
        let key = self.authority.state().key(generation)?;
        permit(self.authority, &key, task, self.now())?;
        self.signer(&key)?;
        Ok(key)
    }

    /// Steps 2 to 8 of a signature. `begin` takes the number, builds and lints within the transaction of the intent;
    /// `finish` puts the signature on, verifies and lints; `record` writes the result.
    fn sign<D, T>(
        &mut self,
        key: &RootKey,
        begin: impl FnOnce(&Write<'_>) -> Result<(D, IntentObject, Vec<u8>, String), AuthorityError>,
        finish: impl FnOnce(D, &DerSignature) -> Result<T, AuthorityError>,
        record: impl FnOnce(&Write<'_>, &T, u64, &str) -> Result<(), AuthorityError>,
    ) -> Result<T, AuthorityError>
    where
        T: Signed,
    {
        let (signer, now) = (self.signer(key)?, self.now());
        let folder = self.folder().to_owned();
        self.observer.reached(SigningPoint::Begun);
        let (design, draft, intent) = self.authority.commit_only(now, |write| {
            let (design, object, tbs, output) = begin(write)?;
            output::absent(&folder.join(&output))?;
            let draft = Draft { object, issuer: key.generation, issuer_name: &key.name, tbs, output };
            let intent = draft.record(write)?;
            Ok((design, draft, intent))
        })?;
        self.observer.reached(SigningPoint::IntentRecorded);
        self.authority.flush()?;
        self.observer.reached(SigningPoint::IntentLogged);
        let signature = signer.sign(&draft.tbs)?.to_der(key.public_key.curve());
        self.observer.reached(SigningPoint::Signed);
        let signed = finish(design, &signature)?;
        if signed.tbs() != draft.tbs {
            return Err(AuthorityError::NotWhatWasIntended);
        }
        self.observer.reached(SigningPoint::Verified);
        self.authority.commit_only(now, |write| {
            record(write, &signed, intent, &draft.output)?;
            write.complete_intent(intent)?;
            Ok(write.notice(&draft.notice("signed", intent).object(&draft.output, sha256(signed.der())))?)
        })?;
        self.observer.reached(SigningPoint::ResultRecorded);
        self.authority.flush()?;
        self.observer.reached(SigningPoint::ResultLogged);
        let observer = &mut self.observer;
        let place = || observer.reached(SigningPoint::FileWritten);
        output::write(&self.input.outputs, &draft.output, signed.der(), place)?;
        self.observer.reached(SigningPoint::FileInPlace);
        Ok(signed)
    }
}

impl Draft<'_> {
    fn record(&self, write: &Write<'_>) -> Result<u64, AuthorityError> {
        let tbs_sha256 = sha256(&self.tbs);
        let (object, issuer, issuer_name) = (&self.object, self.issuer, self.issuer_name);
        let intent = write.insert_intent(&NewIntent { object, issuer, issuer_name, tbs_sha256 })?;
        write.notice(&self.notice("intent-opened", intent).object("tbs", tbs_sha256))?;
        Ok(intent)
    }

    fn notice(&self, name: &str, intent: u64) -> Notice {
        let class = match &self.object {
            IntentObject::Certificate { .. } => Class::Issuance,
            IntentObject::Crl { .. } => Class::Revocation,
        };
        let notice = Notice::new(class, name, Outcome::Success).detail("intent", intent);
        let notice = notice.detail("object", self.object.id()).detail("generation", self.issuer.0);
        match &self.object {
            IntentObject::Certificate { serial, .. } => notice.detail("serial", serial.to_string()),
            IntentObject::Crl { number } => notice.detail("crl-number", *number),
        }
    }
}

/// A signed object, and the part of it that was signed.
trait Signed {
    fn tbs(&self) -> &[u8];
    fn der(&self) -> &[u8];
}

impl Signed for Certificate {
    fn tbs(&self) -> &[u8] {
        Self::tbs(self)
    }

    fn der(&self) -> &[u8] {
        Self::der(self)
    }
}

impl Signed for tegata_pki::OwnedCrl {
    fn tbs(&self) -> &[u8] {
        Self::tbs(self)
    }

    fn der(&self) -> &[u8] {
        Self::der(self)
    }
}

/// Status, use period and incidents allow the task. The compromised key has one task left: the list of step ①.
fn permit(authority: &Authority, key: &RootKey, task: KeyTask, now: UtcDateTime) -> Result<(), AuthorityError> {
    let generation = key.generation;
    let incidents = authority.state().incidents()?;
    let is_opened = incidents.iter().any(|one| one.key == generation && one.step == IncidentStep::Opened);
    let last_list = key.status == KeyStatus::Compromised && task == KeyTask::SignCrl && is_opened;
    if !key.status.permits(task) && !last_list {
        return Err(AuthorityError::KeyStatus { generation, status: key.status, task });
    }
    if matches!(task, KeyTask::Issue | KeyTask::IssueListSigner)
        && let Some(incident) = authority.incident_before(IncidentStep::NewRoot)?
    {
        return Err(AuthorityError::IncidentOpen { key: incident.key, step: incident.step });
    }
    let ended = end_of_use(authority, key, task);
    if now > ended { Err(AuthorityError::KeyUseEnded { generation, ended }) } else { Ok(()) }
}

/// The last instant at which the key may do this.
fn end_of_use(authority: &Authority, key: &RootKey, task: KeyTask) -> UtcDateTime {
    let root = &authority.policy().root;
    let key_use = root.key_use.after(key.created);
    match (task, &key.certificate) {
        (KeyTask::SignCrl, Some(certificate)) if root.crl_after_key_use => certificate.not_after(),
        _ => key_use,
    }
}
