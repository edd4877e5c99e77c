//! Who signs documents: a key, its certificate and the IACA above it, checked to belong together.

use std::sync::Arc;

use coset::{CborSerializable, HeaderBuilder, RegisteredLabelWithPrivate, iana};
use tegata_hsm::Signer;
use tegata_mdoc::cbor::Encoder;
use tegata_mdoc::cose::LABEL_X5CHAIN;
use tegata_pki::{
    Certificate, CoseAlgorithm, CryptoProvider, Edition, Finding, KeyError, PathError, PathInput, PublicKey, Role,
    Severity, SignatureAlgorithm, lint, profile, validate_path,
};
use time::UtcDateTime;

/// What a [`DocumentSigner`] is made of.
#[derive(Clone, Debug)]
pub struct DocumentSignerParts {
    /// The door to the private key.
    pub signer: Arc<dyn Signer>,
    /// The document signer certificate of that key.
    pub certificate: Certificate,
    /// The IACA certificate it was issued under. Without it the path is not checked, and validities are cut to the
    /// document signer certificate alone.
    pub iaca: Option<Certificate>,
    /// Whose profile the certificate must conform to.
    pub edition: Edition,
    /// Who computes digests and checks signatures.
    pub provider: &'static dyn CryptoProvider,
}

/// A document signer that may sign: its certificate is one of the signer's key, conforms to the profile, is valid, and
/// stands under the IACA (ISO/IEC 18013-5 B.1.4, 9.3.3).
#[derive(Clone, Debug)]
pub struct DocumentSigner {
    parts: DocumentSignerParts,
    key: PublicKey,
    headers: Headers,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
}

/// What every document of one signer has in common.
///
/// The protected header is `{1: alg}` and nothing else, because some verifiers accept no other. The unprotected one is
/// `{33: bstr}`, the document signer certificate alone; the root is never sent (RFC 9360 2, ISO/IEC 18013-5 B.1.1).
#[derive(Clone, Debug)]
pub(crate) struct Headers {
    /// The entry `"issuerAuth": COSE_Sign1` up to the payload, untagged (ISO/IEC 18013-5 9.1.2.4).
    pub(crate) issuer_auth: Vec<u8>,
    /// The Sig_structure up to the payload: `"Signature1"`, protected header, no external data (RFC 9052 4.4).
    pub(crate) sig_structure: Vec<u8>,
}

impl DocumentSigner {
    /// Checks at the time `at` that the parts belong together.
    ///
    /// # Errors
    /// [`DocumentSignerError`] names the first check that fails.
    pub fn new(parts: DocumentSignerParts, at: UtcDateTime) -> Result<Self, DocumentSignerError> {
        let certificate = &parts.certificate;
        let key = certificate.public_key().map_err(|error| DocumentSignerError::Key(error.clone()))?.clone();
        if key != *parts.signer.public_key() {
            return Err(DocumentSignerError::KeyMismatch);
        }
        let algorithm = CoseAlgorithm::for_curve(key.curve()).ok_or(DocumentSignerError::Algorithm)?;
        if parts.signer.algorithm() != algorithm.signature_algorithm() {
            return Err(DocumentSignerError::Algorithm);
        }
        if at < certificate.not_before() {
            return Err(DocumentSignerError::NotYetValid { not_before: certificate.not_before() });
        }
        if at > certificate.not_after() {
            return Err(DocumentSignerError::Expired { not_after: certificate.not_after() });
        }
        if let Some(iaca) = &parts.iaca {
            validate_path(&PathInput::new(certificate, iaca, at), parts.provider)?;
        }
        let mut findings = lint(certificate, profile(Role::DocumentSigner, parts.edition), parts.iaca.as_ref());
        findings.retain(|finding| finding.severity == Severity::Error);
        if !findings.is_empty() {
            return Err(DocumentSignerError::Profile(findings));
        }
        let window = parts.iaca.iter().chain([certificate]);
        let not_before = window.clone().map(Certificate::not_before).max().unwrap_or(certificate.not_before());
        let not_after = window.map(Certificate::not_after).min().unwrap_or(certificate.not_after());
        let headers = Headers::new(algorithm, certificate)?;
        Ok(Self { key, headers, not_before, not_after, parts })
    }

