//! One verification: files in, report out.

use tegata_verifier::simple::{Request, RequestError};
use tegata_verifier::{Lang, Policy, Revocation, json};
use time::UtcDateTime;

/// How deviations of form are judged. There is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PolicyName {
    /// The ISO profile to the letter.
    Strict,
    /// Real wallets: deviations that leave the meaning unambiguous are named and tolerated.
    Interop,
}

/// What revocation evidence must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RevocationMode {
    /// As the policy says: `strict` requires, `interop` uses what is available.
    ByPolicy,
    /// Every question must be answered from evidence at hand.
    Require,
    /// Evidence at hand is used; its absence is reported.
    Available,
    /// Revocation is not looked at; the report says so.
    DangerousOff,
}

/// One verification: the bytes of files.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifyRequest {
    /// A DeviceResponse, a Document or an IssuerSigned (CBOR).
    pub input: Vec<u8>,
    /// The policy.
    pub policy: PolicyName,
    /// Demand for revocation evidence.
    pub revocation: RevocationMode,
    /// Time of verification, in seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// IACA certificates (DER or PEM). Without any, every document is rejected as untrusted.
    pub trust: Vec<Vec<u8>>,
    /// Document Signer certificates (DER or PEM) trusted by their exact bytes.
    pub dangerous_pin_document_signer: Vec<Vec<u8>>,
    /// CRLs (DER or PEM).
    pub crls: Vec<Vec<u8>>,
    /// Status list tokens (CWT bytes or JWT text).
    pub status_lists: Vec<Vec<u8>>,
    /// The SessionTranscript (CBOR). Without it no presentation is accepted.
    pub transcript: Option<Vec<u8>>,
    /// The reader's ephemeral private key (JWK, hex, or `CURVE:hex`), for device MACs.
    pub reader_key: Option<String>,
    /// Issuer data alone is asked for.
    pub issuer_data_only: bool,
    /// Language of texts: `en` or `ja`.
    pub lang: String,
}

/// Why no report could be made.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum VerifyError {
    /// A file could not be read as what it should be.
    #[error("{id}: {detail}")]
    Unreadable {
        /// Stable id.
        id: String,
        /// What is wrong, in English.
        detail: String,
    },
    /// The time lies outside the years 1 to 9999.
    #[error("the time {at} is out of range")]
    TimeOutOfRange {
        /// The time given.
        at: i64,
    },
}

impl From<RequestError> for VerifyError {
    fn from(error: RequestError) -> Self {
        Self::Unreadable { id: error.id().to_owned(), detail: error.to_string() }
    }
}

/// Verifies and returns the JSON report.
///
/// # Errors
/// When a file cannot be read; everything else is in the report.
#[uniffi::export]
pub fn verify(request: VerifyRequest) -> Result<String, VerifyError> {
    let lang = Lang::from_tag(&request.lang);
    Ok(json::report_text(&read(request)?.verify()?, lang))
}

/// The policy with that demand for revocation evidence.
pub(crate) fn policy(name: PolicyName, revocation: RevocationMode) -> Policy {
    let policy = match name {
        PolicyName::Strict => Policy::strict(),
        PolicyName::Interop => Policy::interop(),
    };
    match revocation {
        RevocationMode::ByPolicy => policy,
        RevocationMode::Require => policy.with_revocation(Revocation::Require),
        RevocationMode::Available => policy.with_revocation(Revocation::Available),
        RevocationMode::DangerousOff => policy.with_revocation(Revocation::DangerousOff),
    }
}

/// Reads the files of a request.
pub(crate) fn read(request: VerifyRequest) -> Result<Request, VerifyError> {
    let at =
        UtcDateTime::from_unix_timestamp(request.at).map_err(|_| VerifyError::TimeOutOfRange { at: request.at })?;
    let mut verification = Request::new(request.input, policy(request.policy, request.revocation), at);
    for file in &request.trust {
        verification.trust(file)?;
    }
    for file in &request.dangerous_pin_document_signer {
        verification.dangerous_pin_document_signer(file)?;
    }
    for file in &request.crls {
        verification.crl(file)?;
    }
    for file in &request.status_lists {
        verification.status_list(file)?;
    }
    if let Some(transcript) = request.transcript {
        verification.transcript(transcript)?;
    }
    if let Some(reader_key) = &request.reader_key {
        verification.reader_key_text(reader_key)?;
    }
    if request.issuer_data_only {
        verification.issuer_data_only();
    }
    Ok(verification)
}
