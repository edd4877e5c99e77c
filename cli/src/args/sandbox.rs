//! `tegata sandbox`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use time::UtcDateTime;

use super::token::PinArgs;
use super::{Out, value};

const AFTER_HELP: &str = "\
Examples:
  tegata sandbox root --key 'pkcs11:token=T;object=iaca?module-name=tegata-embedded' --pin-file pin --out iaca.pem
  tegata sandbox ds --key 'pkcs11:token=T;object=ds?module-name=tegata-embedded' --root-cert iaca.pem \\
      --root-key 'pkcs11:token=T;object=iaca?module-name=tegata-embedded' --pin-file pin --out ds.pem
  tegata sandbox crl --root-cert iaca.pem --root-key ... --pin-file pin --number 2 --revoke ds.pem --out crl.der
  tegata sandbox status --uri https://example.org/status/1 --cert status.pem --key ... --revoke 42 --out list.cwt

The keys are made with `tegata token generate`. A real root lives offline and is made in a ceremony, not here.";

/// Make a root, a Document Signer, a CRL or a status list for trials. Every certificate says SANDBOX in its name.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// Who a sandbox certificate is for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Subject {
    /// Country, two letters
    #[arg(long, value_name = "CC", default_value = "UT")]
    pub(crate) country: String,
    /// State or province
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<String>,
    /// Where CRLs will be found
    #[arg(long, value_name = "URI", default_value = "https://sandbox.example/crl/iaca.crl")]
    pub(crate) crl_uri: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// A self-signed root (IACA) certificate
    Root {
        /// The root's key: a pkcs11: URI
        #[arg(long, value_name = "KEYREF")]
        key: String,
        #[command(flatten)]
        subject: Subject,
        /// Days it is valid from now
        #[arg(long, value_name = "DAYS", value_parser = value::days, default_value = "1825")]
        valid_days: u32,
        /// Time of making, RFC 3339 [default: now]
        #[arg(long, value_name = "TIME", value_parser = value::instant)]
        at: Option<UtcDateTime>,
        #[command(flatten)]
        pin: PinArgs,
        #[command(flatten)]
        out: Out,
    },
    /// A Document Signer certificate under a sandbox root
    Ds {
        /// The Document Signer's key: a pkcs11: URI
        #[arg(long, value_name = "KEYREF")]
        key: String,
        #[command(flatten)]
        certified: Certified,
    },
    /// A certificate for the key that signs status lists, under a sandbox root
    StatusSigner {
        /// The status signer's key: a pkcs11: URI
        #[arg(long, value_name = "KEYREF")]
        key: String,
        #[command(flatten)]
        certified: Certified,
    },
    /// A certificate revocation list of a sandbox root (DER)
    Crl {
        #[command(flatten)]
        root: Root,
        /// CRL number; each list needs a higher one than the last
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        number: u64,
        /// Certificates to revoke, PEM or DER
        #[arg(long, value_name = "FILE", num_args = 1..)]
        revoke: Vec<PathBuf>,
        /// Days until the next list
        #[arg(long, value_name = "DAYS", value_parser = value::days, default_value = "30")]
        valid_days: u32,
        /// Time of making, RFC 3339 [default: now]
        #[arg(long, value_name = "TIME", value_parser = value::instant)]
        at: Option<UtcDateTime>,
        #[command(flatten)]
        pin: PinArgs,
        #[command(flatten)]
        out: Out,
    },
    /// A status list token (CWT), one bit for each document
    Status {
        /// URI of the list, as in the documents
        #[arg(long, value_name = "URI")]
        uri: String,
        /// The status signer's key: a pkcs11: URI
        #[arg(long, value_name = "KEYREF")]
        key: String,
        /// Certificate of the status signer, PEM or DER
        #[arg(long, value_name = "FILE")]
        cert: PathBuf,
        /// Indexes of revoked documents
        #[arg(long, value_name = "INDEX", num_args = 1..)]
        revoke: Vec<u64>,
        /// Number of places in the list
        #[arg(long, value_name = "COUNT", default_value_t = 1 << 17)]
        size: u64,
        /// Days the list may be used
        #[arg(long, value_name = "DAYS", value_parser = value::days, default_value = "7")]
        valid_days: u32,
        /// Time of making, RFC 3339 [default: now]
        #[arg(long, value_name = "TIME", value_parser = value::instant)]
        at: Option<UtcDateTime>,
        #[command(flatten)]
        pin: PinArgs,
        #[command(flatten)]
        out: Out,
    },
}

/// What every certificate under a sandbox root takes, besides its key.
#[derive(Debug, Args)]
pub(crate) struct Certified {
    #[command(flatten)]
    pub(crate) root: Root,
    /// Days it is valid from now
    #[arg(long, value_name = "DAYS", value_parser = value::days, default_value = "365")]
    pub(crate) valid_days: u32,
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Time of making, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    #[command(flatten)]
    pub(crate) out: Out,
}

/// The sandbox root that signs.
#[derive(Debug, Clone, Args)]
pub(crate) struct Root {
    /// Certificate of the root, PEM or DER
    #[arg(long, value_name = "FILE")]
    pub(crate) root_cert: PathBuf,
    /// Key of the root: a pkcs11: URI
    #[arg(long, value_name = "KEYREF")]
    pub(crate) root_key: String,
}
