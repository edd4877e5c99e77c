//! Verifies mobile documents (ISO/IEC 18013-5 9.3): one table of checks, one report, one verdict per document.
//!
//! Everything comes in as an argument: bytes, the session transcript, trust, evidence, time. Nothing is fetched, and no
//! clock is read. Claims can be read only from an accepted document:
//!
//! ```
//! use tegata_trust_list::{Evidence, TrustStore};
//! use tegata_verifier::{Binding, Policy, Verdict, Verifier};
//! use time::UtcDateTime;
//!
//! fn family_name(response: &[u8], transcript: &[u8], trust: TrustStore, evidence: &Evidence, now: UtcDateTime) -> Option<String> {
//!     let session = tegata_verifier::Session::new(transcript).ok()?;
//!     let verifier = Verifier::new(trust, Policy::strict());
//!     let report = verifier.verify(response, &Binding::session(session), evidence, now).ok()?;
//!     match report.document("org.iso.18013.5.1.mDL")?.verdict() {
//!         Verdict::Accepted(document) => {
//!             document.claim("org.iso.18013.5.1", "family_name")?.value().ok()?.as_text().map(str::to_owned)
//!         }
//!         Verdict::Undetermined(_) | Verdict::Rejected(_) => None,
//!     }
//! }
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`check`] | the table of checks |
//! | [`report`] | report and verdict |
//! | [`policy`] | `strict` and `interop` |
//! | [`cause`] | typed causes with text in English and Japanese |
//! | [`simple`] | files in, report out: one call for command line, bindings and browser |
//! | [`json`] | the JSON report |
//! | [`diagnosis`] | which sibling transcript would have matched |

pub mod cause;
pub mod check;
pub mod diagnosis;
pub mod json;
pub mod policy;
pub mod report;
pub mod simple;

mod cache;
mod device;
mod document_signer;
mod elements;
mod input;
mod issuer_auth;
mod japanese;
mod lang;
mod mso;
mod revocation;
mod verify;

pub use cause::Cause;
pub use check::{CHECKS, Check};
pub use input::{Binding, InputError, Session};
pub use lang::Lang;
pub use policy::{Policy, Revocation};
pub use report::{
    AcceptedDocument, CheckResult, DocumentReport, Missing, Outcome, Overall, Rejection, Report, Verdict,
};
pub use verify::{Trust, TrustGap, Verifier};

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
