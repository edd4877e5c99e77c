//! `tegata present`.

use std::path::PathBuf;

use clap::Args;

use super::token::PinArgs;
use super::{Out, value};

const AFTER_HELP: &str = "\
Examples:
  tegata present --issued issued.cbor --device-key 'pkcs11:token=WALLET;object=device?module-name=tegata-embedded' \\
      --pin-file pin --elements org.iso.18013.5.1/family_name,org.iso.18013.5.1/age_over_18 \\
      --transcript transcript.cbor --out response.cbor
  tegata present ... --device-key test-key.pem --mac --reader-key reader.jwk

A device key in a file (PEM PKCS#8 or JWK) is for tests only, and is announced as such. A MAC needs such a key: tokens
make signatures.";

/// Present a document, as a wallet would (simulated holder).
///
/// Chooses the elements, signs over the session transcript, and writes a DeviceResponse.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Present {
    /// The issued document: IssuerSigned, CBOR
    #[arg(long, value_name = "FILE")]
    pub(crate) issued: PathBuf,
    /// The device key: a pkcs11: URI, or for tests a private key file (PEM PKCS#8 or JWK)
    #[arg(long, value_name = "KEY")]
    pub(crate) device_key: String,
    /// Elements to disclose, NAMESPACE/ELEMENT, separated by commas
    #[arg(long, value_name = "NS/EL,…", value_delimiter = ',', required = true, value_parser = value::element)]
    pub(crate) elements: Vec<(String, String)>,
    /// The SessionTranscript: CBOR, or JSON naming its inputs (see `tegata verify --help`)
    #[arg(long, value_name = "FILE")]
    pub(crate) transcript: PathBuf,
    /// Authenticate with a MAC instead of a signature
    #[arg(long, requires = "reader_key")]
    pub(crate) mac: bool,
    /// The reader's public key for the MAC: PEM, JWK or COSE_Key
    #[arg(long, value_name = "FILE", requires = "mac")]
    pub(crate) reader_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
    #[command(flatten)]
    pub(crate) out: Out,
}
