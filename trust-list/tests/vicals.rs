//! VICALs: the published ones with their quirks, our own, and every way to falsify them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{MDL, NOW, PID, Party, document_signer, iaca, sub_ca, testdata, vical_root, vical_signer};
use tegata_mdoc::date::Tdate;
use tegata_pki::{Certificate, CertificateError, Curve, PathError, RawSignature, Severity, rust_crypto};
use tegata_trust_list::vical::{
    EntryDeviation, EntryError, Freshness, SeenVical, VerifiedVical, Vical, VicalBuildError, VicalBuilder, VicalCheck,
    VicalDeviation, VicalError, VicalListing, VicalMemory, VicalReadError, VicalTrust,
};
use tegata_trust_list::{DocTypes, Scope, TrustStoreBuilder};
use time::{Duration, UtcDateTime};

fn check_at<'a>(trust: VicalTrust<'a>, memory: &'a VicalMemory, at: UtcDateTime) -> VicalCheck<'a> {
    VicalCheck { trust, memory, at, skew: Duration::ZERO, provider: rust_crypto() }
}

// -- published lists -----------------------------------------------------------------------------------------------------

struct Published {
    name: &'static str,
    root: Option<&'static str>,
    list: &'static [VicalDeviation],
    entries: &'static [(EntryDeviation, usize)],
    skipped: &'static [(usize, &'static str)],
}

/// The counts are those of a script with `cbor2` and `cryptography` over the same files. Key of 13, 15, 32: brainpoolP512r1;
/// 18, 31, 34, 35: basicConstraints with a BER boolean.
const PUBLISHED: [Published; 5] = [
    Published {
        name: "aamva-vical-2024-09-24",
        root: Some("aamva-dts-root.pem"),
        list: &[VicalDeviation::RootInChain],
        entries: &[
            (EntryDeviation::WrappedSki, 3),
            (EntryDeviation::DatesTwelveHoursOff, 1),
            (EntryDeviation::CapitalisedKey, 3),
        ],
        skipped: &[],
    },
    Published {
        name: "aamva-vical-2025-08-05",
        root: Some("aamva-dts-root.pem"),
        list: &[VicalDeviation::RootInChain],
        entries: &[
            (EntryDeviation::WrappedSki, 13),
            (EntryDeviation::DatesTwelveHoursOff, 6),
            (EntryDeviation::BignumForm, 3),
            (EntryDeviation::CapitalisedKey, 13),
        ],
        skipped: &[],
    },
    Published {
        name: "aamva-vical-2025-11-18",
        root: Some("aamva-dts-root.pem"),
        list: &[VicalDeviation::HighS, VicalDeviation::RootInChain],
        entries: &[
            (EntryDeviation::WrappedSki, 14),
            (EntryDeviation::DatesTwelveHoursOff, 6),
            (EntryDeviation::BignumForm, 4),
            (EntryDeviation::CapitalisedKey, 14),
        ],
        skipped: &[],
    },
    Published {
        name: "austroads-preprod-vical-2024-09-19",
        root: Some("austroads-preprod-root.pem"),
        list: &[],
        entries: &[(EntryDeviation::BignumForm, 2)],
        skipped: &[(13, "vical-entry-key"), (15, "vical-entry-key"), (18, "vical-entry-extension")],
    },
    Published {
        name: "rdw-test-vical-2025-02-25",
        root: None,
        list: &[VicalDeviation::HighS],
        entries: &[(EntryDeviation::BignumForm, 9), (EntryDeviation::NotSelfIssued, 2), (EntryDeviation::NotCa, 5)],
        skipped: &[
            (31, "vical-entry-extension"),
            (32, "vical-entry-key"),
            (34, "vical-entry-extension"),
            (35, "vical-entry-extension"),
        ],
    },
];

fn published(name: &str) -> Option<(Vec<u8>, Value)> {
    let folder = testdata("trust/vical")?;
    let bytes = std::fs::read(folder.join(format!("{name}.cbor"))).unwrap();
    let expected = std::fs::read(folder.join(format!("{name}.expected.json"))).unwrap();
    Some((bytes, serde_json::from_slice(&expected).unwrap()))
}

