//! X.509 certificates as they came: inspected, not trusted.

mod extension;
mod general_name;
mod name;
mod parse;

use core::{
    fmt,
    hash::{Hash, Hasher},
};
use std::sync::{Arc, OnceLock};

use der::asn1::ObjectIdentifier;
use time::UtcDateTime;

pub(crate) use self::extension::authority_key_identifier;
pub(crate) use self::general_name::{PointPart, each_general_name, each_point_part};
pub(crate) use self::parse::extension_fields;
pub use self::{
    extension::{BasicConstraints, Extension, ExtensionState, KeyUsage},
    general_name::{DistributionPoint, GeneralName},
    name::{Attribute, Name, NameMatch},
};
use self::{
    extension::{Contents, subject_key_identifier},
    general_name::{distribution_points, general_names, ocsp_uris},
};
use crate::{
    algorithm::SignatureAlgorithm,
    asn1::{Asn1Error, Span},
    key::{KeyError, PublicKey},
    oid, pem,
    provider::{CryptoProvider, SignatureError, SignatureRef, rust_crypto},
};

/// Longest certificate that is read, in octets.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;
/// Most extensions that are read.
pub const MAX_EXTENSIONS: usize = 64;
/// Most certificates that are read from one PEM file.
pub const MAX_CERTIFICATES: usize = 1024;

const LABEL: &str = "CERTIFICATE";

/// Why bytes are not a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not the DER of an X.509 certificate.
    #[error("not a certificate: {0}")]
    Der(#[from] Asn1Error),
    /// Not PEM, or base64 that cannot be read.
    #[error("not a PEM file with certificates")]
    Pem,
    /// The PEM file holds this many certificates, where exactly one is asked for (or at least one).
    #[error("the PEM file holds {0} certificates")]
    Count(usize),
    /// More than [`MAX_CERTIFICATE_BYTES`].
    #[error("the certificate is too large")]
    TooLarge,
    /// A version above v3; the value is the encoded number.
    #[error("unknown certificate version {0}")]
    Version(u32),
    /// An extension occurs twice (RFC 5280 4.2).
    #[error("extension {0} occurs twice")]
    DuplicateExtension(ObjectIdentifier),
    /// More than [`MAX_EXTENSIONS`].
    #[error("too many extensions")]
    TooManyExtensions,
}

impl CertificateError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Der(_) => "certificate-der",
            Self::Pem => "certificate-pem",
            Self::Count(_) => "certificate-count",
            Self::TooLarge => "certificate-too-large",
            Self::Version(_) => "certificate-version",
            Self::DuplicateExtension(_) => "certificate-duplicate-extension",
            Self::TooManyExtensions => "certificate-too-many-extensions",
        }
    }
}

/// A certificate that was read and is **not trusted**. Reading checks the encoding and nothing else: a certificate with a
/// key we cannot use, or with an extension we cannot read, is still one and can be shown.
///
/// Cloning is cheap. Two certificates are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Arc<[u8]>,
    version: u32,
    tbs: Span,
    serial: Span,
    issuer: Name,
    subject: Name,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
    spki: Span,
    /// Read when asked for: a pinned or cached certificate never needs it.
    key: OnceLock<Result<PublicKey, KeyError>>,
    signature_oid: ObjectIdentifier,
    signature_has_parameters: bool,
    signature_algorithms_agree: bool,
    signature: Span,
    extensions: Vec<Extension>,
    contents: Contents,
}

