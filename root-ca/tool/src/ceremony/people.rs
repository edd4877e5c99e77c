//! Signing statements of a ceremony with the credentials of persons.

use tegata_ceremony::{SignOff, Statement, statement_bytes};
use tegata_quorum::UnlockedCredential;

use crate::failure::{Failure, Kind};

/// The statement in the form that a credential signs: the same octets.
pub(crate) fn statement_of(statement: &Statement) -> Result<tegata_quorum::Statement, Failure> {
    tegata_quorum::Statement::from_bytes(&statement_bytes(statement)).map_err(|error| {
        let remedy = ["report this: program and credentials disagree", "プログラムの不具合です。報告してください"];
        Failure::new(Kind::Machine, error.id(), &error, remedy)
    })
}

/// Signs a statement that names the person of the credential.
pub(crate) fn sign(credential: &UnlockedCredential, statement: &Statement) -> Result<SignOff, Failure> {
    let signed = credential.sign_off(&statement_of(statement)?);
    Ok(SignOff { person: statement.person.clone(), signature: *signed.signature() })
}
