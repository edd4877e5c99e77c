//! The simple door: files in, report out.
//!
//! The command line, the language bindings and the browser package all come in through here, so that the same files give
//! the same verdict everywhere.

use tegata_mdoc::cbor::DecodeError;
use tegata_pki::{AgreementKey, Certificate, CertificateError, CrlError, CryptoProvider, Curve, KeyError, rust_crypto};
use tegata_trust_list::token::TokenError;
use tegata_trust_list::{AnchorEntry, EmptyTrust, Evidence, Provenance, Purpose, Scope, TrustError, TrustStoreBuilder};
use time::UtcDateTime;

use crate::input::{Binding, InputError, Session};
use crate::policy::Policy;
use crate::report::Report;
use crate::verify::{Trust, TrustGap, Verifier};

/// Everything one verification takes, as the bytes of files.
#[derive(Debug)]
pub struct Request {
    input: Vec<u8>,
    policy: Policy,
    at: UtcDateTime,
    provider: &'static dyn CryptoProvider,
    anchors: Vec<Certificate>,
    pinned: Vec<Certificate>,
    evidence: Evidence,
    transcript: Option<Vec<u8>>,
    reader_key: Option<AgreementKey>,
    issuer_data_only: bool,
}

/// What a trust store of the relying party gives out at the time of a request.
#[derive(Clone, Debug)]
pub struct Held {
    /// The anchors, or why there are none.
    pub trust: Result<TrustStoreBuilder, TrustGap>,
    /// What is known about revocation.
    pub evidence: Evidence,
}

