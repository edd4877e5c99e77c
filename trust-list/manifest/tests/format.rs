//! What is a file and what is not: unknown fields, closed shapes, caps, the rules of each type, signing, approvals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "test code"
)]

mod support;

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use support::*;
use tegata_manifest::{
    AnchorList, Approval, ClientState, Document, ListedAnchor, ListedState, MAX_APPROVAL_BYTES, MAX_LIST_BYTES,
    MAX_POINTER_BYTES, MAX_ROOT_BYTES, MAX_SNAPSHOT_BYTES, MetadataError, MetadataKind, ObjectReference, Pointer,
    RoleName, RootMetadata, Signed, Snapshot, StatusSource, path, verify_approval,
};
use tegata_mdoc::cbor::{DecodeErrorKind, Encoder};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{Curve, PublicKey, RawSignature, SignatureError, rust_crypto};
use tegata_trust_list::{DocTypes, Purpose};
use time::Duration;

fn approval() -> Approval {
    Approval {
        repository: REPOSITORY.to_owned(),
        issued: START,
        expires: START + Duration::days(60),
        anchor: listed(iaca(1)).key_digest(),
        doc_types: DocTypes::new(MDL, ["org.iso.23220.photoid.1".to_owned()]),
        purposes: BTreeSet::from([Purpose::Issuance, Purpose::Status]),
    }
}

fn full_list() -> AnchorList {
    let mut list = list(1, START, &[0, 1]);
    list.anchors[0].dates.removed = Some(START + Duration::days(2000));
    list.anchors[1].approval = Some(vec![1, 2, 3]);
    list.links = vec![iaca(2)];
    list
}

fn snapshot() -> Snapshot {
    let site = Site::new();
    Signed::<Snapshot>::parse(&site.tree[&path::snapshot(1)]).unwrap().unverified().clone()
}

fn pointer() -> Pointer {
    Pointer { header: header(1, START, Duration::DAY), snapshot: reference(1, b"snapshot") }
}

fn root() -> RootMetadata {
    Site::new().root(1, START)
}

fn payload<T: Document>(document: &T) -> Vec<u8> {
    document.prepare(&[public(1)]).unwrap().payload().to_vec()
}

