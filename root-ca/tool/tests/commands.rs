//! Every command once, once as JSON, once in Japanese; and what each says to input that it cannot use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tegata_pki::{Curve, software::InsecureSoftwareKey};
use tempfile::TempDir;
use time::UtcDateTime;

/// The binary, in English, without colours, for practice, on the root in `root`.
fn tool(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata-root"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COLUMNS"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).arg("--root").arg(root).arg("--sandbox");
    command
}

fn run<A: AsRef<OsStr>>(root: &Path, arguments: impl IntoIterator<Item = A>) -> Ended {
    Ended(tool(root).args(arguments).output().unwrap())
}

struct Ended(Output);

impl Ended {
    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn ok(self) -> Self {
        self.status(0)
    }

    fn status(self, status: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(status), "{}{}", self.out(), self.err());
        self
    }

    /// One message with this id, what to do, and this status.
    fn refused(self, status: i32, id: &str) -> Self {
        let said = self.err();
        assert!(said.contains(&format!("error[{id}]: ")), "no error[{id}]: {said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
        assert!(said.contains("\nhelp: ") || said.contains("\nwhat to do: "), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        self.status(status)
    }

    /// Standard output has all of these.
    fn says(self, words: &[&str]) -> Self {
        let out = self.out();
        for word in words {
            assert!(out.contains(word), "no {word:?} in {out}");
        }
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out()).unwrap_or_else(|error| panic!("{error}: {}{}", self.out(), self.err()))
    }
}

/// A root after its first ceremony, and the folder of the ceremony. No test opens this root, because only one process can
/// have its state: each works on a copy, or on the files.
fn rehearsed() -> &'static (TempDir, PathBuf) {
    static ROOT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    ROOT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let told = run(&root, ["--json", "ceremony", "rehearse", "first", "--policy", "jp-004"]).ok().json();
        let ceremony = PathBuf::from(told["ceremony"].as_str().unwrap());
        (folder, ceremony)
    })
}

/// A copy of the rehearsed root for one test.
fn copy() -> (TempDir, PathBuf) {
    let (folder, _) = rehearsed();
    let target = tempfile::tempdir().unwrap();
    let root = target.path().join("root");
    copy_folder(&folder.path().join("root"), &root);
    (target, root)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_root_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    run(&root, ["init", "--policy", "iso-18013-5"]).ok().says(&["iso-18013-5", "SANDBOX"]);
    assert!(root.join("checkpoint.pub").is_file());
    run(&root, ["init", "--policy", "jp-004"]).refused(3, "root-exists");
    run(&root, ["status"]).ok().says(&["Root keys: none", "next request has number 1"]);
    run(&root, ["audit", "query", "--event", "root-made"]).ok().says(&["root-made", "sandbox=true", "\n1 of "]);

    let other = folder.path().join("other");
    let told = run(&other, ["--json", "init", "--policy", "jp-004"]).ok().json();
    assert_eq!((&told["policy"], &told["sandbox"]), (&"jp-004".into(), &true.into()));
    run(&folder.path().join("third"), ["--lang", "ja", "init", "--policy", "jp-004"])
        .ok()
        .says(&["ルートを作成しました"]);
    run(&folder.path().join("fourth"), ["init", "--policy", "nowhere"]).refused(2, "file-unreadable");
}

/// Without `--sandbox` the machine must be cut off, and nothing is made on one that is not.
#[test]
fn production_wants_a_machine_that_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let up = |name: &Path| {
        let flags = std::fs::read_to_string(name.join("flags")).unwrap_or_default();
        let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).unwrap_or(0);
        flags & 1 != 0 && flags & 8 == 0
    };
    let connected = std::fs::read_dir("/sys/class/net").unwrap().any(|entry| up(&entry.unwrap().path()));
    let arguments = ["--root", text(&root), "init", "--policy", "jp-004"];
    let output = Command::new(env!("CARGO_BIN_EXE_tegata-root")).args(arguments).env("LANG", "C").output().unwrap();
    if connected {
        Ended(output).refused(3, "network-up");
        assert!(!root.exists());
    } else {
        Ended(output).ok();
        // A root for production is none for practice.
        run(&root, ["audit", "checkpoint"]).refused(3, "sandbox-differs");
    }
}

