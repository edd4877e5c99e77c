//! One list asked about one document: which of its tokens is authentic, and may be believed.

use tegata_pki::Certificate;
use time::{Duration, UtcDateTime};

use super::{RevocationCheck, RevocationStatus, UndeterminedCause, certificate_status};
use crate::anchor::{Anchor, Purpose};
use crate::evidence::{EvidenceAge, EvidenceKind, Fetched};
use crate::token::{ListContent, SignerTrust, StatusListError, Token, TokenCheck, TokenDeviation, VerifiedToken};

/// Who may vouch for the signer of a list.
#[derive(Clone, Copy, Debug)]
pub(super) enum TrustPoints<'a> {
    /// The `certificate` of the reference; without one the document's issuer, or an anchor for status.
    Reference(Option<&'a [u8]>),
    /// The document's issuer alone.
    Issuer,
}

/// A list, by its subject, and the document it is asked about.
#[derive(Clone, Copy)]
pub(super) struct TokenQuestion<'a> {
    pub(super) uri: &'a str,
    pub(super) points: TrustPoints<'a>,
    pub(super) issuer: &'a Certificate,
    pub(super) doc_type: &'a str,
    pub(super) check: &'a RevocationCheck<'a>,
}

impl TokenQuestion<'_> {
    /// Asks the latest token of `tokens` that is authentic.
    pub(super) fn ask<L: ListContent, A>(
        self,
        tokens: &[Fetched<L>],
        answer: impl Fn(&VerifiedToken<L>) -> Result<A, StatusListError>,
    ) -> Result<(A, Age), UndeterminedCause> {
        let uri = || self.uri.to_owned();
        let mut first_error: Option<StatusListError> = None;
        for fetched in tokens {
            match self.validated(fetched) {
                Ok(verified) => {
                    let answer = answer(&verified);
                    let answer = answer.map_err(|error| UndeterminedCause::InvalidList { uri: uri(), error })?;
                    return Ok((answer, self.age(fetched, &verified)));
                }
                // Authentic and too old: a still older one does not help.
                Err(error) if error.is_stale() => return Err(UndeterminedCause::Stale { uri: uri(), error }),
                // What somebody vouches for tells more than what nobody does.
                Err(error) if first_error.as_ref().is_none_or(StatusListError::is_unvouched) => {
                    first_error = Some(error);
                }
                Err(_) => {}
            }
        }
        Err(match (first_error, self.check.evidence.lists.unreadable(self.uri)) {
            (Some(error), _) => UndeterminedCause::InvalidList { uri: uri(), error },
            (None, Some(error)) => UndeterminedCause::UnreadableList { uri: uri(), error: error.clone() },
            (None, None) => UndeterminedCause::NoList { uri: uri() },
        })
    }

    fn validated<L: ListContent>(self, fetched: &Fetched<L>) -> Result<VerifiedToken<L>, StatusListError> {
        let RevocationCheck { evidence, policy, at, provider, .. } = *self.check;
        let reference = match self.points {
            TrustPoints::Reference(certificate) => certificate.map(Certificate::from_der).transpose(),
            TrustPoints::Issuer => Ok(None),
        };
        let reference = reference.map_err(StatusListError::ReferenceCertificate)?;
        let anchors = self.status_anchors(&fetched.token);
        let trust = match &reference {
            Some(certificate) => SignerTrust::Reference(certificate),
            None => SignerTrust::Issuer { issuer: self.issuer, status_anchors: &anchors },
        };
        let verified =
            fetched.token.verify(&TokenCheck { uri: self.uri, trust, at, policy: &policy.token, provider })?;
        let found = fetched.token.issued_at();
        match evidence.lists.latest(self.uri) {
            Some(seen) if found < seen => return Err(StatusListError::Superseded { found, seen }),
            _ => {}
        }
        if let (Some(signer), Some(issuer)) = (verified.signer(), verified.signer_issuer())
            && let RevocationStatus::Revoked { since, .. } = certificate_status(signer, issuer, self.check)
        {
            return Err(StatusListError::SignerRevoked { since: since.unwrap_or(at) });
        }
        Ok(verified)
    }

    /// The anchors for status that may have issued the top of the token's chain.
    fn status_anchors<L>(&self, token: &Token<L>) -> Vec<&Certificate> {
        let (TrustPoints::Reference(None), Some(trust)) = (self.points, self.check.trust) else { return Vec::new() };
        let chain = token.certificate_chain().filter_map(|der| Certificate::from_der(der).ok());
        let Some(top) = chain.filter(|certificate| !certificate.is_self_issued()).last() else { return Vec::new() };
        trust.candidates(Purpose::Status, self.doc_type, &top).map(Anchor::certificate).collect()
    }

    fn age<L>(self, fetched: &Fetched<L>, verified: &VerifiedToken<L>) -> Age {
        let (token, at) = (&fetched.token, self.check.at);
        Age {
            issued_at: token.issued_at(),
            expires: token.expires(),
            fetched_at: fetched.fetched_at,
            age: at - token.issued_at(),
            refresh_due: token.ttl().is_some_and(|ttl| at > fetched.fetched_at.saturating_add(ttl)),
            deviations: verified.deviations().to_vec(),
        }
    }
}

/// An [`EvidenceAge`] whose kind is still to be said.
pub(super) struct Age {
    issued_at: UtcDateTime,
    expires: Option<UtcDateTime>,
    fetched_at: UtcDateTime,
    age: Duration,
    refresh_due: bool,
    deviations: Vec<TokenDeviation>,
}

impl Age {
    pub(super) fn of(self, kind: EvidenceKind) -> EvidenceAge {
        let Self { issued_at, expires, fetched_at, age, refresh_due, deviations } = self;
        EvidenceAge { kind, issued_at, expires, fetched_at: Some(fetched_at), age, refresh_due, deviations }
    }
}
