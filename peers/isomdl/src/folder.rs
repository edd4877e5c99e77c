//! The file names that `tegata demo --dir`, every peer's maker and every peer's checker agree on.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// The IACA certificate that the checker trusts, PEM.
pub const IACA: &str = "iaca.pem";
/// The document signer certificate, PEM.
pub const DS: &str = "ds.pem";
/// `IssuerSigned` with every element, CBOR (ISO/IEC 18013-5 8.3.2.1.2.2).
pub const ISSUED: &str = "issued.cbor";
/// `SessionTranscript` as a plain array, without tag 24 (ISO/IEC 18013-5 9.1.5.1).
pub const TRANSCRIPT: &str = "transcript.cbor";
/// `DeviceResponse` with a device signature over [`TRANSCRIPT`].
pub const RESPONSE: &str = "response.cbor";

/// Reads `name` in `dir`; the error names the file.
pub fn read(dir: &Path, name: &str) -> Result<Vec<u8>> {
    let path = dir.join(name);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads `name` in `dir` as text, for PEM files.
pub fn read_text(dir: &Path, name: &str) -> Result<String> {
    String::from_utf8(read(dir, name)?).with_context(|| format!("{name} is not text"))
}

/// Writes `name` in `dir`.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
