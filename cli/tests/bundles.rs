//! Requests to the offline root and its responses: `tegata token csr`, `tegata bundle request`, `show` and `open`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::path::{Path, PathBuf};

use rand_core::UnwrapErr;
use serde_json::Value as Json;
use support::{Finished, demo, demo_file, demo_key, demo_token, run};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Certificate, Curve, PublicKey, rust_crypto};
use tegata_trust_list::bundle::qr::{QrPart, split};
use tegata_trust_list::bundle::{IssuedCertificate, IssuedRole, RequestBundle, ResponseBundle, SignerRole};
use time::macros::utc_datetime;

/// A directory with a request of the demo's authority and the keys of both sides.
struct Desk {
    directory: tempfile::TempDir,
    root: InsecureSoftwareKey,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            directory: tempfile::tempdir().unwrap(),
            root: InsecureSoftwareKey::generate(Curve::Ed25519, &mut UnwrapErr(getrandom::SysRng)).unwrap(),
        };
        std::fs::write(desk.path("log.pem"), desk.root.public_key().to_pem()).unwrap();
        let keys = words(["token", "keys", "--label", "tegata-demo", "--json"]);
        let keys = run(keys.into_iter().chain(demo_token())).expect(0).json();
        let status = keys["keys"].as_array().unwrap().iter().find(|key| key["label"] == "status").unwrap();
        std::fs::write(desk.path("online.jwk"), status["public_key"].to_string()).unwrap();
        desk.csr("ds-2.csr").expect(0);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn csr(&self, name: &str) -> Finished {
        let mut arguments = words(["token", "csr", "--country", "UT", "--organization", "Utopia"]);
        arguments.extend(words(["--common-name", "Utopia DS 2", "--key", &demo_key("ds"), "--out", &self.file(name)]));
        run(arguments.into_iter().chain(demo_token()))
    }

    /// A request signed with the demo's status key.
    fn request(&self, name: &str, more: &[&str]) -> Finished {
        let mut arguments = words(["bundle", "request", "--at", "2026-11-21T12:00:00Z"]);
        arguments.extend(words(["--key", &demo_key("status"), "--out", &self.file(name)]));
        if !more.contains(&"--ops-manager") {
            arguments.extend(words(["--ops-manager", "p03", "--key-manager", "p07"]));
        }
        arguments.extend(words(more.iter().copied()));
        run(arguments.into_iter().chain(demo_token()))
    }

    fn first_request(&self) -> Json {
        let csr = format!("document-signer={}", self.file("ds-2.csr"));
        let more = [
            "--sequence",
            "1",
            "--csr",
            &csr,
            "--revoke",
            &demo_file("ds.pem"),
            "--reason",
            "key-compromise",
            "--requested-by",
            "p01",
            "--json",
        ];
        self.request("request.bundle", &more).expect(0).json()
    }

    fn online_key(&self) -> PublicKey {
        PublicKey::from_jwk(&std::fs::read_to_string(self.path("online.jwk")).unwrap()).unwrap()
    }

    /// What the root answers, made with the library.
    fn respond(&self, change: impl FnOnce(&mut ResponseBundle)) {
        let request = std::fs::read(self.path("request.bundle")).unwrap();
        let request = RequestBundle::open(&request, &self.online_key(), rust_crypto()).unwrap();
        let der = |name| Certificate::from_pem(&std::fs::read(demo().join(name)).unwrap()).unwrap().der().to_vec();
        let mut response = ResponseBundle {
            sequence: request.contents().sequence,
            request_digest: request.digest(),
            created: utc_datetime!(2026-11-21 15:00),
            certificates: vec![
                IssuedCertificate { role: IssuedRole::Root, der: der("iaca.pem") },
                IssuedCertificate { role: SignerRole::DocumentSigner.into(), der: der("ds.pem") },
            ],
            links: Vec::new(),
            crls: vec![std::fs::read(demo().join("crl.der")).unwrap()],
            next_sequence: request.contents().sequence + 1,
            checkpoint: "root.example/log\n14\nBBBB\n".into(),
            software_token: true,
        };
        change(&mut response);
        let prepared = response.prepare(self.root.public_key()).unwrap();
        let signature = self.root.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
        std::fs::write(self.path("response.bundle"), prepared.complete(&signature, rust_crypto()).unwrap()).unwrap();
    }

    fn open(&self, bundle: &str, more: &[&str]) -> Finished {
        let mut arguments = words(["bundle", "open", &self.file(bundle), "--dir", &self.file("opened")]);
        arguments.extend(words(more.iter().copied()));
        run(arguments)
    }
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_certification_request_is_made_by_the_token_and_verified_by_openssl() {
    let desk = Desk::new();
    let shown = run(["inspect", "--json", &desk.file("ds-2.csr")]).expect(0).json();
    assert_eq!(shown["kind"], "certification-request");
    assert_eq!(shown["content"]["subject"], "CN=Utopia DS 2,O=Utopia,C=UT");
    assert_eq!(shown["content"]["proof_of_possession"], true);
    desk.csr("ds-2.csr").refused(2, "output-exists");
    let openssl = std::process::Command::new("openssl")
        .args(["req", "-noout", "-verify", "-subject", "-in"])
        .arg(desk.path("ds-2.csr"))
        .output();
    let Ok(output) = openssl else { return println!("skipped: no openssl") };
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && text.contains("verify OK"), "{text}");
    assert!(text.contains("C = UT, O = Utopia, CN = Utopia DS 2"), "{text}");
}

