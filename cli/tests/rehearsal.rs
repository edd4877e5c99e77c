//! The rehearsal of a rollover: phases, relying parties, the gate, and an app team that looks at the staging service.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::Value as Json;
use support::{Finished, build_root_program, run, tegata};

/// In memory where that is possible: 190 days are published, each with all its syncs.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn start(directory: &Path, options: &[&str]) -> std::process::Command {
    build_root_program();
    let mut command = tegata();
    command.args(["dts", "rehearse-rollover"]).arg(directory.join("rollover"));
    command.args(["--at", "2027-01-04T09:00:00Z"]).args(options);
    command
}

#[test]
fn a_rollover_that_goes_well() {
    let directory = directory();
    let finished = Finished(start(directory.path(), &["--lang", "ja"]).output().unwrap()).expect(0);
    let page = finished.stdout();
    for told in ["受理", "拒否", "判定不能", "実施不可", "実施可", "オフラインのゲート", "old-with-new"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains('✗'), "{page}");
    assert!(finished.stderr().contains("新しいルートと両方向のリンク証明書"));
    // Nothing is begun where something is.
    let again = Finished(start(directory.path(), &["--json"]).output().unwrap());
    assert_eq!(again.status(), 2, "{}", again.stderr());
    assert!(again.stderr().contains("dts-not-empty"));
}

/// The rehearsal at its stops: the other end of its standard input and error.
struct Staged {
    child: Child,
    told: BufReader<ChildStderr>,
}

impl Staged {
    fn start(directory: &Path) -> Self {
        let mut command = start(directory, &["--json", "--serve", "127.0.0.1:0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        Self { child, told }
    }

    /// The address, when the next phase is served.
    fn next(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.told.read_line(&mut line).unwrap(), 0, "the rehearsal ended before its time");
            let told: Option<Json> = serde_json::from_str(&line).ok();
            if let Some(url) = told.as_ref().and_then(|told| told["serving"].as_str()) {
                return url.trim_end_matches('/').to_owned();
            }
        }
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    fn end(self) -> Finished {
        let Self { mut child, mut told } = self;
        drop(child.stdin.take());
        let rest = std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
        let finished = Finished(child.wait_with_output().unwrap());
        rest.join().unwrap().unwrap();
        finished
    }
}

/// An app team's own verifier, which begins in the first phase and is updated at each stop.
struct Team {
    directory: tempfile::TempDir,
}

impl Team {
    /// Fetches a file; where it is now.
    fn fetch(&self, url: &str, path: &str) -> String {
        let file = self.path(path.rsplit('/').next().unwrap());
        std::fs::write(&file, get(url, path)).unwrap();
        file
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// Updates from the address as of the time that the service tells, and verifies what it hands out.
    fn visit(&self, url: &str) -> String {
        let told: Json = serde_json::from_slice(&get(url, "/rehearsal.json")).unwrap();
        let (store, now) = (self.path("team.store"), told["now"].as_str().unwrap());
        if !Path::new(&store).exists() {
            let root = self.fetch(url, told["root_metadata"]["path"].as_str().unwrap());
            let digest = told["root_metadata"]["sha256"].as_str().unwrap();
            run(["trust", "init", &store, "--root", &root, "--sha256", digest]).expect(0);
        }
        run(["trust", "sync", &store, "--from", url, "--at", now]).expect(0);
        let documents = told["documents"].as_array().unwrap();
        for document in documents {
            let file = self.fetch(url, document["path"].as_str().unwrap());
            let verified = run(["verify", &file, "--issuer-signed", "--store", &store, "--at", now]);
            let status = if document["expected"] == "accepted" { 0 } else { 10 };
            assert_eq!(verified.status(), status, "{told:#}\n{}", verified.stdout());
        }
        told["phase"].as_str().unwrap().to_owned()
    }
}

/// The body of what is served at a path.
fn get(url: &str, path: &str) -> Vec<u8> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|octets| octets == b"\r\n\r\n").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&answer[..head]));
    answer.split_off(head + 4)
}

fn phase<'j>(told: &'j Json, id: &str) -> &'j Json {
    let phases = told["phases"].as_array().unwrap();
    phases.iter().find(|phase| phase["phase"] == id).unwrap()
}

