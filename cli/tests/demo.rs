//! The demo: what it leaves, what it says, and that its root, certificates and CRLs come from ceremonies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
use std::process::Command;

use support::{Finished, demo, demo_file, run, run_demo, tegata};
use tegata_pki::{Certificate, Crl, PublicKey, rust_crypto};
use tegata_trust_list::bundle::{RequestBundle, ResponseBundle};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(demo().join(name)).unwrap()
}

fn certificate(name: &str) -> Certificate {
    Certificate::from_pem(&read(name)).unwrap()
}

fn key(name: &str) -> PublicKey {
    PublicKey::from_pem(&String::from_utf8(read(name)).unwrap()).unwrap()
}

#[test]
fn the_demo_runs_twice_and_makes_a_new_root() {
    let directory = tempfile::tempdir().unwrap();
    let first = run_demo(directory.path(), &["--json"]).expect(0).json();
    let trials = first["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 5);
    assert!(trials.iter().all(|trial| trial["as_expected"] == true), "{first:#}");
    let verdicts: Vec<_> = trials.iter().map(|trial| trial["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["accepted", "rejected", "rejected", "rejected", "rejected"]);
    assert_eq!(trials[4]["primary"], "ds-revoked");
    for artefact in first["artefacts"].as_array().unwrap() {
        let file = directory.path().join(artefact.as_str().unwrap());
        assert!(std::fs::metadata(&file).unwrap().len() > 0, "{}", file.display());
    }
    let read = |name: &str| std::fs::read(directory.path().join(name)).unwrap();
    let (root, issued, pin) = (read("iaca.pem"), read("issued.cbor"), read("token/pin"));
    std::fs::write(directory.path().join("notes.txt"), "mine").unwrap();
    let second = run_demo(directory.path(), &["--json"]).expect(0).json();
    assert_ne!(read("iaca.pem"), root, "the root is new");
    assert_ne!(read("issued.cbor"), issued, "the document is new");
    assert_eq!(read("token/pin"), pin, "the token is kept");
    assert_eq!(read("notes.txt"), b"mine");
    let folders = |told: &serde_json::Value| {
        let ceremonies = told["ceremonies"].as_array().unwrap();
        let kinds: Vec<_> = ceremonies.iter().map(|ceremony| ceremony["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["first", "emergency-revoke"]);
        ceremonies.iter().map(|ceremony| ceremony["folder"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(folders(&first).iter().all(|folder| !Path::new(folder).exists()), "the old root is gone");
    assert!(folders(&second).iter().all(|folder| Path::new(folder).join("script.toml").exists()));
}

#[test]
fn the_demo_speaks_japanese() {
    let directory = tempfile::tempdir().unwrap();
    let finished = run_demo(directory.path(), &["--lang", "ja"]).expect(0);
    assert!(finished.stdout().contains("受理") && finished.stdout().contains("拒否"), "{}", finished.stdout());
    assert!(!finished.stdout().contains("ACCEPTED"));
    let steps = finished.stderr();
    assert!(steps.contains("初回セレモニー") && steps.contains("緊急セレモニー"), "{steps}");
}

/// The root signs answers with a key of its own, and each file across the air gap names the one before.
#[test]
fn bundles_go_back_and_forth_in_order() {
    let (online, root) = (key("online.pem"), key("response-signer.pem"));
    let request = |name: &str| RequestBundle::open(&read(name), &online, rust_crypto()).unwrap();
    let response = |name: &str| ResponseBundle::open(&read(name), &root, rust_crypto()).unwrap();
    let (asked, answered) = (request("request.bundle"), response("response.bundle"));
    let (asked_again, answered_again) = (request("request-revoke.bundle"), response("response-revoke.bundle"));
    assert_eq!((asked.contents().sequence, asked_again.contents().sequence), (1, 2));
    answered.check_answers(1, &asked.digest()).unwrap();
    answered_again.check_answers(2, &asked_again.digest()).unwrap();
    assert_eq!(asked_again.contents().previous_response, Some(answered.digest()));
    assert_eq!(asked_again.contents().last_checkpoint.as_deref(), Some(answered.contents().checkpoint.as_str()));
    assert!(answered.contents().software_token, "a rehearsal says that it is one");
    assert_eq!((asked.contents().csrs().count(), asked_again.contents().revocations().count()), (2, 1));

    let shown = run(["bundle", "show", "--json", &demo_file("response.bundle")]).expect(0).json();
    assert_eq!(shown["kind"], "response");
}

#[test]
fn certificates_and_lists_are_those_of_the_answers() {
    let root = key("response-signer.pem");
    let response = |name: &str| ResponseBundle::open(&read(name), &root, rust_crypto()).unwrap().into_contents();
    let (first, second) = (response("response.bundle"), response("response-revoke.bundle"));
    for name in ["iaca.pem", "ds.pem", "status-signer.pem"] {
        let der = certificate(name).der().to_vec();
        assert!(first.certificates.iter().any(|issued| issued.der == der), "{name}");
    }
    assert!(first.crls.contains(&read("crl.der")) && second.crls.contains(&read("crl-after.der")));

    let (iaca, signer) = (certificate("iaca.pem"), certificate("ds.pem"));
    assert_eq!(iaca.subject().to_string(), "CN=IACA,O=Sandbox Organization,C=UT");
    assert_eq!(signer.subject().to_string(), "CN=Document Signer 1,O=Sandbox Organization,C=UT");
    let claims: serde_json::Value = serde_json::from_slice(&read("claims.json")).unwrap();
    assert_eq!(claims["org.iso.18013.5.1"]["issuing_country"], "UT");
    assert_eq!(claims["org.iso.18013.5.1"]["issuing_authority"], "Sandbox Organization");

    let (before, after) = (read("crl.der"), read("crl-after.der"));
    let (before, after) = (Crl::from_der(&before).unwrap(), Crl::from_der(&after).unwrap());
    assert!(before.lookup(signer.serial()).unwrap().is_none());
    assert!(after.lookup(signer.serial()).unwrap().is_some());
    assert!(after.number() > before.number(), "numbers rise");
}

/// `tegata verify` comes to the same verdicts with the files, and so does OpenSSL with the CRLs.
#[test]
fn the_revoked_signer_is_found_from_the_files_alone() {
    let verify = |crl: &str| {
        let mut arguments = vec!["verify".to_owned(), demo_file("response.cbor"), "--json".to_owned()];
        for (option, file) in [
            ("--trust", "iaca.pem"),
            ("--transcript", "transcript.cbor"),
            ("--crl", crl),
            ("--status", "status-list-before.cwt"),
        ] {
            arguments.extend([option.to_owned(), demo_file(file)]);
        }
        run(arguments)
    };
    assert_eq!(verify("crl.der").expect(0).json()["verdict"], "accepted");
    let report = verify("crl-after.der").expect(10).json();
    let checks = report["documents"][0]["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == "ds-revoked").unwrap();
    assert_eq!(check["outcome"], "fail", "{report:#}");

    let openssl = |crl: &str| {
        let pem = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(pem.path(), Crl::from_der(&read(crl)).unwrap().to_pem()).unwrap();
        let ended = Command::new("openssl")
            .args(["verify", "-crl_check", "-CAfile", &demo_file("iaca.pem"), "-CRLfile"])
            .arg(pem.path())
            .arg(demo_file("ds.pem"))
            .output();
        ended.ok().map(|ended| (ended.status.success(), String::from_utf8(ended.stderr).unwrap()))
    };
    let (Some(before), Some(after)) = (openssl("crl.der"), openssl("crl-after.der")) else {
        return println!("skipped: no openssl");
    };
    assert!(before.0, "{before:?}");
    assert!(!after.0 && after.1.contains("certificate revoked"), "{after:?}");
}

/// Everything a key is known by must not occur outside the store: the store's key objects are encrypted, so the test
/// looks for any private key encoding at all.
#[test]
fn no_key_lies_outside_the_token() {
    // The token and the offline root keep keys; nothing else does, however deep.
    let mut folders = vec![demo().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let keeps_keys = ["token", "root"].iter().any(|name| path == demo().join(name));
                folders.extend((!keeps_keys).then_some(path));
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("PRIVATE KEY") && !text.contains("\"d\":"), "{}", path.display());
        }
    }
    let names: BTreeSet<_> =
        std::fs::read_dir(demo().join("token")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains("pin".as_ref() as &std::ffi::OsStr), "{names:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&demo().join("token")), 0o700);
        assert_eq!(mode(&demo().join("token/pin")), 0o600);
    }
    let store = std::fs::read(demo().join("token/token-1.sqlite")).unwrap();
    let pin = std::fs::read_to_string(demo().join("token/pin")).unwrap();
    assert!(
        !store.windows(pin.trim().len()).any(|window| window == pin.trim().as_bytes()),
        "the PIN is not in the store"
    );
}

/// The binary under test in a folder without `tegata-root`, and a directory for the demo.
#[cfg(unix)]
struct Alone {
    directory: tempfile::TempDir,
}

#[cfg(unix)]
impl Alone {
    fn new() -> Self {
        // On the file system of the build, where a link can be made: a fresh copy may be busy when it is started.
        let alone = Self { directory: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        std::fs::hard_link(env!("CARGO_BIN_EXE_tegata"), alone.path("tegata")).unwrap();
        alone
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// With another program in the place of `tegata-root`.
    fn with_root_program(program: &str) -> Self {
        let alone = Self::new();
        std::os::unix::fs::symlink(program, alone.path("tegata-root")).unwrap();
        alone
    }

    fn demo(&self) -> Finished {
        let mut command = Command::new(self.path("tegata"));
        command.args(["demo", "--lang", "en", "--color", "never", "--dir"]).arg(self.path("demo"));
        Finished(command.output().unwrap())
    }
}

#[cfg(unix)]
#[test]
fn without_the_root_program_nothing_is_made() {
    let alone = Alone::new();
    let refused = alone.demo().refused(2, "root-program-absent");
    assert!(refused.stderr().contains("build it: cargo build -p tegata-root"), "{}", refused.all());
    assert!(!alone.path("demo").exists());
}

#[cfg(unix)]
#[test]
fn another_program_in_its_place_is_found_out() {
    for (program, id) in [
        ("/bin/echo", "root-program-answer"),
        ("/bin/false", "root-program-failed"),
        (concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "root-program-unstartable"),
    ] {
        let alone = Alone::with_root_program(program);
        let ended = alone.demo();
        assert_eq!(ended.status(), 1, "{}", ended.all());
        assert!(ended.stderr().contains(&format!("error[{id}]")), "{}", ended.all());
        assert!(!alone.path("demo/issued.cbor").exists(), "nothing is issued without a root");
    }
}

/// The root asks OpenSSL for a second opinion of what it signed; without one the ceremony stops.
#[test]
fn what_stops_the_root_is_told_in_its_words() {
    demo();
    let directory = tempfile::tempdir().unwrap();
    let output = tegata().env("PATH", "").args(["demo", "--dir"]).arg(directory.path()).output().unwrap();
    let ended = Finished(output);
    assert_eq!((ended.status(), ended.stdout().as_str()), (1, ""), "{}", ended.all());
    assert!(ended.stderr().contains("error[root-program-failed]"), "{}", ended.all());
    assert!(ended.stderr().contains("[openssl-absent]"), "{}", ended.all());
    assert!(!directory.path().join("issued.cbor").exists(), "nothing is issued without a root");
}
