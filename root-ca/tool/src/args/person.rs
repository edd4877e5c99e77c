//! Arguments of `tegata-root person`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const AFTER_HELP: &str = "\
Each person enrols alone: the password is typed twice and not shown, the key file goes onto the person's own stick. The
credential file is worth nothing without both. `person show` prints the public key for the site file of a ceremony.

Examples:
  tegata-root person enrol --handle p03 --factor-file /media/stick/factor.key --out p03.json
  tegata-root person show p03.json
  tegata-root person list";

/// Enrol persons and look at their credentials.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Person {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Enrol a person: sign-off key, sealed by password and key file
    Enrol(Enrol),
    /// List the credentials in the folder of the root
    List,
    /// Show a credential: public key for the site file, factor, age of the password
    Show {
        /// The credential file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// Handle of the person, such as p03: 2 to 32 small letters, digits and hyphens, never a name
    #[arg(long, value_name = "HANDLE")]
    pub(crate) handle: String,
    /// Key file of the second factor on the person's stick; a new one is made where there is none
    #[arg(long, value_name = "FILE")]
    pub(crate) factor_file: PathBuf,
    /// The credential file to write [default: persons/HANDLE.json in the folder of the root]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Read the password from the first line of a file instead of asking for it twice
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Cost of one try of the password: 2^N rounds, 17 to 20; with --sandbox from 1
    #[arg(long, value_name = "N", default_value_t = 18)]
    pub(crate) work_factor: u8,
}
