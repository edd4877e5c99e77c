//! Ceremonies from the first root to the second, checked by OpenSSL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{World, openssl_text, openssl_verify, rng};
use tegata_hsm::Signer as _;
use tegata_pki::Role;
use tegata_root_ca::{
    AuthorityError, Cause, CertificateKind, Generation, IssueOrder, KeyStatus, StateError,
    session::{EmergencyRevoke, First, Quarterly, RootRekey},
};
use time::{Duration, macros::utc_datetime};

#[test]
fn a_first_ceremony_is_accepted_by_openssl() {
    let mut world = World::new("jp-004");
    let generation = world.first_root();
    let signer = world.issue::<First>().unwrap();
    let batch = world.crls::<First>(Duration::days(92)).unwrap();
    let root = world.authority().state().key(generation).unwrap().certificate.unwrap();

    assert_eq!(batch.crls.len(), 99);
    let first = batch.crls[0].der.clone().unwrap();
    openssl_verify(&signer.certificate, &root, &[&first], world.now + Duration::hours(1)).unwrap();
    let last = batch.crls[98].der.clone().unwrap();
    openssl_verify(&signer.certificate, &root, &[&last], world.now + Duration::days(100)).unwrap();
    let stale = openssl_verify(&signer.certificate, &root, &[&first], world.now + Duration::days(4)).unwrap_err();
    assert!(stale.contains("CRL has expired"), "{stale}");

    let text = openssl_text("x509", root.der());
    for expected in ["ecdsa-with-SHA384", "secp384r1", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains("Policies"), "policy identifiers are recorded, not written");
    assert_eq!(root.not_before(), utc_datetime!(2026-12-01 1:00));
    assert_eq!(root.not_after(), utc_datetime!(2032-04-01 0:59:59));
    let text = openssl_text("crl", &first);
    for expected in ["Version 2", "No Revoked Certificates", "X509v3 CRL Number", "Authority Key Identifier"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let recorded = world.authority().state().certificates().unwrap();
    assert_eq!(recorded[0].policy_oid.as_deref(), Some("1.2.392.200149.23220.1.7"));
    assert_eq!(recorded[1].policy_oid.as_deref(), Some("1.2.392.200149.23220.1.2"));
    let files = std::fs::read_dir(world.out()).unwrap().count();
    assert_eq!(files, 101);
}

#[test]
fn a_root_becomes_active_only_after_certificate_and_restore_test() {
    let mut world = World::new("jp-004");
    let generation = world.new_key();
    let (now, key) = (world.now, world.signers[0].public_key().clone());
    assert!(matches!(world.authority().activate_key(generation, now), Err(AuthorityError::NotCertified(_))));
    world.session::<First>().unwrap().self_sign(generation, &mut rng()).unwrap();
    let twice = world.session::<First>().unwrap().self_sign(generation, &mut rng());
    assert!(matches!(twice, Err(AuthorityError::CertifiedBefore(_))));
    assert!(matches!(world.authority().activate_key(generation, now), Err(AuthorityError::NoRestoreTest(_))));
    let other = common::key(tegata_pki::Curve::P384).public_key().clone();
    let wrong = world.authority().record_restore_test(generation, &other, now);
    assert!(matches!(wrong, Err(AuthorityError::RestoredOtherKey(_))));
    assert!(matches!(world.issue::<First>(), Err(AuthorityError::NobodySigns)));
    world.authority().record_restore_test(generation, &key, now).unwrap();
    world.authority().activate_key(generation, now).unwrap();
    world.issue::<First>().unwrap();
    let twice = world.session::<First>().unwrap().self_sign(generation, &mut rng());
    assert!(matches!(twice, Err(AuthorityError::KeyStatus { .. })));
    assert!(world.log_events().contains(&"self-sign:refused".to_owned()));
}

#[test]
fn a_rollover_links_both_ways_and_shares_one_series_of_numbers() {
    let mut world = World::new("jp-004");
    let old = world.first_root();
    let old_signer = world.issue::<First>().unwrap();
    world.crls::<First>(Duration::days(92)).unwrap();
    world.pass(Duration::days(80));

    let new = world.new_key();
    world.session::<RootRekey>().unwrap().self_sign(new, &mut rng()).unwrap();
    let backwards = world.session::<RootRekey>().unwrap().link(new, old, &mut rng());
    assert!(matches!(backwards, Err(AuthorityError::LinkOrder { .. })));
    let links = world.session::<RootRekey>().unwrap().link(old, new, &mut rng()).unwrap();
    let batch = world.crls::<RootRekey>(Duration::days(92)).unwrap();
    world.activate(new);

    let state = world.authority.as_ref().unwrap().state();
    assert_eq!(state.key(old).unwrap().status, KeyStatus::Retiring);
    let (old_root, new_root) =
        (state.key(old).unwrap().certificate.unwrap(), state.key(new).unwrap().certificate.unwrap());
    assert_eq!(old_root.subject(), new_root.subject());
    assert_eq!(links.new_with_old.certificate.public_key().unwrap(), new_root.public_key().unwrap());
    assert_eq!(links.old_with_new.certificate.public_key().unwrap(), old_root.public_key().unwrap());
    assert_eq!(links.new_with_old.certificate.not_after(), old_root.not_after());
    assert_eq!(links.old_with_new.certificate.not_after(), old_root.not_after());
    assert_eq!(links.old_with_new.certificate.not_before(), old_root.not_before());
    openssl_verify(&links.new_with_old.certificate, &old_root, &[], world.now).unwrap();
    openssl_verify(&links.old_with_new.certificate, &new_root, &[], world.now).unwrap();

    // The lists of both keys are numbered by date; the newest of a date has the greatest number.
    let pairs: Vec<_> = batch.crls.iter().map(|crl| (crl.number, crl.this_update, crl.issuer)).collect();
    assert!(pairs.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0 && (pair[0].1, pair[0].2) < (pair[1].1, pair[1].2)));
    assert_eq!(batch.destroyed.len(), 18, "the old series beyond today");
    let new_signer = world.issue::<Quarterly>().unwrap();
    assert_eq!(new_signer.issuer, new);
    let lists: Vec<_> = batch.crls[..2].iter().map(|crl| crl.der.clone().unwrap()).collect();
    for lists in [[&lists[0][..], &lists[1]], [&lists[1], &lists[0]]] {
        openssl_verify(&new_signer.certificate, &new_root, &lists, world.now).unwrap();
        openssl_verify(&old_signer.certificate, &old_root, &lists, world.now).unwrap();
    }

    let early = {
        let now = world.now;
        world.authority().retire_key(old, now)
    };
    assert!(matches!(early, Err(AuthorityError::StillNeeded { .. })));
    world.now = old_signer.certificate.not_after() + Duration::SECOND;
    let now = world.now;
    world.authority().retire_key(old, now).unwrap();
    let one = ["agency".to_owned()];
    let two = ["agency".to_owned(), "operator".to_owned()];
    let copies = ["token-a".to_owned(), "backup-b".to_owned()];
    assert!(matches!(
        world.authority().record_destroyed_copy(old, "token-a", &one, now),
        Err(AuthorityError::Approvals)
    ));
    world.authority().record_destroyed_copy(old, "token-a", &two, now).unwrap();
    let left = world.authority().finish_destruction(old, &copies, now);
    assert!(matches!(left, Err(AuthorityError::CopiesLeft { copies }) if copies == ["backup-b"]));
    world.authority().record_destroyed_copy(old, "backup-b", &two, now).unwrap();
    world.authority().finish_destruction(old, &copies, now).unwrap();
    assert_eq!(world.authority().state().key(old).unwrap().status, KeyStatus::Destroyed);
}