#[test]
fn policies_are_shown_and_checked() {
    let nowhere = Path::new("/nonexistent/root");
    run(nowhere, ["policy", "show", "jp-004"]).ok().says(&["# Root CA", "| 64 months |", "## Decisions"]);
    run(nowhere, ["--lang", "ja", "policy", "show", "jp-004"]).ok().says(&["64か月", "決定事項"]);
    let coloured = run(nowhere, ["--color", "always", "policy", "show", "jp-004"]).ok().out();
    assert!(coloured.contains("\x1b[1m") && !coloured.contains("|---|"), "{coloured}");
    let told = run(nowhere, ["--json", "policy", "show", "iso-18013-5"]).ok().json();
    assert_eq!(told["policy"]["id"], "iso-18013-5");
    assert!(told["policy"]["root"]["validity"].is_string(), "{told}");
    run(nowhere, ["policy", "show"]).refused(2, "policy-needed");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    let source = tegata_root_ca::Policy::built_in_toml("jp-004").unwrap();
    std::fs::write(&file, source).unwrap();
    run(nowhere, ["policy", "check", text(&file)]).ok().says(&["jp-004", "contradicts nothing"]);
    run(nowhere, ["--lang", "ja", "policy", "check", text(&file)]).ok().says(&["矛盾はありません"]);
    assert_eq!(run(nowhere, ["--json", "policy", "check", text(&file)]).ok().json()["policy"], "jp-004");
    std::fs::write(&file, source.replace("activation = { k = 2, n = 3 }", "activation = { k = 4, n = 3 }")).unwrap();
    run(nowhere, ["policy", "check", text(&file)]).refused(2, "policy-faults");
    std::fs::write(&file, "[ceremony]\n").unwrap();
    run(nowhere, ["policy", "check", text(&file)]).refused(2, "policy-toml");
}

#[test]
fn a_plan_is_drawn_and_must_hold() {
    let nowhere = Path::new("/nonexistent/root");
    let plan = |more: &[&str]| {
        let arguments = ["rollover", "plan", "--t0", "2027-04-01", "--policy", "jp-004"];
        run(nowhere, [&arguments, more].concat())
    };
    plan(&["--check"]).ok().says(&["█", "▲", "2032-07-31 23:59:59Z", "The plan holds"]);
    plan(&["--lang", "ja"]).ok().says(&["鍵の使用期間", "計画に問題はありません"]);
    let told = plan(&["--json"]).ok().json();
    assert_eq!((&told["root"]["until"], &told["findings"]), (&"2032-07-31T23:59:59Z".into(), &Value::Array(vec![])));
    // Made on the last day of its use the next root comes too late.
    plan(&["--rekey", "2032-04-01"]).ok().says(&["does not hold", "chart-rekey-too-late"]);
    plan(&["--rekey", "2032-04-01", "--check"]).refused(3, "plan-does-not-hold");
    let told = plan(&["--rekey", "2033-04-01", "--check", "--json"]).status(3).json();
    let ids: Vec<_> = told["findings"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"chart-outlives-root"), "{ids:?}");
    assert_eq!(plan(&["--rekey", "soon"]).status(2).out(), "");
}