fn value<T: Document>(document: &T) -> Value {
    ciborium::from_reader(&payload(document)[..]).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// With every map in order, as deterministic encoding asks.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Map(pairs) => {
            let mut pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            pairs.sort_by_key(|(key, _)| bytes(key));
            Value::Map(pairs)
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn parse<T: Document + Clone>(value: &Value) -> Result<T, MetadataError> {
    let file = sign_payload(&bytes(&sorted(value)), &[1]);
    Signed::<T>::parse(&file).map(|signed| signed.unverified().clone())
}

type Pairs = Vec<(Value, Value)>;

/// Calls `change` with every map of the value, one at a time, and `check` with what came out.
fn for_each_map(value: &Value, change: &dyn Fn(&mut Pairs) -> bool, check: &mut dyn FnMut(Value)) {
    fn count(value: &Value) -> usize {
        match value {
            Value::Map(pairs) => 1 + pairs.iter().map(|(_, value)| count(value)).sum::<usize>(),
            Value::Array(items) => items.iter().map(count).sum(),
            _ => 0,
        }
    }
    fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Pairs> {
        match value {
            Value::Map(pairs) => {
                if *left == 0 {
                    return Some(pairs);
                }
                *left -= 1;
                pairs.iter_mut().find_map(|(_, value)| nth(value, left))
            }
            Value::Array(items) => items.iter_mut().find_map(|value| nth(value, left)),
            _ => None,
        }
    }
    for index in 0..count(value) {
        let mut changed = value.clone();
        let mut left = index;
        if change(nth(&mut changed, &mut left).unwrap()) {
            check(changed);
        }
    }
}

fn is_text(key: &Value, text: &str) -> bool {
    key.as_text() == Some(text)
}

/// Maps whose keys are names of things, not of fields.
fn is_struct(pairs: &[(Value, Value)]) -> bool {
    pairs.iter().all(|(key, _)| key.as_text().is_some_and(|key| !key.contains('/')))
}

fn new_fields_are_ignored<T: Document + Clone + PartialEq + Debug>(document: &T, structs: usize) {
    let news = [
        ("a", Value::Bool(true)),
        ("zz-a-new-field", Value::Array(vec![Value::Map(vec![(Value::from(-1), Value::Null)]), Value::from("x")])),
    ];
    for (key, new) in news {
        let mut seen = 0;
        let add = |pairs: &mut Pairs| {
            pairs.push((Value::from(key), new.clone()));
            is_struct(pairs)
        };
        for_each_map(&value(document), &add, &mut |changed| {
            assert_eq!(&parse::<T>(&changed).unwrap(), document);
            seen += 1;
        });
        assert_eq!(seen, structs, "{}", T::type_name());
    }
}

#[test]
fn fields_of_later_times_are_ignored_everywhere() {
    new_fields_are_ignored(&root(), 1 + 1 + 4);
    new_fields_are_ignored(&full_list(), 1 + 2 * 3 + 2 + 1);
    new_fields_are_ignored(&snapshot(), 1 + 1 + 3);
    new_fields_are_ignored(&pointer(), 2);
    new_fields_are_ignored(&approval(), 1);
}

fn keys_are_texts<T: Document + Clone + Debug>(document: &T) {
    let add = |pairs: &mut Pairs| {
        pairs.push((Value::from(1), Value::Null));
        true
    };
    for_each_map(&value(document), &add, &mut |changed| {
        let error = parse::<T>(&changed).unwrap_err();
        assert!(matches!(error, MetadataError::Cbor(_)), "{error:?}");
    });
}

#[test]
fn keys_that_are_no_texts_are_refused_everywhere() {
    keys_are_texts(&root());
    keys_are_texts(&full_list());
    keys_are_texts(&snapshot());
    keys_are_texts(&pointer());
    keys_are_texts(&approval());
}

fn fields_are_mandatory<T: Document + Clone + Debug + PartialEq>(document: &T, optional: &[&str]) {
    let names: BTreeSet<String> = {
        let mut names = BTreeSet::new();
        fn walk(value: &Value, names: &mut BTreeSet<String>) {
            match value {
                Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
                    names.extend(key.as_text().filter(|key| !key.contains('/')).map(str::to_owned));
                    walk(value, names);
                }),
                Value::Array(items) => items.iter().for_each(|item| walk(item, names)),
                _ => {}
            }
        }
        walk(&value(document), &mut names);
        names
    };
    for name in names {
        let remove = |pairs: &mut Pairs| {
            let before = pairs.len();
            pairs.retain(|(key, _)| !is_text(key, &name));
            pairs.len() < before
        };
        for_each_map(&value(document), &remove, &mut |changed| match parse::<T>(&changed) {
            Ok(read) => assert!(optional.contains(&name.as_str()) && &read != document, "{name}"),
            Err(_) => assert!(!optional.contains(&name.as_str()), "{name}"),
        });
    }
}

#[test]
fn every_field_is_mandatory_but_those_that_are_not() {
    fields_are_mandatory(&root(), &[]);
    let optional = ["approval", "retiring", "removed", "crlFresh", "crlMaxAge", "revocationDuty"];
    fields_are_mandatory(&full_list(), &optional);
    fields_are_mandatory(&snapshot(), &[]);
    fields_are_mandatory(&pointer(), &[]);
    fields_are_mandatory(&approval(), &[]);
}

#[test]
fn an_entry_without_a_review_date_is_refused() {
    let mut error = None;
    let remove = |pairs: &mut Pairs| {
        let before = pairs.len();
        pairs.retain(|(key, _)| !is_text(key, "reviewBy"));
        pairs.len() < before
    };
    for_each_map(&value(&list(1, START, &[0])), &remove, &mut |changed| error = parse::<AnchorList>(&changed).err());
    let Some(MetadataError::Cbor(error)) = error else { panic!("{error:?}") };
    assert_eq!(*error.kind(), DecodeErrorKind::MissingKey { key: "reviewBy" });
    assert_eq!(error.path().collect::<Vec<_>>(), ["anchors", "facts"]);
}

