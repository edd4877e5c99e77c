//! The policy of a root as data: every number and name that the tools use, read from one TOML file.
//!
//! A [`Policy`] is checked when it is read; one that contradicts itself cannot be had. It is the only source of the numbers:
//! the signing session, the rollover plan and the readable document ([`Policy::show`]) take them from here.

mod check;
mod show;

use std::ops::Deref;

use der::asn1::ObjectIdentifier;
use serde::{Deserialize, Deserializer, de::Error as _};
use tegata_pki::{Contact, Curve, Edition, Name, NameError, Role, oid};

pub use self::check::PolicyFault;
use crate::{
    attestation::AttestationRules,
    span::Span,
    text::{Lang, Text},
};

/// A checked policy. It reads like [`PolicyText`] and cannot be changed.
#[derive(Clone, Debug)]
pub struct Policy {
    text: PolicyText,
    source: String,
}

/// Why a file is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not the TOML of a policy.
    #[error("the file is not a policy: {0}")]
    Toml(#[from] toml::de::Error),
    /// The policy contradicts itself or its standard.
    #[error("the policy contradicts itself: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<PolicyFault>),
}

impl PolicyError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Toml(_) => "policy-toml",
            Self::Faults(_) => "policy-faults",
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Toml(_) => "compare the file with policy/iso-18013-5.toml; unknown keys are not allowed",
            Self::Faults(_) => "correct each number that is named; none of them is checked later",
        }
    }
}

impl Policy {
    /// The ids of the policies that come with the program.
    pub const BUILT_IN: [&'static str; 2] = ["iso-18013-5", "jp-004"];

    /// A policy that comes with the program, with the names of a sandbox; `None` for another id.
    #[must_use]
    pub fn built_in(id: &str) -> Option<Self> {
        Self::from_toml(Self::built_in_toml(id)?).ok()
    }

    /// The file of a policy that comes with the program: what a deployment copies and fills in.
    #[must_use]
    pub fn built_in_toml(id: &str) -> Option<&'static str> {
        match id {
            "iso-18013-5" => Some(include_str!("../policy/iso-18013-5.toml")),
            "jp-004" => Some(include_str!("../policy/jp-004.toml")),
            _ => None,
        }
    }

    /// Reads and checks a policy file.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn from_toml(source: &str) -> Result<Self, PolicyError> {
        let text: PolicyText = toml::from_str(source)?;
        let faults = text.check();
        if !faults.is_empty() {
            return Err(PolicyError::Faults(faults));
        }
        Ok(Self { text, source: source.to_owned() })
    }

    /// The file as it was read.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// SHA-256 of the file: what a ceremony's record pins.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        crate::digest::sha256(self.source.as_bytes())
    }

    /// The policy as a document for people, in Markdown, every number from this value.
    #[must_use]
    pub fn show(&self, lang: Lang) -> String {
        show::document(self, lang)
    }
}

impl Deref for Policy {
    type Target = PolicyText;

    fn deref(&self) -> &PolicyText {
        &self.text
    }
}

/// The contents of a policy file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyText {
    /// A stable name of the policy: `jp-004`.
    pub id: String,
    /// The version of the document that the policy states.
    pub version: String,
    /// Whose certificate and CRL profiles apply.
    #[serde(deserialize_with = "edition")]
    pub edition: Edition,
    /// The documents that the policy rests on.
    pub basis: String,
    /// The name of the policy.
    pub title: Text,
    /// Who the certificates are about.
    pub names: Names,
    /// What stands in issuerAltName.
    pub contact: ContactPoint,
    /// The root certificate and its key.
    pub root: RootRules,
    /// Document signer certificates.
    pub document_signer: SignerRules,
    /// Certificates of MSO revocation list signers.
    pub status_signer: SignerRules,
    /// Certificates of VICAL signers.
    pub vical_signer: SignerRules,
    /// Attestations of the keys of all of them; without this section they are not looked at.
    #[serde(default)]
    pub attestation: AttestationRules,
    /// CRLs.
    pub crl: CrlRules,
    /// The change from one root key to the next.
    pub rollover: RolloverRules,
    /// How many persons open the key.
    pub quorum: Quorums,
    /// Policy identifiers that are recorded with each certificate and never written into one.
    pub policy_oids: Option<PolicyOids>,
    /// The roles of a ceremony.
    pub roles: Roles,
    /// What the standards leave open, with the choice and its reason.
    #[serde(rename = "decision")]
    pub decisions: Vec<Decision>,
}