#[test]
fn persons_enrol_and_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    run(&root, ["init", "--policy", "jp-004"]).ok();
    run(&root, ["person", "list"]).ok().says(&["Nobody"]);
    let (password, factor) = (folder.path().join("password"), folder.path().join("factor.key"));
    std::fs::write(&password, "correct horse battery\n").unwrap();
    let enrol = |handle: &str, more: &[&str]| {
        let fixed =
            ["person", "enrol", "--handle", handle, "--password-file", text(&password), "--factor-file", text(&factor)];
        run(&root, [fixed.as_slice(), more].concat())
    };
    enrol("p07", &["--work-factor", "2"]).ok().says(&["p07 is enrolled", "New key file made", "[[person]]"]);
    enrol("p07", &["--work-factor", "2"]).refused(2, "output-unwritable");
    enrol("P 7", &["--work-factor", "2"]).refused(2, "person-id-character");
    enrol("p08", &["--work-factor", "0"]).refused(2, "work-factor");
    let told = enrol("p08", &["--work-factor", "2", "--json"]).ok().json();
    assert_eq!((&told["factor_file_made"], &told["sandbox"]), (&false.into(), &true.into()));
    enrol("p09", &["--work-factor", "2", "--lang", "ja"]).ok().says(&["p09を登録しました"]);

    run(&root, ["person", "list"]).ok().says(&["p07", "p08", "SANDBOX only"]);
    assert_eq!(run(&root, ["--json", "person", "list"]).ok().json()["persons"][1], {
        let file = root.join("persons/p08.json");
        run(&root, ["--json", "person", "show", text(&file)]).ok().json()
    });
    let file = root.join("persons/p07.json");
    run(&root, ["--lang", "ja", "person", "show", text(&file)]).ok().says(&["サイトファイル", "練習専用"]);
    run(&root, ["audit", "query", "--actor", "p07"]).ok().says(&["person-enrolled"]);

    // What is no credential, no key file, no password.
    run(&root, ["person", "show", text(&password)]).refused(2, "credential-malformed");
    std::fs::write(&password, "short\n").unwrap();
    enrol("p10", &["--work-factor", "2"]).refused(2, "password-too-short");
    std::fs::write(&password, "correct horse battery\n").unwrap();
    std::fs::write(&factor, "nothing\n").unwrap();
    enrol("p10", &["--work-factor", "2"]).refused(2, "factor-malformed");
    assert!(!root.join("persons/p10.json").exists());
    let arguments = ["person", "enrol", "--handle", "p10", "--factor-file", text(&factor), "--work-factor", "2"];
    run(&root, arguments).refused(2, "no-terminal");
}

/// Another password, another stick: the key is the same, and the old factors open nothing.
#[test]
fn a_credential_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    run(&root, ["init", "--policy", "jp-004"]).ok();
    let [old, new, stick, other] = ["old", "new", "stick.key", "other.key"].map(|name| folder.path().join(name));
    std::fs::write(&old, "correct horse battery\n").unwrap();
    std::fs::write(&new, "another staple of words\n").unwrap();
    let head = ["person", "enrol", "--handle", "p07", "--work-factor", "2"];
    run(&root, [head.as_slice(), &["--password-file", text(&old), "--factor-file", text(&stick)]].concat()).ok();
    let file = root.join("persons/p07.json");
    let before = run(&root, ["--json", "person", "show", text(&file)]).ok().json();
    let renew = |password: &Path, factor: &Path, more: &[&str]| {
        let head = ["person", "renew", text(&file), "--work-factor", "2", "--new-password-file", text(&new)];
        run(
            &root,
            [&head, ["--password-file", text(password), "--factor-file", text(factor)].as_slice(), more].concat(),
        )
    };
    let to_other = ["--new-factor-file", text(&other)];
    renew(&old, &stick, &to_other).ok().says(&["The credential of p07 is renewed", "The key is the same"]);
    let after = run(&root, ["--json", "person", "show", text(&file)]).ok().json();
    assert_eq!((&before["public_key"], &before["enrolled"]), (&after["public_key"], &after["enrolled"]));
    assert_ne!(before["factor"], after["factor"]);
    renew(&new, &stick, &[]).refused(3, "credential-other-factor");
    renew(&old, &other, &[]).refused(3, "credential-wrong-password");
    renew(&new, &folder.path().join("no.key"), &[]).refused(2, "file-unreadable");
    renew(&new, &other, &["--lang", "ja"]).ok().says(&["p07の認証情報を更新しました"]);
    run(&root, ["audit", "query", "--actor", "p07"]).ok().says(&["credential-renewed"]);
}

#[test]
fn the_status_of_a_root_after_its_first_ceremony() {
    let (_folder, root) = copy();
    let said = run(&root, ["status"]).ok();
    said.says(&["active", "document-signer", "mdoc Root CA", "CRLs", "Revocation duties: none"]);
    run(&root, ["--lang", "ja", "status"]).ok().says(&["使用中", "ルート鍵", "失効の公開期限: なし"]);
    let told = run(&root, ["--json", "status"]).ok().json();
    assert_eq!(told["keys"][0]["status"], "active");
    assert_eq!(told["crls"][0]["in_effect"]["number"], 1);
    assert_eq!(told["open_intents"], Value::Array(vec![]));
    let coloured = run(&root, ["--color", "always", "status"]).ok().out();
    assert!(coloured.contains("\x1b["), "{coloured}");
}

