//! Requests for certificates: what the authority checks before it certifies a key (CP/CPS 3.1, 4.2, 4.3, 4.6).
//!
//! [`check`] runs every check and reports each; only a request that passes all of them becomes an [`AcceptedRequest`],
//! which is what a signing session takes. The subject of the certificate is the policy's, byte for byte: a request that
//! asks for another is refused, and nothing else of the request but its key is used.

use std::fmt;

use tegata_pki::{
    Curve, Name, PublicKey, Role,
    csr::{CertificationRequest, CsrError},
    oid, rust_crypto,
};
use tegata_trust_list::bundle::{Applicant, ApplicantError, check_applicants};
use time::UtcDateTime;

use crate::{
    attestation::{AttestationFault, AttestationResult},
    digest::sha256,
    policy::Policy,
    state::{Serial, State, StateError},
};

/// One check of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CsrCheck {
    /// It is a PKCS#10 request of a role that the root certifies.
    Encoding,
    /// The owner of the key signed it.
    Signature,
    /// The key is on a curve that the policy allows.
    Curve,
    /// The subject is one of the policy's names for the role.
    Subject,
    /// The key was never certified, and is no root key.
    NewKey,
    /// It asks for no critical extension that the profile does not have.
    Extensions,
    /// The operations manager and a key manager apply, two persons.
    Applicants,
    /// The maker of the module attests the key, if the policy requires that.
    Attestation,
}

impl CsrCheck {
    /// Every check, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Encoding,
        Self::Signature,
        Self::Curve,
        Self::Subject,
        Self::NewKey,
        Self::Extensions,
        Self::Applicants,
        Self::Attestation,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Encoding => "csr-encoding",
            Self::Signature => "csr-signature",
            Self::Curve => "csr-curve",
            Self::Subject => "csr-subject",
            Self::NewKey => "csr-new-key",
            Self::Extensions => "csr-extensions",
            Self::Applicants => "csr-applicants",
            Self::Attestation => "csr-attestation",
        }
    }
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrFault {
    /// Not a request that can be read, or the signature is wrong.
    Request(CsrError),
    /// The root does not certify this role.
    Role(Role),
    /// The policy does not allow the curve for the role.
    Curve(Curve),
    /// The subject is not one of the policy's names.
    Subject {
        /// The subject asked for.
        found: String,
        /// The names that the policy has.
        allowed: Vec<String>,
    },
    /// The key was certified before.
    KeyCertified {
        /// By which certificate.
        serial: Serial,
    },
    /// The key is a root key.
    RootKey,
    /// A critical extension that the profile does not have.
    CriticalExtension(tegata_pki::ObjectIdentifier),
    /// The applicants.
    Applicants(ApplicantError),
    /// The attestation that the policy requires.
    Attestation(AttestationFault),
}

impl CsrFault {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Request(error) => error.id(),
            Self::Role(_) => "csr-role",
            Self::Curve(_) => "csr-curve-not-allowed",
            Self::Subject { .. } => "csr-subject-not-by-policy",
            Self::KeyCertified { .. } => "csr-key-certified",
            Self::RootKey => "csr-root-key",
            Self::CriticalExtension(_) => "csr-critical-extension",
            Self::Applicants(error) => error.id(),
            Self::Attestation(fault) => fault.id(),
        }
    }
}

impl fmt::Display for CsrFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(formatter),
            Self::Role(role) => write!(formatter, "the root does not certify the role {}", role.id()),
            Self::Curve(curve) => write!(formatter, "the policy does not allow a key on {curve}"),
            Self::Subject { found, allowed } => {
                write!(formatter, "the subject is {found}, where the policy has {}", allowed.join(" or "))
            }
            Self::KeyCertified { serial } => write!(formatter, "the key was certified before, as {serial}"),
            Self::RootKey => formatter.write_str("the key is a root key"),
            Self::CriticalExtension(oid) => write!(formatter, "it asks for the unknown critical extension {oid}"),
            Self::Applicants(error) => error.fmt(formatter),
            Self::Attestation(fault) => fault.fmt(formatter),
        }
    }
}

/// A request that passed every check. Only [`CsrReport::accept`] makes one.
#[derive(Clone, Debug)]
pub struct AcceptedRequest {
    pub(crate) role: Role,
    pub(crate) subject: Name,
    pub(crate) public_key: PublicKey,
    pub(crate) digest: [u8; 32],
    pub(crate) applicants: [String; 2],
}

