//! Third-party cases: where they are and how they are run.
#![allow(dead_code, reason = "every test file uses its part")]

use std::path::PathBuf;

use serde_json::Value as Json;
use tegata_testvectors::Case as Folder;
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// The folder of third-party test data, if it is there.
pub(crate) fn testdata() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/testdata");
    let folder = PathBuf::from(std::env::var("TEGATA_TESTDATA").unwrap_or_else(|_| default.to_owned()));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no third-party test data (TEGATA_TESTDATA)");
    None
}

/// A third-party case.
pub(crate) struct Case(Folder);

/// How a DS-pinned case is trusted.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Trusted {
    /// As the case says: roots as anchors, pinned signers pinned.
    AsTheCaseSays,
    /// Every certificate as an anchor, none pinned.
    AsAnchorsOnly,
}

impl Case {
    pub(crate) fn open(name: &str) -> Option<Self> {
        Some(Self(Folder::open(&testdata()?.join("mdoc-cases").join(name)).unwrap()))
    }

    pub(crate) fn is_pinned(&self) -> bool {
        self.0.is_pinned()
    }

    pub(crate) fn documents(&self) -> &[Json] {
        self.0.expected_documents()
    }

    /// The request as a caller would make it: with the transcript where it is known, else for issuer data alone.
    pub(crate) fn request(&self, policy: Policy, trusted: Trusted) -> Request {
        let at = UtcDateTime::parse(self.0.validation_time().unwrap(), &Rfc3339).unwrap();
        let mut request = Request::new(self.0.input().unwrap(), policy, at);
        for file in self.0.files("trust_anchors").unwrap() {
            if self.is_pinned() && trusted == Trusted::AsTheCaseSays {
                request.dangerous_pin_document_signer(&file).unwrap();
            } else {
                request.trust(&file).unwrap();
            }
        }
        match self.0.file("session_transcript").unwrap() {
            Some(transcript) => _ = request.transcript(transcript).unwrap(),
            None => _ = request.issuer_data_only(),
        }
        if let Some(key) = self.0.file("reader_ephemeral_private_key_hex").unwrap() {
            request.reader_key_text(std::str::from_utf8(&key).unwrap()).unwrap();
        }
        request
    }

    /// The JSON report of the case.
    pub(crate) fn report(&self, policy: Policy, trusted: Trusted) -> Json {
        json::report(&self.request(policy, trusted).verify().unwrap(), Lang::En)
    }
}

/// A file of the Annex D folder.
pub(crate) fn annex_d(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(testdata()?.join("annex-d").join(name)).unwrap())
}
