//! Signing keys that live elsewhere.
//!
//! Code that signs knows a [`Signer`] and a [`KeyReference`], never key bytes. Behind the signer is a PKCS#11 token: an
//! HSM, a smart card, SoftHSM, or the *embedded token*, which is linked into the executable, needs no set-up, and is driven
//! through the same code. Every signature is verified with the public key before it is released, and every call to a module
//! has a deadline ([`CallTimeouts`]): a token that hangs costs the operation, not the program.
//!
//! ```no_run
//! use tegata_hsm::{KeyReference, Module, Pin, PinSource, Signer, SignerOptions, TokenSigner};
//! # fn run(expected: &tegata_pki::PublicKey) -> Result<(), Box<dyn std::error::Error>> {
//! let reference: KeyReference = "pkcs11:token=DS;object=ds-1?module-name=tegata-embedded".parse()?;
//! let module = Module::for_reference(&reference, Some("/var/lib/tegata/tokens".as_ref()))?;
//! let pin = PinSource::Prompt.obtain("PIN of token DS: ")?;
//! let signer = TokenSigner::open(&module, &reference, pin, expected, &SignerOptions::default())?;
//! let signature = signer.sign(b"message")?;
//! # let _ = signature; Ok(()) }
//! ```
//!
//! # Linking the embedded token
//!
//! The token is found through the executable's own dynamic symbol table. This package does what that needs for its own
//! tests; an executable of another package needs a build script that depends on nothing:
//!
//! ```no_run
//! // build.rs of a package with a direct dependency on tegata-hsm
//! let arguments = std::env::var("DEP_TEGATA_EMBEDDED_TOKEN_LINK_ARGS").unwrap_or_default();
//! for argument in arguments.split_whitespace() {
//!     println!("cargo::rustc-link-arg={argument}");
//! }
//! ```
//!
//! Without it, opening the embedded token fails with [`TokenError::EmbeddedTokenNotLinked`]; all else works.
//!
//! # Features
//!
//! - `embedded-token` (default): the embedded token, over the system's OpenSSL 3 and SQLite.
//! - `insecure-software-keys`: `InsecureSoftwareSigner`, for tests and sandboxes.

mod embedded;
mod error;
mod pending;
mod pin;
mod pkcs11;
mod reference;
mod return_value;
mod selector;
mod signer;
#[cfg(feature = "insecure-software-keys")]
mod software;
mod sync;

pub use error::{ErrorClass, ModuleFault, SignerError, TokenError, UnsafeAttribute};
pub use pending::{PendingSignature, SignaturePromise, SignatureResult};
pub use pin::{Pin, PinError, PinSource};
pub use pkcs11::{
    CallTimeouts, GeneratedKey, Health, KeyDescription, KeyPolicy, Module, ModuleOrigin, ResponseKey, RetryPolicy,
    SignerOptions, Token, TokenOperation, TokenSigner,
};
pub use reference::{EMBEDDED_MODULE_NAME, KeyReference, ObjectKind, ReferenceError};
pub use return_value::ReturnValue;
pub use selector::{KeySelector, PinState, TokenDescription, TokenSelector};
pub use signer::Signer;
#[cfg(feature = "insecure-software-keys")]
pub use software::InsecureSoftwareSigner;