#[test]
fn what_the_policy_forbids_is_refused() {
    let mut world = World::new("jp-004");
    world.first_root();
    let first = world.issue::<First>().unwrap();
    let second = world.issue::<First>().unwrap();
    assert!(matches!(world.issue::<First>(), Err(AuthorityError::TooManyValid { count: 3, .. })));
    world.revoke(&first, Cause::Superseded).unwrap();
    world.issue::<First>().unwrap();
    assert!(matches!(world.issue::<First>(), Err(AuthorityError::TooManyValid { .. })));
    assert_ne!(first.serial, second.serial);

    // A request accepted once is used once.
    let request = world.accepted_for(Role::StatusSigner);
    let order = IssueOrder { request: &request, not_before: None };
    world.session::<First>().unwrap().issue(&order, &mut rng()).unwrap();
    let again = world.session::<First>().unwrap().issue(&order, &mut rng());
    assert!(matches!(again, Err(AuthorityError::Csr(_))));

    let request = world.accepted();
    for days in [-1, 15] {
        let not_before = Some(world.now + Duration::days(days));
        let outside =
            world.session::<First>().unwrap().issue(&IssueOrder { request: &request, not_before }, &mut rng());
        assert!(matches!(outside, Err(AuthorityError::NotBefore { .. })));
    }

    // The last day of the key use, and the day after.
    world.now = utc_datetime!(2031-12-01 1:00:00);
    let start_too_late = Some(world.now + Duration::days(1));
    let request = world.accepted();
    let order = IssueOrder { request: &request, not_before: start_too_late };
    let outlives = world.session::<Quarterly>().unwrap().issue(&order, &mut rng());
    assert!(matches!(outlives, Err(AuthorityError::OutlivesRoot { .. })));
    world.issue::<Quarterly>().unwrap();
    world.pass(Duration::SECOND);
    assert!(matches!(world.issue::<Quarterly>(), Err(AuthorityError::KeyUseEnded { .. })));
    assert!(matches!(world.crls::<Quarterly>(Duration::days(90)), Err(AuthorityError::NobodySigns)));
}

#[test]
fn the_last_series_within_the_key_use_reaches_the_end_of_what_was_issued() {
    let mut world = World::new("jp-004");
    world.first_root();
    world.now = utc_datetime!(2031-11-30 1:00:00);
    let signer = world.issue::<Quarterly>().unwrap();
    let batch = world.crls::<Quarterly>(Duration::days(90)).unwrap();
    assert!(batch.crls.last().unwrap().next_update >= signer.certificate.not_after());
    let root = world.authority().state().active_key().unwrap().unwrap().certificate.unwrap();
    assert!(batch.crls.iter().all(|crl| crl.this_update <= root.not_after()));
}

#[test]
fn a_signer_of_another_root_and_a_missing_signer_are_refused() {
    let mut world = World::new("iso-18013-5");
    world.first_root();
    let own = world.signers.remove(0);
    assert!(matches!(
        world.crls::<EmergencyRevoke>(Duration::days(80)),
        Err(AuthorityError::MissingSigner(Generation(1)))
    ));
    world.signers.push(common::TestSigner::new(tegata_pki::Curve::P384));
    assert!(matches!(world.session::<First>().map(|_| ()), Err(AuthorityError::ForeignSigner)));
    world.signers[0] = own;
    world.crls::<EmergencyRevoke>(Duration::days(80)).unwrap();
    let unknown = world.authority().state().key(Generation(9));
    assert!(matches!(unknown, Err(StateError::NoKey { .. })));
    let kinds: Vec<_> = world.authority().state().certificates().unwrap().iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [CertificateKind::SelfSigned]);
}