fn root(name: &str) -> Certificate {
    Certificate::from_pem(&std::fs::read(testdata("trust/vical").unwrap().join(name)).unwrap()).unwrap()
}

fn verify_published(list: &Published, vical: &Vical, at: UtcDateTime) -> Result<VerifiedVical, VicalError> {
    let memory = VicalMemory::new();
    match list.root {
        Some(name) => vical.verify(&check_at(VicalTrust::Roots(&[root(name)]), &memory, at)),
        None => {
            let pinned = &vical.certificate_chain()[0];
            vical.verify(&check_at(VicalTrust::DangerousPinnedSigner(pinned), &memory, at))
        }
    }
}

#[test]
fn published_lists_verify_at_their_date_with_their_quirks_reported() {
    for list in &PUBLISHED {
        let Some((bytes, expected)) = published(list.name) else { return };
        let vical = Vical::from_cbor(&bytes).unwrap();
        let verified = verify_published(list, &vical, vical.date()).unwrap();
        assert_eq!(json!(vical.provider()), expected["vicalProvider"]);
        assert_eq!(json!(vical.issue_id()), expected["vicalIssueID"]);
        assert_eq!(json!(vical.version()), expected["version"]);
        assert_eq!(json!(Tdate::new(vical.date()).to_string()), expected["date"]);
        let next_update = vical.next_update().map(|date| Tdate::new(date).to_string());
        assert_eq!(json!(next_update), expected.get("nextUpdate").cloned().unwrap_or_default(), "{}", list.name);
        let read = vical.entries().len() + vical.skipped().len();
        assert_eq!(json!(read), expected["certificateInfos"]);
        assert_eq!(vical.deviations(), list.list, "{}", list.name);

        let mut counts: BTreeMap<EntryDeviation, usize> = BTreeMap::new();
        for deviation in vical.entries().iter().flat_map(|entry| entry.deviations()) {
            *counts.entry(*deviation).or_default() += 1;
        }
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), list.entries, "{}", list.name);

        let skipped: Vec<_> = vical.skipped().iter().map(|skipped| (skipped.position, skipped.error.id())).collect();
        assert_eq!(skipped, list.skipped, "{}", list.name);
        for entry in vical.entries() {
            let of = &expected["certificates"][entry.position()];
            let fingerprint: String =
                entry.certificate().fingerprint_sha256().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(json!(fingerprint), of["sha256"]);
            let mut listed: Vec<_> = of["docType"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
            listed.sort_unstable();
            assert_eq!(entry.doc_types().iter().collect::<Vec<_>>(), listed);
        }
        assert!(verified.path_findings().is_empty(), "{:?}", verified.path_findings());
        let store = verified.anchors().into_iter().try_fold(TrustStoreBuilder::new(), TrustStoreBuilder::anchor);
        let store = store.unwrap().build().unwrap();
        assert_eq!(store.anchors().len() + verified.expired().count(), vical.entries().len());
    }
}

#[test]
fn a_published_list_is_stale_after_next_update_and_falls_with_its_signer() {
    let Some((bytes, _)) = published("aamva-vical-2025-11-18") else { return };
    let list = &PUBLISHED[2];
    let vical = Vical::from_cbor(&bytes).unwrap();
    let (date, next) = (vical.date(), vical.next_update().unwrap());
    let freshness = |at| verify_published(list, &vical, at).unwrap().freshness();
    assert_eq!(freshness(date), Freshness::Fresh { until: next });
    assert_eq!(freshness(next), Freshness::Fresh { until: next });
    assert_eq!(freshness(next + Duration::SECOND), Freshness::Stale { since: next });
    let after = vical.certificate_chain()[0].not_after() + Duration::SECOND;
    let error = verify_published(list, &vical, after).unwrap_err();
    assert!(matches!(error, VicalError::SignerPath(PathError::Expired { .. })), "{error:?}");
    let error = verify_published(list, &vical, date - Duration::SECOND).unwrap_err();
    assert_eq!(error, VicalError::NotYetValid(date));
}

