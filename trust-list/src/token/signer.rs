//! Who may sign a revocation list.

use tegata_pki::path::{MAX_INTERMEDIATES, SubjectRules};
use tegata_pki::{
    Certificate, CryptoProvider, Hash, KeyUsage, PathError, PathFinding, PathInput, PathPosition, PublicKey, ct_eq,
    validate_path,
};
use time::UtcDateTime;

use super::{Envelope, StatusListError, TokenDeviation, TokenPolicy};

/// Whom the relying party trusts to sign the list that a document refers to (ISO/IEC 18013-5 12.3.6.2).
#[derive(Clone, Copy, Debug)]
pub enum SignerTrust<'a> {
    /// The reference has no `certificate`: the top of the chain is issued by the CA that issued the document signer.
    Issuer {
        /// That CA: the anchor the document signer was validated with.
        issuer: &'a Certificate,
        /// Anchors that are configured for status under other CAs; none is a good answer.
        status_anchors: &'a [&'a Certificate],
    },
    /// The `certificate` of the reference: its key signed the top of the chain, whoever issued it.
    Reference(&'a Certificate),
    /// A key known by other means, for publishers that sign without certificates.
    Key(&'a PublicKey),
}

/// What made the signer trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustBasis {
    /// The CA that issued the document signer.
    Issuer,
    /// The `certificate` of the reference.
    Reference,
    /// An anchor configured for status.
    StatusAnchor,
    /// A key known by other means.
    Key,
}

/// A signer that was found trusted.
#[derive(Clone, Debug)]
pub(super) struct TrustedSigner {
    pub(super) key: PublicKey,
    pub(super) basis: TrustBasis,
    /// The signer's certificate and the one that issued it.
    pub(super) certificates: Option<(Certificate, Certificate)>,
    pub(super) findings: Vec<PathFinding>,
    pub(super) deviations: Vec<TokenDeviation>,
}

/// Finds the signer of `envelope` and validates its path at `at`.
pub(super) fn trusted_signer(
    envelope: &Envelope,
    trust: &SignerTrust<'_>,
    at: UtcDateTime,
    policy: &TokenPolicy,
    provider: &dyn CryptoProvider,
) -> Result<TrustedSigner, StatusListError> {
    if let SignerTrust::Key(key) = *trust {
        let (key, basis) = (key.clone(), TrustBasis::Key);
        return Ok(TrustedSigner { key, basis, certificates: None, findings: Vec::new(), deviations: Vec::new() });
    }
    // The leaf, the intermediates and a root too many.
    if envelope.chain.len() > MAX_INTERMEDIATES + 2 {
        return Err(StatusListError::ChainTooLong(envelope.chain.len()));
    }
    let chain = envelope.chain.iter().map(|der| Certificate::from_der(der));
    let chain: Vec<Certificate> = chain.collect::<Result<_, _>>().map_err(StatusListError::SignerCertificate)?;
    let (leaf, others) = chain.split_first().ok_or(StatusListError::NoSigner)?;
    if let Some(thumbprint) = &envelope.thumbprint
        && !ct_eq(provider.digest(Hash::Sha256, leaf.der()).as_bytes(), thumbprint)
    {
        return Err(StatusListError::ThumbprintMismatch);
    }

    let mut deviations = Vec::new();
    if others.last().is_some_and(Certificate::is_self_issued) {
        deviations.push(TokenDeviation::RootInChain);
    }
    let mut nearest: Option<PathError> = None;
    for (anchor, basis) in trust_points(trust) {
        let subject_rules = SubjectRules::None;
        let input = PathInput { intermediates: others, subject_rules, ..PathInput::new(leaf, anchor, at) };
        match validate_path(&input, provider) {
            Ok(path) => {
                if basis == TrustBasis::StatusAnchor {
                    deviations.push(TokenDeviation::ForeignAnchor);
                }
                if !leaf.key_usage().is_some_and(|usage| usage.contains(KeyUsage::DIGITAL_SIGNATURE)) {
                    return Err(StatusListError::SignerKeyUsage);
                }
                deviations.extend(policy.signer_purposes.check(leaf)?);
                let issuer = others.first().filter(|next| !next.is_self_issued()).unwrap_or(anchor);
                return Ok(TrustedSigner {
                    key: path.key().clone(),
                    basis,
                    certificates: Some((leaf.clone(), issuer.clone())),
                    findings: path.findings().to_vec(),
                    deviations,
                });
            }
            Err(error) if nearest.as_ref().is_none_or(|nearest| nearest.rank() < error.rank()) => {
                nearest = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(match nearest {
        None => StatusListError::NoSigner,
        Some(error) if is_before_signatures(&error) => StatusListError::ForeignSigner(error),
        Some(error) => StatusListError::SignerPath(error),
    })
}

/// Whether a path failed before the trust point's signature was found on it.
fn is_before_signatures(error: &PathError) -> bool {
    match error {
        PathError::IssuerNameMismatch(_) | PathError::Signature(..) | PathError::TooManyIntermediates => true,
        PathError::Key(position, _) => *position != PathPosition::Leaf,
        _ => false,
    }
}

fn trust_points<'a>(trust: &SignerTrust<'a>) -> Vec<(&'a Certificate, TrustBasis)> {
    match *trust {
        SignerTrust::Issuer { issuer, status_anchors } => {
            let others = status_anchors.iter().map(|anchor| (*anchor, TrustBasis::StatusAnchor));
            core::iter::once((issuer, TrustBasis::Issuer)).chain(others).collect()
        }
        SignerTrust::Reference(certificate) => vec![(certificate, TrustBasis::Reference)],
        SignerTrust::Key(_) => Vec::new(),
    }
}
