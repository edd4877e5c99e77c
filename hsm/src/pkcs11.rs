//! Tokens behind the PKCS#11 interface: the module, the token, its keys, and the signer over a pool of sessions.

mod ec;
mod key;
mod line;
mod module;
mod pool;
mod response;
mod session;
mod signer;
mod token;
mod watch;

pub use key::{KeyDescription, KeyPolicy};
pub use line::{CallTimeouts, TokenOperation};
pub use module::{Module, ModuleOrigin};
pub use response::ResponseKey;
pub use session::RetryPolicy;
pub use signer::{Health, SignerOptions, TokenSigner};
pub use token::{GeneratedKey, Token};
