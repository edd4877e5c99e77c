//! Building a VICAL: content, bytes to be signed, finished list.

use tegata_mdoc::cbor::{Encoder, MapEncoder};
use tegata_mdoc::cose::{CoseSign1, LABEL_ALG, LABEL_X5CHAIN};
use tegata_mdoc::date::Tdate;
use tegata_pki::{
    Certificate, CoseAlgorithm, CryptoProvider, Curve, KeyError, KeyUsage, PublicKey, RawSignature, SignatureAlgorithm,
    SignatureError, SignatureRef, oid,
};
use time::UtcDateTime;

use super::entry::{TAG_BIGNUM, key_identifier};
use crate::DocTypes;

const MDL: &str = "org.iso.18013.5.1.mDL";
/// The profile of the IACA of a driving licence: object identifier 1.0.18013.5.1.7 as a URN (RFC 3061).
const MDL_IACA_PROFILE: &str = "urn:oid:1.0.18013.5.1.7";

/// Why a list cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VicalBuildError {
    /// The provider has no name.
    #[error("the provider has no name")]
    NoProvider,
    /// There are no entries: a relying party that took the list would trust nobody.
    #[error("the list has no entries")]
    NoEntries,
    /// `nextUpdate` or `notAfter` is not after `date`.
    #[error("nextUpdate or notAfter is not after date")]
    Dates,
    /// The key of the entry at this place cannot be used.
    #[error("entry {position}: {error}")]
    Entry {
        /// The place, from 0.
        position: usize,
        /// What is wrong with the key.
        error: KeyError,
    },
    /// The entry at this place is not a CA's certificate.
    #[error("entry {0} is not a CA certificate")]
    EntryNotCa(usize),
    /// The chain is empty.
    #[error("the certificate chain is empty")]
    EmptyChain,
    /// The chain holds a self-issued certificate: relying parties have the root, and from elsewhere.
    #[error("the certificate chain holds a root")]
    RootInChain,
    /// The signer's certificate is not one for VICALs: keyUsage nonRepudiation, key purpose 1.0.18013.5.1.8 (Table C.1).
    #[error("the signer's certificate is not for VICALs")]
    SignerPurpose,
    /// The signer's certificate is not valid at `date`.
    #[error("the signer's certificate is not valid at the date of the list")]
    SignerValidity,
    /// The signer's key cannot be used.
    #[error("signer key: {0}")]
    Key(KeyError),
    /// Keys on this curve do not sign.
    #[error("no signature algorithm for {0}")]
    NoAlgorithm(Curve),
    /// The signature is not the signer's: the list is not released.
    #[error("the signature does not verify: {0}")]
    Signature(SignatureError),
}

impl VicalBuildError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoProvider => "vical-build-no-provider",
            Self::NoEntries => "vical-build-no-entries",
            Self::Dates => "vical-build-dates",
            Self::Entry { .. } => "vical-build-entry",
            Self::EntryNotCa(_) => "vical-build-entry-not-ca",
            Self::EmptyChain => "vical-build-empty-chain",
            Self::RootInChain => "vical-build-root-in-chain",
            Self::SignerPurpose => "vical-build-signer-purpose",
            Self::SignerValidity => "vical-build-signer-validity",
            Self::Key(_) => "vical-build-key",
            Self::NoAlgorithm(_) => "vical-build-no-algorithm",
            Self::Signature(_) => "vical-build-signature",
        }
    }
}

/// A certificate to be listed.
#[derive(Clone, Debug)]
pub struct VicalListing {
    certificate: Certificate,
    doc_types: DocTypes,
    profiles: Vec<String>,
    issuing_authority: Option<String>,
}

impl VicalListing {
    /// `certificate` as an anchor for `doc_types`. For driving licences it gets the profile of their IACA.
    #[must_use]
    pub fn new(certificate: Certificate, doc_types: DocTypes) -> Self {
        let profiles = doc_types.iter().filter(|doc_type| *doc_type == MDL).map(|_| MDL_IACA_PROFILE.to_owned());
        Self { certificate, profiles: profiles.collect(), doc_types, issuing_authority: None }
    }

