//! The committed vectors are what the generator writes, and what the verifier says about them is what they expect.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;
use std::process::Command;

use tegata_testvectors::{Case, names, store, vectors};
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

#[test]
fn the_generator_writes_what_is_committed() {
    let output = std::env::temp_dir().join(format!("tegata-vectors-{}", std::process::id()));
    let made = output.join("vectors");
    let status = Command::new(env!("CARGO_BIN_EXE_generate-testvectors")).arg(&made).status().unwrap();
    assert!(status.success());
    assert_eq!(names(&made).unwrap(), names(&vectors()).unwrap());
    for name in names(&made).unwrap() {
        assert_same(&made.join(&name), &vectors().join(&name));
    }
    assert_same(&output.join("store"), &store());
    std::fs::remove_dir_all(output).unwrap();
}

fn assert_same(made: &Path, committed: &Path) {
    for entry in std::fs::read_dir(made).unwrap() {
        let name = entry.unwrap().file_name();
        if made.join(&name).is_dir() {
            assert_same(&made.join(&name), &committed.join(&name));
            continue;
        }
        let (made, committed) =
            (std::fs::read(made.join(&name)).unwrap(), std::fs::read(committed.join(&name)).unwrap());
        assert!(made == committed, "{}", committed.len());
    }
}

#[test]
fn every_vector_gets_the_report_it_expects() {
    for name in names(&vectors()).unwrap() {
        let case = Case::open(&vectors().join(&name)).unwrap();
        let at = UtcDateTime::parse(case.validation_time().unwrap(), &Rfc3339).unwrap();
        let mut request = Request::new(case.input().unwrap(), Policy::strict(), at);
        for file in case.files("trust_anchors").unwrap() {
            request.trust(&file).unwrap();
        }
        for file in case.files("crls").unwrap() {
            request.crl(&file).unwrap();
        }
        for file in case.files("status_lists").unwrap() {
            request.status_list(&file).unwrap();
        }
        if let Some(transcript) = case.file("session_transcript").unwrap() {
            request.transcript(transcript).unwrap();
        }
        if let Some(key) = case.file("reader_ephemeral_private_key_hex").unwrap() {
            request.reader_key_text(std::str::from_utf8(&key).unwrap()).unwrap();
        }
        let expected = std::fs::read_to_string(case.folder().join("expected-report.json")).unwrap();
        assert_eq!(json::report_text(&request.verify().unwrap(), Lang::En), expected, "{name}");
    }
}
