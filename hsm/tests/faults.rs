//! Faults of a token, injected by the module in `tests-shim/` around SoftHSM.
//!
//! One test function: the counters of the module belong to the process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod common;
mod controls;

use std::num::NonZeroUsize;
use std::time::Duration;

use common::{so_pin, softhsm, user_pin};
use controls::{Faults, fault_module};
use tegata_hsm::{
    CallTimeouts, ErrorClass, GeneratedKey, Health, Module, Pin, RetryPolicy, Signer, SignerError, SignerOptions,
    TokenError, TokenOperation, TokenSigner,
};
use tegata_pki::Curve;

#[test]
fn faults_of_the_token() {
    let Some(library) = softhsm() else { return };
    let Some(file) = fault_module() else {
        println!("skipped: the example fault_module is not built (cargo test builds it unless --test is given)");
        return;
    };
    let faults = Faults::load(&file, &library);
    let module = Module::load(&file).unwrap();
    let token = module.initialise_token("faulty", &so_pin(), &user_pin()).unwrap();
    let key = token.generate_key(&user_pin(), Curve::P256, "key", &[1]).unwrap();

    a_wrong_pin_is_tried_once(&faults, &module, &key);
    a_temporary_error_is_cured_by_a_new_session(&faults, &module, &key);
    a_temporary_error_that_stays_is_reported(&faults, &module, &key);
    a_permanent_error_is_not_retried(&faults, &module, &key);
    a_wrong_signature_is_withheld(&faults, &module, &key);
    a_session_that_is_gone_is_opened_again(&faults, &module, &key);
    every_class_of_return_values_is_told_apart(&faults, &module, &key);
    // From here on the module is lost for this process.
    a_token_that_hangs_is_given_up(&faults, &module, &key);
}

/// Four sessions are asked for, and still only one attempt reaches the token.
fn a_wrong_pin_is_tried_once(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let before = faults.logins();
    let mut options = options();
    options.sessions = NonZeroUsize::new(4).unwrap();
    let wrong = Pin::new("not the pin").unwrap();
    let error = TokenSigner::open(module, &key.reference, wrong, &key.public_key, &options).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Pin);
    assert!(error.to_string().contains("CKR_PIN_INCORRECT"), "{error}");
    assert_eq!(faults.logins() - before, 1);
}

fn a_temporary_error_is_cured_by_a_new_session(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    signer.sign(b"before").unwrap();
    let (opens, signs) = (faults.opens(), faults.signs());
    faults.order("sign 30 1");
    signer.sign(b"during").unwrap();
    assert_eq!(faults.opens() - opens, 1, "one new session");
    assert_eq!(faults.signs() - signs, 2, "one failure, one success");
    assert_eq!(signer.health(), Health::Usable);
}

fn a_temporary_error_that_stays_is_reported(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    faults.order("sign 30 2");
    let error = signer.sign(b"message").unwrap_err();
    assert_eq!((error.id(), error.class()), ("token-call-failed", ErrorClass::Temporary));
    assert_eq!(error.to_string(), "C_Sign failed with CKR_DEVICE_ERROR");
    assert_eq!(signer.health(), Health::Recovering);
    signer.sign(b"afterwards").unwrap();
    assert_eq!(signer.health(), Health::Usable);
}

fn a_permanent_error_is_not_retried(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    let signs = faults.signs();
    faults.order("sign 70 1");
    assert_eq!(signer.sign(b"message").unwrap_err().class(), ErrorClass::Permanent);
    assert_eq!(faults.signs() - signs, 1);
    assert_eq!(signer.health(), Health::Unusable);
}

fn a_wrong_signature_is_withheld(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    let signs = faults.signs();
    faults.order("sign spoil 1");
    let error = signer.sign(b"message").unwrap_err();
    assert_eq!(error, SignerError::SignatureDidNotVerify);
    assert_eq!(error.class(), ErrorClass::BadSignature);
    assert_eq!(faults.signs() - signs, 1, "not tried again");
}

fn a_session_that_is_gone_is_opened_again(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    let opens = faults.opens();
    faults.order("sign drop 1");
    signer.sign(b"message").unwrap();
    assert_eq!(faults.opens() - opens, 1);
}

