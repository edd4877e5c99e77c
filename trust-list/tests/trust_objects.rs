//! Any trust object: told by content, checked with what is at hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use proptest::prelude::*;
use support::{NOW, Party, START, crl, cwt, document_signer, iaca, link, status_signer};
use tegata_pki::{Certificate, Curve, rust_crypto};
use tegata_trust_list::trust_object::{
    Given, GivenSigner, LinkDirection, LinkError, TrustObjectError, TrustObjectKind, TrustReport, Verdict, check,
    check_link, recognise,
};
use tegata_trust_list::{Bits, Compression, IdentifierList, StatusArray, StatusList, StatusValue};
use time::{Duration, UtcDateTime};

const NOTHING: Given<'_> = Given { signer: None, root: None, roots: None, index: None, at: NOW };

fn report(bytes: &[u8], given: &Given<'_>) -> TrustReport {
    check(&recognise(bytes).unwrap(), given, rust_crypto())
}

fn cause(report: &TrustReport) -> &'static str {
    report.cause.as_ref().map_or("", |cause| cause.id)
}

#[test]
fn a_link_is_valid_between_its_roots_in_either_direction() {
    // The name may stay or change.
    for new_name in ["Utopia IACA", "Utopia IACA 2"] {
        let (old, new) = (iaca("Utopia IACA"), iaca(new_name));
        let (forward, backward) = (link(&old, &new, 400), link(&new, &old, 400));
        let linked = |link: &Certificate, at| check_link(link, &old.certificate, &new.certificate, at, rust_crypto());
        let (direction, findings) = linked(&forward, NOW).unwrap();
        assert_eq!((direction, findings), (LinkDirection::NewWithOld, Vec::new()));
        assert_eq!(linked(&backward, NOW).unwrap().0, LinkDirection::OldWithNew);
        let late = linked(&forward, START + Duration::days(401)).unwrap_err();
        assert!(matches!(late, LinkError::Link(_)), "{late:?}");

        let roots = Some((&old.certificate, &new.certificate));
        let valid = report(forward.der(), &Given { roots, ..NOTHING });
        assert_eq!((valid.facts.kind, valid.verdict), (TrustObjectKind::Link, Verdict::Valid));
        let alone = report(forward.to_pem().as_bytes(), &NOTHING);
        assert_eq!((alone.verdict, cause(&alone)), (Verdict::Undetermined, "no-roots-given"));
    }
}

#[test]
fn a_link_of_a_stranger_or_to_a_stranger_is_refused() {
    let (old, new, stranger) = (iaca("Utopia IACA"), iaca("Utopia IACA"), iaca("Utopia IACA"));
    let judge = |link: &Certificate, old: &Party, new: &Party| {
        check_link(link, &old.certificate, &new.certificate, NOW, rust_crypto()).unwrap_err().id()
    };
    // The name is right, the key is not.
    assert_eq!(judge(&link(&stranger, &new, 400), &old, &new), "link-signature");
    assert_eq!(judge(&link(&old, &stranger, 400), &old, &new), "link-foreign-key");
    let renamed = Party { key: iaca("x").key, certificate: iaca("Elsewhere").certificate };
    assert_eq!(judge(&link(&old, &new, 400), &renamed, &new), "link-issuer");
}

#[test]
fn a_root_and_a_signer_are_told_apart() {
    let root = iaca("Utopia IACA");
    let ds = document_signer(&root, "Utopia DS");
    let other = iaca("Other IACA");
    let with = |root| Given { root: Some(root), ..NOTHING };
    let own = report(root.certificate.der(), &with(&root.certificate));
    assert_eq!((own.facts.kind, own.verdict), (TrustObjectKind::Root, Verdict::Valid));
    assert_eq!(cause(&report(root.certificate.der(), &NOTHING)), "no-root-given");
    assert_eq!(cause(&report(root.certificate.der(), &with(&other.certificate))), "root-is-another");
    let leaf = report(ds.certificate.der(), &with(&root.certificate));
    assert_eq!((leaf.facts.kind, leaf.verdict), (TrustObjectKind::Certificate, Verdict::Valid));
    assert_eq!(report(ds.certificate.der(), &with(&other.certificate)).verdict, Verdict::Invalid);
    assert_eq!(report(ds.certificate.der(), &NOTHING).verdict, Verdict::Undetermined);
    let late = Given { at: ds.certificate.not_after() + Duration::SECOND, ..with(&root.certificate) };
    assert_eq!(cause(&report(ds.certificate.der(), &late)), "path-expired");
}