/// Names of issuer and subjects. `{generation}` in the root's common name is the number of its key, from 1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Names {
    /// countryName: two capital letters.
    pub country: String,
    /// stateOrProvinceName, if the authority is one of a state; then in every certificate.
    pub state: Option<String>,
    /// organizationName.
    pub organization: String,
    /// commonName of the root.
    pub root: String,
    /// commonNames of the document signers; a request with another subject is refused.
    pub document_signers: Vec<String>,
    /// commonNames of the MSO revocation list signers.
    pub status_signers: Vec<String>,
    /// commonNames of the VICAL signers.
    pub vical_signers: Vec<String>,
}

/// An e-mail address, a URI, or both.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactPoint {
    /// The e-mail address.
    pub email: Option<String>,
    /// The URI.
    pub uri: Option<String>,
}

/// The root certificate and its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RootRules {
    /// Curves that the root key may be on.
    #[serde(deserialize_with = "curves")]
    pub curves: Vec<Curve>,
    /// Names of the signature algorithms that go with them.
    pub signatures: Vec<String>,
    /// Validity of the self-signed certificate.
    pub validity: Span,
    /// How long after its generation the key signs certificates.
    pub key_use: Span,
    /// How long before the end of the key use the next root is made.
    pub rekey_lead: Span,
    /// Whether the root carries the CRL distribution points itself.
    pub crl_uri_in_root: bool,
    /// Whether the key signs CRLs after the key use, until its certificate ends.
    pub crl_after_key_use: bool,
}

/// One kind of end-entity certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignerRules {
    /// Curves that the key may be on.
    #[serde(deserialize_with = "curves")]
    pub curves: Vec<Curve>,
    /// The validity that is given.
    pub validity: Span,
    /// The validity that may never be exceeded.
    pub max_validity: Span,
    /// The time from one certificate to the next.
    pub cadence: Span,
    /// How far in the future notBefore may lie.
    pub issue_ahead: Span,
    /// How many certificates of one name may be valid at one instant.
    pub max_valid: u16,
}

/// How CRLs are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrlRules {
    /// One list or a series.
    pub mode: CrlMode,
    /// From thisUpdate to nextUpdate.
    pub validity: Span,
    /// From thisUpdate of one list of a series to that of the next; only with `daily-series`.
    pub next_publish: Option<Span>,
    /// How much longer than to the next ceremony the lists must last.
    pub slip: Span,
    /// Whether entries say why.
    pub reason_codes: bool,
    /// From a revocation order to the published list.
    pub duty: Span,
    /// When the running clock of the duty raises alarms, after the order.
    pub duty_alarms: Vec<Span>,
    /// Where the lists are found. `{generation}` is the number of the issuer's key: each key has lists of its own.
    pub uris: Vec<String>,
}

/// One list or a series of lists per ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrlMode {
    /// Each ceremony signs a list for each publication until the next ceremony; they are released one by one.
    DailySeries,
    /// Each ceremony signs one list.
    Single,
}

/// The change from one root key to the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RolloverRules {
    /// How long a new root is published before it signs its first document signer.
    pub pre_publish: Span,
    /// When the coming rekey is announced, before it.
    pub alarms: Vec<Span>,
}

/// `k` of `n` persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// How many must be there.
    pub k: u8,
    /// How many there are.
    pub n: u8,
}

/// The quorums.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Quorums {
    /// For a ceremony that may sign certificates.
    pub activation: Quorum,
    /// For a ceremony that signs CRLs only.
    pub on_call: Quorum,
}

