//! Validating a VICAL (ISO/IEC 18013-5 C.1.8).

use std::collections::BTreeSet;

use tegata_mdoc::date::Tdate;
use tegata_pki::path::{MAX_INTERMEDIATES, check_extensions, check_validity};
use tegata_pki::{
    Certificate, CryptoProvider, Edition, Finding, Hash, KeyUsage, PathError, PathFinding, PathInput, PathPosition,
    PublicKey, Role, SignatureRef, SubjectRules, ct_eq, lint, oid, profile, validate_path,
};
use time::{Duration, UtcDateTime};

use super::{Vical, VicalEntry, VicalError, VicalMemory};
use crate::{AnchorEntry, Provenance, Purpose, Scope};

/// Whom the relying party trusts to sign the lists of a provider.
#[derive(Clone, Copy, Debug)]
pub enum VicalTrust<'a> {
    /// The roots of the provider, obtained out of band. A signer under any of them will do, with issuing CAs between.
    Roots(&'a [Certificate]),
    /// One signer certificate by its exact bytes. Nobody vouches for it and nobody can revoke it; for tests, and for
    /// providers that publish no root.
    DangerousPinnedSigner(&'a Certificate),
}

/// What a list is validated against.
#[derive(Clone, Copy, Debug)]
pub struct VicalCheck<'a> {
    /// Who may have signed.
    pub trust: VicalTrust<'a>,
    /// What was seen before; see [`VicalMemory::new`].
    pub memory: &'a VicalMemory,
    /// The time of the check.
    pub at: UtcDateTime,
    /// How far `date` may lie in the future.
    pub skew: Duration,
    /// Does the cryptography.
    pub provider: &'a dyn CryptoProvider,
}

/// Whether there should be a newer list. A stale one is still valid (C.1.8); how long it serves is the policy's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The next list is due then.
    Fresh {
        /// `nextUpdate`.
        until: UtcDateTime,
    },
    /// A newer list was due then.
    Stale {
        /// `nextUpdate`.
        since: UtcDateTime,
    },
    /// The list does not say when the next one is due.
    Unstated,
}

impl Freshness {
    /// Whether a list with this `nextUpdate` is stale at `at`. The last second still counts as fresh.
    #[must_use]
    pub fn of(next_update: Option<UtcDateTime>, at: UtcDateTime) -> Self {
        match next_update {
            Some(until) if at <= until => Self::Fresh { until },
            Some(since) => Self::Stale { since },
            None => Self::Unstated,
        }
    }

    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fresh { .. } => "fresh",
            Self::Stale { .. } => "stale",
            Self::Unstated => "unstated",
        }
    }
}

/// A list whose signer, signature, dates and place in the sequence were found good; see [`Vical::verify`].
#[derive(Clone, Debug)]
pub struct VerifiedVical {
    vical: Vical,
    at: UtcDateTime,
    signer: Certificate,
    issuer: Option<Certificate>,
    root: Option<Certificate>,
    path_findings: Vec<PathFinding>,
    signer_findings: Vec<Finding>,
}

impl Vical {
    /// Validates the list: signer and its path to the provider's root at `check.at`, signature, `date` and `notAfter`, and
    /// that it is not older than what was seen. A list past `nextUpdate` is valid and stale ([`VerifiedVical::freshness`]).
    ///
    /// # Errors
    /// [`VicalError`]; the first that is found.
    pub fn verify(&self, check: &VicalCheck<'_>) -> Result<VerifiedVical, VicalError> {
        let envelope = &self.0.envelope;
        let trusted = self.trusted_signer(check)?;
        let (algorithm, curve) = (envelope.algorithm, trusted.key.curve());
        if !algorithm.permits(curve) {
            return Err(VicalError::AlgorithmMismatch { algorithm, curve });
        }
        let signature = SignatureRef::Raw(&envelope.signature);
        let verified =
            check.provider.verify(&trusted.key, algorithm.signature_algorithm(), &envelope.message, signature);
        verified.map_err(VicalError::Signature)?;

        if self.date() > check.at.saturating_add(check.skew) {
            return Err(VicalError::NotYetValid(self.date()));
        }
        if let Some(end) = self.not_after().filter(|end| *end < check.at) {
            return Err(VicalError::Expired(end));
        }
        check.memory.check(self)?;
        let rules = profile(Role::VicalSigner, Edition::Iso18013_5);
        Ok(VerifiedVical {
            vical: self.clone(),
            at: check.at,
            signer_findings: lint(&trusted.signer, rules, trusted.issuer.as_ref()),
            signer: trusted.signer,
            issuer: trusted.issuer,
            root: trusted.root,
            path_findings: trusted.findings,
        })
    }

