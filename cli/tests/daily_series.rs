//! A root whose CRLs are signed ahead, one for each day (policy `jp-004`): from the ceremony through the gate and the daily
//! publication to a store and the verifier, and what an emergency does to the days that lie ahead.
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

use std::path::{Path, PathBuf};

use rooted::{Kind, World, after, rfc3339};
use serde_json::{Value as Json, json};
use support::run;
use tegata_pki::{Crl, OwnedCrl, rust_crypto};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2027-01-31 1:00);
const STORE: &str = "gate.store";

fn day(count: i64) -> UtcDateTime {
    START + Duration::days(count)
}

fn individual_number_card() -> Kind {
    Kind {
        policy: "jp-004",
        doc_type: "org.iso.23220.1.jp.mnc",
        claims: json!({
            "org.iso.23220.1.jp": {
                "full_name_unicode": "見本 花子", "resident_address_unicode": "架空県架空市1-1",
                "local_gov_code_unicode": "000000", "portrait": "_9j_4A", "sex_unicode": "女",
                "birth_date_unicode": "1990年1月2日"
            },
            "org.iso.23220.1": { "sex": 2 }
        }),
    }
}

fn number(crl: &Crl<'_>) -> u64 {
    u64::from_be_bytes(*crl.number().unwrap().to_be_bytes().last_chunk().unwrap())
}

/// The list under its stable name.
fn published(world: &World) -> OwnedCrl {
    let ski = hex::encode(world.root(1).public_key().unwrap().key_identifier());
    let der = std::fs::read(world.path(&format!("dts/public/crl/{ski}.crl"))).unwrap();
    let crl = Crl::from_der(&der).unwrap();
    crl.verify_signature(&world.root(1), rust_crypto()).unwrap();
    crl.into_owned()
}