/// What the token returns decides whether a new session is tried: never after a refused PIN, never for what is not
/// understood.
fn every_class_of_return_values_is_told_apart(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let rows = [
        ("5", "CKR_GENERAL_ERROR", ErrorClass::Temporary),
        ("6", "CKR_FUNCTION_FAILED", ErrorClass::Temporary),
        ("31", "CKR_DEVICE_MEMORY", ErrorClass::Temporary),
        ("32", "CKR_DEVICE_REMOVED", ErrorClass::Temporary),
        ("60", "CKR_KEY_HANDLE_INVALID", ErrorClass::Temporary),
        ("82", "CKR_OBJECT_HANDLE_INVALID", ErrorClass::Temporary),
        ("91", "CKR_OPERATION_NOT_INITIALIZED", ErrorClass::Temporary),
        ("b0", "CKR_SESSION_CLOSED", ErrorClass::Temporary),
        ("b3", "CKR_SESSION_HANDLE_INVALID", ErrorClass::Temporary),
        ("e0", "CKR_TOKEN_NOT_PRESENT", ErrorClass::Temporary),
        ("101", "CKR_USER_NOT_LOGGED_IN", ErrorClass::Temporary),
        ("a0", "CKR_PIN_INCORRECT", ErrorClass::Pin),
        ("a4", "CKR_PIN_LOCKED", ErrorClass::Pin),
        ("21", "CKR_DATA_LEN_RANGE", ErrorClass::Permanent),
        ("54", "CKR_FUNCTION_NOT_SUPPORTED", ErrorClass::Permanent),
        ("68", "CKR_KEY_FUNCTION_NOT_PERMITTED", ErrorClass::Permanent),
        ("80000123", "CKR_0x80000123", ErrorClass::Permanent),
    ];
    for (value, name, class) in rows {
        let signer = open(module, key);
        let signs = faults.signs();
        faults.order(&format!("sign {value} 2"));
        let error = signer.sign(b"message").unwrap_err();
        assert!(error.to_string().contains(name), "{value}: {error}");
        assert_eq!(error.class(), class, "{name}");
        let attempts = if class == ErrorClass::Temporary { 2 } else { 1 };
        assert_eq!(faults.signs() - signs, attempts, "{name}");
        faults.order("sign 0 0");
    }
}

/// In the middle of a signature, and for two that wait: each gets one error, the module is asked for nothing more, and
/// the signer can be dropped.
fn a_token_that_hangs_is_given_up(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let short = module.clone().with_timeouts(CallTimeouts::of_call(Duration::from_millis(200)));
    let signer = open(&short, key);
    faults.order("sign hang 1");
    let (signs, logins, opens) = (faults.signs(), faults.logins(), faults.opens());
    let pending: Vec<_> = (0..3_u8).map(|number| signer.begin(vec![number])).collect();
    let ids: Vec<_> = pending.into_iter().map(|pending| pending.wait().unwrap_err().id()).collect();
    assert_eq!(ids, ["token-timed-out", "token-lost", "token-lost"]);
    assert_eq!(signer.health(), Health::Unusable);
    assert_eq!(signer.sign(b"afterwards").unwrap_err().id(), "token-lost");

    let lost = TokenError::ModuleLost { operation: TokenOperation::Sign };
    assert_eq!(module.tokens(), Err(lost.clone()));
    let again = TokenSigner::open(module, &key.reference, user_pin(), &key.public_key, &options());
    assert_eq!(again.unwrap_err(), lost);
    assert_eq!(faults.signs() - signs, 1, "no second signature");
    assert_eq!((faults.logins() - logins, faults.opens() - opens), (0, 0), "no second login");
    assert!(lost.remedy().contains("Unplug") && lost.remedy_ja().contains("抜き差し"));
    drop(signer);
}

fn open(module: &Module, key: &GeneratedKey) -> TokenSigner {
    TokenSigner::open(module, &key.reference, user_pin(), &key.public_key, &options()).unwrap()
}

fn options() -> SignerOptions {
    let mut options = SignerOptions::default();
    options.retry = RetryPolicy { pauses: vec![Duration::from_millis(1)] };
    options
}
