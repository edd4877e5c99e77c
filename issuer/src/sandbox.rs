//! A private authority for demonstrations and tests: a root, a document signer, a status list signer and a CRL, made in
//! one breath and marked so that nobody takes them for real. The real root is made offline, in a ceremony, by another
//! program.

use rand_core::CryptoRng;
use tegata_hsm::{Signer, SignerError};
use tegata_pki::crl::CrlBuildError;
use tegata_pki::{
    BuildError, Certificate, CertificateRequest, Contact, CrlBuilder, CrlNumber, CryptoProvider, Edition, Name,
    NameError, ObjectIdentifier, OwnedCrl, PublicKey, Role, oid, profile, rust_crypto,
};
use time::UtcDateTime;

/// Organization name of every sandbox certificate.
pub const MARK: &str = "SANDBOX – NOT FOR PRODUCTION";

/// Who a sandbox authority says it is, and where its lists would be.
#[derive(Clone, Debug)]
pub struct SandboxAuthority {
    /// Two capital letters; `UT` (Utopia) is the custom.
    pub country: String,
    /// stateOrProvinceName, for authorities of a state.
    pub state: Option<String>,
    /// Where the CRL is published.
    pub crl_uri: String,
    /// A contact for issuerAltName.
    pub contact: Contact,
    /// Whose profile the certificates conform to.
    pub edition: Edition,
}

/// First and last instant of a certificate.
pub type Period = (UtcDateTime, UtcDateTime);

impl SandboxAuthority {
    /// Makes a self-signed IACA certificate of the signer's key (ISO/IEC 18013-5 B.1.2).
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn create_root(
        &self,
        signer: &dyn Signer,
        period: Period,
        rng: &mut impl CryptoRng,
    ) -> Result<Certificate, SandboxError> {
        let request = self.request(Role::Iaca, "IACA root", signer.public_key(), None, period, rng)?;
        sign(request, signer)
    }

    /// Makes a document signer certificate for `key` under the root (ISO/IEC 18013-5 B.1.4).
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn create_document_signer(
        &self,
        root: (&Certificate, &dyn Signer),
        key: &PublicKey,
        period: Period,
        rng: &mut impl CryptoRng,
    ) -> Result<Certificate, SandboxError> {
        let root_certificate = Some(root.0);
        let request = self.request(Role::DocumentSigner, "document signer", key, root_certificate, period, rng)?;
        sign(request, root.1)
    }

    /// Makes a status list signer certificate for `key` under the root (ISO/IEC 18013-5 second edition B.1.7).
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn create_status_signer(
        &self,
        root: (&Certificate, &dyn Signer),
        key: &PublicKey,
        period: Period,
        rng: &mut impl CryptoRng,
    ) -> Result<Certificate, SandboxError> {
        let request = self.request(Role::StatusSigner, "status list signer", key, Some(root.0), period, rng)?;
        sign(request, root.1)
    }

    fn request<'a>(
        &self,
        role: Role,
        what: &str,
        key: &PublicKey,
        issuer: Option<&'a Certificate>,
        period: Period,
        rng: &mut impl CryptoRng,
    ) -> Result<CertificateRequest<'a>, SandboxError> {
        let common_name = format!("SANDBOX {what}");
        let mut subject: Vec<(ObjectIdentifier, &str)> = vec![(oid::COUNTRY, &self.country)];
        subject.extend(self.state.as_deref().map(|state| (oid::STATE_OR_PROVINCE, state)));
        subject.extend([(oid::ORGANIZATION, MARK), (oid::COMMON_NAME, common_name.as_str())]);
        let subject = Name::from_attributes(&subject)?;
        let request = CertificateRequest::new(profile(role, self.edition), subject, key.clone(), issuer, period, rng);
        Ok(request.contact(self.contact.clone()).crl_uri(self.crl_uri.clone()))
    }
}

/// Makes a CRL of the root; empty, because a sandbox has nothing to revoke until somebody adds a serial number
/// (ISO/IEC 18013-5 B.2).
///
/// # Errors
/// [`SandboxError`].
pub fn create_crl(
    root: (&Certificate, &dyn Signer),
    number: CrlNumber,
    (this_update, next_update): Period,
    revoked_serials: &[&[u8]],
) -> Result<OwnedCrl, SandboxError> {
    let builder = CrlBuilder::new(root.0, number, this_update, next_update);
    let builder = revoked_serials.iter().fold(builder, |builder, serial| builder.revoke(serial, this_update, None));
    let unsigned = builder.build()?;
    let signature = root.1.sign(unsigned.tbs())?.to_der(root.1.public_key().curve());
    Ok(unsigned.complete(&signature, provider())?)
}

/// True for certificates of this module: nothing outside a sandbox should trust them.
#[must_use]
pub fn is_sandbox(certificate: &Certificate) -> bool {
    certificate.subject().organization().is_some_and(|organization| organization == MARK)
}

fn sign(request: CertificateRequest<'_>, signer: &dyn Signer) -> Result<Certificate, SandboxError> {
    let unsigned = request.build()?;
    if unsigned.signer() != signer.public_key() {
        return Err(SandboxError::RootKeyMismatch);
    }
    let signature = signer.sign(unsigned.tbs())?.to_der(signer.public_key().curve());
    Ok(unsigned.complete(&signature, provider())?)
}

fn provider() -> &'static dyn CryptoProvider {
    rust_crypto()
}

/// Why a sandbox authority cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The name cannot be written.
    #[error("the name of the authority: {0}")]
    Name(#[from] NameError),
    /// The certificate would not conform.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The CRL would not conform.
    #[error(transparent)]
    Crl(#[from] CrlBuildError),
    /// The signer given for the root holds another key.
    #[error("the signer does not hold the key of the root")]
    RootKeyMismatch,
    /// The signer failed.
    #[error("signer: {0}")]
    Signer(#[from] SignerError),
}

impl SandboxError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Name(_) => "sandbox-name",
            Self::Build(_) => "sandbox-build",
            Self::Crl(_) => "sandbox-crl",
            Self::RootKeyMismatch => "sandbox-root-key-mismatch",
            Self::Signer(_) => "sandbox-signer",
        }
    }
}
