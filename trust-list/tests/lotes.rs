//! Lists of trusted entities: a published one, the published schema, our own, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use support::{MDL, NOW, PID, Party, anchor, document_signer, iaca, list_signer, testdata};
use tegata_pki::{Certificate, Curve, PathError, rust_crypto};
use tegata_trust_list::lote::{
    EntityAddress, EntityInformation, LangString, LangUri, Lote, LoteBuildError, LoteBuilder, LoteCheck, LoteDeviation,
    LoteError, LoteFinding, LoteFreshness, LoteMemory, LoteReadError, LoteScheme, LoteTrust, OperatorAddress,
    PostalAddress, VerifiedLote,
};
use tegata_trust_list::{DocTypes, Purpose, Scope};
use time::{Duration, UtcDateTime, macros::utc_datetime};

fn check_at<'a>(trust: LoteTrust<'a>, memory: &'a LoteMemory, at: UtcDateTime) -> LoteCheck<'a> {
    LoteCheck { trust, memory, at, skew: Duration::ZERO, provider: rust_crypto() }
}

fn file(name: &str) -> Option<Vec<u8>> {
    testdata("trust/lote").map(|folder| std::fs::read(folder.join(name)).unwrap())
}

// -- published -----------------------------------------------------------------------------------------------------------

const ETDA_DATE: UtcDateTime = utc_datetime!(2026-09-10 12:00);

#[test]
fn a_published_signed_list_verifies_with_its_quirks_reported() {
    let Some(bytes) = file("etda-verifiers-list.jwt") else { return };
    let signer = Certificate::from_pem(&file("etda-signer.pem").unwrap()).unwrap();
    let lote = Lote::read(&bytes).unwrap();
    let memory = LoteMemory::new();
    let trust = LoteTrust::Signers(core::slice::from_ref(&signer));
    let verified = lote.verify(&check_at(trust, &memory, ETDA_DATE)).unwrap();
    assert_eq!((lote.sequence_number(), lote.territory(), lote.entities().len()), (2, Some("TH"), 1));
    let deviations = [LoteDeviation::FractionalSeconds, LoteDeviation::EmptyArray, LoteDeviation::MissingMember];
    assert!(deviations.iter().all(|deviation| lote.deviations().contains(deviation)), "{:?}", lote.deviations());
    // The signer's subject is CN=ETDA, without organization and country.
    assert_eq!(verified.findings(), [LoteFinding::OperatorDiffers, LoteFinding::TerritoryDiffers]);
    assert!(matches!(verified.freshness(), LoteFreshness::Fresh { .. }));
    // A list of verifiers gives no anchors for documents.
    assert!(verified.anchors(&DocTypes::new(MDL, [])).is_empty());

    let later = lote.verify(&check_at(trust, &memory, ETDA_DATE + Duration::days(2))).unwrap();
    assert!(matches!(later.freshness(), LoteFreshness::Stale { .. }));
    let early = utc_datetime!(2026-09-10 10:10:33);
    assert!(matches!(lote.verify(&check_at(trust, &memory, early)), Err(LoteError::NotYetValid(_))));
    let key = LoteTrust::Key(signer.public_key().unwrap());
    assert!(lote.verify(&check_at(key, &memory, ETDA_DATE)).is_ok());
    assert_eq!(lote.verify(&check_at(LoteTrust::Signers(&[]), &memory, ETDA_DATE)).unwrap_err(), LoteError::NoSigner);
    let expired = lote.verify(&check_at(trust, &memory, signer.not_after() + Duration::SECOND)).unwrap_err();
    assert!(matches!(expired, LoteError::SignerPath(PathError::Expired { .. })));
}

#[test]
fn every_changed_character_of_a_published_list_is_refused() {
    let Some(bytes) = file("etda-verifiers-list.jwt") else { return };
    let bytes = bytes.trim_ascii().to_vec();
    let signer = Certificate::from_pem(&file("etda-signer.pem").unwrap()).unwrap();
    let memory = LoteMemory::new();
    let check = check_at(LoteTrust::Signers(core::slice::from_ref(&signer)), &memory, ETDA_DATE);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let verified = Lote::read(&changed).map_err(drop).and_then(|list| list.verify(&check).map_err(drop));
        assert!(verified.is_err(), "character {position}");
    }
}

