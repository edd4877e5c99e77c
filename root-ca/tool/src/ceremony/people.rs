//! Signing statements of a ceremony with the credentials of persons.

use tegata_ceremony::{SignOff, Statement};
use tegata_quorum::UnlockedCredential;

use crate::failure::{Failure, Kind};

/// Signs a statement that names the person of the credential.
pub(crate) fn sign(credential: &UnlockedCredential, statement: &Statement) -> Result<SignOff, Failure> {
    let canonical = statement.to_sign().map_err(|error| {
        let remedy = ["report this: program and credentials disagree", "プログラムの不具合です。報告してください"];
        Failure::new(Kind::Machine, error.id(), &error, remedy)
    })?;
    let signed = credential.sign_off(&canonical);
    Ok(SignOff { person: statement.person.clone(), signature: *signed.signature() })
}
