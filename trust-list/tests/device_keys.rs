//! Device-key lists: the token, which documents a list speaks about, and what it then says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use ciborium::Value;
use support::{
    MDL, NOW, PID, Party, URI, anchor, chain, cwt, cwt_of, document_signer, finish, iaca, mso_of, status_signer,
};
use tegata_mdoc::mso::{Status, StatusListInfo};
use tegata_pki::{Curve, Hash, PublicKey, rust_crypto};
use tegata_trust_list::token::{
    DeviceKeyListToken, RevocationToken, TokenBuilder, TokenDeviation, TokenError, recognise,
};
use tegata_trust_list::{
    Bits, Compression, DeviceKeyList, Evidence, EvidenceKind, KeyThumbprint, MsoQuestion, Purpose,
    RequiredDeviceKeyList, RevocationCheck, RevocationPolicy, RevocationStatus, RevokedReason, Scope, SignerName,
    StatusArray, StatusList, StatusListError, StatusValue, TrustStore, TrustStoreBuilder, UndeterminedCause,
    mso_status,
};
use time::Duration;

const OTHER_URI: &str = "https://dts.example/device-keys/2";
const STATUS_URI: &str = "https://dts.example/status/1";

/// An authority, a document signer, a device and a list signer.
struct World {
    root: Party,
    ds: Party,
    device: PublicKey,
    signer: Party,
}

impl World {
    fn new(name: &str) -> Self {
        let root = iaca(name);
        let (ds, signer) = (document_signer(&root, "DS 1"), status_signer(&root, Curve::P256));
        // Any key will do as the device's.
        let device = document_signer(&root, "Device").key.public_key().clone();
        Self { root, ds, device, signer }
    }

    fn question(&self) -> MsoQuestion<'_> {
        mso_of(&self.ds, &self.root, &self.device, MDL)
    }

    fn thumbprint(&self) -> KeyThumbprint {
        KeyThumbprint::of(&self.device, rust_crypto())
    }

    fn naming_key(&self, sequence: u64) -> DeviceKeyList {
        DeviceKeyList::new(sequence, [self.thumbprint()], [])
    }

    fn naming_signer(&self, sequence: u64) -> DeviceKeyList {
        DeviceKeyList::new(sequence, [], [SignerName::of(&self.ds.certificate, &self.root.certificate, rust_crypto())])
    }

    fn issuer_key(&self) -> [u8; 32] {
        let digest = rust_crypto().digest(Hash::Sha256, self.root.certificate.spki_der());
        digest.as_bytes().try_into().unwrap()
    }

    fn requiring(&self, scope: Scope) -> TrustStore {
        let required = RequiredDeviceKeyList { issuer_key: self.issuer_key(), scope, uri: URI.to_owned() };
        let builder = TrustStoreBuilder::new().anchor(anchor(&self.root.certificate, Scope::AnyDocType)).unwrap();
        builder.require_device_key_list(required).build().unwrap()
    }

    fn ask(&self, evidence: &Evidence, trust: Option<&TrustStore>) -> RevocationStatus {
        ask(&self.question(), evidence, trust)
    }
}

fn ask(question: &MsoQuestion<'_>, evidence: &Evidence, trust: Option<&TrustStore>) -> RevocationStatus {
    let policy = RevocationPolicy::strict();
    let check = RevocationCheck { evidence, trust, policy: &policy, at: NOW, provider: rust_crypto() };
    mso_status(question, &check)
}

fn with(tokens: &[Vec<u8>]) -> Evidence {
    let mut evidence = Evidence::new();
    for token in tokens {
        evidence.lists.add(token, NOW - Duration::minutes(30)).unwrap();
    }
    evidence
}