#[test]
fn a_published_list_under_another_root_is_refused() {
    let Some((bytes, _)) = published("aamva-vical-2025-11-18") else { return };
    let vical = Vical::from_cbor(&bytes).unwrap();
    let (memory, at) = (VicalMemory::new(), vical.date());
    let other = [root("austroads-preprod-root.pem")];
    let error = vical.verify(&check_at(VicalTrust::Roots(&other), &memory, at)).unwrap_err();
    assert_eq!(error.id(), "vical-signer-path");
    assert_eq!(vical.verify(&check_at(VicalTrust::Roots(&[]), &memory, at)).unwrap_err(), VicalError::NoSigner);
    let pinned = VicalTrust::DangerousPinnedSigner(&vical.certificate_chain()[1]);
    assert_eq!(vical.verify(&check_at(pinned, &memory, at)).unwrap_err(), VicalError::SignerNotPinned);
    // The right root among others is found.
    let roots = [other[0].clone(), root("aamva-dts-root.pem")];
    assert!(vical.verify(&check_at(VicalTrust::Roots(&roots), &memory, at)).is_ok());
}

/// AAMVA numbered its list of 2024 higher than that of 2025: the rule of C.1.7.1 is broken by the provider itself, and an
/// operator must say so before the newer list counts.
#[test]
fn a_published_list_whose_provider_counted_anew_needs_the_operator() {
    let Some((older, _)) = published("aamva-vical-2024-09-24") else { return };
    let (newer, _) = published("aamva-vical-2025-08-05").unwrap();
    let (older, newer) = (Vical::from_cbor(&older).unwrap(), Vical::from_cbor(&newer).unwrap());
    let roots = [root("aamva-dts-root.pem")];
    let trust = VicalTrust::Roots(&roots);
    let mut memory = VicalMemory::new();
    memory.remember(&older.verify(&check_at(trust, &memory, older.date())).unwrap());
    let refused = newer.verify(&check_at(trust, &memory, newer.date())).unwrap_err();
    assert_eq!(refused, VicalError::IssueIdLower { found: 89_782, seen: 616_575 });
    memory.dangerous_forget("AAMVA");
    memory.remember(&newer.verify(&check_at(trust, &memory, newer.date())).unwrap());
    let refused = older.verify(&check_at(trust, &memory, newer.date())).unwrap_err();
    assert!(matches!(refused, VicalError::OlderDate { .. }), "{refused:?}");
}

#[test]
fn every_changed_byte_of_a_published_list_is_refused_or_changes_nothing() {
    let Some((bytes, _)) = published("aamva-vical-2024-09-24") else { return };
    let original = Vical::from_cbor(&bytes).unwrap();
    let roots = [root("aamva-dts-root.pem")];
    let memory = VicalMemory::new();
    let check = check_at(VicalTrust::Roots(&roots), &memory, original.date());
    let content = original.to_json();
    let chain: usize = original.certificate_chain().iter().map(|certificate| certificate.der().len()).sum();
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        if let Ok(verified) =
            Vical::from_cbor(&changed).map_err(drop).and_then(|list| list.verify(&check).map_err(drop))
        {
            assert_eq!(verified.vical().to_json(), content, "byte {position}");
            assert!(position < chain + 40, "byte {position} is signed");
        }
    }
}

// -- lists of our own ----------------------------------------------------------------------------------------------------

const ISSUE: u64 = 7;

fn doc_types(first: &str, others: &[&str]) -> DocTypes {
    DocTypes::new(first, others.iter().map(|&doc_type| doc_type.to_owned()))
}

fn builder(iaca: &Party) -> VicalBuilder {
    VicalBuilder::new("Utopia DTS", ISSUE, NOW, NOW + Duration::days(30))
        .url("https://dts.example/vical/latest.cbor")
        .entry(VicalListing::new(iaca.certificate.clone(), doc_types(MDL, &[PID])))
}

fn sign(builder: &VicalBuilder, signer: &Party) -> Vec<u8> {
    sign_with(builder, signer, core::slice::from_ref(&signer.certificate))
}

