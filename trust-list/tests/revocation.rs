//! The four-valued status of certificates and documents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use support::{
    MDL, NOW, PID, Party, START, URI, anchor, chain, crl, cwt, cwt_of, document_signer, finish, iaca, status_signer,
    testdata,
};
use tegata_mdoc::mso::{IdentifierListInfo, Status, StatusListInfo};
use tegata_pki::crl::Undetermined;
use tegata_pki::{CrlNumber, Curve, rust_crypto};
use tegata_trust_list::token::TokenBuilder;
use tegata_trust_list::{
    Bits, Compression, Evidence, EvidenceKind, IdentifierList, MsoQuestion, Purpose, RevocationCheck, RevocationPolicy,
    RevocationStatus, RevokedReason, Scope, StatusArray, StatusList, StatusListError, StatusValue, TrustStoreBuilder,
    UndeterminedCause, certificate_status, mso_status,
};
use time::Duration;

const OTHER_URI: &str = "https://dts.example/identifiers/1";

fn list(bits: Bits, index: u64, value: StatusValue) -> StatusList {
    let mut array = StatusArray::new(bits, 64);
    array.set(index, value).unwrap();
    StatusList::compress(&array, Compression::Small)
}

fn at_index(index: u64) -> Status<'static> {
    Status { status_list: Some(StatusListInfo { index, uri: URI, certificate: None }), identifier_list: None }
}

fn ask(status: &Status<'_>, issuer: &Party, doc_type: &str, evidence: &Evidence) -> RevocationStatus {
    let policy = RevocationPolicy::interop();
    let check = RevocationCheck { evidence, trust: None, policy: &policy, at: NOW, provider: rust_crypto() };
    mso_status(&question(Some(status), issuer, doc_type), &check)
}

/// A document whose status does not depend on its key or signer.
fn question<'a>(status: Option<&'a Status<'a>>, issuer: &'a Party, doc_type: &'a str) -> MsoQuestion<'a> {
    let document_signer = &issuer.certificate;
    MsoQuestion { status, device_key: None, doc_type, document_signer, issuer: &issuer.certificate }
}

fn evidence(tokens: &[Vec<u8>]) -> Evidence {
    let mut evidence = Evidence::new();
    for token in tokens {
        evidence.lists.add(token, NOW - Duration::minutes(30)).unwrap();
    }
    evidence
}

#[test]
fn absent_status_is_not_applicable_and_absent_list_is_undetermined() {
    let root = iaca("Utopia IACA");
    let (evidence, policy) = (Evidence::new(), RevocationPolicy::strict());
    let check = RevocationCheck { evidence: &evidence, trust: None, policy: &policy, at: NOW, provider: rust_crypto() };
    assert_eq!(mso_status(&question(None, &root, MDL), &check), RevocationStatus::NotApplicable);
    let no_list = RevocationStatus::Undetermined(UndeterminedCause::NoList { uri: URI.to_owned() });
    assert_eq!(ask(&at_index(1), &root, MDL, &evidence), no_list);
    let nothing = RevocationStatus::Undetermined(UndeterminedCause::NoKnownMechanism);
    assert_eq!(ask(&Status::default(), &root, MDL, &evidence), nothing);
}

#[test]
fn each_value_has_its_status() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let of = |value| ask(&at_index(5), &root, PID, &evidence(&[cwt(list(Bits::Four, 5, value), &signer)]));
    let RevocationStatus::Good { evidence: ages } = of(StatusValue::Valid) else { panic!() };
    assert_eq!(ages[0].kind, EvidenceKind::StatusList { uri: URI.to_owned() });
    assert_eq!((ages[0].age, ages[0].fetched_at), (Duration::HOUR, Some(NOW - Duration::minutes(30))));
    for (value, expected) in
        [(StatusValue::Invalid, RevokedReason::Invalid), (StatusValue::Suspended, RevokedReason::Suspended)]
    {
        assert!(matches!(of(value), RevocationStatus::Revoked { reason, .. } if reason == expected));
    }
    for value in [StatusValue::ApplicationSpecific(3), StatusValue::Reserved(7), StatusValue::ApplicationSpecific(12)] {
        let cause = UndeterminedCause::UnknownValue { uri: URI.to_owned(), value: value.number() };
        assert_eq!(of(value), RevocationStatus::Undetermined(cause));
    }
}

