//! VICALs: a provider's signed list of the IACA certificates it vetted, each for certain document types (ISO/IEC 18013-5
//! Annex C).
//!
//! ```cddl
//! VicalSigned = [ protected: bstr .cbor { 1 => alg }, unprotected: { 33 => x5chain }, payload: bstr .cbor Vical, signature ]
//! Vical = { "version": tstr, "vicalProvider": tstr, ? "vicalIssueID": uint, "date": tdate, ? "nextUpdate": tdate,
//!           ? "notAfter": tdate, "certificateInfos": [* CertificateInfo], ? "extensions": { * tstr => any },
//!           ? "vicalURL": tstr, * tstr => any }
//! CertificateInfo = { "certificate": bstr, "serialNumber": biguint, "ski": bstr, "docType": [+ tstr],
//!           ? "certificateProfile": [+ tstr], ? "issuingAuthority": tstr, ? "issuingCountry": tstr,
//!           ? "stateOrProvinceName": tstr, ? "issuer": bstr, ? "subject": bstr, ? "notBefore": tdate, ? "notAfter": tdate,
//!           ? "extensions": { * tstr => any }, * tstr => any }
//! ```
//!
//! *Inspect*: [`Vical::from_cbor`] reads a list and trusts nothing. *Validate*: [`Vical::verify`] checks signer, signature,
//! dates and sequence and returns a [`VerifiedVical`], the only value that gives anchors. *Build*: [`VicalBuilder`].
//!
//! In an entry only `certificate` and `docType` count. What else is there repeats the certificate; published lists get it
//! wrong, and every difference is reported ([`EntryDeviation`]) and never believed. An entry that cannot be read is skipped
//! and counted ([`Vical::skipped`]): one bad certificate must not take the others with it.

mod build;
mod deviation;
mod entry;
mod error;
mod json;
mod memory;
mod read;
mod verify;

use std::sync::Arc;

pub use build::{PreparedVical, VicalBuildError, VicalBuilder, VicalListing};
pub use deviation::{EntryDeviation, VicalDeviation};
pub use entry::{EntryError, SkippedEntry, VicalEntry};
pub use error::{VicalError, VicalReadError};
pub use memory::{SeenVical, VicalMemory};
use tegata_pki::{Certificate, CoseAlgorithm};
use time::UtcDateTime;
pub use verify::{Freshness, VerifiedVical, VicalCheck, VicalTrust};

/// The longest list that is read, in bytes: 16 MiB.
pub const MAX_VICAL_BYTES: usize = 16 << 20;
/// The most entries that are read.
pub const MAX_VICAL_ENTRIES: usize = 65_536;

/// A VICAL as received. It has been *inspected*: it is well formed, nothing about it is true yet. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Vical(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    envelope: Envelope,
    content: Content,
    deviations: Vec<VicalDeviation>,
}

/// The signature and what it needs.
#[derive(Debug)]
struct Envelope {
    algorithm: CoseAlgorithm,
    chain: Vec<Certificate>,
    /// SHA-256 of the signer's certificate (`x5t`).
    thumbprint: Option<Vec<u8>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// The payload.
#[derive(Debug)]
struct Content {
    version: String,
    provider: String,
    issue_id: Option<u64>,
    date: UtcDateTime,
    next_update: Option<UtcDateTime>,
    not_after: Option<UtcDateTime>,
    url: Option<String>,
    entries: Vec<VicalEntry>,
    skipped: Vec<SkippedEntry>,
}

impl Vical {
    /// `version`; all that exist begin with `1.`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.content.version
    }

    /// `vicalProvider`: the name the provider gives itself.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.0.content.provider
    }

    /// `vicalIssueID`: grows with every issue, not by one.
    #[must_use]
    pub fn issue_id(&self) -> Option<u64> {
        self.0.content.issue_id
    }

    /// `date`: when the list was issued.
    #[must_use]
    pub fn date(&self) -> UtcDateTime {
        self.0.content.date
    }

    /// `nextUpdate`: when to look for a newer list. A list does not become invalid by it.
    #[must_use]
    pub fn next_update(&self) -> Option<UtcDateTime> {
        self.0.content.next_update
    }

    /// `notAfter` (second edition): the list is invalid afterwards.
    #[must_use]
    pub fn not_after(&self) -> Option<UtcDateTime> {
        self.0.content.not_after
    }

    /// `vicalURL`: where the list is published. To be followed only when it is the place that was configured.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.0.content.url.as_deref()
    }

    /// The entries that could be read, in the order of the list.
    #[must_use]
    pub fn entries(&self) -> &[VicalEntry] {
        &self.0.content.entries
    }

    /// The entries that could not be read.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedEntry] {
        &self.0.content.skipped
    }

    /// The certificates of `x5chain`, the signer first.
    #[must_use]
    pub fn certificate_chain(&self) -> &[Certificate] {
        &self.0.envelope.chain
    }

    /// The signature algorithm the header states.
    #[must_use]
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.0.envelope.algorithm
    }

    /// The tolerable deviations of the list itself, each once; those of an entry are with it.
    #[must_use]
    pub fn deviations(&self) -> &[VicalDeviation] {
        &self.0.deviations
    }
}