fn sign_with(builder: &VicalBuilder, signer: &Party, chain: &[Certificate]) -> Vec<u8> {
    let prepared = builder.prepare(chain).unwrap();
    let signature = signer.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

fn verify(bytes: &[u8], root: &Party, memory: &VicalMemory, at: UtcDateTime) -> Result<VerifiedVical, VicalError> {
    let roots = core::slice::from_ref(&root.certificate);
    Vical::from_cbor(bytes).unwrap().verify(&check_at(VicalTrust::Roots(roots), memory, at))
}

#[test]
fn a_list_of_every_curve_is_read_back_without_deviation() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::BrainpoolP256r1, Curve::BrainpoolP384r1] {
        let signer = vical_signer(&root, curve);
        let verified = verify(&sign(&builder(&iaca), &signer), &root, &VicalMemory::new(), NOW).unwrap();
        let vical = verified.vical();
        assert!(
            vical.deviations().iter().all(|deviation| *deviation == VicalDeviation::HighS),
            "{:?}",
            vical.deviations()
        );
        let findings = verified.signer_findings();
        assert!(findings.iter().all(|finding| finding.severity == Severity::Info), "{findings:?}");
        let [entry] = vical.entries() else { panic!("one entry") };
        // Serial numbers have 20 octets, so that the bignum is not a small one.
        assert_eq!(entry.deviations(), []);
        assert_eq!(entry.certificate(), &iaca.certificate);
        assert_eq!(entry.profiles(), ["urn:oid:1.0.18013.5.1.7"]);
        assert_eq!((entry.issuing_country(), entry.key_identifier().len()), (Some("UT"), 20));
        let [anchor] = &verified.anchors()[..] else { panic!("one anchor") };
        assert_eq!(anchor.scope, Scope::DocTypes(doc_types(MDL, &[PID])));
        assert_eq!(anchor.provenance.source, "VICAL 7 of Utopia DTS, 2026-03-01T12:00:00Z");
        assert!(!anchor.scope.covers("org.iso.23220.photoid.1"));
    }
}

#[test]
fn our_list_is_read_by_an_independent_decoder() {
    use ciborium::Value::{Bytes, Tag, Text};
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let bytes = sign(&builder(&iaca).not_after(NOW + Duration::days(90)), &vical_signer(&root, Curve::P256));
    let list: ciborium::Value = ciborium::from_reader(bytes.as_slice()).unwrap();
    let list = list.into_array().unwrap();
    assert_eq!(list[0].as_bytes().unwrap()[..], [0xa1, 0x01, 0x26]);
    let unprotected = list[1].as_map().unwrap();
    assert_eq!((unprotected.len(), unprotected[0].0.clone()), (1, 33.into()));
    assert!(unprotected[0].1.is_bytes(), "one certificate is no array");
    let payload: ciborium::Value = ciborium::from_reader(list[2].as_bytes().unwrap().as_slice()).unwrap();
    let get = |map: &ciborium::Value, key: &str| {
        map.as_map().unwrap().iter().find(|(name, _)| name.as_text() == Some(key)).unwrap().1.clone()
    };
    assert_eq!(get(&payload, "date"), Tag(0, Box::new(Text("2026-03-01T12:00:00Z".to_owned()))));
    assert_eq!(get(&payload, "vicalIssueID"), ISSUE.into());
    let entry = get(&payload, "certificateInfos").into_array().unwrap().remove(0);
    assert_eq!(get(&entry, "certificate"), Bytes(iaca.certificate.der().to_vec()));
    assert_eq!(get(&entry, "serialNumber"), Tag(2, Box::new(Bytes(iaca.certificate.serial().to_vec()))));
    assert_eq!(get(&entry, "ski"), Bytes(iaca.certificate.subject_key_identifier().unwrap().to_vec()));
}

#[test]
fn not_after_makes_a_list_invalid_and_next_update_does_not() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let end = NOW + Duration::days(60);
    let bytes = sign(&builder(&iaca).not_after(end), &vical_signer(&root, Curve::P256));
    let memory = VicalMemory::new();
    assert!(matches!(verify(&bytes, &root, &memory, end).unwrap().freshness(), Freshness::Stale { .. }));
    let error = verify(&bytes, &root, &memory, end + Duration::SECOND).unwrap_err();
    assert_eq!(error, VicalError::Expired(end));
    assert!(error.is_stale());
}

