//! A whole first ceremony at the terminal, on SoftHSM: eight persons, each with a credential and a second factor of his
//! own, answer what the program asks. `pkcs11-tool` then says what it thinks of the root key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

#[path = "support/room.rs"]
mod room;

use std::path::Path;
use std::process::Command;

use room::{PERSONS, Room, fault_module, softhsm_library, tool};
use tegata_quorum::{SealedShare, ShareSet};

#[test]
fn eight_persons_make_a_root_on_softhsm() {
    let Some(library) = softhsm_library() else {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    };
    let room = Room::prepare(&library);
    let said = room.run_first();
    assert!(said.contains("Root key") && said.contains("completes ca-manager"), "{said}");

    let folder = room.root.join("ceremonies/first-on-softhsm");
    for file in ["record.jsonl", "script.toml", "site.toml", "response.bundle"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let verified = Command::new(tool())
        .args(["--root", room.root.to_str().unwrap(), "ceremony", "verify"])
        .args([folder.join("record.jsonl"), folder.join("script.toml"), folder.join("site.toml")])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(PERSONS.len(), 8);

    let pin = pin_of_the_quorum(&room);
    let listed = room.pkcs11_tool(&["--login", "--pin", &pin, "-O"]);
    let objects = |kind: &str| {
        let whole = |part: &str| part.split(" Key Object").next().unwrap().to_owned();
        listed
            .split(kind)
            .skip(1)
            .map(whole)
            .find(|object| object.contains("root-g1"))
            .unwrap_or_else(|| panic!("{listed}"))
    };
    let private = objects("Private Key Object");
    for attribute in ["sensitive", "never extractable", "local"] {
        assert!(private.contains(attribute), "{attribute}: {private}");
    }
    let public = objects("Public Key Object");
    assert!(public.contains("EC_POINT 384"), "{public}");

    let export = Command::new("pkcs11-tool")
        .env("SOFTHSM2_CONF", &room.configuration)
        .args(["--module", library.to_str().unwrap(), "--login", "--pin", &pin])
        .args(["--read-object", "--type", "privkey", "--label", "root-g1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&export.stderr);
    assert!(export.stdout.is_empty() && !said.is_empty(), "a private key was exported: {said}");
    assert!(!contains_pin(&room.root, &pin), "the PIN stands in a file of the root");
}

/// The token fails in the middle of a signature: the ceremony stops, the intent is closed with its reason, the ceremony is
/// taken up again, and nothing is lost.
#[test]
fn a_token_that_fails_in_mid_signature_costs_a_number_and_nothing_else() {
    if softhsm_library().is_none() {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    }
    // More often than a signer tries by itself.
    const CKR_DEVICE_REMOVED: &str = "32 9";
    let room = Room::prepare(&fault_module());
    let (script, site) = room.files();
    let said = room.lead(&["run", &script, &site], &mut |screen| {
        if screen.contains("7.03  ") && screen.contains("Enter when") {
            std::fs::write(&room.fault, CKR_DEVICE_REMOVED).unwrap();
        }
        screen.contains("or stop?").then(|| "stop".to_owned())
    });
    assert!(said.contains("CKR_DEVICE_REMOVED"), "{}", &said[said.len().saturating_sub(2000)..]);

    let root = room.root.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let answer = Command::new(tool()).args(["--root", root, "--sandbox"]).args(arguments).output().unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).into_owned()
    };
    let before = certificates(&room);
    let status: serde_json::Value = serde_json::from_str(&run(&["--json", "status"])).unwrap();
    let intent = status["open_intents"][0]["id"].as_u64().unwrap_or_else(|| panic!("{status}")).to_string();
    run(&["close-intent", &intent, "--reason", "the token was pulled out"]);

    let folder = room.root.join("ceremonies/first-on-softhsm");
    room.lead(&["resume", folder.to_str().unwrap()], &mut |_| None);
    assert_eq!(certificates(&room), before + 1, "one document signer");
    run(&[
        "ceremony",
        "verify",
        folder.join("record.jsonl").to_str().unwrap(),
        folder.join("script.toml").to_str().unwrap(),
        folder.join("site.toml").to_str().unwrap(),
    ]);
    let log = std::fs::read_to_string(room.root.join("audit.jsonl")).unwrap();
    assert!(log.contains("intent-closed") && log.contains("CKR_DEVICE_REMOVED"));
}

fn certificates(room: &Room) -> usize {
    let files = std::fs::read_dir(room.root.join("objects")).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "cer")).count()
}

/// Two of the three holders, who together have what the token asks for.
fn pin_of_the_quorum(room: &Room) -> String {
    let read = |name: &str| std::fs::read(room.root.join("shares").join(name)).unwrap();
    let set = ShareSet::from_json(&read("set.json")).unwrap();
    let shares: Vec<_> = ["key-manager-1", "key-manager-2"]
        .iter()
        .map(|holder| {
            let sealed = SealedShare::from_json(&read(&format!("{holder}.json"))).unwrap();
            sealed.open(&set, &room.unlock(holder)).unwrap()
        })
        .collect();
    set.open(&shares).unwrap().as_text().unwrap()[..24].to_owned()
}

fn contains_pin(folder: &Path, pin: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return contains_pin(&path, pin);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(pin.len()).any(|window| window == pin.as_bytes())
    })
}