/// Rehearsals follow the calendar of a plan: what they leave behind can be looked at today.
#[test]
fn the_status_of_a_practice_root_whose_rehearsals_lie_in_the_future() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let at = UtcDateTime::now().saturating_add(time::Duration::days(400)).truncate_to_second();
    let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
    run(&root, ["ceremony", "rehearse", "first", "--policy", "iso-18013-5", "--at", &at]).ok();
    run(&root, ["status"]).ok();
    run(&root, ["incident", "status"]).ok();
    assert_eq!(run(&root, ["--json", "status"]).ok().json()["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn an_incident_goes_step_by_step() {
    let (_folder, root) = copy();
    run(&root, ["incident", "status"]).ok().says(&["none"]);
    let open = |role: &str| run(&root, ["incident", "open", "--generation", "1", "--judged-by", "p01", "--role", role]);
    open("auditor").refused(3, "authority-role");
    open("ca-manager").ok().says(&["Incident 1 is open", "Next: sign a CRL"]);
    run(&root, ["status"]).ok().says(&["COMPROMISED", "░", " min left", "revoked", "Incidents"]);
    let duties = run(&root, ["--json", "status"]).ok().json()["duties"].clone();
    assert!(duties.as_array().unwrap().iter().all(|duty| duty["status"] == "running"), "{duties}");

    let advance = |arguments: &[&str]| run(&root, [&["incident", "advance", "1"], arguments].concat());
    advance(&["halted", "--statement", "out of use"]).refused(3, "authority-incident-step");
    advance(&["revoked-by-old-key", "--crl", "1"]).refused(3, "authority-evidence");
    advance(&["revoked-by-old-key"]).status(2);
    advance(&["revoked-by-old-key", "--old-key-unusable", "it was taken away"])
        .ok()
        .says(&["revoked-by-old-key is entered"]);
    assert_eq!(advance(&["halted", "--statement", "out of use", "--json"]).ok().json()["next"], "intake-stopped");
    advance(&["intake-stopped", "--statement", "the offices have stopped", "--lang", "ja"])
        .ok()
        .says(&["段階intake-stopped"]);
    advance(&["new-root", "--new-root", "1"]).refused(3, "authority-evidence");
    run(&root, ["incident", "status"]).ok().says(&["✓ ③", "→ ④", "it was taken away", "emergency-rekey"]);
    run(&root, ["--lang", "ja", "incident", "status"]).ok().says(&["インシデント1", "次の作業"]);
    let told = run(&root, ["--json", "incident", "status"]).ok().json();
    assert_eq!(
        (&told["incidents"][0]["next"], told["incidents"][0]["steps"].as_array().unwrap().len()),
        (&"new-root".into(), 4)
    );

    let report = root.join("report.json");
    std::fs::write(&report, r#"{"documents": []}"#).unwrap();
    let canary = ["resumed", "--canary", text(&root.join("policy.toml")), "--report", text(&report)].map(str::to_owned);
    let canary: Vec<&str> = canary.iter().map(String::as_str).collect();
    advance(&canary).refused(2, "canary-report");
    std::fs::write(&report, r#"{"verdict": "accepted"}"#).unwrap();
    advance(&canary).refused(3, "authority-incident-step");
}

#[test]
fn an_intent_that_is_not_open_cannot_be_closed() {
    let (_folder, root) = copy();
    run(&root, ["close-intent", "1", "--reason", "power cut"]).refused(3, "state-no-intent");
    run(&root, ["--json", "close-intent", "1", "--reason", " "]).status(3);
    let said = run(&root, ["--lang", "ja", "close-intent", "99", "--reason", "停電"]).status(3).err();
    assert!(said.contains("エラー[state-no-intent]"), "{said}");
}

#[test]
fn the_state_is_copied_with_its_hash() {
    let (folder, root) = copy();
    let to = folder.path().join("copy.sqlite");
    let said = run(&root, ["copy", "--to", text(&to)]).ok().says(&["SHA-256"]).out();
    let sum = Command::new("sha256sum").arg(&to).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let digest = sum.split(' ').next().unwrap();
    assert!(said.contains(digest), "{said} {digest}");
    let octets: Vec<u8> =
        (0..32).map(|index| u8::from_str_radix(&digest[2 * index..2 * index + 2], 16).unwrap()).collect();
    let first_line = said.lines().find(|line| line.split_whitespace().count() == 8).unwrap();
    assert_eq!(tegata_quorum::words::parse_pgp_words(first_line).unwrap(), octets[..8]);
    run(&root, ["copy", "--to", text(&to)]).refused(3, "state-exists");
    let second = folder.path().join("second.sqlite");
    assert_eq!(run(&root, ["--json", "copy", "--to", text(&second)]).ok().json()["copy"], text(&second));
    let third = folder.path().join("third.sqlite");
    run(&root, ["--lang", "ja", "copy", "--to", text(&third)]).ok().says(&["複製"]);
    run(&root, ["audit", "query", "--event", "state-copied"]).ok().says(&["3 of "]);
}

#[test]
fn the_online_key_is_pinned_by_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    run(&root, ["init", "--policy", "jp-004"]).ok();
    let pem = |number: u8| {
        let key = InsecureSoftwareKey::from_scalar(Curve::P256, &[number; 32]).unwrap();
        let file = folder.path().join(format!("{number}.pem"));
        std::fs::write(&file, key.public_key().to_pem()).unwrap();
        file
    };
    let (one, two) = (pem(1), pem(2));
    let pin = |file: &Path, more: &[&str]| run(&root, [&["pin-online", text(file)], more].concat());
    let said = pin(&one, &[]).refused(3, "fingerprint-differs").err();
    let words: Vec<_> = said.lines().filter(|line| line.starts_with("  ")).flat_map(str::split_whitespace).collect();
    assert_eq!(words.len(), 32, "{said}");
    let right = format!("{} {}", words[0], words[31]);
    let wrong = format!("{} {}", words[31], words[0]);
    pin(&one, &["--words", &wrong]).refused(3, "fingerprint-differs");
    assert!(!root.join("online.pem").exists());
    pin(&one, &["--words", &right]).ok().says(&["Pinned"]);
    assert_eq!(std::fs::read(root.join("online.pem")).unwrap(), std::fs::read(&one).unwrap());
    pin(&two, &["--words", &right]).refused(3, "online-key-pinned");
    pin(&two, &["--words", &right, "--replace"]).refused(3, "fingerprint-differs");
    let told = pin(&one, &["--words", &right, "--replace", "--json"]).ok().json();
    assert!(told["words"].as_str().unwrap().starts_with(words[0]));
    pin(&one, &["--words", &right, "--replace", "--lang", "ja"]).ok().says(&["登録しました"]);
    pin(&root.join("policy.toml"), &[]).refused(2, "key-malformed");
}

#[test]
fn a_crl_is_compared_with_the_record() {
    let (_folder, root) = copy();
    let objects = std::fs::read_dir(root.join("objects")).unwrap().map(|entry| entry.unwrap().path());
    let mut lists: Vec<_> = objects.filter(|path| path.extension().is_some_and(|end| end == "crl")).collect();
    lists.sort();
    run(&root, ["crl", "audit", text(&lists[0])]).ok().says(&["agrees"]);
    run(&root, ["--lang", "ja", "crl", "audit", text(&lists[1])]).ok().says(&["一致"]);
    let told = run(&root, ["--json", "crl", "audit", text(&lists[2])]).ok().json();
    assert_eq!((&told["number"], &told["findings"]), (&"3".into(), &Value::Array(vec![])));

    let scratch = tempfile::tempdir().unwrap();
    let altered = scratch.path().join("altered.crl");
    let mut der = std::fs::read(&lists[0]).unwrap();
    *der.last_mut().unwrap() ^= 1;
    std::fs::write(&altered, der).unwrap();
    run(&root, ["crl", "audit", text(&altered)]).says(&["crl-audit-no-key-of-this-root"]).refused(6, "crl-differs");
    run(&root, ["crl", "audit", text(&root.join("policy.toml"))]).refused(2, "crl-der");
}

#[test]
fn the_log_is_verified_searched_and_reconciled() {
    let (folder, root) = copy();
    let path = |name: &str| folder.path().join(name);
    let (log, checkpoint, key) = (root.join("audit.jsonl"), path("checkpoint"), root.join("checkpoint.pub"));
    run(&root, ["audit", "checkpoint", "--out", text(&checkpoint)]).ok().says(&["tegata.example/root-log/jp-004"]);
    assert!(run(&root, ["--json", "audit", "checkpoint"]).ok().json()["checkpoint"].is_string());
    run(&root, ["--lang", "ja", "audit", "checkpoint", "--out", text(&path("second"))]).ok();

    let verify = |log: &Path, more: &[&str]| {
        let fixed = ["audit", "verify", text(log), "--checkpoint", text(&checkpoint), "--key", text(&key)];
        run(Path::new("/nonexistent"), [fixed.as_slice(), more].concat())
    };
    verify(&log, &[]).ok().says(&["Sound: ", "record(s) after the last checkpoint"]);
    verify(&log, &["--lang", "ja"]).ok().says(&["異常なし"]);
    let told = verify(&log, &["--json"]).ok().json();

    // An altered line is named by the line after it, whose chain no longer holds; a lost tail by the checkpoint.
    let good = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<_> = good.lines().collect();
    assert_eq!(told["records"], lines.len());
    let altered = path("altered.jsonl");
    let mut other = lines.clone();
    let changed = other[4].replace("\"result\":\"success\"", "\"result\":\"refused\"");
    assert_ne!(changed, other[4]);
    other[4] = &changed;
    std::fs::write(&altered, other.join("\n") + "\n").unwrap();
    verify(&altered, &[]).says(&["line 6", "log-root"]).refused(6, "log-chain");
    let told = verify(&altered, &["--json"]).status(6).json();
    assert_eq!((&told["faults"][0]["id"], &told["faults"][0]["line"]), (&"log-chain".into(), &6.into()));
    let said = verify(&altered, &["--lang", "ja"]).status(6).says(&["6行目"]).err();
    assert!(said.contains("エラー[log-chain]"), "{said}");
    let nowhere = Path::new("/nonexistent");
    run(nowhere, ["audit", "verify", text(&altered)]).says(&["line 6", "log-no-checkpoint"]).refused(6, "log-chain");
    run(nowhere, ["audit", "verify", text(&log)]).refused(6, "log-no-checkpoint");
    run(nowhere, ["audit", "verify", text(&log), "--checkpoint", text(&checkpoint)])
        .refused(2, "checkpoint-key-needed");
    std::fs::write(&altered, lines[..lines.len() / 2].join("\n") + "\n").unwrap();
    verify(&altered, &[]).refused(6, "log-tail-lost");
    std::fs::write(&altered, "seq\n").unwrap();
    run(&root, ["audit", "query", text(&altered)]).says(&["line 1"]).refused(6, "log-line");

    run(&root, ["audit", "query", "--class", "key-generation"]).ok().says(&["root-key-registered", "3 of "]);
    run(&root, ["--lang", "ja", "audit", "query", "--until", "2020-01-01"]).ok().says(&["0件"]);
    let told = run(&root, ["--json", "audit", "query", "--event", "restore-tested"]).ok().json();
    let record = &told["records"][0];
    assert_eq!((&record["class"], &record["result"]), (&"key-generation".into(), &"success".into()));
    run(&root, ["audit", "query", "--class", "keys"]).status(2);

    let work = path("work.jsonl");
    let entry = |event: &str| {
        let time = record["time"].as_str().unwrap();
        format!(
            r#"{{"reference":"{event}","time":"{time}","actor":"tegata-root","class":"key-generation","event":"{event}"}}"#
        )
    };
    let entries = ["root-key-registered", "restore-tested", "root-key-active"].map(entry);
    std::fs::write(&work, entries.join("\n")).unwrap();
    let reconcile = |more: &[&str]| {
        run(&root, [&["audit", "reconcile", text(&log), text(&work), "--class", "key-generation"], more].concat())
    };
    reconcile(&[]).ok().says(&["3 work entries agree"]);
    std::fs::write(&work, [entry("restore-tested"), entry("root-key-destroyed")].join("\n")).unwrap();
    reconcile(&[]).says(&["root-key-destroyed", "root-key-registered"]).refused(6, "work-record-differs");
    let told = reconcile(&["--json"]).status(6).json();
    assert_eq!(told["missing"], serde_json::json!(["root-key-destroyed"]));
    reconcile(&["--lang", "ja"]).status(6).says(&["作業記録にありログにない: 1件"]);
    run(&root, ["audit", "reconcile", text(&log), text(&root.join("policy.toml"))]).refused(2, "work-entry");

    // A root whose log was altered is not opened.
    std::fs::write(&log, other.join("\n") + "\n").unwrap();
    let said = run(&root, ["status"]).refused(6, "audit-unsound").err();
    assert!(said.contains("line 6"), "{said}");
}

#[test]
fn ceremonies_are_checked_verified_and_printed() {
    let (folder, ceremony) = rehearsed();
    let root = folder.path().join("root");
    let nowhere = Path::new("/nonexistent");
    let file = |name: &str| ceremony.join(name);
    let (record, script, site) = (file("record.jsonl"), file("script.toml"), file("site.toml"));
    let (record, script, site) = (text(&record), text(&script), text(&site));

    // A root that is there has had its first ceremony; an empty folder has not.
    run(&root, ["ceremony", "check", script, site]).says(&["root-exists"]).refused(3, "ceremony-not-sound");
    run(nowhere, ["ceremony", "check", script, site, "--policy", "jp-004"]).ok().says(&["may take place"]);
    run(nowhere, ["--lang", "ja", "ceremony", "check", script, site, "--policy", "jp-004"])
        .ok()
        .says(&["実施できます"]);
    let told = run(&root, ["--json", "ceremony", "check", script, site]).status(3).json();
    assert_eq!((&told["findings"][0]["id"], &told["may_start"]), (&"root-exists".into(), &false.into()));
    run(nowhere, ["ceremony", "check", site, script, "--policy", "jp-004"]).refused(2, "file-malformed");

    run(nowhere, ["ceremony", "verify", record, script]).ok().says(&["SANDBOX", "No site file", "Every rule"]);
    run(&root, ["ceremony", "verify", record, script, site]).ok().says(&["Every rule of policy jp-004"]);
    run(nowhere, ["--lang", "ja", "ceremony", "verify", record, script, site]).ok().says(&["守られています"]);
    let told = run(nowhere, ["--json", "ceremony", "verify", record, script, site]).ok().json();
    assert_eq!((&told["violations"], &told["sandbox"]), (&Value::Array(vec![]), &true.into()));
    run(nowhere, ["ceremony", "verify", record, script, "--policy", "iso-18013-5"])
        .status(6)
        .says(&["record-of-other"]);

    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("cut.jsonl");
    let lines = std::fs::read_to_string(record).unwrap();
    let mut lines: Vec<_> = lines.lines().collect();
    let skipped = lines.iter().position(|line| line.contains("\"event\":\"action\"")).unwrap();
    lines.remove(skipped);
    std::fs::write(&cut, lines.join("\n") + "\n").unwrap();
    let cut = text(&cut);
    let broken = run(nowhere, ["ceremony", "verify", cut, script, site]).status(6);
    broken.says(&["action-missing", "step 0.", "what to do: "]).refused(6, "chain-broken");
    let told = run(nowhere, ["--json", "ceremony", "verify", cut, script, site]).status(6).json();
    let missing = told["violations"].as_array().unwrap().iter().find(|found| found["id"] == "action-missing").unwrap();
    assert!(missing["step"].is_string() && missing["remedy"].is_string(), "{missing}");
    run(nowhere, ["--lang", "ja", "ceremony", "verify", cut, script, site])
        .status(6)
        .says(&["操作が記録されていない", "対処"]);

    let render = |arguments: &[&str]| run(nowhere, [&["ceremony", "render"], arguments].concat());
    let site_text = std::fs::read_to_string(site).unwrap();
    let name = site_text.lines().find(|line| line.starts_with("name = ") && line.contains("ca-manager")).unwrap();
    let name = name.split('"').nth(1).unwrap();
    let public =
        render(&["report", record, script, "--public"]).ok().says(&["Verification: every rule was kept"]).out();
    assert!(!public.contains(name), "{name}");
    render(&["report", record, script, site, "--private"]).ok().says(&[name]);
    render(&["procedure", script, "--public", "--lang", "ja"]).ok().says(&["手順"]);
    render(&["procedure", script, "--private"]).refused(2, "site-needed");
    render(&["procedure", script]).status(2);
    assert!(render(&["procedure", script, "--public", "--json"]).ok().json()["document"].is_string());
    let page = scratch.path().join("page.html");
    let html = ["procedure", script, site, "--private", "--format", "html", "--out", text(&page)];
    render(&html).ok().says(&["Written"]);
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html>"));
    render(&html).refused(2, "output-unwritable");
    render(&[html.as_slice(), &["--force"]].concat()).ok();
}

#[test]
fn the_shipped_scripts_are_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("scripts");
    let scripts =
        |more: &[&str]| run(Path::new("/nonexistent"), [&["ceremony", "scripts", "--dir", text(&dir)], more].concat());
    scripts(&[]).ok().says(&["first.toml", "destroy.toml", "7 scripts"]);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../ceremonies/first.toml");
    assert_eq!(std::fs::read(dir.join("first.toml")).unwrap(), std::fs::read(shipped).unwrap());
    scripts(&[]).refused(2, "output-unwritable");
    scripts(&["--force", "--lang", "ja"]).ok().says(&["7件のスクリプト"]);
    assert_eq!(scripts(&["--force", "--json"]).ok().json()["scripts"].as_array().unwrap().len(), 7);
}

/// Each command that reads a file, with a folder, an empty file, a missing file and a file of another kind in its place.
#[test]
fn unusable_files_are_named() {
    let (folder, ceremony) = rehearsed();
    let root = folder.path().join("root");
    let scratch = tempfile::tempdir().unwrap();
    let (empty, missing) = (scratch.path().join("empty"), scratch.path().join("missing"));
    std::fs::write(&empty, "").unwrap();
    let (script, record) = (ceremony.join("script.toml"), ceremony.join("record.jsonl"));
    let log = root.join("audit.jsonl");
    let commands: [&[&str]; 9] = [
        &["policy", "check", "?"],
        &["crl", "audit", "?"],
        &["pin-online", "?"],
        &["person", "show", "?"],
        &["audit", "verify", "?"],
        &["audit", "reconcile", text(&log), "?"],
        &["ceremony", "check", text(&script), "?", "--policy", "jp-004"],
        &["ceremony", "verify", "?", text(&script)],
        &["ceremony", "verify", text(&record), "?"],
    ];
    let elsewhere = root.join("checkpoint.pub");
    for command in commands {
        let with = |file: &Path| run(&root, command.iter().map(|word| if *word == "?" { text(file) } else { word }));
        for (file, id) in [(scratch.path(), "file-unreadable"), (&empty, "file-empty"), (&missing, "file-unreadable")] {
            let said = with(file).refused(2, id).err();
            assert!(said.contains(text(file)), "{said}");
        }
        let status = with(&elsewhere).0.status.code();
        assert!(matches!(status, Some(2 | 6)), "{command:?}: {status:?}");
    }
}

#[test]
fn a_missing_root_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        ["status"].as_slice(),
        &["person", "list"],
        &["audit", "query"],
        &["audit", "checkpoint"],
        &["incident", "status"],
        &["copy", "--to", "copy.sqlite"],
        &["close-intent", "1", "--reason", "power cut"],
    ] {
        let said = run(folder.path(), command).refused(2, "no-root").err();
        assert!(said.contains("tegata-root init"), "{said}");
        let said = run(folder.path(), [&["--lang", "ja"], command].concat()).status(2).err();
        assert!(said.contains("ルートのフォルダー"), "{said}");
        let said = run(folder.path(), [&["--json"], command].concat()).status(2).err();
        let told: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(told["error"]["id"], "no-root");
    }
    // State that is no state.
    std::fs::write(folder.path().join("state.sqlite"), "not a database, but long enough to be looked at\n").unwrap();
    run(folder.path(), ["status"]).refused(1, "state-sqlite");
}
