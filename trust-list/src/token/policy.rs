//! What is tolerated in a token.

use tegata_pki::{Certificate, ObjectIdentifier, oid};
use time::Duration;

use super::{StatusListError, TokenDeviation};
use crate::InflateLimit;

/// What a verifier tolerates in a revocation list token. The signature, the signer's path, the subject and an `exp` that
/// has passed are never negotiable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    tolerated: Vec<TokenDeviation>,
    /// How far `iat` and `nbf` may lie in the future. An `exp` has no tolerance.
    pub skew: Duration,
    /// How old a token without `exp` may be at most.
    pub max_age_without_expiry: Duration,
    /// How far a list may expand.
    pub inflate_limit: InflateLimit,
    /// What the signer's certificate may be for.
    pub signer_purposes: SignerPurposes,
}

impl TokenPolicy {
    /// The form of ISO/IEC 18013-5 12.3.6.3; tolerated are a JWT, a key in its header, and a root or an array in the chain.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            tolerated: vec![
                TokenDeviation::JsonToken,
                TokenDeviation::KeyInHeader,
                TokenDeviation::ChainArrayOfOne,
                TokenDeviation::RootInChain,
            ],
            skew: Duration::minutes(1),
            max_age_without_expiry: Duration::days(1),
            inflate_limit: InflateLimit::default(),
            signer_purposes: SignerPurposes::default(),
        }
    }

    /// What publishers really write: every deviation but tag 61, which no version of the draft allowed.
    #[must_use]
    pub fn interop() -> Self {
        let tolerated = TokenDeviation::ALL.into_iter().filter(|deviation| *deviation != TokenDeviation::CwtTag);
        Self { tolerated: tolerated.collect(), max_age_without_expiry: Duration::days(7), ..Self::strict() }
    }

    /// Tolerates one deviation more.
    #[must_use]
    pub fn tolerating(mut self, deviation: TokenDeviation) -> Self {
        self.tolerated.push(deviation);
        self
    }

    /// Tolerates one deviation less.
    #[must_use]
    pub fn refusing(mut self, deviation: TokenDeviation) -> Self {
        self.tolerated.retain(|tolerated| *tolerated != deviation);
        self
    }

    /// Whether a deviation is tolerated.
    #[must_use]
    pub fn tolerates(&self, deviation: TokenDeviation) -> bool {
        self.tolerated.contains(&deviation)
    }

    /// `Err` for the first deviation that is not tolerated.
    pub(super) fn check(&self, deviations: &[TokenDeviation]) -> Result<(), StatusListError> {
        match deviations.iter().find(|deviation| !self.tolerates(**deviation)) {
            Some(deviation) => Err(StatusListError::Deviation(*deviation)),
            None => Ok(()),
        }
    }
}

/// The extended key usages that allow a certificate to sign revocation lists.
///
/// The number of id-kp-oauthStatusSigning is not assigned yet (draft-ietf-oauth-status-list 10.1), so that it is a setting
/// and never required. By default a document signer may sign the lists too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerPurposes(Vec<ObjectIdentifier>);

/// anyExtendedKeyUsage (RFC 5280 4.2.1.12).
const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
/// The arcs of mobile documents: all their purposes are known.
const MDOC_ARCS: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.0.18013.5.1"), ObjectIdentifier::new_unwrap("1.0.23220.4.1")];
/// id-kp: server, client, code, e-mail, time stamping, OCSP (RFC 5280 4.2.1.12).
const ID_KP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3");
const ID_KP_FOREIGN: [u32; 6] = [1, 2, 3, 4, 8, 9];

impl Default for SignerPurposes {
    fn default() -> Self {
        Self(vec![oid::EKU_MDL_DS, oid::EKU_MDOC_DS, ANY])
    }
}

impl SignerPurposes {
    /// Accepts one more, such as a number in use for status signing.
    #[must_use]
    pub fn accepting(mut self, purpose: ObjectIdentifier) -> Self {
        self.0.push(purpose);
        self
    }

    /// Judges a certificate. An extension that is there must name an accepted purpose; one that is not critical may name a
    /// purpose we do not know instead, because the right one has no number. A purpose known to be another one (a TLS
    /// server, a reader) is never taken.
    pub(super) fn check(&self, signer: &Certificate) -> Result<Option<TokenDeviation>, StatusListError> {
        let Some(extension) = signer.extension(&oid::EXTENDED_KEY_USAGE) else {
            return Ok(None);
        };
        let purposes = signer.extended_key_usage().unwrap_or_default();
        if purposes.iter().any(|purpose| self.0.contains(purpose)) {
            return Ok(None);
        }
        let unknown = |purpose: &ObjectIdentifier| !is_foreign(purpose);
        if !extension.is_critical() && purposes.iter().any(unknown) {
            return Ok(Some(TokenDeviation::UnknownSignerPurpose));
        }
        Err(StatusListError::SignerPurpose)
    }
}

fn is_foreign(purpose: &ObjectIdentifier) -> bool {
    let parent = purpose.parent();
    MDOC_ARCS.iter().any(|arc| parent == Some(*arc))
        || parent == Some(ID_KP) && ID_KP_FOREIGN.iter().any(|number| purpose.arcs().last() == Some(*number))
}
