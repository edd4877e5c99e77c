//! The compromise of a root key, step by step (CP/CPS 5.7.3 ① to ⑥).
//!
//! From the moment an incident is opened the key is `compromised`: it signs nothing but the one CRL of step ①, and from
//! step ② on nothing at all. Each step is entered with evidence that this program checks as far as it can.

use std::fmt;

use tegata_audit::{Class, Outcome};
use time::UtcDateTime;

use crate::{
    authority::Authority,
    crl_audit,
    error::{AuthorityError, EvidenceFault},
    key_status::{Generation, KeyStatus},
    revoke::{CA_MANAGER, Cause},
    state::{CertificateKind, CertificateRecord, Incident, Notice, StateError, Write},
};

/// How far the treatment of a compromise is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentStep {
    /// The CA manager has judged the key compromised; every certificate below it is revoked in the state.
    Opened,
    /// ① A CRL by the compromised key lists them all, or that key can no longer be used.
    RevokedByOldKey,
    /// ② Nothing is certified; the compromised key signs nothing.
    Halted,
    /// ③ New documents are no longer accepted for issue.
    IntakeStopped,
    /// ④ There is a new root that the compromised key has not linked.
    NewRoot,
    /// ⑤ A CRL by the new key lists every certificate of the compromised key.
    RevokedByNewKey,
    /// ⑥ A canary document was verified under the new root; issue goes on.
    Resumed,
}

impl IncidentStep {
    /// Every step, in order.
    pub const ALL: [Self; 7] = [
        Self::Opened,
        Self::RevokedByOldKey,
        Self::Halted,
        Self::IntakeStopped,
        Self::NewRoot,
        Self::RevokedByNewKey,
        Self::Resumed,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::RevokedByOldKey => "revoked-by-old-key",
            Self::Halted => "halted",
            Self::IntakeStopped => "intake-stopped",
            Self::NewRoot => "new-root",
            Self::RevokedByNewKey => "revoked-by-new-key",
            Self::Resumed => "resumed",
        }
    }

    /// The step of a stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.id() == id)
    }

    /// The step after this one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }
}

impl fmt::Display for IncidentStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// What shows that a step was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// ① and ⑤: the number of the CRL.
    Crl {
        /// The number.
        number: u64,
    },
    /// ① The compromised key cannot be used any more, and why.
    OldKeyUnusable {
        /// Why.
        reason: String,
    },
    /// ② and ③: a statement of who did what.
    Statement {
        /// The statement.
        text: String,
    },
    /// ④ The new root.
    NewRoot {
        /// Its generation.
        generation: Generation,
    },
    /// ⑥ A canary document and the verifier's report about it.
    Canary {
        /// SHA-256 of the document.
        document_sha256: [u8; 32],
        /// SHA-256 of the report.
        report_sha256: [u8; 32],
        /// Whether the verdict was *accepted*.
        accepted: bool,
    },
}

impl Evidence {
    fn text(&self) -> String {
        match self {
            Self::Crl { number } => format!("crl {number}"),
            Self::OldKeyUnusable { reason } => format!("old key unusable: {reason}"),
            Self::Statement { text } => text.clone(),
            Self::NewRoot { generation } => format!("generation {generation}"),
            Self::Canary { document_sha256, report_sha256, accepted } => {
                let (document, report) = (hex::encode(document_sha256), hex::encode(report_sha256));
                format!("document {document}, report {report}, accepted {accepted}")
            }
        }
    }
}

impl Authority {
    /// Opens an incident: the key becomes `compromised`, and every unended certificate that it signed or that certifies it
    /// is revoked with cause [`Cause::CaCompromise`].
    ///
    /// # Errors
    /// [`AuthorityError::Role`] unless the CA manager judges; [`StateError::Transition`] for a destroyed key.
    pub fn open_incident(
        &mut self,
        generation: Generation,
        judged_by: &str,
        role: &str,
        now: UtcDateTime,
    ) -> Result<u64, AuthorityError> {
        self.refusals("incident-opened", Class::Revocation, now, |authority| {
            if role != CA_MANAGER {
                return Err(AuthorityError::Role { role: role.to_owned(), allowed: CA_MANAGER });
            }
            authority.commit(now, |write| {
                write.set_key_status(generation, KeyStatus::Compromised)?;
                let revoked: Vec<_> = write.revocations()?.into_iter().map(|revocation| revocation.serial).collect();
                let mut count = 0_u32;
                for record in touched(write, generation)? {
                    if record.certificate.not_after() >= write.now && !revoked.contains(&record.serial) {
                        write.insert_revocation(&record.serial, write.now, Cause::CaCompromise, judged_by)?;
                        count += 1;
                    }
                }
                let id = write.insert_incident(generation, judged_by)?;
                let notice = Notice::new(Class::Revocation, "incident-opened", Outcome::Success);
                let notice = notice.detail("incident", id).detail("generation", generation.0);
                write.notice(&notice.detail("judged-by", judged_by).detail("certificates-revoked", count))?;
                Ok(id)
            })
        })
    }

