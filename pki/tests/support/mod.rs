//! Where third-party data is, and the providers under test.
#![allow(dead_code, reason = "each test file uses its own part")]

#[cfg(feature = "insecure-software-keys")]
pub(crate) mod pki;

use std::path::{Path, PathBuf};

use tegata_pki::{CryptoProvider, rust_crypto};

/// The folder of third-party data, or `None` (with a note) when it is not there.
pub(crate) fn testdata(part: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/testdata");
    let root = std::env::var_os("TEGATA_TESTDATA").map_or_else(|| default.into(), PathBuf::from);
    let path = root.join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no third-party data at {part}");
    None
}

/// Every provider that this build has.
pub(crate) fn providers() -> Vec<&'static dyn CryptoProvider> {
    vec![
        rust_crypto(),
        #[cfg(feature = "aws-lc-rs")]
        tegata_pki::aws_lc_rs(),
    ]
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
