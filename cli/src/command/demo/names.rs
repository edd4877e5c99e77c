//! The names that the root certifies: those of its policy, which compares subjects exactly.

use tegata_pki::{Name, NameError, oid};

/// A country that does not exist: Utopia.
pub(in crate::command) const COUNTRY: &str = "UT";
/// The issuing authority.
pub(in crate::command) const ORGANIZATION: &str = "Sandbox Organization";
/// The common name of the Document Signer.
pub(in crate::command) const DOCUMENT_SIGNER: &str = "Document Signer 1";
/// The common name of the signer of the status list.
pub(in crate::command) const STATUS_SIGNER: &str = "MSO Revocation List Signer 1";
/// The operations manager, who applies for certificates.
pub(in crate::command) const OPS_MANAGER: &str = "ops-manager";
/// The key manager, who applies with him.
pub(in crate::command) const KEY_MANAGER: &str = "key-manager-1";
/// The CA manager, who alone orders revocations.
pub(in crate::command) const CA_MANAGER: &str = "ca-manager";

/// The name of a signer.
pub(in crate::command) fn signer(common_name: &str) -> Result<Name, NameError> {
    Name::from_attributes(&[
        (oid::COUNTRY, COUNTRY),
        (oid::ORGANIZATION, ORGANIZATION),
        (oid::COMMON_NAME, common_name),
    ])
}
