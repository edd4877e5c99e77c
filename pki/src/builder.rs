//! Building certificates from the profile table.
//!
//! The rows that [`lint`] checks are the rows that are written: an extension stands in the certificate because a rule asks
//! for it. What is built is linted *before* anybody is asked to sign, and the signature is verified before a certificate is
//! handed out. Signing itself happens elsewhere: [`UnsignedCertificate::tbs`] goes to a token, its signature comes back.

mod extensions;
mod name;

use der::asn1::ObjectIdentifier;
use rand_core::CryptoRng;
use time::UtcDateTime;

pub use self::name::NameError;
use crate::{
    algorithm::SignatureAlgorithm,
    asn1::{Asn1Error, DerWriter, tag, write_time},
    certificate::{Certificate, CertificateError, Name},
    key::{KeyError, PublicKey},
    profile::{Finding, Profile, Severity, lint},
    provider::{CryptoProvider, SignatureError},
    signature::DerSignature,
};

/// Why a certificate cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The rule with this id needs an input that was not given (a contact, a CRL URI, an issuer).
    #[error("{0} needs an input that was not given")]
    MissingInput(&'static str),
    /// A URI or e-mail address is empty or not ASCII.
    #[error("a URI or e-mail address is empty or not ASCII")]
    Text,
    /// The issuer's key cannot be used.
    #[error("the issuer's key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The issuer's key does not make ECDSA signatures, which every profile asks for.
    #[error("the issuer's key does not make ECDSA signatures")]
    NotEcdsa,
    /// A date cannot be written.
    #[error("a date cannot be written: {0}")]
    Encoding(#[from] Asn1Error),
    /// The certificate would not conform to its profile; the findings of severity *error* say why.
    #[error("the certificate would not conform: {}", list(.0))]
    Profile(Vec<Finding>),
    /// The signature is not one of the issuer over these bytes.
    #[error("the signature does not verify: {0}")]
    Signature(#[from] SignatureError),
    /// The finished certificate does not read back.
    #[error("the finished certificate does not read back: {0}")]
    ReadBack(#[from] CertificateError),
}

impl BuildError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::MissingInput(_) => "build-missing-input",
            Self::Text => "build-text",
            Self::Key(_) => "build-key",
            Self::NotEcdsa => "build-not-ecdsa",
            Self::Encoding(_) => "build-encoding",
            Self::Profile(_) => "build-profile",
            Self::Signature(_) => "build-signature",
            Self::ReadBack(_) => "build-read-back",
        }
    }
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("; ")
}

/// Where an issuing authority can be reached: a name of issuerAltName.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// An e-mail address.
    Email(String),
    /// A URI.
    Uri(String),
}

/// A certificate to be issued.
#[derive(Clone, Debug)]
pub struct CertificateRequest<'a> {
    profile: &'static Profile,
    subject: Name,
    public_key: PublicKey,
    issuer: Option<&'a Certificate>,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
    serial: [u8; 20],
    contacts: Vec<Contact>,
    crl_uris: Vec<String>,
    ocsp_uri: Option<String>,
    key_purposes: Vec<ObjectIdentifier>,
}

impl<'a> CertificateRequest<'a> {
    /// A certificate by `profile` for `public_key`. Without an issuer it is self-signed. The serial number is drawn here:
    /// 20 octets, positive, 158 random bits. Times are written to the second.
    #[must_use]
    pub fn new(
        profile: &'static Profile,
        subject: Name,
        public_key: PublicKey,
        issuer: Option<&'a Certificate>,
        (not_before, not_after): (UtcDateTime, UtcDateTime),
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut serial = [0; 20];
        rng.fill_bytes(&mut serial);
        if let Some(first) = serial.first_mut() {
            *first = *first & 0x7F | 0x40;
        }
        Self {
            profile,
            subject,
            public_key,
            issuer,
            not_before,
            not_after,
            serial,
            contacts: Vec::new(),
            crl_uris: Vec::new(),
            ocsp_uri: None,
            key_purposes: Vec::new(),
        }
    }

    /// Adds a contact of the issuer (issuerAltName).
    #[must_use]
    pub fn contact(mut self, contact: Contact) -> Self {
        self.contacts.push(contact);
        self
    }

