//! The names that the root certifies: those of its policy, which compares subjects exactly.

use tegata_pki::{Name, NameError, oid};

/// A country that does not exist: Utopia.
pub(super) const COUNTRY: &str = "UT";
/// The issuing authority.
pub(super) const ORGANIZATION: &str = "Sandbox Organization";
/// The common name of the Document Signer.
pub(super) const DOCUMENT_SIGNER: &str = "Document Signer 1";
/// The common name of the signer of the status list.
pub(super) const STATUS_SIGNER: &str = "MSO Revocation List Signer 1";
/// The operations manager, who applies for certificates.
pub(super) const OPS_MANAGER: &str = "ops-manager";
/// The key manager, who applies with him.
pub(super) const KEY_MANAGER: &str = "key-manager-1";
/// The CA manager, who alone orders revocations.
pub(super) const CA_MANAGER: &str = "ca-manager";

/// The name of a signer.
pub(super) fn signer(common_name: &str) -> Result<Name, NameError> {
    Name::from_attributes(&[
        (oid::COUNTRY, COUNTRY),
        (oid::ORGANIZATION, ORGANIZATION),
        (oid::COMMON_NAME, common_name),
    ])
}