#[test]
fn a_driving_licence_needs_one_bit() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let two = evidence(&[cwt(list(Bits::Two, 5, StatusValue::Valid), &signer)]);
    let error = StatusListError::BitsNotAllowed(Bits::Two);
    let cause = UndeterminedCause::InvalidList { uri: URI.to_owned(), error };
    assert_eq!(ask(&at_index(5), &root, MDL, &two), RevocationStatus::Undetermined(cause));
    assert_eq!(ask(&at_index(5), &root, PID, &two).id(), "good");
    let one = evidence(&[cwt(list(Bits::One, 5, StatusValue::Invalid), &signer)]);
    assert_eq!(ask(&at_index(5), &root, MDL, &one).id(), "revoked");
    assert_eq!(ask(&at_index(4), &root, MDL, &one).id(), "good");
    assert_eq!(ask(&at_index(64), &root, MDL, &one).id(), "undetermined");
}

#[test]
fn the_latest_authentic_list_decides_and_an_old_one_does_not_come_back() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let good = cwt_of(list(Bits::One, 5, StatusValue::Valid), &signer, NOW - Duration::hours(3));
    let revoked = cwt_of(list(Bits::One, 5, StatusValue::Invalid), &signer, NOW - Duration::HOUR);
    assert_eq!(ask(&at_index(5), &root, MDL, &evidence(&[good.clone(), revoked.clone()])).id(), "revoked");
    assert_eq!(ask(&at_index(5), &root, MDL, &evidence(&[revoked, good.clone()])).id(), "revoked");

    // A list of somebody else's for the same subject neither answers nor hides the authentic one.
    let foreign = cwt(list(Bits::One, 5, StatusValue::Invalid), &status_signer(&iaca("Other IACA"), Curve::P256));
    assert_eq!(ask(&at_index(5), &root, MDL, &evidence(&[foreign.clone(), good.clone()])).id(), "good");
    assert!(matches!(
        ask(&at_index(5), &root, MDL, &evidence(&[foreign])),
        RevocationStatus::Undetermined(UndeterminedCause::InvalidList { error: StatusListError::ForeignSigner(_), .. })
    ));

    let mut remembering = evidence(&[good]);
    remembering.lists.remember(URI, NOW - Duration::HOUR);
    assert!(matches!(
        ask(&at_index(5), &root, MDL, &remembering),
        RevocationStatus::Undetermined(UndeterminedCause::Stale { error: StatusListError::Superseded { .. }, .. })
    ));
}

#[test]
fn an_expired_list_is_stale_and_ttl_only_asks_for_a_newer_one() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let old = cwt_of(list(Bits::One, 5, StatusValue::Valid), &signer, NOW - Duration::days(2));
    assert!(matches!(
        ask(&at_index(5), &root, MDL, &evidence(&[old])),
        RevocationStatus::Undetermined(UndeterminedCause::Stale { error: StatusListError::Expired(_), .. })
    ));
    let issued = NOW - Duration::HOUR;
    let content = list(Bits::One, 5, StatusValue::Valid);
    let builder = TokenBuilder::new(URI, content, issued, issued + Duration::DAY, chain(&signer)).ttl(Duration::MINUTE);
    let token = finish(builder.prepare_cwt().unwrap(), &signer.key);
    let RevocationStatus::Good { evidence: ages } = ask(&at_index(5), &root, MDL, &evidence(&[token])) else {
        panic!()
    };
    assert!(ages[0].refresh_due);
}

#[test]
fn a_revoked_list_signer_says_nothing() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let mut evidence = evidence(&[cwt(list(Bits::One, 5, StatusValue::Valid), &signer)]);
    assert_eq!(ask(&at_index(5), &root, MDL, &evidence).id(), "good");
    evidence.crls.add(&crl(&root, 1, NOW - Duration::DAY, &[&signer.certificate]), NOW).unwrap();
    assert!(matches!(
        ask(&at_index(5), &root, MDL, &evidence),
        RevocationStatus::Undetermined(UndeterminedCause::InvalidList {
            error: StatusListError::SignerRevoked { .. },
            ..
        })
    ));
}

