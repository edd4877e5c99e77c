//! Validating a token.

use tegata_pki::{Certificate, CryptoProvider, PathFinding, PublicKey, SignatureRef};
use time::UtcDateTime;

use super::signer::trusted_signer;
use super::{
    Envelope, ListContent, SignerTrust, StatusListError, Token, TokenDeviation, TokenPolicy, TrustBasis,
    VerifiedDeviceKeyList, VerifiedIdentifierList, VerifiedStatusList,
};
use crate::{InflateLimit, KeyThumbprint, SignerName, StatusArray, StatusValue};

/// What a token is validated against.
#[derive(Clone, Copy, Debug)]
pub struct TokenCheck<'a> {
    /// The `uri` of the reference; `sub` must be exactly this.
    pub uri: &'a str,
    /// Who may have signed.
    pub trust: SignerTrust<'a>,
    /// The time of the check.
    pub at: UtcDateTime,
    /// What is tolerated.
    pub policy: &'a TokenPolicy,
    /// Does the cryptography.
    pub provider: &'a dyn CryptoProvider,
}

/// A token whose form, signer, signature, subject and time were found good; see [`Token::verify`].
#[derive(Clone, Debug)]
pub struct VerifiedToken<L> {
    token: Token<L>,
    basis: TrustBasis,
    certificates: Option<(Certificate, Certificate)>,
    findings: Vec<PathFinding>,
    deviations: Vec<TokenDeviation>,
    inflate_limit: InflateLimit,
}

impl<L: ListContent> Token<L> {
    /// Validates the token, in the order of ISO/IEC 18013-5 12.3.6 and draft-ietf-oauth-status-list 8.3: form, signer and
    /// its path, signature, subject, time.
    ///
    /// # Errors
    /// [`StatusListError`]; the first that is found.
    pub fn verify(&self, check: &TokenCheck<'_>) -> Result<VerifiedToken<L>, StatusListError> {
        check.policy.check(self.deviations())?;
        let envelope = &self.0.envelope;
        let signer = trusted_signer(envelope, &check.trust, check.at, check.policy, check.provider)?;
        let mut signer_deviations = signer.deviations;
        if !L::IS_REFERRED_TO {
            signer_deviations.retain(|deviation| *deviation != TokenDeviation::ForeignAnchor);
        }
        check.policy.check(&signer_deviations)?;

        let (algorithm, curve) = (envelope.algorithm, signer.key.curve());
        if !algorithm.permits(curve) {
            return Err(StatusListError::AlgorithmMismatch { algorithm, curve });
        }
        self.check_signature(&signer.key, check.provider)?;

        if self.subject() != check.uri {
            let (expected, found) = (check.uri.to_owned(), self.subject().to_owned());
            return Err(StatusListError::SubjectMismatch { expected, found });
        }
        self.check_time(check.at, check.policy)?;

        let mut deviations = self.deviations().to_vec();
        deviations.extend(signer_deviations);
        Ok(VerifiedToken {
            token: self.clone(),
            basis: signer.basis,
            certificates: signer.certificates,
            findings: signer.findings,
            deviations,
            inflate_limit: check.policy.inflate_limit,
        })
    }

    fn check_signature(&self, key: &PublicKey, provider: &dyn CryptoProvider) -> Result<(), StatusListError> {
        if self.0.signed_by.get() == Some(key) {
            return Ok(());
        }
        let Envelope { algorithm, message, signature, .. } = &self.0.envelope;
        let signature = SignatureRef::Raw(signature);
        let verified = provider.verify(key, algorithm.signature_algorithm(), message, signature);
        verified.map_err(StatusListError::Signature)?;
        // Another key that verifies the same token may have come first; it is then only not remembered.
        _ = self.0.signed_by.set(key.clone());
        Ok(())
    }

    fn check_time(&self, at: UtcDateTime, policy: &TokenPolicy) -> Result<(), StatusListError> {
        let claims = &self.0.claims;
        let latest = at.saturating_add(policy.skew);
        for begin in [Some(claims.issued_at), claims.not_before].into_iter().flatten() {
            if begin > latest {
                return Err(StatusListError::NotYetValid(begin));
            }
        }
        match claims.expires {
            Some(expires) if expires <= at => Err(StatusListError::Expired(expires)),
            None if at - claims.issued_at > policy.max_age_without_expiry => {
                Err(StatusListError::TooOld(claims.issued_at))
            }
            _ => Ok(()),
        }
    }
}

impl<L> VerifiedToken<L> {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &Token<L> {
        &self.token
    }

    /// The list, authenticated.
    #[must_use]
    pub fn content(&self) -> &L {
        &self.token.0.content
    }

    /// What made the signer trusted.
    #[must_use]
    pub fn basis(&self) -> TrustBasis {
        self.basis
    }

    /// The signer's certificate; `None` when a bare key was configured.
    #[must_use]
    pub fn signer(&self) -> Option<&Certificate> {
        self.certificates.as_ref().map(|(signer, _)| signer)
    }

    /// The certificate that issued the signer's.
    #[must_use]
    pub fn signer_issuer(&self) -> Option<&Certificate> {
        self.certificates.as_ref().map(|(_, issuer)| issuer)
    }

    /// What was tolerated, in the token and in its signer.
    #[must_use]
    pub fn deviations(&self) -> &[TokenDeviation] {
        &self.deviations
    }

    /// What was tolerated in the signer's path.
    #[must_use]
    pub fn path_findings(&self) -> &[PathFinding] {
        &self.findings
    }
}

impl VerifiedStatusList {
    /// The status of entry `index`.
    ///
    /// Constant memory; the whole stream is read so that its checksum counts. For many look-ups in one list see
    /// [`VerifiedStatusList::expand`].
    ///
    /// # Errors
    /// [`StatusListError::Inflate`], and [`StatusListError::Index`] when the list has no such entry.
    pub fn get(&self, index: u64) -> Result<StatusValue, StatusListError> {
        self.content().look_up(index, self.inflate_limit)
    }

    /// The whole array.
    ///
    /// # Errors
    /// [`StatusListError::Inflate`].
    pub fn expand(&self) -> Result<StatusArray, StatusListError> {
        self.content().expand(self.inflate_limit)
    }
}

impl VerifiedIdentifierList {
    /// True when the document with this identifier is revoked.
    #[must_use]
    pub fn is_revoked(&self, identifier: &[u8]) -> bool {
        self.content().contains(identifier)
    }
}

impl VerifiedDeviceKeyList {
    /// True when the documents with this device key are revoked.
    #[must_use]
    pub fn revokes_key(&self, key: &KeyThumbprint) -> bool {
        self.content().contains_key(key)
    }

    /// True when all documents of this document signer are revoked.
    #[must_use]
    pub fn revokes_signer(&self, signer: &SignerName) -> bool {
        self.content().contains_signer(signer)
    }
}
