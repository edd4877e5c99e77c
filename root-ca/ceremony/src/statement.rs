//! What a person signs, and the signature.
//!
//! The signed octets are those of [`tegata_quorum::Statement`], the one form that credentials sign: a fixed prefix and canonical
//! JSON. Times are in RFC 3339 (UTC, whole seconds), digests in lower-case hex, absent values `null`. The statement binds the head of
//! the record at that moment, so that whatever stands before it in the record is signed along with it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tegata_pki::{PublicKey, SignatureAlgorithm, SignatureError, SignatureRef, rust_crypto};
use tegata_quorum::StatementError;
use time::UtcDateTime;

use crate::{
    encoding::{octets, stamp_text, whole_second},
    ids::{CeremonyId, PersonId, SeatId, StepId},
    role::Mark,
};

/// What one person says about one thing at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The ceremony.
    pub ceremony: CeremonyId,
    /// SHA-256 of the script.
    pub script: [u8; 32],
    /// The step; `None` for what concerns the whole ceremony (roster, completion, attestation).
    pub step: Option<StepId>,
    /// What is said.
    pub mark: Mark,
    /// The seat from which it is said.
    pub seat: SeatId,
    /// Who says it.
    pub person: PersonId,
    /// Digest of what it is said about: the outcome of the step's action, the order, the roster.
    pub outcome: Option<[u8; 32]>,
    /// Head of the record's hash chain before the sign-off is appended; `None` before the record exists.
    pub head: Option<[u8; 32]>,
    /// When, in whole seconds.
    pub time: UtcDateTime,
}

impl Statement {
    /// The statement as a credential signs it.
    ///
    /// # Errors
    /// [`StatementError`]; not for a statement of sound ids, which are short and plain.
    pub fn to_sign(&self) -> Result<tegata_quorum::Statement, StatementError> {
        let members = [
            ("ceremony", Value::from(self.ceremony.as_str())),
            ("head", self.head.map(hex::encode).into()),
            ("mark", self.mark.name().into()),
            ("outcome", self.outcome.map(hex::encode).into()),
            ("person", self.person.as_str().into()),
            ("script", hex::encode(self.script).into()),
            ("seat", self.seat.as_str().into()),
            ("step", self.step.as_ref().map(StepId::as_str).into()),
            ("time", stamp_text(whole_second(self.time)).into()),
        ];
        tegata_quorum::Statement::new(members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
    }
}

/// A person's signature over a [`Statement`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// Who signed.
    pub person: PersonId,
    /// Ed25519 (RFC 8032), 64 octets; hex in JSON.
    #[serde(with = "octets")]
    pub signature: [u8; 64],
}

impl SignOff {
    /// Whether this is the signature of `key` over `statement`.
    ///
    /// # Errors
    /// [`SignatureError`]; also when the statement names another person than the signature.
    pub fn verify(&self, statement: &Statement, key: &PublicKey) -> Result<(), SignatureError> {
        if self.person != statement.person {
            return Err(SignatureError::Mismatch);
        }
        let message = statement.to_sign().map_err(|_| SignatureError::Mismatch)?;
        rust_crypto().verify(key, SignatureAlgorithm::EdDsa, message.as_bytes(), SignatureRef::Raw(&self.signature))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn the_signed_octets_are_fixed() {
        let statement = Statement {
            ceremony: "c-1".parse().unwrap(),
            script: [0xab; 32],
            step: Some("7.03".parse().unwrap()),
            mark: Mark::C1,
            seat: "auditor".parse().unwrap(),
            person: "p07".parse().unwrap(),
            outcome: None,
            head: Some([0; 32]),
            time: utc_datetime!(2026-11-21 9:30:00.5),
        };
        let expected = format!(
            "tegata-sign-off-v1\n{{\"ceremony\":\"c-1\",\"head\":\"{}\",\"mark\":\"c1\",\"outcome\":null,\"person\":\"p07\",\
             \"script\":\"{}\",\"seat\":\"auditor\",\"step\":\"7.03\",\"time\":\"2026-11-21T09:30:00Z\"}}",
            "0".repeat(64),
            "ab".repeat(32)
        );
        assert_eq!(String::from_utf8(statement.to_sign().unwrap().as_bytes().to_vec()).unwrap(), expected);
    }
}