#[test]
fn a_lower_number_or_an_older_date_is_refused() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = vical_signer(&root, Curve::P256);
    let list = |issue, date: UtcDateTime| {
        let entry = VicalListing::new(iaca.certificate.clone(), doc_types(MDL, &[]));
        sign(&VicalBuilder::new("Utopia DTS", issue, date, date + Duration::DAY).entry(entry), &signer)
    };
    let mut memory = VicalMemory::new();
    let at = NOW + Duration::days(3);
    memory.remember(&verify(&list(7, NOW + Duration::DAY), &root, &memory, at).unwrap());
    // The same list again, and a later one.
    assert!(verify(&list(7, NOW + Duration::DAY), &root, &memory, at).is_ok());
    assert!(verify(&list(9, NOW + Duration::DAY * 2), &root, &memory, at).is_ok());
    let error = verify(&list(6, NOW + Duration::DAY * 2), &root, &memory, at).unwrap_err();
    assert_eq!(error, VicalError::IssueIdLower { found: 6, seen: 7 });
    let error = verify(&list(8, NOW), &root, &memory, at).unwrap_err();
    assert_eq!(error, VicalError::OlderDate { found: NOW, seen: NOW + Duration::DAY });
    // What is stored neither falls nor is lost on the way.
    memory.insert("Utopia DTS", SeenVical { issue_id: Some(3), date: NOW });
    let mut stored = VicalMemory::new();
    memory.iter().for_each(|(provider, seen)| stored.insert(provider, seen));
    assert_eq!(stored, memory);
    assert!(verify(&list(6, NOW + Duration::DAY * 2), &root, &stored, at).is_err());
}

#[test]
fn signers_for_other_purposes_and_paths_beyond_path_len_are_refused() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let list = builder(&iaca);
    let signer = vical_signer(&root, Curve::P256);
    // A document signer of the same root, put in the place of the signer: it may not sign lists, and did not.
    let ds = document_signer(&root, "Utopia DS");
    assert_eq!(list.prepare(core::slice::from_ref(&ds.certificate)).unwrap_err(), VicalBuildError::SignerPurpose);
    let swapped = swap_chain(&sign(&list, &signer), &[&ds.certificate]);
    assert_eq!(verify(&swapped, &root, &VicalMemory::new(), NOW).unwrap_err(), VicalError::SignerKeyUsage);

    let middle = sub_ca(&root, "Utopia DTS Issuing CA");
    let below = vical_signer(&middle, Curve::P256);
    let bytes = sign_with(&list, &below, &[below.certificate.clone(), middle.certificate.clone()]);
    let error = verify(&bytes, &root, &VicalMemory::new(), NOW).unwrap_err();
    assert!(matches!(error, VicalError::SignerPath(PathError::PathLength(_))), "{error:?}");
    // The issuing CA itself as the configured root is fine.
    assert!(verify(&bytes, &middle, &VicalMemory::new(), NOW).is_ok());

    let stranger = vical_root("Utopia DTS Root");
    let error =
        verify(&sign(&list, &vical_signer(&stranger, Curve::P256)), &root, &VicalMemory::new(), NOW).unwrap_err();
    assert!(matches!(error, VicalError::SignerPath(PathError::Signature(..))), "{error:?}");
    let pinned = Vical::from_cbor(&sign(&list, &signer)).unwrap();
    let memory = VicalMemory::new();
    let trust = VicalTrust::DangerousPinnedSigner(&signer.certificate);
    assert!(pinned.verify(&check_at(trust, &memory, NOW)).unwrap().root().is_none());
    let late = signer.certificate.not_after() + Duration::SECOND;
    assert!(pinned.verify(&check_at(trust, &memory, late)).is_err());
}

/// The list with another chain in its unprotected header.
fn swap_chain(list: &[u8], chain: &[&Certificate]) -> Vec<u8> {
    let mut value: ciborium::Value = ciborium::from_reader(list).unwrap();
    let parts = value.as_array_mut().unwrap();
    let chain: Vec<_> = chain.iter().map(|certificate| ciborium::Value::Bytes(certificate.der().to_vec())).collect();
    let chain = if chain.len() == 1 { chain[0].clone() } else { ciborium::Value::Array(chain) };
    parts[1] = ciborium::Value::Map(vec![(33.into(), chain)]);
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    bytes
}