#[test]
fn a_published_plain_list_is_read_and_never_valid() {
    let Some(bytes) = file("lote-wallet-providers.json") else { return };
    let lote = Lote::read(&bytes).unwrap();
    assert_eq!(lote.deviations(), [LoteDeviation::Unsigned]);
    assert_eq!(lote.entities()[0].information.names[0].value, "Example wallet provider");
    let memory = LoteMemory::new();
    let refused = lote.verify(&check_at(LoteTrust::Signers(&[]), &memory, NOW)).unwrap_err();
    assert_eq!(refused, LoteError::Unsigned);
    // The two changes that its source names as reasons to reject.
    let mut unknown: Value = serde_json::from_slice(&bytes).unwrap();
    unknown["LoTE"]["ListAndSchemeInformation"]["Unknown"] = json!(1);
    assert_eq!(Lote::read(unknown.to_string().as_bytes()).unwrap_err().id(), "lote-json");
    let mut unnumbered: Value = serde_json::from_slice(&bytes).unwrap();
    unnumbered["LoTE"]["ListAndSchemeInformation"].as_object_mut().unwrap().remove("LoTESequenceNumber");
    assert_eq!(Lote::read(unnumbered.to_string().as_bytes()).unwrap_err().id(), "lote-json");
}

/// The published schema. Its keys are defined in a file that is not published with it, so that any key passes here; the
/// `additionalProperties` that stands among the properties of ServiceDigitalIdentity is put where it belongs.
fn schema() -> Option<jsonschema::Validator> {
    let mut schema: Value = serde_json::from_slice(&file("ts-119602-1-schema.json")?).unwrap();
    schema["definitions"]["PublicKeyValue"] = json!({"type": "object"});
    let identity = &mut schema["definitions"]["ServiceDigitalIdentity"];
    let misplaced = identity["properties"].as_object_mut().unwrap().remove("additionalProperties").unwrap();
    identity["additionalProperties"] = misplaced;
    Some(jsonschema::validator_for(&schema).unwrap())
}

#[test]
fn our_list_conforms_to_the_published_schema() {
    let Some(schema) = schema() else { return };
    let lists = [file("lote-wallet-providers.json").unwrap(), builder(&iaca("Utopia IACA")).to_json().unwrap()];
    for list in lists {
        let mut list: Value = serde_json::from_slice(&list).unwrap();
        let faults: Vec<String> = schema.iter_errors(&list).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
        list["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"][0]["ServiceInformation"]["ServiceDigitalIdentity"]
            ["other"] = json!(1);
        assert!(!schema.is_valid(&list), "the schema is applied");
    }
}

// -- our own -------------------------------------------------------------------------------------------------------------

fn en(value: &str) -> Vec<LangString> {
    vec![LangString { lang: "en".to_owned(), value: value.to_owned() }]
}

fn uri(uri: &str) -> Vec<LangUri> {
    vec![LangUri { lang: "en".to_owned(), uri: uri.to_owned() }]
}

fn postal() -> Vec<PostalAddress> {
    let text = |text: &str| Some(text.to_owned());
    vec![PostalAddress {
        lang: "en".to_owned(),
        street: "1 Gate Street".to_owned(),
        locality: text("Utopia"),
        state_or_province: None,
        postal_code: text("100"),
        country: "UT".to_owned(),
    }]
}

fn scheme() -> LoteScheme {
    LoteScheme {
        list_type: "https://dts.example/LoTEType/Issuers".to_owned(),
        operator_names: en("Utopia DTS"),
        operator_address: OperatorAddress { postal: postal(), electronic: uri("mailto:dts@dts.example") },
        scheme_names: en("Issuers of Utopia"),
        scheme_uris: uri("https://dts.example/"),
        status_determination: "https://dts.example/StatusDetn".to_owned(),
        community_rules: uri("https://dts.example/rules"),
        territory: "UT".to_owned(),
    }
}

