//! Bundles across the air gap: what comes back, and every way in which a file may be spoilt, replayed or forged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use ciborium::Value;
use getrandom::{SysRng, rand_core::UnwrapErr};
use proptest::prelude::*;
use tegata_mdoc::cose::CoseSign1;
use tegata_pki::crl::RevocationReason;
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, PublicKey, rust_crypto};
use tegata_trust_list::bundle::{
    Applicant, ApplicantError, ApplicantRole, BundleError, Continuity, CsrItem, Inspected, IssuedCertificate,
    IssuedRole, MAX_BUNDLE_BYTES, MAX_ITEMS, PreparedBundle, RequestBundle, RequestItem, ResponseBundle,
    RevocationOrder, SequenceError, SignerRole, Verified, bundle_digest, inspect,
};
use time::macros::utc_datetime;

fn key(curve: Curve) -> InsecureSoftwareKey {
    InsecureSoftwareKey::generate(curve, &mut UnwrapErr(SysRng)).unwrap()
}

fn sign(prepared: PreparedBundle, key: &InsecureSoftwareKey) -> Vec<u8> {
    assert_eq!(prepared.key(), key.public_key());
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    prepared.complete(&signature, rust_crypto()).unwrap()
}

fn applicants() -> Vec<Applicant> {
    vec![
        Applicant { person: "p03".into(), role: ApplicantRole::OpsManager },
        Applicant { person: "p07".into(), role: ApplicantRole::KeyManager },
    ]
}

fn csr(role: SignerRole, der: &[u8]) -> RequestItem {
    RequestItem::Csr(CsrItem { role, der: der.to_vec(), attestation: None })
}

fn order() -> RevocationOrder {
    RevocationOrder {
        issuer_ski: vec![7; 20],
        serial: vec![0x40, 1, 2],
        reason: Some(RevocationReason::KeyCompromise),
        at: utc_datetime!(2026-11-20 23:59:59),
        requested_by: "p03".into(),
    }
}

fn request() -> RequestBundle {
    let attested = CsrItem {
        role: SignerRole::StatusSigner,
        der: b"request two".to_vec(),
        attestation: Some(b"statement of the module".to_vec()),
    };
    RequestBundle {
        sequence: 5,
        nonce: [9; 32],
        created: utc_datetime!(2026-11-21 12:00),
        previous_response: Some([4; 32]),
        last_checkpoint: Some("example.org/log\n12\nAAAA\n".into()),
        applicants: applicants(),
        items: vec![
            csr(SignerRole::DocumentSigner, b"request one"),
            RequestItem::Csr(attested),
            RequestItem::Revoke(order()),
            RequestItem::Revoke(RevocationOrder { reason: None, ..order() }),
        ],
    }
}

fn response() -> ResponseBundle {
    let issued = |role, der: &[u8]| IssuedCertificate { role, der: der.to_vec() };
    ResponseBundle {
        sequence: 5,
        request_digest: [3; 32],
        created: utc_datetime!(2026-11-21 15:00),
        certificates: vec![
            issued(IssuedRole::Root, b"root"),
            issued(SignerRole::DocumentSigner.into(), b"document signer"),
        ],
        links: vec![b"old with new".to_vec(), b"new with old".to_vec()],
        // Eleven of them: the order of the names is not that of the numbers.
        crls: (1..=11).map(|number| format!("list {number}").into_bytes()).collect(),
        next_sequence: 6,
        checkpoint: "example.org/log\n14\nBBBB\n".into(),
        software_token: true,
    }
}

fn open_request(bytes: &[u8], signer: &PublicKey) -> Result<Verified<RequestBundle>, BundleError> {
    RequestBundle::open(bytes, signer, rust_crypto())
}