#[test]
fn a_request_says_what_it_was_told() {
    let desk = Desk::new();
    let made = desk.first_request();
    let shown = run(["bundle", "show", "--json", &desk.file("request.bundle")]).expect(0).json();
    assert_eq!(shown["sha256"], made["sha256"]);
    assert_eq!((&shown["kind"], &shown["sequence"]), (&"request".into(), &1.into()));
    assert_eq!(shown["applicants"][0]["person"], "p03");
    assert_eq!(shown["items"][0]["role"], "document-signer");
    let ds = Certificate::from_pem(&std::fs::read(demo().join("ds.pem")).unwrap()).unwrap();
    assert_eq!(shown["items"][1]["serial"], hex::encode(ds.serial()));
    assert_eq!(shown["items"][1]["issuer_ski"], hex::encode(ds.authority_key_identifier().unwrap()));
    assert_eq!((&shown["items"][1]["reason"], &shown["items"][1]["requested_by"]), (&1.into(), &"p01".into()));
    assert_eq!(shown["items"][1]["at"], "2026-11-21T12:00:00Z");

    let page = run(["bundle", "show", &desk.file("request.bundle")]).expect(0);
    assert!(page.stdout().contains("certificate document-signer for CN=Utopia DS 2"), "{}", page.all());
    assert!(page.stderr().contains("not verified"), "{}", page.all());
    let page = run(["bundle", "show", "--lang", "ja", &desk.file("request.bundle")]).expect(0).stdout();
    assert!(page.contains("オフラインルートへの要求") && page.contains("失効"), "{page}");
}