fn authority() -> EntityInformation {
    EntityInformation {
        names: en("Utopia Department of Motor Vehicles"),
        trade_names: None,
        address: Some(EntityAddress { postal: postal(), electronic: uri("https://dmv.example") }),
        uris: Some(uri("https://dmv.example/about")),
        extensions: None,
    }
}

fn builder(iaca: &Party) -> LoteBuilder {
    numbered(iaca, 3, NOW)
}

fn numbered(iaca: &Party, number: u64, issued_at: UtcDateTime) -> LoteBuilder {
    let scope = Scope::DocTypes(DocTypes::new(MDL, ["org.iso.23220.photoid.1".to_owned()]));
    LoteBuilder::new(scheme(), number, issued_at, Some(issued_at + Duration::DAY))
        .distribution_point("https://dts.example/lote/latest.jws")
        .entity(authority(), vec![anchor(&iaca.certificate, scope)])
}

fn sign(builder: &LoteBuilder, signer: &Party) -> Vec<u8> {
    let prepared = builder.prepare(core::slice::from_ref(&signer.certificate), rust_crypto()).unwrap();
    let signature = signer.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

fn verify(bytes: &[u8], root: &Party, memory: &LoteMemory) -> Result<VerifiedLote, LoteError> {
    let roots = core::slice::from_ref(&root.certificate);
    Lote::read(bytes).unwrap().verify(&check_at(LoteTrust::Roots(roots), memory, NOW + Duration::HOUR))
}

#[test]
fn a_list_of_ours_gives_back_its_anchors() {
    let (root, iaca) = (iaca("Utopia DTS Root"), iaca("Utopia IACA"));
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let signer = list_signer(&root, curve);
        let verified = verify(&sign(&builder(&iaca), &signer), &root, &LoteMemory::new()).unwrap();
        assert_eq!(verified.findings(), []);
        let lote = verified.lote();
        assert!(
            lote.deviations().iter().all(|deviation| *deviation == LoteDeviation::HighS),
            "{:?}",
            lote.deviations()
        );
        let kinds: Vec<_> = lote.entities()[0]
            .services
            .iter()
            .map(|service| service.information.service_type.clone().unwrap())
            .collect();
        let expected = [
            "http://uri.etsi.org/19602/SvcType/mDL/Issuance",
            "https://dts.example/SvcType/org.iso.23220.photoid.1/Issuance",
            "http://uri.etsi.org/19602/SvcType/mDL/Revocation",
            "https://dts.example/SvcType/org.iso.23220.photoid.1/Revocation",
        ];
        assert_eq!(kinds, expected);
        let anchors = verified.anchors(&DocTypes::new(PID, []));
        let purposes: Vec<_> = anchors.iter().map(|anchor| *anchor.purposes.first().unwrap()).collect();
        assert_eq!(purposes, [Purpose::Issuance, Purpose::Issuance, Purpose::Status, Purpose::Status]);
        assert!(anchors.iter().all(|anchor| anchor.certificate == iaca.certificate && !anchor.scope.covers(MDL)));
        assert_eq!(anchors[0].provenance.source, "LoTE 3 of Utopia DTS, 2026-03-01T12:00:00Z");
    }
}

