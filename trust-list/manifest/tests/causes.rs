//! Every error says what it is and what to do, in both languages.
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

use std::collections::BTreeSet;

use tegata_manifest::{FetchFailure, KeyId, MetadataError, RoleName, StateError, UpdateError};
use tegata_pki::{Curve, SignatureError};
use time::{Duration, UtcDateTime};

const TIME: UtcDateTime = UtcDateTime::UNIX_EPOCH;

fn check<'a>(texts: impl Iterator<Item = (&'a str, &'a str, &'a str, String)>, count: usize) {
    let mut ids = BTreeSet::new();
    for (id, remedy, remedy_ja, message) in texts {
        assert!(ids.insert(id.to_owned()), "{id} twice");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
        assert!(remedy.is_ascii() && remedy.ends_with('.'), "{remedy}");
        assert!(remedy_ja.ends_with('。'), "{remedy_ja}");
        assert!(!message.is_empty());
    }
    assert_eq!(ids.len(), count);
}

fn metadata_errors() -> Vec<MetadataError> {
    let key = KeyId::from_bytes([1; 32]);
    let role = RoleName::List;
    let cbor = tegata_mdoc::cbor::DecodeError::new(tegata_mdoc::cbor::DecodeErrorKind::Empty, 0);
    vec![
        MetadataError::TooLarge { limit: 1, found: 2 },
        MetadataError::Cbor(cbor),
        MetadataError::NotDeterministic,
        MetadataError::WrongType { expected: "root", found: "list".to_owned() },
        MetadataError::Spec(2),
        MetadataError::WrongRepository { expected: "a".to_owned(), found: "b".to_owned() },
        MetadataError::Field("dates"),
        MetadataError::TooMany { what: "keys", found: 2, limit: 1 },
        MetadataError::Duplicate("anchors"),
        MetadataError::MissingRole(role),
        MetadataError::ThresholdTooHigh { role, threshold: 2, keys: 1 },
        MetadataError::MissingKey { role, key },
        MetadataError::KeyIdMismatch(key),
        MetadataError::KeyRoles { key, roles: 2 },
        MetadataError::NoAlgorithm(Curve::X25519),
        MetadataError::NoSigner,
        MetadataError::UnknownSigner(key),
        MetadataError::Signature { key, error: SignatureError::Mismatch },
        MetadataError::NotSigned { role, root: 1, threshold: 2, valid: 1 },
        MetadataError::RootVersion { expected: 2, found: 3 },
        MetadataError::Expired { expires: TIME, at: TIME },
        MetadataError::FromFuture { issued: TIME, at: TIME },
    ]
}

#[test]
fn of_metadata() {
    let errors = metadata_errors();
    let texts = errors.iter().map(|error| (error.id(), error.remedy(), error.remedy_ja(), error.to_string()));
    check(texts, 22);
}

#[test]
fn of_updates() {
    let role = RoleName::List;
    let path = || "v1/pointer.cbor".to_owned();
    let errors = [
        UpdateError::ClockTurnedBack { latest: TIME, at: TIME },
        UpdateError::ClockBeforeRelease { not_before: TIME, at: TIME },
        UpdateError::Unreachable { path: path(), cause: FetchFailure::Timeout },
        UpdateError::Absent { path: path() },
        UpdateError::EndlessData { path: path(), limit: 1 },
        UpdateError::CaptivePortal { path: path() },
        UpdateError::Truncated { path: path(), expected: None, found: 1 },
        UpdateError::Changed { path: path() },
        UpdateError::MixAndMatch { role, expected: 2, found: 1 },
        UpdateError::Metadata { path: path(), error: MetadataError::NoSigner },
        UpdateError::NotSigned { path: path(), role, root: 1, threshold: 2, valid: 1 },
        UpdateError::RootVersion { expected: 2, found: 3 },
        UpdateError::TooManyRoots,
        UpdateError::Rollback { role, known: 2, found: 1 },
        UpdateError::Equivocation { role, version: 1 },
        UpdateError::Expired { role, expires: TIME, at: TIME },
        UpdateError::FromFuture { role, issued: TIME, at: TIME },
        UpdateError::LongLived { life: Duration::WEEK, limit: Duration::DAY },
        UpdateError::TooMuch { total: 1 },
        UpdateError::Over,
    ];
    let texts = errors.iter().map(|error| (error.id(), error.remedy(), error.remedy_ja(), error.to_string()));
    check(texts, 20);
}

#[test]
fn of_states() {
    let mut metadata = metadata_errors();
    let Some(MetadataError::Cbor(cbor)) = metadata.get(1).cloned() else { panic!() };
    let errors = [
        StateError::TooLarge { limit: 1, found: 2 },
        StateError::Cbor(cbor),
        StateError::Version(2),
        StateError::Damaged,
        StateError::Body(metadata.remove(0)),
        StateError::Root(metadata.remove(0)),
    ];
    let texts = errors.iter().map(|error| (error.id(), error.remedy(), error.remedy_ja(), error.to_string()));
    check(texts, 6);
}
