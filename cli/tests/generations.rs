//! Three generations of a root, from the ceremonies that make them to the stores that slept through one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod rooted;
mod support;

use rooted::{Kind, World, after, anchor};
use serde_json::json;
use tegata_pki::Certificate;
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2027-01-04 9:00);

fn day(count: i64) -> UtcDateTime {
    START + Duration::days(count)
}

fn mdl() -> Kind {
    Kind {
        policy: "iso-18013-5",
        doc_type: "org.iso.18013.5.1.mDL",
        claims: json!({"org.iso.18013.5.1": {
            "family_name": "SAMPLE", "given_name": "ERIKA", "birth_date": "1990-01-02", "issue_date": "2027-01-04",
            "expiry_date": "2037-01-04", "issuing_country": "UT", "issuing_authority": "Sandbox Organization",
            "document_number": "SAMPLE-000001", "portrait": "_9j_4A", "un_distinguishing_sign": "UTO",
            "driving_privileges": [{"vehicle_category_code": "B"}]
        }}),
    }
}

/// Generation 1 from day 0, generation 2 announced on day 60 and issuing from day 152, generation 3 announced on day 212 and
/// issuing from day 303. Every answer of the root passes the gate; the last publication is that of the last ceremony.
/// `old`, `middle` and `young` are documents of the three.
fn three_generations(world: &World) {
    let first = world.ceremony("first", day(0), day(60));
    world.found(&first, after(day(0)));
    for name in ["early.store", "late.store"] {
        world.store(name);
    }
    world.publish(day(1));
    for name in ["early.store", "late.store"] {
        let told = world.sync(name, after(day(1)));
        assert_eq!(anchor(&told, &world.key(1)), Some(("valid", Some("approval"))));
    }
    let mut signer = first.signer.unwrap();
    let plan = [
        ("root-rekey", 60, 110, Some(2)),
        ("quarterly", 110, 152, None),
        ("quarterly", 152, 212, None),
        ("root-rekey", 212, 262, Some(3)),
        ("quarterly", 262, 303, None),
        ("quarterly", 303, 380, None),
    ];
    for (kind, at, next, generation) in plan {
        let answer = world.ceremony(kind, day(at), day(next));
        if let Some(generation) = generation {
            world.admit(generation, after(day(at)));
            assert_eq!(answer.contents.links.len(), 2, "both directions");
        }
        let told = world.import(&answer, after(day(at))).expect(0).json();
        let (roots, links) = generation.map_or((0, 0), |_| (1, 2));
        assert_eq!(
            (told["roots"].as_array().unwrap().len(), told["links"].as_u64()),
            (roots, Some(links)),
            "{kind}, day {at}"
        );
        signer = answer.signer.unwrap_or(signer);
        match at {
            212 => world.issue("middle", &signer, 120, after(day(at))),
            303 => world.issue("young", &signer, 120, after(day(at))),
            60 => world.issue("old", &signer, 120, after(day(at))),
            _ => {}
        }
        let (retired, removed) = match at {
            152 => (1, day(187)),
            303 => (2, day(340)),
            _ => (0, day(0)),
        };
        if retired > 0 {
            let (root, from, until) = (world.root_file(retired), rooted::rfc3339(day(at)), rooted::rfc3339(removed));
            world.dts("retire", &[&root, "--retiring", &from, "--removed", &until], after(day(at))).expect(0);
        }
    }
    let issuer = |name: usize| world.root(name).subject().clone();
    assert!(issuer(1) == issuer(2) && issuer(2) == issuer(3), "one name, three keys");
}

/// The links that the service publishes, as certificates.
fn published_links(world: &World) -> Vec<Certificate> {
    let folder = std::fs::read_dir(world.path("dts/public/link")).unwrap();
    let files = folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.map(|der| Certificate::from_der(&der).unwrap()).collect()
}

