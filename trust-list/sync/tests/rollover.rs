//! What an accepted list makes of anchors, with real signatures: who vouches, how long that takes, and what stays.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::collections::BTreeSet;

use support::{MDL, PHOTO_ID, START, Site, crl, day, days, entry, history, iaca, iaca_between, link, new_store};
use support::{state, store_with, trusts};
use tegata_manifest::ListedState;
use tegata_pki::rust_crypto;
use tegata_sync::{
    AnchorState, BootstrapError, Event, LinkError, OperatorError, Store, SyncPolicy, TrustUnavailable, Vouching,
};
use tegata_trust_list::{DocTypes, Purpose, Scope};
use time::Duration;

fn issuance() -> BTreeSet<Purpose> {
    BTreeSet::from([Purpose::Issuance])
}

/// A site with one approved anchor, and a store that trusts it from day 0 on.
fn running() -> (Site, Store, support::Party) {
    let mut site = Site::new();
    let old = iaca("Utopia 1");
    site.activate(&old);
    site.approve(&old, START);
    let mut store = new_store(&site);
    site.push(&mut store, START);
    (site, store, old)
}

#[test]
fn a_pinned_root_is_compared_with_a_digest_from_elsewhere() {
    let site = Site::new();
    let wrong = Store::bootstrap(site.root(1), &[0; 32], SyncPolicy::online(), rust_crypto());
    assert!(matches!(wrong, Err(BootstrapError::Digest { found }) if found == tegata_manifest::sha256(site.root(1))));
    let store = new_store(&site);
    assert_eq!(store.trust(START).unwrap_err(), TrustUnavailable::NeverUpdated);
}

#[test]
fn the_quorum_needs_no_hold_down_and_says_for_what() {
    let (_, store, old) = running();
    let trust = store.trust(START).unwrap();
    let [anchor] = trust.anchors() else { panic!() };
    assert!(anchor.may(Purpose::Issuance, MDL) && !anchor.may(Purpose::Status, MDL));
    assert_eq!(anchor.provenance().source, "dts.example, list 1, approval");
    assert_eq!(anchor.provenance().added_at, START);
    assert_eq!(history(&store, &old), ["adopted"]);
}

#[test]
fn an_approval_that_too_few_signed_is_none() {
    let mut site = Site::new();
    let new = iaca("Utopia 1");
    let mut listed = entry(&new, ListedState::Active, START, START);
    listed.approval = Some(site.bad_approval(&listed, START));
    site.put(listed);
    let mut store = new_store(&site);
    site.push(&mut store, START);
    assert_eq!(state(&store, &new), "candidate");
    assert_eq!(store.trust(START).unwrap_err(), TrustUnavailable::NoAnchor);
}

#[test]
fn the_list_alone_takes_thirty_days_and_one_more_update() {
    let (mut site, mut store, _) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.push(&mut store, day(1));
    for count in [2, 15, 30] {
        site.pass(&mut store, day(count));
        assert_eq!(state(&store, &new), "candidate");
    }
    assert!(!trusts(&store, &new, day(32)), "time alone adopts nobody");
    site.pass(&mut store, day(31));
    assert!(trusts(&store, &new, day(31)));
    assert_eq!(history(&store, &new), ["seen", "adopted"]);
}

#[test]
fn a_link_of_a_valid_anchor_takes_seven_days() {
    let (mut site, mut store, old) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.list.links.push(link(&old, &new, START));
    site.push(&mut store, day(1));
    site.pass(&mut store, day(7));
    assert_eq!(state(&store, &new), "candidate");
    let changes = site.pass(&mut store, day(8));
    let because = Vouching::NewWithOld { by: old.digest() };
    assert_eq!(changes.anchors.iter().map(|change| change.event).collect::<Vec<_>>(), [Event::Adopted { because }]);
    assert!(trusts(&store, &new, day(8)) && trusts(&store, &old, day(8)));
}

#[test]
fn a_link_is_never_a_path_element_or_an_anchor() {
    let (mut site, mut store, old) = running();
    let new = iaca("Utopia 2");
    let certificate = link(&old, &new, START);
    site.put(entry(&support::Party { key: new.key.clone(), certificate }, ListedState::Active, day(1), day(1)));
    let changes = site.push(&mut store, day(1));
    assert_eq!(state(&store, &new), "unknown");
    let [(key, error)] = changes.refused_entries.as_slice() else { panic!() };
    assert_eq!((*key, error.id()), (new.digest(), "entry-not-self-issued"));
    assert!(store.trust(day(1)).unwrap().anchors().iter().all(|anchor| anchor.certificate().is_self_issued()));
}

