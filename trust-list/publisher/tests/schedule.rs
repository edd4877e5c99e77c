//! The release of CRLs: one a day, the newest after a gap, none before its day, none of a series that was superseded.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::*;
use tegata_pki::{Crl, CrlNumber};
use tegata_publisher::{Catalogue, LocalDirectory, Target};
use time::{Duration, UtcDateTime};

/// A world whose root has signed ten daily lists from now on.
fn daily() -> World {
    let mut world = World::new();
    let crls = series(&world.iaca, 100, NOW, 10, &[]);
    let answer = Answer { crls, ..world.first_answer() };
    world.import_answer(&answer, NOW).unwrap();
    let root = world.root_metadata(1, &world.role_keys, NOW);
    world.catalogue.accept_root(&root, NOW, tegata_pki::rust_crypto()).unwrap();
    world.sign_list(NOW);
    world
}

fn day(day: i64) -> UtcDateTime {
    NOW + Duration::days(day)
}

fn published_number(world: &World) -> CrlNumber {
    let bytes = std::fs::read(world.site().join(format!("crl/{}.crl", world.iaca.ski()))).unwrap();
    Crl::from_der(&bytes).unwrap().number().unwrap()
}

#[test]
fn one_list_a_day() {
    let mut world = daily();
    let target = LocalDirectory::open(&world.site()).unwrap();
    for n in 0..3 {
        let released = world.catalogue.release(day(n)).unwrap();
        assert_eq!(released.len(), usize::from(n > 0));
        assert!(world.catalogue.release(day(n) + Duration::hours(23)).unwrap().is_empty());
        world.publish(&target, day(n) + Duration::hours(23)).unwrap();
        assert_eq!(published_number(&world), CrlNumber::from(100 + u64::try_from(n).unwrap()));
    }
    // What is superseded is kept as evidence.
    let archive = world.directory.path().join("catalogue/archive").join(world.iaca.digest().to_string());
    let mut names: Vec<_> = std::fs::read_dir(archive).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["100.crl", "101.crl"]);
}

#[test]
fn after_a_gap_the_list_of_today() {
    let mut world = daily();
    let released = world.catalogue.release(day(4)).unwrap();
    assert_eq!(released[0].number, CrlNumber::from(104));
    assert_eq!(released[0].missed.len(), 3);
    assert_eq!(world.catalogue.holdings().crls.len(), 6);
}

#[test]
fn what_waits_is_nowhere_in_the_tree() {
    let mut world = daily();
    let target = LocalDirectory::open(&world.site()).unwrap();
    world.publish(&target, day(0)).unwrap();
    let waiting: Vec<_> = world
        .catalogue
        .holdings()
        .crls
        .iter()
        .filter(|crl| crl.released.is_none())
        .map(|crl| crl.der.clone())
        .collect();
    assert_eq!(waiting.len(), 9);
    for path in target.list().unwrap() {
        let bytes = std::fs::read(world.site().join(&path)).unwrap();
        for der in &waiting {
            assert!(!bytes.windows(der.len()).any(|window| window == &**der), "{path}");
            let path_of = tegata_manifest::path::object(&tegata_manifest::sha256(der));
            assert_ne!(path, path_of);
        }
    }
}

#[test]
fn an_emergency_list_destroys_what_waits() {
    let mut world = daily();
    world.catalogue.release(day(1)).unwrap();
    let waiting: Vec<[u8; 32]> =
        world.catalogue.holdings().crls.iter().filter(|crl| crl.released.is_none()).map(|crl| crl.sha256).collect();
    assert_eq!(waiting.len(), 8);
    let serial = world.ds.certificate.serial().to_vec();
    let at = day(1) + Duration::HOUR;
    let crls = series(&world.iaca, 1000, at, 5, &[(&serial, at)]);
    let imported = world.import_answer(&Answer { crls, ..Answer::default() }, at).unwrap();
    assert_eq!(imported.voided[0].lists.len(), 8);
    assert_eq!(imported.released[0].number, CrlNumber::from(1000));
    // The bytes are gone, and the record says which.
    let objects = world.directory.path().join("catalogue/objects");
    for digest in &waiting {
        assert!(!objects.join(hex::encode(digest)).exists());
    }
    let records = world.records();
    let record = records.iter().find(|record| record.name == "crls-voided").unwrap();
    assert_eq!(record.detail["destroyed"], 8);
    assert_eq!(record.objects.len(), 8);
    assert!(record.objects.iter().all(|object| waiting.contains(&object.sha256)));
    let numbers: Vec<_> = world.catalogue.holdings().crls.iter().map(|crl| crl.number).collect();
    assert_eq!(numbers, (1000..1005).map(CrlNumber::from).collect::<Vec<_>>());
}

#[test]
fn a_voided_list_that_a_crash_left_is_destroyed_at_the_next_start() {
    let mut world = daily();
    let path = world.directory.path().join("catalogue");
    let waiting = world.catalogue.holdings().crls.last().unwrap().clone();
    let at = day(0) + Duration::HOUR;
    let crls = series(&world.iaca, 1000, at, 2, &[]);
    world.import_answer(&Answer { crls, ..Answer::default() }, at).unwrap();
    drop(world.catalogue);
    // As if the program had ended before it came to that.
    let object = path.join("objects").join(hex::encode(waiting.sha256));
    std::fs::write(&object, &waiting.der).unwrap();
    std::fs::write(path.join("objects/.tmp-x"), b"x").unwrap();
    let again = Catalogue::open(&path, "dts", actor()).unwrap();
    assert!(!object.exists());
    assert!(!path.join("objects/.tmp-x").exists());
    assert_eq!(again.holdings().crls.len(), 2);
}

