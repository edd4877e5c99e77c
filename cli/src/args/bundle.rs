//! `tegata bundle`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tegata_trust_list::bundle::SignerRole;
use time::UtcDateTime;

use super::token::PinArgs;
use super::{Out, value};

const AFTER_HELP: &str = "\
Examples:
  tegata bundle request --sequence 1 --csr document-signer=ds-1.csr --ops-manager p03 --key-manager p07 \\
      --key 'pkcs11:token=DTS;object=bundle?module-name=tegata-embedded' --pin-file pin --out request.bundle
  tegata bundle show request.bundle --qr-dir codes
  tegata bundle open response.bundle --signer ceremony-log.pem --request request.bundle --dir answer
  tegata bundle request --previous-response response.bundle --response-signer ceremony-log.pem \\
      --revoke ds-1.pem --reason key-compromise --requested-by p01 --ops-manager p03 --key-manager p07 --key ... --out request.bundle

A request goes in, a response comes out: one file each, on write-once media or as QR codes. What a scanner gave, one part
a line in any order, is read wherever a bundle is. Persons are named by their handles, never by their names.";

/// Ask the offline root for certificates and revocations, and open its answer.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Bundle {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Make a request for the offline root
    Request(Box<Request>),
    /// Show what a bundle says, or show it as QR codes; nothing is verified
    Show(Show),
    /// Verify a bundle and write its certificates, CRLs or requests into a new directory
    Open(Open),
}

/// `tegata bundle request`.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Number of the request; needed before the first response only
    #[arg(long, value_name = "NUMBER", required_unless_present = "previous_response")]
    pub(crate) sequence: Option<u64>,
    /// The last response: number, digest and checkpoint are taken from it
    #[arg(long, value_name = "FILE", conflicts_with = "sequence", requires = "response_signer")]
    pub(crate) previous_response: Option<PathBuf>,
    /// The public key that signs responses: PEM, JWK or COSE_Key
    #[arg(long, value_name = "FILE", requires = "previous_response")]
    pub(crate) response_signer: Option<PathBuf>,
    /// A certification request and what the certificate is for: document-signer, status-signer or vical-signer
    #[arg(long, value_name = "ROLE=FILE", value_parser = value::role_and_file)]
    pub(crate) csr: Vec<(SignerRole, PathBuf)>,
    /// The module's statement about the key of the NUMBERth --csr
    #[arg(long, value_name = "NUMBER=FILE", value_parser = value::number_and_file)]
    pub(crate) attestation: Vec<(usize, PathBuf)>,
    /// A certificate to be revoked, PEM or DER
    #[arg(long, value_name = "FILE", requires = "requested_by")]
    pub(crate) revoke: Vec<PathBuf>,
    /// Why the certificates are revoked
    #[arg(long, value_enum, requires = "revoke")]
    pub(crate) reason: Option<ReasonChoice>,
    /// From when on the certificates are not to be trusted, RFC 3339 [default: the time of the request]
    #[arg(long, value_name = "TIME", value_parser = value::instant, requires = "revoke")]
    pub(crate) revoked_at: Option<UtcDateTime>,
    /// Handle of the CA manager, who alone orders revocations
    #[arg(long, value_name = "PERSON", requires = "revoke")]
    pub(crate) requested_by: Option<String>,
    /// Handle of the operations manager who applies
    #[arg(long, value_name = "PERSON")]
    pub(crate) ops_manager: String,
    /// Handle of the key manager who applies; another person
    #[arg(long, value_name = "PERSON")]
    pub(crate) key_manager: String,
    /// The key that signs requests: a pkcs11: URI
    #[arg(long, value_name = "KEYREF")]
    pub(crate) key: String,
    /// Time of the request, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    #[command(flatten)]
    pub(crate) out: Out,
}

/// `tegata bundle show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The bundle, or what a scanner gave; `-` is standard input
    pub(crate) input: PathBuf,
    /// Show the QR codes in the terminal, light on dark
    #[arg(long, conflicts_with = "json")]
    pub(crate) qr: bool,
    /// Write the QR codes as SVG images into a new directory
    #[arg(long, value_name = "DIR", conflicts_with = "qr")]
    pub(crate) qr_dir: Option<PathBuf>,
}

/// `tegata bundle open`.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The bundle, or what a scanner gave; `-` is standard input
    pub(crate) input: PathBuf,
    /// The public key of whoever has to have signed it: PEM, JWK or COSE_Key
    #[arg(long, value_name = "FILE")]
    pub(crate) signer: PathBuf,
    /// The request that a response must answer; needed for a response
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Directory to make for the parts
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// Reasons of a final revocation (RFC 5280 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasonChoice {
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
    PrivilegeWithdrawn,
}