#[test]
fn links_that_prove_nothing() {
    let (mut site, mut store, old) = running();
    let (new, stranger) = (iaca("Utopia 2"), iaca("Utopia 1"));
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    // A stranger of the same name as the old root.
    site.list.links.push(link(&stranger, &new, START));
    // For a root that nobody lists.
    site.list.links.push(link(&old, &iaca("Utopia 3"), START));
    // The right key with another name.
    let renamed = iaca("Utopia 4");
    let renamed = support::Party { key: new.key.clone(), certificate: renamed.certificate };
    site.list.links.push(link(&old, &renamed, START));
    let changes = site.push(&mut store, day(1));
    let mut ids: Vec<_> = changes.refused_links.iter().map(|(_, error)| error.id()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["link-no-subject", "link-no-subject", "link-signature"]);
    site.pass(&mut store, day(8));
    assert_eq!(state(&store, &new), "candidate", "nobody but the list vouches");
}

#[test]
fn a_link_must_be_within_its_dates_and_its_signer_valid() {
    let mut site = Site::new();
    let old = iaca_between("Utopia 1", START, day(100));
    let (future, late) = (iaca("Utopia 2"), iaca("Utopia 3"));
    site.activate(&old);
    site.approve(&old, START);
    for new in [&future, &late] {
        site.put(entry(new, ListedState::Active, day(1), day(1)));
    }
    site.list.links.push(link(&old, &future, day(50)));
    let mut store = new_store(&site);
    site.push(&mut store, START);
    site.pass(&mut store, day(8));
    let until = |store: &Store, party| match store.anchors().state(&support::Party::digest(party)) {
        Some(AnchorState::Candidate { until, .. }) => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(until(&store, &future), day(30), "the link begins on day 50");
    // After the end of the old root its signature vouches for nobody.
    let mut site2 = site.clone();
    let newest = iaca("Utopia 4");
    site2.put(entry(&newest, ListedState::Active, day(101), day(101)));
    site2.list.links.push(link(&old, &newest, START));
    site2.push(&mut store, day(101));
    assert_eq!(state(&store, &old), "expired");
    assert_eq!(until(&store, &newest), day(131));
}

#[test]
fn a_link_that_its_signer_revoked_is_none() {
    let (mut site, mut store, old) = running();
    let new = iaca("Utopia 2");
    let certificate = link(&old, &new, START);
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.list.links.push(certificate.clone());
    site.push(&mut store, day(1));
    site.put_crl("old", crl(&old, 1, day(3), days(30), &[&certificate]));
    let changes = site.push(&mut store, day(3));
    assert!(matches!(changes.refused_links.as_slice(), [(_, LinkError::Revoked)]));
    site.pass(&mut store, day(8));
    assert_eq!(state(&store, &new), "candidate", "back to the thirty days of the list");
    site.pass(&mut store, day(31));
    assert!(trusts(&store, &new, day(31)));
}

#[test]
fn who_begins_with_the_new_root_accepts_the_old_one_by_its_link() {
    let mut site = Site::new();
    let old = iaca_between("Utopia 1", START - days(1000), day(500));
    let new = iaca("Utopia 2");
    site.put(entry(&old, ListedState::Retiring, START, START));
    site.activate(&new);
    site.approve(&new, START);
    site.list.links.push(link(&new, &old, START));
    let mut store = new_store(&site);
    site.push(&mut store, START);
    assert!(trusts(&store, &new, START) && !trusts(&store, &old, START));
    site.pass(&mut store, day(1));
    site.pass(&mut store, day(8));
    assert!(trusts(&store, &old, day(8)));
    let held = store.anchors().get(&old.digest()).unwrap();
    assert_eq!(held.state.because(), Some(Vouching::OldWithNew { by: new.digest() }));
    assert!(held.is_retiring());
}

/// From the third root back to the first, one generation after the other: a root vouches for an older one when it is
/// believed itself.
#[test]
fn who_begins_with_the_third_root_goes_back_step_by_step() {
    let mut site = Site::new();
    let one = iaca_between("Utopia", START - days(1000), day(500));
    let two = iaca_between("Utopia", START - days(500), day(1000));
    let three = iaca("Utopia");
    for party in [&one, &two] {
        site.put(entry(party, ListedState::Retiring, START, START));
    }
    site.activate(&three);
    site.approve(&three, START);
    site.list.links.extend([link(&two, &one, START), link(&three, &two, START)]);
    let mut store = new_store(&site);
    site.push(&mut store, START);
    assert!(trusts(&store, &three, START));
    site.pass(&mut store, day(1));
    let because = |store: &Store, party: &support::Party| store.anchors().get(&party.digest()).unwrap().state.because();
    assert_eq!(because(&store, &two), Some(Vouching::OldWithNew { by: three.digest() }));
    assert_eq!(because(&store, &one), Some(Vouching::OnlineRole), "the second root is a candidate itself");
    site.pass(&mut store, day(8));
    assert!(trusts(&store, &two, day(8)) && !trusts(&store, &one, day(8)));
    site.pass(&mut store, day(9));
    assert_eq!(because(&store, &one), Some(Vouching::OldWithNew { by: two.digest() }));
    site.pass(&mut store, day(15));
    assert!(!trusts(&store, &one, day(15)));
    site.pass(&mut store, day(16));
    assert!(trusts(&store, &one, day(16)));
}

#[test]
fn a_gap_or_another_announcement_restarts_the_timer() {
    let (mut site, mut store, _) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.push(&mut store, day(1));
    site.drop_entry(&new);
    site.push(&mut store, day(20));
    assert_eq!(state(&store, &new), "unknown");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.push(&mut store, day(21));
    site.pass(&mut store, day(40));
    assert_eq!(state(&store, &new), "candidate");
    // Gone and back between two fetches: the date of the announcement shows it.
    site.put(entry(&new, ListedState::Active, day(41), day(41)));
    site.push(&mut store, day(41));
    site.pass(&mut store, day(60));
    assert_eq!(state(&store, &new), "candidate");
    site.pass(&mut store, day(71));
    assert!(trusts(&store, &new, day(71)));
}

#[test]
fn an_announced_anchor_is_held_and_not_believed_before_its_day() {
    let (mut site, mut store, _) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Announced, day(1), day(200)));
    site.approve(&new, day(1));
    site.push(&mut store, day(1));
    for count in [31, 120, 199] {
        site.publish(day(count));
        site.update(&mut store, day(count));
        assert_eq!(state(&store, &new), "candidate");
    }
    site.push(&mut store, day(200));
    assert!(trusts(&store, &new, day(200)));
}