    fn trusted_signer(&self, check: &VicalCheck<'_>) -> Result<Trusted, VicalError> {
        let envelope = &self.0.envelope;
        // The leaf, the intermediates and a root too many.
        if envelope.chain.len() > MAX_INTERMEDIATES + 2 {
            return Err(VicalError::ChainTooLong(envelope.chain.len()));
        }
        let (signer, others) = envelope.chain.split_first().ok_or(VicalError::NoSigner)?;
        if let Some(thumbprint) = &envelope.thumbprint
            && !ct_eq(check.provider.digest(Hash::Sha256, signer.der()).as_bytes(), thumbprint)
        {
            return Err(VicalError::ThumbprintMismatch);
        }
        let trusted = match check.trust {
            VicalTrust::Roots(roots) => under_a_root(signer, others, roots, check)?,
            VicalTrust::DangerousPinnedSigner(pinned) => as_pinned(signer, pinned, check.at)?,
        };
        if !signer.key_usage().is_some_and(|usage| usage.contains(KeyUsage::NON_REPUDIATION)) {
            return Err(VicalError::SignerKeyUsage);
        }
        if !signer.extended_key_usage().is_some_and(|purposes| purposes.contains(&oid::EKU_MDL_VICAL)) {
            return Err(VicalError::SignerPurpose);
        }
        Ok(trusted)
    }
}

/// A signer that may sign.
struct Trusted {
    key: PublicKey,
    signer: Certificate,
    issuer: Option<Certificate>,
    root: Option<Certificate>,
    findings: Vec<PathFinding>,
}

/// Tries every root; of the errors the one that came furthest tells most.
fn under_a_root(
    signer: &Certificate,
    others: &[Certificate],
    roots: &[Certificate],
    check: &VicalCheck<'_>,
) -> Result<Trusted, VicalError> {
    let mut nearest: Option<PathError> = None;
    for root in roots {
        let subject_rules = SubjectRules::None;
        let input = PathInput { intermediates: others, subject_rules, ..PathInput::new(signer, root, check.at) };
        match validate_path(&input, check.provider) {
            Ok(path) => {
                let issuer = others.first().filter(|next| !next.is_self_issued()).unwrap_or(root);
                return Ok(Trusted {
                    key: path.key().clone(),
                    signer: signer.clone(),
                    issuer: Some(issuer.clone()),
                    root: Some(root.clone()),
                    findings: path.findings().to_vec(),
                });
            }
            Err(error) if nearest.as_ref().is_none_or(|nearest| nearest.rank() < error.rank()) => {
                nearest = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(nearest.map_or(VicalError::NoSigner, VicalError::SignerPath))
}

fn as_pinned(signer: &Certificate, pinned: &Certificate, at: UtcDateTime) -> Result<Trusted, VicalError> {
    if signer.der() != pinned.der() {
        return Err(VicalError::SignerNotPinned);
    }
    let mut findings = Vec::new();
    check_extensions(PathPosition::Leaf, signer, &mut findings).map_err(VicalError::SignerPath)?;
    check_validity(PathPosition::Leaf, signer, at, Duration::ZERO).map_err(VicalError::SignerPath)?;
    let key = signer.public_key().map_err(|error| VicalError::SignerKey(error.clone()))?.clone();
    Ok(Trusted { key, signer: signer.clone(), issuer: None, root: None, findings })
}

impl VerifiedVical {
    /// The list, authenticated.
    #[must_use]
    pub fn vical(&self) -> &Vical {
        &self.vical
    }

    /// Whether a newer list is due.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        Freshness::of(self.vical.next_update(), self.at)
    }

    /// The signer's certificate.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The certificate that issued the signer's, for a question about its revocation; `None` when the signer is pinned.
    #[must_use]
    pub fn signer_issuer(&self) -> Option<&Certificate> {
        self.issuer.as_ref()
    }

    /// The provider's root that the path ends at; `None` when the signer is pinned.
    #[must_use]
    pub fn root(&self) -> Option<&Certificate> {
        self.root.as_ref()
    }

    /// What was tolerated in the signer's path.
    #[must_use]
    pub fn path_findings(&self) -> &[PathFinding] {
        &self.path_findings
    }

    /// Where the signer's certificate deviates from its profile (Table C.1).
    #[must_use]
    pub fn signer_findings(&self) -> &[Finding] {
        &self.signer_findings
    }

    /// The entries whose certificate has expired; they give no anchor.
    pub fn expired(&self) -> impl Iterator<Item = &VicalEntry> {
        self.vical.entries().iter().filter(|entry| entry.certificate().not_after() < self.at)
    }

    /// The anchors of the list: every entry that could be read and has not expired, for issuance of the document types that
    /// its entry lists and no others (C.1.7.1).
    #[must_use]
    pub fn anchors(&self) -> Vec<AnchorEntry> {
        let current = self.vical.entries().iter().filter(|entry| entry.certificate().not_after() >= self.at);
        current.map(|entry| self.anchor(entry)).collect()
    }

    fn anchor(&self, entry: &VicalEntry) -> AnchorEntry {
        let (provider, date) = (self.vical.provider(), Tdate::new(self.vical.date()));
        let issue = self.vical.issue_id().map(|issue| format!(" {issue}")).unwrap_or_default();
        AnchorEntry {
            certificate: entry.certificate().clone(),
            scope: Scope::DocTypes(entry.doc_types().clone()),
            purposes: BTreeSet::from([Purpose::Issuance]),
            provenance: Provenance { source: format!("VICAL{issue} of {provider}, {date}"), added_at: self.at },
        }
    }
}
