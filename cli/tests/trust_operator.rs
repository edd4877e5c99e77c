//! The operator of a verifier: decisions, files by hand, offline gates, the doctor, the readiness signal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod dts;
mod support;

use dts::{Answer, Issuer, MDL, Web, World, at, day, primary, state_of};
use support::run;

fn write_root(world: &World, issuer: &Issuer, name: &str) -> (String, String) {
    let file = world.path(name);
    std::fs::write(&file, issuer.root.der()).unwrap();
    (file, hex::encode(issuer.root.fingerprint_sha256()))
}

#[test]
fn a_root_added_by_hand_needs_its_fingerprint() {
    let world = World::new();
    let store = world.path("gate.store");
    let (file, fingerprint) = write_root(&world, &world.issuer, "iaca.der");
    let before = std::fs::read(&store).unwrap();
    let add = |fingerprint: &str, options: &[&str]| {
        let first = ["trust", "add", &store, &file, "--sha256", fingerprint, "--at", &day(0)];
        run(first.iter().chain(options))
    };
    add(&"ab".repeat(32), &["--doctype", MDL]).refused(2, "operator-fingerprint");
    add(&fingerprint, &[]).expect(2);
    assert_eq!(std::fs::read(&store).unwrap(), before);
    add(&fingerprint, &["--doctype", MDL, "--purpose", "issuance", "status"]).expect(0);
    let page = world.show("gate.store", 0);
    assert_eq!(state_of(&page, &world.anchor()), ("valid", Some("operator")));

    // Files by hand instead of a service: the CRL of the root, and what no list names.
    let crl = world.path("iaca.crl");
    std::fs::write(&crl, world.issuer.crl(5, at(0), &[])).unwrap();
    run(["trust", "crl", &store, &crl, "--at", &day(0)]).expect(0);
    std::fs::write(&crl, world.issuer.crl(4, at(0), &[])).unwrap();
    run(["trust", "crl", &store, &crl, "--at", &day(0)]).refused(2, "import-crl-number-too-low");
    std::fs::write(&crl, world.issuer.crl(6, at(2), &[])).unwrap();
    run(["trust", "crl", &store, &crl, "--at", &day(0)]).refused(2, "import-crl-not-yet-valid");
    let stranger = Issuer::new("Stranger");
    std::fs::write(&crl, stranger.crl(7, at(0), &[])).unwrap();
    run(["trust", "crl", &store, &crl, "--at", &day(0)]).expect(2);
    let list = world.path("tree/status/1.cwt");
    let document = world.path("document.cbor");
    std::fs::write(&document, world.issuer.document(0)).unwrap();
    run(["verify", &document, "--issuer-signed", "--store", &store, "--status", &list, "--at", &day(0)]).expect(0);
}

#[test]
fn a_distrusted_root_stays_distrusted_until_that_is_lifted() {
    let world = World::updated();
    let (store, key) = (world.path("gate.store"), world.anchor());
    let decide = |what: &str, key: &str| run(["trust", what, &store, key, "--at", &day(0)]);
    decide("distrust", &"0".repeat(16)).refused(2, "operator-unknown-anchor");
    decide("lift", &key).refused(2, "operator-state");
    decide("distrust", &key[..10]).expect(0);
    let report = world.verify("gate.store", 0, 0).expect(11).json();
    assert_eq!(primary(&report).1, "trust-no-anchor");
    world.sync("gate.store", 0).expect(0);
    assert_eq!(state_of(&world.show("gate.store", 0), &key).0, "local-distrust");
    decide("lift", &key).expect(0);
    world.sync("gate.store", 0).expect(0);
    assert_eq!(state_of(&world.show("gate.store", 0), &key), ("valid", Some("approval")));
}

#[test]
fn the_last_root_of_a_scope_goes_only_when_the_operator_agrees() {
    let mut world = World::updated();
    let (store, key) = (world.path("gate.store"), world.anchor());
    world.site.list.anchors[0].state = tegata_manifest::ListedState::Removed;
    world.site.list.anchors[0].dates.removed = Some(at(1));
    world.publish(1);
    let map = format!("https://dts.example/={}", world.path("tree"));
    let sync = run(["trust", "sync", &store, "--from", &world.path("tree"), "--map", &map, "--at", &day(1)]).expect(0);
    assert!(sync.stdout().contains(&format!("confirm-removal STORE {}", &key[..16])), "{}", sync.stdout());
    assert_eq!(state_of(&world.show("gate.store", 1), &key).0, "missing");
    world.verify("gate.store", 0, 1).expect(0);
    run(["trust", "confirm-removal", &store, &key, "--at", &day(1)]).expect(0);
    let page = world.sync("gate.store", 1).expect(0).json();
    assert_eq!(state_of(&page, &key).0, "retired");
    assert_eq!(page["emptied"][0]["doc_type"], MDL);
    world.verify("gate.store", 0, 1).expect(11);
}

