//! A list whose entries and links have been verified, so that taking it into an [`AnchorSet`] is pure computation.

use std::collections::BTreeMap;

use tegata_manifest::{AnchorDates, AnchorList, Approval, IssuerFacts, ListedAnchor, ListedState};
use tegata_pki::profile::Mode;
use tegata_pki::{Certificate, CryptoProvider, Edition, KeyError, Role, Severity, SignatureError, lint, profile};
use tegata_trust_list::Purpose;

use super::{AnchorSet, KeyDigest, Link, LinkError, Vouching};
use crate::Grants;

/// What an accepted list says, verified as far as that does not depend on what a verifier holds.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Who vouches for what it lists, where nobody does better.
    pub by: Vouching,
    /// The version of the list.
    pub version: u64,
    /// The anchors.
    pub entries: BTreeMap<KeyDigest, Entry>,
    /// The links among these anchors and those that are held.
    pub links: Vec<Link>,
    /// Entries that cannot be anchors, and why. They count as absent.
    pub refused_entries: Vec<(KeyDigest, EntryError)>,
    /// Certificates among the links that are none, by their SHA-256 fingerprint, and why.
    pub refused_links: Vec<([u8; 32], LinkError)>,
}

/// An anchor as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The self-signed certificate.
    pub certificate: Certificate,
    /// What it may speak for.
    pub grants: Grants,
    /// Its state.
    pub state: ListedState,
    /// Its dates.
    pub dates: AnchorDates,
    /// What its owner promises; `None` where the list says nothing about it.
    pub facts: Option<IssuerFacts>,
    /// What a quorum of the root role approved of it, within [`Entry::grants`]; empty without an approval.
    pub approved: Grants,
}

/// Why a certificate cannot be an anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Its key cannot be used.
    #[error("key of the anchor: {0}")]
    Key(KeyError),
    /// Its key is not encoded in the one canonical way, so that one key could be two anchors, one of them revoked.
    #[error("the key of the anchor is not in its canonical encoding")]
    KeyEncoding,
    /// Subject and issuer differ.
    #[error("the certificate is not self-issued")]
    NotSelfIssued,
    /// Its own key did not sign it: a link certificate is no root.
    #[error("self-signature: {0}")]
    SelfSignature(SignatureError),
    /// It may not certify.
    #[error("the certificate is not one of a CA")]
    NotCa,
    /// It breaks a rule of the IACA profile that no reader tolerates.
    #[error("the certificate breaks {rule}")]
    Profile {
        /// The id of the rule.
        rule: &'static str,
    },
}

impl EntryError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Key(_) => "entry-key",
            Self::KeyEncoding => "entry-key-encoding",
            Self::NotSelfIssued => "entry-not-self-issued",
            Self::SelfSignature(_) => "entry-self-signature",
            Self::NotCa => "entry-not-ca",
            Self::Profile { .. } => "entry-profile",
        }
    }
}

/// What is needed to verify a list.
pub struct ListingInput<'a> {
    /// Reads a signed approval; `None` when it is not one, by the root in force, at the time of the update.
    pub approval: &'a dyn Fn(&[u8]) -> Option<Approval>,
    /// Whether the anchor of the second certificate has revoked the link of the first.
    pub is_revoked: &'a dyn Fn(&Certificate, &Certificate) -> bool,
    /// Does the cryptography.
    pub provider: &'a dyn CryptoProvider,
}

impl Listing {
    /// Verifies the entries and links of an accepted list. Links are looked for among its own anchors and those of `held`,
    /// because an old anchor may have left the list already.
    #[must_use]
    pub fn verify(list: &AnchorList, held: &AnchorSet, input: &ListingInput<'_>) -> Self {
        let mut listing = Self { version: list.header.version, ..Self::default() };
        for anchor in &list.anchors {
            let key = KeyDigest::of(&anchor.certificate);
            match check_root(&anchor.certificate, anchor.purposes.contains(&Purpose::Issuance), input.provider) {
                // A revocation needs no good certificate.
                Err(error) if anchor.state != ListedState::Revoked => listing.refused_entries.push((key, error)),
                _ => _ = listing.entries.insert(key, Entry::new(key, anchor, input)),
            }
        }
        for link in &list.links {
            match listing.link(link, held, input) {
                Ok(found) => listing.links.push(found),
                Err(error) => listing.refused_links.push((link.fingerprint_sha256(), error)),
            }
        }
        listing
    }

    fn link(&self, link: &Certificate, held: &AnchorSet, input: &ListingInput<'_>) -> Result<Link, LinkError> {
        let of = &self.entries.get(&KeyDigest::of(link)).ok_or(LinkError::NoSubject)?.certificate;
        let listed = self.entries.values().map(|entry| &entry.certificate);
        let known = listed.chain(held.iter().map(|(_, anchor)| &anchor.certificate));
        let mut nearest = LinkError::NoIssuer;
        for by in known.filter(|by| by.subject() == link.issuer() && by.spki_der() != of.spki_der()) {
            match Link::verify(link, by, of, input.provider) {
                Ok(_) if (input.is_revoked)(link, by) => return Err(LinkError::Revoked),
                Ok(found) => return Ok(found),
                Err(error) => nearest = error,
            }
        }
        Err(nearest)
    }
}

impl Entry {
    fn new(key: KeyDigest, anchor: &ListedAnchor, input: &ListingInput<'_>) -> Self {
        let grants = Grants::new(&anchor.purposes, &anchor.doc_types);
        let approval = anchor.approval.as_deref().and_then(input.approval);
        let approved = approval
            .filter(|approval| approval.anchor == *key.as_bytes())
            .map(|approval| grants.intersection(&Grants::new(&approval.purposes, &approval.doc_types)))
            .unwrap_or_default();
        let certificate = anchor.certificate.clone();
        Self { certificate, grants, state: anchor.state, dates: anchor.dates, facts: Some(anchor.facts), approved }
    }
}

/// Whether a certificate can be an anchor: a self-signed CA with a canonical key; one that issues document signers without
/// an error of the IACA profile that no reader in the field tolerates.
pub(crate) fn check_root(
    certificate: &Certificate,
    issues: bool,
    provider: &dyn CryptoProvider,
) -> Result<(), EntryError> {
    let key = certificate.public_key().map_err(|error| EntryError::Key(error.clone()))?;
    if key.to_spki_der() != certificate.spki_der() {
        return Err(EntryError::KeyEncoding);
    }
    if !certificate.is_self_issued() {
        return Err(EntryError::NotSelfIssued);
    }
    certificate.verify_signature(key, provider).map_err(EntryError::SelfSignature)?;
    if !certificate.is_ca() {
        return Err(EntryError::NotCa);
    }
    if issues {
        let findings = lint(certificate, profile(Role::Iaca, Edition::Iso18013_5), None);
        if let Some(finding) = findings.iter().find(|finding| finding.severity_in(Mode::Interop) == Severity::Error) {
            return Err(EntryError::Profile { rule: finding.rule });
        }
    }
    Ok(())
}
