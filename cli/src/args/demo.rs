//! `tegata demo`.

use std::path::PathBuf;

use clap::Args;

const AFTER_HELP: &str = "\
Examples:
  tegata demo                        in ./tegata-demo
  tegata demo --dir /tmp/x --lang ja

Needs no network and no root privileges. Everything is made for a country that does not exist (UT, Utopia).

The issuing authority has two sides. The offline root in DIR/root is made by the program tegata-root, which has to stand
beside tegata, in a rehearsed ceremony on a software token: its records say so. The online side has its keys (requests,
Document Signer, status signer, and the holder's device) in an embedded token in DIR/token, whose PIN, made at random, is
in DIR/token/pin for its owner alone. Only files go from one side to the other. A second run keeps that token, makes a new
root, and replaces only its own files.";

/// Show the whole story: issue, present, verify, revoke, reject.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Demo {
    /// Directory for everything the demo makes; made if absent
    #[arg(long, value_name = "DIR", default_value = "tegata-demo")]
    pub(crate) dir: PathBuf,
}