/// Sets a field wherever it occurs and returns the last error.
fn set<T: Document + Clone + Debug>(document: &T, name: &str, new: &Value) -> MetadataError {
    let mut error = None;
    let replace = |pairs: &mut Pairs| match pairs.iter_mut().find(|(key, _)| is_text(key, name)) {
        Some((_, value)) => {
            *value = new.clone();
            true
        }
        None => false,
    };
    for_each_map(&value(document), &replace, &mut |changed| error = Some(parse::<T>(&changed).unwrap_err()));
    error.unwrap()
}

#[test]
fn other_types_and_versions_of_the_format_are_refused() {
    assert_eq!(set(&pointer(), "spec", &Value::from(2)), MetadataError::Spec(2));
    let found = "delta".to_owned();
    assert_eq!(set(&pointer(), "type", &Value::from("delta")), MetadataError::WrongType { expected: "pointer", found });
    let mut delta = value(&pointer());
    let Value::Map(pairs) = &mut delta else { panic!() };
    pairs.iter_mut().find(|(key, _)| is_text(key, "type")).unwrap().1 = Value::from("delta");
    let file = sign_payload(&bytes(&sorted(&delta)), &[1]);
    assert_eq!(MetadataKind::of(&file), Err(MetadataError::Field("type")));
}

#[test]
fn scopes_are_not_empty_and_sets_are_in_order() {
    let texts = |texts: &[&str]| Value::Array(texts.iter().copied().map(Value::from).collect());
    for (name, wrong) in [
        ("docTypes", texts(&[])),
        ("docTypes", texts(&[""])),
        ("docTypes", texts(&["a", "a"])),
        ("docTypes", texts(&["b", "a"])),
        ("purposes", texts(&[])),
        ("purposes", texts(&["issuance", "issuance"])),
        ("purposes", texts(&["status", "issuance"])),
        ("purposes", texts(&["everything"])),
        ("state", Value::from("trusted")),
        ("kind", Value::from("ocsp")),
        ("category", Value::from("advertisement")),
        ("crlFresh", Value::from(0)),
        ("certificate", Value::Bytes(vec![0x30, 0])),
        ("issuerKey", Value::Bytes(vec![1; 31])),
        ("published", Value::Tag(0, Box::new(Value::from("2026-01-01T00:00:00.5Z")))),
        ("published", Value::Tag(0, Box::new(Value::from("2026-01-01T00:00:00+00:00")))),
        ("published", Value::Tag(0, Box::new(Value::from("2026-01-01t00:00:00Z")))),
        ("published", Value::from("2026-01-01T00:00:00Z")),
    ] {
        let error = set(&full_list(), name, &wrong);
        assert!(matches!(error, MetadataError::Cbor(_) | MetadataError::Field(_)), "{name}: {error:?}");
    }
    for wrong in [0, 65536] {
        assert!(matches!(set(&root(), "threshold", &Value::from(wrong)), MetadataError::Cbor(_)));
    }
    assert!(matches!(set(&root(), "threshold", &Value::from(4)), MetadataError::ThresholdTooHigh { .. }));
}

#[test]
fn a_key_has_one_encoding_and_its_own_id() {
    let mut compressed = value(&root());
    let keys = |value: &mut Value| -> Pairs {
        let Value::Map(pairs) = value else { panic!() };
        pairs.iter().find(|(key, _)| is_text(key, "keys")).unwrap().1.as_map().unwrap().clone()
    };
    let mut pairs = keys(&mut compressed);
    // The compressed point of the same key (RFC 5480 2.2): another SubjectPublicKeyInfo, the same key.
    let spki = pairs[0].1.as_bytes().unwrap().clone();
    let point = &spki[spki.len() - 65..];
    let mut other = hex::decode("3039301306072a8648ce3d020106082a8648ce3d030107032200").unwrap();
    other.push(2 + (point[64] & 1));
    other.extend_from_slice(&point[1..33]);
    assert_eq!(PublicKey::from_spki_der(&other), PublicKey::from_spki_der(&spki));
    pairs[0].1 = Value::Bytes(other);
    assert!(matches!(set(&root(), "keys", &Value::Map(pairs.clone())), MetadataError::Cbor(_)));
    // Two keys with each other's ids.
    let mut pairs = keys(&mut compressed);
    let first = pairs[0].1.clone();
    pairs[0].1 = pairs[1].1.clone();
    pairs[1].1 = first;
    let Value::Map(top) = &mut compressed else { panic!() };
    top.iter_mut().find(|(key, _)| is_text(key, "keys")).unwrap().1 = Value::Map(pairs);
    assert!(matches!(parse::<RootMetadata>(&compressed), Err(MetadataError::KeyIdMismatch(_))));
}

