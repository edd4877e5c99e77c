//! The whole life of keys on the embedded token.
#![cfg(feature = "embedded-token")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;

use std::num::NonZeroUsize;

use common::{openssl_accepts, signer, so_pin, store, user_pin};
use tegata_hsm::{
    ErrorClass, KeyReference, KeySelector, Module, Pin, Signer, SignerOptions, TokenError, TokenSelector, TokenSigner,
};
use tegata_pki::Curve;

#[test]
fn signatures_of_each_curve_are_accepted_by_openssl() {
    let module = Module::embedded(&store()).unwrap();
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let (key, signer) = signer(&module, curve.name(), curve, &SignerOptions::default());
        let signature = signer.sign(b"a message").unwrap();
        assert!(openssl_accepts(&key.public_key, b"a message", &signature), "{curve:?}");
        assert!(!openssl_accepts(&key.public_key, b"another message", &signature), "{curve:?}");
    }
}

#[test]
fn a_key_outlives_its_signer_and_a_written_reference_finds_it() {
    let store = store();
    let module = Module::embedded(&store).unwrap();
    let (key, first) = signer(&module, "life", Curve::P256, &SignerOptions::default());
    first.sign(b"before").unwrap();
    drop(first);

    let text = key.reference.to_string();
    assert!(!text.contains("pin"), "{text}");
    let reference: KeyReference = text.parse().unwrap();
    let module = Module::for_reference(&reference, Some(&store)).unwrap();
    let again = TokenSigner::open(&module, &reference, user_pin(), &key.public_key, &SignerOptions::default()).unwrap();
    let signature = again.sign(b"after").unwrap();
    assert!(openssl_accepts(&key.public_key, b"after", &signature));

    let short = KeyReference::embedded("life", "key");
    TokenSigner::open(&module, &short, user_pin(), &key.public_key, &SignerOptions::default()).unwrap();
}

#[test]
fn what_is_not_there_is_named() {
    let module = Module::embedded(&store()).unwrap();
    let token = module.initialise_token("here", &so_pin(), &user_pin()).unwrap();
    let key = token.generate_key(&user_pin(), Curve::P256, "key", &[1]).unwrap();
    let open = |reference: &KeyReference| {
        TokenSigner::open(&module, reference, user_pin(), &key.public_key, &SignerOptions::default()).unwrap_err()
    };

    let error = open(&KeyReference::embedded("elsewhere", "key"));
    assert_eq!((error.id(), error.class()), ("token-not-found", ErrorClass::NotFound));
    let TokenError::TokenNotFound { present, .. } = error else { panic!("{error}") };
    assert_eq!(present[0].label, "here");

    assert_eq!(open(&KeyReference::embedded("here", "no such key")).id(), "key-not-found");
    let mut nameless = KeyReference::embedded("here", "key");
    nameless.object = None;
    assert_eq!(open(&nameless).id(), "key-unnamed");
    let certificate: KeyReference =
        "pkcs11:token=here;object=key;type=cert?module-name=tegata-embedded".parse().unwrap();
    assert_eq!(open(&certificate).id(), "not-a-private-key-reference");
}

#[test]
fn another_public_key_is_a_mismatch() {
    let module = Module::embedded(&store()).unwrap();
    let token = module.initialise_token("two keys", &so_pin(), &user_pin()).unwrap();
    let one = token.generate_key(&user_pin(), Curve::P256, "one", &[1]).unwrap();
    let two = token.generate_key(&user_pin(), Curve::P256, "two", &[2]).unwrap();
    let result = TokenSigner::open(&module, &one.reference, user_pin(), &two.public_key, &SignerOptions::default());
    let error = result.unwrap_err();
    assert_eq!(error.class(), ErrorClass::KeyMismatch);
    assert!(matches!(error, TokenError::KeyMismatch { found, .. } if *found == one.public_key));
}

#[test]
fn nothing_is_overwritten() {
    let module = Module::embedded(&store()).unwrap();
    let token = module.initialise_token("once", &so_pin(), &user_pin()).unwrap();
    assert_eq!(module.initialise_token("once", &so_pin(), &user_pin()).unwrap_err().id(), "token-exists");
    token.generate_key(&user_pin(), Curve::P256, "key", &[1]).unwrap();
    for (label, id) in [("key", [2]), ("other", [1])] {
        assert_eq!(token.generate_key(&user_pin(), Curve::P256, label, &id).unwrap_err().id(), "key-exists");
    }
    assert_eq!(token.keys(&user_pin()).unwrap().len(), 1);
}

#[test]
fn a_destroyed_key_is_gone() {
    let module = Module::embedded(&store()).unwrap();
    let token = module.initialise_token("destroy", &so_pin(), &user_pin()).unwrap();
    token.generate_key(&user_pin(), Curve::P256, "kept", &[1]).unwrap();
    token.generate_key(&user_pin(), Curve::P384, "gone", &[2]).unwrap();
    token.destroy_key(&user_pin(), &KeySelector::label("gone")).unwrap();
    let keys = token.keys(&user_pin()).unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].label, "kept");
    assert_eq!(keys[0].unsafe_attributes, []);
    assert_eq!(token.destroy_key(&user_pin(), &KeySelector::label("gone")).unwrap_err().id(), "key-not-found");
}

