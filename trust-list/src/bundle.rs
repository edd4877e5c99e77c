//! What crosses the air gap between the online side and the offline root: the *request bundle* in, the *response bundle*
//! out. One file each, on write-once media, or as a series of QR codes for small ones (feature `qr`).
//!
//! ```cddl
//! bundle   = [ signed, objects ]                               ; deterministic encoding (RFC 8949 4.2.1) throughout
//! signed   = #6.18([ protected: bstr .cbor header, {}, payload: bstr .cbor payload, signature: bstr ])   ; COSE_Sign1
//! header   = { 1 => int,                                       ; alg
//!              4 => bstr .size 20,                             ; kid: key identifier of the signer (SHA-1, RFC 5280 4.2.1.2)
//!              16 => "tegata-request-bundle" / "tegata-response-bundle" }
//! payload  = [ version: 1, manifest, head: request / response ]
//! manifest = { * name: tstr => [ sha-256: bstr .size 32, length: uint ] }
//! objects  = { * name: tstr => bstr }                          ; exactly the names of the manifest
//! digest   = bstr .size 32
//!
//! request  = { "sequence": uint, "nonce": bstr .size 32, "created": tdate, ? "previousResponse": digest,
//!              ? "lastCheckpoint": tstr, "applicants": [ 2*2 { "person": tstr, "role": "ops-manager" / "key-manager" } ],
//!              "items": [ * (csr / revoke) ] }
//! csr      = { "csr": name, "role": signer-role, ? "attestation": name }
//! revoke   = { "issuerSki": bstr, "serial": bstr, ? "reason": uint, "at": tdate, "requestedBy": tstr }
//! signer-role = "document-signer" / "status-signer" / "vical-signer"
//!
//! response = { "sequence": uint, "requestDigest": digest, "created": tdate, "certificates": [ * issued ],
//!              "links": [ * name ], "crls": [ * name ], "nextSequence": uint, "checkpoint": tstr, "softwareToken": bool }
//! issued   = { "certificate": name, "role": signer-role / "iaca" }
//! ```
//!
//! The signature covers header, manifest and head, and through the manifest every object. *Inspect*: [`inspect`] shows a
//! bundle and trusts nothing. *Verify*: [`RequestBundle::open`] and [`ResponseBundle::open`] check signer, signature,
//! manifest, encoding and rules and return a [`Verified`] bundle. *Build*: [`RequestBundle::prepare`] gives the bytes to be
//! signed, and [`PreparedBundle::complete`] verifies the signature before it releases the file.
//!
//! A bundle's *digest* is the SHA-256 of the whole file, as `sha256sum` shows it: a response names the request it answers,
//! and the next request names the last response and the last checkpoint of the root's log, so that a replay, a gap or a
//! shortened log shows on the other side.

mod applicant;
mod envelope;
mod error;
mod field;
#[cfg(feature = "qr")]
pub mod qr;
mod request;
mod response;
mod sequence;

use tegata_pki::{Hash, PublicKey, rust_crypto};

use self::envelope::{Contents, Envelope};
pub use self::{
    applicant::{Applicant, ApplicantError, ApplicantRole, check_applicants},
    envelope::PreparedBundle,
    error::BundleError,
    request::{CsrItem, RequestBundle, RequestItem, RevocationOrder, SignerRole},
    response::{IssuedCertificate, IssuedRole, ResponseBundle},
    sequence::{Continuity, SequenceError},
};

/// The longest bundle that is read or written, in bytes: 16 MiB.
pub const MAX_BUNDLE_BYTES: usize = 16 << 20;
/// The most objects of a bundle.
pub const MAX_OBJECTS: usize = 4096;
/// The most items of a request.
pub const MAX_ITEMS: usize = 1024;
/// The longest checkpoint text, in bytes.
pub const MAX_CHECKPOINT_BYTES: usize = 8192;

/// SHA-256 of a bundle file: what names it.
#[must_use]
pub fn bundle_digest(bytes: &[u8]) -> [u8; 32] {
    rust_crypto().digest(Hash::Sha256, bytes).as_bytes().try_into().unwrap_or_default()
}

/// A bundle of either kind that was read and is **not trusted**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspected {
    /// A request.
    Request(RequestBundle),
    /// A response.
    Response(ResponseBundle),
}

impl Inspected {
    /// The request.
    ///
    /// # Errors
    /// [`BundleError::WrongType`].
    pub fn into_request(self) -> Result<RequestBundle, BundleError> {
        match self {
            Self::Request(request) => Ok(request),
            Self::Response(_) => {
                Err(BundleError::WrongType { expected: RequestBundle::TYPE, found: ResponseBundle::TYPE.to_owned() })
            }
        }
    }
}

/// Reads a bundle of either kind, to be shown. Encoding, manifest and objects are checked; signer, signature and the rules
/// of the contents are not.
///
/// # Errors
/// [`BundleError`].
pub fn inspect(bytes: &[u8]) -> Result<Inspected, BundleError> {
    let envelope = Envelope::parse(bytes)?;
    match envelope.content_type() {
        RequestBundle::TYPE => envelope.contents().map(Inspected::Request),
        ResponseBundle::TYPE => envelope.contents().map(Inspected::Response),
        other => Err(BundleError::WrongType { expected: RequestBundle::TYPE, found: other.to_owned() }),
    }
}

/// A bundle whose signer, signature, manifest, encoding and rules were found good; see [`RequestBundle::open`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    contents: T,
    digest: [u8; 32],
    signer: PublicKey,
}

impl<T> Verified<T> {
    /// What it says.
    #[must_use]
    pub fn contents(&self) -> &T {
        &self.contents
    }

    /// What it says, taken out.
    #[must_use]
    pub fn into_contents(self) -> T {
        self.contents
    }

    /// SHA-256 of the file.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The key whose owner signed it.
    #[must_use]
    pub fn signer(&self) -> &PublicKey {
        &self.signer
    }
}
