//! What the gate lets in, and what it refuses as a whole.
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
use tegata_manifest::ListedState;
use tegata_pki::{Role, rust_crypto};
use tegata_publisher::{Authorisation, Gate, ImportError, Issuers};
use tegata_trust_list::bundle::{ResponseBundle, SignerRole};
use time::Duration;

#[test]
fn a_first_bundle_is_imported_and_recorded() {
    let mut world = World::new();
    let answer = world.first_answer();
    let imported = world.import_answer(&answer, NOW).unwrap();
    assert_eq!(imported.released.len(), 1);
    let holdings = world.catalogue.holdings();
    let held = &holdings.roots[&world.iaca.digest()];
    assert_eq!(held.state_at(NOW), ListedState::Active);
    assert_eq!(holdings.list_signers.len(), 2);
    assert_eq!(holdings.document_signers[0].serial, world.ds.certificate.serial());
    assert_eq!(holdings.request, None);
    assert_eq!(world.events(), ["request-recorded", "bundle-imported", "crl-released"]);
}

#[test]
fn what_is_held_survives_a_restart() {
    let mut world = World::new();
    let answer = world.first_answer();
    world.import_answer(&answer, NOW).unwrap();
    let before = world.catalogue.holdings().clone();
    let path = world.directory.path().join("catalogue");
    drop(world.catalogue);
    let again = tegata_publisher::Catalogue::open(&path, "dts", actor()).unwrap();
    assert_eq!(*again.holdings(), before);
    let error = tegata_publisher::Catalogue::open(&path, "dts", actor()).unwrap_err();
    assert_eq!(error.id(), "catalogue-locked");
}

/// Every way in which one bundle is refused; nothing changes but the log.
#[test]
fn bundles_are_refused_as_a_whole() {
    let other = root("Other IACA");
    let foreign_ds = issue(Role::DocumentSigner, "Other DS", &other, 400);
    type Spoil<'a> = Box<dyn Fn(&mut World, &mut Answer) + 'a>;
    let cases: Vec<(&str, Spoil<'_>)> = vec![
        ("software-token", Box::new(|_, answer| answer.software_token = true)),
        ("root-not-trusted", Box::new(|world, _| world.authority.root_pins.clear())),
        ("no-issuer", Box::new(|world, _| world.authority.issuers = Issuers::default())),
        ("unauthorised-no-entry", Box::new(|world, _| world.authority.authorisation = Authorisation::default())),
        (
            "unknown-issuer",
            Box::new(|_, answer| {
                answer.signers.push((SignerRole::DocumentSigner, foreign_ds.certificate.der().to_vec()));
            }),
        ),
        (
            "disguised",
            Box::new(|world, answer| {
                answer.signers.push((SignerRole::StatusSigner, world.ds.certificate.der().to_vec()));
            }),
        ),
        (
            "profile",
            Box::new(|world, answer| {
                answer.signers.push((SignerRole::VicalSigner, world.ds.certificate.der().to_vec()));
            }),
        ),
        ("certificate-unreadable", Box::new(|_, answer| answer.roots.push(vec![0x30, 0]))),
        ("crl-unreadable", Box::new(|_, answer| answer.crls.push(vec![0x30, 0]))),
        (
            "unknown-issuer",
            Box::new(|_, answer| {
                answer.crls.push(crl(&other, 1, NOW, Duration::DAY, &[]));
            }),
        ),
        ("no-crl", Box::new(|_, answer| answer.crls.clear())),
        (
            "no-crl-in-effect",
            Box::new(|world, answer| {
                answer.crls = vec![crl(&world.iaca, 10, NOW + Duration::HOUR, Duration::DAY, &[])];
            }),
        ),
        (
            "no-crl-in-effect",
            Box::new(|world, answer| {
                answer.crls = vec![crl(&world.iaca, 10, NOW - Duration::days(5), Duration::DAY, &[])];
            }),
        ),
        (
            "crl-number-not-above",
            Box::new(|world, answer| {
                answer.crls.push(crl(&world.iaca, 10, NOW, Duration::DAY, &[]));
            }),
        ),
        (
            "crl-order",
            Box::new(|world, answer| {
                answer.crls.push(crl(&world.iaca, 11, NOW - Duration::days(2), Duration::DAY, &[]));
            }),
        ),
        (
            "crl-entry-date",
            Box::new(|world, answer| {
                answer.crls = vec![crl(&world.iaca, 10, NOW, Duration::DAY, &[(&[1, 2], NOW + Duration::DAY)])];
            }),
        ),
        (
            "profile",
            Box::new(|world, answer| {
                answer.crls = vec![crl(&world.iaca, 10, NOW, Duration::days(91), &[])];
            }),
        ),
        ("link-subject", Box::new(|world, answer| answer.links.push(link(&world.iaca, &other)))),
    ];
    for (expected, spoil) in cases {
        let mut world = World::new();
        let mut answer = world.first_answer();
        spoil(&mut world, &mut answer);
        let bundle = world.bundle(&answer, NOW);
        let before = (world.catalogue.holdings().clone(), world.catalogue.revision());
        let Err(ImportError::Refused(refusals)) = world.import(&bundle, NOW) else { panic!("{expected}") };
        assert!(ids(&refusals).contains(&expected), "{expected}: {refusals:?}");
        assert!(refusals.iter().all(|refusal| !refusal.remedy().is_empty() && !refusal.remedy_ja().is_empty()));
        assert_eq!((world.catalogue.holdings().clone(), world.catalogue.revision()), before, "{expected}");
        assert_eq!(world.events().last().unwrap(), "bundle-refused");
    }
}

