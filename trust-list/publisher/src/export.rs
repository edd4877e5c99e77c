//! The list in other people's formats, signed by list signers that the root has certified: the same list, the same number.

use std::{collections::BTreeMap, sync::Arc};

use tegata_manifest::{AnchorList, ListedAnchor, ListedState};
use tegata_pki::CryptoProvider;
use tegata_trust_list::{
    Purpose,
    vical::{VicalBuildError, VicalBuilder, VicalListing},
};
use time::UtcDateTime;

use crate::{
    catalogue::Holdings,
    published::{ListSigner, ListSignerRole},
    service::Service,
    sign::{SignerFailure, Signers},
};

/// Why the list was not exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// There are list signers for it, but none is valid with its key at hand.
    #[error("no valid {0} with its key at hand")]
    NoSigner(&'static str),
    /// The VICAL.
    #[error("VICAL: {0}")]
    Vical(#[from] VicalBuildError),
    /// The signer.
    #[error("the signer: {0}")]
    Signer(SignerFailure),
}

impl ExportError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoSigner(_) => "export-no-signer",
            Self::Vical(error) => error.id(),
            Self::Signer(_) => "export-signer",
        }
    }
}

/// The exports of a list by their stable names. A service without list signers for a format has no export in it, and a list
/// without an anchor in use has none at all: a VICAL cannot be empty.
///
/// # Errors
/// [`ExportError`].
pub fn exports(
    list: &AnchorList,
    holdings: &Holdings,
    service: &Service,
    signers: &dyn Signers,
    provider: &dyn CryptoProvider,
) -> Result<BTreeMap<String, Arc<[u8]>>, ExportError> {
    let mut exports = BTreeMap::new();
    if !list.anchors.iter().any(is_exported) {
        return Ok(exports);
    }
    if holdings.list_signers.iter().any(|signer| signer.role() == ListSignerRole::Vical) {
        let signer = list_signer(holdings, ListSignerRole::Vical, list.header.issued, signers);
        let signer = signer.ok_or(ExportError::NoSigner("VICAL signer"))?;
        let file: Arc<[u8]> = vical(list, service, signer, signers, provider)?.into();
        exports.insert(format!("vical/{}.cbor", list.header.version), Arc::clone(&file));
        exports.insert("vical/latest.cbor".to_owned(), file);
    }
    Ok(exports)
}

/// The list signer of a role that is valid at a time and can sign here: the one that lasts longest.
pub(crate) fn list_signer<'h>(
    holdings: &'h Holdings,
    role: ListSignerRole,
    at: UtcDateTime,
    signers: &dyn Signers,
) -> Option<&'h ListSigner> {
    let can_sign = |signer: &&ListSigner| {
        let certificate = signer.certificate();
        let is_valid = certificate.not_before() <= at && at <= certificate.not_after();
        signer.role() == role && is_valid && certificate.public_key().is_ok_and(|key| signers.holds(key))
    };
    holdings.list_signers.iter().filter(can_sign).max_by_key(|signer| signer.certificate().not_after())
}

/// Whether others should trust it by a list that knows no states: in use, and for documents.
fn is_exported(anchor: &ListedAnchor) -> bool {
    let is_in_use = !matches!(anchor.state, ListedState::Removed | ListedState::Revoked);
    is_in_use && anchor.purposes.contains(&Purpose::Issuance)
}

fn vical(
    list: &AnchorList,
    service: &Service,
    signer: &ListSigner,
    signers: &dyn Signers,
    provider: &dyn CryptoProvider,
) -> Result<Vec<u8>, ExportError> {
    let header = &list.header;
    let builder = VicalBuilder::new(&service.operator.en, header.version, header.issued, header.expires)
        .not_after(header.expires)
        .url(format!("{}/vical/latest.cbor", service.base_url));
    let anchors = list.anchors.iter().filter(|anchor| is_exported(anchor));
    let builder = anchors.fold(builder, |builder, anchor| {
        builder.entry(VicalListing::new(anchor.certificate.clone(), anchor.doc_types.clone()))
    });
    let prepared = builder.prepare(&[signer.certificate().clone()])?;
    let signature = signers.sign(prepared.key(), prepared.algorithm(), prepared.to_be_signed());
    Ok(prepared.complete(&signature.map_err(ExportError::Signer)?, provider)?)
}