/// The payload of a list, changed and signed again.
fn resign(list: &[u8], signer: &Party, change: impl FnOnce(&mut ciborium::Value)) -> Vec<u8> {
    let mut value: ciborium::Value = ciborium::from_reader(list).unwrap();
    let parts = value.as_array_mut().unwrap();
    let mut payload: ciborium::Value = ciborium::from_reader(parts[2].as_bytes().unwrap().as_slice()).unwrap();
    change(&mut payload);
    let mut bytes = Vec::new();
    ciborium::into_writer(&payload, &mut bytes).unwrap();
    let message = tegata_mdoc::cose::CoseSign1::signature_input(parts[0].as_bytes().unwrap(), &bytes);
    let algorithm = signer.key.curve().signature_algorithm().unwrap();
    parts[3] = ciborium::Value::Bytes(signer.key.sign(algorithm, &message).unwrap().into_bytes());
    parts[2] = ciborium::Value::Bytes(bytes);
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    bytes
}

fn first_entry(payload: &mut ciborium::Value) -> &mut Vec<(ciborium::Value, ciborium::Value)> {
    let infos = payload.as_map_mut().unwrap().iter_mut().find(|(key, _)| key.as_text() == Some("certificateInfos"));
    infos.unwrap().1.as_array_mut().unwrap()[0].as_map_mut().unwrap()
}

fn set(map: &mut Vec<(ciborium::Value, ciborium::Value)>, key: &str, value: ciborium::Value) {
    map.retain(|(name, _)| name.as_text() != Some(key));
    map.push((key.into(), value));
}

#[test]
fn what_repeats_the_certificate_is_never_believed() {
    let (root, iaca, other) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"), iaca_named("Other IACA"));
    let signer = vical_signer(&root, Curve::P256);
    let list = sign(&builder(&iaca), &signer);
    let date = |text: &str| ciborium::Value::Tag(0, Box::new(text.into()));
    let bytes = resign(&list, &signer, |payload| {
        let entry = first_entry(payload);
        set(entry, "ski", ciborium::Value::Bytes(other.certificate.subject_key_identifier().unwrap().to_vec()));
        set(entry, "subject", ciborium::Value::Bytes(other.certificate.subject().der().to_vec()));
        set(entry, "serialNumber", 5.into());
        set(entry, "notAfter", date("2099-01-01T00:00:00Z"));
        set(entry, "issuingCountry", 7.into());
        set(entry, "NotBefore", date("2099-01-01T00:00:00Z"));
    });
    let verified = verify(&bytes, &root, &VicalMemory::new(), NOW).unwrap();
    let entry = &verified.vical().entries()[0];
    let expected = [
        EntryDeviation::SkiDiffers,
        EntryDeviation::DatesDiffer,
        EntryDeviation::SerialDiffers,
        EntryDeviation::SubjectDiffers,
        EntryDeviation::MemberType,
        EntryDeviation::CapitalisedKey,
    ];
    assert_eq!(entry.deviations(), expected);
    assert_eq!(entry.key_identifier(), iaca.certificate.subject_key_identifier().unwrap());
    let json = verified.vical().to_json();
    assert_eq!(json["certificateInfos"][0]["notAfter"], Tdate::new(iaca.certificate.not_after()).to_string());
    assert_eq!(json["certificateInfos"][0]["subject"], iaca.certificate.subject().to_string());
}

fn iaca_named(name: &str) -> Party {
    iaca(name)
}