    /// Adds a URI under which the CRL of the issuer is found. For an OCSP signer: without one, OCSP no-check is written.
    #[must_use]
    pub fn crl_uri(mut self, uri: impl Into<String>) -> Self {
        self.crl_uris.push(uri.into());
        self
    }

    /// Names the OCSP responder of the issuer (authorityInfoAccess), where the profile has a row for it.
    #[must_use]
    pub fn ocsp_uri(mut self, uri: impl Into<String>) -> Self {
        self.ocsp_uri = Some(uri.into());
        self
    }

    /// Adds a key purpose beside those of the profile. A profile without any gets a extension that is not critical.
    #[must_use]
    pub fn key_purpose(mut self, purpose: ObjectIdentifier) -> Self {
        self.key_purposes.push(purpose);
        self
    }

    /// Assembles the bytes to be signed and lints them.
    ///
    /// # Errors
    /// [`BuildError`]; [`BuildError::Profile`] holds every finding of severity *error* in the strict mode.
    pub fn build(self) -> Result<UnsignedCertificate, BuildError> {
        let (issuer_name, signer) = match self.issuer {
            Some(issuer) => (issuer.subject(), issuer.public_key().map_err(Clone::clone)?),
            None => (&self.subject, &self.public_key),
        };
        let algorithm = match signer.curve().signature_algorithm() {
            Some(algorithm @ SignatureAlgorithm::Ecdsa(_)) => algorithm,
            _ => return Err(BuildError::NotEcdsa),
        };
        let mut validity = DerWriter::new();
        write_time(&mut validity, self.not_before)?;
        write_time(&mut validity, self.not_after)?;
        let extensions = self.extensions()?;

        let mut writer = DerWriter::new();
        writer.sequence(|tbs| {
            tbs.nested(tag::context_constructed(0), |version| {
                version.unsigned(&[2]);
            });
            tbs.unsigned(&self.serial);
            tbs.sequence(|identifier| {
                identifier.oid(&algorithm.oid());
            });
            tbs.raw(issuer_name.der());
            tbs.element(tag::SEQUENCE, &validity.finish());
            tbs.raw(self.subject.der()).raw(&self.public_key.to_spki_der());
            tbs.nested(tag::context_constructed(3), |explicit| {
                explicit.element(tag::SEQUENCE, &extensions);
            });
        });
        let unsigned = UnsignedCertificate {
            tbs: writer.finish(),
            algorithm,
            profile: self.profile,
            signer: signer.clone(),
            issuer: self.issuer.cloned(),
        };
        unsigned.lint(&unsigned.assemble(&[])?)?;
        Ok(unsigned)
    }
}

/// A certificate that waits for its signature.
#[derive(Clone, Debug)]
pub struct UnsignedCertificate {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
    profile: &'static Profile,
    signer: PublicKey,
    issuer: Option<Certificate>,
}

impl UnsignedCertificate {
    /// The bytes to sign: the DER of TBSCertificate.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// How to sign them.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key whose owner has to sign.
    #[must_use]
    pub fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// Puts the signature on. The certificate is handed out only if the signature verifies and the profile holds.
    ///
    /// # Errors
    /// [`BuildError::Signature`], [`BuildError::Profile`].
    pub fn complete(self, signature: &DerSignature, provider: &dyn CryptoProvider) -> Result<Certificate, BuildError> {
        let certificate = self.assemble(signature.as_bytes())?;
        certificate.verify_signature(&self.signer, provider)?;
        self.lint(&certificate)?;
        Ok(certificate)
    }

    fn assemble(&self, signature: &[u8]) -> Result<Certificate, BuildError> {
        let mut writer = DerWriter::new();
        writer.sequence(|certificate| {
            certificate.raw(&self.tbs);
            certificate.sequence(|identifier| {
                identifier.oid(&self.algorithm.oid());
            });
            certificate.bits(signature);
        });
        Ok(Certificate::from_der(&writer.finish())?)
    }

    fn lint(&self, certificate: &Certificate) -> Result<(), BuildError> {
        let mut findings = lint(certificate, self.profile, self.issuer.as_ref());
        findings.retain(|finding| finding.severity == Severity::Error);
        if findings.is_empty() { Ok(()) } else { Err(BuildError::Profile(findings)) }
    }
}
