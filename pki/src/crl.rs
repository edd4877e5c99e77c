//! Certificate revocation lists (ISO/IEC 18013-5 B.2, RFC 5280 5).
//!
//! A list is read lazily: opening one looks at its head and its extensions only, and a search is one pass over the bytes
//! that keeps nothing. The list may be borrowed, so that a million entries cost no heap.
//!
//! ```text
//! CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signature BIT STRING }
//! TBSCertList ::= SEQUENCE { version INTEGER, signature, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
//!     revokedCertificates SEQUENCE OF SEQUENCE { userCertificate INTEGER, revocationDate Time,
//!         crlEntryExtensions OPTIONAL } OPTIONAL,
//!     crlExtensions [0] EXPLICIT OPTIONAL }
//! ```

mod build;
mod check;
mod entries;
mod inspect;
mod number;

use core::{fmt, ops::Range};
use std::borrow::Cow;

use der::asn1::ObjectIdentifier;
use time::UtcDateTime;

pub use self::{
    build::{CrlBuildError, CrlBuilder, UnsignedCrl},
    check::{CrlInput, CrlStatus, Undetermined, check_crl},
    entries::{Entries, RevocationReason, RevokedEntry},
    inspect::InspectedCrl,
    number::CrlNumber,
};
use crate::{
    asn1::{Asn1Error, Walk, announced_length, parse_time, tag},
    certificate::{Certificate, Name, authority_key_identifier, extension_fields, verify_x509},
    html::looks_like_html,
    oid, pem,
    provider::{CryptoProvider, SignatureError},
};

/// Longest list that is read, in octets.
pub const MAX_CRL_BYTES: usize = 128 * 1024 * 1024;

/// Why bytes are not a list that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// Not the DER of a CRL.
    #[error("not a CRL: {0}")]
    Der(#[from] Asn1Error),
    /// A web page came instead of a list: a captive portal, or an error page (see [`looks_like_html`](crate::looks_like_html())).
    #[error("a web page came instead of a CRL")]
    LooksLikeHtml,
    /// The list is cut short.
    #[error("the CRL is cut short: {found} of {expected} bytes")]
    Truncated {
        /// The length in bytes that its first octets announce.
        expected: usize,
        /// The length that came.
        found: usize,
    },
    /// Not one `X509 CRL` PEM block.
    #[error("not a PEM file with one CRL")]
    Pem,
    /// More than [`MAX_CRL_BYTES`].
    #[error("the CRL is too large")]
    TooLarge,
    /// Not version 2 (RFC 5280 5.1.2.1).
    #[error("the CRL is not version 2")]
    Version,
    /// revokedCertificates is there and empty; it must be absent (RFC 5280 5.1.2.6).
    #[error("revokedCertificates is empty instead of absent")]
    EmptyRevokedCertificates,
    /// An extension occurs twice.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(ObjectIdentifier),
    /// A critical extension that we do not process, of the list or of an entry: the whole list is of no use
    /// (RFC 5280 5.2, 5.3).
    #[error("unknown critical extension {0}")]
    UnknownCriticalExtension(ObjectIdentifier),
    /// The list covers a part of the certificates or reasons, or is indirect: issuingDistributionPoint is there.
    /// ISO/IEC 18013-5 B.2 asks for full and complete lists.
    #[error("the CRL is limited by an issuingDistributionPoint")]
    IssuingDistributionPoint,
    /// The list is a delta CRL.
    #[error("the CRL is a delta CRL")]
    Delta,
    /// An entry is of another issuer's certificate: the list is indirect.
    #[error("the CRL is indirect")]
    Indirect,
}

impl CrlError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Der(_) => "crl-der",
            Self::LooksLikeHtml => "crl-looks-like-html",
            Self::Truncated { .. } => "crl-truncated",
            Self::Pem => "crl-pem",
            Self::TooLarge => "crl-too-large",
            Self::Version => "crl-version",
            Self::EmptyRevokedCertificates => "crl-empty-revoked-certificates",
            Self::DuplicateExtension(_) => "crl-duplicate-extension",
            Self::UnknownCriticalExtension(_) => "crl-unknown-critical-extension",
            Self::IssuingDistributionPoint => "crl-issuing-distribution-point",
            Self::Delta => "crl-delta",
            Self::Indirect => "crl-indirect",
        }
    }
}

