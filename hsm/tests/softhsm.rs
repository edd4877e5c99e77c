//! SoftHSM as the second token: the same code over a module that is loaded from a file.
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
use std::process::Command;

use common::{openssl_accepts, signer, so_pin, softhsm, user_pin};
use tegata_hsm::{
    ErrorClass, KeyPolicy, KeyReference, KeySelector, Module, ResponseKey, Signer, SignerOptions, TokenError,
    TokenSigner, UnsafeAttribute,
};
use tegata_pki::Curve;

#[test]
fn signatures_are_accepted_by_openssl() {
    let Some(library) = softhsm() else { return };
    let module = Module::load(&library).unwrap();
    for (curve, label) in [(Curve::P256, "soft 256"), (Curve::P384, "soft 384")] {
        let (key, signer) = signer(&module, label, curve, &SignerOptions::default());
        assert_eq!(key.reference.module_path.as_deref(), Some(std::fs::canonicalize(&library).unwrap().as_path()));
        let signature = signer.sign(b"a message").unwrap();
        assert!(openssl_accepts(&key.public_key, b"a message", &signature), "{curve:?}");
    }
}

#[test]
fn four_sessions_sign_two_hundred_messages() {
    let Some(library) = softhsm() else { return };
    let module = Module::load(&library).unwrap();
    let mut options = SignerOptions::default();
    options.sessions = NonZeroUsize::new(4).unwrap();
    let (_, signer) = signer(&module, "soft pool", Curve::P256, &options);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let signer = &signer;
            scope.spawn(move || {
                for number in 0..50 {
                    signer.sign(format!("{thread}/{number}").as_bytes()).unwrap();
                }
            });
        }
    });
}

