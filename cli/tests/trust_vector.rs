//! The life of a trust store as in the test vectors, through the command line: every report to the byte, which the bindings
//! are held to as well.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::run;
use tegata_testvectors::Case;

#[test]
fn a_store_lives_as_in_the_vectors() {
    let case = Case::open(&tegata_testvectors::store()).unwrap();
    let file = |name: &str| case.folder().join(name).display().to_string();
    let named = |key: &str| file(case.get(key).as_str().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let (store, gate, bundle) = ("online.store", "offline.store", "evidence.bundle");
    let [store, gate, bundle] = [store, gate, bundle].map(|name| directory.path().join(name).display().to_string());
    let init = |store: &str, options: &[&str]| {
        let root = named("root");
        let first = ["trust", "init", store, "--root", &root, "--sha256", case.get("sha256").as_str().unwrap()];
        run(first.iter().chain(options)).expect(0);
    };
    let verify = |store: &str, step: &serde_json::Value| {
        let status = match step["verdict"].as_str().unwrap() {
            "accepted" => 0,
            "rejected" => 10,
            _ => 11,
        };
        let (input, transcript, at) = (named("input"), named("session_transcript"), step["at"].as_str().unwrap());
        let report = run([
            "verify",
            &input,
            "--store",
            store,
            "--transcript",
            &transcript,
            "--at",
            at,
            "--json",
            "--lang",
            "en",
        ]);
        let expected = std::fs::read_to_string(file(step["report"].as_str().unwrap())).unwrap();
        assert_eq!(report.expect(status).stdout(), expected, "{step}");
    };
    init(&store, &[]);
    for step in case.get("steps").as_array().unwrap() {
        if step["do"] == "verify" {
            verify(&store, step);
            continue;
        }
        let from = file(step["from"].as_str().unwrap());
        let sync = run(["trust", "sync", &store, "--from", &from, "--at", step["at"].as_str().unwrap(), "--json"]);
        match step["error"].as_str() {
            None => _ = sync.expect(0),
            Some(id) => assert!(sync.expect(1).stderr().contains(&format!("\"{id}\"")), "{step}"),
        }
    }

    let offline = case.get("offline");
    let text = |key: &str| offline[key].as_str().unwrap();
    let (root, from) = (named("root"), file(text("from")));
    let at = text("exported");
    run(["trust", "export", "--root", &root, "--from", &from, "--out", &bundle, "--at", at]).expect(0);
    assert!(std::fs::read(&bundle).unwrap() == std::fs::read(file(text("bundle"))).unwrap(), "the same bundle");
    init(&gate, &["--offline"]);
    run(["trust", "import", &gate, &bundle, "--at", text("at")]).expect(0);
    verify(&gate, offline);
}
