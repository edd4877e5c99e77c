//! Status of documents from the ledger, read as a verifier reads it.
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
use tegata_pki::{Role, rust_crypto, software::InsecureSoftwareKey};
use tegata_publisher::{Ledger, LocalDirectory, Service, StatusFile, build_status, service::Shape};
use tegata_trust_list::{
    Bits, StatusValue,
    token::{DeviceKeyListToken, IdentifierListToken, SignerTrust, StatusListToken, Token, TokenCheck, TokenPolicy},
};
use time::{Duration, UtcDateTime, format_description::well_known::Rfc3339};

fn line(world: &World, n: u8, days: i64, revoked: bool) -> String {
    let valid_until = (NOW + Duration::days(days)).format(&Rfc3339).unwrap();
    let (serial, issuer) = (hex::encode(world.ds.certificate.serial()), world.iaca.digest());
    let device_key = hex::encode([n; 32]);
    let revoked =
        if revoked { ",\"revoked\":{\"at\":\"2026-02-28T09:00:00Z\",\"reason\":\"device-lost\"}" } else { "" };
    format!(
        "{{\"docType\":\"{MDL}\",\"dsSerial\":\"{serial}\",\"issuer\":\"{issuer}\",\"deviceKey\":\"{device_key}\",\
         \"validUntil\":\"{valid_until}\",\"status\":{{\"uri\":\"{STATUS_URI}\",\"idx\":{n}}},\
         \"identifier\":{{\"uri\":\"{IDENTIFIER_URI}\",\"id\":\"{device_key}\"}}{revoked}}}\n"
    )
}

/// Three documents: good, revoked, revoked and over.
fn ledger(world: &World) -> Ledger {
    let text = line(world, 1, 30, false) + &line(world, 2, 30, true) + &line(world, 3, -1, true);
    Ledger::read(text.as_bytes()).unwrap()
}

fn build(world: &mut World, ledger: &Ledger, at: UtcDateTime) -> Result<Vec<StatusFile>, &'static str> {
    let World { catalogue, service, ring, .. } = world;
    build_status(catalogue, ledger, service, ring, at, rust_crypto()).map_err(|error| {
        assert!(!error.remedy().is_empty() && !error.remedy_ja().is_empty());
        error.id()
    })
}

fn file<'f>(files: &'f [StatusFile], path: &str) -> &'f [u8] {
    &files.iter().find(|file| file.path == path).unwrap().bytes
}

macro_rules! verified {
    ($world:expr, $token:expr, $uri:expr, $at:expr) => {{
        let policy = TokenPolicy::strict();
        let trust = SignerTrust::Issuer { issuer: &$world.iaca.certificate, status_anchors: &[] };
        $token.verify(&TokenCheck { uri: $uri, trust, at: $at, policy: &policy, provider: rust_crypto() })
    }};
}

#[test]
fn every_form_says_the_same() {
    for bits in Bits::ALL {
        let mut world = World::ready();
        world.service.status[0].shape = Shape::StatusList { bits, entries: 1000 };
        let ledger = ledger(&world);
        let files = build(&mut world, &ledger, NOW).unwrap();
        let cwt: StatusListToken = Token::from_cwt(file(&files, "status/1.cwt")).unwrap();
        let jwt = StatusListToken::from_jwt(std::str::from_utf8(file(&files, "status/1.jwt")).unwrap()).unwrap();
        for token in [cwt, jwt] {
            let list = verified!(world, token, STATUS_URI, NOW).unwrap();
            let values: Vec<_> = (0..5).map(|index| list.get(index).unwrap()).collect();
            let valid = StatusValue::Valid;
            assert_eq!(values, [valid, valid, StatusValue::Invalid, StatusValue::Invalid, valid]);
            assert_eq!(token.ttl(), Some(Duration::HOUR));
            assert_eq!(token.expires(), Some(NOW + Duration::DAY));
        }
    }
}

