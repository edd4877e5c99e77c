//! Why the authority refuses or fails.

use std::path::PathBuf;

use tegata_audit::AuditError;
use tegata_hsm::SignerError;
use tegata_pki::{BuildError, Curve, Finding, NameError, crl::CrlBuildError};
use tegata_trust_list::bundle::{ApplicantError, SequenceError};
use time::UtcDateTime;

use crate::{
    csr::CsrFault,
    incident::IncidentStep,
    key_status::{Generation, KeyStatus, KeyTask},
    state::StateError,
};

/// Why the authority did not do what it was asked. Refusals and failures of signing stand in the audit log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The state file.
    #[error(transparent)]
    State(#[from] StateError),
    /// The audit log.
    #[error("the audit log: {0}")]
    Audit(#[from] AuditError),
    /// The state belongs to a root under another policy.
    #[error("the state belongs to a root under policy {expected}, not {found}")]
    OtherPolicy {
        /// Policy of the state.
        expected: String,
        /// Policy given.
        found: String,
    },
    /// The policy file is not the one that the state was last used with.
    #[error("the policy file has changed since the last use")]
    PolicyChanged,
    /// Something was about to be signed when the program ended.
    #[error("{count} intents are open; each must be closed with a reason")]
    OpenIntents {
        /// How many.
        count: usize,
    },
    /// A reason or statement is empty.
    #[error("a reason must be given")]
    ReasonEmpty,
    /// A key on a curve that the policy does not allow for the root.
    #[error("the policy does not allow a root key on {0}")]
    RootCurve(Curve),
    /// A root key may not do this in its present status.
    #[error("the root key of generation {generation} is {status}: it may not {task}")]
    KeyStatus {
        /// The key.
        generation: Generation,
        /// Its status.
        status: KeyStatus,
        /// What was asked.
        task: KeyTask,
    },
    /// The use period of the root key is over.
    #[error("the use of the root key of generation {generation} ended at {ended}")]
    KeyUseEnded {
        /// The key.
        generation: Generation,
        /// When.
        ended: UtcDateTime,
    },
    /// The key has no self-signed certificate yet.
    #[error("the root key of generation {0} has no certificate yet")]
    NotCertified(Generation),
    /// The key has a self-signed certificate already.
    #[error("the root key of generation {0} is certified already")]
    CertifiedBefore(Generation),
    /// The restored backup holds another key.
    #[error("the restored key is not that of generation {0}")]
    RestoredOtherKey(Generation),
    /// A root becomes active only after its backup was restored once.
    #[error("the backup of the root key of generation {0} was never restored")]
    NoRestoreTest(Generation),
    /// Certificates below the key are still valid.
    #[error("certificates below the root key of generation {generation} are valid until {until}")]
    StillNeeded {
        /// The key.
        generation: Generation,
        /// The last end.
        until: UtcDateTime,
    },
    /// The destruction of a key wants the approval of two organisations.
    #[error("the destruction of a key wants the approval of two organisations")]
    Approvals,
    /// Copies of the key are not yet destroyed.
    #[error("{} of the inventory are not destroyed", copies.join(", "))]
    CopiesLeft {
        /// Labels of the copies.
        copies: Vec<String>,
    },
    /// The session has no signer for a key that must sign.
    #[error("there is no signer for the root key of generation {0}")]
    MissingSigner(Generation),
    /// A signer holds a key that is none of this root.
    #[error("a signer holds a key that is none of this root's")]
    ForeignSigner,
    /// The key to be linked is the same, or their order is wrong.
    #[error("a link leads from generation {old} to a later one, not to {new}")]
    LinkOrder {
        /// The old key.
        old: Generation,
        /// The new key.
        new: Generation,
    },
    /// The signer failed. The intent stays open.
    #[error("signer: {0}")]
    Signer(#[from] SignerError),
    /// The certificate would not conform, or the signature does not verify.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The list would not conform, or the signature does not verify.
    #[error(transparent)]
    Crl(#[from] CrlBuildError),
    /// The finished list deviates from its profile.
    #[error("the list would not conform: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    CrlProfile(Vec<Finding>),
    /// A name of the policy cannot be written.
    #[error("a name: {0}")]
    Name(#[from] NameError),
    /// What came back from the key is not what was recorded before.
    #[error("the signed bytes are not those that were recorded")]
    NotWhatWasIntended,
    /// The random generator gave a serial number that was used before.
    #[error("the random generator repeats itself")]
    Randomness,
    /// The request for a certificate was refused.
    #[error("the request is refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Csr(Vec<CsrFault>),
    /// The certificate would end after the root.
    #[error("the certificate would end at {not_after}, the root ends at {root}")]
    OutlivesRoot {
        /// Its notAfter.
        not_after: UtcDateTime,
        /// notAfter of the root.
        root: UtcDateTime,
    },
    /// notBefore lies in the past or too far in the future.
    #[error("notBefore {not_before} does not lie between {earliest} and {latest}")]
    NotBefore {
        /// The time asked for.
        not_before: UtcDateTime,
        /// The first possible.
        earliest: UtcDateTime,
        /// The last possible.
        latest: UtcDateTime,
    },
    /// More certificates of the name than the policy allows would be valid at once.
    #[error("{count} certificates of this name would be valid at {at}")]
    TooManyValid {
        /// How many.
        count: usize,
        /// When.
        at: UtcDateTime,
    },
    /// The next ceremony is not after this one, or further away than the lists can last.
    #[error("the next ceremony cannot be at {0}")]
    NextCeremony(UtcDateTime),
    /// No root key may sign a list now.
    #[error("no root key may sign a list now")]
    NobodySigns,
    /// A role that may not do this.
    #[error("{role} may not do this; only {allowed} may")]
    Role {
        /// The role given.
        role: String,
        /// The role that may.
        allowed: &'static str,
    },
    /// The certificate is revoked already. A revocation is never changed.
    #[error("the certificate {serial} is revoked already")]
    RevokedBefore {
        /// The serial number, in hex.
        serial: String,
    },
    /// The date of a revocation lies in the future or before the certificate.
    #[error("the revocation date {0} lies in the future or before the certificate")]
    RevocationDate(UtcDateTime),
    /// The certificate has ended.
    #[error("the certificate {serial} has ended")]
    Ended {
        /// The serial number, in hex.
        serial: String,
    },
    /// An order that cannot stand in a list of this root: a hold, a removal, or a serial of another issuer.
    #[error("the revocation order cannot be followed: it asks for a hold or removal, or names another issuer")]
    OrderUnusable,
    /// The applicants are not the two that must apply.
    #[error(transparent)]
    Applicants(#[from] ApplicantError),
    /// The request is not the next one.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// A request had this nonce before.
    #[error("a request had this nonce before")]
    NonceUsed,
    /// The last request has no response yet.
    #[error("request {0} has no response yet")]
    Unanswered(u64),
    /// An order is about something else.
    #[error("the order is about something else than what is to be done")]
    OrderOther,
    /// An order is not signed by the person whom it names.
    #[error("the order is not signed with the key of the person whom it names")]
    OrderUnsigned,
    /// One person gave both signatures of what two must sign.
    #[error("one person signed for both roles")]
    OnePerson,
    /// Fewer persons took part than the policy asks for.
    #[error("{present} of {needed} persons took part")]
    TooFewPersons {
        /// How many did.
        present: usize,
        /// How many must.
        needed: usize,
    },
    /// There is no request to respond to.
    #[error("no request waits for a response")]
    NothingToAnswer,
    /// An incident stops this.
    #[error("the compromise of generation {key} is at step {step}: this is stopped until it is treated")]
    IncidentOpen {
        /// The compromised key.
        key: Generation,
        /// How far its treatment is.
        step: IncidentStep,
    },
    /// There is no such incident, or a step was given out of order.
    #[error("the incident cannot go from step {from} to {to}")]
    IncidentStep {
        /// The last step done.
        from: IncidentStep,
        /// The step asked for.
        to: IncidentStep,
    },
    /// There is no incident with this number.
    #[error("there is no incident {0}")]
    NoIncident(u64),
    /// What is to show that a step was done does not show it.
    #[error("the evidence does not show step {step}: {}", what.id())]
    Evidence {
        /// The step.
        step: IncidentStep,
        /// What is wrong with it.
        what: EvidenceFault,
    },
    /// A file of that name is there already.
    #[error("{} is there already", path.display())]
    OutputExists {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be written or removed.
    #[error("{}: {kind}", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
}

/// What is wrong with the evidence for a step of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvidenceFault {
    /// Evidence of another step.
    OtherStep,
    /// A text is empty.
    Empty,
    /// There is no such CRL, or another key signed it.
    NoSuchCrl,
    /// The CRL does not list every certificate of the compromised key.
    CrlIncomplete,
    /// There is no such root, or it is not certified, or not later than the incident.
    NoNewRoot,
    /// The compromised key certified the new root.
    LinkedByCompromisedKey,
    /// The canary document was not accepted.
    CanaryNotAccepted,
}

impl EvidenceFault {
    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::OtherStep => "evidence-of-another-step",
            Self::Empty => "empty-evidence",
            Self::NoSuchCrl => "no-such-crl",
            Self::CrlIncomplete => "crl-incomplete",
            Self::NoNewRoot => "no-new-root",
            Self::LinkedByCompromisedKey => "linked-by-compromised-key",
            Self::CanaryNotAccepted => "canary-not-accepted",
        }
    }
}

impl AuthorityError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::State(error) => error.id(),
            Self::Audit(error) => error.id(),
            Self::Build(error) => error.id(),
            Self::Crl(error) => error.id(),
            Self::Name(error) => error.id(),
            Self::Applicants(error) => error.id(),
            Self::Sequence(error) => error.id(),
            Self::Signer(_) => "authority-signer",
            other => other.entry().0,
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::State(error) => error.remedy(),
            Self::Sequence(error) => error.remedy(),
            other => other.entry().1,
        }
    }

    /// Whether a rule forbade it, rather than that something broke.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::State(_)
                | Self::Audit(_)
                | Self::Signer(_)
                | Self::NotWhatWasIntended
                | Self::Randomness
                | Self::Output { .. }
        )
    }

    fn entry(&self) -> (&'static str, &'static str) {
        match self {
            Self::State(_) | Self::Name(_) | Self::Sequence(_) => ("authority", "see the cause"),
            Self::Audit(_) => ("authority-audit", "stop; the log must be whole before anything is signed"),
            Self::Applicants(_) => ("authority-applicants", "an operations manager and a key manager apply together"),
            Self::Signer(_) => {
                ("authority-signer", "see to the token, close the open intent with the reason, repeat the step")
            }
            Self::Build(_) | Self::Crl(_) | Self::CrlProfile(_) => {
                ("authority-profile", "correct the input that the finding names; nothing was signed with it")
            }
            Self::OtherPolicy { .. } => ("authority-other-policy", "use the policy file of this root"),
            Self::PolicyChanged => ("authority-policy-changed", "adopt the new policy by an order of the CA manager"),
            Self::OpenIntents { .. } => {
                ("authority-open-intents", "list the open intents and close each with its reason")
            }
            Self::ReasonEmpty => ("authority-reason-empty", "say why, in words an auditor understands"),
            Self::RootCurve(_) => ("authority-root-curve", "generate the key on a curve of the policy"),
            Self::KeyStatus { .. } => ("authority-key-status", "use the key whose status permits it"),
            Self::KeyUseEnded { .. } => {
                ("authority-key-use-ended", "use the next root; hold the rekey if there is none")
            }
            Self::NotCertified(_) => ("authority-not-certified", "sign the root's own certificate first"),
            Self::CertifiedBefore(_) => ("authority-certified-before", "a root is certified once; generate a new key"),
            Self::RestoredOtherKey(_) => ("authority-restored-other-key", "stop; the backup is not one of this key"),
            Self::NoRestoreTest(_) => ("authority-no-restore-test", "restore the backup and record the comparison"),
            Self::StillNeeded { .. } => {
                ("authority-still-needed", "wait until the last certificate below the key has ended")
            }
            Self::Approvals => ("authority-approvals", "obtain the approval of both organisations"),
            Self::CopiesLeft { .. } => ("authority-copies-left", "destroy every copy of the inventory first"),
            Self::MissingSigner(_) => ("authority-missing-signer", "activate the token that holds this key"),
            Self::ForeignSigner => ("authority-foreign-signer", "use a token of this root"),
            Self::LinkOrder { .. } => ("authority-link-order", "name the old generation first"),
            Self::NotWhatWasIntended => {
                ("authority-not-as-intended", "stop; keep the token and the state for examination")
            }
            Self::Randomness => ("authority-randomness", "stop; the random generator is broken"),
            Self::Csr(_) => ("authority-csr", "correct what the report names and make a new request"),
            Self::OutlivesRoot { .. } => ("authority-outlives-root", "issue it below the next root"),
            Self::NotBefore { .. } => ("authority-not-before", "choose a start within the limits"),
            Self::TooManyValid { .. } => {
                ("authority-too-many-valid", "choose a later start, or revoke one for a cause")
            }
            Self::NextCeremony(_) => ("authority-next-ceremony", "plan the next ceremony within the policy's interval"),
            Self::NobodySigns => ("authority-nobody-signs", "make a new root"),
            Self::Role { .. } => ("authority-role", "have the order given by the role named"),
            Self::RevokedBefore { .. } => ("authority-revoked-before", "nothing to do; a revocation is final"),
            Self::RevocationDate(_) => ("authority-revocation-date", "give a date within the life of the certificate"),
            Self::Ended { .. } => ("authority-ended", "nothing to do; an ended certificate need not be revoked"),
            Self::OrderUnusable => {
                ("authority-order-unusable", "have a revocation with one of the seven causes ordered")
            }
            Self::NonceUsed => ("authority-nonce-used", "have the online side make a new request"),
            Self::Unanswered(_) => (
                "authority-unanswered",
                "finish the response to the last request first, or have the CA manager withdraw it: withdraw-request",
            ),
            Self::OrderOther => ("authority-order-other", "have the order given anew for what is to be done now"),
            Self::OnePerson => ("authority-one-person", "have another person sign in the second role"),
            Self::TooFewPersons { .. } => ("authority-too-few-persons", "call more holders"),
            Self::OrderUnsigned => {
                ("authority-order-unsigned", "find out who signed; have the order given by the person of the roster")
            }
            Self::NothingToAnswer => ("authority-nothing-to-answer", "import a request first"),
            Self::IncidentOpen { .. } => ("authority-incident-open", "follow the steps of the incident"),
            Self::IncidentStep { .. } => ("authority-incident-step", "do the steps in their order"),
            Self::NoIncident(_) => ("authority-no-incident", "list the incidents and name one of them"),
            Self::Evidence { .. } => ("authority-evidence", "do the step, then name what shows it"),
            Self::OutputExists { .. } => ("authority-output-exists", "use an empty folder; nothing is overwritten"),
            Self::Output { .. } => (
                "authority-output",
                "free space on the medium and repeat the step: what was signed is written from the state",
            ),
        }
    }
}