#[test]
fn a_lower_number_or_an_older_date_is_refused() {
    let (root, iaca) = (iaca("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = list_signer(&root, Curve::P256);
    let list = |number, at| sign(&numbered(&iaca, number, at), &signer);
    let mut memory = LoteMemory::new();
    memory.remember(&verify(&list(5, NOW), &root, &memory).unwrap());
    assert!(verify(&list(5, NOW), &root, &memory).is_ok());
    let refused = verify(&list(4, NOW + Duration::MINUTE), &root, &memory).unwrap_err();
    assert_eq!(refused, LoteError::SequenceLower { found: 4, seen: 5 });
    let refused = verify(&list(6, NOW - Duration::MINUTE), &root, &memory).unwrap_err();
    assert_eq!(refused, LoteError::OlderDate { found: NOW - Duration::MINUTE, seen: NOW });
    let mut stored = LoteMemory::new();
    memory.iter().for_each(|(scheme, seen)| stored.insert(scheme.clone(), seen));
    assert_eq!(stored, memory);
}

#[test]
fn a_closed_list_is_valid_and_gives_no_anchors() {
    let (root, iaca) = (iaca("Utopia DTS Root"), iaca("Utopia IACA"));
    let closed = LoteBuilder::new(scheme(), 9, NOW, None)
        .entity(authority(), vec![anchor(&iaca.certificate, Scope::doc_type(MDL))]);
    let verified = verify(&sign(&closed, &list_signer(&root, Curve::P256)), &root, &LoteMemory::new()).unwrap();
    assert_eq!(verified.freshness(), LoteFreshness::Closed);
    assert!(verified.anchors(&DocTypes::new(MDL, [])).is_empty());
    // Left out is another thing than closed.
    let mut open: Value = serde_json::from_slice(&closed.to_json().unwrap()).unwrap();
    assert_eq!(open["LoTE"]["ListAndSchemeInformation"]["NextUpdate"], Value::Null);
    open["LoTE"]["ListAndSchemeInformation"].as_object_mut().unwrap().remove("NextUpdate");
    assert_eq!(Lote::read(open.to_string().as_bytes()).unwrap_err().id(), "lote-json");
}

/// Header and payload, changed and signed again.
fn resign(list: &[u8], signer: &Party, change: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let text = core::str::from_utf8(list).unwrap();
    let mut parts = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice::<Value>(&parts.next().unwrap()).unwrap();
    let (mut header, mut payload) = (next(), next());
    change(&mut header, &mut payload);
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()));
    let algorithm = signer.key.curve().signature_algorithm().unwrap();
    let signature = signer.key.sign(algorithm, message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_bytes())).into_bytes()
}

#[test]
fn what_is_critical_and_not_understood_is_refused() {
    let (root, iaca) = (iaca("Utopia DTS Root"), iaca("Utopia IACA"));
    let signer = list_signer(&root, Curve::P256);
    let list = sign(&builder(&iaca), &signer);
    let memory = LoteMemory::new();
    let read = |crit: Value| Lote::read(&resign(&list, &signer, |header, _| header["crit"] = crit));
    for crit in [json!(["b64"]), json!([]), json!(["sigT"]), json!(["alg"]), json!(["iat", "sigD"])] {
        assert_eq!(read(crit).unwrap_err(), LoteReadError::CriticalHeader);
    }
    assert!(read(json!(["iat"])).is_ok());

    let with = |extension: Value| {
        let bytes = resign(&list, &signer, |_, payload| {
            payload["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"] = json!([extension]);
        });
        verify(&bytes, &root, &memory).map(drop)
    };
    assert_eq!(with(json!({"Critical": true})), Err(LoteError::SchemeExtension));
    assert_eq!(with(json!({"x": 1})), Err(LoteError::SchemeExtension));
    assert_eq!(with(json!("x")), Err(LoteError::SchemeExtension));
    assert_eq!(with(json!({"Critical": false, "x": 1})), Ok(()));

    let service = |member: &str, value: Value| {
        let bytes = resign(&list, &signer, |_, payload| {
            for service in payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"].as_array_mut().unwrap() {
                service["ServiceInformation"][member] = value.clone();
            }
        });
        verify(&bytes, &root, &memory).unwrap().anchors(&DocTypes::new(MDL, [])).len()
    };
    assert_eq!(service("ServiceInformationExtensions", json!([{"x": 1}])), 0);
    assert_eq!(service("ServiceStatus", json!("http://uri.etsi.org/19602/PubEAAProvidersList/SvcStatus/withdrawn")), 0);
    assert_eq!(service("ServiceStatus", json!("http://uri.etsi.org/19602/PubEAAProvidersList/SvcStatus/notified")), 4);
}

