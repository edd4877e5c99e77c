//! Arguments of the commands about the root itself.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tegata_root_ca::IncidentStep;
use time::UtcDateTime;

use super::value;

const INIT_HELP: &str = "\
Makes the folder that --root names: policy.toml, state.sqlite, audit.jsonl, checkpoint.key and the folders for persons,
shares, objects and ceremonies. No key is made here: that is the first ceremony. With --sandbox the root is for practice,
for good.

Examples:
  tegata-root --root /media/root init --policy jp-004.toml
  tegata-root --root /tmp/root --sandbox init --policy iso-18013-5";

/// Make the folder of a new root.
#[derive(Debug, Args)]
#[command(after_help = INIT_HELP)]
pub(crate) struct Init {
    /// Policy of the root: iso-18013-5, jp-004, or a file; a deployment copies one of the two and fills in its names
    #[arg(long, value_name = "ID|FILE")]
    pub(crate) policy: String,
}

const POLICY_HELP: &str = "\
The document is made from the numbers that the program works with, in English or Japanese (--lang). At a terminal it is
laid out; into a file it goes as Markdown.

Examples:
  tegata-root policy show jp-004 --lang ja
  tegata-root policy show jp-004 > policy.md
  tegata-root policy check our-policy.toml
  tegata-root --root /media/root policy adopt our-policy.toml --ceremony /media/root/ceremonies/2027-02 \\
    --reason 'a second list signer'";