fn cause(status: RevocationStatus) -> &'static str {
    match status {
        RevocationStatus::Undetermined(cause) => cause.id(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_token_has_the_documented_form() {
    let world = World::new("Utopia IACA");
    let list = DeviceKeyList::new(7, [world.thumbprint()], [SignerName { issuer_key: [1; 32], serial: vec![5] }]);
    let token = cwt(list.clone(), &world.signer);
    let Value::Tag(18, sign1) = ciborium::from_reader::<Value, _>(token.as_slice()).unwrap() else { panic!() };
    let parts = sign1.into_array().unwrap();
    let part = |index: usize| ciborium::from_reader::<Value, _>(parts[index].as_bytes().unwrap().as_slice()).unwrap();
    let field = |map: &Value, key: i64| {
        let pairs = map.as_map().unwrap();
        pairs.iter().find(|(found, _)| *found == Value::from(key)).map(|(_, value)| value.clone())
    };
    let header = part(0);
    assert_eq!(field(&header, 16), Some(Value::from("application/device-key-list+cwt")));
    assert_eq!(field(&header, 33), Some(Value::from(world.signer.certificate.der())));
    assert_eq!(parts[1], Value::Map(Vec::new()));
    let claims = part(2);
    assert_eq!(field(&claims, 2), Some(Value::from(URI)));
    assert_eq!(field(&claims, 4), Some(Value::from((NOW - Duration::HOUR + Duration::DAY).unix_timestamp())));
    let expected = vec![
        (Value::from("keys"), Value::from(&world.thumbprint().as_bytes()[..])),
        (Value::from("sequence"), Value::from(7)),
        (
            Value::from("documentSigners"),
            Value::Array(vec![Value::Array(vec![Value::from(&[1_u8; 32][..]), Value::from(&[5_u8][..])])]),
        ),
    ];
    assert_eq!(field(&claims, -65537), Some(Value::Map(expected)));
    let RevocationToken::DeviceKeyList(read) = recognise(&token).unwrap() else { panic!() };
    assert_eq!(*read.unverified_content(), list);
    assert_eq!(read.deviations(), []);
}

#[test]
fn no_deviation_of_form_is_tolerated() {
    let world = World::new("Utopia IACA");
    let token = cwt(world.naming_key(1), &world.signer);
    let untagged = &token[1..];
    assert_eq!(
        DeviceKeyListToken::from_cwt(untagged).unwrap_err(),
        TokenError::Deviation(TokenDeviation::NoCoseTag),
        "{:02x}",
        token[0]
    );
    let tagged = [&[0xd8, 61], token.as_slice()].concat();
    assert_eq!(DeviceKeyListToken::from_cwt(&tagged).unwrap_err(), TokenError::Deviation(TokenDeviation::CwtTag));
    for index in 0..token.len() {
        let mut changed = token.clone();
        changed[index] ^= 1;
        let mut evidence = Evidence::new();
        if evidence.lists.add(&changed, NOW).is_ok() {
            let status = world.ask(&evidence, None);
            assert!(!matches!(status, RevocationStatus::Good { .. }), "byte {index}: {status:?}");
            assert!(!matches!(status, RevocationStatus::Revoked { .. }), "byte {index}: {status:?}");
        }
    }
}

#[test]
fn a_listed_key_or_signer_is_revoked_and_others_are_good() {
    let world = World::new("Utopia IACA");
    assert_eq!(world.ask(&Evidence::new(), None), RevocationStatus::NotApplicable);

    let evidence = with(&[cwt(world.naming_key(3), &world.signer)]);
    let RevocationStatus::Revoked { reason, evidence: Some(age), .. } = world.ask(&evidence, None) else { panic!() };
    assert_eq!(reason, RevokedReason::KeyListed);
    assert_eq!(age.kind, EvidenceKind::DeviceKeyList { uri: URI.to_owned(), sequence: 3 });
    assert_eq!(age.age, Duration::HOUR);

    let evidence = with(&[cwt(world.naming_signer(3), &world.signer)]);
    let revoked = world.ask(&evidence, None);
    assert!(matches!(revoked, RevocationStatus::Revoked { reason: RevokedReason::SignerListed, .. }));
    let keyless = MsoQuestion { device_key: None, ..world.question() };
    assert!(matches!(ask(&keyless, &evidence, None), RevocationStatus::Revoked { .. }));

    let other = document_signer(&world.root, "DS 2");
    let elsewhere = MsoQuestion { document_signer: &other.certificate, ..world.question() };
    let RevocationStatus::Good { evidence: ages } = ask(&elsewhere, &evidence, None) else { panic!() };
    assert_eq!(ages.len(), 1);
    assert_eq!(cause(ask(&MsoQuestion { device_key: None, ..elsewhere }, &evidence, None)), "device-key-list-no-key");
}

#[test]
fn the_same_serial_under_another_issuer_is_another_signer() {
    let (world, other) = (World::new("Utopia IACA"), World::new("Ruritania IACA"));
    let foreign = SignerName::of(&world.ds.certificate, &other.root.certificate, rust_crypto());
    let evidence = with(&[cwt(DeviceKeyList::new(1, [], [foreign]), &world.signer)]);
    assert_eq!(world.ask(&evidence, None).id(), "good");
}

#[test]
fn a_strangers_valid_list_is_no_evidence() {
    let (world, stranger) = (World::new("Utopia IACA"), World::new("Other IACA"));
    let foreign = with(&[cwt(world.naming_key(9), &stranger.signer)]);
    assert_eq!(world.ask(&foreign, None), RevocationStatus::NotApplicable);
    let required = world.requiring(Scope::doc_type(MDL));
    assert_eq!(cause(world.ask(&foreign, Some(&required))), "status-foreign-signer");
    // It neither hides the issuer's own list of the same subject, nor crowds it out.
    let own = cwt(world.naming_key(1), &world.signer);
    let strangers: Vec<_> =
        (10..30).map(|sequence| cwt(DeviceKeyList::new(sequence, [], []), &stranger.signer)).collect();
    let all = [&[own][..], &strangers].concat();
    assert_eq!(world.ask(&with(&all), None).id(), "revoked");
}

#[test]
fn an_anchor_for_status_vouches_within_its_scope() {
    let (world, status) = (World::new("Utopia IACA"), World::new("Status CA"));
    let evidence = with(&[cwt(world.naming_key(1), &status.signer)]);
    let store = |scope| {
        let entry = anchor(&status.root.certificate, scope).with_purpose(Purpose::Status);
        TrustStoreBuilder::new().anchor(entry).unwrap().build().unwrap()
    };
    assert_eq!(world.ask(&evidence, Some(&store(Scope::doc_type(MDL)))).id(), "revoked");
    assert_eq!(world.ask(&evidence, Some(&store(Scope::doc_type(PID)))), RevocationStatus::NotApplicable);
    // What cannot be used and is perhaps about others says nothing; it does when it is required.
    let stale = with(&[cwt_of(world.naming_key(1), &status.signer, NOW - Duration::days(3))]);
    assert_eq!(world.ask(&stale, Some(&store(Scope::AnyDocType))), RevocationStatus::NotApplicable);
}

#[test]
fn a_required_list_that_is_missing_leaves_the_status_undetermined() {
    let world = World::new("Utopia IACA");
    let required = world.requiring(Scope::doc_type(MDL));
    assert_eq!(cause(world.ask(&Evidence::new(), Some(&required))), "device-key-list-missing");
    assert_eq!(
        world.ask(&Evidence::new(), Some(&world.requiring(Scope::doc_type(PID)))),
        RevocationStatus::NotApplicable
    );
    let other = World::new("Other IACA");
    assert_eq!(other.ask(&Evidence::new(), Some(&required)), RevocationStatus::NotApplicable);
    let there = with(&[cwt(DeviceKeyList::new(1, [], []), &world.signer)]);
    assert_eq!(world.ask(&there, Some(&required)).id(), "good");
    // A list of another subject does not stand in for it.
    let builder =
        TokenBuilder::new(OTHER_URI, DeviceKeyList::new(1, [], []), NOW, NOW + Duration::DAY, chain(&world.signer));
    let elsewhere = finish(builder.prepare_cwt().unwrap(), &world.signer.key);
    assert_eq!(cause(world.ask(&with(&[elsewhere]), Some(&required))), "device-key-list-missing");
}

#[test]
fn the_highest_number_decides_and_a_lower_one_does_not_come_back() {
    let world = World::new("Utopia IACA");
    let naming = cwt_of(world.naming_key(5), &world.signer, NOW - Duration::hours(3));
    // Issued later, numbered lower: a list of the day before, signed again.
    let empty = cwt_of(DeviceKeyList::new(4, [], []), &world.signer, NOW - Duration::HOUR);
    assert_eq!(world.ask(&with(&[naming.clone(), empty.clone()]), None).id(), "revoked");
    assert_eq!(world.ask(&with(&[empty.clone(), naming]), None).id(), "revoked");
    let mut remembering = with(&[empty]);
    assert_eq!(world.ask(&remembering, None).id(), "good");
    remembering.lists.remember_sequence(URI, 5);
    assert_eq!(remembering.lists.highest_sequences().collect::<Vec<_>>(), [(URI, 5)]);
    let RevocationStatus::Undetermined(superseded) = world.ask(&remembering, None) else { panic!() };
    assert!(matches!(
        superseded,
        UndeterminedCause::Stale { error: StatusListError::SequenceTooLow { found: 4, seen: 5 }, .. }
    ));
}

#[test]
fn the_issuers_own_list_must_be_usable_when_it_is_there() {
    let world = World::new("Utopia IACA");
    let stale = with(&[cwt_of(DeviceKeyList::new(1, [], []), &world.signer, NOW - Duration::days(3))]);
    assert_eq!(cause(world.ask(&stale, None)), "status-expired");
}

#[test]
fn with_the_lists_the_document_refers_to_revoked_wins_and_one_does_not_stand_in_for_another() {
    let world = World::new("Utopia IACA");
    let status = Status {
        status_list: Some(StatusListInfo { index: 5, uri: STATUS_URI, certificate: None }),
        identifier_list: None,
    };
    let question = MsoQuestion { status: Some(&status), ..world.question() };
    let bit = |value| {
        let mut array = StatusArray::new(Bits::One, 64);
        array.set(5, value).unwrap();
        let content = StatusList::compress(&array, Compression::Small);
        let builder = TokenBuilder::new(STATUS_URI, content, NOW, NOW + Duration::DAY, chain(&world.signer));
        finish(builder.prepare_cwt().unwrap(), &world.signer.key)
    };
    let (valid, invalid) = (bit(StatusValue::Valid), bit(StatusValue::Invalid));
    let (naming, empty) = (cwt(world.naming_key(1), &world.signer), cwt(DeviceKeyList::new(1, [], []), &world.signer));
    let of = |tokens: &[&Vec<u8>]| {
        let tokens: Vec<_> = tokens.iter().map(|token| (*token).clone()).collect();
        ask(&question, &with(&tokens), None)
    };
    let RevocationStatus::Good { evidence: ages } = of(&[&valid, &empty]) else { panic!() };
    assert_eq!(ages.len(), 2);
    assert!(matches!(of(&[&valid, &naming]), RevocationStatus::Revoked { reason: RevokedReason::KeyListed, .. }));
    assert!(matches!(of(&[&invalid, &empty]), RevocationStatus::Revoked { reason: RevokedReason::Invalid, .. }));
    assert_eq!(of(&[&naming]).id(), "revoked");
    assert_eq!(cause(of(&[&empty])), "status-no-list");
    let stale = cwt_of(DeviceKeyList::new(1, [], []), &world.signer, NOW - Duration::days(3));
    assert_eq!(cause(of(&[&valid, &stale])), "status-expired");
    assert_eq!(cause(of(&[&stale])), "status-expired", "it tells more than the missing list");
}

#[test]
fn a_list_of_half_a_million_keys_is_read_and_asked() {
    let world = World::new("Utopia IACA");
    let keys = (0_u64..500_000).map(|number| {
        KeyThumbprint::from_bytes(
            rust_crypto().digest(Hash::Sha256, &number.to_be_bytes()).as_bytes().try_into().unwrap(),
        )
    });
    let token = cwt(DeviceKeyList::new(1, keys.chain([world.thumbprint()]), []), &world.signer);
    assert!(token.len() < 16 << 20);
    assert_eq!(world.ask(&with(&[token]), None).id(), "revoked");
    let many = (0_u64..600_000).map(|number| {
        let mut octets = [0; 32];
        octets[..8].copy_from_slice(&number.to_be_bytes());
        KeyThumbprint::from_bytes(octets)
    });
    let builder =
        TokenBuilder::new(URI, DeviceKeyList::new(1, many, []), NOW, NOW + Duration::DAY, chain(&world.signer));
    let prepared = builder.prepare_cwt().unwrap();
    let signature = world.signer.key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    assert_eq!(prepared.complete(&signature, rust_crypto()).unwrap_err().id(), "token-build-too-long");
}
