//! COSE as mobile documents use it (RFC 9052, RFC 9360; ISO/IEC 18013-5 9.1.2.4, 9.1.3.5, 9.1.3.6).
//!
//! Structures are *read* by a borrowed walk: a verifier needs the protected header's bytes as received and must be able
//! to tell a deviating header from a broken one, where `coset` refuses (a `kid` of text) or copies (payload, chain).
//! Structures are *written* by `coset` (in the rooms that sign), and the tests compare both.

mod header;
mod key;
mod mac0;
mod sign1;

pub use header::{AlgorithmId, CertificateChain, Headers};
pub use key::{CoseKey, KTY_EC2, KTY_OKP};
pub use mac0::CoseMac0;
pub(crate) use sign1::note_issuer_auth_deviations;
pub use sign1::{AmbiguousChain, CoseSign1};

/// Header label `alg` (RFC 9052 3.1).
pub const LABEL_ALG: i64 = 1;
/// Header label `crit` (RFC 9052 3.1).
pub const LABEL_CRIT: i64 = 2;
/// Header label `kid` (RFC 9052 3.1).
pub const LABEL_KID: i64 = 4;
/// Header label `typ` (RFC 9596).
pub const LABEL_TYP: i64 = 16;
/// Header label `x5chain` (RFC 9360 2).
pub const LABEL_X5CHAIN: i64 = 33;
/// Header label `x5t` (RFC 9360 2).
pub const LABEL_X5T: i64 = 34;
/// Algorithm number of HMAC 256/256 (RFC 9053 3.1).
pub const HMAC_256_256: i64 = 5;

/// `[context, protected, external_aad = h'', payload]` of RFC 9052 4.4 and 6.3.
fn to_be_authenticated(context: &str, protected: &[u8], payload: &[u8]) -> Vec<u8> {
    // An empty map may travel as h'a0' but is authenticated as h'' (RFC 9052 4.4).
    let protected = if protected == [0xa0] { &[] } else { protected };
    let mut encoder = crate::cbor::Encoder::with_capacity(payload.len() + protected.len() + 32);
    encoder.array(4).text(context).bytes(protected).bytes(&[]).bytes(payload);
    encoder.into_bytes()
}
