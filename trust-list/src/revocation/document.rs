//! The status of a document by its MSO's `status` (ISO/IEC 18013-5 12.3.6).

use tegata_mdoc::mso::{IdentifierListInfo, Status, StatusListInfo};
use tegata_pki::Certificate;

use super::{RevocationCheck, RevocationStatus, RevokedReason, UndeterminedCause, certificate_status};
use crate::anchor::Purpose;
use crate::evidence::{EvidenceAge, EvidenceKind, Fetched};
use crate::status_list::{Bits, StatusValue};
use crate::store::MAX_CANDIDATES;
use crate::token::{SignerTrust, StatusListError, TokenCheck, VerifiedStatusList, VerifiedToken};

/// Mobile driving licence: one bit per entry, nothing between good and revoked.
const MDL: &str = "org.iso.18013.5.1.mDL";

/// The status of a document.
///
/// `status` is that of the *verified* MSO, `issuer` the CA certificate its document signer was validated with.
///
/// | `status` | result |
/// |---|---|
/// | absent | not applicable |
/// | one mechanism | its answer |
/// | both | revoked if either says so; good if both do, or if one does and the list of the other is not at hand; else undetermined |
/// | neither known | undetermined |
#[must_use]
pub fn mso_status(
    status: Option<&Status<'_>>,
    issuer: &Certificate,
    doc_type: &str,
    check: &RevocationCheck<'_>,
) -> RevocationStatus {
    let Some(status) = status else {
        return RevocationStatus::NotApplicable;
    };
    let context = Context { issuer, doc_type, check };
    let by_status_list = status.status_list.as_ref().map(|info| context.by_status_list(info));
    let by_identifier_list = status.identifier_list.as_ref().map(|info| context.by_identifier_list(info));
    match (by_status_list, by_identifier_list) {
        (Some(one), Some(other)) => combine(one, other),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => RevocationStatus::Undetermined(UndeterminedCause::NoKnownMechanism),
    }
}

fn combine(one: RevocationStatus, other: RevocationStatus) -> RevocationStatus {
    use RevocationStatus::{Good, Revoked, Undetermined};
    match (one, other) {
        (Good { mut evidence }, Good { evidence: more }) => {
            evidence.extend(more);
            Good { evidence }
        }
        (revoked @ Revoked { .. }, _) | (_, revoked @ Revoked { .. }) => revoked,
        (good @ Good { .. }, Undetermined(UndeterminedCause::NoList { .. }))
        | (Undetermined(UndeterminedCause::NoList { .. }), good @ Good { .. }) => good,
        (undetermined @ Undetermined(_), _) | (_, undetermined) => undetermined,
    }
}

#[derive(Clone, Copy)]
struct Context<'a> {
    issuer: &'a Certificate,
    doc_type: &'a str,
    check: &'a RevocationCheck<'a>,
}