#[test]
fn both_kinds_come_back_on_every_curve() {
    for curve in Curve::ALL.into_iter().filter(|curve| curve.can_sign()) {
        let key = key(curve);
        let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
        let opened = open_request(&bytes, key.public_key()).unwrap();
        assert_eq!(opened.contents(), &request());
        assert_eq!((opened.digest(), opened.signer()), (bundle_digest(&bytes), key.public_key()));
        assert_eq!((opened.contents().csrs().count(), opened.contents().revocations().count()), (2, 2));
        assert_eq!(inspect(&bytes).unwrap(), Inspected::Request(request()));

        let bytes = sign(response().prepare(key.public_key()).unwrap(), &key);
        let opened = ResponseBundle::open(&bytes, key.public_key(), rust_crypto()).unwrap();
        assert_eq!(opened.into_contents(), response());
        assert_eq!(inspect(&bytes).unwrap(), Inspected::Response(response()));
    }
    let x25519 = key(Curve::X25519);
    assert_eq!(request().prepare(x25519.public_key()).unwrap_err(), BundleError::NoAlgorithm(Curve::X25519));
}

#[test]
fn the_digest_is_the_one_that_openssl_shows() {
    let key = key(Curve::P256);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("request.bundle");
    std::fs::write(&path, &bytes).unwrap();
    let Ok(output) = std::process::Command::new("openssl").args(["dgst", "-sha256", "-r"]).arg(&path).output() else {
        return println!("skipped: no openssl");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(&hex::encode(bundle_digest(&bytes))), "{text}");
}

/// A second decoder sees the structure that the documentation gives, and the signature is over the manifest.
#[test]
fn an_independent_decoder_sees_the_documented_structure() {
    let key = key(Curve::P256);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let file = Parts::read(&bytes);
    let payload: Value = ciborium::from_reader(file.payload.as_slice()).unwrap();
    let [version, manifest, head] = payload.as_array().unwrap().as_slice() else { panic!() };
    assert_eq!(version.as_integer(), Some(1.into()));
    let names = |map: &Value| -> Vec<String> {
        map.as_map().unwrap().iter().map(|(name, _)| name.as_text().unwrap().to_owned()).collect()
    };
    assert_eq!(names(manifest), ["csr-1", "csr-2", "attestation-2"]);
    let objects: Vec<_> = file.objects.iter().map(|(name, _)| name.as_text().unwrap()).collect();
    assert_eq!(objects, ["csr-1", "csr-2", "attestation-2"]);
    let entry = manifest.as_map().unwrap()[0].1.as_array().unwrap();
    assert_eq!(entry[0].as_bytes().unwrap().as_slice(), bundle_digest(b"request one"));
    assert_eq!(entry[1].as_integer(), Some(11.into()));
    let expected =
        ["items", "nonce", "created", "sequence", "applicants", "lastCheckpoint", "previousResponse"].map(String::from);
    assert_eq!(names(head), expected);
}

/// A bundle taken apart by another decoder, to be put together wrong.
struct Parts {
    protected: Vec<u8>,
    unprotected: Value,
    payload: Vec<u8>,
    signature: Vec<u8>,
    objects: Pairs,
}

impl Parts {
    fn read(bytes: &[u8]) -> Self {
        let file: Value = ciborium::from_reader(bytes).unwrap();
        let [signed, objects] = <[Value; 2]>::try_from(file.into_array().unwrap()).unwrap();
        let (18, signed) = signed.into_tag().unwrap() else { panic!() };
        let [protected, unprotected, payload, signature] =
            <[Value; 4]>::try_from(signed.into_array().unwrap()).unwrap();
        Self {
            protected: protected.into_bytes().unwrap(),
            unprotected,
            payload: payload.into_bytes().unwrap(),
            signature: signature.into_bytes().unwrap(),
            objects: objects.into_map().unwrap(),
        }
    }

    /// With a payload of the forger's, properly signed.
    fn resign(mut self, payload: &Value, key: &InsecureSoftwareKey) -> Vec<u8> {
        self.payload = encode(payload);
        let message = CoseSign1::signature_input(&self.protected, &self.payload);
        let algorithm = key.curve().signature_algorithm().unwrap();
        self.signature = key.sign(algorithm, &message).unwrap().into_bytes();
        self.write()
    }