    /// Adds a profile: a URN (RFC 8141).
    #[must_use]
    pub fn profile(mut self, urn: impl Into<String>) -> Self {
        self.profiles.push(urn.into());
        self
    }

    /// Names the issuing authority; otherwise the organization of the subject, or the whole subject, is written.
    #[must_use]
    pub fn issuing_authority(mut self, name: impl Into<String>) -> Self {
        self.issuing_authority = Some(name.into());
        self
    }

    fn encode(&self, encoder: &mut Encoder) {
        let (certificate, subject) = (&self.certificate, self.certificate.subject());
        let organization = || subject.organization().map_or_else(|| subject.to_string(), Into::into);
        let authority = self.issuing_authority.clone().unwrap_or_else(organization);
        encoder.sorted_map(|map| {
            map.text("certificate", |value| _ = value.bytes(certificate.der()));
            map.text("serialNumber", |value| {
                let serial = certificate.serial();
                let zeros = serial.iter().take_while(|octet| **octet == 0).count();
                _ = value.tag(TAG_BIGNUM).bytes(serial.get(zeros..).unwrap_or_default());
            });
            map.text("ski", |value| _ = value.bytes(&key_identifier(certificate)));
            map.text("docType", |value| texts(value, self.doc_types.iter()));
            if !self.profiles.is_empty() {
                map.text("certificateProfile", |value| texts(value, self.profiles.iter().map(String::as_str)));
            }
            map.text("issuingAuthority", |value| _ = value.text(&authority));
            optional_text(map, "issuingCountry", subject.country().as_deref());
            optional_text(map, "stateOrProvinceName", subject.state_or_province().as_deref());
            map.text("issuer", |value| _ = value.bytes(certificate.issuer().der()));
            map.text("subject", |value| _ = value.bytes(subject.der()));
            map.text("notBefore", |value| Tdate::new(certificate.not_before()).encode(value));
            map.text("notAfter", |value| Tdate::new(certificate.not_after()).encode(value));
        });
    }
}

fn texts<'a>(encoder: &mut Encoder, texts: impl Iterator<Item = &'a str>) {
    let texts: Vec<&str> = texts.collect();
    encoder.array(texts.len());
    for text in texts {
        encoder.text(text);
    }
}

fn optional_text(map: &mut MapEncoder, key: &str, value: Option<&str>) {
    if let Some(text) = value {
        map.text(key, |value| _ = value.text(text));
    }
}

/// A list to be built.
#[derive(Clone, Debug)]
pub struct VicalBuilder {
    provider: String,
    issue_id: u64,
    date: UtcDateTime,
    next_update: UtcDateTime,
    not_after: Option<UtcDateTime>,
    url: Option<String>,
    entries: Vec<VicalListing>,
}

impl VicalBuilder {
    /// Issue `issue_id` of the list of `provider`; the number must be above that of every list before. Times are cut to
    /// whole seconds. The next list must be there at `next_update`, within 90 days (C.1.2).
    #[must_use]
    pub fn new(provider: impl Into<String>, issue_id: u64, date: UtcDateTime, next_update: UtcDateTime) -> Self {
        let provider = provider.into();
        Self { provider, issue_id, date, next_update, not_after: None, url: None, entries: Vec::new() }
    }

    /// After this the list is invalid (second edition); readers of the first edition ignore it.
    #[must_use]
    pub fn not_after(mut self, end: UtcDateTime) -> Self {
        self.not_after = Some(end);
        self
    }

    /// Where the list is published.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Lists a certificate.
    #[must_use]
    pub fn entry(mut self, entry: VicalListing) -> Self {
        self.entries.push(entry);
        self
    }

