//! A token that hangs while a PIN is checked, or while a key is made: a process of its own, because a module that hangs is
//! lost for its process.
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

use std::time::{Duration, Instant};

use common::{so_pin, softhsm, user_pin};
use controls::{Faults, fault_module};
use tegata_hsm::{CallTimeouts, Module, SignerOptions, TokenError, TokenOperation, TokenSigner};
use tegata_pki::Curve;

#[test]
fn a_login_without_an_answer_is_not_tried_again() {
    let Some(library) = softhsm() else { return };
    let Some(file) = fault_module() else {
        println!("skipped: the example fault_module is not built (cargo test builds it unless --test is given)");
        return;
    };
    let faults = Faults::load(&file, &library);
    let module = Module::load(&file).unwrap();
    let token = module.initialise_token("hanging", &so_pin(), &user_pin()).unwrap();
    let key = token.generate_key(&user_pin(), Curve::P256, "key", &[1]).unwrap();

    let limit = Duration::from_millis(200);
    let short = module.with_timeouts(CallTimeouts::of_call(limit));
    faults.order("login hang 9");
    let logins = faults.logins();
    let begun = Instant::now();
    let open = || {
        let options = SignerOptions::default();
        TokenSigner::open(&short, &key.reference, user_pin(), &key.public_key, &options).unwrap_err()
    };
    let error = open();
    assert_eq!(error, TokenError::TimedOut { operation: TokenOperation::OpenKey, after: limit });
    assert!(begun.elapsed() >= limit);
    assert_eq!(open(), TokenError::ModuleLost { operation: TokenOperation::OpenKey });
    let lost = token.generate_key(&user_pin(), Curve::P256, "other", &[2]).unwrap_err();
    assert_eq!(lost.id(), "token-lost");
    assert_eq!(token.keys(&user_pin()).unwrap_err().id(), "token-lost");
    assert_eq!(faults.logins() - logins, 1, "the PIN was sent once");
}
