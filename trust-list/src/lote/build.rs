//! Building a list of trusted entities: content, bytes to be signed, finished list.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use tegata_mdoc::date::Tdate;
use tegata_pki::{
    Certificate, CryptoProvider, Curve, KeyError, PublicKey, RawSignature, SignatureAlgorithm, SignatureError,
    SignatureRef,
};
use time::UtcDateTime;

use super::{
    EntityInformation, LangString, LangUri, ListDocument, ListInformation, OperatorAddress, TrustedEntity, TrustedList,
    anchors,
};
use crate::AnchorEntry;
use crate::token::jwt;

/// Why a list cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoteBuildError {
    /// A name, URI or address that is mandatory is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The territory is not two capital letters.
    #[error("the territory is not two capital letters")]
    Territory,
    /// `NextUpdate` is not after the time of issue.
    #[error("NextUpdate is not after the time of issue")]
    Dates,
    /// The anchor at this place gives no service: it is for any document type, or for neither issuance nor status.
    #[error("anchor {0} gives no service")]
    NoService(usize),
    /// The chain is empty.
    #[error("the certificate chain is empty")]
    EmptyChain,
    /// The chain holds a root after the signer.
    #[error("the certificate chain holds a root")]
    RootInChain,
    /// The signer's key cannot be used.
    #[error("signer key: {0}")]
    Key(KeyError),
    /// JOSE has no algorithm for keys on this curve.
    #[error("no signature algorithm of JOSE for {0}")]
    NoAlgorithm(Curve),
    /// The signature is not the signer's: the list is not released.
    #[error("the signature does not verify: {0}")]
    Signature(SignatureError),
    /// JSON could not be written.
    #[error("the list cannot be written")]
    Encoding,
}

impl LoteBuildError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Missing(_) => "lote-build-missing",
            Self::Territory => "lote-build-territory",
            Self::Dates => "lote-build-dates",
            Self::NoService(_) => "lote-build-no-service",
            Self::EmptyChain => "lote-build-empty-chain",
            Self::RootInChain => "lote-build-root-in-chain",
            Self::Key(_) => "lote-build-key",
            Self::NoAlgorithm(_) => "lote-build-no-algorithm",
            Self::Signature(_) => "lote-build-signature",
            Self::Encoding => "lote-build-encoding",
        }
    }
}

/// What stays the same from issue to issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoteScheme {
    /// URI of the kind of list, such as `http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList`.
    pub list_type: String,
    /// At least one; organizationName of the signer should be one of them (6.8).
    pub operator_names: Vec<LangString>,
    /// Where the operator can be reached.
    pub operator_address: OperatorAddress,
    /// At least one.
    pub scheme_names: Vec<LangString>,
    /// At least one; the first begins the service types of document types that no profile names.
    pub scheme_uris: Vec<LangUri>,
    /// URI of the way a status is determined.
    pub status_determination: String,
    /// At least one.
    pub community_rules: Vec<LangUri>,
    /// Two letters; countryName of the signer should be the same (6.8).
    pub territory: String,
}

/// A list to be built.
#[derive(Clone, Debug)]
pub struct LoteBuilder {
    scheme: LoteScheme,
    sequence_number: u64,
    issued_at: UtcDateTime,
    next_update: Option<UtcDateTime>,
    distribution_points: Vec<String>,
    entities: Vec<(EntityInformation, Vec<AnchorEntry>)>,
}

impl LoteBuilder {
    /// Issue `sequence_number` of the list, which must be above that of every issue before. Times are cut to whole seconds;
    /// without `next_update` the list is closed: the last one of its scheme.
    #[must_use]
    pub fn new(
        scheme: LoteScheme,
        sequence_number: u64,
        issued_at: UtcDateTime,
        next_update: Option<UtcDateTime>,
    ) -> Self {
        let (distribution_points, entities) = (Vec::new(), Vec::new());
        Self { scheme, sequence_number, issued_at, next_update, distribution_points, entities }
    }

    /// Where the list is published.
    #[must_use]
    pub fn distribution_point(mut self, uri: impl Into<String>) -> Self {
        self.distribution_points.push(uri.into());
        self
    }

    /// An issuing authority and its anchors. Every anchor becomes a service for each of its document types and purposes.
    #[must_use]
    pub fn entity(mut self, information: EntityInformation, anchors: Vec<AnchorEntry>) -> Self {
        self.entities.push((information, anchors));
        self
    }

    /// The list, not signed.
    ///
    /// # Errors
    /// [`LoteBuildError`].
    pub fn document(&self) -> Result<ListDocument, LoteBuildError> {
        self.check()?;
        let scheme = self.scheme.clone();
        let information = ListInformation {
            version: 1,
            sequence_number: self.sequence_number,
            list_type: Some(scheme.list_type),
            operator_names: scheme.operator_names,
            operator_address: Some(scheme.operator_address),
            scheme_names: Some(scheme.scheme_names),
            scheme_uris: Some(scheme.scheme_uris),
            status_determination: Some(scheme.status_determination),
            community_rules: Some(scheme.community_rules),
            territory: Some(scheme.territory),
            policy: None,
            history_period: None,
            pointers: None,
            issued_at: Tdate::new(self.issued_at).to_string(),
            next_update: self.next_update.map(|date| Tdate::new(date).to_string()),
            distribution_points: (!self.distribution_points.is_empty()).then(|| self.distribution_points.clone()),
            extensions: None,
        };
        let entities: Vec<TrustedEntity> =
            self.entities.iter().map(|entity| self.build_entity(entity)).collect::<Result<_, _>>()?;
        Ok(ListDocument { list: TrustedList { information, entities: (!entities.is_empty()).then_some(entities) } })
    }

