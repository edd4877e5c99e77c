//! Issuing mobile documents (ISO/IEC 18013-5 9.1.2).
//!
//! Claims that a data model has accepted become salted items; their digests, the key of the holder's device, the validity
//! and the place of revocation become the Mobile Security Object; a document signer signs it. What leaves this crate has
//! been checked against the certificates it will be verified with, and its signature has been verified.
//!
//! | step | here |
//! |---|---|
//! | who signs | [`DocumentSigner`]: a [`Signer`](tegata_hsm::Signer) whose key, certificate and IACA belong together |
//! | what | [`IssuanceRequest`]: claims, [`Terms`], device key, [`StatusReference`] |
//! | one document | [`DocumentSigner::issue`], or [`DocumentSigner::prepare`] → bytes → [`Prepared::complete`] |
//! | unlinkable copies | [`DocumentSigner::issue_batch`] |
//! | a private test bench | [`sandbox`]: a root, a document signer and a CRL that nobody may mistake for real ones |
//!
//! Time and randomness are arguments; the only I/O is the signer's.
//!
//! ```
//! use tegata_issuer::{DocumentSigner, IssuanceRequest, IssueError, IssuedDocument, Terms};
//! use tegata_mdoc::model::Claims;
//! use tegata_pki::PublicKey;
//! use time::{Duration, UtcDateTime};
//!
//! /// A document for one device key, valid for two weeks from `now`.
//! fn issue(
//!     signer: &DocumentSigner,
//!     claims: &Claims,
//!     device_key: &PublicKey,
//!     now: UtcDateTime,
//!     rng: &mut impl rand_core::CryptoRng,
//! ) -> Result<IssuedDocument, IssueError> {
//!     let terms = Terms::until(now + Duration::days(14));
//!     signer.issue(&IssuanceRequest { claims, terms: &terms, device_key, status: None }, rng, now)
//! }
//! ```

mod batch;
mod document_signer;
mod entropy;
mod error;
mod items;
mod mso;
mod prepare;
mod request;
pub mod sandbox;
mod sig_structure;
mod slot;
mod validity;

pub use batch::{BatchRequest, RandomStatusAllocator, StatusAllocationError, StatusAllocator};
pub use document_signer::{DocumentSigner, DocumentSignerError, DocumentSignerParts};
pub use error::IssueError;
pub use prepare::{IssuedDocument, Prepared};
pub use request::{IssuanceRequest, KeyAuthorizations, StatusReference, Terms, TimestampPolicy};
pub use validity::Validity;