    fn payload(&self) -> Value {
        ciborium::from_reader(self.payload.as_slice()).unwrap()
    }

    fn write(self) -> Vec<u8> {
        let signed = Value::Array(vec![
            Value::Bytes(self.protected),
            self.unprotected,
            Value::Bytes(self.payload),
            Value::Bytes(self.signature),
        ]);
        encode(&Value::Array(vec![Value::Tag(18, Box::new(signed)), Value::Map(self.objects)]))
    }
}

/// The pairs of a map.
type Pairs = Vec<(Value, Value)>;

fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn no_flipped_bit_is_accepted() {
    let key = key(Curve::P256);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let objects = bytes.windows(11).position(|window| window == b"request one").unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut spoilt = bytes.clone();
            spoilt[place] ^= 1 << bit;
            let error = open_request(&spoilt, key.public_key()).unwrap_err();
            if (objects..objects + 11).contains(&place) {
                assert_eq!(error, BundleError::ObjectDigest { name: "csr-1".into() });
            }
            ids.insert(error.id());
            let _ = inspect(&spoilt);
        }
    }
    for id in
        ["bundle-cbor", "bundle-wrong-signer", "bundle-signature", "bundle-object-digest", "bundle-missing-object"]
    {
        assert!(ids.contains(id), "{id} not among {ids:?}");
    }
    for length in 0..bytes.len() {
        assert!(open_request(&bytes[..length], key.public_key()).is_err());
    }
    assert!(open_request(&[bytes.as_slice(), &[0]].concat(), key.public_key()).is_err());
}

#[test]
fn signer_and_kind_are_checked() {
    let (own, other) = (key(Curve::P256), key(Curve::P256));
    let bytes = sign(request().prepare(own.public_key()).unwrap(), &own);
    let error = open_request(&bytes, other.public_key()).unwrap_err();
    let expected = BundleError::WrongSigner {
        expected: other.public_key().key_identifier(),
        found: own.public_key().key_identifier().to_vec(),
    };
    assert_eq!(error, expected);
    assert!(!error.remedy().is_empty() && !error.remedy_ja().is_ascii());

    let error = ResponseBundle::open(&bytes, own.public_key(), rust_crypto()).unwrap_err();
    assert_eq!(error.id(), "bundle-wrong-type");

    let prepared = request().prepare(own.public_key()).unwrap();
    let signature = other.sign(prepared.algorithm(), prepared.to_be_signed()).unwrap();
    assert_eq!(prepared.complete(&signature, rust_crypto()).unwrap_err().id(), "bundle-signature");
}

#[test]
fn objects_and_manifest_must_agree() {
    let key = key(Curve::P384);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let spoil = |change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::read(&bytes);
        change(&mut parts);
        open_request(&parts.write(), key.public_key()).unwrap_err()
    };
    let missing = spoil(&|parts| _ = parts.objects.remove(1));
    assert_eq!(missing, BundleError::MissingObject { name: "csr-2".into() });
    let extra = spoil(&|parts| parts.objects.push((Value::Text("virus".into()), Value::Bytes(vec![1]))));
    assert_eq!(extra, BundleError::ExtraObject { name: "virus".into() });
    let longer = spoil(&|parts| parts.objects[0].1 = Value::Bytes(b"request one and more".to_vec()));
    assert_eq!(longer, BundleError::ObjectLength { name: "csr-1".into(), expected: 11, found: 20 });
    let other = spoil(&|parts| parts.objects[0].1 = Value::Bytes(b"request ten".to_vec()));
    assert_eq!(other, BundleError::ObjectDigest { name: "csr-1".into() });
    let twice = spoil(&|parts| parts.objects.insert(0, parts.objects[0].clone()));
    assert_eq!(twice.id(), "bundle-cbor");
    let reordered = spoil(&|parts| parts.objects.swap(0, 1));
    assert_eq!(reordered, BundleError::NotDeterministic);
    let unprotected = spoil(&|parts| parts.unprotected = Value::Map(vec![(Value::Integer(99.into()), Value::Null)]));
    assert_eq!(unprotected, BundleError::NotDeterministic);
}

