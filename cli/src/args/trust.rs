//! `tegata trust`.

mod check;
pub(crate) mod vical;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tegata_sync::ClientClass;
use tegata_trust_list::Purpose;
use time::UtcDateTime;

pub(crate) use self::check::Check;
pub(crate) use self::vical::Vical;
use super::verify::RevocationChoice;
use super::{Out, value};

const AFTER_HELP: &str = "\
Start trusting a service, once; the digest comes by another way than the file (print, telephone, its fingerprint page):
  tegata trust init gate.store --root root-1.cbor --sha256 3F2A…
Stay current, from a timer, at the times that `sync` names:
  tegata trust sync gate.store --from https://dts.example.org
  tegata verify response.cbor --store gate.store --transcript transcript.cbor
Follow a VICAL (ISO/IEC 18013-5 Annex C) in the place of a service, or beside one:
  tegata trust init gate.store --vical-name aamva --vical-root aamva-dts-root.pem --vical-sha256 5D0B…
  tegata trust sync gate.store --vical aamva=https://vical.example.org/vical.cbor
Look after it:
  tegata trust show gate.store --history
  tegata trust doctor gate.store --from https://dts.example.org

A gate without a network gets everything in one file, made on a machine that has one:
  tegata trust export --root root-1.cbor --from https://dts.example.org --out evidence.bundle
  tegata trust import gate.store evidence.bundle

STORE is one file, replaced as a whole; beside it stand STORE.lock, and STORE.settings.json if it was made with --offline.
A new root of an issuer is believed after its hold-down only: 30 days when the list alone names it, 7 with a link
certificate of a root that is trusted, none with the approval of the service's offline quorum.

Exit status: 0 done; 1 the service, the network or this machine failed, what is held stays as it is (doctor: an error was
found); 2 bad usage or input.";

/// Look at trust objects, and keep a trust store current: anchors, CRLs and status lists of a Digital Trust Service
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Trust {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Check any trust object: what it is, whether it is valid, what is in it
    Check(Check),
    /// Make a store that begins with a pinned root of a service or of a VICAL provider; nobody is trusted until the first
    /// update
    Init(Init),
    /// Update a store: metadata, anchors, CRLs and status lists, VICALs; each source at once or not at all
    Sync(Sync),
    /// Show whom a store trusts, since when and why, and how old its evidence is
    Show(Show),
    /// Examine a store: clock, list, revocation, hold-downs, gaps; exit status 1 if something is wrong
    Doctor(Doctor),
    /// Trust a root at once, by its fingerprint from another channel than the certificate
    Add(Add),
    /// Distrust an anchor from now on, whatever lists say
    Distrust(Decision),
    /// End a local distrust: the anchor is forgotten, and comes in again by the list with its hold-down
    Lift(Decision),
    /// Agree that the next update may take away the last anchor of a scope
    ConfirmRemoval(Decision),
    /// Follow a provider of VICALs, or follow it no longer
    Vical(Vical),
    /// Take in a CRL from a file; the anchor that signed it is found by name and key
    Crl(Crl),
    /// Fetch everything into one file for gates without a network
    Export(Export),
    /// Take in such a file; it is verified like a download, and its age counts
    Import(Import),
    /// Show the readiness signal for rollovers, and send it if asked to
    Signal(Signal),
}

const INIT_HELP: &str = "\
Examples:
  tegata trust init gate.store --root root-1.cbor --sha256 3f2a90…
  tegata trust init handheld.store --root root-1.cbor --sha256 '3F:2A:90:…' --offline
  tegata trust init gate.store --vical-name aamva --vical-root aamva-dts-root.pem --vical-sha256 5D0B…

With --offline, lists and CRLs count for 90 days instead of three, and pointers may live a week: for readers that are
often without a network. How old the evidence was stands in each report.";

