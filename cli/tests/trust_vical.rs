//! A trust store that follows a VICAL: documents of its anchors, ages, attacks, bundles, beside a service.
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

use dts::provider::Provider;
use dts::web::{Answer, Web};
use dts::{Issuer, World, at, day, primary, state_of};
use serde_json::Value as Json;
use support::{Finished, run};

/// An issuer that no service lists, a provider that does, and a store that follows the provider alone.
struct Vical {
    directory: tempfile::TempDir,
    issuer: Issuer,
    provider: Provider,
}

impl Vical {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = Self { directory, issuer: Issuer::new("Elsewhere"), provider: Provider::new() };
        std::fs::create_dir_all(world.path("vical")).unwrap();
        std::fs::create_dir_all(world.path("crl")).unwrap();
        std::fs::write(world.path("root.der"), world.provider.root.der()).unwrap();
        std::fs::write(world.path("document.cbor"), world.issuer.document(0)).unwrap();
        world.init("gate.store", &[]);
        world
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn init(&self, store: &str, options: &[&str]) {
        let (root, store) = (self.path("root.der"), self.path(store));
        let fingerprint = hex::encode(self.provider.root.fingerprint_sha256());
        let arguments = ["trust", "init", &store, "--vical-name", "utopia", "--vical-root", &root, "--vical-sha256"];
        let rest = [fingerprint.as_str(), "--at", &day(0)].map(str::to_owned);
        run(arguments.iter().map(|word| (*word).to_owned()).chain(rest).chain(options.iter().map(|w| (*w).to_owned())))
            .expect(0);
    }

    /// The provider publishes a list, and the issuer its CRL and status list, `count` days after the start.
    fn publish(&self, id: u64, count: i64, issuers: &[&Issuer]) {
        std::fs::write(self.path("vical/latest.cbor"), self.provider.list(id, at(count), issuers)).unwrap();
        std::fs::write(self.path("crl/iaca.crl"), self.issuer.crl(id, at(count), &[])).unwrap();
        std::fs::write(self.path("status.cwt"), self.issuer.status_list(at(count))).unwrap();
    }

    fn sync(&self, store: &str, place: &str, count: i64) -> Finished {
        let (store, vical) = (self.path(store), format!("utopia={place}"));
        run(["trust", "sync", &store, "--vical", &vical, "--at", &day(count), "--json"])
    }

    fn updated() -> Self {
        let world = Self::new();
        world.publish(7, 0, &[&world.issuer]);
        world.sync("gate.store", &world.path(""), 0).expect(0);
        world
    }

    fn show(&self, store: &str, count: i64) -> Json {
        run(["trust", "show", &self.path(store), "--at", &day(count), "--json"]).expect(0).json()
    }

    fn verify(&self, store: &str, count: i64) -> Finished {
        let (file, store, list) = (self.path("document.cbor"), self.path(store), self.path("status.cwt"));
        run(["verify", &file, "--issuer-signed", "--store", &store, "--status", &list, "--at", &day(count), "--json"])
    }

    fn key(&self) -> String {
        hex::encode(tegata_manifest::sha256(self.issuer.root.spki_der()))
    }

    /// The update failed with this cause, and everything that was held is as it was.
    fn fails(&self, place: &str, count: i64, id: &str) {
        let before = self.show("gate.store", count);
        let failed = self.sync("gate.store", place, count);
        assert_eq!(failed.status(), 1, "{}", failed.all());
        let error: Json = serde_json::from_str(&failed.stderr()).unwrap();
        assert_eq!(error["error"]["id"], id, "{error:#}");
        assert!(!error["error"]["remedy"].as_str().unwrap().is_empty());
        let mut after = self.show("gate.store", count);
        after["generation"] = before["generation"].clone();
        after["vicals"][0]["failures"] = before["vicals"][0]["failures"].clone();
        assert_eq!(after, before);
    }
}

