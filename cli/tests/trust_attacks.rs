//! Updates that go wrong: networks, captive portals, attackers, accidents. Never a wrong accept, each with its cause.
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

use std::process::Stdio;
use std::time::Duration;

use dts::{Answer, Web, World, day, primary, state_of};
use support::{run, tegata};
use tegata_manifest::{SourceKind, StatusSource};

/// The update failed with this cause, and everything that was held is as it was.
fn fails(world: &World, from: &str, count: i64, id: &str) {
    let before = world.show("gate.store", count);
    let failed = world.sync_from("gate.store", from, count);
    assert_eq!(failed.status(), 1, "{}", failed.all());
    let error: serde_json::Value = serde_json::from_str(&failed.stderr()).unwrap();
    assert_eq!(error["error"]["id"], id, "{error:#}");
    assert!(!error["error"]["remedy"].as_str().unwrap().is_empty());
    let mut after = world.show("gate.store", count);
    after["generation"] = before["generation"].clone();
    assert_eq!(after, before);
}

#[test]
fn an_update_over_http_asks_for_what_it_can_read() {
    let mut world = World::new();
    let web = Web::directory(&world.directory.path().join("tree"), |_| None);
    let uri = format!("{}/status/other.cwt", web.url());
    let issuer_key = world.site.list.anchors[0].key_digest();
    world.site.list.sources.push(StatusSource { uri: uri.clone(), kind: SourceKind::StatusList, issuer_key });
    world.publish(0);
    let page = world.sync_from("gate.store", &web.url(), 0).expect(0).json();
    assert_eq!(state_of(&page, &world.anchor()).0, "valid");
    assert_eq!(page["refused"][0]["name"], uri.as_str());
    assert_eq!(page["refused"][0]["id"], "import-absent");
    let seen = web.seen();
    let list = seen.iter().find(|request| request.path == "/status/other.cwt").unwrap();
    let accept = "accept: application/statuslist+cwt, application/statuslist+jwt;q=0.9";
    assert!(list.headers.iter().any(|header| header == accept), "{list:?}");
    assert_eq!(seen[0].path, "/v1/root/2.cbor");
    world.verify("gate.store", 0, 0).expect(0);
    // What is held is not fetched again.
    let before = web.seen().len();
    world.sync_from("gate.store", &web.url(), 0).expect(0);
    assert_eq!(web.seen().len() - before, 3, "{:?}", web.seen());
}

#[test]
fn redirects_are_followed_a_few_times() {
    let world = World::new();
    let tree = world.directory.path().join("tree");
    let mirror = Web::directory(&tree, |_| None);
    let base = mirror.url();
    let moved = Web::serve(move |request| Answer::redirect(&format!("{base}{}", request.path)));
    world.sync_from("gate.store", &moved.url(), 0).expect(0);
    let endless = Web::serve(|request| Answer::redirect(&format!("{}x", request.path)));
    fails(&world, &endless.url(), 0, "update-unreachable");
    assert_eq!(endless.seen().len(), 4);
    let elsewhere = Web::serve(|_| Answer::redirect("file:///etc/passwd"));
    fails(&world, &elsewhere.url(), 0, "update-unreachable");
}

#[test]
fn a_captive_portal_is_named() {
    let world = World::updated();
    let page = "<!DOCTYPE html><html><body>Please sign in.</body></html>";
    for status in [200, 511] {
        let portal = Web::serve(move |_| if status == 200 { Answer::ok(page) } else { Answer::page(status, page) });
        fails(&world, &portal.url(), 0, "update-captive-portal");
    }
    let crl = world.path("portal.crl");
    std::fs::write(&crl, page).unwrap();
    run(["trust", "crl", &world.path("gate.store"), &crl, "--at", &day(0)]).refused(2, "import-web-page");
}

