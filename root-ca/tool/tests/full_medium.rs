//! A medium that is full in the middle of a ceremony: each time one clear message, nothing lost or half-written, and the
//! ceremony is taken up again when there is room.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

#[path = "support/room.rs"]
mod room;

use std::path::{Path, PathBuf};
use std::process::Command;

use room::{Room, softhsm_library, tail, tool};

/// What the screen may say when something cannot be written.
const FULL: [&str; 8] = [
    "audit-io",
    "audit-poisoned",
    "state-full",
    "state-unwritten",
    "authority-output",
    "output-unwritable",
    "carrier-unwritable",
    "ceremony-not-recorded",
];

/// Answers `stop` to what failed, and counts how often that was.
fn lead(
    room: &Room,
    command: Command,
    what: &[&str],
    before: &mut dyn FnMut(&str) -> Option<String>,
) -> (bool, String, usize) {
    let mut failures = 0;
    let (status, said) = room.try_to_lead(command, what, &mut |screen| {
        if screen.contains("or stop?") {
            failures += 1;
            return Some("stop".to_owned());
        }
        before(screen)
    });
    assert!(!said.contains("panicked"), "{}", tail(&said));
    (status.success(), said, failures)
}

/// One message that names the trouble and says what to do.
fn is_clear(said: &str) {
    let end = tail(said);
    assert!(FULL.iter().any(|id| end.contains(id)), "{end}");
    let advice = ["space", "medium", "room"].iter().any(|word| end.contains(word));
    assert!(advice, "{end}");
}

/// The program with a limit on the size of every file that it writes, in blocks of 512 octets.
fn limited(blocks: usize) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script).arg(tool());
    shell
}

fn run(room: &Room, arguments: &[&str]) -> String {
    let root = room.root.to_str().unwrap();
    let answer = Command::new(tool()).args(["--root", root, "--sandbox"]).args(arguments).output().unwrap();
    assert!(answer.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8_lossy(&answer.stdout).into_owned()
}

/// What a failure left open is closed with its reason, as the message says.
fn close_intents(room: &Room) {
    let status: serde_json::Value = serde_json::from_str(&run(room, &["--json", "status"])).unwrap();
    for intent in status["open_intents"].as_array().unwrap() {
        run(room, &["close-intent", &intent["id"].to_string(), "--reason", "the medium was full"]);
    }
}

/// Every file of the root is whole: the log holds, no piece of a file lies about, and everything that the state has signed
/// is there.
fn is_whole(room: &Room) {
    let objects = room.root.join("objects");
    for entry in std::fs::read_dir(&objects).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.ends_with(".part"), "{name} is half-written");
        let kind = if name.ends_with(".crl") { "crl" } else { "x509" };
        let read = Command::new("openssl").args([kind, "-inform", "DER", "-noout", "-in"]).arg(&path).output().unwrap();
        assert!(read.status.success(), "{name}: {}", String::from_utf8_lossy(&read.stderr));
    }
    let log = std::fs::read(room.root.join("audit.jsonl")).unwrap();
    tegata_audit::read(&log).unwrap();
}

fn is_complete(room: &Room, folder: &str) {
    is_whole(room);
    let file = |name: &str| format!("{folder}/{name}");
    run(room, &["ceremony", "verify", &file("record.jsonl"), &file("script.toml"), &file("site.toml")]);
    let status: serde_json::Value = serde_json::from_str(&run(room, &["--json", "status"])).unwrap();
    assert_eq!(status["open_intents"].as_array().unwrap().len(), 0);
    let files = |end: &str| {
        let all = std::fs::read_dir(room.root.join("objects")).unwrap();
        all.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|found| found == end)).count()
    };
    assert_eq!(files("cer"), 2, "the root and one document signer");
    assert!(files("crl") > 80, "the series to the next ceremony");
    assert_eq!(status["keys"].as_array().unwrap().len(), 1, "one root key: {status}");
}

