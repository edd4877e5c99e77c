//! Attacks on VICALs: never a wrong accept, each with its own cause, and the last good state is kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{MDL, Party, Provider, START, day, days, iaca, trusts, vical_signer};
use tegata_pki::rust_crypto;
use tegata_sync::{Store, SyncPolicy, VicalImportError, VicalPin};
use tegata_trust_list::vical::VicalBuilder;
use time::{Duration, UtcDateTime};

const NAME: &str = Provider::NAME;

struct World {
    provider: Provider,
    root: Party,
    store: Store,
}

/// A store that took issue 5 on the second day.
fn world() -> World {
    let (provider, root) = (Provider::new(), iaca("Utopia 1"));
    let mut store = provider.store();
    provider.push(&mut store, 5, day(1), &[&root]);
    World { provider, root, store }
}

impl World {
    /// Refused with this cause, and nothing has changed.
    fn refused(&mut self, list: &[u8], at: UtcDateTime, id: &str) -> VicalImportError {
        let before = self.store.to_bytes();
        let error = self.store.apply_vical(NAME, list, &[], at).unwrap_err();
        assert_eq!(error.id(), id, "{error}");
        assert_eq!(self.store.to_bytes(), before);
        assert!(trusts(&self.store, &self.root, day(1)));
        error
    }
}

#[test]
fn an_old_list_played_back() {
    let mut world = world();
    let thief = iaca("Utopia 2");
    let lower = world.provider.list(4, day(1), days(1), &[&thief]);
    world.refused(&lower, day(1), "vical-issue-id-lower");
    let older = world.provider.list(6, START, days(30), &[&thief]);
    world.refused(&older, day(1), "vical-older-date");
    // Not under another name of the same provider either, nor after a restart.
    let builder = VicalBuilder::new("Utopia DTS (old)", 4, day(1), day(2));
    let renamed = world.provider.list_of(builder, &[(&thief, &[MDL])]);
    world.store = Store::from_bytes(&world.store.to_bytes(), SyncPolicy::online(), rust_crypto()).unwrap();
    world.refused(&renamed, day(1), "vical-issue-id-lower");
    // The same list again is none.
    let same = world.provider.list(5, day(1), days(1), &[&world.root]);
    world.store.apply_vical(NAME, &same, &[], day(1)).unwrap();
}

#[test]
fn a_list_by_a_strangers_valid_signer() {
    let mut world = world();
    let stranger = Provider::new();
    let list = stranger.list(6, day(1), days(1), &[&world.root]);
    world.refused(&list, day(1), "vical-signer-path");
    // A signer for something else, and one whose certificate has ended, under the right root.
    let status = support::status_signer(&world.provider.root, START);
    let prepared = VicalBuilder::new("Utopia DTS", 6, day(1), day(2)).prepare(&[status.certificate]);
    assert_eq!(prepared.unwrap_err().id(), "vical-build-no-entries");
    let ended = Provider { signer: vical_signer(&world.provider.root, START - days(405)), root: stranger.root };
    let builder = VicalBuilder::new("Utopia DTS", 6, START - days(10), day(2));
    let list = ended.list_of(builder, &[(&world.root, &[MDL])]);
    world.refused(&list, day(1), "vical-signer-path");
    let unknown = world.store.apply_vical("other", &list, &[], day(1)).unwrap_err();
    assert_eq!(unknown, VicalImportError::UnknownProvider("other".to_owned()));
}

#[test]
fn a_flipped_byte_anywhere() {
    let mut world = world();
    let list = world.provider.list(6, day(1), days(1), &[&world.root]);
    let mut ids = std::collections::BTreeSet::new();
    for position in 0..list.len() {
        let mut changed = list.clone();
        changed[position] ^= 0x01;
        if position % 7 == 0 || position < 16 || position + 64 > list.len() {
            let before = world.store.to_bytes();
            ids.insert(world.store.apply_vical(NAME, &changed, &[], day(1)).unwrap_err().id());
            assert_eq!(world.store.to_bytes(), before, "{position}");
        }
    }
    assert!(ids.contains("vical-signature") && ids.contains("vical-cbor"), "{ids:?}");
    // The payload, whose change nothing but the signature shows.
    let position = list.windows(10).rposition(|window| window == b"Utopia DTS").unwrap();
    let mut changed = list;
    changed[position] = b'u';
    world.refused(&changed, day(1), "vical-signature");
}