#[test]
fn a_document_under_an_anchor_that_only_a_vical_names() {
    let world = Vical::new();
    let report = world.verify_nothing();
    assert_eq!(primary(&report), ("ds-trusted".into(), "trust-never-updated".into()));
    let other = Issuer::new("Third");
    world.publish(7, 0, &[&world.issuer, &other]);
    let page = world.sync("gate.store", &world.path(""), 0).expect(0).json();
    assert_eq!(page["vical_updates"][0]["refused"], serde_json::json!([]), "{page:#}");
    assert_eq!(page["vicals"][0]["list"]["issue"], 7);
    assert_eq!(state_of(&page, &world.key()), ("valid", Some("vical")));
    let fresh = page["crls"].as_array().unwrap().iter().filter(|crl| crl["freshness"] == "fresh").count();
    assert_eq!(fresh, 1, "the CRL comes from where the certificate says; that of the other is not at hand");
    let accepted = world.verify("gate.store", 0).expect(0).json();
    let evidence = accepted["documents"][0]["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|age| age["kind"] == "vical" && age["expires"] == day(1).as_str()), "{evidence:?}");
    let page = run(["trust", "show", &world.path("gate.store"), "--history", "--at", &day(0)]).expect(0).stdout();
    for words in ["no service", "VICAL utopia", "Utopia DTS", "VICAL utopia 7", "2026-12-02"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = run(["trust", "show", &world.path("gate.store"), "--at", &day(0), "--lang", "ja"]).expect(0).stdout();
    assert!(page.contains("サービスなし") && page.contains("VICAL（utopia）"), "{page}");
    run(["trust", "vical", "add", "--help"]).expect(0);

    // Stale, then left out by the next list.
    let report = world.verify("gate.store", 5).expect(11).json();
    assert_eq!(primary(&report).1, "trust-list-stale");
    world.publish(8, 5, &[&other]);
    let page = world.sync("gate.store", &world.path(""), 5).expect(0).json();
    assert_eq!(state_of(&page, &world.key()).0, "retired");
    world.verify("gate.store", 5).expect(10);
}

impl Vical {
    fn verify_nothing(&self) -> Json {
        let (file, store) = (self.path("document.cbor"), self.path("gate.store"));
        run(["verify", &file, "--issuer-signed", "--store", &store, "--at", &day(0), "--json"]).expect(11).json()
    }
}

#[test]
fn a_stranger_waits_for_his_hold_down() {
    let world = Vical::updated();
    let other = Issuer::new("Third");
    let key = hex::encode(tegata_manifest::sha256(other.root.spki_der()));
    for (id, count, state) in [(8, 1, "candidate"), (9, 20, "candidate"), (10, 31, "valid")] {
        world.publish(id, count, &[&world.issuer, &other]);
        let page = world.sync("gate.store", &world.path(""), count).expect(0).json();
        assert_eq!(state_of(&page, &key), (state, Some("vical")), "day {count}");
    }
    // Decisions of the operator reach anchors of VICALs too.
    let store = world.path("gate.store");
    run(["trust", "distrust", &store, &key[..12], "--at", &day(31)]).expect(0);
    assert_eq!(state_of(&world.show("gate.store", 31), &key).0, "local-distrust");
    run(["trust", "vical", "remove", &store, "utopia", "--at", &day(31)]).expect(0);
    let page = world.show("gate.store", 31);
    assert_eq!((&page["vicals"], state_of(&page, &key).0), (&serde_json::json!([]), "local-distrust"));
    run(["trust", "vical", "remove", &store, "utopia", "--at", &day(31)]).refused(2, "vical-unknown-provider");
}

#[test]
fn attacks_each_have_their_cause_and_change_nothing() {
    let world = Vical::updated();
    let good = world.provider.list(9, at(1), &[&world.issuer]);
    let serve = |list: Vec<u8>| Web::serve(move |_| Answer::ok(list.clone()));
    let place = |web: &Web| format!("{}/vical.cbor", web.url());
    let lists: [(Vec<u8>, &str); 6] = [
        (world.provider.list(6, at(1), &[&world.issuer]), "vical-issue-id-lower"),
        (Provider::new().list(9, at(1), &[&world.issuer]), "vical-signer-path"),
        (world.provider.list(9, at(3), &[&world.issuer]), "vical-not-yet-valid"),
        (good[..good.len() - 9].to_vec(), "vical-truncated"),
        (b"<!DOCTYPE html><html>Please sign in.</html>".to_vec(), "vical-web-page"),
        (
            {
                let mut flipped = good.clone();
                let last = flipped.len() - 1;
                flipped[last] ^= 1;
                flipped
            },
            "vical-signature",
        ),
    ];
    for (list, id) in lists {
        let web = serve(list);
        world.fails(&place(&web), 1, id);
    }
    let cut = good.clone();
    let web = Web::serve(move |_| Answer::ok(cut.clone()).cut(100));
    world.fails(&place(&web), 1, "vical-fetch-failed");
    world.fails("http://127.0.0.1:1/vical.cbor", 1, "vical-fetch-failed");
    let none = Web::serve(|_| Answer::status(404));
    world.fails(&place(&none), 1, "vical-absent");
    world.verify("gate.store", 1).expect(0);
    let sick = run(["trust", "doctor", &world.path("gate.store"), "--at", &day(1), "--json"]).json();
    let ids: Vec<_> = sick["findings"].as_array().unwrap().iter().map(|finding| finding["id"].clone()).collect();
    assert_eq!(ids, ["doctor-vical-failing"], "{sick:#}");

    // Over HTTP it asks for a VICAL, and fetches no CRL from elsewhere when that fails.
    let web = serve(good);
    world.sync("gate.store", &place(&web), 1).expect(0);
    let wanted = "accept: application/cwt, application/cbor;q=0.9, */*;q=0.5";
    assert!(web.seen()[0].headers.iter().any(|header| header == wanted), "{:?}", web.seen());
    // A clock turned back, then right again.
    world.fails_by_clock();
    world.verify("gate.store", 1).expect(0);
    let doctor = run(["trust", "doctor", &world.path("gate.store"), "--at", &day(9)]).expect(1).stdout();
    assert!(doctor.contains("doctor-vical-stale"), "{doctor}");
}

impl Vical {
    fn fails_by_clock(&self) {
        let failed = self.sync("gate.store", &self.path(""), 0);
        let error: Json = serde_json::from_str(&failed.stderr()).unwrap();
        assert_eq!((failed.status(), &error["error"]["id"]), (1, &"vical-clock-turned-back".into()));
    }
}

#[test]
fn a_gate_without_a_network_gets_a_vical_in_a_bundle() {
    let world = Vical::new();
    world.publish(7, 0, &[&world.issuer]);
    world.init("offline.store", &["--offline"]);
    let (bundle, vical) = (world.path("first.bundle"), format!("any={}", world.path("")));
    let export = run(["trust", "export", "--vical", &vical, "--out", &bundle, "--at", &day(0), "--json"]);
    assert_eq!(export.expect(0).json()["missing"], serde_json::json!([]));
    let import =
        |store: &str, count: i64| run(["trust", "import", &world.path(store), &bundle, "--at", &day(count), "--json"]);
    let page = import("offline.store", 6).expect(0).json();
    assert_eq!((&page["fetched"], &page["as_of"]), (&day(0).into(), &day(0).into()));
    assert_eq!(state_of(&page, &world.key()), ("valid", Some("vical")));
    world.verify("offline.store", 6).expect(0);
    import("gate.store", 6).expect(0);
    let report = world.verify("gate.store", 6).expect(11).json();
    assert_eq!(primary(&report).1, "trust-list-stale");
    // Nobody else's, no older one, and none of the future.
    world.publish(8, 7, &[&world.issuer]);
    world.sync("offline.store", &world.path(""), 7).expect(0);
    import("offline.store", 7).refused_json("vical-issue-id-lower");
    let stranger = Provider::new();
    std::fs::write(world.path("vical/latest.cbor"), stranger.list(9, at(7), &[&world.issuer])).unwrap();
    run(["trust", "export", "--vical", &vical, "--out", &bundle, "--force", "--at", &day(7)]).expect(0);
    import("offline.store", 7).refused_json("vical-signer-path");
    import("offline.store", 6).refused_json("evidence-bundle-from-future");
}

trait RefusedJson {
    fn refused_json(self, id: &str);
}

impl RefusedJson for Finished {
    fn refused_json(self, id: &str) {
        let error: Json = serde_json::from_str(&self.stderr()).unwrap_or_else(|_| panic!("{}", self.all()));
        assert_eq!((self.status(), &error["error"]["id"]), (2, &id.into()), "{error:#}");
    }
}

#[test]
fn a_service_and_a_vical_in_one_store() {
    let world = World::new();
    let vical = Vical::new();
    vical.publish(1, 0, &[&vical.issuer]);
    let store = world.path("gate.store");
    let place = format!("utopia={}", vical.path(""));
    let map = format!("https://dts.example/status/={}", world.path("tree/status"));
    let sync = |count: i64, tree: &str| {
        run(["trust", "sync", &store, "--from", tree, "--vical", &place, "--map", &map, "--at", &day(count), "--json"])
    };
    sync(0, &world.path("tree")).refused_json("vical-unknown-provider");
    let fingerprint = hex::encode(vical.provider.root.fingerprint_sha256());
    let add = |name: &str, fingerprint: &str| {
        let root = vical.path("root.der");
        run(["trust", "vical", "add", &store, name, "--root", &root, "--sha256", fingerprint, "--at", &day(0)])
    };
    add("utopia", &"ab".repeat(32)).refused(2, "vical-provider-fingerprint");
    add("Utopia", &fingerprint).refused(2, "vical-provider-name");
    add("utopia", &fingerprint).expect(0);
    add("utopia", &fingerprint).refused(2, "vical-provider-exists");
    let page = sync(0, &world.path("tree")).expect(0).json();
    assert_eq!(state_of(&page, &world.anchor()), ("valid", Some("approval")));
    assert_eq!(state_of(&page, &vical.key()), ("valid", Some("vical")));
    world.verify("gate.store", 0, 0).expect(0);

    // The service fails; the VICAL is taken in all the same, and the failure is told.
    vical.publish(2, 1, &[&vical.issuer]);
    let failed = sync(1, "http://127.0.0.1:1");
    let error: Json = serde_json::from_str(&failed.stderr()).unwrap();
    assert_eq!((failed.status(), &error["error"]["id"]), (1, &"update-unreachable".into()));
    assert_eq!(world.show("gate.store", 1)["vicals"][0]["list"]["issue"], 2);
    // A store without a service has none to update.
    let alone = vical.path("gate.store");
    run(["trust", "sync", &alone, "--from", &world.path("tree"), "--at", &day(1), "--json"])
        .refused_json("apply-no-service");
    run(["trust", "sync", &alone]).expect(2);
    run(["trust", "init", &vical.path("other.store")]).expect(2);
}