#[test]
fn revoked_is_for_good() {
    let (mut site, mut store, old) = running();
    let (new, announced) = (iaca("Utopia 2"), iaca("Utopia 3"));
    site.activate(&new);
    site.approve(&new, START);
    site.put(entry(&announced, ListedState::Announced, day(1), day(2)));
    site.push(&mut store, day(1));
    for party in [&old, &announced] {
        site.entry_mut(party).state = ListedState::Revoked;
        site.entry_mut(party).dates.removed = Some(day(2));
    }
    let changes = site.push(&mut store, day(2));
    assert!(changes.emptied.is_empty());
    assert!(!trusts(&store, &old, day(2)) && trusts(&store, &new, day(2)));
    // Listed as if nothing had been, approved, and added by hand.
    for party in [&old, &announced] {
        site.put(entry(party, ListedState::Active, day(3), day(3)));
        site.approve(party, day(3));
    }
    site.push(&mut store, day(3));
    site.pass(&mut store, day(60));
    for party in [&old, &announced] {
        assert_eq!(state(&store, party), "revoked");
        let (der, fingerprint) = (party.certificate.der(), party.certificate.fingerprint_sha256());
        let added = store.add_manually(der, &fingerprint, &Scope::doc_type(MDL), &issuance(), day(60));
        assert_eq!(added, Err(OperatorError::Revoked));
        assert_eq!(state(&store, party), "revoked");
    }
    site.drop_entry(&old);
    site.push(&mut store, day(61));
    assert_eq!(state(&store, &old), "revoked");
}

#[test]
fn an_anchor_that_vanishes_is_believed_for_thirty_days() {
    let (mut site, mut store, old) = running();
    let other = iaca("Utopia 2");
    site.activate(&other);
    site.approve(&other, START);
    site.push(&mut store, day(1));
    site.drop_entry(&old);
    site.push(&mut store, day(2));
    assert_eq!(state(&store, &old), "missing");
    assert!(trusts(&store, &old, day(2)));
    site.activate(&old);
    site.push(&mut store, day(3));
    assert_eq!(state(&store, &old), "valid");
    site.drop_entry(&old);
    site.push(&mut store, day(4));
    site.pass(&mut store, day(33));
    assert!(trusts(&store, &old, day(33)));
    assert!(!trusts(&store, &old, day(34)), "without an update as well");
    site.pass(&mut store, day(34));
    assert_eq!(state(&store, &old), "retired");
    assert_eq!(history(&store, &old), ["adopted", "went-missing", "returned", "went-missing", "retired"]);
}

