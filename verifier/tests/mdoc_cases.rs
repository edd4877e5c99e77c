//! Documents of real issuers and wallets, each with its expected verdict.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod common;

use common::{Case, Trusted, testdata};
use serde_json::Value as Json;
use tegata_verifier::Policy;

/// The verdicts under `strict`, and why they differ from those under `interop`.
const STRICT: &str = include_str!("case-verdicts.json");

fn check_case(name: &str) {
    let Some(case) = Case::open(name) else { return };
    let interop = case.report(Policy::interop(), Trusted::AsTheCaseSays);
    for (index, expected) in case.documents().iter().enumerate() {
        let document = &interop["documents"][index];
        let verdict = match expected["verdict"].as_str().unwrap() {
            "accept" => "accepted",
            "reject" => "rejected",
            other => panic!("{other}"),
        };
        assert_eq!(document["verdict"], verdict, "{name}, document {index}: {document:#}");
        assert_eq!(document["doc_type"], expected["doc_type"]);
        check_reasons(document, expected);
    }
    check_strict(name, &case);
    if case.is_pinned() {
        check_unpinned(name, &case);
    }
}

/// The checks behind the verdict agree with what was found by independent means.
fn check_reasons(document: &Json, expected: &Json) {
    let outcome = |id: &str| {
        let checks = document["checks"].as_array().unwrap();
        let worst = checks.iter().filter(|check| check["id"] == id).map(|check| check["outcome"].as_str().unwrap());
        worst.min_by_key(|outcome| {
            ["fail", "undetermined", "not-run", "warn", "pass"].iter().position(|each| each == outcome)
        })
    };
    if outcome("ds-certificate") == Some("fail") {
        // Two headers with different chains: whose signature that was is nobody's guess.
        assert_eq!(document["verdict"], "rejected");
        return;
    }
    match expected["issuer_signature"].as_str().unwrap() {
        "valid" => assert_eq!(outcome("issuer-signature"), Some("pass"), "{document:#}"),
        "invalid" => assert_eq!(outcome("issuer-signature"), Some("fail")),
        other => panic!("{other}, but the report has a certificate"),
    }
    let bad_digests = expected["digests_bad"].as_array().unwrap().len();
    let known_algorithm = expected["digest_algorithm"].as_str().unwrap().starts_with("SHA-");
    if known_algorithm && outcome("mso-structure") == Some("pass") {
        let failed = document["checks"].as_array().unwrap().iter();
        let failed = failed.filter(|check| check["id"] == "element-digests" && check["outcome"] == "fail").count();
        assert_eq!(failed, bad_digests, "{document:#}");
    }
    match expected["device_auth"].as_str().unwrap() {
        "signature-valid" | "mac-valid" => assert_eq!(outcome("device-auth"), Some("pass"), "{document:#}"),
        "mac-invalid" | "signature-invalid" => assert_eq!(outcome("device-auth"), Some("fail")),
        _ => assert_ne!(outcome("device-auth"), Some("pass")),
    }
}

