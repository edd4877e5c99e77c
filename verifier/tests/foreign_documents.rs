//! Responses made with other software, with one deviation each that is met in the field. All have throw-away keys and are in
//! `tests/foreign`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::path::Path;

use serde_json::Value as Json;
use tegata_verifier::simple::Request;
use tegata_verifier::{Lang, Policy, Revocation, json};
use time::macros::utc_datetime;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(name)).unwrap()
}

/// Verdict, primary check, and all outcomes that are neither passed nor not run.
fn judged(name: &str, root: &str, policy: Policy) -> (String, String, Vec<String>) {
    let policy = policy.with_revocation(Revocation::DangerousOff);
    let mut request = Request::new(file(&format!("{name}.cbor")), policy, utc_datetime!(2026-11-22 0:00));
    for root in [root, "root-2.pem"] {
        request.trust(&file(root)).unwrap();
    }
    request.transcript(file("transcript.cbor")).unwrap();
    let report = json::report(&request.verify().unwrap(), Lang::En);
    let document = &report["documents"][0];
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let checks = document["checks"].as_array().unwrap().iter();
    let deviating = checks.filter(|check| !["pass", "not-run"].contains(&check["outcome"].as_str().unwrap()));
    let deviating =
        deviating.map(|check| format!("{} {} {}", text(&check["id"]), text(&check["outcome"]), text(&check["cause"])));
    (text(&document["verdict"]), text(&document["primary"]), deviating.collect())
}

fn assert_tolerated(name: &str, check: &str, cause: &str) {
    let (verdict, _, deviating) = judged(name, "root.pem", Policy::interop());
    assert_eq!(verdict, "accepted", "{name}: {deviating:?}");
    assert!(deviating.contains(&format!("{check} warn {cause}")), "{name}: {deviating:?}");
    let (verdict, _, deviating) = judged(name, "root.pem", Policy::strict());
    assert_eq!(verdict, "rejected", "{name}: {deviating:?}");
    assert!(deviating.contains(&format!("{check} fail {cause}")), "{name}: {deviating:?}");
}

fn assert_accepted(name: &str) {
    for policy in [Policy::interop(), Policy::strict()] {
        let (verdict, _, deviating) = judged(name, "root.pem", policy);
        assert_eq!(verdict, "accepted", "{name}: {deviating:?}");
    }
}

fn assert_rejected(name: &str, check: &str) {
    for policy in [Policy::interop(), Policy::strict()] {
        let (verdict, primary, deviating) = judged(name, "root.pem", policy);
        assert_eq!((verdict.as_str(), primary.as_str()), ("rejected", check), "{name}: {deviating:?}");
    }
}

/// Production roots write `AK` as well as `US-AK`, test roots `ut` as well as `UT`.
#[test]
fn names_of_countries_and_states_may_differ_in_form_and_not_in_meaning() {
    assert_accepted("plain");
    for name in ["country-in-lower-case", "element-in-lower-case", "state-without-country"] {
        assert_tolerated(name, "issuing-country", "name-mismatch");
    }
    assert_tolerated("country-in-lower-case", "ds-country", "name-mismatch");
    assert_tolerated("state-without-country", "ds-country", "name-mismatch");
    assert_rejected("another-state", "issuing-country");
}

#[test]
fn authorizations_that_authorise_nothing_are_harmless_unless_the_device_signs() {
    assert_tolerated("empty-authorizations", "key-authorizations", "contradictory-authorizations");
    assert_rejected("empty-authorizations-used", "key-authorizations");
}

/// Serialisers of some wallets write every optional member.
#[test]
fn null_in_the_place_of_an_optional_member_means_that_it_is_absent() {
    for name in ["null-errors", "null-authorizations", "null-elements"] {
        assert_tolerated(name, "encoding", "null-for-absent");
    }
    assert_rejected("null-device-signed", "device-signed");
    let accepted = judged("null-document-errors", "root.pem", Policy::interop()).0;
    assert_eq!(accepted, "accepted");
}

/// RFC 3339 5.6 allows a space for people to read; the standard has `T`.
#[test]
fn a_date_with_a_space_is_noted() {
    assert_tolerated("date-with-space", "encoding", "date-offset");
}

#[test]
fn a_thumbprint_counts_with_any_hash_of_the_family() {
    for hash in ["sha384", "sha512"] {
        assert_accepted(&format!("thumbprint-{hash}"));
        assert_rejected(&format!("thumbprint-{hash}-of-another"), "ds-thumbprint");
    }
}

/// Issuers in the field have roots of Ed25519; the standard has ECDSA.
#[test]
fn a_root_of_ed25519_is_tolerated_and_named() {
    let (verdict, _, deviating) = judged("under-ed25519-root", "root-ed25519.pem", Policy::interop());
    assert_eq!((verdict.as_str(), deviating), ("accepted", vec!["ds-profile warn X-04".to_owned()]));
    let (verdict, primary, _) = judged("under-ed25519-root", "root-ed25519.pem", Policy::strict());
    assert_eq!((verdict.as_str(), primary.as_str()), ("rejected", "ds-profile"));
}
