//! Lists of trusted entities (ETSI TS 119 602, "LoTE"), JSON binding: plain, or signed as a compact JWS in the manner of
//! JAdES baseline B (ETSI TS 119 182-1).
//!
//! *Inspect*: [`Lote::read`] reads a list and trusts nothing. *Validate*: [`Lote::verify`] checks signer, signature, dates
//! and sequence and returns a [`VerifiedLote`], the only value that gives anchors. *Build*: [`LoteBuilder`], from the same
//! anchors that a VICAL is built from.
//!
//! The members are those of the published JSON schema; one that it does not know is refused, as the schema does. (The
//! schema has one mistake: in ServiceDigitalIdentity `additionalProperties` stands among the properties.)

mod anchors;
mod build;
mod deviation;
mod error;
mod memory;
mod model;
mod read;
mod verify;

use std::sync::Arc;

pub use build::{LoteBuildError, LoteBuilder, LoteScheme, PreparedLote};
pub use deviation::{LoteDeviation, LoteFinding};
pub use error::{LoteError, LoteReadError};
pub use memory::{LoteMemory, SchemeId, SeenLote};
pub use model::{
    DigitalIdentity, ElectronicAddresses, EntityAddress, EntityInformation, LangString, LangUri, ListDocument,
    ListInformation, ListPointer, OperatorAddress, PkiObject, PostalAddress, ServiceInformation, SupplyPoint,
    TrustedEntity, TrustedEntityService, TrustedList,
};
use tegata_pki::{Certificate, CoseAlgorithm};
use time::UtcDateTime;
pub use verify::{LoteCheck, LoteFreshness, LoteTrust, VerifiedLote};

/// The longest list that is read, in bytes: 16 MiB.
pub const MAX_LOTE_BYTES: usize = 16 << 20;

/// A list as received. It has been *inspected*: it is well formed, nothing about it is true yet. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Lote(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    list: TrustedList,
    issued_at: UtcDateTime,
    next_update: Option<UtcDateTime>,
    envelope: Option<Envelope>,
    deviations: Vec<LoteDeviation>,
}

/// The signature and what it needs.
#[derive(Debug)]
struct Envelope {
    algorithm: CoseAlgorithm,
    chain: Vec<Certificate>,
    /// SHA-256 of the signer's certificate (`x5t#S256`).
    thumbprint: Option<Vec<u8>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Lote {
    /// The list, member by member.
    #[must_use]
    pub fn list(&self) -> &TrustedList {
        &self.0.list
    }

    /// `LoTESequenceNumber`: grows with every issue.
    #[must_use]
    pub fn sequence_number(&self) -> u64 {
        self.0.list.information.sequence_number
    }

    /// `LoTEType`: which kind of list it is.
    #[must_use]
    pub fn list_type(&self) -> Option<&str> {
        self.0.list.information.list_type.as_deref()
    }

    /// The first `SchemeOperatorName`.
    #[must_use]
    pub fn operator(&self) -> &str {
        self.0.list.information.operator_names.first().map_or("", |name| name.value.as_str())
    }

    /// `SchemeTerritory`.
    #[must_use]
    pub fn territory(&self) -> Option<&str> {
        self.0.list.information.territory.as_deref()
    }

    /// `ListIssueDateTime`.
    #[must_use]
    pub fn issued_at(&self) -> UtcDateTime {
        self.0.issued_at
    }

    /// `NextUpdate`; `None` is `null`: the list is closed, there will be no other (6.3.15).
    #[must_use]
    pub fn next_update(&self) -> Option<UtcDateTime> {
        self.0.next_update
    }

    /// `TrustedEntitiesList`.
    #[must_use]
    pub fn entities(&self) -> &[TrustedEntity] {
        self.0.list.entities.as_deref().unwrap_or_default()
    }

    /// Whether there is a signature around it.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.0.envelope.is_some()
    }

    /// The certificates of `x5c`, the signer first.
    #[must_use]
    pub fn certificate_chain(&self) -> &[Certificate] {
        self.0.envelope.as_ref().map_or(&[], |envelope| envelope.chain.as_slice())
    }

    /// The tolerable deviations of form, each once.
    #[must_use]
    pub fn deviations(&self) -> &[LoteDeviation] {
        &self.0.deviations
    }
}
