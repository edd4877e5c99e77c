//! The status of a document by device-key lists.
//!
//! No document refers to such a list. Which lists speak about a document is therefore the relying party's to say: those it
//! requires for the anchor, and those at hand whose signer somebody vouches for who may speak about the document. A list
//! by a stranger is no evidence, however valid its signature.

use std::collections::BTreeSet;

use super::document::{MsoQuestion, good, revoked};
use super::token_check::{Age, TokenQuestion, TrustPoints};
use super::{RevocationCheck, RevocationStatus, RevokedReason, UndeterminedCause};
use crate::device_key_list::{KeyThumbprint, SignerName};
use crate::evidence::EvidenceKind;
use crate::store::TrustStore;
use crate::token::{StatusListError, VerifiedDeviceKeyList};

/// What a list says about a document.
enum Answer {
    NotListed,
    KeyListed,
    SignerListed,
    /// The list does not name the signer, and there is no key to look for.
    NoKey,
}

/// The status by every list that speaks about the document, one for each subject.
pub(super) fn statuses(mso: &MsoQuestion<'_>, check: &RevocationCheck<'_>) -> Vec<RevocationStatus> {
    let lists = &check.evidence.lists;
    let requires = check.trust.is_some_and(TrustStore::requires_device_key_lists);
    if !requires && lists.device_key_subjects().next().is_none() {
        return Vec::new();
    }
    let signer = SignerName::of(mso.document_signer, mso.issuer, check.provider);
    let required =
        check.trust.into_iter().flat_map(|trust| trust.required_device_key_lists(&signer.issuer_key, mso.doc_type));
    let required: BTreeSet<&str> = required.collect();
    let subjects: BTreeSet<&str> = required.iter().copied().chain(lists.device_key_subjects()).collect();
    let key = mso.device_key.map(|key| KeyThumbprint::of(key, check.provider));
    let document = Document { mso, check, signer: &signer, key: key.as_ref() };
    subjects.into_iter().filter_map(|uri| document.status_by(uri, required.contains(uri))).collect()
}

struct Document<'a> {
    mso: &'a MsoQuestion<'a>,
    check: &'a RevocationCheck<'a>,
    signer: &'a SignerName,
    key: Option<&'a KeyThumbprint>,
}

impl Document<'_> {
    /// The status by the list of one subject; `None` when that list does not speak about the document.
    fn status_by(&self, uri: &str, is_required: bool) -> Option<RevocationStatus> {
        let (answer, is_own) = match self.ask(uri, TrustPoints::Issuer) {
            // Not the issuer's: perhaps an anchor for status vouches for it.
            Err(UndeterminedCause::InvalidList { error, .. }) if error.is_unvouched() => {
                (self.ask(uri, TrustPoints::Reference(None)), false)
            }
            answer => (answer, true),
        };
        match answer {
            Ok((answer, age, sequence)) => Some(self.status(uri, answer, age, sequence)),
            Err(UndeterminedCause::NoList { uri }) => {
                let missing = UndeterminedCause::RequiredListMissing { uri };
                is_required.then_some(RevocationStatus::Undetermined(missing))
            }
            // Whether a list that cannot be used would have spoken about this document is only known of the issuer's own.
            Err(cause) => (is_required || is_own).then_some(RevocationStatus::Undetermined(cause)),
        }
    }

    fn ask(&self, uri: &str, points: TrustPoints<'_>) -> Result<(Answer, Age, u64), UndeterminedCause> {
        let MsoQuestion { issuer, doc_type, .. } = *self.mso;
        let question = TokenQuestion { uri, points, issuer, doc_type, check: self.check };
        let tokens = self.check.evidence.lists.device_key_lists_of(uri);
        let ((answer, sequence), age) = match question.ask(tokens, |list| self.look_up(uri, list)) {
            // Played back, and not invalid.
            Err(UndeterminedCause::InvalidList { uri, error }) if error.is_stale() => {
                return Err(UndeterminedCause::Stale { uri, error });
            }
            answer => answer?,
        };
        Ok((answer, age, sequence))
    }

    fn look_up(&self, uri: &str, list: &VerifiedDeviceKeyList) -> Result<(Answer, u64), StatusListError> {
        let found = list.content().sequence();
        match self.check.evidence.lists.highest_sequence(uri) {
            Some(seen) if found < seen => return Err(StatusListError::SequenceTooLow { found, seen }),
            _ => {}
        }
        let answer = match self.key {
            _ if list.revokes_signer(self.signer) => Answer::SignerListed,
            None => Answer::NoKey,
            Some(key) if list.revokes_key(key) => Answer::KeyListed,
            Some(_) => Answer::NotListed,
        };
        Ok((answer, found))
    }

    fn status(&self, uri: &str, answer: Answer, age: Age, sequence: u64) -> RevocationStatus {
        let uri = uri.to_owned();
        let kind = EvidenceKind::DeviceKeyList { uri: uri.clone(), sequence };
        match answer {
            Answer::NotListed => good(kind, age),
            Answer::KeyListed => revoked(RevokedReason::KeyListed, kind, age),
            Answer::SignerListed => revoked(RevokedReason::SignerListed, kind, age),
            Answer::NoKey => RevocationStatus::Undetermined(UndeterminedCause::NoDeviceKey { uri }),
        }
    }
}