#[test]
fn an_entry_that_cannot_be_read_is_skipped_and_the_others_are_not() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = vical_signer(&root, Curve::P256);
    let two = builder(&iaca).entry(VicalListing::new(iaca_named("Second IACA").certificate, doc_types(PID, &[])));
    let list = sign(&two, &signer);
    let with = |change: fn(&mut Vec<(ciborium::Value, ciborium::Value)>)| {
        let bytes = resign(&list, &signer, |payload| change(first_entry(payload)));
        let verified = verify(&bytes, &root, &VicalMemory::new(), NOW).unwrap();
        let [entry] = verified.vical().entries() else { panic!("one entry is left") };
        assert_eq!((entry.position(), verified.anchors().len()), (1, 1));
        verified.vical().skipped()[0].clone()
    };
    let skipped = with(|entry| set(entry, "certificate", ciborium::Value::Bytes(vec![0x30, 0])));
    assert!(matches!(skipped.error, EntryError::Certificate(CertificateError::Der(_))), "{skipped:?}");
    for change in [
        |entry: &mut Vec<_>| set(entry, "docType", ciborium::Value::Array(Vec::new())),
        |entry: &mut Vec<_>| set(entry, "docType", MDL.into()),
        |entry: &mut Vec<(ciborium::Value, ciborium::Value)>| entry.retain(|(key, _)| key.as_text() != Some("docType")),
        |entry: &mut Vec<_>| set(entry, "certificate", 1.into()),
    ] {
        assert_eq!(with(change).error.id(), "vical-entry-shape");
    }
}

#[test]
fn lists_that_cannot_be_understood_are_no_lists() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = vical_signer(&root, Curve::P256);
    let list = sign(&builder(&iaca), &signer);
    let read = |bytes: &[u8]| Vical::from_cbor(bytes).unwrap_err();
    for length in 0..list.len() {
        assert!(matches!(read(&list[..length]), VicalReadError::Cbor(_)));
    }
    assert_eq!(read(&vec![0; 17 << 20]), VicalReadError::TooLong { found: 17 << 20 });
    let version = resign(&list, &signer, |payload| set(payload.as_map_mut().unwrap(), "version", "2.0".into()));
    assert_eq!(read(&version), VicalReadError::Version("2.0".to_owned()));
    let twice = resign(&list, &signer, |payload| {
        let entry = first_entry(payload);
        entry.push(entry[0].clone());
    });
    assert!(read(&twice).to_string().contains("same key twice"));
    let mut unprotected = list.clone();
    unprotected[2] = 0xa0;
    assert!(Vical::from_cbor(&unprotected).is_err());
}

#[test]
fn a_list_is_not_released_with_a_foreign_signature_or_without_entries() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = vical_signer(&root, Curve::P256);
    let chain = [signer.certificate.clone()];
    let prepared = builder(&iaca).prepare(&chain).unwrap();
    let foreign = vical_signer(&root, Curve::P256).key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    assert_eq!(prepared.complete(&foreign, rust_crypto()).unwrap_err().id(), "vical-build-signature");
    let empty = VicalBuilder::new("Utopia DTS", 1, NOW, NOW + Duration::DAY);
    assert_eq!(empty.prepare(&chain).unwrap_err(), VicalBuildError::NoEntries);
    let backwards = VicalBuilder::new("Utopia DTS", 1, NOW, NOW);
    assert_eq!(backwards.prepare(&chain).unwrap_err(), VicalBuildError::Dates);
    let with_root = [signer.certificate.clone(), root.certificate.clone()];
    assert_eq!(builder(&iaca).prepare(&with_root).unwrap_err(), VicalBuildError::RootInChain);
    let ds = document_signer(&iaca, "Utopia DS").certificate;
    let not_ca = builder(&iaca).entry(VicalListing::new(ds, doc_types(MDL, &[])));
    assert_eq!(not_ca.prepare(&chain).unwrap_err(), VicalBuildError::EntryNotCa(1));
}

#[test]
fn every_changed_byte_of_our_list_is_refused() {
    let (root, iaca) = (vical_root("Utopia DTS Root"), iaca("Utopia IACA"));
    let bytes = sign(&builder(&iaca), &vical_signer(&root, Curve::P256));
    let content = Vical::from_cbor(&bytes).unwrap().to_json();
    let roots = [root.certificate];
    let memory = VicalMemory::new();
    let check = check_at(VicalTrust::Roots(&roots), &memory, NOW);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        if let Ok(list) = Vical::from_cbor(&changed)
            && let Ok(verified) = list.verify(&check)
        {
            panic!("byte {position}: {}", verified.vical().to_json() == content);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Vical::from_cbor(&bytes);
    }

    #[test]
    fn any_signature_of_the_right_length_is_judged(octets in proptest::collection::vec(any::<u8>(), 64)) {
        let signature = RawSignature::new(Curve::P256, octets).unwrap();
        let _ = signature.has_high_s(Curve::P256);
    }
}