#[test]
fn who_slept_through_the_second_root_follows_the_links_to_the_third() {
    let world = World::new(mdl());
    three_generations(&world);
    let [one, two, three] = [1, 2, 3].map(|generation| world.key(generation));

    // It knows the first root only, which has been removed meanwhile: as the last of its scope it is held back, and so it
    // can still vouch. The list, the links and the documents are there at once, and nobody is believed for them.
    let wakes = day(310);
    let told = world.publish_and_sync("early.store", wakes);
    assert_eq!(told["held_back"][0]["anchor"], *one, "{told:#}");
    assert_eq!(anchor(&told, &one), Some(("missing", Some("approval"))));
    for key in [&two, &three] {
        assert_eq!(anchor(&told, key), Some(("candidate", Some("new-with-old"))));
    }
    assert_eq!(published_links(&world).len(), 4);
    for document in ["middle", "young"] {
        let verdict = world.verdict("early.store", document, wakes + Duration::HOUR);
        assert_eq!((verdict.verdict, verdict.check.as_str()), ("rejected", "ds-trusted"), "{document}");
    }
    // A link is no root for a person either.
    for link in published_links(&world) {
        let file = world.path("link.pem");
        std::fs::write(&file, link.to_pem()).unwrap();
        let digest = hex::encode(link.fingerprint_sha256());
        let (store, at) = (world.path("early.store"), rooted::rfc3339(wakes + Duration::HOUR));
        let arguments = ["trust", "add", &store, &file, "--sha256", &digest, "--doctype", mdl().doc_type, "--at", &at];
        assert_eq!(support::run(arguments).status(), 2);
    }
    // Neither does the middle root lead to the third before its own time.
    let told = world.publish_and_sync("early.store", day(316));
    assert_eq!(anchor(&told, &three), Some(("candidate", Some("new-with-old"))));
    assert_eq!(world.verdict("early.store", "young", day(316) + Duration::HOUR).verdict, "rejected");

    // Seven days, and one update more: both at once, by the chain that begins at the first root.
    let told = world.publish_and_sync("early.store", day(318));
    for key in [&two, &three] {
        assert_eq!(anchor(&told, key), Some(("valid", Some("new-with-old"))));
    }
    let anchors = told["anchors"].as_array().unwrap();
    let third = anchors.iter().find(|anchor| anchor["key"] == *three).unwrap();
    assert_eq!(third["because"]["by"], *one, "the chain begins at the root that it knew");
    for document in ["middle", "young"] {
        let verdict = world.verdict("early.store", document, day(318) + Duration::HOUR);
        assert_eq!(verdict.verdict, "accepted", "{document}: {verdict:?}");
    }
    // Now the first root may go.
    let told = world.publish_and_sync("early.store", day(319));
    assert_eq!(anchor(&told, &one), Some(("retired", None)));
    assert!(told["held_back"].as_array().unwrap().is_empty(), "{told:#}");

    // The second root was removed too by the time that the other one wakes up.
    let answer = world.ceremony("quarterly", day(380), day(460));
    world.import(&answer, after(day(380))).expect(0);
    let told = world.publish_and_sync("late.store", day(400));
    assert_eq!(anchor(&told, &three), Some(("candidate", Some("new-with-old"))), "{told:#}");
    let told = world.publish_and_sync("late.store", day(408));
    assert_eq!(anchor(&told, &three), Some(("valid", Some("new-with-old"))));
    assert_eq!(anchor(&told, &two), None, "a root that was removed before it was believed is nobody");
    assert_eq!(world.verdict("late.store", "young", day(408) + Duration::HOUR).verdict, "accepted");
}

#[test]
fn who_begins_with_the_third_root_accepts_the_second_by_its_link() {
    let world = World::new(mdl());
    three_generations(&world);
    let [one, two, three] = [1, 2, 3].map(|generation| world.key(generation));
    world.store("new.store");
    let begins = day(310);
    world.publish_and_sync("new.store", begins);
    let (store, root, digest) = (world.path("new.store"), world.root_file(3), world.fingerprint(3));
    let at = rooted::rfc3339(after(begins));
    let arguments = ["trust", "add", &store, &root, "--sha256", &digest, "--doctype", mdl().doc_type, "--at", &at];
    support::run(arguments).expect(0);
    let verdict = |document: &str, at: UtcDateTime| world.verdict("new.store", document, at + Duration::HOUR);
    assert_eq!(verdict("young", begins).verdict, "accepted");
    assert_eq!(verdict("middle", begins).check, "ds-trusted");

    let told = world.publish_and_sync("new.store", day(311));
    assert_eq!(anchor(&told, &three), Some(("valid", Some("operator"))));
    assert_eq!(anchor(&told, &two), Some(("candidate", Some("old-with-new"))));
    assert_eq!(anchor(&told, &one), None, "the service has removed it");
    let told = world.publish_and_sync("new.store", day(319));
    assert_eq!(anchor(&told, &two), Some(("valid", Some("old-with-new"))));
    assert_eq!(verdict("middle", day(319)).verdict, "accepted");
    // When the service removes the second root, this store follows too.
    let told = world.publish_and_sync("new.store", day(341));
    assert_eq!(anchor(&told, &two), Some(("retired", None)));
    assert_eq!(verdict("middle", day(341)).verdict, "rejected");
    assert_eq!(verdict("young", day(341)).verdict, "accepted");
}
