//! `tegata dts rehearse-rollover`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use time::UtcDateTime;

use super::super::value;

const AFTER_HELP: &str = "\
Examples:
  tegata dts rehearse-rollover                                       as fast as this machine can, in ./tegata-rollover
  tegata dts rehearse-rollover --serve '[::1]:8080'                  the next phase at Enter
  tegata dts rehearse-rollover --serve '[::1]:8080' --step 60        the next phase every minute

190 days pass: a root with its service, the ceremony that makes the next root and both links, the announcement, the gate
that says no-go and later go, the first Document Signer under the new root, the end of the old one. Every day is
published. Four relying parties live through it, each with a store of its own: one that is updated daily, one that sleeps
from day 55 to day 153, a gate that gets a bundle every 30 days, and one that begins on day 153 with the new root alone.
In each phase documents under both roots are verified with each store; a verdict that is not the expected one ends with
status 1.

The time is that of the plan, and nothing waits for the clock. A verifier that is pointed at a served phase has to be set
to the time in /rehearsal.json, where it also finds the digest of the root metadata to pin, two documents, and the verdicts
it should come to. tegata-root has to stand beside tegata; every key is in an embedded token in DIR.";

/// Play the rollover of a root in fast motion, with relying parties and documents
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Rehearse {
    /// Directory for everything that is made; it must not exist, or be empty
    #[arg(value_name = "DIR", default_value = "tegata-rollover")]
    pub(crate) dir: PathBuf,
    /// The first day, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    /// Serve the published tree there, and stop in each phase; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) serve: Option<SocketAddr>,
    /// Seconds that a served phase lasts [default: until Enter]
    #[arg(long, value_name = "SECONDS", requires = "serve")]
    pub(crate) step: Option<u64>,
}
