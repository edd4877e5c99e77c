//! The twelve ways to renew a CA certificate, with real certificates and lists.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use common::{key, rng};
use tegata_pki::{
    Certificate, CertificateRequest, Contact, CrlBuilder, CrlInput, CrlNumber, CrlStatus, Curve, Edition, Name,
    OwnedCrl, PathInput, Role, check_crl, oid, profile, rust_crypto, software::InsecureSoftwareKey, validate_path,
};
use tegata_root_ca::rollover::{CaUpdate, CrlChoice, Fate, Renewal};
use time::{Duration, UtcDateTime, macros::utc_datetime};

const START: UtcDateTime = utc_datetime!(2027-01-01 0:00);

struct Ca {
    key: InsecureSoftwareKey,
    root: Certificate,
}

fn name(common_name: &str) -> Name {
    Name::from_attributes(&[(oid::COUNTRY, "UT"), (oid::COMMON_NAME, common_name)]).unwrap()
}

fn certify(
    role: Role,
    subject: &str,
    subject_key: &InsecureSoftwareKey,
    issuer: (Option<&Certificate>, &InsecureSoftwareKey),
    (from, days): (UtcDateTime, i64),
) -> Certificate {
    let period = (from, from + Duration::days(days));
    let (profile, public) = (profile(role, Edition::Iso18013_5), subject_key.public_key().clone());
    let request = CertificateRequest::new(profile, name(subject), public, issuer.0, period, &mut rng());
    let request = request.contact(Contact::Uri("https://iaca.example".into())).crl_uri("https://iaca.example/crl");
    let unsigned = request.build().unwrap();
    let signature = issuer.1.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(issuer.1.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

fn list(ca: &Ca, number: u64, at: UtcDateTime, revoked: &[&Certificate]) -> OwnedCrl {
    let builder = CrlBuilder::new(&ca.root, CrlNumber::from(number), at, at + Duration::days(30));
    let builder = revoked.iter().fold(builder, |builder, leaf| builder.revoke(leaf.serial(), at, None));
    let unsigned = builder.build().unwrap();
    let signature = ca.key.sign(unsigned.algorithm(), unsigned.tbs()).unwrap().to_der(ca.key.curve());
    unsigned.complete(&signature, rust_crypto()).unwrap()
}

/// The anchor under which a certificate is valid.
fn anchor<'a>(leaf: &Certificate, trusted: &'a [Certificate], at: UtcDateTime) -> Option<&'a Certificate> {
    trusted.iter().find(|root| validate_path(&PathInput::new(leaf, root, at), rust_crypto()).is_ok())
}

#[test]
fn our_verifier_agrees_with_the_assessment_in_all_twelve_cases() {
    let cases = CaUpdate::cases();
    assert_eq!(cases.len(), 12);
    assert_eq!(cases.iter().filter(|case| case.works_everywhere()).count(), 1);
    for case in cases {
        let at = match case.renewal {
            Renewal::Early => START + Duration::days(300),
            // The old certificate has just ended; what it issued on its last days has not.
            Renewal::AtExpiry => START + Duration::days(401),
        };
        let scalar = key(Curve::P256).to_pkcs8_pem();
        let old_key = || InsecureSoftwareKey::from_pkcs8_pem(&scalar).unwrap();
        let root = certify(Role::Iaca, "IACA", &old_key(), (None, &old_key()), (START, 400));
        let old = Ca { key: old_key(), root };
        run(case, &old, old_key, at);
    }
}

fn run(case: CaUpdate, old: &Ca, old_key: impl Fn() -> InsecureSoftwareKey, at: UtcDateTime) {
    let new_key = if case.new_key { key(Curve::P256) } else { old_key() };
    let subject = if case.new_name { "IACA 2" } else { "IACA" };
    let root = certify(Role::Iaca, subject, &new_key, (None, &new_key), (at - Duration::DAY, 400));
    let new = Ca { key: new_key, root };
    // The leaf of the old CA outlives it in the case at expiry: what the planner forbids and the old practice did.
    let old_leaf =
        certify(Role::Reader, "leaf", &key(Curve::P256), (Some(&old.root), &old.key), (at - Duration::days(60), 120));
    let new_leaf = certify(Role::Reader, "leaf", &key(Curve::P256), (Some(&new.root), &new.key), (at, 60));
    let trusted: Vec<_> =
        if case.old_destroyed { vec![new.root.clone()] } else { vec![old.root.clone(), new.root.clone()] };

    let assessment = case.assess();
    let expected = match assessment.old_certificates {
        Fate::UnderOld => Some(&old.root),
        Fate::UnderNew => Some(&new.root),
        Fate::Lost => None,
    };
    assert_eq!(anchor(&old_leaf, &trusted, at), expected, "{case:?}");
    assert_eq!(anchor(&new_leaf, std::slice::from_ref(&new.root), at), Some(&new.root), "{case:?}");
    assert!(anchor(&new_leaf, &trusted, at).is_some(), "{case:?}");

    // Both lists in both orders. A list names every revoked certificate of its issuer name.
    let of_both = if case.new_name { None } else { Some(&old_leaf) };
    let old_list = list(old, 7, at, &[&old_leaf]);
    let new_list = list(&new, 8, at, &[Some(&new_leaf), of_both].into_iter().flatten().collect::<Vec<_>>());
    let other = certify(Role::Reader, "other", &key(Curve::P256), (Some(&new.root), &new.key), (at, 60));
    for lists in [[old_list.clone(), new_list.clone()], [new_list.clone(), old_list.clone()]] {
        let status = |leaf: &Certificate, issuer: &Certificate| {
            check_crl(leaf, issuer, &lists, &CrlInput::new(at), rust_crypto())
        };
        let revoked = |status: CrlStatus| matches!(status, CrlStatus::Revoked { .. });
        assert!(revoked(status(&new_leaf, &new.root)), "{case:?}");
        assert!(revoked(status(&old_leaf, &old.root)), "{case:?}");
        assert!(matches!(status(&other, &new.root), CrlStatus::Good { .. }), "{case:?}");
    }
    // One name, two keys: the list that the name finds first may be the wrong one.
    let one_name = old_list.issuer() == new_list.issuer();
    let two_keys = old_list.authority_key_identifier() != new_list.authority_key_identifier();
    assert_eq!(assessment.crl_choice == CrlChoice::ByKey, one_name && two_keys, "{case:?}");
}