    /// Prepares the list for the signer of `chain`: its certificate first, then issuing CAs, without the root.
    ///
    /// # Errors
    /// [`VicalBuildError`].
    pub fn prepare(&self, chain: &[Certificate]) -> Result<PreparedVical, VicalBuildError> {
        self.check()?;
        let key = self.check_signer(chain)?;
        let algorithm = CoseAlgorithm::for_curve(key.curve()).ok_or(VicalBuildError::NoAlgorithm(key.curve()))?;
        let mut protected = Encoder::new();
        protected.map(1).integer(LABEL_ALG).integer(algorithm.number());
        let protected = protected.into_bytes();
        let mut unprotected = Encoder::new();
        unprotected.map(1).integer(LABEL_X5CHAIN);
        // RFC 9360 2: a single certificate stands without an array.
        if chain.len() > 1 {
            unprotected.array(chain.len());
        }
        for certificate in chain {
            unprotected.bytes(certificate.der());
        }
        let payload = self.payload();
        Ok(PreparedVical {
            key,
            algorithm: algorithm.signature_algorithm(),
            message: CoseSign1::signature_input(&protected, &payload),
            protected,
            unprotected: unprotected.into_bytes(),
            payload,
        })
    }

    fn check(&self) -> Result<(), VicalBuildError> {
        if self.provider.is_empty() {
            return Err(VicalBuildError::NoProvider);
        }
        let date = self.date.unix_timestamp();
        let ends = core::iter::once(self.next_update).chain(self.not_after);
        if ends.map(UtcDateTime::unix_timestamp).any(|end| end <= date) {
            return Err(VicalBuildError::Dates);
        }
        if self.entries.is_empty() {
            return Err(VicalBuildError::NoEntries);
        }
        for (position, VicalListing { certificate, .. }) in self.entries.iter().enumerate() {
            let key = certificate.public_key();
            key.map_err(|error| VicalBuildError::Entry { position, error: error.clone() })?;
            if !certificate.is_ca() {
                return Err(VicalBuildError::EntryNotCa(position));
            }
        }
        Ok(())
    }

    fn check_signer(&self, chain: &[Certificate]) -> Result<PublicKey, VicalBuildError> {
        let signer = chain.first().ok_or(VicalBuildError::EmptyChain)?;
        if chain.iter().any(Certificate::is_self_issued) {
            return Err(VicalBuildError::RootInChain);
        }
        let usage = signer.key_usage().is_some_and(|usage| usage.contains(KeyUsage::NON_REPUDIATION));
        let purpose = signer.extended_key_usage().is_some_and(|purposes| purposes.contains(&oid::EKU_MDL_VICAL));
        if !usage || !purpose {
            return Err(VicalBuildError::SignerPurpose);
        }
        if self.date < signer.not_before() || self.date > signer.not_after() {
            return Err(VicalBuildError::SignerValidity);
        }
        signer.public_key().cloned().map_err(|error| VicalBuildError::Key(error.clone()))
    }

    fn payload(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.sorted_map(|map| {
            map.text("version", |value| _ = value.text("1.0"));
            map.text("vicalProvider", |value| _ = value.text(&self.provider));
            map.text("vicalIssueID", |value| _ = value.unsigned(self.issue_id));
            map.text("date", |value| Tdate::new(self.date).encode(value));
            map.text("nextUpdate", |value| Tdate::new(self.next_update).encode(value));
            if let Some(end) = self.not_after {
                map.text("notAfter", |value| Tdate::new(end).encode(value));
            }
            optional_text(map, "vicalURL", self.url.as_deref());
            map.text("certificateInfos", |value| {
                value.array(self.entries.len());
                for entry in &self.entries {
                    entry.encode(value);
                }
            });
        });
        encoder.into_bytes()
    }
}

/// A list that lacks its signature.
#[derive(Clone, Debug)]
pub struct PreparedVical {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    message: Vec<u8>,
    protected: Vec<u8>,
    unprotected: Vec<u8>,
    payload: Vec<u8>,
}

impl PreparedVical {
    /// The key that is to sign.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The bytes to sign: the Sig_structure (RFC 9052 4.4).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.message
    }

    /// Verifies the signature and returns the list: an untagged COSE_Sign1.
    ///
    /// # Errors
    /// [`VicalBuildError::Signature`].
    pub fn complete(self, signature: &RawSignature, provider: &dyn CryptoProvider) -> Result<Vec<u8>, VicalBuildError> {
        let reference = SignatureRef::Raw(signature.as_bytes());
        let verified = provider.verify(&self.key, self.algorithm, &self.message, reference);
        verified.map_err(VicalBuildError::Signature)?;
        Ok(CoseSign1::encode(&self.protected, &self.unprotected, Some(&self.payload), signature.as_bytes(), false))
    }
}
