//! Building a list by the profile of ISO/IEC 18013-5 B.2.
//!
//! The to-be-signed bytes are assembled here and not by a general builder, because the profile is exact: the authority key
//! identifier is the *subject* key identifier of the issuer, revokedCertificates is absent when empty, the extensions are
//! two and not critical.

use time::UtcDateTime;

use super::{Crl, CrlError, CrlNumber, OwnedCrl, RevocationReason};
use crate::{
    algorithm::SignatureAlgorithm,
    asn1::{Asn1Error, DerWriter, minimal_integer, tag, write_time},
    certificate::{Certificate, KeyUsage},
    key::KeyError,
    oid,
    provider::{CryptoProvider, SignatureError},
    signature::DerSignature,
};

/// Why a list cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CrlBuildError {
    /// The issuer's certificate may not sign CRLs.
    #[error("the issuer's keyUsage lacks cRLSign")]
    IssuerMayNotSign,
    /// The issuer's certificate has no subject key identifier.
    #[error("the issuer has no subject key identifier")]
    NoSubjectKeyIdentifier,
    /// The issuer's key cannot be used.
    #[error("the issuer's key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The issuer's key does not make ECDSA signatures, which the profile asks for (CRL-03).
    #[error("the issuer's key does not make ECDSA signatures")]
    NotEcdsa,
    /// nextUpdate is not after thisUpdate.
    #[error("nextUpdate is not after thisUpdate")]
    Times,
    /// A serial number is not a minimal INTEGER, or a date cannot be written.
    #[error("a serial number or date cannot be encoded: {0}")]
    Encoding(#[from] Asn1Error),
    /// A serial number is listed twice.
    #[error("a serial number is listed twice")]
    DuplicateSerial,
    /// The signature is not one of the issuer over these bytes.
    #[error("the signature does not verify: {0}")]
    Signature(#[from] SignatureError),
    /// The finished list does not read back.
    #[error("the finished list does not read back: {0}")]
    ReadBack(#[from] CrlError),
}

impl CrlBuildError {
    /// A stable name of the variant.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::IssuerMayNotSign => "crl-build-issuer-may-not-sign",
            Self::NoSubjectKeyIdentifier => "crl-build-no-subject-key-identifier",
            Self::Key(_) => "crl-build-key",
            Self::NotEcdsa => "crl-build-not-ecdsa",
            Self::Times => "crl-build-times",
            Self::Encoding(_) => "crl-build-encoding",
            Self::DuplicateSerial => "crl-build-duplicate-serial",
            Self::Signature(_) => "crl-build-signature",
            Self::ReadBack(_) => "crl-build-read-back",
        }
    }
}

/// A list to be issued.
#[derive(Clone, Debug)]
pub struct CrlBuilder<'a> {
    issuer: &'a Certificate,
    number: CrlNumber,
    this_update: UtcDateTime,
    next_update: UtcDateTime,
    entries: Vec<(Vec<u8>, UtcDateTime, Option<RevocationReason>)>,
}

impl<'a> CrlBuilder<'a> {
    /// A list of `issuer` without entries.
    #[must_use]
    pub fn new(issuer: &'a Certificate, number: CrlNumber, this_update: UtcDateTime, next_update: UtcDateTime) -> Self {
        Self { issuer, number, this_update, next_update, entries: Vec::new() }
    }

    /// Adds a revoked certificate by its serial number (contents octets). The profile has no entry extensions; a reason is
    /// written for the one known system that wants it (Japan).
    #[must_use]
    pub fn revoke(mut self, serial: &[u8], date: UtcDateTime, reason: Option<RevocationReason>) -> Self {
        self.entries.push((serial.to_vec(), date, reason));
        self
    }

