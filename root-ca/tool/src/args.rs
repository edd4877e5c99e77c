//! The command line.

pub(crate) mod audit;
pub(crate) mod ceremony;
pub(crate) mod lead;
pub(crate) mod person;
pub(crate) mod root;

mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tegata_terminal::{GLOBAL_OPTIONS, Presentation};

const AFTER_HELP: &str = "\
Examples:
  tegata-root policy show jp-004 --lang ja             the policy as a document
  tegata-root rollover plan --t0 2027-04-01            when what is due, over the life of a root
  tegata-root --root /tmp/root --sandbox ceremony rehearse first
  tegata-root ceremony verify record.jsonl script.toml what an auditor runs

Exit status: 0 done, 1 the machine or a token failed, 2 bad usage or input, 3 refused by policy, script or state,
4 too few persons authenticated, 6 a record, list or log does not verify.";

/// The offline root of mobile documents: key ceremonies, certificates, CRLs, and the record of it all.
#[derive(Debug, Parser)]
#[command(name = "tegata-root", version, propagate_version = true, after_help = AFTER_HELP, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The folder of the root, on its own medium
    #[arg(long, global = true, value_name = "DIR", default_value = "root", help_heading = GLOBAL_OPTIONS)]
    pub(crate) root: PathBuf,
    /// For practice: software tokens and a machine with a network are allowed, and the record says so
    #[arg(long, global = true, help_heading = GLOBAL_OPTIONS)]
    pub(crate) sandbox: bool,
    /// Name of this machine in the audit log
    #[arg(long, global = true, value_name = "NAME", default_value = "root-terminal", help_heading = GLOBAL_OPTIONS)]
    pub(crate) terminal: String,
    #[command(flatten)]
    pub(crate) presentation: Presentation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the folder of a new root under a policy
    Init(root::Init),
    /// Keys, certificates, CRLs, running duties, open intents, incidents
    Status,
    /// Show or check a policy
    Policy(root::PolicyCommand),
    /// Plan the life of a root key
    Rollover(root::Rollover),
    /// Pin the public key of the online side, whose requests are taken
    PinOnline(root::PinOnline),
    /// Compare a CRL with the issuance record
    Crl(root::Crl),
    /// Close an intent that a crash left open; its number stays used
    CloseIntent(root::CloseIntent),
    /// Give up a request that was admitted and cannot be answered, by order of the CA manager
    WithdrawRequest(root::WithdrawRequest),
    /// The compromise of a root key, step by step
    Incident(root::Incident),
    /// Copy the state to a second medium
    Copy(root::Copy),
    /// Enrol persons and look at their credentials
    Person(person::Person),
    /// The parts of the activation, which the holders have
    Parts(root::PartsCommand),
    /// Check, rehearse, run, verify and print ceremonies
    Ceremony(ceremony::Ceremony),
    /// Verify and search the audit log
    Audit(audit::Audit),
}