#[test]
fn downloads_that_end_early_are_not_taken() {
    let mut world = World::updated();
    world.publish(1);
    let tree = world.directory.path().join("tree");
    let cut = |announced: bool| {
        let tree = tree.clone();
        move |request: &dts::web::Request| {
            let bytes = std::fs::read(tree.join(request.path.trim_start_matches('/'))).ok()?;
            let answer = request.path.starts_with("/v1/list/").then(|| Answer::ok(bytes).cut(100))?;
            Some(if announced { answer } else { answer.unannounced() })
        }
    };
    let web = Web::directory(&tree, cut(true));
    fails(&world, &web.url(), 1, "update-unreachable");
    let web = Web::directory(&tree, cut(false));
    fails(&world, &web.url(), 1, "update-truncated");
    let endless = Web::directory(&tree, |request| {
        request.path.starts_with("/v1/pointer").then(|| Answer::ok(vec![0xd8; 1 << 20]).unannounced())
    });
    fails(&world, &endless.url(), 1, "update-endless-data");
    let broken = Web::serve(|_| Answer::status(503));
    fails(&world, &broken.url(), 1, "update-unreachable");
    fails(&world, "http://127.0.0.1:1", 1, "update-unreachable");

    // Failures are counted; the doctor tells.
    let sick = run(["trust", "doctor", &world.path("gate.store"), "--at", &day(1), "--json"]).json();
    let findings = sick["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["id"] == "doctor-update-failing"), "{sick:#}");
    world.sync("gate.store", 1).expect(0);
    world.verify("gate.store", 0, 1).expect(0);
}

#[test]
fn a_status_list_that_is_a_web_page_is_refused_alone() {
    let world = World::new();
    std::fs::write(world.path("tree/status/1.cwt"), "<html>sign in</html>").unwrap();
    let page = world.sync("gate.store", 0).expect(0).json();
    assert_eq!(page["refused"][0]["id"], "import-web-page");
    let report = world.verify("gate.store", 0, 0).expect(11).json();
    assert_eq!(primary(&report).0, "mso-revocation");
}

#[test]
fn an_older_copy_is_a_rollback() {
    let mut world = World::new();
    let copy = world.directory.path().join("copy");
    world.site.write(&copy);
    world.publish(0);
    world.sync("gate.store", 0).expect(0);
    fails(&world, copy.to_str().unwrap(), 0, "update-rollback");
    // An old list under a new pointer does not help either: it was seen to be newer.
    world.verify("gate.store", 0, 0).expect(0);
}

#[test]
fn a_service_that_stands_still_is_noticed() {
    let world = World::updated();
    fails(&world, &world.path("tree"), 2, "update-expired");
}

#[test]
fn a_clock_turned_back_trusts_nobody() {
    let mut world = World::updated();
    world.publish(5);
    world.sync("gate.store", 5).expect(0);
    let failed = world.sync("gate.store", 2);
    assert_eq!(failed.status(), 1, "{}", failed.all());
    assert!(failed.stderr().contains("apply-clock-turned-back"), "{}", failed.all());
    let report = world.verify("gate.store", 0, 2).expect(11).json();
    assert_eq!(primary(&report).1, "trust-clock-turned-back");
    let sick = run(["trust", "doctor", &world.path("gate.store"), "--at", &day(2), "--json"]).expect(1).json();
    assert_eq!(sick["findings"][0]["id"], "doctor-clock-turned-back", "{sick:#}");
    world.verify("gate.store", 0, 5).expect(0);
}

#[test]
fn a_store_that_was_damaged_is_never_an_empty_one() {
    let world = World::updated();
    let (store, at) = (world.path("gate.store"), day(0));
    let good = std::fs::read(&store).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let cases: [(&[u8], &str); 4] = [
        (&flipped, "store-digest"),
        (&good[..good.len() - 1], "store-damaged"),
        (b"", "store-empty"),
        (b"a letter to grandmother", "store-damaged"),
    ];
    for (bytes, id) in cases {
        std::fs::write(&store, bytes).unwrap();
        run(["trust", "show", &store, "--at", &at]).refused(2, id);
        run(["trust", "sync", &store, "--from", &world.path("tree"), "--at", &at]).refused(2, id);
        run(["trust", "doctor", &store, "--at", &at]).refused(2, id);
        let file = world.path("tree/v1/pointer.cbor");
        run(["verify", &file, "--issuer-signed", "--store", &store, "--at", &at]).refused(2, id);
        assert_eq!(std::fs::read(&store).unwrap(), bytes, "it is left as it is, for whoever looks into it");
    }
    std::fs::remove_file(&store).unwrap();
    run(["trust", "show", &store, "--at", &at]).refused(2, "trust-store-absent");
    run(["trust", "show", &world.path("tree"), "--at", &at]).refused(2, "file-is-directory");
}

#[test]
fn a_killed_update_leaves_the_old_state() {
    let mut world = World::updated();
    world.publish(1);
    let tree = world.directory.path().join("tree");
    let store = world.path("gate.store");
    let before = std::fs::read(&store).unwrap();
    let web = Web::directory(&tree, |request| {
        request.path.starts_with("/v1/list/").then(|| Answer::ok("").delayed(Duration::from_secs(60)))
    });
    let arguments = ["trust", "sync", &store, "--from", &web.url(), "--at", &day(1)];
    let mut child = tegata().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        if web.seen().iter().any(|request| request.path.starts_with("/v1/list/")) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(std::fs::read(&store).unwrap(), before);
    // A write that was cut off leaves a file beside it, which is nothing.
    std::fs::write(world.path("gate.store.new"), &before[..before.len() / 2]).unwrap();
    world.verify("gate.store", 0, 1).expect(0);
    world.sync("gate.store", 1).expect(0);
    assert_eq!(world.show("gate.store", 1)["list"]["version"], 2);
}

#[test]
fn places_that_are_none_are_told() {
    let world = World::new();
    let store = world.path("gate.store");
    let sync = |from: &str| run(["trust", "sync", &store, "--from", from, "--at", &day(0)]);
    sync("ftp://dts.example").refused(2, "origin-url");
    sync(&world.path("nowhere")).refused(2, "file-not-found");
    sync(&store).refused(2, "origin-not-directory");
    let empty = world.path("empty");
    std::fs::create_dir(&empty).unwrap();
    fails(&world, &empty, 0, "update-absent");
}