#[test]
fn the_last_anchor_of_a_scope_goes_only_when_the_operator_agrees() {
    let (mut site, mut store, old) = running();
    let victim = iaca("Utopia 2");
    site.put(entry(&victim, ListedState::Active, START, START));
    site.entry_mut(&victim).doc_types = DocTypes::new(PHOTO_ID, []);
    site.approve(&victim, START);
    site.push(&mut store, day(1));
    // The same list removes the only anchor for one type, and revokes the only one for the other.
    site.entry_mut(&old).state = ListedState::Removed;
    site.entry_mut(&old).dates.removed = Some(day(2));
    site.entry_mut(&victim).state = ListedState::Revoked;
    let changes = site.push(&mut store, day(2));
    assert_eq!(changes.held_back.len(), 1);
    assert_eq!(changes.held_back[0].anchor, old.digest());
    assert_eq!(changes.emptied.len(), 1, "a revocation waits for nobody");
    assert_eq!(changes.emptied[0].doc_type.as_deref(), Some(PHOTO_ID));
    assert!(trusts(&store, &old, day(2)) && !trusts(&store, &victim, day(2)));
    for count in [3, 40, 80] {
        site.publish(day(count));
        let changes = site.update(&mut store, day(count));
        assert_eq!(changes.held_back.len(), 1);
        assert!(trusts(&store, &old, day(count)));
    }
    store.confirm_removal(&old.digest(), day(80)).unwrap();
    let changes = site.pass(&mut store, day(81));
    assert!(changes.held_back.is_empty());
    assert_eq!(changes.emptied[0].doc_type.as_deref(), Some(MDL));
    assert_eq!(store.trust(day(81)).unwrap_err(), TrustUnavailable::NoAnchor);
}

/// Who slept until the old root was out of use: the link counts to the end of its hold-down, and then the old root goes.
#[test]
fn a_root_whose_removal_is_held_back_vouches_for_the_one_that_lets_it_go() {
    let (mut site, mut store, old) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.list.links.push(link(&old, &new, START));
    site.entry_mut(&old).state = ListedState::Removed;
    site.entry_mut(&old).dates.removed = Some(day(99));
    assert_eq!(site.push(&mut store, day(100)).held_back.len(), 1);
    for count in [101, 106] {
        assert_eq!(site.pass(&mut store, day(count)).held_back.len(), 1);
        let because = store.anchors().get(&new.digest()).unwrap().state.because();
        assert_eq!(because, Some(Vouching::NewWithOld { by: old.digest() }));
        assert!(trusts(&store, &old, day(count)) && !trusts(&store, &new, day(count)));
    }
    site.pass(&mut store, day(107));
    assert!(trusts(&store, &new, day(107)));
    site.pass(&mut store, day(108));
    assert_eq!(state(&store, &old), "retired");
    // One that vanished without a reason is an alarm, and its links count no more.
    let (mut site, mut store, old) = running();
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.list.links.push(link(&old, &new, START));
    site.push(&mut store, day(1));
    site.drop_entry(&old);
    site.push(&mut store, day(2));
    site.pass(&mut store, day(9));
    assert_eq!((state(&store, &old), state(&store, &new)), ("missing", "candidate"));
}

#[test]
fn a_last_anchor_that_vanishes_is_kept_too() {
    let (mut site, mut store, old) = running();
    site.drop_entry(&old);
    site.push(&mut store, day(1));
    let changes = site.pass(&mut store, day(40));
    assert_eq!((changes.held_back.len(), state(&store, &old)), (1, "missing"));
    assert!(trusts(&store, &old, day(40)));
}

