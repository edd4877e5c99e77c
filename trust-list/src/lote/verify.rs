//! Validating a list of trusted entities.

use serde_json::Value;
use tegata_pki::path::{MAX_INTERMEDIATES, check_extensions, check_validity};
use tegata_pki::{
    Certificate, CryptoProvider, Hash, KeyUsage, PathError, PathFinding, PathInput, PathPosition, PublicKey,
    SignatureRef, SubjectRules, ct_eq, validate_path,
};
use time::{Duration, UtcDateTime};

use super::{Envelope, Lote, LoteError, LoteFinding, LoteMemory};

/// Whom the relying party trusts to sign the list. The scheme itself works by pinning: the signers of a list are named in
/// the list that points to it, or made known by other means (6.3.13).
#[derive(Clone, Copy, Debug)]
pub enum LoteTrust<'a> {
    /// These certificates, by their exact bytes. Their validity and critical extensions are still checked.
    Signers(&'a [Certificate]),
    /// Certificates under any of these roots, with issuing CAs between.
    Roots(&'a [Certificate]),
    /// A key known by other means.
    Key(&'a PublicKey),
}

/// What a list is validated against.
#[derive(Clone, Copy, Debug)]
pub struct LoteCheck<'a> {
    /// Who may have signed.
    pub trust: LoteTrust<'a>,
    /// What was seen before; see [`LoteMemory::new`].
    pub memory: &'a LoteMemory,
    /// The time of the check.
    pub at: UtcDateTime,
    /// How far `ListIssueDateTime` may lie in the future.
    pub skew: Duration,
    /// Does the cryptography.
    pub provider: &'a dyn CryptoProvider,
}

/// Whether there should be a newer list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoteFreshness {
    /// The next list is due then.
    Fresh {
        /// `NextUpdate`.
        until: UtcDateTime,
    },
    /// A newer list was due then.
    Stale {
        /// `NextUpdate`.
        since: UtcDateTime,
    },
    /// The list is closed: there will be no other, and it gives no anchors.
    Closed,
}

impl LoteFreshness {
    /// Stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fresh { .. } => "fresh",
            Self::Stale { .. } => "stale",
            Self::Closed => "closed",
        }
    }
}

/// A list whose signer, signature, dates and place in the sequence were found good; see [`Lote::verify`].
#[derive(Clone, Debug)]
pub struct VerifiedLote {
    lote: Lote,
    at: UtcDateTime,
    findings: Vec<LoteFinding>,
    path_findings: Vec<PathFinding>,
}

impl Lote {
    /// Validates the list: signer at `check.at`, signature, date, extensions, and that it is not older than what was seen.
    ///
    /// # Errors
    /// [`LoteError`]; the first that is found.
    pub fn verify(&self, check: &LoteCheck<'_>) -> Result<VerifiedLote, LoteError> {
        let envelope = self.0.envelope.as_ref().ok_or(LoteError::Unsigned)?;
        let mut path_findings = Vec::new();
        let key = trusted_key(envelope, check, &mut path_findings)?;
        let (algorithm, curve) = (envelope.algorithm, key.curve());
        if !algorithm.permits(curve) {
            return Err(LoteError::AlgorithmMismatch { algorithm, curve });
        }
        let signature = SignatureRef::Raw(&envelope.signature);
        let verified = check.provider.verify(&key, algorithm.signature_algorithm(), &envelope.message, signature);
        verified.map_err(LoteError::Signature)?;

        if self.issued_at() > check.at.saturating_add(check.skew) {
            return Err(LoteError::NotYetValid(self.issued_at()));
        }
        if has_unknown_extension(self.0.list.information.extensions.as_deref()) {
            return Err(LoteError::SchemeExtension);
        }
        check.memory.check(self)?;
        Ok(VerifiedLote { lote: self.clone(), at: check.at, findings: self.signer_findings(), path_findings })
    }

    /// organizationName and countryName of the signer against operator and territory (6.8).
    fn signer_findings(&self) -> Vec<LoteFinding> {
        let Some(signer) = self.certificate_chain().first() else { return Vec::new() };
        let (subject, information) = (signer.subject(), &self.0.list.information);
        let operator = subject.organization();
        let operator_is_named =
            information.operator_names.iter().any(|name| Some(name.value.as_str()) == operator.as_deref());
        let territory_fits = subject.country().as_deref() == self.territory();
        let found =
            [(!operator_is_named, LoteFinding::OperatorDiffers), (!territory_fits, LoteFinding::TerritoryDiffers)];
        found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, finding)| finding).collect()
    }
}

