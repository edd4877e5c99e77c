//! Arguments of `tegata-root person`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const AFTER_HELP: &str = "\
Each person enrols alone: the password is typed twice and not shown. The second factor is a key file on the person's own
stick, or a secret on the person's own PKCS#11 token, which nobody can copy. The credential file is worth nothing without
both. `person show` prints the public key for the site file of a ceremony. `person renew` changes password or factor; the
key and the person's part of the activation stay as they are.

Examples:
  tegata-root person enrol --handle p03 --factor-file /media/stick/factor.key --out p03.json
  tegata-root person enrol --handle p04 --make-secret \\
    --factor-token 'pkcs11:token=P04;object=factor?module-path=/usr/lib/opensc-pkcs11.so'
  tegata-root person renew root/persons/p03.json --factor-file /media/stick/factor.key
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
    /// Change the password, the second factor, or both; the key stays, and so does the part of the activation
    Renew(Renew),
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
    #[command(flatten)]
    pub(crate) factor: Factor,
    /// Make the secret on the token first
    #[arg(long, requires = "factor_token")]
    pub(crate) make_secret: bool,
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

/// The second factor that the person holds: one of the two.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Factor {
    /// Key file of the second factor on the person's stick; at enrolment a new one is made where there is none
    #[arg(long, value_name = "FILE")]
    pub(crate) factor_file: Option<PathBuf>,
    /// Secret on the person's PKCS#11 token: pkcs11:token=LABEL;object=LABEL?module-path=FILE, where pin-source may follow
    #[arg(long, value_name = "URI")]
    pub(crate) factor_token: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Renew {
    /// The credential file; it is replaced
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) factor: Factor,
    /// Key file of another second factor from now on; a new one is made where there is none
    #[arg(long, value_name = "FILE", conflicts_with = "new_factor_token")]
    pub(crate) new_factor_file: Option<PathBuf>,
    /// Secret on another token from now on
    #[arg(long, value_name = "URI")]
    pub(crate) new_factor_token: Option<String>,
    /// Make the secret on that token first
    #[arg(long, requires = "new_factor_token")]
    pub(crate) make_secret: bool,
    /// Read the present password from the first line of a file instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the new password from the first line of a file instead of asking for it twice
    #[arg(long, value_name = "FILE")]
    pub(crate) new_password_file: Option<PathBuf>,
    /// Cost of one try of the password: 2^N rounds, 17 to 20; with --sandbox from 1
    #[arg(long, value_name = "N", default_value_t = 18)]
    pub(crate) work_factor: u8,
}