    /// The plain JSON binding.
    ///
    /// # Errors
    /// [`LoteBuildError`].
    pub fn to_json(&self) -> Result<Vec<u8>, LoteBuildError> {
        serde_json::to_vec(&self.document()?).map_err(|_| LoteBuildError::Encoding)
    }

    /// Prepares the compact JWS for the signer of `chain`: its certificate first, then issuing CAs, without the root.
    ///
    /// # Errors
    /// [`LoteBuildError`].
    pub fn prepare(
        &self,
        chain: &[Certificate],
        provider: &dyn CryptoProvider,
    ) -> Result<PreparedLote, LoteBuildError> {
        let (signer, others) = chain.split_first().ok_or(LoteBuildError::EmptyChain)?;
        if others.iter().any(Certificate::is_self_issued) {
            return Err(LoteBuildError::RootInChain);
        }
        let key = signer.public_key().map_err(|error| LoteBuildError::Key(error.clone()))?.clone();
        let no_algorithm = || LoteBuildError::NoAlgorithm(key.curve());
        let thumbprint = provider.digest(tegata_pki::Hash::Sha256, signer.der());
        let header = Header {
            alg: jwt::algorithm_name(key.curve()).ok_or_else(no_algorithm)?,
            typ: "JOSE",
            iat: self.issued_at.unix_timestamp(),
            x5c: chain.iter().map(|certificate| STANDARD.encode(certificate.der())).collect(),
            x5t_sha256: URL_SAFE_NO_PAD.encode(thumbprint.as_bytes()),
        };
        let header = serde_json::to_vec(&header).map_err(|_| LoteBuildError::Encoding)?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(self.to_json()?));
        let algorithm = key.curve().signature_algorithm().ok_or_else(no_algorithm)?;
        Ok(PreparedLote { algorithm, message: message.into_bytes(), key })
    }

    fn check(&self) -> Result<(), LoteBuildError> {
        let scheme = &self.scheme;
        let mandatory = [
            (scheme.list_type.is_empty(), "LoTEType"),
            (scheme.operator_names.is_empty(), "SchemeOperatorName"),
            (scheme.operator_address.postal.is_empty(), "SchemeOperatorPostalAddress"),
            (scheme.operator_address.electronic.is_empty(), "SchemeOperatorElectronicAddress"),
            (scheme.scheme_names.is_empty(), "SchemeName"),
            (scheme.scheme_uris.is_empty(), "SchemeInformationURI"),
            (scheme.status_determination.is_empty(), "StatusDeterminationApproach"),
            (scheme.community_rules.is_empty(), "SchemeTypeCommunityRules"),
        ];
        if let Some((_, name)) = mandatory.into_iter().find(|(is_missing, _)| *is_missing) {
            return Err(LoteBuildError::Missing(name));
        }
        if !matches!(scheme.territory.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z']) {
            return Err(LoteBuildError::Territory);
        }
        if self.next_update.is_some_and(|next| next.unix_timestamp() <= self.issued_at.unix_timestamp()) {
            return Err(LoteBuildError::Dates);
        }
        Ok(())
    }

    fn build_entity(
        &self,
        (information, entries): &(EntityInformation, Vec<AnchorEntry>),
    ) -> Result<TrustedEntity, LoteBuildError> {
        let is_empty = |uris: &Option<Vec<LangUri>>| uris.as_ref().is_none_or(Vec::is_empty);
        let address = information.address.as_ref();
        let mandatory = [
            (information.names.is_empty(), "TEName"),
            (address.is_none_or(|address| address.postal.is_empty()), "TEPostalAddress"),
            (address.is_none_or(|address| address.electronic.is_empty()), "TEElectronicAddress"),
            (is_empty(&information.uris), "TEInformationURI"),
            (entries.is_empty(), "TrustedEntityServices"),
        ];
        if let Some((_, name)) = mandatory.into_iter().find(|(is_missing, _)| *is_missing) {
            return Err(LoteBuildError::Missing(name));
        }
        let base = self.scheme.scheme_uris.first().map_or("", |uri| uri.uri.trim_end_matches('/'));
        let mut services = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            let own = anchors::services(entry, base);
            if own.is_empty() {
                return Err(LoteBuildError::NoService(position));
            }
            services.extend(own);
        }
        Ok(TrustedEntity { information: information.clone(), services })
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    /// The signing time (ETSI TS 119 182-1).
    iat: i64,
    x5c: Vec<String>,
    #[serde(rename = "x5t#S256")]
    x5t_sha256: String,
}

/// A list that lacks its signature.
#[derive(Clone, Debug)]
pub struct PreparedLote {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    message: Vec<u8>,
}

impl PreparedLote {
    /// The key that is to sign.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The bytes to sign: the JWS signing input (RFC 7515 5.1).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.message
    }

    /// Verifies the signature and returns the list: ASCII text.
    ///
    /// # Errors
    /// [`LoteBuildError::Signature`].
    pub fn complete(self, signature: &RawSignature, provider: &dyn CryptoProvider) -> Result<Vec<u8>, LoteBuildError> {
        let reference = SignatureRef::Raw(signature.as_bytes());
        let verified = provider.verify(&self.key, self.algorithm, &self.message, reference);
        verified.map_err(LoteBuildError::Signature)?;
        let mut list = self.message;
        list.push(b'.');
        list.extend_from_slice(URL_SAFE_NO_PAD.encode(signature.as_bytes()).as_bytes());
        Ok(list)
    }
}
