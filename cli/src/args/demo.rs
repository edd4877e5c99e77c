//! `tegata demo`.

use std::path::PathBuf;

use clap::Args;

const AFTER_HELP: &str = "\
Examples:
  tegata demo                        in ./tegata-demo
  tegata demo --dir /tmp/x --lang ja

Needs no network and no root. Everything is made for a country that does not exist (UT, Utopia) and marked as a sandbox.
The three keys (root, Document Signer, device) live in an embedded token in DIR/token; its PIN, made at random, is in
DIR/token/pin for its owner alone. A second run keeps the token and its certificates and replaces only its own files.";

/// Show the whole story: issue, present, verify, revoke, reject.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Demo {
    /// Directory for everything the demo makes; made if absent
    #[arg(long, value_name = "DIR", default_value = "tegata-demo")]
    pub(crate) dir: PathBuf,
}
