//! `tegata explain`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Explain a check, or where two session transcripts differ.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(subcommand)]
    pub(crate) what: What,
}

const TRANSCRIPT_AFTER_HELP: &str = "\
Examples:
  tegata explain transcript ours.cbor theirs.cbor
  tegata explain transcript session.json theirs.cbor

Exit status: 0 also when they differ; the output (or \"equal\" in the JSON) tells.";

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Two session transcripts side by side in diagnostic notation, the first difference marked
    #[command(after_help = TRANSCRIPT_AFTER_HELP)]
    Transcript {
        /// The one: CBOR, or JSON naming its inputs (see `tegata verify --help`)
        #[arg(value_name = "A")]
        left: PathBuf,
        /// The other
        #[arg(value_name = "B")]
        right: PathBuf,
    },
    /// One check: what it demands, by which clause, how severe under each policy, and the remedy
    Check {
        /// Its id, as in the report
        #[arg(value_name = "ID")]
        id: String,
    },
    /// The whole table of checks
    Checks {
        /// As a Markdown page
        #[arg(long)]
        markdown: bool,
    },
}