impl Context<'_> {
    fn by_status_list(self, info: &StatusListInfo<'_>) -> RevocationStatus {
        let tokens = self.check.evidence.lists.status_lists_of(info.uri);
        let answer = self.ask(tokens, info.uri, info.certificate, |list| self.value(list, info.index));
        let uri = info.uri.to_owned();
        match answer {
            Err(cause) => RevocationStatus::Undetermined(cause),
            Ok((StatusValue::Valid, age)) => good(EvidenceKind::StatusList { uri }, age),
            Ok((StatusValue::Invalid, age)) => revoked(RevokedReason::Invalid, EvidenceKind::StatusList { uri }, age),
            Ok((StatusValue::Suspended, age)) => {
                revoked(RevokedReason::Suspended, EvidenceKind::StatusList { uri }, age)
            }
            Ok((value @ (StatusValue::ApplicationSpecific(_) | StatusValue::Reserved(_)), _)) => {
                let value = value.number();
                RevocationStatus::Undetermined(UndeterminedCause::UnknownValue { uri, value })
            }
        }
    }

    fn by_identifier_list(self, info: &IdentifierListInfo<'_>) -> RevocationStatus {
        let tokens = self.check.evidence.lists.identifier_lists_of(info.uri);
        let answer = self.ask(tokens, info.uri, info.certificate, |list| Ok(list.is_revoked(info.id)));
        let kind = EvidenceKind::IdentifierList { uri: info.uri.to_owned() };
        match answer {
            Err(cause) => RevocationStatus::Undetermined(cause),
            Ok((true, age)) => revoked(RevokedReason::Listed, kind, age),
            Ok((false, age)) => good(kind, age),
        }
    }

    fn value(self, list: &VerifiedStatusList, index: u64) -> Result<StatusValue, StatusListError> {
        match list.content().bits() {
            bits if self.doc_type == MDL && bits != Bits::One => Err(StatusListError::BitsNotAllowed(bits)),
            _ => list.get(index),
        }
    }

    /// Asks the latest token of `tokens` that is authentic.
    fn ask<L, A>(
        self,
        tokens: &[Fetched<L>],
        uri: &str,
        certificate: Option<&[u8]>,
        answer: impl Fn(&VerifiedToken<L>) -> Result<A, StatusListError>,
    ) -> Result<(A, Age), UndeterminedCause> {
        let mut first_error = None;
        for fetched in tokens {
            match self.validated(fetched, uri, certificate) {
                Ok(verified) => {
                    let answer = answer(&verified).map_err(|error| invalid(uri, error))?;
                    return Ok((answer, self.age(fetched, &verified)));
                }
                // Authentic and too old: a still older one does not help.
                Err(error) if error.is_stale() => {
                    return Err(UndeterminedCause::Stale { uri: uri.to_owned(), error });
                }
                Err(error) => _ = first_error.get_or_insert(error),
            }
        }
        Err(match first_error {
            Some(error) => invalid(uri, error),
            None => UndeterminedCause::NoList { uri: uri.to_owned() },
        })
    }

    fn validated<L>(
        self,
        fetched: &Fetched<L>,
        uri: &str,
        certificate: Option<&[u8]>,
    ) -> Result<VerifiedToken<L>, StatusListError> {
        let RevocationCheck { evidence, trust, policy, at, provider } = *self.check;
        let reference = certificate.map(Certificate::from_der).transpose();
        let reference = reference.map_err(StatusListError::ReferenceCertificate)?;
        let anchors: Vec<&Certificate> = match trust {
            Some(trust) if reference.is_none() => {
                let anchors = trust.anchors_for(Purpose::Status, self.doc_type);
                anchors.map(|anchor| anchor.certificate()).take(MAX_CANDIDATES).collect()
            }
            _ => Vec::new(),
        };
        let trust = match &reference {
            Some(certificate) => SignerTrust::Reference(certificate),
            None => SignerTrust::Issuer { issuer: self.issuer, status_anchors: &anchors },
        };
        let verified = fetched.token.verify(&TokenCheck { uri, trust, at, policy: &policy.token, provider })?;
        let found = fetched.token.issued_at();
        match evidence.lists.latest(uri) {
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
struct Age {
    issued_at: time::UtcDateTime,
    expires: Option<time::UtcDateTime>,
    fetched_at: time::UtcDateTime,
    age: time::Duration,
    refresh_due: bool,
    deviations: Vec<crate::token::TokenDeviation>,
}

impl Age {
    fn of(self, kind: EvidenceKind) -> EvidenceAge {
        let Self { issued_at, expires, fetched_at, age, refresh_due, deviations } = self;
        EvidenceAge { kind, issued_at, expires, fetched_at: Some(fetched_at), age, refresh_due, deviations }
    }
}

fn good(kind: EvidenceKind, age: Age) -> RevocationStatus {
    RevocationStatus::Good { evidence: vec![age.of(kind)] }
}

fn revoked(reason: RevokedReason, kind: EvidenceKind, age: Age) -> RevocationStatus {
    RevocationStatus::Revoked { reason, since: None, evidence: Some(age.of(kind)) }
}

fn invalid(uri: &str, error: StatusListError) -> UndeterminedCause {
    UndeterminedCause::InvalidList { uri: uri.to_owned(), error }
}
