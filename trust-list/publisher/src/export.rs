//! The list in other people's formats, signed by list signers that the root has certified: the same list, the same number.

use std::{collections::BTreeMap, sync::Arc};

use tegata_manifest::{AnchorList, ListedAnchor, ListedState};
use tegata_pki::CryptoProvider;
use tegata_trust_list::{
    AnchorEntry, Provenance, Purpose, Scope,
    lote::{
        EntityAddress, EntityInformation, LangString, LangUri, LoteBuildError, LoteBuilder, LoteScheme,
        OperatorAddress, PostalAddress,
    },
    vical::{VicalBuildError, VicalBuilder, VicalListing},
};
use time::UtcDateTime;

use crate::{
    KeyDigest,
    catalogue::Holdings,
    issuers::Issuers,
    published::{ListSigner, ListSignerRole},
    service::{self, Address, Service, Text},
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
    /// The LoTE.
    #[error("LoTE: {0}")]
    Lote(#[from] LoteBuildError),
    /// A LoTE says who issues; of this root it is not known.
    #[error("it is not said who the issuing authority of the root {0} is")]
    NoAuthority(KeyDigest),
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
            Self::Lote(error) => error.id(),
            Self::NoAuthority(_) => "export-no-authority",
            Self::Signer(_) => "export-signer",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.remedies().0
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.remedies().1
    }

    fn remedies(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoSigner(_) | Self::Signer(_) => (
                "Check the token of the list signer and the validity of its certificate.",
                "リスト署名者のトークンと証明書の有効期間を確認してください。",
            ),
            Self::Vical(_) | Self::Lote(_) => (
                "Correct the file of the service or of the issuers.",
                "サービスファイルまたは発行者ファイルを直してください。",
            ),
            Self::NoAuthority(_) => (
                "Enter the issuing authority of the root in the file of issuers.",
                "発行者ファイルにルートの発行機関を登録してください。",
            ),
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
    issuers: &Issuers,
    signers: &dyn Signers,
    provider: &dyn CryptoProvider,
) -> Result<BTreeMap<String, Arc<[u8]>>, ExportError> {
    let mut exports = BTreeMap::new();
    if !list.anchors.iter().any(is_exported) {
        return Ok(exports);
    }
    if holdings.list_signers.iter().any(|signer| signer.role() == ListSignerRole::Vical) {
        let signer =
            vical_signer(holdings, list.header.issued, signers).ok_or(ExportError::NoSigner("VICAL signer"))?;
        let file: Arc<[u8]> = vical(list, service, signer, signers, provider)?.into();
        exports.insert(format!("vical/{}.cbor", list.header.version), Arc::clone(&file));
        exports.insert("vical/latest.cbor".to_owned(), file);
    }
    if let Some(scheme) = &service.lote {
        let signer = vical_signer(holdings, list.header.issued, signers).ok_or(ExportError::NoSigner("LoTE signer"))?;
        let file = lote(list, service, scheme, issuers, signer, signers, provider)?;
        exports.insert("lote/latest.jws".to_owned(), file.into());
    }
    Ok(exports)
}

/// The signer of lists of issuers that is valid at a time and can sign here: the one that lasts longest.
fn vical_signer<'h>(holdings: &'h Holdings, at: UtcDateTime, signers: &dyn Signers) -> Option<&'h ListSigner> {
    let can_sign = |signer: &&ListSigner| {
        let certificate = signer.certificate();
        let is_valid = certificate.not_before() <= at && at <= certificate.not_after();
        let is_at_hand = certificate.public_key().is_ok_and(|key| signers.holds(key));
        signer.role() == ListSignerRole::Vical && is_valid && is_at_hand
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

fn lote(
    list: &AnchorList,
    service: &Service,
    scheme: &service::LoteScheme,
    issuers: &Issuers,
    signer: &ListSigner,
    signers: &dyn Signers,
    provider: &dyn CryptoProvider,
) -> Result<Vec<u8>, ExportError> {
    let (header, base) = (&list.header, &service.base_url);
    let scheme = LoteScheme {
        list_type: format!("{base}/lote/type"),
        operator_names: names(&service.operator),
        operator_address: OperatorAddress { postal: postal(&scheme.address), electronic: uri(&scheme.contact) },
        scheme_names: names(&service.operator),
        scheme_uris: uri(base),
        status_determination: format!("{base}/lote/status-determination"),
        community_rules: uri(&scheme.rules),
        territory: scheme.territory.clone(),
    };
    let mut builder = LoteBuilder::new(scheme, header.version, header.issued, Some(header.expires))
        .distribution_point(format!("{base}/lote/latest.jws"));
    for anchor in list.anchors.iter().filter(|anchor| is_exported(anchor)) {
        let root = KeyDigest::of(&anchor.certificate);
        let authority = issuers.get(root).and_then(|issuer| issuer.authority.as_ref());
        let authority = authority.ok_or(ExportError::NoAuthority(root))?;
        let information = EntityInformation {
            names: names(&authority.name),
            trade_names: None,
            address: Some(EntityAddress { postal: postal(&authority.address), electronic: uri(&authority.contact) }),
            uris: Some(uri(&authority.information)),
            extensions: None,
        };
        let entry = AnchorEntry {
            certificate: anchor.certificate.clone(),
            scope: Scope::DocTypes(anchor.doc_types.clone()),
            purposes: anchor.purposes.clone(),
            provenance: Provenance { source: header.repository.clone(), added_at: anchor.dates.announced },
        };
        builder = builder.entity(information, vec![entry]);
    }
    let prepared = builder.prepare(&[signer.certificate().clone()], provider)?;
    let signature = signers.sign(prepared.key(), prepared.algorithm(), prepared.to_be_signed());
    Ok(prepared.complete(&signature.map_err(ExportError::Signer)?, provider)?)
}

fn names(text: &Text) -> Vec<LangString> {
    let one = |lang: &str, value: &String| LangString { lang: lang.to_owned(), value: value.clone() };
    vec![one("en", &text.en), one("ja", &text.ja)]
}

fn uri(uri: &str) -> Vec<LangUri> {
    vec![LangUri { lang: "en".to_owned(), uri: uri.to_owned() }]
}

fn postal(address: &Address) -> Vec<PostalAddress> {
    vec![PostalAddress {
        lang: "en".to_owned(),
        street: address.street.clone(),
        locality: Some(address.locality.clone()),
        state_or_province: None,
        postal_code: None,
        country: address.country.clone(),
    }]
}
