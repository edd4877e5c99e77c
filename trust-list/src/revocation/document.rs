//! The status of a document: by its MSO's `status` (ISO/IEC 18013-5 12.3.6), and by the device-key lists that speak about
//! it.

use tegata_mdoc::mso::{IdentifierListInfo, Status, StatusListInfo};
use tegata_pki::{Certificate, PublicKey};

use super::token_check::{Age, TokenQuestion, TrustPoints};
use super::{RevocationCheck, RevocationStatus, RevokedReason, UndeterminedCause, device_key};
use crate::evidence::EvidenceKind;
use crate::status_list::{Bits, StatusValue};
use crate::token::{StatusListError, VerifiedStatusList};

/// Mobile driving licence: one bit per entry, nothing between good and revoked.
const MDL: &str = "org.iso.18013.5.1.mDL";

/// The document whose status is asked for: what its *verified* MSO and the path of its signer say.
#[derive(Clone, Copy, Debug)]
pub struct MsoQuestion<'a> {
    /// `status`.
    pub status: Option<&'a Status<'a>>,
    /// `deviceKey`; `None` when it is no key that can be used.
    pub device_key: Option<&'a PublicKey>,
    /// `docType`.
    pub doc_type: &'a str,
    /// The document signer's certificate.
    pub document_signer: &'a Certificate,
    /// The CA certificate that the document signer was validated with.
    pub issuer: &'a Certificate,
}

/// The status of a document.
///
/// | `status` | result of its own lists |
/// |---|---|
/// | absent | not applicable |
/// | one mechanism | its answer |
/// | both | revoked if either says so; good if both do, or if one does and the list of the other is not at hand; else undetermined |
/// | neither known | undetermined |
///
/// Device-key lists answer besides, whether `status` is there or not: those that the trust store requires
/// ([`crate::TrustStoreBuilder::require_device_key_list`]), and those at hand whose signer the document's issuer vouches
/// for, or an anchor for status of the document type. Revoked wins over everything, undetermined over good.
#[must_use]
pub fn mso_status(mso: &MsoQuestion<'_>, check: &RevocationCheck<'_>) -> RevocationStatus {
    let context = Context { mso: *mso, check };
    let by_reference = match mso.status {
        None => RevocationStatus::NotApplicable,
        Some(status) => context.by_reference(status),
    };
    device_key::statuses(mso, check).into_iter().fold(by_reference, and)
}

/// Both mechanisms of one `status`: the issuer keeps them alike, so that the one whose list is at hand will do.
fn either(one: RevocationStatus, other: RevocationStatus) -> RevocationStatus {
    use RevocationStatus::{Good, Undetermined};
    match (one, other) {
        (good @ Good { .. }, Undetermined(UndeterminedCause::NoList { .. }))
        | (Undetermined(UndeterminedCause::NoList { .. }), good @ Good { .. }) => good,
        (one, other) => and(one, other),
    }
}

/// Two statuses that both have to be good. Of two causes, one that is more than a missing list is told.
fn and(one: RevocationStatus, other: RevocationStatus) -> RevocationStatus {
    use RevocationStatus::{Good, NotApplicable, Revoked, Undetermined};
    match (one, other) {
        (revoked @ Revoked { .. }, _) | (_, revoked @ Revoked { .. }) => revoked,
        (Undetermined(UndeterminedCause::NoList { .. }), Undetermined(cause)) | (Undetermined(cause), _) => {
            Undetermined(cause)
        }
        (_, undetermined @ Undetermined(_)) => undetermined,
        (Good { mut evidence }, Good { evidence: more }) => {
            evidence.extend(more);
            Good { evidence }
        }
        (NotApplicable, other) => other,
        (good, NotApplicable) => good,
    }
}

#[derive(Clone, Copy)]
struct Context<'a> {
    mso: MsoQuestion<'a>,
    check: &'a RevocationCheck<'a>,
}

impl Context<'_> {
    fn by_reference(self, status: &Status<'_>) -> RevocationStatus {
        let by_status_list = status.status_list.as_ref().map(|info| self.by_status_list(info));
        let by_identifier_list = status.identifier_list.as_ref().map(|info| self.by_identifier_list(info));
        match (by_status_list, by_identifier_list) {
            (Some(one), Some(other)) => either(one, other),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => RevocationStatus::Undetermined(UndeterminedCause::NoKnownMechanism),
        }
    }

    fn question<'q>(&'q self, uri: &'q str, certificate: Option<&'q [u8]>) -> TokenQuestion<'q> {
        let points = TrustPoints::Reference(certificate);
        TokenQuestion { uri, points, issuer: self.mso.issuer, doc_type: self.mso.doc_type, check: self.check }
    }

    fn by_status_list(self, info: &StatusListInfo<'_>) -> RevocationStatus {
        let tokens = self.check.evidence.lists.status_lists_of(info.uri);
        let answer = self.question(info.uri, info.certificate).ask(tokens, |list| self.value(list, info.index));
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
        let answer = self.question(info.uri, info.certificate).ask(tokens, |list| Ok(list.is_revoked(info.id)));
        let kind = EvidenceKind::IdentifierList { uri: info.uri.to_owned() };
        match answer {
            Err(cause) => RevocationStatus::Undetermined(cause),
            Ok((true, age)) => revoked(RevokedReason::Listed, kind, age),
            Ok((false, age)) => good(kind, age),
        }
    }

    fn value(self, list: &VerifiedStatusList, index: u64) -> Result<StatusValue, StatusListError> {
        match list.content().bits() {
            bits if self.mso.doc_type == MDL && bits != Bits::One => Err(StatusListError::BitsNotAllowed(bits)),
            _ => list.get(index),
        }
    }
}

pub(super) fn good(kind: EvidenceKind, age: Age) -> RevocationStatus {
    RevocationStatus::Good { evidence: vec![age.of(kind)] }
}

pub(super) fn revoked(reason: RevokedReason, kind: EvidenceKind, age: Age) -> RevocationStatus {
    RevocationStatus::Revoked { reason, since: None, evidence: Some(age.of(kind)) }
}
