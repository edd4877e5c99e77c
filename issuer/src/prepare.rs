//! One document: prepare, sign, complete.

use core::fmt;

use rand_core::CryptoRng;
use tegata_mdoc::cbor::{Encoder, Value};
use tegata_pki::{PublicKey, RawSignature, SignatureRef};
use time::UtcDateTime;

use crate::items::{capacity, draw, write_name_spaces};
use crate::mso::MsoParts;
use crate::sig_structure::SigStructure;
use crate::{DocumentSigner, IssuanceRequest, IssueError, StatusReference, Validity};

const MDL: &str = "org.iso.18013.5.1.mDL";
const MDL_NAME_SPACE: &str = "org.iso.18013.5.1";

/// A document that waits for its signature.
///
/// The bytes of [`Prepared::to_be_signed`] may go to another machine; the signature comes back to [`Prepared::complete`].
pub struct Prepared<'s> {
    signer: &'s DocumentSigner,
    /// The IssuerSigned up to the signature.
    unsigned: Encoder,
    to_be_signed: SigStructure,
    facts: Facts,
}

/// What is known of a document beside its bytes.
#[derive(Clone)]
struct Facts {
    doc_type: String,
    device_key: PublicKey,
    validity: Validity,
    status: Option<StatusReference>,
}

/// An issued document: an IssuerSigned and the facts a ledger keeps. `Debug` shows no personal data.
#[derive(Clone)]
pub struct IssuedDocument {
    issuer_signed: Vec<u8>,
    facts: Facts,
}

impl DocumentSigner {
    /// Salts, shuffles and digests the claims, and builds the MSO, at the time `now`.
    ///
    /// Randomness is taken in one fill: 32 bytes of salt per element and what shuffling and decoys need.
    ///
    /// # Errors
    /// [`IssueError`]; nothing about signing.
    pub fn prepare(
        &self,
        request: &IssuanceRequest<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
        now: UtcDateTime,
    ) -> Result<Prepared<'_>, IssueError> {
        let IssuanceRequest { claims, terms, device_key, status } = *request;
        let validity = Validity::new(terms, self, now)?;
        self.check_device_key(device_key)?;
        self.check_claims(request, &validity)?;

        let hash = terms.digest_algorithm;
        let mut entropy = draw(claims, terms.decoys, hash, rng)?;
        let digest_bytes = (claims.element_count() + usize::from(terms.decoys)) * (hash.len() + 8);
        let headers = self.headers();
        // Items, MSO, certificate and signature: one allocation for the whole document.
        let mut unsigned = Encoder::with_capacity(capacity(claims) + digest_bytes + headers.issuer_auth.len() + 2048);
        unsigned.map(2).text("nameSpaces");
        let value_digests =
            write_name_spaces(&mut unsigned, claims, terms.decoys, hash, self.provider(), &mut entropy)?;
        let mso = MsoParts {
            doc_type: claims.doc_type(),
            digest_algorithm: hash,
            value_digests: &value_digests,
            device_key,
            key_authorizations: terms.key_authorizations.as_ref(),
            validity: &validity,
            status,
        };
        let to_be_signed = SigStructure::new(headers, &mso);
        unsigned.raw(&headers.issuer_auth).raw(to_be_signed.encoded_payload());
        let facts = Facts {
            doc_type: claims.doc_type().to_owned(),
            device_key: device_key.clone(),
            validity,
            status: status.cloned(),
        };
        Ok(Prepared { signer: self, unsigned, to_be_signed, facts })
    }

    /// Issues one document: [`DocumentSigner::prepare`], the signer, and the finished bytes.
    ///
    /// The signature is verified once, by the [`Signer`](tegata_hsm::Signer), whose contract is to release no other; a
    /// signature from anywhere else goes through [`Prepared::complete`], which verifies it here.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(
        &self,
        request: &IssuanceRequest<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
        now: UtcDateTime,
    ) -> Result<IssuedDocument, IssueError> {
        let prepared = self.prepare(request, rng, now)?;
        let signature = self.signer().sign(prepared.to_be_signed())?;
        Ok(prepared.assemble(&signature))
    }

    fn check_device_key(&self, device_key: &PublicKey) -> Result<(), IssueError> {
        let iaca_key = self.iaca().and_then(|iaca| iaca.public_key().ok());
        if device_key == self.public_key() || iaca_key == Some(device_key) {
            return Err(IssueError::DeviceKeyIsIssuerKey);
        }
        Ok(())
    }

    /// What depends on the certificates and on the first day of validity. All else was checked when the claims were made.
    fn check_claims(&self, request: &IssuanceRequest<'_>, validity: &Validity) -> Result<(), IssueError> {
        let claims = request.claims;
        let ages = claims.age_problems(validity.valid_from.instant().date());
        if !ages.is_empty() {
            return Err(IssueError::Claims(ages));
        }
        if claims.doc_type() != MDL {
            return Ok(());
        }
        // ISO/IEC 18013-5 7.2.1: a reader compares both with the subject of the document signer certificate.
        let differs = |element: &str, expected: &str| {
            let claim = claims.get(MDL_NAME_SPACE, element);
            claim.is_some_and(|claim| !matches!(claim.value(), Ok(Value::Text(text)) if text == expected))
        };
        let subject = self.certificate().subject();
        if differs("issuing_country", &subject.country().unwrap_or_default()) {
            return Err(IssueError::IssuingCountry);
        }
        match subject.state_or_province() {
            Some(state) if differs("issuing_jurisdiction", &state) => Err(IssueError::IssuingJurisdiction),
            _ => Ok(()),
        }
    }
}