/// Policy identifiers; recorded, never in a certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyOids {
    /// Of self-signed certificates.
    #[serde(deserialize_with = "object_identifier")]
    pub root: ObjectIdentifier,
    /// Of link certificates.
    #[serde(deserialize_with = "object_identifier")]
    pub link: ObjectIdentifier,
    /// Of document signer certificates.
    #[serde(deserialize_with = "object_identifier")]
    pub document_signer: ObjectIdentifier,
}

/// The roles of a ceremony (ids in kebab case).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Roles {
    /// Every role.
    pub present: Vec<String>,
    /// Pairs of roles that one person may hold; every other pair is forbidden.
    pub may_share: Vec<[String; 2]>,
}

impl Roles {
    /// Whether one person may hold both roles.
    #[must_use]
    pub fn may_share(&self, one: &str, other: &str) -> bool {
        one == other || self.may_share.iter().any(|[a, b]| (a == one && b == other) || (a == other && b == one))
    }
}

/// A point that the standards leave open.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// A stable name.
    pub id: String,
    /// What is open.
    pub question: Text,
    /// What was chosen.
    pub choice: Text,
    /// Why.
    pub reason: Text,
}

impl PolicyText {
    /// The rules of a kind of end-entity certificate; `None` for a role that the root does not issue.
    #[must_use]
    pub fn signer_rules(&self, role: Role) -> Option<&SignerRules> {
        match role {
            Role::DocumentSigner => Some(&self.document_signer),
            Role::StatusSigner => Some(&self.status_signer),
            Role::VicalSigner => Some(&self.vical_signer),
            _ => None,
        }
    }

    /// The common names of a kind of end-entity certificate.
    #[must_use]
    pub fn signer_names(&self, role: Role) -> &[String] {
        match role {
            Role::DocumentSigner => &self.names.document_signers,
            Role::StatusSigner => &self.names.status_signers,
            Role::VicalSigner => &self.names.vical_signers,
            _ => &[],
        }
    }

    /// The name of the root of a generation.
    ///
    /// # Errors
    /// [`NameError`]; not for a checked policy.
    pub fn root_name(&self, generation: u32) -> Result<Name, NameError> {
        self.name(&self.names.root.replace("{generation}", &generation.to_string()))
    }

    /// The name of a subject with this common name.
    ///
    /// # Errors
    /// [`NameError`]; not for a checked policy.
    pub fn name(&self, common_name: &str) -> Result<Name, NameError> {
        let mut attributes = vec![(oid::COUNTRY, self.names.country.as_str())];
        attributes.extend(self.names.state.as_deref().map(|state| (oid::STATE_OR_PROVINCE, state)));
        attributes.extend([(oid::ORGANIZATION, self.names.organization.as_str()), (oid::COMMON_NAME, common_name)]);
        Name::from_attributes(&attributes)
    }

    /// Where the CRLs of a generation's key are found.
    #[must_use]
    pub fn crl_uris(&self, generation: u32) -> Vec<String> {
        self.crl.uris.iter().map(|uri| uri.replace("{generation}", &generation.to_string())).collect()
    }

    /// The contacts for issuerAltName.
    #[must_use]
    pub fn contacts(&self) -> Vec<Contact> {
        let email = self.contact.email.clone().map(Contact::Email);
        email.into_iter().chain(self.contact.uri.clone().map(Contact::Uri)).collect()
    }

    /// The interval at which lists follow each other: the next publication in a series, else the validity.
    #[must_use]
    pub fn crl_interval(&self) -> Span {
        self.crl.next_publish.unwrap_or(self.crl.validity)
    }
}

fn edition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Edition, D::Error> {
    let id = String::deserialize(deserializer)?;
    Edition::from_id(&id).ok_or_else(|| D::Error::custom(format!("unknown edition {id:?}")))
}

fn curves<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Curve>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let curve = |name: String| {
        let found = Curve::ALL.into_iter().find(|curve| curve.name() == name && curve.can_sign());
        found.ok_or_else(|| D::Error::custom(format!("unknown curve {name:?}")))
    };
    names.into_iter().map(curve).collect()
}

fn object_identifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectIdentifier, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
