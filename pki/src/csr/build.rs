//! Building a request: the bytes to be signed, then the finished request.

use super::{CertificationRequest, CsrError, VerifiedRequest};
use crate::{
    algorithm::SignatureAlgorithm,
    asn1::{DerWriter, tag},
    certificate::Name,
    key::{KeyError, PublicKey},
    provider::CryptoProvider,
    signature::DerSignature,
};

/// A request to be made. It has no attributes: what stands in a certificate of an mdoc PKI is fixed by its profile and by
/// the authority's policy, never by the applicant.
#[derive(Clone, Debug)]
pub struct CertificationRequestBuilder {
    subject: Name,
    public_key: PublicKey,
}

impl CertificationRequestBuilder {
    /// A request of `subject` for a certificate for `public_key`.
    #[must_use]
    pub fn new(subject: Name, public_key: PublicKey) -> Self {
        Self { subject, public_key }
    }

    /// Assembles the bytes to be signed (RFC 2986 4.1).
    ///
    /// # Errors
    /// [`CsrError::Key`] for a key that does not sign (X25519).
    pub fn build(self) -> Result<UnsignedCertificationRequest, CsrError> {
        let curve = self.public_key.curve();
        let algorithm = curve.signature_algorithm().ok_or(KeyError::WrongUse(curve))?;
        let mut writer = DerWriter::new();
        writer.sequence(|info| {
            info.unsigned(&[]);
            info.raw(self.subject.der()).raw(&self.public_key.to_spki_der());
            info.element(tag::context_constructed(0), &[]);
        });
        Ok(UnsignedCertificationRequest { tbs: writer.finish(), algorithm, signer: self.public_key })
    }
}

/// A request that waits for its signature.
#[derive(Clone, Debug)]
pub struct UnsignedCertificationRequest {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
    signer: PublicKey,
}

impl UnsignedCertificationRequest {
    /// The bytes to sign: the DER of CertificationRequestInfo.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// How to sign them.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key whose owner has to sign: the one to be certified.
    #[must_use]
    pub fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// Puts the signature on. The request is handed out only if it verifies.
    ///
    /// # Errors
    /// [`CsrError::Signature`].
    pub fn complete(
        self,
        signature: &DerSignature,
        provider: &dyn CryptoProvider,
    ) -> Result<VerifiedRequest, CsrError> {
        let mut writer = DerWriter::new();
        writer.sequence(|request| {
            request.raw(&self.tbs);
            request.sequence(|identifier| {
                identifier.oid(&self.algorithm.oid());
            });
            request.bits(signature.as_bytes());
        });
        CertificationRequest::from_der(&writer.finish())?.verify(provider)
    }
}