/// The list that the store holds: number, and whether it is fresh.
fn held(told: &Json) -> (u64, String) {
    let crls = told["crls"].as_array().unwrap();
    assert_eq!(crls.len(), 1, "{told:#}");
    let text = |name: &str| crls[0][name].as_str().unwrap().to_owned();
    (text("number").parse().unwrap(), text("freshness"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The bytes of a list are in no file of the tree.
fn is_nowhere(world: &World, der: &[u8]) -> bool {
    let holds = |path: &PathBuf| std::fs::read(path).unwrap().windows(der.len()).any(|window| window == der);
    !files(Path::new(&world.path("dts/public"))).iter().any(holds)
}

/// `tegata trust crl` of a list; the id of the refusal.
fn offer(world: &World, der: &[u8], at: UtcDateTime) -> String {
    let file = world.path("offered.crl");
    std::fs::write(&file, der).unwrap();
    let finished = run(["trust", "crl", &world.path(STORE), &file, "--at", &rfc3339(at), "--json"]);
    assert_eq!(finished.status(), 2, "{}", finished.stdout());
    let told: Json = serde_json::from_str(&finished.stderr()).unwrap();
    told["error"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_list_a_day_until_an_emergency_voids_the_rest() {
    let world = World::new(individual_number_card());
    let first = world.ceremony("first", day(0), day(89));
    let series: Vec<OwnedCrl> =
        first.contents.crls.iter().map(|der| Crl::from_der(der).unwrap().into_owned()).collect();
    // To the next ceremony and a week more.
    assert_eq!(series.len(), 96);
    for (count, crl) in (0..).zip(&series) {
        assert!((crl.this_update() - day(count)).abs() < Duration::minutes(1), "one a day");
        assert_eq!(crl.next_update().unwrap() - crl.this_update(), Duration::days(3));
        assert_eq!(number(crl), number(&series[0]) + u64::try_from(count).unwrap());
    }
    world.found(&first, after(day(0)));
    let signer = first.signer.clone().unwrap();
    world.issue("document", &signer, 60, after(day(0)));
    world.store(STORE);

    // Day by day: the service releases the list of the day, and the store takes it.
    for count in 0..6 {
        let at = after(day(count));
        let told = world.publish_and_sync(STORE, at);
        let expected = number(&series[usize::try_from(count).unwrap()]);
        assert_eq!(number(&published(&world)), expected, "day {count}");
        assert_eq!(held(&told), (expected, "fresh".to_owned()), "day {count}");
        // Once more on the same day: the same list.
        world.publish(at + Duration::hours(12));
        assert_eq!(number(&published(&world)), expected);
        let verdict = world.verdict(STORE, "document", at + Duration::hours(13));
        assert_eq!(verdict.verdict, "accepted", "day {count}: {verdict:?}");
        assert!(is_nowhere(&world, series[usize::try_from(count).unwrap() + 1].der()), "tomorrow's list is out");
    }
    let shown = world.dts("show", &[], after(day(5))).expect(0).json();
    assert_eq!(shown["roots"][0]["crls_waiting"], 90);

    // Whoever got hold of tomorrow's list cannot use it today.
    assert_eq!(offer(&world, series[6].der(), after(day(5)) + Duration::HOUR), "import-crl-not-yet-valid");

    // Nobody publishes for four days: the list ends, and the store does not know. Then the list of that day, none between.
    let verdict = world.verdict(STORE, "document", day(5) + Duration::days(3) + Duration::HOUR);
    assert_eq!(verdict.verdict, "undetermined", "{verdict:?}");
    let told = world.publish_and_sync(STORE, after(day(10)));
    assert_eq!(held(&told).0, number(&series[10]));
    assert_eq!(world.verdict(STORE, "document", day(10) + Duration::HOUR).verdict, "accepted");

    // The signer is given up: the root signs a series of its own, and what lay ahead is void.
    let emergency = world.ceremony("emergency-revoke", day(12), day(89));
    let lists: Vec<OwnedCrl> =
        emergency.contents.crls.iter().map(|der| Crl::from_der(der).unwrap().into_owned()).collect();
    let last = series.iter().map(|crl| number(crl)).max().unwrap();
    assert!(lists.iter().all(|crl| number(crl) > last), "numbers above all that were signed ahead");
    let at = after(day(12));
    let told = world.import(&emergency, at).expect(0).json();
    // The lists of day 11 and 12, which nobody released, are among them.
    assert_eq!(told["voided"].as_u64(), Some(85), "{told:#}");
    let told = world.publish_and_sync(STORE, at);
    assert_eq!(held(&told), (number(&lists[0]), "fresh".to_owned()));
    let verdict = world.verdict(STORE, "document", at + Duration::HOUR);
    assert_eq!((verdict.verdict, verdict.check.as_str()), ("rejected", "ds-revoked"));
    for crl in &series[11..] {
        assert!(is_nowhere(&world, crl.der()));
        let digest = hex::encode(tegata_manifest::sha256(crl.der()));
        assert!(!Path::new(&world.path(&format!("dts/catalogue/objects/{digest}"))).exists(), "destroyed");
    }
    let log = std::fs::read_to_string(world.path("dts/catalogue/audit.jsonl")).unwrap();
    assert!(log.contains("crls-voided") && log.contains("crl-released"));

    // A voided list that somebody kept is within its dates some day, knows of no revocation, and is refused for its number.
    for count in 13..16 {
        let at = after(day(count));
        let told = world.publish_and_sync(STORE, at);
        let list = &lists[usize::try_from(count).unwrap() - 12];
        assert_eq!((held(&told).0, number(&published(&world))), (number(list), number(list)), "day {count}");
        let voided = &series[usize::try_from(count).unwrap()];
        assert!(voided.this_update() <= at && at <= voided.next_update().unwrap());
        assert_eq!(offer(&world, voided.der(), at + Duration::HOUR), "import-crl-number-too-low");
        let verdict = world.verdict(STORE, "document", at + Duration::hours(2));
        assert_eq!((verdict.verdict, verdict.check.as_str()), ("rejected", "ds-revoked"));
    }

    // A new signer under the same root is none of that.
    let quarterly = world.ceremony("quarterly", day(16), day(100));
    world.import(&quarterly, after(day(16))).expect(0);
    world.publish_and_sync(STORE, after(day(16)));
    world.issue("again", &quarterly.signer.clone().unwrap(), 60, after(day(16)));
    assert_eq!(world.verdict(STORE, "again", day(16) + Duration::HOUR).verdict, "accepted");
    assert_eq!(world.verdict(STORE, "document", day(16) + Duration::HOUR).check, "ds-revoked");
}