    /// The document signer certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.parts.certificate
    }

    /// The IACA certificate, when one was given.
    #[must_use]
    pub fn iaca(&self) -> Option<&Certificate> {
        self.parts.iaca.as_ref()
    }

    /// The key that signs.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// First instant at which all certificates are valid.
    #[must_use]
    pub fn not_before(&self) -> UtcDateTime {
        self.not_before
    }

    /// Last instant at which all certificates are valid: no document is valid for longer.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.not_after
    }

    pub(crate) fn signer(&self) -> &dyn Signer {
        &*self.parts.signer
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.parts.signer.algorithm()
    }

    pub(crate) fn provider(&self) -> &'static dyn CryptoProvider {
        self.parts.provider
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }
}

impl Headers {
    fn new(algorithm: CoseAlgorithm, certificate: &Certificate) -> Result<Self, DocumentSignerError> {
        let unusable = |_| DocumentSignerError::Algorithm;
        let number = iana::EnumI64::from_i64(algorithm.number()).ok_or(DocumentSignerError::Algorithm)?;
        let mut protected = HeaderBuilder::new().build();
        protected.alg = Some(RegisteredLabelWithPrivate::Assigned(number));
        let chain = coset::cbor::Value::Bytes(certificate.der().to_vec());
        let unprotected = HeaderBuilder::new().value(LABEL_X5CHAIN, chain).build();
        let (protected, unprotected) = (protected.to_vec().map_err(unusable)?, unprotected.to_vec().map_err(unusable)?);
        let (mut issuer_auth, mut sig_structure) = (Encoder::new(), Encoder::new());
        issuer_auth.text("issuerAuth").array(4).bytes(&protected).raw(&unprotected);
        sig_structure.array(4).text("Signature1").bytes(&protected).bytes(&[]);
        Ok(Self { issuer_auth: issuer_auth.into_bytes(), sig_structure: sig_structure.into_bytes() })
    }
}

/// Why a document signer may not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentSignerError {
    /// The key of the certificate cannot be used.
    #[error("the key of the document signer certificate cannot be used: {0}")]
    Key(KeyError),
    /// The certificate is one of another key.
    #[error("the document signer certificate is not one of the signer's key")]
    KeyMismatch,
    /// The key does not sign, or the signer uses another hash than goes with its curve (ISO/IEC 18013-5 9.1.2.4).
    #[error("the signer's algorithm is not the one for documents")]
    Algorithm,
    /// The certificate is not valid yet.
    #[error("the document signer certificate is not valid before {not_before}")]
    NotYetValid {
        /// Its notBefore.
        not_before: UtcDateTime,
    },
    /// The certificate has expired.
    #[error("the document signer certificate expired at {not_after}")]
    Expired {
        /// Its notAfter.
        not_after: UtcDateTime,
    },
    /// The certificate does not stand under the IACA.
    #[error("the document signer certificate does not stand under the IACA: {0}")]
    Path(#[from] PathError),
    /// The certificate does not conform to its profile; the findings of severity *error*.
    #[error("the document signer certificate does not conform: {}", join(.0))]
    Profile(Vec<Finding>),
}

impl DocumentSignerError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Key(_) => "document-signer-key",
            Self::KeyMismatch => "document-signer-key-mismatch",
            Self::Algorithm => "document-signer-algorithm",
            Self::NotYetValid { .. } => "document-signer-not-yet-valid",
            Self::Expired { .. } => "document-signer-expired",
            Self::Path(_) => "document-signer-path",
            Self::Profile(_) => "document-signer-profile",
        }
    }
}

fn join(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
