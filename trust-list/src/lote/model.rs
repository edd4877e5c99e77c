//! The members of a list (ETSI TS 119 602, JSON binding), under our names.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A text in a language (BCP 47).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LangString {
    /// The language: `en`, `ja`.
    pub lang: String,
    /// The text.
    pub value: String,
}

/// A URI of a page in a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LangUri {
    /// The language.
    pub lang: String,
    /// The URI.
    #[serde(rename = "uriValue")]
    pub uri: String,
}

/// The file: one object with the member `LoTE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDocument {
    /// The list.
    #[serde(rename = "LoTE")]
    pub list: TrustedList,
}

/// `LoTE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedList {
    /// About the list and its operator.
    #[serde(rename = "ListAndSchemeInformation")]
    pub information: ListInformation,
    /// The entities; absent when there are none.
    #[serde(rename = "TrustedEntitiesList", default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Vec<TrustedEntity>>,
}

/// `ListAndSchemeInformation` (6.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListInformation {
    /// 1.
    #[serde(rename = "LoTEVersionIdentifier")]
    pub version: u64,
    /// Grows with every issue.
    #[serde(rename = "LoTESequenceNumber")]
    pub sequence_number: u64,
    /// URI of the kind of list.
    #[serde(rename = "LoTEType", default, skip_serializing_if = "Option::is_none")]
    pub list_type: Option<String>,
    /// The operator, at least one name.
    #[serde(rename = "SchemeOperatorName")]
    pub operator_names: Vec<LangString>,
    /// Where the operator can be reached.
    #[serde(rename = "SchemeOperatorAddress", default, skip_serializing_if = "Option::is_none")]
    pub operator_address: Option<OperatorAddress>,
    /// The scheme.
    #[serde(rename = "SchemeName", default, skip_serializing_if = "Option::is_none")]
    pub scheme_names: Option<Vec<LangString>>,
    /// Pages about the scheme.
    #[serde(rename = "SchemeInformationURI", default, skip_serializing_if = "Option::is_none")]
    pub scheme_uris: Option<Vec<LangUri>>,
    /// URI of the way a status is determined.
    #[serde(rename = "StatusDeterminationApproach", default, skip_serializing_if = "Option::is_none")]
    pub status_determination: Option<String>,
    /// URIs of the rules.
    #[serde(rename = "SchemeTypeCommunityRules", default, skip_serializing_if = "Option::is_none")]
    pub community_rules: Option<Vec<LangUri>>,
    /// Two letters.
    #[serde(rename = "SchemeTerritory", default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Not interpreted.
    #[serde(rename = "PolicyOrLegalNotice", default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Vec<Value>>,
    /// Days that history is kept.
    #[serde(rename = "HistoricalInformationPeriod", default, skip_serializing_if = "Option::is_none")]
    pub history_period: Option<i64>,
    /// Other lists.
    #[serde(rename = "PointersToOtherLoTE", default, skip_serializing_if = "Option::is_none")]
    pub pointers: Option<Vec<ListPointer>>,
    /// RFC 3339, UTC, whole seconds.
    #[serde(rename = "ListIssueDateTime")]
    pub issued_at: String,
    /// RFC 3339, UTC, whole seconds; `null` when the list is closed. It must be there.
    #[serde(rename = "NextUpdate", deserialize_with = "present")]
    pub next_update: Option<String>,
    /// Where the list is published.
    #[serde(rename = "DistributionPoints", default, skip_serializing_if = "Option::is_none")]
    pub distribution_points: Option<Vec<String>>,
    /// None is known to us; see [`super::LoteError::SchemeExtension`].
    #[serde(rename = "SchemeExtensions", default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<Value>>,
}

/// Unlike a plain `Option`, a member that is absent is an error.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// `SchemeOperatorAddress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorAddress {
    /// At least one.
    #[serde(rename = "SchemeOperatorPostalAddress")]
    pub postal: Vec<PostalAddress>,
    /// At least one: a page or an e-mail address, as a URI.
    #[serde(rename = "SchemeOperatorElectronicAddress")]
    pub electronic: ElectronicAddresses,
}

/// Addresses as URIs.
pub type ElectronicAddresses = Vec<LangUri>;

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalAddress {
    /// The language.
    pub lang: String,
    /// Street and number.
    #[serde(rename = "StreetAddress")]
    pub street: String,
    /// The town.
    #[serde(rename = "Locality", default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state.
    #[serde(rename = "StateOrProvince", default, skip_serializing_if = "Option::is_none")]
    pub state_or_province: Option<String>,
    /// The code.
    #[serde(rename = "PostalCode", default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Two letters.
    #[serde(rename = "Country")]
    pub country: String,
}