/// Whether any extension is not marked as one that may be ignored. The schema leaves their form open; ETSI TS 119 612 5.3.17
/// gives each a mark, without which an extension is taken as critical.
pub(super) fn has_unknown_extension(extensions: Option<&[Value]>) -> bool {
    let ignorable = |extension: &Value| {
        let mark = extension.get("Critical").or_else(|| extension.get("critical"));
        mark.and_then(Value::as_bool) == Some(false)
    };
    !extensions.unwrap_or_default().iter().all(ignorable)
}

fn trusted_key(
    envelope: &Envelope,
    check: &LoteCheck<'_>,
    findings: &mut Vec<PathFinding>,
) -> Result<PublicKey, LoteError> {
    if let LoteTrust::Key(key) = check.trust {
        return Ok(key.clone());
    }
    // The leaf, the intermediates and a root too many.
    if envelope.chain.len() > MAX_INTERMEDIATES + 2 {
        return Err(LoteError::ChainTooLong(envelope.chain.len()));
    }
    let (signer, others) = match envelope.chain.split_first() {
        Some(chain) => chain,
        None => (named_by_thumbprint(envelope, check).ok_or(LoteError::NoSigner)?, &[][..]),
    };
    if let Some(thumbprint) = &envelope.thumbprint
        && !ct_eq(check.provider.digest(Hash::Sha256, signer.der()).as_bytes(), thumbprint)
    {
        return Err(LoteError::ThumbprintMismatch);
    }
    match check.trust {
        LoteTrust::Roots(roots) => under_a_root(signer, others, roots, check, findings)?,
        LoteTrust::Signers(pinned) => {
            if !pinned.iter().any(|pinned| pinned.der() == signer.der()) {
                return Err(if pinned.is_empty() { LoteError::NoSigner } else { LoteError::SignerNotPinned });
            }
            check_extensions(PathPosition::Leaf, signer, findings).map_err(LoteError::SignerPath)?;
            check_validity(PathPosition::Leaf, signer, check.at, Duration::ZERO).map_err(LoteError::SignerPath)?;
        }
        LoteTrust::Key(_) => {}
    }
    // A certificate without keyUsage may be used for anything (RFC 5280 4.2.1.3).
    let may_sign =
        |usage: KeyUsage| usage.contains(KeyUsage::DIGITAL_SIGNATURE) || usage.contains(KeyUsage::NON_REPUDIATION);
    if !signer.key_usage().is_none_or(may_sign) {
        return Err(LoteError::SignerKeyUsage);
    }
    signer.public_key().cloned().map_err(|error| LoteError::SignerKey(error.clone()))
}

/// The pinned signer that `x5t#S256` names, which a list may have in the place of `x5c` (ETSI TS 119 182-1 5.1.7).
fn named_by_thumbprint<'a>(envelope: &Envelope, check: &LoteCheck<'a>) -> Option<&'a Certificate> {
    let LoteTrust::Signers(pinned) = check.trust else { return None };
    let thumbprint = envelope.thumbprint.as_ref()?;
    pinned.iter().find(|pinned| ct_eq(check.provider.digest(Hash::Sha256, pinned.der()).as_bytes(), thumbprint))
}

/// Tries every root; of the errors the one that came furthest tells most.
fn under_a_root(
    signer: &Certificate,
    others: &[Certificate],
    roots: &[Certificate],
    check: &LoteCheck<'_>,
    findings: &mut Vec<PathFinding>,
) -> Result<(), LoteError> {
    let mut nearest: Option<PathError> = None;
    for root in roots {
        let subject_rules = SubjectRules::None;
        let input = PathInput { intermediates: others, subject_rules, ..PathInput::new(signer, root, check.at) };
        match validate_path(&input, check.provider) {
            Ok(path) => {
                findings.extend_from_slice(path.findings());
                return Ok(());
            }
            Err(error) if nearest.as_ref().is_none_or(|nearest| nearest.rank() < error.rank()) => {
                nearest = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(nearest.map_or(LoteError::NoSigner, LoteError::SignerPath))
}

impl VerifiedLote {
    /// The list, authenticated.
    #[must_use]
    pub fn lote(&self) -> &Lote {
        &self.lote
    }

    /// The time it was validated at.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// Whether a newer list is due.
    #[must_use]
    pub fn freshness(&self) -> LoteFreshness {
        match self.lote.next_update() {
            None => LoteFreshness::Closed,
            Some(until) if self.at <= until => LoteFreshness::Fresh { until },
            Some(since) => LoteFreshness::Stale { since },
        }
    }

    /// Whether the signer is who the list says operates the scheme.
    #[must_use]
    pub fn findings(&self) -> &[LoteFinding] {
        &self.findings
    }

    /// What was tolerated in the signer's path.
    #[must_use]
    pub fn path_findings(&self) -> &[PathFinding] {
        &self.path_findings
    }
}
