//! Tokens behind the PKCS#11 interface: the module, the token, its keys, and the signer over a pool of sessions.

mod ec;
mod key;
mod module;
mod pool;
mod session;
mod signer;
mod token;

pub use key::{KeyDescription, KeyPolicy};
pub use module::{Module, ModuleOrigin};
pub use session::RetryPolicy;
pub use signer::{Health, SignerOptions, TokenSigner};
pub use token::{GeneratedKey, Token};