/// Why a request cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The input is not a mobile document.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A trust anchor or pinned certificate cannot be read.
    #[error("the certificate cannot be read: {0}")]
    Certificate(#[from] CertificateError),
    /// A certificate cannot be an anchor or a pinned signer.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// There is neither an anchor nor a pinned signer.
    #[error(transparent)]
    EmptyTrust(#[from] EmptyTrust),
    /// A CRL cannot be read.
    #[error("the CRL cannot be read: {0}")]
    Crl(#[from] CrlError),
    /// A status list token cannot be read.
    #[error("the status list cannot be read: {0}")]
    StatusList(#[from] TokenError),
    /// The session transcript cannot be read.
    #[error("the session transcript cannot be read: {0}")]
    Transcript(DecodeError),
    /// The reader key cannot be read.
    #[error("the reader key cannot be read: {0}")]
    ReaderKey(#[from] KeyError),
    /// The reader key is neither a JWK nor hex.
    #[error("the reader key is neither a JWK nor hexadecimal")]
    ReaderKeyNotHex,
    /// The reader key names a curve that is not known.
    #[error("the reader key names the unknown curve {name:?}")]
    UnknownCurve {
        /// The name.
        name: String,
    },
}

impl RequestError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Input(error) => error.id(),
            Self::Certificate(error) => error.id(),
            Self::Trust(error) => error.id(),
            Self::EmptyTrust(error) => error.id(),
            Self::Crl(error) => error.id(),
            Self::StatusList(error) => error.id(),
            Self::Transcript(error) => error.id(),
            Self::ReaderKey(error) => error.id(),
            Self::ReaderKeyNotHex => "reader-key-not-hex",
            Self::UnknownCurve { .. } => "unknown-curve",
        }
    }
}

impl Request {
    /// A request to verify `input` at `at` under `policy`. Without anchors every document is rejected as untrusted;
    /// without a transcript none is accepted.
    #[must_use]
    pub fn new(input: Vec<u8>, policy: Policy, at: UtcDateTime) -> Self {
        Self {
            input,
            policy,
            at,
            provider: rust_crypto(),
            anchors: Vec::new(),
            pinned: Vec::new(),
            evidence: Evidence::default(),
            transcript: None,
            reader_key: None,
            issuer_data_only: false,
        }
    }

    /// Uses another cryptographic provider than the pure-Rust one.
    #[must_use]
    pub fn with_provider(self, provider: &'static dyn CryptoProvider) -> Self {
        Self { provider, ..self }
    }

    /// Trusts the IACA certificates in `file` (DER, or PEM with one or more) for every document type.
    ///
    /// # Errors
    /// When the file holds no certificate.
    pub fn trust(&mut self, file: &[u8]) -> Result<&mut Self, RequestError> {
        self.anchors.extend(certificates(file)?);
        Ok(self)
    }

    /// Trusts the Document Signer certificates in `file` by their exact bytes, with no root vouching for them.
    ///
    /// # Errors
    /// When the file holds no certificate.
    pub fn dangerous_pin_document_signer(&mut self, file: &[u8]) -> Result<&mut Self, RequestError> {
        self.pinned.extend(certificates(file)?);
        Ok(self)
    }

    /// Adds a CRL (DER or PEM).
    ///
    /// # Errors
    /// When the file is not a CRL.
    pub fn crl(&mut self, file: &[u8]) -> Result<&mut Self, RequestError> {
        self.evidence.crls.add(file, self.at)?;
        Ok(self)
    }

    /// Adds a status list (CWT bytes or JWT text), identifier list or device-key list token (CWT bytes), told by content.
    ///
    /// # Errors
    /// When the file is none of them.
    pub fn status_list(&mut self, file: &[u8]) -> Result<&mut Self, RequestError> {
        self.evidence.lists.add(file, self.at)?;
        Ok(self)
    }

    /// Binds the presentation to the session of this SessionTranscript.
    ///
    /// # Errors
    /// When the bytes are not a SessionTranscript.
    pub fn transcript(&mut self, session_transcript: Vec<u8>) -> Result<&mut Self, RequestError> {
        Session::new(&session_transcript).map_err(RequestError::Transcript)?;
        self.transcript = Some(session_transcript);
        Ok(self)
    }

    /// Adds the reader's ephemeral private key, for device MACs.
    pub fn reader_key(&mut self, reader_key: AgreementKey) -> &mut Self {
        self.reader_key = Some(reader_key);
        self
    }

    /// Adds the reader's ephemeral private key from text: a private JWK (RFC 7517), or the scalar in hex, alone for P-256 or
    /// as `CURVE:HEX` (`P-384:0a1b…`).
    ///
    /// # Errors
    /// When the text is neither.
    pub fn reader_key_text(&mut self, text: &str) -> Result<&mut Self, RequestError> {
        let text = text.trim();
        if text.starts_with('{') {
            return Ok(self.reader_key(AgreementKey::from_jwk(text)?));
        }
        let (curve, digits) = match text.split_once(':') {
            Some((name, digits)) => {
                let curve =
                    Curve::from_jose_name(name).ok_or_else(|| RequestError::UnknownCurve { name: name.to_owned() })?;
                (curve, digits)
            }
            None => (Curve::P256, text),
        };
        let scalar = hex::decode(digits).map_err(|_| RequestError::ReaderKeyNotHex)?;
        Ok(self.reader_key(AgreementKey::from_raw(curve, &scalar)?))
    }

    /// Asks for issuer data alone. A transcript given as well is still used where the device signed.
    pub fn issuer_data_only(&mut self) -> &mut Self {
        self.issuer_data_only = true;
        self
    }

    /// The time of verification.
    #[must_use]
    pub fn at(&self) -> UtcDateTime {
        self.at
    }

    /// Verifies.
    ///
    /// # Errors
    /// When the input or a file cannot be read; everything else is in the report.
    pub fn verify(&self) -> Result<Report<'_>, RequestError> {
        self.verify_under(self.trust_with(None)?, &self.evidence)
    }

    /// Verifies under what a store gives out, and the files of the request beside it. When the store gives no anchors out
    /// and there are none in files, what would be rejected only for want of an anchor is undetermined.
    ///
    /// # Errors
    /// As [`Request::verify`].
    pub fn verify_held(&self, held: Held) -> Result<Report<'_>, RequestError> {
        let mut evidence = held.evidence;
        evidence.extend(self.evidence.clone());
        self.verify_under(self.trust_with(Some(held.trust))?, &evidence)
    }

    fn verify_under(&self, trust: Trust, evidence: &Evidence) -> Result<Report<'_>, RequestError> {
        let verifier = Verifier::new(trust, self.policy.clone()).with_provider(self.provider);
        let binding = self.binding()?;
        Ok(verifier.verify(&self.input, &binding, evidence, self.at)?)
    }

    fn binding(&self) -> Result<Binding<'_>, RequestError> {
        let Some(transcript) = &self.transcript else {
            let binding = if self.issuer_data_only { Binding::issuer_data_only() } else { Binding::unknown_session() };
            return Ok(binding);
        };
        let session = Session::new(transcript).map_err(RequestError::Transcript)?;
        let session = match &self.reader_key {
            Some(reader_key) => session.with_reader_key(reader_key),
            None => session,
        };
        Ok(if self.issuer_data_only { Binding::issuer_data_with_session(session) } else { Binding::session(session) })
    }

    fn trust_with(&self, held: Option<Result<TrustStoreBuilder, TrustGap>>) -> Result<Trust, RequestError> {
        let (held, nobody) = match held {
            None => (None, Trust::RejectAll),
            Some(Ok(held)) => (Some(held), Trust::RejectAll),
            Some(Err(gap)) => (None, Trust::Unavailable(gap)),
        };
        if held.is_none() && self.anchors.is_empty() && self.pinned.is_empty() {
            return Ok(nobody);
        }
        let provenance = || Provenance { source: "request".to_owned(), added_at: self.at };
        let mut builder = held.unwrap_or_default();
        for certificate in &self.anchors {
            let entry = AnchorEntry::issuance(certificate.clone(), Scope::AnyDocType, provenance());
            builder = builder.anchor(entry.with_purpose(Purpose::Status))?;
        }
        for certificate in &self.pinned {
            builder = builder.dangerous_pin_document_signer(certificate.clone(), Scope::AnyDocType, provenance())?;
        }
        Ok(Trust::Store(builder.build()?))
    }
}

fn certificates(file: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
    if is_pem(file) { Certificate::chain_from_pem(file) } else { Ok(vec![Certificate::from_der(file)?]) }
}

fn is_pem(file: &[u8]) -> bool {
    file.windows(11).take(4096).any(|window| window == b"-----BEGIN ")
}