#[test]
fn the_answer_is_opened_and_the_next_request_continues_it() {
    let desk = Desk::new();
    desk.first_request();
    desk.respond(|_| ());
    let (log, request) = (desk.file("log.pem"), desk.file("request.bundle"));
    let opened = desk.open("response.bundle", &["--signer", &log, "--request", &request, "--json"]).expect(0).json();
    let files = ["certificate-1.iaca.der", "certificate-2.document-signer.der", "checkpoint.txt", "crl-1.der"];
    assert_eq!(names_in(&desk.path("opened")), files);
    assert_eq!(opened["files"].as_array().unwrap().len(), 4);
    let crl = std::fs::read(desk.path("opened").join("crl-1.der")).unwrap();
    assert_eq!(crl, std::fs::read(demo().join("crl.der")).unwrap());
    desk.open("response.bundle", &["--signer", &log, "--request", &request]).refused(2, "output-directory-exists");

    let previous = desk.file("response.bundle");
    let next = ["--previous-response", &previous, "--response-signer", &log, "--json"];
    assert_eq!(desk.request("next.bundle", &next).expect(0).json()["sequence"], 2);
    let shown = run(["bundle", "show", "--json", &desk.file("next.bundle")]).expect(0).json();
    assert_eq!(shown["previous_response"], opened["sha256"]);
    assert_eq!(shown["last_checkpoint"], "root.example/log\n14\nBBBB\n");
    let page = run(["bundle", "show", &previous]).expect(0).stdout();
    assert!(page.contains("SOFTWARE TOKEN") && page.contains("of CN=IACA,O=Sandbox Organization,C=UT"), "{page}");
    let online = desk.file("online.jwk");
    let foreign = ["--previous-response", &previous, "--response-signer", &online];
    desk.request("other.bundle", &foreign).refused(2, "bundle-wrong-signer");
}

#[test]
fn a_request_is_opened_into_its_parts() {
    let desk = Desk::new();
    desk.first_request();
    let online = desk.file("online.jwk");
    let page = desk.open("request.bundle", &["--signer", &online]).expect(0).stdout();
    assert!(page.contains("1 file(s) of bundle 1"), "{page}");
    assert_eq!(names_in(&desk.path("opened")), ["csr-1.der"]);
    let shown = run(["inspect", "--json", &desk.path("opened").join("csr-1.der").display().to_string()]);
    assert_eq!(shown.expect(0).json()["kind"], "certification-request");
}

