//! The log of an auditor who does not trust this crate: Python and OpenSSL come to the same results.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{Bench, key, lines, origin, verifier};

/// Chain and root by the definitions, in 20 lines.
const SCRIPT: &str = r#"
import hashlib, json, sys
def h(b): return hashlib.sha256(b).digest()
def root(d):
    if not d: return h(b"")
    if len(d) == 1: return h(b"\0" + d[0])
    k = 1
    while k * 2 < len(d): k *= 2
    return h(b"\1" + root(d[:k]) + root(d[k:]))
lines = open(sys.argv[1], "rb").read().split(b"\n")
assert lines.pop() == b""
prev = b"\0" * 32
for number, line in enumerate(lines):
    record = json.loads(line)
    assert record["seq"] == number and record["prev"] == prev.hex()
    assert json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() == line
    prev = h(line)
print(len(lines), prev.hex(), root(lines).hex())
"#;

#[test]
fn python_comes_to_the_same_chain_and_root() {
    let bench = Bench::new();
    for records in [0, 1, 7, 16, 23] {
        let _ = std::fs::remove_file(&bench.path);
        let log = bench.filled(records);
        let Ok(output) = Command::new("python3").args(["-c", SCRIPT]).arg(&bench.path).output() else {
            println!("skipped: python3 is not installed");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = format!("{records} {} {}\n", hex::encode(log.head()), hex::encode(log.root()));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn sha256sum_comes_to_the_same_prev() {
    let bench = Bench::new();
    let log = bench.filled(3);
    let last = lines(&bench.bytes()).pop().unwrap();
    std::fs::write(bench.file("line"), &last[..last.len() - 1]).unwrap();
    let Ok(output) = Command::new("sha256sum").arg(bench.file("line")).output() else {
        println!("skipped: sha256sum is not installed");
        return;
    };
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(&hex::encode(log.head())));
}

#[test]
fn openssl_verifies_a_checkpoint() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    let checkpoint = bench.filled(5).checkpoint(&origin(), &key(directory));
    let (text, signature) = checkpoint.as_str().split_once("\n\n").unwrap();
    let signature = STANDARD.decode(signature.trim_end().rsplit_once(' ').unwrap().1).unwrap();
    let verifier = verifier(directory);
    let spki = [hex::decode("302a300506032b6570032100").unwrap(), verifier.key().sec1_or_raw().to_vec()].concat();
    std::fs::write(bench.file("text"), format!("{text}\n")).unwrap();
    std::fs::write(bench.file("changed"), format!("{text}\n").replace("\n5\n", "\n6\n")).unwrap();
    std::fs::write(bench.file("signature"), &signature[4..]).unwrap();
    std::fs::write(bench.file("key"), spki).unwrap();
    for (file, good) in [("text", true), ("changed", false)] {
        let command = format!("pkeyutl -verify -pubin -inkey key -keyform DER -rawin -in {file} -sigfile signature");
        let Ok(output) = Command::new("openssl").args(command.split(' ')).current_dir(directory).output() else {
            println!("skipped: openssl is not installed");
            return;
        };
        assert_eq!(output.status.success(), good, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The blocks of this language in the manual for auditors.
fn manual(language: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/root-ca/audit-log.md");
    let text = std::fs::read_to_string(path).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_of_the_manual_work() {
    let bench = Bench::new();
    let directory = bench.directory.path();
    let log = bench.filled(11);
    std::fs::write(bench.file("checkpoint"), log.checkpoint(&origin(), &key(directory)).to_string()).unwrap();
    std::fs::write(bench.file("verifier"), format!("{}\n", verifier(directory))).unwrap();
    let installed = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !["sh", "openssl", "python3", "sha256sum", "base64"].into_iter().all(installed) {
        println!("skipped: a tool that the manual uses is not installed");
        return;
    }
    let run = |program: &str, script: &str| {
        let output =
            Command::new(program).args(["-c", script]).arg("audit.jsonl").current_dir(directory).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // The block before them is about orders, which the log of this test does not have; `orders` of the tool runs it.
    let [_, hash, signature] = &manual("sh")[..] else { panic!("three blocks of sh") };
    let [root] = &manual("python")[..] else { panic!("one block of Python") };
    let sixth = String::from_utf8(lines(&bench.bytes())[5].clone()).unwrap();
    let prev = run("sh", hash).split_whitespace().next().unwrap().to_owned();
    assert!(sixth.contains(&format!("\"prev\":\"{prev}\"")));
    assert_eq!(run("python3", root), format!("11 {}\n", hex::encode(log.root())));
    run("sh", signature);
    let changed = std::fs::read_to_string(bench.file("checkpoint")).unwrap().replace("\n11\n", "\n12\n");
    std::fs::write(bench.file("checkpoint"), changed).unwrap();
    let refused = Command::new("sh").args(["-c", signature]).current_dir(directory).output().unwrap();
    assert!(!refused.status.success());
}
