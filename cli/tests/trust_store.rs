//! A trust store from its pinned root through years: updates, hold-downs, ages, and the verdicts by it.
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

use dts::{Issuer, World, at, day, primary, state_of};
use support::run;

#[test]
fn a_store_begins_with_the_root_whose_digest_was_compared() {
    let world = World::new();
    let (root, store) = (world.path("tree/v1/root/1.cbor"), world.path("new.store"));
    let init = |digest: &str| run(["trust", "init", &store, "--root", &root, "--sha256", digest]);
    init(&"00".repeat(32)).refused(2, "bootstrap-digest");
    assert!(!std::path::Path::new(&store).exists());
    let digest = hex::encode_upper(tegata_manifest::sha256(&std::fs::read(&root).unwrap()));
    let spelt: Vec<&str> = digest.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let page = init(&spelt.join(":")).expect(0).stdout();
    assert!(page.contains("trust store of dts.example") && page.contains("Nobody is trusted yet"), "{page}");
    init(&digest).refused(2, "output-exists");
    let list = world.path("tree/v1/list/1.cbor");
    let digest = hex::encode(tegata_manifest::sha256(&std::fs::read(&list).unwrap()));
    let other = world.path("other.store");
    run(["trust", "init", &other, "--root", &list, "--sha256", &digest]).expect(2);
    assert!(!std::path::Path::new(&other).exists());
}

#[test]
fn before_the_first_update_nothing_is_accepted() {
    let world = World::new();
    let report = world.verify("gate.store", 0, 0).expect(11).json();
    assert_eq!(primary(&report), ("ds-trusted".into(), "trust-never-updated".into()));
}

#[test]
fn an_approved_root_is_trusted_with_the_first_update_and_its_revocations_count() {
    let mut world = World::new();
    let page = world.sync("gate.store", 0).expect(0).json();
    assert_eq!(page["list_version"], 1);
    assert_eq!(page["refused"], serde_json::json!([]), "{page:#}");
    assert_eq!(state_of(&page, &world.anchor()), ("valid", Some("approval")));
    assert_eq!(page["crls"][0]["freshness"], "fresh");
    let accepted = world.verify("gate.store", 0, 0).expect(0).json();
    let kinds = accepted["documents"][0]["evidence"].as_array().unwrap();
    assert!(kinds.len() >= 2, "CRL and status list with their ages: {kinds:?}");
    let revoked = world.verify("gate.store", 1, 0).expect(10).json();
    assert_eq!(primary(&revoked).0, "mso-revoked");

    // The Document Signer goes onto the next CRL.
    world.site.objects.insert("crl/iaca.crl".into(), world.issuer.crl(9, at(1), &[&world.issuer.ds]));
    world.site.publish(at(1));
    world.write();
    world.sync("gate.store", 1).expect(0);
    let report = world.verify("gate.store", 0, 1).expect(10).json();
    assert_eq!(primary(&report).0, "ds-revoked");
}

#[test]
fn a_root_that_the_list_alone_names_waits_for_its_hold_down() {
    let mut world = World::new();
    let other = Issuer::new("Elsewhere");
    world.site.list_issuer(&other, at(0));
    world.site.objects.insert("crl/iaca.crl".into(), world.issuer.crl(2, at(0), &[]));
    world.site.notice("2026-12.elsewhere", "A new root comes.");
    world.site.list.sources.clear();
    world.site.publish(at(0));
    world.write();
    let key = hex::encode(tegata_manifest::sha256(other.root.spki_der()));
    let page = world.sync("gate.store", 0).expect(0).json();
    assert_eq!(state_of(&page, &key), ("candidate", Some("online-role")));
    assert_eq!(page["notices"][0]["en"], "A new root comes.");
    let store = world.path("gate.store");
    let shown = run(["trust", "show", &store, "--history", "--at", &day(0)]).expect(0).stdout();
    for words in ["held down until", "2026-12-31", "offline quorum"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }

    // Time alone does not end a hold-down; an update after it does.
    assert_eq!(state_of(&world.show("gate.store", 31), &key).0, "candidate");
    world.publish(31);
    world.sync("gate.store", 31).expect(0);
    assert_eq!(state_of(&world.show("gate.store", 31), &key).0, "valid");
}

#[test]
fn what_is_not_fetched_again_ages_until_nothing_is_accepted() {
    let world = World::updated();
    world.init("handheld.store", &["--offline"]);
    world.sync("handheld.store", 0).expect(0);
    world.verify("gate.store", 0, 2).expect(0);
    let report = world.verify("gate.store", 0, 10).expect(11).json();
    assert_eq!(primary(&report), ("ds-trusted".into(), "trust-list-stale".into()));
    world.verify("handheld.store", 0, 10).expect(0);
    world.verify("handheld.store", 0, 100).expect(11);

    let file = world.path("document-0.cbor");
    let page = run(["verify", &file, "--issuer-signed", "--store", &world.path("gate.store"), "--at", &day(10)]);
    let page = page.expect(11);
    assert!(page.stdout().contains("too old") && page.stdout().contains("tegata trust sync"), "{}", page.all());
    // Without its settings a store is judged by the stricter rules.
    std::fs::remove_file(world.path("handheld.store.settings.json")).unwrap();
    world.verify("handheld.store", 0, 10).expect(11);
}

#[test]
fn files_and_a_store_trust_together() {
    let world = World::updated();
    let other = Issuer::new("Elsewhere");
    let (root, document) = (world.path("other.der"), world.path("other.cbor"));
    std::fs::write(&root, other.root.der()).unwrap();
    std::fs::write(&document, other.document(0)).unwrap();
    let store = world.path("gate.store");
    let verify = |document: &str, options: &[&str]| {
        let first = ["verify", document, "--issuer-signed", "--policy", "interop", "--at", &day(0), "--store", &store];
        run(first.iter().chain(options))
    };
    verify(&document, &[]).expect(10);
    let both = ["--trust", root.as_str(), "--revocation", "dangerous-off"];
    verify(&document, &both).expect(0);
    world.verify("gate.store", 0, 0).expect(0);
    verify(&world.path("document-0.cbor"), &both).expect(0);
}

#[test]
fn both_languages_show_a_store() {
    let world = World::updated();
    let store = world.path("gate.store");
    let page = run(["trust", "show", &store, "--history", "--at", &day(0), "--lang", "ja"]).expect(0).stdout();
    assert!(page.contains("信頼") && page.contains("オフラインの定足数"), "{page}");
    for command in ["", "init", "sync", "show", "doctor", "add", "export", "signal"] {
        let words = ["trust", command, "--help"];
        run(words.iter().filter(|word| !word.is_empty())).expect(0);
    }
}