/// Show or check a policy.
#[derive(Debug, Args)]
#[command(after_help = POLICY_HELP)]
pub(crate) struct PolicyCommand {
    #[command(subcommand)]
    pub(crate) what: PolicyWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyWhat {
    /// Print a policy as a document
    Show {
        /// iso-18013-5, jp-004, or a file [default: the policy of the root]
        #[arg(value_name = "ID|FILE")]
        policy: Option<String>,
    },
    /// Check a policy file: every contradiction in it is named
    Check {
        /// The policy file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Go on under a changed policy: the CA manager orders it, the certificate issuer approves, each with a credential
    Adopt {
        /// The changed policy; its id is that of the root's
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Folder of a ceremony with script and approved site file: its roster says who the two are
        #[arg(long, value_name = "DIR")]
        ceremony: PathBuf,
        /// Why, in words an auditor understands
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

const ROLLOVER_HELP: &str = "\
The rule behind the chart: a key is used no longer than the validity of its certificate less the longest validity that it
gives. With --check the exit status is 3 when a planned certificate outlives its issuer, when there is a gap, or when the
next root comes too late.

Examples:
  tegata-root rollover plan --t0 2027-04-01 --policy jp-004
  tegata-root rollover plan --t0 2027-04-01 --rekey 2032-02-01 --check";

/// Plan the life of a root key.
#[derive(Debug, Args)]
#[command(after_help = ROLLOVER_HELP)]
pub(crate) struct Rollover {
    #[command(subcommand)]
    pub(crate) what: RolloverWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RolloverWhat {
    /// Print the time chart of a root key
    Plan {
        /// When the key is generated: a day (UTC), or a time in RFC 3339
        #[arg(long, value_name = "DATE", value_parser = value::day_or_instant)]
        t0: UtcDateTime,
        /// iso-18013-5, jp-004, or a file [default: the policy of the root]
        #[arg(long, value_name = "ID|FILE")]
        policy: Option<String>,
        /// When the next root is made [default: as long before the end of the key's use as the policy says]
        #[arg(long, value_name = "DATE", value_parser = value::day_or_instant)]
        rekey: Option<UtcDateTime>,
        /// Fail with status 3 when the plan does not hold
        #[arg(long)]
        check: bool,
    },
}

const PIN_HELP: &str = "\
The online side reads its fingerprint aloud; you compare every word with the screen, then type the first and the last one.
Only requests signed with this key are imported from then on.

Examples:
  tegata-root --root /media/root pin-online online.pem
  tegata-root --root /tmp/root --sandbox pin-online online.pem --words \"topmost midsummer\"";

/// Pin the public key of the online side.
#[derive(Debug, Args)]
#[command(after_help = PIN_HELP)]
pub(crate) struct PinOnline {
    /// The public key: PEM or JWK
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The first and the last word of the fingerprint, as compared, instead of the question at the terminal
    #[arg(long, value_name = "FIRST LAST")]
    pub(crate) words: Option<String>,
    /// Replace the key that is pinned
    #[arg(long)]
    pub(crate) replace: bool,
}

/// Compare a CRL with the issuance record.
#[derive(Debug, Args)]
pub(crate) struct Crl {
    #[command(subcommand)]
    pub(crate) what: CrlWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CrlWhat {
    /// Name every difference between a CRL and the issuance record; status 6 if there is one
    Audit {
        /// The CRL: DER or PEM
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

const CLOSE_HELP: &str = "\
An intent stands open when the program or the token stopped between the record of a signature and its result. Its serial or
CRL number is used up; nothing is signed until the intent is closed. `tegata-root status` lists open intents.

Example:
  tegata-root --root /media/root close-intent 7 --reason 'power cut at step 7.03, no file was written'";

/// Close an open intent.
#[derive(Debug, Args)]
#[command(after_help = CLOSE_HELP)]
pub(crate) struct CloseIntent {
    /// Number of the intent
    #[arg(value_name = "NUMBER")]
    pub(crate) id: u64,
    /// What happened, in words an auditor understands
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

const WITHDRAW_HELP: &str = "\
A request that was admitted waits for its response, and no other one is taken meanwhile. Where it cannot be answered, the CA
manager gives it up with a credential of his own: its number is never used again, revocations that it ordered stand, and the
online side makes a new request with the next number, which names the last response that was given.

A ceremony that has imported the request is broken off first; the next one takes the new request.

Example:
  tegata-root --root /media/root withdraw-request --ceremony /media/root/ceremonies/2027-02 --reason 'wrong key in it'";

/// Give up a request.
#[derive(Debug, Args)]
#[command(after_help = WITHDRAW_HELP)]
pub(crate) struct WithdrawRequest {
    /// Folder of a ceremony with script and approved site file: its roster says who the CA manager is
    #[arg(long, value_name = "DIR")]
    pub(crate) ceremony: PathBuf,
    /// Why, in words an auditor understands
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

const PARTS_HELP: &str = "\
k holders of the present parts authenticate, each with both factors, and open them; what they open is split anew for the
holders of an approved site file, and the CA manager signs for it. The PIN of the module stays as it is: k of the OLD parts still
open it, so every copy of them must be destroyed. Nobody sees the PIN.

Example:
  tegata-root --root /media/root parts renew --ceremony next-ceremony --reason 'p04 leaves'";

/// The parts of the activation.
#[derive(Debug, Args)]
#[command(after_help = PARTS_HELP)]
pub(crate) struct PartsCommand {
    #[command(subcommand)]
    pub(crate) what: PartsWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartsWhat {
    /// Make new parts for the holders of an approved site file
    Renew {
        /// Folder with script.toml and site.toml of a ceremony whose roster is approved: its holders get the parts
        #[arg(long, value_name = "DIR")]
        ceremony: PathBuf,
        /// Why, in words an auditor understands
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

const INCIDENT_HELP: &str = "\
The order of the treatment, and what shows that each step was done:
  1 revoked-by-old-key   --crl NUMBER, or --old-key-unusable REASON
  2 halted               --statement TEXT
  3 intake-stopped       --statement TEXT
  4 new-root             --new-root GENERATION
  5 revoked-by-new-key   --crl NUMBER
  6 resumed              --canary DOCUMENT --report REPORT (of `tegata verify --json`)

Opening an incident revokes every certificate below the key; from then on the key signs nothing but the CRL of step 1.

Examples:
  tegata-root incident open --generation 1 --judged-by p01 --role ca-manager
  tegata-root incident advance 1 revoked-by-old-key --crl 42
  tegata-root incident status";

/// The compromise of a root key, step by step.
#[derive(Debug, Args)]
#[command(after_help = INCIDENT_HELP)]
pub(crate) struct Incident {
    #[command(subcommand)]
    pub(crate) what: IncidentWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentWhat {
    /// Open an incident: a root key is judged compromised; this cannot be taken back
    Open {
        /// Number of the compromised key
        #[arg(long, value_name = "NUMBER")]
        generation: u32,
        /// Handle of the person who judges
        #[arg(long, value_name = "HANDLE")]
        judged_by: String,
        /// Role in which the person judges; only the CA manager may
        #[arg(long, value_name = "ROLE")]
        role: String,
    },
    /// Enter the next step, with what shows that it was done
    Advance {
        /// Number of the incident
        #[arg(value_name = "INCIDENT")]
        id: u64,
        /// The step
        #[arg(value_name = "STEP", value_parser = value::incident_step)]
        step: IncidentStep,
        #[command(flatten)]
        evidence: EvidenceArgs,
        /// The verifier's report about the canary document: JSON of `tegata verify`
        #[arg(long, value_name = "FILE", requires = "canary")]
        report: Option<PathBuf>,
    },
    /// Show each incident, its steps, and what is to be done next
    Status,
}

/// What shows that a step was done: exactly one.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct EvidenceArgs {
    /// Number of the CRL that lists every certificate of the key
    #[arg(long, value_name = "NUMBER")]
    pub(crate) crl: Option<u64>,
    /// Why the compromised key can sign no CRL any more
    #[arg(long, value_name = "REASON")]
    pub(crate) old_key_unusable: Option<String>,
    /// Who did what
    #[arg(long, value_name = "TEXT")]
    pub(crate) statement: Option<String>,
    /// Number of the new root key
    #[arg(long, value_name = "GENERATION")]
    pub(crate) new_root: Option<u32>,
    /// A document issued under the new root
    #[arg(long, value_name = "FILE", requires = "report")]
    pub(crate) canary: Option<PathBuf>,
}

const COPY_HELP: &str = "\
The copy is read back and checked. Write its hash, or the words of it, into the record of the ceremony and onto the label of
the medium.

Example:
  tegata-root --root /media/root copy --to /media/second/state-2027-04-01.sqlite";

/// Copy the state to a second medium.
#[derive(Debug, Args)]
#[command(after_help = COPY_HELP)]
pub(crate) struct Copy {
    /// The new file; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
}
