//! A whole first ceremony at the terminal, on SoftHSM: eight persons, each with a credential and a second factor of his
//! own, answer what the program asks. `pkcs11-tool` then says what it thinks of the root key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

#[path = "support/room.rs"]
mod room;

use std::path::Path;
use std::process::Command;

use room::{PERSONS, Room, fault_module, softhsm_library, tail, tool};
use tegata_quorum::{SealedShare, ShareSet};

#[test]
fn eight_persons_make_a_root_on_softhsm() {
    let Some(library) = softhsm_library() else {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    };
    let room = Room::prepare(&library);
    room.hand_out_a_personal_token();
    let said = room.run_first();
    assert!(said.contains("PKCS#11 module of your token"), "nobody used a token as second factor");
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

    // One of the two was not there.
    let pin = pin_of(&room, ["key-manager-2", "key-manager-3"]);
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
    another_circle_of_holders(&room, &pin);
}

/// One of the holders leaves: two of the others open their parts, the CA manager signs, and the parts of the new circle open the
/// module with the same PIN.
fn another_circle_of_holders(room: &Room, pin: &str) {
    room.write_site(&["key-manager-1", "key-manager-2", "ops-manager"]);
    let folder = room.folder().display().to_string();
    let what = ["parts", "renew", "--ceremony", &folder, "--reason", "a holder leaves"];
    // The site file is changed after it was approved: nobody is asked.
    let site = room.folder().join("site.toml");
    let approved = std::fs::read_to_string(&site).unwrap();
    std::fs::write(&site, approved.replace("\"ops-manager\"]", "\"facility\"]")).unwrap();
    let (status, said) = room.converse(&mut Command::new(tool()), &what, &mut |_| None);
    assert!(status.code() == Some(3) && said.contains("roster-not-approved"), "{}", tail(&said));
    std::fs::write(&site, approved).unwrap();

    let (status, said) = room.converse(&mut Command::new(tool()), &what, &mut |_| None);
    assert!(status.success(), "{}", tail(&said));
    assert!(said.contains("2 more must authenticate") && said.contains("1 more must authenticate"), "{}", tail(&said));
    assert_eq!(pin_of(room, ["key-manager-2", "ops-manager"]), pin);
    assert!(!room.root.join("shares/key-manager-3.json").exists());
    assert!(!room.root.join("shares.next").exists() && !room.root.join("shares.old").exists());
    let log = std::fs::read_to_string(room.root.join("audit.jsonl")).unwrap();
    let line = log.lines().find(|line| line.contains("activation-parts-renewed")).unwrap();
    for part in ["a holder leaves", "tegata-sign-off-v1", "\"opened-by\":[\"key-manager-1\",\"key-manager-2\"]"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!log.contains(pin) && !contains_pin(&room.root, pin));
}

/// Faults of a token in the middle of one signature, one after the other: an order for the fault module, what the screen
/// says, and what the audit log keeps. Each ends the attempt and costs a number; a lost session is opened again.
const FAULTS: [(&str, &str, &str); 6] = [
    // More often than a signer tries by itself.
    ("sign 32 9", "C_Sign failed with CKR_DEVICE_REMOVED", "CKR_DEVICE_REMOVED"),
    ("sign b3 9", "C_Sign failed with CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_HANDLE_INVALID"),
    ("sign 70 1", "C_Sign failed with CKR_MECHANISM_INVALID", "CKR_MECHANISM_INVALID"),
    ("sign a0 1", "the token refused the PIN (CKR_PIN_INCORRECT)", "CKR_PIN_INCORRECT"),
    ("sign spoil 1", "does not verify with the key's public half and was withheld", "was withheld"),
    ("sign hang 1", "the token gave no answer within 4s when it was asked to sign", "no answer within"),
];

/// The token fails in the middle of a signature, in every way there is: the ceremony stops, the intent is closed with its
/// reason, the ceremony is taken up again, and nothing is lost.
#[test]
fn a_token_that_fails_in_mid_signature_costs_a_number_and_nothing_else() {
    if softhsm_library().is_none() {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    }
    let room = Room::prepare(&fault_module());
    let (script, site) = room.files();
    let folder = room.root.join("ceremonies/first-on-softhsm");
    let folder = folder.to_str().unwrap();
    let root = room.root.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let answer = Command::new(tool()).args(["--root", root, "--sandbox"]).args(arguments).output().unwrap();
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).into_owned()
    };

    let mut what = vec!["run", &script, &site];
    let mut before = None;
    for (order, screen_says, log_keeps) in FAULTS {
        what.extend(["--token-timeout", "4"]);
        let mut failures = 0;
        let said = room.lead(&what, &mut |screen| {
            if screen.contains("7.03  ") && screen.contains("Enter when") {
                std::fs::write(&room.fault, order).unwrap();
            }
            screen.contains("or stop?").then(|| {
                failures += 1;
                "stop".to_owned()
            })
        });
        assert!(said.contains(screen_says), "{order}: {}", tail(&said));
        assert!(said.contains("close the open intent"), "{order}: {}", tail(&said));
        assert_eq!(failures, 1, "{order}: one clear message");
        if order.contains("hang") {
            assert!(
                said.contains("Unplug the token") && said.contains("tegata-root ceremony resume"),
                "{}",
                tail(&said)
            );
        }
        let made = certificates(&room);
        assert_eq!(*before.get_or_insert(made), made, "{order}: something was released");
        let status: serde_json::Value = serde_json::from_str(&run(&["--json", "status"])).unwrap();
        let intent = status["open_intents"][0]["id"].as_u64().unwrap_or_else(|| panic!("{order}: {status}"));
        run(&["close-intent", &intent.to_string(), "--reason", "the token failed"]);
        let log = std::fs::read_to_string(room.root.join("audit.jsonl")).unwrap();
        let failed = log.lines().any(|line| line.contains("\"result\":\"failed\"") && line.contains(log_keeps));
        assert!(failed && log.contains("intent-closed"), "{order}");
        what = vec!["resume", folder];
    }

    // While the quorum gathers again: the PIN was sent once, and nothing is known of it.
    what.extend(["--token-timeout", "4"]);
    std::fs::write(&room.fault, "login hang 1").unwrap();
    let (status, said) = room.try_to_lead(Command::new(tool()), &what, &mut |_| None);
    assert!(!status.success() && said.contains("no answer within 4s") && said.contains("Unplug"), "{}", tail(&said));

    // A session that is gone is opened again without a word.
    room.lead(&["resume", folder], &mut |screen| {
        if screen.contains("7.03  ") && screen.contains("Enter when") {
            std::fs::write(&room.fault, "sign drop 1").unwrap();
        }
        None
    });
    assert!(!room.fault.exists(), "the order was taken");
    assert_eq!(Some(certificates(&room)), before.map(|before| before + 1), "one document signer");
    let file = |name: &str| format!("{folder}/{name}");
    run(&["ceremony", "verify", &file("record.jsonl"), &file("script.toml"), &file("site.toml")]);
}

fn certificates(room: &Room) -> usize {
    let files = std::fs::read_dir(room.root.join("objects")).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "cer")).count()
}

/// Two of the three holders, who together have what the token asks for.
fn pin_of(room: &Room, holders: [&str; 2]) -> String {
    let read = |name: &str| std::fs::read(room.root.join("shares").join(name)).unwrap();
    let set = ShareSet::from_json(&read("set.json")).unwrap();
    let shares: Vec<_> = holders
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
