//! `tegata token`, and the options by which every command reaches a token.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Out;

/// How a key on a token is reached.
#[derive(Debug, Clone, Args)]
pub(crate) struct PinArgs {
    /// Directory of the embedded token's store [default: $XDG_DATA_HOME/tegata/token]
    #[arg(long, value_name = "DIR")]
    pub(crate) token_dir: Option<PathBuf>,
    /// Ask for the PIN at the terminal (the default)
    #[arg(long, group = "pin")]
    pub(crate) pin_prompt: bool,
    /// Read the PIN from the first line of a file
    #[arg(long, value_name = "FILE", group = "pin")]
    pub(crate) pin_file: Option<PathBuf>,
    /// Take the PIN from an environment variable
    #[arg(long, value_name = "NAME", group = "pin")]
    pub(crate) pin_env: Option<String>,
}

const AFTER_HELP: &str = "\
Examples:
  tegata token init --label DS --token-dir store --pin-file pin --so-pin-file so-pin
  tegata token generate --label DS --key ds-1 --token-dir store --pin-file pin
  tegata token keys --label DS --module /usr/lib/softhsm/libsofthsm2.so
  tegata token csr --key 'pkcs11:token=DS;object=ds-1?module-name=tegata-embedded' --country UT \\
      --common-name 'Utopia DS 1' --pin-file pin --out ds-1.csr

A PIN is never taken from the command line, where other processes can see it.";

/// Look after PKCS#11 tokens: the embedded one, or any module by --module.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// List the tokens
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Initialise an empty token; one that is initialised is never touched
    Init {
        /// Label of the new token, 1 to 32 bytes
        #[arg(long)]
        label: String,
        /// Read the security officer's PIN from a file [default: asked for]
        #[arg(long, value_name = "FILE")]
        so_pin_file: Option<PathBuf>,
        #[command(flatten)]
        module: ModuleArg,
        #[command(flatten)]
        pin: PinArgs,
    },
    /// List the private keys of a token
    Keys {
        /// Label of the token
        #[arg(long)]
        label: String,
        #[command(flatten)]
        module: ModuleArg,
        #[command(flatten)]
        pin: PinArgs,
    },
    /// Make a key pair that never leaves the token
    Generate {
        /// Label of the token
        #[arg(long)]
        label: String,
        /// Label of the new key
        #[arg(long, value_name = "NAME")]
        key: String,
        /// Curve of the new key
        #[arg(long, value_enum, default_value_t = CurveChoice::P256)]
        curve: CurveChoice,
        /// Write the public key there, as a JWK
        #[arg(long, value_name = "FILE")]
        public_out: Option<PathBuf>,
        #[command(flatten)]
        module: ModuleArg,
        #[command(flatten)]
        pin: PinArgs,
    },
    /// Make a certification request (PKCS #10, PEM) for a key
    Csr {
        /// The key: a pkcs11: URI
        #[arg(long, value_name = "KEYREF")]
        key: String,
        #[command(flatten)]
        subject: RequestSubject,
        #[command(flatten)]
        pin: PinArgs,
        #[command(flatten)]
        out: Out,
    },
}

/// Who asks for a certificate: the name that the policy of the root prescribes.
#[derive(Debug, Args)]
pub(crate) struct RequestSubject {
    /// Country, two letters
    #[arg(long, value_name = "CC")]
    pub(crate) country: String,
    /// State or province
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Organisation
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: Option<String>,
    /// Common name
    #[arg(long, value_name = "NAME")]
    pub(crate) common_name: String,
}

/// Which module a token is in.
#[derive(Debug, Args)]
pub(crate) struct ModuleArg {
    /// A PKCS#11 module (shared library) [default: the embedded token]
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}

/// A module or a store directory, without a PIN.
#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) module: ModuleArg,
    /// Directory of the embedded token's store [default: $XDG_DATA_HOME/tegata/token]
    #[arg(long, value_name = "DIR")]
    pub(crate) token_dir: Option<PathBuf>,
}

/// Curves that a token makes keys on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CurveChoice {
    #[value(name = "P-256", alias = "p-256")]
    P256,
    #[value(name = "P-384", alias = "p-384")]
    P384,
}
