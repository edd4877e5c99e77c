//! Arguments of `tegata-root audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tegata_audit::{Actor, Class, Outcome};
use time::UtcDateTime;

use super::value;

const AFTER_HELP: &str = "\
A chain shows that no line was changed by itself; that the whole was not rewritten, nor its end cut off, is shown only by a
checkpoint that was kept elsewhere. `verify` therefore fails without one. Everything it needs is public.

Examples:
  tegata-root audit checkpoint --out checkpoint-2027-04-01.txt
  tegata-root audit verify audit.jsonl --checkpoint checkpoint-2027-04-01.txt --key checkpoint.pub
  tegata-root audit query --actor p03 --from 2027-04-01 --until 2027-04-02
  tegata-root audit reconcile audit.jsonl work-record.jsonl";

/// Verify and search the audit log.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Verify a log against checkpoints; every fault is named with its line, and the status is 6
    Verify(Verify),
    /// Find records
    Query {
        /// The log [default: that of the root]
        #[arg(value_name = "LOG")]
        log: Option<PathBuf>,
        #[command(flatten)]
        choice: Choice,
    },
    /// Compare a log with the work record; the status is 6 where they differ
    Reconcile(Reconcile),
    /// Sign the present state of the root's log
    Checkpoint {
        /// File to write as well
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The log; before it its archives, the oldest first
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// A checkpoint that was kept elsewhere; several may be given
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub(crate) checkpoints: Vec<PathBuf>,
    /// Public half of the checkpoint key [default: checkpoint.pub in the folder of the root]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// The log
    #[arg(value_name = "LOG")]
    pub(crate) log: PathBuf,
    /// The work record: JSON lines of reference, time, actor, class, event and, unless it is success, result
    #[arg(value_name = "WORKRECORD")]
    pub(crate) work: PathBuf,
    /// How many minutes a person's note may be off
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1440))]
    pub(crate) tolerance: u16,
    #[command(flatten)]
    pub(crate) choice: Choice,
}

/// Which records.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Only what this person or system did
    #[arg(long, value_name = "ID")]
    pub(crate) actor: Option<Actor>,
    /// Only this class: issuance, revocation, validity-access, key-generation, system-access, facility-entry, ceremony
    #[arg(long, value_name = "CLASS", value_parser = value::class)]
    pub(crate) class: Option<Class>,
    /// Only events of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    /// Only this result: success, refused, failed
    #[arg(long, value_name = "RESULT", value_parser = value::outcome)]
    pub(crate) result: Option<Outcome>,
    /// Only records of this day (UTC) or time (RFC 3339) or later
    #[arg(long, value_name = "DATE", value_parser = value::day_or_instant)]
    pub(crate) from: Option<UtcDateTime>,
    /// Only records before this day (UTC) or time (RFC 3339)
    #[arg(long, value_name = "DATE", value_parser = value::day_or_instant)]
    pub(crate) until: Option<UtcDateTime>,
    /// Only records about the object with this SHA-256
    #[arg(long, value_name = "SHA256", value_parser = value::sha256)]
    pub(crate) object: Option<[u8; 32]>,
}