#[test]
fn signatures_by_others_are_refused() {
    // The certificate names the root, but somebody else has signed it.
    let mut world = World::new();
    let mut answer = world.first_answer();
    let der = world.status_signer.certificate.der().to_vec();
    let mut spoilt = der.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    answer.signers[1].1 = spoilt;
    assert_eq!(world.refusal(&answer, NOW), ["object-signature"]);
    // The same of a list.
    let mut answer = world.first_answer();
    *answer.crls[0].last_mut().unwrap() ^= 1;
    let refusals = world.refusal(&answer, NOW);
    assert!(refusals.contains(&"object-signature"), "{refusals:?}");
    // And of the root itself.
    let mut answer = world.first_answer();
    *answer.roots[0].last_mut().unwrap() ^= 1;
    assert!(world.refusal(&answer, NOW).contains(&"object-signature"));
}

#[test]
fn all_reasons_are_told_at_once() {
    let mut world = World::new();
    world.authority.authorisation = Authorisation::default();
    let mut answer = world.first_answer();
    answer.software_token = true;
    answer.crls.push(crl(&world.iaca, 9, NOW, Duration::DAY, &[]));
    let refusals = world.refusal(&answer, NOW);
    assert_eq!(refusals, ["software-token", "unauthorised-no-entry", "crl-number-not-above"]);
}

#[test]
fn a_sandbox_takes_a_software_token() {
    let mut world = World::new();
    world.authority.sandbox = true;
    let answer = Answer { software_token: true, ..world.first_answer() };
    world.import_answer(&answer, NOW).unwrap();
}

#[test]
fn a_bundle_answers_the_request_that_waits() {
    let mut world = World::new();
    let answer = world.first_answer();
    let unasked = {
        let mut response = world.response(&answer, NOW);
        response.request_digest = [1; 32];
        world.offline.sign(&response)
    };
    let Err(ImportError::Refused(refusals)) = world.import(&unasked, NOW) else { panic!() };
    assert_eq!(ids(&refusals), ["bundle-other-request"]);

    let bundle = world.bundle(&answer, NOW);
    world.import(&bundle, NOW).unwrap();
    // Once more: nothing waits.
    let Err(ImportError::Refused(refusals)) = world.import(&bundle, NOW) else { panic!() };
    assert!(ids(&refusals).contains(&"no-request"));
    assert!(ids(&refusals).contains(&"checkpoint-not-advanced"));

    // Another one's signature.
    let stranger = key();
    let response =
        world.response(&Answer { crls: vec![crl(&world.iaca, 11, NOW, Duration::DAY, &[])], ..Answer::default() }, NOW);
    let prepared = response.prepare(stranger.public_key()).unwrap();
    let signature = stranger.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    let forged = prepared.complete(&signature, rust_crypto()).unwrap();
    let Err(ImportError::Refused(refusals)) = world.import(&forged, NOW) else { panic!() };
    assert_eq!(ids(&refusals), ["bundle-wrong-signer"]);
}

#[test]
fn the_log_of_the_root_only_grows() {
    let mut world = World::new();
    let answer = world.first_answer();
    let first = world.response(&answer, NOW);
    let checkpoint = first.checkpoint.clone();
    let bundle = world.offline.sign(&first);
    world.import(&bundle, NOW).unwrap();
    let next = Answer { crls: vec![crl(&world.iaca, 11, NOW, Duration::DAY, &[])], ..Answer::default() };
    let response = ResponseBundle { checkpoint, ..world.response(&next, NOW) };
    let bundle = world.offline.sign(&response);
    let Err(ImportError::Refused(refusals)) = world.import(&bundle, NOW) else { panic!() };
    assert_eq!(ids(&refusals), ["checkpoint-not-advanced"]);

    // A log of the same name and another key.
    let checkpoint = Offline::new().checkpoint(NOW);
    let response = ResponseBundle { checkpoint, ..world.response(&next, NOW) };
    let bundle = world.offline.sign(&response);
    let Err(ImportError::Refused(refusals)) = world.import(&bundle, NOW) else { panic!() };
    assert_eq!(ids(&refusals), ["checkpoint-not-signed"]);
}