#[test]
fn other_encodings_are_refused() {
    let payload = payload(&pointer());
    let good = sign_payload(&payload, &[1]);
    Signed::<Pointer>::parse(&good).unwrap();
    let not_deterministic = |payload: &[u8]| {
        let error = Signed::<Pointer>::parse(&sign_payload(payload, &[1])).unwrap_err();
        assert_eq!(error, MetadataError::NotDeterministic);
    };
    // The map in reverse order, and with a head that is longer than needed.
    let Value::Map(mut pairs) = value(&pointer()) else { panic!() };
    pairs.reverse();
    not_deterministic(&bytes(&Value::Map(pairs)));
    not_deterministic(&[&[0xb8, payload[0] & 0x1f], &payload[1..]].concat());
    // The file in longer heads: the tag, the array, the payload.
    assert_eq!(good[..3], [0xd8, 0x62, 0x84]);
    for longer in [
        [&[0xd9, 0x00, 0x62], &good[2..]].concat(),
        [&good[..2], &[0x98, 4], &good[3..]].concat(),
        [&good[..2], &[0x9f], &good[3..], &[0xff]].concat(),
    ] {
        assert_eq!(Signed::<Pointer>::parse(&longer).unwrap_err(), MetadataError::NotDeterministic);
    }
}

#[test]
fn other_shapes_of_cose_are_refused() {
    let payload = payload(&pointer());
    let kid = [7; 32];
    let build = |tag: Option<u64>, body: &[u8], unprotected: &[u8], protected: &[u8], inner: &[u8]| {
        let mut encoder = Encoder::new();
        tag.into_iter().for_each(|tag| _ = encoder.tag(tag));
        encoder.array(4).bytes(body).raw(unprotected).bytes(&payload).array(1);
        encoder.array(3).bytes(protected).raw(inner).bytes(&[1; 64]);
        Signed::<Pointer>::parse(&encoder.into_bytes())
    };
    let (body, empty, signer) = (cose::body(), [0xa0], cose::protected(&kid));
    build(Some(98), &body, &empty, &signer, &empty).unwrap();
    let some = [0xa1, 0x01, 0x26];
    let more = [&[0xa3][..], &signer[1..], &[0x05, 0x00]].concat();
    let critical = [&[0xa3][..], &signer[1..3], &[0x02, 0x81, 0x04], &signer[3..]].concat();
    for (what, result) in [
        ("no tag", build(None, &body, &empty, &signer, &empty)),
        ("the tag of Sign1", build(Some(18), &body, &empty, &signer, &empty)),
        ("no typ", build(Some(98), &[], &empty, &signer, &empty)),
        ("another typ", build(Some(98), &[0xa1, 0x10, 0x61, 0x61], &empty, &signer, &empty)),
        ("an unprotected header", build(Some(98), &body, &some, &signer, &empty)),
        ("an unprotected header of a signer", build(Some(98), &body, &empty, &signer, &some)),
        ("no header of a signer", build(Some(98), &body, &empty, &[], &empty)),
        ("one header more", build(Some(98), &body, &empty, &more, &empty)),
        ("a critical header", build(Some(98), &body, &empty, &critical, &empty)),
    ] {
        assert!(matches!(result, Err(MetadataError::Cbor(_))), "{what}: {result:?}");
    }
    let nobody = Signed::<Pointer>::parse(&cose::file(&payload, &[])).unwrap();
    assert!(matches!(nobody.verify(&root(), rust_crypto()), Err(MetadataError::NotSigned { valid: 0, .. })));
    let many = vec![(&kid[..], &kid[..]); tegata_manifest::MAX_SIGNATURES + 1];
    assert!(matches!(Signed::<Pointer>::parse(&cose::file(&payload, &many)), Err(MetadataError::TooMany { .. })));
}