#[test]
fn of_two_mechanisms_revoked_wins() {
    let root = iaca("Utopia IACA");
    let signer = status_signer(&root, Curve::P256);
    let identifiers = |ids: &[&[u8]]| {
        let content = IdentifierList::new(ids.iter().map(|id| id.to_vec()));
        let builder = TokenBuilder::new(OTHER_URI, content, NOW, NOW + Duration::DAY, chain(&signer));
        finish(builder.prepare_cwt().unwrap(), &signer.key)
    };
    let status = Status {
        identifier_list: Some(IdentifierListInfo { id: b"me", uri: OTHER_URI, certificate: None }),
        ..at_index(5)
    };
    let good_bit = cwt(list(Bits::One, 6, StatusValue::Invalid), &signer);
    let bad_bit = cwt(list(Bits::One, 5, StatusValue::Invalid), &signer);
    let of = |tokens: &[Vec<u8>]| ask(&status, &root, MDL, &evidence(tokens));
    let RevocationStatus::Good { evidence: ages } = of(&[good_bit.clone(), identifiers(&[b"you"])]) else { panic!() };
    assert_eq!(ages.len(), 2);
    assert_eq!(of(&[bad_bit.clone(), identifiers(&[])]).id(), "revoked");
    assert_eq!(of(&[bad_bit]).id(), "revoked");
    let listed = of(&[good_bit.clone(), identifiers(&[b"me"])]);
    assert!(matches!(listed, RevocationStatus::Revoked { reason: RevokedReason::Listed, .. }));
    assert_eq!(of(core::slice::from_ref(&good_bit)).id(), "good");
    let foreign = status_signer(&iaca("Other IACA"), Curve::P256);
    let builder = TokenBuilder::new(OTHER_URI, IdentifierList::default(), NOW, NOW + Duration::DAY, chain(&foreign));
    let invalid = finish(builder.prepare_cwt().unwrap(), &foreign.key);
    assert_eq!(of(&[good_bit, invalid]).id(), "undetermined");
    assert_eq!(of(&[]).id(), "undetermined");
}

#[test]
fn the_certificate_of_the_reference_is_the_trust_point() {
    let (root, other) = (iaca("Utopia IACA"), iaca("Status CA"));
    let signer = status_signer(&other, Curve::P256);
    let evidence = evidence(&[cwt(list(Bits::One, 5, StatusValue::Valid), &signer)]);
    let with = |certificate| Status {
        status_list: Some(StatusListInfo { index: 5, uri: URI, certificate: Some(certificate) }),
        identifier_list: None,
    };
    assert_eq!(ask(&with(other.certificate.der()), &root, MDL, &evidence).id(), "good");
    assert_eq!(ask(&with(root.certificate.der()), &root, MDL, &evidence).id(), "undetermined");
    assert!(matches!(
        ask(&with(&[0xaa]), &root, MDL, &evidence),
        RevocationStatus::Undetermined(UndeterminedCause::InvalidList {
            error: StatusListError::ReferenceCertificate(_),
            ..
        })
    ));
    // Without it, an anchor for status of that document type serves, and no other.
    let store = |scope| {
        let entry = anchor(&other.certificate, scope).with_purpose(Purpose::Status);
        TrustStoreBuilder::new().anchor(entry).unwrap().build().unwrap()
    };
    let policy = RevocationPolicy::interop();
    for (scope, expected) in [(Scope::doc_type(MDL), "good"), (Scope::doc_type(PID), "undetermined")] {
        let store = store(scope);
        let check = RevocationCheck {
            evidence: &evidence,
            trust: Some(&store),
            policy: &policy,
            at: NOW,
            provider: rust_crypto(),
        };
        assert_eq!(mso_status(&question(Some(&at_index(5)), &root, MDL), &check).id(), expected);
    }
}

