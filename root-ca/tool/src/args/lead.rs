//! Arguments of the ceremonies that are led: rehearse, run, resume.

use std::path::PathBuf;

use clap::Args;
use tegata_hsm::CallTimeouts;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// Rehearse a script on the embedded token: a cast of its own plays by itself, the clock is that of the plan
#[derive(Debug, Args)]
pub(crate) struct Rehearse {
    /// A kind (first, quarterly, root-rekey, emergency-revoke, emergency-rekey, restore-drill, destroy) or a script file
    pub(crate) script: String,
    /// Policy of a root that is made now: iso-18013-5, jp-004, or a file
    #[arg(long, value_name = "ID|FILE", default_value = "iso-18013-5")]
    pub(crate) policy: String,
    /// Time at which the rehearsal begins (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) at: Option<UtcDateTime>,
    /// Time of the next ceremony: the lists last until then [default: the cadence of the policy]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) next: Option<UtcDateTime>,
    /// Request bundle of the online side [default: the rehearsal makes one]
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Public key (PEM) of the online side, pinned when the root is made
    #[arg(long, value_name = "FILE", requires = "request")]
    pub(crate) online: Option<PathBuf>,
}

/// Approve the roster of a ceremony: the CA manager and the certificate issuer, each with his own credential
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The script: the public procedure
    pub(crate) script: PathBuf,
    /// The site file; the approval is added to it
    pub(crate) site: PathBuf,
    /// The seat that approves: ca-manager, certificate-issuer
    #[arg(long, value_name = "SEAT")]
    pub(crate) seat: String,
}

/// Lead through a ceremony
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The script: the public procedure
    pub(crate) script: PathBuf,
    /// The site file: persons, places, media, token
    pub(crate) site: PathBuf,
    #[command(flatten)]
    pub(crate) media: Media,
}

/// Take a ceremony up again where its record stops
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The folder of the ceremony: script.toml, site.toml, record.jsonl
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) media: Media,
}

/// Media that come and go.
#[derive(Debug, Args)]
pub(crate) struct Media {
    /// Request bundle, on the medium it came on
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Folder of the carrier medium, to which the response is written
    #[arg(long, value_name = "DIR")]
    pub(crate) carrier: PathBuf,
    /// Time of the next ceremony (RFC 3339): the lists last until then
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(crate) next: UtcDateTime,
    /// How long the module may take for one call, in seconds; ten times as long for a new key
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) token_timeout: u64,
}

impl Media {
    /// How long the module may take.
    pub(crate) const fn timeouts(&self) -> CallTimeouts {
        CallTimeouts::of_call(std::time::Duration::from_secs(self.token_timeout))
    }
}

fn instant(text: &str) -> Result<UtcDateTime, time::error::Parse> {
    UtcDateTime::parse(text, &Rfc3339)
}
