//! Trust anchors and revocation evidence: what a Digital Trust Service publishes and a verifier holds.
//!
//! Synchronous and without I/O: bytes and time are arguments. Nothing here speaks a verdict; it answers *who may speak
//! for this document type* ([`TrustStore`]) and *what is known about its revocation, and since when*
//! ([`certificate_status`], [`mso_status`]).
//!
//! | module | subject | clause |
//! |---|---|---|
//! | [`anchor`], [`store`] | anchors scoped by document type and purpose, pinned signers | ISO/IEC 18013-5 12.8, C.1.7.1 |
//! | [`status_list`] | packed and compressed status arrays | draft-ietf-oauth-status-list 4 |
//! | [`identifier_list`] | lists of revoked identifiers | ISO/IEC 18013-5 12.3.6.4 |
//! | [`device_key_list`] | lists of revoked device keys, a format of our own | Japanese CP/CPS 4.4.1.2 |
//! | [`token`] | the signed tokens around the lists: read, verify, build | draft-ietf-oauth-status-list 5, ISO/IEC 18013-5 12.3.6 |
//! | [`crl_set`], [`evidence`] | what is at hand, and its age | ISO/IEC 18013-5 B.2, B.3.2 |
//! | [`bundle`] | requests and responses across the air gap of the root | – |
//! | [`vical`] | signed lists of vetted IACA certificates | ISO/IEC 18013-5 Annex C |
//! | [`lote`] | lists of trusted entities | ETSI TS 119 602 |
//! | [`trust_object`] | any of these and a link certificate, told by content and checked | – |
//! | [`revocation`] | the four-valued status of certificates and documents | ISO/IEC 18013-5 12.3.6, B.3.2 |

pub mod anchor;
pub mod bundle;
pub mod crl_set;
pub mod device_key_list;
pub mod evidence;
pub mod identifier_list;
mod import;
pub mod lote;
pub mod revocation;
pub mod status_list;
pub mod store;
pub mod token;
pub mod trust_object;
pub mod vical;

pub use anchor::{
    Anchor, AnchorEntry, DocTypes, ImportFinding, Listing, ListingKind, PinnedSigner, Provenance, Purpose,
    RequiredDeviceKeyList, Scope,
};
pub use bundle::{BundleError, RequestBundle, ResponseBundle};
pub use crl_set::{CrlAnswer, CrlSet, UsedCrl};
pub use device_key_list::{DeviceKeyList, KeyThumbprint, SignerName};
pub use evidence::{Evidence, EvidenceAge, EvidenceKind, ListSet};
pub use identifier_list::IdentifierList;
pub use lote::{Lote, LoteBuilder, LoteError, LoteMemory, LoteReadError, VerifiedLote};
pub use revocation::{
    MsoQuestion, RevocationCheck, RevocationPolicy, RevocationStatus, RevokedReason, UndeterminedCause,
    certificate_status, mso_status,
};
pub use status_list::{Bits, Compression, InflateLimit, StatusArray, StatusList, StatusValue};
pub use store::{EmptyTrust, TrustError, TrustStore, TrustStoreBuilder};
pub use token::{StatusListBuilder, StatusListError, StatusListToken, TokenPolicy, VerifiedStatusList};
pub use vical::{VerifiedVical, Vical, VicalBuilder, VicalError, VicalMemory, VicalReadError};
