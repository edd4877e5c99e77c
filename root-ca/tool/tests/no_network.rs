//! The program cannot reach a network: what the executable imports, what the kernel sees, and what the record says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

#[path = "support/rehearsals.rs"]
mod rehearsals;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use rehearsals::{Rehearsals, said};
use serde_json::Value;
use tegata_root_ca::{Policy, State};
use time::UtcDateTime;
use time::macros::utc_datetime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tegata-root");

/// Functions of the C library that make, name or use an endpoint of a network, or ask it for names.
const NETWORK: &[&str] = &[
    "socket",
    "socketpair",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "shutdown",
    "send",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recv",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "getsockname",
    "getpeername",
    "getsockopt",
    "setsockopt",
    "getaddrinfo",
    "getnameinfo",
    "gethostbyname",
    "gethostbyname_r",
    "gethostbyname2",
    "gethostbyaddr",
    "getifaddrs",
    "if_nametoindex",
    "res_init",
    "res_query",
    "res_search",
];

#[test]
fn the_executable_imports_no_socket() {
    for options in [&["-D", "--undefined-only"][..], &["-u"]] {
        let Ok(output) = Command::new("nm").args(options).arg(PROGRAM).output() else {
            println!("skipped: nm (package binutils) is not installed");
            return;
        };
        if options == ["-u"] && !output.status.success() {
            println!("skipped: the executable has no symbol table");
            return;
        }
        assert!(output.status.success(), "{}", said(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        let imported: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .map(|symbol| symbol.split('@').next().unwrap_or(symbol))
            .collect();
        assert!(imported.contains("fsync"), "nm has listed nothing: {text}");
        let network: Vec<_> = NETWORK.iter().filter(|symbol| imported.contains(**symbol)).collect();
        assert!(network.is_empty(), "nm {options:?}: {network:?}");
    }
}

/// A whole first ceremony, with `openssl` as its child, makes no system call of the network family.
#[test]
fn a_ceremony_makes_no_network_call() {
    let root = Rehearsals::under("iso-18013-5");
    let traced = tempfile::NamedTempFile::new().unwrap();
    let rehearsal = root.command(&["ceremony", "rehearse", "first", "--at", "2027-01-10T09:00:00Z"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=network,execve", "-o"]).arg(traced.path()).arg(PROGRAM).args(rehearsal.get_args());
    let Ok(output) = strace.output() else {
        println!("skipped: strace is not installed");
        return;
    };
    if !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("PTRACE") {
        println!("skipped: strace may not trace here");
        return;
    }
    assert!(output.status.success(), "{}", said(&output));
    let calls = std::fs::read_to_string(traced.path()).unwrap();
    // The trace is of the ceremony, and of its children too.
    assert!(calls.lines().any(|call| call.contains("execve(") && call.contains("tegata-root")), "{calls}");
    assert!(calls.lines().any(|call| call.contains("execve(") && call.contains("openssl")), "{calls}");
    let is_harmless =
        |call: &&str| ["execve(", "+++", "---", "resumed>"].iter().any(|harmless| call.contains(harmless));
    let network: Vec<_> = calls.lines().filter(|call| !is_harmless(call)).collect();
    assert!(network.is_empty(), "{network:#?}");
}

/// Names of the interfaces other than loopback that are up.
fn connected_interfaces() -> Vec<String> {
    let Ok(interfaces) = std::fs::read_dir("/sys/class/net") else { return Vec::new() };
    let flags = |path: &Path| {
        let text = std::fs::read_to_string(path.join("flags")).ok()?;
        u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()
    };
    let up =
        interfaces.filter_map(Result::ok).filter(|entry| flags(&entry.path()).is_some_and(|flags| flags & 0x9 == 0x1));
    up.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_connected_machine_is_refused_for_production() {
    let up = connected_interfaces();
    if up.is_empty() {
        println!("skipped: no interface but loopback is up");
        return;
    }
    // Script and site file of a ceremony that could be led through.
    let mut practice = Rehearsals::under("iso-18013-5");
    let first = practice.rehearse("first", utc_datetime!(2027-01-10 9:00), utc_datetime!(2027-04-04 9:00));
    let production = tempfile::tempdir().unwrap();
    let policy = Policy::built_in("iso-18013-5").unwrap();
    std::fs::write(production.path().join("policy.toml"), policy.source()).unwrap();
    drop(State::create(&production.path().join("state.sqlite"), &policy, false, UtcDateTime::now()).unwrap());

    let output = Command::new(PROGRAM)
        .args(["--json", "--root"])
        .arg(production.path())
        .args(["ceremony", "run"])
        .args([first.folder.join("script.toml"), first.folder.join("site.toml")])
        .args(["--next", "2027-04-04T09:00:00Z", "--carrier"])
        .arg(production.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let failure: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(failure["error"]["id"], "network-up", "{failure}");
    let message = failure["error"]["message"].as_str().unwrap();
    assert!(up.iter().all(|name| message.contains(name.as_str())), "{message} does not name {up:?}");
    assert!(!production.path().join("objects").exists(), "something was signed");
    // A refusal leaves nothing behind that stands in the way once the network is gone.
    assert!(!production.path().join("ceremonies").join(first.folder.file_name().unwrap()).exists());
}

#[test]
fn the_record_of_a_rehearsal_says_so_in_its_first_line() {
    let mut root = Rehearsals::under("iso-18013-5");
    let first = root.rehearse("first", utc_datetime!(2027-01-10 9:00), utc_datetime!(2027-04-04 9:00));
    let text = std::fs::read_to_string(first.record()).unwrap();
    let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(line["event"], "ceremony-start");
    assert_eq!(line["detail"]["environment"]["sandbox"], true);
    assert_eq!(line["detail"]["environment"]["software-token"], true);
}
