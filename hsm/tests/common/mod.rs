//! What the tests share: tokens to test on, and OpenSSL as the independent judge of signatures.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tegata_hsm::{GeneratedKey, Module, Pin, SignerOptions, TokenSigner};
use tegata_pki::{Curve, PublicKey, RawSignature};

pub(crate) fn so_pin() -> Pin {
    Pin::new("security-officer-1").unwrap()
}

pub(crate) fn user_pin() -> Pin {
    Pin::new("user-pin-12").unwrap()
}

/// A store directory that outlives the test: the embedded token keeps its files open until the process ends.
pub(crate) fn store() -> PathBuf {
    tempfile::Builder::new().prefix("tegata-store-").tempdir().unwrap().keep()
}

/// SoftHSM's module, with a token directory that belongs to this process alone; `None`, with a printed reason, where it
/// is not installed.
pub(crate) fn softhsm() -> Option<PathBuf> {
    static MODULE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let module = MODULE.get_or_init(|| {
        let module = softhsm_library()?;
        let directory = tempfile::Builder::new().prefix("tegata-softhsm-").tempdir().unwrap().keep();
        let tokens = directory.join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let configuration = directory.join("softhsm2.conf");
        let text =
            format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        std::fs::write(&configuration, text).unwrap();
        #[expect(unsafe_code, reason = "SoftHSM reads its configuration's name from the environment, once")]
        // SAFETY: inside the OnceLock, before the module is loaded; no other thread of these tests reads the environment
        // through C.
        unsafe {
            std::env::set_var("SOFTHSM2_CONF", &configuration);
        }
        Some(module)
    });
    if module.is_none() {
        println!("skipped: SoftHSM (package softhsm2) is not installed");
    }
    module.clone()
}

fn softhsm_library() -> Option<PathBuf> {
    if let Some(module) = std::env::var_os("TEGATA_TEST_SOFTHSM") {
        return Some(module.into());
    }
    let places = ["/usr/lib/softhsm", "/usr/lib64/softhsm", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm"];
    places.iter().map(|place| Path::new(place).join("libsofthsm2.so")).find(|module| module.exists())
}

/// A token with one key, and a signer on it.
pub(crate) fn signer(
    module: &Module,
    label: &str,
    curve: Curve,
    options: &SignerOptions,
) -> (GeneratedKey, TokenSigner) {
    let token = module.initialise_token(label, &so_pin(), &user_pin()).unwrap();
    let key = token.generate_key(&user_pin(), curve, "key", &[1]).unwrap();
    let signer = TokenSigner::open(module, &key.reference, user_pin(), &key.public_key, options).unwrap();
    (key, signer)
}

/// Whether `openssl dgst -verify` accepts the signature; panics where OpenSSL is not installed, because then nothing was
/// checked.
pub(crate) fn openssl_accepts(key: &PublicKey, message: &[u8], signature: &RawSignature) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let hash = match key.curve() {
        Curve::P256 => "-sha256",
        Curve::P384 => "-sha384",
        Curve::P521 => "-sha512",
        other => panic!("no hash for {other:?}"),
    };
    let output = Command::new("openssl")
        .args(["dgst", hash, "-verify"])
        .arg(file("key.pem", key.to_pem().as_bytes()))
        .arg("-signature")
        .arg(file("signature.der", signature.to_der(key.curve()).as_bytes()))
        .arg(file("message", message))
        .output()
        .expect("openssl is installed");
    output.status.success()
}
