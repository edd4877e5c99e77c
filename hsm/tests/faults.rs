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

use std::ffi::CString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{so_pin, softhsm, user_pin};
use tegata_hsm::{
    ErrorClass, GeneratedKey, Health, Module, Pin, RetryPolicy, Signer, SignerError, SignerOptions, TokenSigner,
};
use tegata_pki::Curve;

const CKR_DEVICE_ERROR: u64 = 0x30;
const CKR_MECHANISM_INVALID: u64 = 0x70;

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
    faults.fail_signs(1, CKR_DEVICE_ERROR);
    signer.sign(b"during").unwrap();
    assert_eq!(faults.opens() - opens, 1, "one new session");
    assert_eq!(faults.signs() - signs, 2, "one failure, one success");
    assert_eq!(signer.health(), Health::Usable);
}

fn a_temporary_error_that_stays_is_reported(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    faults.fail_signs(2, CKR_DEVICE_ERROR);
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
    faults.fail_signs(1, CKR_MECHANISM_INVALID);
    assert_eq!(signer.sign(b"message").unwrap_err().class(), ErrorClass::Permanent);
    assert_eq!(faults.signs() - signs, 1);
    assert_eq!(signer.health(), Health::Unusable);
}

fn a_wrong_signature_is_withheld(faults: &Faults, module: &Module, key: &GeneratedKey) {
    let signer = open(module, key);
    let signs = faults.signs();
    faults.spoil_signs(1);
    let error = signer.sign(b"message").unwrap_err();
    assert_eq!(error, SignerError::SignatureDidNotVerify);
    assert_eq!(error.class(), ErrorClass::BadSignature);
    assert_eq!(faults.signs() - signs, 1, "not tried again");
}

fn open(module: &Module, key: &GeneratedKey) -> TokenSigner {
    TokenSigner::open(module, &key.reference, user_pin(), &key.public_key, &options()).unwrap()
}

fn options() -> SignerOptions {
    let mut options = SignerOptions::default();
    options.retry = RetryPolicy { pauses: vec![Duration::from_millis(1)] };
    options
}

/// The example's library, beside the directory of this test's executable.
fn fault_module() -> Option<PathBuf> {
    let executable = std::env::current_exe().unwrap();
    let profile = executable.parent()?.parent()?;
    let name = format!("{}fault_module{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Some(profile.join("examples").join(name)).filter(|file| file.exists())
}

/// The controls of the fault module.
struct Faults(libloading::Library);

#[expect(unsafe_code, reason = "the controls are C functions of a module that is loaded at run time")]
impl Faults {
    fn load(file: &Path, wrapped: &Path) -> Self {
        let path = CString::new(wrapped.to_str().unwrap()).unwrap();
        // SAFETY: the module is ours, and `path` lives through the call.
        unsafe {
            let library = libloading::Library::new(std::fs::canonicalize(file).unwrap()).unwrap();
            let wrap = library.get::<unsafe extern "C" fn(*const std::ffi::c_char)>(b"fault_wrap").unwrap();
            wrap(path.as_ptr());
            Self(library)
        }
    }

    fn count(&self, name: &str) -> u64 {
        // SAFETY: the function has this type.
        unsafe { self.0.get::<extern "C" fn() -> u64>(name.as_bytes()).unwrap()() }
    }

    fn logins(&self) -> u64 {
        self.count("fault_logins")
    }

    fn signs(&self) -> u64 {
        self.count("fault_signs")
    }

    fn opens(&self) -> u64 {
        self.count("fault_opens")
    }

    fn fail_signs(&self, count: u64, value: u64) {
        // SAFETY: the function has this type.
        unsafe { self.0.get::<extern "C" fn(u64, u64)>(b"fault_fail_signs").unwrap()(count, value) }
    }

    fn spoil_signs(&self, count: u64) {
        // SAFETY: the function has this type.
        unsafe { self.0.get::<extern "C" fn(u64)>(b"fault_spoil_signs").unwrap()(count) }
    }
}
