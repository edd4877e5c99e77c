//! Certification requests: PKCS #10 (RFC 2986), the paper on which a signer asks the root for a certificate.
//!
//! Three steps, three kinds of value. *Inspect*: [`CertificationRequest::from_der`] reads and trusts nothing. *Verify*:
//! [`CertificationRequest::verify`] checks that the owner of the key inside signed the request and returns a
//! [`VerifiedRequest`], the proof of possession. *Build*: [`CertificationRequestBuilder`] makes the bytes to be signed
//! wherever the key is, and [`UnsignedCertificationRequest::complete`] verifies the signature before it hands anything out.
//!
//! A request is a wish. Whether its subject is the one that the policy fixes and whether its key was certified before is
//! for the authority to decide.

mod build;
mod error;
mod parse;

use core::fmt;
use std::sync::Arc;

use der::asn1::ObjectIdentifier;

pub use self::{
    build::{CertificationRequestBuilder, UnsignedCertificationRequest},
    error::CsrError,
};
use crate::{
    algorithm::{Hash, SignatureAlgorithm},
    certificate::{Name, verify_x509},
    key::{KeyError, PublicKey},
    pem,
    provider::{CryptoProvider, rust_crypto},
};

/// Longest request that is read, in octets.
pub const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// Most attributes that are read.
pub const MAX_ATTRIBUTES: usize = 16;
/// Most values of one attribute that are read.
pub const MAX_ATTRIBUTE_VALUES: usize = 16;
/// Most requested extensions that are read.
pub const MAX_REQUESTED_EXTENSIONS: usize = 32;

/// `extensionRequest` (RFC 2985 5.4.2): the extensions that the subject wishes to see in the certificate.
pub const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

const LABEL: &str = "CERTIFICATE REQUEST";
/// What older tools write (RFC 7468 7 lets a reader take it).
const OLD_LABEL: &str = "NEW CERTIFICATE REQUEST";

/// A certification request that was read and is **not trusted**. Reading checks the encoding and nothing else: a request
/// for a key that we cannot use is still one and can be shown.
///
/// ```text
/// CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm AlgorithmIdentifier,
///     signature BIT STRING }
/// CertificationRequestInfo ::= SEQUENCE { version INTEGER { v1(0) }, subject Name, subjectPKInfo SubjectPublicKeyInfo,
///     attributes [0] IMPLICIT SET OF Attribute }
/// ```
///
/// Cloning is cheap. Two requests are equal when their bytes are.
#[derive(Clone)]
pub struct CertificationRequest(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    info: Vec<u8>,
    subject: Name,
    spki: Vec<u8>,
    key: Result<PublicKey, KeyError>,
    attributes: Vec<RequestAttribute>,
    extensions: Vec<RequestedExtension>,
    signature_oid: ObjectIdentifier,
    signature_has_parameters: bool,
    signature: Vec<u8>,
}

/// One attribute of a request: `Attribute ::= SEQUENCE { type OBJECT IDENTIFIER, values SET SIZE (1..MAX) OF ANY }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestAttribute {
    oid: ObjectIdentifier,
    values: Vec<Vec<u8>>,
}

/// One extension that the subject wishes to see in its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedExtension {
    oid: ObjectIdentifier,
    critical: bool,
    value: Vec<u8>,
}

impl RequestAttribute {
    /// The type.
    #[must_use]
    pub fn oid(&self) -> ObjectIdentifier {
        self.oid
    }

    /// The DER of each value, at least one.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.values.iter().map(Vec::as_slice)
    }
}

impl RequestedExtension {
    /// The type.
    #[must_use]
    pub fn oid(&self) -> ObjectIdentifier {
        self.oid
    }

    /// Whether it shall be critical.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.critical
    }

    /// The contents of `extnValue`.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