fn capped<T: Document + Debug>(limit: u64) {
    assert_eq!(T::max_bytes(), limit);
    let error = Signed::<T>::parse(&vec![0xd8; limit as usize + 1]).unwrap_err();
    assert_eq!(error, MetadataError::TooLarge { limit, found: limit + 1 });
    let error = Signed::<T>::parse(&vec![0xd8; limit as usize]).unwrap_err();
    assert!(matches!(error, MetadataError::Cbor(_)));
}

#[test]
fn files_have_caps() {
    capped::<RootMetadata>(MAX_ROOT_BYTES);
    capped::<AnchorList>(MAX_LIST_BYTES);
    capped::<Snapshot>(MAX_SNAPSHOT_BYTES);
    capped::<Pointer>(MAX_POINTER_BYTES);
    capped::<Approval>(MAX_APPROVAL_BYTES);
    assert_eq!((MAX_ROOT_BYTES, MAX_LIST_BYTES, MAX_SNAPSHOT_BYTES), (1 << 20, 10 << 20, 4 << 20));
    // What would be too long is not released.
    let mut snapshot = snapshot();
    let object = ObjectReference { length: 1, sha256: [0; 32] };
    snapshot.objects = (0..60_000).map(|number| (format!("crl/{number:040}.crl"), object)).collect();
    let prepared = snapshot.prepare(&[public(1)]).unwrap();
    let part = &prepared.to_be_signed()[0];
    let signature = key(1).sign(part.algorithm(), part.message()).unwrap();
    let signatures = BTreeMap::from([(part.key_id(), signature)]);
    assert!(matches!(prepared.complete(&signatures, rust_crypto()), Err(MetadataError::TooLarge { .. })));
}

/// What preparing says after a change.
fn changed<T: Document + Clone>(document: &T, change: impl FnOnce(&mut T)) -> Result<(), MetadataError> {
    let mut document = document.clone();
    change(&mut document);
    document.prepare(&[public(1)]).map(|_| ())
}

#[test]
fn rules_of_headers() {
    let field = |result, name| assert_eq!(result, Err(MetadataError::Field(name)));
    field(changed(&pointer(), |pointer| pointer.header.version = 0), "version");
    field(changed(&pointer(), |pointer| pointer.header.repository.clear()), "repository");
    field(changed(&pointer(), |pointer| pointer.header.repository = "é".repeat(128)), "repository");
    field(changed(&pointer(), |pointer| pointer.header.expires = pointer.header.issued), "expires");
    field(changed(&pointer(), |pointer| pointer.header.issued += Duration::MILLISECOND), "issued");
    field(changed(&pointer(), |pointer| pointer.snapshot.version = 0), "snapshot");
    field(changed(&pointer(), |pointer| pointer.snapshot.length = 0), "snapshot");
    field(changed(&pointer(), |pointer| pointer.snapshot.length = MAX_SNAPSHOT_BYTES + 1), "snapshot");
    field(changed(&snapshot(), |snapshot| snapshot.list.length = MAX_LIST_BYTES + 1), "list");
    let object = |name: &str, length| {
        let object = ObjectReference { length, sha256: [0; 32] };
        changed(&snapshot(), |snapshot| _ = snapshot.objects.insert(name.to_owned(), object))
    };
    object("crl/1.crl", 1).unwrap();
    for name in ["../crl", "/crl", "crl/", ""] {
        field(object(name, 1), "objects");
    }
    field(object("crl/1.crl", 0), "objects");
    field(object("crl/1.crl", tegata_manifest::MAX_OBJECT_BYTES + 1), "objects");
}

