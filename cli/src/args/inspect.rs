//! `tegata inspect`.

use std::path::PathBuf;

use clap::Args;

const AFTER_HELP: &str = "\
Examples:
  tegata inspect response.cbor
  tegata inspect ds.pem                 certificate with the findings of its profile
  echo 'mdoc:owBjMS4w...' | tegata inspect -

Nothing is trusted and nothing is verified, except that each digest is compared with its item and marked ✓ or ✗.";

/// Show what a file holds, recognised by content.
///
/// Mobile documents, MSOs, requests, responses, engagements (also `mdoc:` URI text), transcripts, COSE_Keys, certificates
/// and CRLs (DER or PEM), status lists (CWT or JWT), JWKs.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Inspect {
    /// The file to show; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,
}
