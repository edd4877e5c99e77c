//! Orders that are given outside the steps of a ceremony: each is signed, and the log keeps what an auditor needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

#[path = "support/room.rs"]
mod room;

use std::path::Path;
use std::process::Command;

use room::{Room, tail, tool};
use serde_json::Value;

fn converse(room: &Room, what: &[&str]) -> (Option<i32>, String) {
    let (status, said) = room.converse(&mut Command::new(tool()), what, &mut |_| None);
    (status.code(), said)
}

fn status(room: &Room) -> Value {
    let answer =
        Command::new(tool()).args(["--root", room.root.to_str().unwrap(), "--json", "status"]).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// The event of that name, with the signature of each who ordered it verified by another program.
fn event(room: &Room, name: &str, roles: &[&str]) -> Value {
    let log = std::fs::read_to_string(room.root.join("audit.jsonl")).unwrap();
    let mut lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let event = lines.rfind(|line| line["event"] == name && line["result"] == "success").unwrap();
    for role in roles {
        let order = &event["detail"][format!("ordered-by-{role}")];
        let octets = |member: &str| hex::decode(order[member].as_str().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 4).
        let head = hex::decode("302a300506032b6570032100").unwrap();
        std::fs::write(folder.path().join("key.der"), [head, octets("key")].concat()).unwrap();
        std::fs::write(folder.path().join("statement"), order["statement"].as_str().unwrap()).unwrap();
        std::fs::write(folder.path().join("signature"), octets("signature")).unwrap();
        let judged = Command::new("openssl")
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key.der"])
            .args(["-in", "statement", "-sigfile", "signature"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(judged.status.success(), "{role}: {}", String::from_utf8_lossy(&judged.stderr));
    }
    event
}

#[test]
fn a_changed_policy_is_adopted() {
    let room = Room::prepare(Path::new("embedded"));
    let folder = room.folder().display().to_string();
    let (before, changed) = (room.root.join("policy.toml"), room.folder().join("changed.toml"));
    let text = std::fs::read_to_string(&before).unwrap();
    std::fs::write(&changed, text.replace("version = \"1.00\"", "version = \"1.01\"")).unwrap();
    let adopt = |file: &Path| {
        let file = file.display().to_string();
        converse(&room, &["policy", "adopt", &file, "--ceremony", &folder, "--reason", "a new version"])
    };
    let (code, said) = adopt(&changed);
    assert_eq!(code, Some(0), "{}", tail(&said));
    assert!(said.contains("Who (ca-manager)?") && said.contains("Who (certificate-issuer)?"), "{}", tail(&said));
    assert_eq!(std::fs::read(&before).unwrap(), std::fs::read(&changed).unwrap());
    assert_eq!(status(&room)["policy"], "jp-004");
    let event = event(&room, "policy-adopted", &["ca-manager", "certificate-issuer"]);
    assert!(event.to_string().contains("a new version"));

    // The earlier file is kept; and where the program stopped in between, the state says which one counts.
    let kept = std::fs::read_dir(&room.root).unwrap().map(|entry| entry.unwrap().path());
    let is_kept = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("policy-");
    let kept: Vec<_> = kept.filter(is_kept).collect();
    assert_eq!((kept.len(), std::fs::read_to_string(&kept[0]).unwrap()), (1, text));
    std::fs::rename(&before, room.root.join("policy.next.toml")).unwrap();
    std::fs::copy(&kept[0], &before).unwrap();
    status(&room);
    assert_eq!(std::fs::read(&before).unwrap(), std::fs::read(&changed).unwrap());

    // Another policy is another root's.
    let other = room.folder().join("other.toml");
    std::fs::write(&other, tegata_root_ca::Policy::built_in_toml("iso-18013-5").unwrap()).unwrap();
    let (code, said) = adopt(&other);
    assert!(code == Some(3) && said.contains("authority-other-policy"), "{}", tail(&said));
}

/// A ceremony that has read its request is broken off; the CA manager gives the request up.
#[test]
fn a_request_that_cannot_be_answered_is_withdrawn() {
    let room = Room::prepare(Path::new("embedded"));
    let folder = room.folder().display().to_string();
    let what = ["withdraw-request", "--ceremony", &folder, "--reason", "the wrong key"];
    let (code, said) = converse(&room, &what);
    assert!(code == Some(3) && said.contains("authority-nothing-to-answer"), "{}", tail(&said));

    let (script, site) = room.files();
    let mut broken_off = false;
    let said = room.lead(&["run", &script, &site], &mut |screen| {
        if screen.contains("7.03  ") && screen.contains("Enter when") && !broken_off {
            broken_off = true;
            return Some("stop".to_owned());
        }
        screen.contains("or stop?").then(|| "break-off".to_owned())
    });
    assert!(broken_off && said.contains("The ceremony has ended"), "{}", tail(&said));
    assert_eq!(status(&room)["exchange"]["waiting_request"], 1);

    let (code, said) = converse(&room, &what);
    assert_eq!(code, Some(0), "{}", tail(&said));
    assert!(said.contains("Who (ca-manager)?"), "{}", tail(&said));
    let event = event(&room, "request-withdrawn", &["ca-manager"]);
    assert_eq!(event["detail"]["sequence"], 1);
    let exchange = &status(&room)["exchange"];
    assert_eq!((&exchange["waiting_request"], &exchange["next_sequence"]), (&Value::Null, &2.into()));
    let (code, said) = converse(&room, &what);
    assert!(code == Some(3) && said.contains("authority-nothing-to-answer"), "{}", tail(&said));
}
