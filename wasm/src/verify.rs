//! One verification: files in, report out.

use tegata_verifier::simple::{Request, RequestError};
use tegata_verifier::{Lang, Policy, Revocation, json};
use time::UtcDateTime;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// One verification. Every method takes the bytes of a file; errors are `Error`s whose message begins with a stable id.
#[wasm_bindgen]
#[derive(Debug)]
pub struct VerifyRequest {
    pub(crate) request: Request,
}

#[wasm_bindgen]
impl VerifyRequest {
    /// A request to verify `input` (a DeviceResponse, a Document or an IssuerSigned) at `at` (seconds since 1970) under
    /// `policy` (`strict` or `interop`) and `revocation` (`by-policy`, `require`, `available` or `dangerous-off`).
    ///
    /// # Errors
    /// When a name is not one of these or the time is out of range.
    #[wasm_bindgen(constructor)]
    pub fn new(input: Vec<u8>, policy: &str, revocation: &str, at: i64) -> Result<Self, JsError> {
        let policy = self::policy(policy, revocation)?;
        let at = UtcDateTime::from_unix_timestamp(at).map_err(|_| JsError::new(&format!("time-out-of-range: {at}")))?;
        Ok(Self { request: Request::new(input, policy, at) })
    }

    /// Trusts the IACA certificates in `file` (DER or PEM).
    ///
    /// # Errors
    /// When the file holds no certificate.
    pub fn trust(&mut self, file: &[u8]) -> Result<(), JsError> {
        self.request.trust(file).map(|_| ()).map_err(refusal)
    }

    /// Trusts the Document Signer certificates in `file` (DER or PEM) by their exact bytes.
    ///
    /// # Errors
    /// When the file holds no certificate.
    #[wasm_bindgen(js_name = dangerousPinDocumentSigner)]
    pub fn dangerous_pin_document_signer(&mut self, file: &[u8]) -> Result<(), JsError> {
        self.request.dangerous_pin_document_signer(file).map(|_| ()).map_err(refusal)
    }

    /// Adds a CRL (DER or PEM).
    ///
    /// # Errors
    /// When the file is not a CRL.
    pub fn crl(&mut self, file: &[u8]) -> Result<(), JsError> {
        self.request.crl(file).map(|_| ()).map_err(refusal)
    }

    /// Adds a status list token (CWT bytes or JWT text).
    ///
    /// # Errors
    /// When the file is neither.
    #[wasm_bindgen(js_name = statusList)]
    pub fn status_list(&mut self, file: &[u8]) -> Result<(), JsError> {
        self.request.status_list(file).map(|_| ()).map_err(refusal)
    }

    /// Binds the presentation to the session of this SessionTranscript.
    ///
    /// # Errors
    /// When the bytes are not a SessionTranscript.
    pub fn transcript(&mut self, session_transcript: Vec<u8>) -> Result<(), JsError> {
        self.request.transcript(session_transcript).map(|_| ()).map_err(refusal)
    }

    /// Adds the reader's ephemeral private key (JWK, hex, or `CURVE:hex`), for device MACs.
    ///
    /// # Errors
    /// When the text is no key.
    #[wasm_bindgen(js_name = readerKey)]
    pub fn reader_key(&mut self, text: &str) -> Result<(), JsError> {
        self.request.reader_key_text(text).map(|_| ()).map_err(refusal)
    }

    /// Asks for issuer data alone.
    #[wasm_bindgen(js_name = issuerDataOnly)]
    pub fn issuer_data_only(&mut self) {
        self.request.issuer_data_only();
    }

    /// Verifies and returns the JSON report, with texts in `lang` (`en` or `ja`).
    ///
    /// # Errors
    /// When the input cannot be read; everything else is in the report.
    pub fn verify(&self, lang: &str) -> Result<String, JsError> {
        let report = self.request.verify().map_err(refusal)?;
        Ok(json::report_text(&report, Lang::from_tag(lang)))
    }
}

/// The policy of that name with that demand for revocation evidence.
pub(crate) fn policy(policy: &str, revocation: &str) -> Result<Policy, JsError> {
    let policy = match policy {
        "strict" => Policy::strict(),
        "interop" => Policy::interop(),
        other => return Err(JsError::new(&format!("unknown-policy: {other}"))),
    };
    Ok(match revocation {
        "by-policy" => policy,
        "require" => policy.with_revocation(Revocation::Require),
        "available" => policy.with_revocation(Revocation::Available),
        "dangerous-off" => policy.with_revocation(Revocation::DangerousOff),
        other => return Err(JsError::new(&format!("unknown-revocation-mode: {other}"))),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "used as a map_err function")]
pub(crate) fn refusal(error: RequestError) -> JsError {
    JsError::new(&format!("{}: {error}", error.id()))
}