/// What the rightful signer signs is checked as well.
#[test]
fn signed_nonsense_is_refused() {
    let key = key(Curve::P256);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let forge = |change: &dyn Fn(&mut Vec<Value>)| {
        let parts = Parts::read(&bytes);
        let mut payload = parts.payload().into_array().unwrap();
        change(&mut payload);
        open_request(&parts.resign(&Value::Array(payload), &key), key.public_key()).map(Verified::into_contents)
    };
    assert_eq!(forge(&|_| ()), Ok(request()), "the forger's tools work");
    let text = |text: &str| Value::Text(text.into());
    let in_head = |key: &'static str, value: Value| {
        forge(&move |payload| {
            let head = payload[2].as_map_mut().unwrap();
            head.iter_mut().find(|(name, _)| name.as_text() == Some(key)).unwrap().1 = value.clone();
        })
    };
    let id = |result: Result<RequestBundle, BundleError>| result.unwrap_err().id();

    assert_eq!(forge(&|payload| payload[0] = Value::Integer(2.into())), Err(BundleError::Version(2)));
    assert_eq!(id(forge(&|payload| _ = payload.pop())), "bundle-cbor");
    assert_eq!(id(forge(&|payload| payload[2].as_map_mut().unwrap().push((text("zzz"), Value::Null)))), "bundle-cbor");
    assert_eq!(id(forge(&|payload| _ = payload[2].as_map_mut().unwrap().remove(0))), "bundle-cbor");
    assert_eq!(forge(&|payload| payload[2].as_map_mut().unwrap().reverse()), Err(BundleError::NotDeterministic));
    assert_eq!(in_head("sequence", Value::Integer(0.into())), Err(BundleError::Field("sequence")));
    assert_eq!(id(in_head("nonce", Value::Bytes(vec![9; 31]))), "bundle-cbor");
    let offset = Value::Tag(0, Box::new(text("2026-11-21T21:00:00+09:00")));
    assert_eq!(in_head("created", offset), Err(BundleError::NotDeterministic));
    assert_eq!(
        in_head("items", Value::Array(Vec::new())),
        Err(BundleError::UnusedObject { name: "attestation-2".into() })
    );
    let person =
        |person: &str, role: &str| Value::Map(vec![(text("role"), text(role)), (text("person"), text(person))]);
    let pair = Value::Array(vec![person("p03", "ops-manager"), person("p03", "key-manager")]);
    assert_eq!(in_head("applicants", pair), Err(ApplicantError::SamePerson("p03".into()).into()));
    let pair = Value::Array(vec![person("p03", "ops-manager"), person("p07", "auditor")]);
    assert_eq!(id(in_head("applicants", pair)), "bundle-cbor");

    let item = |index: usize, change: &dyn Fn(&mut Pairs)| {
        forge(&|payload| {
            let head = payload[2].as_map_mut().unwrap();
            let items = &mut head.iter_mut().find(|(name, _)| name.as_text() == Some("items")).unwrap().1;
            change(items.as_array_mut().unwrap()[index].as_map_mut().unwrap());
        })
    };
    let set = |name: &'static str, value: Value| {
        move |item: &mut Pairs| {
            item.retain(|(key, _)| key.as_text() != Some(name));
            item.push((Value::Text(name.into()), value.clone()));
        }
    };
    let gone = item(0, &set("csr", text("csr-9")));
    assert_eq!(gone, Err(BundleError::MissingObject { name: "csr-9".into() }));
    let twice = item(1, &set("attestation", text("csr-1")));
    assert_eq!(twice, Err(BundleError::MissingObject { name: "csr-1".into() }));
    assert_eq!(id(item(0, &set("role", text("iaca")))), "bundle-cbor");
    assert_eq!(id(item(2, &set("role", text("document-signer")))), "bundle-cbor");
    assert_eq!(id(item(2, &|item| item.clear())), "bundle-cbor");
    assert_eq!(id(item(2, &set("reason", Value::Integer(300.into())))), "bundle-cbor");
    // Rules are judged after the encoding, in which keys have their order.
    let sorted = |name: &'static str, value: Value| {
        move |item: &mut Pairs| {
            item.iter_mut().find(|(key, _)| key.as_text() == Some(name)).unwrap().1 = value.clone();
        }
    };
    assert_eq!(item(2, &sorted("reason", Value::Integer(6.into()))), Err(BundleError::Field("reason")));
    assert_eq!(item(2, &sorted("serial", Value::Bytes(vec![0, 1]))), Err(BundleError::Field("serial")));
}

