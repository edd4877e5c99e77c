//! Five and a half years of quarterly ceremonies, with a rollover on the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::collections::BTreeSet;

use common::{START, World, openssl_verify, rng};
use tegata_root_ca::{
    CertificateKind, CertificateRecord, CrlRecord, Generation, KeyStatus, Span,
    rollover::{check, plan},
    session::{First, Quarterly, RootRekey},
};
use time::{Duration, UtcDateTime};

/// Months after the first ceremony.
fn month(months: u16) -> UtcDateTime {
    if months == 0 { START } else { Span::months(months).after(START) }
}

#[test]
fn no_instant_is_without_signer_or_list() {
    let mut world = World::new("jp-004");
    let chart = plan(START, &world.policy);
    assert_eq!(check(&chart, &world.policy), []);
    let old = world.first_root();
    let mut new = None;
    let mut lists: Vec<CrlRecord> = Vec::new();
    for quarter in 0..=22_u16 {
        let months = quarter * 3;
        world.now = month(months);
        let now = world.now;
        if now == chart.rekey {
            let generation = world.new_key();
            world.session::<RootRekey>().unwrap().self_sign(generation, &mut rng()).unwrap();
            world.session::<RootRekey>().unwrap().link(old, generation, &mut rng()).unwrap();
            new = Some(generation);
        }
        if now == chart.switch {
            world.activate(new.unwrap());
        }
        let retiring = world.authority().state().key(old).unwrap().status == KeyStatus::Retiring;
        if retiring && chart.certificates.iter().all(|planned| planned.validity.until < now) {
            world.authority().retire_key(old, now).unwrap();
        }
        if quarter == 0 {
            world.issue::<First>().unwrap()
        } else {
            world.issue::<Quarterly>().unwrap()
        };
        let next = month(months + 3) - now;
        let batch = world.crls::<Quarterly>(next).unwrap();
        lists.retain(|list| !batch.destroyed.iter().any(|gone| gone.number == list.number && list.this_update > now));
        lists.extend(batch.crls);
    }
    assert_eq!(world.authority().state().key(old).unwrap().status, KeyStatus::Retired);
    examine(&mut world, &lists, month(66));
}

fn examine(world: &mut World, lists: &[CrlRecord], end: UtcDateTime) {
    let numbers: BTreeSet<_> = lists.iter().map(|list| list.number).collect();
    assert_eq!(numbers.len(), lists.len());
    let records = world.authority().state().certificates().unwrap();
    let signers: Vec<&CertificateRecord> =
        records.iter().filter(|record| record.kind == CertificateKind::DocumentSigner).collect();
    let root = |generation: Generation| {
        let own =
            records.iter().find(|record| record.issuer == generation && record.kind == CertificateKind::SelfSigned);
        own.unwrap().certificate.clone()
    };
    let mut instant = START + Duration::HOUR;
    let mut sample = 0_u32;
    while instant < end {
        let valid: Vec<_> = signers
            .iter()
            .filter(|signer| (signer.certificate.not_before()..=signer.certificate.not_after()).contains(&instant))
            .collect();
        assert!((1..=2).contains(&valid.len()), "{} document signers at {instant}", valid.len());
        for signer in valid {
            let fresh = lists.iter().filter(|list| {
                list.issuer == signer.issuer && list.this_update <= instant && instant < list.next_update
            });
            let newest = fresh.max_by_key(|list| list.number).unwrap_or_else(|| panic!("no list at {instant}"));
            if sample.is_multiple_of(97) {
                let der = newest.der.as_ref().unwrap();
                openssl_verify(&signer.certificate, &root(signer.issuer), &[der], instant).unwrap();
            }
        }
        instant += Duration::hours(13);
        sample += 1;
    }
}
