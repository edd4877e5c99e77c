//! `tegata dts metadata`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Place;
use crate::args::token::PinArgs;
use crate::args::{Out, value};

const AFTER_HELP: &str = "\
The root keys lie in several places, no two of them in one room. Whoever runs the service makes a draft:
  tegata dts rotate dts --root-key a.jwk --root-key b.jwk --root-key c.jwk --root-threshold 2 --list-key 'pkcs11:…' \\
      --snapshot-key 'pkcs11:…' --pointer-key 'pkcs11:…' --draft root-2.draft
  (`tegata dts init` makes one of the first root, `tegata dts approve` one of an approval)
Each key holder looks at it at his own place, compares the digest with the others on the telephone, and signs:
  tegata dts metadata show root-2.draft
  tegata dts metadata sign root-2.draft --sha256 HEX --key 'pkcs11:token=A;object=root' --out a.share
The shares come back, and the service takes the metadata in:
  tegata dts metadata complete dts root-2.draft a.share c.share

Neither drafts nor shares are secret. A share counts for one draft only, and a key once.";

/// `tegata dts metadata`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Metadata {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Show what a draft says and changes, who has to sign it, and who has
    Show(Show),
    /// Sign a draft with a key of the root role
    Sign(Sign),
    /// Put the shares together and take the metadata in
    Complete(Complete),
}

/// `tegata dts metadata show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The draft
    pub(crate) draft: PathBuf,
    /// Shares that are at hand
    #[arg(value_name = "SHARE")]
    pub(crate) shares: Vec<PathBuf>,
}

/// `tegata dts metadata sign`.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The draft
    pub(crate) draft: PathBuf,
    /// The digest of the draft that `show` names, as all key holders have compared it
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
    /// The key: a pkcs11: URI
    #[arg(long, value_name = "KEYREF")]
    pub(crate) key: String,
    /// Your own copy of the root in force: the draft must follow this very file
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    #[command(flatten)]
    pub(crate) out: Out,
}

/// `tegata dts metadata complete`.
#[derive(Debug, Args)]
pub(crate) struct Complete {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The draft
    pub(crate) draft: PathBuf,
    /// The shares
    #[arg(value_name = "SHARE", required = true)]
    pub(crate) shares: Vec<PathBuf>,
}
