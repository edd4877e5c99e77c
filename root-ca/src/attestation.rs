//! Attestation of a key: a statement of the maker of a module that the key was made inside and cannot leave.
//!
//! The format that is evaluated is that of modules with an attestation certificate (YubiHSM and PIV tokens among them): the
//! module certifies the very public key of the request, the maker certifies the module. What comes with the request is the
//! chain, the certificate over the key first and the maker's root not among them; the roots that count stand in the policy.
//! What the module says about the key stands in extensions of the first certificate, which each maker numbers and encodes
//! in its own way: they are recorded as they are.
//!
//! ```text
//! x509-chain = 1*5 certificate        ; DER (X.690) one after the other, or PEM (RFC 7468 5)
//! ```
//!
//! Signatures of the chain are ECDSA or Ed25519. A maker's root with an RSA key cannot be used.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use tegata_pki::{
    Certificate, PublicKey,
    path::{MAX_INTERMEDIATES, PathError, PathInput, SubjectRules, ValidatedPath, validate_path},
    rust_crypto,
};
use time::{Duration, UtcDateTime};

/// Most octets of an extension's value that are recorded.
const MOST_OF_A_VALUE: usize = 64;

/// What an attestation is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttestationRule {
    /// It is not looked at.
    #[default]
    None,
    /// It is evaluated and the result recorded; a request without one, or with one that does not hold, is not refused for it.
    Recorded,
    /// A request without one that holds is refused.
    Required,
}

impl AttestationRule {
    /// The name in policies.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Recorded => "recorded",
            Self::Required => "required",
        }
    }
}

/// A form of attestation that can be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AttestationFormat {
    /// A chain of certificates from the key to the maker.
    X509Chain,
}

impl AttestationFormat {
    /// The name in policies and records.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::X509Chain => "x509-chain",
        }
    }
}

/// What a policy says about attestations of signers' keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttestationRules {
    /// What they are for.
    pub rule: AttestationRule,
    /// Which forms are taken.
    #[serde(default)]
    pub formats: Vec<AttestationFormat>,
    /// The makers' roots: one PEM certificate each.
    #[serde(default, deserialize_with = "certificates")]
    pub roots: Vec<Certificate>,
}

/// What an attestation that holds says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// Its form.
    pub format: AttestationFormat,
    /// SHA-256 of the maker's root that it leads to.
    pub root: [u8; 32],
    /// Who certified the key: the name of the module.
    pub module: String,
    /// When the first certificate of the chain ends.
    pub until: UtcDateTime,
    /// The extensions of the certificate over the key that are not of RFC 5280: object identifier and value in hex, of which
    /// the first 64 octets.
    pub statements: Vec<(String, String)>,
}

/// Why an attestation does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationFault {
    /// There is none.
    #[error("the policy requires an attestation of the key, and none came with the request")]
    Absent,
    /// It is of no form that can be evaluated.
    #[error("the attestation is of no form that can be evaluated")]
    UnknownFormat,
    /// The policy does not take its form.
    #[error("the policy takes no attestation of the form {}", .0.id())]
    FormatNotAllowed(AttestationFormat),
    /// It is about another key.
    #[error("the attestation is about another key than the request's")]
    OtherKey,
    /// It leads to no maker's root of the policy.
    #[error("the attestation leads to no root that the policy names; it was issued by {issuer}")]
    UnknownRoot {
        /// The issuer of its last certificate.
        issuer: String,
    },
    /// A certificate of the chain has ended.
    #[error("a certificate of the attestation ended at {at}")]
    Expired {
        /// When.
        at: UtcDateTime,
    },
    /// A certificate of the chain is not valid yet.
    #[error("a certificate of the attestation begins at {at}")]
    NotYetValid {
        /// When.
        at: UtcDateTime,
    },
    /// The certificates do not make a chain.
    #[error("the attestation is no chain: {0}")]
    BrokenChain(PathError),
}

impl AttestationFault {
    /// A stable name of the variant.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Absent => "attestation-absent",
            Self::UnknownFormat => "attestation-unknown-format",
            Self::FormatNotAllowed(_) => "attestation-format-not-allowed",
            Self::OtherKey => "attestation-other-key",
            Self::UnknownRoot { .. } => "attestation-unknown-root",
            Self::Expired { .. } => "attestation-expired",
            Self::NotYetValid { .. } => "attestation-not-yet-valid",
            Self::BrokenChain(_) => "attestation-broken-chain",
        }
    }
}

/// What became of an attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationResult {
    /// None came, and none is required.
    NotGiven,
    /// The policy does not look at attestations; one came.
    NotEvaluated,
    /// It holds.
    Holds(Attested),
    /// It does not hold.
    Fails(AttestationFault),
}

impl AttestationResult {
    /// What a record says in one line.
    #[must_use]
    pub fn statement(&self) -> String {
        match self {
            Self::NotGiven => "none came".to_owned(),
            Self::NotEvaluated => "not evaluated: the policy does not look at attestations".to_owned(),
            Self::Holds(attested) => attested.to_string(),
            Self::Fails(fault @ (AttestationFault::UnknownFormat | AttestationFault::FormatNotAllowed(_))) => {
                format!("not evaluated ({}): {fault}", fault.id())
            }
            Self::Fails(fault) => format!("does not hold ({}): {fault}", fault.id()),
        }
    }
}