impl Prepared<'_> {
    /// The bytes to be signed with the document signer key: Sig_structure
    /// `["Signature1", protected, h'', payload]` (RFC 9052 4.4).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.to_be_signed.as_bytes()
    }

    /// The validity the document will have.
    #[must_use]
    pub fn validity(&self) -> &Validity {
        &self.facts.validity
    }

    /// Verifies the signature with the key of the document signer certificate and puts it on.
    ///
    /// # Errors
    /// [`IssueError::Signature`]: the document is not released.
    pub fn complete(self, signature: &RawSignature) -> Result<IssuedDocument, IssueError> {
        self.signer.provider().verify(
            self.signer.public_key(),
            self.signer.algorithm(),
            self.to_be_signed(),
            SignatureRef::Raw(signature.as_bytes()),
        )?;
        Ok(self.assemble(signature))
    }

    /// Puts a verified signature on.
    pub(crate) fn assemble(mut self, signature: &RawSignature) -> IssuedDocument {
        self.unsigned.bytes(signature.as_bytes());
        IssuedDocument { issuer_signed: self.unsigned.into_bytes(), facts: self.facts }
    }
}

impl IssuedDocument {
    /// `IssuerSigned = { "nameSpaces": …, "issuerAuth": COSE_Sign1 }`, encoded.
    #[must_use]
    pub fn issuer_signed(&self) -> &[u8] {
        &self.issuer_signed
    }

    /// The bytes of [`IssuedDocument::issuer_signed`], taken out.
    #[must_use]
    pub fn into_issuer_signed(self) -> Vec<u8> {
        self.issuer_signed
    }

    /// The document type.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.facts.doc_type
    }

    /// The holder's device key.
    #[must_use]
    pub fn device_key(&self) -> &PublicKey {
        &self.facts.device_key
    }

    /// Its instants.
    #[must_use]
    pub fn validity(&self) -> &Validity {
        &self.facts.validity
    }

    /// Where its revocation is published.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference> {
        self.facts.status.as_ref()
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts.show(f.debug_struct("Prepared"))
    }
}

impl fmt::Debug for IssuedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.facts.show(f.debug_struct("IssuedDocument"))
    }
}

impl Facts {
    fn show(&self, mut shown: fmt::DebugStruct<'_, '_>) -> fmt::Result {
        shown.field("doc_type", &self.doc_type).field("device_key", &self.device_key);
        shown.field("validity", &self.validity).field("status", &self.status).finish_non_exhaustive()
    }
}