#[test]
fn rules_of_lists() {
    let list = full_list();
    let field = |name, change: &dyn Fn(&mut AnchorList)| {
        assert_eq!(changed(&list, change), Err(MetadataError::Field(name)));
    };
    let double = |name, change: &dyn Fn(&mut AnchorList)| {
        assert_eq!(changed(&list, change), Err(MetadataError::Duplicate(name)));
    };
    double("anchors", &|list| list.anchors[1].certificate = list.anchors[0].certificate.clone());
    double("links", &|list| list.links.push(list.links[0].clone()));
    double("sources", &|list| list.sources.push(list.sources[0].clone()));
    double("notices", &|list| list.notices.push(list.notices[0].clone()));
    double("anchors of a notice", &|list| list.notices[0].anchors = vec![[1; 32]; 2]);
    field("purposes", &|list| list.anchors[0].purposes.clear());
    field("dates", &|list| list.anchors[0].dates.active = START - Duration::DAY);
    field("dates", &|list| list.anchors[0].dates.removed = Some(START + Duration::DAY));
    field("crlMaxAge", &|list| list.anchors[0].facts.crl_max_age = Some(Duration::HOUR));
    field("crlFresh", &|list| list.anchors[0].facts.crl_fresh = Some(Duration::ZERO));
    field("crlFresh", &|list| list.anchors[0].facts.crl_fresh = Some(-Duration::DAY));
    field("reviewBy", &|list| list.anchors[0].facts.review_by += Duration::NANOSECOND);
    field("approval", &|list| list.anchors[0].approval = Some(Vec::new()));
    field("sources", &|list| list.sources[0].issuer_key = [0; 32]);
    for uri in ["ftp://a", "https://", "https:///a", "//a", "https://a b", "https://\u{e9}", "file:///etc/passwd"] {
        field("sources", &|list| list.sources[0].uri = uri.to_owned());
    }
    field("notice id", &|list| list.notices[0].id = "Not This".to_owned());
    field("notice text", &|list| {
        list.notices[0].text_en.clear();
        list.notices[0].text_ja.clear();
    });
    // A revocation comes when it comes.
    changed(&list, |list| {
        list.anchors[0].state = ListedState::Revoked;
        list.anchors[0].dates.removed = Some(START + Duration::DAY);
    })
    .unwrap();
    let source = StatusSource { uri: "http://status.example/2".to_owned(), ..list.sources[0].clone() };
    changed(&list, |list| list.sources.push(source)).unwrap();
}

#[test]
fn only_verified_signatures_are_released() {
    let site = Site::new();
    let list = list(1, START, &[0]);
    let keys = site.keys(RoleName::List);
    let public: Vec<_> = keys.iter().map(|key| key.public_key().clone()).collect();
    let prepare = || list.prepare(&public).unwrap();
    let sign = |key: &InsecureSoftwareKey| {
        let prepared = prepare();
        let part = prepared.to_be_signed().iter().find(|part| part.key() == key.public_key()).unwrap().clone();
        (part.key_id(), key.sign(part.algorithm(), part.message()).unwrap())
    };
    let complete = |signatures: &[(tegata_manifest::KeyId, RawSignature)]| {
        prepare().complete(&signatures.iter().cloned().collect(), rust_crypto())
    };
    // Two of three came: the file is complete without the third.
    let file = complete(&[sign(&keys[0]), sign(&keys[2])]).unwrap();
    let verified = Signed::<AnchorList>::parse(&file).unwrap().verify(&site.root(1, START), rust_crypto()).unwrap();
    assert_eq!(verified.signers().len(), 2);
    assert_eq!(verified.reference(), Some(reference(1, &file)));
    assert_eq!(complete(&[]), Err(MetadataError::NoSigner));
    // A signature of another key, and one over something else.
    let (first, second) = (sign(&keys[0]), sign(&keys[1]));
    let mismatch = MetadataError::Signature { key: first.0, error: SignatureError::Mismatch };
    assert_eq!(complete(&[(first.0, second.1.clone()), second.clone()]), Err(mismatch));
    let stranger = tegata_manifest::KeyId::of(&support::public(99));
    assert_eq!(complete(&[(stranger, first.1)]), Err(MetadataError::UnknownSigner(stranger)));
    assert_eq!(list.prepare(&[]).unwrap_err(), MetadataError::NoSigner);
    let twice = [public[0].clone(), public[0].clone()];
    assert_eq!(list.prepare(&twice).unwrap_err(), MetadataError::Duplicate("signers"));
    let x25519 = InsecureSoftwareKey::from_scalar(Curve::X25519, &[9; 32]).unwrap();
    let error = list.prepare(&[x25519.public_key().clone()]).unwrap_err();
    assert_eq!(error, MetadataError::NoAlgorithm(Curve::X25519));
}