impl Certificate {
    /// Reads one DER certificate and nothing after it.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        parse::parse(der).map(|inner| Self(Arc::new(inner)))
    }

    /// Reads a PEM file that holds exactly one certificate.
    ///
    /// # Errors
    /// [`CertificateError::Count`] for any other number.
    pub fn from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        let der = pem::decode_all(text, LABEL).ok_or(CertificateError::Pem)?;
        match der.as_slice() {
            [one] => Self::from_der(one),
            [] => Err(CertificateError::Pem),
            many => Err(CertificateError::Count(many.len())),
        }
    }

    /// Reads every certificate of a PEM file, in its order; at least one.
    ///
    /// # Errors
    /// [`CertificateError`]; one certificate that cannot be read fails the whole file.
    pub fn chain_from_pem(text: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let blocks = pem::decode_all(text, LABEL).ok_or(CertificateError::Pem)?;
        match blocks.len() {
            0 => Err(CertificateError::Pem),
            1..=MAX_CERTIFICATES => blocks.iter().map(|der| Self::from_der(der)).collect(),
            many => Err(CertificateError::Count(many)),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// A `CERTIFICATE` PEM file.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, self.der())
    }

    /// The bytes that are signed: the DER of TBSCertificate.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.0.tbs.of(self.der())
    }

    /// The version, 1 to 3.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version + 1
    }

    /// The contents octets of the serial number: big-endian two's complement, as in the DER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.0.serial.of(self.der())
    }

    /// Who the certificate is about.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// The first second of the validity.
    #[must_use]
    pub fn not_before(&self) -> UtcDateTime {
        self.0.not_before
    }

    /// The last second of the validity.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.0.not_after
    }

    /// The subject's key, if it is one that this crate computes with.
    ///
    /// # Errors
    /// [`KeyError`] for other kinds (RSA), explicit parameters, points off the curve.
    pub fn public_key(&self) -> Result<&PublicKey, &KeyError> {
        self.0.key.get_or_init(|| PublicKey::from_spki_der(self.spki_der())).as_ref()
    }

    /// The DER of SubjectPublicKeyInfo, whatever the key is.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.0.spki.of(self.der())
    }

    /// How the issuer signed, if it is one of the ways that this crate verifies.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::from_oid(&self.0.signature_oid)
    }

    /// The identifier of the outer `signatureAlgorithm`.
    #[must_use]
    pub fn signature_algorithm_oid(&self) -> ObjectIdentifier {
        self.0.signature_oid
    }

    /// Whether `signatureAlgorithm` carries parameters, which RFC 5758 3.2 forbids for ECDSA.
    #[must_use]
    pub fn signature_has_parameters(&self) -> bool {
        self.0.signature_has_parameters
    }

    /// Whether the inner and the outer algorithm identifier are the same bytes (RFC 5280 4.1.1.2).
    #[must_use]
    pub fn signature_algorithms_agree(&self) -> bool {
        self.0.signature_algorithms_agree
    }

    /// The contents of the signature BIT STRING: DER for ECDSA.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.signature.of(self.der())
    }

    /// The extensions in their order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    /// The extension of this type.
    #[must_use]
    pub fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension> {
        self.extensions().iter().find(|extension| extension.is(oid))
    }

    /// The subject key identifier. Like every accessor of an extension: `None` if it is absent *or* unprocessable;
    /// [`Certificate::extensions`] tells which.
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        subject_key_identifier(self.extension(&oid::SUBJECT_KEY_IDENTIFIER)?.value()).ok()
    }

    /// The `keyIdentifier` of the authority key identifier.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        authority_key_identifier(self.extension(&oid::AUTHORITY_KEY_IDENTIFIER)?.value()).ok()?
    }

    /// The key usage bits.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.contents.key_usage
    }

    /// The extended key usages.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[ObjectIdentifier]> {
        self.0.contents.extended_key_usage.as_deref()
    }

    /// The basic constraints.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.contents.basic_constraints
    }

    /// Whether it may certify: `cA` is TRUE and keyUsage has keyCertSign (RFC 5280 6.1.4 k and n).
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.ca)
            && self.key_usage().is_some_and(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN))
    }

    /// The CRL distribution points.
    #[must_use]
    pub fn crl_distribution_points(&self) -> Option<Vec<DistributionPoint<'_>>> {
        distribution_points(self.extension(&oid::CRL_DISTRIBUTION_POINTS)?.value()).ok()
    }

    /// The URIs of the CRL distribution points.
    #[must_use]
    pub fn crl_distribution_uris(&self) -> Vec<&str> {
        let points = self.crl_distribution_points().unwrap_or_default();
        let names = points.into_iter().flat_map(|point| point.full_name);
        names
            .filter_map(|name| match name {
                GeneralName::Uri(uri) => Some(uri),
                _ => None,
            })
            .collect()
    }

    /// The names of the issuer alternative name.
    #[must_use]
    pub fn issuer_alternative_names(&self) -> Option<Vec<GeneralName<'_>>> {
        general_names(self.extension(&oid::ISSUER_ALT_NAME)?.value()).ok()
    }

    /// The names of the subject alternative name.
    #[must_use]
    pub fn subject_alternative_names(&self) -> Option<Vec<GeneralName<'_>>> {
        general_names(self.extension(&oid::SUBJECT_ALT_NAME)?.value()).ok()
    }

    /// The OCSP URIs of the authority information access.
    #[must_use]
    pub fn ocsp_uris(&self) -> Option<Vec<&str>> {
        ocsp_uris(self.extension(&oid::AUTHORITY_INFO_ACCESS)?.value()).ok()
    }

    /// Whether subject and issuer are the same bytes. (Self-*signed* is a matter of [`Certificate::verify_signature`].)
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject() == self.issuer()
    }

    /// Verifies that the owner of `issuer_key` signed this certificate. It says nothing about whether they were allowed to.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signature(
        &self,
        issuer_key: &PublicKey,
        provider: &dyn CryptoProvider,
    ) -> Result<(), SignatureError> {
        if !self.signature_algorithms_agree() {
            return Err(SignatureError::AlgorithmsDisagree);
        }
        verify_x509(issuer_key, self.signature_algorithm_oid(), self.tbs(), self.signature(), provider)
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        let digest = rust_crypto().digest(crate::algorithm::Hash::Sha256, self.der());
        digest.as_bytes().try_into().unwrap_or_default()
    }
}

/// Verifies the signature of a certificate or CRL over its to-be-signed bytes.
pub(crate) fn verify_x509(
    key: &PublicKey,
    oid: ObjectIdentifier,
    tbs: &[u8],
    signature: &[u8],
    provider: &dyn CryptoProvider,
) -> Result<(), SignatureError> {
    let algorithm = SignatureAlgorithm::from_oid(&oid).ok_or(SignatureError::UnsupportedAlgorithm(oid))?;
    let signature = match algorithm {
        SignatureAlgorithm::Ecdsa(_) => SignatureRef::Der(signature),
        SignatureAlgorithm::EdDsa => SignatureRef::Raw(signature),
    };
    provider.verify(key, algorithm, tbs, signature)
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.der().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate(subject {}, issuer {}, serial ", self.subject(), self.issuer())?;
        self.serial().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