#[test]
fn forged_headers_and_foreign_signers_are_refused() {
    let (root, iaca) = (iaca("Utopia DTS Root"), iaca("Utopia IACA"));
    let (signer, stranger) = (list_signer(&root, Curve::P256), list_signer(&iaca_again(), Curve::P256));
    let list = sign(&builder(&iaca), &signer);
    let memory = LoteMemory::new();
    for alg in ["none", "HS256", "RS256"] {
        let forged = resign(&list, &signer, |header, _| header["alg"] = json!(alg));
        assert_eq!(Lote::read(&forged).unwrap_err(), LoteReadError::UnsupportedAlgorithm);
    }
    let other = resign(&list, &signer, |header, _| header["alg"] = json!("ES384"));
    assert_eq!(verify(&other, &root, &memory).unwrap_err().id(), "lote-algorithm-mismatch");
    let swapped = resign(&list, &signer, |header, _| header["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode([0; 32])));
    assert_eq!(verify(&swapped, &root, &memory).unwrap_err(), LoteError::ThumbprintMismatch);
    let foreign = sign(&builder(&iaca), &stranger);
    assert_eq!(verify(&foreign, &root, &memory).unwrap_err().id(), "lote-signer-path");
    let pinned = [signer.certificate.clone()];
    let check = check_at(LoteTrust::Signers(&pinned), &memory, NOW + Duration::HOUR);
    assert_eq!(Lote::read(&foreign).unwrap().verify(&check).unwrap_err(), LoteError::SignerNotPinned);
    // The other key's signature over the pinned certificate.
    let forged = resign(&list, &stranger, |_, _| {});
    assert_eq!(Lote::read(&forged).unwrap().verify(&check).unwrap_err().id(), "lote-signature");
}

fn iaca_again() -> Party {
    iaca("Another DTS Root")
}

#[test]
fn lists_that_cannot_be_built_say_why() {
    let iaca = iaca("Utopia IACA");
    let list =
        |scheme, information, anchors| LoteBuilder::new(scheme, 1, NOW, None).entity(information, anchors).document();
    let anchors = || vec![anchor(&iaca.certificate, Scope::doc_type(MDL))];
    assert!(list(scheme(), authority(), anchors()).is_ok());
    let any = vec![anchor(&iaca.certificate, Scope::AnyDocType)];
    assert_eq!(list(scheme(), authority(), any).unwrap_err(), LoteBuildError::NoService(0));
    let nameless = EntityInformation { names: Vec::new(), ..authority() };
    assert_eq!(list(scheme(), nameless, anchors()).unwrap_err(), LoteBuildError::Missing("TEName"));
    let nowhere = LoteScheme { territory: "Utopia".to_owned(), ..scheme() };
    assert_eq!(list(nowhere, authority(), anchors()).unwrap_err(), LoteBuildError::Territory);
    let backwards = LoteBuilder::new(scheme(), 1, NOW, Some(NOW));
    assert_eq!(backwards.document().unwrap_err(), LoteBuildError::Dates);
    let root = iaca_again();
    let chain = [document_signer(&root, "Utopia DS").certificate, root.certificate];
    assert_eq!(builder(&iaca).prepare(&chain, rust_crypto()).unwrap_err(), LoteBuildError::RootInChain);
}

#[test]
fn what_is_no_list_is_refused() {
    let read = |bytes: &[u8]| Lote::read(bytes).unwrap_err();
    for bytes in [&b""[..], b"<html>", b"a.b", b"\xff\xfe"] {
        assert_eq!(read(bytes), LoteReadError::Shape);
    }
    assert_eq!(read(b"a.b.c").id(), "lote-base64");
    assert_eq!(read(b"{}").id(), "lote-json");
    assert_eq!(read(&vec![b'{'; 17 << 20]), LoteReadError::TooLong { found: 17 << 20 });
    assert_eq!(read("{\"LoTE\":".repeat(1000).as_bytes()).id(), "lote-json");
}