impl CertificationRequest {
    /// Reads one DER request and nothing after it. The encoding must be DER throughout, the order of the attributes
    /// included (X.690 11.6).
    ///
    /// # Errors
    /// [`CsrError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CsrError> {
        parse::parse(der).map(|inner| Self(Arc::new(inner)))
    }

    /// Reads a PEM file that holds exactly one request, labelled `CERTIFICATE REQUEST` or `NEW CERTIFICATE REQUEST`.
    ///
    /// # Errors
    /// [`CsrError::Count`] for any other number.
    pub fn from_pem(text: &[u8]) -> Result<Self, CsrError> {
        let mut blocks = pem::decode_all(text, LABEL).ok_or(CsrError::Pem)?;
        blocks.extend(pem::decode_all(text, OLD_LABEL).ok_or(CsrError::Pem)?);
        match blocks.as_slice() {
            [one] => Self::from_der(one),
            [] => Err(CsrError::Pem),
            many => Err(CsrError::Count(many.len())),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// A `CERTIFICATE REQUEST` PEM file (RFC 7468 7).
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, self.der())
    }

    /// The bytes that are signed: the DER of CertificationRequestInfo.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.0.info
    }

    /// Who asks.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The key to be certified, if it is one that this crate computes with. **Unproven** until
    /// [`CertificationRequest::verify`].
    ///
    /// # Errors
    /// [`KeyError`] for other kinds (RSA), explicit parameters, points off the curve.
    pub fn public_key(&self) -> Result<&PublicKey, &KeyError> {
        self.0.key.as_ref()
    }

    /// The DER of SubjectPublicKeyInfo, whatever the key is.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// The attributes in their order.
    #[must_use]
    pub fn attributes(&self) -> &[RequestAttribute] {
        &self.0.attributes
    }

    /// The extensions of the `extensionRequest` attribute, in their order; empty without one.
    #[must_use]
    pub fn requested_extensions(&self) -> &[RequestedExtension] {
        &self.0.extensions
    }

    /// How the request is signed, if it is one of the ways that this crate verifies.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::from_oid(&self.0.signature_oid)
    }

    /// The identifier of `signatureAlgorithm`.
    #[must_use]
    pub fn signature_algorithm_oid(&self) -> ObjectIdentifier {
        self.0.signature_oid
    }

    /// The contents of the signature BIT STRING: DER for ECDSA.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.signature
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        let digest = rust_crypto().digest(Hash::Sha256, self.der());
        digest.as_bytes().try_into().unwrap_or_default()
    }

    /// Verifies that the owner of the key inside signed the request (RFC 2986 3, step 3).
    ///
    /// # Errors
    /// [`CsrError::Key`] for a key we do not compute with, [`CsrError::AlgorithmParameters`], [`CsrError::Signature`].
    pub fn verify(&self, provider: &dyn CryptoProvider) -> Result<VerifiedRequest, CsrError> {
        let key = self.public_key().map_err(Clone::clone)?;
        if self.0.signature_has_parameters {
            return Err(CsrError::AlgorithmParameters(self.0.signature_oid));
        }
        verify_x509(key, self.0.signature_oid, self.tbs(), self.signature(), provider)?;
        Ok(VerifiedRequest { request: self.clone(), key: key.clone() })
    }
}

impl PartialEq for CertificationRequest {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for CertificationRequest {}

impl fmt::Debug for CertificationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificationRequest(subject {}, ", self.subject())?;
        match self.public_key() {
            Ok(key) => write!(f, "{key:?})"),
            Err(error) => write!(f, "{error})"),
        }
    }
}

/// A request whose subject has proven that it holds the private key. Only [`CertificationRequest::verify`] and
/// [`UnsignedCertificationRequest::complete`] make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRequest {
    request: CertificationRequest,
    key: PublicKey,
}

impl VerifiedRequest {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &CertificationRequest {
        &self.request
    }

    /// Who asks.
    #[must_use]
    pub fn subject(&self) -> &Name {
        self.request.subject()
    }

    /// The key, whose owner signed the request.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The request, taken out.
    #[must_use]
    pub fn into_request(self) -> CertificationRequest {
        self.request
    }
}
