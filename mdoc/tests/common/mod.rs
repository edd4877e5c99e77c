//! Where the third-party test data is.

#![allow(dead_code, reason = "every test file uses a part")]

use std::path::PathBuf;

/// The folder of third-party data: `TEGATA_TESTDATA`, or `../shared/testdata` beside the workspace.
fn root() -> PathBuf {
    match std::env::var_os("TEGATA_TESTDATA") {
        Some(folder) => folder.into(),
        None => [env!("CARGO_MANIFEST_DIR"), "..", "..", "shared", "testdata"].iter().collect(),
    }
}

/// The file `path` of the third-party data. When the data is not there, says so and returns `None`; a file missing from
/// data that is there is an error.
pub(crate) fn testdata(path: &str) -> Option<Vec<u8>> {
    let root = root();
    if !root.is_dir() {
        println!("skipped: no test data, set TEGATA_TESTDATA");
        return None;
    }
    Some(std::fs::read(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// The JSON file `path` of the third-party data.
pub(crate) fn testdata_json(path: &str) -> Option<serde_json::Value> {
    Some(serde_json::from_slice(&testdata(path)?).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// The names of the entries of folder `path`, sorted. Empty when the data is not there.
pub(crate) fn testdata_folder(path: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root().join(path)) else {
        println!("skipped: no test data, set TEGATA_TESTDATA");
        return Vec::new();
    };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The bytes of a hexadecimal string in JSON.
pub(crate) fn hex_of(value: &serde_json::Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}