    /// Assembles the bytes to be signed.
    ///
    /// # Errors
    /// [`CrlBuildError`].
    pub fn build(self) -> Result<UnsignedCrl, CrlBuildError> {
        if !self.issuer.key_usage().is_some_and(|usage| usage.contains(KeyUsage::CRL_SIGN)) {
            return Err(CrlBuildError::IssuerMayNotSign);
        }
        if self.next_update <= self.this_update {
            return Err(CrlBuildError::Times);
        }
        let identifier = self.issuer.subject_key_identifier();
        let identifier = identifier.ok_or(CrlBuildError::NoSubjectKeyIdentifier)?;
        let key = self.issuer.public_key().map_err(Clone::clone)?;
        let algorithm = match key.curve().signature_algorithm() {
            Some(algorithm @ SignatureAlgorithm::Ecdsa(_)) => algorithm,
            _ => return Err(CrlBuildError::NotEcdsa),
        };
        let mut dates = DerWriter::new();
        write_time(&mut dates, self.this_update)?;
        write_time(&mut dates, self.next_update)?;
        let entries = self.entries()?;

        let mut writer = DerWriter::new();
        writer.sequence(|tbs| {
            tbs.unsigned(&[1]);
            tbs.sequence(|identifier| {
                identifier.oid(&algorithm.oid());
            });
            tbs.raw(self.issuer.subject().der()).raw(&dates.finish());
            if !entries.is_empty() {
                tbs.element(tag::SEQUENCE, &entries);
            }
            tbs.nested(tag::context_constructed(0), |explicit| {
                explicit.sequence(|extensions| {
                    extensions.sequence(|extension| {
                        extension.oid(&oid::AUTHORITY_KEY_IDENTIFIER);
                        extension.nested(tag::OCTET_STRING, |value| {
                            value.sequence(|aki| {
                                aki.element(tag::context(0), identifier);
                            });
                        });
                    });
                    extensions.sequence(|extension| {
                        extension.oid(&oid::CRL_NUMBER);
                        extension.element(tag::OCTET_STRING, &self.number.to_der());
                    });
                });
            });
        });
        Ok(UnsignedCrl { tbs: writer.finish(), algorithm, issuer: self.issuer.clone() })
    }

    fn entries(&self) -> Result<Vec<u8>, CrlBuildError> {
        let mut serials: Vec<&[u8]> = self.entries.iter().map(|(s, ..)| s.as_slice()).collect();
        serials.sort_unstable();
        if serials.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(CrlBuildError::DuplicateSerial);
        }
        let mut writer = DerWriter::new();
        for (serial, date, reason) in &self.entries {
            minimal_integer(serial)?;
            let mut time = DerWriter::new();
            write_time(&mut time, *date)?;
            writer.sequence(|entry| {
                entry.element(tag::INTEGER, serial).raw(&time.finish());
                if let Some(reason) = reason {
                    entry.sequence(|extensions| {
                        extensions.sequence(|extension| {
                            extension.oid(&oid::REASON_CODE);
                            extension.nested(tag::OCTET_STRING, |value| {
                                value.element(tag::ENUMERATED, &[reason.number()]);
                            });
                        });
                    });
                }
            });
        }
        Ok(writer.finish())
    }
}

/// A list that waits for its signature.
#[derive(Clone, Debug)]
pub struct UnsignedCrl {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
    issuer: Certificate,
}

impl UnsignedCrl {
    /// The bytes to sign.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// How to sign them.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Puts the signature on and verifies it with the issuer's key before anything is handed out.
    ///
    /// # Errors
    /// [`CrlBuildError::Signature`], [`CrlBuildError::ReadBack`].
    pub fn complete(self, signature: &DerSignature, provider: &dyn CryptoProvider) -> Result<OwnedCrl, CrlBuildError> {
        let mut writer = DerWriter::new();
        writer.sequence(|list| {
            list.raw(&self.tbs);
            list.sequence(|identifier| {
                identifier.oid(&self.algorithm.oid());
            });
            list.bits(signature.as_bytes());
        });
        let der = writer.finish();
        let crl = Crl::from_der(&der)?.into_owned();
        crl.verify_signature(&self.issuer, provider)?;
        Ok(crl)
    }
}