impl fmt::Display for Attested {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, root, module, until, statements } = self;
        write!(formatter, "holds ({}): by {module} under root {}, until {until}", format.id(), hex::encode(root))?;
        statements.iter().try_for_each(|(name, value)| write!(formatter, ", {name} = {value}"))
    }
}

impl AttestationRules {
    /// Looks at what came with a request for `key`, at the time `now`.
    #[must_use]
    pub fn evaluate(&self, given: Option<&[u8]>, key: Option<&PublicKey>, now: UtcDateTime) -> AttestationResult {
        match (self.rule, given) {
            (AttestationRule::None, None) | (AttestationRule::Recorded, None) => AttestationResult::NotGiven,
            (AttestationRule::None, Some(_)) => AttestationResult::NotEvaluated,
            (AttestationRule::Required, None) => AttestationResult::Fails(AttestationFault::Absent),
            (_, Some(given)) => match self.hold(given, key, now) {
                Ok(attested) => AttestationResult::Holds(attested),
                Err(fault) => AttestationResult::Fails(fault),
            },
        }
    }

    /// The fault for which a request is refused.
    #[must_use]
    pub fn refusal(&self, result: &AttestationResult) -> Option<AttestationFault> {
        match (self.rule, result) {
            (AttestationRule::Required, AttestationResult::Fails(fault)) => Some(fault.clone()),
            _ => None,
        }
    }

    fn hold(&self, given: &[u8], key: Option<&PublicKey>, now: UtcDateTime) -> Result<Attested, AttestationFault> {
        let format = AttestationFormat::X509Chain;
        let chain = chain(given).ok_or(AttestationFault::UnknownFormat)?;
        if !self.formats.contains(&format) {
            return Err(AttestationFault::FormatNotAllowed(format));
        }
        let (leaf, above) = chain.split_first().ok_or(AttestationFault::UnknownFormat)?;
        if key.is_none_or(|key| leaf.spki_der() != key.to_spki_der()) {
            return Err(AttestationFault::OtherKey);
        }
        let path = self.path(leaf, above, now)?;
        Ok(Attested {
            format,
            root: path.anchor().fingerprint_sha256(),
            module: leaf.issuer().to_string(),
            until: path.valid_until(),
            statements: statements(leaf),
        })
    }

    /// The path to one of the roots. Of several failures the one that came furthest is told.
    fn path(
        &self,
        leaf: &Certificate,
        above: &[Certificate],
        at: UtcDateTime,
    ) -> Result<ValidatedPath, AttestationFault> {
        let mut furthest: Option<PathError> = None;
        let (last, subject_rules) = (above.last().unwrap_or(leaf), SubjectRules::None);
        let named = self.roots.iter().filter(|root| last.issuer().matches(root.subject()).is_match());
        for anchor in named {
            let input = PathInput { leaf, intermediates: above, anchor, at, skew: Duration::ZERO, subject_rules };
            match validate_path(&input, rust_crypto()) {
                Ok(path) => return Ok(path),
                Err(error) if furthest.as_ref().is_none_or(|other| other.rank() < error.rank()) => {
                    furthest = Some(error);
                }
                Err(_) => {}
            }
        }
        Err(match furthest {
            None => AttestationFault::UnknownRoot { issuer: last.issuer().to_string() },
            Some(PathError::Expired { not_after, .. }) => AttestationFault::Expired { at: not_after },
            Some(PathError::NotYetValid { not_before, .. }) => AttestationFault::NotYetValid { at: not_before },
            Some(other) => AttestationFault::BrokenChain(other),
        })
    }
}

/// The certificates of a chain; `None` for anything else.
fn chain(given: &[u8]) -> Option<Vec<Certificate>> {
    let text = given.trim_ascii_start();
    let certificates = if text.starts_with(b"-----BEGIN") {
        Certificate::chain_from_pem(text).ok()?
    } else {
        let mut rest = given;
        let mut certificates = Vec::new();
        while !rest.is_empty() {
            let (one, after) = rest.split_at_checked(length_of_der(rest)?)?;
            certificates.push(Certificate::from_der(one).ok()?);
            rest = after;
        }
        certificates
    };
    // The leaf, the intermediates of a path, and the root if it came along.
    (1..=MAX_INTERMEDIATES + 2).contains(&certificates.len()).then_some(certificates)
}

/// How long the first DER element is, with its head of one octet for the tag (X.690 8.1.3).
fn length_of_der(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.get(1..)?.split_first()?;
    if first < 0x80 {
        return Some(2 + usize::from(first));
    }
    let octets = usize::from(first & 0x7f);
    let length = rest.get(..octets).filter(|_| (1..=3).contains(&octets))?;
    Some(2 + octets + length.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)))
}

/// What the module says about the key: the extensions that RFC 5280 does not know.
fn statements(leaf: &Certificate) -> Vec<(String, String)> {
    let arc_of_rfc5280 = |name: &str| name.starts_with("2.5.29.") || name.starts_with("1.3.6.1.5.5.7.1.");
    let value = |octets: &[u8]| hex::encode(octets.get(..MOST_OF_A_VALUE).unwrap_or(octets));
    let all = leaf.extensions().iter().map(|extension| (extension.oid().to_string(), value(extension.value())));
    all.filter(|(name, _)| !arc_of_rfc5280(name)).collect()
}

fn certificates<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Certificate>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let certificate = |text: String| {
        Certificate::from_pem(text.as_bytes())
            .map_err(|error| D::Error::custom(format!("a root of attestations: {error}")))
    };
    texts.into_iter().map(certificate).collect()
}
