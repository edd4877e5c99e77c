//! `tegata trust vical`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use time::UtcDateTime;

use crate::args::value;

const AFTER_HELP: &str = "\
Examples:
  tegata trust vical add gate.store aamva --root aamva-dts-root.pem --sha256 5D0B…
  tegata trust vical add gate.store trial --dangerous-signer signer.pem --sha256 77C1… --hold-down 0
  tegata trust vical remove gate.store trial

The provider's root is pinned by its fingerprint, which you have from another channel than the file. The anchors of the
first list count at once; what a later list adds waits 30 days, or as long as --hold-down says, so that a provider whose
signer was stolen has time to publish a list without the stranger. What a list leaves out is believed no longer.";

/// `tegata trust vical`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Vical {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Follow a provider of VICALs from now on
    Add(Add),
    /// Follow a provider no longer: its anchors are forgotten, but for what was revoked or distrusted
    Remove(Remove),
}

/// `tegata trust vical add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The store
    pub(crate) store: PathBuf,
    /// What to call the provider: small letters, digits, dots and hyphens
    pub(crate) name: String,
    /// The provider's root certificate, PEM or DER
    #[arg(long, value_name = "CERT", required_unless_present = "dangerous_signer")]
    pub(crate) root: Option<PathBuf>,
    /// In its place one signer certificate: for tests, and for providers that publish no root
    #[arg(long, value_name = "CERT", conflicts_with = "root")]
    pub(crate) dangerous_signer: Option<PathBuf>,
    /// SHA-256 fingerprint of that certificate in hex, from another channel than the file
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
    /// Days that an anchor waits which a later list adds [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub(crate) hold_down: Option<u16>,
    /// Time of the decision, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `tegata trust vical remove`.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The store
    pub(crate) store: PathBuf,
    /// What the provider is called
    pub(crate) name: String,
    /// Time of the decision, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}