/// A revocation list as it came: inspected, **not verified**. [`check_crl`] uses one only after verifying its signature.
#[derive(Clone)]
pub struct Crl<'a> {
    der: Cow<'a, [u8]>,
    tbs: Range<usize>,
    issuer: Name,
    this_update: UtcDateTime,
    next_update: Option<UtcDateTime>,
    entries: Range<usize>,
    extensions: CrlExtensions,
    signature_oid: ObjectIdentifier,
    signature_algorithms_agree: bool,
    signature: Range<usize>,
}

/// A list that owns its bytes.
pub type OwnedCrl = Crl<'static>;

/// What the extensions of a list say.
#[derive(Clone, Debug, Default)]
struct CrlExtensions {
    authority_key_identifier: Option<Vec<u8>>,
    number: Option<CrlNumber>,
    others: Vec<ObjectIdentifier>,
    critical: Vec<ObjectIdentifier>,
}

impl<'a> Crl<'a> {
    /// Reads the head of a DER list. Entries are read by [`Crl::lookup`] and [`Crl::entries`].
    ///
    /// # Errors
    /// [`CrlError`].
    pub fn from_der(der: &'a [u8]) -> Result<Self, CrlError> {
        match Self::read(der)? {
            (crl, None) => Ok(crl),
            (_, Some(refusal)) => Err(refusal),
        }
    }

    /// Reads the head of a list, and says why a list of this form is never used, if there is a reason.
    fn read(der: &'a [u8]) -> Result<(Self, Option<CrlError>), CrlError> {
        let mut refusal = None;
        if der.len() > MAX_CRL_BYTES {
            return Err(CrlError::TooLarge);
        }
        if looks_like_html(der) {
            return Err(CrlError::LooksLikeHtml);
        }
        if let Some(expected) = announced_length(der)
            && expected > der.len()
        {
            return Err(CrlError::Truncated { expected, found: der.len() });
        }
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr().wrapping_sub(der.as_ptr().addr());
            start..start.wrapping_add(part.len())
        };
        let mut list = Walk::only(der, tag::SEQUENCE)?.walk()?;
        let tbs = list.take(tag::SEQUENCE)?;
        let outer = list.take(tag::SEQUENCE)?;
        let signature = list.take(tag::BIT_STRING)?.whole_bits()?;
        list.finish()?;

