//! The rules of a root, and where a client begins.
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

use core::num::NonZeroU16;
use std::collections::BTreeSet;

use support::*;
use tegata_manifest::{ClientState, Document as _, KeyId, MetadataError, RoleKeys, RoleName, RootMetadata};
use tegata_pki::rust_crypto;

#[test]
fn threshold_that_a_role_cannot_reach_is_refused() {
    let site = Site::new();
    for (threshold, keys) in [(4, 3), (u16::MAX, 3)] {
        let mut root = site.root(1, START);
        root.roles.get_mut(&RoleName::List).unwrap().threshold = NonZeroU16::new(threshold).unwrap();
        let error = root.prepare(&[public(1)]).unwrap_err();
        assert_eq!(error, MetadataError::ThresholdTooHigh { role: RoleName::List, threshold, keys });
    }
}

#[test]
fn a_root_that_nobody_signed_is_no_beginning() {
    let site = Site::new();
    let root = site.root(1, START);
    let by_one = sign(&root, &[&key(1)]);
    let error = ClientState::bootstrap(&by_one, rust_crypto()).unwrap_err();
    assert!(
        matches!(error, MetadataError::NotSigned { role: RoleName::Root, threshold: 2, valid: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn keys_of_two_roles_and_keys_of_none_are_refused() {
    let site = Site::new();
    let refused = |change: &dyn Fn(&mut RootMetadata)| {
        let mut root = site.root(1, START);
        change(&mut root);
        root.prepare(&[public(1)]).unwrap_err()
    };
    let id = |number| KeyId::of(&public(number));
    let shared = refused(&|root| _ = root.roles.get_mut(&RoleName::Root).unwrap().keys.insert(id(31)));
    assert_eq!(shared, MetadataError::KeyRoles { key: id(31), roles: 2 });
    let idle = refused(&|root| _ = root.keys.insert(id(50), public(50)));
    assert_eq!(idle, MetadataError::KeyRoles { key: id(50), roles: 0 });
    let unknown = refused(&|root| _ = root.roles.get_mut(&RoleName::Root).unwrap().keys.insert(id(50)));
    assert_eq!(unknown, MetadataError::MissingKey { role: RoleName::Root, key: id(50) });
    let none = refused(&|root| {
        root.roles
            .insert(RoleName::Pointer, RoleKeys { keys: BTreeSet::new(), threshold: NonZeroU16::new(1).unwrap() });
        root.keys.remove(&id(31));
    });
    assert_eq!(none, MetadataError::ThresholdTooHigh { role: RoleName::Pointer, threshold: 1, keys: 0 });
    let missing = refused(&|root| {
        root.roles.remove(&RoleName::Pointer);
        root.keys.remove(&id(31));
    });
    assert_eq!(missing, MetadataError::MissingRole(RoleName::Pointer));
}