#[test]
fn the_published_mso_status_is_undetermined_without_its_list() {
    let Some(folder) = testdata("status-list") else { return };
    let bytes = std::fs::read(folder.join("mso-status-identifier-list.cbor")).unwrap();
    let (status, _) = tegata_mdoc::cbor::decode::<Status<'_>>(&bytes).unwrap();
    let root = iaca("Utopia IACA");
    let uri = "https://example.com/identifierlists/1".to_owned();
    let expected = RevocationStatus::Undetermined(UndeterminedCause::NoList { uri });
    assert_eq!(ask(status.value(), &root, MDL, &Evidence::new()), expected);
}

#[test]
fn a_certificate_is_good_revoked_or_undetermined() {
    let root = iaca("Utopia IACA");
    let (ds, other) = (document_signer(&root, "DS 1"), document_signer(&root, "DS 2"));
    let policy = RevocationPolicy::strict();
    let of = |evidence: &Evidence, at| {
        let check = RevocationCheck { evidence, trust: None, policy: &policy, at, provider: rust_crypto() };
        certificate_status(&ds.certificate, &root.certificate, &check)
    };
    let mut evidence = Evidence::new();
    let none = RevocationStatus::Undetermined(UndeterminedCause::Crl(Undetermined::NoCrl));
    assert_eq!(of(&evidence, NOW), none);

    evidence.crls.add(&crl(&root, 3, NOW - Duration::DAY, &[&other.certificate]), NOW - Duration::HOUR).unwrap();
    let RevocationStatus::Good { evidence: ages } = of(&evidence, NOW) else { panic!() };
    assert_eq!(ages[0].kind, EvidenceKind::Crl { number: CrlNumber::from_be_bytes(&[3]) });
    assert_eq!((ages[0].age, ages[0].fetched_at), (Duration::DAY, Some(NOW - Duration::HOUR)));
    assert_eq!(of(&evidence, NOW + Duration::days(60)).id(), "undetermined");

    evidence.crls.remember(root.key.public_key(), CrlNumber::from_be_bytes(&[4]).unwrap());
    assert!(matches!(
        of(&evidence, NOW),
        RevocationStatus::Undetermined(UndeterminedCause::Crl(Undetermined::NumberTooLow { .. }))
    ));
    evidence.crls.add(&crl(&root, 5, NOW, &[&ds.certificate]), NOW).unwrap();
    assert!(matches!(
        of(&evidence, NOW),
        RevocationStatus::Revoked { reason: RevokedReason::Certificate(None), since: Some(since), evidence: Some(crl) }
            if since == NOW && crl.issued_at == NOW && crl.kind == EvidenceKind::Crl { number: CrlNumber::from_be_bytes(&[5]) }
    ));
}

#[test]
fn a_superseded_crl_that_is_fresh_does_not_say_good() {
    let root = iaca("Utopia IACA");
    let ds = document_signer(&root, "DS 1");
    let policy = RevocationPolicy::strict();
    let mut evidence = Evidence::new();
    // Number 9 went stale in January; number 2, played back with a later date, is no answer.
    evidence.crls.add(&crl(&root, 9, START, &[]), NOW).unwrap();
    evidence.crls.add(&crl(&root, 2, NOW - Duration::DAY, &[]), NOW).unwrap();
    let check = RevocationCheck { evidence: &evidence, trust: None, policy: &policy, at: NOW, provider: rust_crypto() };
    assert_eq!(certificate_status(&ds.certificate, &root.certificate, &check).id(), "undetermined");

    // A list by somebody with the same name and a high number changes nothing.
    let namesake = iaca("Utopia IACA");
    let mut evidence = Evidence::new();
    evidence.crls.add(&crl(&root, 2, NOW - Duration::DAY, &[]), NOW).unwrap();
    evidence.crls.add(&crl(&namesake, 200, NOW - Duration::DAY, &[&ds.certificate]), NOW).unwrap();
    let check = RevocationCheck { evidence: &evidence, ..check };
    assert_eq!(certificate_status(&ds.certificate, &root.certificate, &check).id(), "good");
}