#[test]
fn rules_hold_before_anything_is_signed() {
    let key = key(Curve::P256);
    let refused = |change: &dyn Fn(&mut RequestBundle)| {
        let mut request = request();
        change(&mut request);
        request.prepare(key.public_key()).map(|_| ()).unwrap_err()
    };
    let revoke = |change: &dyn Fn(&mut RevocationOrder)| {
        let mut order = order();
        change(&mut order);
        refused(&|request| request.items = vec![RequestItem::Revoke(order.clone())])
    };
    assert_eq!(refused(&|request| request.sequence = 0), BundleError::Field("sequence"));
    assert_eq!(refused(&|request| request.created = utc_datetime!(1969-12-31 0:00)), BundleError::Field("created"));
    assert_eq!(refused(&|request| request.last_checkpoint = Some(String::new())), BundleError::Field("lastCheckpoint"));
    assert_eq!(refused(&|request| request.items = vec![csr(SignerRole::VicalSigner, b"")]), BundleError::Field("csr"));
    assert_eq!(refused(&|request| _ = request.applicants.pop()).id(), "bundle-applicants-count");
    let many = vec![csr(SignerRole::DocumentSigner, b"x"); MAX_ITEMS + 1];
    assert_eq!(refused(&|request| request.items.clone_from(&many)).id(), "bundle-too-many");
    let large = csr(SignerRole::DocumentSigner, &vec![0; MAX_BUNDLE_BYTES]);
    assert_eq!(refused(&|request| request.items = vec![large.clone()]).id(), "bundle-too-large");
    assert_eq!(revoke(&|order| order.issuer_ski.clear()), BundleError::Field("issuerSki"));
    for serial in [&[][..], &[0, 1], &[0xFF, 0x80], &[1; 21]] {
        assert_eq!(revoke(&|order| order.serial = serial.to_vec()), BundleError::Field("serial"));
    }
    for reason in [RevocationReason::CertificateHold, RevocationReason::RemoveFromCrl, RevocationReason::Other(7)] {
        assert_eq!(revoke(&|order| order.reason = Some(reason)), BundleError::Field("reason"));
    }
    assert_eq!(revoke(&|order| order.requested_by = "Taro Yamada".into()), BundleError::Field("requestedBy"));

    let refused = |change: &dyn Fn(&mut ResponseBundle)| {
        let mut response = response();
        change(&mut response);
        response.prepare(key.public_key()).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(&|response| response.next_sequence = 5), BundleError::Field("nextSequence"));
    assert_eq!(refused(&|response| response.checkpoint.clear()), BundleError::Field("checkpoint"));
    assert_eq!(refused(&|response| response.links.push(Vec::new())), BundleError::Field("objects"));
    assert_eq!(inspect(&vec![0; MAX_BUNDLE_BYTES + 1]).unwrap_err().id(), "bundle-too-large");
}