#[test]
fn every_curve_signs() {
    let curves = Curve::ALL.into_iter().filter(|curve| curve.can_sign());
    for (curve, length) in curves.map(|curve| (curve, curve.field_len())) {
        let mut scalar = vec![3; length];
        scalar[0] = 0;
        let mine = InsecureSoftwareKey::from_scalar(curve, &scalar).unwrap();
        let mut root = root();
        let id = tegata_manifest::KeyId::of(mine.public_key());
        let role = root.roles.get_mut(&RoleName::Pointer).unwrap();
        let old = core::mem::replace(&mut role.keys, BTreeSet::from([id]));
        old.iter().for_each(|id| _ = root.keys.remove(id));
        root.keys.insert(id, mine.public_key().clone());
        let root_file = sign(&root, &[&key(1), &key(2)]);
        assert_eq!(ClientState::bootstrap(&root_file, rust_crypto()).unwrap().root(), &root);
        let signed = Signed::<Pointer>::parse(&sign(&pointer(), &[&mine])).unwrap();
        assert_eq!(signed.verify(&root, rust_crypto()).unwrap().signers(), &BTreeSet::from([id]), "{curve}");
    }
}

#[test]
fn approvals_are_signed_by_the_root_role() {
    let root = root();
    let (by_root, by_list) = ([key(1), key(3)], [key(11), key(12), key(13)]);
    let at = START + Duration::DAY;
    let good = sign(&approval(), &[&by_root[0], &by_root[1]]);
    assert_eq!(verify_approval(&good, &root, rust_crypto(), at), Ok(approval()));
    let not_signed = |file: &[u8]| match verify_approval(file, &root, rust_crypto(), at).unwrap_err() {
        MetadataError::NotSigned { role: RoleName::Root, threshold: 2, valid, .. } => valid,
        other => panic!("{other:?}"),
    };
    assert_eq!(not_signed(&sign(&approval(), &[&by_root[0]])), 1);
    assert_eq!(not_signed(&sign(&approval(), &[&by_list[0], &by_list[1], &by_list[2]])), 0);
    let expires = approval().expires;
    let error = verify_approval(&good, &root, rust_crypto(), expires).unwrap_err();
    assert_eq!(error, MetadataError::Expired { expires, at: expires });
    let early = START - Duration::SECOND;
    let error = verify_approval(&good, &root, rust_crypto(), early).unwrap_err();
    assert_eq!(error, MetadataError::FromFuture { issued: START, at: early });
    let mut foreign = approval();
    foreign.repository = "other.example".to_owned();
    let error = verify_approval(&sign(&foreign, &[&by_root[0], &by_root[1]]), &root, rust_crypto(), at).unwrap_err();
    assert!(matches!(error, MetadataError::WrongRepository { .. }));
    // A root is no approval, whoever signed it.
    let error = verify_approval(&sign(&root, &[&by_root[0], &by_root[1]]), &root, rust_crypto(), at).unwrap_err();
    assert!(matches!(error, MetadataError::WrongType { .. }));
}

#[test]
fn an_approval_covers_its_anchor_and_no_more() {
    let anchor = listed(iaca(1));
    assert!(approval().covers(&anchor));
    assert!(!approval().covers(&listed(iaca(0))));
    let more = |change: &dyn Fn(&mut ListedAnchor)| {
        let mut anchor = anchor.clone();
        change(&mut anchor);
        approval().covers(&anchor)
    };
    assert!(!more(&|anchor| anchor.doc_types = DocTypes::new(MDL, ["eu.europa.ec.eudi.pid.1".to_owned()])));
    assert!(!more(&|anchor| _ = anchor.purposes.insert(Purpose::Vical)));
    assert!(more(&|anchor| anchor.doc_types = DocTypes::new(MDL, [])));
}