#[test]
fn four_sessions_sign_two_hundred_messages() {
    let module = Module::embedded(&store()).unwrap();
    let mut options = SignerOptions::default();
    options.sessions = NonZeroUsize::new(4).unwrap();
    let (_, signer) = signer(&module, "pool", Curve::P256, &options);
    let pending: Vec<_> = (0..200).map(|number| signer.begin(format!("message {number}").into_bytes())).collect();
    let mut signatures: Vec<_> = pending.into_iter().map(|pending| pending.wait().unwrap().into_bytes()).collect();
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 200);
}

#[test]
fn queued_signatures_are_made_before_the_signer_ends() {
    let module = Module::embedded(&store()).unwrap();
    let (_, signer) = signer(&module, "drop", Curve::P256, &SignerOptions::default());
    let pending: Vec<_> = (0..20_u8).map(|number| signer.begin(vec![number])).collect();
    drop(signer);
    assert!(pending.into_iter().all(|pending| pending.wait().is_ok()));
}

#[test]
fn two_stores_in_one_process_keep_their_tokens_apart() {
    let one = Module::embedded(&store()).unwrap();
    let two = Module::embedded(&store()).unwrap();
    one.initialise_token("same label", &so_pin(), &user_pin()).unwrap();
    assert!(two.token(&TokenSelector::label("same label")).is_err());
    two.initialise_token("same label", &so_pin(), &user_pin()).unwrap();
    assert_eq!(one.tokens().unwrap().iter().filter(|token| token.initialised).count(), 1);
    assert_eq!(two.tokens().unwrap().iter().filter(|token| token.initialised).count(), 1);
}

#[test]
fn a_wrong_pin_is_refused_and_a_short_one_never_set() {
    let module = Module::embedded(&store()).unwrap();
    let token = module.initialise_token("pins", &so_pin(), &user_pin()).unwrap();
    let error = token.keys(&Pin::new("not the pin").unwrap()).unwrap_err();
    assert_eq!((error.id(), error.class()), ("pin-refused", ErrorClass::Pin));
    let short = Pin::new("1234").unwrap();
    let error = module.initialise_token("short", &so_pin(), &short).unwrap_err();
    assert_eq!(error.id(), "pin-length");
    assert!(module.token(&TokenSelector::label("short")).is_err());
}

#[test]
fn the_store_is_for_its_owner_and_shows_no_configuration() {
    use std::os::unix::fs::PermissionsExt;
    let directory = store().join("made by the token");
    let module = Module::embedded(&directory).unwrap();
    module.initialise_token("files", &so_pin(), &user_pin()).unwrap();
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    let names: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["token-1.sqlite"]);
    let file = std::fs::metadata(directory.join("token-1.sqlite")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_store_that_is_a_file_is_refused() {
    let file = store().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    assert_eq!(Module::embedded(&file).unwrap_err().id(), "store-unusable");
}

/// The store of the process that runs [`a_process_of_its_own`].
const CHILD_STORE: &str = "TEGATA_TEST_CHILD_STORE";

#[test]
fn three_processes_share_a_store() {
    let directory = store();
    let module = Module::embedded(&directory).unwrap();
    let (_, signer) = signer(&module, "shared", Curve::P256, &SignerOptions::default());
    let children: Vec<_> = (0..2)
        .map(|_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "a_process_of_its_own", "--ignored"])
                .env(CHILD_STORE, &directory)
                .spawn()
                .unwrap()
        })
        .collect();
    for number in 0..50_u8 {
        signer.sign(&[number]).unwrap();
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    // What the others made is seen here without starting again.
    let labels: Vec<_> = module.tokens().unwrap().into_iter().map(|token| token.label).collect();
    assert_eq!(labels.len(), 3, "{labels:?}");
}

#[test]
#[ignore = "run by three_processes_share_a_store, in a process of its own"]
fn a_process_of_its_own() {
    let directory = std::path::PathBuf::from(std::env::var_os(CHILD_STORE).unwrap());
    let module = Module::embedded(&directory).unwrap();
    let token = module.token(&TokenSelector::label("shared")).unwrap();
    let public_key = token.public_key(&user_pin(), &KeySelector::label("key")).unwrap();
    let reference = KeyReference::embedded("shared", "key");
    let signer = TokenSigner::open(&module, &reference, user_pin(), &public_key, &SignerOptions::default()).unwrap();
    for number in 0..50_u8 {
        signer.sign(&[number]).unwrap();
    }
    let own = format!("made by {}", std::process::id());
    let token = module.initialise_token(&own, &so_pin(), &user_pin()).unwrap();
    token.generate_key(&user_pin(), Curve::P256, "key", &[1]).unwrap();
}
