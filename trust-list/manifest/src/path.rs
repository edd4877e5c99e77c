//! Where files are, relative to the base URL of a service, without a leading slash.

use core::fmt::Write as _;

/// The pointer, the one file of the metadata that is replaced in place.
pub const POINTER: &str = "v1/pointer.cbor";

/// Root `version`.
#[must_use]
pub fn root(version: u64) -> String {
    format!("v1/root/{version}.cbor")
}

/// Snapshot `version`.
#[must_use]
pub fn snapshot(version: u64) -> String {
    format!("v1/snapshot/{version}.cbor")
}

/// List `version`.
#[must_use]
pub fn list(version: u64) -> String {
    format!("v1/list/{version}.cbor")
}

/// The object with this SHA-256: `o/` and 64 lower-case hexadecimal digits.
#[must_use]
pub fn object(sha256: &[u8; 32]) -> String {
    sha256.iter().fold(String::from("o/"), |mut path, byte| {
        _ = write!(path, "{byte:02x}");
        path
    })
}

/// Whether `name` may be the stable name of an object: segments of `[A-Za-z0-9._-]` that do not begin with a dot, with
/// single slashes between them, 1 to 255 bytes. So a name can be a path in any file system and any URL as it is.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= 255
        && name
            .split('/')
            .all(|segment| !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_by_their_hash() {
        let path = object(&crate::sha256(b""));
        assert_eq!(path, "o/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn names_cannot_leave_the_tree() {
        for good in ["crl/4a.crl", "vical/latest.cbor", "a", "link/aa-bb.cer"] {
            assert!(is_name(good), "{good}");
        }
        let long = "a".repeat(256);
        for bad in
            ["", "/crl", "crl/", "a//b", "..", "a/../b", ".well-known/x", "a b", "a\\b", "a?b", "é", "a%2f", &long]
        {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