#[test]
fn a_limit_on_files_stops_the_ceremony_wherever_it_falls() {
    if softhsm_library().is_none() {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    }
    let room = Room::prepare(&softhsm_library().unwrap());
    let (script, site) = room.files();
    let folder = room.root.join("ceremonies/first-on-softhsm").display().to_string();
    let record = room.root.join("ceremonies/first-on-softhsm/record.jsonl");
    let begun = || std::fs::metadata(&record).is_ok_and(|record| record.len() > 0);
    let mut hit = std::collections::BTreeSet::new();
    // The script alone has 70 blocks, the empty state about 250; the record, the log and the lists grow past the others.
    for blocks in [20, 100, 290, 340, 400, 480, 560] {
        let what = if begun() { vec!["resume", &folder] } else { vec!["run", &script, &site] };
        let (_, said, failures) = lead(&room, limited(blocks), &what, &mut |_| None);
        assert!(failures <= 1, "{blocks}: one message");
        if said.contains("The ceremony has ended") {
            break;
        }
        is_clear(&said);
        hit.extend(FULL.into_iter().filter(|id| tail(&said).contains(id)));
        if room.root.join("state.sqlite").exists() {
            close_intents(&room);
        }
        is_whole(&room);
    }
    assert!(hit.len() >= 2, "the limit fell on one kind of file only: {hit:?}");
    let what = if begun() { vec!["resume", &folder] } else { vec!["run", &script, &site] };
    let (done, said, failures) = lead(&room, Command::new(tool()), &what, &mut |_| None);
    assert!(done && failures == 0, "{}", tail(&said));
    is_complete(&room, &folder);
}

/// A small medium of its own over a folder, or under one file.
struct Small {
    mounted: Vec<PathBuf>,
    medium: PathBuf,
}

impl Small {
    /// `None` where this user may not mount.
    fn over(place: &Path, pages: usize) -> Option<Self> {
        let folder = place.is_dir();
        let medium = if folder { place.to_owned() } else { place.with_extension("medium") };
        let kept = place.with_extension("kept");
        std::fs::create_dir_all(&medium).unwrap();
        if folder {
            copy(place, &kept);
        }
        let options = format!("size={}k,mode=700", pages * 4);
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&medium).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let mut small = Self { mounted: vec![medium.clone()], medium: medium.clone() };
        if folder {
            copy(&kept, &medium);
        } else {
            let inside = medium.join("file");
            std::fs::copy(place, &inside).unwrap();
            let bound = Command::new("mount").arg("--bind").arg(&inside).arg(place).status().unwrap();
            assert!(bound.success());
            small.mounted.push(place.to_owned());
        }
        Some(small)
    }

    fn enlarge(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.medium).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        for place in self.mounted.iter().rev() {
            let _ = Command::new("umount").arg("-l").arg(place).status();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn pages(path: &Path) -> usize {
    usize::try_from(std::fs::metadata(path).unwrap().len().div_ceil(4096)).unwrap()
}

/// The folder of signed files, the audit log, the state and the record, one after the other on a medium that is full in the
/// middle of the work.
#[test]
fn a_full_medium_costs_time_and_nothing_else() {
    if softhsm_library().is_none() {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
        return;
    }
    let room = Room::prepare(&softhsm_library().unwrap());
    let Some(objects) = Small::over(&room.root.join("objects"), 1) else {
        println!("skipped: this user may not mount a small medium");
        return;
    };
    let (script, site) = room.files();
    let folder = room.root.join("ceremonies/first-on-softhsm").display().to_string();
    // Room for the root's certificate and nothing more: the first document signer's is made, and its file is not.
    let (_, said, failures) = lead(&room, Command::new(tool()), &["run", &script, &site], &mut |_| None);
    assert_eq!(failures, 1, "{}", tail(&said));
    is_clear(&said);
    assert!(tail(&said).contains("authority-output") && said.contains("7.03  "), "{}", tail(&said));
    is_whole(&room);
    objects.enlarge();

    let mut media = Vec::new();
    let record = room.root.join("ceremonies/first-on-softhsm/record.jsonl");
    for (file, expected) in [
        (room.root.join("audit.jsonl"), ["audit-io", "audit-poisoned"]),
        (record, ["ceremony-not-recorded", "audit-io"]),
        (room.root.join("state.sqlite"), ["state-full", "state-unwritten"]),
    ] {
        let small = Small::over(&file, pages(&file)).unwrap();
        let (_, said, failures) = lead(&room, Command::new(tool()), &["resume", &folder], &mut |_| None);
        assert!(!said.contains("The ceremony has ended"), "{}: it was not full", file.display());
        assert!(failures <= 1, "{}", tail(&said));
        is_clear(&said);
        assert!(expected.iter().any(|id| tail(&said).contains(id)), "{}: {}", file.display(), tail(&said));
        small.enlarge();
        close_intents(&room);
        is_whole(&room);
        media.push(small);
    }
    let (done, said, failures) = lead(&room, Command::new(tool()), &["resume", &folder], &mut |_| None);
    assert!(done && failures == 0, "{}", tail(&said));
    is_complete(&room, &folder);
}