#[test]
fn foreign_replayed_and_spoilt_answers_leave_nothing() {
    let desk = Desk::new();
    desk.first_request();
    let (log, online, request) = (desk.file("log.pem"), desk.file("online.jwk"), desk.file("request.bundle"));
    let answer = ["--signer", &log, "--request", &request];

    desk.respond(|_| ());
    desk.open("response.bundle", &["--signer", &log]).refused(2, "bundle-request-needed");
    desk.open("response.bundle", &["--signer", &online, "--request", &request]).refused(2, "bundle-wrong-signer");
    let response = desk.file("response.bundle");
    desk.open("response.bundle", &["--signer", &log, "--request", &response]).refused(2, "bundle-wrong-type");
    desk.open("request.bundle", &["--signer", &online, "--request", &request]).refused(2, "bundle-request-not-needed");

    let mut bytes = std::fs::read(desk.path("response.bundle")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(desk.path("spoilt.bundle"), &bytes).unwrap();
    let refused = desk.open("spoilt.bundle", &answer).refused(2, "bundle-object-digest");
    assert!(refused.stderr().contains("certificate-2") || refused.stderr().contains("crl-1"), "{}", refused.all());
    std::fs::write(desk.path("text.bundle"), "just text").unwrap();
    desk.open("text.bundle", &answer).refused(2, "bundle-cbor");

    desk.respond(|response| (response.sequence, response.next_sequence) = (2, 3));
    desk.open("response.bundle", &answer).refused(2, "bundle-other-sequence");
    desk.respond(|response| response.request_digest = [0; 32]);
    desk.open("response.bundle", &answer).refused(2, "bundle-other-request");
    desk.respond(|response| response.crls[0].truncate(20));
    desk.open("response.bundle", &answer).refused(2, "crl-truncated");
    assert!(!desk.path("opened").exists());
    assert!(names_in(desk.directory.path()).iter().all(|name| !name.contains("part")), "nothing half-written is left");
}

#[test]
fn what_must_not_be_asked_for_is_refused() {
    let desk = Desk::new();
    let csr = format!("document-signer={}", desk.file("ds-2.csr"));
    let one = ["--sequence", "1", "--csr", &csr];
    let with = |more: &[&str]| desk.request("out", &[&one, more].concat());
    with(&["--ops-manager", "p03", "--key-manager", "p03"]).refused(2, "bundle-applicants-same-person");
    with(&["--ops-manager", "Taro", "--key-manager", "p07"]).refused(2, "bundle-applicants-person");
    with(&["--attestation", &format!("2={}", desk.file("log.pem"))]).refused(2, "attestation-without-csr");
    with(&["--requested-by", "p01", "--revoke", &desk.file("ds-2.csr")]).refused(2, "wrong-file-kind");
    desk.request("out", &["--sequence", "0"]).refused(2, "bundle-field");
    let key = format!("status-signer={}", desk.file("log.pem"));
    desk.request("out", &["--sequence", "1", "--csr", &key]).refused(2, "wrong-file-kind");

    let pem = std::fs::read_to_string(desk.path("ds-2.csr")).unwrap();
    let request = tegata_pki::CertificationRequest::from_pem(pem.as_bytes()).unwrap();
    let mut der = request.der().to_vec();
    let place = der.windows(6).position(|window| window == b"Utopia").unwrap();
    der[place] = b'u';
    std::fs::write(desk.path("forged.der"), &der).unwrap();
    let forged = format!("document-signer={}", desk.file("forged.der"));
    desk.request("out", &["--sequence", "1", "--csr", &forged]).refused(2, "csr-signature");
    let shown = run(["inspect", "--json", &desk.file("forged.der")]).expect(0).json();
    assert_eq!(shown["content"]["fault"], "csr-signature");

    for usage in
        [&["--csr", &csr][..], &["--sequence", "1", "--csr", "iaca=x"], &["--sequence", "1", "--reason", "superseded"]]
    {
        let finished = desk.request("out", usage);
        assert_eq!(finished.status(), 2, "{usage:?}: {}", finished.all());
    }
    assert!(!desk.path("out").exists());
}

#[test]
fn codes_are_drawn_and_what_a_scanner_gives_is_read() {
    let desk = Desk::new();
    desk.first_request();
    let bytes = std::fs::read(desk.path("request.bundle")).unwrap();
    let codes = desk.file("codes");
    let written = run(["bundle", "show", &desk.file("request.bundle"), "--qr-dir", &codes, "--json"]).expect(0).json();
    let names = names_in(&desk.path("codes"));
    assert_eq!(written["codes"], names.len());
    assert!(names.len() > 1 && names[0].ends_with(&format!("-001-of-{:03}.svg", names.len())), "{names:?}");
    let drawn = std::fs::read_to_string(desk.path("codes").join(&names[0])).unwrap();
    assert!(drawn.contains("<svg"), "{drawn}");
    let page = run(["bundle", "show", &desk.file("request.bundle"), "--qr"]).expect(0).stdout();
    assert!(page.contains('█') && page.contains(&format!("code 1 of {}", names.len())), "{page}");

    let lines: Vec<_> = split(&bytes).unwrap().iter().map(QrPart::text).collect();
    let scan = |lines: &[String], json: &[&str]| {
        let text: String = lines.iter().rev().map(|line| format!("{line}\r\n\r\n")).collect();
        std::fs::write(desk.path("scan.txt"), text).unwrap();
        let mut arguments = words(["bundle", "show", &desk.file("scan.txt")]);
        arguments.extend(words(json.iter().copied()));
        run(arguments)
    };
    let shown = run(["bundle", "show", "--json", &desk.file("request.bundle")]).expect(0).json();
    assert_eq!(scan(&lines, &["--json"]).expect(0).json(), shown);
    let missing = scan(&lines[1..], &[]).refused(2, "qr-missing");
    assert!(missing.stderr().contains("[1]"), "{}", missing.stderr());
    let mut spoilt = lines.clone();
    spoilt[0] = spoilt[0].replace(":1:", ":2:");
    let corrupt = scan(&spoilt, &[]).refused(2, "qr-corrupt");
    assert!(corrupt.stderr().contains(&format!("line {}", 2 * lines.len() - 1)), "{}", corrupt.stderr());
}