/// An entry of `PointersToOtherLoTE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPointer {
    /// Where the other list is.
    #[serde(rename = "LoTELocation")]
    pub location: String,
    /// Who signs it, at least one.
    #[serde(rename = "ServiceDigitalIdentities")]
    pub identities: Vec<DigitalIdentity>,
    /// Not interpreted.
    #[serde(rename = "LoTEQualifiers")]
    pub qualifiers: Vec<Value>,
}

/// An entry of `TrustedEntitiesList` (6.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedEntity {
    /// Who.
    #[serde(rename = "TrustedEntityInformation")]
    pub information: EntityInformation,
    /// What they do, at least one.
    #[serde(rename = "TrustedEntityServices")]
    pub services: Vec<TrustedEntityService>,
}

/// `TrustedEntityInformation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityInformation {
    /// At least one.
    #[serde(rename = "TEName")]
    pub names: Vec<LangString>,
    /// Other names.
    #[serde(rename = "TETradeName", default, skip_serializing_if = "Option::is_none")]
    pub trade_names: Option<Vec<LangString>>,
    /// Mandatory; a published list leaves it out.
    #[serde(rename = "TEAddress", default, skip_serializing_if = "Option::is_none")]
    pub address: Option<EntityAddress>,
    /// Mandatory; a published list leaves it out.
    #[serde(rename = "TEInformationURI", default, skip_serializing_if = "Option::is_none")]
    pub uris: Option<Vec<LangUri>>,
    /// None is known to us.
    #[serde(rename = "TEInformationExtensions", default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<Value>>,
}

/// `TEAddress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityAddress {
    /// At least one.
    #[serde(rename = "TEPostalAddress")]
    pub postal: Vec<PostalAddress>,
    /// At least one.
    #[serde(rename = "TEElectronicAddress")]
    pub electronic: ElectronicAddresses,
}

/// An entry of `TrustedEntityServices`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedEntityService {
    /// The service as it is.
    #[serde(rename = "ServiceInformation")]
    pub information: ServiceInformation,
    /// The service as it was. Not interpreted.
    #[serde(rename = "ServiceHistory", default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<Value>>,
}

/// `ServiceInformation` (6.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceInformation {
    /// At least one.
    #[serde(rename = "ServiceName")]
    pub names: Vec<LangString>,
    /// The keys of the service.
    #[serde(rename = "ServiceDigitalIdentity")]
    pub identity: DigitalIdentity,
    /// URI of the kind of service.
    #[serde(rename = "ServiceTypeIdentifier", default, skip_serializing_if = "Option::is_none")]
    pub service_type: Option<String>,
    /// URI of the status.
    #[serde(rename = "ServiceStatus", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// RFC 3339.
    #[serde(rename = "StatusStartingTime", default, skip_serializing_if = "Option::is_none")]
    pub status_since: Option<String>,
    /// Pages of the scheme about the service.
    #[serde(rename = "SchemeServiceDefinitionURI", default, skip_serializing_if = "Option::is_none")]
    pub scheme_definition: Option<Vec<LangUri>>,
    /// Where the service is.
    #[serde(rename = "ServiceSupplyPoints", default, skip_serializing_if = "Option::is_none")]
    pub supply_points: Option<Vec<SupplyPoint>>,
    /// Pages of the entity about the service.
    #[serde(rename = "ServiceDefinitionURI", default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Vec<LangUri>>,
    /// None is known to us.
    #[serde(rename = "ServiceInformationExtensions", default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<Value>>,
}

/// An entry of `ServiceSupplyPoints`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyPoint {
    /// URI of what is found there.
    #[serde(rename = "ServiceType", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The URI.
    #[serde(rename = "uriValue")]
    pub uri: String,
}

/// `ServiceDigitalIdentity`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigitalIdentity {
    /// Certificates.
    #[serde(rename = "X509Certificates", default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Vec<PkiObject>>,
    /// Subject names as text.
    #[serde(rename = "X509SubjectNames", default, skip_serializing_if = "Option::is_none")]
    pub subject_names: Option<Vec<String>>,
    /// JWKs.
    #[serde(rename = "PublicKeyValues", default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<Value>>,
    /// Base64 of subject key identifiers.
    #[serde(rename = "X509SKIs", default, skip_serializing_if = "Option::is_none")]
    pub key_identifiers: Option<Vec<String>>,
    /// Other identifiers, such as a DID.
    #[serde(rename = "OtherIds", default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Vec<String>>,
}

/// A certificate in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PkiObject {
    /// URI of the encoding; DER when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The specification of the object.
    #[serde(rename = "specRef", default, skip_serializing_if = "Option::is_none")]
    pub specification: Option<String>,
    /// Base64.
    #[serde(rename = "val")]
    pub value: String,
}