#[test]
fn identifiers_and_device_keys_of_the_revoked() {
    let mut world = World::ready();
    let ledger = ledger(&world);
    let files = build(&mut world, &ledger, NOW).unwrap();
    let token: IdentifierListToken = Token::from_cwt(file(&files, "status/ids.cwt")).unwrap();
    let list = verified!(world, token, IDENTIFIER_URI, NOW).unwrap();
    assert_eq!(list.content().identifiers().collect::<Vec<_>>(), [[2; 32], [3; 32]]);

    let token: DeviceKeyListToken = Token::from_cwt(file(&files, "device-keys/1.cwt")).unwrap();
    let list = verified!(world, token, DEVICE_URI, NOW).unwrap();
    let keys: Vec<_> = list.content().keys().map(|key| *key.as_bytes()).collect();
    assert_eq!(keys, [[2; 32]], "what is over is not listed");
    assert_eq!(list.content().sequence(), 1);
    let files = build(&mut world, &ledger, NOW + Duration::HOUR).unwrap();
    let token: DeviceKeyListToken = Token::from_cwt(file(&files, "device-keys/1.cwt")).unwrap();
    assert_eq!(token.unverified_content().sequence(), 2);
}

#[test]
fn a_revoked_document_signer_takes_all_its_documents_along() {
    let mut world = World::ready();
    let ledger = ledger(&world);
    let serial = world.ds.certificate.serial().to_vec();
    let revoking = crl(&world.iaca, 11, NOW, Duration::days(30), &[(&serial, NOW)]);
    world.import_answer(&Answer { crls: vec![revoking], ..Answer::default() }, NOW).unwrap();
    let keys = |world: &mut World, at| {
        let files = build(world, &ledger, at).unwrap();
        let token: DeviceKeyListToken = Token::from_cwt(file(&files, "device-keys/1.cwt")).unwrap();
        let list = verified!(world, token, DEVICE_URI, at).unwrap();
        list.content().keys().map(|key| *key.as_bytes()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&mut world, NOW), [[1; 32], [2; 32]]);
    // The list shrinks to nothing within the life of the documents.
    let later = NOW + Duration::days(31);
    let renewed = crl(&world.iaca, 12, later, Duration::days(30), &[(&serial, NOW)]);
    world.import_answer(&Answer { crls: vec![renewed], ..Answer::default() }, later).unwrap();
    assert_eq!(keys(&mut world, later), <[[u8; 32]; 0]>::default());
}

#[test]
fn no_list_outlives_the_crl() {
    let mut world = World::ready();
    let ledger = ledger(&world);
    let at = NOW - Duration::HOUR + Duration::days(30) - Duration::minutes(10);
    let files = build(&mut world, &ledger, at).unwrap();
    let token: StatusListToken = Token::from_cwt(file(&files, "status/1.cwt")).unwrap();
    assert_eq!(token.expires(), Some(at + Duration::minutes(10)));
    assert_eq!(token.ttl(), Some(Duration::minutes(10)));
    assert_eq!(build(&mut world, &ledger, at + Duration::minutes(10)), Err("status-no-crl"));
}

#[test]
fn a_list_is_signed_under_the_root_of_its_documents() {
    let mut world = World::ready();
    let ledger = ledger(&world);
    // The only list signer that can sign here is of another root.
    world.ring.0.retain(|key| key.public_key() != world.status_signer.key.public_key());
    assert_eq!(build(&mut world, &ledger, NOW), Err("status-no-signer"));
    // A list signer that was revoked does not sign either.
    let mut world = World::ready();
    let ledger = self::ledger(&world);
    let serial = world.status_signer.certificate.serial().to_vec();
    let revoking = crl(&world.iaca, 11, NOW, Duration::days(30), &[(&serial, NOW)]);
    world.import_answer(&Answer { crls: vec![revoking], ..Answer::default() }, NOW).unwrap();
    assert_eq!(build(&mut world, &ledger, NOW), Err("status-no-signer"));
    // Until a new one comes.
    let new = issue(Role::StatusSigner, "Utopia Status 2", &world.iaca, 300);
    world.ring.0.push(InsecureSoftwareKey::from_pkcs8_pem(&new.key.to_pkcs8_pem()).unwrap());
    let answer = Answer {
        signers: vec![(tegata_trust_list::bundle::SignerRole::StatusSigner, new.certificate.der().to_vec())],
        crls: vec![crl(&world.iaca, 12, NOW + Duration::HOUR, Duration::days(30), &[(&serial, NOW)])],
        ..Answer::default()
    };
    world.import_answer(&answer, NOW + Duration::HOUR).unwrap();
    assert!(build(&mut world, &ledger, NOW + Duration::HOUR).is_ok());
}

