//! Documents of real issuers and wallets decode, with the deviations each is known for.

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

use common::{testdata, testdata_folder, testdata_json};
use sha2::{Digest, Sha256, Sha384, Sha512};
use tegata_mdoc::Deviations;
use tegata_mdoc::cbor::decode;
use tegata_mdoc::issuer_signed::IssuerSigned;
use tegata_mdoc::kind::{Kind, recognise};
use tegata_mdoc::mso::DigestAlgorithm;
use tegata_mdoc::response::{DeviceResponse, Document};

/// Case and deviations noted while decoding it; every case that is not here decodes without one.
const DEVIATIONS: &[(&str, &[&str])] = &[
    ("auth0-full-disclosure", &["chain-array-of-one", "device-unprotected-header", "long-head"]),
    ("auth0-issuer-only", &["chain-array-of-one", "long-head"]),
    ("auth0-partial-disclosure", &["chain-array-of-one", "device-unprotected-header", "long-head"]),
    ("auth0-pid-2023-bad-digests", &["chain-in-protected-header", "extra-protected-header"]),
    ("bdr-mdl-issuer-signed", &["large-digest-id", "long-head"]),
    ("bdr-mvc-bad-signature", &["large-digest-id"]),
    ("credo-selfsigned-mdl", &["long-head"]),
    ("eudi-openapi-example-bad-digests", &["fractional-seconds"]),
    ("google-cm-wallet-dcapi-draft24", &["fractional-seconds"]),
    ("mdocts-issuance-vector-bad-digest", &["chain-array-of-one"]),
    ("multipaz-dcapi-no-x5chain", &["null-for-absent"]),
    ("waltid-2023-expired-ds", &["fractional-seconds"]),
    ("waltid-asit-interop-issuer-signed", &["fractional-seconds"]),
    ("waltid-mdl-2025", &["fractional-seconds"]),
];

/// Cases whose MSO has another shape, with the error; no verifier may accept them.
const UNREADABLE_MSO: &[(&str, &str)] = &[
    // digestIDs are text.
    ("auth0-no-x5chain", "cbor-invalid-value"),
    // deviceKey is null.
    ("auth0-pid-2023-bad-digests", "cbor-unexpected-type"),
];

fn cases() -> Vec<String> {
    testdata_folder("mdoc-cases").into_iter().filter(|name| !name.contains('.')).collect()
}

/// The IssuerSigned of every document of a case, by docType, and the deviations of the outer structure.
fn issuer_signed<'a>(kind: &str, bytes: &'a [u8]) -> (Vec<(Option<&'a str>, IssuerSigned<'a>)>, Deviations) {
    let of = |document: &Document<'a>| (Some(document.doc_type), document.issuer_signed.clone());
    match kind {
        "device-response" => {
            let (response, deviations) = decode::<DeviceResponse<'_>>(bytes).unwrap();
            (response.value().documents.iter().map(|document| of(document.value())).collect(), deviations)
        }
        "document" => {
            let (document, deviations) = decode::<Document<'_>>(bytes).unwrap();
            (vec![of(document.value())], deviations)
        }
        "issuer-signed" => {
            let (signed, deviations) = decode::<IssuerSigned<'_>>(bytes).unwrap();
            (vec![(None, signed.into_value())], deviations)
        }
        other => panic!("unknown kind {other}"),
    }
}

fn digest(algorithm: DigestAlgorithm<'_>, bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        DigestAlgorithm::Sha256 => Sha256::digest(bytes).to_vec(),
        DigestAlgorithm::Sha384 => Sha384::digest(bytes).to_vec(),
        DigestAlgorithm::Sha512 => Sha512::digest(bytes).to_vec(),
        other => panic!("unknown algorithm {other}"),
    }
}

#[test]
fn every_case_decodes_with_the_expected_content() {
    for case in cases() {
        let json = testdata_json(&format!("mdoc-cases/{case}/case.json")).unwrap();
        let bytes = testdata(&format!("mdoc-cases/{case}/{}", json["input"].as_str().unwrap())).unwrap();
        let (documents, mut deviations) = issuer_signed(json["kind"].as_str().unwrap(), &bytes);
        let expected = json["expect"]["documents"].as_array().unwrap();
        assert_eq!(documents.len(), expected.len(), "{case}");
        for ((doc_type, signed), expected) in documents.iter().zip(expected) {
            let mso = signed.mobile_security_object();
            if let Some((_, id)) = UNREADABLE_MSO.iter().find(|(name, _)| *name == case) {
                assert_eq!(mso.unwrap_err().id(), *id, "{case}");
                assert_eq!(expected["verdict"], "reject", "{case}");
                continue;
            }
            let (mso, inner) = mso.unwrap_or_else(|error| panic!("{case}: {error}"));
            deviations.merge(inner);
            let mso = mso.value();
            assert_eq!(doc_type.unwrap_or(mso.doc_type), expected["doc_type"].as_str().unwrap(), "{case}");
            assert_eq!(mso.version, expected["mso_version"].as_str().unwrap(), "{case}");
            assert_eq!(mso.digest_algorithm.name(), expected["digest_algorithm"].as_str().unwrap(), "{case}");
            let good = signed.items().filter(|(name_space, item)| {
                mso.digest(name_space, item.value().digest_id)
                    == Some(digest(mso.digest_algorithm, item.bytes()).as_slice())
            });
            assert_eq!(good.count(), usize::try_from(expected["digests_ok"].as_u64().unwrap()).unwrap(), "{case}");
        }
        let found: BTreeSet<_> = deviations.iter().map(|deviation| deviation.id()).collect();
        let known = DEVIATIONS.iter().find(|(name, _)| *name == case).map_or(&[][..], |(_, known)| *known);
        assert_eq!(found, known.iter().copied().collect(), "{case}");
    }
}

#[test]
fn every_case_is_recognised() {
    for case in cases() {
        let json = testdata_json(&format!("mdoc-cases/{case}/case.json")).unwrap();
        let bytes = testdata(&format!("mdoc-cases/{case}/{}", json["input"].as_str().unwrap())).unwrap();
        let expected = match json["kind"].as_str().unwrap() {
            "device-response" => Kind::DeviceResponse,
            "document" => Kind::Document,
            _ => Kind::IssuerSigned,
        };
        assert_eq!(recognise(&bytes), expected, "{case}");
    }
}

#[test]
fn the_table_names_cases_that_exist() {
    let cases = cases();
    if cases.is_empty() {
        return;
    }
    for (name, _) in DEVIATIONS {
        assert!(cases.iter().any(|case| case == name), "{name}");
    }
    assert!(cases.len() >= 48, "{}", cases.len());
}