/// `strict` gives what the case says where it says something, and what the list says everywhere.
fn check_strict(name: &str, case: &Case) {
    let strict = case.report(Policy::strict(), Trusted::AsTheCaseSays);
    let listed: Json = serde_json::from_str(STRICT).unwrap();
    for (index, expected) in case.documents().iter().enumerate() {
        let document = &strict["documents"][index];
        if let Some(verdict) = expected["strict_verdict"].as_str() {
            assert!(verdict.starts_with("reject"), "{verdict}");
            assert_eq!(document["verdict"], "rejected", "{name}");
        }
        let listed = &listed[name][index];
        assert_eq!(document["verdict"], listed["strict"], "{name}, document {index}: {document:#}");
        let deciding: Vec<&str> = document["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| ["fail", "undetermined"].contains(&check["outcome"].as_str().unwrap()))
            .map(|check| check["cause"].as_str().unwrap())
            .collect();
        let reasons: Vec<&str> = listed["because"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut deciding = deciding;
        deciding.sort_unstable();
        deciding.dedup();
        assert_eq!(deciding, reasons, "{name}, document {index}: the listed reasons are not those of the report");
    }
}

/// Without the pin the document is rejected as untrusted, whatever else holds.
fn check_unpinned(name: &str, case: &Case) {
    let report = case.report(Policy::interop(), Trusted::AsAnchorsOnly);
    for document in report["documents"].as_array().unwrap() {
        assert_eq!(document["verdict"], "rejected", "{name}: {document:#}");
        let checks = document["checks"].as_array().unwrap();
        let failed = |id: &str| checks.iter().any(|check| check["id"] == id && check["outcome"] == "fail");
        assert!(failed("ds-trusted") || failed("ds-certificate"), "{document:#}");
        assert!(document.get("claims").is_none());
    }
}

macro_rules! cases {
    ($($test:ident = $folder:literal;)*) => {
        $(#[test] fn $test() { check_case($folder); })*

        #[test]
        fn every_case_is_a_named_test() {
            let Some(testdata) = testdata() else { return };
            let mut folders: Vec<String> = std::fs::read_dir(testdata.join("mdoc-cases")).unwrap()
                .map(Result::unwrap)
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            folders.sort();
            assert_eq!(folders, [$($folder),*]);
        }
    };
}

cases! {
    abhvious_mdl_selfsigned = "abhvious-mdl-selfsigned";
    asit_dcapi_mdl_status = "asit-dcapi-mdl-status";
    auth0_full_disclosure = "auth0-full-disclosure";
    auth0_issuer_only = "auth0-issuer-only";
    auth0_no_x5chain = "auth0-no-x5chain";
    auth0_partial_disclosure = "auth0-partial-disclosure";
    auth0_pid_2023_bad_digests = "auth0-pid-2023-bad-digests";
    bdr_document_selective = "bdr-document-selective";
    bdr_mdl_issuer_signed = "bdr-mdl-issuer-signed";
    bdr_mvc_bad_signature = "bdr-mvc-bad-signature";
    credo_selfsigned_mdl = "credo-selfsigned-mdl";
    digg_selfsigned_kid_dn = "digg-selfsigned-kid-dn";
    eu_av_item_order_15 = "eu-av-item-order-15";
    eu_av_item_order_16 = "eu-av-item-order-16";
    eu_av_item_order_17 = "eu-av-item-order-17";
    eu_av_item_order_18 = "eu-av-item-order-18";
    eu_av_item_order_19 = "eu-av-item-order-19";
    eu_av_item_order_20 = "eu-av-item-order-20";
    eu_av_item_order_21 = "eu-av-item-order-21";
    eu_av_reference_issuer = "eu-av-reference-issuer";
    eu_av_selfsigned = "eu-av-selfsigned";
    eudi_ios_pid_full = "eudi-ios-pid-full";
    eudi_openapi_example_bad_digests = "eudi-openapi-example-bad-digests";
    eudi_pid_issuer_eu01 = "eudi-pid-issuer-eu01";
    eudi_three_documents = "eudi-three-documents";
    google_cm_wallet_dcapi_draft24 = "google-cm-wallet-dcapi-draft24";
    google_payground_dcapi = "google-payground-dcapi";
    google_test_android_handover_0 = "google-test-android-handover-0";
    google_test_android_handover_1 = "google-test-android-handover-1";
    google_ul_staging = "google-ul-staging";
    iso18013_7_annex_b = "iso18013-7-annex-b";
    lv_av_over_18_empty_devns = "lv-av-over-18-empty-devns";
    maryland_test_license_dates = "maryland-test-license-dates";
    mdocts_issuance_vector_bad_digest = "mdocts-issuance-vector-bad-digest";
    montana_prod_license = "montana-prod-license";
    montana_prod_license_2 = "montana-prod-license-2";
    multipaz_dcapi_no_x5chain = "multipaz-dcapi-no-x5chain";
    owf_browser_handover = "owf-browser-handover";
    procivis_nested_maps = "procivis-nested-maps";
    pymdoccbor_readme_annexd = "pymdoccbor-readme-annexd";
    sprind_funke_pid = "sprind-funke-pid";
    spruce_jarm_response = "spruce-jarm-response";
    ubique_oid4vp_draft18 = "ubique-oid4vp-draft18";
    waltid_2023_expired_ds = "waltid-2023-expired-ds";
    waltid_asit_interop_issuer_signed = "waltid-asit-interop-issuer-signed";
    waltid_dcapi_annexd = "waltid-dcapi-annexd";
    waltid_mdl_2025 = "waltid-mdl-2025";
    waltid_mdl_2026 = "waltid-mdl-2026";
}
