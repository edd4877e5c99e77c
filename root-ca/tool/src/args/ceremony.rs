//! Arguments of `tegata-root ceremony`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
A ceremony is two files and a record: the script is the public procedure, the site file says who sits where, and the record
is a log of its own that everybody at the table signs.

Examples:
  tegata-root ceremony scripts --dir ceremonies            the shipped procedures
  tegata-root ceremony check first.toml site.toml          before anyone travels
  tegata-root ceremony render procedure first.toml site.toml --private --format html --out procedure.html
  tegata-root ceremony verify record.jsonl first.toml      what an auditor runs";

/// Check, verify and print ceremonies.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Ceremony {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Check script and site file; status 3 when the ceremony could not start
    Check(Check),
    /// Rehearse a script on the embedded token: a cast of its own plays by itself
    Rehearse(super::lead::Rehearse),
    /// Approve the roster of a ceremony: the CA manager and the certificate issuer, each with his own credential
    Approve(super::lead::Approve),
    /// Lead through a ceremony
    Run(super::lead::Run),
    /// Take a ceremony up again where its record stops
    Resume(super::lead::Resume),
    /// Verify the record of a ceremony; every broken rule is named, and the status is 6
    Verify(Verify),
    /// Print a procedure or a report
    Render(Render),
    /// Write the shipped scripts into a folder
    Scripts(Scripts),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The script: the public procedure
    #[arg(value_name = "SCRIPT")]
    pub(crate) script: PathBuf,
    /// The site file: persons, places, media, token
    #[arg(value_name = "SITE")]
    pub(crate) site: PathBuf,
    /// iso-18013-5, jp-004, or a file [default: the policy of the root]
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) policy: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The record
    #[arg(value_name = "RECORD")]
    pub(crate) record: PathBuf,
    /// The script: the public procedure
    #[arg(value_name = "SCRIPT")]
    pub(crate) script: PathBuf,
    /// The site file: without it the persons and their keys are believed as the record states them
    #[arg(value_name = "SITE")]
    pub(crate) site: Option<PathBuf>,
    /// What the ceremony before left behind: previous.json of the root as it was then
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// iso-18013-5, jp-004, or a file [default: the policy of the root, else the shipped one that the record names]
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) policy: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(subcommand)]
    pub(crate) what: RenderWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RenderWhat {
    /// The procedure, before the ceremony
    Procedure {
        /// The script: the public procedure
        #[arg(value_name = "SCRIPT")]
        script: PathBuf,
        /// The site file; needed for --private
        #[arg(value_name = "SITE")]
        site: Option<PathBuf>,
        #[command(flatten)]
        print: Print,
    },
    /// The report, after the ceremony
    Report {
        /// The record
        #[arg(value_name = "RECORD")]
        record: PathBuf,
        /// The script: the public procedure
        #[arg(value_name = "SCRIPT")]
        script: PathBuf,
        /// The site file; needed for --private
        #[arg(value_name = "SITE")]
        site: Option<PathBuf>,
        /// iso-18013-5, jp-004, or a file [default: the policy of the root, else the shipped one that the record names]
        #[arg(long, value_name = "ID|FILE")]
        policy: Option<String>,
        #[command(flatten)]
        print: Print,
    },
}

/// How it is printed.
#[derive(Debug, Args)]
pub(crate) struct Print {
    #[command(flatten)]
    pub(crate) audience: Audience,
    /// html: one page, laid out for paper, which a browser prints to PDF; text: for printers without a browser
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

/// For whom: exactly one.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Audience {
    /// As it may be published: no person, serial, place or file name
    #[arg(long)]
    pub(crate) public: bool,
    /// For the persons at the table and the archive: everything
    #[arg(long)]
    pub(crate) private: bool,
}

/// A form of print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Html,
    Text,
}

#[derive(Debug, Args)]
pub(crate) struct Scripts {
    /// The folder; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Replace scripts that are there
    #[arg(long)]
    pub(crate) force: bool,
}