#[test]
fn replays_gaps_and_older_responses_are_named() {
    let key = key(Curve::Ed25519);
    let bytes = sign(request().prepare(key.public_key()).unwrap(), &key);
    let request = open_request(&bytes, key.public_key()).unwrap();
    let checkpoint = request.contents().last_checkpoint.clone().unwrap();
    let last = Continuity { sequence: 5, previous_response: Some([4; 32]), last_checkpoint: Some(checkpoint.as_str()) };
    request.check_follows(&last).unwrap();
    let refused = |last: Continuity<'_>| request.check_follows(&last).unwrap_err();
    assert_eq!(refused(Continuity { sequence: 6, ..last }), SequenceError::Replayed { expected: 6, found: 5 });
    assert_eq!(refused(Continuity { sequence: 4, ..last }), SequenceError::Skipped { expected: 4, found: 5 });
    for other in [None, Some([5; 32])] {
        let error = refused(Continuity { previous_response: other, ..last });
        assert_eq!(error, SequenceError::PreviousResponse { expected: other, found: Some([4; 32]) });
    }
    for other in [None, Some("example.org/log\n11\nAAAA\n")] {
        assert_eq!(refused(Continuity { last_checkpoint: other, ..last }), SequenceError::LastCheckpoint);
    }

    let answer = ResponseBundle { request_digest: request.digest(), ..response() };
    let bytes = sign(answer.prepare(key.public_key()).unwrap(), &key);
    let answer = ResponseBundle::open(&bytes, key.public_key(), rust_crypto()).unwrap();
    answer.check_answers(5, &request.digest()).unwrap();
    let error = answer.check_answers(4, &request.digest()).unwrap_err();
    assert_eq!(error, SequenceError::OtherSequence { expected: 4, found: 5 });
    let error = answer.check_answers(5, &[0; 32]).unwrap_err();
    assert_eq!(error.id(), "bundle-other-request");
    assert!(!error.remedy().is_empty() && !error.remedy_ja().is_ascii());
}

fn any_item() -> impl Strategy<Value = RequestItem> {
    let bytes = || proptest::collection::vec(any::<u8>(), 1..80);
    let role = (0..SignerRole::ALL.len()).prop_map(|index| SignerRole::ALL[index]);
    let csr = (role, bytes(), proptest::option::of(bytes()))
        .prop_map(|(role, der, attestation)| RequestItem::Csr(CsrItem { role, der, attestation }));
    let reason = proptest::option::of((0..=5_u8).prop_map(RevocationReason::from_number));
    let revoke = (proptest::collection::vec(any::<u8>(), 1..=64), any::<u64>(), reason, 0..253_402_300_799_i64);
    let revoke = revoke.prop_map(|(issuer_ski, serial, reason, at)| {
        RequestItem::Revoke(RevocationOrder {
            issuer_ski,
            serial: [&[0x40], serial.to_be_bytes().as_slice()].concat(),
            reason,
            at: time::UtcDateTime::from_unix_timestamp(at).unwrap(),
            requested_by: "p-1".into(),
        })
    });
    prop_oneof![csr, revoke]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_comes_back(
        items in proptest::collection::vec(any_item(), 0..14), sequence in 1..u64::MAX, nonce: [u8; 32],
        previous_response: Option<[u8; 32]>, last_checkpoint in proptest::option::of(".{1,100}"),
    ) {
        let created = utc_datetime!(2026-11-21 12:00);
        let request = RequestBundle {
            sequence, nonce, created, previous_response, last_checkpoint, applicants: applicants(), items,
        };
        let key = InsecureSoftwareKey::from_scalar(Curve::Ed25519, &[7; 32]).unwrap();
        let bytes = sign(request.prepare(key.public_key()).unwrap(), &key);
        prop_assert_eq!(open_request(&bytes, key.public_key()).unwrap().into_contents(), request);
    }

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(inspect(&bytes).is_err());
    }
}
