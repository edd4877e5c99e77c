//! The command line: one module per command, and what all commands share.

pub(crate) mod bundle;
pub(crate) mod demo;
pub(crate) mod dts;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod issue;
pub(crate) mod present;
pub(crate) mod sandbox;
pub(crate) mod token;
pub(crate) mod trust;
pub(crate) mod verify;

mod value;

use clap::{Args, Parser, Subcommand};
use tegata_terminal::Presentation;

const AFTER_HELP: &str = "\
Examples:
  tegata demo --dir /tmp/tegata                the whole story, offline, in a few seconds
  tegata verify response.cbor --trust iaca.pem --transcript transcript.cbor
  tegata inspect response.cbor                 what is in it, digests and certificates marked
  tegata explain check device-auth             what a check means and what to do

Exit status (verify): 0 all accepted, 10 any rejected, 11 any undetermined, 2 bad usage or unreadable input.
Exit status (trust check): 0 valid, 10 invalid, 11 undetermined, 2 bad usage or unreadable input.
Exit status (others): 0 done, 2 bad usage or input (a wrong PIN too), 1 the token or this machine failed.

Input files are at most 64 MiB; `-` reads standard input. Output files are written whole or not at all, and an existing
file is only replaced with --force.";

/// Issues, presents, verifies and inspects mobile documents (ISO/IEC 18013-5 mdoc).
#[derive(Debug, Parser)]
#[command(name = "tegata", version, propagate_version = true, after_help = AFTER_HELP, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) presentation: Presentation,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole story: issue, present, verify, revoke, reject
    Demo(demo::Demo),
    /// Verify a DeviceResponse, a Document or an IssuerSigned
    Verify(verify::Verify),
    /// Show what a file holds: mdoc, MSO, request, transcript, certificate, CRL, status list, key
    Inspect(inspect::Inspect),
    /// Issue a document with a Document Signer key that lives in a token
    Issue(issue::Issue),
    /// Present a document, as a wallet would (simulated holder, for tests and demos)
    Present(present::Present),
    /// Explain a check, or where two session transcripts differ
    Explain(explain::Explain),
    /// Make a root, a Document Signer, a CRL or a status list for trials; never for production
    Sandbox(sandbox::Sandbox),
    /// Look after PKCS#11 tokens: make one, list keys, make a key or a certification request
    Token(token::Token),
    /// Look at trust objects, and keep a trust store current: anchors, CRLs and status lists of a Digital Trust Service
    Trust(trust::Trust),
    /// Ask the offline root for certificates and revocations, and open its answer
    Bundle(bundle::Bundle),
    /// Run a Digital Trust Service: take in what the root signed, publish it, serve it
    Dts(dts::Dts),
    /// Print shell completions
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Out {
    /// File to write; written whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) out: std::path::PathBuf,
    /// Replace FILE if it exists
    #[arg(long)]
    pub(crate) force: bool,
}