#[test]
fn another_program_sees_the_key_and_its_attributes() {
    let Some(library) = softhsm() else { return };
    let module = Module::load(&library).unwrap();
    let token = module.initialise_token("soft tool", &so_pin(), &user_pin()).unwrap();
    token.generate_key(&user_pin(), Curve::P256, "listed", &[0xab, 0xcd]).unwrap();
    let listing = Command::new("pkcs11-tool")
        .arg("--module")
        .arg(&library)
        .args(["--token-label", "soft tool", "--login", "--pin", "user-pin-12", "--list-objects", "--type", "privkey"])
        .output();
    let Ok(listing) = listing else {
        println!("skipped: pkcs11-tool (package opensc) is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&listing.stdout);
    assert!(text.contains("listed") && text.contains("abcd"), "{text}");
    assert!(text.contains("sensitive, always sensitive, never extractable"), "{text}");
}

#[test]
fn an_extractable_key_is_refused_unless_the_policy_names_it() {
    let Some(library) = softhsm() else { return };
    let module = Module::load(&library).unwrap();
    let token = module.initialise_token("soft weak", &so_pin(), &user_pin()).unwrap();
    make_extractable_key(&library, "soft weak");
    let wanted = KeySelector::label("weak");
    let public_key = token.public_key(&user_pin(), &wanted).unwrap();
    let reference = token.reference("weak", &[7]);
    let open = |options: &SignerOptions| TokenSigner::open(&module, &reference, user_pin(), &public_key, options);

    let error = open(&SignerOptions::default()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::UnsafeKey);
    let TokenError::UnsafeKeyAttributes { attributes } = error else { panic!("{error}") };
    assert_eq!(attributes, [UnsafeAttribute::Extractable]);

    let mut options = SignerOptions::default();
    options.policy = KeyPolicy::strict().dangerous_tolerate(UnsafeAttribute::Extractable);
    let signature = open(&options).unwrap().sign(b"a message").unwrap();
    assert!(openssl_accepts(&public_key, b"a message", &signature));
    assert_eq!(token.keys(&user_pin()).unwrap()[0].unsafe_attributes, [UnsafeAttribute::Extractable]);
}

/// A secret on a person's token: the same answer each time, another one for another challenge or another secret, and it
/// cannot be read by anybody.
#[test]
fn a_secret_answers_challenges() {
    let Some(library) = softhsm() else { return };
    let module = Module::load(&library).unwrap();
    let token = module.initialise_token("soft person", &so_pin(), &user_pin()).unwrap();
    let reference = token.generate_response_key(&user_pin(), "factor", &[1]).unwrap();
    assert_eq!(reference.to_string().parse::<KeyReference>().unwrap(), reference);
    assert!(reference.to_string().contains("type=secret-key"), "{reference}");
    assert_eq!(token.generate_response_key(&user_pin(), "factor", &[2]).unwrap_err().id(), "key-exists");
    token.generate_response_key(&user_pin(), "other", &[2]).unwrap();
    let open = |reference: &KeyReference, pin| ResponseKey::open(&module, reference, pin);
    let key = open(&reference, user_pin()).unwrap();
    let answer = key.respond(b"challenge").unwrap();
    assert_eq!(*answer, *open(&reference, user_pin()).unwrap().respond(b"challenge").unwrap());
    assert_ne!(*answer, *key.respond(b"another challenge").unwrap());
    let other: KeyReference = reference.to_string().replace("factor", "other").replace("%01", "%02").parse().unwrap();
    assert_ne!(*answer, *open(&other, user_pin()).unwrap().respond(b"challenge").unwrap());
    let absent: KeyReference = reference.to_string().replace("factor", "absent").parse().unwrap();
    assert_eq!(open(&absent, user_pin()).unwrap_err().id(), "key-not-found");
    let mut by_label = reference.clone();
    by_label.id = None;
    assert_eq!(open(&by_label, user_pin()).unwrap().reference(), key.reference(), "one secret has one name");
    assert!(key.reference().module_path.is_none() && key.reference().serial.is_some());
    // A signing key is no such secret, and the secret is no signing key.
    let signing = token.generate_key(&user_pin(), Curve::P256, "signs", &[3]).unwrap();
    assert_eq!(open(&signing.reference, user_pin()).unwrap_err().id(), "key-not-found");

    let listing = Command::new("pkcs11-tool")
        .arg("--module")
        .arg(&library)
        .args([
            "--token-label",
            "soft person",
            "--login",
            "--pin",
            "user-pin-12",
            "--list-objects",
            "--type",
            "secrkey",
        ])
        .output();
    let Ok(listing) = listing else {
        println!("skipped: pkcs11-tool (package opensc) is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&listing.stdout);
    assert!(text.contains("factor") && text.contains("never extractable"), "{text}");
}

#[test]
fn a_module_that_is_none_is_named() {
    let missing: KeyReference = "pkcs11:object=k?module-path=/nonexistent/module.so".parse().unwrap();
    let error = Module::for_reference(&missing, None).unwrap_err();
    assert_eq!((error.id(), error.class()), ("module-not-loaded", ErrorClass::NotFound));
    let nameless: KeyReference = "pkcs11:object=k".parse().unwrap();
    assert_eq!(Module::for_reference(&nameless, None).unwrap_err().id(), "module-unnamed");
    let unknown: KeyReference = "pkcs11:object=k?module-name=other".parse().unwrap();
    assert_eq!(Module::for_reference(&unknown, None).unwrap_err().id(), "module-name-unknown");
    let storeless = KeyReference::embedded("t", "k");
    assert_eq!(Module::for_reference(&storeless, None).unwrap_err().id(), "store-unnamed");

    let text = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(Module::load(text.path()).unwrap_err().id(), "module-not-loaded");
}

/// The crate makes no such key, so the PKCS#11 layer below it does.
fn make_extractable_key(library: &std::path::Path, token: &str) {
    use cryptoki::mechanism::Mechanism;
    use cryptoki::object::Attribute;
    use cryptoki::session::UserType;

    let context = cryptoki::context::Pkcs11::new(library).unwrap();
    let slot = context
        .get_slots_with_token()
        .unwrap()
        .into_iter()
        .find(|slot| context.get_token_info(*slot).unwrap().label() == token)
        .unwrap();
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&"user-pin-12".into())).unwrap();
    let p256 = vec![0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let name = [Attribute::Label(b"weak".to_vec()), Attribute::Id(vec![7]), Attribute::Token(true)];
    let public = [&[Attribute::Verify(true), Attribute::EcParams(p256)], name.as_slice()].concat();
    let private = [
        &[Attribute::Private(true), Attribute::Sensitive(true), Attribute::Extractable(true), Attribute::Sign(true)],
        name.as_slice(),
    ]
    .concat();
    session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
}