    /// Enters the next step of an incident.
    ///
    /// # Errors
    /// [`AuthorityError::NoIncident`], [`AuthorityError::IncidentStep`] out of order, [`AuthorityError::Evidence`].
    pub fn advance_incident(
        &mut self,
        id: u64,
        to: IncidentStep,
        evidence: &Evidence,
        now: UtcDateTime,
    ) -> Result<(), AuthorityError> {
        self.refusals("incident-advanced", Class::Revocation, now, |authority| {
            let incident = authority.state().incidents()?.into_iter().find(|incident| incident.id == id);
            let incident = incident.ok_or(AuthorityError::NoIncident(id))?;
            if incident.step.next() != Some(to) {
                return Err(AuthorityError::IncidentStep { from: incident.step, to });
            }
            authority.examine(&incident, to, evidence)?;
            authority.commit(now, |write| {
                write.set_incident_step(id, to, &evidence.text())?;
                let notice = Notice::new(Class::Revocation, "incident-advanced", Outcome::Success);
                let notice = notice.detail("incident", id).detail("step", to.id());
                Ok(write.notice(&notice.detail("evidence", evidence.text()))?)
            })
        })
    }

    fn examine(&self, incident: &Incident, step: IncidentStep, evidence: &Evidence) -> Result<(), AuthorityError> {
        let fault = |what| Err(AuthorityError::Evidence { step, what });
        match (step, evidence) {
            (IncidentStep::RevokedByOldKey, Evidence::OldKeyUnusable { reason: text })
            | (IncidentStep::Halted | IncidentStep::IntakeStopped, Evidence::Statement { text }) => {
                if text.trim().is_empty() { fault(EvidenceFault::Empty) } else { Ok(()) }
            }
            (IncidentStep::RevokedByOldKey, Evidence::Crl { number }) => {
                self.examine_crl(incident, step, *number, |signer| signer == incident.key)
            }
            (IncidentStep::RevokedByNewKey, Evidence::Crl { number }) => {
                self.examine_crl(incident, step, *number, |signer| signer > incident.key)
            }
            (IncidentStep::NewRoot, Evidence::NewRoot { generation }) => self.examine_root(incident, *generation),
            (IncidentStep::Resumed, Evidence::Canary { accepted, .. }) => {
                if *accepted {
                    Ok(())
                } else {
                    fault(EvidenceFault::CanaryNotAccepted)
                }
            }
            _ => fault(EvidenceFault::OtherStep),
        }
    }

    /// The list must be there, be signed by the right key after the incident began, and name every certificate.
    fn examine_crl(
        &self,
        incident: &Incident,
        step: IncidentStep,
        number: u64,
        signer: impl Fn(Generation) -> bool,
    ) -> Result<(), AuthorityError> {
        let fault = |what| AuthorityError::Evidence { step, what };
        let name = self.state().key(incident.key)?.name;
        let record = self.state().crl(&name, number)?;
        let record = record.filter(|crl| signer(crl.issuer) && crl.signed >= incident.opened);
        let der = record.and_then(|crl| crl.der).ok_or(fault(EvidenceFault::NoSuchCrl))?;
        let findings = crl_audit::audit_crl(&der, self.state(), self.policy())?;
        if findings.is_empty() { Ok(()) } else { Err(fault(EvidenceFault::CrlIncomplete)) }
    }

    fn examine_root(&self, incident: &Incident, generation: Generation) -> Result<(), AuthorityError> {
        let fault = |what| AuthorityError::Evidence { step: IncidentStep::NewRoot, what };
        let new = self.state().keys()?.into_iter().find(|key| key.generation == generation);
        let new = new.filter(|key| {
            let usable = matches!(key.status, KeyStatus::Pending | KeyStatus::Active);
            key.generation > incident.key && usable && key.certificate.is_some()
        });
        let new = new.ok_or(fault(EvidenceFault::NoNewRoot))?;
        let linked = self.state().certificates()?.into_iter().any(|record| {
            let certifies = record.certificate.public_key().is_ok_and(|key| *key == new.public_key);
            let since = record.issued >= incident.opened;
            record.kind == CertificateKind::NewWithOld && record.issuer == incident.key && certifies && since
        });
        if linked { Err(fault(EvidenceFault::LinkedByCompromisedKey)) } else { Ok(()) }
    }

    /// The incident whose treatment stops an act, if there is one.
    pub(crate) fn incident_before(&self, step: IncidentStep) -> Result<Option<Incident>, StateError> {
        Ok(self.state().incidents()?.into_iter().find(|incident| incident.step < step))
    }
}

/// Every certificate that a key signed or that certifies it: what its compromise touches.
fn touched(write: &Write<'_>, generation: Generation) -> Result<Vec<CertificateRecord>, StateError> {
    let key = write.key(generation)?.public_key;
    let touches = |record: &CertificateRecord| {
        record.issuer == generation || record.certificate.public_key().is_ok_and(|certified| *certified == key)
    };
    Ok(write.certificates()?.into_iter().filter(touches).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_have_one_order() {
        for pair in IncidentStep::ALL.windows(2) {
            assert_eq!(pair[0].next(), Some(pair[1]));
            assert_eq!(IncidentStep::from_id(pair[0].id()), Some(pair[0]));
        }
        assert_eq!(IncidentStep::Resumed.next(), None);
    }
}