#[test]
fn a_truncated_download_and_a_captive_portal() {
    let mut world = world();
    let list = world.provider.list(6, day(1), days(1), &[&world.root]);
    for end in (1..list.len()).step_by(13).chain([list.len() - 1]) {
        let error = world.refused(&list[..end], day(1), "vical-truncated");
        assert_eq!(error, VicalImportError::Truncated { length: end });
    }
    world.refused(&[], day(1), "vical-truncated");
    let page = "<!DOCTYPE html><html><body>Please sign in.</body></html>";
    world.refused(page.as_bytes(), day(1), "vical-web-page");
    world.refused(format!("\u{feff}\r\n {page}").as_bytes(), day(1), "vical-web-page");
    world.refused(&world.root.certificate.der().to_vec(), day(1), "vical-cbor");
}

#[test]
fn clocks() {
    let mut world = world();
    let list = world.provider.list(6, day(1), days(1), &[&world.root]);
    let error = world.store.apply_vical(NAME, &list, &[], START).unwrap_err();
    assert_eq!(error, VicalImportError::ClockTurnedBack { latest: day(1), at: START });
    assert!(world.store.trust(START).is_err(), "nothing is trusted by a clock that was turned back");
    let tomorrow = world.provider.list(6, day(2), days(1), &[&world.root]);
    world.refused(&tomorrow, day(1), "vical-not-yet-valid");
    let soon = world.provider.list(6, day(2), days(1), &[&world.root]);
    world.store.apply_vical(NAME, &soon, &[], day(2) - Duration::minutes(2)).unwrap();
    let builder = VicalBuilder::new("Utopia DTS", 7, day(2), day(3)).not_after(day(3));
    let over = world.provider.list_of(builder, &[(&world.root, &[MDL])]);
    let error = world.store.apply_vical(NAME, &over, &[], day(4)).unwrap_err();
    assert_eq!(error.id(), "vical-expired");
    // A pin by a clock that was turned back.
    let (root, fingerprint) =
        (world.provider.root.certificate.clone(), world.provider.root.certificate.fingerprint_sha256());
    let pinned = world.store.add_vical("other", VicalPin::Root(root), &fingerprint, None, START);
    assert_eq!(pinned.unwrap_err().id(), "vical-clock-turned-back");
}

#[test]
fn a_list_that_would_leave_nobody() {
    let mut world = world();
    // Authentic, newer, and of nothing but what has expired.
    let builder = VicalBuilder::new("Utopia DTS", 6, day(1), day(2));
    let expired = support::iaca_between("Utopia 0", START - days(100), START);
    let list = world.provider.list_of(builder, &[(&expired, &[MDL])]);
    let error = world.refused(&list, day(1), "vical-no-anchors");
    assert_eq!(error, VicalImportError::NoAnchors { entries: 1 });
}

#[test]
fn a_thief_of_the_signer_gets_nobody_in_before_the_provider_can_answer() {
    let mut world = world();
    let thief = iaca("Utopia 2");
    for today in 2_i64..29 {
        let number = 4 + today.unsigned_abs();
        world.provider.push(&mut world.store, number, day(today), &[&world.root, &thief]);
        assert!(!trusts(&world.store, &thief, day(today)), "day {today}");
    }
    // The same list again and again does not make it older than it says.
    let list = world.provider.list(33, day(29), days(1), &[&world.root, &thief]);
    for today in 29..60 {
        world.store.apply_vical(NAME, &list, &[], day(today)).unwrap();
        assert!(!trusts(&world.store, &thief, day(today)), "day {today}");
    }
    // The provider's next signer, under the pinned root, takes the stranger out.
    let next = Provider { signer: vical_signer(&world.provider.root, START), root: world.provider.root.clone() };
    next.push(&mut world.store, 40, day(60), &[&world.root]);
    assert_eq!(next.state(&world.store, &thief), "unknown");
    assert!(trusts(&world.store, &world.root, day(60)));
}