#[test]
fn an_offline_gate_lives_on_a_file() {
    let mut world = World::new();
    world.init("offline.store", &["--offline"]);
    let (root, tree) = (world.path("tree/v1/root/1.cbor"), world.path("tree"));
    let export = |out: &str, count: i64| {
        run(["trust", "export", "--root", &root, "--from", &tree, "--out", out, "--at", &day(count)])
    };
    let (first, second) = (world.path("first.bundle"), world.path("second.bundle"));
    export(&first, 0).expect(0);
    export(&first, 0).refused(2, "output-exists");
    let import = |store: &str, file: &str, count: i64| {
        run(["trust", "import", &world.path(store), file, "--at", &day(count), "--json"])
    };
    // Six days on the way.
    let page = import("offline.store", &first, 6).expect(0).json();
    assert_eq!(page["age_seconds"], 6 * 86_400);
    assert_eq!(page["fetched"], day(0));
    world.verify("offline.store", 0, 6).expect(0);
    let revoked = world.verify("offline.store", 1, 6).expect(10).json();
    assert_eq!(primary(&revoked).0, "mso-revocation");
    // For a gate that is online, six days are too many.
    import("gate.store", &first, 6).expect(0);
    let report = world.verify("gate.store", 0, 6).expect(11).json();
    assert_eq!(primary(&report).1, "trust-list-stale");

    world.publish(8);
    let export_second =
        run(["trust", "export", "--root", &root, "--from", &tree, "--out", &second, "--at", &day(8), "--json"]);
    assert_eq!(export_second.expect(0).json()["missing"], serde_json::json!([]));
    import("offline.store", &second, 8).expect(0);
    let older = run(["trust", "import", &world.path("offline.store"), &first, "--at", &day(9)]);
    older.refused(2, "evidence-bundle-older");
    let future = run(["trust", "import", &world.path("gate.store"), &second, "--at", &day(7)]);
    future.refused(2, "evidence-bundle-from-future");
    let mut bytes = std::fs::read(&second).unwrap();
    bytes.truncate(bytes.len() - 7);
    std::fs::write(&second, &bytes).unwrap();
    run(["trust", "import", &world.path("offline.store"), &second, "--at", &day(9)])
        .refused(2, "evidence-bundle-damaged");
    world.verify("offline.store", 0, 9).expect(0);
}

#[test]
fn the_doctor_finds_what_is_wrong_and_nothing_else() {
    let world = World::new();
    let store = world.path("gate.store");
    let doctor = |options: &[&str]| {
        let first = ["trust", "doctor", &store, "--at", &day(0), "--json"];
        run(first.iter().chain(options))
    };
    let ids = |page: &serde_json::Value| {
        let findings = page["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let page = doctor(&[]).expect(1).json();
    assert!(ids(&page).contains(&"doctor-never-updated".into()), "{page:#}");
    world.sync("gate.store", 0).expect(0);
    let page = doctor(&["--from", &world.path("tree")]).expect(0).json();
    assert_eq!(ids(&page), Vec::<String>::new(), "{page:#}");
    let page = doctor(&[]).expect(0).json();
    assert_eq!(ids(&page), ["doctor-probe-not-run"]);
    let page = doctor(&["--revocation", "dangerous-off"]).expect(1).json();
    assert!(ids(&page).contains(&"doctor-revocation-off".into()));
    let proxy = Web::directory(&world.directory.path().join("tree"), |_| Some(Answer::status(413)));
    let page = doctor(&["--from", &proxy.url()]).expect(1).json();
    assert!(ids(&page).contains(&"doctor-probe-failed".into()));
    let words = run(["trust", "doctor", &store, "--at", &day(10)]).expect(1).stdout();
    assert!(words.contains("ERROR") && words.contains("doctor-list-stale"), "{words}");
}

#[test]
fn a_readiness_signal_is_shown_and_sent_only_when_asked() {
    let world = World::new();
    let store = world.path("gate.store");
    let signal = |options: &[&str]| {
        let first = ["trust", "signal", &store, "--class", "gate", "--at", &day(0), "--json"];
        run(first.iter().chain(options))
    };
    signal(&[]).expect(2);
    world.sync("gate.store", 0).expect(0);
    let page = signal(&[]).expect(0).json();
    assert_eq!(page["anchors"][0], &world.anchor()[..8]);
    assert_eq!(page["sent"], serde_json::Value::Null);
    let web = Web::serve(|_| Answer::status(204));
    let sent = signal(&["--post", &format!("{}/v1/readiness", web.url())]).expect(0).json();
    let seen = web.seen();
    assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].path.as_str()), (1, "POST", "/v1/readiness"));
    assert_eq!(hex::encode(&seen[0].body), sent["signal"].as_str().unwrap());
    let told = tegata_sync::ReadinessSignal::from_bytes(&seen[0].body).unwrap();
    assert_eq!((told.list_version, told.anchors.len()), (1, 1));
    let web = Web::serve(|_| Answer::status(405));
    signal(&["--post", &web.url()]).expect(1);
}
