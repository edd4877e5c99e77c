//! Keys, certificates and revocation lists of mobile documents.
//!
//! This crate is the part of Tegata that knows X.509: signature algorithms and keys, the certificate and CRL profiles of
//! ISO/IEC 18013-5 Annex B, the one-step path from a document signer to its IACA, and CRLs. It performs no I/O and reads
//! no clock: bytes, time and randomness are arguments.
//!
//! The three words of the field are kept apart. *Inspect*: [`Certificate::from_der`] and [`lint`] tell what a certificate
//! is. *Verify*: [`Certificate::verify_signature`] tells whose key signed it. *Validate*: [`validate_path`] does both, at
//! a time and under an anchor, and returns another type.

mod asn1;
mod ec;
mod html;
mod pem;

pub mod algorithm;
pub mod builder;
pub mod certificate;
pub mod crl;
pub mod csr;
pub mod key;
pub mod oid;
pub mod path;
pub mod profile;
pub mod provider;
pub mod signature;
#[cfg(feature = "insecure-software-keys")]
pub mod software;

pub use algorithm::{CoseAlgorithm, Curve, Hash, SignatureAlgorithm};
pub use asn1::Asn1Error;
pub use builder::{BuildError, CertificateRequest, Contact, NameError, UnsignedCertificate};
pub use certificate::{Certificate, CertificateError, KeyUsage, Name, NameMatch};
pub use crl::{Crl, CrlBuilder, CrlError, CrlInput, CrlNumber, CrlStatus, InspectedCrl, OwnedCrl, check_crl};
pub use csr::{
    CertificationRequest, CertificationRequestBuilder, CsrError, UnsignedCertificationRequest, VerifiedRequest,
};
pub use der::asn1::ObjectIdentifier;
pub use html::looks_like_html;
pub use key::{KeyError, PublicKey};
pub use path::{
    PathError, PathFinding, PathInput, PathPosition, SubjectRules, ValidatedPath, VerifiedPath, validate_path,
    verify_path,
};
pub use profile::{
    Edition, Finding, FindingFact, Mode, Profile, Role, Rule, Severity, lint, lint_crl, lint_rules, profile,
};
#[cfg(feature = "aws-lc-rs")]
pub use provider::aws_lc_rs;
pub use provider::{
    AgreementKey, CryptoProvider, Digest, SharedSecret, SignatureError, SignatureRef, ct_eq, rust_crypto,
};
pub use signature::{DerSignature, RawSignature};
