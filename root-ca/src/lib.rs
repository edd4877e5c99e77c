//! The offline IACA root: policy, state, typed signing, CRLs, rollover, compromise.
//!
//! An [`Authority`] is one root: its [`State`] on a medium, the [`Policy`] it works under, and the audit log of what it does.
//! Root keys live in tokens; the authority knows their public halves and is handed a signer for the time of a session.
//!
//! ```text
//! Authority::register_key ─► session::<First> ─► self_sign ─► record_restore_test ─► activate_key
//!                                             ─► check_request ─► issue
//!           revoke ────────► session::<EmergencyRevoke> ─► sign_crls
//! ```
//!
//! Nothing here reads a clock, draws randomness or opens a socket: time and randomness are arguments, files are named.

mod attestation;
mod authority;
mod crl_audit;
mod crl_plan;
mod csr;
mod digest;
mod error;
mod exchange;
mod incident;
mod key_status;
mod order;
mod output;
mod policy;
mod revoke;
pub mod rollover;
pub mod session;
mod span;
pub mod state;
mod text;

pub use attestation::{
    AttestationFault, AttestationFormat, AttestationResult, AttestationRule, AttestationRules, Attested,
};
pub use authority::{Authority, PARTS_RENEWED, SessionInput};
pub use crl_audit::{CrlFinding, audit_crl};
pub use crl_plan::{CrlSigner, CrlSlot, cover_until, schedule};
pub use csr::{AcceptedRequest, CsrCheck, CsrFault, CsrInput, CsrReport, check as check_request};
pub use error::{AuthorityError, EvidenceFault};
pub use exchange::{AdmittedRequest, ResponseFacts, role_of};
pub use incident::{Evidence, IncidentStep};
pub use key_status::{Generation, KeyStatus, KeyTask};
pub use order::{Order, OrderedAct, SignedOrder};
pub use policy::{
    ContactPoint, CrlMode, CrlRules, Decision, Names, Policy, PolicyError, PolicyFault, PolicyOids, PolicyText, Quorum,
    Quorums, Roles, RolloverRules, RootRules, SignerRules,
};
pub use revoke::{CA_MANAGER, CERTIFICATE_ISSUER, Cause, Duty, DutyStatus, RevocationOrder, duties};
pub use session::{CrlBatch, IssueOrder, Links, Observer, SigningPoint, SigningSession};
pub use span::{Span, SpanError, Unit};
pub use state::{
    CertificateKind, CertificateRecord, CrlRecord, Incident, Intent, IntentObject, Revocation, RootKey, Serial, State,
    StateError,
};
pub use text::{Lang, Text};
