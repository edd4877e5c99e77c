//! `tegata trust check`.

use std::path::PathBuf;

use clap::Args;
use time::UtcDateTime;

use super::super::value;

const AFTER_HELP: &str = "\
Examples:
  tegata trust check vical.cbor --root provider-root.pem
  tegata trust check list.jws --signer operator.pem --at 2026-09-10T12:00:00Z
  tegata trust check status.cwt --signer signer.jwk --index 42
  tegata trust check crl.der --root iaca.pem
  tegata trust check link.pem --old old-root.pem --new new-root.pem --json

Told by content: VICAL, list of trusted entities (JSON, compact JWS), Token Status List (CWT, JWT), identifier list, CRL,
root, link and other certificates, signed metadata. Nothing is fetched, and nothing is remembered from an earlier run.

Exit status: 0 valid, 10 invalid, 11 undetermined (signer or root not given, or a newer copy is due), 2 bad usage or
unreadable input.";

/// Check any trust object: what it is, whether it is valid, what is in it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Check {
    /// The file to check; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Who signed it: a certificate (PEM, DER), trusted by its exact bytes or as the CA of the signer, or a public key
    /// (JWK, PEM)
    #[arg(long, value_name = "CERT|JWK")]
    pub(crate) signer: Option<PathBuf>,
    /// The root that the signer is under (of a CRL its issuer, of a root the one it should be), PEM or DER
    #[arg(long, value_name = "CERT", conflicts_with = "signer")]
    pub(crate) root: Option<PathBuf>,
    /// The old root of a link certificate, PEM or DER
    #[arg(long, value_name = "CERT", requires = "new")]
    pub(crate) old: Option<PathBuf>,
    /// The new root of a link certificate, PEM or DER
    #[arg(long, value_name = "CERT", requires = "old")]
    pub(crate) new: Option<PathBuf>,
    /// Show the status at this index of a status list
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<u64>,
    /// Time to check at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}
