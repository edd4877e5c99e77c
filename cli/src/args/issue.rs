//! `tegata issue`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use time::UtcDateTime;

use super::token::PinArgs;
use super::{Out, value};

const AFTER_HELP: &str = "\
Examples:
  tegata issue --doctype org.iso.18013.5.1.mDL --claims claims.json --cert ds.pem --chain iaca.pem \\
      --ds 'pkcs11:token=DS;object=ds-1?module-name=tegata-embedded' --pin-file pin \\
      --device-key device.jwk --valid-days 90 --status https://example.org/status/1#42 --out issued.cbor
  tegata issue ... --batch keys.cbor --out copies.cbor

Claims are JSON: {\"NAMESPACE\": {\"ELEMENT\": value}}; byte strings as base64, dates as text. They are checked against
the data model of the document type, and every problem is reported at once.
With --batch the output is a CBOR array of IssuerSigned, one per key, in the order of the keys; salts, digest order and
(with rounded times) dates tell nothing about which copies belong together.";

/// Issue a document: claims to salted items, MSO, signature by the token, verified before it is written.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Issue {
    /// Document type, such as org.iso.18013.5.1.mDL
    #[arg(long, value_name = "DOCTYPE")]
    pub(crate) doctype: String,
    /// Claims, JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: PathBuf,
    /// The Document Signer key: a pkcs11: URI (RFC 7512), without a PIN
    #[arg(long, value_name = "KEYREF")]
    pub(crate) ds: String,
    /// The Document Signer certificate, PEM or DER
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
    /// The root (IACA) certificate the Document Signer must chain to, PEM or DER
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Option<PathBuf>,
    /// The holder's public device key: PEM, JWK or COSE_Key (CBOR)
    #[arg(long, value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) device_key: Option<PathBuf>,
    /// Many device keys: a CBOR array of COSE_Key; one document is issued for each
    #[arg(long, value_name = "FILE", conflicts_with = "status")]
    pub(crate) batch: Option<PathBuf>,
    /// Days the document is valid from now; never longer than the certificates
    #[arg(long, value_name = "DAYS", value_parser = value::days)]
    pub(crate) valid_days: u32,
    /// Place in a status list by which the document can be revoked
    #[arg(long, value_name = "URI#INDEX", value_parser = value::status_reference)]
    pub(crate) status: Option<(String, u64)>,
    /// Digest algorithm
    #[arg(long, value_enum, default_value_t = DigestChoice::Sha256)]
    pub(crate) digest: DigestChoice,
    /// Time of issue, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    #[command(flatten)]
    pub(crate) out: Out,
}

/// `--digest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DigestChoice {
    #[value(name = "SHA-256", alias = "sha-256")]
    Sha256,
    #[value(name = "SHA-384", alias = "sha-384")]
    Sha384,
    #[value(name = "SHA-512", alias = "sha-512")]
    Sha512,
}