#[test]
fn ledger_and_service_must_agree() {
    let mut world = World::ready();
    let text = line(&world, 1, 30, false);
    let read = |text: String| Ledger::read(text.as_bytes()).unwrap();
    let unknown = read(text.replace(STATUS_URI, "https://dts.example/status/9"));
    assert_eq!(build(&mut world, &unknown, NOW), Err("status-unknown-list"));
    let swapped = read(text.replace(STATUS_URI, DEVICE_URI));
    assert_eq!(build(&mut world, &swapped, NOW), Err("status-other-list"));
    let stranger = read(text.replace(&world.iaca.digest().to_string(), &"ab".repeat(32)));
    assert_eq!(build(&mut world, &stranger, NOW), Err("status-other-list"));
    let far = read(text.replace("\"idx\":1", "\"idx\":1024"));
    assert_eq!(build(&mut world, &far, NOW), Err("status-index"));
}

#[test]
fn status_files_are_published_outside_of_the_snapshot() {
    let mut world = World::ready();
    let ledger = ledger(&world);
    let files = build(&mut world, &ledger, NOW).unwrap();
    let target = LocalDirectory::open(&world.site()).unwrap();
    world.publish_with(&files, &target, NOW).unwrap();
    assert_eq!(std::fs::read(world.site().join("status/1.cwt")).unwrap(), file(&files, "status/1.cwt"));
    let accepted = update(world.stranger(), NOW, from_directory(&world.site())).unwrap();
    assert!(accepted.snapshot.objects.keys().all(|name| !name.starts_with("status/")));
    let uris: Vec<_> = accepted.list.sources.iter().map(|source| source.uri.as_str()).collect();
    assert_eq!(uris, [DEVICE_URI, STATUS_URI, IDENTIFIER_URI]);
}

#[test]
fn a_service_file_is_read_strictly() {
    let iaca = root("Utopia IACA");
    let good = service(&iaca);
    assert_eq!(good.status.len(), 3);
    let text = |member: &str, value: &str| {
        let lines = [
            "repository = \"a\"",
            "base-url = \"https://a\"",
            "list-days = 90",
            "snapshot-days = 7",
            "pointer-hours = 24",
            "status-hours = 24",
            "status-ttl-minutes = 60",
            "operator = { en = \"a\", ja = \"b\" }",
        ];
        let is_it = |line: &&str| line.starts_with(member);
        let changed: Vec<String> = lines
            .iter()
            .map(|line| if is_it(line) { format!("{member} = {value}") } else { (*line).to_owned() })
            .collect();
        Service::from_toml(&changed.join("\n")).map_err(|error| error.id())
    };
    assert!(text("none", "").is_ok());
    for (member, value) in [
        ("pointer-hours", "25"),
        ("list-days", "91"),
        ("list-days", "0"),
        ("base-url", "\"ftp://a\""),
        ("base-url", "\"https://a/\""),
        ("repository", "\"\""),
    ] {
        assert_eq!(text(member, value), Err("service-member"), "{member} {value}");
    }
    assert_eq!(text("operator", "{ en = \"a\" }"), Err("service-toml"));
}
