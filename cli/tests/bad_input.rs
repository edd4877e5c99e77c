//! Bad input: one clear message, a documented exit status, nothing half-written.
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

use support::{Finished, SandboxRoot, demo, demo_file, demo_key, demo_token, run, run_demo, tegata};

/// A place for outputs, and the bad files.
struct Bench {
    directory: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::write(bench.path("empty"), b"").unwrap();
        std::fs::write(bench.path("wrong"), b"just some text\n").unwrap();
        std::fs::create_dir(bench.path("directory")).unwrap();
        std::fs::File::create(bench.path("zeros")).unwrap().set_len(100 << 20).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn out(&self) -> String {
        self.path("out").display().to_string()
    }

    /// Nothing but the bad files is there.
    fn is_untouched(&self) {
        let mut names: Vec<_> =
            std::fs::read_dir(self.directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["directory", "empty", "wrong", "zeros"]);
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn issue_arguments(out: &str) -> Vec<String> {
    let mut arguments = words("issue --doctype org.iso.18013.5.1.mDL --valid-days 5");
    for (name, file) in [("--claims", "claims.json"), ("--cert", "ds.pem"), ("--chain", "iaca.pem")] {
        arguments.extend([name.to_owned(), demo_file(file)]);
    }
    arguments.extend(["--ds".to_owned(), demo_key("ds"), "--device-key".to_owned(), demo_file("device-key.jwk")]);
    arguments.extend(demo_token());
    arguments.extend(["--out".to_owned(), out.to_owned()]);
    arguments
}

fn present_arguments(out: &str) -> Vec<String> {
    let mut arguments = words("present --elements org.iso.18013.5.1/family_name");
    arguments.extend(["--issued".to_owned(), demo_file("issued.cbor")]);
    arguments.extend(["--transcript".to_owned(), demo_file("transcript.cbor")]);
    arguments.extend(["--device-key".to_owned(), demo_key("device")]);
    arguments.extend(demo_token());
    arguments.extend(["--out".to_owned(), out.to_owned()]);
    arguments
}

fn verify_arguments() -> Vec<String> {
    let mut arguments = vec!["verify".to_owned(), demo_file("response.cbor")];
    for (name, file) in [
        ("--trust", "iaca.pem"),
        ("--transcript", "transcript.cbor"),
        ("--crl", "crl.der"),
        ("--status", "status-list-before.cwt"),
    ] {
        arguments.extend([name.to_owned(), demo_file(file)]);
    }
    arguments
}

fn crl_arguments(out: &str) -> Vec<String> {
    let mut arguments = words("sandbox crl");
    let root = SandboxRoot::shared();
    arguments.extend(["--root-cert".to_owned(), root.certificate(), "--root-key".to_owned(), root.key()]);
    arguments.extend(["--revoke".to_owned(), demo_file("ds.pem")]);
    arguments.extend(root.token());
    arguments.extend(["--out".to_owned(), out.to_owned()]);
    arguments
}

/// The arguments with the value of `option` replaced.
fn with(mut arguments: Vec<String>, option: &str, value: &str) -> Vec<String> {
    let at = arguments.iter().position(|word| word == option).unwrap_or_else(|| panic!("{option}"));
    arguments[at + 1] = value.to_owned();
    arguments
}

#[test]
fn the_good_commands_work() {
    let bench = Bench::new();
    run(verify_arguments()).expect(0);
    run(issue_arguments(&bench.out())).expect(0);
    run(present_arguments(&bench.path("response").display().to_string())).expect(0);
    run(crl_arguments(&bench.path("crl").display().to_string())).expect(0);
}

#[test]
fn every_file_of_every_command_is_checked() {
    let bench = Bench::new();
    let out = bench.out();
    let commands: [(Vec<String>, &[&str]); 4] = [
        (verify_arguments(), &["verify", "--trust", "--transcript", "--crl", "--status"]),
        (issue_arguments(&out), &["--claims", "--cert", "--chain", "--device-key"]),
        (present_arguments(&out), &["--issued", "--transcript"]),
        (crl_arguments(&out), &["--root-cert", "--revoke"]),
    ];
    let faults = [
        ("empty", "file-empty"),
        ("directory", "file-is-directory"),
        ("zeros", "file-too-large"),
        ("wrong", "wrong-file-kind"),
        ("absent", "file-not-found"),
    ];
    for (arguments, options) in commands {
        for option in options {
            for (file, id) in faults {
                let file = bench.path(file).display().to_string();
                let finished = run(with(arguments.clone(), option, &file)).refused(2, id);
                assert!(finished.stderr().contains(&file), "{option}: the file is named");
                bench.is_untouched();
            }
        }
    }
}

#[test]
fn inspect_and_explain_check_their_files() {
    let bench = Bench::new();
    for (file, id) in [
        ("empty", "file-empty"),
        ("directory", "file-is-directory"),
        ("zeros", "file-too-large"),
        ("absent", "file-not-found"),
    ] {
        let file = bench.path(file).display().to_string();
        run(["inspect", &file]).refused(2, id);
        run(["explain", "transcript", &file, &demo_file("transcript.cbor")]).refused(2, id);
    }
    let wrong = bench.path("wrong").display().to_string();
    run(["inspect", &wrong]).refused(2, "wrong-file-kind");
    run(["explain", "transcript", &wrong, &wrong]).refused(2, "wrong-file-kind");
    run(["explain", "check", "no-such-check"]).refused(2, "check-unknown");
    let guess = run(["explain", "check", "device-aut"]).refused(2, "check-unknown");
    assert!(guess.stderr().contains("Did you mean `device-auth`?"), "{}", guess.stderr());
}

#[test]
fn files_of_another_kind_are_named_by_what_they_are() {
    let swapped = [
        ("--trust", "response.cbor", "DeviceResponse"),
        ("--transcript", "iaca.pem", "a certificate"),
        ("--crl", "ds.pem", "a certificate"),
        ("--status", "crl.der", "a CRL"),
        ("verify", "transcript.cbor", "SessionTranscript"),
        ("verify", "claims.json", "JSON of no known kind"),
    ];
    for (option, file, kind) in swapped {
        let finished = run(with(verify_arguments(), option, &demo_file(file))).refused(2, "wrong-file-kind");
        assert!(finished.stderr().contains(kind), "{}", finished.stderr());
    }
}

/// In a file of many roots, the one that cannot be used has to be found.
#[test]
fn a_root_with_a_key_of_another_kind_is_named() {
    let bench = tempfile::tempdir().unwrap();
    let rsa = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../trust-list/tests/foreign/root-rsa.pem")).unwrap();
    let roots = bench.path().join("roots.pem");
    std::fs::write(&roots, [std::fs::read(demo_file("iaca.pem")).unwrap(), rsa].concat()).unwrap();
    let refused = run(with(verify_arguments(), "--trust", roots.to_str().unwrap()));
    let message = refused.refused(2, "trust-key").stderr();
    for part in
        ["roots.pem", "the key of CN=Utopia IACA,C=UT", "unsupported key algorithm", "Leave this certificate out"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn damaged_files_are_refused_with_the_reason() {
    let bench = tempfile::tempdir().unwrap();
    let damaged = bench.path().join("damaged");
    for (option, file) in [
        ("verify", "response.cbor"),
        ("--trust", "iaca.pem"),
        ("--crl", "crl.der"),
        ("--status", "status-list-before.cwt"),
    ] {
        let whole = std::fs::read(demo().join(file)).unwrap();
        std::fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
        let finished = run(with(verify_arguments(), option, &damaged.display().to_string()));
        assert_eq!(finished.status(), 2, "{option}: {}", finished.all());
        assert!(finished.stderr().starts_with("error["), "{}", finished.all());
    }
}

#[test]
fn a_wrong_pin_is_one_clear_error() {
    let bench = Bench::new();
    // Outside the bench, whose content is compared.
    let other = tempfile::tempdir().unwrap();
    let pin = other.path().join("pin");
    std::fs::write(&pin, "000000000000").unwrap();
    let pin = pin.display().to_string();
    for arguments in [issue_arguments(&bench.out()), present_arguments(&bench.out()), crl_arguments(&bench.out())] {
        let finished = run(with(arguments, "--pin-file", &pin));
        assert_eq!(finished.status(), 2, "{}", finished.all());
        assert!(finished.stderr().contains("PIN"), "{}", finished.all());
        bench.is_untouched();
    }
    std::fs::write(other.path().join("none"), "").unwrap();
    let none = other.path().join("none").display().to_string();
    run(with(issue_arguments(&bench.out()), "--pin-file", &none)).refused(2, "pin-empty");
    let mut unset = with(issue_arguments(&bench.out()), "--pin-file", "TEGATA_TEST_UNSET");
    let at = unset.iter().position(|word| word == "--pin-file").unwrap();
    unset[at] = "--pin-env".to_owned();
    run(unset).refused(2, "pin-environment-unset");
}

#[test]
fn a_pin_in_the_reference_is_refused_and_not_repeated() {
    let bench = Bench::new();
    let reference = "pkcs11:token=tegata-demo;object=ds?pin-value=secret-pin";
    let finished = run(with(issue_arguments(&bench.out()), "--ds", reference)).refused(2, "reference-pin-value");
    assert!(!finished.stderr().contains("secret-pin"), "{}", finished.stderr());
}

#[test]
fn a_missing_key_or_token_is_named() {
    let bench = Bench::new();
    let missing = run(with(issue_arguments(&bench.out()), "--ds", &demo_key("nobody")));
    assert_eq!(missing.status(), 2, "{}", missing.all());
    assert!(missing.stderr().contains("nobody"), "{}", missing.all());
    let reference = "pkcs11:token=elsewhere;object=ds?module-name=tegata-embedded";
    let missing = run(with(issue_arguments(&bench.out()), "--ds", reference));
    assert_eq!(missing.status(), 2, "{}", missing.all());
    assert!(missing.stderr().contains("elsewhere"), "{}", missing.all());
    let other = run(with(issue_arguments(&bench.out()), "--ds", &demo_key("status")));
    assert_eq!(other.status(), 2, "{}", other.all());
    bench.is_untouched();
}

#[test]
fn an_expired_document_signer_does_not_sign() {
    let bench = Bench::new();
    let mut arguments = issue_arguments(&bench.out());
    arguments.extend(["--at".to_owned(), "2099-01-01T00:00:00Z".to_owned()]);
    let finished = run(arguments);
    assert_eq!(finished.status(), 2, "{}", finished.all());
    assert!(finished.stderr().contains("expired") && finished.stderr().contains("ds.pem"), "{}", finished.all());
    bench.is_untouched();
}

#[test]
fn a_document_signer_that_is_not_under_the_root_does_not_sign() {
    let bench = Bench::new();
    let other = tempfile::tempdir().unwrap();
    run_demo(other.path(), &[]).expect(0);
    let root = other.path().join("iaca.pem").display().to_string();
    let finished = run(with(issue_arguments(&bench.out()), "--chain", &root));
    assert_eq!(finished.status(), 2, "{}", finished.all());
    assert!(finished.stderr().contains("IACA"), "{}", finished.all());
    bench.is_untouched();
}

#[test]
fn misspelt_names_are_guessed() {
    let bench = Bench::new();
    let other = tempfile::tempdir().unwrap();
    let claims = std::fs::read_to_string(demo().join("claims.json")).unwrap();
    let path = other.path().join("claims.json");
    std::fs::write(&path, claims.replace("family_name", "familly_name")).unwrap();
    let finished = run(with(issue_arguments(&bench.out()), "--claims", &path.display().to_string()));
    assert_eq!(finished.status(), 2);
    assert!(finished.stderr().contains("Did you mean `family_name`?"), "{}", finished.all());
    let finished = run(with(issue_arguments(&bench.out()), "--doctype", "org.iso.18013.5.1.mDl"));
    assert_eq!(finished.status(), 2);
    assert!(finished.stderr().contains("Did you mean `org.iso.18013.5.1.mDL`?"), "{}", finished.all());
    let finished = run(with(present_arguments(&bench.out()), "--elements", "org.iso.18013.5.1/familly_name"));
    let finished = finished.refused(2, "element-not-in-document");
    assert!(finished.stderr().contains("Did you mean `org.iso.18013.5.1/family_name`?"), "{}", finished.all());
    bench.is_untouched();
}

#[test]
fn an_existing_output_is_kept() {
    let other = tempfile::tempdir().unwrap();
    let out = other.path().join("out").display().to_string();
    std::fs::write(&out, "precious").unwrap();
    for mut arguments in [issue_arguments(&out), present_arguments(&out), crl_arguments(&out)] {
        run(&arguments).refused(2, "output-exists");
        assert_eq!(std::fs::read(&out).unwrap(), b"precious");
        arguments.push("--force".to_owned());
        run(arguments).expect(0);
        std::fs::write(&out, "precious").unwrap();
    }
    let directory = other.path().display().to_string();
    run(issue_arguments(&directory)).refused(2, "output-is-directory");
    run(issue_arguments(&format!("{directory}/none/out"))).refused(2, "output-no-directory");
}

#[test]
fn wrong_values_are_bad_usage() {
    for arguments in [
        "verify x --at 2026-11-21",
        "verify x --policy lax",
        "verify",
        "issue --doctype x",
        "present --elements family_name",
        "nonsense",
    ] {
        let finished = run(words(arguments));
        assert_eq!(finished.status(), 2, "{arguments}");
        assert!(finished.stderr().starts_with("error"), "{}", finished.all());
    }
    for key in ["xyz", "P-999:00ff", "", "{}", "00"] {
        let mut arguments = verify_arguments();
        arguments.extend(["--reader-key".to_owned(), key.to_owned()]);
        let finished = run(arguments);
        assert_eq!(finished.status(), 2, "{key}: {}", finished.all());
    }
}

#[test]
fn errors_are_json_on_request() {
    let finished = run(["--json", "inspect", "/nonexistent/file"]);
    assert_eq!((finished.status(), finished.stdout().as_str()), (2, ""));
    let error: serde_json::Value = serde_json::from_str(&finished.stderr()).unwrap();
    assert_eq!(error["error"]["id"], "file-not-found");
    assert_eq!(error["error"]["file"], "/nonexistent/file");
    let usage: serde_json::Value = serde_json::from_str(&run(["--json", "verify"]).stderr()).unwrap();
    assert_eq!(usage["error"]["id"], "usage");
}

#[test]
fn standard_input_is_read() {
    use std::io::Write as _;
    let mut child = tegata()
        .args(["inspect", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(demo().join("response.cbor")).unwrap()).unwrap();
    let finished = Finished(child.wait_with_output().unwrap()).expect(0);
    assert!(finished.stdout().contains("DeviceResponse"));
    run(["inspect", "-"]).refused(2, "file-empty");
}

#[test]
fn nothing_foreign_is_overwritten_by_the_demo() {
    let directory = tempfile::tempdir().unwrap();
    let foreign: &Path = &directory.path().join("iaca.pem");
    std::fs::write(foreign, "mine").unwrap();
    run_demo(directory.path(), &[]).refused(2, "demo-foreign-file");
    assert_eq!(std::fs::read(foreign).unwrap(), b"mine");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn no_foreign_root_is_emptied_by_the_demo() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("state.sqlite"), "mine").unwrap();
    run_demo(directory.path(), &[]).refused(2, "demo-foreign-file");
    // Nor in a directory that is the demo's own.
    std::fs::write(directory.path().join(".tegata-demo"), "").unwrap();
    run_demo(directory.path(), &[]).refused(2, "demo-foreign-file");
    assert_eq!(std::fs::read(root.join("state.sqlite")).unwrap(), b"mine");
    assert_eq!(std::fs::read_dir(&root).unwrap().count(), 1);
}