#[test]
fn a_link_from_a_held_root_vouches_for_a_new_one() {
    let mut world = World::ready();
    let new = root("Utopia IACA 2");
    let rows = allow(world.iaca.digest()) + &allow(new.digest());
    world.authority.authorisation = Authorisation::from_toml(&rows).unwrap();
    let rows = issuer_row(world.iaca.digest()) + &issuer_row(new.digest());
    world.authority.issuers = Issuers::from_toml(&rows).unwrap();
    let answer = Answer {
        roots: vec![new.certificate.der().to_vec()],
        links: vec![link(&new, &world.iaca)],
        crls: vec![crl(&new, 1, NOW, Duration::days(30), &[])],
        ..Answer::default()
    };
    // The new one certifying the old one says nothing about the new one.
    assert_eq!(world.refusal(&answer, NOW), ["root-not-trusted"]);

    let links = vec![link(&world.iaca, &new), link(&new, &world.iaca)];
    world.import_answer(&Answer { links, ..answer }, NOW).unwrap();
    let held = &world.catalogue.holdings().roots[&new.digest()];
    assert_eq!(held.state_at(NOW), ListedState::Announced);
    assert_eq!(held.state_at(NOW + Duration::days(30)), ListedState::Active);
    let names: Vec<String> = world.catalogue.holdings().links.iter().map(|link| link.name()).collect();
    assert_eq!(names[0], format!("{}-{}", world.iaca.ski(), new.ski()));
    assert_eq!(names[1], format!("{}-{}", new.ski(), world.iaca.ski()));
}

#[test]
fn a_revoked_root_vouches_for_nobody_but_its_lists_go_on() {
    let mut world = World::ready();
    world.catalogue.revoke_root(world.iaca.digest(), NOW).unwrap();
    let new = root("Utopia IACA 2");
    world.authority.authorisation = Authorisation::from_toml(&allow(new.digest())).unwrap();
    world.authority.issuers = Issuers::from_toml(&issuer_row(new.digest())).unwrap();
    let answer = Answer {
        roots: vec![new.certificate.der().to_vec()],
        links: vec![link(&world.iaca, &new)],
        crls: vec![crl(&new, 1, NOW, Duration::days(30), &[])],
        ..Answer::default()
    };
    assert_eq!(world.refusal(&answer, NOW), ["root-not-trusted", "issuer-out-of-use"]);
    let serial = world.ds.certificate.serial().to_vec();
    let last = crl(&world.iaca, 11, NOW, Duration::days(30), &[(&serial, NOW)]);
    world.import_answer(&Answer { crls: vec![last], ..Answer::default() }, NOW).unwrap();
    assert_eq!(world.catalogue.revoke_root(world.iaca.digest(), NOW).unwrap_err().id(), "catalogue-dates");
}

#[test]
fn a_revocation_does_not_vanish() {
    let mut world = World::ready();
    let serial = world.ds.certificate.serial().to_vec();
    let revoking = crl(&world.iaca, 11, NOW, Duration::days(30), &[(&serial, NOW)]);
    world.import_answer(&Answer { crls: vec![revoking], ..Answer::default() }, NOW).unwrap();
    let forgetting =
        Answer { crls: vec![crl(&world.iaca, 12, NOW + Duration::HOUR, Duration::days(30), &[])], ..Answer::default() };
    assert_eq!(world.refusal(&forgetting, NOW + Duration::HOUR), ["crl-entry-vanished"]);
    // When the certificate has ended it may go.
    let later = world.ds.certificate.not_after() + Duration::DAY;
    let after = Answer { crls: vec![crl(&world.iaca, 12, later, Duration::days(30), &[])], ..Answer::default() };
    world.import_answer(&after, later).unwrap();
}

#[test]
fn an_authorisation_ends_with_its_review() {
    let mut world = World::new();
    let answer = world.first_answer();
    let late = time::macros::utc_datetime!(2027-01-01 0:00);
    let answer = Answer { crls: vec![crl(&world.iaca, 10, late, Duration::days(30), &[])], ..answer };
    assert_eq!(world.refusal(&answer, late), ["unauthorised-review-due"]);
}

#[test]
fn a_plan_is_of_one_state() {
    let mut world = World::new();
    let answer = world.first_answer();
    let bundle = world.bundle(&answer, NOW);
    let plan = Gate::new(rust_crypto()).import(&bundle, &world.authority, &world.catalogue, NOW).unwrap();
    assert_eq!(plan.crls().len(), 1);
    let _ = world.bundle(&answer, NOW);
    assert_eq!(world.catalogue.apply(&plan, NOW).unwrap_err().id(), "catalogue-changed");
}

#[test]
fn the_clock_does_not_go_back() {
    let mut world = World::ready();
    let error = world.catalogue.release(NOW - Duration::days(1)).map(|_| ());
    // Nothing is due then: nothing is changed.
    assert!(error.is_ok());
    let error = world.catalogue.revoke_root(world.iaca.digest(), NOW - Duration::DAY).unwrap_err();
    assert_eq!(error.id(), "catalogue-clock-back");
}