        let mut walk = tbs.walk()?;
        if walk.take_if(tag::INTEGER)?.is_none_or(|version| version.value != [1]) {
            refusal = Some(CrlError::Version);
        }
        let inner = walk.take(tag::SEQUENCE)?;
        let issuer = Name::from_der(walk.take(tag::SEQUENCE)?.raw)?;
        let this_update = parse_time(&walk.next()?)?;
        let next_update = match walk.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(parse_time(&walk.next()?)?),
            _ => None,
        };
        let entries = match walk.take_if(tag::SEQUENCE)? {
            Some(entries) => {
                if entries.value.is_empty() {
                    refusal.get_or_insert(CrlError::EmptyRevokedCertificates);
                }
                place(entries.value)
            }
            None => 0..0,
        };
        let extensions = match walk.take_if(tag::context_constructed(0))? {
            Some(list) => read_extensions(Walk::only(list.value, tag::SEQUENCE)?.walk()?, &mut refusal)?,
            None => CrlExtensions::default(),
        };
        walk.finish()?;
        let crl = Self {
            tbs: place(tbs.raw),
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
            signature_oid: outer.walk()?.next()?.oid()?,
            signature_algorithms_agree: inner.raw == outer.raw,
            signature: place(signature),
            der: Cow::Borrowed(der),
        };
        Ok((crl, refusal))
    }

    /// Reads a PEM file that holds exactly one list.
    ///
    /// # Errors
    /// [`CrlError`].
    pub fn from_pem(text: &[u8]) -> Result<OwnedCrl, CrlError> {
        Crl::from_der(&decode_pem(text)?).map(Crl::into_owned)
    }

    /// The same list with bytes of its own.
    #[must_use]
    pub fn into_owned(self) -> OwnedCrl {
        Crl { der: Cow::Owned(self.der.into_owned()), ..self }
    }

    /// The bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// An `X509 CRL` PEM file.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode("X509 CRL", self.der())
    }

    /// The bytes that are signed: the DER of TBSCertList.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.part(&self.tbs)
    }

    /// Who issued the list.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> UtcDateTime {
        self.this_update
    }

    /// When the next one will have been issued.
    #[must_use]
    pub fn next_update(&self) -> Option<UtcDateTime> {
        self.next_update
    }

    /// The CRL number.
    #[must_use]
    pub fn number(&self) -> Option<CrlNumber> {
        self.extensions.number
    }

    /// The `keyIdentifier` of the authority key identifier.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.extensions.authority_key_identifier.as_deref()
    }

    /// Types of the extensions beside authority key identifier and CRL number; none of them is critical.
    #[must_use]
    pub fn other_extensions(&self) -> &[ObjectIdentifier] {
        &self.extensions.others
    }

    /// Which of the two extensions of the profile are marked critical, which they should not be.
    #[must_use]
    pub fn critical_extensions(&self) -> &[ObjectIdentifier] {
        &self.extensions.critical
    }

    /// The identifier of the outer `signatureAlgorithm`.
    #[must_use]
    pub fn signature_algorithm_oid(&self) -> ObjectIdentifier {
        self.signature_oid
    }

    /// Whether the inner and the outer algorithm identifier are the same bytes (RFC 5280 5.1.1.2).
    #[must_use]
    pub fn signature_algorithms_agree(&self) -> bool {
        self.signature_algorithms_agree
    }

    /// The entries in their order.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(self.part(&self.entries))
    }

    /// Looks for a serial number (contents octets, as [`Certificate::serial`] gives them) in one pass over the *whole*
    /// list: an entry that cannot be processed makes the list useless wherever it stands. Entries that say
    /// `removeFromCRL` are passed over.
    ///
    /// # Errors
    /// [`CrlError`] when an entry is malformed or holds an unknown critical extension.
    pub fn lookup(&self, serial: &[u8]) -> Result<Option<RevokedEntry<'_>>, CrlError> {
        entries::lookup(self.part(&self.entries), serial)
    }

    /// Verifies that the owner of the issuer's key signed this list.
    ///
    /// # Errors
    /// [`SignatureError`]; [`SignatureError::Key`] when the key of the issuer cannot be used.
    pub fn verify_signature(&self, issuer: &Certificate, provider: &dyn CryptoProvider) -> Result<(), SignatureError> {
        if !self.signature_algorithms_agree {
            return Err(SignatureError::AlgorithmsDisagree);
        }
        let key = issuer.public_key().map_err(|error| SignatureError::Key(error.clone()))?;
        verify_x509(key, self.signature_oid, self.tbs(), self.part(&self.signature), provider)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Crl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl(issuer {}, number {:?})", self.issuer, self.number())
    }
}

/// The DER in a PEM file that holds exactly one list.
fn decode_pem(text: &[u8]) -> Result<Vec<u8>, CrlError> {
    if looks_like_html(text) {
        return Err(CrlError::LooksLikeHtml);
    }
    pem::decode_one(text, "X509 CRL").ok_or(CrlError::Pem)
}

fn read_extensions(mut list: Walk<'_>, refusal: &mut Option<CrlError>) -> Result<CrlExtensions, CrlError> {
    let mut found = CrlExtensions::default();
    let mut seen = Vec::new();
    while !list.is_finished() {
        let (oid, critical, value) = extension_fields(&mut list)?;
        if seen.contains(&oid) {
            refusal.get_or_insert(CrlError::DuplicateExtension(oid));
        }
        seen.push(oid);
        if critical {
            found.critical.push(oid);
        }
        match oid {
            oid::AUTHORITY_KEY_IDENTIFIER => {
                found.authority_key_identifier = authority_key_identifier(value)?.map(<[u8]>::to_vec);
            }
            oid::CRL_NUMBER => {
                found.number = Some(CrlNumber::parse(value)?);
            }
            oid::ISSUING_DISTRIBUTION_POINT => _ = refusal.get_or_insert(CrlError::IssuingDistributionPoint),
            oid::DELTA_CRL_INDICATOR => _ = refusal.get_or_insert(CrlError::Delta),
            other if critical => _ = refusal.get_or_insert(CrlError::UnknownCriticalExtension(other)),
            other => found.others.push(other),
        }
    }
    Ok(found)
}
