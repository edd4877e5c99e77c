//! `tegata verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use time::UtcDateTime;

use super::value;

const AFTER_HELP: &str = "\
Examples:
  tegata verify response.cbor --trust iaca.pem --transcript transcript.cbor --crl crl.der --status list.cwt
  tegata verify issued.cbor --issuer-signed --trust iaca.pem --policy interop
  tegata verify response.cbor --trust iaca.pem --transcript session.json --reader-key reader.jwk --json
  tegata verify response.cbor --store gate.store --transcript transcript.cbor

A transcript file is a SessionTranscript (CBOR, plain or in tag 24), or JSON that names what it is made from; then a
failure can name the mistake. Members by \"transport\" (byte strings as hex or base64url):
  qr                         device_engagement, reader_key
  nfc                        device_engagement, reader_key, handover_select, handover_request?
  18013-7-annex-a            device_engagement, reader_key, reader_engagement
  18013-7-annex-b            client_id, response_uri, nonce, mdoc_generated_nonce
  18013-7-annex-c            encryption_info, origin
  openid4vp-1.0              client_id, nonce, response_uri, jwk_thumbprint?
  openid4vp-1.0-dc-api       origin, nonce, jwk_thumbprint?
  openid4vp-draft-24-dc-api  origin, client_id, nonce

Exit status: 0 all accepted, 10 any rejected, 11 any undetermined (none rejected), 2 bad usage or unreadable input.
Nothing is fetched from the network: CRLs and status lists are files.";

/// Verify a DeviceResponse, a Document or an IssuerSigned, recognised by content.
///
/// Without a transcript the device's proof cannot be checked, and the verdict is never `accepted`, unless
/// --issuer-signed asks for issuer data alone.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Verify {
    /// The file to verify; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Judge issuer data alone: who presents it is not looked at (with --transcript, a device signature that is there
    /// is checked all the same)
    #[arg(long)]
    pub(crate) issuer_signed: bool,
    /// Root (IACA) certificates to trust, PEM (several in one file) or DER; without any, every document is rejected
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) trust: Vec<PathBuf>,
    /// Trust whom this store trusts (`tegata trust`), and use its CRLs and status lists; a store that is out of date leaves
    /// documents undetermined
    #[arg(long, value_name = "STORE")]
    pub(crate) store: Option<PathBuf>,
    /// Trust these very Document Signer certificates, with no root behind them; their dates, use and signatures are
    /// still checked
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) dangerous_pin_ds: Vec<PathBuf>,
    /// The reader's own SessionTranscript: CBOR, or JSON naming its inputs (see below)
    #[arg(long, value_name = "FILE")]
    pub(crate) transcript: Option<PathBuf>,
    /// The reader's ephemeral private key, for a device MAC: a JWK or hex scalar, inline or in a file; hex is on P-256
    /// unless written P-384:HEX
    #[arg(long, value_name = "KEY")]
    pub(crate) reader_key: Option<String>,
    /// Time to verify at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
    /// `strict` is the ISO profile to the letter; `interop` names and tolerates harmless deviations of real wallets
    #[arg(long, value_enum, default_value_t = PolicyChoice::Strict)]
    pub(crate) policy: PolicyChoice,
    /// Certificate revocation lists, DER or PEM
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) crl: Vec<PathBuf>,
    /// Status list tokens (CWT or JWT), identifier lists and device-key lists (CWT), recognised by content
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) status: Vec<PathBuf>,
    /// `require`: no answer means undetermined; `available`: evidence at hand must be usable; `dangerous-off`: not
    /// looked at [default: require with strict, available with interop]
    #[arg(long, value_enum, value_name = "DEMAND")]
    pub(crate) revocation: Option<RevocationChoice>,
    /// Cryptographic provider
    #[arg(long, value_enum, default_value_t = ProviderChoice::AwsLcRs)]
    pub(crate) provider: ProviderChoice,
    /// Show the checks that passed too
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// `--policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyChoice {
    Strict,
    Interop,
}

/// `--revocation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RevocationChoice {
    Require,
    Available,
    DangerousOff,
}

/// `--provider`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProviderChoice {
    AwsLcRs,
    RustCrypto,
}