impl AcceptedRequest {
    /// What the certificate will be for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The subject that the certificate will have: the policy's.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// The key to be certified.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

/// What the checks found, one row each.
#[derive(Clone, Debug)]
pub struct CsrReport {
    /// SHA-256 of the request.
    pub digest: [u8; 32],
    /// Each check; `None` when it passed. A request that cannot be read has the first row only.
    pub rows: Vec<(CsrCheck, Option<CsrFault>)>,
    /// What became of the attestation of the key, whether or not the policy requires one.
    pub attestation: AttestationResult,
    accepted: Option<AcceptedRequest>,
}

impl CsrReport {
    /// The request, if it passed every check.
    ///
    /// # Errors
    /// Every fault.
    pub fn accept(self) -> Result<AcceptedRequest, Vec<CsrFault>> {
        let faults: Vec<_> = self.rows.into_iter().filter_map(|(_, fault)| fault).collect();
        match self.accepted {
            Some(accepted) if faults.is_empty() => Ok(accepted),
            _ => Err(faults),
        }
    }

    /// Whether it passed every check.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        self.accepted.is_some() && self.rows.iter().all(|(_, fault)| fault.is_none())
    }
}

/// A request as it comes across the air gap.
#[derive(Clone, Copy, Debug)]
pub struct CsrInput<'a> {
    /// What the certificate is to be for.
    pub role: Role,
    /// The PKCS#10 request.
    pub der: &'a [u8],
    /// What came with it about the key's module.
    pub attestation: Option<&'a [u8]>,
    /// Who applies.
    pub applicants: &'a [Applicant],
}

/// Checks a request for a certificate.
///
/// # Errors
/// [`StateError`] when the issuance record cannot be read.
pub fn check(input: &CsrInput<'_>, policy: &Policy, state: &State, now: UtcDateTime) -> Result<CsrReport, StateError> {
    let CsrInput { role, der, attestation, applicants } = *input;
    let digest = sha256(der);
    let unreadable = |fault| {
        let attestation = AttestationResult::NotGiven;
        Ok(CsrReport { digest, rows: vec![(CsrCheck::Encoding, Some(fault))], attestation, accepted: None })
    };
    let Some(rules) = policy.signer_rules(role) else { return unreadable(CsrFault::Role(role)) };
    let request = match CertificationRequest::from_der(der) {
        Ok(request) => request,
        Err(error) => return unreadable(CsrFault::Request(error)),
    };
    let key = request.public_key().ok().cloned();
    let subject = subject_of_policy(&request, role, policy);
    let attestation = policy.attestation.evaluate(attestation, key.as_ref(), now);
    let row = |check: CsrCheck| -> Result<Option<CsrFault>, StateError> {
        Ok(match check {
            CsrCheck::Encoding => None,
            CsrCheck::Signature => request.verify(rust_crypto()).err().map(CsrFault::Request),
            CsrCheck::Curve => {
                let curve = key.as_ref().map(PublicKey::curve);
                curve.filter(|curve| !rules.curves.contains(curve)).map(CsrFault::Curve)
            }
            CsrCheck::Subject if subject.is_some() => None,
            CsrCheck::Subject => Some(CsrFault::Subject {
                found: request.subject().to_string(),
                allowed: policy.signer_names(role).to_vec(),
            }),
            CsrCheck::NewKey => key.as_ref().map(|key| used(key, state)).transpose()?.flatten(),
            CsrCheck::Extensions => {
                let extensions = request.requested_extensions().iter();
                let unknown = extensions.filter(|extension| extension.is_critical() && !is_known(extension.oid()));
                unknown.map(|extension| CsrFault::CriticalExtension(extension.oid())).next()
            }
            CsrCheck::Applicants => check_applicants(applicants).err().map(CsrFault::Applicants),
            CsrCheck::Attestation => policy.attestation.refusal(&attestation).map(CsrFault::Attestation),
        })
    };
    let rows =
        CsrCheck::ALL.into_iter().map(|check| Ok((check, row(check)?))).collect::<Result<Vec<_>, StateError>>()?;
    let accepted = match (key, subject, applicants) {
        (Some(public_key), Some(subject), [one, other]) => {
            let applicants = [one.person.clone(), other.person.clone()];
            Some(AcceptedRequest { role, subject, public_key, digest, applicants })
        }
        _ => None,
    };
    Ok(CsrReport { digest, rows, attestation, accepted })
}

/// The policy's name that the request asks for.
fn subject_of_policy(request: &CertificationRequest, role: Role, policy: &Policy) -> Option<Name> {
    let names = policy.signer_names(role).iter().filter_map(|common_name| policy.name(common_name).ok());
    names.into_iter().find(|name| name.matches(request.subject()).is_match())
}

fn used(key: &PublicKey, state: &State) -> Result<Option<CsrFault>, StateError> {
    if state.keys()?.iter().any(|root| root.public_key == *key) {
        return Ok(Some(CsrFault::RootKey));
    }
    Ok(state.certified(key)?.map(|serial| CsrFault::KeyCertified { serial }))
}

/// The critical extensions of end-entity profiles.
fn is_known(oid: tegata_pki::ObjectIdentifier) -> bool {
    [oid::KEY_USAGE, oid::EXTENDED_KEY_USAGE, oid::BASIC_CONSTRAINTS].contains(&oid)
}