#[test]
fn a_crl_is_judged_by_its_issuer_and_its_dates() {
    let root = iaca("Utopia IACA");
    let namesake = iaca("Utopia IACA");
    let ds = document_signer(&root, "Utopia DS");
    let list = crl(&root, 7, NOW - Duration::DAY, &[&ds.certificate]);
    let at = |root, at: UtcDateTime| Given { root: Some(root), at, ..NOTHING };
    let valid = report(&list, &at(&root.certificate, NOW));
    assert_eq!((valid.verdict, valid.facts.entry_count), (Verdict::Valid, Some(1)), "{:?}", valid.cause);
    let signer = Some(GivenSigner::Certificate(&root.certificate));
    assert_eq!(report(&list, &Given { signer, ..NOTHING }).verdict, Verdict::Valid);
    assert_eq!(report(&list, &at(&namesake.certificate, NOW)).verdict, Verdict::Invalid);
    assert_eq!(cause(&report(&list, &at(&ds.certificate, NOW))), "crl-issuer");
    assert_eq!(cause(&report(&list, &at(&root.certificate, NOW - Duration::days(2)))), "crl-not-yet-valid");
    let stale = report(&list, &at(&root.certificate, NOW + Duration::days(30)));
    assert_eq!((stale.verdict, cause(&stale)), (Verdict::Undetermined, "crl-stale"));
    assert_eq!(cause(&report(&list, &NOTHING)), "no-signer-given");
    let key = Some(GivenSigner::Key(root.key.public_key()));
    assert_eq!(cause(&report(&list, &Given { signer: key, ..NOTHING })), "crl-needs-certificate");
}

#[test]
fn lists_are_judged_under_their_root_and_answer_for_an_index() {
    let (root, stranger) = (iaca("Utopia IACA"), iaca("Stranger"));
    let signer = status_signer(&root, Curve::P256);
    let mut array = StatusArray::new(Bits::Two, 64);
    array.set(5, StatusValue::Suspended).unwrap();
    let list = cwt(StatusList::compress(&array, Compression::Small), &signer);
    let given = Given { root: Some(&root.certificate), index: Some(5), ..NOTHING };
    let valid = report(&list, &given);
    assert_eq!((valid.verdict, valid.facts.entry_count), (Verdict::Valid, Some(64)));
    assert_eq!(valid.status.unwrap().value, StatusValue::Suspended);
    let certificate = Some(GivenSigner::Certificate(&signer.certificate));
    assert_eq!(report(&list, &Given { signer: certificate, ..NOTHING }).verdict, Verdict::Valid);
    let foreign = report(&list, &Given { root: Some(&stranger.certificate), ..given });
    assert_eq!((foreign.verdict, cause(&foreign)), (Verdict::Invalid, "status-foreign-signer"));
    let unknown = report(&list, &NOTHING);
    assert_eq!((unknown.verdict, cause(&unknown)), (Verdict::Undetermined, "no-signer-given"));
    let beyond = report(&list, &Given { index: Some(64), ..given });
    assert_eq!((beyond.verdict, beyond.status), (Verdict::Undetermined, None));

    let identifiers = cwt(IdentifierList::new([vec![1, 2], vec![3]]), &signer);
    let valid = report(&identifiers, &Given { root: Some(&root.certificate), ..NOTHING });
    assert_eq!((valid.facts.kind, valid.verdict), (TrustObjectKind::IdentifierList, Verdict::Valid));
    assert_eq!(valid.facts.entry_count, Some(2));
}

#[test]
fn metadata_is_recognised_and_other_files_are_not() {
    let metadata = report(&[0xd8, 98, 0x84, 0x40, 0xa0, 0x40, 0x80], &NOTHING);
    assert_eq!((metadata.facts.kind, metadata.verdict), (TrustObjectKind::Metadata, Verdict::Undetermined));
    for bytes in [&b""[..], b"<html></html>", b"{}", b"eyJhbGciOiJFUzI1NiJ9.e30.AA", &[0; 64], b"-----BEGIN X-----"] {
        assert_eq!(recognise(bytes).unwrap_err(), TrustObjectError::Unknown);
    }
    // A download that broke off is told as one.
    assert_eq!(recognise(&[0x30, 0x82, 1, 0]).unwrap_err().id(), "crl-truncated");
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(object) = recognise(&bytes) {
            prop_assert_ne!(check(&object, &NOTHING, rust_crypto()).verdict, Verdict::Valid);
        }
    }
}