/// `tegata trust init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_HELP)]
pub(crate) struct Init {
    /// File to make
    pub(crate) store: PathBuf,
    /// A root of the service (v1/root/NUMBER.cbor), usually its newest
    #[arg(long, value_name = "FILE", requires = "sha256", required_unless_present = "vical_root")]
    pub(crate) root: Option<PathBuf>,
    /// Its SHA-256 in hex (upper or lower case, blanks and colons allowed), from another channel than the file
    #[arg(long, value_name = "HEX", value_parser = value::sha256, requires = "root")]
    pub(crate) sha256: Option<[u8; 32]>,
    /// The root certificate of a VICAL provider, in the place of a service or beside it
    #[arg(long, value_name = "CERT", requires = "vical_sha256")]
    pub(crate) vical_root: Option<PathBuf>,
    /// Its SHA-256 fingerprint in hex, from another channel than the file
    #[arg(long, value_name = "HEX", value_parser = value::sha256, requires = "vical_root")]
    pub(crate) vical_sha256: Option<[u8; 32]>,
    /// What to call that provider: small letters, digits, dots and hyphens
    #[arg(long, value_name = "NAME", requires = "vical_root", default_value = "vical")]
    pub(crate) vical_name: String,
    /// For a reader that is often without a network: what it holds counts for 90 days
    #[arg(long)]
    pub(crate) offline: bool,
    /// Time of the decision, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// Where a service and VICALs are fetched from.
#[derive(Debug, Args)]
pub(crate) struct Origin {
    /// Base URL of the service, http or https, or a directory that holds a copy of what it publishes
    #[arg(long, value_name = "URL|DIR", required_unless_present = "vical")]
    pub(crate) from: Option<String>,
    /// The VICAL of a provider: its URL, a file, or a directory that holds vical/latest.cbor
    #[arg(long, value_name = "NAME=URL|FILE|DIR", value_parser = value::name_and_place)]
    pub(crate) vical: Vec<(String, String)>,
    /// A file that stands for the URI of a status list or CRL, or a directory for a URI prefix that ends in `/`
    #[arg(long, value_name = "URI=PATH", value_parser = value::uri_and_path)]
    pub(crate) map: Vec<(String, PathBuf)>,
}

const SYNC_HELP: &str = "\
Examples:
  tegata trust sync gate.store --from https://dts.example.org
  tegata trust sync gate.store --from /mnt/mirror
  tegata trust sync gate.store --from /mnt/mirror --map https://status.example.org/=/mnt/status
  tegata trust sync gate.store --vical aamva=https://vical.example.org/vical.cbor --vical trial=trial.cbor

From a directory or a file nothing is fetched from the network: a status list or CRL is looked for at the path of its URI
below the directory, or where --map says. CRLs of a VICAL's anchors are fetched from where their certificates say. Every
file is verified, wherever it comes from. When a source fails, the store keeps what it had of it, which ages, and notes the
failure; the other sources are taken in all the same; exit status 1.";

/// `tegata trust sync`.
#[derive(Debug, Args)]
#[command(after_help = SYNC_HELP)]
pub(crate) struct Sync {
    /// The store
    pub(crate) store: PathBuf,
    #[command(flatten)]
    pub(crate) origin: Origin,
    /// Time of the update, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `tegata trust show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The store
    pub(crate) store: PathBuf,
    /// Show what happened to each anchor too
    #[arg(long)]
    pub(crate) history: bool,
    /// Time to judge ages at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

const DOCTOR_HELP: &str = "\
Examples:
  tegata trust doctor gate.store
  tegata trust doctor gate.store --from https://dts.example.org --json

With --from it tries whether the largest object of the service comes through whole; a proxy may let small files pass and
not this one. Exit status: 0 no error was found (warnings may be), 1 an error was found.";

/// `tegata trust doctor`.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_HELP)]
pub(crate) struct Doctor {
    /// The store
    pub(crate) store: PathBuf,
    /// Where the store is updated from, to try the largest object
    #[arg(long, value_name = "URL|DIR")]
    pub(crate) from: Option<String>,
    /// What the verifier that uses the store demands (`tegata verify --revocation`)
    #[arg(long, value_enum, value_name = "DEMAND", default_value_t = RevocationChoice::Require)]
    pub(crate) revocation: RevocationChoice,
    /// Time of the examination, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

const ADD_HELP: &str = "\
Examples:
  tegata trust add gate.store iaca.pem --sha256 9C41… --doctype org.iso.18013.5.1.mDL
  tegata trust add gate.store iaca.pem --sha256 9C41… --doctype org.iso.18013.5.1.mDL --purpose issuance --purpose status

The way for a verifier that slept through a rollover, and for issuers that no service lists. Compare the fingerprint with
the one that the authority publishes on another channel: what you add is trusted at once.";

/// `tegata trust add`.
#[derive(Debug, Args)]
#[command(after_help = ADD_HELP)]
pub(crate) struct Add {
    /// The store
    pub(crate) store: PathBuf,
    /// The root (IACA) certificate, PEM or DER
    pub(crate) certificate: PathBuf,
    /// SHA-256 fingerprint of the certificate in hex, from another channel than the file
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
    /// Document types that it may speak for
    #[arg(long, value_name = "DOCTYPE", num_args = 1.., required_unless_present = "any_doctype")]
    pub(crate) doctype: Vec<String>,
    /// It may speak for documents of any type
    #[arg(long, conflicts_with = "doctype")]
    pub(crate) any_doctype: bool,
    /// What it may speak for: issuance (Document Signers), status (status lists), reader, vical
    #[arg(long, value_name = "PURPOSE", num_args = 1.., value_parser = value::purpose, default_value = "issuance")]
    pub(crate) purpose: Vec<Purpose>,
    /// Time of the decision, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `tegata trust distrust`, `lift` and `confirm-removal`.
#[derive(Debug, Args)]
pub(crate) struct Decision {
    /// The store
    pub(crate) store: PathBuf,
    /// The anchor: the SHA-256 of its key as `tegata trust show` names it, or its first 8 digits at least
    #[arg(value_name = "KEYDIGEST", value_parser = value::digest_prefix)]
    pub(crate) anchor: String,
    /// Time of the decision, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `tegata trust crl`.
#[derive(Debug, Args)]
pub(crate) struct Crl {
    /// The store
    pub(crate) store: PathBuf,
    /// The CRL, DER or PEM
    pub(crate) input: PathBuf,
    /// Time of the import, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

const EXPORT_HELP: &str = "\
Example:
  tegata trust export --root root-1.cbor --from https://dts.example.org --out evidence.bundle
  tegata trust export --vical aamva=https://vical.example.org/vical.cbor --out evidence.bundle

The bundle is verified where it is imported; whoever carries it can only lose it. Give the root that the gates were set up
with, or any before it, so that every later one is in the bundle.";

/// `tegata trust export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_HELP)]
pub(crate) struct Export {
    /// The root that the gates were set up with (v1/root/NUMBER.cbor)
    #[arg(long, value_name = "FILE", requires = "from", required_unless_present = "vical")]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) origin: Origin,
    /// Time of the fetch, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    #[command(flatten)]
    pub(crate) out: Out,
}

/// `tegata trust import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The store
    pub(crate) store: PathBuf,
    /// The bundle of `tegata trust export`
    pub(crate) input: PathBuf,
    /// Time of the import, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

const SIGNAL_HELP: &str = "\
Examples:
  tegata trust signal gate.store --class gate
  tegata trust signal gate.store --class gate --post https://dts.example.org/v1/readiness

The signal tells the class of client, the version of the list, and four octets of the key digest of each listed anchor that
is trusted: no identifier, no time, and nothing that only this verifier has. Services count it before they let a new root
into use. Nothing is sent without --post.";

/// `tegata trust signal`.
#[derive(Debug, Args)]
#[command(after_help = SIGNAL_HELP)]
pub(crate) struct Signal {
    /// The store
    pub(crate) store: PathBuf,
    /// What kind of client this is
    #[arg(long, value_enum)]
    pub(crate) class: ClassChoice,
    /// Send it there
    #[arg(long, value_name = "URL")]
    pub(crate) post: Option<String>,
    /// Time to judge trust at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `--class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClassChoice {
    Server,
    Gate,
    Handheld,
    Mobile,
    Web,
}

impl ClassChoice {
    pub(crate) fn class(self) -> ClientClass {
        match self {
            Self::Server => ClientClass::Server,
            Self::Gate => ClientClass::Gate,
            Self::Handheld => ClientClass::Handheld,
            Self::Mobile => ClientClass::Mobile,
            Self::Web => ClientClass::Web,
        }
    }
}