#[test]
fn a_damaged_catalogue_is_not_opened() {
    let world = daily();
    let path = world.directory.path().join("catalogue");
    let object = path.join("objects").join(hex::encode(world.catalogue.holdings().crls[3].sha256));
    drop(world.catalogue);
    let bytes = std::fs::read(&object).unwrap();
    let mut spoilt = bytes.clone();
    spoilt[5] ^= 1;
    std::fs::write(&object, &spoilt).unwrap();
    assert_eq!(Catalogue::open(&path, "dts", actor()).unwrap_err().id(), "catalogue-damaged");
    std::fs::write(&object, &bytes).unwrap();
    let state = std::fs::read_to_string(path.join("catalogue.json")).unwrap();
    std::fs::write(path.join("catalogue.json"), state.replace("\"format\": 1", "\"format\": 2")).unwrap();
    assert_eq!(Catalogue::open(&path, "dts", actor()).unwrap_err().id(), "catalogue-format");
    std::fs::write(path.join("catalogue.json"), state.replacen('{', "{\"surprise\": 1,", 1)).unwrap();
    assert_eq!(Catalogue::open(&path, "dts", actor()).unwrap_err().id(), "catalogue-damaged");
    std::fs::write(path.join("catalogue.json"), &state).unwrap();
    Catalogue::open(&path, "dts", actor()).unwrap();
}

#[test]
fn an_event_that_a_crash_kept_from_the_log_is_recorded_later_and_once() {
    let mut world = daily();
    let path = world.directory.path().join("catalogue");
    world.catalogue.release(day(1)).unwrap();
    let count = world.events().len();
    drop(world.catalogue);
    // The last record did not come to the medium.
    let log = path.join("audit.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let cut: String = text.lines().take(count - 1).map(|line| format!("{line}\n")).collect();
    std::fs::write(&log, cut).unwrap();
    for _ in 0..2 {
        let catalogue = Catalogue::open(&path, "dts", actor()).unwrap();
        assert_eq!(catalogue.log().len(), u64::try_from(count).unwrap());
    }
    let records = tegata_audit::read(&std::fs::read(&log).unwrap()).unwrap();
    assert_eq!(records.last().unwrap().name, "crl-released");
}

#[test]
fn notices_and_the_life_of_a_root_reach_the_list() {
    use tegata_manifest::{ListedState, Notice, NoticeCategory};
    let mut world = daily();
    let root = world.iaca.digest();
    let notice = Notice {
        id: "2026-03-rollover".to_owned(),
        category: NoticeCategory::Rollover,
        published: NOW,
        anchors: vec![*root.as_bytes()],
        text_en: "A new root follows.".to_owned(),
        text_ja: "新しいルートに移行します。".to_owned(),
    };
    world.catalogue.add_notice(notice.clone(), NOW).unwrap();
    assert_eq!(world.catalogue.add_notice(notice.clone(), NOW).unwrap_err().id(), "catalogue-notice");
    let bare = Notice { id: "x".to_owned(), text_ja: String::new(), ..notice.clone() };
    assert_eq!(world.catalogue.add_notice(bare, NOW).unwrap_err().id(), "catalogue-notice");
    let lost = Notice { id: "y".to_owned(), anchors: vec![[9; 32]], ..notice };
    assert_eq!(world.catalogue.add_notice(lost, NOW).unwrap_err().id(), "catalogue-unknown-root");

    let catalogue = &mut world.catalogue;
    assert_eq!(catalogue.plan_retirement(root, Some(day(-9)), None, NOW).unwrap_err().id(), "catalogue-dates");
    assert_eq!(catalogue.plan_retirement(root, None, Some(day(9)), NOW).unwrap_err().id(), "catalogue-dates");
    catalogue.plan_retirement(root, Some(day(2)), Some(day(4)), NOW).unwrap();
    let states = |world: &World, at| world.catalogue.holdings().roots[&root].state_at(at);
    assert_eq!(states(&world, day(1)), ListedState::Active);
    assert_eq!(states(&world, day(2)), ListedState::Retiring);
    assert_eq!(states(&world, day(4)), ListedState::Removed);
    world.sign_list(day(2));
    world.catalogue.release(day(2)).unwrap();
    let target = LocalDirectory::open(&world.site()).unwrap();
    world.publish(&target, day(2)).unwrap();
    let accepted = update(world.stranger(), day(2), from_directory(&world.site())).unwrap();
    assert_eq!(accepted.list.anchors[0].state, ListedState::Retiring);
    assert_eq!(accepted.list.notices.len(), 1);
    let advisories = std::fs::read_to_string(world.site().join("advisories.json")).unwrap();
    assert!(advisories.contains("新しいルートに移行します。"));

    world.catalogue.revoke_root(root, day(3)).unwrap();
    world.sign_list(day(3));
    world.publish(&target, day(3)).unwrap();
    let accepted = update(accepted.state, day(3), from_directory(&world.site())).unwrap();
    assert_eq!(accepted.list.anchors[0].state, ListedState::Revoked);
    assert_eq!(accepted.list.anchors[0].dates.removed, Some(day(3)));
}
