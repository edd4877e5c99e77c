//! Documents of real issuers and wallets through the binary, and the same report as the library's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::path::Path;

use serde_json::Value as Json;
use support::{Finished, run, testdata};
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, json};

struct Case {
    folder: std::path::PathBuf,
    json: Json,
}

impl Case {
    fn all() -> Vec<Self> {
        let Some(root) = testdata("mdoc-cases") else { return Vec::new() };
        let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.retain(|path| path.join("case.json").exists());
        folders.sort();
        assert!(folders.len() >= 48, "{} cases", folders.len());
        let read = |folder: &Path| serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        folders.into_iter().map(|folder| Self { json: read(&folder), folder }).collect()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.json[key].as_str()
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn anchors(&self) -> impl Iterator<Item = &str> {
        self.json["trust_anchors"].as_array().unwrap().iter().map(|name| name.as_str().unwrap())
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = ["verify", &self.file(self.text("input").unwrap())].map(Into::into).into();
        let mut add = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        let trust = if self.text("anchor_kind") == Some("iaca") { "--trust" } else { "--dangerous-pin-ds" };
        for anchor in self.anchors() {
            add(trust, self.file(anchor));
        }
        if let Some(transcript) = self.text("session_transcript") {
            add("--transcript", self.file(transcript));
        }
        if let Some(key) = self.text("reader_ephemeral_private_key_hex") {
            add("--reader-key", self.file(key));
        }
        add("--at", self.text("validation_time").unwrap().to_owned());
        if self.text("session_transcript").is_none() {
            arguments.push("--issuer-signed".to_owned());
        }
        arguments.extend(["--policy", "interop", "--json"].map(Into::into));
        arguments
    }

    /// The same verification through the library.
    fn expected_report(&self) -> String {
        let read = |name: &str| std::fs::read(self.folder.join(name)).unwrap();
        let at = self.text("validation_time").unwrap();
        let at = tegata_mdoc::date::Tdate::parse(at).unwrap().instant();
        let mut request = Request::new(read(self.text("input").unwrap()), Policy::interop(), at);
        for anchor in self.anchors() {
            if self.text("anchor_kind") == Some("iaca") {
                request.trust(&read(anchor)).unwrap();
            } else {
                request.dangerous_pin_document_signer(&read(anchor)).unwrap();
            }
        }
        match self.text("session_transcript") {
            Some(transcript) => _ = request.transcript(read(transcript)).unwrap(),
            None => _ = request.issuer_data_only(),
        }
        if let Some(key) = self.text("reader_ephemeral_private_key_hex") {
            request.reader_key_text(std::str::from_utf8(&read(key)).unwrap()).unwrap();
        }
        json::report_text(&request.verify().unwrap(), Lang::En)
    }
}

fn exit_status(report: &Json) -> i32 {
    match report["verdict"].as_str().unwrap() {
        "accepted" => 0,
        "rejected" => 10,
        "undetermined" => 11,
        other => panic!("{other}"),
    }
}

#[test]
fn every_case_gets_its_verdict_and_the_report_of_the_library() {
    let schema: Json = serde_json::from_str(json::SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for case in Case::all() {
        let name = case.text("id").unwrap();
        let finished: Finished = run(case.arguments());
        let report = finished.json();
        assert_eq!(finished.status(), exit_status(&report), "{name}");
        assert_eq!(
            finished.stderr().replace("No --trust file was given: every document will be rejected as untrusted.\n", ""),
            "",
            "{name}"
        );
        if let Err(error) = schema.validate(&report) {
            panic!("{name}: {error}");
        }
        for (index, expected) in case.json["expect"]["documents"].as_array().unwrap().iter().enumerate() {
            let verdict = match expected["verdict"].as_str().unwrap() {
                "accept" => "accepted",
                "reject" => "rejected",
                other => panic!("{other}"),
            };
            let document = &report["documents"][index];
            assert_eq!(document["verdict"], verdict, "{name}, document {index}: {document:#}");
            assert_eq!(document.get("claims").is_some(), verdict == "accepted", "{name}");
        }
        assert_eq!(finished.stdout(), case.expected_report(), "{name}");
    }
}

#[test]
fn without_trust_every_document_is_rejected_as_untrusted() {
    for case in Case::all() {
        let mut arguments = case.arguments();
        while let Some(at) = arguments.iter().position(|word| word == "--trust" || word == "--dangerous-pin-ds") {
            arguments.drain(at..at + 2);
        }
        let report = run(arguments).expect(10).json();
        for document in report["documents"].as_array().unwrap() {
            assert_eq!(document["verdict"], "rejected");
            let checks = document["checks"].as_array().unwrap();
            let trusted = checks.iter().find(|check| check["id"] == "ds-trusted").unwrap();
            assert_ne!(trusted["outcome"], "pass", "{}", case.text("id").unwrap());
        }
    }
}

#[test]
fn both_providers_say_the_same() {
    for case in Case::all().into_iter().step_by(6) {
        let with = |provider: &str| {
            let mut arguments = case.arguments();
            arguments.extend(["--provider".to_owned(), provider.to_owned()]);
            run(arguments).stdout()
        };
        assert_eq!(with("aws-lc-rs"), with("rust-crypto"), "{}", case.text("id").unwrap());
    }
}