#[test]
fn a_wider_scope_has_a_hold_down_of_its_own() {
    let (mut site, mut store, old) = running();
    site.entry_mut(&old).doc_types = DocTypes::new(MDL, [PHOTO_ID.to_owned()]);
    site.push(&mut store, day(1));
    let may = |store: &Store, count| {
        store.trust(day(count)).unwrap().anchors_for(Purpose::Issuance, PHOTO_ID).next().is_some()
    };
    site.pass(&mut store, day(30));
    assert!(!may(&store, 30), "the approval was for one type");
    site.pass(&mut store, day(31));
    assert!(may(&store, 31));
    assert_eq!(history(&store, &old), ["adopted", "widened"]);
    // And less takes effect at once, where somebody else speaks for the rest.
    let other = iaca("Utopia 2");
    site.activate(&other);
    site.entry_mut(&other).doc_types = DocTypes::new(PHOTO_ID, []);
    site.approve(&other, day(31));
    site.push(&mut store, day(32));
    site.entry_mut(&old).doc_types = DocTypes::new(MDL, []);
    site.push(&mut store, day(33));
    let trust = store.trust(day(33)).unwrap();
    assert_eq!(trust.anchors_for(Purpose::Issuance, PHOTO_ID).count(), 1);
    assert_eq!(history(&store, &old), ["adopted", "widened", "narrowed"]);
}

#[test]
fn a_link_vouches_for_no_more_than_its_signer_may() {
    let (mut site, mut store, old) = running();
    let new = iaca("Utopia 2");
    site.put(entry(&new, ListedState::Active, day(1), day(1)));
    site.entry_mut(&new).doc_types = DocTypes::new(MDL, [PHOTO_ID.to_owned()]);
    site.list.links.push(link(&old, &new, START));
    site.push(&mut store, day(1));
    site.pass(&mut store, day(8));
    let covers = |store: &Store, doc_type| {
        let held = store.anchors().get(&new.digest()).unwrap();
        held.state.is_trusted() && held.grants.covers(Purpose::Issuance, doc_type)
    };
    assert!(covers(&store, MDL) && !covers(&store, PHOTO_ID));
    site.pass(&mut store, day(31));
    assert!(covers(&store, PHOTO_ID));
}

#[test]
fn the_operator_adds_with_the_right_fingerprint_only() {
    let (mut site, mut store, old) = running();
    let own = iaca("Utopia 9");
    let (der, fingerprint) = (own.certificate.der(), own.certificate.fingerprint_sha256());
    let wrong = old.certificate.fingerprint_sha256();
    let scope = Scope::doc_type(PHOTO_ID);
    let refused = store.add_manually(der, &wrong, &scope, &issuance(), day(1));
    assert_eq!(refused, Err(OperatorError::Fingerprint { found: fingerprint }));
    assert_eq!(store.add_manually(der, &fingerprint, &scope, &BTreeSet::new(), day(1)), Err(OperatorError::NoPurpose));
    let pem = own.certificate.to_pem();
    let key = store.add_manually(pem.as_bytes(), &fingerprint, &scope, &issuance(), day(1)).unwrap();
    assert_eq!(key, own.digest());
    assert!(trusts(&store, &own, day(1)));
    // The list does not know it and does not take it away; nor does its age.
    site.push(&mut store, day(2));
    site.pass(&mut store, day(50));
    assert_eq!(state(&store, &own), "valid");
    assert!(trusts(&store, &own, day(90)) && !trusts(&store, &old, day(90)), "the list is stale by then");
    // But it can say that it is revoked.
    site.put(entry(&own, ListedState::Revoked, day(91), day(91)));
    site.push(&mut store, day(91));
    assert!(!trusts(&store, &own, day(91)));
}

#[test]
fn distrust_is_stronger_than_any_list_and_lifting_it_starts_from_zero() {
    let (mut site, mut store, old) = running();
    store.distrust(&old.digest(), day(1)).unwrap();
    assert!(!trusts(&store, &old, day(1)));
    site.push(&mut store, day(2));
    assert_eq!(state(&store, &old), "local-distrust");
    site.entry_mut(&old).approval = None;
    site.push(&mut store, day(3));
    let change = store.lift_distrust(&old.digest(), day(4)).unwrap();
    assert_eq!(change.event, Event::DistrustLifted);
    site.pass(&mut store, day(5));
    assert_eq!(state(&store, &old), "candidate");
    assert_eq!(store.lift_distrust(&old.digest(), day(5)), Err(OperatorError::State("candidate")));
}

#[test]
fn a_list_that_is_too_old_lets_nobody_in() {
    let (_, store, old) = running();
    assert!(trusts(&store, &old, day(3)));
    let late = day(3) + Duration::SECOND;
    assert_eq!(store.trust(late).unwrap_err(), TrustUnavailable::ListStale { as_of: START });
    let (mut site, _, _) = running();
    let mut offline = store_with(&site, SyncPolicy::offline());
    site.pass(&mut offline, day(1));
    assert!(offline.trust(day(91)).is_ok() && offline.trust(day(92)).is_err());
}