/// The verdicts of a relying party in a phase, by document.
fn verdicts(phase: &Json, store: &str) -> Vec<(String, String)> {
    let stores = phase["stores"].as_array().unwrap();
    let store = stores.iter().find(|seen| seen["store"] == store).unwrap();
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let documents = store["documents"].as_array().unwrap().iter();
    documents.map(|document| (text(&document["document"]), text(&document["verdict"]))).collect()
}

/// A team follows the staging service through all phases; and a relying party that distrusts the new root at the last stop
/// shows that a verdict that is not the expected one is told and fails.
#[test]
fn a_staging_service_that_a_team_looks_at_and_a_store_that_goes_its_own_way() {
    let (directory, team) = (directory(), Team { directory: directory() });
    let home = directory.path().join("rollover");
    let mut staged = Staged::start(directory.path());
    let mut phases = Vec::new();
    for stop in 0..8 {
        let url = staged.next();
        phases.push(team.visit(&url));
        if stop == 6 {
            let shown = run(["trust", "show", &team.path("team.store"), "--at", "2027-06-16T12:00:00Z", "--json"]);
            let anchors = shown.expect(0).json()["anchors"].as_array().unwrap().clone();
            let key = |because: &str| {
                let anchor = anchors.iter().find(|anchor| anchor["because"]["id"] == because).unwrap();
                anchor["key"].as_str().unwrap().to_owned()
            };
            let daily = home.join("daily.store").display().to_string();
            run(["trust", "distrust", &daily, &key("new-with-old"), "--at", "2027-06-16T12:00:00Z"]).expect(0);
        }
        staged.go_on();
    }
    assert_eq!(phases, ["established", "announced", "active", "ready", "switched", "woken", "caught-up", "removed"]);
    let finished = staged.end();
    assert_eq!(finished.status(), 1);
    let told = finished.json();
    assert_eq!(told["as_expected"], false);

    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(document, verdict)| ((*document).to_owned(), (*verdict).to_owned())).collect()
    };
    assert_eq!(verdicts(phase(&told, "announced"), "sleeper"), pairs(&[("old", "undetermined")]));
    let switched = phase(&told, "switched");
    assert_eq!(verdicts(switched, "daily"), pairs(&[("old", "accepted"), ("new", "accepted")]));
    assert_eq!(verdicts(switched, "gate"), pairs(&[("old", "accepted"), ("new", "accepted")]));
    assert_eq!(verdicts(switched, "newcomer"), pairs(&[("old", "rejected"), ("new", "accepted")]));
    assert_eq!(verdicts(phase(&told, "woken"), "sleeper"), pairs(&[("old", "accepted"), ("new", "rejected")]));
    for store in ["daily", "sleeper", "gate", "newcomer"] {
        let caught_up = verdicts(phase(&told, "caught-up"), store);
        assert_eq!(caught_up, pairs(&[("old", "accepted"), ("new", "accepted")]), "{store}");
    }
    let (early, late) = (&phase(&told, "announced")["readiness"], &phase(&told, "ready")["readiness"]);
    assert_eq!((&early["go"], &late["go"]), (&Json::Bool(false), &Json::Bool(true)));
    assert_eq!(early["figures"]["obstacles"][0], "gate-too-many-unready");
    let lists =
        ["established", "announced", "active", "switched", "removed"].map(|id| phase(&told, id)["listed"].clone());
    let listed = serde_json::json!([
        ["active"],
        ["active", "announced"],
        ["active", "active"],
        ["retiring", "active"],
        ["removed", "active"]
    ]);
    assert_eq!(Json::from(lists.to_vec()), listed);

    // The one surprise: who was told to distrust the new root.
    let surprises: Vec<_> = told["phases"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|phase| phase["stores"].as_array().unwrap().iter().map(move |store| (phase, store)))
        .flat_map(|(phase, store)| store["documents"].as_array().unwrap().iter().map(move |one| (phase, store, one)))
        .filter(|(_, _, document)| document["as_expected"] == false)
        .map(|(phase, store, document)| (phase["phase"].clone(), store["store"].clone(), document["document"].clone()))
        .collect();
    assert_eq!(surprises, [("removed".into(), "daily".into(), "new".into())]);
}
